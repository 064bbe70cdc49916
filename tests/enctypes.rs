//! With which enctypes: session key and subkey by role, and the negotiation of RFC 4537 (steps U-1, U-3, E-2 to E-5).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::crypto::supported_enctypes;
use kerbside::numbers::{AuthDataType, Enctype};
use kerbside::testing::{AuthorizationElement, EncryptionKey, Login};
use kerbside::{Accepted, EnctypeRole, Error, ErrorClass, ErrorKind, Part, Policy};
use site::{PRESETS, SERVICE, Site, refusal, verdict, with};

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const AES128_SHA2: Enctype = Enctype::AES128_CTS_HMAC_SHA256_128;
const AES256_SHA2: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
const RC4: Enctype = Enctype::RC4_HMAC;
const UNKNOWN: Enctype = Enctype(99);

fn all() -> Vec<Enctype> {
    supported_enctypes().map(|row| row.enctype).collect()
}

/// RC4 allowed in every role.
fn permissive() -> Policy {
    with(Policy::default(), |policy| policy.enctypes.allow_everywhere(RC4))
}

/// A login with a session key of one enctype, and a subkey of another or none.
fn keyed(login: Login, session_key: Enctype, subkey: Option<Enctype>) -> Login {
    let login = login.session_enctype(session_key);
    match subkey {
        Some(subkey) => login.subkey_enctype(subkey),
        None => login.with_authenticator(|a| a.subkey = None),
    }
}

/// The enctype of the acceptor's subkey in the AP-REP, opened as the initiator opens it.
fn acceptor_subkey(login: &Login, accepted: &Accepted) -> Option<Enctype> {
    let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
    reply.ap_rep.unwrap().subkey.map(|key| key.keytype)
}

// ICE-01
#[test]
fn every_combination_of_enctypes_is_accepted_and_answered_in_the_session_key() {
    let site = Site::new();
    let acceptor = site.acceptor(permissive());
    let order = permissive().enctypes.allowed(EnctypeRole::Subkey).to_vec();
    let subkeys: Vec<_> = all().into_iter().map(Some).chain([None]).collect();
    for ticket in all() {
        for session_key in all() {
            for subkey in &subkeys {
                let login = keyed(site.login().ticket_enctype(ticket), session_key, *subkey);
                let accepted = acceptor.accept(&login.token(), site.realm.now()).unwrap();
                assert_eq!((accepted.enctype(), accepted.session_key_enctype()), (ticket, session_key));
                let in_use = [subkey.unwrap_or(session_key), session_key];
                let best = *order.iter().find(|enctype| in_use.contains(enctype)).unwrap();
                let expected = (best != RC4).then_some(best);
                assert_eq!(acceptor_subkey(&login, &accepted), expected, "{ticket} {session_key} {subkey:?}");
                assert!(accepted.tolerances().is_empty());
            }
        }
    }
}

// ICE-02
/// APR-21
#[test]
fn apr_21_rc4_session_key_and_subkey_are_refused() {
    let site = Site::new();
    let refused = "EtypeNotPermitted 14";
    for (session_key, subkey, strict, default, windows) in [
        (AES256, Some(AES256), "accepted", "accepted", "accepted"),
        (RC4, None, refused, refused, "accepted"),
        (RC4, Some(AES256), refused, refused, "accepted"),
        (AES256, Some(RC4), refused, refused, "accepted"),
        (RC4, Some(RC4), refused, refused, "accepted"),
    ] {
        let login = keyed(site.login(), session_key, subkey);
        let verdicts = PRESETS.map(|(_, preset)| site.verdict(preset(), &login));
        assert_eq!(verdicts, [strict, default, windows], "{session_key} {subkey:?}");
    }
}

