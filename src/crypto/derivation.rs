//! From a protocol key to the keys of one usage: n-fold and DR (RFC 3961 §5.1).
//!
//! [`n_fold`] is the general form. Per message only five octets are ever folded to sixteen, and [`fold_usage`] does
//! that in a few dozen instructions; a test holds the two against each other.

use alloc::vec;

use cipher::array::Array;
use cipher::{Block, BlockCipherEncrypt, Key, KeyInit};
use zeroize::{Zeroize, Zeroizing};

use crate::numbers::KeyUsage;

/// What a derived key is for: the octet after the usage number (RFC 3961 §5.3).
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// Kc, the key of a checksum alone.
    Checksum,
    /// Ke, the key that encrypts.
    Encryption,
    /// Ki, the key of the checksum inside an encrypted message.
    Integrity,
}

impl Purpose {
    const fn octet(self) -> u8 {
        match self {
            Self::Checksum => 0x99,
            Self::Encryption => 0xaa,
            Self::Integrity => 0x55,
        }
    }

    /// The well-known constant of RFC 3961 §5.3: the usage in four octets, most significant first, and the purpose.
    pub(super) const fn constant(self, usage: KeyUsage) -> [u8; 5] {
        let [a, b, c, d] = usage.0.to_be_bytes();
        [a, b, c, d, self.octet()]
    }

    /// That constant, n-folded to a block of sixteen octets.
    pub(super) fn folded(self, usage: KeyUsage) -> [u8; 16] {
        fold_usage(self.constant(usage))
    }
}

/// 128-fold of five octets.
///
/// RFC 3961 §5.1 lays copies of the input side by side, each rotated 13 bits further, and adds the result up in pieces
/// of the output's size, with ones' complement. Ones' complement addition is arithmetic modulo 2^128 − 1, where moving
/// a number left by a position is rotating it, so each of the sixteen copies can be rotated into place and added.
fn fold_usage(constant: [u8; 5]) -> [u8; 16] {
    const COPIES: u32 = 16;
    const COPY_BITS: u32 = 40;
    let [a, b, c, d, e] = constant;
    let input = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    let mut sum = 0_u128;
    for copy in 0..COPIES {
        let turn = copy.wrapping_mul(13) % COPY_BITS;
        let rotated = ((input >> turn) | (input << COPY_BITS.wrapping_sub(turn))) & 0xff_ffff_ffff;
        let position = COPY_BITS.wrapping_mul(COPIES.wrapping_sub(1).wrapping_sub(copy)) % u128::BITS;
        let (partial, carry) = sum.overflowing_add(u128::from(rotated).rotate_left(position));
        sum = partial.wrapping_add(u128::from(carry));
    }
    sum.to_be_bytes()
}

/// n-fold of any input to any output (RFC 3961 §5.1).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "no divisor is zero behind the check, and the sums count octets of constants of a few dozen octets"
)]
pub(super) fn n_fold(input: &[u8], output: &mut [u8]) {
    if input.is_empty() || output.is_empty() {
        return output.fill(0);
    }
    let (input_bits, columns) = (input.len() * 8, output.len());
    let octet_at = |index: usize| u32::from(input.get(index % input.len()).copied().unwrap_or_default());
    let mut sums = vec![0_u32; columns];
    for position in 0..least_common_multiple(input.len(), columns) {
        let (copy, offset) = (position / input.len(), position % input.len());
        // Rotating right by 13 bits a copy means reading that many bits further to the left.
        let bit = (offset * 8 + input_bits - copy * 13 % input_bits) % input_bits;
        let window = (octet_at(bit / 8) << 8) | octet_at(bit / 8 + 1);
        if let Some(sum) = sums.get_mut(position % columns) {
            *sum += (window >> (8 - bit % 8)) & 0xff;
        }
    }
    let mut carry = 0;
    loop {
        for sum in sums.iter_mut().rev() {
            carry += *sum;
            *sum = carry & 0xff;
            carry >>= 8;
        }
        if carry == 0 {
            break;
        }
    }
    for (octet, sum) in output.iter_mut().zip(sums) {
        *octet = sum.to_be_bytes()[3];
    }
}

#[expect(clippy::arithmetic_side_effects, reason = "both are lengths in memory and not zero")]
fn least_common_multiple(a: usize, b: usize) -> usize {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    a / divisor * b
}

/// DR (RFC 3961 §5.1): the folded constant encrypted again and again until `out` is full.
///
/// `E` there is the cipher in its own mode with a zero initial state, which for one block is the block cipher itself.
#[inline]
pub(super) fn random_octets<C: BlockCipherEncrypt>(cipher: &C, folded: Block<C>, out: &mut [u8]) {
    let mut block = folded;
    for chunk in out.chunks_mut(block.len()) {
        cipher.encrypt_block(&mut block);
        for (to, from) in chunk.iter_mut().zip(&block) {
            *to = *from;
        }
    }
    block.as_mut_slice().zeroize();
}

/// DK with the identity as random-to-key (RFC 3961 §5.1, RFC 3962 §6): the key of the cipher itself, derived from it.
#[inline]
pub(super) fn derived_key<C>(cipher: &C, folded: Block<C>) -> Zeroizing<Key<C>>
where
    C: BlockCipherEncrypt + KeyInit,
{
    let mut key = Zeroizing::new(Array::default());
    random_octets(cipher, folded, &mut key);
    key
}

/// A cipher or MAC with that key. Shorter octets are filled up with zeros, which an HMAC does to its key anyway.
#[inline]
pub(super) fn keyed<K: KeyInit>(octets: &[u8]) -> K {
    let mut key = Zeroizing::new(Key::<K>::default());
    for (to, from) in key.iter_mut().zip(octets) {
        *to = *from;
    }
    K::new(&key)
}
