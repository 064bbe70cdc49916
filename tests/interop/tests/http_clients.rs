//! Clients over http and https that are no browsers: curl, Python's and Java's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Response, Version};
use kerbside_interop::{Certificate, Client, Curl, Errand, Proof, Realm, Site, negotiation, tickets, visits, whoami};
use tower::ServiceExt as _;

#[test]
fn log_in_with_tickets_of_mit() {
    visits::log_in(&Client::OTHERS, &Realm::started());
}

#[test]
fn log_in_with_tickets_of_heimdal() {
    visits::log_in(&Client::OTHERS, &Realm::heimdal());
}

#[test]
fn log_in_with_tickets_of_samba() {
    visits::log_in(&Client::OTHERS, &Realm::samba());
}

/// The others speak HTTP/1.1.
#[test]
fn curl_logs_in_over_http2() {
    assert_eq!(visits::log_in_where_http2_is_offered(Client::Curl).versions, [Version::HTTP_2]);
}

#[test]
fn bind_their_tokens_or_are_refused_by_the_strict_policy() {
    visits::bind_or_are_refused(&Client::OTHERS, &Realm::started());
}

#[test]
fn bind_their_tokens_with_tickets_of_samba() {
    visits::bind_or_are_refused(&[Client::Requests], &Realm::samba());
}

#[test]
fn fall_back_without_a_ticket() {
    visits::fall_back_without_a_ticket(&Client::OTHERS);
}

#[test]
fn give_up_when_refused() {
    visits::give_up_when_refused(&Client::OTHERS);
}

#[test]
fn send_the_token_of_a_user_in_302_groups_who_delegates() {
    visits::send_a_large_token(&Client::OTHERS);
}

/// No user is in so many groups: 70 KB of base64, and beside them 60 KB, which are within the limit.
#[test]
fn are_told_what_is_wrong_with_a_header_of_70_kilobytes() {
    let realm = Realm::started();
    let (nobody, certificate) = (realm.new_cache(), Certificate::issue());
    let page = || whoami(tickets::acceptor(&realm, "web"));
    for site in [Site::http(page()), Site::https(&certificate, page())] {
        for (octets, status, name) in [(52_500, 431, "Header.TooLarge"), (45_000, 400, "Token.Malformed")] {
            let header = format!("Authorization: Negotiate {}", STANDARD.encode(vec![0x60; octets]));
            let curl = Curl::run(&Errand::to(&site, &realm, &nobody), &["--header", &header]);
            assert_eq!((curl.http_status, curl.body.as_str()), (status, name), "{}", curl.log);
            assert!(!curl.was_sent("WWW-Authenticate", ""), "another token would not help: {}", curl.log);
        }
    }
}

/// What becomes of the server's last token.
type Change = fn(Vec<u8>) -> Option<Vec<u8>>;

/// With the server's last token changed, or taken away.
fn with_reply<B>(mut response: Response<B>, change: Change) -> Response<B> {
    if let Some(reply) = take_reply(response.headers_mut()).and_then(change) {
        let value = format!("Negotiate {}", STANDARD.encode(reply));
        let value = HeaderValue::try_from(value).expect("base64 may stand in a header");
        response.headers_mut().append(WWW_AUTHENTICATE, value);
    }
    response
}

/// The token out of the response; a challenge without one stays.
fn take_reply(headers: &mut HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(WWW_AUTHENTICATE)?.to_str().expect("it is text");
    let reply = STANDARD.decode(value.strip_prefix("Negotiate ")?).expect("it is base64");
    headers.remove(WWW_AUTHENTICATE);
    Some(reply)
}

/// That they take the reply as it is shows with every login.
#[test]
fn give_no_page_of_a_server_that_does_not_prove_itself() {
    let realm = Realm::started();
    let alice = realm.kinit("alice", &[]);
    let last_bit_turned = |reply: Vec<u8>| Some(negotiation::turned(&reply, reply.len() * 8 - 1));
    let without = |_| None;
    for change in [last_bit_turned as Change, without] {
        for client in Client::OTHERS {
            let page = whoami(tickets::acceptor(&realm, "web"));
            let site = Site::http(page.map_response(move |response| with_reply(response, change)).boxed_clone());
            let visit = client.visit(&Errand::to(&site, &realm, &alice));
            // All of them sent a token that the acceptor took.
            assert_eq!(site.seen().statuses.last(), Some(&200), "{client:?}: {visit:?}");
            let (body, proof) =
                if client.is_careful() { ("", Proof::Refused) } else { ("alice@KERBSIDE.TEST", Proof::NotChecked) };
            assert_eq!((visit.body.as_str(), visit.proof), (body, proof), "{client:?}: {visit:?}");
        }
    }
}
