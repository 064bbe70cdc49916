//! gokrb5, which makes its tokens itself, never reads a reply, and signs messages.

use kerbside::gss::ContextFlags;
use kerbside::numbers::Enctype;
use kerbside_interop::context::{Service, message};
use kerbside_interop::negotiation::turned;
use kerbside_interop::suite::{ENCTYPES, sets_of};
use kerbside_interop::{Dialogue, Mech, Peer, now};

#[test]
fn accepts_the_token_of_its_http_client_in_every_enctype() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    for enctype in ENCTYPES {
        let (accepted, _) = dialogue.context(&Dialogue::request(enctype));
        assert_eq!((accepted.enctype(), accepted.flags()), (enctype, ContextFlags::CONF | ContextFlags::INTEG));
    }
}

#[test]
fn accepts_its_raw_token_with_every_set_of_flags_in_every_enctype() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    for enctype in ENCTYPES {
        for flags in sets_of(&["mutual", "replay", "sequence", "conf", "integ"]) {
            let request = Dialogue::request(enctype).mech(Mech::Krb5).flags(&flags);
            let (accepted, _) = dialogue.context(&request);
            // As they are asked for, in the order of `ContextFlags::names`.
            assert_eq!(accepted.flags().names().collect::<Vec<_>>(), flags, "{enctype:?}");
            assert_eq!(accepted.reply().is_some(), flags.contains(&"mutual"), "{enctype:?}: mutual means a reply");
        }
    }
}

/// With the flag comes a place for credentials, and it is empty.
#[test]
fn refuses_its_delegation_of_nothing() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    let request = Dialogue::request(ENCTYPES[0]).mech(Mech::Krb5).flags(&["deleg"]);
    let refused = dialogue.establish(&request).expect_err("nothing is delegated");
    assert_eq!(refused.kind().name(), "Delegation.Malformed");
}

/// Whether a bit is turned makes no difference to it: it has no code for that.
#[test]
fn initiator_cannot_verify_any_reply() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    let token = dialogue.initiator.first_token(&Dialogue::request(ENCTYPES[0]).mech(Mech::Krb5).mutual());
    let reply = dialogue.acceptor.accept(&token, now()).expect("the token is good").into_reply();
    let refused = dialogue.initiator.step(&reply.expect("mutual means a reply")).expect_err("it verifies none");
    assert_eq!(refused.text, "verifying an AP_REP is not currently supported by gokrb5");
}

/// It has the tokens of RFC 4121 alone, so nothing for RC4, and seals none.
const MESSAGE_ENCTYPES: &[Enctype] = ENCTYPES.split_last().expect("there are five").1;

#[test]
fn exchanges_mics_and_signed_messages() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    for &enctype in MESSAGE_ENCTYPES {
        for mech in [Mech::Krb5, Mech::Spnego] {
            let mut context = dialogue.open(&Dialogue::request(enctype).mech(mech).flags(&["conf", "integ"]));
            for octets in [1, 15, 16, 17, 4096] {
                for service in [Service::Mic, Service::SignedOnly] {
                    context.exchange(service, &message(octets));
                }
            }
        }
    }
}

#[test]
fn both_sides_refuse_messages_with_a_bit_turned() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    for &enctype in MESSAGE_ENCTYPES {
        let request = Dialogue::request(enctype).mech(Mech::Krb5).flags(&["conf", "integ"]);
        dialogue.acceptor_refuses_turned_bits(&request, &[Service::Mic, Service::SignedOnly]);
        let mut context = dialogue.open(&request);
        let text = message(16);
        for service in [Service::Mic, Service::SignedOnly] {
            let ours = context.ours(service, &text);
            let taken = |bit: &usize| context.show(service, &text, &turned(&ours, *bit)).is_ok();
            let taken: Vec<_> = (0..ours.len() * 8).filter(taken).collect();
            // RFC 4121 §4.2.5: nothing protects the rotation, and it does not read it.
            let rotation = if service == Service::Mic { 0..0 } else { 48..64 };
            assert_eq!(taken, Vec::from_iter(rotation), "{enctype:?} {service:?}");
            assert_eq!(context.show(service, &text, &ours), Ok(()), "{enctype:?} {service:?}: as it was");
        }
    }
}

#[test]
fn refuses_its_token_the_second_time() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    let token = dialogue.initiator.first_token(&Dialogue::request(Enctype::AES256_CTS_HMAC_SHA1_96));
    dialogue.acceptor.accept(&token, now()).expect("the token is good");
    let refused = dialogue.acceptor.accept(&token, now()).expect_err("it is the same token");
    assert_eq!(refused.kind().name(), "Replay");
}
