//! The messages of RFC 4120 §5: what is a message, what is not, and what comes out of it.

#[path = "support/build.rs"]
mod build;
#[path = "messages/random.rs"]
mod random;

use build::{Message, NOW, encrypted_data, flags, general_string, integer, list, name, octet_string, time, tlv, typed};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use kerbside::asn1::{DecodeError, DecodeErrorKind, LengthForm, Reader, Rules, TypeId, Writer};
use kerbside::messages::*;
use kerbside::numbers::{AuthDataType, Enctype, KrbErrorCode, NameType};
use kerbside::{KerberosTime, Principal};

const STRICT: Rules = Rules::new(LengthForm::Shortest, 16);
const TOLERANT: Rules = Rules::new(LengthForm::UpToFourOctets, 16);

fn one<'a, T>(
    octets: &'a [u8],
    decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeErrorKind> {
    Reader::new(octets, TypeId::TLV, STRICT).whole(decode).map_err(|error| error.kind())
}

// ---- Rules that every production follows ------------------------------------------------------------------------

type Decode = fn(&[u8], Rules) -> Result<(), DecodeError>;

/// A production with all its fields, those of them that may be absent, and those that are lists and may be empty.
struct Production {
    name: &'static str,
    message: Message,
    optional: &'static [u8],
    lists: &'static [u8],
    decode: Decode,
}

macro_rules! production {
    ($type:ident, $message:expr, $optional:expr, $lists:expr) => {
        Production {
            name: stringify!($type),
            message: $message,
            optional: &$optional,
            lists: &$lists,
            decode: |octets, rules| Reader::new(octets, TypeId::TLV, rules).whole($type::decode).map(drop),
        }
    };
}

fn productions() -> [Production; 14] {
    [
        production!(ApReq, build::ap_req(), [], []),
        production!(Ticket, build::ticket(), [], []),
        production!(EncTicketPart, build::enc_ticket_part(), [6, 8, 9, 10], [9, 10]),
        production!(Authenticator, build::authenticator(), [3, 6, 7, 8], [8]),
        production!(ApRep, build::ap_rep(), [], []),
        production!(EncApRepPart, build::enc_ap_rep_part(), [2, 3], []),
        production!(KrbError, build::krb_error(), [2, 3, 7, 8, 11, 12], []),
        production!(PrincipalName, name(1, ["alice"]), [], []),
        production!(EncryptedData, encrypted_data(18, Some(2), "cipher"), [1], []),
        production!(EncryptionKey, typed(18, [0x11; 32]), [], []),
        production!(Checksum, typed(16, [0; 12]), [], []),
        production!(HostAddress, typed(2, [192, 0, 2, 1]), [], []),
        production!(TransitedEncoding, typed(1, ""), [], []),
        production!(KerbErrorData, Message::sequence().with(1, integer(2)).with(2, octet_string("value")), [2], []),
    ]
}

/// Entry points that take octets from outside, or from inside a decrypted part.
const ENTRY_POINTS: [(&str, Decode); 10] = [
    ("AP-REQ", |octets, rules| ApReq::from_octets(octets, rules).map(drop)),
    ("Ticket", |octets, rules| Ticket::from_octets(octets, rules).map(drop)),
    ("EncTicketPart", |octets, rules| EncTicketPart::from_octets(octets, rules).map(drop)),
    ("Authenticator", |octets, rules| Authenticator::from_octets(octets, rules).map(drop)),
    ("AP-REP", |octets, rules| ApRep::from_octets(octets, rules).map(drop)),
    ("EncAPRepPart", |octets, rules| EncApRepPart::from_octets(octets, rules).map(drop)),
    ("KRB-ERROR", |octets, rules| KrbError::from_octets(octets, rules).map(drop)),
    ("AuthorizationData", |octets, rules| AuthorizationData::from_octets(octets, rules).map(drop)),
    ("EtypeList", |octets, rules| EtypeList::from_octets(octets, rules).map(drop)),
    ("KERB-ERROR-DATA", |octets, rules| KerbErrorData::from_octets(octets, rules).map(drop)),
];

