//! Keytab files that are written: whole or not at all, and readable by nobody new.
#![cfg(feature = "std")]

#[path = "support/scratch.rs"]
mod scratch;

use kerbside::crypto::Key;
use kerbside::keytab::{KeytabEntry, KeytabErrorKind};
use kerbside::numbers::Enctype;
use kerbside::{KerberosTime, Keytab, Principal};
use scratch::Scratch;
use std::fs;
use std::path::Path;

fn keytab(kvnos: impl IntoIterator<Item = u32>) -> Keytab {
    let mut keytab = Keytab::default();
    for kvno in kvnos {
        let key = Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[7; 32]).unwrap();
        let time = KerberosTime::from_unix_seconds(1);
        keytab.add(KeytabEntry::new("HTTP/web@R".parse().unwrap(), kvno, time, key));
    }
    keytab
}

fn kvnos(path: &Path) -> Vec<u32> {
    Keytab::from_file(path).unwrap().entries().iter().map(KeytabEntry::kvno).collect()
}

fn refusal(path: &Path) -> KeytabErrorKind {
    let error = keytab([9]).write_to_file(path).unwrap_err();
    assert_eq!(error.path(), path.to_str());
    assert!(error.to_string().starts_with(&format!("keytab {}", path.display())), "{error}");
    error.kind()
}

#[test]
fn a_file_is_made_and_replaced_and_nothing_else_is_left() {
    let scratch = Scratch::new("write");
    let path = scratch.join("web.keytab");
    keytab([1, 300]).write_to_file(&path).unwrap();
    assert_eq!(kvnos(&path), [1, 300]);
    keytab([2]).write_to_file(&path).unwrap();
    assert_eq!(kvnos(&path), [2]);
    assert_eq!(fs::read(&path).unwrap(), keytab([2]).to_bytes().unwrap().as_octets());
    assert_eq!(scratch.names(), ["web.keytab"]);
}

#[test]
fn a_path_without_a_directory_is_in_the_current_one() {
    let scratch = Scratch::new("relative");
    let name = format!("kerbside-relative-{}.keytab", std::process::id());
    keytab([4]).write_to_file(&name).unwrap();
    fs::rename(&name, scratch.join("moved")).unwrap();
    assert_eq!(kvnos(&scratch.join("moved")), [4]);
}

#[test]
fn what_cannot_be_written_leaves_the_old_file_and_no_other() {
    let scratch = Scratch::new("unfit");
    let path = scratch.join("web.keytab");
    keytab([1]).write_to_file(&path).unwrap();
    let mut unfit = keytab([2]);
    let key = Key::new(Enctype::AES128_CTS_HMAC_SHA1_96, &[7; 16]).unwrap();
    unfit.add(KeytabEntry::new(Principal::new("R", [""; 0]), 1, KerberosTime::from_unix_seconds(1), key));
    let error = unfit.write_to_file(&path).unwrap_err();
    assert_eq!((error.kind(), error.entry()), (KeytabErrorKind::ComponentCount { counted: 0, most: 16 }, Some(2)));
    assert_eq!(error.path(), path.to_str());
    assert_eq!((kvnos(&path), scratch.names()), (vec![1], vec![String::from("web.keytab")]));
}

#[test]
fn a_file_too_long_to_be_read_again_is_not_written() {
    let scratch = Scratch::new("too-large");
    let path = scratch.join("large.keytab");
    let long = |octets: usize| {
        let mut keytab = Keytab::default();
        for left in (0..octets).step_by(65_535) {
            let key = Key::new(Enctype::AES128_CTS_HMAC_SHA1_96, &[7; 16]).unwrap();
            let component = vec![b'c'; (octets - left).min(65_535)];
            keytab.add(KeytabEntry::new(Principal::new("", [component]), 1, KerberosTime::from_unix_seconds(1), key));
        }
        keytab
    };
    // What stands around the component in each record.
    let around = long(1).to_bytes().unwrap().as_octets().len() - 1 - 2;
    let most = (16 << 20) - 2 - 256 * around;
    let just = long(most);
    assert_eq!(just.to_bytes().unwrap().as_octets().len(), 16 << 20);
    let error = long(most + 1).write_to_file(&path).unwrap_err();
    assert_eq!(error.kind(), KeytabErrorKind::TooLarge { limit: 16 << 20 });
    assert!(!path.exists());
    just.write_to_file(&path).unwrap();
    assert_eq!(Keytab::from_file(&path).unwrap().entries().len(), just.entries().len());
}

