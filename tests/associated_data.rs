//! What a split message is signed with and does not carry: DCE RPC's header and security trailer (MS-RPCE §3.3.1.5.2.2).

#[path = "support/sessions.rs"]
mod sessions;

use kerbside::gss::{
    AssociatedData, Confidentiality, ContextFlags, MessageOrder, Role, Session, SessionError, SplitToken,
};
use kerbside::numbers::{Enctype, KeyUsage};
use sessions::{Octets, ROLES, SESSION_KEY, all_enctypes, cfx_enctypes, directed, key, ordered, pair_with};

const SERVICES: [Confidentiality; 2] = [Confidentiality::Sealed, Confidentiality::SignedOnly];

/// A PDU of DCE RPC: its header of 24 octets, the security trailer of 8.
const HEADER: &[u8] =
    b"\x05\x00\x00\x03\x10\x00\x00\x00\x80\x00\x3c\x00\x01\x00\x00\x00\x20\x00\x00\x00\x00\x00\x0f\x00";
const TRAILER: &[u8] = b"\x10\x06\x08\x00\x00\x00\x00\x00";
const PDU: AssociatedData<'_> = AssociatedData { before: HEADER, behind: TRAILER };

/// A sender and a receiver, in each style of split tokens.
fn styles(enctype: Enctype, sender: Role) -> [(Session, Session); 2] {
    [ContextFlags::empty(), ContextFlags::DCE_STYLE].map(|style| {
        let (initiator, acceptor) = pair_with(enctype, |parameters| parameters.flags(ordered() | style));
        if sender == Role::Initiator { (initiator, acceptor) } else { (acceptor, initiator) }
    })
}

