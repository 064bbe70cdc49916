//! Every key of the keytab, in the order in which it would be tried, and what became of it.

use crate::explained::{agreed, found, refused, tolerated};
use crate::held::{AES128, AES256, AES256_SHA2, holding, keytab, login, with_kvno_policy};
use crate::verdict::{SERVICE, builder, realm};
use kerbside::explain::{KeyFate, Report, Step};
use kerbside::numbers::Enctype;
use kerbside::testing::{Defect, EncryptionKey, Login, Realm};
use kerbside::{Acceptor, AliasPolicy, Connection, KeyMatch, KvnoPolicy, Limits, Policy};

fn explained(acceptor: &Acceptor, realm: &Realm, login: &Login) -> Report {
    agreed(acceptor, &Connection::new(), &login.token(), realm.now(), &|| String::from("a login"))
}

/// Service, version, enctype's number, fate, and whether the key opens the ticket.
type Row = (String, u32, i32, KeyFate, Option<bool>);

fn rows(report: &Report) -> Vec<Row> {
    let row = |candidate: &kerbside::explain::Candidate| {
        let service = candidate.service.to_string().split('@').next().unwrap().to_owned();
        (service, candidate.kvno, candidate.enctype.0, candidate.fate, candidate.opens)
    };
    report.candidates().iter().map(row).collect()
}

fn row(kvno: u32, enctype: Enctype, fate: KeyFate, opens: Option<bool>) -> Row {
    (SERVICE.to_owned(), kvno, enctype.0, fate, opens)
}

#[test]
fn keys_stand_in_the_order_of_the_trials() {
    let realm = realm();
    let entries = [(AES256, 1), (AES128, 2), (AES256, 0), (AES256, 258), (AES256, 5)];
    let acceptor = holding(&realm, &entries, KvnoPolicy::PreferExactThenTry);
    let report = explained(&acceptor, &realm, &login(&realm).kvno(1));
    let opened = row(1, AES256, KeyFate::Opened, Some(true));
    assert_eq!(rows(&report)[0], opened);
    // The ticket says kvno 2: its low bits agree with 258's, 0 fits any, and the others come newest first.
    let report = explained(&acceptor, &realm, &login(&realm).kvno(1).with_ticket(|ticket| ticket.kvno = Some(2)));
    let matches: Vec<_> = report.candidates().iter().map(|candidate| (candidate.kvno, candidate.key_match)).collect();
    let expected = [
        (0, Some(KeyMatch::Wildcard)),
        (258, Some(KeyMatch::OtherKvno)),
        (5, Some(KeyMatch::OtherKvno)),
        (1, Some(KeyMatch::OtherKvno)),
        (2, None),
    ];
    assert_eq!(matches, expected, "{report}");
    assert_eq!(rows(&report)[3..], [opened, row(2, AES128, KeyFate::OtherEnctype, None)]);
    assert_eq!(tolerated(&report), ["K-8"], "{report}");
}

#[test]
fn a_key_behind_the_one_that_opened_is_not_needed() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 1), (AES256, 2)], KvnoPolicy::PreferExactThenTry);
    let report = explained(&acceptor, &realm, &login(&realm));
    assert_eq!(rows(&report), [row(2, AES256, KeyFate::Opened, Some(true)), row(1, AES256, KeyFate::NotNeeded, None)]);
}

