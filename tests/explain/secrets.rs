//! What a report must never hold: a key, a whole token, a peer's text as it came, a command that a peer wrote.

use crate::refusals::{self, HIDDEN, SERVICE};
use crate::search::{Search, keys_of};
use crate::verdict::{builder, realm};
use kerbside::explain::{Report, Step};
use kerbside::numbers::NameType;
use kerbside::testing::{Login, MechToken, Oid, PrincipalName, Realm};
use kerbside::{Acceptor, Keytab, Policy, ReplayPolicy};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a report can be shown as.
fn outputs(report: &Report) -> Vec<String> {
    let debug = format!("{report:?}").replace(" { ", " {\n");
    vec![report.to_string(), debug, machine(report).replace('{', "{\n")]
}

#[cfg(feature = "serde")]
fn machine(report: &Report) -> String {
    serde_json::to_string(report).unwrap()
}

#[cfg(not(feature = "serde"))]
fn machine(_: &Report) -> String {
    String::new()
}

// KTB-17
#[test]
fn ktb_17_no_report_shows_a_key_or_a_token() {
    let realm = refusals::realm();
    // Line by line, each once: reports have most of theirs in common.
    let (mut lines, mut tokens) = (BTreeSet::new(), Vec::new());
    let enctypes = || kerbside::crypto::supported_enctypes().map(|row| row.enctype);
    let services = [SERVICE, HIDDEN].into_iter().flat_map(|service| enctypes().map(move |enctype| (service, enctype)));
    let of_service = |(service, enctype)| realm.service_key(&realm.principal(service), enctype, Realm::KVNO);
    let mut keys: BTreeMap<_, _> = services.map(of_service).map(|key| (key.keyvalue.clone(), key)).collect();
    for row in refusals::all() {
        let Some((acceptor, connection, token)) = row.first_token(ReplayPolicy::Memory) else { continue };
        let played = row.play(ReplayPolicy::Memory, |login| login);
        keys.extend(played.login.iter().flat_map(keys_of).map(|key| (key.keyvalue.clone(), key)));
        let shown = outputs(&acceptor.explain_on(&connection, &token, realm.now()));
        lines.extend(shown.iter().flat_map(|output| output.lines()).map(str::to_owned));
        tokens.push(token);
    }
    let shown = lines.into_iter().collect::<Vec<_>>().join("\n");
    let mut search = Search::default();
    search.text(&shown);
    assert!(keys.len() > 16 && tokens.len() > 70 && shown.len() > 50_000, "{} {}", keys.len(), shown.len());
    for key in keys.values() {
        assert_eq!(search.find(key).map(String::len), None, "{:?}", key.keytype);
    }
    // Of the ciphertexts in a token, not even sixteen octets.
    tokens.dedup();
    for token in tokens.iter().filter(|token| token.len() > 200) {
        let sixteen = &token[token.len() - 100..token.len() - 84];
        let hex: String = sixteen.iter().map(|octet| format!("{octet:02x}")).collect();
        assert!(!shown.contains(&hex));
    }
}

/// A line of its own, a colour, text from right to left, no text at all, and what a shell would run.
const HOSTILE: &[u8] = b"x\r\naccepted\x1b[2K\x07\0\x7f\xff\xfe\xe2\x80\xae\xe2\x80\x8b; reboot; $(reboot) `reboot`";

fn hostile_logins(realm: &Realm) -> Vec<Login> {
    let name = || PrincipalName::new(NameType::NT_SRV_HST, [b"HTTP".as_slice(), HOSTILE]);
    let login = || realm.login("alice", crate::verdict::SERVICE);
    vec![
        login().with_ticket(|ticket| ticket.sname = name()),
        login().with_ticket(|ticket| ticket.realm = HOSTILE.to_vec()),
        login().with_ticket(|ticket| ticket.cname = name()),
        login().with_authenticator(|authenticator| authenticator.cname = name()),
        login().with_authenticator(|authenticator| authenticator.crealm = HOSTILE.to_vec()),
        login().with_ticket(|ticket| {
            ticket.crealm = HOSTILE.to_vec();
            ticket.flags = kerbside::messages::TicketFlags::default().into();
            ticket.transited = HOSTILE.to_vec();
        }),
        login()
            .offering(&[Oid::UNKNOWN, Oid::NTLM])
            .with_negotiation(|offer| offer.mech_token = MechToken::Octets(HOSTILE.to_vec())),
    ]
}

