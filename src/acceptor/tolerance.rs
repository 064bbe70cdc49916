//! What was tolerated: nothing is lenient in silence.

use crate::numbers::AuthDataType;
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::fmt;

/// Something that a peer sent, that a stricter policy refuses, and that this policy let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tolerance {
    /// A length was not in its shortest form (step L-5).
    NonMinimalLength,
    /// A raw Kerberos token was framed under Microsoft's OID.
    MicrosoftOid,
    /// The key that opened the ticket is not exactly the one that the ticket states.
    KeyMatch(KeyMatch),
    /// The key that opened the ticket is not in the keytab any more, and opens tickets until its window ends.
    RetiredKey {
        /// When that is.
        until: Timestamp,
    },
    /// The ticket's service name differs from the keytab's in the case of letters.
    NameCase,
    /// The authenticator had no checksum (step C-1).
    ChecksumMissing,
    /// The authenticator's checksum was a keyed one over nothing, and not of type 0x8003 (step C-2).
    PlainChecksum,
    /// The authenticator had no sequence number; RFC 4121 §4.1.1 wants one (step M-4).
    SequenceNumberMissing,
    /// The client's realm is trusted directly, and the KDC did not check the path (step N-4).
    DirectCrossRealm,
    /// The mechListMIC only repeated the mechanism's token (section 2 of the acceptance order).
    MechListMicCopy,
    /// Authorization data that must be understood, and is not (RFC 4120 §5.2.6).
    CriticalAuthorizationData(AuthDataType),
}

/// How the key that opened the ticket relates to what the ticket states (section 5.3 of the acceptance order).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyMatch {
    /// The ticket's name and version; or the newest, if the ticket states no version.
    Exact,
    /// A version whose low 8 or 16 bits agree.
    LowBits,
    /// An entry with kvno 0, which fits any version.
    Wildcard,
    /// Another version.
    OtherKvno,
    /// Another name.
    Alias,
}

/// Whether two versions may be one in the eyes of [`KeyMatch::LowBits`]: a read-only domain controller puts its number
/// into the high 16 bits (MS-KILE §3.1.5.8), and an old keytab keeps 8 bits.
pub(super) fn low_bits_agree(stated: u32, entry: u32) -> bool {
    stated & 0xffff == entry & 0xffff || (entry < 256 && stated & 0xff == entry)
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonMinimalLength => f.write_str("a length was not in its shortest form"),
            Self::MicrosoftOid => f.write_str("the token was framed under Microsoft's OID"),
            Self::KeyMatch(KeyMatch::Exact) => f.write_str("the key is the one that the ticket states"),
            Self::KeyMatch(KeyMatch::LowBits) => f.write_str("the key's version agrees in its low bits only"),
            Self::KeyMatch(KeyMatch::Wildcard) => f.write_str("the key has kvno 0, which fits any version"),
            Self::KeyMatch(KeyMatch::OtherKvno) => f.write_str("the key is of another version"),
            Self::KeyMatch(KeyMatch::Alias) => f.write_str("the key is of another name"),
            Self::RetiredKey { until } => write!(f, "the key is not in the keytab any more, and retires at {until}"),
            Self::NameCase => f.write_str("the service name differs in the case of letters"),
            Self::ChecksumMissing => f.write_str("the authenticator had no checksum"),
            Self::PlainChecksum => f.write_str("the authenticator's checksum was a keyed one over nothing"),
            Self::SequenceNumberMissing => f.write_str("the authenticator had no sequence number"),
            Self::DirectCrossRealm => f.write_str("the client's realm is trusted directly, its path not checked"),
            Self::MechListMicCopy => f.write_str("the mechListMIC only repeated the mechanism's token"),
            Self::CriticalAuthorizationData(ad_type) => {
                write!(f, "authorization data of type {ad_type} was not understood")
            }
        }
    }
}

/// The tolerances that one accept has used so far.
#[derive(Debug, Default)]
pub(super) struct Tolerances {
    used: Vec<Tolerance>,
}

impl Tolerances {
    pub(super) fn note(&mut self, tolerance: Tolerance) {
        if !self.used.contains(&tolerance) {
            self.used.push(tolerance);
        }
    }

    pub(super) fn as_slice(&self) -> &[Tolerance] {
        &self.used
    }

    pub(super) fn into_vec(self) -> Vec<Tolerance> {
        self.used
    }
}
