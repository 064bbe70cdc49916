//! Identifier octets.

/// The identifier octet of a TLV (X.690 §8.1.2). Tag numbers of 31 and above do not occur in Kerberos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an identifier octet is one octet for ever")]
pub struct Tag(pub u8);

impl Tag {
    /// `BOOLEAN`.
    pub const BOOLEAN: Self = Self(0x01);
    /// `INTEGER`.
    pub const INTEGER: Self = Self(0x02);
    /// `BIT STRING`.
    pub const BIT_STRING: Self = Self(0x03);
    /// `OCTET STRING`.
    pub const OCTET_STRING: Self = Self(0x04);
    /// `OBJECT IDENTIFIER`.
    pub const OBJECT_IDENTIFIER: Self = Self(0x06);
    /// `ENUMERATED`.
    pub const ENUMERATED: Self = Self(0x0a);
    /// `GeneralizedTime`.
    pub const GENERALIZED_TIME: Self = Self(0x18);
    /// `GeneralString`, which every Kerberos string is (RFC 4120 §5.2.1).
    pub const GENERAL_STRING: Self = Self(0x1b);
    /// `SEQUENCE` and `SEQUENCE OF`.
    pub const SEQUENCE: Self = Self(0x30);

    /// `[number]`, explicit: context-specific and constructed. Only the low five bits count.
    #[must_use]
    pub const fn context(number: u8) -> Self {
        Self(0xa0 | (number & 0x1f))
    }

    /// `[APPLICATION number]`, explicit. Only the low five bits count.
    #[must_use]
    pub const fn application(number: u8) -> Self {
        Self(0x60 | (number & 0x1f))
    }

    /// The number of a context-specific constructed tag.
    pub(super) const fn context_number(self) -> Option<u8> {
        if self.0 & 0xe0 == 0xa0 { Some(self.0 & 0x1f) } else { None }
    }
}