/// What the policy keeps back is tried for the report alone, and the answer stays the acceptor's.
#[test]
fn a_key_that_the_policy_keeps_back_is_said_to_open_the_ticket() {
    let realm = realm();
    let old = || login(&realm).kvno(1).with_ticket(|ticket| ticket.kvno = Some(2));
    let exact = builder(&realm, keytab(&realm, &[(AES256, 1), (AES256, 2)]), with_kvno_policy(KvnoPolicy::Exact));
    let report = explained(&exact.build().unwrap(), &realm, &old());
    let expected =
        [row(2, AES256, KeyFate::DidNotOpen, Some(false)), row(1, AES256, KeyFate::OtherVersion, Some(true))];
    assert_eq!((rows(&report), refused(&report)), (expected.to_vec(), vec!["K-10"]), "{report}");
    assert!(found(&report, Step::D4).contains("equal"), "the checks behind it are made all the same");
    assert!(report.remedies().iter().any(|remedy| remedy.advice.contains("opens this ticket and was not tried")));

    let rc4 = holding(&realm, &[(Enctype::RC4_HMAC, 2)], KvnoPolicy::default());
    let report = explained(&rc4, &realm, &login(&realm).ticket_enctype(Enctype::RC4_HMAC));
    assert_eq!(rows(&report), [row(2, Enctype::RC4_HMAC, KeyFate::EnctypeNotPermitted, Some(true))]);
    assert_eq!(refused(&report), ["K-2"]);

    let cifs = realm.keytab_builder().service("cifs/files.example.com").service(SERVICE).build().unwrap();
    let only_cifs = builder(&realm, cifs, Policy::default()).service("cifs").build().unwrap();
    let report = explained(&only_cifs, &realm, &login(&realm));
    assert_eq!(refused(&report), ["K-5"]);
    let fates: Vec<_> = report.candidates().iter().map(|candidate| (candidate.fate, candidate.opens)).collect();
    assert_eq!(fates[0], (KeyFate::NotAllowedByServicePolicy, Some(true)), "{report}");
}

#[test]
fn a_key_that_does_not_open_the_ticket_is_said_not_to_behind_the_policy_too() {
    let realm = realm();
    let rc4 = holding(&realm, &[(Enctype::RC4_HMAC, 2)], KvnoPolicy::default());
    let wrong = login(&realm).ticket_enctype(Enctype::RC4_HMAC).broken(Defect::WrongServiceKey);
    let report = explained(&rc4, &realm, &wrong);
    assert_eq!(rows(&report), [row(2, Enctype::RC4_HMAC, KeyFate::EnctypeNotPermitted, Some(false))]);
}

// ICE-05: several keytabs, one acceptor, and the report says of each candidate why it did not do.
#[test]
fn ice_05_several_domains_and_keytabs_are_listed_with_why_each_failed() {
    let (corp, lab) = (Realm::new("CORP.EXAMPLE"), Realm::new("LAB.EXAMPLE"));
    let mut keytab = corp.keytab_builder().key(SERVICE, AES256, 2).build().unwrap();
    keytab.merge(lab.keytab_builder().key(SERVICE, AES256, 4).key(SERVICE, AES128, 4).build().unwrap());
    keytab.merge(corp.keytab_builder().key("imap/mail.example.com", AES256, 3).build().unwrap());
    let acceptor = Acceptor::builder(keytab).build().unwrap();
    let stranger = Realm::new("STRANGER.EXAMPLE");
    let report = explained(&acceptor, &stranger, &stranger.login("alice", SERVICE));
    assert_eq!(refused(&report), ["K-6"]);
    let fates: Vec<_> =
        report.candidates().iter().map(|one| (one.service.to_string(), one.enctype.0, one.fate)).collect();
    let expected = [
        ("imap/mail.example.com@CORP.EXAMPLE", 18, KeyFate::DidNotOpen),
        ("HTTP/web.example.com@CORP.EXAMPLE", 18, KeyFate::DidNotOpen),
        ("HTTP/web.example.com@LAB.EXAMPLE", 18, KeyFate::DidNotOpen),
        ("HTTP/web.example.com@LAB.EXAMPLE", 17, KeyFate::OtherEnctype),
    ];
    let mut found: Vec<_> = fates.iter().map(|(name, enctype, fate)| (name.as_str(), *enctype, *fate)).collect();
    let mut expected = expected.to_vec();
    found.sort_by_key(|row| (row.0, row.1));
    expected.sort_by_key(|row| (row.0, row.1));
    assert_eq!(found, expected, "{report}");
    for login in [corp.login("alice", SERVICE), lab.login("alice", SERVICE).kvno(4)] {
        let report = explained(&acceptor, &corp, &login);
        assert!(report.answer().is_ok(), "{report}");
        assert_eq!(report.candidates()[0].fate, KeyFate::Opened);
    }
}

