//! The blocking store on Redis, on a server that misbehaves in every way (steps; ZIM-13, ASK-23, ASK-30).
//! Real servers are asked in `tests/interop/tests/redis.rs`.
#![cfg(all(feature = "redis", feature = "testing"))]
#![expect(clippy::disallowed_methods, reason = "timeouts need a clock, and a server needs a thread")]

#[path = "support/fake_redis.rs"]
mod fake_redis;
#[path = "support/site.rs"]
mod site;

use core::time::Duration;
use fake_redis::{Behaviour, FakeRedis, GOOD, info};
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::replay::redis::{EvictionPolicy, RedisFailurePolicy, RedisReplayStore, RedisStoreError};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, ReplayStoreError, Seen};
use kerbside::{Acceptor, Policy, ReplayPolicy, Timestamp};
use site::Site;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000);
const LATER: Timestamp = Timestamp::from_unix_micros(601_000_000);

fn key(number: u64) -> ReplayKey {
    ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &number.to_be_bytes())
}

/// Long enough for a busy machine, short enough for a test that waits for it.
const LIMIT: Duration = Duration::from_millis(300);

fn store(fake: &FakeRedis) -> RedisReplayStore {
    RedisReplayStore::builder(fake.url()).build().unwrap()
}

fn impatient(fake: &FakeRedis) -> RedisReplayStore {
    RedisReplayStore::builder(fake.url()).connect_timeout(LIMIT).answer_timeout(LIMIT).build().unwrap()
}

fn ask(store: &RedisReplayStore, number: u64) -> Result<Seen, RedisStoreError> {
    store.check_and_insert(&key(number), NOW, LATER).map_err(|error| cause(&error))
}

/// What the operator hears, as it was.
fn cause(error: &ReplayStoreError) -> RedisStoreError {
    let ReplayStoreError::Failed(cause) = error else { panic!("no failure: {error}") };
    cause.downcast_ref::<RedisStoreError>().expect("a cause of this store's").clone()
}

fn acceptor(site: &Site, store: &Arc<RedisReplayStore>) -> Acceptor {
    site.builder(Policy::default()).replay(ReplayPolicy::Store(store.clone())).build().unwrap()
}

fn name(acceptor: &Acceptor, token: &[u8], site: &Site) -> Option<&'static str> {
    acceptor.accept(token, site.realm.now()).err().map(|error| error.kind().name())
}

// ZIM-13
#[test]
fn an_accept_is_one_command_and_the_second_is_a_replay_with_the_first_ones_time() {
    let (site, fake) = (Site::new(), FakeRedis::start());
    let (here, there) = (Arc::new(store(&fake)), Arc::new(store(&fake)));
    let token = site.login().token();
    assert_eq!(name(&acceptor(&site, &here), &token, &site), None);
    assert_eq!(fake.asked("SET"), 1);
    site.realm.clock().advance(Duration::from_secs(2));
    let error = acceptor(&site, &there).accept(&token, site.realm.now()).unwrap_err();
    assert_eq!((error.kind().name(), error.krb_error_code()), ("Replay", KrbErrorCode(34)));
    assert!(error.to_string().contains("2026-03-01T10:00:00"), "{error}");
    assert_eq!((fake.asked("SET"), fake.asked("INFO")), (2, 2), "one question for each, and one look at each server");
    assert_eq!(name(&acceptor(&site, &there), &site.login().again().token(), &site), None);
    let counters = there.counters();
    assert_eq!((counters.fresh, counters.replays, counters.failures), (1, 1, 0));
    assert!(counters.longest_time > Duration::ZERO && counters.total_time >= counters.longest_time);
}

