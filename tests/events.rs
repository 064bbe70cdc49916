//! Events: each with its fields, at its level, one line for each refusal; and nothing secret in any.
#![cfg(all(feature = "testing", feature = "tracing"))]

#[path = "support/refusals.rs"]
mod refusals;

use core::cell::RefCell;
use core::fmt::Debug;
use kerbside::events::{TARGET, TARGET_KEY, TARGET_LEG, TARGET_REPLAY};
use kerbside::numbers::{Enctype, NameType};
use kerbside::replay::{ReplayStoreError, Seen};
use kerbside::testing::{EncryptionKey, Login, PrincipalName, Realm};
use kerbside::{Acceptor, Connection, ErrorClass, ReplayPolicy, Step};
use refusals::{HIDDEN, SERVICE, realm};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// One event, its values as text.
#[derive(Debug, Clone)]
struct Told {
    level: Level,
    target: &'static str,
    fields: BTreeMap<&'static str, String>,
}

impl Told {
    #[track_caller]
    fn get(&self, field: &str) -> &str {
        self.fields.get(field).unwrap_or_else(|| panic!("no field {field} in {self:?}"))
    }
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// The one subscriber of all tests: it keeps for each thread what that wants to hear. Subscribers that come and go would do so for all
/// threads, because `tracing` remembers of each place in the code whether anybody listens.
struct Log;

thread_local! {
    /// Up to which level this thread listens, and what it was told.
    static HEARD: RefCell<(LevelFilter, Vec<Told>)> = const { RefCell::new((LevelFilter::OFF, Vec::new())) };
}

impl Subscriber for Log {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        HEARD.with_borrow(|(level, _)| metadata.level() <= level) && metadata.target().starts_with("kerbside")
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut told = Told { level: *metadata.level(), target: metadata.target(), fields: BTreeMap::new() };
        event.record(&mut told);
        HEARD.with_borrow_mut(|(_, heard)| heard.push(told));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What is told up to a level while that happens.
fn told_up_to(level: LevelFilter, happens: impl FnOnce()) -> Vec<Told> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
    HEARD.set((level, Vec::new()));
    happens();
    HEARD.replace((LevelFilter::OFF, Vec::new())).1
}

fn everything(happens: impl FnOnce()) -> Vec<Told> {
    told_up_to(LevelFilter::TRACE, happens)
}

fn of_target<'t>(told: &'t [Told], target: &str) -> Vec<&'t Told> {
    told.iter().filter(|told| told.target == target).collect()
}

fn acceptor(realm: &Realm) -> Acceptor {
    Acceptor::builder(realm.keytab(SERVICE).unwrap()).service("HTTP").build().unwrap()
}

fn sha256_prefix(token: &[u8]) -> String {
    Sha256::digest(token).iter().take(4).map(|octet| format!("{octet:02x}")).collect()
}

fn level_of(class: ErrorClass) -> Level {
    match class {
        ErrorClass::Environment => Level::ERROR,
        ErrorClass::Configuration | ErrorClass::Policy | ErrorClass::Replay => Level::WARN,
        ErrorClass::NotKerberos | ErrorClass::Malformed | ErrorClass::Time => Level::INFO,
        _ => Level::DEBUG,
    }
}

// ICE-03, ICE-04
#[test]
fn each_refusal_is_one_line_with_its_codes_at_the_level_of_its_class() {
    let mut refused = 0;
    for row in refusals::all() {
        let mut error = None;
        let told = everything(|| error = Some(row.play(ReplayPolicy::Memory, |login| login).error));
        let error = error.unwrap();
        let lines: Vec<_> =
            of_target(&told, TARGET).into_iter().filter(|t| t.get("message") == "token refused").collect();
        if row.name.starts_with("Setup.") || row.name == "NoKey.File" {
            assert!(lines.is_empty(), "{}: there is no acceptor that could refuse", row.label);
            continue;
        }
        let line = lines.last().unwrap_or_else(|| panic!("{}: no line", row.label));
        assert!(lines.len() == 1 || row.name == "Negotiation.Closed", "{}: {lines:#?}", row.label);
        assert_eq!(line.level, level_of(error.class()), "{}", row.label);
        assert_eq!(line.get("kind"), row.name);
        assert_eq!(line.get("krb_error_code"), row.code.to_string(), "{}", row.label);
        assert_eq!(line.get("gss_major"), row.major.0.to_string(), "{}", row.label);
        assert_eq!(line.get("class").replace(' ', ""), format!("{:?}", row.class).to_lowercase(), "{}", row.label);
        assert_eq!(line.get("error"), error.to_string());
        assert_eq!(line.get("hint"), error.hint());
        assert_eq!(line.fields.get("mechanism").cloned(), error.mechanism().map(|mechanism| mechanism.to_string()));
        assert!(line.fields.contains_key("token_octets") && line.fields.contains_key("accepts"), "{}", row.label);
        assert!(line.fields.values().all(|text| !text.contains('\n')), "{}: {line:?}", row.label);
        refused += 1;
    }
    assert!(refused > 60, "{refused}");
}

