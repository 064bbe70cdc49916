//! The store in the memory of one process.

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::shard::{KeyHasher, Place, Shard};
use super::{ReplayKey, ReplayStore, ReplayStoreError, Seen};
use crate::shards::Shards;
use crate::time::Timestamp;

/// Enough that two threads rarely want one lock at once, and few enough that an idle store holds a few KiB.
const SHARDS: usize = 64;

/// Remembers authenticators in the memory of this process, in parts with a lock each, up to a bound for the whole.
///
/// Share one store among all acceptors of a key, in an [`Arc`](alloc::sync::Arc). What it cannot do for other processes
/// and across restarts stands in the [module's table](super#what-a-store-protects-and-what-it-does-not).
///
/// - **Time.** A login takes one lock and one look-up; it allocates only when a part outgrows its past. Each call first
///   removes what expired in its own part, so no call looks through live entries and no thread cleans in the background.
/// - **Bound.** At the bound, expired entries of all parts make room; if there are none, new keys are refused with
///   [`ReplayStoreError::Full`] and known ones are still replays. The bound holds for the whole, however the keys fall.
/// - **Memory.** 64 octets per entry, up to two and a half times that with the slack of tables that grow by doubling. After
///   a burst, each part gives back what it no longer needs at its next call.
/// - **Clock.** An entry is alive as long as the caller's `now` is not later than its `keep_until`. A clock that goes
///   back frees nothing.
/// - **A panic inside** leaves that part in doubt. It answers [`ReplayStoreError::Failed`] from then on: a table that may
///   have lost an entry must not say "fresh".
pub struct MemoryReplayStore {
    shards: Shards<Shard, SHARDS>,
    hasher: KeyHasher,
    room: Room,
}

impl MemoryReplayStore {
    /// The bound of [`MemoryReplayStore::default`]: 2²⁰ entries, at most 130 MiB when all are in use.
    ///
    /// With the usual skew of 300 s an entry lives 600 to 900 s ([`keep_until`](super::keep_until)), so this holds
    /// 2²⁰ / 900 s ≈ 1,160 logins per second for ever, and 1,740 where the clients' clocks are not ahead. A server with
    /// ten logins per second uses about one MiB of it. Anyone with a valid ticket can present new authenticators without
    /// end: a lower bound saves memory and is reached sooner by such a client.
    pub const DEFAULT_MAX_ENTRIES: usize = 1 << 20;

    /// An empty store for at most that many entries. With none, every login is refused.
    #[must_use]
    pub fn new(max_entries: usize) -> Self {
        let room = Room { taken: AtomicUsize::new(0), max_entries };
        Self { shards: Shards::new(), hasher: KeyHasher::default(), room }
    }

    /// How many entries are held, those included that expired and were not yet come across.
    #[must_use]
    pub fn len(&self) -> usize {
        self.room.taken.load(Ordering::Relaxed)
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bound.
    #[must_use]
    pub const fn max_entries(&self) -> usize {
        self.room.max_entries
    }

    /// The shard of a hash. A table uses the lowest and the highest bits, so the shard comes from the middle.
    fn shard(&self, hash: u64) -> &Mutex<Shard> {
        let [_, _, _, octet, ..] = hash.to_le_bytes();
        self.shards.of(octet)
    }

    /// Answers out of one shard, or `None`: the key is new to it and there is no room.
    fn ask(&self, key: &ReplayKey, now: Timestamp, keep_until: Timestamp) -> Result<Option<Seen>, ReplayStoreError> {
        let hash = self.hasher.hash(key);
        let mut shard = lock(self.shard(hash))?;
        let freed = shard.expire(now, &self.hasher);
        let (seen, left) = match shard.place(key, hash, &self.hasher) {
            Place::Taken { first_seen } => (Some(Seen::Replay { first_seen }), freed),
            // In a steady flow one entry goes for each that comes, and the count that all threads share is not touched.
            Place::Vacant(vacant) if freed > 0 || self.room.take() => {
                vacant.insert(now, keep_until);
                (Some(Seen::Fresh), freed.saturating_sub(1))
            }
            Place::Vacant(_) => (None, 0),
        };
        self.room.give_back(left);
        Ok(seen)
    }

    /// Removes what expired in every shard, one lock after the other. A shard in doubt keeps what it has.
    fn expire_everywhere(&self, now: Timestamp) {
        for shard in self.shards.iter() {
            if let Ok(mut shard) = lock(shard) {
                self.room.give_back(shard.expire(now, &self.hasher));
            }
        }
    }
}

fn lock(shard: &Mutex<Shard>) -> Result<MutexGuard<'_, Shard>, ReplayStoreError> {
    shard.lock().map_err(|_| ReplayStoreError::failed("a thread panicked while it changed the store"))
}