/// A server's answer, and what it is called.
type Named = (&'static str, fn(&RedisStoreError) -> bool);

const WRONG_ANSWERS: [Named; 13] = [
    ("-OOM command not allowed when used memory > 'maxmemory'.", |e| matches!(e, RedisStoreError::OutOfMemory { .. })),
    ("-ERR syntax error", |e| matches!(e, RedisStoreError::TooOld { version: None })),
    ("-READONLY You can't write against a read only replica.", |e| matches!(e, RedisStoreError::ReadOnly)),
    ("-NOAUTH Authentication required.", |e| matches!(e, RedisStoreError::Denied { .. })),
    ("-NOPERM this user has no permissions to run the 'set' command", |e| matches!(e, RedisStoreError::Denied { .. })),
    ("-MOVED 3999 127.0.0.1:6381", |e| matches!(e, RedisStoreError::Answered { .. })),
    ("-LOADING Redis is loading the dataset in memory", |e| matches!(e, RedisStoreError::Answered { .. })),
    ("-MISCONF Redis is configured to save RDB snapshots", |e| matches!(e, RedisStoreError::Answered { .. })),
    ("-WRONGTYPE Operation against a key holding the wrong kind", |e| matches!(e, RedisStoreError::Answered { .. })),
    ("+OK", |e| matches!(e, RedisStoreError::NotUnderstood)),
    (":1", |e| matches!(e, RedisStoreError::NotUnderstood)),
    ("$8\r\ntomorrow", |e| matches!(e, RedisStoreError::NotUnderstood)),
    ("HTTP/1.1 400 Bad Request", |e| matches!(e, RedisStoreError::NotUnderstood)),
];

#[test]
fn every_wrong_answer_refuses_the_login_under_its_name_and_the_next_one_is_asked_anew() {
    for (answer, is_named) in WRONG_ANSWERS {
        let (site, fake) = (Site::new(), FakeRedis::start());
        let store = Arc::new(store(&fake));
        let acceptor = acceptor(&site, &store);
        fake.change(|state| state.set = Behaviour::say(answer));
        let error = acceptor.accept(&site.login().token(), site.realm.now()).unwrap_err();
        assert_eq!((error.kind().name(), error.krb_error_code()), ("ReplayStore.Failed", KrbErrorCode(60)), "{answer}");
        let failure = store.counters().last_failure.unwrap();
        assert!(is_named(&failure), "{answer} became {failure:?}");
        assert!(!failure.is_ambiguous());
        assert!(error.to_string().contains(failure.hint()), "{error}");
        assert_eq!(fake.asked("SET"), 1, "{answer} is not asked again");
        fake.change(|state| state.set = Behaviour::Right);
        assert_eq!(name(&acceptor, &site.login().again().token(), &site), None, "after {answer}");
    }
}

#[test]
fn an_error_that_the_server_answers_costs_no_connection() {
    let fake = FakeRedis::start();
    let store = store(&fake);
    for answer in ["-OOM command not allowed", "-ERR syntax error", "-LOADING"] {
        fake.change(|state| state.set = Behaviour::say(answer));
        assert!(ask(&store, 1).is_err());
    }
    fake.change(|state| state.set = Behaviour::Right);
    assert_eq!(ask(&store, 1), Ok(Seen::Fresh));
    assert_eq!(fake.change(|state| state.connections), 1);
}

#[test]
fn a_connection_that_is_lost_after_the_question_refuses_and_asks_nothing_again() {
    let fake = FakeRedis::start();
    let store = store(&fake);
    fake.change(|state| state.set = Behaviour::RememberAndClose);
    let lost = ask(&store, 1).unwrap_err();
    assert!(matches!(lost, RedisStoreError::Lost { .. }) && lost.is_ambiguous(), "{lost:?}");
    assert_eq!(fake.asked("SET"), 1);
    fake.change(|state| state.set = Behaviour::Right);
    assert_eq!(ask(&store, 1), Ok(Seen::Replay { first_seen: NOW }), "a second question would have seen the first");
    assert_eq!(ask(&store, 2), Ok(Seen::Fresh));
    assert_eq!(fake.change(|state| state.connections), 2);
}

#[test]
fn one_lost_connection_costs_one_login_however_many_were_idle() {
    let fake = FakeRedis::start();
    let store = store(&fake);
    (0..4).for_each(|_| assert!(store.probe().is_ok()));
    let before = fake.change(|state| state.connections);
    assert_eq!(before, 4);
    fake.change(|state| state.set = Behaviour::RememberAndClose);
    assert!(ask(&store, 4).is_err());
    fake.change(|state| state.set = Behaviour::Right);
    assert_eq!(ask(&store, 5), Ok(Seen::Fresh));
    assert_eq!(fake.change(|state| state.connections), before + 1, "on a new connection, not on another idle one");
}

// ASK-30
#[test]
fn a_server_that_hangs_is_a_timeout_and_the_late_answer_is_never_read() {
    let fake = FakeRedis::start();
    let store = impatient(&fake);
    assert_eq!(ask(&store, 1), Ok(Seen::Fresh));
    fake.change(|state| state.set = Behaviour::Hang);
    let since = Instant::now();
    let failure = ask(&store, 2).unwrap_err();
    assert_eq!(failure, RedisStoreError::AnswerTimedOut { limit: LIMIT });
    assert!(failure.is_ambiguous() && (LIMIT..10 * LIMIT).contains(&since.elapsed()), "{:?}", since.elapsed());
    fake.change(|state| state.set = Behaviour::Right);
    assert_eq!(ask(&store, 1), Ok(Seen::Replay { first_seen: NOW }), "asked on a new connection");
    assert_eq!(ask(&store, 3), Ok(Seen::Fresh));
}

#[test]
fn a_server_that_hangs_while_it_is_connected_to_is_a_timeout_too() {
    let fake = FakeRedis::start();
    let store = impatient(&fake);
    fake.change(|state| state.info = Behaviour::Hang);
    assert_eq!(ask(&store, 1), Err(RedisStoreError::ConnectTimedOut { limit: LIMIT }));
    assert_eq!(fake.asked("SET"), 0);
    fake.change(|state| state.info = info(GOOD));
    assert_eq!(ask(&store, 1), Ok(Seen::Fresh));
}

#[test]
fn a_server_that_is_not_there_is_unreachable_until_it_is() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [format!("redis://127.0.0.1:{port}"), "redis+unix:///nowhere/redis.sock".to_owned()] {
        let store = RedisReplayStore::builder(url).build().unwrap();
        let failure = ask(&store, 1).unwrap_err();
        assert!(matches!(failure, RedisStoreError::Unreachable { .. }) && !failure.is_ambiguous(), "{failure:?}");
        assert_eq!(store.probe(), Err(failure));
    }
    assert!(store(&FakeRedis::start()).probe().is_ok());
}