// ICE-01, ZIM-10
/// APR-21: each role has its own list.
#[test]
fn apr_21_rc4_is_allowed_role_by_role() {
    let site = Site::new();
    let roles = [EnctypeRole::Ticket, EnctypeRole::SessionKey, EnctypeRole::Subkey];
    let logins = [
        site.login().ticket_enctype(RC4),
        keyed(site.login(), RC4, Some(AES256)),
        keyed(site.login(), AES256, Some(RC4)),
    ];
    for (allowed, _) in roles.iter().enumerate() {
        for (used, login) in logins.iter().enumerate() {
            let acceptor = site.builder(Policy::default()).allow_rc4(roles[allowed]).build().unwrap();
            let result = acceptor.accept(&login.again().token(), site.realm.now());
            if allowed == used {
                assert!(result.is_ok(), "{}", roles[used]);
                continue;
            }
            let error = refusal(result);
            let ErrorKind::EtypeNotPermitted { role, enctype, allowed, .. } = error.kind() else { panic!("{error}") };
            assert_eq!((*role, *enctype), (roles[used], RC4));
            assert!(!allowed.contains(&RC4) && allowed.contains(&AES256));
            assert!(error.to_string().starts_with(&format!("the {role} is of enctype rc4-hmac (23)")), "{error}");
            assert_eq!(error.class(), ErrorClass::Configuration);
        }
    }
    let windows_ticket = site.login().ticket_enctype(RC4);
    assert_eq!(site.verdict(Policy::windows_compatible(), &windows_ticket), "EtypeNotPermitted 14");
    let allowing = site.builder(Policy::windows_compatible()).allow_rc4(EnctypeRole::Ticket).build().unwrap();
    assert_eq!(verdict(&allowing.accept(&windows_ticket.token(), site.realm.now())), "accepted");
}

#[test]
fn a_list_of_one_enctype_refuses_all_others() {
    let site = Site::new();
    for role in [EnctypeRole::SessionKey, EnctypeRole::Subkey] {
        for listed in all() {
            let acceptor = site.acceptor(with(permissive(), |policy| policy.enctypes.set(role, [listed])));
            for used in all() {
                let login = match role {
                    EnctypeRole::Subkey => keyed(site.login(), AES256, Some(used)),
                    _ => keyed(site.login(), used, Some(AES256)),
                };
                let expected = if used == listed { "accepted" } else { "EtypeNotPermitted 14" };
                assert_eq!(
                    verdict(&acceptor.accept(&login.token(), site.realm.now())),
                    expected,
                    "{role} {listed} {used}"
                );
            }
        }
    }
}

#[test]
fn enctypes_that_are_not_implemented_are_named() {
    let site = Site::new();
    for enctype in [Enctype::DES_CBC_MD5, Enctype::DES3_CBC_SHA1, UNKNOWN, Enctype(0), Enctype(-1)] {
        let allowing = site.builder(Policy::default()).allow_enctype(enctype).build().unwrap();
        let session_key = keyed(site.login(), enctype, None);
        let subkey = site.login().subkey_enctype(enctype);
        for (login, by_default) in [(&session_key, "EtypeUnsupported 14"), (&subkey, "EtypeNotPermitted 14")] {
            assert_eq!(site.verdict_of_all(|_| (), login), by_default, "{enctype}");
            let error = refusal(allowing.accept(&login.token(), site.realm.now()));
            let ErrorKind::EtypeUnsupported { enctype: named, .. } = error.kind() else { panic!("{error}") };
            assert_eq!(*named, enctype);
        }
    }
}

/// Step U-3, and its twin for the subkey: the key's length is its enctype's.
#[test]
fn keys_of_a_wrong_length_fail_as_integrity() {
    let site = Site::new();
    let part_of = |result: Result<Accepted, Error>| match result {
        Ok(_) => None,
        Err(error) => match error.kind() {
            ErrorKind::Integrity(part) => Some((*part, error.krb_error_code().0)),
            _ => panic!("{error}"),
        },
    };
    for row in supported_enctypes() {
        for octets in [0, 1, 8, 15, 16, 17, 24, 31, 32, 33, 64] {
            let key = || EncryptionKey::new(row.enctype, vec![7; octets]);
            let fits = octets == row.key_octets;
            let session_key = site.login().with_ticket(|t| t.key = key());
            let expected = (!fits).then_some((Part::Ticket, 31));
            assert_eq!(part_of(site.accept(permissive(), &session_key)), expected, "{} {octets}", row.enctype);
            let subkey = site.login().with_authenticator(|a| a.subkey = Some(key()));
            let expected = (!fits).then_some((Part::Authenticator, 31));
            assert_eq!(part_of(site.accept(permissive(), &subkey)), expected, "{} {octets}", row.enctype);
        }
    }
}

