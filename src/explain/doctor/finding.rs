//! One finding: what is wrong, how bad it is, with what, and what to do.

use super::kind::FindingKind;
use crate::keytab::KeytabEntry;
use crate::numbers::Enctype;
use crate::principal::{Escaped, Principal};
use alloc::boxed::Box;
use alloc::string::ToString;
use core::fmt;

/// Something that will fail, may fail, or needs to be known.
///
/// `Display` is one line: `Enctype.OnlyRc4, HTTP/web@EXAMPLE.COM: has no keys but those of RC4, …`. What it holds of names is
/// escaped; it never holds octets of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    kind: FindingKind,
    severity: Severity,
    subject: Subject,
    message: Box<str>,
    remedy: Box<str>,
}

/// How bad it is. The worst is the least, so that a sorted list begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Logins will be refused.
    Error,
    /// Logins may be refused, or keys are at risk.
    Warning,
    /// Nothing is wrong, and somebody may wonder.
    Note,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The keytab as a whole.
    Keytab,
    /// One of its files, as messages show the path.
    File(Box<str>),
    /// All entries of a principal.
    Principal(Principal),
    /// One entry.
    Entry(EntryName),
    /// A host that was expected.
    Host(Box<str>),
    /// A realm that was expected.
    Realm(Box<str>),
    /// The service that was named to the acceptor.
    Service(Box<str>),
    /// The policy.
    Policy,
    /// The sizes of tokens and headers.
    Limits,
}

/// An entry, by all that tells it from others but its key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryName {
    /// Whose key it is.
    pub principal: Principal,
    /// The key's version.
    pub kvno: u32,
    /// The key's enctype.
    pub enctype: Enctype,
    /// Which entry of its file it is, counted from 1.
    pub number: usize,
    /// The file, as messages show the path, or `None` if it did not come from a file.
    pub path: Option<Box<str>>,
}

impl EntryName {
    pub(super) fn of(entry: &KeytabEntry) -> Self {
        Self {
            principal: entry.principal().clone(),
            kvno: entry.kvno(),
            enctype: entry.enctype(),
            number: entry.number(),
            path: entry.path().map(Into::into),
        }
    }
}

impl Finding {
    /// Whatever names a text was made of, it cannot write a line of its own: what `Principal` escapes stays as it is.
    pub(super) fn new(kind: FindingKind, subject: Subject, message: &str, remedy: &str) -> Self {
        let [message, remedy] = [message, remedy].map(|text| shown(text).to_string().into());
        Self { kind, severity: kind.usual_severity(), subject, message, remedy }
    }

    pub(super) fn set_severity(&mut self, severity: Severity) {
        self.severity = severity;
    }

    /// What kind of finding it is; its name is stable.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        self.kind
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What is wrong, and why or when that will fail: a clause without a full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, with the command where there is one.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Subject {
    /// What kind of thing it is, for machines: `keytab`, `file`, `principal`, `entry`, `host`, `realm`, `service`, `policy`,
    /// `limits`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Keytab => "keytab",
            Self::File(_) => "file",
            Self::Principal(_) => "principal",
            Self::Entry(_) => "entry",
            Self::Host(_) => "host",
            Self::Realm(_) => "realm",
            Self::Service(_) => "service",
            Self::Policy => "policy",
            Self::Limits => "limits",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keytab | Self::Policy | Self::Limits => f.write_str(self.name()),
            Self::File(path) => write!(f, "file {path}"),
            Self::Principal(principal) => principal.fmt(f),
            Self::Entry(entry) => entry.fmt(f),
            Self::Host(text) | Self::Realm(text) | Self::Service(text) => write!(f, "{} {}", self.name(), shown(text)),
        }
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} ({}, kvno {}, {})", self.number, self.principal, self.kvno, self.enctype)?;
        self.path.as_ref().map_or(Ok(()), |path| write!(f, " of {path}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.kind, self.subject, self.message)
    }
}

/// Text of the caller's, as messages show it.
pub(super) fn shown(text: &str) -> Escaped<'_> {
    Escaped { octets: text.as_bytes(), special: &[] }
}

/// Octets of a name, as messages show them.
pub(super) fn shown_octets(octets: &[u8]) -> Escaped<'_> {
    Escaped { octets, special: &['@', '/', '\\'] }
}
