//! User-to-user: tickets under the session key of the acceptor's own ticket-granting ticket (RFC 4120 §3.7, step K-0).
#![cfg(feature = "testing")]

#[path = "support/tlv.rs"]
mod tlv;

use core::time::Duration;
use kerbside::crypto::{Key, supported_enctypes};
use kerbside::gss::{TokenId, TokenKind};
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::testing::{BitString, Framing, Login, NegState, Oid, Realm};
use kerbside::{
    Acceptor, Connection, Error, ErrorKind, Mechanism, NegotiationError, Policy, Principal, Step, TokenError,
};
use tlv::frame;

const SERVICE: &str = "HTTP/web.example.com";
const USE_SESSION_KEY_AND_MUTUAL: [u32; 2] = [1, 2];

/// The kit seals the ticket under this key; here it stands for the session key of bob's ticket-granting ticket.
fn key(realm: &Realm, enctype: Enctype) -> Key {
    realm.service_key(&realm.principal(SERVICE), enctype, 1).to_key().unwrap()
}

fn bob() -> Principal {
    "bob@EXAMPLE.COM".parse().unwrap()
}

fn acceptor(realm: &Realm) -> Acceptor {
    Acceptor::builder(realm.keytab("HTTP/other.example.com").unwrap()).build().unwrap()
}

fn to_bob(realm: &Realm) -> Login {
    let login = realm.login("alice", SERVICE).kvno(1).cleartext_service("bob");
    login.with_ap_req(|request| request.ap_options = BitString::with_bits(&USE_SESSION_KEY_AND_MUTUAL))
}

fn judged(connection: &Connection, login: &Login, realm: &Realm) -> Result<String, Error> {
    let accepted = acceptor(realm).accept_on(connection, &login.token(), realm.now())?;
    login.verify_reply(accepted.reply().unwrap()).unwrap();
    Ok(format!("{} at {}", accepted.client(), accepted.service()))
}

#[track_caller]
fn refusal(connection: &Connection, login: &Login, realm: &Realm) -> (&'static str, i32) {
    let error = judged(connection, login, realm).unwrap_err();
    (error.kind().name(), error.krb_error_code().0)
}

// APR-30
#[test]
fn apr_30_the_bit_and_the_key_together_are_accepted_and_neither_alone() {
    let realm = Realm::new("EXAMPLE.COM");
    let with_key = || Connection::new().user_to_user(bob(), key(&realm, Enctype::AES256_CTS_HMAC_SHA1_96));
    assert_eq!(judged(&with_key(), &to_bob(&realm), &realm).unwrap(), "alice@EXAMPLE.COM at bob@EXAMPLE.COM");
    assert_eq!(refusal(&Connection::new(), &to_bob(&realm), &realm), ("NoKey.UserToUser", 45));
    let ordinary = realm.login("alice", SERVICE).kvno(1);
    assert_eq!(refusal(&with_key(), &ordinary, &realm), ("ApReq.NotUserToUser", 35));
}

#[test]
fn another_key_opens_nothing() {
    let realm = Realm::new("EXAMPLE.COM");
    let other = Realm::with_seed("EXAMPLE.COM", 7);
    for key in [
        key(&other, Enctype::AES256_CTS_HMAC_SHA1_96),
        key(&realm, Enctype::AES128_CTS_HMAC_SHA1_96),
        key(&realm, Enctype::AES256_CTS_HMAC_SHA384_192),
    ] {
        let connection = Connection::new().user_to_user(bob(), key);
        assert_eq!(refusal(&connection, &to_bob(&realm), &realm), ("KeyDoesNotDecrypt", 31));
    }
}

#[test]
fn the_policy_of_enctypes_holds_here_too() {
    let realm = Realm::new("EXAMPLE.COM");
    let connection = Connection::new().user_to_user(bob(), key(&realm, Enctype::RC4_HMAC));
    let login = to_bob(&realm).ticket_enctype(Enctype::RC4_HMAC);
    assert_eq!(refusal(&connection, &login, &realm), ("EtypeNotPermitted", 14));
}

// ---- Under a number of its own ----------------------------------------------------------------------------------------

const OWN: Oid = Oid::KRB5_USER_TO_USER;

fn with_key(realm: &Realm) -> Connection {
    Connection::new().user_to_user(bob(), key(realm, Enctype::AES256_CTS_HMAC_SHA1_96))
}

/// Its frame is of user-to-user, alone or with these mechanisms offered.
fn framed(realm: &Realm, offered: Option<&[Oid]>) -> Login {
    let login = to_bob(realm).mechanism(OWN);
    match offered {
        None => login.raw_krb5(),
        Some(offered) => login.framing(Framing::Spnego).offering(offered),
    }
}

/// `None` is a token without SPNEGO.
const CHOSEN_AT_ONCE: [Option<&[Oid]>; 4] =
    [None, Some(&[OWN]), Some(&[OWN, Oid::KRB5]), Some(&[OWN, Oid::MS_KRB5, Oid::NTLM])];

