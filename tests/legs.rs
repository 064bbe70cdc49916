//! SPNEGO in several legs: which token may come when, and what becomes of a negotiation that failed (section 2 of the acceptance order).
#![cfg(feature = "testing")]

#[path = "support/refusals.rs"]
mod refusals;
#[path = "support/site.rs"]
mod site;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::time::Duration;
use kerbside::crypto::supported_enctypes;
use kerbside::gss::TokenKind;
use kerbside::numbers::KrbErrorCode;
use kerbside::replay::Seen;
use kerbside::testing::{Defect, Login, MechListMic, MechToken, NegState, Oid, Part, Reply};
use kerbside::{Connection, ErrorKind, Limits, NegotiationError, Policy, ReplayPolicy, Step};
use site::{Site, with};
use talk::{
    EMPTY, SECOND, Talk, assert_alice, flags, initiator, later, later_with, mech_types, resp, up_to_the_mic,
    without_integrity,
};
use tlv::{frame, tlv};

// ---- Which token when --------------------------------------------------------------------------------------------------

/// Step S-6: the list first, the token when the choice is known.
#[test]
fn a_token_that_was_left_out_is_taken_in_the_next_leg() {
    for mechanism in [Oid::KRB5, Oid::MS_KRB5] {
        let site = Site::new();
        let login = site.login().offering(core::slice::from_ref(&mechanism));
        let list = login.clone().with_negotiation(|init| init.mech_token = MechToken::Absent);
        let mut talk = Talk::new(&site, Policy::default());
        let first = talk.answer(&login, &list.token());
        assert_eq!((first.neg_state, first.supported_mech), (Some(NegState::AcceptIncomplete), Some(mechanism)));
        let accepted = talk.done(&later(&login).token());
        assert_alice(&accepted, &[]);
        let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.supported_mech), (Some(NegState::AcceptCompleted), None));
        assert!(reply.ap_rep.is_some() && reply.mech_list_mic.is_none());
    }
}

/// Step S-9: the octets of MS-SPNG §2.2.1, written by hand.
#[test]
fn an_empty_first_token_is_answered_with_hints_once() {
    let site = Site::new();
    let hint = tlv(0xa3, &tlv(0x30, &tlv(0xa0, &tlv(0x1b, b"not_defined_in_RFC4178@please_ignore"))));
    let list = tlv(0xa0, &mech_types(&[Oid::MS_KRB5, Oid::KRB5]));
    let expected = frame(&Oid::SPNEGO.0, &tlv(0xa0, &tlv(0x30, &[list, hint].concat())));
    for login in [site.login(), site.login().raw_krb5()] {
        let mut talk = Talk::new(&site, Policy::default());
        assert_eq!(talk.go_on(b""), expected);
        assert_eq!(talk.done(&login.token()).client().to_string(), "alice@EXAMPLE.COM");
    }
    let mut talk = Talk::new(&site, Policy::default());
    talk.go_on(b"");
    assert_eq!(talk.refused(b"").kind().name(), "Token.Empty");
    let mut talk = Talk::new(&site, Policy::default());
    talk.go_on(b"");
    let login = site.login().offering(&SECOND);
    let answer = up_to_the_mic(&mut talk, &login);
    assert_alice(&talk.done(&login.mic_leg(&answer)), &[]);
}

/// NEG-21: what the client says of the state is read and not believed; of the mechanism, only where the policy lets it.
#[test]
fn neg_21_a_later_tokens_state_and_mechanism_mean_nothing() {
    let site = Site::new();
    let judge = |policy: Policy, state: Option<u8>, mechanism: Option<Oid>| {
        let login = site.login().with_negotiation(|init| init.mech_token = MechToken::Absent);
        let mut talk = Talk::new(&site, policy);
        talk.go_on(&login.token());
        let last = later(&login).with_negotiation(|resp| {
            resp.mech_token = MechToken::Krb5;
            (resp.neg_state, resp.supported_mech) = (state, mechanism);
        });
        talk.outcome(&last.token())
    };
    for state in [None, Some(0), Some(1), Some(2), Some(3)] {
        assert_eq!(judge(Policy::default(), state, None), "accepted", "{state:?}");
    }
    for state in [4, 255] {
        assert_eq!(judge(Policy::default(), Some(state), None), "Token.Malformed");
    }
    for mechanism in [Oid::KRB5, Oid::MS_KRB5, Oid::NTLM] {
        assert_eq!(judge(Policy::default(), Some(1), Some(mechanism.clone())), "accepted");
        assert_eq!(judge(Policy::strict(), Some(1), Some(mechanism)), "Negotiation.OutOfOrder");
    }
    assert_eq!(judge(Policy::strict(), Some(1), None), "accepted");
    for content in [&[][..], &[0, 0], &[0; 9]] {
        let login = site.login().with_negotiation(|init| init.mech_token = MechToken::Absent);
        let mut talk = Talk::new(&site, Policy::default());
        talk.go_on(&login.token());
        let token = tlv(0xa1, &tlv(0x30, &tlv(0xa0, &tlv(0x0a, content))));
        assert_eq!(talk.refused(&token).kind().name(), "Token.Malformed");
    }
}

