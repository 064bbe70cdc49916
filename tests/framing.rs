//! What a token is from the outside: kinds, limits, lengths, frames and token identifiers (sections 1 and 3 of the
//! acceptance order).
#![cfg(feature = "testing")]

#[path = "support/tlv.rs"]
mod tlv;
#[path = "support/verdict.rs"]
mod verdict;

use kerbside::gss::{TokenId, TokenKind};
use kerbside::numbers::{AuthDataType, KrbErrorCode};
use kerbside::testing::{AuthorizationElement, Defect, Framing, Login, NegState, Oid, Part, Realm};
use kerbside::{
    AuthenticatorError, DecodeError, DecodeErrorKind, Error, ErrorClass, ErrorKind, GssMajor, Limits, Mechanism,
    Policy, TicketError, TokenError, Tolerance,
};
use tlv::{frame, length, tlv};
use verdict::{SERVICE, acceptor, builder, realm, refusal};

fn login(realm: &Realm) -> Login {
    realm.login("alice", SERVICE)
}

/// What the default policy says to octets that are no token of this realm.
#[track_caller]
fn refused(token: &[u8]) -> Error {
    let realm = realm();
    refusal(&acceptor(&realm, Policy::default()), &realm, token)
}

#[track_caller]
fn kind_of(error: &Error) -> TokenKind {
    match error.kind() {
        ErrorKind::Token(TokenError::NotKerberos { kind }) => *kind,
        other => panic!("{other:?}"),
    }
}

/// Why octets could not be decoded, wherever they stood.
#[track_caller]
fn decoding(error: &Error) -> DecodeError {
    match error.kind() {
        ErrorKind::Token(TokenError::Malformed(error))
        | ErrorKind::Ticket(TicketError::Malformed(error))
        | ErrorKind::Authenticator(AuthenticatorError::Malformed(error)) => *error,
        other => panic!("{other:?}"),
    }
}

fn ntlm(message_type: u32) -> Vec<u8> {
    [b"NTLMSSP\0".as_slice(), &message_type.to_le_bytes(), &[0; 28]].concat()
}

fn presets() -> [(&'static str, Policy); 3] {
    [("strict", Policy::strict()), ("default", Policy::default()), ("windows", Policy::windows_compatible())]
}

// ---- What it is ---------------------------------------------------------------------------------------------------

#[test]
fn what_is_no_kerberos_token_is_named_and_not_answered() {
    let realm = realm();
    let krb_error = tlv(0x7e, &tlv(0x30, &tlv(0xa6, &tlv(0x02, &[37]))));
    for (token, expected) in [
        (ntlm(1), TokenKind::Ntlm { message_type: Some(1) }),
        (ntlm(2), TokenKind::Ntlm { message_type: Some(2) }),
        (ntlm(3), TokenKind::Ntlm { message_type: Some(3) }),
        (b"NEGOEXTS".to_vec(), TokenKind::NegoEx),
        (frame(&Oid::NEGOEX.0, b"NEGOEXTS"), TokenKind::NegoEx),
        (frame(&Oid::NTLM.0, &ntlm(1)), TokenKind::Ntlm { message_type: None }),
        (frame(&Oid::IAKERB.0, &[5, 1]), TokenKind::IaKerb),
        (krb_error, TokenKind::KrbError { code: Some(KrbErrorCode::KRB_AP_ERR_SKEW) }),
        (vec![0x7e, 0x82], TokenKind::KrbError { code: None }),
        (login(&realm).bare_ap_req().token(), TokenKind::ApReq),
        (frame(&Oid::UNKNOWN.0, b"whatever"), TokenKind::Unknown { first_octet: 0x60, octets: 15 }),
        (b"Basic dXNlcg==".to_vec(), TokenKind::Unknown { first_octet: b'B', octets: 14 }),
    ] {
        let error = refused(&token);
        assert_eq!(error.kind().name(), "Token.NotKerberos", "{expected:?}");
        assert_eq!(kind_of(&error), expected);
        assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_ERR_GENERIC);
        assert_eq!((error.gss_major(), error.class()), (GssMajor::BAD_MECH, ErrorClass::NotKerberos));
        assert_eq!((error.reply(), error.mechanism()), (None, None), "{expected:?}");
    }
}

