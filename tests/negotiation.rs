//! SPNEGO in one leg: which mechanism is chosen, what is answered where a second leg would be needed, and what becomes of
//! every field in every wrong shape (section 2 of the acceptance order).
#![cfg(feature = "testing")]

#[path = "support/tlv.rs"]
mod tlv;
#[path = "support/verdict.rs"]
mod verdict;

use core::slice;
use kerbside::gss::{ContextFlags, TokenKind};
use kerbside::numbers::KrbErrorCode;
use kerbside::testing::{BitString, Defect, Login, MechListMic, MechToken, NegState, Oid, Part, Realm, Reply};
use kerbside::{
    Acceptor, DecodeErrorKind, Error, ErrorClass, ErrorKind, GssMajor, Mechanism, NegotiationError, Policy, TokenError,
};
use tlv::{frame, length, tlv};
use verdict::{SERVICE, acceptor, builder, realm, refusal};

/// A realm, its acceptor with the default policy, and a login.
struct World {
    realm: Realm,
    acceptor: Acceptor,
}

impl World {
    fn new() -> Self {
        let realm = realm();
        Self { acceptor: acceptor(&realm, Policy::default()), realm }
    }

    fn login(&self) -> Login {
        self.realm.login("alice", SERVICE)
    }

    #[track_caller]
    fn refusal(&self, token: &[u8]) -> Error {
        refusal(&self.acceptor, &self.realm, token)
    }

    #[track_caller]
    fn accepts(&self, login: &Login) -> Reply {
        let accepted = self.acceptor.accept(&login.token(), self.realm.now()).unwrap();
        assert_eq!((accepted.mechanism(), accepted.tolerances()), (Mechanism::Spnego, &[][..]));
        assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
        login.verify_reply(accepted.reply().unwrap()).unwrap()
    }
}

fn ntlm(message_type: u32) -> Vec<u8> {
    [b"NTLMSSP\0".as_slice(), &message_type.to_le_bytes(), &[0; 28]].concat()
}

/// An OID that nobody implements: 2.999 and a number.
fn unknown_oid(number: usize) -> Oid {
    let octets = [0x88, 0x37, 0x80 | u8::try_from(number >> 7).unwrap(), u8::try_from(number & 0x7f).unwrap()];
    Oid(octets.to_vec().into())
}

#[track_caller]
fn assert_more_needed(error: &Error, login: &Login, state: NegState, mechanism: &Oid) {
    assert_eq!(error.kind().name(), "Negotiation.MoreNeeded");
    assert_eq!((error.gss_major(), error.class()), (GssMajor::CONTINUE_NEEDED, ErrorClass::Continue));
    assert_eq!(error.mechanism(), Some(Mechanism::Spnego));
    let reply = login.verify_reply(error.reply().unwrap()).unwrap();
    assert_eq!((reply.neg_state, reply.supported_mech), (Some(state), Some(mechanism.clone())));
    assert!(reply.ap_rep.is_none() && reply.krb_error.is_none() && reply.mech_list_mic.is_none());
}

// ---- Which mechanism ------------------------------------------------------------------------------------------------

/// NEG-30: one AP-REQ as Kerberos alone and in SPNEGO; each is answered as it came.
#[test]
fn neg_30_raw_and_negotiated_are_answered_in_kind() {
    let world = World::new();
    let negotiated = world.login();
    let raw = negotiated.clone().raw_krb5();
    assert_eq!(negotiated.ap_req(), raw.ap_req());
    let reply = world.accepts(&negotiated);
    assert_eq!((reply.neg_state, reply.supported_mech), (Some(NegState::AcceptCompleted), Some(Oid::KRB5)));
    assert!(reply.ap_rep.is_some());
    let accepted = world.acceptor.accept(&raw.token(), world.realm.now()).unwrap();
    assert_eq!(accepted.mechanism(), Mechanism::Krb5);
    let reply = raw.verify_reply(accepted.reply().unwrap()).unwrap();
    assert!(reply.ap_rep.is_some() && reply.neg_state.is_none());
}

/// NEG-30: without mutual authentication SPNEGO still says that it is done, and Kerberos alone says nothing.
#[test]
fn neg_30_without_mutual_only_spnego_answers() {
    let world = World::new();
    let reply = world.accepts(&world.login().without_mutual());
    assert_eq!((reply.neg_state, reply.ap_rep.is_none()), (Some(NegState::AcceptCompleted), true));
    let raw = world.login().without_mutual().raw_krb5().token();
    assert_eq!(world.acceptor.accept(&raw, world.realm.now()).unwrap().reply(), None);
}

