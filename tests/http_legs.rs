//! Negotiations of several requests behind the tower layer: kept by connection where there is one, and refused where there
//! is none.
#![cfg(all(feature = "tower", feature = "testing"))]

#[path = "support/site.rs"]
mod site;
#[path = "support/http.rs"]
mod support;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::time::Duration;
use http::{Request, Response, Version};
use kerbside::http::tower::{ConnectionId, Negotiate, NegotiateLayer, RequestMemo};
use kerbside::testing::{Login, NegState};
use kerbside::{AcceptorSet, Policy};
use site::Site;
use support::{Handler, ask, challenges, layer, layer_of, reason, refusal, service, verified, with_header, with_token};
use talk::{SECOND, flags, initiator, later, later_with, mech_types, resp, without_integrity};
use tower_layer::Layer as _;

const HERE: ConnectionId = ConnectionId::new(1);
const ELSEWHERE: ConnectionId = ConnectionId::new(2);

fn on(connection: ConnectionId, token: &[u8]) -> Request<()> {
    let mut request = with_token(token);
    request.extensions_mut().insert(connection);
    request
}

fn send(
    service: &mut Negotiate<Handler, impl RefusesWithText>,
    connection: ConnectionId,
    token: &[u8],
) -> Response<String> {
    ask(service, on(connection, token))
}

/// What [`ask`] needs of a layer.
trait RefusesWithText: kerbside::http::tower::RefusalResponse<String> {}
impl<R: kerbside::http::tower::RefusalResponse<String>> RefusesWithText for R {}

/// A login of two legs: Kerberos is the second choice, and no MIC is exchanged.
fn two_legs(site: &Site, client: &str) -> Login {
    without_integrity(site.login_of(client)).offering(&SECOND)
}

#[track_caller]
fn assert_goes_on(login: &Login, response: &Response<String>, state: NegState) {
    assert_eq!((response.status().as_u16(), reason(response)), (401, "Negotiation.GoOn"));
    assert_eq!(verified(login, response).neg_state, Some(state));
}

#[track_caller]
fn assert_done(login: &Login, response: &Response<String>) {
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "alice@EXAMPLE.COM"));
    assert_eq!(verified(login, response).neg_state, Some(NegState::AcceptCompleted));
}

#[track_caller]
fn assert_challenged_afresh(response: &Response<String>, name: &str) {
    assert_eq!(refusal(response), (401, name, vec!["Negotiate".to_owned()]));
}

#[test]
fn two_legs_are_taken_on_one_connection() {
    let site = Site::new();
    let mut service = service(&site);
    let login = two_legs(&site, "alice");
    assert_goes_on(&login, &send(&mut service, HERE, &login.token()), NegState::RequestMic);
    let last = later(&login).token();
    assert_done(&login, &send(&mut service.clone(), HERE, &last));
    // It is over: the same token once more goes on with nothing.
    assert_challenged_afresh(&send(&mut service, HERE, &last), "Negotiation.OutOfOrder");
}

#[test]
fn three_legs_with_their_mics_are_taken_on_one_connection() {
    let site = Site::new();
    let mut service = service(&site);
    let login = site.login().offering(&SECOND);
    assert_goes_on(&login, &send(&mut service, HERE, &login.token()), NegState::RequestMic);
    let response = send(&mut service, HERE, &later(&login).token());
    let answer = verified(&login, &response);
    assert_goes_on(&login, &response, NegState::AcceptIncomplete);
    let mic = initiator(&login, &answer, flags()).get_mic(&mech_types(&SECOND)).unwrap();
    assert_done(&login, &send(&mut service, HERE, &resp(None, Some(&mic))));
}

#[test]
fn without_a_connection_the_client_is_challenged_afresh() {
    let site = Site::new();
    let mut service = service(&site);
    let login = two_legs(&site, "alice");
    assert_challenged_afresh(&ask(&mut service, with_token(&login.token())), "Negotiation.NoConnection");
    assert_challenged_afresh(&ask(&mut service, with_token(&later(&login).token())), "Negotiation.OutOfOrder");
    // One leg needs none.
    assert_eq!(ask(&mut service, with_token(&site.login().token())).status(), 200);
}

