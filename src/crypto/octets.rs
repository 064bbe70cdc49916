//! Short octet strings that need no heap: keys, checksums, PRF outputs.

use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::numbers::ChecksumType;

/// The longest checksum that any enctype makes: `hmac-sha384-192-aes256` (RFC 8009 §6).
pub(super) const MAX_CHECKSUM_OCTETS: usize = 24;

/// The longest key of any enctype.
pub(super) const MAX_KEY_OCTETS: usize = 32;

/// The longest output of any enctype's PRF: SHA-384 whole (RFC 8009 §5).
const MAX_PRF_OCTETS: usize = 48;

/// Up to `N` octets in place.
#[derive(Clone, Copy)]
pub(super) struct Short<const N: usize> {
    octets: [u8; N],
    length: usize,
}

impl<const N: usize> Short<N> {
    /// The first `length` octets of `source`, or fewer if it or the room ends before.
    pub(super) fn prefix(source: &[u8], length: usize) -> Self {
        let mut octets = [0; N];
        let length = length.min(source.len()).min(N);
        if let (Some(to), Some(from)) = (octets.get_mut(..length), source.get(..length)) {
            to.copy_from_slice(from);
        }
        Self { octets, length }
    }

    /// So many zeros, or as many as there is room for.
    pub(super) fn zeros(length: usize) -> Self {
        Self { octets: [0; N], length: length.min(N) }
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.octets.get_mut(..self.length).unwrap_or_default()
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

impl<const N: usize> Zeroize for Short<N> {
    fn zeroize(&mut self) {
        crate::wipe::wipe(&mut self.octets);
    }
}

/// The octets of a protocol key, zeroized on drop.
pub(super) type KeyOctets = Zeroizing<Short<MAX_KEY_OCTETS>>;

/// A checksum and its type, ready for a `Checksum` on the wire.
#[derive(Clone, Copy)]
pub struct Checksum {
    checksum_type: ChecksumType,
    octets: Short<MAX_CHECKSUM_OCTETS>,
}

impl Checksum {
    pub(super) fn new(checksum_type: ChecksumType, octets: Short<MAX_CHECKSUM_OCTETS>) -> Self {
        Self { checksum_type, octets }
    }

    /// The type that belongs to the key's enctype.
    #[must_use]
    pub fn checksum_type(&self) -> ChecksumType {
        self.checksum_type
    }

    /// The octets of the checksum.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.octets.as_slice()
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checksum").field("checksum_type", &self.checksum_type).finish_non_exhaustive()
    }
}

/// The output of a key's pseudo-random function, zeroized on drop.
pub struct PrfOutput(Zeroizing<Short<MAX_PRF_OCTETS>>);

impl PrfOutput {
    pub(super) fn new(octets: &[u8]) -> Self {
        Self(Zeroizing::new(Short::prefix(octets, MAX_PRF_OCTETS)))
    }

    /// The octets; how many is the enctype's to say.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl fmt::Debug for PrfOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrfOutput(..)")
    }
}
