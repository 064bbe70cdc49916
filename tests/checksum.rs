//! What was asked for: the authenticator's checksum field, its flags, and AD-AP-OPTIONS (steps C-1 to C-5, C-7 and C-8).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::crypto::supported_enctypes;
use kerbside::gss::{ChannelBindings, ContextFlags};
use kerbside::numbers::{AuthDataType, ChecksumType, Enctype, KeyUsage};
use kerbside::testing::{AuthenticatorChecksum, AuthorizationElement, EncryptionKey, Login, gss_flag};
use kerbside::{BindingPolicy, ChecksumError, Connection, ErrorKind, GssMajor, Leniency, Part, Policy, Tolerance};
use site::{PRESETS, Site, refusal, verdict, with};

const NONE: ContextFlags = ContextFlags::empty();
const MUTUAL: ContextFlags = ContextFlags::MUTUAL;

fn carrying(login: Login, cksum: AuthenticatorChecksum) -> Login {
    login.with_authenticator(|a| a.cksum = cksum)
}

fn plain(login: Login) -> Login {
    carrying(login, AuthenticatorChecksum::KeyedOverNothing)
}

fn other(login: Login, cksumtype: ChecksumType, octets: &[u8]) -> Login {
    carrying(login, AuthenticatorChecksum::Other(cksumtype, octets.to_vec()))
}

/// Does not set MUTUAL-REQUIRED in the AP-REQ; what the checksum says is as it was.
fn without_option(login: Login) -> Login {
    login.with_ap_req(|r| r.ap_options = 0.into())
}

/// APR-01
#[test]
fn apr_01_authenticator_without_checksum() {
    let site = Site::new();
    let bound = Connection::new().channel_bindings(ChannelBindings::from_application_data("tls-unique:x"));
    for (name, preset) in PRESETS {
        for (login, flags) in [(site.login(), MUTUAL), (without_option(site.login()), NONE)] {
            let login = carrying(login, AuthenticatorChecksum::Absent);
            if name == "strict" {
                assert_eq!(site.verdict(preset(), &login), "Checksum.Missing 50");
                let tolerated = with(preset(), |policy| policy.missing_checksum = Leniency::Tolerate);
                assert_eq!(site.accept(tolerated, &login).unwrap().tolerances(), [Tolerance::ChecksumMissing]);
                continue;
            }
            for connection in [&Connection::new(), &bound] {
                let accepted = site.accept_on(preset(), connection, &login).unwrap();
                assert_eq!((accepted.flags(), accepted.channel_bound()), (flags, false), "{name}");
                assert_eq!(accepted.tolerances(), [Tolerance::ChecksumMissing], "{name}");
                assert_eq!(login.verify_reply(accepted.reply().unwrap()).unwrap().ap_rep.is_some(), flags == MUTUAL);
            }
            let required = with(preset(), |policy| policy.channel_bindings = BindingPolicy::Require);
            assert_eq!(verdict(&site.accept_on(required, &bound, &login)), "ChannelBinding 60");
            let refusing = with(preset(), |policy| policy.missing_checksum = Leniency::Refuse);
            assert_eq!(site.verdict(refusing, &login), "Checksum.Missing 50");
        }
    }
}

/// A session key of any enctype, which the policy allows.
fn sealed_with(site: &Site, enctype: Enctype) -> Login {
    site.login().session_enctype(enctype)
}

fn tolerant() -> Policy {
    with(Policy::windows_compatible(), |policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC))
}

/// The checksum of some octets under some key.
fn checksum_of(key: &EncryptionKey, usage: KeyUsage, message: &[&[u8]]) -> Vec<u8> {
    key.to_key().unwrap().checksum(usage, message).as_octets().to_vec()
}

#[test]
fn a_plain_keyed_checksum_is_accepted_where_windows_clients_are() {
    let site = Site::new();
    for row in supported_enctypes() {
        for (login, mutual) in
            [(sealed_with(&site, row.enctype), MUTUAL), (sealed_with(&site, row.enctype).without_mutual(), NONE)]
        {
            let login = plain(login);
            let accepted = site.accept(tolerant(), &login).unwrap();
            assert_eq!(accepted.flags(), ContextFlags::REPLAY | ContextFlags::SEQUENCE | mutual, "{}", row.enctype);
            assert_eq!(
                (accepted.tolerances(), accepted.channel_bound()),
                ([Tolerance::PlainChecksum].as_slice(), false)
            );
            let refusing = with(tolerant(), |policy| policy.plain_checksum = Leniency::Refuse);
            assert_eq!(site.verdict(refusing, &login), "Checksum.WrongType 50");
        }
    }
    let by_preset = PRESETS.map(|(_, preset)| site.verdict(preset(), &plain(site.login())));
    assert_eq!(by_preset, ["Checksum.WrongType 50", "Checksum.WrongType 50", "accepted"]);
}

