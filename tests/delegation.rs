//! Delegated credentials: the DELEG field of the checksum, the KRB-CRED in it, and the credential cache made of it.
#![cfg(feature = "testing")]

#[path = "support/ccache.rs"]
mod ccache;
#[path = "support/corpus.rs"]
mod corpus;

use kerbside::asn1::Rules;
use kerbside::crypto::supported_enctypes;
use kerbside::gss::ContextFlags;
use kerbside::messages::{self, TicketFlags};
use kerbside::numbers::{AddressType, Enctype, NameType};
use kerbside::testing::{
    AuthenticatorChecksum, CredentialsKey, Delegation, EncryptionKey, HostAddress, Login, PrincipalName, Realm, Ticket,
};
use kerbside::{
    Acceptor, DelegatedCredentials, DelegationError, DelegationProblem, Error, ErrorKind, Limits, Policy, Timestamp,
    Tolerance,
};

const SERVICE: &str = "HTTP/web.example.com";

fn realm() -> Realm {
    Realm::new("EXAMPLE.COM")
}

fn login() -> Login {
    realm().login("alice", SERVICE)
}

/// An acceptor that wants delegated credentials.
fn accepting() -> Acceptor {
    Acceptor::builder(realm().keytab(SERVICE).unwrap()).accept_delegation().build().unwrap()
}

/// What an acceptor of its own hands over of this login.
fn delegated(login: &Login) -> Result<Option<DelegatedCredentials>, Error> {
    accepting().accept(&login.token(), realm().now()).map(|mut accepted| {
        let credentials = accepted.take_delegated_credentials();
        assert_eq!(accepted.flags().contains(ContextFlags::DELEG), credentials.is_some());
        credentials
    })
}

fn credentials(login: &Login) -> DelegatedCredentials {
    delegated(login).unwrap().expect("there are credentials")
}

fn problem(login: &Login) -> DelegationProblem {
    let error = delegated(login).unwrap_err();
    assert_eq!((error.kind().name(), error.krb_error_code().0), ("Delegation.Malformed", 60));
    match error.kind() {
        ErrorKind::Delegation(DelegationError::Malformed { problem }) => *problem,
        kind => panic!("{kind:?}"),
    }
}

fn refused_integrity(login: &Login) -> bool {
    delegated(login).is_err_and(|error| (error.kind().name(), error.krb_error_code().0) == ("Delegation.Integrity", 31))
}

/// The octets of the login's KRB-CRED.
fn krb_cred(login: &Login) -> Vec<u8> {
    let AuthenticatorChecksum::Gss(checksum) = &login.authenticator().cksum else { panic!("no GSS checksum") };
    checksum.delegation.as_ref().unwrap().krb_cred.clone()
}

/// The login with other octets in place of its KRB-CRED.
fn with_krb_cred(login: &Login, octets: impl Into<Vec<u8>>) -> Login {
    login.clone().with_gss_checksum(|checksum| checksum.delegation = Some(Delegation::new(octets)))
}

/// The login delegates this many copies of its TGT.
fn delegating(login: &Login, count: usize) -> Login {
    login.clone().delegating(|message| {
        message.tickets = vec![message.tickets[0].clone(); count];
        message.ticket_info = vec![message.ticket_info[0].clone(); count];
    })
}

// ---- Whether -----------------------------------------------------------------------------------------------------

// ZIM-25
#[test]
fn credentials_are_not_looked_at_unless_the_builder_asks() {
    let sound = login().delegating(|_| {});
    let no_krb_cred = with_krb_cred(&sound, *b"no KRB-CRED");
    let cut = sound.clone().with_gss_checksum(|checksum| checksum.cut_to = Some(24));
    for login in [sound, no_krb_cred, cut] {
        let acceptor = Acceptor::builder(realm().keytab(SERVICE).unwrap()).build().unwrap();
        let mut accepted = acceptor.accept(&login.token(), realm().now()).unwrap();
        assert!(!accepted.flags().contains(ContextFlags::DELEG));
        assert!(accepted.delegated_credentials().is_none() && accepted.take_delegated_credentials().is_none());
    }
}

#[test]
fn no_preset_wants_credentials() {
    for policy in [Policy::strict(), Policy::default(), Policy::windows_compatible()] {
        assert_eq!(policy.delegation, kerbside::DelegationPolicy::Ignore);
    }
}