/// APR-22
#[test]
fn apr_22_authenticator_label_is_not_trusted() {
    let site = Site::new();
    let acceptor = site.acceptor(permissive());
    let labels = all().into_iter().chain([Enctype(0), Enctype(-1), Enctype(i32::MAX), Enctype(i32::MIN)]);
    for label in labels {
        for session_key in all() {
            let login = keyed(site.login(), session_key, None).with_ap_req(|r| r.authenticator_etype = Some(label));
            match acceptor.accept(&login.token(), site.realm.now()) {
                Ok(_) => assert_eq!(label, session_key),
                Err(error) => {
                    assert_ne!(label, session_key);
                    assert!(matches!(error.kind(), ErrorKind::Integrity(Part::Authenticator)), "{error}");
                    assert_eq!(error.krb_error_code().0, 31);
                }
            }
        }
    }
}

#[test]
fn a_kvno_on_the_authenticator_means_nothing() {
    let site = Site::new();
    for kvno in [0, 1, 255, -1] {
        let login = site.login().with_ap_req(|r| r.authenticator_kvno = Some(kvno));
        assert_eq!(site.verdict_of_all(|_| (), &login), "accepted");
    }
}

fn stating(login: Login, elements: Vec<AuthorizationElement>) -> Login {
    login.with_authenticator(|a| a.authorization_data = Some(elements))
}

fn list(enctypes: &[Enctype]) -> AuthorizationElement {
    AuthorizationElement::etype_list(enctypes)
}

/// RFC 4537 §3: the acceptor takes the one it likes best of what the initiator lists or uses.
#[test]
fn the_acceptors_subkey_is_the_best_that_both_understand() {
    let site = Site::new();
    for (policy, session_key, subkey, listed, expected) in [
        (Policy::default(), AES128, Some(AES128), [].as_slice(), Some(AES128)),
        (Policy::default(), AES128, Some(AES128), &[AES256], Some(AES256)),
        (Policy::default(), AES128, Some(AES128), &[AES256, AES256_SHA2], Some(AES256_SHA2)),
        (Policy::default(), AES128, Some(AES128), &[AES128_SHA2, AES128], Some(AES128_SHA2)),
        (Policy::default(), AES256, Some(AES256), &[AES128, AES128_SHA2], Some(AES256)),
        (Policy::default(), AES256, Some(AES128), &[], Some(AES256)),
        (Policy::default(), AES128, Some(AES256), &[], Some(AES256)),
        (Policy::default(), AES128, None, &[AES256], Some(AES256)),
        (Policy::default(), AES128, None, &[], Some(AES128)),
        (Policy::default(), AES128, Some(AES128), &[RC4, UNKNOWN, Enctype(-1), Enctype(0)], Some(AES128)),
        (Policy::windows_compatible(), RC4, Some(RC4), &[], None),
        (Policy::windows_compatible(), RC4, None, &[RC4, UNKNOWN], None),
        (Policy::windows_compatible(), RC4, Some(RC4), &[RC4, AES256], Some(AES256)),
        (Policy::windows_compatible(), RC4, None, &[AES128], Some(AES128)),
        (Policy::windows_compatible(), RC4, Some(AES256), &[], Some(AES256)),
        (Policy::windows_compatible(), AES128, Some(RC4), &[], Some(AES128)),
    ] {
        let login = stating(keyed(site.login(), session_key, subkey), vec![list(listed)]);
        let accepted = site.accept(policy, &login).unwrap();
        assert_eq!(acceptor_subkey(&login, &accepted), expected, "{session_key} {subkey:?} {listed:?}");
        assert!(accepted.tolerances().is_empty());
    }
}

#[test]
fn the_acceptors_own_order_decides() {
    let site = Site::new();
    let login = || stating(keyed(site.login(), AES256, None), vec![list(&[AES256_SHA2, AES128, AES128_SHA2])]);
    for order in [[AES128, AES256_SHA2], [AES256_SHA2, AES128], [AES128_SHA2, AES256]] {
        let policy = with(Policy::default(), |policy| policy.enctypes.set(EnctypeRole::Subkey, order));
        let login = login();
        let accepted = site.accept(policy, &login).unwrap();
        assert_eq!(acceptor_subkey(&login, &accepted), Some(order[0]));
    }
}

