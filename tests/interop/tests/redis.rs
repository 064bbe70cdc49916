//! Replay stores on a real Redis server: several processes, and a server that dies, hangs, forgets or is full.
#![expect(clippy::disallowed_methods, reason = "a live test has a clock")]

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kerbside::numbers::Enctype;
use kerbside::replay::redis::{EvictionPolicy, RedisFailurePolicy, RedisReplayStore, RedisStoreError};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, ReplayStoreError, Seen};
use kerbside::testing::{Clock, Login, Realm};
use kerbside::{Acceptor, ReplayPolicy, Step, Timestamp};
use kerbside_interop::redis::{RedisServer, ReplayProcesses, Verdict, write_tokens};
use kerbside_interop::{now, shifted};

const SERVICE: &str = "HTTP/web.example.com";
const PROGRAM: &str = env!("CARGO_BIN_EXE_replay_process");
const LIMIT: Duration = Duration::from_millis(500);

fn store(url: &str) -> RedisReplayStore {
    RedisReplayStore::builder(url).connect_timeout(LIMIT).answer_timeout(LIMIT).build().expect("a good URL")
}

fn key(number: u32) -> ReplayKey {
    ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &number.to_be_bytes())
}

/// Asks with this machine's time, as an acceptor would.
fn ask(store: &RedisReplayStore, number: u32) -> Result<Seen, RedisStoreError> {
    store.check_and_insert(&key(number), now(), shifted(now(), 600)).map_err(|error| cause(&error))
}

fn is_replay(answer: &Result<Seen, RedisStoreError>) -> bool {
    matches!(answer, Ok(Seen::Replay { .. }))
}

fn cause(error: &ReplayStoreError) -> RedisStoreError {
    let ReplayStoreError::Failed(cause) = error else { panic!("no failure: {error}") };
    cause.downcast_ref::<RedisStoreError>().expect("a cause of this store's").clone()
}

/// A realm, its service's acceptor, and the first login of somebody.
fn site(store: RedisReplayStore) -> (Realm, Acceptor, Login) {
    let realm = Realm::new("EXAMPLE.COM");
    let keytab = realm.keytab(SERVICE).expect("a keytab");
    let acceptor = Acceptor::builder(keytab).replay(ReplayPolicy::Store(Arc::new(store))).build().expect("it has keys");
    let login = realm.login("alice", SERVICE);
    (realm, acceptor, login)
}

fn outcome(acceptor: &Acceptor, login: &Login) -> &'static str {
    acceptor.accept(&login.token(), Clock::START).map_or_else(|error| error.kind().name(), |_| "accepted")
}

/// Of all presentations of each token, in all processes together: how many were accepted, and how many were replays.
fn together(verdicts: &[Vec<Verdict>]) -> Vec<(u32, u32)> {
    let tokens = verdicts[0].len();
    let sum = |number: usize, of: fn(&Verdict) -> u8| verdicts.iter().map(|one| u32::from(of(&one[number]))).sum();
    (0..tokens).map(|number| (sum(number, |verdict| verdict.0), sum(number, |verdict| verdict.1))).collect()
}

fn tokens(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut login = Realm::new("EXAMPLE.COM").login("alice", SERVICE);
    (0..count).map(move |_| {
        login = login.again();
        login.token()
    })
}

/// Step R-10 and ZIM-13.
#[test]
fn of_eight_processes_with_one_token_exactly_one_accepts_it() {
    let server = RedisServer::start(&[]);
    let file = server.file("tokens");
    write_tokens(&file, tokens(25));
    let verdicts = ReplayProcesses::start(&server, PROGRAM, &file, (8, 4), "together").run();
    assert_eq!(together(&verdicts), [(1, 31); 25]);
}

