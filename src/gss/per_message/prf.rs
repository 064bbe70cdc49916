//! `GSS_Pseudo_random` for Kerberos (RFC 4401, RFC 7802).

use super::{Session, SessionError};
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// Which key the function is over (RFC 4401 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrfKey {
    /// `GSS_C_PRF_KEY_FULL`: the key that both sides have contributed to, if they did.
    Full,
    /// `GSS_C_PRF_KEY_PARTIAL`: the key that the initiator has before it has the reply.
    Partial,
}

impl Session {
    /// Fills `output` with octets that only the two sides of the context can compute, and that name `input`.
    ///
    /// RFC 7802: the enctype's function over a counter and the input, again and again.
    ///
    /// Q1: does the counter begin at 1, as RFC 4402 said, or at 0? A: at 0. RFC 7802 replaced it for that reason.
    ///
    /// # Errors
    /// [`SessionError::TooLong`] if the counter ends before the output does.
    pub fn prf(&self, key: PrfKey, input: &[u8], output: &mut [u8]) -> Result<(), SessionError> {
        let key = match key {
            PrfKey::Full => self.parameters.context_key(),
            PrfKey::Partial => self.parameters.initiator_key(),
        };
        let mut counted = Zeroizing::new(Vec::with_capacity(input.len().saturating_add(4)));
        let mut rest = output;
        for counter in 0..=u32::MAX {
            if rest.is_empty() {
                return Ok(());
            }
            counted.clear();
            counted.extend_from_slice(&counter.to_be_bytes());
            counted.extend_from_slice(input);
            let block = key.prf(&counted);
            let octets = block.as_octets().len().min(rest.len());
            let (filled, later) = rest.split_at_mut_checked(octets).ok_or(SessionError::TooLong)?;
            for (to, from) in filled.iter_mut().zip(block.as_octets()) {
                *to = *from;
            }
            rest = later;
        }
        Err(SessionError::TooLong)
    }
}