#[test]
fn a_login_that_delegates_nothing_is_accepted_without_credentials() {
    assert!(delegated(&login()).unwrap().is_none());
    let unannounced = login().with_gss_checksum(|checksum| checksum.delegation = Some(Delegation::new(*b"extension")));
    assert!(delegated(&unannounced).unwrap().is_none());
    let without_checksum = login().with_authenticator(|a| a.cksum = AuthenticatorChecksum::Absent);
    assert!(delegated(&without_checksum).unwrap().is_none());
}

// ZIM-25
#[test]
fn credentials_are_handed_over_once_and_the_flag_stays() {
    let mut accepted = accepting().accept(&login().delegating(|_| {}).token(), realm().now()).unwrap();
    assert_eq!(accepted.delegated_credentials().unwrap().client().to_string(), "alice@EXAMPLE.COM");
    assert!(accepted.take_delegated_credentials().is_some());
    assert!(accepted.delegated_credentials().is_none() && accepted.take_delegated_credentials().is_none());
    assert!(accepted.flags().contains(ContextFlags::DELEG));
}

// ---- The field (step C-8) ----------------------------------------------------------------------------------------

#[test]
fn a_field_that_is_not_of_its_form_is_refused() {
    let sound = login().delegating(|_| {});
    let octets = krb_cred(&sound);
    let field = |option: u16, by: i16| {
        sound.clone().with_gss_checksum(|checksum| {
            let delegation = checksum.delegation.as_mut().unwrap();
            delegation.option = option;
            delegation.length = delegation.length.checked_add_signed(by).unwrap();
        })
    };
    assert!(delegated(&field(1, 0)).unwrap().is_some());
    for refused in [field(0, 0), field(2, 0), field(0x0100, 0), field(1, 1), field(1, i16::MAX)] {
        assert_eq!(problem(&refused), DelegationProblem::Field);
    }
    for length in 24..28 + octets.len() {
        let cut = sound.clone().with_gss_checksum(|checksum| checksum.cut_to = Some(length));
        assert_eq!(problem(&cut), DelegationProblem::Field, "{length}");
    }
    assert!(matches!(problem(&field(1, -1)), DelegationProblem::Message(_)));
    assert!(matches!(problem(&with_krb_cred(&sound, [])), DelegationProblem::Message(_)));
}

#[test]
fn extensions_after_the_credentials_are_not_read() {
    let extended =
        login().delegating(|_| {}).with_gss_checksum(|checksum| checksum.extensions = b"\xff\xff\xff".into());
    assert!(delegated(&extended).unwrap().is_some());
}

// ---- Opening (step C-9) ------------------------------------------------------------------------------------------

#[test]
fn credentials_open_with_session_key_subkey_or_plain_in_every_enctype() {
    let acceptor = || {
        let builder = Acceptor::builder(realm().keytab(SERVICE).unwrap()).accept_delegation();
        builder.allow_enctype(Enctype::RC4_HMAC).build().unwrap()
    };
    for info in supported_enctypes() {
        let other = EncryptionKey::new(info.enctype, vec![7; info.key_octets]);
        for (sealing_key, opens) in [
            (CredentialsKey::SessionKey, true),
            (CredentialsKey::Subkey, true),
            (CredentialsKey::Unencrypted, true),
            (CredentialsKey::Other(other), false),
        ] {
            let login = login().session_enctype(info.enctype).delegating(|message| message.sealing_key = sealing_key);
            let accepted = acceptor().accept(&login.token(), realm().now());
            assert_eq!(accepted.is_ok_and(|a| a.delegated_credentials().is_some()), opens, "{}", info.enctype);
        }
    }
}

#[test]
fn a_subkey_of_another_enctype_than_the_session_key_opens_credentials() {
    let mixed = login().subkey_enctype(Enctype::AES128_CTS_HMAC_SHA256_128);
    for sealing_key in [CredentialsKey::SessionKey, CredentialsKey::Subkey] {
        let login = mixed.clone().delegating(|message| message.sealing_key = sealing_key);
        assert!(delegated(&login).unwrap().is_some());
    }
    let without = login().with_authenticator(|a| a.subkey = None);
    assert!(delegated(&without.delegating(|_| {})).unwrap().is_some());
}

