//! The leaf error of decoding: what was wrong, while reading what, where.

use core::fmt;
use core::num::NonZeroU64;

/// Why octets were refused: `AP-REQ at offset 31 has octets after its end`.
///
/// The offset counts from the first octet of what was decoded: the token, or the decrypted part it was found in.
///
/// One word: it passes in a register through all the levels of a message, and where there is no error it costs nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DecodeError(NonZeroU64);

impl DecodeError {
    /// An error while reading that production, so many octets behind the beginning; an offset of 4 GiB or more is shown as the
    /// last before it.
    pub(crate) const fn new(kind: DecodeErrorKind, type_id: TypeId, offset: usize) -> Self {
        let offset = if offset > 0xffff_ffff { [0xff; 4] } else { four_octets(offset) };
        let [a, b, c, d] = offset;
        let [code, expected, found] = kind.to_octets();
        match NonZeroU64::new(u64::from_be_bytes([a, b, c, d, type_id.0, expected, found, code])) {
            Some(word) => Self(word),
            // No kind has the code 0.
            None => Self(NonZeroU64::MAX),
        }
    }

    /// What was wrong.
    #[must_use]
    pub const fn kind(self) -> DecodeErrorKind {
        let [_, _, _, _, _, expected, found, code] = self.0.get().to_be_bytes();
        DecodeErrorKind::from_octets([code, expected, found])
    }

    /// The production that was being read.
    #[must_use]
    pub const fn type_id(self) -> TypeId {
        let [_, _, _, _, type_id, ..] = self.0.get().to_be_bytes();
        TypeId(type_id)
    }

    /// Where, in octets.
    #[must_use]
    pub fn offset(self) -> usize {
        let [a, b, c, d, ..] = self.0.get().to_be_bytes();
        usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX)
    }
}

const fn four_octets(offset: usize) -> [u8; 4] {
    let octets = offset.to_le_bytes();
    let [a, b, c, d, ..] = octets;
    [d, c, b, a]
}

impl core::error::Error for DecodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {} {}", self.type_id(), self.offset(), self.kind())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("kind", &self.kind())
            .field("type_id", &self.type_id())
            .field("offset", &self.offset())
            .finish()
    }
}

/// A production, by the name that its standard gives it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(u8);

macro_rules! type_ids {
    ($($constant:ident = $name:literal;)*) => {
        /// The names, in the order of their constants.
        const NAMES: &[&str] = &[$($name),*];

        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "the constants, to be counted")]
        #[repr(u8)]
        enum Number { $($constant),* }

        impl TypeId {
            $(#[doc = concat!("`", $name, "`.")] pub const $constant: Self = Self(Number::$constant as u8);)*
        }
    };
}

type_ids! {
    TLV = "TLV";
    AP_REP = "AP-REP";
    AP_REQ = "AP-REQ";
    AUTHENTICATOR = "Authenticator";
    AUTHORIZATION_DATA = "AuthorizationData";
    CERTIFICATE = "Certificate";
    CHECKSUM = "Checksum";
    ENC_AP_REP_PART = "EncAPRepPart";
    ENC_KRB_CRED_PART = "EncKrbCredPart";
    ENC_TICKET_PART = "EncTicketPart";
    ENCRYPTED_DATA = "EncryptedData";
    ENCRYPTION_KEY = "EncryptionKey";
    ETYPE_LIST = "EtypeList";
    HOST_ADDRESS = "HostAddress";
    HOST_ADDRESSES = "HostAddresses";
    INITIAL_CONTEXT_TOKEN = "InitialContextToken";
    KERB_ERROR_DATA = "KERB-ERROR-DATA";
    KRB_CRED = "KRB-CRED";
    KRB_ERROR = "KRB-ERROR";
    KRB_CRED_INFO = "KrbCredInfo";
    MECH_TYPE_LIST = "MechTypeList";
    NEG_TOKEN_INIT = "NegTokenInit";
    NEG_TOKEN_RESP = "NegTokenResp";
    PER_MSG_TOKEN = "PerMsgToken";
    PRINCIPAL_NAME = "PrincipalName";
    TICKET = "Ticket";
    TRANSITED_ENCODING = "TransitedEncoding";
}

impl TypeId {
    /// The name; of what no standard names, `TLV`.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or("TLV")
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was wrong with the octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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

impl DecodeErrorKind {
    /// Its code, which is never 0, and the two identifier octets of those kinds that have them.
    const fn to_octets(self) -> [u8; 3] {
        match self {
            Self::Truncated => [1, 0, 0],
            Self::PastTheEnd => [2, 0, 0],
            Self::IndefiniteLength => [3, 0, 0],
            Self::LengthTooLong => [4, 0, 0],
            Self::LengthNotMinimal => [5, 0, 0],
            Self::TooDeep => [6, 0, 0],
            Self::TooLong => [7, 0, 0],
            Self::UnexpectedTag { expected, found } => [8, expected, found],
            Self::Missing { expected } => [9, expected, 0],
            Self::TrailingOctets => [10, 0, 0],
            Self::BadValue => [11, 0, 0],
            Self::IntegerRange => [12, 0, 0],
            Self::Count => [13, 0, 0],
        }
    }

    const fn from_octets([code, expected, found]: [u8; 3]) -> Self {
        match code {
            1 => Self::Truncated,
            2 => Self::PastTheEnd,
            3 => Self::IndefiniteLength,
            4 => Self::LengthTooLong,
            5 => Self::LengthNotMinimal,
            6 => Self::TooDeep,
            7 => Self::TooLong,
            8 => Self::UnexpectedTag { expected, found },
            9 => Self::Missing { expected },
            10 => Self::TrailingOctets,
            12 => Self::IntegerRange,
            13 => Self::Count,
            _ => Self::BadValue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_all_of_an_error() {
        use DecodeErrorKind::*;
        let kinds = [
            Truncated,
            PastTheEnd,
            IndefiniteLength,
            LengthTooLong,
            LengthNotMinimal,
            TooDeep,
            TooLong,
            UnexpectedTag { expected: 0x30, found: 0xff },
            UnexpectedTag { expected: 0, found: 0 },
            Missing { expected: 0xa4 },
            TrailingOctets,
            BadValue,
            IntegerRange,
            Count,
        ];
        for kind in kinds {
            for type_id in [TypeId::TLV, TypeId::AP_REQ, TypeId::TRANSITED_ENCODING] {
                for offset in [0, 1, 255, 256, 70_000, 0xffff_ffff] {
                    let error = DecodeError::new(kind, type_id, offset);
                    assert_eq!((error.kind(), error.type_id(), error.offset()), (kind, type_id, offset));
                }
            }
        }
        assert_eq!(TypeId::TRANSITED_ENCODING.name(), "TransitedEncoding");
        assert_eq!(size_of::<Result<&[u8], DecodeError>>(), 16);
    }

    #[cfg(target_pointer_width = "64")]
    #[test]
    fn an_offset_beyond_the_word_is_the_last_inside() {
        assert_eq!(DecodeError::new(DecodeErrorKind::Count, TypeId::TLV, 1 << 32).offset(), 0xffff_ffff);
    }
}
