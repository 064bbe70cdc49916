//! The MIC over SPNEGO's list of mechanisms: when it is exchanged, over which octets, and every way to get it wrong
//! (RFC 4178 §5, section 2 of the acceptance order).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use kerbside::crypto::supported_enctypes;
use kerbside::numbers::Enctype;
use kerbside::testing::{Defect, Login, MechListMic, MechToken, NegState, Oid, Part, Reply};
use kerbside::{GssMajor, Policy, Tolerance};
use site::Site;
use talk::{
    EMPTY, SECOND, Talk, assert_alice, flags, initiator, later, later_with, mech_types, resp, up_to_the_mic,
    without_integrity,
};

fn cfx_enctypes() -> impl Iterator<Item = Enctype> {
    supported_enctypes().map(|row| row.enctype).filter(|enctype| *enctype != Enctype::RC4_HMAC)
}

/// NEG-16: mutual, so that our token is the mechanism's last: our MIC first, then the client's.
#[test]
fn neg_16_request_mic_with_mutual_authentication() {
    for enctype in cfx_enctypes() {
        for list in [&SECOND[..], &[Oid::NEGOEX, Oid::MS_KRB5, Oid::KRB5], &[Oid::UNKNOWN, Oid::KRB5, Oid::NTLM]] {
            let site = Site::new();
            let login = site.login().session_enctype(enctype).offering(list);
            let mut talk = Talk::new(&site, Policy::default());
            let first = talk.answer(&login, &login.token());
            assert_eq!((first.neg_state, first.supported_mech.as_ref()), (Some(NegState::RequestMic), list.get(1)));
            assert!(first.ap_rep.is_none() && first.mech_list_mic.is_none());
            let second = talk.answer(&login, &later(&login).token());
            assert_eq!((second.neg_state, &second.supported_mech), (Some(NegState::AcceptIncomplete), &None));
            assert!(second.ap_rep.is_some());
            login.verify_mech_list_mic(&second).unwrap();
            let accepted = talk.done(&login.mic_leg(&second));
            assert_alice(&accepted, &[]);
            let last = login.verify_reply(accepted.reply().unwrap()).unwrap();
            assert_eq!((last.neg_state, &last.supported_mech), (Some(NegState::AcceptCompleted), &None));
            assert!(last.ap_rep.is_none() && last.mech_list_mic.is_none());
            talk.assert_closed();
        }
    }
}

/// NEG-16: not mutual, so that the client's token is the mechanism's last: its MIC comes with it, and ours with the end.
#[test]
fn neg_16_request_mic_without_mutual_authentication() {
    for enctype in cfx_enctypes() {
        let site = Site::new();
        let login = site.login().session_enctype(enctype).without_mutual().offering(&SECOND);
        let mut talk = Talk::new(&site, Policy::default());
        talk.go_on(&login.token());
        let accepted = talk.done(&later_with(&login, MechListMic::Valid).token());
        assert_alice(&accepted, &[]);
        let last = login.verify_reply(accepted.reply().unwrap()).unwrap();
        assert_eq!((last.neg_state, last.ap_rep.is_none()), (Some(NegState::AcceptCompleted), true));
        login.verify_mech_list_mic(&last).unwrap();
    }
}

/// NEG-16: the favourite, and a MIC beside its only token.
#[test]
fn neg_16_a_mic_beside_the_only_token_is_verified_and_answered() {
    let site = Site::new();
    let login = site.login().without_mutual().with_negotiation(|init| init.mech_list_mic = MechListMic::Valid);
    let accepted = site.accept(Policy::default(), &login).unwrap();
    let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
    assert_eq!((reply.neg_state, reply.supported_mech.as_ref()), (Some(NegState::AcceptCompleted), Some(&Oid::KRB5)));
    login.verify_mech_list_mic(&reply).unwrap();
    for wrong in [vec![], vec![0; 28], vec![4, 4]] {
        let login = site.login().without_mutual();
        let wrong = login.with_negotiation(|init| init.mech_list_mic = MechListMic::Octets(wrong.clone()));
        let error = site.accept(Policy::default(), &wrong).unwrap_err();
        assert_eq!((error.kind().name(), error.gss_major()), ("Negotiation.BadMic", GssMajor::DEFECTIVE_TOKEN));
        let reply = wrong.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.krb_error.is_none()), (Some(NegState::Reject), true));
    }
}

