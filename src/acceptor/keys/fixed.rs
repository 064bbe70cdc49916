//! Keys that never change: without the feature `std` there is no lock to swap them under.

use super::{EntryId, HeldEntries, KeyRing, Layout, Renewal};
use crate::time::Timestamp;
use core::ops::Deref;

/// The keys of the beginning.
pub(in crate::acceptor) struct KeyStore {
    ring: KeyRing,
}

impl KeyStore {
    /// The source was asked for the last time.
    pub(in crate::acceptor) fn new(
        held: HeldEntries,
        renewal: Renewal,
        _: Option<Timestamp>,
        layout: Layout<'_>,
    ) -> Self {
        drop(renewal.source);
        Self { ring: KeyRing::new(&held, layout) }
    }

    /// The keys of this moment.
    pub(in crate::acceptor) fn load(&self) -> Loaded<'_> {
        Loaded(&self.ring)
    }

    /// Nothing is counted.
    pub(in crate::acceptor) fn count(&self, _: EntryId, _: Timestamp) {}
}

/// Keys that are in use.
pub(in crate::acceptor) struct Loaded<'a>(&'a KeyRing);

impl Deref for Loaded<'_> {
    type Target = KeyRing;

    fn deref(&self) -> &KeyRing {
        self.0
    }
}
