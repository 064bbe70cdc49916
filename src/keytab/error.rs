//! Why a keytab was not read or written: what was wrong, in which entry, in which file.

use crate::principal::Escaped;
use alloc::boxed::Box;
use alloc::string::ToString;
use core::fmt;

/// Why a keytab was not read or written: `keytab /etc/http.keytab: entry 3 at offset 211 ends inside its realm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeytabError {
    kind: KeytabErrorKind,
    place: Option<Place>,
    file: Option<Box<FileContext>>,
    cause: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    entry: usize,
    /// Where it stands in a file, if it was read from one.
    offset: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FileContext {
    path: Box<str>,
    os_reason: Option<Box<str>>,
}

impl KeytabError {
    pub(super) fn at(kind: KeytabErrorKind, entry: usize, offset: usize) -> Self {
        Self { place: Some(Place { entry, offset: Some(offset) }), ..Self::from(kind) }
    }

    /// The error of an entry that is in no file yet.
    pub(super) fn of_entry(kind: KeytabErrorKind, entry: usize) -> Self {
        Self { place: Some(Place { entry, offset: None }), ..Self::from(kind) }
    }

    /// The error of a keytab that is sound and has no entries, where keys are needed.
    pub(crate) fn without_entries() -> Self {
        KeytabErrorKind::WithoutEntries.into()
    }

    /// The error of a [`KeySource`](super::KeySource) of the caller's own that gave no keytab: what it says, for the operator.
    ///
    /// Control characters are escaped. The text stands in messages and logs, so it must not hold a key.
    pub fn source_failed(cause: impl fmt::Display) -> Self {
        let cause = Escaped { octets: cause.to_string().as_bytes(), special: &[] }.to_string();
        Self { cause: Some(cause.into()), ..KeytabErrorKind::SourceFailed.into() }
    }

    /// The same error, of a file that has a name; with the operating system's words, if it is its refusal.
    #[cfg(feature = "std")]
    pub(super) fn in_file(self, path: &str, os_reason: Option<&str>) -> Self {
        Self { file: Some(Box::new(FileContext { path: path.into(), os_reason: os_reason.map(Box::from) })), ..self }
    }

    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> KeytabErrorKind {
        self.kind
    }

    /// The entry at fault, counted from 1, or `None` if it is the file.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.place.map(|place| place.entry)
    }

    /// Where the record at fault begins, in octets from the start of the file; `None` too for an entry that was to be written.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.place.and_then(|place| place.offset)
    }

    /// The file or directory, as the message shows it, or `None` if the octets did not come from a file.
    ///
    /// Control characters and octets that are not UTF-8 are escaped; any other path is as it was given.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.file.as_ref().map(|file| &*file.path)
    }

    /// The operating system's own words, if it was the one that refused.
    #[must_use]
    pub fn os_reason(&self) -> Option<&str> {
        self.file.as_ref().and_then(|file| file.os_reason.as_deref())
    }

    /// The words of the caller's own source, if it was the one that [failed](Self::source_failed).
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl From<KeytabErrorKind> for KeytabError {
    fn from(kind: KeytabErrorKind) -> Self {
        Self { kind, place: None, file: None, cause: None }
    }
}

