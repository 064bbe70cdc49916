//! One entry: whose key, of which version and enctype, and the key itself if it can be used.

use super::format::RawEntry;
use super::warning::{KeytabWarning, KeytabWarningKind};
use crate::crypto::{Key, KeyError, KeyFingerprint, Salt};
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::KerberosTime;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// One entry of a keytab.
///
/// `Debug` shows everything but the key.
#[derive(Debug)]
pub struct KeytabEntry {
    principal: Principal,
    kvno: u32,
    kvno_width: KvnoWidth,
    timestamp: KerberosTime,
    enctype: Enctype,
    key: KeyMaterial,
    place: Place,
    path: Option<Arc<str>>,
}

/// Where an entry stands in its file; all 0 for one that was never in a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) offset: usize,
    pub(super) record_octets: usize,
}

impl KeytabEntry {
    /// A new entry, for [`Keytab::add`](super::Keytab::add).
    ///
    /// `timestamp` is for people, and for telling which of two keys whose version wrapped is newer.
    #[must_use]
    pub fn new(principal: Principal, kvno: u32, timestamp: KerberosTime, key: Key) -> Self {
        let enctype = key.enctype();
        Self {
            principal,
            kvno,
            kvno_width: KvnoWidth::Full,
            timestamp,
            enctype,
            key: KeyMaterial::Usable(key),
            place: Place::default(),
            path: None,
        }
    }

    /// A new entry with the key that a password stands for, with the enctype's own iteration count.
    ///
    /// `kvno` must be the KDC's, and the salt too: [`Salt`] says how to find out. How guessable the key is say
    /// [`GuessableKey::of_principal`](super::GuessableKey::of_principal) and
    /// [`of_password`](super::GuessableKey::of_password).
    ///
    /// # Errors
    ///
    /// [`KeyError::Unsupported`]; [`KeyError::PasswordEncoding`] for RC4 and a password that is not UTF-8;
    /// [`KeyError::RealmEncoding`] for a salt of Active Directory and a realm that is not UTF-8.
    pub fn from_password(
        principal: Principal,
        kvno: u32,
        timestamp: KerberosTime,
        enctype: Enctype,
        password: &[u8],
        salt: &Salt,
    ) -> Result<Self, KeyError> {
        let key = Key::from_password(enctype, password, &salt.octets(&principal)?, None)?;
        Ok(Self::new(principal, kvno, timestamp, key))
    }

    /// The entry that stands at that place. Its key is checked here, and a useless one kept with the reason.
    pub(super) fn from_raw(raw: &RawEntry<'_>, place: Place) -> Self {
        let enctype = Enctype(i32::from(raw.enctype));
        let components = raw.components.iter().copied();
        Self {
            principal: Principal::new(raw.realm, components).with_name_type(raw.name_type),
            kvno: raw.kvno(),
            kvno_width: if raw.kvno_trailer.unwrap_or(0) == 0 { KvnoWidth::Octet } else { KvnoWidth::Full },
            timestamp: KerberosTime::from_unix_seconds(i64::from(raw.timestamp)),
            enctype,
            key: KeyMaterial::new(enctype, raw.key),
            place,
            path: None,
        }
    }

    /// Whose key it is.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The key version number: the 32-bit one where the file has it and it is not zero, else the octet. A 0 stays 0.
    #[must_use]
    pub fn kvno(&self) -> u32 {
        self.kvno
    }

    /// Whether the version was written with 32 bits. In the octet alone it may have been cut.
    pub(crate) fn has_kvno_of_32_bits(&self) -> bool {
        matches!(self.kvno_width, KvnoWidth::Full)
    }

    /// The enctype as the file has it, known or not.
    #[must_use]
    pub fn enctype(&self) -> Enctype {
        self.enctype
    }

    /// When the entry was made, as its maker's clock had it; many tools write zero.
    #[must_use]
    pub fn timestamp(&self) -> KerberosTime {
        self.timestamp
    }

