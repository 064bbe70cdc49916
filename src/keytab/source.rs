//! Where keys come from, for whoever asks more than once: files, directories, or the caller's own secret store.

use super::{Keytab, KeytabError};
#[cfg(feature = "std")]
use super::{KeytabErrorKind, KeytabWarning, KeytabWarningKind};
#[cfg(feature = "std")]
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::path::PathBuf;

/// Where an acceptor's keys come from: asked when the acceptor is made, and at each
/// [`reload`](crate::Acceptor::reload).
///
/// Every closure that returns a keytab is one, so that keys can come out of a secret store:
///
/// ```
/// use kerbside::Keytab;
/// use kerbside::keytab::{KeySource, KeytabError};
/// # fn fetch(_: &str) -> Result<Vec<u8>, std::io::Error> { Ok(vec![5, 2]) }
///
/// let source = || {
///     let octets = fetch("kv/http-keytab").map_err(KeytabError::source_failed)?;
///     Keytab::from_bytes(&octets)
/// };
/// assert!(source.load()?.is_empty());
/// # Ok::<(), KeytabError>(())
/// ```
///
/// What it gives is the whole: a key that is not in it any more retires. It may take its time, because no accept waits for
/// it; it must not ask its own acceptor to reload.
pub trait KeySource: Send + Sync {
    /// All keys, as they are now.
    ///
    /// # Errors
    ///
    /// Whatever kept it from giving them: [`KeytabError::source_failed`] for a cause of its own. Half a keytab is an error
    /// too, because the rest would be missed by the first user who needs it.
    fn load(&self) -> Result<Keytab, KeytabError>;
}

impl<F: Fn() -> Result<Keytab, KeytabError> + Send + Sync> KeySource for F {
    fn load(&self) -> Result<Keytab, KeytabError> {
        self()
    }
}

/// Keytab files and directories of them, read anew each time, as one keytab.
///
/// ```no_run
/// use kerbside::Acceptor;
/// use kerbside::keytab::KeytabPaths;
///
/// let paths = KeytabPaths::new().file("/etc/krb5.keytab").directory("/etc/keytabs");
/// let acceptor = Acceptor::builder_from(paths).service("HTTP").build()?;
/// # Ok::<(), kerbside::Error>(())
/// ```
#[cfg(feature = "std")]
#[derive(Debug, Clone, Default)]
pub struct KeytabPaths {
    places: Vec<Place>,
    readers: Readers,
}

/// What to do with a file that users other than its owner may read.
#[cfg(feature = "std")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Readers {
    #[default]
    Warn,
    Refuse,
}

#[cfg(feature = "std")]
#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Directory(PathBuf),
}

#[cfg(feature = "std")]
impl KeytabPaths {
    /// No path yet, which gives a keytab without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Then this file, as [`Keytab::from_file`] reads it.
    #[must_use]
    pub fn file(self, path: impl Into<PathBuf>) -> Self {
        self.then(Place::File(path.into()))
    }

    /// Then the keytabs in this directory, as [`Keytab::from_dir`] reads them.
    #[must_use]
    pub fn directory(self, path: impl Into<PathBuf>) -> Self {
        self.then(Place::Directory(path.into()))
    }

    /// Refuses files that their group or all users can read, instead of a warning: whoever reads a key can forge tickets to
    /// the service. Unix only.
    #[must_use]
    pub fn refuse_readable_by_others(self) -> Self {
        Self { readers: Readers::Refuse, ..self }
    }

    fn then(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }
}

/// One bad file refuses all, for the reason that [`Keytab::from_dir`] gives.
#[cfg(feature = "std")]
impl KeySource for KeytabPaths {
    fn load(&self) -> Result<Keytab, KeytabError> {
        self.places.iter().try_fold(Keytab::default(), |mut union, place| {
            let keytab = match place {
                Place::File(path) => Keytab::from_file(path)?,
                Place::Directory(path) => Keytab::from_dir(path)?,
            };
            if self.readers == Readers::Refuse {
                keytab.warnings().iter().try_for_each(refuse_readable)?;
            }
            union.merge(keytab);
            Ok(union)
        })
    }
}

#[cfg(feature = "std")]
fn refuse_readable(warning: &KeytabWarning) -> Result<(), KeytabError> {
    match *warning.kind() {
        KeytabWarningKind::ReadableByOthers { mode } => {
            let error = KeytabError::from(KeytabErrorKind::ReadableByOthers { mode });
            Err(error.in_file(warning.path().unwrap_or_default(), None))
        }
        _ => Ok(()),
    }
}
