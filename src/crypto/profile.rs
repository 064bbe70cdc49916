//! What an enctype has to say for itself, and what follows from it.
//!
//! A [`Suite`] names the key states of a family of enctypes and the few functions over them. Everything else (the
//! states of a prepared key, the one-message forms that derive only what they use) follows here, once. The table holds
//! suites as `dyn` [`Profile`]: one indirect call per message, and no enctype is ever asked for its number.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use cipher::common::Output;
use hmac::Mac;
use subtle::ConstantTimeEq;

use super::cts::TooShort;
use super::enctype::{ChecksumPlace, EnctypeInfo};
use super::error::{ConfounderError, IntegrityError, KeyError};
use super::octets::{KeyOctets, MAX_CHECKSUM_OCTETS, PrfOutput, Short};
use crate::numbers::KeyUsage;
use crate::wipe::wipe;

/// A checksum before it has a type.
pub(super) type Tag = Short<MAX_CHECKSUM_OCTETS>;

/// A message on its way out: the confounder in front, the text behind, which may have a tail.
#[derive(Clone, Copy)]
pub(crate) struct Plaintext<'a> {
    pub(crate) confounder: &'a [u8],
    /// The text and its tail.
    pub(crate) text: [&'a [u8]; 2],
    /// What is signed before the text and behind it, in front of its tail, and not encrypted.
    pub(crate) around: [&'a [u8]; 2],
}

impl<'a> Plaintext<'a> {
    /// What the message's receiver has to know of it.
    #[inline]
    pub(super) fn associated(&self) -> Associated<'a> {
        let ([_, tail], around) = (self.text, self.around);
        Associated { around, tail_octets: tail.len() }
    }

    /// Appends the whole message to `out`, still plain, and says where it begins.
    #[inline]
    pub(super) fn lay_out(&self, row: &EnctypeInfo, out: &mut Vec<u8>) -> Result<usize, ConfounderError> {
        let [text, tail] = self.text;
        out.reserve(row.overhead_octets().saturating_add(text.len()).saturating_add(tail.len()));
        lay_out(row, self.confounder, out, |out| {
            out.extend_from_slice(text);
            out.extend_from_slice(tail);
        })
    }
}

/// Appends a message to `out`, still plain, with room for its checksum: the text is what `write` appends. Says where it
/// begins. When the confounder is refused, `out` is as before.
#[inline]
pub(super) fn lay_out(
    row: &EnctypeInfo,
    confounder: &[u8],
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>),
) -> Result<usize, ConfounderError> {
    if confounder.len() != row.confounder_octets {
        return Err(ConfounderError { expected: row.confounder_octets, found: confounder.len() });
    }
    let start = out.len();
    let (front, end) = match row.checksum_place {
        ChecksumPlace::Front => (row.checksum_octets, 0),
        ChecksumPlace::End => (0, row.checksum_octets),
    };
    out.resize(start.saturating_add(front), 0);
    out.extend_from_slice(confounder);
    write(out);
    out.resize(out.len().saturating_add(end), 0);
    Ok(start)
}

/// What is signed with a message and neither encrypted nor in it, and where it stands: around the text, before its tail.
///
/// Q1: where are such octets, in a checksum that no RFC gives them a place in? A: where MIT krb5 has its buffers of type
/// SIGN_ONLY, and Windows its own: in the order of the whole message, behind the confounder, and in the form in which the
/// enctype signs its message, which for RFC 8009 is the encrypted one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Associated<'a> {
    /// Before the text, and behind it.
    pub(crate) around: [&'a [u8]; 2],
    /// How many octets of the plaintext are the tail.
    pub(crate) tail_octets: usize,
}

impl<'a> Associated<'a> {
    /// All that is signed of a message that begins with its confounder, plain or encrypted: nothing, if it is too short.
    #[inline]
    pub(super) fn among<'m>(self, row: &EnctypeInfo, message: &'m [u8]) -> Option<[&'m [u8]; 5]>
    where
        'a: 'm,
    {
        let [before, behind] = self.around;
        if before.is_empty() && behind.is_empty() {
            return Some([message, &[], &[], &[], &[]]);
        }
        let (confounder, rest) = message.split_at_checked(row.confounder_octets)?;
        let (text, tail) = rest.split_at_checked(rest.len().checked_sub(self.tail_octets)?)?;
        Some([confounder, before, text, behind, tail])
    }
}

