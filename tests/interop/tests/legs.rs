//! Negotiations of more than one leg: pyspnego with NTLM first in its list, DCE style, and a clock that is set right on the
//! way. The MICs over pyspnego's list are MIT's.

use kerbside::crypto::SystemRandom;
use kerbside::gss::{Confidentiality, MessageOrder, Rc4Messages, Session};
use kerbside::numbers::Enctype;
use kerbside::spnego::{NegState, NegTokenResp};
use kerbside::{Accepted, Acceptor, DcePolicy, Error, Negotiation, Step, Timestamp};
use kerbside_interop::negotiation::{KRB5_FIRST, NTLM_FIRST, response, turned, with_mic};
use kerbside_interop::suite::MIT_ENCTYPES;
use kerbside_interop::{Initiator, Leg, Mech, Realm, Request, now, shifted};

fn acceptor(realm: &Realm) -> Acceptor {
    let builder = Acceptor::builder(realm.keytab("enctypes-and-web")).adjust_policy(|policy| {
        policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
        policy.rc4_messages = Rc4Messages::Allow;
        policy.dce = DcePolicy::Accept;
    });
    builder.build().expect("the acceptor is complete")
}

fn host(enctype: Enctype) -> &'static str {
    enctype.name().expect("a supported enctype has a name")
}

fn continued(step: Result<Step, Error>) -> Vec<u8> {
    match step.expect("the token is good") {
        Step::Continue(reply) => reply,
        step => panic!("the negotiation goes on, it does not end: {step:?}"),
    }
}

fn accepted(step: Result<Step, Error>) -> Accepted {
    let Step::Accepted(accepted) = step.expect("the token is good") else { panic!("the negotiation ends") };
    assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
    assert_eq!(accepted.tolerances(), []);
    *accepted
}

#[track_caller]
fn refused(step: Result<Step, Error>, kind: &str) -> Error {
    let error = step.expect_err("the token is to be refused");
    assert_eq!(error.kind().name(), kind, "{error}");
    error
}

/// Lets both talk until the acceptor has accepted: what it has, and how many of its answers were on the way.
fn talked(negotiation: &mut Negotiation, alice: &mut Initiator, mut leg: Leg) -> (Accepted, usize) {
    for answers in 0.. {
        let token = leg.token.expect("the acceptor waits for a token");
        match negotiation.step(&token, now()).expect("the token is good") {
            Step::Continue(reply) => leg = alice.step(&reply).expect("the initiator takes the answer"),
            step => {
                let accepted = accepted(Ok(step));
                if let Some(reply) = accepted.reply() {
                    leg = alice.step(reply).expect("the initiator takes the reply");
                    assert_eq!(leg.token, None, "nobody has anything more to say");
                }
                assert!(leg.complete, "the initiator waits");
                return (accepted, answers);
            }
        }
    }
    unreachable!("a negotiation has at most eight legs")
}

/// One sealed message and one MIC both ways: the next ones, whatever was signed before.
fn exchange(alice: &mut Initiator, session: &mut Session) {
    let token = alice.wrap(b"question", Confidentiality::Sealed);
    let question = session.unwrap(&token).expect("the message is the initiator's");
    assert_eq!((question.order(), &question.message[..]), (MessageOrder::InOrder, &b"question"[..]));
    let mic = alice.mic(b"question");
    assert_eq!(session.verify_mic(b"question", &mic).expect("so is the MIC").order, MessageOrder::InOrder);

    let sealed = session.wrap(b"answer", Confidentiality::Sealed, &SystemRandom::default()).expect("it wraps");
    assert_eq!(alice.unwrap(&sealed), Ok((b"answer".to_vec(), Confidentiality::Sealed)));
    let mic = session.get_mic(b"answer").expect("it signs");
    assert_eq!(alice.verify_mic(b"answer", &mic), Ok(()));
}

