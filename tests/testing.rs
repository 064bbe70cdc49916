//! The test kit against itself and its judges: what it mints is DER to `asn1-rs`, decodes with the message layer,
//! opens with the keytab's keys, and every option and every defect does what its name says and nothing else.
#![cfg(feature = "testing")]

use asn1_rs::{Any, Class, FromDer};
use core::time::Duration;
use kerbside::asn1::{LengthForm, Rules};
use kerbside::crypto::supported_enctypes;
use kerbside::messages::{ApReq, Authenticator, EncTicketPart, TicketFlags};
use kerbside::numbers::{AddressType, AuthDataType, ChecksumType, Enctype, KeyUsage, NameType};
use kerbside::testing::{
    AuthenticatorChecksum, AuthorizationElement, BitString, Clock, CredentialsKey, Defect, Delegation, EncryptionKey,
    Framing, HostAddress, KvnoTrailer, Login, MechListMic, MechToken, Oid, Part, PrincipalName, Realm,
    channel_binding_hash, gss_flag,
};
use kerbside::{KerberosTime, Timestamp};

const SERVICE: &str = "HTTP/web.example.com";

fn realm() -> Realm {
    Realm::new("EXAMPLE.COM")
}

fn login() -> Login {
    realm().login("alice", SERVICE)
}

/// Whether `octets` are one TLV of DER, and everything constructed inside it too. `asn1-rs` reads lengths that are
/// longer than they need be, so the header's length is looked at here.
fn is_der(octets: &[u8]) -> bool {
    let Ok((rest, any)) = Any::from_der(octets) else { return false };
    let shortest = match any.data.len() {
        0..0x80 => 2,
        0x80..0x100 => 3,
        _ => 4,
    };
    let header = octets.len() - rest.len() - any.data.len();
    rest.is_empty() && header == shortest && (!any.header.is_constructed() || row_is_der(any.data))
}

fn row_is_der(mut octets: &[u8]) -> bool {
    while !octets.is_empty() {
        let Ok((rest, _)) = Any::from_der(octets) else { return false };
        if !is_der(&octets[..octets.len() - rest.len()]) {
            return false;
        }
        octets = rest;
    }
    true
}

/// The fields of an `[APPLICATION n] SEQUENCE`: number and octets.
fn fields(octets: &[u8]) -> Vec<(u32, Vec<u8>)> {
    sequence_fields(Any::from_der(octets).unwrap().1.data)
}

fn sequence_fields(octets: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let (_, sequence) = Any::from_der(octets).unwrap();
    let mut rest = sequence.data;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (next, field) = Any::from_der(rest).unwrap();
        assert_eq!(field.class(), Class::ContextSpecific);
        found.push((field.tag().0, field.data.to_vec()));
        rest = next;
    }
    found
}

/// The numbers of the fields that are not the same in both.
fn changed(before: &[u8], after: &[u8]) -> Vec<u32> {
    let (before, after) = (fields(before), fields(after));
    let differs = |number: &u32| {
        let find = |list: &[(u32, Vec<u8>)]| list.iter().find(|(found, _)| found == number).cloned();
        find(&before) != find(&after)
    };
    (0..16).filter(differs).collect()
}

/// The changed fields of the Ticket in the clear, the EncTicketPart, the Authenticator and the AP-REQ; ciphertexts
/// and what holds them left out.
fn changes(option: impl Fn(Login) -> Login) -> [Vec<u32>; 4] {
    let before = login();
    let after = option(before.clone());
    let mut ticket = changed(&before.ticket_octets(), &after.ticket_octets());
    let label = |login: &Login| {
        let mut label = sequence_fields(&fields(&login.ticket_octets())[3].1);
        label.retain(|(number, _)| *number != 2);
        label
    };
    if label(&before) == label(&after) {
        ticket.retain(|number| *number != 3);
    }
    let mut ap_req = changed(&before.ap_req(), &after.ap_req());
    ap_req.retain(|number| *number < 3);
    [
        ticket,
        changed(&before.enc_ticket_part(), &after.enc_ticket_part()),
        changed(&before.authenticator_octets(), &after.authenticator_octets()),
        ap_req,
    ]
}

fn decrypt(key: &EncryptionKey, usage: KeyUsage, cipher: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = cipher.to_vec();
    let key = key.to_key().unwrap().for_usage(usage);
    key.decrypt_in_place(&mut buffer).ok().map(|plaintext| plaintext.to_vec())
}

