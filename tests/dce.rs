//! DCE style: three legs, the last two without a frame, and nobody accepted before the third (section 12 of the acceptance
//! order, MS-KILE §3.4.5.1).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::time::Duration;
use kerbside::crypto::supported_enctypes;
use kerbside::gss::ContextFlags;
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::testing::{Framing, Login, MechToken, NegState, Oid, Realm, Reply, gss_flag};
use kerbside::{DcePolicy, Error, Mechanism, Policy, SystemRandom};
use site::{Site, with};
use talk::{EMPTY, SECOND, Talk, initiator, later, mech_types, resp};
use tlv::frame;

fn dce(policy: Policy) -> Policy {
    with(policy, |policy| policy.dce = DcePolicy::Accept)
}

/// What becomes of a right third leg.
type Shape = fn(&Login, Vec<u8>) -> Vec<u8>;

/// The AP-REP of the third leg, with another time than the authenticator's.
fn leg_of_another_time(login: &Login, answer: &Reply, change: Duration) -> Vec<u8> {
    let time = login.authenticator().time().saturating_add(change);
    login.clone().with_authenticator(|authenticator| authenticator.set_time(time)).dce_leg(answer)
}

fn with_number(answer: &Reply, number: Option<u32>) -> Reply {
    let mut answer = answer.clone();
    answer.ap_rep.as_mut().unwrap().seq_number = number;
    answer
}

#[track_caller]
fn assert_mismatch(error: &Error) {
    assert_eq!(error.kind().name(), "Dce.Mismatch");
    assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_MUT_FAIL);
}

/// APR-31
#[test]
fn apr_31_three_legs_without_a_frame() {
    for enctype in supported_enctypes().map(|row| row.enctype) {
        let site = Site::new();
        let login = site.login().session_enctype(enctype).dce_style();
        let mut talk = Talk::new(&site, dce(Policy::windows_compatible()));
        let reply = talk.go_on(&login.token());
        assert_eq!(reply[0], 0x6f, "an AP-REP without a frame");
        let answer = login.verify_reply(&reply).unwrap();
        assert!(answer.ap_rep.as_ref().unwrap().subkey.is_some(), "{enctype}: DCE style has always a subkey");
        let accepted = talk.done(&login.dce_leg(&answer));
        assert_eq!((accepted.client().to_string().as_str(), accepted.reply()), ("alice@EXAMPLE.COM", None));
        assert_eq!((accepted.mechanism(), accepted.tolerances()), (Mechanism::Krb5, &[][..]));
        assert!(accepted.flags().contains(ContextFlags::DCE_STYLE | ContextFlags::MUTUAL));
        talk.assert_closed();
    }
}

/// APR-31: the flag is what counts, not the frame: the AP-REP has none, whatever the AP-REQ had (step DCE-2).
#[test]
fn apr_31_a_framed_first_leg_is_answered_without_a_frame() {
    let site = Site::new();
    let login = site.login().dce_style().framing(Framing::RawKrb5);
    let mut talk = Talk::new(&site, dce(Policy::default()));
    let reply = talk.go_on(&login.token());
    assert_eq!(reply[0], 0x6f);
    let answer = login.clone().framing(Framing::BareApReq).verify_reply(&reply).unwrap();
    assert_eq!(talk.done(&login.dce_leg(&answer)).client().to_string(), "alice@EXAMPLE.COM");
}

/// APR-31: DCE style implies mutual authentication, whether or not it is asked for by name (step DCE-2).
#[test]
fn apr_31_dce_style_is_mutual() {
    let site = Site::new();
    let login = site.login().dce_style().with_ap_req(|ap_req| ap_req.ap_options.octets[0] = 0);
    let login = login.with_gss_checksum(|checksum| checksum.flags &= !gss_flag::MUTUAL);
    let mut talk = Talk::new(&site, dce(Policy::default()));
    let answer = talk.answer(&login, &login.token());
    assert!(talk.done(&login.dce_leg(&answer)).flags().contains(ContextFlags::MUTUAL));
}