#[test]
fn octets_of_an_unknown_token_are_counted_and_never_shown() {
    let message = refused(b"correct horse battery staple").to_string();
    assert!(message.contains("28 octets") && message.contains("0x63"), "{message}");
    assert!(!message.contains("horse"), "{message}");
}

#[test]
fn an_empty_token_has_a_name_of_its_own() {
    let error = refused(&[]);
    assert_eq!(error.kind().name(), "Token.Empty");
    assert_eq!((error.class(), error.reply()), (ErrorClass::NotKerberos, None));
}

#[test]
fn a_continuation_has_no_place_in_one_leg() {
    let realm = realm();
    for framing in [Framing::SpnegoContinuation, Framing::Spnego] {
        let token = login(&realm).framing(framing).token();
        match acceptor(&realm, Policy::default()).accept(&token, realm.now()) {
            Ok(accepted) => assert_eq!((framing, accepted.mechanism()), (Framing::Spnego, Mechanism::Spnego)),
            Err(error) => {
                assert_eq!((framing, error.kind().name()), (Framing::SpnegoContinuation, "Negotiation.OutOfOrder"));
                assert_eq!(error.mechanism(), Some(Mechanism::Spnego));
            }
        }
    }
}

#[test]
fn a_user_to_user_frame_lacks_its_key() {
    let realm = realm();
    let token = login(&realm).raw_krb5().mechanism(Oid::KRB5_USER_TO_USER).token();
    let error = refusal(&acceptor(&realm, Policy::default()), &realm, &token);
    assert_eq!(error.kind().name(), "NoKey.UserToUser");
    assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_NOKEY);
}

/// NEG-09: whatever stands behind its OID, and whatever the length says.
#[test]
fn neg_09_iakerb_is_named_and_not_parsed() {
    let iakerb = tlv(0x06, &Oid::IAKERB.0);
    for behind in [&[][..], &[5, 1], &[0x60, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0xa1; 300]] {
        assert_eq!(kind_of(&refused(&frame(&Oid::IAKERB.0, behind))), TokenKind::IaKerb);
        for wrong in [&[0x60, 0x00][..], &[0x60, 0x7f], &[0x60, 0x80], &[0x60, 0x84, 0xff, 0xff, 0xff, 0xff]] {
            let token = [wrong, &iakerb, behind].concat();
            assert_eq!(kind_of(&refused(&token)), TokenKind::IaKerb, "{wrong:x?} {behind:x?}");
        }
    }
    assert_eq!(
        kind_of(&refused(&frame(&Oid::IAKERB.0[..5], &[]))),
        TokenKind::Unknown { first_octet: 0x60, octets: 9 }
    );
}

/// NEG-14: its signature is all that is read of it.
#[test]
fn neg_14_negoex_is_named_and_not_parsed() {
    for behind in [&[][..], &[0; 4], &[0xff; 40], &[0; 40], &[0x80; 4096]] {
        let token = [b"NEGOEXTS".as_slice(), behind].concat();
        assert_eq!(kind_of(&refused(&token)), TokenKind::NegoEx);
    }
    assert_eq!(kind_of(&refused(b"NEGOEXT")), TokenKind::Unknown { first_octet: b'N', octets: 7 });
}

/// NEG-23
#[test]
fn neg_23_ntlm_cut_at_every_length() {
    let whole = [ntlm(3).as_slice(), &[0xff; 40]].concat();
    for cut in 1..=whole.len() {
        let expected = match cut {
            1..=7 => TokenKind::Unknown { first_octet: b'N', octets: cut },
            8..=11 => TokenKind::Ntlm { message_type: None },
            _ => TokenKind::Ntlm { message_type: Some(3) },
        };
        assert_eq!(kind_of(&refused(&whole[..cut])), expected, "{cut}");
    }
}

