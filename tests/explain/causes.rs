//! The causes that the users of four products take for one: each has an explanation of its own (REQUIREMENTS.md).

use crate::explained::{agreed, refused};
use crate::held::{AES128, AES256, holding, keytab, login};
use crate::refusals;
use crate::verdict::{SERVICE, acceptor, builder, realm};
use core::net::{IpAddr, Ipv4Addr};
use kerbside::explain::{Audience, Platform, Report, Step};
use kerbside::gss::TokenKind;
use kerbside::numbers::Enctype;
use kerbside::testing::{Defect, Login, MechToken, Oid, Realm};
use kerbside::{Acceptor, Connection, ErrorKind, KvnoPolicy, NoKey, Policy, ReplayPolicy, TokenError};
use std::collections::BTreeSet;

const NTLM: &[u8] = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2";

fn explained(acceptor: &Acceptor, realm: &Realm, login: &Login) -> Report {
    agreed(acceptor, &Connection::new(), &login.token(), realm.now(), &|| String::from("a login"))
}

fn name(report: &Report) -> &'static str {
    report.answer().unwrap_err().kind().name()
}

/// The commands for somebody, and the advice.
fn advice(report: &Report, audience: Audience) -> Vec<String> {
    let ours = report.remedies().iter().filter(|remedy| remedy.audience == audience);
    ours.map(|remedy| format!("{}: {}", remedy.advice, remedy.command.as_deref().unwrap_or_default())).collect()
}

#[track_caller]
fn advises(report: &Report, audience: Audience, text: &str) {
    let advice = advice(report, audience);
    assert!(advice.iter().any(|line| line.contains(text)), "nothing of {text:?} for {audience}: {advice:#?}");
}

/// Message, decisive step and remedies together: what an administrator reads.
fn explanation(report: &Report) -> (Step, String, Vec<String>) {
    let step = report.first_refusal().unwrap().step;
    let remedies = report.remedies().iter().map(|remedy| format!("{remedy:?}")).collect();
    (step, report.answer().unwrap_err().to_string(), remedies)
}

// CAS-20
#[test]
fn cas_20_a_version_that_differs_is_explained_in_its_direction() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 3)], KvnoPolicy::default());
    let older = explained(&acceptor, &realm, &login(&realm));
    assert_eq!((name(&older), refused(&older)), ("NoKey.Kvno", vec!["K-7"]));
    advises(&older, Audience::User, "klist purge");
    advises(&older, Audience::User, "kdestroy && kinit");
    advises(&older, Audience::User, "kvno HTTP/web.example.com@EXAMPLE.COM");
    let newer = explained(&acceptor, &realm, &login(&realm).kvno(4));
    assert_eq!((name(&newer), refused(&newer)), ("NoKey.Kvno", vec!["K-8"]));
    advises(&newer, Audience::Directory, "ktpass /out http.keytab /princ HTTP/web.example.com@EXAMPLE.COM");
    advises(&newer, Audience::Directory, "/crypto all");
    advises(&newer, Audience::Server, "ktadd -k <FILE> HTTP/web.example.com@EXAMPLE.COM");
    assert!(advice(&newer, Audience::User).is_empty(), "the user can do nothing about it");
    assert!(explained(&acceptor, &realm, &login(&realm).kvno(3)).answer().is_ok());
}

// CAS-21
#[test]
fn cas_21_a_principal_that_differs_is_explained_with_both_names() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 2)], KvnoPolicy::default());
    let report = explained(&acceptor, &realm, &realm.login("alice", "HTTP/portal.example.com"));
    assert_eq!((name(&report), refused(&report)), ("NoKey.Principal", vec!["K-6"]));
    let text = report.to_string();
    assert!(text.contains("HTTP/portal.example.com@EXAMPLE.COM") && text.contains("HTTP/web.example.com@EXAMPLE.COM"));
    advises(&report, Audience::Directory, "setspn -Q HTTP/portal.example.com");
    advises(&report, Audience::Directory, "setspn -S HTTP/portal.example.com <ACCOUNT>");
    advises(&report, Audience::User, "another host name");
}

// CAS-22
#[test]
fn cas_22_an_enctype_that_the_keytab_lacks_is_explained_with_those_it_has() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES128, 2)], KvnoPolicy::default());
    let report = explained(&acceptor, &realm, &login(&realm));
    assert_eq!((name(&report), refused(&report)), ("NoKey.Enctype", vec!["K-9"]));
    let check = report.check(Step::K9).unwrap();
    assert_eq!(check.found.as_deref(), Some("aes256-cts-hmac-sha1-96 (18)"));
    assert_eq!(check.wanted.as_deref(), Some("the keytab has aes128-cts-hmac-sha1-96"));
    advises(&report, Audience::Directory, "/crypto all");
    advises(&report, Audience::Server, "-e aes256-cts-hmac-sha1-96:normal");
    advises(&report, Audience::User, "klist -e");
}