/// APR-31: an AP-REQ without a frame needs the flag, and one with the flag is no more than an AP-REQ by default.
#[test]
fn apr_31_dce_style_is_off_by_default_and_bound_to_its_flag() {
    let site = Site::new();
    for policy in [Policy::default(), Policy::strict(), Policy::windows_compatible()] {
        let mut talk = Talk::new(&site, policy);
        assert_eq!(talk.refused(&site.login().dce_style().token()).kind().name(), "Token.NotKerberos");
    }
    let framed = site.login().dce_style().framing(Framing::RawKrb5);
    let accepted = Talk::new(&site, Policy::default()).done(&framed.token());
    assert!(!accepted.flags().contains(ContextFlags::DCE_STYLE), "asked for, and not granted");
    let mut talk = Talk::new(&site, dce(Policy::default()));
    let unflagged = site.login().bare_ap_req();
    assert_eq!(talk.refused(&unflagged.token()).kind().name(), "Token.NotKerberos");
    // It has used up nothing (step R-1).
    assert!(site.accept(Policy::default(), &unflagged.raw_krb5()).is_ok());
}

/// APR-31: a single accept cannot take three legs: it says so, with the second leg.
#[test]
fn apr_31_a_single_accept_needs_more() {
    let site = Site::new();
    for login in [site.login().dce_style(), spnego(&site.login(), MechToken::BareApReq)] {
        let error = site.accept(dce(Policy::default()), &login).unwrap_err();
        assert_eq!(error.kind().name(), "Negotiation.MoreNeeded");
        assert!(login.verify_reply(error.reply().unwrap()).unwrap().ap_rep.is_some());
    }
}