/// PAC-01, where a checksum stands in an authenticator: one bit, one octet, another key, usage or message.
#[test]
fn pac_01_a_plain_checksum_is_the_session_keys_own_or_refused() {
    let site = Site::new();
    for row in supported_enctypes() {
        let login = sealed_with(&site, row.enctype);
        let genuine = checksum_of(&login.ticket().key, KeyUsage::AP_REQ_CHECKSUM, &[]);
        let acceptor = site.acceptor(tolerant());
        let judge =
            |octets: &[u8]| acceptor.accept(&other(login.again(), row.checksum_type, octets).token(), site.realm.now());
        assert!(judge(&genuine).is_ok(), "{}", row.enctype);
        let mut wrong: Vec<Vec<u8>> = (0..genuine.len()).map(|cut| genuine[..cut].to_vec()).collect();
        wrong.push([genuine.as_slice(), &[0]].concat());
        wrong.extend((0..genuine.len() * 8).map(|bit| {
            let mut octets = genuine.clone();
            octets[bit / 8] ^= 0x80 >> (bit % 8);
            octets
        }));
        let subkey = login.authenticator().subkey.clone().unwrap();
        wrong.push(checksum_of(&subkey, KeyUsage::AP_REQ_CHECKSUM, &[]));
        wrong.push(checksum_of(&login.ticket().key, KeyUsage::PAC_SIGNATURE, &[]));
        wrong.push(checksum_of(&login.ticket().key, KeyUsage::AP_REQ_CHECKSUM, &[b"\0"]));
        for octets in wrong {
            let error = refusal(judge(&octets));
            assert!(matches!(error.kind(), ErrorKind::Integrity(Part::Checksum)), "{} {error}", row.enctype);
            assert_eq!((error.krb_error_code().0, error.gss_major()), (31, GssMajor::BAD_SIG));
        }
    }
}

#[test]
fn checksums_of_another_type_are_refused_everywhere() {
    let site = Site::new();
    let types: Vec<i32> = (-3..40).chain([-138, 0x8002, 0x8004, i32::MAX, i32::MIN]).collect();
    for row in supported_enctypes() {
        let login = sealed_with(&site, row.enctype);
        let keyed = checksum_of(&login.ticket().key, KeyUsage::AP_REQ_CHECKSUM, &[]);
        let acceptor = site.acceptor(tolerant());
        for cksumtype in types.iter().map(|number| ChecksumType(*number)).filter(|found| *found != row.checksum_type) {
            for octets in [keyed.as_slice(), b"", &[0; 24]] {
                let login = other(login.clone(), cksumtype, octets);
                let error = refusal(acceptor.accept(&login.token(), site.realm.now()));
                let ErrorKind::Checksum(ChecksumError::WrongType { found, .. }) = error.kind() else {
                    panic!("{error}")
                };
                assert_eq!((*found, error.krb_error_code().0), (cksumtype, 50));
            }
        }
    }
}

#[test]
fn unkeyed_checksums_are_refused_under_every_preset() {
    let site = Site::new();
    let crc_md5_sha1: [(ChecksumType, &[u8]); 3] = [
        (ChecksumType::CRC32, &[0; 4]),
        (ChecksumType::RSA_MD5, b"\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e"),
        (ChecksumType::SHA1, b"\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09"),
    ];
    for (cksumtype, of_nothing) in crc_md5_sha1 {
        assert_eq!(site.verdict_of_all(|_| (), &other(site.login(), cksumtype, of_nothing)), "Checksum.WrongType 50");
    }
}

#[test]
fn the_gss_checksum_has_its_form_or_is_refused() {
    let site = Site::new();
    let refused = "Checksum.Malformed 60";
    for length in [0, 1, 15, 17, 24, 16 << 24, u32::MAX] {
        let login = site.login().with_gss_checksum(|checksum| checksum.bindings_length = length);
        assert_eq!(site.verdict_of_all(|_| (), &login), refused, "{length}");
    }
    for octets in 0..24 {
        let login = site.login().with_gss_checksum(|checksum| checksum.cut_to = Some(octets));
        assert_eq!(site.verdict_of_all(|_| (), &login), refused, "{octets}");
        let error = refusal(site.accept(Policy::default(), &login));
        assert!(
            matches!(error.kind(), ErrorKind::Checksum(ChecksumError::Malformed { octets: found, .. }) if *found == octets)
        );
        assert_eq!(error.gss_major(), GssMajor::DEFECTIVE_TOKEN);
    }
    let whole = site.login().with_gss_checksum(|checksum| checksum.cut_to = Some(24));
    assert_eq!(site.verdict_of_all(|_| (), &whole), "accepted");
}

