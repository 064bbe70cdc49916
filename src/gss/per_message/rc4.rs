//! The tokens of RC4 contexts: the frame of RFC 1964 §1.2 with the algorithms of RFC 4757 §7.
//!
//! The checksum covers the header and the message, but not the sequence number, which a stream cipher hides and nothing
//! protects: whoever flips its bits makes the message of a MIC or of an unsealed Wrap token look older or newer. That, and
//! MD5, is why these tokens are refused unless allowed (RFC 8429).

use super::parameters::SessionParameters;
use super::tokens::{Opened, Outgoing, Tokens};
use super::{AssociatedData, Confidentiality, Role, SessionError, SplitOctets, SplitToken};
use crate::asn1::{ObjectIdentifier, Reader, Rules, Tag, TypeId, Writer};
use crate::crypto::{Key, Rc4TokenKeys, UsageKey};
use crate::gss::{ContextFlags, Oid};
use crate::numbers::KeyUsage;
use alloc::boxed::Box;
use alloc::vec::Vec;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// TOK_ID `01 01`, SGN_ALG HMAC (`11 00`), filler (RFC 4757 §7.2).
const MIC_HEADER: [u8; 8] = [1, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff];
/// TOK_ID `02 01`, SGN_ALG HMAC, SEAL_ALG RC4 (`10 00`), filler (RFC 4757 §7.3).
const SEALED_HEADER: [u8; 8] = [2, 1, 0x11, 0, 0x10, 0, 0xff, 0xff];
/// The same with SEAL_ALG none (`ff ff`).
const SIGNED_HEADER: [u8; 8] = [2, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff];

/// Header, SND_SEQ and SGN_CKSUM.
const FIXED_OCTETS: usize = 24;
const CONFOUNDER_OCTETS: usize = 8;

/// RFC 4757 §7.3: RC4 has blocks of one octet, so the padding of RFC 1964 §1.2.2.3 is one octet that says 1.
const PADDING: &[u8] = &[1];

const PER_MESSAGE_TOKEN: TypeId = TypeId::PER_MSG_TOKEN;

/// The message types of the two checksums, the same in both directions (RFC 4757 §7.2, §7.3).
const MIC_TYPE: KeyUsage = KeyUsage(15);
const WRAP_TYPE: KeyUsage = KeyUsage(13);

/// Both directions of a context: one key serves both, and the direction is written into the sequence number.
pub(super) struct Rc4 {
    keys: Option<Box<Rc4Keys>>,
    role: Role,
    flags: ContextFlags,
}

/// What a context key is derived to, once a message needs it.
struct Rc4Keys {
    ciphers: Rc4TokenKeys,
    mic: UsageKey,
    wrap: UsageKey,
}

/// A token without its frame.
struct Parts<'a> {
    header: [u8; 8],
    snd_seq: [u8; 8],
    sgn_cksum: [u8; 8],
    /// Confounder, message and padding; nothing in a MIC.
    body: &'a [u8],
}

impl Rc4 {
    pub(super) fn new(parameters: &SessionParameters) -> Self {
        Self { keys: None, role: parameters.role, flags: parameters.flags }
    }

    fn keys(&mut self, key: &Key) -> &Rc4Keys {
        self.keys.get_or_insert_with(|| {
            Box::new(Rc4Keys {
                ciphers: Rc4TokenKeys::new(key),
                mic: key.for_usage(MIC_TYPE),
                wrap: key.for_usage(WRAP_TYPE),
            })
        })
    }

    fn is_dce_style(&self) -> bool {
        self.flags.contains(ContextFlags::DCE_STYLE)
    }

    /// In DCE style there is no padding, and the frame is around the header alone.
    fn padding(&self) -> &'static [u8] {
        if self.is_dce_style() { &[] } else { PADDING }
    }

    /// Only a verified token is told that it was reflected.
    fn check_direction(&self, found: [u8; 4]) -> Result<(), SessionError> {
        if found == direction(self.role.peer()) {
            return Ok(());
        }
        Err(if found == direction(self.role) { SessionError::Reflected } else { SessionError::Integrity })
    }

    /// How many octets of a message stand behind the confounder of a body that was verified, if its direction is right.
    fn message_octets(&self, found: [u8; 4], body: &[u8]) -> Result<usize, SessionError> {
        self.check_direction(found)?;
        let message = body.get(CONFOUNDER_OCTETS..).and_then(|text| text.strip_suffix(self.padding()));
        message.map(<[u8]>::len).ok_or(SessionError::Malformed)
    }
}

impl Rc4Keys {
    /// `SND_SEQ`: the number, then who sent it, encrypted (RFC 4757 §7.2).
    fn snd_seq(&self, sequence_number: u64, sender: Role, sgn_cksum: &[u8; 8]) -> [u8; 8] {
        let [_, _, _, _, number @ ..] = sequence_number.to_be_bytes();
        let mut snd_seq = [0; 8];
        for (to, from) in snd_seq.iter_mut().zip(number.into_iter().chain(direction(sender))) {
            *to = from;
        }
        self.ciphers.apply_to_sequence(sgn_cksum, &mut snd_seq);
        snd_seq
    }

