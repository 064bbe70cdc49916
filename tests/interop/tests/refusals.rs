//! What a real realm can get wrong, and what the operator is told; beside each refusal its near miss, accepted.

use std::net::{IpAddr, Ipv4Addr};

use kerbside::gss::ChannelBindings;
use kerbside::{Accepted, Acceptor, BindingPolicy, Connection, Error, ErrorKind, KeyMatch, Timestamp, Tolerance};
use kerbside_interop::{Initiator, Realm, Request, now, shifted};

fn acceptor(realm: &Realm, keytab: &str) -> Acceptor {
    Acceptor::builder(realm.keytab(keytab)).service("HTTP").build().expect("the acceptor is complete")
}

/// A fresh token of alice's for a host.
fn token_for(realm: &Realm, host: &str) -> Vec<u8> {
    Initiator::of(realm, "alice").first_token(&Request::to(host).mutual())
}

/// A token with the ticket that was issued between the two changes of the service's keys.
fn rotated_token(realm: &Realm) -> Vec<u8> {
    let tickets = realm.prepared_cache("rotated");
    Initiator::start(realm, tickets).first_token(&Request::to("rotated").mutual())
}

/// Shows a token to an acceptor of its own, which has seen nothing before.
fn answer(realm: &Realm, keytab: &str, token: &[u8], now: Timestamp) -> Result<Accepted, Error> {
    judged(&acceptor(realm, keytab), &Connection::new(), token, now)
}

/// Explained first, then accepted or refused: the report gives the same answer for the same reason, and a remedy. What is
/// tolerated is the same, too.
fn judged(acceptor: &Acceptor, connection: &Connection, token: &[u8], now: Timestamp) -> Result<Accepted, Error> {
    let report = acceptor.explain_on(connection, token, now);
    let answer = acceptor.accept_on(connection, token, now);
    let said = |error: &Error| (error.kind().name(), error.to_string());
    assert_eq!(report.answer().err().map(said), answer.as_ref().err().map(said), "{report}");
    let first = report.first_refusal().and_then(|check| check.verdict.refusal());
    assert_eq!(first.map(said), answer.as_ref().err().map(said), "{report}");
    match &answer {
        Ok(accepted) => assert_eq!(report.tolerances(), accepted.tolerances(), "{report}"),
        Err(error) => {
            let cause = CAUSES.iter().find(|(kind, ..)| *kind == error.kind().name());
            let (_, steps, remedy) = cause.unwrap_or_else(|| panic!("no cause is written down for {report}"));
            let step = report.first_refusal().expect("a step refuses").step.id();
            assert!(steps.contains(&step), "{step}, not {steps:?}: {report}");
            let named = report.remedies().iter().any(|one| {
                one.advice.contains(remedy) || one.command.as_ref().is_some_and(|command| command.contains(remedy))
            });
            assert!(named, "no {remedy:?} in {report}");
        }
    }
    answer
}

/// What was constructed in the realm, by the name of the refusal: the step that explains it, and a part of a remedy. Each is what MIT's
/// acceptor says of the same token, or what the tickets and keytabs were made for.
const CAUSES: [(&str, &[&str], &str); 11] = [
    ("KeyDoesNotDecrypt", &["K-10"], "setspn -X"),
    ("NoKey.Kvno", &["K-7", "K-8"], "HTTP/rotated.kerbside.test@KERBSIDE.TEST"),
    ("NoKey.Enctype", &["K-9"], "ktadd -k <FILE> -e aes256-cts-hmac-sha1-96:normal HTTP/partial.kerbside.test"),
    ("NoKey.Principal", &["K-6"], "HTTP/web.kerbside.test@KERBSIDE.TEST"),
    ("NotForUs", &["K-5"], "widen it"),
    ("ClockSkew", &["D-4"], "w32tm /resync"),
    ("TicketExpired", &["D-3"], "kdestroy && kinit"),
    ("TicketNotYetValid", &["D-1"], "timedatectl"),
    ("TicketInvalid", &["D-2"], "kinit -v"),
    ("ChannelBinding", &["C-6"], "channel"),
    ("Address", &["N-3"], "kinit -A"),
];

