//! What a reload changed, how the keys stand, and which of them are in use: for logs and metrics.

use super::held::HeldEntry;
use crate::acceptor::error::Error;
use crate::keytab::{KeytabEntry, KeytabWarning};
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

/// An entry, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyEntry {
    /// Whose key it is.
    pub principal: Principal,
    /// Its version.
    pub kvno: u32,
    /// Its enctype.
    pub enctype: Enctype,
}

impl KeyEntry {
    pub(super) fn of(entry: &KeytabEntry) -> Self {
        Self { principal: entry.principal().clone(), kvno: entry.kvno(), enctype: entry.enctype() }
    }

    pub(super) fn each<'h>(held: impl IntoIterator<Item = &'h HeldEntry>) -> Vec<Self> {
        held.into_iter().map(|held| Self::of(&held.entry)).collect()
    }
}

impl fmt::Display for KeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kvno {} {}", self.principal, self.kvno, self.enctype)
    }
}

/// What another keytab changed: `1 added, 2 kept, 1 retired, 0 dropped`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct KeyChange {
    /// Entries that were not in the keytab before.
    pub added: Vec<KeyEntry>,
    /// Entries that were in it before, with the same key.
    pub kept: Vec<KeyEntry>,
    /// Entries that are not in it any more, and open tickets until their window ends.
    pub retired: Vec<KeyEntry>,
    /// Entries that open nothing from now on: those whose window has ended; those that are not in the keytab any more, if
    /// there is no window or their key could not be used.
    pub dropped: Vec<KeyEntry>,
    /// What is to be said of the keytab itself.
    pub warnings: Vec<KeytabWarning>,
}

impl KeyChange {
    /// Whether the keys are what they were.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.retired.is_empty() && self.dropped.is_empty()
    }
}

impl fmt::Display for KeyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [added, kept, retired, dropped] = [&self.added, &self.kept, &self.retired, &self.dropped].map(Vec::len);
        write!(f, "{added} added, {kept} kept, {retired} retired, {dropped} dropped")
    }
}

/// How the keys stand: when they were loaded, and whether the last attempt to load others failed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct KeyStatus {
    /// When keys were last loaded and were good, changed or not; of those that the acceptor was made with, when it
    /// [started](crate::AcceptorBuilder::started_at), if it was told.
    pub loaded: Option<Timestamp>,
    /// The last failure, if there ever was one.
    pub last_failure: Option<LoadFailure>,
    /// Whether nothing has succeeded since: then the keys in force are older than what the source should hold.
    pub failing: bool,
}

/// An attempt to load keys that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadFailure {
    /// When.
    pub at: Timestamp,
    /// What the error said.
    pub message: Box<str>,
}

impl KeyStatus {
    pub(super) fn note_success(&mut self, now: Timestamp) {
        self.loaded = Some(now);
        self.failing = false;
    }

    pub(super) fn note_failure(&mut self, now: Timestamp, error: &Error) {
        self.last_failure = Some(LoadFailure { at: now, message: error.to_string().into() });
        self.failing = true;
    }
}

/// How often an entry's key has opened tickets that were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyUse {
    /// The entry.
    pub entry: KeyEntry,
    /// How often, since the entry first came to this acceptor.
    pub accepted: u64,
    /// The acceptor's time at the latest of them.
    pub last_use: Option<Timestamp>,
    /// Until when it opens tickets, if it retires.
    pub retired_until: Option<Timestamp>,
}
