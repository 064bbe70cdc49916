//! The one table of enctypes.

use core::fmt;

use aes::{Aes128Dec, Aes128Enc, Aes256Dec, Aes256Enc};
use sha2::{Sha256, Sha384};

#[cfg(feature = "camellia")]
use super::camellia_cmac::CamelliaCmac;
use super::hmac_sha2::HmacSha2;
use super::profile::Profile;
use super::rc4_hmac::Rc4Hmac;
use super::simplified::Simplified;
use crate::numbers::{ChecksumType, Enctype};

/// What there is to know about one implemented enctype.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EnctypeInfo {
    /// The number on the wire and in keytabs; it knows its registered name.
    pub enctype: Enctype,
    /// The length of a key.
    pub key_octets: usize,
    /// The random octets in front of every plaintext.
    pub confounder_octets: usize,
    /// The length of a checksum, inside an encrypted message and alone.
    pub checksum_octets: usize,
    /// The mandatory checksum type, the only one that keys of this enctype make and verify.
    pub checksum_type: ChecksumType,
    /// The iteration count of string-to-key without parameters; 0 where the enctype has none.
    pub default_iterations: u32,
    /// The form of the per-message tokens of contexts with such a key.
    pub token_form: TokenForm,
    /// Where it is specified.
    pub rfc: &'static str,
    pub(super) checksum_place: ChecksumPlace,
    pub(super) profile: &'static dyn Profile,
}

/// Where the checksum of an encrypted message is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ChecksumPlace {
    /// Before the confounder (RFC 4757 §5).
    Front,
    /// Behind the text (RFC 3961 §5.3 and all that follow it).
    End,
}

/// The form that MIC and Wrap tokens take (RFC 4121 §4.2, step M-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenForm {
    /// The tokens of RFC 4121 §4.2, which every enctype has that is newer than they are.
    Rfc4121,
    /// The framed tokens of RFC 1964 §1.2 as RFC 4757 §7 has them for RC4.
    Rfc4757,
}

impl EnctypeInfo {
    /// The registered name, `aes256-cts-hmac-sha1-96` for example.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.enctype.name().unwrap_or_default()
    }

    /// By how many octets a ciphertext is longer than its plaintext.
    #[must_use]
    pub fn overhead_octets(&self) -> usize {
        self.confounder_octets.saturating_add(self.checksum_octets)
    }

    /// The row of that enctype, if it is implemented and built in.
    pub(crate) fn find(enctype: Enctype) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.enctype == enctype)
    }

    /// Which row of the table that enctype has.
    pub(crate) fn position(enctype: Enctype) -> Option<usize> {
        TABLE.iter().position(|row| row.enctype == enctype)
    }
}

impl fmt::Debug for EnctypeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnctypeInfo").field("enctype", &self.enctype).field("rfc", &self.rfc).finish_non_exhaustive()
    }
}

/// Every enctype that is implemented and built in, by number.
pub fn supported_enctypes() -> impl Iterator<Item = EnctypeInfo> {
    TABLE.iter().copied()
}

static TABLE: &[EnctypeInfo] = &[
    EnctypeInfo {
        enctype: Enctype::AES128_CTS_HMAC_SHA1_96,
        key_octets: 16,
        confounder_octets: 16,
        checksum_octets: 12,
        checksum_type: ChecksumType::HMAC_SHA1_96_AES128,
        default_iterations: 4096,
        token_form: TokenForm::Rfc4121,
        rfc: "RFC 3962",
        checksum_place: ChecksumPlace::End,
        profile: &Simplified::<Aes128Enc, Aes128Dec>::PROFILE,
    },
    EnctypeInfo {
        enctype: Enctype::AES256_CTS_HMAC_SHA1_96,
        key_octets: 32,
        confounder_octets: 16,
        checksum_octets: 12,
        checksum_type: ChecksumType::HMAC_SHA1_96_AES256,
        default_iterations: 4096,
        token_form: TokenForm::Rfc4121,
        rfc: "RFC 3962",
        checksum_place: ChecksumPlace::End,
        profile: &Simplified::<Aes256Enc, Aes256Dec>::PROFILE,
    },
    EnctypeInfo {
        enctype: Enctype::AES128_CTS_HMAC_SHA256_128,
        key_octets: 16,
        confounder_octets: 16,
        checksum_octets: 16,
        checksum_type: ChecksumType::HMAC_SHA256_128_AES128,
        default_iterations: 32_768,
        token_form: TokenForm::Rfc4121,
        rfc: "RFC 8009",
        checksum_place: ChecksumPlace::End,
        profile: &HmacSha2::<Aes128Enc, Aes128Dec, Sha256>::PROFILE,
    },
    EnctypeInfo {
        enctype: Enctype::AES256_CTS_HMAC_SHA384_192,
        key_octets: 32,
        confounder_octets: 16,
        checksum_octets: 24,
        checksum_type: ChecksumType::HMAC_SHA384_192_AES256,
        default_iterations: 32_768,
        token_form: TokenForm::Rfc4121,
        rfc: "RFC 8009",
        checksum_place: ChecksumPlace::End,
        profile: &HmacSha2::<Aes256Enc, Aes256Dec, Sha384>::PROFILE,
    },
    EnctypeInfo {
        enctype: Enctype::RC4_HMAC,
        key_octets: 16,
        confounder_octets: 8,
        checksum_octets: 16,
        checksum_type: ChecksumType::HMAC_MD5,
        default_iterations: 0,
        token_form: TokenForm::Rfc4757,
        rfc: "RFC 4757",
        checksum_place: ChecksumPlace::Front,
        profile: &Rc4Hmac,
    },
    #[cfg(feature = "camellia")]
    EnctypeInfo {
        enctype: Enctype::CAMELLIA128_CTS_CMAC,
        key_octets: 16,
        confounder_octets: 16,
        checksum_octets: 16,
        checksum_type: ChecksumType::CMAC_CAMELLIA128,
        default_iterations: 32_768,
        token_form: TokenForm::Rfc4121,
        rfc: "RFC 6803",
        checksum_place: ChecksumPlace::End,
        profile: &CamelliaCmac::<camellia::Camellia128>::PROFILE,
    },
    #[cfg(feature = "camellia")]
    EnctypeInfo {
        enctype: Enctype::CAMELLIA256_CTS_CMAC,
        key_octets: 32,
        confounder_octets: 16,
        checksum_octets: 16,
        checksum_type: ChecksumType::CMAC_CAMELLIA256,
        default_iterations: 32_768,
        token_form: TokenForm::Rfc4121,
        rfc: "RFC 6803",
        checksum_place: ChecksumPlace::End,
        profile: &CamelliaCmac::<camellia::Camellia256>::PROFILE,
    },
];
