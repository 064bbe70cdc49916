//! Keytabs of the test realm, written here octet by octet and not by the keytab layer.

use super::keys::EncryptionKey;
use super::realm::{Clock, Realm};
use crate::keytab::{Keytab, KeytabError};
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::KerberosTime;
use alloc::vec::Vec;

/// Whether an entry carries its kvno in 32 bits as well as in 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KvnoTrailer {
    /// It does, as every tool of today writes it.
    #[default]
    Write,
    /// It does not: a kvno above 255 is cut to its low 8 bits.
    Omit,
}

/// A keytab in the making, file format 0x0502. Entries stand in the order in which they were added.
#[derive(Debug, Clone)]
#[must_use = "a keytab builder does nothing until `build` or `to_octets`"]
pub struct KeytabBuilder {
    realm: Realm,
    trailer: KvnoTrailer,
    timestamp: KerberosTime,
    records: Vec<u8>,
}

impl KeytabBuilder {
    pub(super) fn new(realm: Realm) -> Self {
        let timestamp = Clock::START.second();
        Self { realm, trailer: KvnoTrailer::default(), timestamp, records: Vec::new() }
    }

    /// Adds a service's keys of every enctype that this build knows, with kvno [`Realm::KVNO`].
    pub fn service(self, service: &str) -> Self {
        crate::crypto::supported_enctypes().fold(self, |builder, info| builder.key(service, info.enctype, Realm::KVNO))
    }

    /// Adds the key that a service has for an enctype and a kvno.
    pub fn key(self, service: &str, enctype: Enctype, kvno: u32) -> Self {
        let principal = self.realm.principal(service);
        let key = self.realm.service_key(&principal, enctype, kvno);
        self.entry(&principal, kvno, &key)
    }

    /// Adds an entry of any principal with any key: another service's for an alias, or one of the wrong length.
    pub fn entry(mut self, principal: &Principal, kvno: u32, key: &EncryptionKey) -> Self {
        let record = self.record(principal, kvno, key);
        self.records.extend(length_32(&record));
        self.records.extend(record);
        self
    }

    /// Whether the entries that follow carry the 32-bit kvno.
    pub fn kvno_trailer(self, trailer: KvnoTrailer) -> Self {
        Self { trailer, ..self }
    }

    /// The timestamp of the entries that follow; [`Clock::START`] unless set.
    pub fn timestamp(self, timestamp: KerberosTime) -> Self {
        Self { timestamp, ..self }
    }

    /// The file.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        [&[0x05, 0x02], self.records.as_slice()].concat()
    }

    /// The keytab, read from the file.
    ///
    /// # Errors
    ///
    /// [`KeytabError`] if the file is refused: without entries, or with names too long for a keytab.
    pub fn build(&self) -> Result<Keytab, KeytabError> {
        Keytab::from_bytes(&self.to_octets())
    }

    fn record(&self, principal: &Principal, kvno: u32, key: &EncryptionKey) -> Vec<u8> {
        let [.., low_octet] = kvno.to_be_bytes();
        let seconds = u32::try_from(self.timestamp.unix_seconds()).unwrap_or_default();
        let mut record = low_16_bits(principal.components().count()).to_vec();
        push_counted(&mut record, principal.realm());
        principal.components().for_each(|component| push_counted(&mut record, component));
        record.extend(principal.name_type().0.to_be_bytes());
        record.extend(seconds.to_be_bytes());
        record.push(low_octet);
        let [.., high, low] = key.keytype.0.to_be_bytes();
        record.extend([high, low]);
        push_counted(&mut record, &key.keyvalue);
        if self.trailer == KvnoTrailer::Write {
            record.extend(kvno.to_be_bytes());
        }
        record
    }
}

/// Octets behind their length in two octets, as everything of variable length in a keytab.
fn push_counted(record: &mut Vec<u8>, octets: &[u8]) {
    record.extend(low_16_bits(octets.len()));
    record.extend(octets);
}

fn low_16_bits(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes()
}

fn length_32(record: &[u8]) -> [u8; 4] {
    i32::try_from(record.len()).unwrap_or(i32::MAX).to_be_bytes()
}
