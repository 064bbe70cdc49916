//! The shell that writes the file.

use super::CredentialCache;
use crate::new_file::NewFile;
use std::io;
use std::path::Path;

impl CredentialCache {
    /// Writes the cache to a file that its owner alone can read, and that is either not there, as it was, or whole.
    ///
    /// It goes into a new file beside `path`, which then takes its name: a reader sees the old cache or the new one, and
    /// what stood at `path`, a symbolic link too, is replaced and not followed.
    pub(crate) fn write_file(&self, path: &Path) -> io::Result<()> {
        let mut file = NewFile::beside(path)?;
        file.write_all(self.as_octets())?;
        file.take_place_of(path)
    }
}
