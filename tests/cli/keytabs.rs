//! `kerbside keytab …`.

use crate::command::{argument, run, run_with};
use crate::scratch::Scratch;
#[cfg(unix)]
use crate::scratch::{mode, set_mode};
use kerbside::crypto::{Key, Salt};
use kerbside::keytab::KeytabEntry;
use kerbside::numbers::Enctype;
use kerbside::{KerberosTime, Keytab};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const NAME: &str = "HTTP/web.example.com@EXAMPLE.COM";
const PASSWORD: &str = "correct horse battery staple\n";
const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// A keytab of one name, with a key for each of these versions.
pub(crate) fn with_kvnos(kvnos: impl IntoIterator<Item = u32>) -> Keytab {
    let mut keytab = Keytab::default();
    for kvno in kvnos {
        let key = Key::new(AES128, &[7; 16]).unwrap();
        let time = KerberosTime::from_unix_seconds(1_772_366_400);
        keytab.add(KeytabEntry::new(NAME.parse().unwrap(), kvno, time, key));
    }
    keytab
}

fn file(scratch: &Scratch, name: &str, kvnos: impl IntoIterator<Item = u32>) -> PathBuf {
    scratch.file(name, with_kvnos(kvnos).to_bytes().unwrap().as_octets())
}

fn kvnos(path: &Path) -> Vec<u32> {
    Keytab::from_file(path).unwrap().entries().iter().map(KeytabEntry::kvno).collect()
}

// ---- list -----------------------------------------------------------------------------------------------------------

// ZIM-11, CAS-10
#[test]
fn a_list_has_the_columns_that_other_tools_have_and_a_fingerprint() {
    let scratch = Scratch::new("list");
    let path = file(&scratch, "web.keytab", [2, 300]);
    let text = run(&["keytab", "list", argument(&path)]).good().stdout;
    let lines: Vec<_> = text.lines().collect();
    let [head, headings, _, last] = lines[..] else { panic!("{text}") };
    assert_eq!(head, format!("{}, version 0x0502: 2 entries", path.display()));
    for heading in ["#", "kvno", "timestamp", "principal", "enctype", "keylen", "name-type", "size", "fingerprint"] {
        assert!(headings.contains(heading), "{heading} in {headings}");
    }
    let fingerprint = with_kvnos([2]).entries()[0].fingerprint().to_string();
    let mut rest = last;
    for cell in [
        "2",
        "300",
        "2026-03-01T12:00:00Z",
        NAME,
        "aes128-cts-hmac-sha1-96 (17)",
        "16",
        "NT-SRV-HST (3)",
        "71",
        &fingerprint,
    ] {
        let trimmed = rest.trim_start();
        rest = trimmed.strip_prefix(cell).unwrap_or_else(|| panic!("{cell} is not at the start of {trimmed}"));
    }
    assert_eq!(rest, "");
}

// ZIM-11
#[test]
fn a_list_for_machines_has_everything_but_the_keys() {
    let scratch = Scratch::new("list-json");
    let path = file(&scratch, "web.keytab", [2]);
    let value = run(&["keytab", "list", argument(&path), "--json"]).good().json();
    let fingerprint = with_kvnos([2]).entries()[0].fingerprint().to_string();
    let entry = json!({
        "number": 1, "kvno": 2, "timestamp": "2026-03-01T12:00:00Z", "principal": NAME,
        "name_type": { "number": 3, "name": "NT-SRV-HST" },
        "enctype": { "number": 17, "name": "aes128-cts-hmac-sha1-96" },
        "key_octets": 16, "record_octets": 71, "fingerprint": fingerprint, "problem": null,
    });
    let listing = json!({ "file": argument(&path), "version": "0x0502", "entries": [entry], "warnings": [] });
    assert_eq!(value, json!({ "files": [listing] }));
    let value = run(&["keytab", "list", "--no-fingerprints", argument(&path), "--json"]).good().json();
    assert_eq!(value["files"][0]["entries"][0]["fingerprint"], Value::Null);
}

