//! The tokens of RFC 4121 §4.2, which every enctype but RC4 has.

use super::cfx_header::{HEADER_OCTETS, SenderFlags, WrapHeader, mic_header, read_mic_header};
use super::parameters::SessionParameters;
use super::tokens::{Opened, Outgoing, Tokens};
use super::{AssociatedData, Confidentiality, Role, SessionError, SplitOctets, SplitToken};
use crate::crypto::{Associated, Checksum, EnctypeInfo, Key, Plaintext, UsageKey};
use crate::gss::ContextFlags;
use crate::numbers::KeyUsage;
use alloc::vec::Vec;
use core::ops::Range;
use zeroize::Zeroize;

/// The longest confounder of any enctype, which is also the filler of DCE style.
const MAX_CONFOUNDER_OCTETS: usize = 16;

/// The filler and the copy of the header behind a sealed message.
const MAX_TAIL_OCTETS: usize = 32;

/// Both directions of a context.
pub(super) struct Cfx {
    info: &'static EnctypeInfo,
    flags: ContextFlags,
    own: Sender,
    peer: Sender,
}

/// What the tokens of one side are recognized by, and the keys of its two usages, each derived when first needed.
struct Sender {
    flags: SenderFlags,
    sign: UsageSlot,
    seal: UsageSlot,
}

struct UsageSlot {
    usage: KeyUsage,
    key: Option<UsageKey>,
}

impl UsageSlot {
    fn of(&mut self, key: &Key) -> &UsageKey {
        self.key.get_or_insert_with(|| key.for_usage(self.usage))
    }
}

impl Sender {
    /// RFC 4121 §2: each side has usages of its own, so that no token is good in the other direction.
    fn new(role: Role, parameters: &SessionParameters) -> Self {
        let (sign, seal) = match role {
            Role::Acceptor => (KeyUsage::ACCEPTOR_SIGN, KeyUsage::ACCEPTOR_SEAL),
            Role::Initiator => (KeyUsage::INITIATOR_SIGN, KeyUsage::INITIATOR_SEAL),
        };
        Self {
            flags: SenderFlags::new(role, parameters.acceptor_subkey.as_ref()),
            sign: UsageSlot { usage: sign, key: None },
            seal: UsageSlot { usage: seal, key: None },
        }
    }
}

impl Cfx {
    pub(super) fn new(parameters: &SessionParameters) -> Self {
        Self {
            info: parameters.context_key().row(),
            flags: parameters.flags,
            own: Sender::new(parameters.role, parameters),
            peer: Sender::new(parameters.role.peer(), parameters),
        }
    }

    fn is_dce_style(&self) -> bool {
        self.flags.contains(ContextFlags::DCE_STYLE)
    }

    /// The octets of filler behind a sealed message whose parts travel apart.
    ///
    /// Q1: why any, where ciphertext stealing needs none? A: Windows expects a block of it in DCE style, and nobody else
    /// minds (MS-KILE §3.4.5.4.1).
    fn split_filler_octets(&self) -> u16 {
        if self.is_dce_style() { 16 } else { 0 }
    }

    /// By how much everything behind the header was rotated.
    ///
    /// In DCE style sealed tokens are rotated by EC more than they say: Windows does it so, and all others follow. A token
    /// that says it is not rotated is not: so MIT krb5 and Heimdal have it that were given a buffer for the trailer.
    fn rotation(&self, header: WrapHeader) -> usize {
        let sealed = header.confidentiality() == Confidentiality::Sealed;
        let rotated_more = sealed && self.is_dce_style() && header.right_rotation_count != 0;
        let more = if rotated_more { header.extra_count } else { 0 };
        usize::from(header.right_rotation_count).saturating_add(usize::from(more))
    }

    /// The parts of a sealed message are behind each other: message, filler, header (RFC 4121 §4.2.4).
    fn open_sealed(
        &mut self,
        key: &Key,
        header: WrapHeader,
        body: &mut [u8],
        AssociatedData { before, behind }: AssociatedData<'_>,
    ) -> Result<Range<usize>, SessionError> {
        let tail_octets = usize::from(header.extra_count).saturating_add(HEADER_OCTETS);
        let associated = Associated { around: [before, behind], tail_octets };
        let text = self.peer.seal.of(key).open_associated(body, associated)?;
        let place = body.get(text.clone()).and_then(|text| message_before_tail(text, header));
        match place {
            Some(octets) => Ok(text.start..text.start.saturating_add(octets)),
            None => {
                body.zeroize();
                Err(SessionError::Integrity)
            }
        }
    }