#[test]
fn a_key_that_the_label_does_not_name_is_not_tried() {
    let sound = login().delegating(|_| {});
    let label = [0xa0, 3, 2, 1, 18];
    let octets = krb_cred(&sound);
    let at = octets.windows(5).rposition(|window| window == label).unwrap();
    let mut relabelled = octets.clone();
    relabelled[at + 4] = 17;
    assert!(refused_integrity(&with_krb_cred(&sound, relabelled)));
    assert!(delegated(&with_krb_cred(&sound, octets)).unwrap().is_some());
}

#[test]
fn ciphertext_shorter_than_its_overhead_is_refused() {
    let sound = login().delegating(|_| {});
    for length in 0..28_u8 {
        let enc_part =
            [&[0x30, 5 + 4 + length, 0xa0, 3, 2, 1, 18, 0xa2, 2 + length, 4, length][..], &vec![0; length.into()]];
        let fields = [&[0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, 22, 0xa2, 2, 0x30, 0][..], &tlv(0xa3, &enc_part.concat())];
        let message = tlv(0x76, &tlv(0x30, &fields.concat()));
        assert!(refused_integrity(&with_krb_cred(&sound, message)), "{length}");
    }
}

/// One TLV, its length in the shortest form.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().position(|octet| *octet != 0).unwrap_or(length.len())..];
    match content.len() {
        0..0x80 => [&[tag, u8::try_from(content.len()).unwrap()], content].concat(),
        _ => [&[tag, 0x80 | u8::try_from(significant.len()).unwrap()], significant, content].concat(),
    }
}

#[test]
fn versions_other_than_those_of_a_krb_cred_are_refused() {
    for (pvno, msg_type) in [(4, 22), (6, 22), (5, 21), (5, 14)] {
        let login = login().delegating(|message| (message.pvno, message.msg_type) = (pvno, msg_type));
        let expected =
            DelegationProblem::Version { pvno: pvno.try_into().unwrap(), msg_type: msg_type.try_into().unwrap() };
        assert_eq!(problem(&login), expected);
    }
    assert!(delegated(&login().delegating(|message| (message.pvno, message.msg_type) = (5, 22))).unwrap().is_some());
}

/// APR-12
#[test]
fn apr_12_numbers_of_tickets_and_descriptions() {
    let numbers = |tickets: usize, descriptions: usize| {
        login().delegating(|message| {
            message.tickets = vec![message.tickets[0].clone(); tickets];
            message.ticket_info = vec![message.ticket_info[0].clone(); descriptions];
        })
    };
    assert_eq!(problem(&numbers(0, 0)), DelegationProblem::Empty);
    for (tickets, descriptions) in [(0, 1), (1, 0), (1, 2), (2, 1), (3, 5)] {
        assert_eq!(problem(&numbers(tickets, descriptions)), DelegationProblem::Unequal { tickets, descriptions });
    }
    for count in [1, 2, 16] {
        assert_eq!(credentials(&numbers(count, count)).iter().count(), count);
    }
    assert_eq!(problem(&numbers(17, 17)), DelegationProblem::TooMany { tickets: 17, limit: 16 });
}

/// APR-12: as small as tickets and descriptions can be, so that the length of the field has room for a thousand.
#[test]
fn apr_12_a_thousand_tickets() {
    let ticket = {
        let name = tlv(0x30, &[tlv(0xa0, b"\x02\x01\x01"), tlv(0xa1, &tlv(0x30, b"\x1b\0"))].concat());
        let enc_part = tlv(0x30, &[tlv(0xa0, b"\x02\x01\x12"), tlv(0xa2, b"\x04\0")].concat());
        let fields = [tlv(0xa0, b"\x02\x01\x05"), tlv(0xa1, b"\x1b\0"), tlv(0xa2, &name), tlv(0xa3, &enc_part)];
        tlv(0x61, &tlv(0x30, &fields.concat()))
    };
    let many = |count: usize| {
        login().delegating(|message| {
            let mut info = message.ticket_info[0].clone();
            (info.client, info.flags, info.times_of, info.service) = (None, None, None, None);
            info.key = EncryptionKey::new(Enctype(1), []);
            message.tickets = vec![ticket.clone(); count];
            message.ticket_info = vec![info; count];
        })
    };
    assert!(krb_cred(&many(1000)).len() < 0x1_0000);
    assert_eq!(problem(&many(1000)), DelegationProblem::TooMany { tickets: 1000, limit: 16 });
    assert_eq!(problem(&many(16)), DelegationProblem::Nameless);
}

