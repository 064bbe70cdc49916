//! The AP-REQ and what is in it, as messages: versions, options, names, lengths (steps, K-0, T-1 to T-3, U-2).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::crypto::supported_enctypes;
use kerbside::gss::ContextFlags;
use kerbside::messages::TicketFlags;
use kerbside::numbers::{Enctype, NameType};
use kerbside::testing::{BitString, Defect, Part as Place, PrincipalName, Realm};
use kerbside::{ApReqError, AuthenticatorError, ErrorKind, KeyMatch, Part, Policy, TicketError, Tolerance};
use site::{PRESETS, SERVICE, Site, refusal, verdict, with};

const MALFORMED: &str = "Token.Malformed 60";

#[test]
fn only_version_5_is_spoken() {
    let site = Site::new();
    for version in [0, 1, 4, 6, -5, 5 + (1 << 16), i64::from(i32::MAX)] {
        let pvno = site.login().with_ap_req(|r| r.pvno = version);
        assert_eq!(site.verdict_of_all(|_| (), &pvno), "ApReq.Version 3", "{version}");
        let tkt_vno = site.login().with_ticket(|t| t.tkt_vno = version);
        assert_eq!(site.verdict_of_all(|_| (), &tkt_vno), "Ticket.Version 39", "{version}");
        let authenticator_vno = site.login().with_authenticator(|a| a.authenticator_vno = version);
        assert_eq!(site.verdict_of_all(|_| (), &authenticator_vno), "Authenticator.Malformed 39", "{version}");

        let errors = [pvno, tkt_vno, authenticator_vno].map(|login| refusal(site.accept(Policy::default(), &login)));
        let found = errors.map(|error| match error.kind() {
            ErrorKind::ApReq(ApReqError::Version { found, .. })
            | ErrorKind::Ticket(TicketError::Version { found, .. })
            | ErrorKind::Authenticator(AuthenticatorError::Version { found, .. }) => i64::from(*found),
            _ => panic!("{error}"),
        });
        assert_eq!(found, [version; 3]);
    }
    let beyond_32_bits = 5 + (1 << 32);
    assert_eq!(site.verdict_of_all(|_| (), &site.login().with_ap_req(|r| r.pvno = beyond_32_bits)), MALFORMED);
    assert_eq!(site.verdict_of_all(|_| (), &site.login().with_ticket(|t| t.tkt_vno = beyond_32_bits)), MALFORMED);
    assert_eq!(site.verdict_of_all(|_| (), &site.login()), "accepted");
}

#[test]
fn only_the_message_type_of_an_ap_req_is_taken() {
    let site = Site::new();
    for msg_type in [0, 10, 12, 13, 15, 30, -14] {
        let login = site.login().with_ap_req(|r| r.msg_type = msg_type);
        assert_eq!(site.verdict_of_all(|_| (), &login), "ApReq.MessageType 40", "{msg_type}");
    }
}

/// The AP-REQ's own fields come before the ticket's, and the ticket's before any key is looked for.
#[test]
fn versions_are_judged_from_the_outside_in() {
    let site = Site::new();
    let unopened = || site.login().broken(Defect::WrongServiceKey);
    for (login, expected) in [
        (unopened(), "KeyDoesNotDecrypt 31"),
        (unopened().with_ticket(|t| t.tkt_vno = 4), "Ticket.Version 39"),
        (unopened().with_ticket(|t| t.tkt_vno = 4).with_ap_req(|r| r.msg_type = 12), "ApReq.MessageType 40"),
        (unopened().with_ap_req(|r| (r.msg_type, r.pvno) = (12, 4)), "ApReq.Version 3"),
        (unopened().with_ap_req(|r| r.ap_options = BitString::with_bits(&[1])), "NoKey.UserToUser 45"),
    ] {
        assert_eq!(site.verdict_of_all(|_| (), &login), expected);
    }
}

