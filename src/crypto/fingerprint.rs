//! Fingerprints of keys: whether two machines have the same one, without showing it.

use core::fmt;

use sha2::Sha256;

use crate::numbers::Enctype;

/// A short hash of a key and its enctype, with which administrators compare keytabs: `2f6a09c4`.
///
/// Equal keys of one enctype have equal fingerprints, whoever they belong to; different ones agree by chance once in four
/// thousand million times.
///
/// *Does it give the key away?* Not a random one. A key that was made from a password can be guessed against its
/// fingerprint, offline, as it can against any ticket that is sealed with it: 32 bits do not prove a guess, and leave few
/// others. Each guess costs at least what RFC 3962 asks for (4,096 rounds of HMAC), which RC4 keys do not have by themselves.
/// So a fingerprint is for the administrators of the realm, and not for a public bug report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFingerprint([u8; 4]);

/// As many as string-to-key has by default (RFC 3962 §4), so that no fingerprint is tested faster than a password is tried.
const ROUNDS: u32 = 4_096;

/// Before the enctype, so that the hash is of no use elsewhere.
const PURPOSE: &[u8] = b"kerbside key fingerprint ";

impl KeyFingerprint {
    /// The fingerprint of these octets as a key of that enctype, whether they can be one or not.
    ///
    /// It takes a millisecond or so.
    #[must_use]
    pub fn of(enctype: Enctype, octets: &[u8]) -> Self {
        let mut fingerprint = [0; 4];
        let salt = [PURPOSE, &enctype.0.to_be_bytes()].concat();
        pbkdf2::pbkdf2_hmac::<Sha256>(octets, &salt, ROUNDS, &mut fingerprint);
        Self(fingerprint)
    }

    /// The octets that `Display` shows in hexadecimal.
    #[must_use]
    pub fn to_octets(self) -> [u8; 4] {
        self.0
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}
