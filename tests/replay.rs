//! The replay layer: what is a key, how long it lives, and what the memory store answers (steps ).
#![cfg(feature = "std")]

use core::error::Error as _;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Barrier, Mutex};

use kerbside::Timestamp;
use kerbside::numbers::Enctype;
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, ReplayStoreError, Seen, keep_until};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

const SECOND: i64 = 1_000_000;
const SKEW: Duration = Duration::from_secs(300);

const fn at(micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(micros)
}

fn key(number: u64) -> ReplayKey {
    ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &number.to_be_bytes())
}

const fn replay(first_seen: i64) -> Seen {
    Seen::Replay { first_seen: at(first_seen) }
}

fn ask(store: &dyn ReplayStore, number: u64, now: i64, keep_until: i64) -> Seen {
    store.check_and_insert(&key(number), at(now), at(keep_until)).unwrap()
}

fn is_full(store: &dyn ReplayStore, number: u64, now: i64, bound: usize) -> bool {
    let answer = store.check_and_insert(&key(number), at(now), at(now + 1_000 * SECOND));
    matches!(answer, Err(ReplayStoreError::Full { entries }) if entries == bound)
}

// The key.

#[test]
fn the_key_is_sha_256_of_the_enctype_and_the_whole_ciphertext() {
    // SHA-256 of 00 00 00 12 and "abc", computed apart from this crate.
    let expected = "2c5a44fc22a58d4c229bb9b7166dc37d948e66c28175dfd4e0e9628fbd01c9fe";
    let octets = *ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, b"abc").as_octets();
    assert_eq!(octets.map(|octet| format!("{octet:02x}")).concat(), expected);
}

#[test]
fn every_octet_of_the_ciphertext_and_the_enctype_change_the_key() {
    let ciphertext: Vec<u8> = (0..200).collect();
    let mut keys = HashSet::from([ReplayKey::new(Enctype(18), &ciphertext)]);
    for position in 0..ciphertext.len() {
        let mut changed = ciphertext.clone();
        changed[position] ^= 1;
        assert!(keys.insert(ReplayKey::new(Enctype(18), &changed)), "octet {position}");
    }
    for enctype in [17, 19, 20, 23, -18, 0x1200] {
        assert!(keys.insert(ReplayKey::new(Enctype(enctype), &ciphertext)), "enctype {enctype}");
    }
    assert!(!keys.insert(ReplayKey::new(Enctype(18), &ciphertext)), "the same input is the same key");
}

// APR-14
#[test]
fn ciphertexts_that_end_or_begin_in_zeros_are_accepted_once_each() {
    let store = MemoryReplayStore::new(1_000);
    for enctype in [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES128_CTS_HMAC_SHA256_128, Enctype::RC4_HMAC] {
        for zeros in [12, 16, 24] {
            for body in 1..=20_u8 {
                let tail = [vec![body; 40], vec![0; zeros]].concat();
                let head = [vec![0; zeros], vec![body; 40]].concat();
                for ciphertext in [tail, head] {
                    let key = ReplayKey::new(enctype, &ciphertext);
                    assert_eq!(store.check_and_insert(&key, at(5), at(9)).unwrap(), Seen::Fresh);
                    assert_eq!(store.check_and_insert(&key, at(6), at(9)).unwrap(), replay(5));
                }
            }
        }
    }
    assert_eq!(store.len(), 360);
}

// Its life.

#[test]
fn keep_until_counts_from_the_later_of_arrival_and_client_time() {
    let skew = 300 * SECOND;
    for (now, ctime, expected) in [
        (0, 0, 2 * skew),
        (0, skew, 3 * skew),
        (0, -skew, 2 * skew),
        (7, 8, 8 + 2 * skew),
        (8, 7, 8 + 2 * skew),
        (-10 * skew, -11 * skew, -8 * skew),
        (i64::MAX - 1, 0, i64::MAX),
    ] {
        assert_eq!(keep_until(at(now), at(ctime), SKEW), at(expected), "{now} {ctime}");
    }
    assert_eq!(keep_until(at(0), at(0), Duration::MAX), at(i64::MAX));
    assert_eq!(keep_until(at(3), at(4), Duration::ZERO), at(4));
}

// APR-15
#[test]
fn an_authenticator_dated_ahead_is_remembered_as_long_as_it_is_accepted() {
    let (skew, store) = (300 * SECOND, MemoryReplayStore::new(2));
    let (arrival, ctime) = (0, skew);
    let kept = keep_until(at(arrival), at(ctime), SKEW);
    assert_eq!(store.check_and_insert(&key(1), at(arrival), kept).unwrap(), Seen::Fresh);
    assert_eq!(ask(&store, 2, arrival, arrival + 10 * skew), Seen::Fresh);
    for now in [arrival + skew + SECOND, ctime + skew - SECOND, ctime + skew] {
        assert!(is_full(&store, 3, now, 2), "the slots are under pressure");
        assert_eq!(store.check_and_insert(&key(1), at(now), kept).unwrap(), replay(arrival), "{now}");
    }
}