    /// The number and the direction.
    fn read_snd_seq(&self, parts: &Parts<'_>) -> ([u8; 4], [u8; 4]) {
        let mut snd_seq = parts.snd_seq;
        self.ciphers.apply_to_sequence(&parts.sgn_cksum, &mut snd_seq);
        let [a, b, c, d, direction @ ..] = snd_seq;
        ([a, b, c, d], direction)
    }
}

fn direction(sender: Role) -> [u8; 4] {
    match sender {
        Role::Initiator => [0; 4],
        Role::Acceptor => [0xff; 4],
    }
}

/// `SGN_CKSUM`: the first eight octets of the checksum (RFC 4757 §7.2).
fn sgn_cksum(key: &UsageKey, parts: &[&[u8]]) -> [u8; 8] {
    key.checksum(parts).as_octets().first_chunk().copied().unwrap_or_default()
}

fn verify(key: &UsageKey, parts: &[&[u8]], found: &[u8; 8]) -> Result<(), SessionError> {
    if bool::from(sgn_cksum(key, parts).ct_eq(found)) { Ok(()) } else { Err(SessionError::Integrity) }
}

/// What the checksum of a Wrap token covers, in order (RFC 4757 §7.3), with what is around the message at its place.
fn signed_parts<'a>(
    header: &'a [u8],
    body: &'a [u8],
    AssociatedData { before, behind }: AssociatedData<'a>,
    padding_octets: usize,
) -> Result<[&'a [u8]; 6], SessionError> {
    let (text, padding) = body
        .len()
        .checked_sub(padding_octets)
        .and_then(|octets| body.split_at_checked(octets))
        .ok_or(SessionError::Malformed)?;
    let (confounder, message) = text.split_at_checked(CONFOUNDER_OCTETS).ok_or(SessionError::Malformed)?;
    Ok([header, confounder, before, message, behind, padding])
}

/// Takes the frame off. Its length must be in the shortest form, and what is behind it comes back as the second part.
fn unframe(token: &[u8]) -> Result<(&[u8], &[u8]), SessionError> {
    let mut outer = Reader::new(token, PER_MESSAGE_TOKEN, Rules::default());
    let mut frame = outer.read(Tag::application(0)).map_err(|_| SessionError::Malformed)?;
    let this_mech = Oid::new(frame.value::<ObjectIdentifier>().map_err(|_| SessionError::Malformed)?);
    if this_mech != Oid::KRB5 {
        return Err(SessionError::Malformed);
    }
    Ok((frame.rest(), outer.rest()))
}

impl<'a> Parts<'a> {
    fn read(framed: &'a [u8]) -> Result<Self, SessionError> {
        let (header, rest) = framed.split_first_chunk().ok_or(SessionError::Malformed)?;
        let (snd_seq, rest) = rest.split_first_chunk().ok_or(SessionError::Malformed)?;
        let (sgn_cksum, body) = rest.split_first_chunk().ok_or(SessionError::Malformed)?;
        Ok(Self { header: *header, snd_seq: *snd_seq, sgn_cksum: *sgn_cksum, body })
    }
}

impl Tokens for Rc4 {
    fn mic(&mut self, key: &Key, sequence_number: u64, message: &[u8]) -> Vec<u8> {
        let role = self.role;
        let keys = self.keys(key);
        let sgn_cksum = sgn_cksum(&keys.mic, &[&MIC_HEADER, message]);
        let snd_seq = keys.snd_seq(sequence_number, role, &sgn_cksum);
        let mut writer = Writer::with_capacity(FIXED_OCTETS.saturating_add(16));
        writer.tlv(Tag::application(0), |writer| {
            writer.octets(Tag::OBJECT_IDENTIFIER, Oid::KRB5.content());
            for part in [MIC_HEADER, snd_seq, sgn_cksum] {
                writer.raw(&part);
            }
        });
        writer.into_octets()
    }

    fn verify_mic(&mut self, key: &Key, message: &[u8], token: &[u8]) -> Result<u64, SessionError> {
        let (framed, behind) = unframe(token)?;
        let parts = Parts::read(framed)?;
        if parts.header != MIC_HEADER || !parts.body.is_empty() || !behind.is_empty() {
            return Err(SessionError::Malformed);
        }
        let keys = self.keys(key);
        verify(&keys.mic, &[&MIC_HEADER, message], &parts.sgn_cksum)?;
        let (number, direction) = keys.read_snd_seq(&parts);
        self.check_direction(direction)?;
        Ok(u64::from(u32::from_be_bytes(number)))
    }

