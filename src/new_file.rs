//! A file that is written whole or not at all: beside the one that it replaces, and then in its place.
//!
//! Base layer, because keytabs and credential caches are both written so. Nothing here reads a file.

use alloc::format;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file in the making, under a name of its own. Unless it takes another one's place, it is removed on drop.
pub(crate) struct NewFile {
    file: File,
    path: PathBuf,
    in_place: bool,
}

impl NewFile {
    /// A file beside `path`, so that renaming is one step of the file system, with a name that nobody else has. Its owner
    /// alone can read it, on Unix from its first moment on; elsewhere its directory says who can.
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        if path.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let number = getrandom::u64().map_err(|error| io::Error::other(format!("no random octets: {error}")))?;
        let path = path.with_file_name(format!(".kerbside_{number:016x}"));
        Ok(Self { file: exclusive().open(&path)?, path, in_place: false })
    }

    pub(crate) fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)
    }

    /// The open file, for whoever sets its owner and mode.
    #[cfg(unix)]
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Puts what was written on the disk, and then in the place of `path`: a reader sees the old file or the new one. A
    /// symbolic link at `path` is replaced and not followed.
    pub(crate) fn take_place_of(mut self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        self.in_place = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.in_place {
            // What went wrong before says more than whether the remains could be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A file that must not be there yet.
fn exclusive() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
