//! What an operator should look at in a text that was read.

use super::profile::Relation;
use alloc::string::String;

/// Something in a `krb5.conf` that was read, and is not as its writer may think.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Krb5ConfWarning {
    /// A relation of `[libdefaults]` that neither MIT krb5 nor Heimdal knows.
    #[error("line {line}: {} is no setting of krb5.conf that is known; is it misspelled?", .tag.escape_debug())]
    Unknown {
        /// Its tag.
        tag: String,
        /// Its line.
        line: usize,
    },
    /// An enctype that is unknown, not built in, or never supported. It is left out.
    #[error("line {line}: the enctype {} is not supported and left out", .name.escape_debug())]
    Enctype {
        /// Its name, as it stands.
        name: String,
        /// The line.
        line: usize,
    },
    /// RC4 is among the permitted enctypes, and `allow_rc4` is not there: it is left out.
    #[error(
        "line {line}: rc4-hmac is listed and stays refused; RFC 8429 advises against it, allow_rc4 = true allows it"
    )]
    Rc4NotAllowed {
        /// The line.
        line: usize,
    },
    /// RC4 is allowed.
    #[error(
        "allow_rc4 = true: tickets under RC4 keys can be forged by whoever learns the account's NT hash (RFC 8429)"
    )]
    Rc4Allowed,
    /// `allow_weak_crypto`, which allows nothing here: single DES is never supported (RFC 6649).
    #[error("allow_weak_crypto = true has no effect: DES is never supported (RFC 6649)")]
    WeakCrypto,
}

impl Krb5ConfWarning {
    pub(super) fn unknown(relation: &Relation) -> Self {
        Self::Unknown { tag: relation.tag.clone(), line: relation.line }
    }
}