#[test]
fn both_numbers_of_kerberos_are_accepted_and_echoed_as_they_were_offered() {
    let world = World::new();
    for offered in [
        &[Oid::KRB5][..],
        &[Oid::MS_KRB5],
        &[Oid::MS_KRB5, Oid::KRB5],
        &[Oid::KRB5, Oid::MS_KRB5],
        &[Oid::MS_KRB5, Oid::KRB5, Oid::NTLM],
        &[Oid::KRB5, Oid::KRB5],
    ] {
        for framed in [Oid::KRB5, Oid::MS_KRB5] {
            let reply = world.accepts(&world.login().offering(offered).mechanism(framed));
            assert_eq!(reply.supported_mech.as_ref(), offered.first());
        }
    }
}

/// Step S-5: the optimistic token belongs to another mechanism, whatever it is.
#[test]
fn kerberos_that_is_not_first_is_asked_for_with_request_mic() {
    let world = World::new();
    for (offered, chosen) in [
        (&[Oid::NTLM, Oid::KRB5][..], Oid::KRB5),
        (&[Oid::NEGOEX, Oid::MS_KRB5, Oid::KRB5], Oid::MS_KRB5),
        (&[Oid::IAKERB, Oid::KRB5, Oid::MS_KRB5], Oid::KRB5),
        (&[Oid::UNKNOWN, Oid::KRB5_USER_TO_USER, Oid::KRB5], Oid::KRB5),
    ] {
        for token in [
            MechToken::Octets(ntlm(1)),
            MechToken::Octets(b"NEGOEXTS".to_vec()),
            MechToken::Octets(vec![]),
            MechToken::Octets(vec![0x60, 0x84, 0xff]),
            MechToken::Absent,
            MechToken::Krb5,
        ] {
            let login = world.login().offering(offered).with_negotiation(|init| init.mech_token = token);
            let error = world.refusal(&login.token());
            assert_more_needed(&error, &login, NegState::RequestMic, &chosen);
        }
    }
}

#[test]
fn an_optimistic_token_that_is_not_looked_at_can_still_be_used() {
    let realm = realm();
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).build().unwrap();
    let login = realm.login("alice", SERVICE);
    let ignored = login.clone().offering(&[Oid::NTLM, Oid::KRB5]).token();
    assert_eq!(refusal(&acceptor, &realm, &ignored).kind().name(), "Negotiation.MoreNeeded");
    assert!(acceptor.accept(&login.token(), realm.now()).is_ok());
    assert_eq!(refusal(&acceptor, &realm, &login.token()).kind().name(), "Replay");
}

/// Step S-6.
#[test]
fn a_list_without_a_token_is_answered_with_the_choice() {
    let world = World::new();
    for mechanism in [Oid::KRB5, Oid::MS_KRB5] {
        let login = world.login().offering(slice::from_ref(&mechanism)).with_negotiation(|init| {
            init.mech_token = MechToken::Absent;
        });
        assert_more_needed(&world.refusal(&login.token()), &login, NegState::AcceptIncomplete, &mechanism);
    }
}

/// NEG-11: the lists that hold nothing of ours.
fn foreign_lists() -> Vec<Vec<Oid>> {
    vec![
        vec![Oid::UNKNOWN],
        vec![Oid::UNKNOWN, Oid::UNKNOWN],
        vec![Oid::IAKERB],
        vec![Oid::KRB5_USER_TO_USER],
        vec![Oid::SPNEGO],
        vec![Oid(Oid::KRB5.0[..8].to_vec().into())],
        (0..1000).map(unknown_oid).collect(),
        vec![unknown_oid(7); 1000],
    ]
}

/// NEG-11
#[test]
fn neg_11_no_acceptable_mechanism() {
    let world = World::new();
    for list in foreign_lists() {
        for token in [MechToken::Krb5, MechToken::Absent, MechToken::Octets(vec![]), MechToken::BareApReq] {
            let login = world.login().offering(&list).with_negotiation(|init| init.mech_token = token);
            let error = world.refusal(&login.token());
            let ErrorKind::Negotiation(NegotiationError::NoCommonMechanism { offered }) = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!(offered.len(), list.len().min(8));
            assert_eq!(error.kind().name(), "Negotiation.NoCommonMechanism");
            assert_eq!((error.gss_major(), error.class()), (GssMajor::BAD_MECH, ErrorClass::NotKerberos));
            let reply = login.verify_reply(error.reply().unwrap()).unwrap();
            assert_eq!((reply.neg_state, reply.supported_mech), (Some(NegState::Reject), None));
            assert!(reply.krb_error.is_none());
        }
    }
    let one = world.refusal(&world.login().offering(&[Oid::UNKNOWN]).token()).to_string();
    assert!(one.contains("2.999.1"), "{one}");
}