// F5-20, ASK-21: on HTTP/2 requests of one connection run side by side.
#[test]
fn ktb_22_no_negotiation_waits_on_http_2() {
    let site = Site::new();
    let mut service = service(&site);
    let login = two_legs(&site, "alice");
    for version in [Version::HTTP_2, Version::HTTP_3] {
        let mut request = on(HERE, &login.token());
        *request.version_mut() = version;
        assert_challenged_afresh(&ask(&mut service, request), "Negotiation.NoConnection");
    }
    for version in [Version::HTTP_10, Version::HTTP_11] {
        let login = two_legs(&site, "alice");
        for (token, status) in [(login.token(), 401), (later(&login).token(), 200)] {
            let mut request = on(HERE, &token);
            *request.version_mut() = version;
            assert_eq!(ask(&mut service, request).status().as_u16(), status);
        }
    }
}

// ASK-21
#[test]
fn ktb_22_negotiations_of_two_connections_are_never_mixed() {
    let site = Site::new();
    let mut service = service(&site);
    let (alice, bob) = (two_legs(&site, "alice"), two_legs(&site, "bob"));
    assert_goes_on(&alice, &send(&mut service, HERE, &alice.token()), NegState::RequestMic);
    assert_goes_on(&bob, &send(&mut service, ELSEWHERE, &bob.token()), NegState::RequestMic);
    assert_eq!(send(&mut service, ELSEWHERE, &later(&bob).token()).body(), "bob@EXAMPLE.COM");
    assert_done(&alice, &send(&mut service, HERE, &later(&alice).token()));
}

/// A proxy that gives one upstream connection to two users, and a server that does not know better.
#[test]
fn ktb_22_a_second_users_token_on_the_same_connection_is_the_second_users() {
    let site = Site::new();
    let mut service = service(&site);
    let (alice, bob) = (two_legs(&site, "alice"), two_legs(&site, "bob"));
    assert_goes_on(&alice, &send(&mut service, HERE, &alice.token()), NegState::RequestMic);
    assert_eq!(send(&mut service, HERE, &later(&bob).token()).body(), "bob@EXAMPLE.COM");
    // With MICs, bob cannot finish what alice has begun.
    let alice = site.login().offering(&SECOND);
    assert_goes_on(&alice, &send(&mut service, HERE, &alice.token()), NegState::RequestMic);
    assert_goes_on(&alice, &send(&mut service, HERE, &later(&alice).token()), NegState::AcceptIncomplete);
    let bobs = later_with(&site.login_of("bob"), kerbside::testing::MechListMic::Absent).token();
    let response = send(&mut service, HERE, &bobs);
    assert_eq!(response.status(), 401);
    assert_ne!(reason(&response), "Negotiation.GoOn");
}

#[test]
fn a_first_token_begins_anew_and_drops_what_waited() {
    let site = Site::new();
    let mut service = service(&site);
    let abandoned = two_legs(&site, "bob");
    assert_goes_on(&abandoned, &send(&mut service, HERE, &abandoned.token()), NegState::RequestMic);
    let login = site.login();
    assert_done(&login, &send(&mut service, HERE, &login.token()));
    assert_challenged_afresh(&send(&mut service, HERE, &later(&abandoned).token()), "Negotiation.OutOfOrder");
}

#[test]
fn what_waits_expires_by_the_callers_clock() {
    let site = Site::new();
    for (seconds, done) in [(60, true), (61, false)] {
        let mut service = service(&site);
        let login = two_legs(&site, "alice");
        assert_goes_on(&login, &send(&mut service, HERE, &login.token()), NegState::RequestMic);
        site.realm.clock().advance(Duration::from_secs(seconds));
        let response = send(&mut service, HERE, &later(&login).token());
        if done {
            assert_done(&login, &response);
        } else {
            assert_challenged_afresh(&response, "Negotiation.OutOfOrder");
        }
    }
}

fn waits(service: &mut Negotiate<Handler, impl RefusesWithText>, site: &Site, connection: u64) -> &'static str {
    let response = send(service, ConnectionId::new(connection), &two_legs(site, "alice").token());
    if reason(&response) == "Negotiation.Crowded" {
        assert_eq!((response.status().as_u16(), challenges(&response)), (503, Vec::new()));
    }
    reason(&response)
}