#[test]
fn a_frame_of_its_own_is_answered_in_kind() {
    let realm = Realm::new("EXAMPLE.COM");
    for offered in CHOSEN_AT_ONCE {
        let login = framed(&realm, offered);
        let accepted = acceptor(&realm).accept_on(&with_key(&realm), &login.token(), realm.now()).unwrap();
        let expected = if offered.is_some() { Mechanism::Spnego } else { Mechanism::Krb5 };
        assert_eq!((accepted.mechanism(), accepted.tolerances()), (expected, &[][..]));
        assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
        assert_eq!(accepted.service().to_string(), "bob@EXAMPLE.COM");
        // A frame of another mechanism than the token's would be refused here.
        let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
        assert!(reply.ap_rep.is_some());
        assert_eq!(reply.supported_mech, offered.map(|_| OWN));
    }
}

#[test]
fn a_frame_of_its_own_serves_every_enctype() {
    let realm = Realm::new("EXAMPLE.COM");
    let mut policy = Policy::default();
    policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
    for enctype in supported_enctypes().map(|row| row.enctype) {
        let builder = Acceptor::builder(realm.keytab("HTTP/other.example.com").unwrap()).policy(policy.clone());
        let connection = Connection::new().user_to_user(bob(), key(&realm, enctype));
        let login = framed(&realm, None).ticket_enctype(enctype);
        let accepted = builder.build().unwrap().accept_on(&connection, &login.token(), realm.now()).unwrap();
        login.verify_reply(accepted.reply().unwrap()).unwrap();
    }
}

// APR-30
#[test]
fn apr_30_a_frame_of_its_own_needs_the_key_and_the_option() {
    let realm = Realm::new("EXAMPLE.COM");
    for (offered, refused) in CHOSEN_AT_ONCE.into_iter().zip([
        ("NoKey.UserToUser", 45),
        ("Negotiation.NoCommonMechanism", 60),
        // Kerberos is the second choice then, and the token is another mechanism's.
        ("Negotiation.MoreNeeded", 60),
        ("Negotiation.MoreNeeded", 60),
    ]) {
        assert_eq!(refusal(&Connection::new(), &framed(&realm, offered), &realm), refused, "{offered:?}");
        let ordinary = framed(&realm, offered).with_ap_req(|request| request.ap_options = BitString::with_bits(&[2]));
        assert_eq!(refusal(&with_key(&realm), &ordinary, &realm), ("ApReq.NotUserToUser", 35), "{offered:?}");
    }
}

#[test]
fn a_frame_of_its_own_needs_the_right_key() {
    let realm = Realm::new("EXAMPLE.COM");
    let other = Realm::with_seed("EXAMPLE.COM", 7);
    for offered in CHOSEN_AT_ONCE {
        let refused = refusal(&with_key(&other), &framed(&realm, offered), &realm);
        assert_eq!(refused, ("KeyDoesNotDecrypt", 31), "{offered:?}");
    }
}

/// What the client of this refusal hears is under its own number, too.
#[test]
fn a_refusal_is_framed_as_the_token_was() {
    let realm = Realm::new("EXAMPLE.COM");
    for offered in CHOSEN_AT_ONCE {
        let login = framed(&realm, offered).clock_behind(Duration::from_secs(301));
        let error = judged(&with_key(&realm), &login, &realm).unwrap_err();
        let heard = login.verify_reply(error.reply().unwrap()).unwrap().krb_error.unwrap();
        assert_eq!(heard.error_code, KrbErrorCode::KRB_AP_ERR_SKEW);
    }
}

fn mismatch(error: &Error) -> TokenKind {
    let ErrorKind::Negotiation(NegotiationError::MechanismMismatch { kind }) = error.kind() else {
        panic!("{error:?}")
    };
    *kind
}

/// Step S-7: Kerberos and user-to-user are two mechanisms, whichever of them was chosen.
#[test]
fn the_chosen_mechanism_and_the_frame_agree() {
    let realm = Realm::new("EXAMPLE.COM");
    for (offered, frame, found) in [
        ([Oid::KRB5, OWN], OWN, TokenKind::UserToUser),
        ([Oid::MS_KRB5, OWN], OWN, TokenKind::UserToUser),
        ([OWN, Oid::KRB5], Oid::KRB5, TokenKind::Krb5),
        ([OWN, Oid::KRB5], Oid::MS_KRB5, TokenKind::MicrosoftKrb5),
    ] {
        let login = to_bob(&realm).framing(Framing::Spnego).offering(&offered).mechanism(frame);
        let error = judged(&with_key(&realm), &login, &realm).unwrap_err();
        assert_eq!(mismatch(&error), found);
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.supported_mech), (Some(NegState::Reject), Some(offered[0].clone())));
    }
    // The two numbers of Kerberos are one mechanism, with a key for user-to-user too.
    for (offered, frame) in [(Oid::KRB5, Oid::KRB5), (Oid::MS_KRB5, Oid::KRB5), (Oid::MS_KRB5, Oid::MS_KRB5)] {
        let login = to_bob(&realm).framing(Framing::Spnego).offering(&[offered, OWN]).mechanism(frame);
        assert_eq!(judged(&with_key(&realm), &login, &realm).unwrap(), "alice@EXAMPLE.COM at bob@EXAMPLE.COM");
    }
}

