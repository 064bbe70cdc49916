//! What is remembered of an authenticator, and for how long.

use core::fmt;
use core::time::Duration;

use sha2::{Digest, Sha256};

use crate::numbers::Enctype;
use crate::time::Timestamp;

/// What a store remembers of one authenticator: a SHA-256 hash (step R-2).
///
/// It covers the session key's enctype and the whole ciphertext, confounder and checksum included, and nothing that
/// travels in the clear: whoever rewrites a ticket's cleartext or its DER framing does not get a new key. A part of the
/// ciphertext would not do, since enctypes differ in where they put the checksum and any part may collide by chance.
///
/// It is no secret: an eavesdropper can compute it. Compare, store and log it freely.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey([u8; 32]);

impl ReplayKey {
    /// The key of an authenticator that was decrypted under a session key of that enctype.
    ///
    /// `ciphertext` is the whole `cipher` field of the authenticator's EncryptedData (RFC 4120 §5.2.9).
    #[must_use]
    pub fn new(session_key: Enctype, ciphertext: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(session_key.0.to_be_bytes()).chain_update(ciphertext).finalize();
        Self(hash.into())
    }

    /// The 32 octets, as a shared store would write them.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key of chosen octets, as nobody finds an input for.
    #[cfg(all(test, feature = "std"))]
    pub(super) const fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The first eight octets, all that a hash table needs.
    #[cfg(feature = "std")]
    pub(super) const fn prefix(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

/// The first four octets, enough to find a line in a log.
impl fmt::Debug for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "ReplayKey({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// How long an authenticator must be remembered: max(`now`, `ctime`) + 2 × `skew` (step R-4).
///
/// A client whose clock is ahead dates its authenticator up to `skew` after its arrival, and that authenticator passes
/// RFC 4120 §3.2.3 until `ctime` + `skew`: counting from arrival alone would forget it while it is still accepted. The
/// second `skew` is a margin for a server clock that is set back meanwhile. An entry lives for 2 to 3 × `skew`.
#[must_use]
pub fn keep_until(now: Timestamp, ctime: Timestamp, skew: Duration) -> Timestamp {
    now.max(ctime).saturating_add(skew.saturating_mul(2))
}