/// NEG-24
#[test]
fn neg_24_shortest_hostile_inputs() {
    for (token, name) in [
        (&[0x30, 0x00][..], "Token.NotKerberos"),
        (&[0x60, 0x00], "Token.Malformed"),
        (&[0x60, 0x80], "Token.Malformed"),
        (&[0xa0, 0x00], "Token.NotKerberos"),
        (&[0xa1, 0x00], "Token.Malformed"),
        // A later token of a negotiation that has no first one: whole, it is out of order (step S-10).
        (&[0xa1, 0x02, 0x30, 0x00], "Negotiation.OutOfOrder"),
        (&[0xa1, 0x03, 0x30, 0x00], "Token.Malformed"),
        (&[0x6e, 0x00], "Token.NotKerberos"),
        (&[0x7e, 0x00], "Token.NotKerberos"),
    ] {
        assert_eq!(refused(token).kind().name(), name, "{token:x?}");
    }
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    for first in 0..=u8::MAX {
        let alone = refusal(&acceptor, &realm, &[first]);
        let expected = match first {
            0x60 | 0xa1 => "Token.Malformed",
            _ => "Token.NotKerberos",
        };
        assert_eq!((alone.kind().name(), alone.reply()), (expected, None), "{first:02x}");
        for second in 0..=u8::MAX {
            assert_eq!(refusal(&acceptor, &realm, &[first, second]).reply(), None, "{first:02x} {second:02x}");
        }
    }
    for oid in [&Oid::SPNEGO, &Oid::KRB5] {
        let framed = refused(&frame(&oid.0, &[]));
        let expected = if oid == &Oid::SPNEGO { "Token.Malformed" } else { "Token.TokenId" };
        assert_eq!(framed.kind().name(), expected);
    }
}

// ---- How long it is, and how deep -----------------------------------------------------------------------------------

#[test]
fn a_token_as_long_as_the_limit_is_read_and_one_octet_more_is_not() {
    let realm = realm();
    let token = login(&realm).token();
    let limited = |octets| {
        let mut limits = Limits::default();
        limits.token_octets = octets;
        builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default()).limits(limits).build().unwrap()
    };
    assert!(limited(token.len()).accept(&token, realm.now()).is_ok());
    let error = refusal(&limited(token.len() - 1), &realm, &token);
    assert_eq!((error.kind().name(), error.reply()), ("Token.TooLarge", None));
    let ErrorKind::Token(TokenError::TooLarge { octets, limit }) = error.kind() else { panic!("{error:?}") };
    assert_eq!((*octets, *limit), (token.len(), token.len() - 1));
    let message = error.to_string();
    assert!(message.contains(&octets.to_string()) && message.contains(&limit.to_string()), "{message}");
}

// CAS-04
/// KTB-25: users in many groups.
#[test]
fn ktb_25_large_tokens_are_accepted_and_one_above_the_limit_says_both_numbers() {
    let realm = realm();
    for octets in [12_000, 48_000] {
        let pac = AuthorizationElement::new(AuthDataType::WIN2K_PAC, vec![0x5a; octets]);
        let data = vec![AuthorizationElement::if_relevant(&[pac])];
        let token = login(&realm).with_ticket(|ticket| ticket.authorization_data = Some(data)).token();
        assert!(token.len() > octets);
        assert!(acceptor(&realm, Policy::default()).accept(&token, realm.now()).is_ok(), "{octets}");
    }
    let message = refused(&vec![0x60; 70_000]).to_string();
    assert!(message.contains("70000") && message.contains("65536"), "{message}");
}

#[test]
fn the_limit_holds_before_anything_else_is_looked_at() {
    assert_eq!(refused(&vec![b'N'; 65_537]).kind().name(), "Token.TooLarge");
    assert_eq!(refused(&vec![b'N'; 65_536]).kind().name(), "Token.NotKerberos");
}