    /// A signed message has its checksum behind it, and EC is the checksum's length (RFC 4121 §4.2.4).
    fn open_signed(
        &mut self,
        key: &Key,
        header: WrapHeader,
        body: &[u8],
        AssociatedData { before, behind }: AssociatedData<'_>,
    ) -> Result<Range<usize>, SessionError> {
        let checksum_octets = usize::from(header.extra_count);
        if checksum_octets != self.info.checksum_octets {
            return Err(SessionError::Malformed);
        }
        let octets = body.len().checked_sub(checksum_octets).ok_or(SessionError::Malformed)?;
        let (message, mac) = body.split_at_checked(octets).ok_or(SessionError::Malformed)?;
        let parts = [before, message, behind, &header.signed_octets()];
        self.peer.seal.of(key).verify_checksum(self.info.checksum_type, &parts, mac)?;
        Ok(0..octets)
    }

    /// Appends what is behind the header, not rotated.
    fn seal(
        &mut self,
        key: &Key,
        outgoing: Outgoing<'_>,
        header: WrapHeader,
        message: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SessionError> {
        let mut confounder = [0; MAX_CONFOUNDER_OCTETS];
        let confounder = confounder.get_mut(..self.info.confounder_octets).ok_or(SessionError::Random)?;
        outgoing.random.fill(confounder)?;
        let mut tail = [0xff; MAX_TAIL_OCTETS];
        let filler = usize::from(header.extra_count);
        let tail = tail.get_mut(..filler.saturating_add(HEADER_OCTETS)).ok_or(SessionError::TooLong)?;
        if let Some(copy) = tail.get_mut(filler..) {
            copy.copy_from_slice(&header.sealed_octets());
        }
        let AssociatedData { before, behind } = outgoing.associated;
        let plaintext = Plaintext { confounder, text: [message, tail], around: [before, behind] };
        self.own.seal.of(key).encrypt_associated(plaintext, out).map_err(|_| SessionError::Random)
    }

    /// RFC 4121 §4.2.4: the checksum is over the message and the header behind it, before EC and RRC are known.
    fn sign(&mut self, key: &Key, outgoing: Outgoing<'_>, header: WrapHeader, message: &[u8]) -> Checksum {
        let AssociatedData { before, behind } = outgoing.associated;
        self.own.seal.of(key).checksum(&[before, message, behind, &header.signed_octets()])
    }

    fn checksum_octets_field(&self) -> u16 {
        u16::try_from(self.info.checksum_octets).unwrap_or(u16::MAX)
    }
}

/// The length of the message before the filler and the copy of the header, if the copy is the header in full.
fn message_before_tail(text: &[u8], header: WrapHeader) -> Option<usize> {
    let (rest, copy) = text.split_last_chunk()?;
    if *copy != header.sealed_octets() {
        return None;
    }
    rest.len().checked_sub(usize::from(header.extra_count))
}

impl Tokens for Cfx {
    /// RFC 4121 §4.2.6.1: the checksum is over the message and the header behind it.
    fn mic(&mut self, key: &Key, sequence_number: u64, message: &[u8]) -> Vec<u8> {
        let header = mic_header(self.own.flags, sequence_number);
        let checksum = self.own.sign.of(key).checksum(&[message, &header]);
        [&header[..], checksum.as_octets()].concat()
    }

    fn verify_mic(&mut self, key: &Key, message: &[u8], token: &[u8]) -> Result<u64, SessionError> {
        let (header, mac) = token.split_first_chunk().ok_or(SessionError::Malformed)?;
        let sequence_number = read_mic_header(header, self.peer.flags)?;
        self.peer.sign.of(key).verify_checksum(self.info.checksum_type, &[message, header], mac)?;
        Ok(sequence_number)
    }