    fn wrap(&mut self, key: &Key, outgoing: Outgoing<'_>, message: &[u8]) -> Result<Vec<u8>, SessionError> {
        let mut confounder = [0; CONFOUNDER_OCTETS];
        outgoing.random.fill(&mut confounder)?;
        let header = match outgoing.confidentiality {
            Confidentiality::Sealed => SEALED_HEADER,
            Confidentiality::SignedOnly => SIGNED_HEADER,
        };
        let (padding, role) = (self.padding(), self.role);
        let AssociatedData { before, behind } = outgoing.associated;
        let keys = self.keys(key);
        let sgn_cksum = sgn_cksum(&keys.wrap, &[&header, &confounder, before, message, behind, padding]);
        let snd_seq = keys.snd_seq(outgoing.sequence_number, role, &sgn_cksum);
        let mut writer = Writer::with_capacity(self.wrapped_octets(outgoing.confidentiality, message.len()));
        writer.tlv(Tag::application(0), |writer| {
            writer.octets(Tag::OBJECT_IDENTIFIER, Oid::KRB5.content());
            for part in [header, snd_seq, sgn_cksum, confounder] {
                writer.raw(&part);
            }
            if !self.is_dce_style() {
                writer.raw(message);
                writer.raw(padding);
            }
        });
        if self.is_dce_style() {
            writer.raw(message);
        }
        let mut token = writer.into_octets();
        if outgoing.confidentiality == Confidentiality::Sealed {
            let [_, _, _, _, number @ ..] = outgoing.sequence_number.to_be_bytes();
            let text = message.len().saturating_add(padding.len()).saturating_add(CONFOUNDER_OCTETS);
            let start = token.len().saturating_sub(text);
            self.keys(key).ciphers.apply_to_message(number, token.get_mut(start..).unwrap_or_default());
        }
        Ok(token)
    }

    fn wrap_split(&mut self, key: &Key, outgoing: Outgoing<'_>, data: &mut [u8]) -> Result<SplitToken, SessionError> {
        let mut header = self.wrap(key, outgoing, data)?;
        let trailer = header.split_off(header.len().saturating_sub(self.padding().len()));
        let start = header.len().saturating_sub(data.len());
        data.copy_from_slice(header.get(start..).unwrap_or_default());
        header.truncate(start);
        Ok(SplitToken { header, trailer })
    }

    fn open(&mut self, key: &Key, token: &mut [u8], associated: AssociatedData<'_>) -> Result<Opened, SessionError> {
        let (framed, behind) = unframe(token)?;
        let parts = Parts::read(framed)?;
        let confidentiality = match parts.header {
            SEALED_HEADER => Confidentiality::Sealed,
            SIGNED_HEADER => Confidentiality::SignedOnly,
            _ => return Err(SessionError::Malformed),
        };
        // The frame ends with the token, or, in DCE style, with the confounder.
        let outside = if self.is_dce_style() { parts.body.len() == CONFOUNDER_OCTETS } else { behind.is_empty() };
        let body_octets = parts.body.len().saturating_add(behind.len());
        if !outside || body_octets < CONFOUNDER_OCTETS.saturating_add(self.padding().len()) {
            return Err(SessionError::Malformed);
        }
        let padding_octets = self.padding().len();
        let keys = self.keys(key);
        let (number, direction) = keys.read_snd_seq(&parts);
        let Parts { header, sgn_cksum, .. } = parts;
        let start = token.len().saturating_sub(body_octets);
        let body = token.get_mut(start..).unwrap_or_default();
        if confidentiality == Confidentiality::Sealed {
            keys.ciphers.apply_to_message(number, body);
        }
        let octets = signed_parts(&header, body, associated, padding_octets)
            .and_then(|signed| verify(&keys.wrap, &signed, &sgn_cksum))
            .and_then(|()| self.message_octets(direction, body))
            .inspect_err(|_| body.zeroize())?;
        let start = start.saturating_add(CONFOUNDER_OCTETS);
        let sequence_number = u64::from(u32::from_be_bytes(number));
        Ok(Opened { place: start..start.saturating_add(octets), confidentiality, sequence_number })
    }

    fn wrapped_octets(&self, _: Confidentiality, message_octets: usize) -> usize {
        let SplitOctets { header, trailer } = self.split_octets(Confidentiality::Sealed, message_octets);
        header.saturating_add(message_octets).saturating_add(trailer)
    }

    fn split_octets(&self, _: Confidentiality, message_octets: usize) -> SplitOctets {
        let trailer = self.padding().len();
        let inside = if self.is_dce_style() { 0 } else { message_octets.saturating_add(trailer) };
        // The OID with its tag and length, and the fixed part.
        let fixed = Oid::KRB5.content().len().saturating_add(2 + FIXED_OCTETS + CONFOUNDER_OCTETS);
        let length_octets = length_octets(fixed.saturating_add(inside));
        SplitOctets { header: fixed.saturating_add(length_octets).saturating_add(1), trailer }
    }
}

/// How many octets a length takes in its shortest form (X.690 §8.1.3).
fn length_octets(length: usize) -> usize {
    let significant = length.to_be_bytes().iter().skip_while(|octet| **octet == 0).count();
    if length < 0x80 { 1 } else { significant.saturating_add(1) }
}
