//! The keytab file.
//!
//! What must hold: the number of entries is bounded by the octets, each entry lies in them and is found by its own name, version and
//! enctype, and nothing that is printed holds the octets of a key. What was read can be written, and is then read equal.

use kerbside::Keytab;

/// The least that an entry takes: its size, the number of components, a realm, and a key.
const LEAST_ENTRY: usize = 4;

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    let keytab = match Keytab::from_bytes(octets) {
        Ok(keytab) => keytab,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(error.offset().is_none_or(|offset| offset <= octets.len()), "{error}");
            return;
        }
    };
    assert!(keytab.entries().len() <= octets.len() / LEAST_ENTRY);
    assert_eq!(keytab.is_empty(), keytab.entries().is_empty());
    for entry in keytab.entries() {
        assert!(entry.offset() < octets.len());
        assert_ne!(entry.key().is_some(), entry.key_problem().is_some(), "an entry has a key or says why not");
        let mut found = keytab.lookup_kvno(entry.principal(), entry.kvno(), entry.enctype());
        assert!(found.any(|other| other.number() == entry.number()), "an entry is found by its own name");
        assert!(keytab.lookup(entry.principal(), entry.enctype()).count() >= 1);
    }
    assert!(keytab.warnings().len() <= octets.len());
    let _ = format!("{keytab:?}");
    round_trip(&keytab);
}

fn round_trip(keytab: &Keytab) {
    let written = keytab.to_bytes().expect("what was read has room");
    let again = Keytab::from_bytes(written.as_octets()).expect("what was written is sound");
    assert_eq!(keytab.entries().len(), again.entries().len());
    for (entry, copy) in keytab.entries().iter().zip(again.entries()) {
        assert!(entry.is_duplicate_of(copy));
        assert_eq!(entry.timestamp(), copy.timestamp());
        assert_eq!(entry.principal().name_type(), copy.principal().name_type());
    }
}