    /// RFC 4121 §4.2.4, without filler and without rotation.
    fn wrap(&mut self, key: &Key, outgoing: Outgoing<'_>, message: &[u8]) -> Result<Vec<u8>, SessionError> {
        let mut out = Vec::with_capacity(self.wrapped_octets(outgoing.confidentiality, message.len()));
        let mut header = WrapHeader::new(self.own.flags, outgoing.confidentiality, outgoing.sequence_number);
        match outgoing.confidentiality {
            Confidentiality::Sealed => {
                out.extend_from_slice(&header.to_octets());
                self.seal(key, outgoing, header, message, &mut out)?;
            }
            Confidentiality::SignedOnly => {
                let checksum = self.sign(key, outgoing, header, message);
                header.extra_count = self.checksum_octets_field();
                for part in [&header.to_octets(), message, checksum.as_octets()] {
                    out.extend_from_slice(part);
                }
            }
        }
        Ok(out)
    }

    /// Everything that belongs behind the message is rotated before it, as Windows wants it (MS-KILE §3.4.5.4).
    fn wrap_split(&mut self, key: &Key, outgoing: Outgoing<'_>, data: &mut [u8]) -> Result<SplitToken, SessionError> {
        let mut header = WrapHeader::new(self.own.flags, outgoing.confidentiality, outgoing.sequence_number);
        if outgoing.confidentiality == Confidentiality::SignedOnly {
            let checksum = self.sign(key, outgoing, header, data);
            header.extra_count = self.checksum_octets_field();
            header.right_rotation_count = header.extra_count;
            let header = [&header.to_octets(), checksum.as_octets()].concat();
            return Ok(SplitToken { header, trailer: Vec::new() });
        }
        header.extra_count = self.split_filler_octets();
        let mut body = Vec::new();
        self.seal(key, outgoing, header, data, &mut body)?;
        // Behind the message are the filler, the copy of the header, and the checksum.
        let end = self.info.confounder_octets.saturating_add(data.len());
        let (before, behind) = body.split_at_checked(end).ok_or(SessionError::TooLong)?;
        let (confounder, sealed) = before.split_at_checked(self.info.confounder_octets).ok_or(SessionError::TooLong)?;
        data.copy_from_slice(sealed);
        let rotated = behind.len().saturating_sub(usize::from(header.extra_count));
        header.right_rotation_count = u16::try_from(rotated).map_err(|_| SessionError::TooLong)?;
        let header = [&header.to_octets(), behind, confounder].concat();
        Ok(SplitToken { header, trailer: Vec::new() })
    }

    fn open(&mut self, key: &Key, token: &mut [u8], associated: AssociatedData<'_>) -> Result<Opened, SessionError> {
        let (header, body) = token.split_first_chunk_mut().ok_or(SessionError::Malformed)?;
        let header = WrapHeader::read(header, self.peer.flags)?;
        // RFC 4121 §4.2.5: "The receiver MUST be able to interpret all possible rotation count values, including rotation
        // counts greater than the length of the token."
        let rotation = self.rotation(header).checked_rem(body.len()).ok_or(SessionError::Malformed)?;
        body.rotate_left(rotation);
        let place = match header.confidentiality() {
            Confidentiality::Sealed => self.open_sealed(key, header, body, associated)?,
            Confidentiality::SignedOnly => self.open_signed(key, header, body, associated)?,
        };
        Ok(Opened {
            place: place.start.saturating_add(HEADER_OCTETS)..place.end.saturating_add(HEADER_OCTETS),
            confidentiality: header.confidentiality(),
            sequence_number: header.sequence_number,
        })
    }

    fn wrapped_octets(&self, confidentiality: Confidentiality, message_octets: usize) -> usize {
        let around = match confidentiality {
            Confidentiality::Sealed => self.info.overhead_octets().saturating_add(HEADER_OCTETS),
            Confidentiality::SignedOnly => self.info.checksum_octets,
        };
        message_octets.saturating_add(around).saturating_add(HEADER_OCTETS)
    }

    fn split_octets(&self, confidentiality: Confidentiality, _: usize) -> SplitOctets {
        let filler = match confidentiality {
            Confidentiality::Sealed => usize::from(self.split_filler_octets()),
            Confidentiality::SignedOnly => 0,
        };
        SplitOctets { header: self.wrapped_octets(confidentiality, filler), trailer: 0 }
    }
}