/// NEG-11: the near misses; one of ours in a thousand is enough, and its place decides.
#[test]
fn neg_11_one_acceptable_mechanism_in_a_thousand() {
    let world = World::new();
    let mut list: Vec<Oid> = (0..999).map(unknown_oid).collect();
    list.insert(0, Oid::KRB5);
    world.accepts(&world.login().offering(&list));
    list.rotate_left(1);
    let login = world.login().offering(&list);
    assert_more_needed(&world.refusal(&login.token()), &login, NegState::RequestMic, &Oid::KRB5);
    world.accepts(&world.login().offering(&vec![Oid::KRB5; 1000]));
}

/// NEG-12: the lists of NEG-11 and one that is ours, each optional field there or not. The fields change nothing; only
/// the token's absence counts, and a MIC, which has no place where mutual authentication is asked for.
#[test]
fn neg_12_each_optional_field_left_out() {
    let world = World::new();
    let mut lists = foreign_lists();
    lists.push(vec![Oid::KRB5]);
    for list in lists {
        for fields in 0..8 {
            let (flags, token, mic) = (fields & 1 != 0, fields & 2 != 0, fields & 4 != 0);
            let login = world.login().offering(&list).with_negotiation(|init| {
                init.req_flags = flags.then(|| BitString::new(1, [0xc0]));
                init.mech_token = if token { MechToken::Krb5 } else { MechToken::Absent };
                init.mech_list_mic = if mic { MechListMic::Valid } else { MechListMic::Absent };
            });
            let verdict = world.acceptor.accept(&login.token(), world.realm.now());
            let name = verdict.as_ref().map_or_else(|error| error.kind().name(), |_| "accepted");
            let expected = match (list.first() == Some(&Oid::KRB5), token, mic) {
                (false, ..) => "Negotiation.NoCommonMechanism",
                (true, false, _) => "Negotiation.MoreNeeded",
                (true, true, true) => "Negotiation.OutOfOrder",
                (true, true, false) => "accepted",
            };
            assert_eq!(name, expected, "{fields:03b}");
        }
    }
}

// ---- What stands inside -----------------------------------------------------------------------------------------------

// ICE-14, ZIM-01, ZIM-26
/// NEG-27: bare, as mechToken of the first mechanism, and as the only mechanism. No reply, so that a caller can fall back.
#[test]
fn neg_27_ntlm_is_named_in_all_its_places() {
    let world = World::new();
    let holding = |list: &[Oid], token: MechToken| {
        world.login().offering(list).with_negotiation(|init| init.mech_token = token).token()
    };
    let mut places = vec![
        (holding(&[Oid::NTLM], MechToken::Absent), None),
        (holding(&[Oid::NEGOEX, Oid::NTLM], MechToken::Absent), None),
        (holding(&[Oid::NTLM], MechToken::Octets(b"NEGOEXTS".to_vec())), None),
        (holding(&[Oid::NTLM], MechToken::Krb5), None),
    ];
    for message_type in [1, 2, 3] {
        let token = || MechToken::Octets(ntlm(message_type));
        places.push((ntlm(message_type), Some(message_type)));
        places.push((holding(&[Oid::KRB5, Oid::NTLM], token()), Some(message_type)));
        places.push((holding(&[Oid::NTLM], token()), Some(message_type)));
        places.push((holding(&[Oid::UNKNOWN, Oid::NTLM], token()), Some(message_type)));
        places.push((holding(&[Oid::NEGOEX, Oid::NTLM], token()), Some(message_type)));
    }
    for (token, expected) in places {
        let error = world.refusal(&token);
        let ErrorKind::Token(TokenError::NotKerberos { kind }) = error.kind() else { panic!("{error:?}") };
        assert_eq!(*kind, TokenKind::Ntlm { message_type: expected });
        assert_eq!((error.class(), error.reply()), (ErrorClass::NotKerberos, None));
        assert!(error.hint().contains("setspn -Q"), "{}", error.hint());
    }
}