fn five_causes() -> Vec<Report> {
    let realm = realm();
    let login = || login(&realm);
    let holding = |entries: &[(Enctype, u32)]| holding(&realm, entries, KvnoPolicy::default());
    vec![
        explained(&holding(&[(AES256, 3)]), &realm, &login()),
        explained(&holding(&[(AES256, 1)]), &realm, &login()),
        explained(&holding(&[(AES256, 2)]), &realm, &realm.login("alice", "HTTP/portal.example.com")),
        explained(&holding(&[(AES128, 2)]), &realm, &login()),
        explained(&holding(&[(AES256, 2)]), &realm, &login().broken(Defect::WrongServiceKey)),
    ]
}

// CAS-23
#[test]
fn cas_23_the_causes_of_checksum_failed_have_explanations_of_their_own() {
    let reports = five_causes();
    let distinct: BTreeSet<_> = reports.iter().map(explanation).collect();
    assert_eq!(distinct.len(), reports.len());
    for (one, other) in reports.iter().flat_map(|one| reports.iter().map(move |other| (one, other))) {
        let same = core::ptr::eq(one, other);
        assert_eq!(explanation(one).0 == explanation(other).0, same, "no two are decided by one step");
        assert_eq!(explanation(one).2 == explanation(other).2, same, "no two have the same remedies");
    }
}

// CAS-24
#[test]
fn cas_24_the_cause_stands_first_and_in_no_wrapper() {
    for report in five_causes() {
        let text = report.to_string();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(format!("Refused: {}", name(&report)).as_str()));
        let step = report.first_refusal().unwrap().step.id();
        let cause = text.lines().position(|line| line.starts_with(&format!("│  ├─ {step}: ")));
        assert!(cause.is_some_and(|line| line < 5), "{text}");
        assert!(!text.contains("Unspecified") && !text.contains("GSS-API level"));
    }
}

// ASK-01
#[test]
fn ask_01_wrong_key_name_enctype_and_version_do_not_look_alike() {
    let reports = five_causes();
    let first_lines: BTreeSet<_> = reports.iter().map(|report| report.answer().unwrap_err().to_string()).collect();
    assert_eq!(first_lines.len(), 5);
    advises(&reports[4], Audience::Directory, "setspn -X");
}

// ASK-02
#[test]
fn ask_02_a_version_that_is_let_pass_is_named_with_the_setting_that_would_not() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 2)], KvnoPolicy::PreferExactThenTry);
    let report = explained(&acceptor, &realm, &login(&realm).with_ticket(|ticket| ticket.kvno = Some(9)));
    assert!(report.answer().is_ok());
    let tolerated: Vec<_> = report.tolerated().map(|lenience| (lenience.setting, lenience.otherwise)).collect();
    assert_eq!(tolerated, [("kvno", "Exact")]);
    let exact = holding(&realm, &[(AES256, 2)], KvnoPolicy::Exact);
    assert!(explained(&exact, &realm, &login(&realm).with_ticket(|ticket| ticket.kvno = Some(9))).answer().is_err());
}

// ---- NTLM -------------------------------------------------------------------------------------------------------

/// NTLM in the three places in which it comes, and Kerberos with a favourite before it.
fn ntlm_tokens() -> Vec<(&'static str, Vec<u8>)> {
    let realm = realm();
    let offering = |mechs: &[Oid], token: MechToken| {
        realm.login("alice", SERVICE).offering(mechs).with_negotiation(|offer| offer.mech_token = token).token()
    };
    let octets = || MechToken::Octets(NTLM.to_vec());
    vec![
        ("bare", NTLM.to_vec()),
        ("inside SPNEGO", offering(&[Oid::NTLM], octets())),
        ("offered only", offering(&[Oid::NTLM], MechToken::Absent)),
        ("under Kerberos's number", offering(&[Oid::KRB5], octets())),
    ]
}

// ZIM-01, ASK-03
#[test]
fn zim_01_ntlm_is_named_wherever_it_stands() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let mut steps = Vec::new();
    for (place, token) in ntlm_tokens() {
        let report = agreed(&acceptor, &Connection::new(), &token, realm.now(), &|| place.to_owned());
        let error = report.answer().unwrap_err();
        let kind = error.kind();
        assert!(
            matches!(kind, ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::Ntlm { .. } })),
            "{place}: {error}"
        );
        assert!(!report.to_string().contains("efective token"), "{place}: nobody is told of a defective token");
        advises(&report, Audience::User, "there are no tickets for IP addresses");
        steps.push((place, report.token().kind, report.token().inner, refused(&report)));
    }
    let ntlm = TokenKind::Ntlm { message_type: Some(1) };
    let expected = [
        ("bare", ntlm, None, vec!["L-3"]),
        ("inside SPNEGO", TokenKind::Spnego, Some(ntlm), vec!["S-4"]),
        ("offered only", TokenKind::Spnego, None, vec!["S-4"]),
        ("under Kerberos's number", TokenKind::Spnego, Some(ntlm), vec!["S-8"]),
    ];
    assert_eq!(steps, expected);
}