#[test]
fn the_limit_of_credentials_can_be_set() {
    let mut limits = Limits::default();
    limits.delegated_credentials = 1;
    let acceptor =
        Acceptor::builder(realm().keytab(SERVICE).unwrap()).accept_delegation().limits(limits).build().unwrap();
    assert!(acceptor.accept(&delegating(&login(), 1).token(), realm().now()).is_ok());
    let refused = acceptor.accept(&delegating(&login(), 2).token(), realm().now()).unwrap_err();
    assert_eq!(refused.to_string(), "the delegated credentials are malformed: there are 2 tickets, and the limit is 1");
}

#[test]
fn a_refused_delegation_is_not_remembered() {
    let acceptor = accepting();
    let token = login().delegating(|message| message.tickets.clear()).token();
    for _ in 0..2 {
        let error = acceptor.accept(&token, realm().now()).unwrap_err();
        assert_eq!(error.kind().name(), "Delegation.Malformed");
        assert!(error.reply().is_some());
    }
}

#[test]
fn long_lengths_are_tolerated_where_the_policy_tolerates_them() {
    let sound = login().delegating(|_| {});
    let octets = krb_cred(&sound);
    let [0x76, 0x82, high, low, rest @ ..] = &octets[..] else { panic!("{:02x?}", &octets[..4]) };
    let long = with_krb_cred(&sound, [&[0x76, 0x83, 0, *high, *low], rest].concat());
    let accepted = accepting().accept(&long.token(), realm().now()).unwrap();
    assert_eq!(accepted.tolerances(), [Tolerance::NonMinimalLength]);
    let mut strict = Policy::default();
    strict.lengths = kerbside::asn1::LengthForm::Shortest;
    let keytab = realm().keytab(SERVICE).unwrap();
    let acceptor = Acceptor::builder(keytab).policy(strict).accept_delegation().build().unwrap();
    assert_eq!(acceptor.accept(&long.token(), realm().now()).unwrap_err().kind().name(), "Delegation.Malformed");
    assert!(acceptor.accept(&sound.token(), realm().now()).is_ok());
}

// ---- What is in them ---------------------------------------------------------------------------------------------

