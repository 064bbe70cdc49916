//! What the two forms of tokens have in common.

use super::cfx::Cfx;
use super::parameters::SessionParameters;
use super::rc4::Rc4;
use super::{AssociatedData, Confidentiality, SessionError, SplitOctets, SplitToken};
use crate::crypto::{Key, RandomSource, TokenForm};
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut, Range};

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

/// The tokens of a context, of either form.
pub(super) enum AnyTokens {
    Rfc4121(Cfx),
    Rfc4757(Rc4),
}

impl AnyTokens {
    /// In the form that the enctype of the context key has.
    pub(super) fn new(parameters: &SessionParameters) -> Self {
        match parameters.context_key().row().token_form {
            TokenForm::Rfc4121 => Self::Rfc4121(Cfx::new(parameters)),
            TokenForm::Rfc4757 => Self::Rfc4757(Rc4::new(parameters)),
        }
    }
}

impl Deref for AnyTokens {
    type Target = dyn Tokens;

    fn deref(&self) -> &(dyn Tokens + 'static) {
        match self {
            Self::Rfc4121(tokens) => tokens,
            Self::Rfc4757(tokens) => tokens,
        }
    }
}

impl DerefMut for AnyTokens {
    fn deref_mut(&mut self) -> &mut (dyn Tokens + 'static) {
        match self {
            Self::Rfc4121(tokens) => tokens,
            Self::Rfc4757(tokens) => tokens,
        }
    }
}
