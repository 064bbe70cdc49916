//! The sixteen octets in front of every token of RFC 4121, and what they say about the sender.

use super::{Confidentiality, Role, SessionError};

pub(super) const HEADER_OCTETS: usize = 16;

const SENT_BY_ACCEPTOR: u8 = 1;
const SEALED: u8 = 2;
const ACCEPTOR_SUBKEY: u8 = 4;

/// The flags that a sender's tokens have, but for `Sealed` (RFC 4121 §4.2.2).
#[derive(Clone, Copy)]
pub(super) struct SenderFlags(u8);

impl SenderFlags {
    /// `acceptor_subkey` is the key itself, if there is one: then all messages are under it (step M-1).
    pub(super) fn new<K>(sender: Role, acceptor_subkey: Option<&K>) -> Self {
        let by_acceptor = if sender == Role::Acceptor { SENT_BY_ACCEPTOR } else { 0 };
        Self(by_acceptor | if acceptor_subkey.is_some() { ACCEPTOR_SUBKEY } else { 0 })
    }

    /// Whether a token with these flags is this sender's, and under the key of the context. RFC 4121 §4.2.2: "The
    /// receiver MUST ignore unknown flags." They are signed like the others.
    fn check(self, flags: u8) -> Result<(), SessionError> {
        let difference = self.0 ^ flags;
        if difference & SENT_BY_ACCEPTOR != 0 {
            return Err(SessionError::Reflected);
        }
        if difference & ACCEPTOR_SUBKEY != 0 { Err(SessionError::WrongKey) } else { Ok(()) }
    }
}

/// The header of a MIC token, RFC 4121 §4.2.6.1.
///
/// ```text
/// 04 04 | Flags | FF FF FF FF FF | SND_SEQ, most significant octet first
/// ```
pub(super) fn mic_header(sender: SenderFlags, sequence_number: u64) -> [u8; HEADER_OCTETS] {
    let [a, b, c, d, e, f, g, h] = sequence_number.to_be_bytes();
    [4, 4, sender.0, 0xff, 0xff, 0xff, 0xff, 0xff, a, b, c, d, e, f, g, h]
}

/// Reads that header, and gives the sequence number.
pub(super) fn read_mic_header(header: &[u8; HEADER_OCTETS], sender: SenderFlags) -> Result<u64, SessionError> {
    let [4, 4, flags, 0xff, 0xff, 0xff, 0xff, 0xff, sequence_number @ ..] = *header else {
        return Err(SessionError::Malformed);
    };
    sender.check(flags)?;
    // RFC 4121 §4.2.2 of Sealed: "It SHALL NOT be set in MIC tokens."
    if flags & SEALED != 0 {
        return Err(SessionError::Malformed);
    }
    Ok(u64::from_be_bytes(sequence_number))
}

/// The header of a Wrap token, RFC 4121 §4.2.6.2.
///
/// ```text
/// 05 04 | Flags | FF | EC | RRC | SND_SEQ, each most significant octet first
/// ```
#[derive(Clone, Copy)]
pub(super) struct WrapHeader {
    flags: u8,
    /// The length of the checksum behind a signed message, or of the filler behind a sealed one.
    pub(super) extra_count: u16,
    /// By how many octets everything behind the header is rotated to the right.
    pub(super) right_rotation_count: u16,
    pub(super) sequence_number: u64,
}

impl WrapHeader {
    pub(super) fn new(sender: SenderFlags, confidentiality: Confidentiality, sequence_number: u64) -> Self {
        let sealed = if confidentiality == Confidentiality::Sealed { SEALED } else { 0 };
        Self { flags: sender.0 | sealed, extra_count: 0, right_rotation_count: 0, sequence_number }
    }

    pub(super) fn read(header: &[u8; HEADER_OCTETS], sender: SenderFlags) -> Result<Self, SessionError> {
        let [5, 4, flags, 0xff, e, c, r, rc, sequence_number @ ..] = *header else {
            return Err(SessionError::Malformed);
        };
        sender.check(flags)?;
        Ok(Self {
            flags,
            extra_count: u16::from_be_bytes([e, c]),
            right_rotation_count: u16::from_be_bytes([r, rc]),
            sequence_number: u64::from_be_bytes(sequence_number),
        })
    }

    pub(super) fn to_octets(self) -> [u8; HEADER_OCTETS] {
        let ([e, c], [r, rc]) = (self.extra_count.to_be_bytes(), self.right_rotation_count.to_be_bytes());
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.sequence_number.to_be_bytes();
        [5, 4, self.flags, 0xff, e, c, r, rc, s0, s1, s2, s3, s4, s5, s6, s7]
    }

    /// As it is encrypted behind a sealed message: RRC is 0, EC is what it is (RFC 4121 §4.2.4).
    pub(super) fn sealed_octets(self) -> [u8; HEADER_OCTETS] {
        Self { right_rotation_count: 0, ..self }.to_octets()
    }

    /// As it goes into the checksum of a signed message: EC and RRC are 0 (RFC 4121 §4.2.4).
    pub(super) fn signed_octets(self) -> [u8; HEADER_OCTETS] {
        Self { extra_count: 0, ..self }.sealed_octets()
    }

    pub(super) fn confidentiality(self) -> Confidentiality {
        if self.flags & SEALED != 0 { Confidentiality::Sealed } else { Confidentiality::SignedOnly }
    }
}