/// A place in a negotiation, and how to get there. The login is the one that the next tokens are of.
struct Place {
    name: &'static str,
    reach: fn(&mut Talk<'_>, &Login),
}

const PLACES: [Place; 9] = [
    Place { name: "at the beginning", reach: |_, _| {} },
    Place { name: "after the hints", reach: |talk, _| drop(talk.go_on(b"")) },
    Place { name: "after request-mic", reach: |talk, login| drop(talk.go_on(&login.token())) },
    Place {
        name: "after a list without a token",
        reach: |talk, login| {
            let alone = login.clone().offering(&[Oid::KRB5]);
            drop(talk.go_on(&alone.with_negotiation(|init| init.mech_token = MechToken::Absent).token()));
        },
    },
    Place { name: "before the MIC", reach: |talk, login| drop(up_to_the_mic(talk, login)) },
    Place { name: "before the third leg", reach: |talk, login| drop(talk.go_on(&login.clone().dce_style().token())) },
    Place {
        name: "after skew in SPNEGO",
        reach: |talk, login| {
            let late = login.again().offering(&[Oid::KRB5]).clock_behind(Duration::from_secs(301));
            drop(talk.go_on(&late.token()));
        },
    },
    Place {
        name: "after skew in Kerberos alone",
        reach: |talk, login| drop(talk.go_on(&login.again().raw_krb5().clock_ahead(Duration::from_secs(301)).token())),
    },
    Place { name: "at the end", reach: |talk, login| drop(talk.done(&login.again().offering(&[Oid::KRB5]).token())) },
];

type Next = (&'static str, fn(&Login) -> Vec<u8>);

const NEXT: [Next; 10] = [
    ("a list with Kerberos first", |login| login.clone().offering(&[Oid::KRB5]).token()),
    ("a list with Kerberos second", |login| login.clone().token()),
    ("a list of others", |login| login.clone().offering(&[Oid::UNKNOWN]).token()),
    ("Kerberos alone", |login| login.clone().raw_krb5().token()),
    ("a later token with Kerberos", |login| later(login).token()),
    ("a later token with a MIC", |_| resp(None, Some(&[4; 28]))),
    ("a later token with both", |login| later_with(login, MechListMic::Octets(vec![4; 28])).token()),
    ("an empty later token", |_| EMPTY.to_vec()),
    ("an AP-REP without a frame", |_| tlv(0x6f, &tlv(0x30, &[]))),
    ("nothing", |_| Vec::new()),
];

/// NEG-06: every token in every place, the list of mechanisms changed in between. Each has one outcome.
#[test]
fn neg_06_every_token_in_every_place() {
    const GO: &str = "continue";
    const OK: &str = "accepted";
    const ORDER: &str = "Negotiation.OutOfOrder";
    const NONE: &str = "Negotiation.NoCommonMechanism";
    const KIND: &str = "Token.NotKerberos";
    const EMPTY: &str = "Token.Empty";
    const BAD_MIC: &str = "Negotiation.BadMic";
    const MALFORMED: &str = "Token.Malformed";
    const CLOSED: &str = "Negotiation.Closed";
    let expected = [
        [OK, GO, NONE, OK, ORDER, ORDER, ORDER, ORDER, KIND, GO],
        [OK, GO, NONE, OK, ORDER, ORDER, ORDER, ORDER, KIND, EMPTY],
        [ORDER, ORDER, ORDER, ORDER, GO, ORDER, ORDER, ORDER, KIND, EMPTY],
        [ORDER, ORDER, ORDER, ORDER, OK, ORDER, ORDER, ORDER, KIND, EMPTY],
        [ORDER, ORDER, ORDER, ORDER, ORDER, BAD_MIC, ORDER, "Negotiation.MicMissing", KIND, EMPTY],
        [MALFORMED; 10],
        [ORDER, ORDER, ORDER, ORDER, OK, ORDER, ORDER, ORDER, KIND, EMPTY],
        [OK, GO, NONE, OK, ORDER, ORDER, ORDER, ORDER, KIND, EMPTY],
        [CLOSED; 10],
    ];
    for (place, expected) in PLACES.iter().zip(expected) {
        for ((name, token), expected) in NEXT.iter().zip(expected) {
            let site = Site::new();
            let policy = with(Policy::default(), |policy| {
                if place.name == "before the third leg" {
                    policy.dce = kerbside::DcePolicy::Accept;
                }
            });
            let login = site.login().offering(&SECOND);
            let mut talk = Talk::new(&site, policy);
            (place.reach)(&mut talk, &login);
            let token = token(&login.again());
            assert_eq!(talk.outcome(&token), expected, "{name} {}", place.name);
            if !["continue", "accepted"].contains(&expected) {
                talk.assert_closed();
            }
        }
    }
}

/// NEG-07
#[test]
fn neg_07_an_empty_token_is_refused_in_every_place_but_the_first() {
    for place in &PLACES[1..] {
        let site = Site::new();
        let policy = with(Policy::default(), |policy| policy.dce = kerbside::DcePolicy::Accept);
        let mut talk = Talk::new(&site, policy);
        (place.reach)(&mut talk, &site.login().offering(&SECOND));
        talk.refused(b"");
    }
}

/// NEG-02: each step of section 2 that can fail on a fresh negotiation, and a step after it.
#[test]
fn neg_02_after_a_failure_of_each_step_the_negotiation_is_closed() {
    let site = Site::new();
    let with_token = |token: Vec<u8>| site.login().with_negotiation(|init| init.mech_token = MechToken::Octets(token));
    let cases = [
        ("S-1", frame(&Oid::SPNEGO.0, &[]), "Token.Malformed"),
        ("S-2", frame(&Oid::SPNEGO.0, &tlv(0xa0, &tlv(0x30, &[]))), "Token.Malformed"),
        ("S-3", site.login().broken(Defect::OctetInside(Part::NegTokenInit)).token(), "Token.Malformed"),
        ("S-4", site.login().offering(&[Oid::UNKNOWN]).token(), "Negotiation.NoCommonMechanism"),
        ("S-7", site.login().mechanism(Oid::IAKERB).token(), "Negotiation.MechanismMismatch"),
        ("S-7", site.login().mechanism(Oid::KRB5_USER_TO_USER).token(), "Negotiation.MechanismMismatch"),
        ("S-8", with_token(b"NTLMSSP\0\x01\0\0\0".to_vec()).token(), "Token.NotKerberos"),
        ("S-10", EMPTY.to_vec(), "Negotiation.OutOfOrder"),
        ("S-10", vec![0xa1, 0x00], "Token.Malformed"),
        ("G-1", site.login().broken(Defect::OctetAfter(Part::ApReq)).token(), "Token.Malformed"),
        ("A-2", site.login().with_ap_req(|ap_req| ap_req.pvno = 4).token(), "ApReq.Version"),
        ("K-10", site.login().broken(Defect::WrongServiceKey).token(), "KeyDoesNotDecrypt"),
    ];
    for (step, token, expected) in cases {
        let mut talk = Talk::new(&site, Policy::default());
        assert_eq!(talk.refused(&token).kind().name(), expected, "{step}");
    }
    // S-5 and S-6 cannot fail, S-9 and S-11 only once a token has come.
    for (step, legs, expected) in [("S-9", 8, "Token.Empty"), ("S-11", 1, "Negotiation.TooManyLegs")] {
        let mut limits = Limits::default();
        limits.legs = legs;
        let acceptor = site.builder(Policy::default()).limits(limits).build().unwrap();
        let mut talk = Talk::with(&site, &acceptor);
        talk.go_on(b"");
        assert_eq!(talk.refused(b"").kind().name(), expected, "{step}");
    }
}

/// NEG-10: whatever the refusal was.
#[test]
fn neg_10_after_every_refusal_the_negotiation_is_closed() {
    let mut closed = 0;
    for refusal in refusals::all() {
        let Some((mut negotiation, token)) = refusal.negotiation() else { continue };
        let now = refusals::realm().now();
        let first = match negotiation.step(&token, now) {
            Err(error) => error,
            // What a single accept refuses, because it takes another token.
            Ok(Step::Continue(_)) => {
                let gone_on = ["Negotiation.MoreNeeded", "ClockSkew", "Token.TokenId", "Token.Empty"];
                assert!(gone_on.contains(&refusal.name), "{}", refusal.label);
                negotiation.step(b"", now).unwrap_err()
            }
            Ok(Step::CheckReplay(_)) => negotiation.step(b"", now).unwrap_err(),
            Ok(Step::Accepted(_)) => panic!("{}", refusal.label),
        };
        assert!(first.kind().name() != "Negotiation.Closed", "{}", refusal.label);
        for _ in 0..3 {
            let again = negotiation.step(&token, now).unwrap_err();
            assert_eq!((again.kind().name(), again.reply()), ("Negotiation.Closed", None), "{}", refusal.label);
            let answer = negotiation.resume(Ok(Seen::Fresh), now).unwrap_err();
            assert_eq!(answer.kind().name(), "Negotiation.Closed", "{}", refusal.label);
        }
        closed += 1;
    }
    assert!(closed > 80, "{closed}");
}

/// NEG-08: while another leg is awaited there are octets for the client and nothing else to ask for; the text for
/// debugging names nobody. That nothing else can be named is a failing example in the documentation of `Step`.
#[test]
fn neg_08_a_step_that_goes_on_holds_octets_and_nothing_else() {
    let site = Site::new();
    let login = site.login().offering(&SECOND);
    let mut talk = Talk::new(&site, Policy::default());
    for token in [login.token(), later(&login).token()] {
        let step = talk.step(&token).unwrap();
        let text = format!("{step:?} {:?}", talk.negotiation);
        let Step::Continue(octets) = step else { panic!("{text}") };
        let _: Vec<u8> = octets;
        assert!(text.contains("waits for the") && !text.contains("alice"), "{text}");
    }
    talk.refused(&EMPTY);
    assert!(format!("{:?}", talk.negotiation).contains("is closed"));
}

/// Step S-11: the longest negotiation that is legal stays below the bound; a bound of one less than it takes refuses it.
#[test]
fn the_longest_negotiation_takes_six_legs() {
    let site = Site::new();
    for legs in [8, 6, 5] {
        let mut limits = Limits::default();
        limits.legs = legs;
        let acceptor = site.builder(Policy::default()).limits(limits).build().unwrap();
        let mut talk = Talk::with(&site, &acceptor);
        let login = site.login().offering(&SECOND);
        talk.go_on(b"");
        talk.go_on(&login.token());
        talk.go_on(&later(&login).token_id([2, 0]).token());
        talk.go_on(&later(&login.again().clock_behind(Duration::from_secs(301))).token());
        let last = login.again();
        let reply = talk.go_on(&later(&last).token());
        let leg = last.mic_leg(&last.verify_reply(&reply).unwrap());
        if legs < 6 {
            assert_eq!(talk.refused(&leg).kind().name(), "Negotiation.TooManyLegs");
        } else {
            assert_alice(&talk.done(&leg), &[]);
        }
    }
}

/// Step S-7 in a later leg: the token that comes then is held to the choice.
#[test]
fn a_later_token_of_another_mechanism_is_rejected() {
    let site = Site::new();
    for (mechanism, expected) in [
        (Oid::IAKERB, TokenKind::IaKerb),
        (Oid::KRB5_USER_TO_USER, TokenKind::UserToUser),
        (Oid::SPNEGO, TokenKind::Spnego),
    ] {
        let login = site.login().offering(&SECOND);
        let mut talk = Talk::new(&site, Policy::default());
        talk.go_on(&login.token());
        let error = talk.refused(&later(&login).mechanism(mechanism).token());
        let ErrorKind::Negotiation(NegotiationError::MechanismMismatch { kind }) = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!(*kind, expected);
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.supported_mech), (Some(NegState::Reject), None));
    }
}

