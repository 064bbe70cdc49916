//! Which of the two mechanisms a token spoke.

use core::fmt;

/// The mechanism that a token spoke, and its reply speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// SPNEGO around Kerberos (RFC 4178).
    Spnego,
    /// Kerberos alone (RFC 4121).
    Krb5,
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spnego => "spnego",
            Self::Krb5 => "krb5",
        })
    }
}