impl fmt::Display for KeytabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keytab")?;
        if let Some(path) = self.path() {
            write!(f, " {path}")?;
        }
        match self.place {
            Some(Place { entry, offset: Some(offset) }) => write!(f, ": entry {entry} at offset {offset}")?,
            Some(Place { entry, offset: None }) => write!(f, ": entry {entry}")?,
            None => {}
        }
        write!(f, " {}", self.kind)?;
        match self.os_reason().or_else(|| self.cause()) {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for KeytabError {}

/// What was wrong with a keytab. The first group concerns the file, the second an entry, the third a file that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeytabErrorKind {
    /// There is no such file or directory.
    #[error("does not exist")]
    NotFound,
    /// This process may not read it.
    #[error("may not be read by this process")]
    PermissionDenied,
    /// It is a directory, and a file was asked for.
    #[error("is a directory")]
    IsDirectory,
    /// It is not a directory, and a directory was asked for.
    #[error("is not a directory")]
    NotADirectory,
    /// The operating system could not read it, for another reason: [`KeytabError::os_reason`].
    #[error("cannot be read")]
    Unreadable,
    /// The directory holds no file with a keytab's name.
    #[error("holds no file that is named as a keytab is, such as web.keytab or HTTP#host@REALM")]
    NoKeytabFiles,
    /// The file is longer than the limit.
    #[error("is longer than {limit} octets, the most that a keytab may have")]
    TooLarge {
        /// The most octets that are read.
        limit: u64,
    },
    /// The file has no octets at all.
    #[error("is empty")]
    Empty,
    /// The file is a keytab and has no entries. Reading it is no error; making an acceptor of it is.
    #[error("has no entries")]
    WithoutEntries,
    /// Users other than the owner may read the file, and
    /// [they should not](super::KeytabPaths::refuse_readable_by_others). Unix only.
    #[error("has mode {mode:04o}: users other than its owner can read the keys")]
    ReadableByOthers {
        /// Its permission bits.
        mode: u32,
    },
    /// The caller's own source of keys gave none: [`KeytabError::cause`].
    #[error("was not given by its source")]
    SourceFailed,
    /// The file does not begin with the octets 05 01 or 05 02.
    #[error("is not a keytab: it does not begin with the octets 05 01 or 05 02")]
    NotAKeytab,
    /// The file is a keytab in base64 text, as some secret stores hand it out.
    #[error("is base64 text: decode it first")]
    Base64,

    /// The file ends inside the size of a record.
    #[error("is cut off inside its size")]
    CutSize,
    /// The record reaches past the end of the file.
    #[error("has a size of {octets} octets, and the file ends after {left}")]
    EntryPastEnd {
        /// The record's size.
        octets: u32,
        /// The octets that are left in the file.
        left: usize,
    },
    /// The hole, a deleted record, reaches past the end of the file.
    #[error("is a hole of {octets} octets, and the file ends after {left}")]
    HolePastEnd {
        /// The hole's size.
        octets: u32,
        /// The octets that are left in the file.
        left: usize,
    },
    /// The record ends inside a field.
    #[error("ends inside its {0}")]
    EndsInside(KeytabField),
    /// The name has no components, or more than any ticket's name may have.
    #[error("counts {counted} components, and a name has at least one and at most {most} are counted")]
    ComponentCount {
        /// The count in the file, which in version 0x0501 includes the realm.
        counted: u16,
        /// The highest count that is accepted in this version.
        most: u16,
    },

    /// The entry has something for which the file has no room: names and keys have up to 65,535 octets, times lie between
    /// 1970 and 2106, enctypes have 16 bits.
    #[error("has a {0} that no keytab has room for")]
    DoesNotFit(KeytabField),
    /// The directory in which the file is to be does not exist.
    #[error("cannot be written: its directory does not exist")]
    NoDirectory,
    /// This process may not write to the directory of the file.
    #[error("cannot be written: this process may not write to its directory")]
    WriteDenied,
    /// The path is a symbolic link that leads to no file.
    #[error("is a symbolic link that leads nowhere")]
    BrokenLink,
    /// Something that is neither a file nor a directory has the name: a device, a pipe.
    #[error("is not a file that could be replaced")]
    NotAFile,
    /// The file has another owner or group, and this process may not give the new file to them.
    #[error(
        "belongs to another user or group, which the new file cannot be given to: run this as its owner or as root"
    )]
    OwnerNotKept,
    /// The operating system could not write it, for another reason: [`KeytabError::os_reason`].
    #[error("cannot be written")]
    Unwritable,
    /// The new file is there, and its directory could not be put on the disk: after a crash it may be the old one again.
    #[error("is written, and may be lost if the machine fails now")]
    NotDurable,
}

/// A field of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeytabField {
    /// The number of components.
    ComponentCount,
    /// The realm.
    Realm,
    /// One of the components.
    Component,
    /// The name-type.
    NameType,
    /// The time at which the entry was made.
    Timestamp,
    /// The key version number.
    Kvno,
    /// The enctype.
    Enctype,
    /// The key.
    Key,
}

impl fmt::Display for KeytabField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ComponentCount => "component count",
            Self::Realm => "realm",
            Self::Component => "name",
            Self::NameType => "name-type",
            Self::Timestamp => "timestamp",
            Self::Kvno => "kvno",
            Self::Enctype => "enctype",
            Self::Key => "key",
        })
    }
}
