//! Keytabs that are written here: MIT's, Heimdal's and Java's readers find the keys in them, and `kinit` logs in with those
//! that were made from a password.

use std::path::{Path, PathBuf};

use kerbside::crypto::{Salt, supported_enctypes};
use kerbside::keytab::KeytabEntry;
use kerbside::numbers::Enctype;
use kerbside::{KerberosTime, Keytab, Principal};
use kerbside_interop::{Realm, keys_in_java, now, unpacked};

const PASSWORD: &[u8] = b"correct-horse-battery";
const KVNO: u32 = 300;
const MADE: &str = "HTTP/made.kerbside.test@KERBSIDE.TEST";

/// The principals of `populate.sh` that have such a password, and their salts.
fn passworded() -> [(&'static str, Salt); 4] {
    [
        (MADE, Salt::Default),
        ("HTTP/made-onlyrealm.kerbside.test@KERBSIDE.TEST", Salt::Exact(b"KERBSIDE.TEST".to_vec())),
        ("HTTP/made-account.kerbside.test@KERBSIDE.TEST", Salt::ActiveDirectoryUser { account: "svcMade".into() }),
        ("MADE$@KERBSIDE.TEST", Salt::ActiveDirectoryComputer { account: "MADE$".into() }),
    ]
}

fn principal(name: &str) -> Principal {
    name.parse().expect("the name is a principal's")
}

fn from_password(name: &str, enctype: Enctype, salt: &Salt) -> KeytabEntry {
    KeytabEntry::from_password(principal(name), KVNO, now().second(), enctype, PASSWORD, salt).expect("a key is made")
}

fn keytab(entries: impl IntoIterator<Item = KeytabEntry>) -> Keytab {
    let mut keytab = Keytab::default();
    entries.into_iter().for_each(|entry| keytab.add(entry));
    keytab
}

fn written(realm: &Realm, name: &str, keytab: &Keytab) -> PathBuf {
    let path = realm.keytab_file(&format!("written-{name}"));
    keytab.write_to_file(&path).expect("the keytab can be written");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

fn mits_kinit(realm: &Realm, path: &Path, name: &str) -> Result<String, String> {
    realm.run("kinit", &realm.new_cache(), &["-k", "-t", text(path), name])
}

fn heimdals_kinit(realm: &Realm, path: &Path, name: &str) -> Result<String, String> {
    let keytab = format!("--keytab={}", path.display());
    realm.run(unpacked("usr/bin/kinit.heimdal"), &realm.new_cache(), &[&keytab, name])
}

/// One line of MIT's list per entry: kvno, principal, and the key in hexadecimal.
fn mits_list(realm: &Realm, path: &Path) -> Vec<(u32, String, String)> {
    let list = realm.run("klist", &realm.new_cache(), &["-k", "-t", "-e", "-K", text(path)]).expect("klist reads it");
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [kvno, _date, _time, principal, .., key] = words[..] else { panic!("{line}") };
        let key = key.trim_start_matches("(0x").trim_end_matches(')');
        (kvno.parse().expect("a number"), principal.to_owned(), key.to_owned())
    };
    list.lines().skip(3).map(line).collect()
}

fn heimdals_list(realm: &Realm, path: &Path) -> Vec<(u32, String, String)> {
    let keytab = format!("--keytab={}", path.display());
    let arguments = [&keytab, "list", "--keys"];
    let list = realm.run(unpacked("usr/bin/ktutil.heimdal"), &realm.new_cache(), &arguments).expect("ktutil reads it");
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [kvno, .., principal, key] = words[..] else { panic!("{line}") };
        (kvno.parse().expect("a number"), principal.to_owned(), key.to_owned())
    };
    list.lines().filter(|line| line.trim_start().starts_with(|first: char| first.is_ascii_digit())).map(line).collect()
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn our_list(keytab: &Keytab) -> Vec<(u32, String, String)> {
    let line = |entry: &KeytabEntry| (entry.kvno(), entry.principal().to_string(), hexadecimal(entry.key_octets()));
    keytab.entries().iter().map(line).collect()
}

// ICE-19, CAS-12, KTB-20
#[test]
fn kinit_logs_in_with_keys_made_from_a_password_and_its_salt() {
    let realm = Realm::started();
    for (position, (name, salt)) in passworded().into_iter().enumerate() {
        for info in supported_enctypes() {
            let keytab = keytab([from_password(name, info.enctype, &salt)]);
            let path = written(&realm, &format!("password-{position}-{}", info.enctype.0), &keytab);
            mits_kinit(&realm, &path, name).unwrap_or_else(|error| panic!("{name}, {}: {error}", info.enctype));
            // Heimdal's asks for session keys of the keytab's enctypes alone, and the realm gives such of these two.
            if [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES256_CTS_HMAC_SHA1_96].contains(&info.enctype) {
                heimdals_kinit(&realm, &path, name).unwrap_or_else(|error| panic!("{name}, {}: {error}", info.enctype));
            }
        }
    }
}

#[test]
fn kinit_does_not_log_in_with_the_salt_of_another_rule() {
    let realm = Realm::started();
    for (position, (name, salt)) in passworded().into_iter().enumerate() {
        let wrong = if salt == Salt::Default { Salt::Exact(b"KERBSIDE.TEST".to_vec()) } else { Salt::Default };
        let keytab = keytab([from_password(name, Enctype::AES256_CTS_HMAC_SHA1_96, &wrong)]);
        let path = written(&realm, &format!("wrong-salt-{position}"), &keytab);
        let complaint = mits_kinit(&realm, &path, name).expect_err("the key is another one");
        assert!(complaint.contains("Password incorrect") || complaint.contains("failed"), "{complaint}");
    }
}

// CAS-10, ZIM-11
#[test]
fn mit_heimdal_and_java_read_what_was_written() {
    let realm = Realm::started();
    let names = ["HTTP/made.kerbside.test@KERBSIDE.TEST", "josé@KERBSIDE.TEST", "a/b/c/d@OTHER"];
    let mut entries = Vec::new();
    for (name, kvno) in names.into_iter().zip([1, 255, 70_000]) {
        for info in supported_enctypes() {
            let key = kerbside::crypto::Key::new(info.enctype, &[0x5a; 32][..info.key_octets]).expect("it fits");
            entries.push(KeytabEntry::new(principal(name), kvno, KerberosTime::from_unix_seconds(1_772_366_400), key));
        }
    }
    let keytab = keytab(entries);
    let path = written(&realm, "listed", &keytab);
    assert_eq!(mits_list(&realm, &path), our_list(&keytab));
    assert_eq!(heimdals_list(&realm, &path), our_list(&keytab));
    for name in names {
        let mut found = keys_in_java(&realm, &path, name);
        let of_java = |entry: &&KeytabEntry| (17..=23).contains(&entry.enctype().0);
        let mut ours: Vec<_> = keytab
            .entries_of(&principal(name))
            .filter(of_java)
            .map(|entry| (entry.kvno(), entry.enctype().0, hexadecimal(entry.key_octets())))
            .collect();
        found.sort();
        ours.sort();
        assert_eq!(found, ours);
    }
}

#[test]
fn entries_that_are_useless_here_are_written_as_others_wrote_them() {
    let realm = Realm::started();
    let des =
        [&[5, 2, 0, 0, 0, 31, 0, 1, 0, 1, b'R', 0, 3, b'd', b'e', b's'][..], &[0, 0, 0, 1, 0, 0, 0, 9, 4]].concat();
    let des = [&des[..], &[0, 3, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]].concat();
    let keytab = Keytab::from_bytes(&des).expect("the keytab is sound");
    assert!(keytab.entries()[0].key().is_none());
    let path = written(&realm, "useless", &keytab);
    let expected = [(4, String::from("des@R"), String::from("0102030405060708"))];
    assert_eq!(our_list(&keytab), expected);
    assert_eq!(mits_list(&realm, &path), expected);
    assert_eq!(heimdals_list(&realm, &path), expected);
}

#[test]
fn keytabs_of_mit_and_heimdal_are_merged_and_still_work() {
    let realm = Realm::started();
    let ours = keytab([from_password(MADE, Enctype::AES128_CTS_HMAC_SHA256_128, &Salt::Default)]);
    let of_heimdal = realm.keytab_file("written-by-heimdal");
    // Heimdal's adds to what an earlier run left.
    let _ = std::fs::remove_file(&of_heimdal);
    let option = format!("--keytab={}", of_heimdal.display());
    let (kvno, password) = (KVNO.to_string(), String::from_utf8(PASSWORD.to_vec()).expect("ASCII"));
    let add = ["add", "-p", "HTTP/made.kerbside.test", "-V", &kvno, "-e", "aes256-cts-hmac-sha1-96", "-w", &password];
    let arguments: Vec<_> = [option.as_str()].into_iter().chain(add).collect();
    realm.run(unpacked("usr/bin/ktutil.heimdal"), &realm.new_cache(), &arguments).expect("ktutil writes it");

    let mut merged = realm.keytab("people");
    let people = merged.entries().len();
    assert!(people > 0 && merged.merge_missing(ours).is_empty());
    assert!(merged.merge_missing(Keytab::from_file(&of_heimdal).expect("Heimdal's keytab is sound")).is_empty());
    assert_eq!(merged.merge_missing(realm.keytab("people")).len(), people, "all of them are there");
    assert_eq!(merged.entries().len(), people + 2);

    let path = written(&realm, "merged", &merged);
    assert_eq!(mits_list(&realm, &path), our_list(&merged));
    assert_eq!(heimdals_list(&realm, &path), our_list(&merged));
    for name in ["alice", "alice/admin", MADE] {
        mits_kinit(&realm, &path, name).expect("the key is still good");
        heimdals_kinit(&realm, &path, name).expect("the key is still good");
    }

    // What a password gives Heimdal, it gives us; what is there twice is one entry.
    let same = keytab([from_password(MADE, Enctype::AES256_CTS_HMAC_SHA1_96, &Salt::Default)]);
    assert_eq!(merged.merge_missing(same).len(), 1);

    let removed = merged.remove(|entry| entry.principal() == &principal("alice@KERBSIDE.TEST"));
    assert!(!removed.is_empty());
    let path = written(&realm, "without-alice", &merged);
    assert!(mits_kinit(&realm, &path, "alice").is_err());
    mits_kinit(&realm, &path, "alice/admin").expect("the key is still good");
}
