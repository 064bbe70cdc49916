//! The security layer behind a SASL login: buffers in and out, and everything that ends it (RFC 4422 §3.7).
#![cfg(feature = "testing")]

#[path = "support/sasl.rs"]
mod sasl;
#[path = "support/site.rs"]
mod site;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::sync::atomic::{AtomicBool, Ordering};
use kerbside::Policy;
use kerbside::crypto::{RandomError, RandomSource, SystemRandom};
use kerbside::gss::{Confidentiality, MessageOrder, Rc4Messages, Session, SessionError};
use kerbside::sasl::{Gssapi, Incoming, Layer, LayerError, LayerPolicy, SecurityLayer};
use sasl::{CONFIDENTIALITY, Client, INTEGRITY, SEND, choice, gssapi, login, rc4_login};
use site::Site;
use std::sync::Arc;

const LAYERS: [(u8, Confidentiality); 2] =
    [(INTEGRITY, Confidentiality::SignedOnly), (CONFIDENTIALITY, Confidentiality::Sealed)];

/// Both ends of a connection on which this layer was agreed on.
fn agreed(mask: u8) -> (Session, SecurityLayer) {
    let site = Site::new();
    agreed_with(&site, &gssapi(&site, LayerPolicy::Allow), mask)
}

fn agreed_with(site: &Site, gssapi: &Gssapi, mask: u8) -> (Session, SecurityLayer) {
    let mut client = Client::new(site, gssapi, login(site));
    client.offer();
    let layer = client.choose(&choice(mask, SEND, b"")).unwrap().into_layer().unwrap();
    (client.into_session(), layer)
}

fn framed(token: &[u8]) -> Vec<u8> {
    [&u32::try_from(token.len()).unwrap().to_be_bytes(), token].concat()
}

/// A buffer of the client's.
fn buffer(session: &mut Session, message: &[u8], confidentiality: Confidentiality) -> Vec<u8> {
    framed(&session.wrap(message, confidentiality, &SystemRandom::default()).unwrap())
}

