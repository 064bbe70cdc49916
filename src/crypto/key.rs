//! A protocol key, and the one-message operations on it.

use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::enctype::EnctypeInfo;
use super::error::{ConfounderError, IntegrityError, KeyError};
use super::octets::{Checksum, KeyOctets, PrfOutput, Short};
use super::profile::{SpecificKeys, lay_out, opened, sealed, verify};
use super::string_to_key;
use super::usage_key::UsageKey;
use crate::numbers::{ChecksumType, Enctype, KeyUsage};
use crate::wipe::wipe;

/// A protocol key of one enctype (RFC 3961 §3), zeroized on drop.
///
/// [`for_usage`](Self::for_usage) derives everything of one usage for a key that opens many messages, a keytab's for
/// example. [`decrypt_in_place`](Self::decrypt_in_place), [`encrypt`](Self::encrypt), [`checksum`](Self::checksum) and
/// [`verify_checksum`](Self::verify_checksum) derive only what one message needs, and allocate nothing: the right ones
/// for a session key, which opens one authenticator and seals one reply.
pub struct Key {
    row: &'static EnctypeInfo,
    octets: KeyOctets,
}

impl Key {
    /// The key with these octets.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unsupported`] if the enctype has no row; [`KeyError::Length`] if its keys have another length.
    pub fn new(enctype: Enctype, octets: &[u8]) -> Result<Self, KeyError> {
        let row = EnctypeInfo::find(enctype).ok_or(KeyError::Unsupported { enctype })?;
        if octets.len() != row.key_octets {
            return Err(KeyError::Length { enctype, expected: row.key_octets, found: octets.len() });
        }
        Ok(Self { row, octets: Zeroizing::new(Short::prefix(octets, row.key_octets)) })
    }