#[track_caller]
fn refused(answer: Result<Accepted, Error>, kind: &str, says: &[&str]) -> Error {
    let error = answer.expect_err("the token is to be refused");
    assert_eq!(error.kind().name(), kind, "{error}");
    let message = error.to_string();
    for part in says {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
    assert!(!error.hint().is_empty(), "{message}");
    error
}

#[track_caller]
fn accepted(answer: Result<Accepted, Error>, tolerances: &[Tolerance]) -> Accepted {
    let accepted = answer.expect("the token is to be accepted");
    assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
    assert_eq!(accepted.tolerances(), tolerances);
    accepted
}

/// The client's time in a token for the ordinary service.
fn client_time(realm: &Realm, token: &[u8]) -> Timestamp {
    accepted(answer(realm, "web", token, now()), &[]).authenticator_time()
}

fn micros(time: Timestamp, later: i64) -> Timestamp {
    Timestamp::from_unix_micros(time.unix_micros() + later)
}

#[test]
fn refuses_a_ticket_whose_key_the_keytab_had_in_another_life() {
    let realm = Realm::started();
    let token = token_for(&realm, "recreated");
    accepted(answer(&realm, "recreated", &token, now()), &[]);
    let says = ["HTTP/recreated.kerbside.test@KERBSIDE.TEST", "kvno 1", "aes256-cts-hmac-sha1-96"];
    let error = refused(answer(&realm, "recreated-before", &token, now()), "KeyDoesNotDecrypt", &says);
    assert_eq!(error.krb_error_code().0, 31);
}

#[test]
fn refuses_a_ticket_newer_than_the_keytab() {
    let realm = Realm::started();
    let token = rotated_token(&realm);
    let matching = accepted(answer(&realm, "rotated-2", &token, now()), &[]);
    assert_eq!(matching.kvno(), 2);
    let says = ["HTTP/rotated.kerbside.test@KERBSIDE.TEST kvno 2", "has kvno 1", "keytab is likely out of date"];
    let error = refused(answer(&realm, "rotated-1", &token, now()), "NoKey.Kvno", &says);
    assert_eq!(error.krb_error_code().0, 44);
}

#[test]
fn refuses_a_ticket_older_than_the_keytab() {
    let realm = Realm::started();
    let token = rotated_token(&realm);
    let says = ["HTTP/rotated.kerbside.test@KERBSIDE.TEST kvno 2", "has kvno 3", "ticket is likely out of date"];
    let error = refused(answer(&realm, "rotated-3", &token, now()), "NoKey.Kvno", &says);
    assert_eq!(error.krb_error_code().0, 44);
    assert!(error.hint().contains("klist purge"), "{}", error.hint());
}

#[test]
fn refuses_a_ticket_between_the_versions_of_the_keytab() {
    let realm = Realm::started();
    let token = rotated_token(&realm);
    let says = ["kvno 2", "1", "3", "ticket is likely out of date", "2 keys of other versions"];
    refused(answer(&realm, "rotated-around", &token, now()), "NoKey.Kvno", &says);
}

#[test]
fn accepts_a_key_under_a_guessed_kvno_and_says_so() {
    let realm = Realm::started();
    let token = token_for(&realm, "password");
    let other = [Tolerance::KeyMatch(KeyMatch::OtherKvno)];
    assert_eq!(accepted(answer(&realm, "password", &token, now()), &other).kvno(), 9);
}

#[test]
fn accepts_a_kvno_that_needs_more_than_eight_bits() {
    let realm = Realm::started();
    let token = token_for(&realm, "kvno300");
    assert_eq!(accepted(answer(&realm, "kvno300", &token, now()), &[]).kvno(), 300);
}

#[test]
fn refuses_an_enctype_that_the_keytab_lacks() {
    let realm = Realm::started();
    let token = token_for(&realm, "partial");
    accepted(answer(&realm, "partial-both", &token, now()), &[]);
    let says = ["HTTP/partial.kerbside.test@KERBSIDE.TEST", "aes256-cts-hmac-sha1-96", "has aes128-cts-hmac-sha1-96"];
    let error = refused(answer(&realm, "partial", &token, now()), "NoKey.Enctype", &says);
    assert_eq!(error.krb_error_code().0, 44);
}

#[test]
fn refuses_a_service_that_the_keytab_lacks() {
    let realm = Realm::started();
    let token = token_for(&realm, "web");
    accepted(answer(&realm, "web", &token, now()), &[]);
    let says = ["HTTP/web.kerbside.test@KERBSIDE.TEST", "HTTP/other.kerbside.test@KERBSIDE.TEST", "1 key"];
    let error = refused(answer(&realm, "other", &token, now()), "NoKey.Principal", &says);
    assert_eq!(error.krb_error_code().0, 35);
}

#[test]
fn refuses_a_service_whose_name_differs_in_case_and_says_so() {
    let realm = Realm::started();
    let token = token_for(&realm, "web");
    let says = ["HTTP/web.kerbside.test@KERBSIDE.TEST", "HTTP/WEB.kerbside.test@KERBSIDE.TEST", "case of letters"];
    refused(answer(&realm, "case", &token, now()), "NoKey.Principal", &says);
}

#[test]
fn accepts_a_renamed_service_by_its_former_name_and_says_so() {
    let realm = Realm::started();
    let token = token_for(&realm, "renamed");
    let alias = [Tolerance::KeyMatch(KeyMatch::Alias)];
    let accepted = accepted(answer(&realm, "renamed", &token, now()), &alias);
    assert_eq!(accepted.service().to_string(), "HTTP/former.kerbside.test@KERBSIDE.TEST");
}

#[test]
fn refuses_a_service_outside_the_policy() {
    let realm = Realm::started();
    let token = token_for(&realm, "web");
    let host = |host: &str| {
        let builder = Acceptor::builder(realm.keytab("enctypes-and-web")).service(host);
        judged(&builder.build().expect("the acceptor is complete"), &Connection::new(), &token, now())
    };
    accepted(host("HTTP/web.kerbside.test"), &[]);
    let says = ["HTTP/web.kerbside.test@KERBSIDE.TEST", "HTTP/rc4-hmac.kerbside.test"];
    let error = refused(host("HTTP/rc4-hmac.kerbside.test"), "NotForUs", &says);
    assert_eq!(error.krb_error_code().0, 35);
}

#[test]
fn refuses_clocks_that_differ_by_a_microsecond_more_than_the_skew() {
    let realm = Realm::started();
    let token = token_for(&realm, "web");
    let client = client_time(&realm, &token);
    for (seconds, side, beyond) in [(300, "behind", 1), (-300, "ahead", -1)] {
        let limit = shifted(client, seconds);
        accepted(answer(&realm, "web", &token, limit), &[]);
        let says = [&format!("5 min 1 s {side}")];
        let error =
            refused(answer(&realm, "web", &token, micros(limit, beyond)), "ClockSkew", &says.map(String::as_str));
        assert_eq!(error.krb_error_code().0, 37);
        assert!(error.reply().is_some(), "a client that asked for mutual authentication is told the time");
    }
}

#[test]
fn initiator_understands_the_refusal_of_its_clock() {
    let realm = Realm::started();
    let mut alice = Initiator::of(&realm, "alice");
    let token = alice.first_token(&Request::to("web").mutual());
    let error = refused(answer(&realm, "web", &token, shifted(now(), 3600)), "ClockSkew", &["behind"]);
    let heard = alice.step(error.reply().expect("37 is always answered")).expect_err("the reply is a refusal");
    assert!(heard.text.contains("Clock skew too great"), "{heard:?}");
}

#[test]
fn refuses_an_expired_ticket_and_accepts_one_that_ended_within_the_skew() {
    let realm = Realm::started();
    let mut alice = Initiator::start(&realm, realm.kinit("alice", &["-l", "60s"]));
    let token = alice.first_token(&Request::to("web").mutual());
    let client = client_time(&realm, &token);
    let within = accepted(answer(&realm, "web", &token, shifted(client, 299)), &[]);
    let end = within.ticket_times().endtime.to_timestamp();
    assert!(end < shifted(client, 61), "the ticket has ended: {end}");

    // At the limit only the clocks differ too much; a microsecond later the ticket is the first to be refused.
    refused(answer(&realm, "web", &token, shifted(end, 300)), "ClockSkew", &[]);
    let past = answer(&realm, "web", &token, micros(shifted(end, 300), 1));
    let error = refused(past, "TicketExpired", &[&end.to_string()[..19], "5 min 1 s"]);
    assert_eq!(error.krb_error_code().0, 32);
}

#[test]
fn refuses_a_postdated_ticket_before_its_time_and_unvalidated() {
    let realm = Realm::started();
    let tickets = realm.kinit("alice", &["-s", "200s", "-S", "HTTP/web.kerbside.test"]);
    let token = Initiator::start(&realm, tickets).first_token(&Request::to("web").mutual());
    let early = answer(&realm, "web", &token, shifted(now(), -400));
    let error = refused(early, "TicketNotYetValid", &["valid from"]);
    assert_eq!(error.krb_error_code().0, 33);
    let ErrorKind::TicketNotYetValid { starts, .. } = error.kind() else { panic!("{error}") };

    // From the skew before its start on it is in time, and still marked INVALID.
    let limit = shifted(starts.to_timestamp(), -300);
    refused(answer(&realm, "web", &token, micros(limit, -1)), "TicketNotYetValid", &[]);
    for now in [limit, now(), starts.to_timestamp()] {
        let error = refused(answer(&realm, "web", &token, now), "TicketInvalid", &["INVALID"]);
        assert_eq!(error.krb_error_code().0, 33);
    }
}

#[test]
fn refuses_a_token_the_second_time() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm, "web");
    let mut alice = Initiator::of(&realm, "alice");
    let request = Request::to("web").mutual();
    let token = alice.first_token(&request);
    accepted(acceptor.accept(&token, now()), &[]);
    let error = refused(acceptor.accept(&token, now()), "Replay", &["presented before"]);
    assert_eq!(error.krb_error_code().0, 34);
    // The same ticket with a new authenticator is no replay.
    accepted(acceptor.accept(&alice.first_token(&request), now()), &[]);
}