/// The message in a buffer, which must be all of what was received.
#[track_caller]
fn message(layer: &mut SecurityLayer, received: &[u8]) -> Vec<u8> {
    match layer.unwrap(received) {
        Ok(Incoming::Message { message, buffer_octets }) if buffer_octets == received.len() => message,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_refused(layer: &mut SecurityLayer, received: &[u8], expected: LayerError) {
    assert_eq!(layer.unwrap(received), Err(expected));
    for received in [received, b"", b"\0\0\0\0"] {
        assert_eq!(layer.unwrap(received), Err(LayerError::Closed));
    }
}

#[test]
fn messages_go_both_ways_in_order() {
    for (mask, confidentiality) in LAYERS {
        let (mut session, mut layer) = agreed(mask);
        let expected = if mask == INTEGRITY { Layer::Integrity } else { Layer::Confidentiality };
        assert_eq!((layer.layer(), layer.receive_limit().octets()), (expected, 65_536));
        for octets in [0, 1, 15, 16, 17, 4_096, layer.max_message_octets()] {
            let ours = vec![1; octets];
            let sent = layer.wrap(&ours).unwrap();
            let length = u32::from_be_bytes(*sent.first_chunk().unwrap());
            assert_eq!(usize::try_from(length).unwrap(), sent.len() - 4);
            let unwrapped = session.unwrap(&sent[4..]).unwrap();
            assert_eq!(unwrapped.confidentiality, confidentiality);
            assert_eq!(unwrapped.in_order().unwrap(), ours);
            let theirs = vec![2; octets];
            assert_eq!(message(&mut layer, &buffer(&mut session, &theirs, confidentiality)), theirs);
        }
    }
}

/// However the octets arrive, the layer says how many it lacks, and takes one buffer at a time.
#[test]
fn buffers_may_come_in_pieces_and_several_at_once() {
    let (mut session, mut layer) = agreed(CONFIDENTIALITY);
    let first = buffer(&mut session, b"first", Confidentiality::Sealed);
    let second = buffer(&mut session, b"second", Confidentiality::Sealed);
    for octets in 0..first.len() {
        let missing_octets = if octets < 4 { 4 - octets } else { first.len() - octets };
        assert_eq!(layer.unwrap(&first[..octets]), Ok(Incoming::Incomplete { missing_octets }));
    }
    let both = [&first[..], &second].concat();
    let expected = Incoming::Message { message: b"first".to_vec(), buffer_octets: first.len() };
    assert_eq!(layer.unwrap(&both), Ok(expected));
    assert_eq!(message(&mut layer, &both[first.len()..]), b"second");
}

#[test]
fn a_turned_bit_ends_it() {
    for (mask, confidentiality) in LAYERS {
        let (mut session, _) = agreed(mask);
        let bits = buffer(&mut session, b"message", confidentiality).len() * 8;
        // The length has a test of its own.
        for bit in 32..bits {
            let (mut session, mut layer) = agreed(mask);
            let mut turned = buffer(&mut session, b"message", confidentiality);
            turned[bit / 8] ^= 0x80 >> (bit % 8);
            assert!(matches!(layer.unwrap(&turned), Err(LayerError::Session(_))), "bit {bit}");
            assert_eq!(layer.unwrap(&buffer(&mut session, b"message", confidentiality)), Err(LayerError::Closed));
        }
    }
}

#[test]
fn a_wrong_length_ends_it() {
    for (change, expected) in [(-1_i32, true), (0, false), (1, true)] {
        let (mut session, mut layer) = agreed(INTEGRITY);
        let mut received = buffer(&mut session, b"message", Confidentiality::SignedOnly);
        received[3] = u8::try_from(i32::from(received[3]) + change).unwrap();
        received.push(0);
        assert_eq!(matches!(layer.unwrap(&received), Err(LayerError::Session(_))), expected, "{change}");
    }
    let (_, mut layer) = agreed(INTEGRITY);
    assert_refused(&mut layer, &[0; 4], LayerError::Session(SessionError::Malformed));
    let (_, mut layer) = agreed(INTEGRITY);
    let expected = LayerError::BufferTooLong { octets: 0xffff_ffff, limit: 65_536 };
    assert_refused(&mut layer, &[0xff; 4], expected);
}

#[test]
fn messages_left_out_repeated_and_reflected_end_it() {
    for (mask, confidentiality) in LAYERS {
        let out_of = |order| LayerError::Session(SessionError::OutOfOrder { order });
        let (mut session, mut layer) = agreed(mask);
        buffer(&mut session, b"left out", confidentiality);
        let second = buffer(&mut session, b"second", confidentiality);
        assert_refused(&mut layer, &second, out_of(MessageOrder::Gap));

        let (mut session, mut layer) = agreed(mask);
        let first = buffer(&mut session, b"first", confidentiality);
        assert_eq!(message(&mut layer, &first), b"first");
        assert_refused(&mut layer, &first, out_of(MessageOrder::Duplicate));

        let (_, mut layer) = agreed(mask);
        let own = layer.wrap(b"own").unwrap();
        assert_refused(&mut layer, &own, LayerError::Session(SessionError::Reflected));
    }
}

/// Less than was agreed on is refused, and more is not.
#[test]
fn an_open_message_is_none_where_confidentiality_was_agreed_on() {
    let (mut session, mut layer) = agreed(CONFIDENTIALITY);
    let open = buffer(&mut session, b"open", Confidentiality::SignedOnly);
    assert_refused(&mut layer, &open, LayerError::NotSealed);
    let (mut session, mut layer) = agreed(INTEGRITY);
    let sealed = buffer(&mut session, b"sealed", Confidentiality::Sealed);
    assert_eq!(message(&mut layer, &sealed), b"sealed");
}

/// The client can still be told why.
#[test]
fn a_layer_that_takes_nothing_more_still_sends() {
    let (mut session, mut layer) = agreed(CONFIDENTIALITY);
    assert_refused(&mut layer, &[0xff; 4], LayerError::BufferTooLong { octets: 0xffff_ffff, limit: 65_536 });
    let farewell = layer.wrap(b"* BYE").unwrap();
    assert_eq!(session.unwrap(&farewell[4..]).unwrap().in_order().unwrap(), b"* BYE");
}

/// A source that can be made to fail.
struct Tap(AtomicBool);

impl RandomSource for Tap {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        if self.0.load(Ordering::Relaxed) { SystemRandom::default().fill(octets) } else { Err(RandomError::new()) }
    }
}

#[test]
fn without_random_octets_nothing_is_sent_and_nothing_is_lost() {
    let site = Site::new();
    let tap = Arc::new(Tap(AtomicBool::new(true)));
    let acceptor = site.builder(Policy::default()).random(tap.clone()).build().unwrap();
    let gssapi = Gssapi::new(acceptor);
    let (mut session, mut layer) = agreed_with(&site, &gssapi, CONFIDENTIALITY);
    tap.0.store(false, Ordering::Relaxed);
    assert_eq!(layer.wrap(b"message"), Err(LayerError::Session(SessionError::Random)));
    tap.0.store(true, Ordering::Relaxed);
    let sent = layer.wrap(b"message").unwrap();
    assert_eq!(session.unwrap(&sent[4..]).unwrap().in_order().unwrap(), b"message");
}

#[test]
fn neither_layer_nor_message_is_shown() {
    let (mut session, mut layer) = agreed(CONFIDENTIALITY);
    let received = buffer(&mut session, b"secret", Confidentiality::Sealed);
    let incoming = layer.unwrap(&received).unwrap();
    let shown = format!("{layer:?} {incoming:?}");
    assert!(!shown.contains("secret") && !shown.contains("115, 101"), "{shown}");
}

#[test]
fn rc4_messages_go_both_ways_where_they_are_allowed() {
    let site = Site::new();
    let (login, mut policy) = rc4_login(&site);
    policy.rc4_messages = Rc4Messages::Allow;
    let mut client = Client::new(&site, &Gssapi::new(site.acceptor(policy)), login);
    client.offer();
    let mut layer = client.choose(&choice(CONFIDENTIALITY, SEND, b"")).unwrap().into_layer().unwrap();
    let mut session = client.into_session();
    let sent = layer.wrap(b"message").unwrap();
    assert_eq!(session.unwrap(&sent[4..]).unwrap().in_order().unwrap(), b"message");
    let received = buffer(&mut session, b"message", Confidentiality::Sealed);
    assert_eq!(message(&mut layer, &received), b"message");
}
