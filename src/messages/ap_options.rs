use super::kerberos_flags::{bit, fmt_flags, names};
use crate::asn1::{DecodeError, Reader};
use core::fmt;

/// `APOptions`, RFC 4120 §5.5.1
///
/// ```text
/// APOptions ::= KerberosFlags -- reserved(0), use-session-key(1), mutual-required(2)
/// ```
///
/// Bits without a name are kept and mean nothing (step A-4).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "a newtype over wire flags is those 32 bits for ever")]
pub struct ApOptions(pub u32);

const NAMES: &[(u32, &str)] =
    &[(ApOptions::USE_SESSION_KEY.0, "use-session-key"), (ApOptions::MUTUAL_REQUIRED.0, "mutual-required")];

impl ApOptions {
    /// The ticket is encrypted in a session key: user-to-user (RFC 4120 §3.7).
    pub const USE_SESSION_KEY: Self = Self(bit(1));
    /// The initiator asks for an AP-REP.
    pub const MUTUAL_REQUIRED: Self = Self(bit(2));

    /// Whether all of these bits are set.
    #[must_use]
    pub const fn contains(self, bits: Self) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// The names of the bits that are set and have one.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        names(NAMES, self.0)
    }

    /// Reads the options: the first 32 bits, absent ones as 0, but at least one octet of them.
    ///
    /// # Errors
    /// Those of [`Reader::kerberos_flags`].
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.kerberos_flags().map(Self)
    }
}

impl fmt::Debug for ApOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_flags(f, "ApOptions", self.names(), self.0)
    }
}