fn message(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

/// A message on its way: the token's parts, and the data between them.
struct Sent {
    split: SplitToken,
    data: Vec<u8>,
}

fn send(sender: &mut Session, around: AssociatedData<'_>, text: &[u8], service: Confidentiality) -> Sent {
    let mut data = text.to_vec();
    let split = sender.wrap_split_with(around, &mut data, service, &Octets::default()).unwrap();
    Sent { split, data }
}

/// The message, or why it is none: then the data is as it was.
fn receive(receiver: &mut Session, around: AssociatedData<'_>, sent: &Sent) -> Result<Vec<u8>, SessionError> {
    let mut data = sent.data.clone();
    let unwrapped = receiver.unwrap_split_with(around, &sent.split.header, &mut data, &sent.split.trailer);
    match unwrapped {
        Ok(unwrapped) => {
            assert_eq!(unwrapped.order(), MessageOrder::InOrder);
            Ok(unwrapped.message.to_vec())
        }
        Err(refused) => {
            assert_eq!(data, sent.data, "what is refused is left as it was");
            Err(refused)
        }
    }
}

#[test]
fn passes_in_both_directions_with_every_enctype() {
    for enctype in all_enctypes() {
        for (sender, service) in ROLES.into_iter().flat_map(|role| SERVICES.map(|service| (role, service))) {
            for (mut from, mut to) in styles(enctype, sender) {
                for (before, behind) in [(24, 8), (24, 0), (0, 8), (1, 1), (16, 16), (1_000, 1_000)] {
                    for octets in [0, 1, 15, 16, 17, 1_000] {
                        let (before, behind, text) = (message(before), message(behind), message(octets));
                        let around = AssociatedData { before: &before, behind: &behind };
                        let sent = send(&mut from, around, &text, service);
                        let lengths = from.split_octets(service, octets);
                        let found = (sent.split.header.len(), sent.split.trailer.len());
                        assert_eq!(found, (lengths.header, lengths.trailer), "it is in none of the parts");
                        assert_eq!(sent.data.len(), octets);
                        assert_eq!(receive(&mut to, around, &sent), Ok(text), "{enctype} {sender:?} {service:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_around_is_the_plain_form() {
    for enctype in all_enctypes() {
        for service in SERVICES {
            for style in 0..2 {
                let ends = || styles(enctype, Role::Acceptor).into_iter().nth(style).unwrap();
                let ((mut from, mut to), (mut plain_from, mut plain_to)) = (ends(), ends());
                let sent = send(&mut from, AssociatedData::default(), &message(40), service);
                let mut data = message(40);
                let split = plain_from.wrap_split(&mut data, service, &Octets::default()).unwrap();
                assert_eq!((&sent.split, &sent.data), (&split, &data), "{enctype} {service:?}");
                let unwrapped = plain_to.unwrap_split(&sent.split.header, &mut data, &sent.split.trailer).unwrap();
                assert_eq!(unwrapped.message, message(40));
                assert_eq!(receive(&mut to, AssociatedData::default(), &sent), Ok(message(40)));
            }
        }
    }
}

#[test]
fn msg_03_a_bit_turned_around_a_split_message_is_refused() {
    for enctype in all_enctypes() {
        for (sender, service) in ROLES.into_iter().flat_map(|role| SERVICES.map(|service| (role, service))) {
            for (mut from, mut to) in styles(enctype, sender) {
                let sent = send(&mut from, PDU, &message(21), service);
                for bit in 0..8 * (HEADER.len() + TRAILER.len()) {
                    let mut whole = [HEADER, TRAILER].concat();
                    whole[bit / 8] ^= 1 << (bit % 8);
                    let (before, behind) = whole.split_at(HEADER.len());
                    let refused = receive(&mut to, AssociatedData { before, behind }, &sent);
                    assert_eq!(refused, Err(SessionError::Integrity), "{enctype} {service:?} bit {bit}");
                }
                for bit in 0..8 * sent.data.len() {
                    let mut turned = Sent { split: sent.split.clone(), data: sent.data.clone() };
                    turned.data[bit / 8] ^= 1 << (bit % 8);
                    assert_eq!(receive(&mut to, PDU, &turned), Err(SessionError::Integrity), "{enctype} bit {bit}");
                }
                // None of it has moved the receiver on.
                assert_eq!(receive(&mut to, PDU, &sent), Ok(message(21)));
            }
        }
    }
}

#[test]
fn more_or_less_or_elsewhere_is_refused() {
    let joined = [HEADER, TRAILER].concat();
    for enctype in all_enctypes() {
        for service in SERVICES {
            for (mut from, mut to) in styles(enctype, Role::Initiator) {
                let sent = send(&mut from, PDU, &message(21), service);
                for (before, behind) in [
                    (&[][..], &[][..]),
                    (HEADER, &[]),
                    (&[], TRAILER),
                    (TRAILER, HEADER),
                    (&joined, &[]),
                    (&[], &joined),
                    (&HEADER[1..], TRAILER),
                    (&HEADER[..23], TRAILER),
                    (HEADER, &TRAILER[1..]),
                    (HEADER, &TRAILER[..7]),
                    (HEADER, HEADER),
                ] {
                    let refused = receive(&mut to, AssociatedData { before, behind }, &sent);
                    assert_eq!(refused, Err(SessionError::Integrity), "{enctype} {service:?}");
                }
                assert_eq!(receive(&mut to, PDU, &sent), Ok(message(21)));
            }
        }
    }
}

/// What stands on the wire, divided elsewhere: what is before the data, a message with other data, what is behind it.
fn divided(sent: &Sent, start: usize, end: usize) -> (Vec<u8>, Sent, Vec<u8>) {
    let wire = [HEADER, &sent.data, TRAILER].concat();
    let data = wire[start..end].to_vec();
    (wire[..start].to_vec(), Sent { split: sent.split.clone(), data }, wire[end..].to_vec())
}

/// Where the data may begin and end if one octet is beyond its border.
fn moved_borders(sent: &Sent) -> [(usize, usize); 4] {
    let (start, end) = (HEADER.len(), HEADER.len() + sent.data.len());
    [(start + 1, end), (start - 1, end), (start, end - 1), (start, end + 1)]
}

/// The same, for data that keeps its length.
fn moved_both(sent: &Sent) -> [(usize, usize); 2] {
    let (start, end) = (HEADER.len(), HEADER.len() + sent.data.len());
    [(start + 1, end + 1), (start - 1, end - 1)]
}

/// They sign what is encrypted, the others what is to be encrypted.
const RFC_8009: [Enctype; 2] = [Enctype::AES128_CTS_HMAC_SHA256_128, Enctype::AES256_CTS_HMAC_SHA384_192];

#[test]
fn msg_03_an_octet_moved_out_of_sealed_data_or_into_it_is_refused() {
    for enctype in all_enctypes() {
        for (mut from, mut to) in ROLES.into_iter().flat_map(|sender| styles(enctype, sender)) {
            for octets in [1, 16, 21, 64] {
                let sent = send(&mut from, PDU, &message(octets), Confidentiality::Sealed);
                for (start, end) in moved_borders(&sent) {
                    let (before, moved, behind) = divided(&sent, start, end);
                    // The frame around an RC4 token says its length, but for DCE style.
                    let framed = enctype == Enctype::RC4_HMAC && !from.flags().contains(ContextFlags::DCE_STYLE);
                    let expected = if framed { SessionError::Malformed } else { SessionError::Integrity };
                    let refused = receive(&mut to, AssociatedData { before: &before, behind: &behind }, &moved);
                    assert_eq!(refused, Err(expected), "{enctype} {octets} {start} {end}");
                }
                assert_eq!(receive(&mut to, PDU, &sent), Ok(message(octets)));
            }
        }
    }
}

/// RFC 4121 §4.2.4 and RFC 4757 §7.3 sign one row of octets: where nothing is sealed, what is around the data must say
/// itself where it ends, as a PDU's header does.
#[test]
fn borders_of_data_that_is_not_sealed_are_for_the_protocol_to_know() {
    for enctype in all_enctypes() {
        for at in 0..6 {
            let [_, (mut from, mut to)] = styles(enctype, Role::Initiator);
            let sent = send(&mut from, PDU, &message(21), Confidentiality::SignedOnly);
            let (start, end) = [&moved_borders(&sent)[..], &moved_both(&sent)].concat()[at];
            let (before, moved, behind) = divided(&sent, start, end);
            let around = AssociatedData { before: &before, behind: &behind };
            assert_eq!(receive(&mut to, around, &moved), Ok(moved.data), "{enctype}");
        }
    }
}

/// A whole block, or an octet at each side: where the encrypted message is signed, the data is nonsense, and passes.
#[test]
fn a_border_moved_further_is_seen_by_those_who_sign_plaintext() {
    for enctype in all_enctypes() {
        for at in 0..3 {
            let [_, (mut from, mut to)] = styles(enctype, Role::Initiator);
            let sent = send(&mut from, PDU, &message(64), Confidentiality::Sealed);
            let [forth, back] = moved_both(&sent);
            let (start, end) = [forth, back, (HEADER.len() + 16, HEADER.len() + 64)][at];
            let (before, moved, behind) = divided(&sent, start, end);
            let received = receive(&mut to, AssociatedData { before: &before, behind: &behind }, &moved);
            if RFC_8009.contains(&enctype) {
                let plain = [HEADER, &message(64), TRAILER].concat();
                assert_ne!(received.unwrap()[..16], plain[start..][..16], "{enctype} {at}");
            } else {
                assert_eq!(received, Err(SessionError::Integrity), "{enctype} {at}");
            }
        }
    }
}

/// The checksum is over what is before, the message, what is behind, and the header with EC and RRC zero.
#[test]
fn the_checksum_of_a_signed_message_is_that_of_the_whole() {
    for enctype in cfx_enctypes() {
        let (mut from, _) = directed(enctype, Role::Acceptor);
        let sent = send(&mut from, PDU, &message(21), Confidentiality::SignedOnly);
        let header = [5, 4, 1, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x07, 0xd0];
        let whole = [HEADER, &message(21), TRAILER, &header].concat();
        let checksum = key(enctype, SESSION_KEY).checksum(KeyUsage(22), &[&whole]);
        assert_eq!(sent.split.header[16..], *checksum.as_octets(), "{enctype}");
    }
}

#[test]
fn a_token_that_was_signed_with_more_is_no_plain_one() {
    for enctype in all_enctypes() {
        for service in SERVICES {
            let (mut from, mut to) = directed(enctype, Role::Initiator);
            let sent = send(&mut from, PDU, &message(21), service);
            let token = [&sent.split.header[..], &sent.data, &sent.split.trailer].concat();
            assert_eq!(to.unwrap(&token), Err(SessionError::Integrity), "{enctype} {service:?}");
        }
    }
}