/// Mutual always; `pyspnego_loses_the_token_of_a_one_way_context_behind_ntlm` says why.
#[test]
fn pyspnego_with_ntlm_first_completes_every_combination_of_flags() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for enctype in MIT_ENCTYPES {
        for combination in 0_u8..16 {
            let names = ["replay", "sequence", "conf", "integ"];
            let asked: Vec<_> = (0..4).filter(|bit| combination >> bit & 1 == 1).map(|bit| names[bit]).collect();
            let request = Request::to(host(enctype)).pyspnego(&NTLM_FIRST).mutual().flags(&asked);
            let leg = alice.init(&request).expect("pyspnego makes a token");
            let (accepted, answers) = talked(&mut acceptor.negotiate(), &mut alice, leg);
            // request-mic; and with the AP-REP the acceptor's MIC, which wants the initiator's.
            assert_eq!(answers, 2, "{enctype:?} {asked:?}");
            if asked.contains(&"replay") && asked.contains(&"sequence") {
                exchange(&mut alice, &mut accepted.into_session());
            }
        }
    }
}

/// It makes the tokens of all mechanisms at once, and does not send that of a context which its maker has completed: one way,
/// Kerberos's is. What it sends is a MIC and nothing to verify it with. `ntlm_first.rs` has MIT's, which does not.
#[test]
fn pyspnego_loses_the_token_of_a_one_way_context_behind_ntlm() {
    let realm = Realm::started();
    let mut alice = Initiator::of(&realm, "alice");
    let mut negotiation = acceptor(&realm).negotiate();
    let first = alice.first_token(&Request::to("web").pyspnego(&NTLM_FIRST).flags(&["integ"]));
    let reply = continued(negotiation.step(&first, now()));
    let token = alice.step(&reply).expect("pyspnego takes the answer").token.expect("it has something to say");
    assert!(response(&token).response_token.is_none() && response(&token).mech_list_mic.is_some());
    refused(negotiation.step(&token, now()), "Negotiation.OutOfOrder");
}

#[test]
fn pyspnego_with_ntlm_second_completes_in_one_leg() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for enctype in MIT_ENCTYPES {
        for flags in [&["mutual"][..], &["mutual", "replay", "sequence"]] {
            let leg = alice.init(&Request::to(host(enctype)).pyspnego(&KRB5_FIRST).flags(flags));
            let leg = leg.expect("pyspnego makes a token");
            let (accepted, answers) = talked(&mut acceptor.negotiate(), &mut alice, leg);
            assert_eq!(answers, 0, "{enctype:?} {flags:?}");
            if flags.len() == 3 {
                exchange(&mut alice, &mut accepted.into_session());
            }
        }
    }
}

#[test]
fn the_acceptor_may_speak_first() {
    let realm = Realm::started();
    let mut negotiation = acceptor(&realm).negotiate();
    let mut alice = Initiator::of(&realm, "alice");
    let hints = continued(negotiation.step(b"", now()));
    let request = Request::to("web").pyspnego(&NTLM_FIRST).flags(&["mutual", "replay", "sequence"]).hinted(hints);
    let leg = alice.init(&request).expect("pyspnego understands the hints");
    // It was told that there is no NTLM, and so offers none.
    let (accepted, answers) = talked(&mut negotiation, &mut alice, leg);
    assert_eq!(answers, 0);
    exchange(&mut alice, &mut accepted.into_session());
}

/// A negotiation with NTLM first, mutual, as far as the answer that has the acceptor's MIC.
fn as_far_as_our_mic(acceptor: &Acceptor, alice: &mut Initiator) -> (Negotiation, Vec<u8>) {
    let mut negotiation = acceptor.negotiate();
    let first = alice.first_token(&Request::to("web").pyspnego(&NTLM_FIRST).flags(&["mutual", "integ"]));
    let reply = continued(negotiation.step(&first, now()));
    assert_eq!(response(&reply).neg_state, Some(NegState::RequestMic));
    assert_eq!(response(&reply).response_token, None, "the optimistic token was not Kerberos's");
    let token = alice.step(&reply).expect("pyspnego takes the answer").token.expect("it has a Kerberos token");
    let reply = continued(negotiation.step(&token, now()));
    (negotiation, reply)
}

#[test]
fn the_initiator_refuses_our_mic_over_the_list_with_any_bit_turned() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for bit in 0.. {
        let (_, reply) = as_far_as_our_mic(&acceptor, &mut alice);
        let mic = response(&reply).mech_list_mic.expect("the answer has a MIC").to_vec();
        if bit == mic.len() * 8 {
            assert!(alice.step(&with_mic(&reply, Some(&mic))).expect("as it was, it is taken").complete);
            return;
        }
        let refused = alice.step(&with_mic(&reply, Some(&turned(&mic, bit)))).expect_err("a bit of the MIC is turned");
        assert!(refused.major > 0xffff, "bit {bit}: {refused:?}");
    }
}

