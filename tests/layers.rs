//! The architecture as a test: what the tree, the imports, the vectors and SECURITY.md promise is read from the files.
//!
//! Every check is a function from text to a list of findings, and each is shown to find something before it is believed.

#[path = "layers/cases.rs"]
mod cases;
#[path = "layers/imports.rs"]
mod imports;
#[path = "layers/source.rs"]
mod source;
#[path = "layers/text.rs"]
mod text;

use source::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// The lowest layer first; a module may import from its own line and from those above it here.
const LAYERS: [&[&str]; 8] = [
    &["error", "limits", "time", "numbers", "principal", "new_file", "shards", "wipe"],
    &["asn1"],
    &["crypto"],
    &["keytab"],
    &["messages", "pac", "ccache"],
    &["gss", "spnego"],
    &["replay", "acceptor", "explain", "krb5_conf"],
    &["mapping", "http", "sasl", "testing", "client", "guide"],
];

/// The command, which is a caller of the library like any other.
const COMMAND: &str = "src/bin/";

/// How many code lines a file may have, its unit tests not counted.
const CODE_LINES: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `directory`, in order of name; none if there is no such directory.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn rust_files_below(directory: &str) -> Vec<Source> {
    files_below(&root().join(directory))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            Source::new(name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The library without its unit tests.
fn library() -> Vec<Source> {
    let mut sources = rust_files_below("src");
    sources.retain(|source| !source.is_unit_tests() && !source.name.starts_with(COMMAND));
    assert!(sources.iter().any(|source| source.name == "src/lib.rs"), "src/ was not read");
    sources
}

fn assert_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_module_has_a_layer() {
    let unknown: Vec<_> = library()
        .iter()
        .filter_map(Source::module)
        .filter(|module| imports::layer_of(module, &LAYERS).is_none())
        .collect();
    assert_none(&unknown, "modules that stand in no layer");
}

#[test]
fn no_module_imports_a_higher_layer() {
    let edges = imports::edges(&library());
    assert!(edges.iter().any(|edge| edge.to == "error"), "no import of the base was found: the reader is broken");
    assert_none(&imports::upward(&edges, &LAYERS), "imports of a higher layer");
}

#[test]
fn no_modules_import_each_other() {
    assert_none(&imports::cycles(&imports::edges(&library())), "import cycles");
}

#[test]
fn no_file_has_two_subjects() {
    let long: Vec<_> = library()
        .iter()
        .chain(&rust_files_below(COMMAND))
        .map(|source| (source, source.code_lines()))
        .filter(|(_, lines)| *lines > CODE_LINES)
        .map(|(source, lines)| format!("{}: {lines} code lines", source.name))
        .collect();
    assert_none(&long, "files above 600 code lines");
}

#[test]
fn no_let_chain_stands_in_the_library() {
    assert_none(&text::findings(&library(), text::let_chains), "let-chains, which Rust 1.85 does not know");
}

// MSG-13
#[test]
fn msg_13_no_early_exit_comparison_of_macs() {
    let sealed: Vec<_> = library()
        .into_iter()
        .filter(|source| ["src/crypto/", "src/gss/", "src/pac/"].iter().any(|layer| source.name.starts_with(layer)))
        .collect();
    assert_none(&text::findings(&sealed, text::early_exit_comparisons), "MAC octets compared with an early exit");
}

// CAS-25
// APR-33: with files opened by the keytab's shell and the credential cache's alone, and written by what only those two
// import, an accept has nothing to open. Nobody can write a cache before a token was accepted: it takes the credentials that
// were delegated with it.
#[test]
fn apr_33_only_keytab_and_credential_cache_open_files() {
    const SHELLS: [&str; 2] = ["keytab", "ccache"];
    let library = library();
    let writers: Vec<_> = imports::edges(&library).into_iter().filter(|edge| edge.to == "new_file").collect();
    assert!(!writers.is_empty());
    assert!(writers.iter().all(|edge| SHELLS.contains(&edge.from.as_str())), "{writers:?}");
    let others: Vec<_> = library
        .into_iter()
        .filter(|source| {
            let module = source.module();
            module.as_deref() != Some("new_file") && !SHELLS.iter().any(|shell| module.as_deref() == Some(*shell))
        })
        .collect();
    assert_none(&text::findings(&others, text::doors_to_the_system), "files, sockets, processes and the environment");
}

// APR-33: whoever has no store on Redis has no socket.
#[test]
fn apr_33_only_the_store_on_redis_opens_sockets() {
    let (stores, others): (Vec<_>, Vec<_>) =
        library().into_iter().partition(|source| source.name.starts_with("src/replay/redis/"));
    assert_none(&text::findings(&others, text::clients_of_servers), "crates that open sockets");
    assert!(!text::findings(&stores, text::clients_of_servers).is_empty(), "the store was not read");
}

#[test]
fn every_directory_of_vectors_is_read_by_a_test() {
    let tests = rust_files_below("tests");
    let directories: Vec<String> = fs::read_dir(root().join("tests/vectors"))
        .map(|entries| entries.map(|entry| entry.unwrap()).collect::<Vec<_>>())
        .unwrap_or_default()
        .iter()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_str().unwrap().to_owned())
        .collect();
    assert_none(&text::unread(&directories, &tests), "directories of tests/vectors/ that no test names");
}

#[test]
fn every_security_case_names_its_test_or_its_release() {
    let table = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    assert_none(&cases::incomplete(cases::SECURITY, &table), "SECURITY.md");
}

#[test]
fn every_test_that_security_md_names_exists() {
    let table = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let findings = cases::without_a_test(cases::SECURITY, &table, &everything_with_tests());
    assert_none(&findings, "SECURITY.md names tests that do not exist");
}

#[test]
fn every_requirement_names_its_test() {
    let table = fs::read_to_string(root().join("tests/REQUIREMENTS.md")).unwrap();
    assert_none(&cases::incomplete(cases::REQUIREMENTS, &table), "tests/REQUIREMENTS.md");
    let findings = cases::without_a_test(cases::REQUIREMENTS, &table, &everything_with_tests());
    assert_none(&findings, "tests/REQUIREMENTS.md names tests that do not exist");
}

fn everything_with_tests() -> Vec<Source> {
    ["tests", "src", "fuzz"].iter().flat_map(|directory| rust_files_below(directory)).collect()
}
