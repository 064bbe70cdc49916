//! What stands in a report besides the cause: everything at once, values with their limits, and the policy in force.

use crate::explained::{agreed, found, refused, tolerated};
use crate::verdict::{SERVICE, acceptor, builder, realm};
use core::time::Duration;
use kerbside::explain::{Report, Step, Verdict};
use kerbside::messages::TicketFlags;
use kerbside::testing::{AuthenticatorChecksum, Defect, Login, MechListMic, MechToken, Realm};
use kerbside::{Acceptor, Connection, DcePolicy, Leniency, Policy, ReplayPolicy};
use std::collections::BTreeSet;

fn explained(acceptor: &Acceptor, realm: &Realm, login: &Login) -> Report {
    agreed(acceptor, &Connection::new(), &login.token(), realm.now(), &|| String::from("a login"))
}

/// Expired, marked INVALID, the clocks apart, the realm not accepted, the client another one: all of it at once.
#[test]
fn an_administrator_sees_every_refusal_at_once() {
    let realm = realm();
    let only_ours = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default())
        .adjust_policy(|policy| policy.client_realms = Some(vec![(*b"EXAMPLE.COM").into()]))
        .build()
        .unwrap();
    let ended = realm.now().saturating_sub(Duration::from_secs(7_200)).second();
    let login = realm.login("bob@OTHER.EXAMPLE", SERVICE).clock_ahead(Duration::from_secs(432)).with_ticket(|ticket| {
        ticket.endtime = ended;
        ticket.flags = TicketFlags::INVALID.into();
    });
    let login = login.with_authenticator(|authenticator| authenticator.cname.name_string = vec![b"mallory".to_vec()]);
    let report = explained(&only_ours, &realm, &login);
    assert_eq!(refused(&report), ["N-1", "N-2", "D-2", "D-3", "D-4"], "{report}");
    assert!(found(&report, Step::D4).ends_with("+7 min 12 s, the client is ahead"), "{report}");
    assert!(found(&report, Step::D3).ends_with("2 h 0 min ago"), "{report}");
    let near = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default()).build().unwrap();
    assert!(explained(&near, &realm, &realm.login("bob@OTHER.EXAMPLE", SERVICE)).answer().is_ok());
}

/// What the ticket alone says is still checked when the authenticator does not open.
#[test]
fn checks_of_the_ticket_are_made_without_the_authenticator() {
    let realm = realm();
    let ended = realm.now().saturating_sub(Duration::from_secs(7_200)).second();
    let login = realm.login("alice", SERVICE).with_ticket(|ticket| ticket.endtime = ended);
    let report = explained(&acceptor(&realm, Policy::default()), &realm, &login.broken(Defect::AuthenticatorBit(0)));
    assert_eq!(refused(&report), ["U-1", "D-3"], "{report}");
    for step in [Step::U2, Step::N1, Step::D4, Step::C6] {
        assert!(matches!(report.check(step).unwrap().verdict, Verdict::NotReached), "{step}");
    }
}

#[test]
fn clocks_are_shown_with_sign_difference_and_limit() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let login = || realm.login("alice", SERVICE);
    let seconds = Duration::from_secs;
    for (login, shown) in [
        (login(), "equal"),
        (login().clock_ahead(seconds(301)), "+5 min 1 s, the client is ahead"),
        (login().clock_behind(seconds(432)), "-7 min 12 s, the client is behind"),
        (login().clock_behind(seconds(3)), "-3.000000 s, the client is behind"),
    ] {
        let report = explained(&acceptor, &realm, &login);
        assert!(found(&report, Step::D4).ends_with(shown), "{report}");
        assert_eq!(report.check(Step::D4).unwrap().wanted.as_deref(), Some("at most 5 min 0 s apart"));
    }
}

#[test]
fn what_was_let_pass_stands_at_its_step_with_the_setting_that_would_not() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let bare = realm.login("alice", SERVICE).with_authenticator(|a| {
        a.cksum = AuthenticatorChecksum::Absent;
        a.seq_number = None;
    });
    let bare = bare.broken(Defect::LongLength { part: kerbside::testing::Part::ApReq, octets: 4 });
    let report = explained(&acceptor, &realm, &bare);
    assert_eq!(tolerated(&report), ["L-5", "C-1", "M-4"], "{report}");
    let settings: Vec<_> = report.tolerated().map(|lenience| (lenience.setting, lenience.otherwise)).collect();
    assert_eq!(settings, [("lengths", "Shortest"), ("missing_checksum", "Refuse")]);
    // And the setting that would let a refusal pass.
    let strict = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default())
        .adjust_policy(|policy| policy.missing_checksum = Leniency::Refuse)
        .build()
        .unwrap();
    let report = explained(&strict, &realm, &bare);
    let would: Vec<_> = report.would_tolerate().map(|lenience| (lenience.setting, lenience.otherwise)).collect();
    assert_eq!((refused(&report), would), (vec!["C-1"], vec![("missing_checksum", "Tolerate")]));
}

