//! A buffer for what was decrypted, or is about to be encrypted: session keys stand in it.

use crate::wipe;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut, Range};

/// Octets that are wiped when they go, spare room included.
///
/// `Zeroizing<Vec<u8>>` writes octet by octet, which takes its time for a ticket with a PAC. This fills the buffer as a
/// whole, and a barrier keeps the compiler from leaving that out.
pub(super) struct Wiped(Vec<u8>);

impl Wiped {
    pub(super) fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// Two ciphertexts behind each other, to be decrypted where they stand.
    pub(super) fn joined(parts: [&[u8]; 2]) -> Self {
        Self(parts.concat())
    }

    /// Wipes everything but this part, and keeps that.
    pub(super) fn into_part(mut self, place: Range<usize>) -> WipedPart {
        for around in [0..place.start, place.end..self.0.len()] {
            if let Some(around) = self.0.get_mut(around) {
                wipe::wipe(around);
            }
        }
        WipedPart { whole: self, place }
    }
}

/// What is kept of such a buffer.
#[derive(Debug)]
pub(super) struct WipedPart {
    whole: Wiped,
    place: Range<usize>,
}

impl WipedPart {
    pub(super) fn octets(&self) -> &[u8] {
        self.whole.get(self.place.clone()).unwrap_or_default()
    }
}

/// Where `part`, which was split off it, stands in `whole`.
pub(super) fn place_in(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start.saturating_add(part.len())
}

/// How much there is, and nothing of it.
impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.0.len())
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe_all(&mut self.0);
    }
}

/// Spare room included.
fn wipe_all(octets: &mut Vec<u8>) {
    octets.resize(octets.capacity(), 0);
    wipe::wipe(octets);
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
        wipe_all(&mut octets);
        assert_eq!((octets.as_ptr(), octets.capacity()), (place, capacity), "wiped where it stood");
        assert_eq!(octets, alloc::vec![0; capacity]);
    }

    #[test]
    fn keeps_a_part_and_nothing_around_it() {
        let whole = Wiped::joined([b"secret and ", b"data, and more"]);
        let place = place_in(&whole, &whole[11..15]);
        let part = whole.into_part(place);
        assert_eq!(part.octets(), b"data");
        assert!(part.whole[..11].iter().chain(&part.whole[15..]).all(|octet| *octet == 0));
    }
}