// ZIM-26
#[test]
fn zim_26_every_cause_of_ntlm_has_its_remedy_with_the_names_of_this_service() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let report = acceptor.explain(NTLM, realm.now());
    for (audience, cause) in [
        (Audience::User, "address the server by its name, web.example.com: there are no tickets for IP addresses"),
        (Audience::User, "put web.example.com into the zone Local Intranet"),
        (Audience::User, "a local account has no tickets"),
        (Audience::User, "on the server's own machine Windows answers with NTLM"),
        (Audience::User, "nltest /dsgetdc:EXAMPLE.COM"),
        (Audience::Directory, "setspn -Q HTTP/web.example.com"),
        (Audience::Directory, "setspn -X"),
    ] {
        advises(&report, audience, cause);
    }
}

// ZIM-26: the one cause that the connection tells.
#[test]
fn zim_26_a_client_on_the_same_machine_is_told_so_first() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let from = |address| {
        let connection = Connection::new().peer_address(IpAddr::V4(address));
        acceptor.explain_on(&connection, NTLM, realm.now()).remedies()[0].advice.clone().into_owned()
    };
    assert!(from(Ipv4Addr::LOCALHOST).contains("the client is on this machine"));
    assert!(from(Ipv4Addr::new(192, 0, 2, 1)).contains("there are no tickets for IP addresses"));
}

#[test]
fn kerberos_behind_ntlm_in_the_list_is_a_negotiation_and_no_refusal() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let report = explained(&acceptor, &realm, &login(&realm).offering(&[Oid::NTLM, Oid::KRB5]));
    assert_eq!((name(&report), refused(&report)), ("Negotiation.MoreNeeded", vec!["S-5"]));
    assert!(report.to_string().starts_with("Not decided by this token alone"));
    let offered: Vec<_> = report.token().mechanisms.iter().map(|mech| (mech.name.unwrap(), mech.chosen)).collect();
    assert_eq!(offered, [("NTLM", false), ("Kerberos", true)]);
    advises(&report, Audience::User, "trusted-uris");
}

// ASK-04
#[test]
fn ask_04_the_kind_of_a_token_and_its_mechanisms_are_an_api() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let report = explained(&acceptor, &realm, &login(&realm).offering(&[Oid::MS_KRB5, Oid::KRB5]));
    let mechs: Vec<_> = report.token().mechanisms.iter().map(|mech| (mech.oid.as_str(), mech.chosen)).collect();
    assert_eq!(mechs, [("1.2.840.48018.1.2.2", true), ("1.2.840.113554.1.2.2", false)]);
    assert_eq!(report.token().inner, Some(TokenKind::Krb5));
    let bare = acceptor.explain(&login(&realm).bare_ap_req().token(), realm.now());
    assert_eq!(bare.token().kind, TokenKind::ApReq);
    assert!(bare.ticket().is_some(), "what is inside is looked at all the same");
    let gave_up = acceptor.explain(b"\x7e\x07\x30\x05\xa6\x03\x02\x01\x25", realm.now());
    let TokenKind::KrbError { code: Some(code) } = gave_up.token().kind else { panic!("{gave_up}") };
    assert_eq!(code.0, 37);
}

// ---- "Encryption type not permitted" ----------------------------------------------------------------------------