// ---- Another chance ----------------------------------------------------------------------------------------------------

/// Step X-4: the client hears the time, and tries once more.
#[test]
fn a_clock_that_is_wrong_is_told_the_time_once() {
    let (late, early) = (Duration::from_secs(301), Duration::from_secs(3_600));
    for list in [Some(&[Oid::KRB5][..]), Some(&SECOND), None] {
        for mutual in [true, false] {
            let site = Site::new();
            let login = if mutual { site.login() } else { site.login().without_mutual() };
            let login = without_integrity(login);
            let login = list.map_or_else(|| login.clone().raw_krb5(), |list| login.clone().offering(list));
            let next = |login: &Login| if list.is_some() { later(login) } else { login.clone() };
            let again = |talk: &mut Talk<'_>, first: &Login| -> Reply {
                if list == Some(&SECOND) {
                    talk.go_on(&first.token());
                    return talk.answer(first, &next(first).token());
                }
                talk.answer(first, &first.token())
            };
            let acceptor = site.acceptor(Policy::default());
            let mut talk = Talk::with(&site, &acceptor);
            let first = login.clone().clock_behind(late);
            let answer = again(&mut talk, &first);
            let krb_error = answer.krb_error.unwrap();
            assert_eq!((krb_error.error_code, krb_error.stime), (KrbErrorCode::KRB_AP_ERR_SKEW, site.realm.now()));
            assert_eq!(krb_error.e_data.as_deref(), Some(&b"\x30\x05\xa1\x03\x02\x01\x02"[..]));
            assert_eq!(answer.neg_state, list.map(|_| NegState::AcceptIncomplete));
            let accepted = talk.done(&next(&login.again()).token());
            assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
            talk.assert_closed();

            let mut talk = Talk::with(&site, &acceptor);
            again(&mut talk, &login.again().clock_behind(late));
            let second = login.again().clock_ahead(early);
            let error = talk.refused(&next(&second).token());
            assert_eq!(error.kind().name(), "ClockSkew");
            let told = second.verify_reply(error.reply().unwrap()).unwrap();
            assert_eq!(told.neg_state, list.map(|_| NegState::Reject));
            assert_eq!(told.krb_error.unwrap().error_code, KrbErrorCode::KRB_AP_ERR_SKEW);
        }
    }
}