/// A family of enctypes. The row says the lengths.
pub(super) trait Suite: Send + Sync + 'static {
    /// The protocol key, ready to derive from.
    type Base;
    /// What encrypts, of one usage.
    type Encryptor: Send + Sync + 'static;
    /// What decrypts, of one usage.
    type Decryptor: Send + Sync + 'static;
    /// What authenticates an encrypted message, of one usage.
    type Integrity: Send + Sync + 'static;
    /// What makes a checksum, of one usage.
    type Signer: Send + Sync + 'static;

    fn base(key: &[u8]) -> Self::Base;
    /// Ke of one usage.
    fn encryption_key(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> KeyOctets;
    /// Ki of one usage.
    fn integrity_key(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> KeyOctets;
    fn encryptor(encryption_key: &KeyOctets) -> Self::Encryptor;
    fn decryptor(encryption_key: &KeyOctets) -> Self::Decryptor;
    fn integrity(integrity_key: &KeyOctets) -> Self::Integrity;
    fn signer(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> Self::Signer;

    /// Encrypts a message in place, and signs it: the inverse of [`open`](Self::open).
    fn seal(
        row: &EnctypeInfo,
        keys: (&Self::Encryptor, &Self::Integrity),
        message: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<(), TooShort>;

    /// Decrypts in place and says where the plaintext is. When it fails it may leave text that nobody vouches for:
    /// [`opened`] wipes it.
    fn open(
        row: &EnctypeInfo,
        keys: (&Self::Decryptor, &Self::Integrity),
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError>;

    fn sign(row: &EnctypeInfo, signer: &Self::Signer, message: &[&[u8]]) -> Tag;

    fn prf(row: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput;

    /// `iterations` is the row's default or the parameters' count, and inside the limit.
    fn string_to_key(row: &EnctypeInfo, password: &[u8], salt: &[u8], iterations: u32) -> Result<KeyOctets, KeyError>;
}

/// Ke and Ki of one usage: what RFC 3961 §3 calls a specific key, zeroized on drop.
pub(super) struct SpecificKeys {
    encryption: KeyOctets,
    integrity: KeyOctets,
}

impl SpecificKeys {
    #[inline]
    fn derived<S: Suite>(row: &EnctypeInfo, base: &S::Base, usage: KeyUsage) -> Self {
        Self { encryption: S::encryption_key(row, base, usage), integrity: S::integrity_key(row, base, usage) }
    }
}

/// A [`Suite`] behind a pointer.
pub(super) trait Profile: Send + Sync {
    fn prepare(&self, row: &EnctypeInfo, key: &[u8], usage: KeyUsage) -> Box<dyn Prepared>;
    fn open(
        &self,
        row: &EnctypeInfo,
        key: (&[u8], KeyUsage),
        buffer: &mut [u8],
    ) -> Result<Range<usize>, IntegrityError>;
    /// As [`open`](Self::open), and derives the keys that seal the answer, of another usage, if it opens.
    fn open_to_answer(
        &self,
        row: &EnctypeInfo,
        key: (&[u8], KeyUsage),
        buffer: &mut [u8],
        answer: KeyUsage,
    ) -> Result<(Range<usize>, SpecificKeys), IntegrityError>;
    fn specific_keys(&self, row: &EnctypeInfo, key: (&[u8], KeyUsage)) -> SpecificKeys;
    fn seal(&self, row: &EnctypeInfo, keys: &SpecificKeys, message: &mut [u8]) -> Result<(), TooShort>;
    fn sign(&self, row: &EnctypeInfo, key: (&[u8], KeyUsage), message: &[&[u8]]) -> Tag;
    fn prf(&self, row: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput;
    fn string_to_key(
        &self,
        row: &EnctypeInfo,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
    ) -> Result<KeyOctets, KeyError>;
}

/// The keys of one usage, all derived.
pub(super) trait Prepared: Send + Sync {
    fn seal(&self, row: &EnctypeInfo, message: &mut [u8], associated: Associated<'_>) -> Result<(), TooShort>;
    fn open(
        &self,
        row: &EnctypeInfo,
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError>;
    fn sign(&self, row: &EnctypeInfo, message: &[&[u8]]) -> Tag;
}

struct PreparedKeys<S: Suite> {
    encryptor: S::Encryptor,
    decryptor: S::Decryptor,
    integrity: S::Integrity,
    signer: S::Signer,
}

impl<S: Suite> Prepared for PreparedKeys<S> {
    fn seal(&self, row: &EnctypeInfo, message: &mut [u8], associated: Associated<'_>) -> Result<(), TooShort> {
        S::seal(row, (&self.encryptor, &self.integrity), message, associated)
    }

    fn open(
        &self,
        row: &EnctypeInfo,
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError> {
        S::open(row, (&self.decryptor, &self.integrity), buffer, associated)
    }

    fn sign(&self, row: &EnctypeInfo, message: &[&[u8]]) -> Tag {
        S::sign(row, &self.signer, message)
    }
}

impl<S: Suite> Profile for S {
    fn prepare(&self, row: &EnctypeInfo, key: &[u8], usage: KeyUsage) -> Box<dyn Prepared> {
        let base = S::base(key);
        let keys = SpecificKeys::derived::<S>(row, &base, usage);
        Box::new(PreparedKeys::<S> {
            encryptor: S::encryptor(&keys.encryption),
            decryptor: S::decryptor(&keys.encryption),
            integrity: S::integrity(&keys.integrity),
            signer: S::signer(row, &base, usage),
        })
    }

    fn open(
        &self,
        row: &EnctypeInfo,
        (key, usage): (&[u8], KeyUsage),
        buffer: &mut [u8],
    ) -> Result<Range<usize>, IntegrityError> {
        open_from::<S>(row, (&S::base(key), usage), buffer)
    }

    fn open_to_answer(
        &self,
        row: &EnctypeInfo,
        (key, usage): (&[u8], KeyUsage),
        buffer: &mut [u8],
        answer: KeyUsage,
    ) -> Result<(Range<usize>, SpecificKeys), IntegrityError> {
        let base = S::base(key);
        let place = open_from::<S>(row, (&base, usage), buffer)?;
        Ok((place, SpecificKeys::derived::<S>(row, &base, answer)))
    }

    fn specific_keys(&self, row: &EnctypeInfo, (key, usage): (&[u8], KeyUsage)) -> SpecificKeys {
        SpecificKeys::derived::<S>(row, &S::base(key), usage)
    }

    fn seal(&self, row: &EnctypeInfo, keys: &SpecificKeys, message: &mut [u8]) -> Result<(), TooShort> {
        let keys = (&S::encryptor(&keys.encryption), &S::integrity(&keys.integrity));
        S::seal(row, keys, message, Associated::default())
    }

    fn sign(&self, row: &EnctypeInfo, (key, usage): (&[u8], KeyUsage), message: &[&[u8]]) -> Tag {
        S::sign(row, &S::signer(row, &S::base(key), usage), message)
    }

    fn prf(&self, row: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput {
        S::prf(row, key, input)
    }

    fn string_to_key(
        &self,
        row: &EnctypeInfo,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
    ) -> Result<KeyOctets, KeyError> {
        S::string_to_key(row, password, salt, iterations)
    }
}

#[inline]
fn open_from<S: Suite>(
    row: &EnctypeInfo,
    (base, usage): (&S::Base, KeyUsage),
    buffer: &mut [u8],
) -> Result<Range<usize>, IntegrityError> {
    let keys = SpecificKeys::derived::<S>(row, base, usage);
    let keys = (&S::decryptor(&keys.encryption), &S::integrity(&keys.integrity));
    S::open(row, keys, buffer, Associated::default())
}

/// Seals a message that was laid out. It is never too short then; if it were, the confounder would be at fault.
#[inline]
pub(super) fn sealed(
    row: &EnctypeInfo,
    confounder: &[u8],
    message: Option<&mut [u8]>,
    seal: impl FnOnce(&mut [u8]) -> Result<(), TooShort>,
) -> Result<(), ConfounderError> {
    let refused = |_| ConfounderError { expected: row.confounder_octets, found: confounder.len() };
    message.ok_or(TooShort).and_then(seal).map_err(refused)
}

/// The plaintext at its place, or a wiped buffer.
#[inline]
pub(super) fn opened(
    buffer: &mut [u8],
    place: Result<Range<usize>, IntegrityError>,
) -> Result<&mut [u8], IntegrityError> {
    match place {
        Ok(place) => buffer.get_mut(place).ok_or(IntegrityError),
        Err(refused) => {
            wipe(buffer);
            Err(refused)
        }
    }
}

/// The MAC over all parts, from a keyed state that is not used up.
#[inline]
pub(super) fn mac<M: Mac + Clone>(keyed: &M, message: &[&[u8]]) -> Output<M> {
    let mut state = keyed.clone();
    // A part that is empty is not free: a hash looks at its buffer all the same.
    for part in message.iter().filter(|part| !part.is_empty()) {
        state.update(part);
    }
    state.finalize().into_bytes()
}

/// The same, cut to the row's length (RFC 3961 §5.4).
#[inline]
pub(super) fn truncated_mac<M: Mac + Clone>(row: &EnctypeInfo, keyed: &M, message: &[&[u8]]) -> Tag {
    Short::prefix(&mac(keyed, message), row.checksum_octets)
}

/// Compares in constant time. Nothing equals nothing here: an empty MAC is refused.
#[inline]
pub(super) fn verify(computed: &[u8], found: &[u8]) -> Result<(), IntegrityError> {
    if !computed.is_empty() && bool::from(computed.ct_eq(found)) { Ok(()) } else { Err(IntegrityError) }
}

/// Splits a message into the confounder with the text, and the checksum, wherever the row has it; if it is long enough.
#[inline]
pub(super) fn split_checksum<'b>(
    row: &EnctypeInfo,
    message: &'b mut [u8],
) -> Result<(&'b mut [u8], &'b mut [u8]), TooShort> {
    let encrypted = message.len().checked_sub(row.checksum_octets).ok_or(TooShort)?;
    if encrypted < row.confounder_octets {
        return Err(TooShort);
    }
    match row.checksum_place {
        ChecksumPlace::End => message.split_at_mut_checked(encrypted).ok_or(TooShort),
        ChecksumPlace::Front => {
            message.split_at_mut_checked(row.checksum_octets).map(|(checksum, text)| (text, checksum)).ok_or(TooShort)
        }
    }
}
