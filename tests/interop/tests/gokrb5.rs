//! gokrb5, which makes its tokens itself and never reads a reply.

use kerbside::gss::ContextFlags;
use kerbside::numbers::Enctype;
use kerbside_interop::suite::ENCTYPES;
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
fn accepts_its_raw_token_in_every_enctype_mutual_and_not() {
    let mut dialogue = Dialogue::with(Peer::Gokrb5);
    for enctype in ENCTYPES {
        let request = Dialogue::request(enctype).mech(Mech::Krb5).flags(&["conf", "integ"]);
        let (accepted, _) = dialogue.context(&request);
        assert_eq!(
            (accepted.enctype(), accepted.flags(), accepted.reply()),
            (enctype, ContextFlags::CONF | ContextFlags::INTEG, None)
        );
        let (accepted, _) = dialogue.context(&request.mutual());
        assert_eq!(
            (accepted.enctype(), accepted.flags()),
            (enctype, ContextFlags::CONF | ContextFlags::INTEG | ContextFlags::MUTUAL)
        );
        assert!(accepted.reply().is_some(), "mutual means a reply");
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
