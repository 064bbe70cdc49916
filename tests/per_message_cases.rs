//! The cases MSG-01 to MSG-11 of the security table: what attackers and broken peers do with per-message tokens.

#[path = "support/sealed_by_hand.rs"]
mod sealed_by_hand;
#[path = "support/sessions.rs"]
mod sessions;

use kerbside::gss::{
    Confidentiality, ContextFlags, MessageOrder, Rc4Messages, Role, Session, SessionError, SessionParameters,
};
use kerbside::numbers::{Enctype, KeyUsage};
use sealed_by_hand::SealedByHand;
use sessions::{
    ACCEPTOR_SUBKEY, INITIATOR_SUBKEY, Octets, ROLES, SESSION_KEY, all_enctypes, cfx_enctypes, directed, key, pair,
    pair_with, parameters,
};

const SERVICES: [Confidentiality; 2] = [Confidentiality::Sealed, Confidentiality::SignedOnly];
const AES: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const RC4: Enctype = Enctype::RC4_HMAC;
const TEXT: &[u8] = b"the message";

fn wrapped(session: &mut Session, service: Confidentiality) -> Vec<u8> {
    session.wrap(TEXT, service, &Octets::default()).unwrap()
}

/// What becomes of a token by each of the four ways in: MIC, unwrapped, in place, and in pieces.
fn outcomes(receiver: &mut Session, token: &[u8]) -> [Option<SessionError>; 4] {
    let data = token.len().min(TEXT.len());
    let (header, data) = token.split_at(token.len() - data);
    [
        receiver.verify_mic(TEXT, token).err(),
        receiver.unwrap(token).err(),
        receiver.unwrap_in_place(&mut token.to_vec()).err(),
        receiver.unwrap_split(header, &mut data.to_vec(), &[]).err(),
    ]
}

/// A frame of RFC 1964 around these octets, its length `more` than it should be.
fn framed(oid: &[u8], inner: &[u8], more: isize) -> Vec<u8> {
    let content = [&[6, u8::try_from(oid.len()).unwrap()], oid, inner].concat();
    let length = u8::try_from(content.len().checked_add_signed(more).unwrap()).unwrap();
    assert!(length < 0x80);
    [&[0x60, length], &content[..]].concat()
}

const KRB5: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

// MSG-01: CVE-2014-4341 and CVE-2014-4342.
#[test]
fn msg_01_tokens_of_the_other_form_and_cut_tokens_are_malformed() {
    for enctype in all_enctypes() {
        let (mut sender, mut receiver) = pair(enctype);
        let (mut other, _) = pair(if enctype == RC4 { AES } else { RC4 });
        for token in [other.get_mic(TEXT).unwrap(), wrapped(&mut other, SERVICES[0]), wrapped(&mut other, SERVICES[1])]
        {
            assert_eq!(outcomes(&mut receiver, &token), [Some(SessionError::Malformed); 4], "{enctype}");
        }
        for octets in 0..=64 {
            let old = framed(&KRB5, &[2, 1, 0x11, 0, 0x10, 0, 0xff, 0xff].repeat(8)[..octets], 0);
            assert!(outcomes(&mut receiver, &old).iter().all(Option::is_some), "{enctype} {octets}");
            assert_eq!(
                outcomes(&mut receiver, &vec![0; octets]),
                [Some(SessionError::Malformed); 4],
                "{enctype} {octets}"
            );
        }
        let mic = sender.get_mic(TEXT).unwrap();
        for octets in 0..mic.len() {
            assert!(receiver.verify_mic(TEXT, &mic[..octets]).is_err(), "{enctype} {octets}");
        }
        assert!(receiver.verify_mic(TEXT, &mic).is_ok());
        for service in SERVICES {
            let token = wrapped(&mut sender, service);
            for octets in 0..token.len() {
                assert!(outcomes(&mut receiver, &token[..octets]).iter().all(Option::is_some), "{enctype} {octets}");
            }
            assert_eq!(receiver.unwrap(&token).unwrap().message, TEXT);
        }
    }
}

