//! Where the keys of an acceptor are swapped: an accept takes what is there, changes wait for each other.

use super::change::{KeyChange, KeyEntry, KeyStatus, KeyUse};
use super::counts::UseCounts;
use super::held::{EntryId, HeldEntries};
use super::ring::KeyRing;
use super::rotation::Extent;
use super::shared::{LoadedRing, SharedRing};
use super::{Layout, Renewal};
use crate::acceptor::error::{Error, ErrorKind, SetupError};
use crate::keytab::{Keytab, KeytabError};
use crate::time::Timestamp;
use alloc::vec::Vec;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The keys of an acceptor, and what becomes of them.
pub(in crate::acceptor) struct KeyStore {
    ring: SharedRing,
    ledger: Mutex<Ledger>,
    /// Held while the source is asked, so that what it said last is what stays. The ledger is free meanwhile.
    asking: Mutex<()>,
    renewal: Renewal,
    counts: UseCounts,
}

/// What changes with the keys.
struct Ledger {
    held: HeldEntries,
    status: KeyStatus,
}

impl KeyStore {
    pub(in crate::acceptor) fn new(
        held: HeldEntries,
        renewal: Renewal,
        loaded: Option<Timestamp>,
        layout: Layout<'_>,
    ) -> Self {
        let ring = SharedRing::new(KeyRing::new(&held, layout));
        let ledger = Mutex::new(Ledger { held, status: KeyStatus { loaded, ..KeyStatus::default() } });
        Self { ring, ledger, asking: Mutex::new(()), renewal, counts: UseCounts::new() }
    }

    /// The keys of this moment.
    pub(in crate::acceptor) fn load(&self) -> LoadedRing {
        self.ring.load()
    }

    /// An entry's key has opened a ticket that is accepted.
    pub(in crate::acceptor) fn count(&self, id: EntryId, now: Timestamp) {
        self.counts.note(id, now);
    }

    /// Asks the source again.
    pub(super) fn reload(&self, now: Timestamp, layout: Layout<'_>) -> Result<KeyChange, Error> {
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = match &self.renewal.source {
            Some(source) => source.load().map_err(Error::from),
            None => Err(ErrorKind::Setup(SetupError::KeySource).into()),
        };
        match loaded {
            Ok(keytab) => self.replace(keytab, now, layout),
            Err(error) => Err(self.refuse(now, error)),
        }
    }

    /// This keytab from now on; its keys are derived before the first accept sees one of them.
    pub(super) fn replace(&self, keytab: Keytab, now: Timestamp, layout: Layout<'_>) -> Result<KeyChange, Error> {
        if keytab.is_empty() {
            return Err(self.refuse(now, KeytabError::without_entries().into()));
        }
        let mut ledger = self.ledger();
        let rotated = ledger.held.replace(keytab, now, self.renewal.window);
        match rotated.extent {
            Extent::Nothing => {}
            Extent::Retired => self.swap_retired(&ledger.held, layout),
            Extent::All => self.swap(KeyRing::new(&ledger.held, layout), &ledger.held),
        }
        ledger.status.note_success(now);
        Ok(rotated.change)
    }

    /// No more window for anything.
    pub(super) fn drop_retired(&self, layout: Layout<'_>) -> Vec<KeyEntry> {
        let mut ledger = self.ledger();
        let dropped = ledger.held.drop_retired();
        if !dropped.is_empty() {
            self.swap_retired(&ledger.held, layout);
        }
        dropped
    }

    pub(super) fn status(&self) -> KeyStatus {
        self.ledger().status.clone()
    }

    pub(super) fn key_use(&self) -> Vec<KeyUse> {
        let ledger = self.ledger();
        let sums = self.counts.sums();
        let uses = ledger.held.distinct().map(|held| {
            let used = sums.get(&held.mark.id);
            KeyUse {
                entry: KeyEntry::of(&held.entry),
                accepted: used.map_or(0, |used| used.accepted),
                last_use: used.map(|used| used.last),
                retired_until: held.mark.until,
            }
        });
        uses.collect()
    }

    fn swap_retired(&self, held: &HeldEntries, layout: Layout<'_>) {
        self.swap(self.load().with_retired(&held.retired, layout), held);
    }

    /// An accept that has begun goes on with the keys that it has; the next one sees these.
    fn swap(&self, ring: KeyRing, held: &HeldEntries) {
        self.ring.store(ring);
        self.counts.keep(&held.distinct().map(|held| held.mark.id).collect());
    }

    fn refuse(&self, now: Timestamp, error: Error) -> Error {
        self.ledger().status.note_failure(now, &error);
        error
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
