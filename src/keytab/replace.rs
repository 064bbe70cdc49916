//! The shell that writes files: the only place of this layer, beside the one that reads them, that touches the system.

use super::Keytab;
use super::error::{KeytabError, KeytabErrorKind};
use super::file::{MAX_FILE_OCTETS, shown};
use crate::new_file::NewFile;
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

impl Keytab {
    /// Writes the keytab to a file, of format 0x0502, which is whole at every moment: a reader sees the old keys or the
    /// new ones, and if anything goes wrong the old file is there as it was and no other.
    ///
    /// It goes into a new file in the same directory, which is put on the disk and then renamed. Therefore the directory must
    /// be writable, and whoever has the old file open keeps the old keys.
    ///
    /// - A file that was not there gets mode 0600 (Unix), whatever the umask would allow besides.
    /// - A file that was there keeps its owner, group and permission bits: a service that may read it still may, and nobody
    ///   else. Access control lists and other attributes are not carried over.
    /// - A symbolic link is followed: the file that it names is replaced, in that file's directory, and the link stays. So
    ///   write through no link that somebody else can change.
    /// - Elsewhere than on Unix, the directory decides who can read the file.
    ///
    /// # Errors
    ///
    /// With the path: what [`to_bytes`](Self::to_bytes) refuses; `TooLarge` for a file that could not be read again;
    /// `IsDirectory` and `NotAFile` for something else that has the name; `BrokenLink`; `NoDirectory`; `WriteDenied`;
    /// `OwnerNotKept` for a file of another owner, whose service might not be able to read the new one; `Unwritable` for
    /// any other refusal of the system, such as a full disk. After `NotDurable` the new file is in its place.
    pub fn write_to_file(&self, path: impl AsRef<Path>) -> Result<(), KeytabError> {
        let path = path.as_ref();
        let in_file = |error: KeytabError| error.in_file(&shown(path), None);
        let octets = self.to_bytes().map_err(in_file)?;
        if u64::try_from(octets.as_octets().len()).map_or(true, |length| length > MAX_FILE_OCTETS) {
            return Err(in_file(KeytabErrorKind::TooLarge { limit: MAX_FILE_OCTETS }.into()));
        }
        replace(path, octets.as_octets()).map_err(|refusal| {
            KeytabError::from(refusal.kind)
                .in_file(&shown(path), refusal.error.map(|error| error.to_string()).as_deref())
        })
    }
}

/// What was refused, with the system's error where it was the system.
struct Refusal {
    kind: KeytabErrorKind,
    error: Option<io::Error>,
}

impl From<KeytabErrorKind> for Refusal {
    fn from(kind: KeytabErrorKind) -> Self {
        Self { kind, error: None }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => KeytabErrorKind::NoDirectory,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => KeytabErrorKind::WriteDenied,
            io::ErrorKind::IsADirectory => KeytabErrorKind::IsDirectory,
            _ => KeytabErrorKind::Unwritable,
        };
        Self { kind, error: Some(error) }
    }
}

fn replace(path: &Path, octets: &[u8]) -> Result<(), Refusal> {
    let path = behind_links(path)?;
    let old = file_at(&path)?;
    let directory = Directory::of(&path)?;
    let mut new = NewFile::beside(&path)?;
    new.write_all(octets)?;
    if let Some(old) = old {
        take_over(&old, &new)?;
    }
    new.take_place_of(&path)?;
    directory.sync().map_err(|error| Refusal { kind: KeytabErrorKind::NotDurable, error: Some(error) })
}

/// The path of the file itself, if the path is a link's.
fn behind_links(path: &Path) -> Result<PathBuf, Refusal> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            fs::canonicalize(path).map_err(|error| Refusal { kind: KeytabErrorKind::BrokenLink, error: Some(error) })
        }
        _ => Ok(path.to_owned()),
    }
}

/// What is known of the file that stands there, if there is one.
fn file_at(path: &Path) -> Result<Option<Metadata>, Refusal> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(KeytabErrorKind::IsDirectory.into()),
        Ok(metadata) if !metadata.is_file() => Err(KeytabErrorKind::NotAFile.into()),
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Owner and group first: until then nobody but this process's user may read it, and a change of owner clears bits.
#[cfg(unix)]
fn take_over(old: &Metadata, new: &NewFile) -> Result<(), Refusal> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let made = new.file().metadata()?;
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(new.file(), Some(old.uid()), Some(old.gid()))
            .map_err(|error| Refusal { kind: KeytabErrorKind::OwnerNotKept, error: Some(error) })?;
    }
    let mode = old.permissions().mode() & 0o777;
    Ok(new.file().set_permissions(fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix the system may refuse")]
fn take_over(_: &Metadata, _: &NewFile) -> Result<(), Refusal> {
    Ok(())
}

/// The directory of a file, opened before anything is changed in it.
struct Directory(Option<File>);

impl Directory {
    fn of(path: &Path) -> io::Result<Self> {
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // Elsewhere than on Unix a directory cannot be opened, and renaming has to do.
        let opened = cfg!(unix).then(|| File::open(parent)).transpose();
        // One that may be written to and not read cannot be put on the disk by itself.
        match opened {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Self(None)),
            opened => opened.map(Self),
        }
    }

    /// Puts the new name on the disk.
    fn sync(&self) -> io::Result<()> {
        match self.0.as_ref().map(File::sync_all) {
            // Some file systems have no such call for a directory.
            Some(Err(error)) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                Err(error)
            }
            _ => Ok(()),
        }
    }
}