#[test]
fn a_url_that_says_nothing_is_refused_when_the_store_is_built() {
    for url in
        ["", "redis.example.com", "http://127.0.0.1", "redis://127.0.0.1/first", "rediss://127.0.0.1", "redis://"]
    {
        let failure = RedisReplayStore::builder(url).build().unwrap_err();
        assert!(matches!(failure, RedisStoreError::Url { .. }), "{url}: {failure:?}");
    }
    for url in ["redis://127.0.0.1", "redis://u:p@[::1]:1/2", "valkey://h", "redis+unix:///s?db=1&user=u&pass=p"] {
        assert!(RedisReplayStore::builder(url).build().is_ok(), "{url}");
    }
}

//
#[test]
fn a_server_that_may_forget_early_is_not_asked_unless_allowed() {
    for (policy, told) in [("maxmemory_policy:allkeys-lru", Some("allkeys-lru")), ("other:1", None)] {
        let fake = FakeRedis::start();
        fake.change(|state| state.info = info(&GOOD.replace("maxmemory_policy:noeviction", policy)));
        let evicts = RedisStoreError::Evicts { policy: told.map(str::to_owned) };
        assert_eq!(ask(&store(&fake), 1), Err(evicts));
        assert_eq!(fake.asked("SET"), 0);
        let allowed = RedisReplayStore::builder(fake.url()).eviction(EvictionPolicy::Allow).build().unwrap();
        assert_eq!(ask(&allowed, 1), Ok(Seen::Fresh));
        assert_eq!(allowed.probe().unwrap().maxmemory_policy.as_deref(), told, "whoever allows it can see it");
    }
}

#[test]
fn a_user_who_may_not_ask_info_is_served_where_eviction_is_allowed() {
    let fake = FakeRedis::start();
    fake.change(|state| state.info = Behaviour::say("-NOPERM this user has no permissions to run the 'info' command"));
    assert_eq!(ask(&store(&fake), 1), Err(RedisStoreError::Evicts { policy: None }));
    let allowed = RedisReplayStore::builder(fake.url()).eviction(EvictionPolicy::Allow).build().unwrap();
    assert_eq!(ask(&allowed, 1), Ok(Seen::Fresh));
}

#[test]
fn a_server_before_7_0_is_named_with_its_version() {
    let fake = FakeRedis::start();
    fake.change(|state| state.info = info(&GOOD.replace("7.0.15", "6.2.14")));
    assert_eq!(ask(&store(&fake), 1), Err(RedisStoreError::TooOld { version: Some("6.2.14".to_owned()) }));
    assert_eq!(fake.asked("SET"), 0);
}