#[test]
fn a_field_may_be_absent_only_where_its_production_says_optional() {
    for Production { name, message, optional, decode, .. } in productions() {
        assert_eq!(decode(&message.octets(), STRICT), Ok(()), "{name}");
        for number in message.numbers() {
            let without = decode(&message.clone().without(number).octets(), STRICT);
            assert_eq!(without.is_ok(), optional.contains(&number), "{name} without [{number}]: {without:?}");
        }
    }
}

#[test]
fn a_field_of_another_type_is_refused() {
    for Production { name, message, decode, .. } in productions() {
        for number in message.numbers() {
            let boolean = message.clone().with(number, tlv(0x01, &[0xff]));
            let error = decode(&boolean.octets(), STRICT).unwrap_err();
            assert!(matches!(error.kind(), DecodeErrorKind::UnexpectedTag { found: 0x01, .. }), "{name}: {error}");
        }
    }
}

#[test]
fn fields_out_of_order_or_twice_are_refused() {
    for Production { name, message, decode, .. } in productions() {
        let numbers = message.numbers();
        for at in 1..numbers.len() {
            let mut swapped = numbers.clone();
            swapped.swap(at - 1, at);
            assert!(decode(&message.ordered(&swapped), STRICT).is_err(), "{name} {swapped:?}");
        }
        for at in 0..numbers.len() {
            let mut twice = numbers.clone();
            twice.insert(at, numbers[at]);
            assert!(decode(&message.ordered(&twice), STRICT).is_err(), "{name} {twice:?}");
        }
    }
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    for Production { name, message, decode, .. } in productions() {
        let last = message.numbers().pop().unwrap();
        let later = message.with(last + 1, integer(7)).with(last + 9, octet_string("later"));
        assert_eq!(decode(&later.octets(), STRICT), Ok(()), "{name}");
    }
}

#[test]
fn neg_13_a_field_without_octets_is_empty_or_refused_as_its_type_says() {
    for Production { name, message, lists, decode, .. } in productions() {
        for number in message.numbers() {
            let tag = message.field(number)[0];
            let emptied = decode(&message.clone().with(number, [tag, 0]).octets(), STRICT);
            let may_be_empty = matches!(tag, 0x04 | 0x1b) || lists.contains(&number);
            assert_eq!(emptied.is_ok(), may_be_empty, "{name} [{number}]: {emptied:?}");
            assert!(decode(&message.clone().with(number, []).octets(), STRICT).is_err(), "{name} [{number}]");
        }
    }
}

#[test]
fn neg_25_one_octet_after_a_production_is_refused() {
    for Production { name, message, decode, .. } in productions() {
        for octet in [0, 0x30, 0xff] {
            let octets = [message.octets(), vec![octet]].concat();
            let error = decode(&octets, STRICT).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (DecodeErrorKind::TrailingOctets, octets.len() - 1), "{name}");
        }
        for number in message.numbers() {
            let value = [message.field(number), &[0]].concat();
            let error = decode(&message.clone().with(number, value).octets(), STRICT).unwrap_err();
            assert_eq!(error.kind(), DecodeErrorKind::TrailingOctets, "{name} [{number}]");
        }
    }
}

#[test]
fn every_truncation_of_every_production_is_refused_inside_it() {
    for Production { name, message, decode, .. } in productions() {
        let octets = message.octets();
        for length in 0..octets.len() {
            let error = decode(&octets[..length], TOLERANT).unwrap_err();
            assert!(error.offset() <= length, "{name} cut at {length}: {error}");
        }
    }
}

#[test]
fn neg_24_what_is_hardly_anything_is_refused() {
    let empties = [0x30, 0x60, 0xa1, 0xa0, 0x6e].map(|tag| vec![tag, 0]);
    let octets = (0..=0xff).map(|octet| vec![octet]);
    let krb5 = [&[0x60, 0x0d, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1, 0][..]].map(<[u8]>::to_vec);
    for input in empties.into_iter().chain(octets).chain(krb5).chain([Vec::new()]) {
        for (name, decode) in ENTRY_POINTS {
            let is_empty_list = input == [0x30, 0] && matches!(name, "AuthorizationData" | "EtypeList");
            assert_eq!(decode(&input, TOLERANT).is_ok(), is_empty_list, "{name} of {input:02x?}");
        }
    }
}

