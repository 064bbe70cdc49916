//! Where random octets come from: the one place of entropy.

/// A source of random octets, for subkeys, sequence numbers and confounders.
pub trait RandomSource: Send + Sync {
    /// Fills `octets` with random octets that nobody can predict.
    ///
    /// # Errors
    /// [`RandomError`] if there are none; what needed them is then not done.
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
#[non_exhaustive]
pub struct RandomError;

impl RandomError {
    /// The failure; it has no detail.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Default for RandomError {
    fn default() -> Self {
        Self::new()
    }
}

/// The operating system's source.
#[cfg(feature = "std")]
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemRandom;

#[cfg(feature = "std")]
impl RandomSource for SystemRandom {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(octets).map_err(|_| RandomError)
    }
}
