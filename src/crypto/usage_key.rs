//! The keys of one usage, ready for many messages.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use super::enctype::EnctypeInfo;
use super::error::{ConfounderError, IntegrityError};
use super::octets::Checksum;
use super::profile::{Associated, Plaintext, Prepared, opened, sealed, verify};
use crate::numbers::{ChecksumType, Enctype};

/// Everything derived from a key for one usage: cipher schedules and keyed MAC states, zeroized on drop.
///
/// Immutable, `Send` and `Sync`: one value serves all threads. A message costs no heap allocation.
pub struct UsageKey {
    row: &'static EnctypeInfo,
    prepared: Box<dyn Prepared>,
}

impl UsageKey {
    pub(super) fn new(row: &'static EnctypeInfo, prepared: Box<dyn Prepared>) -> Self {
        Self { row, prepared }
    }

    /// The enctype.
    #[must_use]
    pub fn enctype(&self) -> Enctype {
        self.row.enctype
    }

    /// The length of the confounder that [`encrypt`](Self::encrypt) needs.
    #[must_use]
    pub fn confounder_octets(&self) -> usize {
        self.row.confounder_octets
    }

    /// By how many octets a ciphertext is longer than its plaintext.
    #[must_use]
    pub fn overhead_octets(&self) -> usize {
        self.row.overhead_octets()
    }

    /// Verifies and decrypts a ciphertext in place, and returns the plaintext inside `buffer`, without confounder and
    /// checksum.
    ///
    /// The order is the enctype's: RFC 8009 verifies before it decrypts, the others can only verify what they decrypted.
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] for whatever is wrong; the buffer is then wiped.
    pub fn decrypt_in_place<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], IntegrityError> {
        let place = self.prepared.open(self.row, buffer, Associated::default());
        opened(buffer, place)
    }

    /// As [`decrypt_in_place`](Self::decrypt_in_place), for whoever keeps the buffer: where in it the plaintext is.
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] for whatever is wrong; the buffer is then wiped.
    pub fn open_in_place(&self, buffer: &mut [u8]) -> Result<Range<usize>, IntegrityError> {
        self.open_associated(buffer, Associated::default())
    }

    /// As [`open_in_place`](Self::open_in_place), for a message that was signed with more than is in it.
    pub(crate) fn open_associated(
        &self,
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError> {
        let place = self.prepared.open(self.row, buffer, associated);
        opened(buffer, place.clone())?;
        place
    }

    /// Appends the ciphertext of `plaintext` to `out`: [`overhead_octets`](Self::overhead_octets) longer than it.
    ///
    /// `confounder` are random octets that serve this message only.
    ///
    /// # Errors
    ///
    /// [`ConfounderError`] if they are not [`confounder_octets`](Self::confounder_octets); `out` is then as before.
    pub fn encrypt(&self, confounder: &[u8], plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), ConfounderError> {
        self.encrypt_parts(confounder, [plaintext, &[]], out)
    }

    /// As [`encrypt`](Self::encrypt), for a plaintext in two parts: a caller with a trailer need not join them first.
    ///
    /// # Errors
    ///
    /// As [`encrypt`](Self::encrypt).
    pub fn encrypt_parts(&self, confounder: &[u8], text: [&[u8]; 2], out: &mut Vec<u8>) -> Result<(), ConfounderError> {
        self.encrypt_associated(Plaintext { confounder, text, around: [&[]; 2] }, out)
    }

    /// As [`encrypt_parts`](Self::encrypt_parts), for a message that is signed with more than is in it.
    pub(crate) fn encrypt_associated(
        &self,
        plaintext: Plaintext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ConfounderError> {
        let start = plaintext.lay_out(self.row, out)?;
        sealed(self.row, plaintext.confounder, out.get_mut(start..), |message| {
            self.prepared.seal(self.row, message, plaintext.associated())
        })
    }

    /// The checksum over all parts of a message, of the enctype's mandatory type.
    #[must_use]
    pub fn checksum(&self, message: &[&[u8]]) -> Checksum {
        Checksum::new(self.row.checksum_type, self.prepared.sign(self.row, message))
    }

    /// Verifies a checksum over all parts of a message.
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] for another type than the enctype's mandatory one, another length, or another value.
    pub fn verify_checksum(
        &self,
        checksum_type: ChecksumType,
        message: &[&[u8]],
        mac: &[u8],
    ) -> Result<(), IntegrityError> {
        if checksum_type != self.row.checksum_type {
            return Err(IntegrityError);
        }
        verify(self.checksum(message).as_octets(), mac)
    }
}

impl fmt::Debug for UsageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageKey").field("enctype", &self.row.enctype).finish_non_exhaustive()
    }
}