/// Steps, and ZIM-13.
#[test]
fn four_processes_of_two_threads_accept_a_hundred_thousand_tokens_once_each() {
    const TOKENS: usize = 100_000;
    let server = RedisServer::start(&[]);
    let file = server.file("tokens");
    write_tokens(&file, tokens(TOKENS));
    let begun = Instant::now();
    let verdicts = ReplayProcesses::start(&server, PROGRAM, &file, (4, 2), "shared").run();
    println!("{} accepts in {} ms", 4 * TOKENS, begun.elapsed().as_millis());
    assert_eq!(together(&verdicts), vec![(1, 3); TOKENS]);
    assert_eq!(server.ask(&["DBSIZE"]), TOKENS.to_string());
    let winners = verdicts.iter().filter(|process| process.iter().any(|verdict| verdict.0 == 1)).count();
    assert_eq!(winners, 4, "each is the first at the tokens that it begins with");
}

#[test]
fn an_accept_is_one_set_on_every_way_to_the_server_and_lives_for_two_skews() {
    let server = RedisServer::start(&[]);
    for url in [server.url(), server.socket_url(), format!("{}/0?protocol=resp3", server.url())] {
        server.ask(&["FLUSHALL"]);
        server.ask(&["CONFIG", "RESETSTAT"]);
        let (_, acceptor, login) = site(store(&url));
        assert_eq!(outcome(&acceptor, &login), "accepted");
        assert_eq!(outcome(&acceptor, &login), "Replay");
        let statistics = server.ask(&["INFO", "commandstats"]);
        assert!(statistics.contains("cmdstat_set:calls=2,"), "{statistics}");
        assert!(statistics.contains("cmdstat_info:calls=1,"), "{statistics}");
        let name = server.ask(&["KEYS", "*"]);
        assert!(name.starts_with("kerbside:replay:") && name.len() == 16 + 64, "{name}");
        let lives: u64 = server.ask(&["PTTL", &name]).parse().expect("a number");
        assert!((590_000..=600_001).contains(&lives), "{lives} ms");
        println!("an entry takes {} octets", server.ask(&["MEMORY", "USAGE", &name]));
    }
}

#[test]
fn an_entry_is_gone_after_its_time_and_not_before() {
    let server = RedisServer::start(&[]);
    let store = store(&server.url());
    let begun = Instant::now();
    let arrival = now();
    let soon = arrival.saturating_add(Duration::from_millis(400));
    assert_eq!(store.check_and_insert(&key(1), arrival, soon).expect("an answer"), Seen::Fresh);
    let again = store.check_and_insert(&key(1), now(), soon).expect("an answer");
    assert!(begun.elapsed() > Duration::from_millis(400) || again == Seen::Replay { first_seen: arrival });
    sleep(Duration::from_millis(450));
    assert_eq!(store.check_and_insert(&key(1), now(), soon).expect("an answer"), Seen::Fresh);
}

/// Crashes and restarts the server between two presentations of a token.
fn after_a_crash(options: &[&str]) -> (&'static str, &'static str) {
    let mut server = RedisServer::start(options);
    let (_, acceptor, login) = site(store(&server.url()));
    assert_eq!(outcome(&acceptor, &login), "accepted");
    server.crash();
    for _ in 0..3 {
        assert_eq!(outcome(&acceptor, &login.again()), "ReplayStore.Failed", "while it is away");
    }
    server.restart();
    (outcome(&acceptor, &login), outcome(&acceptor, &login.again()))
}

#[test]
fn a_server_that_writes_its_file_at_once_forgets_nothing_in_a_crash() {
    assert_eq!(after_a_crash(&["--appendonly", "yes", "--appendfsync", "always"]), ("Replay", "accepted"));
}

/// What the module's table says of it.
#[test]
fn a_server_without_persistence_forgets_everything_in_a_crash() {
    assert_eq!(after_a_crash(&[]), ("accepted", "accepted"));
}

#[test]
fn a_crash_is_named_and_the_next_question_after_a_restart_is_answered() {
    let mut server = RedisServer::start(&[]);
    for url in [server.url(), server.socket_url()] {
        let store = store(&url);
        assert_eq!(ask(&store, 1), Ok(Seen::Fresh));
        server.crash();
        let lost = ask(&store, 2).expect_err("nobody answers");
        assert!(matches!(lost, RedisStoreError::Lost { .. }) && lost.is_ambiguous(), "{lost:?}");
        let away = ask(&store, 2).expect_err("nobody answers");
        assert!(matches!(away, RedisStoreError::Unreachable { .. }) && !away.is_ambiguous(), "{away:?}");
        server.restart();
        assert_eq!(ask(&store, 2), Ok(Seen::Fresh));
        assert!(is_replay(&ask(&store, 2)));
        assert_eq!(store.counters().failures, 2);
    }
}