#[test]
fn neg_17_a_mebibyte_of_openings_is_refused_by_every_entry_point() {
    let of = |pattern: &[u8]| pattern.iter().copied().cycle().take(1 << 20).collect::<Vec<u8>>();
    let inputs = [of(&[0x30, 0x80]), of(&[0x60, 0x84]), of(&[0x6e, 0x80]), of(&[0x30, 0x84, 0, 0x0f, 0xff, 0xfa])];
    let on_a_small_stack = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        for (input, (name, decode)) in inputs.iter().flat_map(|input| ENTRY_POINTS.map(|entry| (input, entry))) {
            assert!(decode(input, TOLERANT).is_err(), "{name}");
        }
    });
    on_a_small_stack.unwrap().join().unwrap();
}

#[test]
fn lengths_that_are_not_shortest_are_read_under_tolerant_rules_only() {
    let octets = build::authenticator().octets();
    let (header, content) = octets.split_at(3);
    assert_eq!(header[1], 0x81);
    let longer = [&[header[0], 0x83, 0, 0, header[2]], content].concat();
    assert!(Authenticator::from_octets(&longer, TOLERANT).is_ok());
    let error = Authenticator::from_octets(&longer, STRICT).unwrap_err();
    assert_eq!(error.to_string(), "Authenticator at offset 0 has a length that is not in its shortest form");
}

#[test]
fn errors_name_the_innermost_production_and_count_from_the_start_of_the_input() {
    let octets = build::ap_req().with(3, build::ticket().with(2, name(2, ["HTTP"]).with(0, octet_string("")))).octets();
    let error = ApReq::from_octets(&octets, STRICT).unwrap_err();
    assert_eq!(error.type_id().name(), "PrincipalName");
    assert_eq!(octets[error.offset()], 0x04, "{error}");
}

// ---- Times, numbers and flags -----------------------------------------------------------------------------------

#[test]
fn neg_03_only_dates_of_the_calendar_in_the_one_form_are_times() {
    let decode = |text: &[u8]| one(&tlv(0x18, text), Reader::value::<KerberosTime>).ok().map(|time| time.to_string());
    for (text, expected) in [
        ("20260301100501Z", "2026-03-01T10:05:01Z"),
        ("20240229000000Z", "2024-02-29T00:00:00Z"),
        ("19700101000000Z", "1970-01-01T00:00:00Z"),
        ("19691231235959Z", "1969-12-31T23:59:59Z"),
        ("00010101000000Z", "0001-01-01T00:00:00Z"),
        ("99991231235959Z", "9999-12-31T23:59:59Z"),
        ("20161231235960Z", "2016-12-31T23:59:59Z"),
    ] {
        assert_eq!(decode(text.as_bytes()).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "Z",
        "20260301100501",
        "20260301100501z",
        "20260301100501+0000",
        "20260301100501.5Z",
        "20260301100501.0Z",
        "202603011005Z",
        "2026030110050Z",
        "020260301100501Z",
        "2026o301100501Z",
        "+0260301100501Z",
        "2026 301100501Z",
        "00000101000000Z",
        "20260001100501Z",
        "20261301100501Z",
        "20260300100501Z",
        "20260332100501Z",
        "20260431100501Z",
        "20260229100501Z",
        "20260301240000Z",
        "20260301106001Z",
        "20260301100561Z",
    ] {
        assert_eq!(decode(text.as_bytes()), None, "{text}");
    }
    assert_eq!(decode(&vec![b'1'; 1 << 20]), None);
    assert_eq!(one(&tlv(0x17, b"260301100501Z"), Reader::value::<KerberosTime>).ok(), None, "UTCTime");
}

#[test]
fn a_time_that_four_digits_cannot_hold_is_written_as_the_nearest() {
    for (seconds, text) in [(i64::MAX, "99991231235959Z"), (i64::MIN, "00010101000000Z"), (0, "19700101000000Z")] {
        let mut writer = Writer::default();
        KerberosTime::from_unix_seconds(seconds).encode(&mut writer);
        assert_eq!(writer.into_octets(), tlv(0x18, text.as_bytes()));
    }
}

#[test]
fn apr_24_microseconds_are_below_a_million() {
    let cusec = |value| {
        let octets = build::authenticator().with(4, integer(value)).octets();
        Authenticator::from_octets(&octets, STRICT)
            .map(|authenticator| authenticator.cusec)
            .map_err(|error| error.kind())
    };
    for value in [0, 1, 999_999] {
        assert_eq!(cusec(value).map(i64::from), Ok(value));
    }
    for value in [-1, 1_000_000, 1 << 31, -(1 << 31), 1 << 32] {
        assert_eq!(cusec(value), Err(DecodeErrorKind::IntegerRange), "{value}");
    }
    let susec = build::krb_error().with(5, integer(1_000_000)).octets();
    assert_eq!(KrbError::from_octets(&susec, STRICT).unwrap_err().kind(), DecodeErrorKind::IntegerRange);
    let in_ap_rep = build::enc_ap_rep_part().with(1, integer(-1)).octets();
    assert_eq!(EncApRepPart::from_octets(&in_ap_rep, STRICT).unwrap_err().kind(), DecodeErrorKind::IntegerRange);
}

#[test]
fn apr_25_a_sequence_number_is_a_pattern_of_32_bits() {
    let cases = [
        (0, 0),
        (0x7fff_ffff, 0x7fff_ffff),
        (0x8000_0000, 0x8000_0000),
        (0xffff_ffff, 0xffff_ffff),
        (-1, 0xffff_ffff),
        (-0x8000_0000, 0x8000_0000),
        (-2, 0xffff_fffe),
    ];
    for (wire, expected) in cases {
        let octets = build::authenticator().with(7, integer(wire)).octets();
        assert_eq!(Authenticator::from_octets(&octets, STRICT).unwrap().seq_number, Some(expected), "{wire}");
        let octets = build::enc_ap_rep_part().with(3, integer(wire)).octets();
        assert_eq!(EncApRepPart::from_octets(&octets, STRICT).unwrap().seq_number, Some(expected), "{wire}");
    }
    for wire in [1 << 32, -(1 << 31) - 1] {
        let octets = build::authenticator().with(7, integer(wire)).octets();
        let error = Authenticator::from_octets(&octets, STRICT).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::IntegerRange, "{wire}");
    }
    let octets = build::authenticator().without(7).octets();
    assert_eq!(Authenticator::from_octets(&octets, STRICT).unwrap().seq_number, None);
}