/// Whether ticket and authenticator open with the keys that they were sealed with.
fn opens(login: &Login) -> (bool, bool) {
    let octets = login.ap_req();
    let ap_req = ApReq::from_octets(&octets, Rules::default()).unwrap();
    let ticket = login.ticket();
    (
        decrypt(&ticket.sealing_key, KeyUsage::TICKET, ap_req.ticket.enc_part.cipher).is_some(),
        decrypt(&ticket.key, KeyUsage::AP_REQ_AUTHENTICATOR, ap_req.authenticator.cipher).is_some(),
    )
}

#[test]
fn equal_realms_mint_equal_octets() {
    let tokens = |realm: Realm| {
        let first = realm.login("alice", SERVICE);
        [first.token(), first.token(), first.again().token(), realm.login("alice", SERVICE).token()]
    };
    let [first, same, again, other] = tokens(realm());
    assert_eq!([first.clone(), same.clone(), again.clone(), other.clone()], tokens(realm()));
    assert_eq!(first, same);
    assert!(first != again && first != other && again != other);
    assert_ne!(first, tokens(Realm::with_seed("EXAMPLE.COM", 1))[0]);
    assert_ne!(first, tokens(Realm::new("EXAMPLE.ORG"))[0]);
}

#[test]
fn whole_tokens_are_der_to_another_decoder() {
    for framing in [Framing::Spnego, Framing::SpnegoContinuation, Framing::RawKrb5, Framing::BareApReq] {
        let login = login().framing(framing);
        let token = login.token();
        match framing {
            Framing::RawKrb5 => assert!(Any::from_der(&token).unwrap().0.is_empty()),
            _ => assert!(is_der(&token), "{framing:?}"),
        }
    }
    assert!(is_der(&login().enc_ticket_part()) && is_der(&login().authenticator_octets()));
    assert!(!is_der(b"\x30\x81\x00"), "the judge is strict");
}

#[test]
fn tickets_of_every_enctype_open_with_the_keytab() {
    let realm = realm();
    let keytab = realm.keytab(SERVICE).unwrap();
    for info in supported_enctypes() {
        let enctype = info.enctype;
        let login = realm.login("alice", SERVICE).ticket_enctype(enctype).session_enctype(enctype);
        let octets = login.ap_req();
        let ap_req = ApReq::from_octets(&octets, Rules::default()).unwrap();
        let part = &ap_req.ticket.enc_part;
        assert_eq!((part.etype, part.kvno), (enctype, Some(Realm::KVNO)));

        let entry = keytab.lookup(&realm.principal(SERVICE), enctype).next().unwrap();
        let mut buffer = part.cipher.to_vec();
        let opened = entry.key().unwrap().for_usage(KeyUsage::TICKET).decrypt_in_place(&mut buffer).unwrap();
        let ticket = EncTicketPart::from_octets(opened, Rules::default()).unwrap();
        assert_eq!(ticket.cname.to_principal(ticket.crealm).to_string(), "alice@EXAMPLE.COM");
        assert_eq!(ticket.authtime, Clock::START.second());

        let session_key = EncryptionKey::new(ticket.key.keytype, ticket.key.keyvalue);
        let opened = decrypt(&session_key, KeyUsage::AP_REQ_AUTHENTICATOR, ap_req.authenticator.cipher).unwrap();
        let authenticator = Authenticator::from_octets(&opened, Rules::default()).unwrap();
        assert!(authenticator.cname.same_name(&ticket.cname));
        assert_eq!(authenticator.subkey.unwrap().keytype, enctype);
        assert_eq!(authenticator.cksum.unwrap().cksumtype, ChecksumType::GSS);
    }
}

/// What an option does, and the fields of Ticket, EncTicketPart, Authenticator and AP-REQ that it changes.
type OptionRow = (&'static str, fn(Login) -> Login, [&'static [u32]; 4]);

