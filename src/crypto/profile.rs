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
use zeroize::Zeroize;

use super::enctype::EnctypeInfo;
use super::error::{ConfounderError, IntegrityError, KeyError};
use super::octets::{KeyOctets, MAX_CHECKSUM_OCTETS, PrfOutput, Short};
use crate::numbers::KeyUsage;

/// A checksum before it has a type.
pub(super) type Tag = Short<MAX_CHECKSUM_OCTETS>;

/// A plaintext on its way out: the confounder in front, the text behind, which may come in two parts.
#[derive(Clone, Copy)]
pub(super) struct Plaintext<'a> {
    pub(super) confounder: &'a [u8],
    pub(super) text: [&'a [u8]; 2],
}

impl<'a> Plaintext<'a> {
    /// All of it, in order.
    #[inline]
    pub(super) fn parts(&self) -> [&'a [u8]; 3] {
        let [text, tail] = self.text;
        [self.confounder, text, tail]
    }

    /// Appends all of it to `out`, with room for what the row adds behind it, and says where it begins.
    #[inline]
    pub(super) fn append_to(&self, row: &EnctypeInfo, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.reserve(self.parts().iter().fold(row.overhead_octets(), |sum, part| sum.saturating_add(part.len())));
        for part in self.parts() {
            out.extend_from_slice(part);
        }
        start
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
    fn encryptor(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> Self::Encryptor;
    fn decryptor(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> Self::Decryptor;
    fn integrity(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> Self::Integrity;
    fn signer(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> Self::Signer;

    /// Appends the ciphertext. The confounder has the row's length.
    fn seal(
        row: &EnctypeInfo,
        keys: (&Self::Encryptor, &Self::Integrity),
        plaintext: Plaintext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ConfounderError>;

    /// Decrypts in place and says where the plaintext is. When it fails it may leave text that nobody vouches for:
    /// [`opened`] wipes it.
    fn open(
        row: &EnctypeInfo,
        keys: (&Self::Decryptor, &Self::Integrity),
        buffer: &mut [u8],
    ) -> Result<Range<usize>, IntegrityError>;

    fn sign(row: &EnctypeInfo, signer: &Self::Signer, message: &[&[u8]]) -> Tag;

    fn prf(row: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput;

    /// `iterations` is the row's default or the parameters' count, and inside the limit.
    fn string_to_key(row: &EnctypeInfo, password: &[u8], salt: &[u8], iterations: u32) -> Result<KeyOctets, KeyError>;
}

/// A [`Suite`] behind a pointer.
pub(super) trait Profile: Send + Sync {
    fn prepare(&self, row: &EnctypeInfo, key: &[u8], usage: KeyUsage) -> Box<dyn Prepared>;
    fn seal(
        &self,
        row: &EnctypeInfo,
        key: (&[u8], KeyUsage),
        plaintext: Plaintext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ConfounderError>;
    fn open(
        &self,
        row: &EnctypeInfo,
        key: (&[u8], KeyUsage),
        buffer: &mut [u8],
    ) -> Result<Range<usize>, IntegrityError>;
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
    fn seal(&self, row: &EnctypeInfo, plaintext: Plaintext<'_>, out: &mut Vec<u8>) -> Result<(), ConfounderError>;
    fn open(&self, row: &EnctypeInfo, buffer: &mut [u8]) -> Result<Range<usize>, IntegrityError>;
    fn sign(&self, row: &EnctypeInfo, message: &[&[u8]]) -> Tag;
}

struct PreparedKeys<S: Suite> {
    encryptor: S::Encryptor,
    decryptor: S::Decryptor,
    integrity: S::Integrity,
    signer: S::Signer,
}

impl<S: Suite> Prepared for PreparedKeys<S> {
    fn seal(&self, row: &EnctypeInfo, plaintext: Plaintext<'_>, out: &mut Vec<u8>) -> Result<(), ConfounderError> {
        S::seal(row, (&self.encryptor, &self.integrity), plaintext, out)
    }

    fn open(&self, row: &EnctypeInfo, buffer: &mut [u8]) -> Result<Range<usize>, IntegrityError> {
        S::open(row, (&self.decryptor, &self.integrity), buffer)
    }

    fn sign(&self, row: &EnctypeInfo, message: &[&[u8]]) -> Tag {
        S::sign(row, &self.signer, message)
    }
}

impl<S: Suite> Profile for S {
    fn prepare(&self, row: &EnctypeInfo, key: &[u8], usage: KeyUsage) -> Box<dyn Prepared> {
        let base = S::base(key);
        Box::new(PreparedKeys::<S> {
            encryptor: S::encryptor(row, &base, usage),
            decryptor: S::decryptor(row, &base, usage),
            integrity: S::integrity(row, &base, usage),
            signer: S::signer(row, &base, usage),
        })
    }

    fn seal(
        &self,
        row: &EnctypeInfo,
        (key, usage): (&[u8], KeyUsage),
        plaintext: Plaintext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ConfounderError> {
        let base = S::base(key);
        let keys = (&S::encryptor(row, &base, usage), &S::integrity(row, &base, usage));
        S::seal(row, keys, plaintext, out)
    }

    fn open(
        &self,
        row: &EnctypeInfo,
        (key, usage): (&[u8], KeyUsage),
        buffer: &mut [u8],
    ) -> Result<Range<usize>, IntegrityError> {
        let base = S::base(key);
        let keys = (&S::decryptor(row, &base, usage), &S::integrity(row, &base, usage));
        S::open(row, keys, buffer)
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

/// The plaintext at its place, or a wiped buffer.
#[inline]
pub(super) fn opened(
    buffer: &mut [u8],
    place: Result<Range<usize>, IntegrityError>,
) -> Result<&mut [u8], IntegrityError> {
    match place {
        Ok(place) => buffer.get_mut(place).ok_or(IntegrityError),
        Err(refused) => {
            buffer.zeroize();
            Err(refused)
        }
    }
}

/// The MAC over all parts, from a keyed state that is not used up.
#[inline]
pub(super) fn mac<M: Mac + Clone>(keyed: &M, message: &[&[u8]]) -> Output<M> {
    let mut state = keyed.clone();
    for part in message {
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

/// Splits a ciphertext into the encrypted part and the checksum behind it, if it is long enough to be one.
#[inline]
pub(super) fn split_checksum<'b>(
    row: &EnctypeInfo,
    buffer: &'b mut [u8],
) -> Result<(&'b mut [u8], &'b mut [u8]), IntegrityError> {
    let encrypted = buffer.len().checked_sub(row.checksum_octets).ok_or(IntegrityError)?;
    if encrypted < row.confounder_octets {
        return Err(IntegrityError);
    }
    buffer.split_at_mut_checked(encrypted).ok_or(IntegrityError)
}