// ICE-28
#[test]
fn each_level_shows_its_own_and_those_above() {
    let realm = realm();
    let acceptor = acceptor(&realm);
    let all = || {
        let good = realm.login("alice", SERVICE);
        acceptor.accept(&good.token(), realm.now()).unwrap();
        acceptor.accept(&good.token(), realm.now()).unwrap_err();
        acceptor.accept(b"NTLMSSP\0\x01\0\0\0", realm.now()).unwrap_err();
    };
    let counts = |level| told_up_to(level, all).len();
    let [none, error, warn, info] =
        [LevelFilter::OFF, LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::INFO].map(counts);
    assert_eq!([none, error, warn, info], [0, 0, 1, 2]);
    let debug = told_up_to(LevelFilter::DEBUG, all);
    assert_eq!(debug.iter().map(|told| told.level).collect::<Vec<_>>(), [Level::DEBUG, Level::WARN, Level::INFO]);
    let trace = told_up_to(LevelFilter::TRACE, all);
    assert!(trace.iter().all(|told| told.target.starts_with(TARGET)));
    assert_eq!(trace.iter().filter(|told| told.level == Level::TRACE).count(), 3 + 2 + 2);
}

// ICE-04, CAS-19
#[test]
fn an_acceptance_tells_who_with_which_key_and_over_which_connection() {
    let realm = realm();
    let token = realm.login("alice", SERVICE).kvno(7).with_authenticator(|a| a.seq_number = None).token();
    let connection = Connection::new().label("intranet");
    // The key of version 7, under the number 2.
    let service = realm.principal(SERVICE);
    let key = realm.service_key(&service, Realm::ENCTYPE, 7);
    let acceptor = Acceptor::builder(realm.keytab_builder().entry(&service, 2, &key).build().unwrap()).build().unwrap();
    let told = told_up_to(LevelFilter::DEBUG, || {
        acceptor.accept_on(&connection, &token, realm.now()).unwrap();
    });
    let [line] = &told[..] else { panic!("{told:#?}") };
    assert_eq!((line.level, line.target), (Level::DEBUG, "kerbside::accept"));
    for (field, value) in [
        ("message", "token accepted"),
        ("client", "alice@EXAMPLE.COM"),
        ("service", "HTTP/web.example.com@EXAMPLE.COM"),
        ("enctype", "aes256-cts-hmac-sha1-96 (18)"),
        ("kvno", "2"),
        ("key_match", "other kvno"),
        ("mechanism", "spnego"),
        ("channel_bound", "false"),
        ("connection", "intranet"),
        ("token_octets", &token.len().to_string()),
        ("token_sha256", &sha256_prefix(&token)),
        ("tolerances", "the key is of another version; the authenticator had no sequence number"),
    ] {
        assert_eq!(line.get(field), value, "{field}");
    }
    assert_eq!(line.fields.len(), 12);
}

#[test]
fn what_is_not_known_is_left_out() {
    let realm = realm();
    let told = told_up_to(LevelFilter::DEBUG, || {
        acceptor(&realm).accept(&realm.login("alice", SERVICE).token(), realm.now()).unwrap();
        acceptor(&realm).accept(b"x", realm.now()).unwrap_err();
    });
    let [accepted, refused] = &told[..] else { panic!("{told:#?}") };
    assert!(!accepted.fields.contains_key("tolerances") && !accepted.fields.contains_key("connection"));
    for field in ["client", "service", "enctype", "kvno", "key_match", "mechanism", "connection"] {
        assert!(!refused.fields.contains_key(field), "{field}");
    }
    assert_eq!(refused.get("accepts"), "HTTP/*@*");
}

#[test]
fn a_replay_tells_whose_ticket_it_was_and_other_refusals_do_not() {
    let realm = realm();
    let acceptor = acceptor(&realm);
    let login = realm.login("alice", SERVICE);
    let late = realm.login("bob", SERVICE).clock_behind(core::time::Duration::from_secs(301));
    acceptor.accept(&login.token(), realm.now()).unwrap();
    for level in [LevelFilter::WARN, LevelFilter::INFO, LevelFilter::TRACE] {
        let told = told_up_to(level, || {
            acceptor.accept(&login.token(), realm.now()).unwrap_err();
            acceptor.accept(&late.token(), realm.now()).unwrap_err();
        });
        let lines = of_target(&told, TARGET);
        assert_eq!(lines[0].get("kind"), "Replay");
        assert_eq!(lines[0].get("client"), "alice@EXAMPLE.COM");
        assert_eq!(lines[0].get("service"), "HTTP/web.example.com@EXAMPLE.COM");
        assert_eq!((lines[0].get("kvno"), lines[0].get("key_match")), ("2", "exact"));
        assert!(lines[1..].iter().all(|line| line.get("kind") == "ClockSkew" && !line.fields.contains_key("client")));
    }
}