#[test]
fn a_kvno_is_the_same_signed_or_unsigned_and_is_written_signed() {
    for (wire, kvno) in [(2, 2), (0, 0), (-1, u32::MAX), (0xffff_ffff, u32::MAX), (-1_236_205_567, 0xb651_0001)] {
        let octets = encrypted_data(18, Some(wire), "cipher").octets();
        let data = one(&octets, EncryptedData::decode).unwrap();
        assert_eq!(data.kvno, Some(kvno), "{wire}");
        let mut writer = Writer::default();
        data.encode(&mut writer);
        let signed = if wire > 0x7fff_ffff { wire - (1 << 32) } else { wire };
        assert_eq!(writer.into_octets(), encrypted_data(18, Some(signed), "cipher").octets());
    }
    let too_long = encrypted_data(18, Some(1 << 32), "cipher").octets();
    assert_eq!(one(&too_long, EncryptedData::decode), Err(DecodeErrorKind::IntegerRange));
}

#[test]
fn ap_options_may_have_fewer_bits_than_32_but_not_none() {
    let options = |content: &[u8]| {
        let octets = build::ap_req().with(2, tlv(0x03, content)).octets();
        ApReq::from_octets(&octets, STRICT).map(|ap_req| ap_req.ap_options).map_err(|error| error.kind())
    };
    assert_eq!(options(&[0, 0x20, 0, 0, 0]), Ok(ApOptions::MUTUAL_REQUIRED));
    assert_eq!(options(&[5, 0x20]), Ok(ApOptions::MUTUAL_REQUIRED));
    assert_eq!(options(&[0, 0]), Ok(ApOptions(0)));
    assert_eq!(options(&[0, 0x40, 0, 0, 1, 0xff]), Ok(ApOptions(0x4000_0001)));
    assert_eq!(options(&[0]), Err(DecodeErrorKind::BadValue));
    assert_eq!(options(&[]), Err(DecodeErrorKind::BadValue));
    assert_eq!(options(&[6, 0x20]), Err(DecodeErrorKind::BadValue), "an unused bit is set");
    assert!(ApOptions(0x6000_0000).contains(ApOptions::USE_SESSION_KEY));
    assert!(!ApOptions::MUTUAL_REQUIRED.contains(ApOptions::USE_SESSION_KEY));
    assert!(!ApOptions::MUTUAL_REQUIRED.contains(ApOptions(0x6000_0000)), "one of two is not both");
}

