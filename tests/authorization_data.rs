//! What ticket and authenticator say besides: data that must be understood, data that may be passed over, and the name that
//! the client meant to reach (RFC 4120 §5.2.6, section 5.2 of the acceptance order).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::messages::AuthorizationData;
use kerbside::numbers::AuthDataType;
use kerbside::testing::{AuthorizationElement, Login};
use kerbside::{ErrorClass, ErrorKind, Leniency, Policy, Spn, TargetPolicy, Tolerance};
use site::{PRESETS, Site, refusal, verdict, with};

fn element(ad_type: AuthDataType) -> AuthorizationElement {
    AuthorizationElement::new(ad_type, b"\x30\0")
}

fn in_ticket(login: Login, elements: &[AuthorizationElement]) -> Login {
    login.with_ticket(|t| t.authorization_data = Some(elements.to_vec()))
}

fn in_authenticator(login: Login, elements: &[AuthorizationElement]) -> Login {
    login.with_authenticator(|a| a.authorization_data = Some(elements.to_vec()))
}

const UNKNOWN: AuthDataType = AuthDataType(99);

/// What must be understood and is not: strict refuses it, the others say that they did not look at it.
#[test]
fn critical_data_is_refused_or_a_tolerance() {
    let site = Site::new();
    let types = [UNKNOWN, AuthDataType::KDC_ISSUED, AuthDataType::WIN2K_PAC, AuthDataType::AND_OR, AuthDataType(-1)];
    for ad_type in types {
        for place in [in_ticket, in_authenticator] {
            let bare = place(site.login(), &[element(ad_type)]);
            let relevant = place(site.login(), &[AuthorizationElement::if_relevant(&[element(ad_type)])]);
            for (name, preset) in PRESETS {
                assert!(site.accept(preset(), &relevant).unwrap().tolerances().is_empty(), "{name} {ad_type}");
                let result = site.accept(preset(), &bare);
                if name == "strict" {
                    let error = refusal(result);
                    let ErrorKind::CriticalAuthorizationData { ad_type: named, .. } = error.kind() else {
                        panic!("{error}")
                    };
                    assert_eq!((*named, error.krb_error_code().0, error.class()), (ad_type, 12, ErrorClass::Policy));
                    assert_eq!(error.kind().name(), "AuthorizationData.Critical");
                    continue;
                }
                assert_eq!(result.unwrap().tolerances(), [Tolerance::CriticalAuthorizationData(ad_type)], "{name}");
            }
        }
    }
}

#[test]
fn the_leniency_towards_critical_data_is_a_setting_of_its_own() {
    let site = Site::new();
    let login = in_ticket(site.login(), &[element(UNKNOWN)]);
    let set = |leniency| move |policy: &mut Policy| policy.critical_authorization_data = leniency;
    assert_eq!(site.verdict_of_all(set(Leniency::Refuse), &login), "AuthorizationData.Critical 12");
    assert_eq!(site.verdict_of_all(set(Leniency::Tolerate), &login), "accepted");
}

#[test]
fn each_critical_type_is_reported_once_and_in_order() {
    let site = Site::new();
    let ours = [element(UNKNOWN), element(AuthDataType(98)), element(UNKNOWN)];
    let login = in_authenticator(in_ticket(site.login(), &ours), &[element(AuthDataType(97)), element(UNKNOWN)]);
    let expected = [UNKNOWN, AuthDataType(98), AuthDataType(97)].map(Tolerance::CriticalAuthorizationData);
    assert_eq!(site.accept(Policy::default(), &login).unwrap().tolerances(), expected);
}

