//! The keytab format and the lookups: what is read, what is refused and where, and what is carried.

#[path = "support/keytab_octets.rs"]
mod keytab_octets;

use kerbside::keytab::{KeyProblem, KeytabEntry, KeytabErrorKind, KeytabField, KeytabWarningKind};
use kerbside::numbers::{Enctype, NameType};
use kerbside::{Keytab, Principal};
use keytab_octets::{Entry, Layout, entry};

const LAYOUTS: [Layout; 3] = [Layout::V1Little, Layout::V1Big, Layout::V2];

fn principal(text: &str) -> Principal {
    text.parse().unwrap()
}

fn read(entries: &[Entry]) -> Keytab {
    Keytab::from_bytes(&Layout::V2.file(entries)).unwrap()
}

fn refusal(octets: &[u8]) -> KeytabErrorKind {
    Keytab::from_bytes(octets).unwrap_err().kind()
}

/// A 0x0502 file of one record with that size field, whatever follows it.
fn with_record(size: i32, body: &[u8]) -> Vec<u8> {
    let mut file = Layout::V2.empty();
    Layout::V2.put_record(&mut file, size, body);
    file
}

/// Everything of an entry but the name-type, which 0x0501 does not have.
fn facts(entry: &KeytabEntry) -> (String, u32, Enctype, i64, Vec<u8>, Option<KeyProblem>, usize) {
    (
        entry.principal().to_string(),
        entry.kvno(),
        entry.enctype(),
        entry.timestamp().unix_seconds(),
        entry.key_octets().to_vec(),
        entry.key_problem(),
        entry.number(),
    )
}

#[test]
fn ktb_01_sizes_that_reach_past_the_end_are_refused_with_their_place() {
    let sound = Layout::V2.file(&[entry(18)]);
    for size in [1, 1000, i32::MAX, i32::MAX - 1] {
        let mut file = sound.clone();
        Layout::V2.put_record(&mut file, size, &[]);
        let error = Keytab::from_bytes(&file).unwrap_err();
        assert_eq!(error.kind(), KeytabErrorKind::EntryPastEnd { octets: size.unsigned_abs(), left: 0 });
        assert_eq!((error.entry(), error.offset()), (Some(2), Some(sound.len())));
    }
    for size in [-1, -1000, -i32::MAX] {
        let mut file = sound.clone();
        Layout::V2.put_record(&mut file, size, &[]);
        let error = Keytab::from_bytes(&file).unwrap_err();
        assert_eq!(error.kind(), KeytabErrorKind::HolePastEnd { octets: size.unsigned_abs(), left: 0 });
        assert_eq!((error.entry(), error.offset()), (Some(2), Some(sound.len())));
    }
}

#[test]
fn ktb_01_holes_that_end_in_the_file_are_skipped() {
    for layout in LAYOUTS {
        let mut file = layout.empty();
        layout.put_record(&mut file, -1, &[7]);
        let body = layout.body(&entry(18));
        layout.put_record(&mut file, i32::try_from(body.len()).unwrap(), &body);
        layout.put_record(&mut file, -5, &[1; 5]);
        layout.put_record(&mut file, i32::try_from(body.len()).unwrap(), &body);
        layout.put_record(&mut file, -3, &[0; 3]);
        let keytab = Keytab::from_bytes(&file).unwrap();
        let place = |entry: &KeytabEntry| (entry.number(), entry.offset(), entry.record_octets());
        let places: Vec<_> = keytab.entries().iter().map(place).collect();
        assert_eq!(places, [(1, 7, body.len()), (2, 7 + 4 + body.len() + 9, body.len())], "{layout:?}");
    }
}

#[test]
fn ktb_01_a_record_one_octet_too_long_is_refused_and_the_exact_one_read() {
    for layout in LAYOUTS {
        let body = layout.body(&entry(18));
        let exact = i32::try_from(body.len()).unwrap();
        let file = |size| {
            let mut file = layout.empty();
            layout.put_record(&mut file, size, &body);
            Keytab::from_bytes(&file)
        };
        assert_eq!(file(exact).unwrap().entries().len(), 1);
        let left = body.len();
        let past_end = KeytabErrorKind::EntryPastEnd { octets: exact.unsigned_abs() + 1, left };
        assert_eq!(file(exact + 1).unwrap_err().kind(), past_end);
    }
}