// ICE-02
#[test]
fn ice_02_encryption_type_not_permitted_has_three_causes_and_three_explanations() {
    let realm = realm();
    let rc4 = Enctype::RC4_HMAC;
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2), (rc4, 2)]), Policy::default()).build().unwrap();
    let ticket = explained(&acceptor, &realm, &login(&realm).ticket_enctype(rc4));
    let session_key = explained(&acceptor, &realm, &login(&realm).session_enctype(rc4).subkey_enctype(AES256));
    let subkey = explained(&acceptor, &realm, &login(&realm).subkey_enctype(rc4));
    let causes = [&ticket, &session_key, &subkey];
    for (report, step) in causes.iter().zip(["K-2", "E-2", "E-3"]) {
        assert_eq!((name(report), refused(report)), ("EtypeNotPermitted", vec![step]), "{report}");
        assert_eq!(report.answer().unwrap_err().krb_error_code().0, 14);
    }
    let distinct: BTreeSet<_> = causes.iter().map(|report| explanation(report)).collect();
    assert_eq!(distinct.len(), 3);
    advises(&ticket, Audience::Directory, "msDS-SupportedEncryptionTypes");
    advises(&ticket, Audience::Directory, "ktpass /out http.keytab /princ HTTP/web.example.com@EXAMPLE.COM");
    advises(&session_key, Audience::Directory, "ksetup /setenctypeattr EXAMPLE.COM AES256-CTS-HMAC-SHA1-96");
    advises(&session_key, Audience::Directory, "setstr HTTP/web.example.com@EXAMPLE.COM session_enctypes");
    advises(&subkey, Audience::User, "the client's own Kerberos library chose the subkey");
    assert!(advice(&subkey, Audience::Directory).is_empty(), "the directory has no part in it");
    let settings: Vec<_> = causes.iter().flat_map(|report| report.would_tolerate()).map(|one| one.setting).collect();
    assert_eq!(settings, ["enctypes.ticket", "enctypes.session_key", "enctypes.subkey"]);
}

// ICE-13
#[test]
fn ice_13_where_the_cure_is_on_the_client_it_is_told_for_both_kinds_of_client() {
    let [older, _, _, _, wrong_key] = &five_causes()[..] else { panic!() };
    for report in [older, wrong_key] {
        for (platform, command) in [(Platform::Windows, "klist purge"), (Platform::Unix, "kdestroy && kinit")] {
            let is_it = |remedy: &&kerbside::explain::Remedy| {
                (remedy.audience, remedy.platform, remedy.command.as_deref())
                    == (Audience::User, platform, Some(command))
            };
            assert!(report.remedies().iter().any(|remedy| is_it(&remedy)), "{command}: {report}");
        }
    }
    advises(wrong_key, Audience::Directory, "setspn -X");
}

// ICE-27
#[test]
fn ice_27_a_wrong_name_is_shown_with_those_of_the_keytab_and_the_nearest() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 2)], KvnoPolicy::default());
    let report = explained(&acceptor, &realm, &realm.login("alice", "imap/web.example.com"));
    let says = report.answer().unwrap_err().to_string();
    assert!(says.contains("of which HTTP/web.example.com@EXAMPLE.COM is nearest"), "{says}");
    let check = report.check(Step::K6).unwrap();
    assert_eq!(check.found.as_deref(), Some("imap/web.example.com@EXAMPLE.COM"));
    assert_eq!(check.wanted.as_deref(), Some("the keytab has HTTP/web.example.com@EXAMPLE.COM"));
    let case = explained(&acceptor, &realm, &realm.login("alice", "HTTP/WEB.example.com"));
    let kind = case.answer().unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::NoKey(NoKey::Principal { differs_only_in_case: Some(_), .. })));
    advises(&case, Audience::Server, "another case than the keytab, which has HTTP/web.example.com@EXAMPLE.COM");
}

// ZIM-28
#[test]
fn zim_28_a_report_says_what_a_packet_decoder_would() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 3)], KvnoPolicy::default());
    let text = explained(&acceptor, &realm, &login(&realm)).to_string();
    for fact in [
        "a SPNEGO token",
        "1. Kerberos, 1.2.840.113554.1.2.2  <- chosen",
        "Said in the clear, and proven by nobody",
        "service HTTP/web.example.com@EXAMPLE.COM, NT-SRV-HST (3)",
        "ticket under aes256-cts-hmac-sha1-96 (18), kvno 2, 193 octets",
        "ap-options: mutual-required",
    ] {
        assert!(text.contains(fact), "{fact}: {text}");
    }
}

// ASK-05
#[test]
fn ask_05_every_refusal_has_a_code_a_sentence_and_a_remedy_for_somebody() {
    let now = refusals::realm().now();
    for row in refusals::all() {
        let Some((acceptor, connection, token)) = row.first_token(ReplayPolicy::Memory) else { continue };
        let report = acceptor.explain_on(&connection, &token, now);
        let Err(error) = report.answer() else { continue };
        assert!((1..128).contains(&error.krb_error_code().0) && !error.to_string().is_empty(), "{}", row.label);
        assert!(!report.remedies().is_empty(), "{}", row.label);
        for remedy in report.remedies() {
            assert!(!remedy.advice.is_empty() && !remedy.advice.contains("  "), "{}: {remedy:?}", row.label);
            assert!(!remedy.advice.ends_with('.'), "{}: {remedy:?}", row.label);
            assert!(remedy.command.as_ref().is_none_or(|command| !command.is_empty()), "{}", row.label);
        }
    }
}