#[test]
fn ticket_flags_are_extended_by_zeros() {
    let decode = |content: &[u8]| {
        let octets = build::enc_ticket_part().with(0, tlv(0x03, content)).octets();
        EncTicketPart::from_octets(&octets, STRICT).map(|part| part.flags).map_err(|error| error.kind())
    };
    assert_eq!(decode(&[0, 0x40]), Ok(TicketFlags::FORWARDABLE));
    assert_eq!(decode(&[0]), Ok(TicketFlags(0)));
    assert!(TicketFlags(0x4001_0000).contains(TicketFlags(0x4001_0000)));
    assert!(!TicketFlags::FORWARDABLE.contains(TicketFlags(0x4001_0000)), "one of two is not both");
    assert_eq!(decode(&[1]), Err(DecodeErrorKind::BadValue));
    assert_eq!(decode(&[]), Err(DecodeErrorKind::BadValue));
}

/// RFC 4120 §5.3 and the registry: the number of each bit is a fact, and so is its name.
#[test]
fn every_flag_has_the_bit_and_the_name_of_the_registry() {
    let ticket_flags: Vec<(u32, &str)> = (0..32)
        .flat_map(|bit| TicketFlags(1 << (31 - bit)).names().map(move |name| (bit, name)).collect::<Vec<_>>())
        .collect();
    let expected = [
        (1, "forwardable"),
        (2, "forwarded"),
        (3, "proxiable"),
        (4, "proxy"),
        (5, "may-postdate"),
        (6, "postdated"),
        (7, "invalid"),
        (8, "renewable"),
        (9, "initial"),
        (10, "pre-authent"),
        (11, "hw-authent"),
        (12, "transited-policy-checked"),
        (13, "ok-as-delegate"),
        (15, "enc-pa-rep"),
        (16, "anonymous"),
    ];
    assert_eq!(ticket_flags, expected);
    assert_eq!(ApOptions(u32::MAX).names().collect::<Vec<_>>(), ["use-session-key", "mutual-required"]);
    assert_eq!(format!("{:?}", TicketFlags(0x4000_8001)), "TicketFlags(forwardable anonymous 0x40008001)");
}

// ---- Names ------------------------------------------------------------------------------------------------------

#[test]
fn neg_22_names_are_octets_and_are_shown_escaped() {
    let long = vec![b'x'; 64 << 10];
    for (components, shown) in [
        (vec![&b"a\0b"[..]], r"a\0b@R"),
        (vec![b""], "@R"),
        (vec![b"", b"x", b""], "/x/@R"),
        (vec![b"\xff\xfe"], r"\xff\xfe@R"),
        (vec![b"a/b", b"c@d"], r"a\/b/c\@d@R"),
    ] {
        let octets = name(1, &components).octets();
        let decoded = one(&octets, PrincipalName::decode).unwrap();
        assert!(decoded.components().eq(components.iter().copied()));
        assert_eq!(decoded.in_realm(b"R").to_string(), shown);
        assert_eq!(format!("{decoded}@R"), shown);
        assert_eq!(decoded.to_principal(b"R").to_string(), shown);
    }
    let octets = name(1, [&long]).octets();
    assert!(one(&octets, PrincipalName::decode).unwrap().components().eq([&long[..]]));
}

#[test]
fn neg_22_names_are_equal_octet_for_octet_whatever_their_type() {
    let alice = name(1, ["alice"]).octets();
    let alice = one(&alice, PrincipalName::decode).unwrap();
    assert!(alice.same_name(&one(&name(10, ["alice"]).octets(), PrincipalName::decode).unwrap()));
    assert!(alice.names(&Principal::new("ANY", ["alice"])));
    for other in [vec!["Alice"], vec!["alice\0"], vec!["alice", ""], vec!["", "alice"], vec!["ali", "ce"]] {
        assert!(!alice.same_name(&one(&name(1, &other).octets(), PrincipalName::decode).unwrap()), "{other:?}");
        assert!(!alice.names(&Principal::new("ANY", &other)), "{other:?}");
    }
}