#[test]
fn ktb_01_a_size_of_zero_ends_the_entries() {
    let mut file = Layout::V2.file(&[entry(18)]);
    let end = file.len();
    file.extend([0; 7]);
    let keytab = Keytab::from_bytes(&file).unwrap();
    assert_eq!((keytab.entries().len(), keytab.warnings().len()), (1, 0), "zeros to the end are padding");

    file.push(1);
    let keytab = Keytab::from_bytes(&file).unwrap();
    let kinds: Vec<_> = keytab.warnings().iter().map(|warning| warning.kind().clone()).collect();
    assert_eq!(keytab.entries().len(), 1);
    assert_eq!(kinds, [KeytabWarningKind::OctetsAfterEnd { offset: end, octets: 4 }]);
}

#[test]
fn ktb_02_a_hole_of_int32_min_is_refused() {
    let file = with_record(i32::MIN, &Layout::V2.body(&entry(18)));
    let hole = KeytabErrorKind::HolePastEnd { octets: 1 << 31, left: file.len() - 6 };
    assert_eq!(refusal(&file), hole);
    for layout in [Layout::V1Little, Layout::V1Big] {
        let mut file = layout.empty();
        layout.put_record(&mut file, i32::MIN, &[]);
        assert!(Keytab::from_bytes(&file).is_err(), "{layout:?}");
    }
}

// ICE-08
#[test]
fn ktb_03_weak_and_unknown_enctypes_are_listed_and_hurt_no_other_entry() {
    let enctypes = [1, 3, 8, 16, 23, 17, 18, 19, 20, 24, 25, 26, 99, -133];
    let keytab = read(&enctypes.map(entry));
    let listed: Vec<_> = keytab.entries().iter().map(|entry| entry.enctype().0).collect();
    assert_eq!(listed, enctypes.map(i32::from));
    assert_eq!(keytab.warnings(), []);
    for entry in keytab.entries() {
        let usable = matches!(entry.enctype().0, 17..=20 | 23)
            || (cfg!(feature = "camellia") && matches!(entry.enctype().0, 25 | 26));
        assert_eq!(entry.key().is_some(), usable, "{}", entry.enctype());
        assert_eq!(entry.key_problem(), (!usable).then_some(KeyProblem::Unsupported), "{}", entry.enctype());
        assert!(entry.key_octets().iter().all(|octet| *octet == 0xa5));
        let found: Vec<_> = keytab.lookup(entry.principal(), entry.enctype()).map(KeytabEntry::number).collect();
        assert_eq!(found, [entry.number()]);
    }
}

#[test]
fn ktb_04_names_without_components_or_with_too_many_refuse_the_file_and_say_where() {
    let sound = Layout::V2.file(&[entry(18)]);
    for counted in [0_u16, 17, 255, 65_535] {
        let mut body = Layout::V2.body(&entry(18));
        body[..2].copy_from_slice(&counted.to_be_bytes());
        body.extend([0; 200]);
        let mut file = sound.clone();
        Layout::V2.put_record(&mut file, i32::try_from(body.len()).unwrap(), &body);
        let error = Keytab::from_bytes(&file).unwrap_err();
        assert_eq!(error.kind(), KeytabErrorKind::ComponentCount { counted, most: 16 });
        assert_eq!((error.entry(), error.offset()), (Some(2), Some(sound.len())));
    }
}

#[test]
fn ktb_04_names_of_one_to_sixteen_components_are_read() {
    for count in [1, 2, 16] {
        let long = Entry { components: (0..count).map(|n| format!("c{n}")).collect(), ..entry(18) };
        for layout in LAYOUTS {
            let keytab = Keytab::from_bytes(&layout.file(core::slice::from_ref(&long))).unwrap();
            assert_eq!(keytab.entries()[0].principal().components().count(), count, "{layout:?}");
        }
    }
}

