//! A session as octets: `GSS_Export_sec_context` (RFC 2743 §2.2.8) for whoever hands a connection to another process.
//!
//! The octets hold all keys of the context and are not encrypted: whoever reads them reads and forges its messages. They
//! are not authenticated either, so they must come from where they were put.

use super::{Rc4Messages, Role, Session, SessionParameters};
use crate::crypto::{Key, KeyError};
use crate::gss::ContextFlags;
use crate::numbers::Enctype;
use crate::time::Timestamp;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// What the octets begin with, the version last.
const PREFIX: [u8; 8] = *b"KBSESS\0\x01";

/// Room for the fixed part and three keys of any enctype: no octet is left behind by a growing vector.
const CAPACITY: usize = 192;

/// Why octets did not become a session again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// They are no saved session, or one of another version.
    #[error("not a saved session of this version")]
    Version,
    /// They end too early, go on too long, or hold a value that is none.
    #[error("the saved session is damaged")]
    Malformed,
    /// A key in them is none.
    #[error("a key of the saved session is not usable: {0}")]
    Key(#[from] KeyError),
}

impl Session {
    /// The session as octets. It is used up: two sessions with the same sequence numbers would be one too many.
    #[must_use]
    pub fn into_octets(self) -> Zeroizing<Vec<u8>> {
        let Self { parameters, window, .. } = &self;
        let mut out = Zeroizing::new(Vec::with_capacity(CAPACITY));
        out.extend_from_slice(&PREFIX);
        out.push(u8::from(parameters.role == Role::Acceptor));
        out.push(u8::from(parameters.rc4_messages == Rc4Messages::Allow));
        out.extend_from_slice(&parameters.flags.bits().to_be_bytes());
        out.extend_from_slice(&parameters.expires.unix_micros().to_be_bytes());
        for number in [parameters.send_sequence, window.next, window.seen] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        for key in
            [Some(&parameters.session_key), parameters.initiator_subkey.as_ref(), parameters.acceptor_subkey.as_ref()]
        {
            let (enctype, octets) = key.map_or((0, &[][..]), |key| (key.enctype().0, key.as_octets()));
            out.extend_from_slice(&enctype.to_be_bytes());
            out.push(u8::try_from(octets.len()).unwrap_or_default());
            out.extend_from_slice(octets);
        }
        out
    }

    /// The session that [`into_octets`](Self::into_octets) was called on.
    ///
    /// # Errors
    /// [`RestoreError`]. Octets that were changed may also be another session: they are not authenticated.
    pub fn from_octets(octets: &[u8]) -> Result<Self, RestoreError> {
        let rest = &mut octets.strip_prefix(&PREFIX).ok_or(RestoreError::Version)?;
        let [role, rc4_messages] = take(rest)?;
        let flags = ContextFlags::from_bits(u32::from_be_bytes(take(rest)?));
        let expires = Timestamp::from_unix_micros(i64::from_be_bytes(take(rest)?));
        let [send_sequence, next, seen] = [take(rest)?, take(rest)?, take(rest)?].map(u64::from_be_bytes);
        let session_key = take_key(rest)?.ok_or(RestoreError::Malformed)?;
        let (initiator_subkey, acceptor_subkey) = (take_key(rest)?, take_key(rest)?);
        if !rest.is_empty() {
            return Err(RestoreError::Malformed);
        }
        let mut session = Self::new(SessionParameters {
            role: choice(role, [Role::Initiator, Role::Acceptor])?,
            session_key,
            initiator_subkey,
            acceptor_subkey,
            send_sequence,
            receive_sequence: next,
            flags,
            expires,
            rc4_messages: choice(rc4_messages, [Rc4Messages::Refuse, Rc4Messages::Allow])?,
        });
        session.window.seen = seen;
        Ok(session)
    }
}

fn choice<T>(octet: u8, [zero, one]: [T; 2]) -> Result<T, RestoreError> {
    match octet {
        0 => Ok(zero),
        1 => Ok(one),
        _ => Err(RestoreError::Malformed),
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RestoreError> {
    let (taken, later) = rest.split_first_chunk().ok_or(RestoreError::Malformed)?;
    *rest = later;
    Ok(*taken)
}

/// Enctype, length, octets; all of them zero for no key.
fn take_key(rest: &mut &[u8]) -> Result<Option<Key>, RestoreError> {
    let enctype = Enctype(i32::from_be_bytes(take(rest)?));
    let [length] = take(rest)?;
    let (octets, later) = rest.split_at_checked(usize::from(length)).ok_or(RestoreError::Malformed)?;
    *rest = later;
    if enctype.0 == 0 && octets.is_empty() { Ok(None) } else { Ok(Some(Key::new(enctype, octets)?)) }
}
