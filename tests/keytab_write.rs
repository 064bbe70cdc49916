//! Keytabs that are made, changed and written: what is read back, what cannot be written, and keys from passwords.

#[path = "support/keytab_octets.rs"]
mod keytab_octets;

use kerbside::crypto::{Key, KeyError, KeyFingerprint, Salt, supported_enctypes};
use kerbside::keytab::{
    GuessableKey, KeytabEntry, KeytabErrorKind, KeytabField, KeytabWarningKind, LEAST_PASSWORD_CHARACTERS,
};
use kerbside::numbers::{Enctype, NameType};
use kerbside::{KerberosTime, Keytab, Principal};
use keytab_octets::{Entry, Layout, entry};
use proptest::prelude::*;

const NOON: KerberosTime = KerberosTime::from_unix_seconds(1_772_366_400);
const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn principal(text: &str) -> Principal {
    text.parse().unwrap()
}

/// An AES-128 key of equal octets.
fn key(octet: u8) -> Key {
    Key::new(AES128, &[octet; 16]).unwrap()
}

fn made(name: &str, kvno: u32, octet: u8) -> KeytabEntry {
    KeytabEntry::new(principal(name), kvno, NOON, key(octet))
}

fn keytab(entries: impl IntoIterator<Item = KeytabEntry>) -> Keytab {
    let mut keytab = Keytab::default();
    entries.into_iter().for_each(|entry| keytab.add(entry));
    keytab
}

fn read_back(keytab: &Keytab) -> Keytab {
    Keytab::from_bytes(keytab.to_bytes().unwrap().as_octets()).unwrap()
}

/// Everything that a file keeps of an entry.
fn facts(entry: &KeytabEntry) -> (Principal, NameType, u32, KerberosTime, Enctype, Vec<u8>, bool) {
    let principal = entry.principal().clone();
    let name_type = principal.name_type();
    let octets = entry.key_octets().to_vec();
    (principal, name_type, entry.kvno(), entry.timestamp(), entry.enctype(), octets, entry.key().is_some())
}

fn all_facts(keytab: &Keytab) -> Vec<impl PartialEq + core::fmt::Debug + use<>> {
    keytab.entries().iter().map(facts).collect()
}

fn brief(keytab: &Keytab) -> Vec<(String, u32)> {
    keytab.entries().iter().map(|entry| (entry.principal().to_string(), entry.kvno())).collect()
}

// ---- What is written is read back -----------------------------------------------------------------------------------

fn any_entry() -> impl Strategy<Value = Entry> {
    let key = prop_oneof![
        Just(None),
        proptest::collection::vec(any::<u8>(), 0..70).prop_map(Some), // of a length that seldom fits
    ];
    (
        proptest::collection::vec(".{0,12}", 1..=16),
        any::<(u32, u8, Option<u32>)>(),
        prop_oneof![any::<i16>(), 0_i16..30],
        key,
        proptest::collection::vec(any::<u8>(), 0..9),
    )
        .prop_map(|(components, (timestamp, kvno, kvno32), enctype, key, rest)| {
            let sound = entry(enctype);
            let rest = if kvno32.is_some() { rest } else { Vec::new() };
            Entry { components, timestamp, kvno, kvno32, key: key.unwrap_or_else(|| sound.key.clone()), rest, ..sound }
        })
}

proptest! {
    #[test]
    fn whatever_was_read_is_written_and_read_back_equal(
        entries in proptest::collection::vec(any_entry(), 0..8),
        layout in proptest::sample::select(vec![Layout::V1Little, Layout::V1Big, Layout::V2]),
    ) {
        let read = Keytab::from_bytes(&layout.file(&entries)).unwrap();
        let written = read.to_bytes().unwrap();
        let again = Keytab::from_bytes(written.as_octets()).unwrap();
        prop_assert_eq!(all_facts(&read), all_facts(&again));
        let kinds = |keytab: &Keytab| keytab.warnings().iter().map(|warning| warning.kind().clone()).collect::<Vec<_>>();
        prop_assert_eq!(kinds(&read), kinds(&again));
        let twice = again.to_bytes().unwrap();
        prop_assert_eq!(twice.as_octets(), written.as_octets());
    }

    #[test]
    fn whatever_was_made_is_written_and_read_back_equal(
        realm in proptest::collection::vec(any::<u8>(), 0..20),
        components in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 1..=16),
        name_type: i32,
        kvno: u32,
        seconds: u32,
        octets: [u8; 32],
    ) {
        let principal = Principal::new(realm, components).with_name_type(NameType(name_type));
        let time = KerberosTime::from_unix_seconds(i64::from(seconds));
        for info in supported_enctypes() {
            let key = Key::new(info.enctype, &octets[..info.key_octets]).unwrap();
            let made = keytab([KeytabEntry::new(principal.clone(), kvno, time, key)]);
            prop_assert_eq!(all_facts(&read_back(&made)), all_facts(&made));
        }
    }
}