/// The deepest value of a token stands at ten: a component of a name in the ticket in the AP-REQ.
#[test]
fn nesting_is_followed_to_the_limit_and_no_deeper() {
    let realm = realm();
    let token = login(&realm).token();
    let limited = |nesting| {
        let mut limits = Limits::default();
        limits.nesting = nesting;
        builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default()).limits(limits).build().unwrap()
    };
    assert!(limited(10).accept(&token, realm.now()).is_ok());
    for nesting in 0..10 {
        let error = refusal(&limited(nesting), &realm, &token);
        assert_eq!((error.kind().name(), decoding(&error).kind()), ("Token.Malformed", DecodeErrorKind::TooDeep));
    }
}

// ---- Whether it is whole ----------------------------------------------------------------------------------------------

/// The tokens that are cut and bent: SPNEGO, Kerberos alone, and both with the Microsoft OID.
fn whole_tokens(realm: &Realm) -> Vec<Vec<u8>> {
    let login = login(realm);
    let other = login.clone().microsoft_oid();
    vec![login.token(), login.raw_krb5().token(), other.token(), other.raw_krb5().token()]
}

/// NEG-01: every truncation.
#[test]
fn neg_01_every_truncation_of_a_token_is_refused_inside_it() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::windows_compatible());
    for token in whole_tokens(&realm) {
        assert!(acceptor.accept(&token, realm.now()).is_ok());
        for cut in 1..token.len() {
            let error = refusal(&acceptor, &realm, &token[..cut]);
            assert_eq!((error.kind().name(), error.reply()), ("Token.Malformed", None), "{cut}");
            assert!(decoding(&error).offset() <= cut, "{error}");
        }
    }
}

/// A TLV of a token, and the TLVs that its content is made of.
enum Tree {
    Value(u8, Vec<u8>),
    Branch(u8, Vec<Self>),
    /// The token identifier of a Kerberos token, which is no TLV.
    TokenId(Vec<u8>),
}

const OBJECT_IDENTIFIER: u8 = 0x06;

/// How to bend a token: the length of the TLV with this number, counted from the outside in, is that much too long.
struct Raised {
    number: usize,
    by: usize,
}

impl Tree {
    /// Reads TLVs with shortest lengths, as the test kit writes them.
    fn row(mut octets: &[u8]) -> Vec<Self> {
        let mut row = Vec::new();
        while let [tag, first, rest @ ..] = octets {
            if let (1, 0, Some(0x6e)) = (*tag, *first, rest.first()) {
                row.push(Self::TokenId(octets[..2].to_vec()));
                octets = rest;
                continue;
            }
            let more = usize::from(first.saturating_sub(0x80));
            let long = rest[..more].iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
            let octets_of_content = if more == 0 { usize::from(*first) } else { long };
            let (content, after) = rest[more..].split_at(octets_of_content);
            let holds_a_token = *tag == 0x04 && content.first() == Some(&0x60) && content.len() > 100;
            row.push(match tag & 0x20 == 0 && !holds_a_token {
                true => Self::Value(*tag, content.to_vec()),
                false => Self::Branch(*tag, Self::row(content)),
            });
            octets = after;
        }
        row
    }

    /// Writes a row of TLVs, and adds the tag of each to those that were written before.
    fn write(row: &[Self], raised: &Raised, tags: &mut Vec<u8>) -> Vec<u8> {
        row.iter().flat_map(|tree| tree.encode(raised, tags)).collect()
    }

    fn encode(&self, raised: &Raised, tags: &mut Vec<u8>) -> Vec<u8> {
        let number = tags.len();
        let (tag, content) = match self {
            Self::TokenId(octets) => return octets.clone(),
            Self::Value(tag, content) => {
                tags.push(*tag);
                (*tag, content.clone())
            }
            Self::Branch(tag, row) => {
                tags.push(*tag);
                (*tag, Self::write(row, raised, tags))
            }
        };
        let too_many = if number == raised.number { raised.by } else { 0 };
        let said = content.len().saturating_add(too_many).min(0xffff_ffff);
        [&[tag], length(said).as_slice(), &content].concat()
    }
}