#[test]
fn an_entry_is_alive_at_its_keep_until_and_gone_a_microsecond_later() {
    let store = MemoryReplayStore::new(10);
    assert_eq!(ask(&store, 1, 0, 500), Seen::Fresh);
    assert_eq!(ask(&store, 1, 500, 900), replay(0));
    assert_eq!(ask(&store, 1, 501, 900), Seen::Fresh);
    assert_eq!(ask(&store, 1, 900, 950), replay(501));
}

#[test]
fn a_replay_neither_renews_nor_shortens_the_life_of_its_entry() {
    let store = MemoryReplayStore::new(10);
    assert_eq!(ask(&store, 1, 0, 500), Seen::Fresh);
    assert_eq!(ask(&store, 1, 100, 5_000), replay(0));
    assert_eq!(ask(&store, 1, 200, 201), replay(0));
    assert_eq!(ask(&store, 1, 500, 5_000), replay(0));
    assert_eq!(ask(&store, 1, 501, 5_000), Seen::Fresh);
}

#[test]
fn a_keep_until_in_the_past_counts_as_now() {
    let store = MemoryReplayStore::new(10);
    assert_eq!(ask(&store, 1, 100, 50), Seen::Fresh);
    assert_eq!(ask(&store, 1, 100, 50), replay(100));
    assert_eq!(ask(&store, 1, 101, 50), Seen::Fresh);
}

#[test]
fn a_clock_that_goes_back_frees_nothing() {
    let store = MemoryReplayStore::new(2);
    assert_eq!(ask(&store, 1, 1_000, 2_000), Seen::Fresh);
    assert_eq!(ask(&store, 2, 500, 2_000), Seen::Fresh);
    for now in [999, 0, -5_000, i64::MIN] {
        assert_eq!(ask(&store, 1, now, now.saturating_add(10)), replay(1_000));
        assert_eq!(ask(&store, 2, now, now.saturating_add(10)), replay(500));
    }
    assert!(is_full(&store, 3, -5_000, 2));
    assert_eq!(ask(&store, 2, 2_000, 3_000), replay(500));
    assert_eq!(ask(&store, 3, 2_001, 3_000), Seen::Fresh);
}

#[test]
fn the_ends_of_time_are_times_like_others() {
    let store = MemoryReplayStore::new(10);
    assert_eq!(ask(&store, 1, i64::MIN, i64::MAX), Seen::Fresh);
    assert_eq!(ask(&store, 1, i64::MAX, i64::MAX), replay(i64::MIN));
    assert_eq!(ask(&store, 2, i64::MIN, i64::MIN), Seen::Fresh);
    assert_eq!(ask(&store, 2, i64::MIN, i64::MIN), replay(i64::MIN));
    assert_eq!(ask(&store, 2, i64::MIN + 1, i64::MIN), Seen::Fresh);
}

// The bound.

// APR-18
#[test]
fn a_full_store_refuses_the_new_and_still_knows_the_old() {
    const BOUND: u64 = 1_000;
    let store = MemoryReplayStore::new(1_000);
    for number in 0..BOUND {
        assert_eq!(ask(&store, number, 10, 500), Seen::Fresh, "room up to the bound, however the keys fall");
    }
    for number in BOUND..2 * BOUND {
        assert!(is_full(&store, number, 500, 1_000));
    }
    for number in 0..BOUND {
        assert_eq!(ask(&store, number, 500, 900), replay(10));
    }
    assert_eq!((store.len(), store.max_entries()), (1_000, 1_000));
    for number in BOUND..2 * BOUND {
        assert_eq!(ask(&store, number, 501, 900), Seen::Fresh, "all of the room is back");
    }
    assert!(is_full(&store, 0, 501, 1_000));
}

#[test]
fn one_expired_entry_anywhere_makes_room_for_exactly_one() {
    let store = MemoryReplayStore::new(256);
    for number in 0..256 {
        assert_eq!(ask(&store, number, 0, 1_000 + i64::try_from(number).unwrap()), Seen::Fresh);
    }
    for number in 0..256 {
        let now = 1_000 + i64::try_from(number).unwrap();
        assert!(is_full(&store, 1_000 + number, now, 256));
        assert_eq!(ask(&store, 1_000 + number, now + 1, 9_000), Seen::Fresh);
        assert!(is_full(&store, 2_000 + number, now + 1, 256));
    }
}