/// Step G-3: "02 00" and others are answered with KRB_AP_ERR_MSG_TYPE, once.
#[test]
fn a_wrong_token_identifier_is_told_once() {
    for raw in [true, false] {
        let site = Site::new();
        let login = || if raw { site.login().raw_krb5() } else { site.login() };
        let next = |login: &Login| if raw { login.clone() } else { later(login) };
        for second in [[1, 0], [3, 0]] {
            let mut talk = Talk::new(&site, Policy::default());
            let login = login();
            let answer = talk.answer(&login, &login.clone().token_id([2, 0]).token());
            assert_eq!(answer.krb_error.unwrap().error_code, KrbErrorCode::KRB_AP_ERR_MSG_TYPE);
            assert_eq!(answer.neg_state, (!raw).then_some(NegState::AcceptIncomplete));
            let token = next(&login).token_id(second).token();
            if second == [1, 0] {
                assert_eq!(talk.done(&token).client().to_string(), "alice@EXAMPLE.COM");
            } else {
                assert_eq!(talk.refused(&token).kind().name(), "Token.TokenId");
            }
        }
    }
}

// ---- What is remembered, and what is handed over --------------------------------------------------------------------------

#[test]
fn one_authenticator_is_accepted_in_one_negotiation_only() {
    let site = Site::new();
    let acceptor = site.acceptor(Policy::default());
    let login = site.login().offering(&SECOND);
    let mut talk = Talk::with(&site, &acceptor);
    let answer = up_to_the_mic(&mut talk, &login);
    // Before the first negotiation is over, and after it.
    for over in [false, true] {
        let mut other = Talk::with(&site, &acceptor);
        other.go_on(&login.token());
        let error = other.refused(&later(&login).token());
        assert_eq!(error.kind().name(), "Replay");
        let told = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!(told.krb_error.unwrap().error_code, KrbErrorCode::KRB_AP_ERR_REPEAT);
        let alone = acceptor.accept(&login.clone().raw_krb5().token(), site.realm.now()).unwrap_err();
        assert_eq!(alone.kind().name(), "Replay");
        if !over {
            assert_alice(&talk.done(&login.mic_leg(&answer)), &[]);
        }
    }
}