/// What the acceptor reads in an authenticator it understands there, and only there: in a ticket the same types would be
/// the KDC's, and are not known.
#[test]
fn what_an_initiator_states_is_understood_in_the_authenticator_alone() {
    let site = Site::new();
    for stated in [
        AuthorizationElement::new(AuthDataType::ETYPE_NEGOTIATION, *b"\x30\0"),
        AuthorizationElement::new(AuthDataType::AP_OPTIONS, [0; 4]),
        AuthorizationElement::new(AuthDataType::CLIENT_TARGET, *b""),
    ] {
        let ad_type = stated.ad_type;
        let initiator = in_authenticator(site.login(), core::slice::from_ref(&stated));
        let kdc = in_ticket(site.login(), &[stated]);
        for (name, preset) in PRESETS {
            assert!(site.accept(preset(), &initiator).unwrap().tolerances().is_empty(), "{name} {ad_type}");
            let strictly = with(preset(), |policy| policy.critical_authorization_data = Leniency::Refuse);
            assert_eq!(site.verdict(strictly, &kdc), "AuthorizationData.Critical 12", "{name} {ad_type}");
        }
    }
}

/// PAC-15, as far as there is no PAC reader: the data that are handed on are the ticket's.
#[test]
fn pac_15_data_of_the_authenticator_are_never_handed_on() {
    let site = Site::new();
    let pac = |octets: &[u8]| {
        AuthorizationElement::if_relevant(&[AuthorizationElement::new(AuthDataType::WIN2K_PAC, octets)])
    };
    let forged = in_authenticator(site.login(), &[pac(b"forged")]);
    for (_, preset) in PRESETS {
        let accepted = site.accept(preset(), &forged).unwrap();
        assert_eq!((accepted.authorization_data(), accepted.tolerances()), (None, [].as_slice()));
    }
    let both = in_ticket(forged, &[pac(b"genuine")]);
    let accepted = site.accept(Policy::strict(), &both).unwrap();
    let octets = accepted.authorization_data().unwrap();
    let data = AuthorizationData::from_octets(octets, kerbside::asn1::Rules::default()).unwrap();
    let pacs: Vec<_> = data.walk().map(|element| element.unwrap().ad_data).collect();
    assert_eq!(pacs, [b"genuine"]);
}

/// An AD-IF-RELEVANT that is no list cannot be read as if it were absent: an announcement may stand in it.
#[test]
fn an_authenticators_data_are_read_to_the_end() {
    let site = Site::new();
    let relevant = |octets: &[u8]| AuthorizationElement::new(AuthDataType::IF_RELEVANT, octets);
    let nest =
        |levels: usize| (0..levels).fold(element(UNKNOWN), |inner, _| AuthorizationElement::if_relevant(&[inner]));
    let refused = "Authenticator.Malformed 31";
    for (data, expected) in [
        (relevant(b"\x30\0"), "accepted"),
        (nest(2), "accepted"),
        (nest(3), refused),
        (relevant(b""), refused),
        (relevant(b"\x30"), refused),
        (relevant(b"\x31\0"), refused),
        (relevant(b"\x30\0\0"), refused),
        (relevant(b"\x30\x02\x30\0"), refused),
        (relevant(b"\x30\x80\0\0"), refused),
    ] {
        let login = in_authenticator(site.login(), core::slice::from_ref(&data));
        assert_eq!(site.verdict_of_all(|_| (), &login), expected, "{data:?}");
        let kdc = in_ticket(site.login(), &[data]);
        assert_eq!(site.verdict_of_all(|_| (), &kdc), "accepted", "nobody asks the ticket's");
    }
}

/// Step L-5 holds inside AD-IF-RELEVANT as it does outside.
#[test]
fn long_lengths_inside_the_data_are_a_tolerance_too() {
    let site = Site::new();
    let relevant = |octets: &[u8]| AuthorizationElement::new(AuthDataType::IF_RELEVANT, octets);
    for data in [
        relevant(b"\x30\x81\0"),
        relevant(b"\x30\x81\x10\x30\x0e\xa0\x04\x02\x02\0\x8f\xa1\x06\x04\x04\0\0\0\0"),
        AuthorizationElement::if_relevant(&[AuthorizationElement::new(
            AuthDataType::ETYPE_NEGOTIATION,
            *b"\x30\x81\0",
        )]),
    ] {
        let login = in_authenticator(site.login(), core::slice::from_ref(&data));
        assert_eq!(site.verdict(Policy::strict(), &login), "Authenticator.Malformed 31", "{data:?}");
        let accepted = site.accept(Policy::default(), &login).unwrap();
        assert_eq!(accepted.tolerances(), [Tolerance::NonMinimalLength], "{data:?}");
    }
}