// MSG-02: CVE-2022-3437.
#[test]
fn msg_02_rc4_lengths_and_padding_are_exactly_right_or_refused() {
    let (mut sender, mut receiver) = pair(RC4);
    let genuine = wrapped(&mut sender, Confidentiality::SignedOnly);
    for second in 0..=255 {
        assert_eq!(outcomes(&mut receiver, &[0x60, second]), [Some(SessionError::Malformed); 4]);
    }
    assert!(outcomes(&mut receiver, &framed(&KRB5, &[], 0)).iter().all(Option::is_some));
    let inner = &genuine[13..];
    for more in [-2, -1, 1, 2] {
        assert_eq!(receiver.unwrap(&framed(&KRB5, inner, more)), Err(SessionError::Malformed), "{more}");
    }
    // The confounder, the padding, or all of it is missing.
    for octets in 24..=32 {
        assert_eq!(receiver.unwrap(&framed(&KRB5, &inner[..octets], 0)), Err(SessionError::Malformed), "{octets}");
    }
    assert_eq!(receiver.unwrap(&framed(&KRB5, inner, 0)).unwrap().message, TEXT);
    for padding in [0, 2, 8, 9, 255] {
        assert_eq!(receiver.unwrap(&rc4_padded(padding)), Err(SessionError::Malformed), "{padding}");
    }
    assert_eq!(receiver.unwrap(&rc4_padded(1)).unwrap().message, TEXT);
}

/// A signed token whose checksum is right and whose padding says `padding`.
///
/// The number in it is of no account: its key hangs on the checksum, which is not the genuine one's. So it is made by a
/// sender in DCE style, whose tokens have no padding, and gets another frame.
fn rc4_padded(padding: u8) -> Vec<u8> {
    let (mut sender, _) = pair_with(RC4, |parameters| parameters.flags(ContextFlags::DCE_STYLE));
    let text = [TEXT, &[padding]].concat();
    let token = sender.wrap(&text, Confidentiality::SignedOnly, &Octets::default()).unwrap();
    framed(&KRB5, &token[13..], 0)
}

/// Flips each bit of a token and calls `judge` with the bit's octet and number.
fn each_flip(token: &[u8], mut judge: impl FnMut(usize, u8, &[u8])) {
    for (at, bit) in (0..token.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut flipped = token.to_vec();
        flipped[at] ^= 1 << bit;
        judge(at, bit, &flipped);
    }
}

// MSG-03: CVE-2022-45142.
#[test]
fn msg_03_a_token_with_any_bit_flipped_is_refused() {
    for (enctype, role) in cfx_enctypes().into_iter().flat_map(|enctype| ROLES.map(|role| (enctype, role))) {
        let (mut sender, mut receiver) = directed(enctype, role);
        let mic = sender.get_mic(TEXT).unwrap();
        each_flip(&mic, |at, bit, flipped| {
            // RFC 4121 §4.2.2 has receivers ignore unknown flags, but they are signed.
            assert!(receiver.verify_mic(TEXT, flipped).is_err(), "{enctype} {at} {bit}");
        });
        each_flip(TEXT, |_, _, flipped| assert_eq!(receiver.verify_mic(flipped, &mic), Err(SessionError::Integrity)));
        assert_eq!(receiver.verify_mic(TEXT, &mic).unwrap().order, MessageOrder::InOrder);
        for service in SERVICES {
            let token = wrapped(&mut sender, service);
            let body = token.len() - 16;
            each_flip(&token, |at, bit, flipped| {
                // RFC 4121 §4.2.5: a rotation by the length of the body is none at all, and RRC is not signed.
                let rotation = if at == 6 { 256_usize << bit } else { 1 << bit };
                if matches!(at, 6 | 7) && rotation % body == 0 {
                    return;
                }
                assert!(receiver.unwrap(flipped).is_err(), "{enctype} {at} {bit}");
                let (header, data) = flipped.split_at(flipped.len() - TEXT.len());
                assert!(receiver.unwrap_split(header, &mut data.to_vec(), &[]).is_err(), "{enctype} {at} {bit}");
            });
            assert_eq!(receiver.unwrap(&token).unwrap().in_order().unwrap(), TEXT);
        }
    }
}

