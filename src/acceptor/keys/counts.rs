//! How often each entry was used: counted without threads that wait for each other.

use super::held::EntryId;
use crate::shards::Shards;
use crate::time::Timestamp;
use hashbrown::{HashMap, HashSet};
use std::sync::PoisonError;

/// As many parts as the source of random octets has, for the same reason.
const SHARDS: usize = 32;

/// For how many entries a part makes room when it is first used, so that an accept rarely has to.
const ROOM: usize = 28;

/// How often each entry was used, and when last.
pub(super) struct UseCounts {
    shards: Shards<HashMap<EntryId, Used>, SHARDS>,
}

/// How often, and when last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    pub(super) accepted: u64,
    pub(super) last: Timestamp,
}

impl UseCounts {
    pub(super) fn new() -> Self {
        Self { shards: Shards::new() }
    }

    /// One more.
    pub(super) fn note(&self, id: EntryId, now: Timestamp) {
        let mut counts = self.shards.of_this_thread().lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            counts.reserve(ROOM);
        }
        Used::add(&mut counts, id, Used { accepted: 1, last: now });
    }

    /// All of them together. What is counted meanwhile may be in or not.
    pub(super) fn sums(&self) -> HashMap<EntryId, Used> {
        let mut sums = HashMap::new();
        for shard in self.shards.iter() {
            let counts = shard.lock().unwrap_or_else(PoisonError::into_inner);
            counts.iter().for_each(|(id, used)| Used::add(&mut sums, *id, *used));
        }
        sums
    }

    /// Forgets all entries but these.
    pub(super) fn keep(&self, ids: &HashSet<EntryId>) {
        for shard in self.shards.iter() {
            shard.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| ids.contains(id));
        }
    }
}

impl Used {
    fn add(counts: &mut HashMap<EntryId, Self>, id: EntryId, more: Self) {
        counts
            .entry(id)
            .and_modify(|used| {
                used.accepted = used.accepted.saturating_add(more.accepted);
                used.last = used.last.max(more.last);
            })
            .or_insert(more);
    }
}
