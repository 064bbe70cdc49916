//! The leaf error of decoding: what was wrong, while reading what, where.

use core::fmt;

/// Why octets were refused: `AP-REQ at offset 31 has octets after its end`.
///
/// The offset counts from the first octet of what was decoded: the token, or the decrypted part it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{type_id} at offset {offset} {kind}")]
#[non_exhaustive]
pub struct DecodeError {
    /// What was wrong.
    pub kind: DecodeErrorKind,
    /// The production that was being read.
    pub type_id: TypeId,
    /// Where, in octets.
    pub offset: usize,
}

/// The name of a production, as its standard writes it: `AP-REQ`, `NegTokenInit`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(&'static str);

impl TypeId {
    /// A production's name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What was wrong with the octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[repr(u32)]
pub enum DecodeErrorKind {
    /// The input ends inside a tag or a length.
    #[error("ends too early")]
    Truncated,
    /// A length reaches past the end of what encloses it.
    #[error("is longer than what encloses it")]
    PastTheEnd,
    /// A length of the indefinite form (X.690 §8.1.3.6), which DER forbids.
    #[error("has an indefinite length")]
    IndefiniteLength,
    /// A length of more than four octets.
    #[error("has a length of more than four octets")]
    LengthTooLong,
    /// A length that is not in its shortest form, refused by the strict rules only.
    #[error("has a length that is not in its shortest form")]
    LengthNotMinimal,
    /// TLVs are nested more deeply than the limit allows.
    #[error("is nested too deeply")]
    TooDeep,
    /// The whole input is longer than the limit allows.
    #[error("is longer than the limit")]
    TooLong,
    /// Another tag stands where this one is needed.
    #[error("needs the tag {expected:#04x} and has {found:#04x}")]
    UnexpectedTag {
        /// The identifier octet that was needed.
        expected: u8,
        /// The identifier octet that was there.
        found: u8,
    },
    /// A required field is not there.
    #[error("lacks the field with the tag {expected:#04x}")]
    Missing {
        /// The identifier octet that was needed.
        expected: u8,
    },
    /// Octets follow where the production ends.
    #[error("has octets after its end")]
    TrailingOctets,
    /// The content is not a value of this type.
    #[error("has a value that is not allowed")]
    BadValue,
    /// The integer does not fit the range of its field.
    #[error("has an integer that does not fit its field")]
    IntegerRange,
    /// A list holds fewer or more elements than allowed.
    #[error("has a number of elements that is not allowed")]
    Count,
}