#[test]
fn a_file_has_the_octets_that_the_format_says() {
    let keytab = keytab([KeytabEntry::new(principal("HTTP/web@R"), 0x0102_0304, NOON, key(7))]);
    let expected =
        Entry { timestamp: 1_772_366_400, kvno: 4, key: vec![7; 16], kvno32: Some(0x0102_0304), ..entry(17) };
    assert_eq!(keytab.to_bytes().unwrap().as_octets(), Layout::V2.file(&[expected]));
    assert_eq!(Keytab::default().to_bytes().unwrap().as_octets(), [5, 2]);
}

#[test]
fn a_kvno_above_255_survives() {
    for kvno in [0, 1, 255, 256, 257, 300, 65_536, u32::MAX] {
        let read = read_back(&keytab([made("HTTP/web@R", kvno, 1)]));
        assert_eq!(read.entries()[0].kvno(), kvno);
        assert!(read.lookup_kvno(&principal("HTTP/web@R"), kvno, AES128).next().is_some());
    }
}

#[test]
fn a_large_keytab_is_written_whole() {
    let many = keytab((0..3_000).map(|kvno| made("HTTP/a-long-name-of-a-host.sub.example.com@EXAMPLE.COM", kvno, 9)));
    assert_eq!(all_facts(&read_back(&many)), all_facts(&many));
}

// ---- What has no room -----------------------------------------------------------------------------------------------

fn refusal(unfit: KeytabEntry) -> KeytabErrorKind {
    let error = keytab([made("good@R", 1, 1), unfit]).to_bytes().unwrap_err();
    assert_eq!((error.entry(), error.offset()), (Some(2), None));
    assert!(error.to_string().starts_with("keytab: entry 2 "), "{error}");
    error.kind()
}

fn of_name(realm: usize, component: usize) -> KeytabEntry {
    KeytabEntry::new(Principal::new(vec![b'R'; realm], [vec![b'c'; component]]), 1, NOON, key(1))
}

fn of_components(count: usize) -> KeytabEntry {
    KeytabEntry::new(Principal::new("R", vec!["c"; count]), 1, NOON, key(1))
}

fn of_time(seconds: i64) -> KeytabEntry {
    KeytabEntry::new(principal("a@R"), 1, KerberosTime::from_unix_seconds(seconds), key(1))
}

#[test]
fn what_has_no_room_is_refused_and_what_just_fits_is_written() {
    assert_eq!(refusal(of_name(65_536, 1)), KeytabErrorKind::DoesNotFit(KeytabField::Realm));
    assert_eq!(refusal(of_name(1, 65_536)), KeytabErrorKind::DoesNotFit(KeytabField::Component));
    assert_eq!(refusal(of_components(0)), KeytabErrorKind::ComponentCount { counted: 0, most: 16 });
    assert_eq!(refusal(of_components(17)), KeytabErrorKind::ComponentCount { counted: 17, most: 16 });
    for seconds in [-1, i64::from(u32::MAX) + 1, i64::MIN] {
        assert_eq!(refusal(of_time(seconds)), KeytabErrorKind::DoesNotFit(KeytabField::Timestamp));
    }
    let longest = [of_name(65_535, 65_535), of_components(1), of_components(16), of_time(0), of_time(u32::MAX.into())];
    let longest = keytab(longest);
    assert_eq!(all_facts(&read_back(&longest)), all_facts(&longest));
}

// ---- Adding, merging, removing --------------------------------------------------------------------------------------

#[test]
fn entries_that_were_made_are_in_no_file_and_are_found() {
    let keytab = keytab([made("HTTP/web@R", 3, 1)]);
    let entry = keytab.lookup(&principal("HTTP/web@R"), AES128).next().unwrap();
    assert_eq!((entry.number(), entry.offset(), entry.path()), (0, 0, None));
    assert_eq!((entry.kvno(), entry.timestamp(), entry.key_problem()), (3, NOON, None));
}

