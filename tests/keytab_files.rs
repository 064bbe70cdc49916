//! Keytab files and directories: what the system refuses, by path and cause, and what an operator is warned of.
#![cfg(feature = "std")]

#[path = "support/keytab_octets.rs"]
mod keytab_octets;
#[path = "support/scratch.rs"]
mod scratch;

use kerbside::Keytab;
use kerbside::keytab::{KeySource, KeytabErrorKind, KeytabPaths, KeytabWarningKind};
use keytab_octets::{Entry, Layout, entry};
use scratch::Scratch;
#[cfg(unix)]
use scratch::set_mode;
use std::fs;
use std::path::Path;

fn named(name: &str) -> Vec<u8> {
    let components = name.split('/').map(String::from).collect();
    Layout::V2.file(&[Entry { components, ..entry(18) }])
}

/// The kind, after the path was checked to be in the error and in its message.
fn refusal(read: Result<Keytab, kerbside::keytab::KeytabError>, path: &Path) -> KeytabErrorKind {
    let error = read.unwrap_err();
    assert_eq!(error.path(), path.to_str());
    assert!(error.to_string().starts_with(&format!("keytab {}", path.display())), "{error}");
    error.kind()
}

fn refused_file(path: &Path) -> KeytabErrorKind {
    refusal(Keytab::from_file(path), path)
}

// ICE-20
#[test]
fn file_errors_name_the_path_and_the_cause() {
    let scratch = Scratch::new("errors");
    assert_eq!(refused_file(&scratch.join("absent")), KeytabErrorKind::NotFound);
    assert_eq!(refused_file(scratch.path()), KeytabErrorKind::IsDirectory);
    assert_eq!(refused_file(&scratch.file("empty", b"")), KeytabErrorKind::Empty);
    assert_eq!(refused_file(&scratch.file("text", b"hello")), KeytabErrorKind::NotAKeytab);
    assert_eq!(
        refused_file(&scratch.file("cut", &named("web")[..20])),
        KeytabErrorKind::EntryPastEnd { octets: 55, left: 14 }
    );
    let error = Keytab::from_file(scratch.join("absent")).unwrap_err();
    assert!(error.os_reason().is_some_and(|reason| error.to_string().ends_with(reason)), "{error}");
}

#[test]
fn a_file_of_the_most_octets_is_looked_at_and_a_longer_one_refused() {
    let scratch = Scratch::new("limit");
    let path = scratch.file("large", b"");
    let resize = |octets| fs::File::options().write(true).open(&path).unwrap().set_len(octets).unwrap();
    resize(16 << 20);
    assert_eq!(refused_file(&path), KeytabErrorKind::NotAKeytab);
    resize((16 << 20) + 1);
    assert_eq!(refused_file(&path), KeytabErrorKind::TooLarge { limit: 16 << 20 });
}

#[test]
fn a_file_is_read_like_its_octets_and_its_entries_say_where_they_come_from() {
    let scratch = Scratch::new("read");
    let entries: Vec<_> = (0..500).map(|kvno| Entry { kvno32: Some(kvno), ..entry(18) }).collect();
    let octets = Layout::V2.file(&entries);
    let path = scratch.file("web.keytab", &octets);
    let (file, memory) = (Keytab::from_file(&path).unwrap(), Keytab::from_bytes(&octets).unwrap());
    assert_eq!(file.entries().len(), 500);
    assert_eq!(file.warnings(), []);
    for (from_file, from_memory) in file.entries().iter().zip(memory.entries()) {
        assert_eq!((from_file.path(), from_memory.path()), (path.to_str(), None));
        assert_eq!(from_file.kvno(), from_memory.kvno());
        assert_eq!(from_file.offset(), from_memory.offset());
        assert_eq!(from_file.key_octets(), from_memory.key_octets());
    }
}

// ICE-21
#[cfg(unix)]
#[test]
fn ktb_16_a_file_that_others_can_read_is_a_warning_and_a_private_one_is_not() {
    let scratch = Scratch::new("mode");
    let path = scratch.file("web.keytab", &named("web"));
    for mode in [0o644, 0o640, 0o604, 0o444] {
        set_mode(&path, mode);
        let keytab = Keytab::from_file(&path).unwrap();
        let [warning] = keytab.warnings() else { panic!("one warning for {mode:o}") };
        assert_eq!(warning.kind(), &KeytabWarningKind::ReadableByOthers { mode });
        assert_eq!(warning.path(), path.to_str());
        assert_eq!(
            warning.to_string(),
            format!("keytab {} has mode {mode:04o}: users other than its owner can read the keys", path.display())
        );
    }
    for mode in [0o600, 0o400, 0o700, 0o711] {
        set_mode(&path, mode);
        assert_eq!(Keytab::from_file(&path).unwrap().warnings(), [], "{mode:o}");
    }
}