const OPTIONS: &[OptionRow] = &[
    ("nothing", |l| l, [&[], &[], &[], &[]]),
    ("ticket enctype", |l| l.ticket_enctype(Enctype(17)), [&[3], &[], &[], &[]]),
    ("the default ticket enctype", |l| l.ticket_enctype(Realm::ENCTYPE), [&[], &[], &[], &[]]),
    ("kvno", |l| l.kvno(3), [&[3], &[], &[], &[]]),
    ("session enctype", |l| l.session_enctype(Enctype(17)), [&[], &[1], &[6], &[]]),
    ("the default session enctype", |l| l.session_enctype(Realm::ENCTYPE), [&[], &[], &[], &[]]),
    ("subkey enctype", |l| l.subkey_enctype(Enctype(23)), [&[], &[], &[6], &[]]),
    ("cleartext service", |l| l.cleartext_service("cifs/web"), [&[2], &[], &[], &[]]),
    ("cleartext realm", |l| l.cleartext_service("HTTP/web.example.com@B"), [&[1], &[], &[], &[]]),
    ("bindings", |l| l.channel_bindings(b"tls-unique:x"), [&[], &[], &[3], &[]]),
    ("clock ahead", |l| l.clock_ahead(Duration::from_secs(7)), [&[], &[], &[5], &[]]),
    ("clock behind", |l| l.clock_behind(Duration::from_micros(7)), [&[], &[], &[4, 5], &[]]),
    ("not mutual", |l| l.without_mutual(), [&[], &[], &[3], &[2]]),
    ("DCE style", |l| l.dce_style(), [&[], &[], &[3], &[]]),
    ("tkt-vno", |l| l.with_ticket(|t| t.tkt_vno = 4), [&[0], &[], &[], &[]]),
    ("no kvno", |l| l.with_ticket(|t| t.kvno = None), [&[3], &[], &[], &[]]),
    ("label", |l| l.with_ticket(|t| t.etype = Enctype(17)), [&[3], &[], &[], &[]]),
    ("flags", |l| l.with_ticket(|t| t.flags = BitString::new(7, [0])), [&[], &[0], &[], &[]]),
    ("crealm", |l| l.with_ticket(|t| t.crealm = b"B".into()), [&[], &[2], &[], &[]]),
    ("cname", |l| l.with_ticket(|t| t.cname.name_string.push(vec![0, 0xff])), [&[], &[3], &[], &[]]),
    ("transited type", |l| l.with_ticket(|t| t.tr_type = 0), [&[], &[4], &[], &[]]),
    ("transited", |l| l.with_ticket(|t| t.transited = b"B,C".into()), [&[], &[4], &[], &[]]),
    ("authtime", |l| l.with_ticket(|t| t.authtime = KerberosTime::from_unix_seconds(0)), [&[], &[5], &[], &[]]),
    ("no starttime", |l| l.with_ticket(|t| t.starttime = None), [&[], &[6], &[], &[]]),
    ("endtime", |l| l.with_ticket(|t| t.endtime = t.authtime), [&[], &[7], &[], &[]]),
    ("renew-till", |l| l.with_ticket(|t| t.renew_till = Some(t.endtime)), [&[], &[8], &[], &[]]),
    (
        "addresses",
        |l| l.with_ticket(|t| t.caddr = Some(vec![HostAddress::new(AddressType::IPV4, [127, 0, 0, 1])])),
        [&[], &[9], &[], &[]],
    ),
    (
        "the ticket's authorization data",
        |l| l.with_ticket(|t| t.authorization_data = Some(vec![AuthorizationElement::new(AuthDataType(512), [1])])),
        [&[], &[10], &[], &[]],
    ),
    ("authenticator-vno", |l| l.with_authenticator(|a| a.authenticator_vno = 6), [&[], &[], &[0], &[]]),
    ("the authenticator's crealm", |l| l.with_authenticator(|a| a.crealm.clear()), [&[], &[], &[1], &[]]),
    (
        "the authenticator's cname",
        |l| l.with_authenticator(|a| a.cname.name_type = NameType::NT_ENTERPRISE),
        [&[], &[], &[2], &[]],
    ),
    ("no checksum", |l| l.with_authenticator(|a| a.cksum = AuthenticatorChecksum::Absent), [&[], &[], &[3], &[]]),
    ("cusec", |l| l.with_authenticator(|a| a.cusec = 1_000_000), [&[], &[], &[4], &[]]),
    ("no subkey", |l| l.with_authenticator(|a| a.subkey = None), [&[], &[], &[6], &[]]),
    ("no seq-number", |l| l.with_authenticator(|a| a.seq_number = None), [&[], &[], &[7], &[]]),
    (
        "enctype list",
        |l| {
            l.with_authenticator(|a| {
                a.authorization_data = Some(vec![AuthorizationElement::etype_list(&[Enctype(18)])])
            })
        },
        [&[], &[], &[8], &[]],
    ),
    ("pvno", |l| l.with_ap_req(|r| r.pvno = 4), [&[], &[], &[], &[0]]),
    ("msg-type", |l| l.with_ap_req(|r| r.msg_type = 12), [&[], &[], &[], &[1]]),
    ("ap-options", |l| l.with_ap_req(|r| r.ap_options = 0.into()), [&[], &[], &[], &[2]]),
    ("framing", |l| l.raw_krb5().token_id([2, 0]).microsoft_oid(), [&[], &[], &[], &[]]),
];

