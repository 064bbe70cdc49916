//! The keys of one moment: those of the keytab, and those that retire.

use super::held::{HeldEntries, HeldEntry};
use super::set::KeySet;
use super::{Layout, ServiceName};
use crate::acceptor::spn::NameCase;
use crate::messages::Ticket;
use crate::time::Timestamp;
use alloc::sync::Arc;

/// The keys of one moment. Each change makes another ring, and no ring ever changes.
pub(in crate::acceptor) struct KeyRing {
    current: Arc<KeySet>,
    retired: Option<Retired>,
}

struct Retired {
    keys: KeySet,
    /// When the last of them is gone.
    until: Timestamp,
}

impl KeyRing {
    pub(super) fn new(held: &HeldEntries, layout: Layout<'_>) -> Self {
        Self::around(Arc::new(KeySet::new(&held.current, layout)), &held.retired, layout)
    }

    /// With the same keys of the keytab, and others that retire.
    #[cfg(feature = "std")]
    pub(super) fn with_retired(&self, retired: &[HeldEntry], layout: Layout<'_>) -> Self {
        Self::around(Arc::clone(&self.current), retired, layout)
    }

    fn around(current: Arc<KeySet>, retired: &[HeldEntry], layout: Layout<'_>) -> Self {
        let until = retired.iter().filter_map(|held| held.mark.until).max();
        Self { current, retired: until.map(|until| Retired { keys: KeySet::new(retired, layout), until }) }
    }

    /// The keys of the keytab.
    pub(in crate::acceptor) fn current(&self) -> &KeySet {
        &self.current
    }

    /// The keys that retire, if any of them still opens tickets.
    pub(in crate::acceptor) fn retired_at(&self, now: Timestamp) -> Option<&KeySet> {
        self.retired.as_ref().filter(|retired| now <= retired.until).map(|retired| &retired.keys)
    }

    /// Whether a ticket of this name, and no other, is for a key that is allowed.
    pub(in crate::acceptor) fn serves(&self, ticket: &Ticket<'_>, (case, now): (NameCase, Timestamp)) -> bool {
        let serves = |keys: &KeySet| keys.serves(ticket.realm, &ticket.sname, (case, now));
        serves(&self.current) || self.retired_at(now).is_some_and(serves)
    }

    /// All names that tickets may have at that time.
    pub(in crate::acceptor) fn names_at(&self, now: Timestamp) -> impl Iterator<Item = &ServiceName> {
        self.current.names_at(now).chain(self.retired_at(now).into_iter().flat_map(move |keys| keys.names_at(now)))
    }
}