#[test]
fn a_later_token_is_held_to_the_choice() {
    let realm = Realm::new("EXAMPLE.COM");
    for (offered, frame, found) in [
        ([Oid::NTLM, OWN], OWN, None),
        ([Oid::NTLM, OWN], Oid::KRB5, Some(TokenKind::Krb5)),
        ([Oid::NTLM, Oid::KRB5], OWN, Some(TokenKind::UserToUser)),
        ([Oid::NTLM, Oid::KRB5], Oid::KRB5, None),
    ] {
        let login = to_bob(&realm).framing(Framing::Spnego).offering(&offered).mechanism(frame);
        let mut negotiation = acceptor(&realm).negotiate_on(with_key(&realm));
        let Ok(Step::Continue(reply)) = negotiation.step(&login.token(), realm.now()) else { panic!("{offered:?}") };
        assert_eq!(login.verify_reply(&reply).unwrap().supported_mech, Some(offered[1].clone()));
        let later = login.clone().framing(Framing::SpnegoContinuation);
        match (negotiation.step(&later.token(), realm.now()), found) {
            (Err(error), Some(found)) => assert_eq!(mismatch(&error), found),
            (Ok(Step::Continue(reply)), None) => {
                let leg = login.mic_leg(&later.verify_reply(&reply).unwrap());
                assert!(matches!(negotiation.step(&leg, realm.now()), Ok(Step::Accepted(_))));
            }
            (step, _) => panic!("{offered:?} {found:?}: {step:?}"),
        }
    }
}

/// KERB-TGT-REQUEST asks for what the caller hands over by other means. It is named, and the client may go on.
#[test]
fn a_request_for_the_ticket_granting_ticket_is_named() {
    let realm = Realm::new("EXAMPLE.COM");
    for (id, named) in [([4, 0], "04 00 (KERB-TGT-REQUEST)"), ([4, 1], "04 01 (KERB-TGT-REPLY)")] {
        for offered in CHOSEN_AT_ONCE {
            let login = framed(&realm, offered).token_id(id);
            let error = judged(&with_key(&realm), &login, &realm).unwrap_err();
            assert!(matches!(
                error.kind(),
                ErrorKind::Token(TokenError::TokenId { found: Some(found) }) if *found == TokenId(id)
            ));
            assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_MSG_TYPE);
            assert!(error.to_string().contains(named), "{error}");
            assert_eq!(error.hint().contains("ticket-granting ticket"), id == [4, 0], "{}", error.hint());

            let mut negotiation = acceptor(&realm).negotiate_on(with_key(&realm));
            let step = negotiation.step(&login.token(), realm.now());
            assert!(matches!(step, Ok(Step::Continue(_))), "{offered:?}: {step:?}");
            let again = framed(&realm, offered);
            let again = if offered.is_some() { again.framing(Framing::SpnegoContinuation) } else { again };
            let step = negotiation.step(&again.token(), realm.now());
            assert!(matches!(step, Ok(Step::Accepted(_))), "{offered:?}: {step:?}");
        }
    }
    let request = frame(&OWN.0, b"\x04\x00\x30\x0a\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x10");
    let named = |connection: &Connection| {
        acceptor(&realm).accept_on(connection, &request, realm.now()).unwrap_err().kind().name()
    };
    assert_eq!((named(&with_key(&realm)), named(&Connection::new())), ("Token.TokenId", "NoKey.UserToUser"));
}

/// Numbers that are nearly it.
#[test]
fn another_number_is_another_mechanism() {
    let realm = Realm::new("EXAMPLE.COM");
    let mut near = vec![OWN.0.to_vec(); 4];
    near[0][9] = 2;
    near[1][9] = 4;
    near[2].push(0);
    near[3][3] = 0x82;
    for content in near {
        let near = Oid(content.into());
        let raw = framed(&realm, None).mechanism(near.clone());
        assert_eq!(refusal(&with_key(&realm), &raw, &realm).0, "Token.NotKerberos");
        let inside = framed(&realm, Some(&[OWN])).mechanism(near.clone());
        assert_eq!(refusal(&with_key(&realm), &inside, &realm).0, "Negotiation.MechanismMismatch");
        let alone = framed(&realm, Some(&[near]));
        assert_eq!(refusal(&with_key(&realm), &alone, &realm).0, "Negotiation.NoCommonMechanism");
    }
}