#[test]
fn each_option_changes_what_it_says_and_nothing_else() {
    for (name, option, expected) in OPTIONS {
        assert_eq!(changes(option), expected.map(<[u32]>::to_vec), "{name}");
        assert_eq!(opens(&option(login())), (true, true), "{name}");
    }
}

#[test]
fn numbers_are_written_with_the_sign_they_were_given() {
    for (number, integer) in [
        (0, b"\x02\x01\x00".as_slice()),
        (0x7fff_ffff, b"\x02\x04\x7f\xff\xff\xff"),
        (0x8000_0000, b"\x02\x05\x00\x80\x00\x00\x00"),
        (-0x8000_0000, b"\x02\x04\x80\x00\x00\x00"),
        (-1, b"\x02\x01\xff"),
    ] {
        let login = login().with_authenticator(|a| a.seq_number = Some(number)).with_ticket(|t| t.kvno = Some(number));
        assert_eq!(fields(&login.authenticator_octets())[7], (7, integer.to_vec()));
        let octets = login.ap_req();
        let ap_req = ApReq::from_octets(&octets, Rules::default()).unwrap();
        let pattern = u32::try_from(number & 0xffff_ffff).unwrap();
        assert_eq!(ap_req.ticket.enc_part.kvno, Some(pattern));
    }
}

#[test]
fn bits_are_counted_from_the_most_significant() {
    assert_eq!(BitString::with_bits(&[0]).octets, [0x80, 0, 0, 0]);
    assert_eq!(BitString::with_bits(&[7, 31, 32]).octets, [1, 0, 0, 1]);
    let part = login().with_ticket(|t| t.flags = TicketFlags::INVALID.into()).enc_ticket_part();
    assert_eq!(fields(&part)[0].1, b"\x03\x05\x00\x01\x00\x00\x00");
}

#[test]
fn the_gss_checksum_has_its_fields_where_rfc_4121_puts_them() {
    let data: Vec<u8> = b"tls-server-end-point:".iter().copied().chain(0..32).collect();
    let bound = channel_binding_hash(&data);
    assert_eq!(format!("{:032x}", u128::from_be_bytes(bound)), "8f1214c9c9cab8dc3bf866da9aba57a7");
    let login = login().channel_bindings(&data).with_gss_checksum(|checksum| {
        checksum.flags = gss_flag::DELEG | gss_flag::DCE_STYLE;
        checksum.delegation = Some(Delegation::new(*b"cred"));
        checksum.extensions = b"ext".into();
    });
    let AuthenticatorChecksum::Gss(checksum) = &login.authenticator().cksum else { panic!("no GSS checksum") };
    let expected = [b"\x10\0\0\0".as_slice(), &bound, b"\x01\x10\0\0\x01\0\x04\0credext"].concat();
    assert_eq!(checksum.to_octets(), expected);
}

