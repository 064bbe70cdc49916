//! A buffer for what was decrypted, or is about to be encrypted: session keys stand in it.

use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// Octets that are wiped when they go, spare room included.
///
/// `Zeroizing<Vec<u8>>` writes octet by octet, which takes its time for a ticket with a PAC. This fills the buffer as a
/// whole, and a barrier keeps the compiler from leaving that out.
pub(super) struct Wiped(Vec<u8>);

impl Wiped {
    pub(super) fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(octets: &mut Vec<u8>) {
    octets.clear();
    octets.resize(octets.capacity(), 0);
    crate::wipe::wipe(octets);
}

impl Deref for Wiped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wipes_octets_and_spare_room() {
        let mut octets = Vec::with_capacity(100);
        octets.extend([7; 60]);
        octets.truncate(20);
        let (place, capacity) = (octets.as_ptr(), octets.capacity());
        wipe(&mut octets);
        assert_eq!((octets.as_ptr(), octets.capacity()), (place, capacity), "wiped where it stood");
        assert_eq!(octets, alloc::vec![0; capacity]);
    }
}
