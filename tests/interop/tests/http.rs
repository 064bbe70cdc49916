//! `curl --negotiate` against hyper behind the tower layer.
//!
//! curl takes a 200 with whatever reply stands in it (tried with 7.88); that replies are believed is shown in `mutual.rs`.

use kerbside_interop::{Curl, Errand, Realm, Seen, Site, now, tickets, whoami};

/// Runs curl against a site with this keytab.
fn curl(keytab: &str, options: &[&str]) -> (Curl, Seen) {
    let realm = Realm::started();
    let site = Site::http(whoami(tickets::acceptor(&realm, keytab)));
    let curl = Curl::run(&Errand::to(&site, &realm, &realm.kinit("alice", &[])), options);
    (curl, site.seen())
}

#[test]
fn curl_logs_in_with_its_first_request() {
    let (curl, seen) = curl("web", &["--negotiate"]);
    assert_eq!(
        (curl.status, curl.http_status, curl.body.as_str()),
        (Some(0), 200, "alice@KERBSIDE.TEST"),
        "{}",
        curl.log
    );
    assert_eq!((seen.statuses.len(), seen.tokens.len()), (1, 1), "{}", curl.log);
    assert!(curl.was_sent("WWW-Authenticate", "Negotiate "), "{}", curl.log);
}

#[test]
fn curl_logs_in_after_a_challenge() {
    let (curl, seen) = curl("web", &["--anyauth"]);
    assert_eq!(
        (curl.status, curl.http_status, curl.body.as_str()),
        (Some(0), 200, "alice@KERBSIDE.TEST"),
        "{}",
        curl.log
    );
    assert_eq!((seen.statuses.len(), seen.tokens.len()), (2, 1), "{}", curl.log);
}

#[test]
fn curl_is_refused_by_a_server_without_the_key() {
    let (curl, _) = curl("other", &["--negotiate", "--fail-with-body"]);
    assert_eq!((curl.status, curl.http_status, curl.body.as_str()), (Some(22), 401, "NoKey.Principal"), "{}", curl.log);
}

#[test]
fn refuses_curls_token_the_second_time() {
    let realm = Realm::started();
    let acceptor = tickets::acceptor(&realm, "web");
    let site = Site::http(whoami(acceptor.clone()));
    let curl = Curl::run(&Errand::to(&site, &realm, &realm.kinit("alice", &[])), &["--negotiate"]);
    assert_eq!(curl.http_status, 200, "{}", curl.log);
    let error = acceptor.accept(&site.seen().tokens[0], now()).expect_err("it was used");
    assert_eq!(error.kind().name(), "Replay");
}
