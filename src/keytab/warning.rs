//! What an operator should look at, although the keytab was read.

use crate::numbers::Enctype;
use crate::principal::Principal;
use alloc::sync::Arc;
use core::fmt;

/// Something about a keytab that is no error, yet likely to become one:
/// `keytab /etc/http.keytab has mode 0644: users other than its owner can read the keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeytabWarning {
    kind: KeytabWarningKind,
    path: Option<Arc<str>>,
}

impl KeytabWarning {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> &KeytabWarningKind {
        &self.kind
    }

    /// The file, as [`KeytabError::path`](super::KeytabError::path) shows it, or `None` if there was no file.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Whether it goes where an entry goes.
    pub(super) fn is_of_an_entry(&self) -> bool {
        matches!(self.kind, KeytabWarningKind::KeyLength { .. })
    }

    pub(super) fn of(kind: KeytabWarningKind, path: Option<Arc<str>>) -> Self {
        Self { kind, path }
    }

    #[cfg(feature = "std")]
    pub(super) fn in_file(self, path: Arc<str>) -> Self {
        Self { path: Some(path), ..self }
    }
}

impl From<KeytabWarningKind> for KeytabWarning {
    fn from(kind: KeytabWarningKind) -> Self {
        Self::of(kind, None)
    }
}

impl fmt::Display for KeytabWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keytab ")?;
        if let Some(path) = self.path() {
            write!(f, "{path} ")?;
        }
        write!(f, "{}", self.kind)
    }
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeytabWarningKind {
    /// Users other than the owner may read the file, and whoever reads a key can forge tickets to the service. Unix only.
    #[error("has mode {mode:04o}: users other than its owner can read the keys")]
    ReadableByOthers {
        /// Its permission bits.
        mode: u32,
    },
    /// The file's name is a principal's (`HTTP#host@REALM`), and the file has no entry of that principal.
    #[error("is named after {named} and holds no key of it")]
    NamedOtherwise {
        /// The principal that its name tells.
        named: Principal,
    },
    /// A key's length does not fit its enctype, so that it can never be used.
    #[error("has in entry {number}, {principal}, a key of {found} octets, and {enctype} needs {expected}")]
    KeyLength {
        /// Whose key it is.
        principal: Principal,
        /// The enctype of the entry.
        enctype: Enctype,
        /// Which entry of its file it is, counted from 1.
        number: usize,
        /// The octets that the enctype needs.
        expected: usize,
        /// The octets in the file.
        found: usize,
    },
    /// A record size of zero ended the entries, and something follows it that was not read.
    #[error("marks the end of its entries at offset {offset}: {octets} octets after that were not read")]
    OctetsAfterEnd {
        /// Where the size of zero stands.
        offset: usize,
        /// How many octets follow it.
        octets: usize,
    },
}
