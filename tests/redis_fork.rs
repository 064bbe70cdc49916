//! A process that forks does not share its connections to Redis with its child: each would read the other's answers.
#![cfg(all(unix, feature = "redis"))]
#![expect(clippy::disallowed_methods, reason = "a server needs a thread")]

#[path = "support/fake_redis.rs"]
mod fake_redis;

use fake_redis::FakeRedis;
use kerbside::Timestamp;
use kerbside::numbers::Enctype;
use kerbside::replay::redis::RedisReplayStore;
use kerbside::replay::{ReplayKey, ReplayStore, Seen};

#[test]
fn a_child_asks_on_connections_of_its_own() {
    let fake = FakeRedis::start();
    let store = RedisReplayStore::builder(fake.url()).connections(1).build().unwrap();
    let ask = |number: u8| {
        let key = ReplayKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[number]);
        let seen = store.check_and_insert(&key, Timestamp::from_unix_micros(0), Timestamp::from_unix_micros(1));
        seen.is_ok_and(|seen| seen == Seen::Fresh)
    };
    assert!(ask(1));
    // SAFETY: the child asks and exits; no other thread of this test has a lock of the store's.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let right = ask(2) && !ask(1);
        // SAFETY: ends the child without the exit handlers of its parent.
        unsafe { libc::_exit(i32::from(!right)) };
    }
    let mut status = 0;
    // SAFETY: waits for the one child of this test.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!((status, fake.change(|state| state.connections)), (0, 2));
    assert!(ask(3) && !ask(2));
    assert_eq!(fake.change(|state| state.connections), 2, "the parent has the one that it had");
}