// KTB-07
#[test]
fn ktb_07_a_key_of_the_wrong_length_is_named_and_never_tried() {
    let realm = realm();
    let principal = realm.principal(SERVICE);
    for octets in [0, 16, 31, 33] {
        let short = EncryptionKey::new(AES256, vec![7; octets]);
        let keytab = realm.keytab_builder().entry(&principal, 2, &short).key(SERVICE, AES128, 2).build().unwrap();
        let acceptor = builder(&realm, keytab, Policy::default()).build().unwrap();
        let report = explained(&acceptor, &realm, &login(&realm));
        let wrong = row(2, AES256, KeyFate::WrongLength { needed: 32 }, None);
        assert!(rows(&report).contains(&wrong), "{octets}: {report}");
        assert!(wrong.3.to_string().contains("has not the 32 octets that the enctype needs"));
        let other = explained(&acceptor, &realm, &login(&realm).ticket_enctype(AES128));
        assert!(other.answer().is_ok(), "the other entries stay usable");
    }
    // A key of enctype 20 has 32 octets as well, and is never tried for a ticket of enctype 18.
    let same_octets = realm.service_key(&principal, AES256, 2).keyvalue.clone();
    let keytab = realm.keytab_builder().entry(&principal, 2, &EncryptionKey::new(AES256_SHA2, same_octets));
    let acceptor = builder(&realm, keytab.build().unwrap(), Policy::default()).build().unwrap();
    let report = explained(&acceptor, &realm, &login(&realm));
    assert_eq!(rows(&report), [row(2, AES256_SHA2, KeyFate::OtherEnctype, None)]);
    assert_eq!(refused(&report), ["K-9"]);
}

#[test]
fn the_same_key_is_tried_once_and_the_limit_of_trials_is_named() {
    let realm = realm();
    let principal = realm.principal(SERVICE);
    let key = realm.service_key(&principal, AES256, 9);
    let twice = realm.keytab_builder().entry(&principal, 4, &key).entry(&principal, 3, &key).build().unwrap();
    let report = explained(&builder(&realm, twice, Policy::default()).build().unwrap(), &realm, &login(&realm));
    let fates: Vec<_> = report.candidates().iter().map(|candidate| candidate.fate).collect();
    assert_eq!(fates, [KeyFate::DidNotOpen, KeyFate::TriedBefore], "{report}");

    let mut limits = Limits::default();
    limits.trial_keys = 1;
    let two = keytab(&realm, &[(AES256, 4), (AES256, 3)]);
    let report =
        explained(&builder(&realm, two, Policy::default()).limits(limits).build().unwrap(), &realm, &login(&realm));
    let fates: Vec<_> = report.candidates().iter().map(|candidate| candidate.fate).collect();
    assert_eq!(fates, [KeyFate::DidNotOpen, KeyFate::BeyondTrialLimit], "{report}");
}

#[test]
fn a_key_of_another_name_is_an_alias_or_kept_back_by_the_policy() {
    let realm = realm();
    let renamed = || login(&realm).cleartext_service("HTTP/alias.example.com");
    let one = || keytab(&realm, &[(AES256, 2)]);
    let report = explained(&builder(&realm, one(), Policy::default()).build().unwrap(), &realm, &renamed());
    assert_eq!((rows(&report)[0].3, tolerated(&report)), (KeyFate::Opened, vec!["K-6"]));
    let mut strict = Policy::default();
    strict.aliases = AliasPolicy::NameMustMatch;
    let report = explained(&builder(&realm, one(), strict).build().unwrap(), &realm, &renamed());
    assert_eq!((rows(&report)[0].3, rows(&report)[0].4), (KeyFate::NameMustMatch, Some(true)));
    assert_eq!(refused(&report), ["K-6"]);
}