    /// The key, or `None` if it cannot be used; [`key_problem`](Self::key_problem) says why.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        match &self.key {
            KeyMaterial::Usable(key) => Some(key),
            KeyMaterial::Useless { .. } => None,
        }
    }

    /// Why the key cannot be used, or `None` if it can.
    #[must_use]
    pub fn key_problem(&self) -> Option<KeyProblem> {
        match &self.key {
            KeyMaterial::Usable(_) => None,
            KeyMaterial::Useless { problem, .. } => Some(*problem),
        }
    }

    /// The key's octets, usable or not: secret, and meant for whoever writes the entry to another keytab.
    #[must_use]
    pub fn key_octets(&self) -> &[u8] {
        match &self.key {
            KeyMaterial::Usable(key) => key.as_octets(),
            KeyMaterial::Useless { octets, .. } => octets,
        }
    }

    /// What tells its key from others where the key must not be shown.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint::of(self.enctype, self.key_octets())
    }

    /// Whether another entry has the same key for the same principal, kvno and enctype. When either was made, and its
    /// name-type, do not matter.
    #[must_use]
    pub fn is_duplicate_of(&self, other: &Self) -> bool {
        self.kvno == other.kvno
            && self.enctype == other.enctype
            && self.principal == other.principal
            && bool::from(self.key_octets().ct_eq(other.key_octets()))
    }

    /// A second entry with the same key, for whoever writes it to another keytab as well.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            principal: self.principal.clone(),
            key: KeyMaterial::new(self.enctype, self.key_octets()),
            path: self.path.clone(),
            ..*self
        }
    }

    /// Which entry of its file it is, counted from 1; holes do not count. 0 for one that was never in a file.
    #[must_use]
    pub fn number(&self) -> usize {
        self.place.number
    }

    /// Where its record begins in its file, in octets. 0 for one that was never in a file.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.place.offset
    }

    /// How many octets its record has in its file behind their size, padding included. 0 for one that was never in a file.
    #[must_use]
    pub fn record_octets(&self) -> usize {
        self.place.record_octets
    }

    /// The file that it came from, as messages show it, or `None` if it did not come from a file.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// What an operator should know of its key.
    pub(super) fn warning(&self) -> Option<KeytabWarning> {
        let Some(KeyProblem::Length { expected, found }) = self.key_problem() else { return None };
        let (principal, enctype, number) = (self.principal.clone(), self.enctype, self.place.number);
        let warning = KeytabWarningKind::KeyLength { principal, enctype, number, expected, found };
        Some(KeytabWarning::of(warning, self.path.clone()))
    }

    #[cfg(feature = "std")]
    pub(super) fn set_path(&mut self, path: Arc<str>) {
        self.path = Some(path);
    }
}

/// In how many bits a file has a version.
#[derive(Debug, Clone, Copy)]
enum KvnoWidth {
    Octet,
    Full,
}

/// Why an entry's key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// The enctype is unknown, too weak to be implemented, or not in this build.
    #[error("its enctype is not supported")]
    Unsupported,
    /// The key is longer or shorter than its enctype's keys are.
    #[error("its key has {found} octets and its enctype needs {expected}")]
    Length {
        /// The octets that the enctype needs.
        expected: usize,
        /// The octets in the file.
        found: usize,
    },
}

enum KeyMaterial {
    Usable(Key),
    Useless { octets: Zeroizing<Vec<u8>>, problem: KeyProblem },
}

impl KeyMaterial {
    fn new(enctype: Enctype, octets: &[u8]) -> Self {
        match Key::new(enctype, octets) {
            Ok(key) => Self::Usable(key),
            Err(error) => Self::Useless { octets: Zeroizing::new(octets.to_vec()), problem: error.into() },
        }
    }
}

impl From<KeyError> for KeyProblem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Length { expected, found, .. } => Self::Length { expected, found },
            _ => Self::Unsupported,
        }
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usable(_) => f.write_str("usable"),
            Self::Useless { problem, .. } => write!(f, "{problem}"),
        }
    }
}
