//! The shell that reads files: the only place of this layer, beside the one that writes them, that touches the system.

use super::error::{KeytabError, KeytabErrorKind};
use super::warning::{KeytabWarning, KeytabWarningKind};
use super::{Keytab, parse};
use crate::principal::{Escaped, Principal};
use crate::wipe::SecretOctets;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The most octets of a keytab file. 16 MiB: some 160,000 entries, sixteen times the largest keytab that the speed of
/// an accept is measured with; a longer file is a mistake in the path, and not worth reading into memory.
pub(super) const MAX_FILE_OCTETS: u64 = 16 << 20;

impl Keytab {
    /// Reads a keytab file, once: later changes to the file are not seen.
    ///
    /// On Unix a file that its group or all users can read is accepted with [`KeytabWarningKind::ReadableByOthers`].
    ///
    /// # Errors
    ///
    /// With the path: `NotFound`, `PermissionDenied`, `IsDirectory`, `Unreadable`, `TooLarge` (more than 16 MiB) and
    /// `Empty`, or what [`from_bytes`](Self::from_bytes) refuses.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeytabError> {
        read_file(path.as_ref())
    }

    /// Reads all keytabs in a directory, sorted by file name, into one.
    ///
    /// Files, also behind symbolic links, whose names end in `.keytab`, or are principals with `#` for the slash
    /// (`HTTP#host@REALM`). One of the latter that holds no key of that principal gives
    /// [`KeytabWarningKind::NamedOtherwise`]. Other names and nested directories are passed over.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file) for the directory and for each file: one bad file refuses all, because a key
    /// that silently is not there would be found out by the first user who needs it. `NotADirectory`; `NoKeytabFiles`
    /// if there is none.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self, KeytabError> {
        let directory = path.as_ref();
        let mut paths = keytab_paths(directory).map_err(|error| refused_by_system(&error, directory))?;
        paths.sort_unstable();
        if paths.is_empty() {
            return Err(KeytabError::from(KeytabErrorKind::NoKeytabFiles).in_file(&shown(directory), None));
        }
        let mut union = Self::default();
        for path in paths {
            let mut keytab = read_file(&path)?;
            if let Some(named) = path.file_name().and_then(named_principal) {
                if keytab.entries_of(&named).next().is_none() {
                    let warning = KeytabWarning::from(KeytabWarningKind::NamedOtherwise { named });
                    keytab.warnings.push(warning.in_file(shown(&path).into()));
                }
            }
            union.merge(keytab);
        }
        Ok(union)
    }
}

fn read_file(path: &Path) -> Result<Keytab, KeytabError> {
    let name: Arc<str> = shown(path).into();
    let file = File::open(path).map_err(|error| refused_by_system(&error, path))?;
    let metadata = file.metadata().map_err(|error| refused_by_system(&error, path))?;
    if metadata.is_dir() {
        return Err(KeytabError::from(KeytabErrorKind::IsDirectory).in_file(&name, None));
    }
    let octets = read_octets(file, metadata.len()).map_err(|error| refused_by_system(&error, path))?;
    let mut keytab = match u64::try_from(octets.len()) {
        Ok(0..=MAX_FILE_OCTETS) => parse::parse(&octets),
        _ => Err(KeytabErrorKind::TooLarge { limit: MAX_FILE_OCTETS }.into()),
    }
    .map_err(|error| error.in_file(&name, None))?;
    let open_to_others = mode_open_to_others(&metadata).map(|mode| KeytabWarningKind::ReadableByOthers { mode }.into());
    keytab.warnings.extend(open_to_others);
    keytab.entries.iter_mut().for_each(|entry| entry.set_path(Arc::clone(&name)));
    keytab.warnings = keytab.warnings.into_iter().map(|warning| warning.in_file(Arc::clone(&name))).collect();
    Ok(keytab)
}

/// All octets of a file, or one more than the limit.
fn read_octets(file: File, expected: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let most = MAX_FILE_OCTETS.saturating_add(1);
    let mut source = file.take(most);
    let capacity = usize::try_from(expected.min(most)).unwrap_or_default();
    let mut octets = SecretOctets::with_capacity(capacity);
    let mut chunk = Zeroizing::new([0_u8; 4096]);
    loop {
        match source.read(chunk.as_mut_slice()) {
            Ok(0) => return Ok(octets.finish()),
            Ok(read) => octets.put(chunk.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn refused_by_system(error: &io::Error, path: &Path) -> KeytabError {
    // Windows calls the attempt to open a directory a missing permission.
    let kind = match kind_of(error.kind()) {
        KeytabErrorKind::PermissionDenied if cfg!(windows) && path.is_dir() => KeytabErrorKind::IsDirectory,
        kind => kind,
    };
    KeytabError::from(kind).in_file(&shown(path), Some(&error.to_string()))
}

fn kind_of(error: io::ErrorKind) -> KeytabErrorKind {
    match error {
        io::ErrorKind::NotFound => KeytabErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => KeytabErrorKind::PermissionDenied,
        io::ErrorKind::IsADirectory => KeytabErrorKind::IsDirectory,
        io::ErrorKind::NotADirectory => KeytabErrorKind::NotADirectory,
        _ => KeytabErrorKind::Unreadable,
    }
}

fn keytab_paths(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let named_so = name.as_encoded_bytes().ends_with(b".keytab") || named_principal(&name).is_some();
        if named_so && !entry.path().is_dir() {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

/// The principal that a file is named after: `HTTP#host@REALM`, also with `.keytab` behind it.
fn named_principal(name: &OsStr) -> Option<Principal> {
    let name = name.to_str()?;
    let name = name.strip_suffix(".keytab").unwrap_or(name);
    name.contains('#').then(|| name.replace('#', "/").parse().ok())?
}

/// A path as messages show it.
pub(super) fn shown(path: &Path) -> String {
    Escaped { octets: path.as_os_str().as_encoded_bytes(), special: &[] }.to_string()
}

/// The permission bits, if they let anybody but the owner read.
#[cfg(unix)]
fn mode_open_to_others(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    (metadata.is_file() && mode & 0o044 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn mode_open_to_others(_: &Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_the_system_has_its_own_kind() {
        for (error, kind) in [
            (io::ErrorKind::NotFound, KeytabErrorKind::NotFound),
            (io::ErrorKind::PermissionDenied, KeytabErrorKind::PermissionDenied),
            (io::ErrorKind::IsADirectory, KeytabErrorKind::IsDirectory),
            (io::ErrorKind::NotADirectory, KeytabErrorKind::NotADirectory),
            (io::ErrorKind::TimedOut, KeytabErrorKind::Unreadable),
        ] {
            assert_eq!(kind_of(error), kind);
        }
    }

    #[test]
    fn a_name_with_a_hash_and_a_realm_is_a_principal() {
        for name in ["HTTP#web.example.com@EXAMPLE.COM", "HTTP#web.example.com@EXAMPLE.COM.keytab"] {
            let named = named_principal(OsStr::new(name)).map(|principal| principal.to_string());
            assert_eq!(named.as_deref(), Some("HTTP/web.example.com@EXAMPLE.COM"));
        }
        for name in ["web.keytab", "web@R.keytab", "HTTP#web", "#@R", "#x@", "README"] {
            assert!(named_principal(OsStr::new(name)).is_none(), "{name}");
        }
    }
}