// MSG-03: for RC4, whose checksum leaves the sequence number out (RFC 4757 §7.2): in a MIC and a readable Wrap token
// anybody can change it. Such a token is still this message's, and the number is hearsay.
#[test]
fn msg_03_a_flipped_rc4_token_is_refused_or_only_renumbered() {
    for role in ROLES {
        let (mut sender, mut receiver) = directed(RC4, role);
        let first = if role == Role::Initiator { 1_000 } else { 2_000 };
        let numbers = 13 + 8..13 + 12;
        let renumbered =
            |at: usize, bit: u8, number: u64| (1 << (8 * (numbers.end - 1 - at) + usize::from(bit))) ^ number;
        let mic = sender.get_mic(TEXT).unwrap();
        each_flip(&mic, |at, bit, flipped| match receiver.verify_mic(TEXT, flipped) {
            Ok(received) => assert_eq!(received.sequence_number, renumbered(at, bit, first)),
            Err(_) => assert!(!numbers.contains(&at), "{at} {bit}"),
        });
        let signed = wrapped(&mut sender, Confidentiality::SignedOnly);
        each_flip(&signed, |at, bit, flipped| match receiver.unwrap(flipped) {
            Ok(unwrapped) => {
                assert_eq!(unwrapped.received.sequence_number, renumbered(at, bit, first + 1));
                assert_eq!(unwrapped.message, TEXT);
            }
            Err(_) => assert!(!numbers.contains(&at), "{at} {bit}"),
        });
        // The number is a part of the key that a sealed message is encrypted with.
        let sealed = wrapped(&mut sender, Confidentiality::Sealed);
        each_flip(&sealed, |at, bit, flipped| assert!(receiver.unwrap(flipped).is_err(), "{at} {bit}"));
        assert!(receiver.verify_mic(TEXT, &mic).is_ok());
        assert_eq!(receiver.unwrap(&signed).unwrap().message, TEXT);
        assert_eq!(receiver.unwrap(&sealed).unwrap().message, TEXT);
    }
}

// MSG-04: CVE-2024-37370 and CVE-2024-37371.
#[test]
fn msg_04_a_changed_extra_count_is_refused() {
    for enctype in cfx_enctypes() {
        let (mut sender, mut receiver) = pair(enctype);
        for service in SERVICES {
            let token = wrapped(&mut sender, service);
            let genuine = u16::from_be_bytes([token[4], token[5]]);
            let counts = (0..=512).chain((513..65_535).step_by(997)).chain([65_535]);
            for count in counts.filter(|count| *count != genuine) {
                let mut changed = token.clone();
                changed[4..6].copy_from_slice(&count.to_be_bytes());
                assert!(receiver.unwrap(&changed).is_err(), "{enctype} {count}");
            }
            assert_eq!(receiver.unwrap(&token).unwrap().message, TEXT);
        }
    }
}

// MSG-04: the key's owner lies, in the header or in its encrypted copy.
#[test]
fn msg_04_the_encrypted_header_must_be_the_header() {
    for enctype in cfx_enctypes() {
        let (_, mut receiver) = pair(enctype);
        let key = key(enctype, SESSION_KEY);
        let genuine = SealedByHand::by_initiator(1_000);
        for (outer, inner) in [(0, 1), (1, 0), (16, 0), (0, 16), (65_535, 0)] {
            let lie =
                SealedByHand { extra_count: outer, inner_extra_count: inner, ..SealedByHand::by_initiator(1_000) };
            assert_eq!(
                receiver.unwrap(&lie.around(&key, TEXT)),
                Err(SessionError::Integrity),
                "{enctype} {outer} {inner}"
            );
        }
        for count in [0, 1, 16, 500] {
            let filled =
                SealedByHand { extra_count: count, inner_extra_count: count, ..SealedByHand::by_initiator(1_000) };
            assert_eq!(receiver.unwrap(&filled.around(&key, TEXT)).unwrap().message, TEXT, "{enctype} {count}");
        }
        // More filler than there is plaintext: the message would have fewer octets than none.
        let token = genuine.around(&key, TEXT);
        let mut longer = token.clone();
        longer[4..6].copy_from_slice(&100_u16.to_be_bytes());
        assert_eq!(receiver.unwrap(&longer), Err(SessionError::Integrity));
        assert_eq!(receiver.unwrap(&token).unwrap().message, TEXT);
    }
}

