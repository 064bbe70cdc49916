//! The entries that an acceptor holds: each key derived once, and each entry known by a number that it keeps over all reloads.

use crate::crypto::UsageKey;
use crate::keytab::{Keytab, KeytabEntry};
use crate::numbers::{Enctype, KeyUsage};
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::sync::Arc;
use alloc::vec::Vec;
use hashbrown::HashMap;

/// What an entry is counted by, for as long as its acceptor lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::acceptor) struct EntryId(u64);

/// What goes with an entry wherever its key is used.
#[derive(Debug, Clone, Copy)]
pub(in crate::acceptor) struct KeyMark {
    pub(in crate::acceptor) id: EntryId,
    /// Until when it opens tickets; `None` for an entry of the keytab.
    pub(in crate::acceptor) until: Option<Timestamp>,
}

impl KeyMark {
    /// Whether it opens tickets at that time: up to the very end of its window.
    pub(in crate::acceptor) fn is_live(self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

/// One entry and its key, ready for tickets.
pub(in crate::acceptor) struct HeldEntry {
    pub(super) entry: KeytabEntry,
    pub(super) mark: KeyMark,
    /// `None` if it cannot be used. Entries with the same key share it.
    pub(super) key: Option<Arc<UsageKey>>,
}

/// What makes two entries one: all but the time at which they were written.
pub(super) type Identity<'e> = (&'e Principal, u32, Enctype, &'e [u8]);

impl HeldEntry {
    pub(super) fn identity(&self) -> Identity<'_> {
        identity_of(&self.entry)
    }
}

pub(super) fn identity_of(entry: &KeytabEntry) -> Identity<'_> {
    (entry.principal(), entry.kvno(), entry.enctype(), entry.key_octets())
}

/// Everything that an acceptor holds.
#[derive(Default)]
pub(in crate::acceptor) struct HeldEntries {
    /// Those of the keytab, in its order.
    pub(super) current: Vec<HeldEntry>,
    /// Those that were in it, in the order in which they retired.
    pub(super) retired: Vec<HeldEntry>,
    next_id: u64,
}

impl HeldEntries {
    /// Those of a keytab.
    pub(in crate::acceptor) fn new(keytab: Keytab) -> Self {
        let mut held = Self::default();
        let entries = keytab.into_parts().0;
        held.current = held.take_in(entries);
        held
    }

    /// Holds these entries. One that is held already keeps its number and its key.
    pub(super) fn take_in(&mut self, entries: Vec<KeytabEntry>) -> Vec<HeldEntry> {
        let marks = self.marks(&entries);
        self.next_id = self.next_id.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        entries.into_iter().zip(marks).map(|(entry, (mark, key))| HeldEntry { entry, mark, key }).collect()
    }

    fn marks(&self, entries: &[KeytabEntry]) -> Vec<(KeyMark, Option<Arc<UsageKey>>)> {
        let mut ids: HashMap<Identity<'_>, EntryId> = HashMap::new();
        let mut keys: HashMap<(Enctype, &[u8]), Arc<UsageKey>> = HashMap::new();
        for held in self.current.iter().chain(&self.retired) {
            ids.insert(held.identity(), held.mark.id);
            if let Some(key) = &held.key {
                keys.insert((held.entry.enctype(), held.entry.key_octets()), Arc::clone(key));
            }
        }
        let numbered = (self.next_id..).zip(entries);
        numbered
            .map(|(number, entry)| {
                let id = *ids.entry(identity_of(entry)).or_insert(EntryId(number));
                let key = entry.key().map(|key| {
                    let shared = keys.entry((key.enctype(), entry.key_octets()));
                    Arc::clone(shared.or_insert_with(|| Arc::new(key.for_usage(KeyUsage::TICKET))))
                });
                (KeyMark { id, until: None }, key)
            })
            .collect()
    }
}