/// Step A-4: bits are counted from the first, missing ones are 0, and unknown ones mean nothing.
#[test]
fn ap_options_are_bits_of_any_number_from_one_octet_on() {
    let site = Site::new();
    let mutual = "mutual";
    let not = "not mutual";
    let user_to_user = "NoKey.UserToUser 45";
    for (bits, expected) in [
        (BitString::with_bits(&[2]), mutual),
        (BitString::with_bits(&[]), not),
        (BitString::with_bits(&[1]), user_to_user),
        (BitString::with_bits(&[1, 2]), user_to_user),
        (BitString::with_bits(&[0, 3, 4, 7, 8, 31]), not),
        (BitString::with_bits(&[0, 2, 3, 31]), mutual),
        (BitString::new(0, [0x20]), mutual),
        (BitString::new(5, [0x20]), mutual),
        (BitString::new(6, [0x40]), user_to_user),
        (BitString::new(7, [0x80]), not),
        (BitString::new(0, [0; 4]), not),
        (BitString::new(0, [0x20, 0, 0, 0, 0xff]), mutual),
        (BitString::new(0, [0, 0, 0, 0, 0x60]), not),
        (BitString::new(6, [0x20]), MALFORMED),
        (BitString::new(8, [0]), MALFORMED),
        (BitString::new(0, []), MALFORMED),
        (BitString::new(1, []), MALFORMED),
    ] {
        for (name, preset) in PRESETS {
            let login = site.login().without_mutual().with_ap_req(|r| r.ap_options = bits.clone());
            let found = match site.accept(preset(), &login) {
                Ok(accepted) if accepted.flags().contains(ContextFlags::MUTUAL) => mutual.to_owned(),
                Ok(_) => not.to_owned(),
                refused => verdict(&refused),
            };
            assert_eq!(found, expected, "{name} {bits:?}");
        }
    }
}

/// APR-30, as far as no key of a session can be given: the ticket's name does not matter, nor whether it would open.
#[test]
fn apr_30_user_to_user_bit_without_key() {
    let site = Site::new();
    let user_to_user = || site.login().with_ap_req(|r| r.ap_options = BitString::with_bits(&[1, 2]));
    for login in [user_to_user(), user_to_user().cleartext_service("x/y"), user_to_user().ticket_enctype(Enctype(99))] {
        assert_eq!(site.verdict_of_all(|_| (), &login), "NoKey.UserToUser 45");
    }
    assert_eq!(site.verdict_of_all(|_| (), &site.login()), "accepted");
}

/// Step T-3: fewer bits than 32 are zeros behind, and none at all are no flags.
#[test]
fn ticket_flags_are_zero_extended() {
    let site = Site::new();
    for (bits, flags, expected) in [
        (BitString::new(0, []), 0, "accepted"),
        (BitString::new(0, [0]), 0, "accepted"),
        (BitString::new(6, [0x40]), TicketFlags::FORWARDABLE.0, "accepted"),
        (BitString::new(0, [0x40, 0, 0, 0, 0xff]), TicketFlags::FORWARDABLE.0, "accepted"),
        (BitString::new(0, [0x01]), 0, "TicketInvalid 33"),
        (BitString::new(1, [0x01]), 0, "Ticket.Malformed 31"),
        (BitString::new(1, []), 0, "Ticket.Malformed 31"),
    ] {
        let login = site.login().with_ticket(|t| t.flags = bits.clone());
        let result = site.accept(Policy::default(), &login);
        assert_eq!(verdict(&result), expected, "{bits:?}");
        if let Ok(accepted) = result {
            assert_eq!(accepted.ticket_flags(), TicketFlags(flags));
        }
    }
}

/// Step A-6: 32 bits with or without sign are one kvno; absent and 0 state none.
#[test]
fn a_kvno_is_a_pattern_of_32_bits() {
    let site = Site::new();
    let low_bits = Some(Some(KeyMatch::LowBits));
    let kvno = i64::from(Realm::KVNO);
    for (stated, expected) in [
        (None, Some(None)),
        (Some(0), Some(None)),
        (Some(kvno), Some(None)),
        (Some(0xffff_0000 + kvno), low_bits),
        (Some(-0x1_0000 + kvno), low_bits),
        (Some(0xffff_ffff), Some(Some(KeyMatch::OtherKvno))),
        (Some(-1), Some(Some(KeyMatch::OtherKvno))),
        (Some(0x1_0000_0000 + kvno), None),
        (Some(-0x8000_0001), None),
    ] {
        let login = site.login().with_ticket(|t| t.kvno = stated);
        let result = site.accept(Policy::default(), &login);
        let Some(tolerance) = expected else {
            assert_eq!(verdict(&result), MALFORMED, "{stated:?}");
            continue;
        };
        let tolerances: Vec<_> = tolerance.into_iter().map(Tolerance::KeyMatch).collect();
        assert_eq!(result.unwrap().tolerances(), tolerances, "{stated:?}");
    }
}

/// Step A-7
#[test]
fn a_name_has_one_to_sixteen_components() {
    let site = Site::new();
    let name = |count: usize| PrincipalName::new(NameType::NT_UNKNOWN, vec![b"x".to_vec(); count]);
    for (count, expected) in [(1, "accepted"), (16, "accepted"), (0, "malformed"), (17, "malformed")] {
        let judge = |result: String, malformed: &str| match result.as_str() {
            "accepted" => assert_eq!(expected, "accepted", "{count}"),
            other => assert_eq!((expected, other), ("malformed", malformed), "{count}"),
        };
        let in_ticket =
            site.login().with_ticket(|t| t.cname = name(count)).with_authenticator(|a| a.cname = name(count));
        judge(site.verdict_of_all(|_| (), &in_ticket), "Ticket.Malformed 31");
        let sname = site.login().with_ticket(|t| t.sname = name(count));
        judge(site.verdict(Policy::default(), &sname), MALFORMED);
    }
    let in_authenticator = site.login().with_authenticator(|a| a.cname = name(17));
    assert_eq!(site.verdict_of_all(|_| (), &in_authenticator), "Authenticator.Malformed 31");
}