#[test]
fn credentials_say_what_the_initiator_said() {
    let mut tgt: Option<Ticket> = None;
    let mut octets = Vec::new();
    let login = login().delegating(|message| {
        let info = &mut message.ticket_info[0];
        let ticket = info.times_of.as_mut().unwrap();
        ticket.renew_till = Some(ticket.endtime);
        ticket.caddr = Some(vec![HostAddress::new(AddressType::IPV4, [192, 0, 2, 1])]);
        tgt = info.times_of.clone();
        octets = message.tickets[0].clone();
    });
    let tgt = tgt.unwrap();
    let credentials = credentials(&login);
    let [credential] = &credentials.iter().collect::<Vec<_>>()[..] else { panic!("one credential") };
    assert_eq!((credentials.client(), credential.client()), (credential.client(), credentials.client()));
    assert_eq!(credential.client().to_string(), "alice@EXAMPLE.COM");
    assert_eq!(credential.service().to_string(), "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    let key = credential.session_key();
    assert_eq!((key.keytype, key.keyvalue), (tgt.key.keytype, &tgt.key.keyvalue[..]));
    assert_eq!(credential.flags(), TicketFlags(TicketFlags::FORWARDABLE.0 | TicketFlags::FORWARDED.0));
    assert_eq!((credential.authtime(), credential.starttime()), (Some(tgt.authtime), tgt.starttime));
    assert_eq!((credential.endtime(), credential.renew_till()), (Some(tgt.endtime), Some(tgt.endtime)));
    assert!(credential.addresses().map(|a| a.to_ip_addr().unwrap().to_string()).eq(["192.0.2.1"]));
    assert_eq!(credential.ticket(), octets);
    let ticket = messages::Ticket::from_octets(credential.ticket(), Rules::default()).unwrap();
    assert!(ticket.sname.names(credential.service()));
}

#[test]
fn what_the_initiator_left_out_is_absent_or_the_tickets() {
    let bare = login().delegating(|message| {
        let info = &mut message.ticket_info[0];
        (info.flags, info.times_of, info.service) = (None, None, None);
    });
    let credentials = credentials(&bare);
    let credential = credentials.iter().next().unwrap();
    assert_eq!(credential.service().to_string(), "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    assert_eq!(credential.flags(), TicketFlags::default());
    let times = [credential.authtime(), credential.starttime(), credential.endtime(), credential.renew_till()];
    assert_eq!(times, [None; 4]);
    assert_eq!(credential.addresses().count(), 0);

    let nameless = login().delegating(|message| message.ticket_info[0].client = None);
    assert_eq!(problem(&nameless), DelegationProblem::Nameless);
}

/// The delegated client is what the initiator says, and is never taken for the one that logged in.
#[test]
fn credentials_of_another_client_do_not_change_the_identity() {
    let login = login().delegating(|message| {
        let name = PrincipalName::new(NameType::NT_PRINCIPAL, ["bob"]);
        message.ticket_info[0].client = Some((b"EXAMPLE.COM".into(), name));
    });
    let accepted = accepting().accept(&login.token(), realm().now()).unwrap();
    assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
    assert_eq!(accepted.delegated_credentials().unwrap().client().to_string(), "bob@EXAMPLE.COM");
}

// ---- Damage ------------------------------------------------------------------------------------------------------

/// Every four octets of a key, in the spellings in which they could be printed.
fn spellings(key: &[u8]) -> Vec<String> {
    key.windows(4)
        .flat_map(|part| {
            let hex: String = part.iter().map(|octet| format!("{octet:02x}")).collect();
            let decimal: Vec<String> = part.iter().map(u8::to_string).collect();
            [hex.to_uppercase(), hex, decimal.join(", ")]
        })
        .collect()
}

/// APR-13: an error says where a message is wrong, and nothing of what is in it.
fn assert_says_no_key(error: &Error, key: &[u8], spellings: &[String]) {
    let texts = [format!("{error:?}"), error.to_string(), error.hint().into_owned()];
    for spelling in spellings {
        assert!(texts.iter().all(|text| !text.contains(spelling)), "{error:?}");
    }
    let reply = error.reply().unwrap_or_default();
    assert!(!reply.windows(4).any(|part| key.windows(4).any(|key| key == part)));
}

/// APR-13: behind valid keys, with nothing between the damage and the decoder.
#[test]
fn apr_13_every_flipped_bit_of_plain_credentials() {
    let mut key = Vec::new();
    let sound = login().delegating(|message| {
        message.sealing_key = CredentialsKey::Unencrypted;
        key = message.ticket_info[0].key.keyvalue.clone();
    });
    let spellings = spellings(&key);
    let octets = krb_cred(&sound);
    let acceptor = accepting();
    let (mut accepted, mut refused) = (0, 0);
    for bit in 0..octets.len() * 8 {
        let mut damaged = octets.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        match acceptor.accept(&with_krb_cred(&sound, damaged).token(), realm().now()) {
            Ok(result) => {
                assert!(result.delegated_credentials().is_some());
                accepted += 1;
            }
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Delegation(_)), "{error:?}");
                assert_says_no_key(&error, &key, &spellings);
                refused += 1;
            }
        }
    }
    assert!(accepted > 1000 && refused > 1000, "{accepted} accepted, {refused} refused");
}

/// APR-13
#[test]
fn apr_13_every_truncation_and_every_raised_octet_of_plain_credentials() {
    let mut key = Vec::new();
    let sound = login().delegating(|message| {
        message.sealing_key = CredentialsKey::Unencrypted;
        key = message.ticket_info[0].key.keyvalue.clone();
    });
    let (spellings, octets) = (spellings(&key), krb_cred(&sound));
    for length in 0..octets.len() {
        let error = delegated(&with_krb_cred(&sound, &octets[..length])).unwrap_err();
        assert_eq!(error.kind().name(), "Delegation.Malformed", "{length}");
        assert_says_no_key(&error, &key, &spellings);
    }
    for at in 0..octets.len() {
        let mut damaged = octets.clone();
        damaged[at] = 0xff;
        if let Err(error) = delegated(&with_krb_cred(&sound, damaged)) {
            assert!(matches!(error.kind(), ErrorKind::Delegation(_)), "{at}: {error:?}");
            assert_says_no_key(&error, &key, &spellings);
        }
    }
}