/// NEG-01: every length raised. The frame's own OID decides what the token is, so that one may become another's.
#[test]
fn neg_01_every_raised_length_of_a_token_is_refused_inside_it() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::windows_compatible());
    for token in whole_tokens(&realm) {
        let tree = Tree::row(&token);
        let mut tags = Vec::new();
        assert_eq!(Tree::write(&tree, &Raised { number: usize::MAX, by: 0 }, &mut tags), token);
        assert!(tags.len() > 35, "{} TLVs are not the whole token", tags.len());
        for (number, tag) in tags.into_iter().enumerate() {
            for by in [1, 127, 0x1_0000, 0xffff_ffff] {
                let bent = Tree::write(&tree, &Raised { number, by }, &mut Vec::new());
                let error = refusal(&acceptor, &realm, &bent);
                match error.kind().name() {
                    "Token.Malformed" => assert!(decoding(&error).offset() <= bent.len(), "{error}"),
                    "Token.NotKerberos" | "Negotiation.MechanismMismatch" => assert_eq!(tag, OBJECT_IDENTIFIER),
                    other => panic!("length {number} raised by {by}: {other}"),
                }
            }
        }
    }
}

/// NEG-25: the production that the octet follows or stands in refuses it.
#[test]
fn neg_25_one_octet_after_each_message() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    for part in Part::ALL {
        let name = match part {
            Part::EncTicketPart => "Ticket.Malformed",
            Part::Authenticator => "Authenticator.Malformed",
            _ => "Token.Malformed",
        };
        for defect in [Defect::OctetAfter(part), Defect::OctetInside(part)] {
            let error = refusal(&acceptor, &realm, &login(&realm).broken(defect).token());
            assert_eq!(error.kind().name(), name, "{defect:?}");
            if part != Part::MechTypes && defect == Defect::OctetAfter(part) {
                assert_eq!(decoding(&error).kind(), DecodeErrorKind::TrailingOctets, "{defect:?}");
            }
        }
    }
    let raw = login(&realm).raw_krb5();
    for part in [Part::GssToken, Part::ApReq] {
        let error = refusal(&acceptor, &realm, &raw.clone().broken(Defect::OctetAfter(part)).token());
        assert_eq!(
            (error.kind().name(), decoding(&error).kind()),
            ("Token.Malformed", DecodeErrorKind::TrailingOctets)
        );
    }
}

/// The near miss of NEG-25: a field that a later version may have added is passed over (step L-6).
#[test]
fn a_later_field_of_each_message_is_passed_over() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::strict());
    for part in [Part::NegTokenInit, Part::ApReq, Part::Ticket, Part::EncTicketPart, Part::Authenticator] {
        let token = login(&realm).broken(Defect::UnknownField(part)).token();
        let accepted = acceptor.accept(&token, realm.now()).unwrap();
        assert_eq!(accepted.tolerances(), [], "{part:?}");
    }
    for part in [Part::InitialToken, Part::GssToken, Part::MechTypes, Part::NegotiationToken] {
        let error = refusal(&acceptor, &realm, &login(&realm).broken(Defect::UnknownField(part)).token());
        assert_eq!(error.kind().name(), "Token.Malformed", "{part:?} has no place for it");
    }
}

// ---- How its lengths are written ----------------------------------------------------------------------------------------

/// Step L-5: the strict rules read the shortest form only.
#[test]
fn lengths_in_long_form_are_read_by_the_policies_that_say_so() {
    let realm = realm();
    for (preset, policy) in presets() {
        let acceptor = acceptor(&realm, policy);
        for part in Part::ALL {
            for octets in [3, 4] {
                let login = login(&realm).broken(Defect::LongLength { part, octets });
                match (preset, acceptor.accept(&login.token(), realm.now())) {
                    ("strict", Err(error)) => {
                        assert_eq!(decoding(&error).kind(), DecodeErrorKind::LengthNotMinimal, "{part:?}");
                    }
                    ("default" | "windows", Ok(accepted)) => {
                        assert_eq!(accepted.tolerances(), [Tolerance::NonMinimalLength], "{part:?}");
                        assert!(login.verify_reply(accepted.reply().unwrap()).unwrap().ap_rep.is_some(), "{part:?}");
                    }
                    (_, verdict) => panic!("{preset} {part:?} {octets}: {verdict:?}"),
                }
            }
        }
        let accepted = acceptor.accept(&login(&realm).token(), realm.now()).unwrap();
        assert_eq!(accepted.tolerances(), [], "{preset}");
    }
}