// ZIM-29, CAS-19
#[test]
fn everything_is_each_leg_the_key_and_the_replay_question() {
    let realm = realm();
    let token = realm.login("alice", SERVICE).token();
    let told = everything(|| drop(acceptor(&realm).accept(&token, realm.now()).unwrap()));
    assert_eq!(
        told.iter().map(|told| told.target).collect::<Vec<_>>(),
        [TARGET_LEG, TARGET_KEY, TARGET_REPLAY, TARGET]
    );
    let [leg, key, replay, _] = &told[..] else { panic!() };
    assert!([leg, key, replay].iter().all(|told| told.level == Level::TRACE));
    assert_eq!((leg.get("leg"), leg.get("outcome")), ("1", "accepted"));
    assert!(leg.get("reply_octets").parse::<usize>().unwrap() > 100);
    assert_eq!((key.get("client"), key.get("kvno")), ("alice@EXAMPLE.COM", "2"));
    assert_eq!((key.get("enctype"), key.get("key_match")), ("aes256-cts-hmac-sha1-96 (18)", "exact"));
    assert_eq!(key.get("service"), "HTTP/web.example.com@EXAMPLE.COM");
    assert_eq!(replay.get("answer"), "passed");
    assert_eq!(replay.get("keep_until"), realm.now().saturating_add(core::time::Duration::from_secs(600)).to_string());
    assert_eq!(replay.get("replay_key").len(), 8);
    assert!([leg, key, replay].iter().all(|told| told.get("token_sha256") == sha256_prefix(&token)));
}

#[test]
fn an_answer_of_the_callers_store_is_told_with_the_token_that_it_is_about() {
    let realm = realm();
    let builder = || Acceptor::builder(realm.keytab(SERVICE).unwrap()).replay(ReplayPolicy::Ask);
    for (answer, outcome) in [
        (Ok(Seen::Fresh), "passed"),
        (Ok(Seen::Replay { first_seen: realm.now() }), "Replay"),
        (Err(ReplayStoreError::Full { entries: 7 }), "ReplayStore.Full"),
    ] {
        let acceptor = builder().build().unwrap();
        let token = realm.login("alice", SERVICE).token();
        let told = everything(|| {
            let mut negotiation = acceptor.negotiate_on(Connection::new().label("door"));
            assert!(matches!(negotiation.step(&token, realm.now()), Ok(Step::CheckReplay(_))));
            drop(negotiation.resume(answer, realm.now()));
        });
        assert_eq!(
            of_target(&told, TARGET_REPLAY).iter().map(|told| told.get("answer")).collect::<Vec<_>>(),
            ["pending", outcome]
        );
        let lines = of_target(&told, TARGET);
        let [line] = lines[..] else { panic!("{lines:#?}") };
        assert_eq!(line.get("client"), "alice@EXAMPLE.COM");
        assert_eq!(line.get("token_sha256"), sha256_prefix(&token));
        assert_eq!(line.get("connection"), "door");
    }
}

#[test]
fn a_negotiation_of_several_legs_counts_them_and_accepts_once() {
    let realm = realm();
    let login = realm.login("alice", SERVICE);
    let told = everything(|| {
        let mut negotiation = acceptor(&realm).negotiate();
        assert!(matches!(negotiation.step(b"", realm.now()), Ok(Step::Continue(_))));
        assert!(matches!(negotiation.step(&login.token(), realm.now()), Ok(Step::Accepted(_))));
    });
    let legs = of_target(&told, TARGET_LEG);
    let legs: Vec<_> =
        legs.iter().map(|told| (told.get("leg"), told.get("outcome"), told.get("token_octets") == "0")).collect();
    assert_eq!(legs, [("1", "continue", true), ("2", "accepted", false)]);
    assert_eq!(of_target(&told, TARGET).len(), 1);
}

/// What a hostile peer would write into the log.
const HOSTILE: &str = "x\r\n2026-03-01 accepted root\u{1b}[2K\u{202e}\u{200b}";

