//! Octets that look random and are the same in every run: SHA-256 over a seed, a label and a counter.

use crate::numbers::Enctype;
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// The one source of keys, confounders and nonces of a realm. Reproducible, and therefore **not secret**.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise {
    seed: [u8; 32],
}

impl Noise {
    pub(super) fn new(seed: &[u8]) -> Self {
        Self { seed: Sha256::digest(seed).into() }
    }

    /// A source of its own for one purpose, named by parts that are kept apart by their lengths.
    pub(super) fn derive(&self, label: &[&[u8]]) -> Self {
        let mut hash = Sha256::new_with_prefix(self.seed);
        for part in label {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self { seed: hash.finalize().into() }
    }

    pub(super) fn octets(&self, label: &str, length: usize) -> Vec<u8> {
        let source = self.derive(&[label.as_bytes()]);
        let blocks = (0_u64..).flat_map(|counter| source.block(counter));
        blocks.take(length).collect()
    }

    /// A number from 1 to 2^30 − 1, as initiators draw their sequence numbers.
    pub(super) fn sequence_number(&self) -> u32 {
        let drawn = self.octets("sequence number", 4);
        let drawn = drawn.iter().fold(0_u32, |sum, octet| sum.wrapping_shl(8) | u32::from(*octet));
        (drawn & 0x3fff_ffff).max(1)
    }

    fn block(&self, counter: u64) -> [u8; 32] {
        Sha256::new_with_prefix(self.seed).chain_update(counter.to_be_bytes()).finalize().into()
    }
}

/// How many octets a key of that enctype has; 32 for one that this build does not know.
pub(super) fn key_octets(enctype: Enctype) -> usize {
    crate::crypto::supported_enctypes().find(|info| info.enctype == enctype).map_or(32, |info| info.key_octets)
}