#[test]
fn who_asked_for_it_is_answered_from_memory_while_the_server_is_away() {
    let mut server = RedisServer::start(&[]);
    let local = Arc::new(MemoryReplayStore::new(100));
    let falling_back = |local: &Arc<MemoryReplayStore>| {
        let policy = RedisFailurePolicy::AskLocal(local.clone());
        RedisReplayStore::builder(server.url()).on_failure(policy).build().expect("a good URL")
    };
    let here = falling_back(&local);
    let there = falling_back(&Arc::new(MemoryReplayStore::new(100)));
    assert_eq!(ask(&here, 1), Ok(Seen::Fresh));
    server.crash();
    assert!(is_replay(&ask(&here, 1)), "what this process accepted");
    assert_eq!(ask(&there, 1), Ok(Seen::Fresh), "what the documentation warns of");
    assert_eq!(ask(&here, 2), Ok(Seen::Fresh));
    assert_eq!((here.counters().answered_locally, there.counters().answered_locally), (1, 1));
    assert!(there.counters().last_failure.is_some());
    server.restart();
    assert_eq!(ask(&here, 3), Ok(Seen::Fresh));
    assert!(is_replay(&ask(&there, 3)), "the server is asked again");
    assert_eq!((here.counters().answered_locally, there.counters().answered_locally), (1, 1));
}

/// ASK-30: also where the operating system takes the connection and the server never does.
#[test]
fn a_server_that_hangs_is_refused_in_time_and_asked_again_when_it_goes_on() {
    let server = RedisServer::start(&[]);
    for url in [server.url(), server.socket_url()] {
        let (connected, new) = (store(&url), store(&url));
        assert!(ask(&connected, 1).is_ok());
        server.signal("STOP");
        for (store, expected) in [
            (&connected, RedisStoreError::AnswerTimedOut { limit: LIMIT }),
            (&connected, RedisStoreError::ConnectTimedOut { limit: LIMIT }),
            (&new, RedisStoreError::ConnectTimedOut { limit: LIMIT }),
        ] {
            let begun = Instant::now();
            assert_eq!(ask(store, 2), Err(expected));
            assert!(begun.elapsed() < 4 * LIMIT, "{:?}", begun.elapsed());
        }
        server.signal("CONT");
        assert!(is_replay(&ask(&connected, 1)));
        assert!(ask(&new, 3).is_ok());
    }
}

#[test]
fn a_wrong_password_is_named_and_the_right_one_accepted() {
    let server = RedisServer::start(&["--requirepass", "right"]);
    let of = |password: &str| store(&server.url().replace("redis://", &format!("redis://{password}")));
    for wrong in ["", ":wrong@", "nobody:right@"] {
        let denied = ask(&of(wrong), 1).expect_err("no access");
        assert!(matches!(denied, RedisStoreError::Denied { .. }), "{wrong}: {denied:?}");
    }
    assert_eq!(ask(&of(":right@"), 1), Ok(Seen::Fresh));
    assert!(is_replay(&ask(&store(&format!("{}?pass=right", server.socket_url())), 1)));
}

#[test]
fn a_user_with_the_documented_rights_is_enough_and_one_with_less_is_not() {
    let server = RedisServer::start(&[]);
    let rights = ["on", ">secret", "~kerbside:replay:*", "+set"];
    server.ask(&[&["ACL", "SETUSER", "enough", "+info"], &rights[..]].concat());
    server.ask(&[&["ACL", "SETUSER", "less"], &rights[..]].concat());
    server.ask(&["ACL", "SETUSER", "elsewhere", "on", ">secret", "~other:*", "+set", "+info"]);
    let of = |user: &str| server.url().replace("redis://", &format!("redis://{user}:secret@"));
    assert_eq!(ask(&store(&of("enough")), 1), Ok(Seen::Fresh));
    assert_eq!(ask(&store(&of("less")), 2), Err(RedisStoreError::Evicts { policy: None }));
    let denied = ask(&store(&of("elsewhere")), 3).expect_err("no access");
    assert!(matches!(denied, RedisStoreError::Denied { .. }), "{denied:?}");
}

