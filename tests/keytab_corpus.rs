//! Keytabs of other implementations against the recorded facts, and what becomes of damaged and random ones.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/keytab_octets.rs"]
mod keytab_octets;

use kerbside::Keytab;
use kerbside::keytab::KeytabEntry;
use keytab_octets::{Entry, Layout, entry};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

/// An entry in the shape in which the index of the corpus has it, as far as it is observable.
fn as_facts(entry: &KeytabEntry) -> Value {
    let key: String = entry.key_octets().iter().map(|octet| format!("{octet:02x}")).collect();
    json!({
        "principal": entry.principal().to_string(),
        "name_type": entry.principal().name_type().0,
        "timestamp": entry.timestamp().unix_seconds(),
        "kvno": entry.kvno(),
        "enctype": entry.enctype().0,
        "key": key,
    })
}

#[test]
fn published_keytabs_have_the_recorded_entries() {
    for record in corpus::records("keytab") {
        let (id, expected) = (&record["id"], &record["expected"]);
        let octets = corpus::data(record["file"].as_str().unwrap());
        let read = Keytab::from_bytes(&octets);
        // What MIT krb5 refuses is refused, and the tail that an independent parser could not read is the reason.
        if expected["mit_klist"].is_string() || expected["unparsed_tail"] != 0 {
            println!("{id}: {}", read.expect_err("MIT krb5 refuses it"));
            continue;
        }
        let keytab = read.unwrap_or_else(|error| panic!("{id}: {error}"));
        let recorded = expected["entries"].as_array().unwrap();
        assert_eq!(json!(keytab.entries().len()), expected["count"], "{id}");
        assert_eq!(keytab.entries().len(), recorded.len(), "{id}");
        let mut offset = 2;
        for (entry, recorded) in keytab.entries().iter().zip(recorded) {
            for (field, found) in as_facts(entry).as_object().unwrap() {
                assert_eq!(*found, recorded[field], "{id}, entry {}: {field}", entry.number());
            }
            if expected["holes"] == json!([]) {
                assert_eq!(entry.offset(), offset, "{id}, entry {}", entry.number());
            }
            offset += 4 + usize::try_from(recorded["size"].as_u64().unwrap()).unwrap();
        }
        assert_eq!(keytab.warnings(), [], "{id}");
        check(&keytab);
        println!("{id}: {} entries", recorded.len());
    }
}

/// That a keytab hangs together: each entry is found by its own name, and everything can be shown.
fn check(keytab: &Keytab) {
    for entry in keytab.entries() {
        let (name, enctype) = (entry.principal(), entry.enctype());
        assert!((1..=16).contains(&name.components().count()));
        let found = |mut entries: kerbside::keytab::Entries<'_>| entries.any(|found| core::ptr::eq(found, entry));
        assert!(found(keytab.lookup(name, enctype)));
        assert!(found(keytab.lookup_kvno(name, entry.kvno(), enctype)));
        assert!(found(keytab.entries_of(name)));
        assert_ne!(entry.key().is_some(), entry.key_problem().is_some());
    }
    assert!(keytab.principals().count() <= keytab.entries().len());
    assert!(!format!("{keytab:?}").is_empty());
}

/// The corpus, and the layouts that it lacks.
fn sound_keytabs() -> Vec<Vec<u8>> {
    let entries = [entry(18), Entry { kvno32: Some(300), rest: vec![0, 0, 0, 1], ..entry(17) }, entry(99)];
    let own = [Layout::V1Little, Layout::V1Big, Layout::V2].map(|layout| layout.file(&entries));
    let published = corpus::records("keytab").into_iter().map(|record| corpus::data(record["file"].as_str().unwrap()));
    own.into_iter().chain(published).collect()
}

/// Refused at a place inside the file, or well-formed. Says which.
fn judge(octets: &[u8]) -> bool {
    match Keytab::from_bytes(octets) {
        Ok(keytab) => {
            check(&keytab);
            true
        }
        Err(error) => {
            assert!(error.offset().is_none_or(|offset| offset < octets.len()), "{error}");
            assert!(error.to_string().starts_with("keytab"));
            false
        }
    }
}

#[test]
fn every_cut_of_every_keytab_is_refused_or_leaves_whole_entries() {
    for whole in sound_keytabs() {
        let total = Keytab::from_bytes(&whole).map_or(0, |keytab| keytab.entries().len());
        let accepted = (0..whole.len()).filter(|length| judge(&whole[..*length])).count();
        // One cut behind the version and one behind each entry but the last.
        assert_eq!(accepted, if whole.len() > 2 { total.max(1) } else { 0 });
    }
}

#[test]
fn every_flipped_bit_is_refused_or_leaves_a_well_formed_keytab() {
    for whole in sound_keytabs() {
        let mut accepted = 0;
        for bit in 0..whole.len() * 8 {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            accepted += usize::from(judge(&damaged));
        }
        assert!(accepted < whole.len() * 8, "the version's bits cannot");
    }
}

/// The same cases in every run.
fn same_cases() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(0x0502),
        failure_persistence: None,
        cases: 1_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(same_cases())]

    #[test]
    fn random_octets_are_refused_or_a_well_formed_keytab(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        judge(&octets);
        for version in [1, 2] {
            judge(&[&[5, version], &octets[..]].concat());
        }
    }

    #[test]
    fn random_records_are_refused_or_a_well_formed_keytab(
        version in 1_u8..=2,
        records in proptest::collection::vec((-3_i32..3, proptest::collection::vec(any::<u8>(), 0..60)), 0..6),
    ) {
        let layout = if version == 1 { Layout::V1Little } else { Layout::V2 };
        let mut octets = layout.empty();
        for (error, body) in &records {
            layout.put_record(&mut octets, i32::try_from(body.len()).unwrap() + error, body);
        }
        judge(&octets);
    }

    #[test]
    fn written_entries_are_read_back(
        kvno in any::<u8>(),
        kvno32 in any::<Option<u32>>(),
        timestamp in any::<u32>(),
        enctype in any::<i16>(),
        key in proptest::collection::vec(any::<u8>(), 0..40),
        components in proptest::collection::vec("[ -~]{0,20}", 1..=16),
    ) {
        let written = Entry { components, timestamp, kvno, enctype, key, kvno32, ..entry(18) };
        for layout in [Layout::V1Little, Layout::V1Big, Layout::V2] {
            let keytab = Keytab::from_bytes(&layout.file(core::slice::from_ref(&written))).unwrap();
            let [read] = keytab.entries() else { panic!("one entry") };
            prop_assert!(read.principal().components().eq(written.components.iter().map(String::as_bytes)));
            prop_assert_eq!(read.kvno(), kvno32.filter(|kvno| *kvno != 0).unwrap_or_else(|| u32::from(kvno)));
            prop_assert_eq!(read.timestamp().unix_seconds(), i64::from(timestamp));
            prop_assert_eq!(read.enctype().0, i32::from(enctype));
            prop_assert_eq!(read.key_octets(), &written.key);
        }
    }
}