/// Step R-1: what was refused for its MIC or for its time has used up nothing.
#[test]
fn a_token_that_was_refused_for_its_mic_is_still_fresh() {
    let site = Site::new();
    let acceptor = site.acceptor(Policy::default());
    let login = site.login().without_mutual().offering(&SECOND);
    for mic in [MechListMic::Absent, MechListMic::Octets(vec![4; 28])] {
        let mut talk = Talk::with(&site, &acceptor);
        talk.go_on(&login.token());
        assert!(talk.refused(&later_with(&login, mic).token()).kind().name().starts_with("Negotiation."));
    }
    let mut talk = Talk::with(&site, &acceptor);
    talk.go_on(&login.token());
    assert_alice(&talk.done(&later_with(&login, MechListMic::Valid).token()), &[]);
}

#[test]
fn channel_bindings_and_a_wrong_connection_count_in_every_leg() {
    let site = Site::new();
    let bindings = |data: &[u8]| kerbside::gss::ChannelBindings::from_application_data(data);
    let login = || site.login().channel_bindings(b"tls-server-end-point:this").offering(&SECOND);
    for (channel, bound) in [(&b"tls-server-end-point:this"[..], true), (b"tls-server-end-point:that", false)] {
        let acceptor = site.acceptor(Policy::default());
        let mut talk = Talk::with(&site, &acceptor);
        talk.negotiation = acceptor.negotiate_on(Connection::new().channel_bindings(bindings(channel)));
        let login = login();
        talk.go_on(&login.token());
        if bound {
            let answer = talk.answer(&login, &later(&login).token());
            assert!(talk.done(&login.mic_leg(&answer)).channel_bound());
        } else {
            assert_eq!(talk.refused(&later(&login).token()).kind().name(), "ChannelBinding");
        }
    }
}