/// Step R-5.
#[test]
fn a_full_server_refuses_by_name_and_recovers() {
    let server = RedisServer::start(&["--maxmemory-policy", "noeviction"]);
    let store = store(&server.url());
    assert_eq!(ask(&store, 1), Ok(Seen::Fresh));
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    for number in [1, 2] {
        let full = ask(&store, number).expect_err("no room");
        assert!(matches!(full, RedisStoreError::OutOfMemory { .. }) && !full.is_ambiguous(), "{full:?}");
    }
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    assert!(is_replay(&ask(&store, 1)), "nothing was forgotten");
    assert_eq!(ask(&store, 2), Ok(Seen::Fresh));
}

#[test]
fn a_server_that_evicts_is_refused_unless_allowed_and_shows_what_it_forgot() {
    let server = RedisServer::start(&["--maxmemory-policy", "allkeys-random"]);
    let evicts = RedisStoreError::Evicts { policy: Some("allkeys-random".to_owned()) };
    assert_eq!(ask(&store(&server.url()), 1), Err(evicts));
    let allowed = RedisReplayStore::builder(server.url()).eviction(EvictionPolicy::Allow).build().expect("a good URL");
    assert_eq!(ask(&allowed, 1), Ok(Seen::Fresh));
    let told = allowed.probe().expect("an answer");
    assert_eq!((told.maxmemory_policy.as_deref(), told.evicted_keys), (Some("allkeys-random"), Some(0)));
    assert!(told.version.is_some_and(|version| version.starts_with("7.")));
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    // What is full for ever and may forget everything does so before it refuses.
    let _ = ask(&allowed, 2);
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(ask(&allowed, 1), Ok(Seen::Fresh), "which is why it is refused");
    assert!(allowed.probe().expect("an answer").evicted_keys > Some(0));
}

/// One negotiation under `ReplayPolicy::Ask`: whether it was accepted, or why not.
async fn awaited(
    acceptor: &Acceptor,
    store: &kerbside::replay::redis::TokioRedisReplayStore,
    token: &[u8],
) -> &'static str {
    let mut negotiation = acceptor.negotiate();
    let at: Timestamp = Clock::START;
    let Ok(Step::CheckReplay(question)) = negotiation.step(token, at) else { panic!("no question") };
    let answer = store.check_and_insert(question.key(), question.now(), question.keep_until()).await;
    negotiation.resume(answer, at).map_or_else(|error| error.kind().name(), |_| "accepted")
}

#[test]
fn of_many_tasks_with_one_token_one_is_accepted_and_a_crash_is_survived() {
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let realm = Realm::new("EXAMPLE.COM");
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).expect("a keytab")).replay(ReplayPolicy::Ask).build();
    let acceptor = acceptor.expect("the keytab has keys");
    let store = RedisReplayStore::builder(server.url()).connect_timeout(LIMIT).answer_timeout(LIMIT);
    let store = Arc::new(store.build_tokio().expect("a good URL"));
    let login = realm.login("alice", SERVICE);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (acceptor, store, token) = (acceptor.clone(), store.clone(), login.token());
                tokio::spawn(async move { awaited(&acceptor, &store, &token).await })
            })
            .collect();
        let mut verdicts = Vec::new();
        for task in tasks {
            verdicts.push(task.await.expect("no task panics"));
        }
        verdicts.sort_unstable();
        assert_eq!((verdicts.iter().filter(|one| **one == "Replay").count(), verdicts[49]), (49, "accepted"));
        server.crash();
        assert_eq!(awaited(&acceptor, &store, &login.again().token()).await, "ReplayStore.Failed");
        server.restart();
        assert_eq!(awaited(&acceptor, &store, &login.token()).await, "Replay");
        assert_eq!(awaited(&acceptor, &store, &login.again().token()).await, "accepted");
    });
}