/// NEG-16
#[test]
fn neg_16_a_missing_mic_is_refused() {
    for mutual in [true, false] {
        let site = Site::new();
        let login = site.login().offering(&SECOND);
        let login = if mutual { login } else { login.without_mutual() };
        let mut talk = Talk::new(&site, Policy::default());
        let token = if mutual {
            up_to_the_mic(&mut talk, &login);
            EMPTY.to_vec()
        } else {
            talk.go_on(&login.token());
            later(&login).token()
        };
        let error = talk.refused(&token);
        assert_eq!((error.kind().name(), error.gss_major()), ("Negotiation.MicMissing", GssMajor::DEFECTIVE_TOKEN));
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!(
            (reply.neg_state, reply.supported_mech, reply.krb_error.is_none()),
            (Some(NegState::Reject), None, true)
        );
    }
}

/// NEG-16: no bit of either party's MIC is left unchecked.
#[test]
fn neg_16_every_flipped_bit_of_the_mic_is_refused() {
    let site = Site::new();
    let policy = || Policy::default();
    let acceptor = site.acceptor(policy());
    let mut refused = 0;
    for bit in 0.. {
        let login = site.login().offering(&SECOND);
        let mut talk = Talk::with(&site, &acceptor);
        let answer = up_to_the_mic(&mut talk, &login);
        let mut mic = initiator(&login, &answer, flags()).get_mic(&mech_types(&SECOND)).unwrap();
        assert_eq!(login.mic_leg(&answer), resp(None, Some(&mic)), "both ways to make it agree");
        let Some(octet) = mic.get_mut(bit / 8) else { break };
        *octet ^= 1 << (bit % 8);
        let error = talk.refused(&resp(None, Some(&mic)));
        assert_eq!(error.kind().name(), "Negotiation.BadMic", "bit {bit}");
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.krb_error.is_none()), (Some(NegState::Reject), true));
        refused += 1;
    }
    assert_eq!(refused, 28 * 8);
    for bit in 0..28 * 8 {
        let login = site.login().without_mutual().offering(&SECOND);
        let mut talk = Talk::with(&site, &acceptor);
        let none = talk.answer(&login, &login.token());
        let mut mic = initiator(&login, &none, flags()).get_mic(&mech_types(&SECOND)).unwrap();
        mic[bit / 8] ^= 1 << (bit % 8);
        let error = talk.refused(&later_with(&login, MechListMic::Octets(mic)).token());
        assert_eq!(error.kind().name(), "Negotiation.BadMic", "bit {bit}");
    }
}

/// NEG-16: the acceptor's own MIC, one under the wrong key, one of another login, and cut ones.
#[test]
fn neg_16_a_mic_of_somebody_else_is_refused() {
    let site = Site::new();
    let wrong: [fn(&Login, &Reply) -> Vec<u8>; 6] = [
        |_, answer| answer.mech_list_mic.clone().unwrap(),
        |login, answer| {
            let mut answer = answer.clone();
            answer.ap_rep.as_mut().unwrap().subkey = None;
            initiator(login, &answer, flags()).get_mic(&mech_types(&SECOND)).unwrap()
        },
        |login, answer| initiator(&login.again(), answer, flags()).get_mic(b"").unwrap(),
        |login, answer| {
            let mut mic = initiator(login, answer, flags()).get_mic(&mech_types(&SECOND)).unwrap();
            mic.pop();
            mic
        },
        |login, answer| {
            let mut mic = initiator(login, answer, flags()).get_mic(&mech_types(&SECOND)).unwrap();
            mic.push(0);
            mic
        },
        |_, _| Vec::new(),
    ];
    for wrong in wrong {
        let login = site.login().offering(&SECOND);
        let mut talk = Talk::new(&site, Policy::default());
        let answer = up_to_the_mic(&mut talk, &login);
        let error = talk.refused(&resp(None, Some(&wrong(&login, &answer))));
        assert_eq!(error.kind().name(), "Negotiation.BadMic");
    }
}

/// NEG-28: somebody between the two takes mechanisms away, adds some, or changes their order.
#[test]
fn neg_28_a_changed_list_fails_the_mic() {
    let sent = [Oid::UNKNOWN, Oid::NTLM, Oid::KRB5];
    for received in [
        &[Oid::NTLM, Oid::KRB5][..],
        &[Oid::UNKNOWN, Oid::KRB5],
        &[Oid::NTLM, Oid::UNKNOWN, Oid::KRB5],
        &[Oid::UNKNOWN, Oid::KRB5, Oid::NTLM],
        &[Oid::UNKNOWN, Oid::NTLM, Oid::KRB5, Oid::MS_KRB5],
        &[Oid::UNKNOWN, Oid::NTLM, Oid::MS_KRB5],
        &sent,
    ] {
        for mutual in [true, false] {
            let site = Site::new();
            let login = site.login().offering(&sent);
            let login = if mutual { login } else { login.without_mutual() };
            let mut talk = Talk::new(&site, Policy::default());
            talk.go_on(&login.clone().offering(received).token());
            let last = if mutual {
                let reply = talk.go_on(&later(&login).token());
                let answer = login.verify_reply(&reply).unwrap();
                assert_eq!(
                    login.verify_mech_list_mic(&answer).is_ok(),
                    received == sent,
                    "the client notices it first"
                );
                login.mic_leg(&answer)
            } else {
                later_with(&login, MechListMic::Valid).token()
            };
            if received == sent {
                assert_alice(&talk.done(&last), &[]);
            } else {
                assert_eq!(talk.refused(&last).kind().name(), "Negotiation.BadMic", "{received:?}");
            }
        }
    }
}

