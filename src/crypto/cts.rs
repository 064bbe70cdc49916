//! CBC with ciphertext stealing and a zero initial state (RFC 3962 §5, RFC 8009 §3, RFC 6803 §4).
//!
//! The variant is CS3 of NIST SP 800-38A's addendum: the last two blocks change places always, unless there is only
//! one. The two halves are in place and keep no state between messages.

use cbc::{Decryptor, Encryptor};
use cipher::array::Array;
use cipher::consts::U16;
use cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit};
use cts::{CbcCs3, Decrypt, Encrypt};

/// The block size of every cipher here, in octets.
pub(super) const BLOCK_OCTETS: usize = 16;

/// The text is shorter than one block, which this mode cannot express; or a message is shorter than its fixed parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooShort;

/// Encrypts `text` in place.
///
/// A single block has no neighbour to steal from and is plain CBC. `CbcCs3` would encrypt it twice, so it does not get it.
#[inline]
pub(super) fn encrypt<C: BlockCipherEncrypt<BlockSize = U16>>(cipher: &C, text: &mut [u8]) -> Result<(), TooShort> {
    if let Ok(block) = <&mut Array<u8, U16>>::try_from(&mut *text) {
        Encryptor::inner_iv_init(cipher, &Array::default()).encrypt_block(block);
        return Ok(());
    }
    CbcCs3::inner_iv_init(cipher, &Array::default()).encrypt(text).map_err(|_| TooShort)
}

/// Decrypts `text` in place, the inverse of [`encrypt`].
#[inline]
pub(super) fn decrypt<C: BlockCipherDecrypt<BlockSize = U16>>(cipher: &C, text: &mut [u8]) -> Result<(), TooShort> {
    if let Ok(block) = <&mut Array<u8, U16>>::try_from(&mut *text) {
        Decryptor::inner_iv_init(cipher, &Array::default()).decrypt_block(block);
        return Ok(());
    }
    CbcCs3::inner_iv_init(cipher, &Array::default()).decrypt(text).map_err(|_| TooShort)
}
