//! Keytabs: a file of long-term keys, to the key that a ticket asks for.
//!
//! Layer 2. A keytab comes in as octets ([`Keytab::from_bytes`]) or through the thin shell that opens files
//! (`from_file`, `from_dir`); the acceptor asks it for the entries of a ticket's service name and enctype. Both versions
//! of the format are read, 0x0502 and the older 0x0501, the latter in either byte order; 0x0502 is written.
//!
//! **What is refused, and what is carried.** Whatever breaks the structure refuses the whole file, with the entry and
//! its offset, because octets behind a broken record cannot be trusted to be entries: a record or hole that reaches past
//! the end (any cut but one between two records), a record that ends inside one of its fields, a name without components
//! or with more than 16 ([`KeytabErrorKind`] lists them all). Whatever makes one key useless is carried with its entry,
//! and the other entries stay usable: an enctype that is unknown, weak or not built in is a [`KeyProblem`], and so is a
//! key whose length does not fit its enctype, which is a [`KeytabWarning`] besides.
//!
//! **What it costs.** Reading is linear in the octets. Each lookup is one hash and one chain, whatever the number of
//! entries, and allocates nothing. Keys are zeroized on drop, and no `Debug` or message shows one.
//!
//! *Q1: which byte order has a 0x0501 file? It says "native", and does not say whose. A: the one in which its structure
//! is sound. No record is sound in both, because a name has 1 to 16 components, and a small number read backwards is
//! at least 256.*
//!
//! *Q2: which kvno counts, the octet or the 32 bits that may follow the key? A: the latter where present and not zero.
//! Further octets (Heimdal's flags) are ignored.*
//!
//! *Q3: what is a record size of zero? A: the end of the entries, as for MIT krb5, which fills with zeros. If anything
//! but zeros follows, a [`KeytabWarningKind::OctetsAfterEnd`] says that it was not read.*
//!
//! *Q4: what of a file that is cut? MIT krb5 reads the entries before the cut and says nothing. A: it is refused, so that a
//! reload in the middle of a write keeps the old keys. Only a cut between two records cannot be seen.*
//!
//! **And back.** A keytab is changed in memory ([`Keytab::add`], [`merge_missing`](Keytab::merge_missing),
//! [`remove`](Keytab::remove)) with entries that were read or made, of a key or of a password and its salt
//! ([`KeytabEntry::new`], [`from_password`](KeytabEntry::from_password)), and becomes a file again as a whole
//! ([`Keytab::to_bytes`], `write_to_file`). Entries that cannot be used here are written as they were read.

mod entry;
mod error;
#[cfg(feature = "std")]
mod file;
mod format;
mod guessable;
mod index;
mod parse;
#[cfg(feature = "std")]
mod replace;
mod source;
mod warning;
mod write;

pub use entry::{KeyProblem, KeytabEntry};
pub use error::{KeytabError, KeytabErrorKind, KeytabField};
pub use guessable::{GuessableKey, LEAST_PASSWORD_CHARACTERS};
pub use index::Entries;
pub use source::KeySource;
#[cfg(feature = "std")]
pub use source::KeytabPaths;
pub use warning::{KeytabWarning, KeytabWarningKind};
pub use write::KeytabOctets;

use crate::numbers::Enctype;
use crate::principal::Principal;
use alloc::vec::Vec;
use index::{Index, Wanted};

/// The keys of a service: entries in file order, found by name, enctype and kvno.
///
/// Names are compared octet by octet, realm included; the name-type is never compared (RFC 4120 §6.2). Entries that
/// are equal in everything are all kept, in file order. The default value has no entries.
#[derive(Debug, Default)]
pub struct Keytab {
    entries: Vec<KeytabEntry>,
    warnings: Vec<KeytabWarning>,
    index: Index,
}

impl Keytab {
    /// Reads a keytab that is in memory, such as one from a secret store.
    ///
    /// A file of the two version octets alone is a keytab without entries. The caller's octets hold keys: zeroizing
    /// them is left to the caller.
    ///
    /// # Errors
    ///
    /// Any [`KeytabErrorKind`] but those of files. The entry and its offset are in the error where an entry is at fault.
    pub fn from_bytes(octets: &[u8]) -> Result<Self, KeytabError> {
        parse::parse(octets)
    }