// ICE-20
#[cfg(unix)]
#[test]
fn ktb_16_a_missing_read_permission_says_so() {
    let scratch = Scratch::new("denied");
    let path = scratch.file("web.keytab", &named("web"));
    set_mode(&path, 0);
    if fs::File::open(&path).is_ok() {
        println!("this user may read everything: the unit test of the mapping has to do");
        return;
    }
    assert_eq!(refused_file(&path), KeytabErrorKind::PermissionDenied);
}

// ICE-07
#[test]
fn a_directory_is_read_in_the_order_of_names_and_only_files_named_as_keytabs() {
    let scratch = Scratch::new("dir");
    scratch.file("b.keytab", &named("b"));
    scratch.file("HTTP#web@R", &named("HTTP/web"));
    scratch.file("a.keytab", &Layout::V1Little.file(&[Entry { components: vec!["a".into()], ..entry(17) }]));
    scratch.file("c.keytab", &Layout::V1Big.file(&[Entry { components: vec!["c".into()], ..entry(17) }]));
    scratch.file("README", b"not a keytab");
    scratch.file("a.keytab.bak", b"not a keytab");
    fs::create_dir(scratch.join("nested.keytab")).unwrap();
    let keytab = Keytab::from_dir(scratch.path()).unwrap();
    assert_eq!(keytab.principals().map(ToString::to_string).collect::<Vec<_>>(), ["HTTP/web@R", "a@R", "b@R", "c@R"]);
    assert_eq!(keytab.warnings(), []);
    let path = scratch.join("b.keytab");
    assert_eq!(keytab.entries_of(&"b@R".parse().unwrap()).next().unwrap().path(), path.to_str());
}

#[cfg(unix)]
#[test]
fn a_directory_of_links_is_followed() {
    let scratch = Scratch::new("links");
    let target = scratch.file("secret", &named("web"));
    std::os::unix::fs::symlink(&target, scratch.join("web.keytab")).unwrap();
    assert_eq!(Keytab::from_dir(scratch.path()).unwrap().entries().len(), 1);
}

// ICE-07
#[test]
fn a_file_named_after_another_principal_than_it_holds_is_a_warning() {
    let scratch = Scratch::new("named");
    let path = scratch.file("HTTP#web@R", &named("HTTP/www"));
    let keytab = Keytab::from_dir(scratch.path()).unwrap();
    let [warning] = keytab.warnings() else { panic!("one warning") };
    assert_eq!(warning.kind(), &KeytabWarningKind::NamedOtherwise { named: "HTTP/web@R".parse().unwrap() });
    assert_eq!(warning.path(), path.to_str());
    assert_eq!(keytab.entries().len(), 1, "the keys are used all the same");
}

#[test]
fn directory_errors_name_the_path_and_the_cause() {
    let scratch = Scratch::new("dir-errors");
    let absent = scratch.join("absent");
    assert_eq!(refusal(Keytab::from_dir(&absent), &absent), KeytabErrorKind::NotFound);
    assert_eq!(refusal(Keytab::from_dir(scratch.path()), scratch.path()), KeytabErrorKind::NoKeytabFiles);
    let file = scratch.file("good.keytab", &named("web"));
    assert_eq!(Keytab::from_dir(scratch.path()).unwrap().entries().len(), 1);
    if cfg!(unix) {
        assert_eq!(refusal(Keytab::from_dir(&file), &file), KeytabErrorKind::NotADirectory);
    }
    let bad = scratch.file("bad.keytab", b"");
    assert_eq!(refusal(Keytab::from_dir(scratch.path()), &bad), KeytabErrorKind::Empty);
}

#[test]
fn a_path_cannot_forge_a_line_of_a_log() {
    let error = Keytab::from_file("absent\nkeytab is fine").unwrap_err();
    assert_eq!(error.path(), Some("absent\\nkeytab is fine"));
    assert!(!error.to_string().contains('\n'));
}

/// KTB-16
#[cfg(unix)]
#[test]
fn ktb_16_a_file_that_others_can_read_is_refused_on_request() {
    let scratch = Scratch::new("readers");
    let path = scratch.file("web.keytab", &named("web"));
    let of_file = || KeytabPaths::new().file(&path);
    let of_directory = || KeytabPaths::new().directory(scratch.path());
    for paths in [of_file(), of_directory()] {
        set_mode(&path, 0o640);
        assert_eq!(paths.load().unwrap().warnings().len(), 1, "a warning unless it is asked for");
        let strict = paths.refuse_readable_by_others();
        assert_eq!(refusal(strict.load(), &path), KeytabErrorKind::ReadableByOthers { mode: 0o640 });
        set_mode(&path, 0o600);
        assert_eq!(strict.load().unwrap().entries().len(), 1);
    }
}
