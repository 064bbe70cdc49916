//! MIT's SPNEGO with NTLM first in its list, by `gss_set_neg_mechs` and gss-ntlmssp: one way too, and the MICs over the list.

use kerbside::spnego::NegState;
use kerbside::{Accepted, Negotiation, Step};
use kerbside_interop::negotiation::{NTLM_FIRST, response, turned, with_mic};
use kerbside_interop::suite::{ENCTYPES, sets_of};
use kerbside_interop::{Dialogue, Initiator, Peer, Request, now};

#[test]
fn completes_every_combination_of_flags() {
    let mut dialogue = Dialogue::with(Peer::MitWithNtlm);
    for enctype in ENCTYPES {
        for flags in sets_of(&["mutual", "replay", "sequence", "conf", "integ", "deleg"]) {
            dialogue.agrees_on(&Dialogue::request(enctype).offers(&NTLM_FIRST), enctype, &flags);
        }
    }
}

#[test]
fn exchanges_messages_after_the_mics_over_the_list() {
    let mut dialogue = Dialogue::with(Peer::MitWithNtlm);
    for enctype in ENCTYPES {
        let request = Dialogue::request(enctype).offers(&NTLM_FIRST).flags(&["replay", "sequence"]);
        dialogue.exchanges_messages(&request, &[1, 100]);
        dialogue.exchanges_messages(&request.mutual(), &[1, 100]);
    }
}

fn one_way() -> Request {
    Dialogue::request(ENCTYPES[1]).offers(&NTLM_FIRST).flags(&["integ"])
}

/// A negotiation as far as the initiator's MIC, which comes with its AP-REQ: one way it needs nothing more to make it.
fn as_far_as_their_mic(dialogue: &mut Dialogue, request: &Request) -> (Negotiation, Vec<u8>) {
    let mut negotiation = dialogue.acceptor.negotiate();
    let first = dialogue.initiator.first_token(request);
    let Ok(Step::Continue(reply)) = negotiation.step(&first, now()) else { panic!("NTLM is not accepted") };
    assert_eq!(response(&reply).neg_state, Some(NegState::RequestMic));
    assert_eq!(response(&reply).response_token, None, "the optimistic token was not Kerberos's");
    let leg = dialogue.initiator.step(&reply).expect("the initiator takes the answer");
    let token = leg.token.expect("it has a Kerberos token");
    assert!(response(&token).response_token.is_some(), "there is an AP-REQ");
    (negotiation, token)
}

fn accepted(negotiation: &mut Negotiation, token: &[u8]) -> Accepted {
    let Ok(Step::Accepted(accepted)) = negotiation.step(token, now()) else { panic!("the negotiation ends") };
    *accepted
}

#[test]
fn the_acceptor_refuses_a_one_way_mic_with_any_bit_turned() {
    let mut dialogue = Dialogue::with(Peer::MitWithNtlm);
    for bit in 0.. {
        let (mut negotiation, token) = as_far_as_their_mic(&mut dialogue, &one_way());
        let mic = response(&token).mech_list_mic.expect("the token has a MIC");
        if bit == mic.len() * 8 {
            accepted(&mut negotiation, &token);
            return;
        }
        let error = negotiation.step(&with_mic(&token, Some(&turned(mic, bit))), now()).expect_err("it is not the MIC");
        assert_eq!(error.kind().name(), "Negotiation.BadMic", "bit {bit}");
    }
}

#[test]
fn the_initiator_refuses_our_one_way_mic_with_any_bit_turned() {
    let mut dialogue = Dialogue::with(Peer::MitWithNtlm);
    let step = |initiator: &mut Initiator, reply: &[u8]| initiator.step(reply).map(|leg| leg.complete);
    for bit in 0.. {
        let (mut negotiation, token) = as_far_as_their_mic(&mut dialogue, &one_way());
        let reply = accepted(&mut negotiation, &token).into_reply().expect("there is a MIC to send");
        let mic = response(&reply).mech_list_mic.expect("the answer has a MIC");
        if bit == mic.len() * 8 {
            assert_eq!(step(&mut dialogue.initiator, &reply), Ok(true), "as it was, it is taken");
            return;
        }
        let refused = step(&mut dialogue.initiator, &with_mic(&reply, Some(&turned(mic, bit))));
        assert!(refused.is_err(), "bit {bit}: {refused:?}");
    }
}