#[test]
fn ktb_04_a_record_that_ends_inside_a_field_names_the_field() {
    let body = Layout::V2.body(&entry(18));
    // The name is count, realm "R", "HTTP" and "web": 2, 3, 6 and 5 octets.
    for (length, field) in [
        (1, KeytabField::ComponentCount),
        (3, KeytabField::Realm),
        (4, KeytabField::Realm),
        (6, KeytabField::Component),
        (10, KeytabField::Component),
        (15, KeytabField::Component),
        (19, KeytabField::NameType),
        (23, KeytabField::Timestamp),
        (24, KeytabField::Kvno),
        (26, KeytabField::Enctype),
        (28, KeytabField::Key),
        (60, KeytabField::Key),
    ] {
        let file = with_record(i32::try_from(length).unwrap(), &body[..length]);
        assert_eq!(refusal(&file), KeytabErrorKind::EndsInside(field), "{length}");
    }
    assert_eq!(body.len(), 61);
}

#[test]
fn ktb_05_the_three_layouts_of_the_same_entries_are_read_alike() {
    let entries = [
        entry(18),
        Entry { kvno32: Some(70_000), ..entry(17) },
        Entry { components: vec!["alice".into()], realm: "EXAMPLE.COM", kvno: 0, timestamp: u32::MAX, ..entry(1) },
        // As long as it takes for a size that is 256 in one order and 65,536 in the other.
        Entry { rest: vec![0; 256 - 39], ..entry(99) },
    ];
    let [little, big, v2] = LAYOUTS.map(|layout| Keytab::from_bytes(&layout.file(&entries)).unwrap());
    let all = |keytab: &Keytab| keytab.entries().iter().map(facts).collect::<Vec<_>>();
    assert_eq!(all(&v2).len(), 4);
    assert_eq!(all(&little), all(&v2));
    assert_eq!(all(&big), all(&v2));
    assert_eq!(little.entries()[0].principal().name_type(), NameType::NT_UNKNOWN);
    assert_eq!(v2.entries()[0].principal().name_type(), NameType::NT_SRV_HST);
    assert_eq!(little.entries()[2].timestamp().unix_seconds(), i64::from(u32::MAX));
}

#[test]
fn ktb_05_a_component_count_of_zero_or_of_the_realm_alone_is_refused_in_0501() {
    for layout in [Layout::V1Little, Layout::V1Big] {
        let file = |counted: u8| {
            let mut body = layout.body(&entry(18));
            body[..2].copy_from_slice(&if layout == Layout::V1Big { [0, counted] } else { [counted, 0] });
            let mut file = layout.empty();
            layout.put_record(&mut file, i32::try_from(body.len()).unwrap(), &body);
            Keytab::from_bytes(&file)
        };
        assert!(file(0).is_err() && file(1).is_err(), "{layout:?}");
        assert_eq!(file(3).unwrap().entries()[0].principal(), &principal("HTTP/web@R"), "{layout:?}");
    }
    let mut body = Layout::V1Little.body(&entry(18));
    body[..2].copy_from_slice(&[0, 0]);
    let mut file = Layout::V1Little.empty();
    Layout::V1Little.put_record(&mut file, i32::try_from(body.len()).unwrap(), &body);
    assert_eq!(refusal(&file), KeytabErrorKind::ComponentCount { counted: 0, most: 17 });
}

#[test]
fn ktb_05_a_0501_file_that_is_only_holes_in_the_other_order_is_read_in_the_order_with_entries() {
    for layout in [Layout::V1Little, Layout::V1Big] {
        // A size of 65,535 is a hole of 65,536 in the other order, and the zeros behind it end both readings.
        let padding = vec![0; 65_535 - layout.body(&entry(18)).len()];
        let mut file = layout.file(&[Entry { rest: padding, ..entry(18) }]);
        file.extend([0; 5]);
        assert_eq!(Keytab::from_bytes(&file).unwrap().entries().len(), 1, "{layout:?}");
    }
}