/// An operator may allow what this build does not have: it is passed over, and the login does not fail for it.
#[test]
fn an_enctype_that_is_allowed_and_not_implemented_is_never_chosen() {
    let site = Site::new();
    let policy = with(Policy::default(), |policy| policy.enctypes.set(EnctypeRole::Subkey, [UNKNOWN, AES128, AES256]));
    let login = stating(site.login(), vec![list(&[UNKNOWN, AES128])]);
    let accepted = site.accept(policy, &login).unwrap();
    assert_eq!(acceptor_subkey(&login, &accepted), Some(AES128));
}

/// The list says what is liked; where it and the initiator have nothing in common, what is in use stays.
#[test]
fn without_a_common_enctype_the_session_keys_stays() {
    let site = Site::new();
    let policy = with(Policy::default(), |policy| policy.enctypes.set(EnctypeRole::Subkey, [AES256_SHA2]));
    let login = stating(keyed(site.login(), AES256, None), vec![list(&[AES128])]);
    let accepted = site.accept(policy, &login).unwrap();
    assert_eq!(acceptor_subkey(&login, &accepted), Some(AES256));
}

#[test]
fn the_list_counts_bare_and_nested_and_twice_and_not_in_the_ticket() {
    let site = Site::new();
    let aes128 = || keyed(site.login(), AES128, Some(AES128));
    let bare = AuthorizationElement::new(AuthDataType::ETYPE_NEGOTIATION, *b"\x30\x03\x02\x01\x12");
    let nested = AuthorizationElement::if_relevant(&[list(&[AES256])]);
    for (login, expected) in [
        (stating(aes128(), vec![list(&[AES256])]), AES256),
        (stating(aes128(), vec![bare]), AES256),
        (stating(aes128(), vec![nested]), AES256),
        (stating(aes128(), vec![list(&[AES256]), list(&[AES256_SHA2])]), AES256_SHA2),
        (stating(aes128(), vec![]), AES128),
        (aes128().with_ticket(|t| t.authorization_data = Some(vec![list(&[AES256])])), AES128),
    ] {
        for (name, preset) in PRESETS {
            let login = login.again();
            let accepted = site.accept(preset(), &login).unwrap();
            assert_eq!(acceptor_subkey(&login, &accepted), Some(expected), "{name}");
        }
    }
}

/// Step E-4
#[test]
fn a_malformed_list_is_refused_where_a_well_formed_one_is_not() {
    let site = Site::new();
    let stated = |octets: &[u8]| {
        let element = AuthorizationElement::new(AuthDataType::ETYPE_NEGOTIATION, octets);
        [vec![element.clone()], vec![AuthorizationElement::if_relevant(&[element])]]
    };
    let refused = "Authenticator.Malformed 31";
    for (octets, expected) in [
        (b"\x30\x00".as_slice(), "accepted"),
        (b"\x30\x03\x02\x01\x11", "accepted"),
        (b"\x30\x06\x02\x01\x11\x02\x01\x12", "accepted"),
        (b"\x30\x06\x02\x04\x7f\xff\xff\xff", "accepted"),
        (b"", refused),
        (b"\x30", refused),
        (b"\x30\x80\x02\x01\x11\0\0", refused),
        (b"\x30\x02\x02\x01", refused),
        (b"\x30\x03\x02\x01\x11\0", refused),
        (b"\x31\x03\x02\x01\x11", refused),
        (b"\x30\x02\x02\x00", refused),
        (b"\x30\x03\x04\x01\x11", refused),
        (b"\x30\x07\x02\x05\x01\0\0\0\0", refused),
    ] {
        for elements in stated(octets) {
            let login = stating(site.login(), elements);
            assert_eq!(site.verdict_of_all(|_| (), &login), expected, "{}", octets.escape_ascii());
        }
    }
}

#[test]
fn without_mutual_authentication_there_is_no_acceptor_subkey_to_choose() {
    let site = Site::new();
    let login = stating(site.realm.login("alice", SERVICE).without_mutual(), vec![list(&[AES256_SHA2])]);
    let accepted = site.accept(Policy::default(), &login).unwrap();
    assert!(login.verify_reply(accepted.reply().unwrap()).unwrap().ap_rep.is_none());
}