#[test]
fn a_name_has_one_to_sixteen_components() {
    for (count, accepted) in [(0, false), (1, true), (16, true), (17, false), (1_000, false)] {
        let octets = name(1, vec!["x"; count]).octets();
        let decoded = one(&octets, PrincipalName::decode).map(|name| name.components().count());
        assert_eq!(decoded, if accepted { Ok(count) } else { Err(DecodeErrorKind::Count) });
    }
    let not_strings = name(1, ["x"]).with(1, list([octet_string("x")])).octets();
    assert!(one(&not_strings, PrincipalName::decode).is_err());
}

#[test]
fn components_with_long_lengths_come_out_under_tolerant_rules() {
    let octets = name(2, ["HTTP", "web"]).with(1, list([&b"\x1b\x83\0\0\x04HTTP"[..], b"\x1b\x03web"])).octets();
    let decoded = Reader::new(&octets, TypeId::TLV, TOLERANT).whole(PrincipalName::decode).unwrap();
    assert_eq!(decoded.to_string(), "HTTP/web");
    assert!(decoded.same_name(&one(&name(2, ["HTTP", "web"]).octets(), PrincipalName::decode).unwrap()));
    assert_eq!(one(&octets, PrincipalName::decode).map(drop), Err(DecodeErrorKind::LengthNotMinimal));
}

#[test]
fn neg_26_names_outside_ascii_come_out_as_they_went_in() {
    let realm = "ПРИМЕР.РФ";
    let octets = build::authenticator().with(1, general_string(realm)).with(2, name(1, ["josé"])).octets();
    let authenticator = Authenticator::from_octets(&octets, STRICT).unwrap();
    assert_eq!(authenticator.crealm, realm.as_bytes());
    assert!(authenticator.cname.components().eq(["josé".as_bytes()]));
    assert_eq!(authenticator.cname.to_principal(authenticator.crealm), Principal::new(realm, ["josé"]));
    assert_eq!(authenticator.cname.in_realm(authenticator.crealm).to_string(), "josé@ПРИМЕР.РФ");
}

#[test]
fn a_name_keeps_its_type_on_the_way_to_a_principal_and_back() {
    let octets = name(-128, ["HTTP", "web"]).octets();
    let principal = one(&octets, PrincipalName::decode).unwrap().to_principal(b"R");
    assert_eq!(principal.name_type(), NameType(-128));
    let mut writer = Writer::default();
    PrincipalName::from(&principal).encode(&mut writer);
    assert_eq!(writer.into_octets(), octets);
}

// ---- Addresses and authorization data ---------------------------------------------------------------------------

#[test]
fn addresses_are_ip_addresses_where_type_and_length_say_so() {
    let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let octets = list([
        typed(2, [192, 0, 2, 1]).octets(),
        typed(24, v6.octets()).octets(),
        typed(20, "WEB             ").octets(),
        typed(2, [192, 0, 2]).octets(),
        typed(24, [192, 0, 2, 1]).octets(),
        typed(-7, "").octets(),
    ]);
    let addresses = one(&octets, HostAddresses::decode).unwrap();
    let expected = [Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))), Some(IpAddr::V6(v6)), None, None, None, None];
    assert!(addresses.iter().map(|address| address.to_ip_addr()).eq(expected));
    assert!(addresses.iter().map(|address| address.addr_type.0).eq([2, 24, 20, 2, 24, -7]));
    let many = list(vec![typed(2, [192, 0, 2, 1]).octets(); 1_000]);
    assert_eq!(one(&many, HostAddresses::decode).unwrap().iter().count(), 1_000);
}

fn if_relevant(elements: &[Vec<u8>]) -> Vec<u8> {
    typed(1, list(elements)).octets()
}

/// What a walk over authorization data finds: type, data, and whether it stands inside an AD-IF-RELEVANT.
fn walked(octets: &[u8], rules: Rules) -> Result<Vec<(i32, String, bool)>, DecodeErrorKind> {
    let data = AuthorizationData::from_octets(octets, rules).map_err(|error| error.kind())?;
    data.walk()
        .map(|element| {
            let element = element.map_err(|error| error.kind())?;
            let text = String::from_utf8_lossy(element.ad_data).into_owned();
            Ok((element.ad_type.0, text, element.inside_if_relevant))
        })
        .collect()
}