#[test]
fn a_bound_of_zero_refuses_all_and_a_bound_of_one_takes_one() {
    assert!(is_full(&MemoryReplayStore::new(0), 1, 0, 0));
    let store = MemoryReplayStore::new(1);
    assert!(store.is_empty());
    assert_eq!(ask(&store, 1, 0, 5), Seen::Fresh);
    assert!(!store.is_empty());
    assert!(is_full(&store, 2, 5, 1));
    assert_eq!(ask(&store, 1, 5, 5), replay(0));
    assert_eq!(ask(&store, 2, 6, 9), Seen::Fresh);
}

// APR-16
#[test]
fn a_million_distinct_authenticators_are_all_fresh() {
    const LOGINS: u64 = 1_000_000;
    let store = MemoryReplayStore::default();
    for number in 0..LOGINS {
        assert_eq!(ask(&store, number, 0, 600 * SECOND), Seen::Fresh);
    }
    assert_eq!(store.len(), 1_000_000);
    for number in (0..LOGINS).step_by(997) {
        assert_eq!(ask(&store, number, 600 * SECOND, 900 * SECOND), replay(0));
    }
}

#[test]
fn a_store_serves_many_times_its_bound_over_time() {
    let store = MemoryReplayStore::new(1_000);
    for number in 0..100_000_u64 {
        let now = i64::try_from(number).unwrap();
        assert_eq!(ask(&store, number, now, now + 999), Seen::Fresh);
        assert!(store.len() <= store.max_entries());
    }
}

// Threads.

type Answer = Result<Seen, ReplayStoreError>;

/// Has 64 threads ask at once, round by round: the answers of each round.
fn at_once(rounds: u32, ask: impl Fn(u32) -> Answer + Sync) -> Vec<Vec<Answer>> {
    let start = Barrier::new(64);
    let one_thread = || -> Vec<Answer> {
        let wait_and_ask = |round| {
            start.wait();
            ask(round)
        };
        (0..rounds).map(wait_and_ask).collect()
    };
    let mut by_thread: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64).map(|_| scope.spawn(one_thread)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().into_iter()).collect()
    });
    (0..rounds).map(|_| by_thread.iter_mut().map(|answers| answers.next().unwrap()).collect()).collect()
}

fn one_is_fresh_and_63_are_replays(answers: &[Answer], at: Timestamp) -> bool {
    let count = |wanted: Seen| answers.iter().filter(|answer| matches!(answer, Ok(seen) if *seen == wanted)).count();
    count(Seen::Fresh) == 1 && count(Seen::Replay { first_seen: at }) == 63
}

// APR-06
#[test]
fn of_64_threads_with_one_key_exactly_one_is_fresh() {
    let store = MemoryReplayStore::new(1_000);
    let rounds = at_once(1_000, |round| store.check_and_insert(&key(round.into()), at(7), at(100)));
    for (round, answers) in rounds.iter().enumerate() {
        assert!(one_is_fresh_and_63_are_replays(answers, at(7)), "round {round}: {answers:?}");
    }
    assert_eq!((rounds.len(), store.len()), (1_000, 1_000));
}

#[test]
fn of_64_threads_with_one_key_for_the_last_slot_exactly_one_is_fresh() {
    // The one slot is taken anew in each round: what the last round put there has just expired, in another shard.
    let store = MemoryReplayStore::new(1);
    let rounds = at_once(300, |round| {
        let now = at(round.into());
        store.check_and_insert(&key(round.into()), now, now)
    });
    for (round, answers) in (0..).zip(&rounds) {
        assert!(one_is_fresh_and_63_are_replays(answers, at(round)), "round {round}: {answers:?}");
    }
    assert_eq!((rounds.len(), store.len()), (300, 1));
}

