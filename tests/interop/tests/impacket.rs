//! impacket, which makes its tokens itself: without a subkey, and as its SMB client without a checksum.

use kerbside::gss::ContextFlags;
use kerbside::numbers::Enctype;
use kerbside::{Accepted, DcePolicy, Error, Leniency, Policy, Step, Tolerance};
use kerbside_interop::context::{Service, message};
use kerbside_interop::negotiation::turned;
use kerbside_interop::{Dialogue, Peer, now};

/// The enctypes that impacket knows, of those that are tested with others.
const ENCTYPES: [Enctype; 3] = [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES256_CTS_HMAC_SHA1_96, Enctype::RC4_HMAC];

/// Its RPC clients frame their AP-REQ, ask for DCE style, and read a reply without a frame.
#[test]
fn initiator_takes_the_bare_reply_to_a_framed_request_of_dce_style() {
    let mut dialogue = dce();
    for enctype in ENCTYPES {
        let mut negotiation = dialogue.acceptor.negotiate();
        let token = dialogue.initiator.first_token(&Dialogue::request(enctype));
        let Ok(Step::Continue(reply)) = negotiation.step(&token, now()) else { panic!("{enctype:?}: no second leg") };
        let leg = dialogue.initiator.step(&reply).expect("the initiator takes the reply");
        assert!(leg.complete && leg.token.is_some(), "{enctype:?}: {leg:?}");
    }
}

/// An acceptor that takes DCE style.
fn dce() -> Dialogue {
    let mut policy = Policy::default();
    policy.dce = DcePolicy::Accept;
    Dialogue::under(Peer::Impacket, policy)
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply() {
    let mut dialogue = dce();
    for enctype in ENCTYPES {
        let request = Dialogue::request(enctype);
        assert_eq!(dialogue.turned_reply_bits_taken(&request), Vec::<usize>::new(), "{request:?}");
    }
}

/// It signs, seals and unseals; it has no way to verify a MIC. Under RC4 its sealed messages for RPC are padded as nobody
/// else's, and those for LDAP do not have the frame of DCE style.
#[test]
fn exchanges_messages_and_the_acceptor_verifies_its_mics() {
    let mut dialogue = dce();
    for enctype in ENCTYPES {
        let mut context = dialogue.open(&Dialogue::request(enctype));
        // The MIC's padding for RPC is none where the length is a multiple of four.
        for octets in [4, 16, 100, 4096] {
            let text = message(octets);
            let token = context.theirs(Service::Mic, &text);
            context.believes(Service::Mic, &text, &token);
            if enctype != Enctype::RC4_HMAC {
                context.exchange(Service::Sealed, &text);
            }
        }
    }
}

#[test]
fn both_sides_refuse_messages_with_a_bit_turned() {
    let mut dialogue = dce();
    // Under RC4 impacket decrypts and compares no checksum.
    for enctype in [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES256_CTS_HMAC_SHA1_96] {
        let mut context = dialogue.open(&Dialogue::request(enctype));
        let text = message(16);
        let (mic, sealed) = (context.theirs(Service::Mic, &text), context.theirs(Service::Sealed, &text));
        for bit in 0..mic.len() * 8 {
            assert!(context.session.verify_mic(&text, &turned(&mic, bit)).is_err(), "{enctype:?}: bit {bit} of a MIC");
        }
        for bit in 0..sealed.len() * 8 {
            assert!(context.session.unwrap(&turned(&sealed, bit)).is_err(), "{enctype:?}: bit {bit}");
        }
        let ours = context.ours(Service::Sealed, &text);
        // It does not compare the header with the copy inside.
        for bit in 16 * 8..ours.len() * 8 {
            assert!(context.initiator.unwrap(&turned(&ours, bit)).is_err(), "{enctype:?}: bit {bit} to impacket");
        }
        assert_eq!(context.show(Service::Sealed, &text, &ours), Ok(()), "{enctype:?}: as it was");
    }
}

fn answer_to_plain(enctype: Enctype, flags: &[&'static str], missing_checksum: Leniency) -> Result<Accepted, Error> {
    let mut policy = Policy::default();
    policy.missing_checksum = missing_checksum;
    let mut dialogue = Dialogue::under(Peer::Impacket, policy);
    let token = dialogue.initiator.first_token(&Dialogue::request(enctype).flags(&["plain"]).flags(flags));
    dialogue.acceptor.accept(&token, now())
}

#[test]
fn accepts_a_token_without_a_checksum_only_when_tolerated() {
    for (flags, granted) in [(&[][..], ContextFlags::empty()), (&["mutual"], ContextFlags::MUTUAL)] {
        for enctype in ENCTYPES {
            let refused = answer_to_plain(enctype, flags, Leniency::Refuse).expect_err("there is no checksum");
            assert_eq!(refused.kind().name(), "Checksum.Missing");
            let accepted = answer_to_plain(enctype, flags, Leniency::Tolerate).expect("it is tolerated");
            assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
            assert_eq!(accepted.tolerances(), [Tolerance::SequenceNumberMissing, Tolerance::ChecksumMissing]);
            assert_eq!((accepted.flags(), accepted.enctype()), (granted, enctype));
        }
    }
}
