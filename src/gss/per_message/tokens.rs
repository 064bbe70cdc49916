//! What the two forms of tokens have in common.

use super::{AssociatedData, Confidentiality, SessionError, SplitOctets, SplitToken};
use crate::crypto::{Key, RandomSource};
use alloc::vec::Vec;
use core::ops::Range;

/// A message on its way out.
#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub(super) sequence_number: u64,
    pub(super) confidentiality: Confidentiality,
    pub(super) associated: AssociatedData<'a>,
    pub(super) random: &'a dyn RandomSource,
}

/// A Wrap token that was verified where it stands.
pub(super) struct Opened {
    /// Where the message is in the token's octets.
    pub(super) place: Range<usize>,
    pub(super) confidentiality: Confidentiality,
    pub(super) sequence_number: u64,
}

/// The tokens of one form, with the keys of their usages. `key` is always the same, the context's.
pub(super) trait Tokens: Send + Sync {
    /// The highest sequence number; the next one is 0.
    fn last_sequence_number(&self) -> u64;

    fn mic(&mut self, key: &Key, sequence_number: u64, message: &[u8]) -> Vec<u8>;

    /// Verifies a MIC, and gives its sequence number.
    fn verify_mic(&mut self, key: &Key, message: &[u8], token: &[u8]) -> Result<u64, SessionError>;

    fn wrap(&mut self, key: &Key, outgoing: Outgoing<'_>, message: &[u8]) -> Result<Vec<u8>, SessionError>;

    fn wrap_split(&mut self, key: &Key, outgoing: Outgoing<'_>, data: &mut [u8]) -> Result<SplitToken, SessionError>;

    /// Verifies and decrypts a whole Wrap token in place. What is left after a failure is no message.
    fn open(&mut self, key: &Key, token: &mut [u8], associated: AssociatedData<'_>) -> Result<Opened, SessionError>;

    /// The length of the Wrap token around so many octets.
    fn wrapped_octets(&self, confidentiality: Confidentiality, message_octets: usize) -> usize;

    fn split_octets(&self, confidentiality: Confidentiality, message_octets: usize) -> SplitOctets;
}