/// APR-31: what the third leg must echo, each of it changed.
#[test]
fn apr_31_a_third_leg_that_echoes_something_else() {
    let site = Site::new();
    let acceptor = site.acceptor(dce(Policy::default()));
    let second = Duration::from_secs(1);
    type Wrong = (&'static str, fn(&Login, &Reply, Duration) -> Vec<u8>);
    let wrong: [Wrong; 6] = [
        ("another number", |login, answer, _| {
            let number = answer.ap_rep.as_ref().unwrap().seq_number.unwrap();
            login.dce_leg(&with_number(answer, Some(number ^ 1)))
        }),
        ("the initiator's number", |login, answer, _| {
            let number = login.authenticator().seq_number.unwrap();
            login.dce_leg(&with_number(answer, u32::try_from(number).ok()))
        }),
        ("no number", |login, answer, _| login.dce_leg(&with_number(answer, None))),
        ("a time beyond the skew", |login, answer, _| leg_of_another_time(login, answer, Duration::from_secs(301))),
        ("another session key", |login, answer, _| {
            let other = login.clone().session_enctype(Enctype::AES128_CTS_HMAC_SHA1_96);
            other.dce_leg(answer)
        }),
        ("the leg of another login", |login, answer, _| {
            let realm = Realm::new("EXAMPLE.COM");
            let _ = realm.login("bob", site::SERVICE);
            let other = realm.login("bob", site::SERVICE).dce_style();
            let number = answer.ap_rep.as_ref().unwrap().seq_number;
            assert_ne!(other.ticket().key, login.ticket().key);
            other.dce_leg(&with_number(answer, number))
        }),
    ];
    for (what, wrong) in wrong {
        for negotiated in [false, true] {
            let login = site.login().dce_style();
            let login = if negotiated { spnego(&login, MechToken::BareApReq) } else { login };
            let mut talk = Talk::with(&site, &acceptor);
            let answer = talk.answer(&login, &login.token());
            let leg = wrong(&login, &answer, second);
            let error = talk.refused(&if negotiated { resp(Some(&leg), None) } else { leg });
            assert_eq!(error.kind().name(), "Dce.Mismatch", "{what}");
            assert_mismatch(&error);
            assert_eq!(error.reply().is_some(), negotiated, "{what}");
        }
    }
}

/// APR-31: MIT puts its own clock into the third leg; the number is what ties it to the context.
#[test]
fn apr_31_a_third_leg_has_any_time_within_the_skew() {
    let site = Site::new();
    for later in [Duration::from_micros(1), Duration::from_secs(1), Duration::from_secs(299)] {
        let login = site.login().dce_style();
        let mut talk = Talk::new(&site, dce(Policy::default()));
        let answer = talk.answer(&login, &login.token());
        assert_eq!(talk.done(&leg_of_another_time(&login, &answer, later)).client().to_string(), "alice@EXAMPLE.COM");
    }
}

/// APR-31: our own second leg sent back, and our second leg of another negotiation.
#[test]
fn apr_31_the_second_leg_is_not_the_third() {
    let site = Site::new();
    let acceptor = site.acceptor(dce(Policy::default()));
    let login = site.login().dce_style();
    let mut talk = Talk::with(&site, &acceptor);
    let earlier = talk.go_on(&login.token());
    let third = login.dce_leg(&login.verify_reply(&earlier).unwrap());
    let again = login.again();
    for token in [earlier, third] {
        let mut other = Talk::with(&site, &acceptor);
        other.go_on(&again.again().token());
        assert_mismatch(&other.refused(&token));
    }
    // Our AP-REP echoes the right time and the right number under the right key: only its octets tell it from the
    // client's.
    let mut reflected = Talk::with(&site, &acceptor);
    let second = reflected.go_on(&again.again().token());
    assert_mismatch(&reflected.refused(&second));
}

/// APR-31: a frame around the third leg, and what is no AP-REP at all.
#[test]
fn apr_31_a_third_leg_in_a_frame_is_malformed() {
    let site = Site::new();
    let acceptor = site.acceptor(dce(Policy::default()));
    let shapes: [Shape; 6] = [
        |_, leg| frame(&Oid::KRB5.0, &[&[2, 0][..], &leg].concat()),
        |_, leg| [&leg[..], &[0]].concat(),
        |_, leg| leg[..leg.len() - 1].to_vec(),
        |_, leg| resp(Some(&leg), None),
        |login, _| login.token(),
        |_, _| Vec::new(),
    ];
    for shape in shapes {
        let login = site.login().dce_style();
        let mut talk = Talk::with(&site, &acceptor);
        let answer = talk.answer(&login, &login.token());
        let error = talk.refused(&shape(&login, login.dce_leg(&answer)));
        assert_eq!(error.kind().name(), "Token.Malformed");
    }
}

/// APR-31: no bit of the third leg may change.
#[test]
fn apr_31_every_flipped_bit_of_the_third_leg_is_refused() {
    let site = Site::new();
    let acceptor = site.acceptor(dce(Policy::default()));
    let mut mismatches = 0;
    for bit in 0.. {
        let login = site.login().dce_style();
        let mut talk = Talk::with(&site, &acceptor);
        let answer = talk.answer(&login, &login.token());
        let mut leg = login.dce_leg(&answer);
        let Some(octet) = leg.get_mut(bit / 8) else { break };
        *octet ^= 1 << (bit % 8);
        let error = talk.refused(&leg);
        assert!(["Dce.Mismatch", "Token.Malformed"].contains(&error.kind().name()), "bit {bit}: {error}");
        mismatches += usize::from(error.kind().name() == "Dce.Mismatch");
    }
    assert!(mismatches > 500, "{mismatches}");
}

// ---- Inside SPNEGO -------------------------------------------------------------------------------------------------------

fn spnego(login: &Login, token: MechToken) -> Login {
    let login = login.clone().dce_style().framing(Framing::Spnego);
    login.with_negotiation(|init| init.mech_token = token)
}

/// APR-31: framed or not, as favourite: as Windows 7 joins its domain.
#[test]
fn apr_31_three_legs_inside_spnego() {
    for token in [MechToken::BareApReq, MechToken::Krb5] {
        let site = Site::new();
        let login = spnego(&site.login(), token);
        let mut talk = Talk::new(&site, dce(Policy::default()));
        let answer = talk.answer(&login, &login.token());
        assert_eq!(
            (answer.neg_state, answer.supported_mech.clone()),
            (Some(NegState::AcceptIncomplete), Some(Oid::KRB5))
        );
        assert!(answer.ap_rep.is_some() && answer.mech_list_mic.is_none());
        let accepted = talk.done(&resp(Some(&login.dce_leg(&answer)), None));
        assert_eq!(
            (accepted.client().to_string().as_str(), accepted.mechanism()),
            ("alice@EXAMPLE.COM", Mechanism::Spnego)
        );
        let last = login.verify_reply(accepted.reply().unwrap()).unwrap();
        assert_eq!((last.neg_state, last.supported_mech), (Some(NegState::AcceptCompleted), None));
    }
}

/// APR-31: after request-mic the third leg, the mechanism's last token, carries the MIC, and the last answer ours.
#[test]
fn apr_31_a_mic_goes_with_the_third_leg() {
    for (mic, expected) in
        [(Some(0), None), (Some(1), Some("Negotiation.BadMic")), (None, Some("Negotiation.MicMissing"))]
    {
        let site = Site::new();
        let login = spnego(&site.login(), MechToken::BareApReq).offering(&SECOND);
        let mut talk = Talk::new(&site, dce(Policy::default()));
        talk.go_on(&login.token());
        let answer = talk.answer(&login, &later(&login).token());
        let mut session = initiator(&login, &answer, talk::flags());
        let mic = mic.map(|flip| {
            let mut mic = session.get_mic(&mech_types(&SECOND)).unwrap();
            *mic.last_mut().unwrap() ^= flip;
            mic
        });
        let last = resp(Some(&login.dce_leg(&answer)), mic.as_deref());
        if let Some(expected) = expected {
            let error = talk.refused(&last);
            assert_eq!(error.kind().name(), expected);
            assert_eq!(login.verify_reply(error.reply().unwrap()).unwrap().neg_state, Some(NegState::Reject));
            continue;
        }
        let accepted = talk.done(&last);
        let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
        session.verify_mic(&mech_types(&SECOND), &reply.mech_list_mic.unwrap()).unwrap().in_order().unwrap();
        let sealed = accepted
            .into_session()
            .wrap(b"message", kerbside::gss::Confidentiality::Sealed, &SystemRandom::default())
            .unwrap();
        assert_eq!(session.unwrap(&sealed).unwrap().in_order().unwrap(), b"message");
    }
}

/// APR-31: inside SPNEGO the third leg is a later token with a bare AP-REP, and nothing else.
#[test]
fn apr_31_what_is_no_third_leg_inside_spnego() {
    let shapes: [(Shape, &str); 6] = [
        (|_, leg| leg, "Token.NotKerberos"),
        (|_, leg| resp(Some(&frame(&Oid::KRB5.0, &[&[2, 0][..], &leg].concat())), None), "Token.Malformed"),
        (|_, _| EMPTY.to_vec(), "Negotiation.OutOfOrder"),
        (|_, _| resp(None, Some(&[4; 28])), "Negotiation.OutOfOrder"),
        (|_, _| resp(Some(&[]), None), "Token.Malformed"),
        (|login, _| login.token(), "Negotiation.OutOfOrder"),
    ];
    for (shape, expected) in shapes {
        let site = Site::new();
        let login = spnego(&site.login(), MechToken::BareApReq);
        let mut talk = Talk::new(&site, dce(Policy::default()));
        let answer = talk.answer(&login, &login.token());
        assert_eq!(talk.refused(&shape(&login, login.dce_leg(&answer))).kind().name(), expected);
    }
}

/// APR-31: a MIC beside the AP-REQ would come before the mechanism's last token.
#[test]
fn apr_31_a_mic_beside_the_first_leg_is_out_of_order() {
    let site = Site::new();
    let login = spnego(&site.login(), MechToken::BareApReq);
    let mic = kerbside::testing::MechListMic::Octets(vec![4; 28]);
    let early = login.clone().with_negotiation(|init| init.mech_list_mic = mic);
    let acceptor = site.acceptor(dce(Policy::default()));
    assert_eq!(Talk::with(&site, &acceptor).refused(&early.token()).kind().name(), "Negotiation.OutOfOrder");
    let mut talk = Talk::with(&site, &acceptor);
    let answer = talk.answer(&login, &login.token());
    drop(talk.done(&resp(Some(&login.dce_leg(&answer)), None)));
}

/// APR-31: the store is asked before the AP-REP is made (step DCE-4).
#[test]
fn apr_31_the_first_leg_is_remembered_before_the_third() {
    let site = Site::new();
    let acceptor = site.acceptor(dce(Policy::default()));
    let login = site.login().dce_style();
    Talk::with(&site, &acceptor).go_on(&login.token());
    let error = Talk::with(&site, &acceptor).refused(&login.token());
    assert_eq!(error.kind().name(), "Replay");
    assert_eq!(login.verify_reply(error.reply().unwrap()).unwrap().krb_error.unwrap().error_code.0, 34);
}