#[test]
fn delegated_credentials_open_with_the_key_they_name() {
    let whole = login();
    let keys = [whole.ticket().key.clone(), whole.authenticator().subkey.clone().unwrap()];
    for (sealing_key, opens_with) in [
        (CredentialsKey::SessionKey, Some(0)),
        (CredentialsKey::Subkey, Some(1)),
        (CredentialsKey::Unencrypted, None),
        (CredentialsKey::Other(EncryptionKey::new(Realm::ENCTYPE, [1; 32])), None),
    ] {
        let plain = matches!(sealing_key, CredentialsKey::Unencrypted);
        let login = whole.clone().delegating(|credentials| credentials.sealing_key = sealing_key);
        let AuthenticatorChecksum::Gss(checksum) = &login.authenticator().cksum else { panic!("no GSS checksum") };
        assert_eq!(checksum.flags & gss_flag::DELEG, gss_flag::DELEG);
        let krb_cred = &checksum.delegation.as_ref().unwrap().krb_cred;
        assert!(is_der(krb_cred) && krb_cred[0] == 0x76);
        let enc_part = sequence_fields(&fields(krb_cred)[3].1);
        let (_, cipher) = Any::from_der(&enc_part[1].1).unwrap();
        let opened: Vec<_> = keys.iter().map(|key| decrypt(key, KeyUsage::KRB_CRED, cipher.data)).collect();
        assert_eq!(opened.iter().position(Option::is_some), opens_with);
        let plaintext = opened.into_iter().flatten().next().or_else(|| plain.then(|| cipher.data.to_vec()));
        if let Some(plaintext) = plaintext {
            assert!(is_der(&plaintext) && plaintext[0] == 0x7d);
            let infos = fields(&plaintext).remove(0).1;
            let numbers: Vec<u32> =
                sequence_fields(Any::from_der(&infos).unwrap().1.data).into_iter().map(|(number, _)| number).collect();
            assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 8, 9]);
        }
    }
    let empty = whole.delegating(|credentials| credentials.tickets.clear()).authenticator_octets();
    assert!(is_der(&empty));
}

#[test]
fn a_keyed_checksum_over_nothing_verifies_under_the_session_key() {
    for info in supported_enctypes() {
        let login = login()
            .session_enctype(info.enctype)
            .with_authenticator(|a| a.cksum = AuthenticatorChecksum::KeyedOverNothing);
        let octets = login.authenticator_octets();
        let checksum = Authenticator::from_octets(&octets, Rules::default()).unwrap().cksum.unwrap();
        let key = login.ticket().key.to_key().unwrap().for_usage(KeyUsage::AP_REQ_CHECKSUM);
        assert_eq!(checksum.cksumtype, info.checksum_type);
        assert!(key.verify_checksum(checksum.cksumtype, &[], checksum.checksum).is_ok());
        assert!(key.verify_checksum(checksum.cksumtype, &[b"x"], checksum.checksum).is_err());
    }
}

#[test]
fn enctypes_that_nobody_knows_get_noise() {
    let login = login().ticket_enctype(Enctype::DES3_CBC_SHA1).session_enctype(Enctype(99));
    let octets = login.ap_req();
    let ap_req = ApReq::from_octets(&octets, Rules::default()).unwrap();
    assert_eq!(ap_req.ticket.enc_part.etype, Enctype::DES3_CBC_SHA1);
    assert_eq!(ap_req.authenticator.etype, Enctype(99));
    assert!(ap_req.ticket.enc_part.cipher.len() > login.enc_ticket_part().len());
}

#[test]
fn a_flipped_bit_is_one_bit_of_the_ciphertext_it_names() {
    let whole = login();
    let count = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
    for bit in [0, 7, 8, 1001, 100_000] {
        for (defect, opens_still) in
            [(Defect::TicketBit(bit), (false, true)), (Defect::AuthenticatorBit(bit), (true, false))]
        {
            let broken = whole.clone().broken(defect);
            assert_eq!((broken.token().len(), count(&broken.token(), &whole.token())), (whole.token().len(), 1));
            assert_eq!(opens(&broken), opens_still, "{defect:?}");
        }
    }
}

#[test]
fn wrong_keys_and_cut_ciphertexts_do_not_open() {
    for (defect, expected) in [
        (Defect::WrongServiceKey, (false, true)),
        (Defect::WrongSessionKey, (true, false)),
        (Defect::TicketCiphertextCut(27), (false, true)),
        (Defect::AuthenticatorCiphertextCut(0), (true, false)),
    ] {
        assert_eq!(opens(&login().broken(defect)), expected, "{defect:?}");
    }
    assert_eq!(login().broken(Defect::Truncated(20)).token(), login().token()[..20]);
}

/// The octets in which a defect of that part shows, the whole token or what is inside an encryption.
fn octets_with(part: Part, login: &Login) -> Vec<u8> {
    match part {
        Part::EncTicketPart => login.enc_ticket_part(),
        Part::Authenticator => login.authenticator_octets(),
        _ => login.token(),
    }
}