#[test]
fn text_of_a_peer_and_of_the_caller_is_escaped() {
    let realm = realm();
    let hostile =
        |login: Login| login.with_ticket(|ticket| ticket.sname = PrincipalName::new(NameType::NT_SRV_HST, [HOSTILE]));
    let client = realm.login_of(&kerbside::Principal::new(HOSTILE, [HOSTILE]), realm.principal(SERVICE));
    let told = everything(|| {
        let connection = Connection::new().label(HOSTILE);
        let acceptor = acceptor(&realm);
        let token = hostile(realm.login("alice", SERVICE)).broken(kerbside::testing::Defect::WrongServiceKey).token();
        acceptor.accept_on(&connection, &token, realm.now()).unwrap_err();
        let token = client.with_authenticator(|a| a.seq_number = None).token();
        drop(acceptor.accept_on(&connection, &token, realm.now()));
    });
    assert!(told.len() >= 4, "{told:#?}");
    for text in told.iter().flat_map(|told| told.fields.values()) {
        assert!(!text.chars().any(|c| c.is_control() || ['\u{202e}', '\u{200b}'].contains(&c)), "{text:?}");
    }
}

fn keys_of(login: &Login) -> Vec<EncryptionKey> {
    let keys = [Some(&login.ticket().key), Some(&login.ticket().sealing_key), login.authenticator().subkey.as_ref()];
    keys.into_iter().flatten().cloned().collect()
}

/// Nine octets in a row, of those that are looked for, that a text shows in whatever form.
fn shown_in<'a>(octets: &'a [u8], texts: &[String]) -> Option<&'a [u8]> {
    use base64::Engine as _;
    octets.windows(9).step_by((octets.len() / 8).max(3)).find(|window| {
        let list =
            |show: fn(&u8) -> String, separator: &str| window.iter().map(show).collect::<Vec<_>>().join(separator);
        let hex = list(|octet| format!("{octet:02x}"), "");
        let forms = [
            list(|octet| format!("{octet}"), ", "),
            list(|octet| format!("{octet:x}"), ", "),
            base64::engine::general_purpose::STANDARD.encode(window),
            hex.to_uppercase(),
            hex,
        ];
        texts.iter().any(|text| forms.iter().any(|form| text.contains(form)))
    })
}

// KTB-17
#[test]
fn ktb_17_no_event_shows_octets_of_a_key_or_a_token() {
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    let realm = realm();
    for service in [SERVICE, HIDDEN] {
        let enctypes = kerbside::crypto::supported_enctypes();
        secrets.extend(
            enctypes.map(|row| realm.service_key(&realm.principal(service), row.enctype, Realm::KVNO).keyvalue),
        );
    }
    let told = everything(|| {
        let acceptor = acceptor(&realm);
        let login = realm.login("alice", SERVICE);
        drop(acceptor.accept(&login.token(), realm.now()).unwrap());
        secrets.push(login.token());
        secrets.extend(keys_of(&login).into_iter().map(|key| key.keyvalue));
        for row in refusals::all() {
            let played = row.play(ReplayPolicy::Memory, |login| login);
            secrets.extend(played.login.iter().flat_map(keys_of).map(|key| key.keyvalue));
            secrets.extend(played.login.iter().map(Login::token));
        }
    });
    let texts: Vec<_> = told.iter().flat_map(|told| told.fields.values().cloned()).collect();
    assert!(secrets.len() > 100 && texts.len() > 500, "{} {}", secrets.len(), texts.len());
    for secret in secrets {
        assert_eq!(shown_in(&secret, &texts), None);
    }
}

#[test]
fn the_search_for_octets_finds_them_in_every_form() {
    use base64::Engine as _;
    let octets: Vec<u8> = (0xa0..0xb0).collect();
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&octets);
    for text in [hex.clone(), hex.to_uppercase(), base64, format!("{octets:?}"), format!("{octets:x?}")] {
        assert!(shown_in(&octets, core::slice::from_ref(&text)).is_some(), "{text}");
    }
    assert!(shown_in(&octets, &["a0a1a2a3".to_owned()]).is_none());
}

#[test]
fn the_page_names_every_field() {
    let page = include_str!("../src/acceptor/events/mod.rs");
    let realm = realm();
    let told = everything(|| {
        let connection = Connection::new().label("intranet");
        let acceptor = acceptor(&realm);
        let login = realm.login("alice", SERVICE).with_authenticator(|a| a.seq_number = None);
        acceptor.accept_on(&connection, &login.token(), realm.now()).unwrap();
        acceptor.accept_on(&connection, &login.token(), realm.now()).unwrap_err();
    });
    let fields: BTreeSet<_> =
        told.iter().flat_map(|told| told.fields.keys()).filter(|name| **name != "message").collect();
    assert_eq!(fields.len(), 24, "{fields:?}");
    for field in fields {
        assert!(page.contains(&format!("`{field}`")), "{field}");
    }
}

#[test]
fn rc4_has_its_name_too() {
    let realm = realm();
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).allow_enctype(Enctype::RC4_HMAC).build().unwrap();
    let token = realm.login("alice", SERVICE).ticket_enctype(Enctype::RC4_HMAC).token();
    let told = told_up_to(LevelFilter::DEBUG, || drop(acceptor.accept(&token, realm.now()).unwrap()));
    assert_eq!(told[0].get("enctype"), "rc4-hmac (23)");
}
