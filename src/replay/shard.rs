//! One part of the memory store: a table of live entries, and the order in which they expire.

use alloc::collections::BinaryHeap;
use alloc::collections::binary_heap::PeekMut;
use core::cmp::Reverse;
use core::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use hashbrown::hash_table::{self, HashTable};

use super::ReplayKey;
use crate::time::Timestamp;

/// Below this many entries, memory is kept rather than given back.
const KEPT_ENTRIES: usize = 64;

/// The hash by which a table files a key, seeded for each store.
///
/// A SHA-256 output needs no further mixing to be spread evenly. But the holder of one valid ticket makes as many
/// authenticators as they like, and can keep those whose keys agree in some twenty bits: enough to crowd one shard and
/// one stretch of its table. Which bits those are depends on a seed that they do not know.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyHasher(DefaultHashBuilder);

impl KeyHasher {
    pub(super) fn hash(&self, key: &ReplayKey) -> u64 {
        self.0.hash_one(key.prefix())
    }
}

/// One remembered authenticator: 48 octets.
struct Entry {
    key: ReplayKey,
    first_seen: Timestamp,
    keep_until: Timestamp,
}

/// When an entry expires, and where it is: 16 octets.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Expiry {
    keep_until: Timestamp,
    hash: u64,
}

/// The live entries whose keys fall to one shard. Every entry has its one expiry in the queue.
///
/// The queue is a heap rather than a ring of one list per second: a heap is exact to the microsecond, does not care in
/// which order clocks tell the times, and allocates only when it grows. Times of expiry come in nearly sorted, so an
/// insertion moves next to nothing; a removal costs the logarithm of the shard.
#[derive(Default)]
pub(super) struct Shard {
    table: HashTable<Entry>,
    queue: BinaryHeap<Reverse<Expiry>>,
}

/// Where a key was found, or where it would go.
pub(super) enum Place<'a> {
    Taken { first_seen: Timestamp },
    Vacant(Vacant<'a>),
}

/// The place in one shard that one absent key would take.
pub(super) struct Vacant<'a> {
    slot: hash_table::VacantEntry<'a, Entry>,
    queue: &'a mut BinaryHeap<Reverse<Expiry>>,
    key: &'a ReplayKey,
    hash: u64,
}

impl Shard {
    /// Removes what expired before `now`, and says how much that was. Whatever remains is alive.
    pub(super) fn expire(&mut self, now: Timestamp, hasher: &KeyHasher) -> usize {
        let before = self.table.len();
        while let Some(first) = self.queue.peek_mut() {
            if first.0.keep_until >= now {
                break;
            }
            let Reverse(expiry) = PeekMut::pop(first);
            // The time is compared too: keys may share a hash, and the other one may be alive.
            if let Ok(entry) = self.table.find_entry(expiry.hash, |entry| {
                entry.keep_until == expiry.keep_until && hasher.hash(&entry.key) == expiry.hash
            }) {
                entry.remove();
            }
        }
        let expired = before.saturating_sub(self.table.len());
        if expired > 0 {
            self.give_memory_back(hasher);
        }
        expired
    }

    /// Where `key` is, or would be.
    pub(super) fn place<'a>(&'a mut self, key: &'a ReplayKey, hash: u64, hasher: &KeyHasher) -> Place<'a> {
        let live = self.table.len();
        if live == self.table.capacity() {
            // Left to itself, the table would double when removed entries, not live ones, have used it up.
            self.resize(live.saturating_add(live / 8).saturating_add(1), hasher);
        }
        match self.table.entry(hash, |entry| entry.key == *key, |entry| hasher.hash(&entry.key)) {
            hash_table::Entry::Occupied(entry) => Place::Taken { first_seen: entry.get().first_seen },
            hash_table::Entry::Vacant(slot) => Place::Vacant(Vacant { slot, queue: &mut self.queue, key, hash }),
        }
    }

    /// After a burst, lets go of what is held in vain. An eighth is in use at most, so the removals pay for the move.
    fn give_memory_back(&mut self, hasher: &KeyHasher) {
        let live = self.table.len();
        if self.table.capacity() > live.max(KEPT_ENTRIES).saturating_mul(8) {
            let kept = live.max(KEPT_ENTRIES).saturating_mul(2);
            self.resize(kept, hasher);
            self.queue.shrink_to(kept);
        }
    }

    /// Moves the entries to a table for that many.
    fn resize(&mut self, capacity: usize, hasher: &KeyHasher) {
        let mut table = HashTable::with_capacity(capacity);
        for entry in self.table.drain() {
            table.insert_unique(hasher.hash(&entry.key), entry, |entry| hasher.hash(&entry.key));
        }
        self.table = table;
    }
}