/// NEG-14: where NegoEx is all that is offered; the near miss offers Kerberos too.
#[test]
fn negoex_as_the_only_mechanism_is_named() {
    let world = World::new();
    for token in [MechToken::Absent, MechToken::Octets(b"NEGOEXTS".to_vec())] {
        let only = world.login().offering(&[Oid::NEGOEX]).with_negotiation(|init| init.mech_token = token.clone());
        let error = world.refusal(&only.token());
        assert!(matches!(error.kind(), ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::NegoEx })));
        assert_eq!(error.reply(), None);
        let both = only.offering(&[Oid::NEGOEX, Oid::KRB5]);
        assert_more_needed(&world.refusal(&both.token()), &both, NegState::RequestMic, &Oid::KRB5);
    }
}

#[test]
fn what_no_mechanism_frames_is_named_inside_spnego_too() {
    let world = World::new();
    let krb_error = tlv(0x7e, &tlv(0x30, &tlv(0xa6, &tlv(0x02, &[41]))));
    let code = Some(KrbErrorCode::KRB_AP_ERR_MODIFIED);
    for (token, expected) in [
        (MechToken::BareApReq, TokenKind::ApReq),
        (MechToken::Octets(krb_error), TokenKind::KrbError { code }),
        (MechToken::Octets(frame(&Oid::NTLM.0, &ntlm(1))), TokenKind::Ntlm { message_type: None }),
    ] {
        let error = world.refusal(&world.login().with_negotiation(|init| init.mech_token = token).token());
        let ErrorKind::Token(TokenError::NotKerberos { kind }) = error.kind() else { panic!("{error:?}") };
        assert_eq!((*kind, error.mechanism()), (expected, Some(Mechanism::Spnego)));
    }
}

/// Step S-7.
#[test]
fn a_token_of_another_mechanism_than_the_chosen_one_is_rejected() {
    let world = World::new();
    let spnego = world.login().token();
    let continuation = world.login().framing(kerbside::testing::Framing::SpnegoContinuation).token();
    for (token, expected) in [
        (spnego, TokenKind::Spnego),
        (continuation, TokenKind::SpnegoContinuation),
        (frame(&Oid::IAKERB.0, &[5, 1]), TokenKind::IaKerb),
        (frame(&Oid::KRB5_USER_TO_USER.0, &[4, 0]), TokenKind::UserToUser),
        (frame(&Oid::UNKNOWN.0, &[]), TokenKind::Unknown { first_octet: 0x60, octets: 7 }),
        (b"NEGOEXTS".to_vec(), TokenKind::NegoEx),
        (vec![0x30, 0x00], TokenKind::Unknown { first_octet: 0x30, octets: 2 }),
        (vec![], TokenKind::Empty),
    ] {
        let login = world.login().with_negotiation(|init| init.mech_token = MechToken::Octets(token));
        let error = world.refusal(&login.token());
        let ErrorKind::Negotiation(NegotiationError::MechanismMismatch { kind }) = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((error.kind().name(), *kind), ("Negotiation.MechanismMismatch", expected));
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.krb_error.is_none()), (Some(NegState::Reject), true));
    }
}

#[test]
fn a_damaged_frame_inside_is_malformed_and_not_another_mechanism() {
    let world = World::new();
    for token in [&[0x60][..], &[0x60, 0x00], &[0x60, 0x80], &[0x60, 0x03, 0x06, 0x01, 0x80]] {
        let login = world.login().with_negotiation(|init| init.mech_token = MechToken::Octets(token.to_vec()));
        let error = world.refusal(&login.token());
        assert_eq!((error.kind().name(), error.reply()), ("Token.Malformed", None), "{token:x?}");
    }
}

// ---- Every field ------------------------------------------------------------------------------------------------------

#[test]
fn request_flags_are_read_and_mean_nothing() {
    let world = World::new();
    let plain = world.acceptor.accept(&world.login().token(), world.realm.now()).unwrap().flags();
    assert!(plain.contains(ContextFlags::MUTUAL));
    for flags in
        [BitString::new(1, [0x00]), BitString::new(1, [0xfe]), BitString::new(0, []), BitString::from(u32::MAX)]
    {
        let login = world.login().with_negotiation(|init| init.req_flags = Some(flags));
        let accepted = world.acceptor.accept(&login.token(), world.realm.now()).unwrap();
        assert_eq!((accepted.flags(), accepted.tolerances()), (plain, &[][..]));
    }
}