    /// All entries, in file order, those with unusable keys included.
    #[must_use]
    pub fn entries(&self) -> &[KeytabEntry] {
        &self.entries
    }

    /// What an operator should look at, although the keytab was read.
    #[must_use]
    pub fn warnings(&self) -> &[KeytabWarning] {
        &self.warnings
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries of that principal and enctype, of every kvno, in file order.
    #[must_use]
    pub fn lookup(&self, principal: &Principal, enctype: Enctype) -> Entries<'_> {
        self.lookup_name(principal.realm(), principal.components(), enctype)
    }

    /// The entries of exactly that principal, kvno and enctype, in file order: several, if an account was made anew.
    #[must_use]
    pub fn lookup_kvno(&self, principal: &Principal, kvno: u32, enctype: Enctype) -> Entries<'_> {
        let wanted = Wanted::Kvno { enctype, kvno };
        self.index.lookup(&self.entries, principal.realm(), principal.components(), wanted)
    }

    /// As [`lookup`](Self::lookup), for a name that is still borrowed from a ticket; nothing is allocated.
    pub fn lookup_name<'a>(
        &self,
        realm: &[u8],
        components: impl Iterator<Item = &'a [u8]> + Clone,
        enctype: Enctype,
    ) -> Entries<'_> {
        self.index.lookup(&self.entries, realm, components, Wanted::Enctype { enctype })
    }

    /// The entries of that principal, of every enctype and kvno, in file order.
    #[must_use]
    pub fn entries_of(&self, principal: &Principal) -> Entries<'_> {
        self.index.lookup(&self.entries, principal.realm(), principal.components(), Wanted::Any)
    }

    /// The distinct principals, in the order of their first entries.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> + Clone {
        self.index.first_of_each_name(&self.entries).map(KeytabEntry::principal)
    }

    /// Adds an entry behind the others, whether there is one like it or not.
    pub fn add(&mut self, entry: KeytabEntry) {
        self.warnings.extend(entry.warning());
        self.push(entry);
    }

    /// Adds the entries and warnings of another keytab behind its own.
    pub fn merge(&mut self, other: Self) {
        self.warnings.extend(other.warnings);
        other.entries.into_iter().for_each(|entry| self.push(entry));
    }

    /// As [`merge`](Self::merge), but an entry of which there is a [duplicate](KeytabEntry::is_duplicate_of) is left out.
    /// The entries that were left out.
    pub fn merge_missing(&mut self, other: Self) -> Vec<KeytabEntry> {
        self.warnings.extend(other.warnings.into_iter().filter(|warning| !warning.is_of_an_entry()));
        let mut left_out = Vec::new();
        for entry in other.entries {
            let mut alike = self.lookup_kvno(entry.principal(), entry.kvno(), entry.enctype());
            match alike.any(|present| present.is_duplicate_of(&entry)) {
                true => left_out.push(entry),
                false => self.add(entry),
            }
        }
        left_out
    }

    /// Takes out the entries for which `unwanted` holds. Those that stay keep their order.
    pub fn remove(&mut self, unwanted: impl FnMut(&KeytabEntry) -> bool) -> Vec<KeytabEntry> {
        let (removed, kept): (Vec<_>, Vec<_>) = core::mem::take(&mut self.entries).into_iter().partition(unwanted);
        self.index = Index::default();
        self.warnings.retain(|warning| !warning.is_of_an_entry());
        kept.into_iter().for_each(|entry| self.add(entry));
        removed
    }

    /// The entries themselves, in file order, for whoever holds them on, and the warnings.
    pub(crate) fn into_parts(self) -> (Vec<KeytabEntry>, Vec<KeytabWarning>) {
        (self.entries, self.warnings)
    }

    fn push(&mut self, entry: KeytabEntry) {
        self.entries.push(entry);
        self.index.add_last(&self.entries);
    }
}