// MSG-04: a sealed plaintext without room for the header.
#[test]
fn msg_04_a_plaintext_shorter_than_the_header_is_refused() {
    for enctype in cfx_enctypes() {
        let (_, mut receiver) = pair(enctype);
        let key = key(enctype, SESSION_KEY);
        let header = [5, 4, 2, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0xe8];
        for octets in 0..=16 {
            let mut token = header.to_vec();
            let confounder = vec![0; key.info().confounder_octets];
            key.encrypt(KeyUsage(24), &confounder, &header[16 - octets..], &mut token).unwrap();
            match receiver.unwrap(&token) {
                Ok(unwrapped) => assert_eq!((octets, unwrapped.message.len()), (16, 0), "{enctype}"),
                Err(error) => assert_eq!((octets < 16, error), (true, SessionError::Integrity), "{enctype}"),
            }
        }
    }
}

// MSG-05: CVE-2025-57736.
#[test]
fn msg_05_fillers_and_checksum_lengths_are_exact() {
    for enctype in cfx_enctypes() {
        let (mut sender, mut receiver) = pair(enctype);
        let mic = sender.get_mic(TEXT).unwrap();
        for (at, octet) in (3..8).flat_map(|at| [0, 0x7f, 0xfe].map(|octet| (at, octet))) {
            let mut changed = mic.clone();
            changed[at] = octet;
            assert_eq!(receiver.verify_mic(TEXT, &changed), Err(SessionError::Malformed), "{enctype} {at}");
        }
        for octets in (0..=40).filter(|octets| 16 + octets != mic.len()) {
            let mut other = mic.clone();
            other.resize(16 + octets, 0);
            assert_eq!(receiver.verify_mic(TEXT, &other), Err(SessionError::Integrity), "{enctype} {octets}");
        }
        assert!(receiver.verify_mic(TEXT, &mic).is_ok());
        for filler in [0, 0xfe, 0xff] {
            let token =
                SealedByHand { filler, ..SealedByHand::by_initiator(1_001) }.around(&key(enctype, SESSION_KEY), TEXT);
            let expected = if filler == 0xff { None } else { Some(SessionError::Malformed) };
            assert_eq!(receiver.unwrap(&token).err(), expected, "{enctype} {filler}");
        }
    }
}

// MSG-06: MIT krb5 a82922e097.
#[test]
fn msg_06_only_the_one_right_frame_is_taken_off() {
    let (mut sender, mut receiver) = pair(RC4);
    let mic = sender.get_mic(TEXT).unwrap();
    let signed = wrapped(&mut sender, Confidentiality::SignedOnly);
    for token in [&mic, &signed] {
        let inner = &token[13..];
        let microsoft = [0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2];
        let long_form = [&[0x60, 0x81], &token[1..]].concat();
        let indefinite = [&[0x60, 0x80], &token[2..], &[0, 0]].concat();
        let broken = [
            framed(&KRB5, inner, -1),
            framed(&KRB5, inner, 1),
            framed(&microsoft, inner, 0),
            framed(&KRB5[..8], inner, 0),
            framed(&[], inner, 0),
            framed(&KRB5, &inner[2..], 0),
            framed(&KRB5, &[], 0),
            long_form,
            indefinite,
            inner.to_vec(),
            [token, &[0][..]].concat(),
        ];
        for (which, broken) in broken.iter().enumerate() {
            assert_eq!(outcomes(&mut receiver, broken), [Some(SessionError::Malformed); 4], "{which}");
        }
    }
    assert_eq!(mic, framed(&KRB5, &mic[13..], 0));
    assert!(receiver.verify_mic(TEXT, &mic).is_ok());
    assert_eq!(receiver.unwrap(&signed).unwrap().message, TEXT);
}