#[test]
fn several_files_and_directories_are_listed_and_useless_entries_named() {
    let scratch = Scratch::new("list-more");
    let one = file(&scratch, "one.keytab", [1]);
    let des = b"\x05\x02\0\0\0\x1f\0\x01\0\x01R\0\x03des\0\0\0\x01\0\0\0\x09\x04\0\x03\0\x08abcdefgh";
    let two = scratch.file("two.keytab", des);
    let text = run(&["keytab", "list", argument(&one), argument(&two)]).good().stdout;
    assert!(text.contains("one.keytab, version 0x0502: 1 entry") && text.contains("two.keytab"), "{text}");
    assert!(text.contains("entry 1 is of no use here: its enctype is not supported"), "{text}");
    assert!(!text.contains("abcdefgh") && !text.contains("6162"), "{text}");
    let value = run(&["keytab", "list", "--json", argument(scratch.path())]).good().json();
    assert_eq!(value["files"][0]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(value["files"][0]["version"], Value::Null);
}

#[test]
fn files_that_cannot_be_read_are_exit_status_2_with_a_hint() {
    let scratch = Scratch::new("unreadable");
    let absent = scratch.join("absent");
    run(&["keytab", "list", argument(&absent)]).expect(2, &["kerbside: keytab ", "absent does not exist", "hint: "]);
    let text = scratch.file("text", b"hello");
    run(&["keytab", "list", argument(&text)]).expect(2, &["is not a keytab", "hint: "]);
    let base64 = scratch.file("base64", b"BQIAAAA=");
    run(&["keytab", "list", argument(&base64)]).expect(2, &["base64", "hint: `kerbside keytab convert` decodes it"]);
}

// ---- create and add -------------------------------------------------------------------------------------------------

// CAS-12
#[test]
fn a_keytab_is_made_from_a_password_with_each_salt() {
    let scratch = Scratch::new("create");
    let salts = [
        ("default", Salt::Default),
        ("ad-user:svcWeb", Salt::ActiveDirectoryUser { account: "svcWeb".into() }),
        ("ad-computer:WEB$", Salt::ActiveDirectoryComputer { account: "WEB".into() }),
        ("text:a: b", Salt::Exact(b"a: b".to_vec())),
        ("hex:00fF", Salt::Exact(vec![0, 255])),
    ];
    for (number, (rule, salt)) in salts.into_iter().enumerate() {
        let path = scratch.join(&format!("{number}.keytab"));
        let arguments = [
            &["keytab", "create", argument(&path), "-p", NAME, "-k", "300", "--salt", rule][..],
            &["--timestamp", "2026-03-01T12:00:00Z", "--password-stdin", "--json"],
        ];
        let value = run_with(PASSWORD, &arguments.concat()).good().json();
        assert_eq!((&value["action"], &value["entries"]), (&json!("added"), &json!(2)));
        assert_eq!(value["affected"][0]["principal"], NAME);
        let keytab = Keytab::from_file(&path).unwrap();
        assert_eq!(keytab.warnings(), []);
        let time = KerberosTime::from_unix_seconds(1_772_366_400);
        let enctypes = [AES256, AES128];
        assert_eq!(keytab.entries().len(), enctypes.len());
        for (entry, enctype) in keytab.entries().iter().zip(enctypes) {
            let password = PASSWORD.trim_end().as_bytes();
            let expected =
                KeytabEntry::from_password(NAME.parse().unwrap(), 300, time, enctype, password, &salt).unwrap();
            assert!(entry.is_duplicate_of(&expected) && entry.timestamp() == time, "{rule}");
        }
    }
}

#[test]
fn several_names_and_enctypes_give_an_entry_for_each_pair() {
    let scratch = Scratch::new("pairs");
    let path = scratch.join("web.keytab");
    let names =
        ["-p", NAME, "-p", "HTTP/www.example.com@EXAMPLE.COM", "-e", "aes128-cts", "-e", "20", "-e", "rc4-hmac"];
    let arguments = [&["keytab", "create", argument(&path), "-k", "1", "--password-stdin"][..], &names].concat();
    let run = run_with(PASSWORD, &arguments).expect(0, &["warning: RC4"]);
    assert!(run.stdout.contains("6 entries added, 6 in all"), "{run:?}");
    assert_eq!(kvnos(&path), [1; 6]);
}

#[test]
fn create_never_touches_a_file_that_is_there() {
    let scratch = Scratch::new("there");
    let path = file(&scratch, "web.keytab", [1]);
    let arguments = ["keytab", "create", argument(&path), "-p", NAME, "-k", "2", "--password-stdin"];
    run_with(PASSWORD, &arguments).expect(2, &["is there already", "hint: `kerbside keytab add`"]);
    assert_eq!((kvnos(&path), scratch.names()), (vec![1], vec![String::from("web.keytab")]));
}

#[test]
fn add_keeps_what_is_there_and_leaves_out_what_is_there_already() {
    let scratch = Scratch::new("add");
    let path = file(&scratch, "web.keytab", [1]);
    let arguments = ["keytab", "add", argument(&path), "-p", NAME, "-k", "2", "-e", "17", "--password-stdin"];
    let added = run_with(PASSWORD, &arguments).good();
    assert!(added.stdout.contains("1 entry added, 2 in all"), "{added:?}");
    let again = run_with(PASSWORD, &arguments).expect(0, &["has that key already"]);
    assert!(again.stdout.contains("0 entries added, 2 in all"), "{again:?}");
    // KTB-11
    let other = run_with("another password, also long\n", &arguments).expect(0, &["has another key already"]);
    assert!(other.stdout.contains("1 entry added, 3 in all"), "{other:?}");
    assert_eq!(kvnos(&path), [1, 2, 2]);
    let absent = scratch.join("absent");
    let arguments = ["keytab", "add", argument(&absent), "-p", NAME, "-k", "2", "--password-stdin"];
    run_with(PASSWORD, &arguments).expect(2, &["does not exist", "hint: ", "keytab create"]);
}

#[test]
fn what_cannot_become_an_entry_is_refused_before_a_password_is_asked_for() {
    let scratch = Scratch::new("unfit");
    let path = scratch.join("web.keytab");
    let with = |more: &[&str]| run(&[&["keytab", "create", argument(&path), "--password-stdin"], more].concat());
    with(&["-p", NAME, "-k", "1", "-e", "des-cbc-md5"]).expect(2, &["cannot be made", "hint: known are aes128-cts"]);
    with(&["-p", NAME, "-k", "1", "-e", "99"]).expect(2, &["99"]);
    with(&["-p", "HTTP/web", "-k", "1"]).expect(2, &["not a principal such as"]);
    with(&["-p", NAME, "-k", "4294967296"]).expect(2, &["4294967296"]);
    for salt in ["other", "ad-user:", "hex:0", "hex:zz", "sauce:x"] {
        with(&["-p", NAME, "-k", "1", "--salt", salt]).expect(2, &["--salt"]);
    }
    assert_eq!(scratch.names(), [""; 0]);
}

// KTB-18
#[test]
fn ktb_18_the_tool_warns_of_users_and_short_passwords() {
    let scratch = Scratch::new("guessable");
    let make = |file: &str, name: &str, password: &str| {
        let path = scratch.join(file);
        run_with(
            password,
            &["keytab", "create", argument(&path), "-p", name, "-k", "1", "-e", "17", "--password-stdin"],
        )
    };
    make("user", "alice@EXAMPLE.COM", PASSWORD).expect(0, &["warning: alice@EXAMPLE.COM looks like a person's name"]);
    make("short", NAME, "thirteen char\n").expect(0, &["warning: the password has 13 characters, and fewer than 14"]);
    make("long", NAME, "fourteen chars\n").good();
    make("computer", "WEB$@EXAMPLE.COM", PASSWORD).good();
    let check = run(&["keytab", "check", argument(&scratch.join("user"))]).expect(1, &[]);
    assert!(check.stdout.contains("Name.User, alice@EXAMPLE.COM"), "{check:?}");
    let check = run(&["keytab", "check", argument(&scratch.join("computer"))]);
    assert!(!check.stdout.contains("Name.User"), "{check:?}");
}

// ---- merge, remove, convert -----------------------------------------------------------------------------------------

#[test]
fn a_merge_leaves_duplicates_out_unless_told_otherwise() {
    let scratch = Scratch::new("merge");
    let (one, two) = (file(&scratch, "one", [1, 2]), file(&scratch, "two", [2, 3]));
    let merge = |to: &Path, more: &[&str]| {
        let files = ["keytab", "merge", argument(&one), argument(&two), "-o", argument(to)];
        run(&[&files[..], more].concat())
    };
    let both = scratch.join("both");
    let merged = merge(&both, &["--json"]).good().json();
    assert_eq!((&merged["entries"], kvnos(&both)), (&json!(3), vec![1, 2, 3]));
    merge(&both, &[]).expect(2, &["is there already", "hint: "]);
    let all = scratch.join("all");
    merge(&all, &["--keep-duplicates"]).good();
    assert_eq!(kvnos(&all), [1, 2, 2, 3]);
    merge(&one, &[]).good();
    assert_eq!(kvnos(&one), [1, 2, 3]);
    assert_eq!(scratch.names(), ["all", "both", "one", "two"]);
}

#[test]
fn what_all_options_fit_is_removed() {
    let scratch = Scratch::new("remove");
    let fingerprint = with_kvnos([1]).entries()[0].fingerprint().to_string().to_uppercase();
    for (options, left) in [
        (&["--kvno", "2"][..], &[1, 3, 300][..]),
        (&["--kvno-below", "3"], &[3, 300]),
        (&["--number", "4"], &[1, 2, 3]),
        (&["--enctype", "aes128-cts", "--kvno", "300"], &[1, 2, 3]),
        (&["--principal", NAME], &[]),
        (&["--fingerprint", &fingerprint], &[]),
    ] {
        let path = file(&scratch, "web.keytab", [1, 2, 3, 300]);
        let dry = run(&[&["keytab", "remove", argument(&path), "--dry-run"], options].concat()).expect(0, &[]);
        assert!(dry.stdout.contains("would be removed"), "{dry:?}");
        assert_eq!(kvnos(&path), [1, 2, 3, 300]);
        let removed = run(&[&["keytab", "remove", argument(&path), "--json"], options].concat()).expect(0, &[]);
        assert_eq!(removed.stderr.contains("no entries are left"), left.is_empty(), "{removed:?}");
        assert_eq!(removed.json()["affected"].as_array().unwrap().len(), 4 - left.len());
        assert_eq!(kvnos(&path), left, "{options:?}");
    }
}

#[test]
fn nothing_to_be_removed_is_exit_status_1_and_the_file_is_not_written() {
    let scratch = Scratch::new("remove-none");
    let path = file(&scratch, "web.keytab", [1]);
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    for options in [&["--kvno", "7"][..], &["--kvno", "1", "--enctype", "18"], &["--principal", "other@R"]] {
        let run = run(&[&["keytab", "remove", argument(&path)], options].concat()).expect(1, &[]);
        assert!(run.stdout.contains("0 entries removed, 1 left"), "{run:?}");
    }
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[test]
fn every_form_is_converted_to_0502() {
    use base64::Engine as _;
    let scratch = Scratch::new("convert");
    let octets = with_kvnos([1, 300]).to_bytes().unwrap();
    // The same name and key in the old format, little-endian.
    let mut old =
        b"\x05\x01\x30\0\0\0\x03\0\x0b\0EXAMPLE.COM\x04\0HTTP\x03\0web\x09\0\0\0\x05\x11\0\x04\0abcd".to_vec();
    old[2] = u8::try_from(old.len() - 6).unwrap();
    let base64 = base64::engine::general_purpose::STANDARD.encode(octets.as_octets());
    let wrapped = format!("{}\n{}\n", &base64[..20], &base64[20..]);
    for (name, input, found) in
        [("new", octets.as_octets(), &[1, 300][..]), ("old", &old, &[5]), ("base64", wrapped.as_bytes(), &[1, 300])]
    {
        let (from, to) = (scratch.file(name, input), scratch.join(&format!("{name}.keytab")));
        run(&["keytab", "convert", argument(&from), argument(&to)]).expect(0, &[]);
        assert_eq!((kvnos(&to).as_slice(), &std::fs::read(&to).unwrap()[..2]), (found, &[5, 2][..]), "{name}");
        let refused = run(&["keytab", "convert", argument(&from), argument(&to)]).expect(2, &["is there already"]);
        assert_eq!(refused.stdout, "");
    }
    let old = scratch.join("old");
    run(&["keytab", "convert", argument(&old), argument(&old)]).expect(0, &[]);
    assert_eq!(std::fs::read(&old).unwrap()[..2], [5, 2]);
    let broken = scratch.file("broken", b"BQI*");
    run(&["keytab", "convert", argument(&broken), argument(&scratch.join("x"))]).expect(2, &["broken"]);
}

// ---- check ----------------------------------------------------------------------------------------------------------

#[test]
fn a_check_is_exit_status_1_for_a_problem_and_0_for_none() {
    let scratch = Scratch::new("check");
    let good = scratch.join("good.keytab");
    run_with(PASSWORD, &["keytab", "create", argument(&good), "-p", NAME, "-k", "1", "--password-stdin"]).good();
    let check = run(&["keytab", "check", argument(&good)]).good();
    let asking = format!("with a ticket of anybody's (`kinit`):\n  kvno -k {} {NAME}\n", good.display());
    let found = format!("{}: no errors, no warnings, no notes\n", good.display());
    assert_eq!(check.stdout, format!("{found}\nto find out whether the KDC has the same keys, {asking}"));
    let findings = |value: &Value, file: usize| value["files"][file]["diagnosis"]["findings"].as_array().unwrap().len();
    let value = run(&["keytab", "check", "--json", argument(&good)]).good().json();
    assert_eq!((&value["files"][0]["file"], findings(&value, 0)), (&json!(argument(&good)), 0));
    let empty = scratch.file("empty", &[5, 2]);
    let value = run(&["keytab", "check", "--json", argument(&good), argument(&empty)]).expect(1, &[]).json();
    assert_eq!(
        (findings(&value, 0), value["files"][1]["diagnosis"]["findings"][0]["kind"].as_str()),
        (0, Some("Keytab.Empty"))
    );
    let cut = scratch.file("cut", &with_kvnos([1]).to_bytes().unwrap().as_octets()[..40]);
    run(&["keytab", "check", argument(&cut)]).expect(2, &["hint: the file was cut"]);
}

#[cfg(unix)]
#[test]
fn ktb_16_the_tool_makes_private_files_and_tells_of_others() {
    let scratch = Scratch::new("modes");
    let path = scratch.join("web.keytab");
    let arguments = ["keytab", "create", argument(&path), "-p", NAME, "-k", "1", "-e", "17", "--password-stdin"];
    run_with(PASSWORD, &arguments).good();
    assert_eq!(mode(&path), 0o600);
    set_mode(&path, 0o640);
    let check = run(&["keytab", "check", argument(&path)]).expect(1, &[]);
    assert!(check.stdout.contains("has mode 0640"), "{check:?}");
    run(&["keytab", "remove", argument(&path), "--kvno", "1"]).expect(0, &["has mode 0640"]);
    assert_eq!(mode(&path), 0o640);
}

/// A limit on the length of files stands for a full disk: the file system refuses in the middle of the octets.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file_and_no_other() {
    use std::process::Command;
    let scratch = Scratch::new("full");
    let old = file(&scratch, "old", [1]);
    let large = file(&scratch, "large", 0..100);
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let merge = [env!("CARGO_BIN_EXE_kerbside"), "keytab", "merge", argument(&old), argument(&large)];
    let output = Command::new("bash").args(["-c", limited]).args(merge).args(["-o", argument(&old)]).output().unwrap();
    crate::ended(output).expect(2, &["cannot be written: "]);
    assert_eq!((kvnos(&old), scratch.names()), (vec![1], vec![String::from("large"), String::from("old")]));
}