impl Vacant<'_> {
    /// Remembers the key. The table comes first: should anything fail in between, the entry outlives its time.
    pub(super) fn insert(self, first_seen: Timestamp, keep_until: Timestamp) {
        self.slot.insert(Entry { key: *self.key, first_seen, keep_until });
        self.queue.push(Reverse(Expiry { keep_until, hash: self.hash }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_unix_micros(micros)
    }

    /// Keys that agree in all octets but the last.
    const fn key(last: u8) -> ReplayKey {
        let mut octets = [7; 32];
        octets[31] = last;
        ReplayKey::from_octets(octets)
    }

    fn insert(shard: &mut Shard, hasher: &KeyHasher, key: &ReplayKey, keep_until: Timestamp) {
        match shard.place(key, hasher.hash(key), hasher) {
            Place::Vacant(vacant) => vacant.insert(at(0), keep_until),
            Place::Taken { .. } => panic!("{key:?} is there already"),
        }
    }

    fn holds(shard: &mut Shard, hasher: &KeyHasher, key: &ReplayKey) -> bool {
        matches!(shard.place(key, hasher.hash(key), hasher), Place::Taken { .. })
    }

    #[test]
    fn expiry_takes_the_right_one_of_keys_with_one_hash() {
        let (mut shard, hasher) = (Shard::default(), KeyHasher::default());
        for last in 0..100 {
            insert(&mut shard, &hasher, &key(last), at(i64::from(last)));
        }
        for last in 0..100 {
            assert!(holds(&mut shard, &hasher, &key(last)));
            assert_eq!(shard.expire(at(i64::from(last)), &hasher), 0, "alive at its keep_until");
            assert_eq!(shard.expire(at(i64::from(last) + 1), &hasher), 1);
            assert!(!holds(&mut shard, &hasher, &key(last)));
            assert_eq!(shard.table.len(), shard.queue.len());
        }
    }

    #[test]
    fn entries_that_expire_together_all_go() {
        let (mut shard, hasher) = (Shard::default(), KeyHasher::default());
        // Nearly what the table holds before it grows: many entries lie away from where their hash points.
        for number in 0..14_300 {
            insert(&mut shard, &hasher, &spread_key(number), at(5));
        }
        assert!((14_300..14_400).contains(&shard.table.capacity()));
        assert_eq!(shard.expire(at(5), &hasher), 0);
        assert_eq!(shard.expire(at(6), &hasher), 14_300);
        assert!(shard.queue.is_empty());
    }

    #[test]
    fn sizes_are_as_documented() {
        assert_eq!((size_of::<Entry>(), size_of::<Reverse<Expiry>>()), (48, 16));
    }

    fn spread_key(number: u32) -> ReplayKey {
        ReplayKey::new(crate::numbers::Enctype::RC4_HMAC, &number.to_be_bytes())
    }

    #[test]
    fn memory_does_not_grow_while_entries_come_and_go() {
        let (mut shard, hasher) = (Shard::default(), KeyHasher::default());
        for number in 0..200_000_u32 {
            shard.expire(at(i64::from(number)), &hasher);
            insert(&mut shard, &hasher, &spread_key(number), at(i64::from(number) + 4_095));
        }
        assert_eq!((shard.table.len(), shard.queue.len()), (4_096, 4_096));
        assert!(shard.table.capacity() < 2 * 4_096, "{}", shard.table.capacity());
        assert!(shard.queue.capacity() <= 2 * 4_096, "{}", shard.queue.capacity());
    }

    #[test]
    fn memory_is_given_back_after_a_burst_and_kept_for_a_trickle() {
        let (mut shard, hasher) = (Shard::default(), KeyHasher::default());
        for number in 0..10_000_u32 {
            insert(&mut shard, &hasher, &spread_key(number), at(i64::from(number)));
        }
        shard.expire(at(5_000), &hasher);
        assert!(shard.table.capacity() >= 10_000, "half full is no reason to move");
        shard.expire(at(9_990), &hasher);
        assert_eq!(shard.table.len(), 10);
        assert!(shard.table.capacity() <= 256 && shard.queue.capacity() <= 256);
        assert!(holds(&mut shard, &hasher, &spread_key(9_995)), "moved, not lost");
        let held = shard.table.capacity();
        shard.expire(at(20_000), &hasher);
        assert_eq!((shard.table.len(), shard.table.capacity()), (0, held));
    }
}