/// APR-08, as far as the client's own statement goes: what it meant to reach, and what each policy says to that.
#[test]
fn apr_08_the_name_that_the_client_meant_is_compared_where_the_policy_asks() {
    let site = Site::new();
    let refused = "NotForUs 35";
    for (target, spn, ignore, verify, require) in [
        (None, "HTTP", "accepted", "accepted", refused),
        (Some("HTTP/web.example.com"), "HTTP", "accepted", "accepted", "accepted"),
        (Some("http/WEB.example.com"), "HTTP", "accepted", "accepted", "accepted"),
        (Some("HTTP/web.example.com@EXAMPLE.COM"), "HTTP", "accepted", "accepted", "accepted"),
        (Some("HTTP/alias.example.com"), "HTTP", "accepted", "accepted", "accepted"),
        (Some("HTTP/alias.example.com"), "HTTP/web.example.com", "accepted", refused, refused),
        (Some("cifs/web.example.com"), "HTTP", "accepted", refused, refused),
        (Some("HTTP/web.example.com/x"), "HTTP", "accepted", refused, refused),
        (Some("HTTP"), "HTTP", "accepted", refused, refused),
        (Some(""), "HTTP", "accepted", refused, refused),
        (Some("HTTP/web.example.com\0"), "HTTP/web.example.com", "accepted", refused, refused),
        (Some("HTTP/web.example.com"), "any", "accepted", "accepted", "accepted"),
        (Some("HTTP/alias.example.com"), "any", "accepted", refused, refused),
    ] {
        let login = match target {
            Some(target) => in_authenticator(site.login(), &[AuthorizationElement::client_target(target)]),
            None => site.login(),
        };
        for (policy, expected) in
            [(TargetPolicy::Ignore, ignore), (TargetPolicy::VerifyIfPresent, verify), (TargetPolicy::Require, require)]
        {
            for (name, preset) in PRESETS {
                let policy = with(preset(), |settings| settings.target = policy);
                let builder = site.builder(policy);
                let builder = if spn == "any" { builder.spn(Spn::AnyInKeytab) } else { builder.service(spn) };
                let result = builder.build().unwrap().accept(&login.token(), site.realm.now());
                assert_eq!(verdict(&result), expected, "{name} {target:?} {spn}");
                if let Ok(accepted) = result {
                    assert_eq!(accepted.client_target(), target);
                }
            }
        }
    }
}

#[test]
fn a_target_that_is_no_text_is_nobodys() {
    let site = Site::new();
    let stated = |octets: &[u8]| {
        let data = AuthorizationElement::new(AuthDataType::CLIENT_TARGET, octets);
        in_authenticator(site.login(), &[AuthorizationElement::if_relevant(&[data])])
    };
    let verify = |policy: &mut Policy| policy.target = TargetPolicy::VerifyIfPresent;
    let name: Vec<u8> = site::SERVICE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (octets, expected) in [
        (name.clone(), "accepted"),
        ([name.as_slice(), b"x"].concat(), "NotForUs 35"),
        ([name.as_slice(), b"\x00\xd8"].concat(), "NotForUs 35"),
        (name.chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect(), "NotForUs 35"),
        (site::SERVICE.as_bytes().to_vec(), "NotForUs 35"),
    ] {
        assert_eq!(site.verdict_of_all(verify, &stated(&octets)), expected, "{octets:?}");
    }
    let odd = site.accept(Policy::default(), &stated(&[name.as_slice(), b"x"].concat())).unwrap();
    assert_eq!(odd.client_target(), Some("HTTP/web.example.com\u{fffd}"));
}