/// NEG-20
#[test]
fn neg_20_ciphertexts_cut_short_fail_as_integrity() {
    let site = Site::new();
    let policy = || with(Policy::default(), |policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC));
    let acceptor = site.acceptor(policy());
    for row in supported_enctypes() {
        let login = || site.login().ticket_enctype(row.enctype).session_enctype(row.enctype);
        assert!(acceptor.accept(&login().token(), site.realm.now()).is_ok(), "{}", row.enctype);
        for octets in 0..=64 {
            let error = |defect| refusal(acceptor.accept(&login().broken(defect).token(), site.realm.now()));
            let ticket = error(Defect::TicketCiphertextCut(octets));
            let too_short = octets < row.overhead_octets();
            match ticket.kind() {
                ErrorKind::Integrity(Part::Ticket) => assert!(too_short, "{} {octets}", row.enctype),
                ErrorKind::KeyDoesNotDecrypt { .. } => assert!(!too_short, "{} {octets}", row.enctype),
                _ => panic!("{ticket}"),
            }
            let authenticator = error(Defect::AuthenticatorCiphertextCut(octets));
            assert!(matches!(authenticator.kind(), ErrorKind::Integrity(Part::Authenticator)), "{authenticator}");
            assert_eq!([ticket, authenticator].map(|error| error.krb_error_code().0), [31, 31]);
        }
    }
}

/// One bit of every 37, in ticket and authenticator: whatever is inverted, the login is refused.
#[test]
fn one_inverted_bit_of_a_ciphertext_is_refused() {
    let site = Site::new();
    let policy = || with(Policy::default(), |policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC));
    let acceptor = site.acceptor(policy());
    for row in supported_enctypes() {
        let login = || site.login().ticket_enctype(row.enctype).session_enctype(row.enctype);
        for bit in (0..2_400).step_by(37) {
            for defect in [Defect::TicketBit(bit), Defect::AuthenticatorBit(bit)] {
                let error = refusal(acceptor.accept(&login().broken(defect).token(), site.realm.now()));
                assert_eq!(error.krb_error_code().0, 31, "{} {defect:?}", row.enctype);
            }
        }
        let session_key = login().broken(Defect::WrongSessionKey);
        assert_eq!(site.verdict(policy(), &session_key), "Integrity 31");
        assert_eq!(site.verdict(policy(), &login().broken(Defect::WrongServiceKey)), "KeyDoesNotDecrypt 31");
    }
}

/// Steps A-1, T-2, U-2 and L-5: a production ends where it ends, an extension behind its fields is passed over, and a
/// length in more octets than needed is a tolerance.
#[test]
fn productions_decode_completely_or_not_at_all() {
    let site = Site::new();
    for (place, malformed) in [
        (Place::ApReq, MALFORMED),
        (Place::Ticket, MALFORMED),
        (Place::EncTicketPart, "Ticket.Malformed 31"),
        (Place::Authenticator, "Authenticator.Malformed 31"),
    ] {
        let broken = |defect| site.login().broken(defect);
        for defect in [Defect::OctetAfter(place), Defect::OctetInside(place), Defect::IndefiniteLength(place)] {
            assert_eq!(site.verdict_of_all(|_| (), &broken(defect)), malformed, "{defect:?}");
        }
        assert_eq!(site.verdict_of_all(|_| (), &broken(Defect::UnknownField(place))), "accepted", "{place:?}");
        for (octets, lenient) in [(3, "accepted"), (4, "accepted"), (5, malformed)] {
            let long = broken(Defect::LongLength { part: place, octets });
            let verdicts = PRESETS.map(|(_, preset)| site.verdict(preset(), &long));
            assert_eq!(verdicts, [malformed, lenient, lenient], "{place:?} {octets}");
        }
    }
}

#[test]
fn the_services_name_type_is_never_compared() {
    let site = Site::new();
    for name_type in [0, 1, 2, 3, 10, -7] {
        let login = site.realm.login("alice", SERVICE).with_ticket(|t| t.sname.name_type = NameType(name_type));
        assert_eq!(site.verdict_of_all(|_| (), &login), "accepted", "{name_type}");
    }
}
