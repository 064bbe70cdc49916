//! The shell that writes the file.

use super::CredentialCache;
use alloc::format;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

impl CredentialCache {
    /// Writes the cache to a file that its owner alone can read, and that is either not there, as it was, or whole.
    ///
    /// It goes into a new file beside `path`, which then takes its name: a reader sees the old cache or the new one, and
    /// what stood at `path`, a symbolic link too, is replaced and not followed.
    pub(crate) fn write_file(&self, path: &Path) -> io::Result<()> {
        let temporary = temporary_beside(path)?;
        let mut file = options().open(&temporary)?;
        let written = file.write_all(self.as_octets()).and_then(|()| file.sync_all());
        drop(file);
        let renamed = written.and_then(|()| fs::rename(&temporary, path));
        if renamed.is_err() {
            // The first error says what happened; whether the remains could be removed does not change it.
            let _ = fs::remove_file(&temporary);
        }
        renamed
    }
}

/// A name in the same directory, so that renaming is one step of the file system, and one that nobody else has.
fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    if path.file_name().is_none() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let number = getrandom::u64().map_err(|error| io::Error::other(format!("no random octets: {error}")))?;
    Ok(path.with_file_name(format!(".krb5cc_{number:016x}")))
}

/// A file that must not be there yet, with mode 0600 from its first moment on.
#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600);
    options
}

/// A file that must not be there yet; who can read it is what its directory says.
#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    options
}
