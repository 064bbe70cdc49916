//! Wiping at the speed of filling, and buffers that leave no copy behind.

use alloc::vec::Vec;
use zeroize::Zeroizing;

/// Overwrites octets with zeros, and no optimizer leaves it out.
///
/// `Zeroize` writes octet by octet. This fills them as a whole, and a barrier has the compiler believe that somebody reads them.
#[inline]
pub(crate) fn wipe(octets: &mut [u8]) {
    octets.fill(0);
    zeroize::optimization_barrier(octets);
}

/// Octets that hold keys, while they are put together: where the buffer grows, the old one is zeroized.
pub(crate) struct SecretOctets(Zeroizing<Vec<u8>>);

impl SecretOctets {
    pub(crate) fn with_capacity(octets: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(octets)))
    }

    pub(crate) fn put(&mut self, octets: &[u8]) {
        let needed = self.0.len().saturating_add(octets.len());
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(octets);
    }

    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left() {
        let mut octets = [7; 100];
        wipe(&mut octets);
        assert_eq!(octets, [0; 100]);
    }

    #[test]
    fn a_buffer_that_grows_keeps_its_octets() {
        let mut octets = SecretOctets::with_capacity(3);
        for part in [&[1, 2][..], &[3], &[], &[4, 5, 6, 7, 8]] {
            octets.put(part);
        }
        assert_eq!(**octets.finish(), [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