#[test]
fn each_part_can_be_lengthened_and_stays_what_it_was() {
    let whole = login();
    for part in Part::ALL {
        for octets in [3_u8, 4] {
            let longer = octets_with(part, &whole.clone().broken(Defect::LongLength { part, octets }));
            let before = octets_with(part, &whole);
            assert!(longer.len() > before.len(), "{part:?}");
            assert_eq!(longer[longer.len() - 16..], before[before.len() - 16..], "{part:?}");
        }
        let indefinite = octets_with(part, &whole.clone().broken(Defect::IndefiniteLength(part)));
        assert!(indefinite.windows(2).any(|pair| pair == b"\0\0"), "{part:?}");
        assert_ne!(indefinite, octets_with(part, &whole));
    }
}

#[test]
fn each_part_can_have_an_octet_or_a_field_too_many() {
    let whole = login();
    for part in Part::ALL {
        let length = octets_with(part, &whole).len();
        let after = octets_with(part, &whole.clone().broken(Defect::OctetAfter(part)));
        let inside = octets_with(part, &whole.clone().broken(Defect::OctetInside(part)));
        let field = octets_with(part, &whole.clone().broken(Defect::UnknownField(part)));
        assert!(after.len() > length && inside.len() > length && field.len() >= length + 4, "{part:?}");
        assert_ne!(after, inside, "{part:?}");
    }
    let extra = |defect| whole.clone().broken(defect).ap_req();
    assert!(ApReq::from_octets(&extra(Defect::OctetAfter(Part::ApReq)), Rules::default()).is_err());
    assert!(ApReq::from_octets(&extra(Defect::OctetInside(Part::ApReq)), Rules::default()).is_err());
    assert!(ApReq::from_octets(&extra(Defect::OctetAfter(Part::Ticket)), Rules::default()).is_err());
    assert!(ApReq::from_octets(&extra(Defect::IndefiniteLength(Part::Ticket)), Rules::default()).is_err());
    assert!(ApReq::from_octets(&extra(Defect::UnknownField(Part::Ticket)), Rules::default()).is_ok());
    let long = extra(Defect::LongLength { part: Part::Ticket, octets: 4 });
    assert!(ApReq::from_octets(&long, Rules::default()).is_err());
    assert!(ApReq::from_octets(&long, Rules::new(LengthForm::UpToFourOctets, 16)).is_ok());
    assert!(is_der(&whole.ap_req()) && !is_der(&extra(Defect::LongLength { part: Part::ApReq, octets: 4 })));
}

#[test]
fn replaced_plaintexts_are_sealed_as_they_are() {
    let login = login().replace_enc_ticket_part(|octets| octets.push(7)).replace_authenticator(|octets| {
        octets.truncate(3);
    });
    let octets = login.ap_req();
    let ap_req = ApReq::from_octets(&octets, Rules::default()).unwrap();
    let opened = decrypt(&login.ticket().sealing_key, KeyUsage::TICKET, ap_req.ticket.enc_part.cipher).unwrap();
    assert_eq!(opened.last(), Some(&7));
    let opened = decrypt(&login.ticket().key, KeyUsage::AP_REQ_AUTHENTICATOR, ap_req.authenticator.cipher).unwrap();
    assert_eq!(opened.len(), 3);
}

#[test]
fn the_negotiation_can_be_shaped_freely() {
    let offering = |mechanisms: &[Oid]| login().offering(mechanisms).token();
    assert!(is_der(&offering(&[Oid::NTLM, Oid::NEGOEX, Oid::UNKNOWN, Oid::MS_KRB5, Oid::KRB5])));
    assert!(is_der(&offering(&[])));
    let whole = login().token();
    let absent = login().with_negotiation(|negotiation| negotiation.mech_token = MechToken::Absent);
    assert!(is_der(&absent.token()) && absent.token().len() < 64);
    let ntlm = login().with_negotiation(|n| n.mech_token = MechToken::Octets(b"NTLMSSP\0\x01\0\0\0".into()));
    assert!(ntlm.token().ends_with(b"NTLMSSP\0\x01\0\0\0"));
    let hints = login().with_negotiation(|negotiation| {
        negotiation.hint_name = Some(b"not_defined_in_RFC4178@please_ignore".into());
        negotiation.mech_list_mic = MechListMic::Octets(b"mic".into());
    });
    assert!(is_der(&hints.token()) && hints.token().ends_with(b"\xa4\x05\x04\x03mic"));
    let mic = login().with_negotiation(|negotiation| negotiation.mech_list_mic = MechListMic::Valid);
    assert_eq!(mic.token().len(), whole.len() + 4 + 16 + 12);
    let flags = login().with_negotiation(|negotiation| negotiation.req_flags = Some(BitString::new(1, [0x46])));
    assert!(flags.token().windows(6).any(|six| six == b"\xa1\x04\x03\x02\x01\x46"));
    assert!(login().microsoft_oid().raw_krb5().token().windows(9).any(|nine| nine == &*Oid::MS_KRB5.0));
}