#[test]
fn threads_with_keys_of_their_own_fill_the_bound_exactly() {
    let (store, full) = (MemoryReplayStore::new(5_000), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (store, full) = (&store, &full);
            scope.spawn(move || {
                for number in 0..1_000 {
                    match store.check_and_insert(&key(thread * 1_000 + number), at(0), at(9)) {
                        Ok(Seen::Fresh) => {}
                        Err(ReplayStoreError::Full { entries: 5_000 }) => _ = full.fetch_add(1, Ordering::Relaxed),
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    assert_eq!((store.len(), full.into_inner()), (5_000, 3_000));
}

// The seam.

/// A store that is out of reach every other time.
#[derive(Default)]
struct Unreliable {
    calls: AtomicUsize,
    seen: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl ReplayStore for Unreliable {
    fn check_and_insert(&self, key: &ReplayKey, now: Timestamp, _: Timestamp) -> Result<Seen, ReplayStoreError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            return Err(ReplayStoreError::failed("connection refused"));
        }
        let mut seen = self.seen.lock().map_err(|_| ReplayStoreError::failed("poisoned"))?;
        Ok(match seen.insert(*key.as_octets(), now) {
            Some(first_seen) => Seen::Replay { first_seen },
            None => Seen::Fresh,
        })
    }
}

#[test]
fn a_store_of_ones_own_works_through_a_trait_object() {
    let store: Arc<dyn ReplayStore> = Arc::new(Unreliable::default());
    assert_eq!(ask(&store, 1, 3, 9), Seen::Fresh);
    let error = store.check_and_insert(&key(1), at(4), at(9)).unwrap_err();
    assert!(matches!(error, ReplayStoreError::Failed(_)));
    assert_eq!(error.source().unwrap().to_string(), "connection refused");
    assert_eq!(ask(&store, 1, 5, 9), replay(3));
}

#[test]
fn acceptors_that_share_a_store_protect_each_other() {
    let shared = Arc::new(MemoryReplayStore::new(10));
    let (one, other): (Arc<dyn ReplayStore>, Arc<dyn ReplayStore>) = (shared.clone(), shared);
    assert_eq!(ask(&one, 1, 0, 9), Seen::Fresh);
    assert_eq!(ask(&other, 1, 1, 9), replay(0));
    let separate = MemoryReplayStore::new(10);
    assert_eq!(ask(&separate, 1, 1, 9), Seen::Fresh);
}

#[test]
fn messages_and_debug_forms_say_what_an_operator_needs_and_no_keys() {
    let store = MemoryReplayStore::new(1);
    assert_eq!(ask(&store, 1, 0, 9), Seen::Fresh);
    let full = store.check_and_insert(&key(2), at(0), at(9)).unwrap_err();
    assert_eq!(full.to_string(), "the replay store is full with 1 live entries");
    assert_eq!(ReplayStoreError::failed("reason").to_string(), "the replay store failed");
    assert_eq!(format!("{store:?}"), "MemoryReplayStore { len: 1, max_entries: 1, .. }");
    let hex = key(1).as_octets().map(|octet| format!("{octet:02x}")).concat();
    assert_eq!(format!("{:?}", key(1)), format!("ReplayKey({}…)", &hex[..8]));
}

// Against a model.

/// What a store is: a map of what is alive, searched from end to end each time.
struct Model {
    bound: usize,
    alive: HashMap<u64, (i64, i64)>,
}

impl Model {
    fn ask(&mut self, number: u64, now: i64, keep_until: i64) -> Option<Seen> {
        self.alive.retain(|_, (_, keep_until)| *keep_until >= now);
        if let Some((first_seen, _)) = self.alive.get(&number) {
            return Some(replay(*first_seen));
        }
        if self.alive.len() == self.bound {
            return None;
        }
        self.alive.insert(number, (now, keep_until.max(now)));
        Some(Seen::Fresh)
    }
}

fn answer(store: &MemoryReplayStore, number: u64, now: i64, keep_until: i64) -> Option<Seen> {
    match store.check_and_insert(&key(number), at(now), at(keep_until)) {
        Ok(seen) => Some(seen),
        Err(ReplayStoreError::Full { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

fn fixed(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(4120), failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(fixed(500))]

    #[test]
    fn answers_as_the_model_does_while_the_clock_goes_on(
        bound in 0_usize..40,
        calls in prop::collection::vec((0_u64..60, 0_i64..4, -3_i64..60), 1..400),
    ) {
        let (store, mut model) = (MemoryReplayStore::new(bound), Model { bound, alive: HashMap::new() });
        let mut now = 0;
        for (number, step, keep) in calls {
            now += step;
            prop_assert_eq!(answer(&store, number, now, now + keep), model.ask(number, now, now + keep));
            prop_assert!(store.len() <= bound && store.len() >= model.alive.len());
        }
    }

    /// With a clock that jumps, it depends on who came across an expired entry whether it is still there. What is not
    /// free: an entry that no call's time has passed is found.
    #[test]
    fn never_forgets_an_entry_that_no_clock_has_passed(
        calls in prop::collection::vec((0_u64..30, -100_i64..100, 0_i64..200), 1..400),
    ) {
        let (store, mut kept) = (MemoryReplayStore::new(1_000), HashMap::<u64, (i64, i64)>::new());
        for (number, now, keep) in calls {
            let seen = ask(&store, number, now, now + keep);
            if let Some((first_seen, keep_until)) = kept.get(&number) {
                if *keep_until >= now {
                    prop_assert_eq!(seen, replay(*first_seen));
                }
            }
            kept.retain(|_, (_, keep_until)| *keep_until >= now);
            match seen {
                Seen::Fresh => _ = kept.insert(number, (now, now + keep)),
                Seen::Replay { first_seen } => prop_assert!(first_seen.unix_micros() >= -100),
            }
        }
    }
}
