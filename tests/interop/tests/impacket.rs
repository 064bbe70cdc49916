//! impacket, which makes its tokens itself: without a subkey, and as its SMB client without a checksum.

use kerbside::gss::ContextFlags;
use kerbside::numbers::Enctype;
use kerbside::{Accepted, DcePolicy, Error, Leniency, Policy, Step, Tolerance};
use kerbside_interop::{Dialogue, Peer, now};

/// The enctypes that impacket knows, of those that are tested with others.
const ENCTYPES: [Enctype; 3] = [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES256_CTS_HMAC_SHA1_96, Enctype::RC4_HMAC];

/// Its RPC clients frame their AP-REQ, ask for DCE style, and read a reply without a frame.
#[test]
fn initiator_takes_the_bare_reply_to_a_framed_request_of_dce_style() {
    let mut policy = Policy::default();
    policy.dce = DcePolicy::Accept;
    let mut dialogue = Dialogue::under(Peer::Impacket, policy);
    for enctype in ENCTYPES {
        let mut negotiation = dialogue.acceptor.negotiate();
        let token = dialogue.initiator.first_token(&Dialogue::request(enctype));
        let Ok(Step::Continue(reply)) = negotiation.step(&token, now()) else { panic!("{enctype:?}: no second leg") };
        let leg = dialogue.initiator.step(&reply).expect("the initiator takes the reply");
        assert!(leg.complete && leg.token.is_some(), "{enctype:?}: {leg:?}");
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