#[test]
fn refuses_other_channel_bindings_and_reports_equal_ones() {
    let realm = Realm::started();
    let (ours, theirs) = (b"tls-server-end-point:ours", b"tls-server-end-point:theirs");
    let connection = Connection::new().channel_bindings(ChannelBindings::from_application_data(*ours));
    let acceptor = acceptor(&realm, "web");
    let mut alice = Initiator::of(&realm, "alice");
    let mut bound_to = |data: &[u8]| {
        let token = alice.first_token(&Request::to("web").mutual().bindings(data));
        judged(&acceptor, &connection, &token, now())
    };
    assert!(accepted(bound_to(ours), &[]).channel_bound());
    let error = refused(bound_to(theirs), "ChannelBinding", &["another channel"]);
    assert_eq!(error.gss_major(), kerbside::GssMajor::BAD_BINDINGS);
}

#[test]
fn refuses_missing_channel_bindings_only_when_they_are_required() {
    let realm = Realm::started();
    let connection = Connection::new().channel_bindings(ChannelBindings::from_application_data(*b"tls-unique:1"));
    let token = token_for(&realm, "web");
    let with = |bindings: BindingPolicy| {
        let builder = Acceptor::builder(realm.keytab("web")).adjust_policy(|policy| policy.channel_bindings = bindings);
        judged(&builder.build().expect("the acceptor is complete"), &connection, &token, now())
    };
    assert!(!accepted(with(BindingPolicy::AcceptIfAbsent), &[]).channel_bound());
    refused(with(BindingPolicy::Require), "ChannelBinding", &["required"]);
}

#[test]
fn refuses_a_ticket_that_is_bound_to_another_address() {
    let realm = Realm::started();
    let tickets = realm.kinit("alice", &["-a", "-S", "HTTP/web.kerbside.test"]);
    let token = Initiator::start(&realm, tickets).first_token(&Request::to("web").mutual());
    let from = |last: u8| {
        let peer = Connection::new().peer_address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)));
        judged(&acceptor(&realm, "web"), &peer, &token, now())
    };
    // 192.0.2.7 is what krb5.conf adds to the machine's own addresses.
    accepted(from(7), &[]);
    let error = refused(from(8), "Address", &["192.0.2.8", "192.0.2.7"]);
    assert_eq!(error.krb_error_code().0, 38);
}
