//! The errors of keys and messages: three, because three are at fault.

use crate::numbers::Enctype;

/// A message was not made with this key for this usage, or was changed since.
///
/// One value for every cause, so that an answer tells a prober nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the integrity check failed")]
#[non_exhaustive]
pub struct IntegrityError;

/// A confounder has not the length that the enctype needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a confounder of {expected} octets was wanted and has {found}")]
#[non_exhaustive]
pub struct ConfounderError {
    /// What the enctype needs, in octets.
    pub expected: usize,
    /// What was given, in octets.
    pub found: usize,
}

/// Why octets or a password did not become a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The enctype has no row in the table: unknown, never implemented, or behind a feature that is not built in.
    #[error("the enctype {enctype} is not implemented or not built in")]
    Unsupported {
        /// The enctype that was asked for.
        enctype: Enctype,
    },
    /// The key's length is not the enctype's.
    #[error("a key of {enctype} has {expected} octets, not {found}")]
    Length {
        /// The enctype that the key is labelled with.
        enctype: Enctype,
        /// The length of its keys, in octets.
        expected: usize,
        /// The length that was given, in octets.
        found: usize,
    },
    /// The string-to-key parameters have another length than the enctype's (RFC 3962 §4: four octets; RC4: none).
    #[error("string-to-key parameters of {expected} octets were wanted and have {found}")]
    ParameterLength {
        /// What the enctype takes, in octets.
        expected: usize,
        /// What was given, in octets.
        found: usize,
    },
    /// The iteration count is more work than [`MAX_ITERATIONS`](super::MAX_ITERATIONS) allows.
    #[error("an iteration count of {found} is above the limit of {limit}")]
    IterationCount {
        /// What the parameters ask for.
        found: u64,
        /// What is allowed.
        limit: u32,
    },
    /// RC4 keys are made from UTF-16 text, and the password is not UTF-8 (RFC 4757 §2).
    #[error("the password is not UTF-8")]
    PasswordEncoding,
    /// Active Directory's salts change the case of the realm, and the realm is not UTF-8.
    #[error("the realm is not UTF-8, so that no salt of Active Directory can be made of it")]
    RealmEncoding,
}
