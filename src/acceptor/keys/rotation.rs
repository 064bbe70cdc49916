//! One keytab in place of another: which entries come, stay, retire and go.

use super::change::{KeyChange, KeyEntry};
use super::held::{EntryId, HeldEntries, HeldEntry, Identity, identity_of};
use crate::keytab::{Keytab, KeytabEntry};
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::time::Duration;
use hashbrown::HashSet;

/// What of the held entries is another.
pub(super) struct Rotated {
    pub(super) change: KeyChange,
    pub(super) extent: Extent,
}

/// How much has to be laid out anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Nothing,
    /// Only what retires.
    Retired,
    All,
}

impl HeldEntries {
    /// Holds this keytab's entries in place of those of the last one. What was usable and is missing now retires until the
    /// window ends; what has retired before keeps the end that it had, or is no longer retired if it is back.
    pub(super) fn replace(&mut self, keytab: Keytab, now: Timestamp, window: Duration) -> Rotated {
        let (entries, warnings) = keytab.into_parts();
        let mut change = KeyChange { warnings, ..KeyChange::default() };
        if self.is_same_keytab(&entries) {
            change.kept = KeyEntry::each(&self.current);
            let extent = if self.drop_expired(now, &mut change) { Extent::Retired } else { Extent::Nothing };
            return Rotated { change, extent };
        }
        let before: HashSet<EntryId> = self.current.iter().map(|held| held.mark.id).collect();
        let current = self.take_in(entries);
        let last = core::mem::replace(&mut self.current, current);
        let (kept, added) = self.current.iter().partition::<Vec<_>, _>(|held| before.contains(&held.mark.id));
        (change.kept, change.added) = (KeyEntry::each(kept), KeyEntry::each(added));
        let back: HashSet<EntryId> = self.current.iter().map(|held| held.mark.id).collect();
        self.retired.retain(|held| !back.contains(&held.mark.id));
        self.drop_expired(now, &mut change);
        self.retire(last.into_iter().filter(|held| !back.contains(&held.mark.id)), (now, window), &mut change);
        Rotated { change, extent: Extent::All }
    }

    /// Whether these are the entries of the last keytab, in its order and with its timestamps.
    fn is_same_keytab(&self, entries: &[KeytabEntry]) -> bool {
        let of = |entry| -> (Identity<'_>, _) { (identity_of(entry), entry.timestamp()) };
        self.current.iter().map(|held| of(&held.entry)).eq(entries.iter().map(of))
    }

    fn retire(
        &mut self,
        missing: impl Iterator<Item = HeldEntry>,
        (now, window): (Timestamp, Duration),
        change: &mut KeyChange,
    ) {
        for mut held in missing {
            if held.key.is_none() || window.is_zero() {
                change.dropped.push(KeyEntry::of(&held.entry));
                continue;
            }
            change.retired.push(KeyEntry::of(&held.entry));
            held.mark.until = Some(now.saturating_add(window));
            self.retired.push(held);
        }
    }

    /// Lets go of what no longer opens tickets, and says whether there was any.
    fn drop_expired(&mut self, now: Timestamp, change: &mut KeyChange) -> bool {
        let before = change.dropped.len();
        self.retired.retain(|held| {
            let live = held.mark.is_live(now);
            if !live {
                change.dropped.push(KeyEntry::of(&held.entry));
            }
            live
        });
        change.dropped.len() > before
    }

    /// Lets go of everything that retires.
    pub(super) fn drop_retired(&mut self) -> Vec<KeyEntry> {
        let gone = core::mem::take(&mut self.retired);
        KeyEntry::each(&gone)
    }

    /// What is held, each entry once.
    pub(super) fn distinct(&self) -> impl Iterator<Item = &HeldEntry> {
        let mut seen = HashSet::new();
        self.current.iter().chain(&self.retired).filter(move |held| seen.insert(held.mark.id))
    }
}