// MSG-07: go-krb5 #150: any rotation opens, whatever its relation to the length.
#[test]
fn msg_07_every_rotation_count_is_undone() {
    for enctype in cfx_enctypes() {
        let (_, mut receiver) = pair(enctype);
        let key = key(enctype, SESSION_KEY);
        let body = SealedByHand::by_initiator(0).around(&key, TEXT).len() - 16;
        let around_lengths =
            [body, 2 * body, 1_000 * body, 65_535].map(|count| u16::try_from(count.min(65_535)).unwrap());
        for rotation in (0..=200).chain(around_lengths) {
            let rotated = SealedByHand { rotation, ..SealedByHand::by_initiator(0) }.around(&key, TEXT);
            assert_eq!(receiver.unwrap(&rotated).unwrap().message, TEXT, "{enctype} {rotation}");
            let mut wrong = rotated;
            wrong[6..8].copy_from_slice(&rotation.wrapping_add(1).to_be_bytes());
            assert!(receiver.unwrap(&wrong).is_err(), "{enctype} {rotation}");
        }
    }
}

/// A MIC made by hand, with these flags and under this key.
fn mic_by_hand(enctype: Enctype, seed: u8, usage: KeyUsage, flags: u8) -> Vec<u8> {
    let header = [4, 4, flags, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 3, 0xe8];
    let checksum = key(enctype, seed).checksum(usage, &[TEXT, &header]);
    [&header[..], checksum.as_octets()].concat()
}

/// A signed Wrap token made by hand.
fn signed_by_hand(enctype: Enctype, seed: u8, usage: KeyUsage, flags: u8) -> Vec<u8> {
    let mut header = [5, 4, flags, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0xe8];
    let checksum = key(enctype, seed).checksum(usage, &[TEXT, &header]);
    header[5] = u8::try_from(checksum.as_octets().len()).unwrap();
    [&header[..], TEXT, checksum.as_octets()].concat()
}

// MSG-07: go-krb5 #164. All tokens are rightly signed for what they say.
#[test]
fn msg_07_only_the_right_flags_pass() {
    for enctype in cfx_enctypes() {
        for (with_subkey, seed) in [(false, SESSION_KEY), (true, ACCEPTOR_SUBKEY)] {
            let (_, mut receiver) = pair_with(enctype, |parameters| match with_subkey {
                true => parameters.acceptor_subkey(key(enctype, ACCEPTOR_SUBKEY)),
                false => parameters,
            });
            let right = if with_subkey { 4 } else { 0 };
            for flags in 0..8 {
                let mic = receiver.verify_mic(TEXT, &mic_by_hand(enctype, seed, KeyUsage(25), flags));
                assert_eq!(mic.is_ok(), flags == right, "{enctype} {flags}");
                let by_hand = SealedByHand { flags, ..SealedByHand::by_initiator(1_000) };
                let sealed = receiver.unwrap(&by_hand.around(&key(enctype, seed), TEXT));
                assert_eq!(sealed.is_ok(), flags == right | 2, "{enctype} {flags}");
                let signed = receiver.unwrap(&signed_by_hand(enctype, seed, KeyUsage(24), flags));
                assert_eq!(signed.is_ok(), flags == right, "{enctype} {flags}");
                for (error, expected) in [(mic.err(), 2), (signed.err(), 0)] {
                    match flags {
                        _ if flags & 1 != 0 => assert_eq!(error, Some(SessionError::Reflected)),
                        _ if flags & 4 != right => assert_eq!(error, Some(SessionError::WrongKey)),
                        _ if flags & expected != 0 => assert_eq!(error, Some(SessionError::Malformed)),
                        _ => {}
                    }
                }
            }
        }
    }
}