#[test]
fn one_flipped_bit_of_the_ciphertext_is_refused() {
    let sound = login().delegating(|_| {});
    let octets = krb_cred(&sound);
    let cipher = messages::KrbCred::from_octets(&octets, Rules::default()).unwrap().enc_part.cipher.len();
    for at in octets.len() - cipher..octets.len() {
        let mut damaged = octets.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(refused_integrity(&with_krb_cred(&sound, damaged)), "{at}");
    }
}

#[test]
fn no_debug_shows_a_key() {
    let mut key = Vec::new();
    let login = login().delegating(|message| key = message.ticket_info[0].key.keyvalue.clone());
    let accepted = accepting().accept(&login.token(), realm().now()).unwrap();
    let credentials = accepted.delegated_credentials().unwrap();
    let texts = [
        format!("{accepted:?} {credentials:?}"),
        format!("{:?} {:?}", credentials.to_ccache(), credentials.iter().next().unwrap().session_key()),
    ];
    assert!(texts[0].contains("krbtgt/EXAMPLE.COM@EXAMPLE.COM"));
    for spelling in spellings(&key) {
        assert!(texts.iter().all(|text| !text.contains(&spelling)));
    }
}

// ---- The credential cache ----------------------------------------------------------------------------------------

#[test]
fn a_credential_cache_holds_every_credential() {
    let login = login().delegating(|message| {
        let info = &mut message.ticket_info[0];
        let ticket = info.times_of.as_mut().unwrap();
        ticket.renew_till = Some(ticket.endtime);
        ticket.caddr = Some(vec![HostAddress::new(AddressType::IPV4, [192, 0, 2, 1])]);
        let mut second = info.clone();
        second.times_of = None;
        second.service = Some((b"OTHER.EXAMPLE".into(), PrincipalName::new(NameType::NT_SRV_INST, ["HTTP", "b"])));
        message.ticket_info.push(second);
        message.tickets.push(message.tickets[0].clone());
    });
    let credentials = credentials(&login);
    let octets = credentials.to_ccache();
    let cache = ccache::read(octets.as_octets());
    assert_eq!(cache.default_principal, (1, "alice@EXAMPLE.COM".to_owned()));
    assert_eq!(cache.credentials.len(), 2);
    for (read, credential) in cache.credentials.iter().zip(credentials.iter()) {
        let (client, service) = (credential.client(), credential.service());
        assert_eq!(read.client, (client.name_type().0, client.to_string()));
        assert_eq!(read.service, (service.name_type().0, service.to_string()));
        let key = credential.session_key();
        assert_eq!((read.enctype, &read.key[..]), (u16::try_from(key.keytype.0).unwrap(), key.keyvalue));
        let times = [credential.authtime(), credential.starttime(), credential.endtime(), credential.renew_till()];
        assert_eq!(read.times.map(i64::from), times.map(|time| time.map_or(0, |time| time.unix_seconds())));
        assert_eq!((read.is_skey, read.flags), (0, credential.flags().0));
        let addresses = credential.addresses().map(|a| (u16::try_from(a.addr_type.0).unwrap(), a.address.to_vec()));
        assert_eq!(read.addresses, addresses.collect::<Vec<_>>());
        assert_eq!((read.authorization_data, &read.ticket[..], read.second_ticket.len()), (0, credential.ticket(), 0));
    }
}

/// The file format has seconds since 1970 in 32 bits; what does not fit becomes the nearest that does.
#[test]
fn times_outside_the_format_are_the_nearest_inside() {
    for (year, expected) in
        [("1969-12-31T23:59:59Z", 0), ("2106-02-07T06:28:15Z", u32::MAX), ("9999-01-01T00:00:00Z", u32::MAX)]
    {
        let login = login().delegating(|message| {
            message.ticket_info[0].times_of.as_mut().unwrap().endtime = year.parse::<Timestamp>().unwrap().second();
        });
        let octets = credentials(&login).to_ccache();
        assert_eq!(ccache::read(octets.as_octets()).credentials[0].times[2], expected, "{year}");
    }
}