#[test]
fn a_merge_appends_everything_and_leaves_duplicates_out_where_asked() {
    let both = || keytab([made("a@R", 1, 1), made("a@R", 2, 2)]);
    let mut merged = both();
    merged.merge(both());
    assert_eq!(merged.entries().len(), 4);
    let mut merged = both();
    let left_out = merged.merge_missing(keytab([made("b@R", 1, 1), made("a@R", 2, 2), made("b@R", 1, 1)]));
    assert_eq!(brief(&merged), [("a@R".into(), 1), ("a@R".into(), 2), ("b@R".into(), 1)]);
    assert_eq!(brief(&keytab(left_out)), [("a@R".into(), 2), ("b@R".into(), 1)]);
    assert_eq!(merged.merge_missing(both()).len(), 2);
}

#[test]
fn only_the_same_key_of_the_same_name_version_and_enctype_is_a_duplicate() {
    let entry = made("HTTP/web@R", 1, 1);
    let later = KeytabEntry::new(principal("HTTP/web@R"), 1, KerberosTime::from_unix_seconds(0), key(1));
    let named = principal("HTTP/web@R").with_name_type(NameType::NT_UNKNOWN);
    for same in [made("HTTP/web@R", 1, 1), later, KeytabEntry::new(named, 1, NOON, key(1)), entry.duplicate()] {
        assert!(same.is_duplicate_of(&entry));
    }
    let sha2 = Key::new(Enctype::AES128_CTS_HMAC_SHA256_128, &[1; 16]).unwrap();
    let sha2 = KeytabEntry::new(principal("HTTP/web@R"), 1, NOON, sha2);
    for other in [made("HTTP/www@R", 1, 1), made("HTTP/web@R", 2, 1), made("HTTP/web@R", 1, 2), sha2] {
        assert!(!other.is_duplicate_of(&entry), "{other:?}");
        assert_eq!(keytab([entry.duplicate()]).merge_missing(keytab([other])).len(), 0);
    }
}

