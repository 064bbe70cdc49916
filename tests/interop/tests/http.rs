//! `curl --negotiate` against a server that hands its tokens to the acceptor.
//!
//! curl takes a 200 with whatever reply stands in it (tried with 7.88); that replies are believed is shown in `mutual.rs`.

use kerbside::{Acceptor, Error};
use kerbside_interop::{Curl, Realm, now, serve};

fn acceptor(realm: &Realm, keytab: &str) -> Acceptor {
    Acceptor::builder(realm.keytab(keytab)).service("HTTP").build().expect("the acceptor is complete")
}

/// What a server does with a token: 200 and the client's name, or 401 and the kind of the refusal.
fn answer(acceptor: &Acceptor, token: &[u8]) -> (u16, Option<Vec<u8>>, String) {
    match acceptor.accept(token, now()) {
        Ok(accepted) => (200, accepted.reply().map(<[u8]>::to_vec), accepted.client().to_string()),
        Err(error) => (401, error.reply().map(<[u8]>::to_vec), error.kind().name().to_owned()),
    }
}

fn curl(keytab: &str, options: &[&str]) -> Curl {
    let realm = Realm::started();
    let acceptor = acceptor(&realm, keytab);
    serve(&realm, &realm.kinit("alice", &[]), "web", options, |token| answer(&acceptor, token))
}

#[test]
fn curl_logs_in_with_its_first_request() {
    let curl = curl("web", &["--negotiate"]);
    assert_eq!(
        (curl.status, curl.http_status, curl.body.as_str()),
        (Some(0), 200, "alice@KERBSIDE.TEST"),
        "{}",
        curl.log
    );
    assert_eq!((curl.requests, curl.tokens.len()), (1, 1), "{}", curl.log);
    assert!(curl.log.contains("< WWW-Authenticate: Negotiate "), "{}", curl.log);
}

#[test]
fn curl_logs_in_after_a_challenge() {
    let curl = curl("web", &["--anyauth"]);
    assert_eq!(
        (curl.status, curl.http_status, curl.body.as_str()),
        (Some(0), 200, "alice@KERBSIDE.TEST"),
        "{}",
        curl.log
    );
    assert_eq!((curl.requests, curl.tokens.len()), (2, 1), "{}", curl.log);
}

#[test]
fn curl_is_refused_by_a_server_without_the_key() {
    let curl = curl("other", &["--negotiate", "--fail-with-body"]);
    assert_eq!((curl.status, curl.http_status, curl.body.as_str()), (Some(22), 401, "NoKey.Principal"), "{}", curl.log);
}

#[test]
fn refuses_curls_token_the_second_time() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm, "web");
    let curl = serve(&realm, &realm.kinit("alice", &[]), "web", &["--negotiate"], |token| answer(&acceptor, token));
    assert_eq!(curl.http_status, 200, "{}", curl.log);
    let error: Error = acceptor.accept(&curl.tokens[0], now()).expect_err("it was used");
    assert_eq!(error.kind().name(), "Replay");
}