#[test]
fn lengths_of_five_octets_and_indefinite_ones_are_read_by_no_policy() {
    let realm = realm();
    for (preset, policy) in presets() {
        let acceptor = acceptor(&realm, policy);
        for part in Part::ALL {
            for (defect, expected) in [
                (Defect::LongLength { part, octets: 5 }, DecodeErrorKind::LengthTooLong),
                (Defect::LongLength { part, octets: 16 }, DecodeErrorKind::LengthTooLong),
                (Defect::IndefiniteLength(part), DecodeErrorKind::IndefiniteLength),
            ] {
                let error = refusal(&acceptor, &realm, &login(&realm).broken(defect).token());
                assert_eq!(decoding(&error).kind(), expected, "{preset} {defect:?}");
            }
        }
    }
}

// ---- The Kerberos frame -------------------------------------------------------------------------------------------------

/// Step G-3, and RFC 4121 §4.1: "it will return a KRB-ERROR message with code KRB_AP_ERR_MSG_TYPE".
#[test]
fn a_wrong_token_identifier_is_answered_in_kind() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    for id in [[2, 0], [3, 0], [0, 1], [0xff, 0xff], [1, 1]] {
        for login in [login(&realm).token_id(id), login(&realm).token_id(id).without_mutual()] {
            for login in [login.clone(), login.raw_krb5()] {
                let error = refusal(&acceptor, &realm, &login.token());
                let ErrorKind::Token(TokenError::TokenId { found }) = error.kind() else { panic!("{error:?}") };
                assert_eq!((error.kind().name(), *found), ("Token.TokenId", Some(TokenId(id))));
                assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_MSG_TYPE);
                assert_eq!(error.gss_major(), GssMajor::DEFECTIVE_TOKEN);
                let reply = login.verify_reply(error.reply().unwrap()).unwrap();
                let krb_error = reply.krb_error.unwrap();
                assert_eq!(krb_error.error_code, KrbErrorCode::KRB_AP_ERR_MSG_TYPE);
                assert_eq!((krb_error.stime, krb_error.e_text, krb_error.cname), (realm.now(), None, None));
                let state = (error.mechanism() == Some(Mechanism::Spnego)).then_some(NegState::Reject);
                assert_eq!(reply.neg_state, state);
            }
        }
    }
    let named = refusal(&acceptor, &realm, &login(&realm).token_id([2, 0]).token()).to_string();
    assert!(named.contains("02 00 (AP-REP)"), "{named}");
}

#[test]
fn a_frame_that_ends_before_its_token_identifier_says_so() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    for behind in [&[][..], &[1]] {
        let error = refusal(&acceptor, &realm, &frame(&Oid::KRB5.0, behind));
        assert!(matches!(error.kind(), ErrorKind::Token(TokenError::TokenId { found: None })), "{error:?}");
    }
    let error = refusal(&acceptor, &realm, &frame(&Oid::KRB5.0, &[1, 0]));
    assert_eq!(error.kind().name(), "Token.Malformed");
}

#[test]
fn microsofts_oid_outside_spnego_is_accepted_by_the_policy_that_says_so() {
    let realm = realm();
    let login = login(&realm).microsoft_oid().raw_krb5();
    for (preset, policy) in presets() {
        match acceptor(&realm, policy).accept(&login.token(), realm.now()) {
            Ok(accepted) => {
                assert_eq!((preset, accepted.mechanism()), ("windows", Mechanism::Krb5));
                assert_eq!(accepted.tolerances(), [Tolerance::MicrosoftOid]);
                assert!(login.verify_reply(accepted.reply().unwrap()).unwrap().ap_rep.is_some(), "framed as it came");
            }
            Err(error) => {
                assert_ne!(preset, "windows");
                assert_eq!(kind_of(&error), TokenKind::MicrosoftKrb5);
            }
        }
    }
}