#[test]
fn what_is_removed_is_handed_over_and_found_no_more() {
    let mut keytab = keytab([made("a@R", 1, 1), made("b@R", 1, 2), made("a@R", 2, 3), made("c@R", 1, 4)]);
    let removed = keytab.remove(|entry| entry.principal() == &principal("a@R"));
    assert_eq!(removed.iter().map(KeytabEntry::kvno).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(brief(&keytab), [("b@R".into(), 1), ("c@R".into(), 1)]);
    assert!(keytab.entries_of(&principal("a@R")).next().is_none());
    assert_eq!(keytab.entries_of(&principal("c@R")).count(), 1);
    assert!(keytab.remove(|entry| entry.kvno() == 7).is_empty());
    assert_eq!(keytab.entries().len(), 2);
}

#[test]
fn warnings_go_and_come_with_their_entries() {
    let short = |name: &str| Entry { components: vec![name.into()], key: vec![1; 5], ..entry(18) };
    let file = Layout::V2.file(&[short("a"), entry(17), short("b")]);
    let numbers = |keytab: &Keytab| {
        let number = |kind: &KeytabWarningKind| match kind {
            KeytabWarningKind::KeyLength { principal, number, .. } => (principal.to_string(), *number),
            other => panic!("{other:?}"),
        };
        keytab.warnings().iter().map(|warning| number(warning.kind())).collect::<Vec<_>>()
    };
    let mut keytab = Keytab::from_bytes(&file).unwrap();
    assert_eq!(numbers(&keytab), [("a@R".into(), 1), ("b@R".into(), 3)]);
    let [removed] = <[_; 1]>::try_from(keytab.remove(|entry| entry.number() == 1)).unwrap();
    assert_eq!(numbers(&keytab), [("b@R".into(), 3)]);
    keytab.add(removed);
    assert_eq!(numbers(&keytab), [("b@R".into(), 3), ("a@R".into(), 1)]);
    assert_eq!(keytab.merge_missing(Keytab::from_bytes(&file).unwrap()).len(), 3);
    assert_eq!(numbers(&keytab), [("b@R".into(), 3), ("a@R".into(), 1)]);
}

#[test]
fn a_merge_keeps_the_warnings_about_files() {
    let with_octets_after_its_end = [&[5, 2, 0, 0, 0, 0][..], &[9; 3]].concat();
    let mut keytab = Keytab::default();
    assert_eq!(keytab.merge_missing(Keytab::from_bytes(&with_octets_after_its_end).unwrap()).len(), 0);
    assert_eq!(keytab.warnings().len(), 1);
    keytab.remove(|_| true);
    assert_eq!(keytab.warnings().len(), 1);
}

// ---- Keys from passwords --------------------------------------------------------------------------------------------

fn octets_of(name: &str, enctype: Enctype, salt: &Salt) -> Vec<u8> {
    let entry = KeytabEntry::from_password(principal(name), 5, NOON, enctype, b"correct horse", salt).unwrap();
    assert_eq!((entry.kvno(), entry.timestamp(), entry.enctype()), (5, NOON, enctype));
    entry.key_octets().to_vec()
}

// ICE-19, CAS-12
#[test]
fn ktb_20_each_salt_rule_gives_its_salt() {
    let text = |text: &str| String::from(text);
    for (salt, name, octets) in [
        (Salt::Default, "HTTP/web.example.com@EXAMPLE.COM", "EXAMPLE.COMHTTPweb.example.com"),
        (Salt::Default, "alice@Example.Com", "Example.Comalice"),
        (Salt::ActiveDirectoryUser { account: text("svcWeb") }, "HTTP/web@EXAMPLE.COM", "EXAMPLE.COMsvcWeb"),
        (Salt::ActiveDirectoryUser { account: text("before") }, "after@EXAMPLE.COM", "EXAMPLE.COMbefore"),
        (
            Salt::ActiveDirectoryComputer { account: text("WEB$") },
            "HTTP/web@EXAMPLE.COM",
            "EXAMPLE.COMhostweb.example.com",
        ),
        (Salt::ActiveDirectoryComputer { account: text("Web") }, "WEB$@example.com", "EXAMPLE.COMhostweb.example.com"),
        (Salt::Exact(b"any octets".to_vec()), "HTTP/web@EXAMPLE.COM", "any octets"),
        (Salt::Exact(Vec::new()), "HTTP/web@EXAMPLE.COM", ""),
    ] {
        assert_eq!(salt.octets(&principal(name)).unwrap(), octets.as_bytes(), "{salt:?}");
        let key = Key::from_password(AES128, b"correct horse", octets.as_bytes(), None).unwrap();
        assert_eq!(octets_of(name, AES128, &salt), key.as_octets());
    }
}

// CAS-12
/// The documented example of DSInternals' `ConvertTo-KerberosKey`, for a service whose name is not the account's.
#[test]
fn ktb_20_the_keys_of_an_account_in_active_directory_are_those_recorded() {
    let salt = Salt::ActiveDirectoryUser { account: "Administrator".into() };
    for (enctype, recorded) in [
        (AES128, "bd75e98362b16649ffbaed630d5341d0"),
        (AES256, "660e61042b190b5724c62bb473facca12058fb9ad3c03c0d2809f839c0352502"),
    ] {
        let web = principal("HTTP/web.contoso.com@CONTOSO.COM");
        let entry = KeytabEntry::from_password(web, 2, NOON, enctype, b"Pa$$w0rd", &salt).unwrap();
        let key: String = entry.key_octets().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(key, recorded);
    }
}

#[test]
fn ktb_20_another_salt_is_another_key_but_for_rc4() {
    let account = |account: &str| Salt::ActiveDirectoryUser { account: account.into() };
    for info in supported_enctypes() {
        let [before, after] = ["before", "After"].map(|name| octets_of("HTTP/web@R", info.enctype, &account(name)));
        assert_eq!(before == after, info.default_iterations == 0, "{}", info.enctype);
    }
}

#[test]
fn what_cannot_become_a_key_is_named() {
    let from = |realm: &[u8], enctype, password: &[u8], salt: &Salt| {
        KeytabEntry::from_password(Principal::new(realm, ["a"]), 1, NOON, enctype, password, salt).map(drop)
    };
    let account = Salt::ActiveDirectoryUser { account: "a".into() };
    assert_eq!(from(b"R\xff", AES256, b"p", &account), Err(KeyError::RealmEncoding));
    assert_eq!(from(b"R", AES256, b"p", &account), Ok(()));
    assert_eq!(from(b"R\xff", AES256, b"p", &Salt::Default), Ok(()));
    assert_eq!(from(b"R", Enctype::RC4_HMAC, b"\xff", &Salt::Default), Err(KeyError::PasswordEncoding));
    assert_eq!(from(b"R", Enctype::RC4_HMAC, "ü".as_bytes(), &Salt::Default), Ok(()));
    assert_eq!(from(b"R", AES256, b"\xff", &Salt::Default), Ok(()));
    let unsupported = KeyError::Unsupported { enctype: Enctype::DES3_CBC_SHA1 };
    assert_eq!(from(b"R", Enctype::DES3_CBC_SHA1, b"p", &Salt::Default), Err(unsupported));
}

#[test]
fn ktb_18_users_and_short_passwords_are_named() {
    for user in ["alice@R", "web@R", "alice\\/admin@R"] {
        let found = GuessableKey::of_principal(&principal(user));
        assert_eq!(found, Some(GuessableKey::UserPrincipal { principal: principal(user) }));
        assert!(found.unwrap().to_string().starts_with(user), "{user}");
    }
    for service in ["HTTP/web@R", "WEB$@R", "host/web@R", "alice/admin@R"] {
        assert_eq!(GuessableKey::of_principal(&principal(service)), None, "{service}");
    }
    assert_eq!(GuessableKey::of_principal(&Principal::new("R", [""; 0])), None);
    let characters = LEAST_PASSWORD_CHARACTERS - 1;
    let short = Some(GuessableKey::ShortPassword { characters, least: LEAST_PASSWORD_CHARACTERS });
    for (password, found) in [
        ("ü".repeat(characters), short.clone()),
        ("ü".repeat(characters + 1), None),
        ("x".repeat(characters), short.clone()),
        ("x".repeat(characters + 1), None),
    ] {
        assert_eq!(GuessableKey::of_password(password.as_bytes()), found, "{password}");
    }
    assert_eq!(GuessableKey::of_password(&vec![0xff; characters]), short);
}

// ---- Fingerprints ---------------------------------------------------------------------------------------------------

/// The figures are of Python's `hashlib.pbkdf2_hmac("sha256", key, b"kerbside key fingerprint " + enctype, 4096, 4)`: a
/// fingerprint that was noted down must be the same in every release.
#[test]
fn a_fingerprint_never_changes() {
    let counted: Vec<u8> = (0..32).collect();
    for (enctype, octets, text) in [
        (17, &[1; 16][..], "4b4fe260"),
        (18, &counted, "b94f2a74"),
        (23, &[0xff; 16], "39c3259c"),
        (99, &[], "b808cf09"),
        (-1, &[b'x'; 70], "b73eb5cb"),
    ] {
        assert_eq!(KeyFingerprint::of(Enctype(enctype), octets).to_string(), text);
    }
}

#[test]
fn fingerprints_tell_keys_and_enctypes_apart_and_not_names_or_versions() {
    let fingerprint = |entry: &KeytabEntry| entry.fingerprint();
    let web = fingerprint(&made("HTTP/web@R", 1, 1));
    assert_eq!(web, fingerprint(&made("other@S", 2, 1)));
    assert_ne!(web, fingerprint(&made("HTTP/web@R", 1, 2)));
    let sha2 = Key::new(Enctype::AES128_CTS_HMAC_SHA256_128, &[1; 16]).unwrap();
    assert_ne!(web, fingerprint(&KeytabEntry::new(principal("HTTP/web@R"), 1, NOON, sha2)));
    let useless = Keytab::from_bytes(&Layout::V2.file(&[Entry { key: vec![1; 5], ..entry(99) }])).unwrap();
    assert_eq!(fingerprint(&useless.entries()[0]), KeyFingerprint::of(Enctype(99), &[1; 5]));
}

#[test]
fn ktb_17_nothing_that_is_printed_of_a_keytab_to_be_written_shows_a_key() {
    let keytab = keytab([made("HTTP/web@R", 1, 0xa5)]);
    let octets = keytab.to_bytes().unwrap();
    let printed = format!("{keytab:?} {octets:?} {:?} {}", keytab.entries()[0], keytab.entries()[0].fingerprint());
    for form in ["a5a5", "A5A5", "165, 165"] {
        assert!(!printed.contains(form), "{form} in {printed}");
    }
}
