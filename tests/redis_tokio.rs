//! The awaited store on Redis, with the acceptor's pending step.
#![cfg(all(feature = "redis-tokio", feature = "testing"))]
#![expect(clippy::disallowed_methods, reason = "timeouts need a clock, and a server needs a thread")]

#[path = "support/fake_redis.rs"]
mod fake_redis;
#[path = "support/site.rs"]
mod site;

use core::time::Duration;
use fake_redis::{Behaviour, FakeRedis, GOOD, info};
use kerbside::numbers::Enctype;
use kerbside::replay::redis::{RedisReplayStore, RedisStoreError, TokioRedisReplayStore};
use kerbside::replay::{ReplayKey, ReplayStoreError, Seen};
use kerbside::{Acceptor, Error, Policy, ReplayPolicy, Step, Timestamp};
use site::Site;
use std::sync::Arc;
use std::time::Instant;

const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000);
const LATER: Timestamp = Timestamp::from_unix_micros(601_000_000);
const LIMIT: Duration = Duration::from_millis(300);

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn store(fake: &FakeRedis) -> TokioRedisReplayStore {
    let builder = RedisReplayStore::builder(fake.url());
    builder.connect_timeout(LIMIT).answer_timeout(LIMIT).build_tokio().unwrap()
}

async fn ask(store: &TokioRedisReplayStore, number: u64) -> Result<Seen, RedisStoreError> {
    let key = ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &number.to_be_bytes());
    store.check_and_insert(&key, NOW, LATER).await.map_err(|error| match error {
        ReplayStoreError::Failed(cause) => cause.downcast_ref::<RedisStoreError>().unwrap().clone(),
        other => panic!("no failure: {other}"),
    })
}

/// What a server does with a token.
async fn login(
    acceptor: &Acceptor,
    store: &TokioRedisReplayStore,
    token: &[u8],
    now: Timestamp,
) -> Result<Step, Error> {
    let mut negotiation = acceptor.negotiate();
    match negotiation.step(token, now)? {
        Step::CheckReplay(question) => {
            let answer = store.check_and_insert(question.key(), question.now(), question.keep_until()).await;
            negotiation.resume(answer, now)
        }
        step => panic!("no question: {step:?}"),
    }
}

#[test]
fn the_pending_step_is_answered_by_one_command() {
    let (site, fake) = (Site::new(), FakeRedis::start());
    let acceptor = site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap();
    let token = site.login().token();
    run(async {
        let store = store(&fake);
        let step = login(&acceptor, &store, &token, site.realm.now()).await;
        assert!(matches!(step, Ok(Step::Accepted(_))), "{step:?}");
        let error = login(&acceptor, &store, &token, site.realm.now()).await.unwrap_err();
        assert_eq!(error.kind().name(), "Replay");
        fake.change(|state| state.set = Behaviour::say("-ERR on holiday"));
        let error = login(&acceptor, &store, &site.login().again().token(), site.realm.now()).await.unwrap_err();
        assert_eq!(error.kind().name(), "ReplayStore.Failed");
        let counters = store.counters();
        assert_eq!((counters.fresh, counters.replays, counters.failures), (1, 1, 1));
    });
    assert_eq!((fake.asked("SET"), fake.asked("INFO")), (3, 1));
}

#[test]
fn many_tasks_share_one_connection_and_one_of_them_is_fresh() {
    let fake = FakeRedis::start();
    let fresh = run(async {
        let store = Arc::new(store(&fake));
        let asking: Vec<_> = (0..64)
            .map(|_| {
                tokio::spawn({
                    let store = store.clone();
                    async move { ask(&store, 1).await }
                })
            })
            .collect();
        let mut fresh = 0;
        for task in asking {
            fresh += usize::from(task.await.unwrap() == Ok(Seen::Fresh));
        }
        fresh
    });
    assert_eq!((fresh, fake.change(|state| state.connections)), (1, 1));
}

#[test]
fn a_lost_connection_and_a_hung_server_are_named_and_the_next_question_connects_anew() {
    let fake = FakeRedis::start();
    run(async {
        let store = store(&fake);
        fake.change(|state| state.set = Behaviour::RememberAndClose);
        let lost = ask(&store, 1).await.unwrap_err();
        assert!(matches!(lost, RedisStoreError::Lost { .. }), "{lost:?}");
        assert_eq!(fake.asked("SET"), 1, "not asked again");
        fake.change(|state| state.set = Behaviour::Right);
        assert_eq!(ask(&store, 2).await, Ok(Seen::Fresh));
        fake.change(|state| state.set = Behaviour::Hang);
        let since = Instant::now();
        assert_eq!(ask(&store, 3).await, Err(RedisStoreError::AnswerTimedOut { limit: LIMIT }));
        assert!((LIMIT..10 * LIMIT).contains(&since.elapsed()), "{:?}", since.elapsed());
        fake.change(|state| state.set = Behaviour::Right);
        assert_eq!(ask(&store, 2).await, Ok(Seen::Replay { first_seen: NOW }));
        assert_eq!(ask(&store, 4).await, Ok(Seen::Fresh));
    });
    assert_eq!(fake.change(|state| state.connections), 3);
}

#[test]
fn a_server_that_hangs_while_it_is_connected_to_holds_up_nobody_for_longer_than_the_limit() {
    let fake = FakeRedis::start();
    fake.change(|state| state.info = Behaviour::Hang);
    run(async {
        let store = Arc::new(store(&fake));
        let since = Instant::now();
        let asking: Vec<_> = (0..8)
            .map(|number| {
                tokio::spawn({
                    let store = store.clone();
                    async move { ask(&store, number).await }
                })
            })
            .collect();
        for task in asking {
            assert_eq!(task.await.unwrap(), Err(RedisStoreError::ConnectTimedOut { limit: LIMIT }));
        }
        assert!(since.elapsed() < 4 * LIMIT, "one after the other would take eight: {:?}", since.elapsed());
        fake.change(|state| state.info = info(GOOD));
        assert_eq!(ask(&store, 1).await, Ok(Seen::Fresh));
    });
}

#[test]
fn a_server_that_may_forget_early_is_not_asked() {
    let fake = FakeRedis::start();
    fake.change(|state| state.info = info(&GOOD.replace("noeviction", "allkeys-lru")));
    run(async {
        let evicts = RedisStoreError::Evicts { policy: Some("allkeys-lru".to_owned()) };
        assert_eq!(store(&fake).probe().await, Err(evicts.clone()));
        assert_eq!(ask(&store(&fake), 1).await, Err(evicts));
    });
    assert_eq!(fake.asked("SET"), 0);
}