#[test]
fn the_acceptor_refuses_their_mic_over_the_list_with_any_bit_turned_and_none() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    let mut last_leg = || {
        let (negotiation, reply) = as_far_as_our_mic(&acceptor, &mut alice);
        (negotiation, alice.step(&reply).expect("pyspnego takes the answer").token.expect("its MIC is outstanding"))
    };
    let (mut negotiation, token) = last_leg();
    accepted(negotiation.step(&token, now()));

    let (mut negotiation, token) = last_leg();
    refused(negotiation.step(&with_mic(&token, None), now()), "Negotiation.MicMissing");
    refused(negotiation.step(&token, now()), "Negotiation.Closed");
    let bits = response(&token).mech_list_mic.expect("the token has a MIC").len() * 8;
    for bit in 0..bits {
        let (mut negotiation, token) = last_leg();
        let mic = response(&token).mech_list_mic.expect("the token has a MIC");
        refused(negotiation.step(&with_mic(&token, Some(&turned(mic, bit))), now()), "Negotiation.BadMic");
        refused(negotiation.step(&token, now()), "Negotiation.Closed");
    }
}

#[test]
fn a_list_that_was_changed_on_the_way_is_found_out() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for change in [false, true] {
        let mut first = alice.first_token(&Request::to("web").pyspnego(&NTLM_FIRST).flags(&["mutual", "integ"]));
        // The last arc of NTLM's OID, 10: with its low bit turned nobody knows the mechanism.
        let ntlm = first.windows(2).position(|pair| pair == [0x02, 0x0a]).expect("NTLM is offered");
        first[ntlm + 1] ^= u8::from(change);
        let mut negotiation = acceptor.negotiate();
        let reply = continued(negotiation.step(&first, now()));
        let token = alice.step(&reply).expect("pyspnego takes the answer").token.expect("it has a Kerberos token");
        let reply = continued(negotiation.step(&token, now()));
        // Our MIC is over the list that came.
        assert_eq!(alice.step(&reply).is_err(), change);
    }
}

#[test]
fn dce_style_completes_in_three_legs() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for enctype in MIT_ENCTYPES {
        let to = Request::to(host(enctype)).mutual().flags(&["dce", "replay", "sequence", "conf", "integ"]);
        for request in [
            to.clone().mech(Mech::Krb5),
            to.clone().mech(Mech::Spnego),
            to.clone().mech(Mech::Krb5).pyspnego(&[]),
            to.clone().pyspnego(&["krb5"]),
            to.clone().pyspnego(&KRB5_FIRST),
            to.clone().pyspnego(&NTLM_FIRST),
        ] {
            let leg = alice.init(&request).expect("the initiator makes a token");
            let (accepted, answers) = talked(&mut acceptor.negotiate(), &mut alice, leg);
            assert!(answers > 0, "{request:?}: the third leg comes before anything is known");
            exchange(&mut alice, &mut accepted.into_session());
        }
    }
}

#[test]
fn the_acceptor_refuses_a_third_leg_with_any_bit_turned_or_of_another_context() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    let request = Request::to("web").mech(Mech::Krb5).flags(&["dce", "mutual"]);
    let mut third_leg = || {
        let mut negotiation = acceptor.negotiate();
        let first = alice.first_token(&request);
        assert_eq!(first[0], 0x6e, "an AP-REQ without a frame");
        let reply = continued(negotiation.step(&first, now()));
        assert_eq!(reply[0], 0x6f, "an AP-REP without a frame");
        (negotiation, alice.step(&reply).expect("the initiator takes it").token.expect("there is a third leg"))
    };
    let (mut negotiation, token) = third_leg();
    accepted(negotiation.step(&token, now()));
    let (mut negotiation, _) = third_leg();
    negotiation.step(&token, now()).expect_err("the third leg of another context");
    for bit in 0..token.len() * 8 {
        // Lengths differ by a little: numbers are as short as they can be.
        let (mut negotiation, token) = third_leg();
        if bit >= token.len() * 8 {
            break;
        }
        let step = negotiation.step(&turned(&token, bit), now());
        assert!(step.is_err(), "bit {bit} of {token:02x?} is turned, and it is taken");
        refused(negotiation.step(&token, now()), "Negotiation.Closed");
    }
}