    /// The key that random octets stand for: `random-to-key`, for subkeys and test realms.
    ///
    /// It is the identity for every enctype here (RFC 3962 §6, RFC 8009 §5, RFC 6803 §4, RFC 4757 §2).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn random_to_key(enctype: Enctype, octets: &[u8]) -> Result<Self, KeyError> {
        Self::new(enctype, octets)
    }

    /// The key of an enctype that the first of these octets stand for; `None` without a row, or without octets enough.
    pub(crate) fn from_first(enctype: Enctype, octets: &[u8]) -> Option<Self> {
        let row = EnctypeInfo::find(enctype)?;
        Self::random_to_key(enctype, octets.get(..row.key_octets)?).ok()
    }

    /// The key that a password stands for: `string-to-key`.
    ///
    /// `salt` is what the KDC says, or [`default_salt`](super::default_salt). `parameters` are the iteration count in
    /// four octets, most significant first, or nothing for the enctype's default; RC4 has neither.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unsupported`]; [`KeyError::ParameterLength`]; [`KeyError::IterationCount`] above
    /// [`MAX_ITERATIONS`](super::MAX_ITERATIONS); [`KeyError::PasswordEncoding`] for RC4 and a password that is not UTF-8.
    pub fn from_password(
        enctype: Enctype,
        password: &[u8],
        salt: &[u8],
        parameters: Option<&[u8]>,
    ) -> Result<Self, KeyError> {
        let row = EnctypeInfo::find(enctype).ok_or(KeyError::Unsupported { enctype })?;
        let iterations = string_to_key::iterations(row, parameters)?;
        Ok(Self { row, octets: row.profile.string_to_key(row, password, salt, iterations)? })
    }

    /// A second key with the same octets, for whoever has to keep one and hand one on.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { row: self.row, octets: self.octets.clone() }
    }

    /// The enctype.
    #[must_use]
    pub fn enctype(&self) -> Enctype {
        self.row.enctype
    }

    /// The enctype's row of the table.
    #[must_use]
    pub fn info(&self) -> EnctypeInfo {
        *self.row
    }

    /// As [`info`](Self::info), without a copy.
    pub(crate) fn row(&self) -> &'static EnctypeInfo {
        self.row
    }

    /// The secret octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.octets.as_slice()
    }

    /// The keys of one usage, all derived and ready for many messages.
    #[must_use]
    pub fn for_usage(&self, usage: KeyUsage) -> UsageKey {
        UsageKey::new(self.row, self.row.profile.prepare(self.row, self.as_octets(), usage))
    }

    /// The pseudo-random function of the enctype (RFC 3961 §5.3, RFC 8009 §5, RFC 6803 §6).
    #[must_use]
    pub fn prf(&self, input: &[u8]) -> PrfOutput {
        self.row.profile.prf(self.row, self.as_octets(), input)
    }

    /// Verifies and decrypts one message in place; see [`UsageKey::decrypt_in_place`].
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] for whatever is wrong; the buffer is then wiped.
    pub fn decrypt_in_place<'b>(&self, usage: KeyUsage, buffer: &'b mut [u8]) -> Result<&'b mut [u8], IntegrityError> {
        let place = self.row.profile.open(self.row, (self.as_octets(), usage), buffer);
        opened(buffer, place)
    }

    /// As [`decrypt_in_place`](Self::decrypt_in_place), with what seals an answer of another usage: each derivation of its own
    /// begins with the same half.
    pub(crate) fn decrypt_to_answer<'b>(
        &self,
        usage: KeyUsage,
        buffer: &'b mut [u8],
        answer: KeyUsage,
    ) -> Result<(&'b mut [u8], SealingKey), IntegrityError> {
        let key = (self.as_octets(), usage);
        let opening = self.row.profile.open_to_answer(self.row, key, buffer, answer);
        let (place, keys) = opening.inspect_err(|_| wipe(buffer))?;
        Ok((opened(buffer, Ok(place))?, SealingKey { row: self.row, keys }))
    }

    /// What seals one message of that usage.
    pub(crate) fn sealing(&self, usage: KeyUsage) -> SealingKey {
        SealingKey { row: self.row, keys: self.row.profile.specific_keys(self.row, (self.as_octets(), usage)) }
    }

    /// Appends one encrypted message to `out`; see [`UsageKey::encrypt`].
    ///
    /// # Errors
    ///
    /// [`ConfounderError`] if the confounder has not [`EnctypeInfo::confounder_octets`]; `out` is then as before.
    pub fn encrypt(
        &self,
        usage: KeyUsage,
        confounder: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), ConfounderError> {
        out.reserve(plaintext.len().saturating_add(self.row.overhead_octets()));
        self.sealing(usage).encrypt_written(confounder, out, |out| out.extend_from_slice(plaintext))
    }

    /// The checksum of one message; see [`UsageKey::checksum`].
    #[must_use]
    pub fn checksum(&self, usage: KeyUsage, message: &[&[u8]]) -> Checksum {
        let tag = self.row.profile.sign(self.row, (self.as_octets(), usage), message);
        Checksum::new(self.row.checksum_type, tag)
    }

    /// Verifies the checksum of one message; see [`UsageKey::verify_checksum`].
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] for another type than the enctype's own, another length, or another value.
    pub fn verify_checksum(
        &self,
        usage: KeyUsage,
        checksum_type: ChecksumType,
        message: &[&[u8]],
        mac: &[u8],
    ) -> Result<(), IntegrityError> {
        if checksum_type != self.row.checksum_type {
            return Err(IntegrityError);
        }
        verify(self.checksum(usage, message).as_octets(), mac)
    }
}

/// What seals one message under a key: derived already, and not yet made ready, since it may never be needed.
pub(crate) struct SealingKey {
    row: &'static EnctypeInfo,
    keys: SpecificKeys,
}

impl SealingKey {
    /// As [`Key::encrypt`], for a plaintext that `write` appends to the end of `out`, where it is encrypted.
    pub(crate) fn encrypt_written(
        &self,
        confounder: &[u8],
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), ConfounderError> {
        let start = lay_out(self.row, confounder, out, write)?;
        sealed(self.row, confounder, out.get_mut(start..), |message| {
            self.row.profile.seal(self.row, &self.keys, message)
        })
    }
}

impl PartialEq for Key {
    /// In constant time for keys of one enctype.
    fn eq(&self, other: &Self) -> bool {
        self.row.enctype == other.row.enctype && bool::from(self.as_octets().ct_eq(other.as_octets()))
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("enctype", &self.row.enctype).finish_non_exhaustive()
    }
}