// MSG-08: CVE-2025-3576, RFC 8429.
#[test]
fn msg_08_rc4_messages_are_refused_unless_allowed() {
    let refused = Some(SessionError::Rc4NotAllowed);
    let default = |role| SessionParameters::new(role, key(RC4, SESSION_KEY), sessions::EXPIRES);
    let (mut sender, mut receiver) = (Session::new(default(Role::Initiator)), Session::new(default(Role::Acceptor)));
    let random = Octets::default();
    for service in SERVICES {
        assert_eq!(sender.wrap(TEXT, service, &random).err(), refused);
        assert_eq!(sender.wrap_split(&mut TEXT.to_vec(), service, &random).err(), refused);
    }
    assert_eq!(sender.get_mic(TEXT).err(), refused);
    sender.set_rc4_messages(Rc4Messages::Allow);
    let (mic, token) = (sender.get_mic(TEXT).unwrap(), wrapped(&mut sender, Confidentiality::Sealed));
    assert_eq!(receiver.verify_mic(TEXT, &mic).err(), refused);
    assert_eq!(outcomes(&mut receiver, &token), [refused; 4]);
    receiver.set_rc4_messages(Rc4Messages::Allow);
    assert!(receiver.verify_mic(TEXT, &mic).is_ok());
    assert_eq!(receiver.unwrap(&token).unwrap().message, TEXT);
    // Contexts of other enctypes do not mind.
    for enctype in cfx_enctypes() {
        let (mut sender, mut receiver) = pair_with(enctype, |parameters| parameters.rc4_messages(Rc4Messages::Refuse));
        assert!(receiver.verify_mic(TEXT, &sender.get_mic(TEXT).unwrap()).is_ok());
    }
}

/// What a receiver that waits for `expected` says of these numbers, one after the other.
fn orders(enctype: Enctype, flags: ContextFlags, expected: u64, numbers: &[u64]) -> Vec<MessageOrder> {
    let receiver = parameters(Role::Acceptor, enctype).flags(flags).receive_sequence(expected);
    let mut receiver = Session::new(receiver);
    let order = |number: &u64| {
        let mut sender = Session::new(parameters(Role::Initiator, enctype).send_sequence(*number));
        receiver.verify_mic(TEXT, &sender.get_mic(TEXT).unwrap()).unwrap().order
    };
    numbers.iter().map(order).collect()
}

// MSG-09
#[test]
fn msg_09_sequence_numbers_are_classified() {
    use MessageOrder::{Duplicate, Gap, InOrder, Old, Unsequenced};
    const END_31: u64 = 0x7fff_ffff;
    const END_32: u64 = 0xffff_ffff;
    type Steps = &'static [(u64, MessageOrder)];
    let table: [(&str, u64, Steps); 12] = [
        ("in a row", 5, &[(5, InOrder), (6, InOrder), (7, InOrder)]),
        ("twice", 5, &[(5, InOrder), (5, Duplicate), (6, InOrder), (5, Duplicate)]),
        ("a straggler", 5, &[(5, InOrder), (7, Gap), (6, Unsequenced), (6, Duplicate), (8, InOrder)]),
        ("a jump by 62", 0, &[(62, Gap), (0, Unsequenced), (62, Duplicate), (0, Duplicate)]),
        ("a jump by 63", 0, &[(63, Gap), (0, Unsequenced), (63, Duplicate), (0, Duplicate)]),
        ("a jump by 64", 0, &[(64, Gap), (0, Old), (1, Unsequenced), (64, Duplicate)]),
        ("a jump by 65", 0, &[(65, Gap), (1, Old), (2, Unsequenced), (65, Duplicate)]),
        ("the last of the window", 0, &[(0, InOrder), (64, Gap), (0, Old), (63, Unsequenced), (63, Duplicate)]),
        ("before the first", 100, &[(99, Unsequenced), (99, Duplicate), (100, InOrder), (35, Old)]),
        ("over 2^31", END_31, &[(END_31, InOrder), (END_31 + 1, InOrder), (END_31, Duplicate), (END_31 + 3, Gap)]),
        ("to 2^32", END_32 - 1, &[(END_32 - 1, InOrder), (END_32, InOrder), (END_32, Duplicate)]),
        ("half of all 32 bits", 0, &[(END_31, Gap), (0, Old)]),
    ];
    for enctype in [AES, RC4] {
        for (name, expected, steps) in &table {
            let (numbers, wanted): (Vec<u64>, Vec<MessageOrder>) = steps.iter().copied().unzip();
            assert_eq!(orders(enctype, sessions::ordered(), *expected, &numbers), wanted, "{name} {enctype}");
        }
    }
}