#[test]
fn ktb_05_a_broken_0501_file_is_explained_in_the_order_that_got_further() {
    for layout in [Layout::V1Little, Layout::V1Big] {
        let mut file = layout.file(&[entry(18), entry(17)]);
        let end = file.len();
        layout.put_record(&mut file, 300, &[0; 10]);
        let error = Keytab::from_bytes(&file).unwrap_err();
        assert_eq!(error.kind(), KeytabErrorKind::EntryPastEnd { octets: 300, left: 10 }, "{layout:?}");
        assert_eq!((error.entry(), error.offset()), (Some(3), Some(end)), "{layout:?}");
    }
}

#[test]
fn ktb_06_the_32_bit_kvno_counts_where_it_is_there_and_not_zero() {
    let kvno = |kvno, kvno32, rest: &[u8]| {
        let file = Layout::V2.file(&[Entry { kvno, kvno32, rest: rest.to_vec(), ..entry(18) }]);
        Keytab::from_bytes(&file).unwrap().entries()[0].kvno()
    };
    assert_eq!(kvno(2, None, &[]), 2, "absent");
    assert_eq!(kvno(2, Some(3), &[]), 3, "different from the octet");
    assert_eq!(kvno(1, Some(257), &[]), 257, "above the octet's range");
    assert_eq!(kvno(2, Some(0), &[]), 2, "zero");
    assert_eq!(kvno(0, Some(0), &[]), 0, "a kvno of zero stays zero");
    assert_eq!(kvno(0, None, &[]), 0, "a kvno of zero stays zero");
    assert_eq!(kvno(2, Some(u32::MAX), &[0, 0, 0, 1]), u32::MAX, "with flags behind it");
    assert_eq!(kvno(2, None, &[9, 9, 9]), 2, "three octets are no kvno");
}

#[test]
fn ktb_07_a_key_of_the_wrong_length_is_carried_unusable_and_named_in_a_warning() {
    for found in [0, 16, 31, 33] {
        let wrong = Entry { key: vec![0xa5; found], ..entry(18) };
        let keytab = read(&[entry(17), wrong, entry(18)]);
        let [_, unusable, usable] = keytab.entries() else { panic!("three entries") };
        assert_eq!(unusable.key_problem(), Some(KeyProblem::Length { expected: 32, found }));
        assert!(unusable.key().is_none());
        assert_eq!(usable.key().map(|key| key.as_octets().len()), Some(32));
        let kinds: Vec<_> = keytab.warnings().iter().map(|warning| warning.kind().clone()).collect();
        let (principal, enctype) = (principal("HTTP/web@R"), Enctype::AES256_CTS_HMAC_SHA1_96);
        assert_eq!(kinds, [KeytabWarningKind::KeyLength { principal, enctype, number: 2, expected: 32, found }]);
    }
}

#[test]
fn ktb_07_keys_of_equal_length_are_told_apart_by_enctype() {
    let keytab = read(&[entry(20)]);
    let name = principal("HTTP/web@R");
    assert_eq!(keytab.lookup(&name, Enctype::AES256_CTS_HMAC_SHA1_96).count(), 0);
    assert_eq!(keytab.lookup(&name, Enctype::AES256_CTS_HMAC_SHA384_192).count(), 1);
}

#[test]
fn ktb_10_every_kvno_is_found_in_file_order_with_its_timestamp() {
    let at = |kvno, timestamp| Entry { kvno, timestamp, ..entry(18) };
    let name = principal("HTTP/web@R");
    for (first, second) in [(at(255, 10), at(1, 20)), (at(1, 10), at(255, 20))] {
        let keytab = read(&[first.clone(), second.clone()]);
        let found: Vec<_> = keytab
            .lookup(&name, Enctype::AES256_CTS_HMAC_SHA1_96)
            .map(|entry| (entry.kvno(), entry.timestamp().unix_seconds()))
            .collect();
        assert_eq!(found, [(u32::from(first.kvno), 10), (u32::from(second.kvno), 20)]);
        for (kvno, count) in [(255, 1), (1, 1), (257, 0), (0, 0)] {
            assert_eq!(keytab.lookup_kvno(&name, kvno, Enctype::AES256_CTS_HMAC_SHA1_96).count(), count, "{kvno}");
        }
    }
}