#[test]
fn threads_beyond_the_connections_wait_and_are_refused_in_time() {
    let fake = FakeRedis::start();
    fake.change(|state| state.set = Behaviour::Hang);
    let store = RedisReplayStore::builder(fake.url()).connections(2).answer_timeout(LIMIT).build().unwrap();
    let failures: Vec<_> = std::thread::scope(|scope| {
        let store = &store;
        let asking: Vec<_> = (0..6).map(|number| scope.spawn(move || ask(store, number).unwrap_err())).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.contains(&RedisStoreError::Busy { connections: 2, limit: LIMIT }), "{failures:?}");
    assert!(failures.contains(&RedisStoreError::AnswerTimedOut { limit: LIMIT }), "{failures:?}");
    fake.change(|state| state.set = Behaviour::Right);
    assert_eq!(ask(&store, 7), Ok(Seen::Fresh), "places come back");
}

#[test]
fn of_many_threads_with_one_key_exactly_one_is_fresh() {
    let fake = FakeRedis::start();
    let store = RedisReplayStore::builder(fake.url()).connections(4).build().unwrap();
    let fresh: usize = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..32).map(|_| scope.spawn(|| ask(&store, 1).unwrap() == Seen::Fresh)).collect();
        asking.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum()
    });
    assert_eq!(fresh, 1);
    assert!(fake.change(|state| state.connections) <= 4);
}

#[test]
fn the_users_name_and_password_are_sent_and_shown_nowhere() {
    let (site, fake) = (Site::new(), FakeRedis::start());
    let url = fake.url().replace("redis://", "redis://kerb:s3cret-word@");
    let store = Arc::new(RedisReplayStore::builder(url.clone()).build().unwrap());
    assert_eq!(name(&acceptor(&site, &store), &site.login().token(), &site), None);
    let auth = fake.change(|state| state.commands.iter().find(|words| words[0] == "AUTH").cloned());
    assert_eq!(auth.unwrap(), ["AUTH", "kerb", "s3cret-word"]);
    fake.change(|state| state.auth = Behaviour::say("-WRONGPASS invalid username-password pair or user is disabled."));
    let other = RedisReplayStore::builder(url.clone()).build().unwrap();
    let denied = ask(&other, 1).unwrap_err();
    assert!(matches!(denied, RedisStoreError::Denied { .. }), "{denied:?}");
    let unfit = RedisReplayStore::builder(format!("{url}/first")).build().unwrap_err();
    for shown in [
        format!("{denied} {denied:?} {unfit} {unfit:?}"),
        format!("{store:?}"),
        format!("{:?}", RedisReplayStore::builder(url)),
    ] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

fn falling_back(fake: &FakeRedis, local: &Arc<MemoryReplayStore>) -> RedisReplayStore {
    RedisReplayStore::builder(fake.url()).on_failure(RedisFailurePolicy::AskLocal(local.clone())).build().unwrap()
}

#[test]
fn who_asked_for_it_is_answered_from_memory_while_redis_is_away_and_it_is_counted() {
    let (fake, local) = (FakeRedis::start(), Arc::new(MemoryReplayStore::new(100)));
    let store = falling_back(&fake, &local);
    assert_eq!(ask(&store, 1), Ok(Seen::Fresh));
    fake.change(|state| state.set = Behaviour::say("-ERR on holiday"));
    assert_eq!(ask(&store, 1), Ok(Seen::Replay { first_seen: NOW }), "what was accepted before, with Redis");
    assert_eq!(store.counters().answered_locally, 0);
    assert_eq!(ask(&store, 2), Ok(Seen::Fresh));
    assert_eq!(ask(&store, 2), Ok(Seen::Replay { first_seen: NOW }), "and what was accepted without");
    let counters = store.counters();
    assert_eq!((counters.failures, counters.answered_locally, counters.replays), (1, 1, 2));
    assert!(matches!(store.counters().last_failure, Some(RedisStoreError::Answered { .. })));
}

#[test]
fn what_another_process_accepted_is_a_replay_beside_a_memory_too() {
    let (fake, local) = (FakeRedis::start(), Arc::new(MemoryReplayStore::new(1)));
    assert_eq!(ask(&store(&fake), 1), Ok(Seen::Fresh));
    let falling_back = falling_back(&fake, &local);
    assert_eq!(ask(&falling_back, 1), Ok(Seen::Replay { first_seen: NOW }));
    let full = falling_back.check_and_insert(&key(2), NOW, LATER);
    assert!(matches!(full, Err(ReplayStoreError::Full { entries: 1 })), "a memory that is full refuses: {full:?}");
}