// MSG-09: the ends of the two ranges, and jumps by half of them.
#[test]
fn msg_09_numbers_wrap_where_their_field_ends() {
    use MessageOrder::{Duplicate, Gap, InOrder, Old, Unsequenced};
    for (enctype, last) in [(RC4, u64::from(u32::MAX)), (AES, u64::MAX)] {
        let classified = |expected, numbers: &[u64]| orders(enctype, sessions::ordered(), expected, numbers);
        assert_eq!(classified(last, &[last, 0, last, 2, 1]), [InOrder, InOrder, Duplicate, Gap, Unsequenced]);
        assert_eq!(classified(last - 1, &[1, last, last - 63]), [Gap, Unsequenced, Old]);
        let half = last / 2 + 1;
        assert_eq!(classified(7, &[half + 7, half + 6, half + 7]), [Old, Gap, InOrder]);
        // The sender wraps as well.
        let (mut sender, _) = pair_with(enctype, |parameters| parameters.send_sequence(last));
        let (_, mut receiver) = pair_with(enctype, |parameters| parameters.receive_sequence(last));
        for number in [last, 0, 1] {
            let received = receiver.verify_mic(TEXT, &sender.get_mic(TEXT).unwrap()).unwrap();
            assert_eq!((received.sequence_number, received.order), (number, InOrder));
        }
    }
    // For RFC 4121 the end of 32 bits is a number like any other.
    let numbers = [0xffff_ffff, 0x1_0000_0000];
    assert_eq!(orders(AES, sessions::ordered(), 0xffff_ffff, &numbers), [InOrder, InOrder]);
}

// MSG-09: without SEQUENCE only repetition counts, and without either flag nothing does.
#[test]
fn msg_09_flags_say_what_is_watched() {
    use MessageOrder::{Duplicate, Gap, InOrder, Old, Unchecked, Unsequenced};
    let numbers = [5, 7, 6, 7, 200, 100];
    for enctype in [AES, RC4] {
        let of = |flags| orders(enctype, flags, 5, &numbers);
        assert_eq!(of(ContextFlags::REPLAY), [InOrder, InOrder, InOrder, Duplicate, InOrder, Old]);
        assert_eq!(of(ContextFlags::SEQUENCE), [InOrder, Gap, Unsequenced, Duplicate, Gap, Old]);
        assert_eq!(of(ContextFlags::empty()), [Unchecked; 6]);
    }
    let bits = [Unchecked, InOrder, Duplicate, Old, Unsequenced, Gap].map(MessageOrder::gss_supplementary_info);
    assert_eq!(bits, [0, 0, 2, 4, 8, 16]);
}

// MSG-09: a token that is refused leaves no trace in the window.
#[test]
fn msg_09_refused_tokens_are_not_remembered() {
    for enctype in all_enctypes() {
        let (mut sender, mut receiver) = pair(enctype);
        let token = wrapped(&mut sender, Confidentiality::Sealed);
        let mut forged = token.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(receiver.unwrap(&forged).err(), Some(SessionError::Integrity));
        assert_eq!(receiver.unwrap(&token).unwrap().in_order().unwrap(), TEXT);
        let duplicate = Err(SessionError::OutOfOrder { order: MessageOrder::Duplicate });
        assert_eq!(receiver.unwrap(&token).unwrap().in_order(), duplicate, "{enctype}");
    }
}

// MSG-10
#[test]
fn msg_10_own_tokens_do_not_come_back() {
    for (enctype, role) in all_enctypes().into_iter().flat_map(|enctype| ROLES.map(|role| (enctype, role))) {
        let (mut sender, mut receiver) = directed(enctype, role);
        let reflected = Some(SessionError::Reflected);
        let mic = sender.get_mic(TEXT).unwrap();
        assert_eq!(sender.verify_mic(TEXT, &mic).err(), reflected, "{enctype}");
        assert!(receiver.verify_mic(TEXT, &mic).is_ok());
        for service in SERVICES {
            let token = wrapped(&mut sender, service);
            assert_eq!(sender.unwrap(&token).err(), reflected, "{enctype}");
            assert_eq!(receiver.unwrap(&token).unwrap().message, TEXT);
            // With the direction in the header changed, the keys of the other direction do not fit.
            if enctype != RC4 {
                let mut turned = token.clone();
                turned[2] ^= 1;
                assert_eq!(sender.unwrap(&turned).err(), Some(SessionError::Integrity), "{enctype}");
            }
        }
    }
}

