//! Which module names which: `crate::…` and `super::…` paths, in `use` and in the body alike.

use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// The file `from` of module `module` names something of module `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) file: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// The layer of a module, the lowest being 0.
pub(crate) fn layer_of(module: &str, layers: &[&[&str]]) -> Option<usize> {
    layers.iter().position(|layer| layer.contains(&module))
}

/// Every edge between two modules of the crate. Names that `lib.rs` re-exports count as what they stand for.
pub(crate) fn edges(sources: &[Source]) -> Vec<Edge> {
    let reexports = sources.iter().find(|source| source.name == "src/lib.rs").map(reexports).unwrap_or_default();
    let modules: BTreeSet<String> = sources.iter().filter_map(Source::module).collect();
    let mut edges = Vec::new();
    for source in sources {
        let Some(from) = source.module() else { continue };
        for name in names_at_the_root(source) {
            let to = if modules.contains(&name) { Some(&name) } else { reexports.get(&name) };
            match to {
                Some(to) if *to != from => {
                    let edge = Edge { file: source.name.clone(), from: from.clone(), to: to.clone() };
                    if !edges.contains(&edge) {
                        edges.push(edge);
                    }
                }
                _ => {}
            }
        }
    }
    edges
}

/// The edges that lead to a higher layer.
pub(crate) fn upward(edges: &[Edge], layers: &[&[&str]]) -> Vec<String> {
    edges
        .iter()
        .filter(|edge| layer_of(&edge.to, layers) > layer_of(&edge.from, layers))
        .map(|edge| format!("{} imports {}", edge.file, edge.to))
        .collect()
}

/// Modules that reach themselves, each with the module through which it does.
pub(crate) fn cycles(edges: &[Edge]) -> Vec<String> {
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in edges {
        imports.entry(&edge.from).or_default().insert(&edge.to);
    }
    let mut found = Vec::new();
    for (module, direct) in &imports {
        for first in direct {
            if reaches(first, module, &imports) {
                found.push(format!("{module} imports {first}, which leads back to {module}"));
            }
        }
    }
    found
}

fn reaches(from: &str, to: &str, imports: &BTreeMap<&str, BTreeSet<&str>>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module) {
            open.extend(imports.get(module).into_iter().flatten());
        }
    }
    false
}

/// What `lib.rs` re-exports: the name outside, and the module it comes from.
fn reexports(lib: &Source) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (at, keyword) in lib.code().match_indices("pub use ") {
        let path = lib.code()[at + keyword.len()..].split(';').next().unwrap_or_default();
        let path = path.trim().trim_start_matches("crate::").trim_start_matches("self::");
        let Some((module, rest)) = path.split_once("::") else { continue };
        for name in rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty()) {
            names.insert(name.to_owned(), module.to_owned());
        }
    }
    names
}

/// The first names below the crate's root that the file mentions.
fn names_at_the_root(source: &Source) -> BTreeSet<String> {
    let code = source.code();
    let mut names = BTreeSet::new();
    for (at, word) in code.match_indices("crate::") {
        if starts_a_path(code, at) {
            names.extend(heads(&code[at + word.len()..]));
        }
    }
    let depth = source.module_path().len();
    for (at, _) in code.match_indices("super::") {
        if starts_a_path(code, at) {
            let path = code[at..].trim_start_matches("super::");
            let climbed = (code[at..].len() - path.len()) / "super::".len();
            if climbed >= depth + inline_modules_around(code, at) {
                names.extend(heads(path));
            }
        }
    }
    names
}

/// Whether the word at `at` is not the tail of a longer path or name.
fn starts_a_path(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

/// How many inline modules are open at `at`.
fn inline_modules_around(code: &str, at: usize) -> usize {
    let mut open = Vec::new();
    let mut statement = 0;
    for (position, c) in code[..at].char_indices() {
        match c {
            '{' => {
                open.push(code[statement..position].split_whitespace().any(|word| word == "mod"));
                statement = position + 1;
            }
            '}' => {
                open.pop();
                statement = position + 1;
            }
            ';' => statement = position + 1,
            _ => {}
        }
    }
    open.into_iter().filter(|is_module| *is_module).count()
}

/// The first names of a path or of a `{…}` group of paths.
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return name_at_the_start(path).into_iter().collect() };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut item = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.extend(name_at_the_start(group[item..at].trim()));
                if c == '}' {
                    break;
                }
                item = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn name_at_the_start(path: &str) -> Option<String> {
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(path.len());
    (end > 0).then(|| path[..end].to_owned())
}

mod tests {
    use super::*;

    const LAYERS: [&[&str]; 3] = [&["error"], &["asn1"], &["crypto", "keytab"]];

    fn crate_of(files: &[(&str, &str)]) -> Vec<Edge> {
        let sources: Vec<_> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
        edges(&sources)
    }

    #[test]
    fn an_upward_import_is_found_in_every_spelling() {
        for spelling in [
            "use crate::crypto::Key;",
            "use crate::{error::E, crypto::{Key, Usage}};",
            "fn f() -> crate::crypto::Key {}",
            "use crate::Key;",
            "use super::crypto::Key;",
            "mod inner { use super::super::crypto::Key; }",
        ] {
            let edges = crate_of(&[
                ("src/lib.rs", "mod asn1; mod crypto; pub use crypto::{Key, Usage};"),
                ("src/asn1.rs", spelling),
                ("src/crypto/mod.rs", ""),
            ]);
            assert_eq!(upward(&edges, &LAYERS), ["src/asn1.rs imports crypto"], "{spelling}");
        }
    }

    #[test]
    fn a_downward_import_is_none() {
        let edges = crate_of(&[
            ("src/lib.rs", "pub use error::Error;"),
            ("src/error/mod.rs", ""),
            ("src/asn1/mod.rs", ""),
            ("src/crypto/row.rs", "use crate::{Error, asn1::Reader}; use super::table::Row; // crate::keytab"),
            ("src/keytab/mod.rs", "#[cfg(test)]\nmod tests { use crate::testing::Realm; }"),
            ("src/testing.rs", ""),
        ]);
        assert_eq!(edges.len(), 2);
        assert_eq!(upward(&edges, &LAYERS), [""; 0]);
        assert_eq!(cycles(&edges), [""; 0]);
    }

    #[test]
    fn a_path_inside_the_own_module_is_no_import() {
        let edges = crate_of(&[
            ("src/asn1/reader/long.rs", "use super::super::crypto; use super::keytab;"),
            ("src/crypto.rs", ""),
            ("src/keytab.rs", ""),
        ]);
        assert_eq!(edges, []);
    }

    #[test]
    fn a_cycle_is_found_directly_and_through_a_third() {
        let edge = |from: &str, to: &str| Edge { file: String::new(), from: from.into(), to: to.into() };
        assert_eq!(cycles(&[edge("a", "b"), edge("b", "a")]).len(), 2);
        assert_eq!(cycles(&[edge("a", "b"), edge("b", "c"), edge("c", "a")]).len(), 3);
        assert_eq!(cycles(&[edge("a", "b"), edge("b", "c"), edge("a", "c")]), [""; 0]);
    }
}