#[test]
fn text_of_a_peer_is_escaped_in_every_report() {
    let realm = realm();
    let acceptor = crate::verdict::acceptor(&realm, Policy::default());
    for login in hostile_logins(&realm) {
        let report = acceptor.explain(&login.token(), realm.now());
        for output in [report.to_string(), machine(&report)] {
            let hides = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
            let harmless = |c: char| c == '\n' || (!c.is_control() && !hides(c));
            assert!(output.chars().all(harmless), "{output}");
            assert!(!output.contains("\naccepted"), "{output}");
        }
    }
}

#[test]
fn no_command_is_filled_in_with_what_a_peer_wrote_for_a_shell() {
    let realm = realm();
    let acceptor = crate::verdict::acceptor(&realm, Policy::default());
    let mut commands = 0;
    for login in hostile_logins(&realm) {
        let report = acceptor.explain(&login.token(), realm.now());
        for command in report.remedies().iter().filter_map(|remedy| remedy.command.as_deref()) {
            assert!(!command.contains("reboot") && !command.contains(['`', '\n', '\u{1b}']), "{command}");
            commands += 1;
        }
    }
    assert!(commands > 5, "{commands}");
    // A name that means nothing to a shell is filled in.
    let report = acceptor.explain(&realm.login("alice", "HTTP/other.example.com").token(), realm.now());
    let filled = |command: &str| report.remedies().iter().any(|remedy| remedy.command.as_deref() == Some(command));
    assert!(filled("setspn -Q HTTP/other.example.com"), "{report}");
}

/// The longest token that is looked at, its names as long as there is room: the report stays one that can be read.
#[test]
fn a_report_is_bounded_whatever_the_token_holds() {
    let realm = realm();
    let acceptor = crate::verdict::acceptor(&realm, Policy::default());
    let long = vec![b'x'; 20_000];
    let login = realm.login("alice", crate::verdict::SERVICE).with_ticket(|ticket| {
        ticket.sname = PrincipalName::new(NameType::NT_SRV_HST, [b"HTTP".as_slice(), &long]);
        ticket.realm = long.clone();
    });
    let report = acceptor.explain(&login.token(), realm.now());
    assert!(report.to_string().len() < 20_000, "{} octets", report.to_string().len());
    let above = vec![0x60; 70_000];
    let report = acceptor.explain(&above, realm.now());
    assert_eq!(report.first_refusal().unwrap().step, Step::L1);
    assert_eq!(report.token().sha256_prefix, None, "nothing of it is read");
}

/// A keytab of thousands of names: some are listed, the others counted.
#[test]
fn a_report_lists_some_keys_of_a_large_keytab_and_counts_the_others() {
    let realm = realm();
    let names: Vec<_> = (0..2_000).map(|number| format!("HTTP/host{number}.example.com")).collect();
    let aes = kerbside::numbers::Enctype::AES256_CTS_HMAC_SHA1_96;
    let keytab = names.iter().fold(realm.keytab_builder(), |keytab, name| keytab.key(name, aes, 2)).build().unwrap();
    let acceptor = builder(&realm, keytab, Policy::default()).build().unwrap();
    let report = acceptor.explain(&realm.login("alice", crate::verdict::SERVICE).token(), realm.now());
    assert_eq!(report.candidates().len() + report.more_candidates(), 2_000);
    assert!(report.candidates().len() < 100 && report.to_string().len() < 40_000);
    let tried = report.candidates().iter().filter(|candidate| candidate.opens.is_some()).count();
    assert_eq!(tried, 16, "as many as the limit of trial keys");
}

/// The report asks nobody: after a hundred of them the token is still new to the store.
#[test]
fn explaining_a_token_does_not_use_it_up() {
    let realm = realm();
    let keytab: Keytab = realm.keytab(crate::verdict::SERVICE).unwrap();
    let acceptor = Acceptor::builder(keytab).build().unwrap();
    let token = realm.login("alice", crate::verdict::SERVICE).token();
    for _ in 0..100 {
        assert!(acceptor.explain(&token, realm.now()).answer().is_ok());
    }
    assert!(acceptor.accept(&token, realm.now()).is_ok(), "accepted once");
    assert_eq!(acceptor.accept(&token, realm.now()).unwrap_err().kind().name(), "Replay");
    assert!(acceptor.explain(&token, realm.now()).answer().is_ok(), "a report does not know of replays");
}