#[test]
fn mit_takes_the_second_leg_of_dce_style_with_every_enctype() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for enctype in MIT_ENCTYPES {
        let request = Request::to(host(enctype)).mech(Mech::Krb5).flags(&["dce", "mutual"]);
        let reply = continued(acceptor.negotiate().step(&alice.first_token(&request), now()));
        let leg = alice.step(&reply).expect("the initiator takes the AP-REP");
        assert!(leg.complete && leg.token.is_some_and(|token| token[0] == 0x6f), "there is a third leg");
    }
}

#[test]
fn dce_style_is_refused_unless_it_is_allowed() {
    let realm = Realm::started();
    let web = Acceptor::builder(realm.keytab("web")).build().expect("the acceptor is complete");
    let mut alice = Initiator::of(&realm, "alice");
    let request = Request::to("web").mech(Mech::Krb5).flags(&["dce", "mutual"]);
    web.negotiate().step(&alice.first_token(&request), now()).expect_err("it has no frame");
    let first = alice.first_token(&request);
    continued(acceptor(&realm).negotiate().step(&first, now()));
}

/// What the acceptor's clock says before it is set right.
fn wrong() -> Timestamp {
    shifted(now(), 3600)
}

#[test]
fn a_clock_that_is_set_right_goes_on_in_the_same_negotiation() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    let request = Request::to("web").mutual().flags(&["replay", "sequence"]);
    let raw = request.clone().mech(Mech::Krb5);
    let heard = |alice: &mut Initiator, reply: &[u8]| {
        let refused = alice.step(reply).expect_err("the answer is a KRB-ERROR");
        assert!(refused.text.contains("Clock skew too great"), "{refused:?}");
    };

    let mut negotiation = acceptor.negotiate();
    let reply = continued(negotiation.step(&alice.first_token(&raw), wrong()));
    heard(&mut alice, &reply);
    let leg = alice.init(&raw).expect("the initiator makes a token");
    let (accepted, _) = talked(&mut negotiation, &mut alice, leg);
    exchange(&mut alice, &mut accepted.into_session());

    // MIT gives up here; a client that does not, as Heimdal's, answers with another AP-REQ, which is MIT's again.
    let mut negotiation = acceptor.negotiate();
    let reply = continued(negotiation.step(&alice.first_token(&request), wrong()));
    heard(&mut alice, &reply);
    let again = alice.first_token(&raw);
    let again = NegTokenResp { response_token: Some(&again), ..NegTokenResp::default() }.to_octets();
    let reply = self::accepted(negotiation.step(&again, now())).into_reply().expect("mutual means a reply");
    let token = response(&reply).response_token.expect("there is an AP-REP");
    assert!(alice.step(token).expect("the initiator takes it").complete);

    // There is one other chance, and no more.
    let mut negotiation = acceptor.negotiate();
    continued(negotiation.step(&alice.first_token(&raw), wrong()));
    refused(negotiation.step(&alice.first_token(&raw), wrong()), "ClockSkew");
    refused(negotiation.step(&alice.first_token(&raw), now()), "Negotiation.Closed");
}

#[test]
fn winrm_splits_messages_as_pyspnego_does() {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    for enctype in MIT_ENCTYPES {
        let request = Request::to(host(enctype)).pyspnego(&KRB5_FIRST).mutual().flags(&["replay", "sequence"]);
        let leg = alice.init(&request).expect("pyspnego makes a token");
        let (accepted, _) = talked(&mut acceptor.negotiate(), &mut alice, leg);
        let mut session = accepted.into_session();

        let (header, mut data) = alice.wrap_winrm(b"question");
        let question = session.unwrap_split(&header, &mut data, b"").expect("the message is the initiator's");
        assert_eq!((question.order(), &question.message[..]), (MessageOrder::InOrder, &b"question"[..]));

        let mut data = b"answer".to_vec();
        let split = session.wrap_split(&mut data, Confidentiality::Sealed, &SystemRandom::default()).expect("it wraps");
        data.extend(split.trailer);
        assert_eq!(alice.unwrap_winrm(&split.header, &data), Ok(b"answer".to_vec()), "{enctype:?}");
    }
}