#[cfg(unix)]
mod files {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::PathBuf;

    /// A directory of this test alone, empty.
    fn directory(test: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn names(directory: &PathBuf) -> Vec<String> {
        let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_written_cache_is_its_owners_alone_and_replaces_what_was_there() {
        let directory = directory("ccache-replaces");
        let path = directory.join("krb5cc");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let old = fs::metadata(&path).unwrap().ino();
        let credentials = credentials(&login().delegating(|_| {}));
        credentials.write_ccache(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), credentials.to_ccache().as_octets());
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert_ne!(metadata.ino(), old);
        assert_eq!(names(&directory), ["krb5cc"]);
    }

    #[test]
    fn a_symbolic_link_is_replaced_and_not_followed() {
        let directory = directory("ccache-link");
        let (target, path) = (directory.join("target"), directory.join("krb5cc"));
        fs::write(&target, "untouched").unwrap();
        symlink(&target, &path).unwrap();
        credentials(&login().delegating(|_| {})).write_ccache(&path).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"untouched");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn a_cache_that_cannot_be_written_leaves_nothing_behind() {
        let directory = directory("ccache-fails");
        let credentials = credentials(&login().delegating(|_| {}));
        let occupied = directory.join("occupied");
        fs::create_dir_all(occupied.join("by a directory")).unwrap();
        assert!(credentials.write_ccache(&occupied).is_err());
        assert!(credentials.write_ccache(directory.join("missing/krb5cc")).is_err());
        assert!(credentials.write_ccache("/").is_err());
        assert_eq!(names(&directory), ["occupied"]);
    }
}

// ---- Recorded ----------------------------------------------------------------------------------------------------

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A Windows client that delegates to a service under an RC4 key.
#[test]
fn recorded_delegations_have_the_recorded_facts() {
    let messages = corpus::records("krb-cred");
    for token in corpus::records("spnego-init").iter().filter(|record| record["family"] == "kn-delegation") {
        let message = messages.iter().find(|record| record["family"] == token["family"]).unwrap();
        let facts = &token["expected"]["ticket"];
        let realm = Realm::new(facts["realm"].as_str().unwrap());
        let (service, kvno) = (facts["sname"].as_str().unwrap(), facts["kvno"].as_u64().unwrap().try_into().unwrap());
        let key = EncryptionKey::new(Enctype::RC4_HMAC, hex(token["key"]["hex"].as_str().unwrap()));
        let keytab = realm.keytab_builder().entry(&realm.principal(service), kvno, &key).build().unwrap();
        let acceptor = Acceptor::builder(keytab).allow_enctype(Enctype::RC4_HMAC).accept_delegation().build().unwrap();
        let now: Timestamp = token["at"].as_str().unwrap().parse().unwrap();
        let token = corpus::data(token["file"].as_str().unwrap());
        let accepted = acceptor.accept(&token, now).unwrap();
        let credentials = accepted.delegated_credentials().unwrap();
        let expected = message["expected"]["info"].as_array().unwrap();
        assert_eq!(credentials.iter().count(), expected.len());
        for (credential, expected) in credentials.iter().zip(expected) {
            assert_eq!(expected["client"], credential.client().to_string());
            assert_eq!(expected["server"], credential.service().to_string());
            assert_eq!(expected["session_etype"], credential.session_key().keytype.0);
            assert_eq!(hex(expected["session_key"].as_str().unwrap()), credential.session_key().keyvalue);
            let mut names: Vec<_> = credential.flags().names().collect();
            names.sort_unstable();
            assert_eq!(expected["flags"], serde_json::json!(names));
            for (name, time) in [
                ("authtime", credential.authtime()),
                ("starttime", credential.starttime()),
                ("endtime", credential.endtime()),
                ("renew_till", credential.renew_till()),
            ] {
                assert_eq!(expected[name], serde_json::json!(time.map(|time| time.to_string())), "{name}");
            }
        }
        assert_eq!(credentials.to_ccache().as_octets()[..4], [5, 4, 0, 0]);
    }
}