#[test]
fn the_policy_in_force_is_shown_against_the_nearest_preset() {
    let realm = realm();
    for (name, policy) in [
        ("default", Policy::default()),
        ("strict", Policy::strict()),
        ("windows_compatible", Policy::windows_compatible()),
    ] {
        let report = acceptor(&realm, policy.clone()).explain(b"", realm.now());
        assert_eq!(report.preset(), name);
        assert!(report.settings().iter().all(|setting| !setting.changed), "{name}: {:?}", report.settings());
        let keytab = realm.keytab(SERVICE).unwrap();
        let changed = builder(&realm, keytab, policy).service("HTTP").skew(Duration::from_secs(60)).build().unwrap();
        let report = changed.explain(b"", realm.now());
        let changed: Vec<_> = report.settings().iter().filter(|setting| setting.changed).collect();
        let changed: Vec<_> = changed.iter().map(|setting| (setting.name, setting.value.as_str())).collect();
        assert_eq!((report.preset(), changed), (name, vec![("services", "HTTP/*@*"), ("skew", "60 s")]));
    }
}

/// A step that no token leads anywhere is one that nobody looks at.
#[test]
fn every_step_is_passed_by_some_token_and_refused_by_another() {
    let (mut passed, mut refused) = (BTreeSet::new(), BTreeSet::new());
    let mut look_at = |report: Report| {
        for check in report.checks() {
            match check.verdict {
                Verdict::Passed => drop(passed.insert(check.step.id())),
                Verdict::Refused(_) => drop(refused.insert(check.step.id())),
                _ => {}
            }
        }
    };
    let now = crate::refusals::realm().now();
    for row in crate::refusals::all() {
        let Some((acceptor, connection, token)) = row.first_token(ReplayPolicy::Memory) else { continue };
        look_at(acceptor.explain_on(&connection, &token, now));
    }
    // What the table has no row for: damage in the clear, behind the encryption, and what only a strict policy refuses.
    let realm = realm();
    let strict = acceptor(&realm, Policy::strict());
    let login = || realm.login("alice", SERVICE);
    for token in [login().token(), login().raw_krb5().token()] {
        for at in 0..token.len().min(140) {
            for octet in [token[at] ^ 0x01, token[at] ^ 0x80, token[at].wrapping_add(1), 0x81, 0] {
                let mut changed = token.clone();
                changed[at] = octet;
                look_at(strict.explain(&changed, realm.now()));
            }
        }
        look_at(strict.explain(&[&token[..], &[0]].concat(), realm.now()));
        look_at(strict.explain(&token[..token.len() - 1], realm.now()));
    }
    let login_with_copy = login();
    let copy = MechListMic::Octets(login_with_copy.clone().raw_krb5().token());
    let copied = login_with_copy.with_negotiation(|offer| offer.mech_list_mic = copy).token();
    look_at(strict.explain(&copied, realm.now()));
    let ntlm = login().with_negotiation(|offer| offer.mech_token = MechToken::Octets(b"NTLMSSP\0\x01\0\0\0".to_vec()));
    look_at(strict.explain(&ntlm.token(), realm.now()));
    let dce = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default());
    let dce = dce.adjust_policy(|policy| policy.dce = DcePolicy::Accept).build().unwrap();
    look_at(dce.explain(&login().dce_style().token(), realm.now()));
    let taking =
        builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default()).accept_delegation().build().unwrap();
    look_at(taking.explain(&login().delegating(|_| {}).token(), realm.now()));
    for at in 0..login().enc_ticket_part().len() {
        let changed = login().replace_enc_ticket_part(|octets| octets[at] ^= 0x40);
        look_at(strict.explain(&changed.token(), realm.now()));
    }

    let missing = |seen: &BTreeSet<&'static str>| {
        Step::ALL.iter().map(|step| step.id()).filter(|id| !seen.contains(id)).collect::<Vec<_>>()
    };
    // R-1 passes only where somebody asks the store.
    assert_eq!(missing(&passed), ["R-1"]);
    // S-1 and A-4 share their decoding with L-4, L-6 and A-1, which are named; the others are read, and refuse nothing.
    assert_eq!(missing(&refused), ["S-1", "A-4", "E-5", "C-4", "M-4"]);
}