/// NEG-28: Kerberos is made the favourite. A client that sends its MIC is protected by it; one that asked for mutual
/// authentication sees that no MIC was asked for.
#[test]
fn neg_28_a_list_stripped_to_kerberos_alone_fails_the_mic() {
    let site = Site::new();
    let login = site.login().without_mutual().offering(&SECOND);
    let mut talk = Talk::new(&site, Policy::default());
    let stripped = login.clone().offering(&[Oid::KRB5]).with_negotiation(|init| init.mech_token = MechToken::Absent);
    let answer = talk.answer(&login, &stripped.token());
    assert_eq!(answer.neg_state, Some(NegState::AcceptIncomplete), "not request-mic: the client knows better");
    let error = talk.refused(&later_with(&login, MechListMic::Valid).token());
    assert_eq!(error.kind().name(), "Negotiation.BadMic");
}

/// NEG-29: the MIC is over the octets that came, however they are encoded.
#[test]
fn neg_29_the_mic_is_over_the_received_octets() {
    for octets in 1..=4 {
        for mutual in [true, false] {
            for over_received in [true, false] {
                let site = Site::new();
                let shortest = site.login().offering(&SECOND);
                let shortest = if mutual { shortest } else { shortest.without_mutual() };
                let long = shortest.clone().broken(Defect::LongLength { part: Part::MechTypes, octets });
                assert!(long.token().windows(2).any(|pair| pair == [0x30, 0x80 | octets]), "it is longer");
                let signer = if over_received { &long } else { &shortest };
                let mut talk = Talk::new(&site, Policy::default());
                talk.go_on(&long.token());
                let last = if mutual {
                    let answer = talk.answer(&long, &later(&long).token());
                    long.verify_mech_list_mic(&answer).unwrap();
                    signer.mic_leg(&answer)
                } else {
                    later_with(signer, MechListMic::Valid).token()
                };
                if over_received {
                    assert_alice(&talk.done(&last), &[Tolerance::NonMinimalLength]);
                } else {
                    assert_eq!(talk.refused(&last).kind().name(), "Negotiation.BadMic");
                }
                let strict = Talk::new(&site, Policy::strict()).refused(&long.token());
                assert_eq!(strict.kind().name(), "Token.Malformed");
            }
        }
    }
}

/// NEG-29: duplicates are part of what came.
#[test]
fn neg_29_the_mic_is_over_a_list_with_its_duplicates() {
    let twice = [Oid::NTLM, Oid::NTLM, Oid::KRB5, Oid::KRB5];
    for signed in [&twice[..], &SECOND] {
        let site = Site::new();
        let login = site.login().offering(&twice);
        let mut talk = Talk::new(&site, Policy::default());
        let answer = up_to_the_mic(&mut talk, &login);
        let last = login.clone().offering(signed).mic_leg(&answer);
        if signed == twice {
            assert_alice(&talk.done(&last), &[]);
        } else {
            assert_eq!(talk.refused(&last).kind().name(), "Negotiation.BadMic");
        }
    }
}

#[test]
fn without_integrity_mics_are_exchanged_only_under_the_strict_policy() {
    let site = Site::new();
    let mutual = || without_integrity(site.login()).offering(&SECOND);
    let mut talk = Talk::new(&site, Policy::default());
    let login = mutual();
    talk.go_on(&login.token());
    let accepted = talk.done(&later(&login).token());
    assert_alice(&accepted, &[]);
    let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
    assert!(reply.ap_rep.is_some() && reply.mech_list_mic.is_none());
    assert_eq!(reply.neg_state, Some(NegState::AcceptCompleted));

    let mut talk = Talk::new(&site, Policy::strict());
    let login = mutual();
    let answer = up_to_the_mic(&mut talk, &login);
    login.verify_mech_list_mic(&answer).unwrap();
    assert_alice(&talk.done(&login.mic_leg(&answer)), &[]);

    let one_way = || mutual().without_mutual();
    let mut talk = Talk::new(&site, Policy::default());
    let login = one_way();
    talk.go_on(&login.token());
    assert_alice(&talk.done(&later(&login).token()), &[]);
    let mut talk = Talk::new(&site, Policy::strict());
    let login = one_way();
    talk.go_on(&login.token());
    assert_eq!(talk.refused(&later(&login).token()).kind().name(), "Negotiation.MicMissing");
}