#[test]
fn as_many_wait_as_may_and_room_comes_with_time_and_with_closed_connections() {
    let site = Site::new();
    let layer = layer(&site).pending_lifetime(Duration::from_secs(10)).pending_negotiations(2);
    let mut service = layer.layer(Handler::default());
    let found = [1, 2, 3, 2].map(|connection| waits(&mut service, &site, connection));
    assert_eq!(found, ["Negotiation.GoOn", "Negotiation.GoOn", "Negotiation.Crowded", "Negotiation.GoOn"]);
    // Logins of one leg are not concerned.
    assert_eq!(send(&mut service, ConnectionId::new(3), &site.login().token()).status(), 200);
    layer.forget(ConnectionId::new(1));
    assert_eq!(
        [3, 4].map(|connection| waits(&mut service, &site, connection)),
        ["Negotiation.GoOn", "Negotiation.Crowded"]
    );
    site.realm.clock().advance(Duration::from_secs(11));
    assert_eq!(waits(&mut service, &site, 4), "Negotiation.GoOn");
    let mut none = layer.pending_negotiations(0).layer(Handler::default());
    assert_eq!(waits(&mut none, &site, 1), "Negotiation.Crowded");
}

/// Step X-4: with a connection the client is told the time and may try once more; without one it is refused by name.
#[test]
fn a_wrong_clock_is_recovered_on_a_connection_and_named_without_one() {
    let site = Site::new();
    let mut service = service(&site);
    let late = || site.login().clock_behind(Duration::from_secs(900));
    let login = late();
    let response = send(&mut service, HERE, &login.token());
    assert_goes_on(&login, &response, NegState::AcceptIncomplete);
    assert!(verified(&login, &response).krb_error.is_some());
    let again = login.again();
    assert_done(&again, &send(&mut service, HERE, &later(&again).token()));
    let login = late();
    let response = ask(&mut service, with_token(&login.token()));
    assert_eq!((response.status().as_u16(), reason(&response)), (401, "ClockSkew"));
    assert_eq!(verified(&login, &response).neg_state, Some(NegState::Reject));
}

/// What was begun for one virtual host is nothing for another one.
#[test]
fn a_negotiation_belongs_to_the_acceptor_that_began_it() {
    let site = Site::new();
    let hosts = ["a", "b"].map(|host| (host, site.acceptor(Policy::default())));
    let (set, realm) = (AcceptorSet::new(hosts).unwrap(), site.realm.clone());
    let mut service = NegotiateLayer::by_host(set, move || realm.now()).layer(Handler::default());
    let mut ask_of = |host: &str, token: &[u8]| {
        let mut request = on(HERE, token);
        request.headers_mut().insert("host", host.parse().unwrap());
        let response = ask(&mut service, request);
        (response.status().as_u16(), response.into_body())
    };
    let login = two_legs(&site, "alice");
    assert_eq!(ask_of("a", &login.token()), (401, String::new()));
    assert_eq!(ask_of("b", &later(&login).token()), (401, String::new()));
    assert_eq!(ask_of("a", &login.token()), (401, String::new()));
    assert_eq!(ask_of("a", &later(&login).token()), (200, "alice@EXAMPLE.COM".to_owned()));
}

#[test]
fn apr_17_the_last_leg_is_remembered_too() {
    let site = Site::new();
    let mut service = service(&site);
    let login = two_legs(&site, "alice");
    send(&mut service, HERE, &login.token());
    let mut request = on(HERE, &later(&login).token());
    request.extensions_mut().insert(RequestMemo::new());
    for _ in 0..2 {
        assert_done(&login, &ask(&mut service, request.clone()));
    }
}

#[test]
fn a_request_without_a_token_leaves_what_waits_alone() {
    let site = Site::new();
    let mut service = service(&site);
    let login = two_legs(&site, "alice");
    send(&mut service, HERE, &login.token());
    let mut empty = with_header("Negotiate");
    empty.extensions_mut().insert(HERE);
    assert_eq!(ask(&mut service, empty).status(), 401);
    assert_done(&login, &send(&mut service, HERE, &later(&login).token()));
}

#[test]
fn dce_style_goes_on_where_the_policy_takes_it() {
    let site = Site::new();
    let acceptor = site.builder(Policy::default()).adjust_policy(|policy| policy.dce = kerbside::DcePolicy::Accept);
    let mut service = layer_of(&site.realm, acceptor.build().unwrap()).layer(Handler::default());
    let login = site.login().dce_style();
    let response = send(&mut service, HERE, &login.token());
    assert_eq!(reason(&response), "Negotiation.GoOn");
    let answer = verified(&login, &response);
    let done = send(&mut service, HERE, &login.dce_leg(&answer));
    assert_eq!((done.status().as_u16(), done.body().as_str()), (200, "alice@EXAMPLE.COM"));
}