/// Step C-5: RFC 4121 §4.1.1 lets anything stand behind the flags.
#[test]
fn extensions_are_passed_over() {
    let site = Site::new();
    for extensions in [b"\0".to_vec(), b"\0\0\0\x01\xff\xff\xff\xff".to_vec(), vec![0xff; 3], vec![0; 40_000]] {
        let login = site.login().with_gss_checksum(|checksum| checksum.extensions = extensions);
        assert_eq!(site.verdict_of_all(|_| (), &login), "accepted");
    }
}

#[test]
fn known_flags_are_reported_and_others_dropped() {
    let site = Site::new();
    let acceptor = site.acceptor(Policy::strict());
    let reported = |flags: u32| {
        let login = without_option(site.login()).with_gss_checksum(|checksum| checksum.flags = flags);
        acceptor.accept(&login.token(), site.realm.now()).unwrap().flags().bits()
    };
    let known = 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x2000 | 0x4000;
    for flag in (0..32).map(|bit| 1_u32 << bit) {
        assert_eq!(reported(flag), flag & known, "{flag:#x}");
        assert_eq!(reported(!flag), !flag & known, "{flag:#x}");
    }
    assert_eq!((reported(0), reported(u32::MAX)), (0, known));
}

/// Steps C-8 and DCE-4: what is off is not reported, and its octets are not read.
#[test]
fn delegation_and_dce_style_are_not_reported_while_they_are_off() {
    let site = Site::new();
    let unread = |cut: usize| site.login().delegating(|_| ()).with_gss_checksum(|checksum| checksum.cut_to = Some(cut));
    for login in [site.login().delegating(|_| ()), unread(24), unread(25), unread(28), unread(40)] {
        for (name, preset) in PRESETS {
            let accepted = site.accept(preset(), &login).unwrap();
            assert!(!accepted.flags().contains(ContextFlags::DELEG), "{name}");
            assert!(accepted.flags().contains(ContextFlags::MUTUAL | ContextFlags::INTEG), "{name}");
        }
    }
    let dce = site.login().with_gss_checksum(|checksum| checksum.flags |= gss_flag::DCE_STYLE);
    assert!(!site.accept(Policy::default(), &dce).unwrap().flags().contains(ContextFlags::DCE_STYLE));
}

#[test]
fn mutual_authentication_is_asked_for_in_either_place() {
    let site = Site::new();
    let flag = |login: Login, on: bool| login.with_gss_checksum(|c| c.flags = if on { gss_flag::MUTUAL } else { 0 });
    for (login, expected) in [
        (flag(site.login(), true), true),
        (flag(site.login(), false), true),
        (flag(without_option(site.login()), true), true),
        (flag(without_option(site.login()), false), false),
    ] {
        let accepted = site.accept(Policy::strict(), &login).unwrap();
        assert_eq!(accepted.flags() == MUTUAL, expected);
        assert_eq!(login.verify_reply(accepted.reply().unwrap()).unwrap().ap_rep.is_some(), expected);
    }
}

fn stating(login: Login, elements: Vec<AuthorizationElement>) -> Login {
    login.with_authenticator(|a| a.authorization_data = Some(elements))
}

/// APR-27
#[test]
fn apr_27_malformed_ap_options() {
    let site = Site::new();
    let options = |octets: &[u8]| AuthorizationElement::new(AuthDataType::AP_OPTIONS, octets);
    let nested = |elements: &[AuthorizationElement]| AuthorizationElement::if_relevant(elements);
    let good = || options(&[0, 0x40, 0, 0]);
    let refused = "Authenticator.Malformed 40";
    for (elements, expected) in [
        (vec![], "accepted"),
        (vec![nested(&[])], "accepted"),
        (vec![nested(&[good()])], "accepted"),
        (vec![nested(&[nested(&[good()])])], "accepted"),
        (vec![nested(&[options(&[0xff; 4])])], "accepted"),
        (vec![nested(&[options(&[0; 4])])], "accepted"),
        (vec![nested(&[good(), good()])], refused),
        (vec![nested(&[good()]), nested(&[good()])], refused),
        (vec![good(), nested(&[good()])], refused),
        (vec![nested(&[options(b"")])], refused),
        (vec![nested(&[options(&[0; 3])])], refused),
        (vec![nested(&[options(&[0; 5])])], refused),
        (vec![nested(&[options(&[0; 8])])], refused),
    ] {
        assert_eq!(site.verdict_of_all(|_| (), &stating(site.login(), elements.clone())), expected, "{elements:?}");
        let in_ticket = site.login().with_ticket(|t| t.authorization_data = Some(elements));
        assert_eq!(site.verdict(Policy::default(), &in_ticket), "accepted", "ignored in the ticket");
    }
}