// MSG-11
#[test]
fn msg_11_only_the_context_key_verifies() {
    type Change = fn(SessionParameters, Enctype) -> SessionParameters;
    let contexts: [(Change, u8, u8); 3] = [
        (|parameters, _| parameters, SESSION_KEY, 0),
        (|parameters, enctype| parameters.initiator_subkey(key(enctype, INITIATOR_SUBKEY)), INITIATOR_SUBKEY, 0),
        (
            |parameters, enctype| {
                parameters
                    .initiator_subkey(key(enctype, INITIATOR_SUBKEY))
                    .acceptor_subkey(key(enctype, ACCEPTOR_SUBKEY))
            },
            ACCEPTOR_SUBKEY,
            4,
        ),
    ];
    for (enctype, (change, right_key, right_flag)) in cfx_enctypes().into_iter().flat_map(|e| contexts.map(|c| (e, c)))
    {
        let mut receiver = Session::new(change(parameters(Role::Acceptor, enctype), enctype));
        for seed in [SESSION_KEY, INITIATOR_SUBKEY, ACCEPTOR_SUBKEY] {
            for flag in [0, 4] {
                let expected = match (flag == right_flag, seed == right_key) {
                    (false, _) => Some(SessionError::WrongKey),
                    (true, false) => Some(SessionError::Integrity),
                    (true, true) => None,
                };
                let mic = mic_by_hand(enctype, seed, KeyUsage(25), flag);
                assert_eq!(receiver.verify_mic(TEXT, &mic).err(), expected, "{enctype} {seed} {flag}");
                let sealed = SealedByHand { flags: flag | 2, ..SealedByHand::by_initiator(1_000) };
                let sealed = sealed.around(&key(enctype, seed), TEXT);
                assert_eq!(receiver.unwrap(&sealed).err(), expected, "{enctype} {seed} {flag}");
                let signed = signed_by_hand(enctype, seed, KeyUsage(24), flag);
                assert_eq!(receiver.unwrap(&signed).err(), expected, "{enctype} {seed} {flag}");
            }
        }
        // Nor does a token for one use serve another.
        for usage in [22, 23, 24] {
            let mic = mic_by_hand(enctype, right_key, KeyUsage(usage), right_flag);
            assert_eq!(receiver.verify_mic(TEXT, &mic).err(), Some(SessionError::Integrity), "{usage}");
        }
    }
}

// MSG-11: RC4 has no flags, only keys.
#[test]
fn msg_11_rc4_tokens_under_another_key_are_refused() {
    let with = |seed| {
        SessionParameters::new(Role::Initiator, key(RC4, seed), sessions::EXPIRES).rc4_messages(Rc4Messages::Allow)
    };
    let receiver = || Session::new(parameters(Role::Acceptor, RC4).initiator_subkey(key(RC4, INITIATOR_SUBKEY)));
    for seed in [SESSION_KEY, ACCEPTOR_SUBKEY] {
        let mut sender = Session::new(with(seed));
        assert_eq!(receiver().verify_mic(TEXT, &sender.get_mic(TEXT).unwrap()).err(), Some(SessionError::Integrity));
        assert_eq!(receiver().unwrap(&wrapped(&mut sender, SERVICES[0])).err(), Some(SessionError::Integrity));
    }
    let mut sender = Session::new(with(INITIATOR_SUBKEY));
    assert!(receiver().verify_mic(TEXT, &sender.get_mic(TEXT).unwrap()).is_ok());
    assert!(receiver().unwrap(&wrapped(&mut sender, SERVICES[0])).is_ok());
}