/// A MIC that is there counts, whether it was asked for or not.
#[test]
fn a_wrong_mic_is_refused_even_where_none_is_needed() {
    let site = Site::new();
    for mic in [MechListMic::Valid, MechListMic::Octets(vec![4; 28])] {
        let login = without_integrity(site.login()).without_mutual().offering(&SECOND);
        let mut talk = Talk::new(&site, Policy::default());
        talk.go_on(&login.token());
        let last = later_with(&login, mic.clone()).token();
        if mic == MechListMic::Valid {
            assert_alice(&talk.done(&last), &[]);
        } else {
            assert_eq!(talk.refused(&last).kind().name(), "Negotiation.BadMic");
        }
    }
}

/// With mutual authentication there is one more leg for the MIC, so it has no place beside the AP-REQ.
#[test]
fn a_mic_that_comes_too_early_is_out_of_order() {
    let site = Site::new();
    for mic in [MechListMic::Valid, MechListMic::Octets(vec![])] {
        let login = site.login().offering(&SECOND);
        let acceptor = site.acceptor(Policy::default());
        let mut talk = Talk::with(&site, &acceptor);
        talk.go_on(&login.token());
        assert_eq!(talk.refused(&later_with(&login, mic).token()).kind().name(), "Negotiation.OutOfOrder");
        let mut again = Talk::with(&site, &acceptor);
        let answer = up_to_the_mic(&mut again, &login);
        assert_alice(&again.done(&login.mic_leg(&answer)), &[]);
    }
}

/// Windows 2000: the token once more in the field of the MIC.
#[test]
fn a_copy_of_the_token_in_place_of_the_mic_is_none() {
    let site = Site::new();
    let copying = |login: Login| {
        let token = login.clone().raw_krb5().token();
        (login.with_negotiation(|init| init.mech_list_mic = MechListMic::Octets(token.clone())), token)
    };
    for mutual in [true, false] {
        let login = || if mutual { site.login() } else { site.login().without_mutual() };
        let (login, mut token) = copying(login());
        let accepted = site.accept(Policy::default(), &login).unwrap();
        assert_alice(&accepted, &[Tolerance::MechListMicCopy]);
        assert_eq!(login.verify_reply(accepted.reply().unwrap()).unwrap().mech_list_mic, None);
        assert_eq!(site.verdict(Policy::strict(), &login), "Negotiation.BadMic 60");
        let last = token.len() - 1;
        token[last] ^= 1;
        let nearly = login.with_negotiation(|init| init.mech_list_mic = MechListMic::Octets(token));
        let expected = if mutual { "Negotiation.OutOfOrder 60" } else { "Negotiation.BadMic 60" };
        assert_eq!(site.verdict(Policy::default(), &nearly), expected);
    }
    let (login, _) = copying(site.login().without_mutual().offering(&SECOND));
    let mut talk = Talk::new(&site, Policy::default());
    talk.go_on(&login.token());
    assert_eq!(talk.refused(&later(&login).token()).kind().name(), "Negotiation.MicMissing");
}

/// RC4 contexts have MICs of RFC 4757 §7.2, whatever the policy says of the messages after the negotiation.
#[test]
fn an_rc4_context_exchanges_mics_too() {
    for mutual in [true, false] {
        for flipped in [false, true] {
            let site = Site::new();
            let login = site.login().session_enctype(Enctype::RC4_HMAC).offering(&SECOND);
            let login = if mutual { login } else { login.without_mutual() };
            let mut talk = Talk::new(&site, Policy::windows_compatible());
            let first = talk.answer(&login, &login.token());
            let answer = if mutual { talk.answer(&login, &later(&login).token()) } else { first };
            let mut session = initiator(&login, &answer, flags());
            let mut mic = session.get_mic(&mech_types(&SECOND)).unwrap();
            if flipped {
                let last = mic.len() - 1;
                mic[last] ^= 1;
            }
            let last =
                if mutual { resp(None, Some(&mic)) } else { later_with(&login, MechListMic::Octets(mic)).token() };
            if flipped {
                assert_eq!(talk.refused(&last).kind().name(), "Negotiation.BadMic");
                continue;
            }
            let accepted = talk.done(&last);
            assert_alice(&accepted, &[]);
            let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
            let theirs = if mutual { answer.mech_list_mic } else { reply.mech_list_mic };
            session.verify_mic(&mech_types(&SECOND), &theirs.unwrap()).unwrap().in_order().unwrap();
            let refused = accepted.into_session().get_mic(b"message").unwrap_err();
            assert_eq!(refused.to_string(), "per-message tokens under RC4 are not allowed");
        }
    }
}