#[test]
fn a_walk_enters_if_relevant_and_keeps_the_order() {
    let octets = list([
        typed(512, "a").octets(),
        if_relevant(&[typed(128, "b").octets(), if_relevant(&[typed(141, "c").octets()]), typed(129, "d").octets()]),
        if_relevant(&[]),
        typed(4, "e").octets(),
    ]);
    let found = [(512, "a", false), (128, "b", true), (141, "c", true), (129, "d", true), (4, "e", false)];
    let found = found.map(|(number, data, inside)| (number, data.to_owned(), inside));
    assert_eq!(walked(&octets, STRICT), Ok(found.to_vec()));
    let direct = AuthorizationData::from_octets(&octets, STRICT).unwrap();
    assert!(direct.iter().map(|element| element.ad_type.0).eq([512, 1, 1, 4]));
    assert_eq!(walked(&list::<Vec<u8>>([]), STRICT), Ok(Vec::new()));
}

#[test]
fn a_walk_follows_four_lists_and_refuses_a_fifth() {
    let nested = |lists: usize| {
        (1..lists).fold(list([typed(128, "x").octets()]), |inner, _| list([typed(1, inner)].map(Vec::from)))
    };
    let deep = Rules::new(LengthForm::Shortest, 100);
    assert_eq!(walked(&nested(4), deep), Ok(vec![(128, "x".to_owned(), true)]));
    assert_eq!(walked(&nested(5), deep), Err(DecodeErrorKind::TooDeep));
    assert_eq!(walked(&nested(4), Rules::new(LengthForm::Shortest, 15)), Err(DecodeErrorKind::TooDeep));
}

#[test]
fn a_walk_ends_with_the_error_of_a_malformed_if_relevant() {
    for malformed in [b"foobar".to_vec(), Vec::new(), [list::<Vec<u8>>([]), vec![0]].concat(), list([integer(1)])] {
        let octets = list([typed(1, &malformed).octets(), typed(128, "after").octets()]);
        let data = AuthorizationData::from_octets(&octets, STRICT).unwrap();
        let mut walk = data.walk();
        let error = walk.next().unwrap().unwrap_err();
        assert_eq!(error.type_id().name(), "AuthorizationData");
        assert!(walk.next().is_none(), "{malformed:02x?}");
    }
}

#[test]
fn an_element_ends_where_its_known_fields_end() {
    let read = |element: Message| walked(&list([element.octets()]), STRICT);
    let element = typed(128, "x");
    let found = Ok(vec![(128, "x".to_owned(), false)]);
    assert_eq!(read(element.clone()), found);
    assert_eq!(read(element.clone().with(2, integer(7))), found, "a later version's field is passed over");
    assert!(read(element.clone().without(0)).is_err());
    assert!(read(element.clone().without(1)).is_err());
    assert_eq!(walked(&list([element.ordered(&[0, 1, 1])]), STRICT), Err(DecodeErrorKind::TrailingOctets));
    let late = list([element.octets(), integer(7)]);
    assert!(AuthorizationData::from_octets(&late, STRICT).is_err());
}

#[test]
fn an_element_reads_on_with_the_offsets_of_the_whole() {
    let octets = list([typed(129, list([integer(18)])).octets()]);
    let data = AuthorizationData::from_octets(&octets, STRICT).unwrap();
    let element = data.walk().next().unwrap().unwrap();
    assert_eq!(element.ad_type, AuthDataType::ETYPE_NEGOTIATION);
    let etypes = element.reader().whole(EtypeList::decode).unwrap();
    assert!(etypes.iter().eq([Enctype::AES256_CTS_HMAC_SHA1_96]));
    let error = element.reader().whole(KerbErrorData::decode).unwrap_err();
    assert_eq!(octets[error.offset()..], integer(18));
}

#[test]
fn an_etype_list_is_in_the_order_of_preference() {
    let octets = list([18, 17, -135, 23].map(integer));
    let etypes = EtypeList::from_octets(&octets, STRICT).unwrap();
    assert!(etypes.iter().map(|etype| etype.0).eq([18, 17, -135, 23]));
    let late = list([integer(18), octet_string("x")]);
    for malformed in [list([integer(1 << 31)]), late, vec![0x30, 1, 2], vec![0x30, 2, 2, 0]] {
        assert!(EtypeList::from_octets(&malformed, STRICT).is_err(), "{malformed:02x?}");
    }
}

