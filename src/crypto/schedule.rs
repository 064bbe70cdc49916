//! Key schedules that are wiped in one piece.

use cipher::{Key, KeyInit};
use zeroize::ZeroizeOnDrop;

use super::derivation::keyed;

/// A block cipher with its key schedule, which the schedule of a zero key overwrites on drop.
///
/// The cipher's own crate can wipe it too, but octet by octet: several hundred stores for each key, more than encrypting a
/// reply takes. What is written here is no secret, fills the same octets, and goes as fast as memory is copied.
pub(super) struct Schedule<C: KeyInit>(C);

impl<C: KeyInit> Schedule<C> {
    /// Of octets that are as many as the cipher's key has.
    pub(super) fn of_octets(key: &[u8]) -> Self {
        Self(keyed(key))
    }

    #[inline]
    pub(super) fn cipher(&self) -> &C {
        &self.0
    }

    fn overwrite(&mut self) {
        self.0 = C::new(&Key::<C>::default());
        zeroize::optimization_barrier(&self.0);
    }
}

impl<C: KeyInit> Drop for Schedule<C> {
    #[inline]
    fn drop(&mut self) {
        self.overwrite();
    }
}

impl<C: KeyInit> ZeroizeOnDrop for Schedule<C> {}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::{Aes128Dec, Aes256Enc};
    use cipher::array::Array;
    use cipher::{BlockCipherDecrypt, BlockCipherEncrypt};

    #[test]
    fn nothing_of_the_key_is_left() {
        let (mut encrypted, mut expected) = (Array::from([7; 16]), Array::from([7; 16]));
        let mut schedule = Schedule::<Aes256Enc>::of_octets(&[9; 32]);
        schedule.overwrite();
        schedule.cipher().encrypt_block(&mut encrypted);
        Aes256Enc::new(&Array::default()).encrypt_block(&mut expected);
        assert_eq!(encrypted, expected);

        let mut schedule = Schedule::<Aes128Dec>::of_octets(&[9; 16]);
        schedule.overwrite();
        schedule.cipher().decrypt_block(&mut encrypted);
        Aes128Dec::new(&Array::default()).decrypt_block(&mut expected);
        assert_eq!(encrypted, expected);
    }
}