impl ReplayStore for MemoryReplayStore {
    /// As the trait says. A `keep_until` before `now` counts as `now`.
    fn check_and_insert(
        &self,
        key: &ReplayKey,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Seen, ReplayStoreError> {
        let keep_until = keep_until.max(now);
        if let Some(seen) = self.ask(key, now, keep_until)? {
            return Ok(seen);
        }
        // No lock is held between the two questions, so the key may come in by another thread: ask all of it again.
        self.expire_everywhere(now);
        self.ask(key, now, keep_until)?.ok_or(ReplayStoreError::Full { entries: self.room.max_entries })
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new(Self::DEFAULT_MAX_ENTRIES)
    }
}

/// How full it is, without the keys.
impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore")
            .field("len", &self.len())
            .field("max_entries", &self.max_entries())
            .finish_non_exhaustive()
    }
}

/// The bound for all shards together. A bound for each would refuse early where keys fall unevenly.
///
/// The count orders nothing but itself, what it counts is under the locks: relaxed order is enough.
struct Room {
    taken: AtomicUsize,
    max_entries: usize,
}

impl Room {
    /// Takes room for one entry, unless all is taken.
    fn take(&self) -> bool {
        let more = |taken: usize| taken.checked_add(1).filter(|taken| *taken <= self.max_entries);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, entries: usize) {
        if entries > 0 {
            self.taken.fetch_sub(entries, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::Enctype;

    fn key(number: u32) -> ReplayKey {
        ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &number.to_be_bytes())
    }

    #[test]
    fn a_shard_in_doubt_answers_nothing_and_the_others_go_on() {
        let (now, later) = (Timestamp::from_unix_micros(0), Timestamp::from_unix_micros(1));
        let store = MemoryReplayStore::new(1_000);
        let broken = store.shard(store.hasher.hash(&key(0)));
        std::thread::scope(|scope| {
            let panicking = scope.spawn(|| {
                let _held = broken.lock().unwrap();
                std::panic::resume_unwind(alloc::boxed::Box::new("a bug in the store"));
            });
            panicking.join().unwrap_err();
        });

        let mut fresh = 0;
        for number in 0..1_000 {
            let healthy = !core::ptr::eq(broken, store.shard(store.hasher.hash(&key(number))));
            match store.check_and_insert(&key(number), now, later) {
                Ok(Seen::Fresh) if healthy => fresh += 1,
                Err(ReplayStoreError::Failed(_)) if !healthy => {}
                other => panic!("key {number}, healthy {healthy}: {other:?}"),
            }
        }
        assert!((900..1_000).contains(&fresh), "{fresh}");
        assert_eq!(store.len(), fresh);
    }

    #[test]
    fn keys_fall_to_all_shards_evenly() {
        let store = MemoryReplayStore::new(0);
        let mut keys_of = std::collections::HashMap::new();
        for number in 0..64_000 {
            *keys_of.entry(core::ptr::from_ref(store.shard(store.hasher.hash(&key(number))))).or_insert(0) += 1;
        }
        assert_eq!(keys_of.len(), SHARDS);
        assert!(keys_of.values().all(|keys| (700..1_400).contains(keys)), "{:?}", keys_of.values());
    }
}
