//! What is held in memory, and how often the allocator is asked.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "support/heap.rs"]
mod heap;
mod support;

use core::hint::black_box;
use heap::{Heap, held};
use kerbside::crypto::supported_enctypes;
use kerbside::gss::Session;
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, Seen};
use kerbside::testing::{Framing, Login, Oid, Realm};
use kerbside::{Accepted, AcceptorBuilder, DcePolicy, Negotiation, Step, Timestamp};
use support::door::Door;
use support::logins::{Logins, SERVICE, TOKENS};

fn main() {
    support::run(|_| {}, print_figures);
}

/// `octets memory SUBJECT 123`: on the heap and in the value itself. `allocations memory SUBJECT 4.00`: calls of the
/// allocator, reallocations included.
fn print_figures() {
    print_allocations();
    print_negotiations();
    print_results();
    print_replay_entries();
}

/// What exceeds a whole number is the replay store's growing.
fn print_allocations() {
    for row in supported_enctypes() {
        let logins = Logins::new(row.enctype);
        let door = Door::new(&logins);
        door.accept_all(&logins.tokens);
        door.forget();
        let before = Heap::now();
        for token in &logins.tokens {
            black_box(door.acceptor.accept(token, door.now).expect("a good token"));
        }
        println!("allocations memory {}/accept {:.2}", row.name(), before.calls_since() / to_f64(TOKENS));
    }
}

/// Negotiations that wait for their client: a server holds one for each connection.
fn print_negotiations() {
    let started = |door: &Door, _: &Login| door.acceptor.negotiate();
    let hinted = |door: &Door, _: &Login| waiting(door, &[&[]]);
    let wants_mic = |door: &Door, login: &Login| {
        let login = login.clone().offering(&[Oid::NTLM, Oid::KRB5]);
        waiting(door, &[&login.token(), &login.clone().framing(Framing::SpnegoContinuation).token()])
    };
    let dce = |door: &Door, login: &Login| waiting(door, &[&login.clone().dce_style().token()]);
    print_held("negotiation-not-begun", started);
    print_held("negotiation-after-hints", hinted);
    print_held("negotiation-before-its-MIC", wants_mic);
    print_held("negotiation-before-the-third-leg", dce);
}

/// A negotiation after these tokens, none of which is the last.
fn waiting(door: &Door, tokens: &[&[u8]]) -> Negotiation {
    let mut negotiation = door.acceptor.negotiate();
    for token in tokens {
        let step = negotiation.step(token, door.now).expect("a good token");
        assert!(matches!(step, Step::Continue(_)), "another token is awaited");
    }
    negotiation
}

fn print_results() {
    let accept = |door: &Door, login: &Login| door.acceptor.accept(&login.token(), door.now).expect("a good token");
    print_held::<Accepted>("accepted", accept);
    print_held::<Session>("session", |door, login| accept(door, login).into_session());
}

fn print_held<T>(subject: &str, make: impl Fn(&Door, &Login) -> T) {
    let logins = Logins::new(Realm::ENCTYPE);
    let keytab = logins.realm.keytab(SERVICE).expect("a keytab");
    let door = Door::built(keytab, &logins, |builder: AcceptorBuilder| {
        builder.adjust_policy(|policy| policy.dce = DcePolicy::Accept)
    });
    // The store has grown to its size before anything is counted.
    door.accept_all(&logins.tokens);
    door.forget();
    let octets = held(&logins.logins, |login| make(&door, login));
    println!("octets memory {subject} {octets:.0}");
}

/// Few, and as many as the default bound allows: tables grow by doubling.
fn print_replay_entries() {
    let (now, later) = (Timestamp::from_unix_micros(0), Timestamp::from_unix_micros(600_000_000));
    for entries in [10_000_u32, 100_000, 1 << 20] {
        let before = Heap::now();
        let store = MemoryReplayStore::default();
        for entry in 0..entries {
            let key = ReplayKey::new(Realm::ENCTYPE, &entry.to_be_bytes());
            assert_eq!(store.check_and_insert(&key, now, later).ok(), Some(Seen::Fresh));
        }
        println!("octets memory replay-entry-of-{entries} {:.0}", before.octets_since() / f64::from(entries));
        drop(store);
    }
}

fn to_f64(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