/// MS-SPNG §2.2.1: a SEQUENCE in `[3]` is negHints, and the MIC stands in `[4]`.
#[test]
fn hints_of_the_other_side_are_passed_over() {
    let world = World::new();
    for hint in [&b"not_defined_in_RFC4178@please_ignore"[..], b"", b"\xff\0"] {
        let hinted = world.login().with_negotiation(|init| init.hint_name = Some(hint.to_vec()));
        assert_eq!(world.accepts(&hinted).neg_state, Some(NegState::AcceptCompleted));
        let with_mic = hinted.clone().with_negotiation(|init| init.mech_list_mic = MechListMic::Valid);
        assert_eq!(world.refusal(&with_mic.token()).kind().name(), "Negotiation.OutOfOrder");
        for login in [hinted, with_mic] {
            let error = world.refusal(&login.broken(Defect::OctetInside(Part::NegTokenInit)).token());
            assert_eq!(error.kind().name(), "Token.Malformed");
        }
    }
}

/// A MIC has no place beside the only token of an initiator that asks for mutual authentication.
#[test]
fn a_mic_beside_the_first_token_is_out_of_order() {
    let world = World::new();
    for mic in [MechListMic::Valid, MechListMic::Octets(vec![]), MechListMic::Octets(vec![0; 28])] {
        let login = world.login().with_negotiation(|init| init.mech_list_mic = mic);
        let error = world.refusal(&login.token());
        assert_eq!(error.kind().name(), "Negotiation.OutOfOrder");
        assert_eq!(error.gss_major(), GssMajor::DEFECTIVE_TOKEN);
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.neg_state, reply.krb_error.is_none()), (Some(NegState::Reject), true));
    }
}

/// A first token of these fields, whatever they are.
fn negotiation(fields: &[Vec<u8>]) -> Vec<u8> {
    frame(&Oid::SPNEGO.0, &tlv(0xa0, &tlv(0x30, &fields.concat())))
}

/// The fields of a first token that is accepted: mechTypes, reqFlags, mechToken.
fn right_fields(world: &World) -> [Vec<u8>; 3] {
    [
        tlv(0xa0, &tlv(0x30, &tlv(0x06, &Oid::KRB5.0))),
        tlv(0xa1, &tlv(0x03, &[1, 0x02])),
        tlv(0xa2, &tlv(0x04, &world.login().raw_krb5().token())),
    ]
}