#[test]
fn ktb_11_different_keys_of_one_name_enctype_and_kvno_are_all_kept_in_file_order() {
    let keyed = |octet| Entry { key: vec![octet; 32], ..entry(18) };
    let keytab = read(&[keyed(3), entry(17), keyed(1), keyed(3), keyed(2)]);
    let name = principal("HTTP/web@R");
    let keys: Vec<_> = keytab
        .lookup_kvno(&name, 1, Enctype::AES256_CTS_HMAC_SHA1_96)
        .filter_map(KeytabEntry::key)
        .map(|key| key.as_octets()[0])
        .collect();
    assert_eq!(keys, [3, 1, 3, 2]);
    assert_eq!(keytab.entries_of(&name).map(KeytabEntry::number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn ktb_17_no_debug_output_or_message_shows_a_key() {
    let secret = [0xab, 0xcd, 0xef, 0x67].repeat(8);
    let keytab = read(&[
        Entry { key: secret.clone(), ..entry(18) },
        Entry { key: secret.clone(), ..entry(99) },
        Entry { key: secret, ..entry(17) },
    ]);
    let name = principal("HTTP/web@R");
    let warnings: String = keytab.warnings().iter().map(ToString::to_string).collect();
    let shown = format!("{keytab:?} {keytab:#?} {:?} {warnings}", keytab.entries_of(&name)).to_lowercase();
    assert!(shown.contains("http/web@r"));
    for trace in ["abcd", "171, 205", "ab, cd", "0xab", "\\xab", "171,\n"] {
        assert!(!shown.contains(trace), "{trace}");
    }
}

#[test]
fn files_that_are_no_keytab_say_what_they_are() {
    assert_eq!(refusal(b""), KeytabErrorKind::Empty);
    for octets in [&b"\x05"[..], b"\x05\x03", b"\x05\x00", b"\x04\x02", b"\x02\x05", b"-----BEGIN", b"BQ=="] {
        assert_eq!(refusal(octets), KeytabErrorKind::NotAKeytab, "{octets:?}");
    }
    assert_eq!(refusal(b"BQIAAABL"), KeytabErrorKind::Base64);
    assert_eq!(refusal(b"BQEAAABL"), KeytabErrorKind::Base64);
    for layout in LAYOUTS {
        assert!(Keytab::from_bytes(&layout.empty()).unwrap().is_empty(), "the version alone is a keytab");
    }
}

#[test]
fn every_cut_but_one_between_two_records_is_refused() {
    let entries = [entry(18), Entry { kvno32: Some(7), ..entry(17) }, entry(1), entry(23)];
    for layout in LAYOUTS {
        let file = layout.file(&entries);
        let ends: Vec<_> = (0..=entries.len()).map(|count| layout.file(&entries[..count]).len()).collect();
        for length in 0..=file.len() {
            let read = Keytab::from_bytes(&file[..length]).map(|keytab| keytab.entries().len());
            assert_eq!(read.ok(), ends.iter().position(|end| *end == length), "{layout:?} cut at {length}");
        }
    }
}

#[test]
fn lookups_compare_realm_and_components_octet_by_octet() {
    let keytab = read(&[entry(18)]);
    let aes256 = Enctype::AES256_CTS_HMAC_SHA1_96;
    assert_eq!(keytab.lookup(&principal("HTTP/web@R").with_name_type(NameType::NT_PRINCIPAL), aes256).count(), 1);
    for other in ["http/web@R", "HTTP/web@r", "HTTP@R", "HTTP/web/x@R", "HTTPw/eb@R", "web/HTTP@R", r"HTTP\/web@R"] {
        assert_eq!(keytab.lookup(&principal(other), aes256).count(), 0, "{other}");
        assert_eq!(keytab.entries_of(&principal(other)).count(), 0, "{other}");
    }
    let borrowed = [b"HTTP".as_slice(), b"web"];
    assert_eq!(keytab.lookup_name(b"R", borrowed.into_iter(), aes256).count(), 1);
    assert_eq!(keytab.lookup_name(b"R", borrowed.into_iter().rev(), aes256).count(), 0);
}

#[test]
fn each_of_ten_thousand_entries_is_found_and_no_other() {
    let hosts = |host: usize| vec!["HTTP".into(), format!("web{host}")];
    let entries: Vec<_> = (0..10_000_u32)
        .map(|n| Entry {
            components: hosts(usize::try_from(n / 5).unwrap()),
            enctype: [17, 18, 19, 20, 23][usize::try_from(n % 5).unwrap()],
            ..entry(99)
        })
        .map(|plain| Entry { key: entry(plain.enctype).key, kvno32: Some(9), ..plain })
        .collect();
    let keytab = read(&entries);
    assert_eq!((keytab.entries().len(), keytab.principals().count(), keytab.warnings().len()), (10_000, 2_000, 0));
    for entry in keytab.entries() {
        let (name, enctype) = (entry.principal(), entry.enctype());
        assert_eq!(keytab.lookup(name, enctype).map(KeytabEntry::number).collect::<Vec<_>>(), [entry.number()]);
        assert_eq!(keytab.lookup_kvno(name, 9, enctype).map(KeytabEntry::number).collect::<Vec<_>>(), [entry.number()]);
        assert_eq!(keytab.lookup_kvno(name, 8, enctype).count(), 0);
        assert_eq!(keytab.entries_of(name).count(), 5);
    }
    assert_eq!(keytab.lookup(&principal("HTTP/web2000@R"), Enctype::RC4_HMAC).count(), 0);
}

#[test]
fn one_of_ten_thousand_versions_is_found_and_no_other() {
    let entries: Vec<_> = (1..=10_000).map(|kvno| Entry { kvno32: Some(kvno), ..entry(18) }).collect();
    let (keytab, name) = (read(&entries), principal("HTTP/web@R"));
    for kvno in 1..=10_000 {
        let found: Vec<_> = keytab.lookup_kvno(&name, kvno, Enctype::AES256_CTS_HMAC_SHA1_96).collect();
        assert_eq!(found.iter().map(|entry| entry.kvno()).collect::<Vec<_>>(), [kvno]);
    }
    assert_eq!(keytab.lookup(&name, Enctype::AES256_CTS_HMAC_SHA1_96).count(), 10_000);
}

#[test]
fn merged_keytabs_hold_the_entries_and_warnings_of_both() {
    let named = |name: &str| Entry { components: vec![name.into()], ..entry(18) };
    let mut keytab = read(&[named("a"), named("b")]);
    keytab.merge(read(&[named("b"), Entry { key: vec![1], ..named("c") }]));
    assert_eq!(keytab.principals().map(ToString::to_string).collect::<Vec<_>>(), ["a@R", "b@R", "c@R"]);
    assert_eq!((keytab.entries().len(), keytab.warnings().len()), (4, 1));
    assert_eq!(keytab.lookup(&principal("b@R"), Enctype::AES256_CTS_HMAC_SHA1_96).count(), 2);
    assert_eq!(keytab.entries_of(&principal("c@R")).count(), 1);
}

#[test]
fn messages_say_what_is_wrong_and_where() {
    let message = |octets: &[u8]| Keytab::from_bytes(octets).unwrap_err().to_string();
    assert_eq!(message(b""), "keytab is empty");
    assert_eq!(message(b"PK"), "keytab is not a keytab: it does not begin with the octets 05 01 or 05 02");
    assert_eq!(message(b"BQIA"), "keytab is base64 text: decode it first");
    assert_eq!(message(b"\x05\x02\x00"), "keytab: entry 1 at offset 2 is cut off inside its size");
    for (size, said) in [
        (9, "has a size of 9 octets, and the file ends after 3"),
        (-9, "is a hole of 9 octets, and the file ends after 3"),
        (3, "ends inside its realm"),
    ] {
        assert_eq!(message(&with_record(size, &[0, 1, 0])), format!("keytab: entry 1 at offset 2 {said}"));
    }
    assert_eq!(
        message(&with_record(3, &[0, 0, 0])),
        "keytab: entry 1 at offset 2 counts 0 components, and a name has at least one and at most 16 are counted"
    );
    let warnings = read(&[Entry { key: vec![1; 9], ..entry(18) }]).warnings()[0].to_string();
    assert_eq!(
        warnings,
        "keytab has in entry 1, HTTP/web@R, a key of 9 octets, and aes256-cts-hmac-sha1-96 (18) needs 32"
    );
}
