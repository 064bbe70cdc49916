//! Keys of the test realm, sealing and opening, for enctypes that exist and for those that do not.

use super::der_write::{Fields, integer, octet_string};
use super::noise::{Noise, key_octets};
use crate::crypto::{Key, KeyError};
use crate::numbers::{Enctype, KeyUsage};
use alloc::vec::Vec;
use core::fmt;

/// `EncryptionKey`, RFC 4120 §5.2.9: any enctype, any octets, fitting or not.
///
/// ```text
/// EncryptionKey ::= SEQUENCE { keytype [0] Int32, keyvalue [1] OCTET STRING }
/// ```
///
/// A key of a test realm is not secret; `Debug` leaves its octets out all the same, so that the output of a test can
/// be searched for leaks.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptionKey {
    /// The enctype that the key claims to be of.
    pub keytype: Enctype,
    /// The key's octets.
    pub keyvalue: Vec<u8>,
}

impl EncryptionKey {
    /// A key of these octets, which need not fit the enctype.
    #[must_use]
    pub fn new(keytype: Enctype, keyvalue: impl Into<Vec<u8>>) -> Self {
        Self { keytype, keyvalue: keyvalue.into() }
    }

    /// The key as the crypto layer takes it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for an enctype that this build does not know, or octets that do not fit it.
    pub fn to_key(&self) -> Result<Key, KeyError> {
        Key::new(self.keytype, &self.keyvalue)
    }

    /// A key of that enctype drawn from the source under that label.
    pub(super) fn draw(noise: &Noise, label: &str, enctype: Enctype) -> Self {
        Self::new(enctype, noise.octets(label, key_octets(enctype)))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        Fields::new().field(0, integer(self.keytype.0.into())).field(1, octet_string(&self.keyvalue)).into_sequence()
    }

    /// The ciphertext of a plaintext. Under a key that this build cannot use, because its enctype is unknown or its
    /// length wrong, the ciphertext is noise of a likely length: nobody here could tell the difference.
    pub(super) fn seal(&self, usage: KeyUsage, plaintext: &[u8], noise: &Noise) -> Vec<u8> {
        let label = "confounder";
        let sealed = self.to_key().ok().and_then(|key| {
            let key = key.for_usage(usage);
            let confounder = noise.octets(label, key.confounder_octets());
            let mut sealed = Vec::new();
            key.encrypt(&confounder, plaintext, &mut sealed).ok().map(|()| sealed)
        });
        sealed.unwrap_or_else(|| noise.octets("ciphertext", plaintext.len().saturating_add(28)))
    }

    /// The plaintext of a ciphertext, or `None` if it does not open.
    pub(super) fn open(&self, usage: KeyUsage, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = ciphertext.to_vec();
        let key = self.to_key().ok()?.for_usage(usage);
        key.decrypt_in_place(&mut buffer).ok().map(|plaintext| plaintext.to_vec())
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey({}, {} octets)", self.keytype, self.keyvalue.len())
    }
}

/// `EncryptedData`, RFC 4120 §5.2.9: the label, the kvno if there is one, and the ciphertext.
pub(super) fn encrypted_data(etype: Enctype, kvno: Option<i64>, cipher: &[u8]) -> Vec<u8> {
    Fields::new()
        .field(0, integer(etype.0.into()))
        .optional(1, kvno.map(integer))
        .field(2, octet_string(cipher))
        .into_sequence()
}