/// The session goes on where the MICs left off: each direction has used one number.
#[test]
fn the_session_of_a_negotiation_carries_messages_both_ways() {
    use kerbside::SystemRandom;
    use kerbside::gss::{Confidentiality, MessageOrder};
    for enctype in supported_enctypes().map(|row| row.enctype) {
        for mutual in [true, false] {
            let site = Site::new();
            let login = site.login().session_enctype(enctype).offering(&SECOND);
            let login = if mutual { login } else { login.without_mutual() };
            let policy =
                with(Policy::windows_compatible(), |policy| policy.rc4_messages = kerbside::gss::Rc4Messages::Allow);
            let mut talk = Talk::new(&site, policy);
            let first = talk.answer(&login, &login.token());
            let answer = if mutual { talk.answer(&login, &later(&login).token()) } else { first };
            let mut client = initiator(&login, &answer, flags());
            let mic = client.get_mic(&mech_types(&SECOND)).unwrap();
            let last =
                if mutual { resp(None, Some(&mic)) } else { later_with(&login, MechListMic::Octets(mic)).token() };
            let accepted = talk.done(&last);
            let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
            let theirs = if mutual { answer.mech_list_mic } else { reply.mech_list_mic };
            assert_eq!(client.verify_mic(&mech_types(&SECOND), &theirs.unwrap()).unwrap().order, MessageOrder::InOrder);
            let mut server = accepted.into_session();
            for message in [&b"one"[..], b"", b"three"] {
                for confidentiality in [Confidentiality::Sealed, Confidentiality::SignedOnly] {
                    let to_server = client.wrap(message, confidentiality, &SystemRandom::default()).unwrap();
                    let got = server.unwrap(&to_server).unwrap();
                    assert_eq!(
                        (&got.message[..], got.order(), got.confidentiality),
                        (message, MessageOrder::InOrder, confidentiality)
                    );
                    let to_client = server.wrap(message, confidentiality, &SystemRandom::default()).unwrap();
                    let got = client.unwrap(&to_client).unwrap();
                    assert_eq!((&got.message[..], got.order()), (message, MessageOrder::InOrder), "{enctype}");
                }
            }
        }
    }
}

/// Questions to a store of the caller's, in the last leg but one of a longer negotiation.
#[test]
fn a_question_to_the_replay_store_may_come_in_any_leg() {
    let site = Site::new();
    let acceptor = site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap();
    let login = site.login().offering(&SECOND);
    let mut talk = Talk::with(&site, &acceptor);
    talk.go_on(&login.token());
    let Ok(Step::CheckReplay(_)) = talk.step(&later(&login).token()) else { panic!("the store is not asked") };
    let Ok(Step::Continue(reply)) = talk.negotiation.resume(Ok(Seen::Fresh), site.realm.now()) else {
        panic!("the MIC is not awaited")
    };
    let answer = login.verify_reply(&reply).unwrap();
    assert_alice(&talk.done(&login.mic_leg(&answer)), &[]);
}
