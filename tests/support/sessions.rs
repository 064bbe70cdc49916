//! Two ends of a context.

#![allow(dead_code, reason = "each test file uses a part of it")]

use core::sync::atomic::{AtomicU8, Ordering};
use kerbside::Timestamp;
use kerbside::crypto::{Key, RandomError, RandomSource, supported_enctypes};
use kerbside::gss::{ContextFlags, Rc4Messages, Role, Session, SessionParameters};
use kerbside::numbers::Enctype;

pub(crate) const EXPIRES: Timestamp = Timestamp::from_unix_micros(1_772_359_501_000_000);

/// Octets that differ from call to call, and are the same in every run.
#[derive(Default)]
pub(crate) struct Octets(AtomicU8);

impl RandomSource for Octets {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        octets.fill_with(|| self.0.fetch_add(37, Ordering::Relaxed));
        Ok(())
    }
}

/// `REPLAY` and `SEQUENCE`.
pub(crate) fn ordered() -> ContextFlags {
    ContextFlags::REPLAY | ContextFlags::SEQUENCE
}

pub(crate) fn all_enctypes() -> Vec<Enctype> {
    supported_enctypes().map(|row| row.enctype).collect()
}

/// Those with tokens of RFC 4121.
pub(crate) fn cfx_enctypes() -> Vec<Enctype> {
    all_enctypes().into_iter().filter(|enctype| *enctype != Enctype::RC4_HMAC).collect()
}

/// A key that differs by its first octet from the keys of other seeds.
pub(crate) fn key(enctype: Enctype, seed: u8) -> Key {
    let row = supported_enctypes().find(|row| row.enctype == enctype).unwrap();
    let octets: Vec<u8> = (0..row.key_octets).map(|at| seed.wrapping_add(u8::try_from(at).unwrap())).collect();
    Key::new(enctype, &octets).unwrap()
}

/// The seeds of the three keys of a context.
pub(crate) const SESSION_KEY: u8 = 0x10;
pub(crate) const INITIATOR_SUBKEY: u8 = 0x50;
pub(crate) const ACCEPTOR_SUBKEY: u8 = 0x90;

/// A context under the session key alone, whose messages are numbered from 1,000 (initiator) and 2,000 (acceptor).
pub(crate) fn parameters(role: Role, enctype: Enctype) -> SessionParameters {
    let (send, receive) = match role {
        Role::Initiator => (1_000, 2_000),
        Role::Acceptor => (2_000, 1_000),
    };
    SessionParameters::new(role, key(enctype, SESSION_KEY), EXPIRES)
        .send_sequence(send)
        .receive_sequence(receive)
        .flags(ordered())
        .rc4_messages(Rc4Messages::Allow)
}

/// Both ends, initiator first, with whatever `change` does to both.
pub(crate) fn pair_with(
    enctype: Enctype,
    change: impl Fn(SessionParameters) -> SessionParameters,
) -> (Session, Session) {
    let end = |role| Session::new(change(parameters(role, enctype)));
    (end(Role::Initiator), end(Role::Acceptor))
}

pub(crate) fn pair(enctype: Enctype) -> (Session, Session) {
    pair_with(enctype, |parameters| parameters)
}

/// Sender and receiver, by who sends.
pub(crate) fn directed(enctype: Enctype, sender: Role) -> (Session, Session) {
    let (initiator, acceptor) = pair(enctype);
    match sender {
        Role::Initiator => (initiator, acceptor),
        Role::Acceptor => (acceptor, initiator),
    }
}

pub(crate) const ROLES: [Role; 2] = [Role::Initiator, Role::Acceptor];
