//! From a protocol key to the keys of one usage: n-fold and DR (RFC 3961 §5.1).
//!
//! [`n_fold`] is the general form. Per message only five octets are ever folded to sixteen, which [`fold_constant`] does
//! in a few dozen instructions, at compile time for the usages that matter; a test holds the two against each other.

use alloc::vec;

use cipher::{Block, BlockCipherEncrypt, Key, KeyInit};
use zeroize::Zeroizing;

use super::octets::{KeyOctets, Short};
use crate::numbers::KeyUsage;
use crate::wipe::wipe;

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
    #[inline]
    pub(super) fn folded(self, usage: KeyUsage) -> [u8; 16] {
        let table = match self {
            Self::Checksum => &FOLDED_CHECKSUM,
            Self::Encryption => &FOLDED_ENCRYPTION,
            Self::Integrity => &FOLDED_INTEGRITY,
        };
        let folded = usize::try_from(usage.0).ok().and_then(|number| table.get(number));
        folded.copied().unwrap_or_else(|| fold_constant(self.constant(usage)))
    }
}

/// How many usages are folded at compile time: all of RFC 4120 §7.5.1 and RFC 4121 §2.
const FOLDED_USAGES: usize = 32;

static FOLDED_CHECKSUM: [[u8; 16]; FOLDED_USAGES] = fold_usages(Purpose::Checksum);
static FOLDED_ENCRYPTION: [[u8; 16]; FOLDED_USAGES] = fold_usages(Purpose::Encryption);
static FOLDED_INTEGRITY: [[u8; 16]; FOLDED_USAGES] = fold_usages(Purpose::Integrity);

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn fold_usages(purpose: Purpose) -> [[u8; 16]; FOLDED_USAGES] {
    let mut table = [[0; 16]; FOLDED_USAGES];
    let (mut at, mut usage) = (0, 0);
    while at < FOLDED_USAGES {
        table[at] = fold_constant(purpose.constant(KeyUsage(usage)));
        (at, usage) = (at + 1, usage + 1);
    }
    table
}

/// 128-fold of five octets.
///
/// RFC 3961 §5.1 lays copies of the input side by side, each rotated 13 bits further, and adds the result up in pieces
/// of the output's size, with ones' complement. Ones' complement addition is arithmetic modulo 2^128 − 1, where moving
/// a number left is rotating it. So the pieces need not be cut: sixteen times the sum moves on by one copy's length, and
/// the next copy is added.
const fn fold_constant(constant: [u8; 5]) -> [u8; 16] {
    const COPY_BITS: u32 = 40;
    let [a, b, c, d, e] = constant;
    let mut copy = u128::from_be_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d, e]);
    let mut sum = 0_u128;
    let mut copies = 0_u8;
    while copies < 16 {
        let (partial, carry) = sum.rotate_left(COPY_BITS).overflowing_add(copy);
        sum = if carry { partial.wrapping_add(1) } else { partial };
        copy = ((copy >> 13) | (copy << (COPY_BITS - 13))) & 0xff_ffff_ffff;
        copies = copies.wrapping_add(1);
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
    wipe(&mut block);
}

/// DK with the identity as random-to-key (RFC 3961 §5.1, RFC 3962 §6): a key of that length, derived from another.
#[inline]
pub(super) fn derived_octets<C: BlockCipherEncrypt>(cipher: &C, folded: Block<C>, length: usize) -> KeyOctets {
    let mut key = Zeroizing::new(Short::zeros(length));
    random_octets(cipher, folded, key.as_mut_slice());
    key
}

/// A cipher or MAC with that key. Shorter octets are filled up with zeros, which an HMAC does to its key anyway.
#[inline]
pub(super) fn keyed<K: KeyInit>(octets: &[u8]) -> K {
    let mut key = Key::<K>::default();
    for (to, from) in key.iter_mut().zip(octets) {
        *to = *from;
    }
    let state = K::new(&key);
    wipe(&mut key);
    state
}
