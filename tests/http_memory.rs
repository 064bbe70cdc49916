//! What the tower layer holds after many logins: replay entries that are alive, negotiations that may wait, nothing else.
#![cfg(all(feature = "tower", feature = "testing"))]

#[allow(dead_code, reason = "a bench counts calls, too")]
#[path = "../benches/support/heap.rs"]
mod heap;
#[path = "support/site.rs"]
mod site;
#[path = "support/http.rs"]
mod support;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::time::Duration;
use heap::Heap;
use http::{Request, Response};
use kerbside::http::tower::{ConnectionId, EmptyBody, Negotiate};
use kerbside::replay::MemoryReplayStore;
use kerbside::testing::Login;
use kerbside::{Policy, ReplayPolicy};
use site::Site;
use std::sync::Arc;
use support::{Handler, ask, layer, layer_of, reason, with_token};
use talk::{SECOND, later, without_integrity};
use tower_layer::Layer as _;

/// 20,000 logins.
const BATCHES: usize = 25;
const LOGINS: usize = 800;

/// With the usual skew an entry lives for ten minutes: five batches, and the one that is under way.
const BETWEEN_BATCHES: Duration = Duration::from_secs(120);
const LIVE: usize = 6 * LOGINS;

/// The layer's store is in 64 parts, which fill as chance has it: 75 live entries in each, tables for 112. A few may grow once
/// more, by some 10,000 octets. A login that left five octets behind would leave this.
const SLACK: f64 = 50_000.0;

#[test]
fn twenty_thousand_logins_leave_the_entries_that_are_alive_and_nothing_else() {
    let site = Site::new();
    let store = Arc::new(MemoryReplayStore::default());
    let acceptor = site.builder(Policy::default()).replay(ReplayPolicy::Store(store.clone())).build().unwrap();
    let mut service = layer_of(&site.realm, acceptor).layer(Handler::default());
    let mut login = site.login();
    let begun = Heap::now();
    let mut held = Vec::new();
    for batch in 1..=BATCHES {
        site.realm.clock().advance(BETWEEN_BATCHES);
        for _ in 0..LOGINS {
            login = login.again();
            assert_eq!(ask(&mut service, with_token(&login.token())).status(), 200);
        }
        // What expired goes when its part of the store is next asked, and a batch may miss one.
        let live = LIVE.min(batch * LOGINS);
        assert!((live..live + 100).contains(&store.len()), "{} entries after {batch} batches", store.len());
        held.push(begun.octets_since());
    }
    assert_eq!(reason(&ask(&mut service, with_token(&login.token()))), "Replay", "what is alive is remembered");
    let (half, whole) = (held[BATCHES / 2], held[BATCHES - 1]);
    assert!(half > SLACK, "the entries are counted: {half}");
    assert!(whole - half < SLACK, "octets held after each batch: {held:?}");
}

/// Negotiations that may wait, and for how long.
const LIMIT: usize = 50;
const LIFETIME: Duration = Duration::from_secs(60);

/// What one of them holds, and its place in a table that grows by doubling.
const NEGOTIATION: f64 = 8_000.0;

type Service = Negotiate<Handler, EmptyBody>;

fn narrow(site: &Site) -> Service {
    layer(site).pending_negotiations(LIMIT).pending_lifetime(LIFETIME).layer(Handler::default())
}

/// A login of which the first token is not the last.
fn two_legs(site: &Site) -> Login {
    without_integrity(site.login()).offering(&SECOND)
}

fn send(service: &mut Service, connection: u64, token: &[u8]) -> Response<String> {
    let mut request: Request<()> = with_token(token);
    request.extensions_mut().insert(ConnectionId::new(connection));
    ask(service, request)
}

/// One begins every two seconds, and its connection is never heard of again. So 31 are alive, and there is always room.
#[test]
fn negotiations_that_nobody_goes_on_with_are_held_until_their_table_is_full_and_no_longer() {
    let site = Site::new();
    let mut service = narrow(&site);
    let first = two_legs(&site).token();
    let begun = Heap::now();
    for connection in 0..20_000 {
        site.realm.clock().advance(Duration::from_millis(2_000));
        assert_eq!(reason(&send(&mut service, connection, &first)), "Negotiation.GoOn", "{connection}");
        let held = begun.octets_since();
        assert!(held < NEGOTIATION * 50.0, "{held} octets after {connection} connections");
    }
}

#[test]
fn negotiations_that_end_leave_their_places() {
    let site = Site::new();
    let mut service = narrow(&site);
    // Nothing expires while the clock stands still: one that stayed would take a place.
    for connection in 0..20 * u64::try_from(LIMIT).unwrap() {
        let login = two_legs(&site);
        assert_eq!(reason(&send(&mut service, connection, &login.token())), "Negotiation.GoOn");
        assert_eq!(send(&mut service, connection, &later(&login).token()).status(), 200, "{connection}");
    }
    let first = two_legs(&site).token();
    for connection in 0..u64::try_from(LIMIT).unwrap() {
        assert_eq!(reason(&send(&mut service, connection, &first)), "Negotiation.GoOn", "{connection}");
    }
    assert_eq!(reason(&send(&mut service, u64::MAX, &first)), "Negotiation.Crowded");
    site.realm.clock().advance(LIFETIME + Duration::from_micros(1));
    assert_eq!(reason(&send(&mut service, u64::MAX, &first)), "Negotiation.GoOn");
}