#[track_caller]
fn assert_malformed(world: &World, fields: &[Vec<u8>], case: &str) -> DecodeErrorKind {
    let error = world.refusal(&negotiation(fields));
    assert_eq!((error.kind().name(), error.reply()), ("Token.Malformed", None), "{case}");
    assert_eq!((error.gss_major(), error.mechanism()), (GssMajor::DEFECTIVE_TOKEN, Some(Mechanism::Spnego)), "{case}");
    match error.kind() {
        ErrorKind::Token(TokenError::Malformed(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// NEG-15: absent is in NEG-12.
#[test]
fn neg_15_each_optional_field_in_every_wrong_shape() {
    let world = World::new();
    let right = right_fields(&world);
    assert!(world.acceptor.accept(&negotiation(&right), world.realm.now()).is_ok());
    let value = |field: &[u8]| {
        let header = 1 + length(field.len()).len().min(1 + usize::from(field[1].saturating_sub(0x80)));
        field[header..].to_vec()
    };
    let mic = tlv(0xa3, &tlv(0x04, &[0; 28]));
    let fields = [&right[0], &right[1], &right[2], &mic];
    for (place, field) in fields.into_iter().enumerate() {
        let tag = field[0];
        let with = |changed: Vec<u8>| {
            let mut all = right.to_vec();
            all.resize(all.len().max(place + 1), vec![]);
            all[place] = changed;
            all
        };
        let twice = with([field.as_slice(), field].concat());
        assert_malformed(&world, &twice, &format!("[{place}] twice"));
        assert_malformed(&world, &with(tlv(tag, &[])), &format!("[{place}] empty"));
        assert_malformed(&world, &with(tlv(tag & 0xdf, &value(field))), &format!("[{place}] primitive"));
        assert_malformed(&world, &with(tlv(tag ^ 0xc0, &value(field))), &format!("[{place}] application"));
        assert_malformed(&world, &with(value(field)), &format!("[{place}] without its tag"));
        let value_twice = [value(field), value(field)].concat();
        assert_malformed(&world, &with(tlv(tag, &value_twice)), &format!("[{place}] with two values"));
        for wrong_type in [0x02, 0x05, 0x0c, 0x13, 0x31, 0x24] {
            assert_malformed(&world, &with(tlv(tag, &tlv(wrong_type, &[0]))), &format!("[{place}] {wrong_type:02x}"));
        }
        for other in 0..place {
            let mut swapped = with(field.clone());
            swapped.swap(other, place);
            assert_malformed(&world, &swapped, &format!("[{place}] before [{other}]"));
        }
    }
}

/// NEG-13, for the fields of SPNEGO: a value without octets is empty or refused, as its type says.
#[test]
fn neg_13_values_without_octets_in_a_negotiation() {
    let world = World::new();
    let [list, flags, token] = right_fields(&world);
    assert_malformed(&world, &[tlv(0xa0, &tlv(0x30, &tlv(0x06, &[]))), token.clone()], "an OID of no octets");
    assert_eq!(assert_malformed(&world, &[], "no fields"), DecodeErrorKind::Missing { expected: 0xa0 });
    let empty_token = tlv(0xa2, &tlv(0x04, &[]));
    let error = world.refusal(&negotiation(&[list.clone(), flags.clone(), empty_token]));
    assert_eq!(error.kind().name(), "Negotiation.MechanismMismatch");
    let empty_flags = tlv(0xa1, &tlv(0x03, &[]));
    let name = world.acceptor.accept(&negotiation(&[list.clone(), empty_flags, token.clone()]), world.realm.now());
    assert!(name.is_ok(), "flags of no octets are as unread as any others");
    let empty_hints = tlv(0xa3, &tlv(0x30, &[]));
    assert!(world.acceptor.accept(&negotiation(&[list, flags, token, empty_hints]), world.realm.now()).is_ok());
    for hollow in [&[][..], &[0xa0, 0x00], &[0xa0, 0x02, 0x30, 0x00], &[0xa1, 0x00], &[0x30, 0x00]] {
        assert_eq!(world.refusal(&frame(&Oid::SPNEGO.0, hollow)).kind().name(), "Token.Malformed", "{hollow:x?}");
    }
}

/// NEG-19
#[test]
fn neg_19_empty_mechanism_list() {
    let world = World::new();
    let [_, flags, token] = right_fields(&world);
    let empty = tlv(0xa0, &tlv(0x30, &[]));
    let both = [flags.clone(), token.clone()];
    for rest in [&[][..], slice::from_ref(&flags), slice::from_ref(&token), &both] {
        let fields = [slice::from_ref(&empty), rest].concat();
        assert_eq!(assert_malformed(&world, &fields, "an empty list"), DecodeErrorKind::Count);
        assert_malformed(&world, rest, "no list");
    }
    let login = world.login().offering(&[]);
    assert_eq!(world.refusal(&login.token()).kind().name(), "Token.Malformed");
}

#[test]
fn a_reply_in_the_place_of_a_first_token_is_malformed() {
    let world = World::new();
    let login = world.login();
    let accepted = world.acceptor.accept(&login.token(), world.realm.now()).unwrap();
    let reply = accepted.reply().unwrap();
    assert_eq!(world.refusal(reply).kind().name(), "Negotiation.OutOfOrder");
    assert_eq!(world.refusal(&frame(&Oid::SPNEGO.0, reply)).kind().name(), "Token.Malformed");
}

/// Neither the list nor anything else of SPNEGO costs more than reading it once, and no message repeats it in full.
#[test]
fn a_list_as_long_as_the_limit_is_refused_with_a_short_message() {
    let realm = realm();
    let acceptor = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::strict()).build().unwrap();
    let many: Vec<u8> = (0..16_000).flat_map(|number| tlv(0x06, &unknown_oid(number).0[..2])).collect();
    let error = refusal(&acceptor, &realm, &negotiation(&[tlv(0xa0, &tlv(0x30, &many))]));
    assert_eq!(error.kind().name(), "Negotiation.NoCommonMechanism");
    assert!(error.to_string().len() < 1000, "{} octets", error.to_string().len());
    let long = tlv(0x06, &[1; 60_000]);
    let error = refusal(&acceptor, &realm, &negotiation(&[tlv(0xa0, &tlv(0x30, &long))]));
    assert_eq!(error.kind().name(), "Negotiation.NoCommonMechanism");
    assert!(error.to_string().len() < 1000, "{} octets", error.to_string().len());
}