// ---- What is sent -----------------------------------------------------------------------------------------------

#[test]
fn the_skew_recovery_data_are_those_of_ms_kile() {
    assert_eq!(KerbErrorData::SKEW_RECOVERY.to_octets(), [0x30, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x02]);
    let with_value = Message::sequence().with(1, integer(3)).with(2, octet_string("value")).octets();
    let decoded = KerbErrorData::from_octets(&with_value, STRICT).unwrap();
    assert_eq!((decoded.data_type, decoded.data_value), (3, Some(&b"value"[..])));
    assert_eq!(decoded.to_octets(), with_value);
}

#[test]
fn an_ap_rep_is_written_as_der_writes_it() {
    let cipher = [0xcc; 40];
    let ap_rep = ApRep::new(EncryptedData::new(Enctype::AES256_CTS_HMAC_SHA1_96, &cipher));
    assert_eq!(ap_rep.to_octets(), build::ap_rep().octets());
    let key = [0x33; 32];
    let mut part = EncApRepPart::new(NOW, 0);
    assert_eq!(part.to_octets(), build::enc_ap_rep_part().without(2).without(3).octets());
    part.subkey = Some(EncryptionKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &key));
    part.seq_number = Some(u32::MAX);
    assert_eq!(part.to_octets(), build::enc_ap_rep_part().with(3, integer(0xffff_ffff)).octets());
}

#[test]
fn what_is_sent_takes_one_allocation() {
    let key = vec![0x33; 300];
    let mut part = EncApRepPart::new(NOW, 999_999);
    part.subkey = Some(EncryptionKey::new(Enctype(i32::MIN), &key));
    part.seq_number = Some(u32::MAX);
    assert!(part.to_octets().capacity() == 300 + 96, "it grew, and left a copy of the key behind");
    let cipher = vec![0xcc; 70_000];
    let mut ap_rep = ApRep::new(EncryptedData::new(Enctype(i32::MIN), &cipher));
    ap_rep.enc_part.kvno = Some(u32::MAX / 2);
    assert_eq!(ap_rep.to_octets().capacity(), 70_000 + 64);
}

#[test]
fn a_krb_error_is_written_as_der_writes_it() {
    let octets = build::krb_error().octets();
    assert_eq!(KrbError::from_octets(&octets, STRICT).unwrap().to_octets(), octets);
    let service: Principal = "HTTP/web@R".parse().unwrap();
    let service = service.with_name_type(NameType::NT_SRV_INST);
    let error = KrbError::new(KrbErrorCode::KRB_AP_ERR_SKEW, (NOW, 2), service.realm(), PrincipalName::from(&service));
    let bare = [2, 3, 7, 8, 11, 12].into_iter().fold(build::krb_error(), Message::without);
    assert_eq!(error.to_octets(), bare.octets());
}

#[test]
fn debug_prints_no_octets_of_keys_checksums_or_data() {
    let secret = typed(18, "sEcReT").octets();
    let in_ticket = build::enc_ticket_part().with(1, secret.clone()).with(10, list([typed(128, "sEcReT").octets()]));
    let in_ticket = in_ticket.octets();
    let ticket = format!("{:?}", EncTicketPart::from_octets(&in_ticket, STRICT).unwrap());
    let in_authenticator = build::authenticator().with(3, typed(0x8003, "sEcReT")).with(6, secret.clone()).octets();
    let authenticator = format!("{:#?}", Authenticator::from_octets(&in_authenticator, STRICT).unwrap());
    let in_ap_rep = build::enc_ap_rep_part().with(2, secret).octets();
    let ap_rep = format!("{:?}", EncApRepPart::from_octets(&in_ap_rep, STRICT).unwrap());
    let in_ap_req = build::ap_req().with(4, encrypted_data(18, None, "sEcReT")).octets();
    let ap_req = format!("{:?}", ApReq::from_octets(&in_ap_req, STRICT).unwrap());
    for shown in [ticket, authenticator, ap_rep, ap_req] {
        assert!(shown.contains("6 octets"), "{shown}");
        for form in ["sEcReT", "115, 69", "73, 45", "7345", "0x73"] {
            assert!(!shown.contains(form), "{shown}");
        }
    }
}
