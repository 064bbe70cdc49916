//! Wiping at the speed of filling.

/// Overwrites octets with zeros, and no optimizer leaves it out.
///
/// `Zeroize` writes octet by octet. This fills them as a whole, and a barrier has the compiler believe that somebody reads them.
#[inline]
pub(crate) fn wipe(octets: &mut [u8]) {
    octets.fill(0);
    zeroize::optimization_barrier(octets);
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_is_left() {
        let mut octets = [7; 100];
        super::wipe(&mut octets);
        assert_eq!(octets, [0; 100]);
    }
}