#[test]
fn a_directory_and_a_missing_directory_are_named() {
    let scratch = Scratch::new("no-file");
    assert_eq!(refusal(scratch.path()), KeytabErrorKind::IsDirectory);
    assert_eq!(refusal(&scratch.join("absent").join("web.keytab")), KeytabErrorKind::NoDirectory);
    keytab([1]).write_to_file(scratch.join("present")).unwrap();
    if cfg!(unix) {
        assert_eq!(refusal(&scratch.join("present").join("web.keytab")), KeytabErrorKind::NoDirectory);
    }
    assert_eq!(scratch.names(), ["present"]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use scratch::{mode, set_mode};
    use std::os::unix::fs::{MetadataExt, symlink};

    #[test]
    fn ktb_16_a_new_file_is_its_owners_alone() {
        let scratch = Scratch::new("private");
        let path = scratch.join("web.keytab");
        keytab([1]).write_to_file(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(Keytab::from_file(&path).unwrap().warnings(), []);
    }

    #[test]
    fn ktb_16_a_file_that_was_there_keeps_its_mode() {
        let scratch = Scratch::new("kept-mode");
        for bits in [0o400, 0o600, 0o640, 0o644, 0o660, 0o200] {
            let path = scratch.file(&format!("{bits:o}"), b"");
            set_mode(&path, bits);
            keytab([1]).write_to_file(&path).unwrap();
            assert_eq!(mode(&path), bits, "{bits:o}");
        }
        // What has no place on a keytab.
        let path = scratch.file("setuid", b"");
        set_mode(&path, 0o4700);
        keytab([1]).write_to_file(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn a_file_of_another_owner_keeps_it_or_stays_as_it_was() {
        let scratch = Scratch::new("owner");
        let path = scratch.file("web.keytab", b"old");
        if std::os::unix::fs::chown(&path, Some(4_120), Some(4_121)).is_err() {
            println!("this user may not give files away: run as root for the rest");
            return;
        }
        keytab([1]).write_to_file(&path).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid(), mode(&path)), (4_120, 4_121, 0o600));
        assert_eq!(kvnos(&path), [1]);
    }

    #[test]
    fn a_link_is_followed_and_stays_a_link() {
        let scratch = Scratch::new("link");
        fs::create_dir(scratch.join("elsewhere")).unwrap();
        let target = scratch.join("elsewhere").join("secret");
        fs::write(&target, b"old").unwrap();
        set_mode(&target, 0o640);
        symlink("elsewhere/secret", scratch.join("inner")).unwrap();
        symlink(scratch.join("inner"), scratch.join("web.keytab")).unwrap();
        keytab([6]).write_to_file(scratch.join("web.keytab")).unwrap();
        assert_eq!((kvnos(&target), mode(&target)), (vec![6], 0o640));
        assert!(fs::symlink_metadata(scratch.join("web.keytab")).unwrap().is_symlink());
        assert_eq!(scratch.names(), ["elsewhere", "inner", "web.keytab"]);
        assert_eq!(fs::read_dir(scratch.join("elsewhere")).unwrap().count(), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named() {
        let scratch = Scratch::new("broken-link");
        let link = scratch.join("web.keytab");
        symlink("absent", &link).unwrap();
        assert_eq!(refusal(&link), KeytabErrorKind::BrokenLink);
        fs::write(scratch.join("absent"), b"").unwrap();
        keytab([1]).write_to_file(&link).unwrap();
        assert_eq!(kvnos(&scratch.join("absent")), [1]);
    }

    #[test]
    fn a_device_is_not_replaced() {
        assert_eq!(refusal(Path::new("/dev/null")), KeytabErrorKind::NotAFile);
    }

    #[test]
    fn a_directory_that_may_not_be_written_to_is_named() {
        let scratch = Scratch::new("denied");
        let path = scratch.file("web.keytab", keytab([1]).to_bytes().unwrap().as_octets());
        set_mode(scratch.path(), 0o500);
        let read_only = fs::write(scratch.join("probe"), b"").is_err();
        let refused = read_only.then(|| refusal(&path));
        set_mode(scratch.path(), 0o700);
        match refused {
            Some(kind) => assert_eq!((kind, kvnos(&path)), (KeytabErrorKind::WriteDenied, vec![1])),
            None => println!("this user may write everywhere: the live test of the command has to do"),
        }
    }

    /// Readers beside a writer see a whole keytab every time.
    #[test]
    fn readers_see_the_old_keys_or_the_new_ones() {
        let scratch = Scratch::new("readers");
        let path = scratch.join("web.keytab");
        let (few, many) = (keytab(0..3), keytab(0..500));
        few.write_to_file(&path).unwrap();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = [0_usize; 2];
                while seen.contains(&0) || seen.iter().sum::<usize>() < 200 {
                    match kvnos(&path).len() {
                        3 => seen[0] += 1,
                        500 => seen[1] += 1,
                        other => panic!("{other} entries"),
                    }
                }
            });
            while !reader.is_finished() {
                many.write_to_file(&path).unwrap();
                few.write_to_file(&path).unwrap();
            }
            reader.join().unwrap();
        });
    }
}
