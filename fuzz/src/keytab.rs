//! The keytab file.
//!
//! What must hold: the number of entries is bounded by the octets, each entry lies in them and is found by its own name, version and
//! enctype, and nothing that is printed holds the octets of a key.

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
}