#[test]
fn the_clock_moves_only_by_hand_and_logins_grow_old() {
    let realm = realm();
    assert_eq!(realm.now(), "2026-03-01T10:00:00Z".parse().unwrap());
    let login = realm.login("alice", SERVICE);
    let before = login.token();
    realm.clock().advance(Duration::from_millis(61_500));
    assert_eq!(login.token(), before);
    let again = login.again();
    assert_eq!(again.authenticator().time(), "2026-03-01T10:01:01.5Z".parse().unwrap());
    assert_eq!(again.ticket_octets(), login.ticket_octets());
    realm.clone().clock().turn_back(Duration::from_millis(61_500));
    assert_eq!(realm.now(), Clock::START);
    realm.clock().set(Timestamp::from_unix_micros(0));
    assert_eq!(realm.login("alice", SERVICE).ticket().authtime, KerberosTime::from_unix_seconds(0));
}

#[test]
fn times_before_the_epoch_are_written_too() {
    let login = login().with_ticket(|t| t.authtime = KerberosTime::from_unix_seconds(-1));
    let part = login.enc_ticket_part();
    assert_eq!(fields(&part)[5].1, b"\x18\x0f19691231235959Z");
}

#[test]
fn principals_are_of_the_realm_unless_they_say_otherwise() {
    let realm = realm();
    for (text, expected) in [
        ("alice", "alice@EXAMPLE.COM"),
        (SERVICE, "HTTP/web.example.com@EXAMPLE.COM"),
        ("bob@OTHER.EXAMPLE", "bob@OTHER.EXAMPLE"),
        (r"alice\@corp.com", r"alice\@corp.com@EXAMPLE.COM"),
        ("a@b@c", r"a\@b\@c@EXAMPLE.COM"),
        ("", "@EXAMPLE.COM"),
    ] {
        assert_eq!(realm.principal(text).to_string(), expected);
    }
    let octets = kerbside::Principal::new(b"R\0", [b"\xff\0".as_slice(), b""]);
    let login = realm.login_of(&octets, realm.principal(SERVICE));
    assert_eq!(login.ticket().cname, PrincipalName::new(NameType::NT_SRV_HST, [b"\xff\0".as_slice(), b""]));
    assert_eq!(login.ticket().crealm, b"R\0");
}

#[test]
fn keytabs_hold_the_keys_that_were_asked_for() {
    let realm = realm();
    let (web, cifs) = (realm.principal(SERVICE), realm.principal("cifs/web.example.com"));
    let enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
    let alias = realm.service_key(&web, enctype, 300);
    let builder = realm
        .keytab_builder()
        .key(SERVICE, enctype, 300)
        .entry(&cifs, 300, &alias)
        .kvno_trailer(KvnoTrailer::Omit)
        .timestamp(KerberosTime::from_unix_seconds(1))
        .key(SERVICE, Enctype(99), 300);
    let keytab = builder.build().unwrap();
    let [first, second, third] = keytab.entries() else { panic!("not three entries") };
    assert_eq!((first.principal(), first.kvno(), first.enctype()), (&web, 300, enctype));
    assert_eq!((second.principal(), second.kvno()), (&cifs, 300));
    assert_eq!(first.key().unwrap().as_octets(), alias.keyvalue);
    assert_eq!(second.key().unwrap().as_octets(), alias.keyvalue);
    assert_eq!((third.kvno(), third.timestamp().unix_seconds(), third.key().is_none()), (300 % 256, 1, true));
    assert_ne!(realm.service_key(&web, enctype, 2).keyvalue, realm.service_key(&web, enctype, 3).keyvalue);
    assert_ne!(alias.keyvalue, realm.service_key(&cifs, enctype, 300).keyvalue);
}

#[test]
fn no_debug_output_shows_key_octets() {
    let login = login();
    let shown = format!("{login:?}");
    for key in [&login.ticket().key, &login.ticket().sealing_key] {
        assert!(!shown.contains(&format!("{:?}", key.keyvalue)));
    }
    assert!(shown.contains("32 octets"));
}
