//! What the host can do about the keys of an acceptor that is at work.

use super::change::{KeyChange, KeyEntry, KeyStatus, KeyUse};
use crate::acceptor::{Acceptor, Error};
use crate::keytab::Keytab;
use crate::time::Timestamp;
use alloc::vec::Vec;

/// Other keys under a running server. The acceptor reads no clock, watches no file and starts no thread: the host says when.
///
/// ```no_run
/// use kerbside::Acceptor;
/// use kerbside::keytab::KeytabPaths;
/// use std::time::SystemTime;
///
/// let paths = KeytabPaths::new().file("/etc/http.keytab");
/// let acceptor = Acceptor::builder_from(paths).service("HTTP").build()?;
///
/// // In a thread or task of the host's: at each SIGHUP, or once a minute. A file that has not changed changes nothing.
/// match acceptor.reload(SystemTime::now()) {
///     Ok(change) if change.is_empty() => {}
///     Ok(change) => eprintln!("keytab: {change}"),
///     Err(error) => eprintln!("keytab: {error}; the keys of before stay in force"),
/// }
/// # Ok::<(), kerbside::Error>(())
/// ```
impl Acceptor {
    /// Asks the [source](Self::builder_from) of the keys again.
    ///
    /// All clones of the acceptor have the new keys at once, and an accept that has begun ends with the old ones. Keys that
    /// are not there any more retire: [`retire_after`](crate::AcceptorBuilder::retire_after) says when they are gone, counted
    /// from `now`, which should be of the same clock as that of the accepts. Reloads wait for each other, accepts for none.
    ///
    /// # Errors
    ///
    /// `NoKey.File` for whatever the source refuses, and for keys without any entry; `Setup.KeySource` if the acceptor was
    /// made of a keytab and knows no source. **The keys of before stay in force**, and
    /// [`key_status`](Self::key_status) remembers the failure.
    pub fn reload(&self, now: impl Into<Timestamp>) -> Result<KeyChange, Error> {
        self.settings.keys.reload(now.into(), self.settings.layout())
    }

    /// As [`reload`](Self::reload), with a keytab that the host has at hand.
    ///
    /// # Errors
    ///
    /// `NoKey.File` for a keytab without entries; the keys of before then stay in force.
    pub fn replace_keytab(&self, keytab: Keytab, now: impl Into<Timestamp>) -> Result<KeyChange, Error> {
        self.settings.keys.replace(keytab, now.into(), self.settings.layout())
    }

    /// Ends the window of all keys that retire, at once: for a key that has leaked, after a keytab without it was loaded.
    pub fn drop_retired_keys(&self) -> Vec<KeyEntry> {
        self.settings.keys.drop_retired(self.settings.layout())
    }

    /// When keys were last loaded, and when and why an attempt failed.
    #[must_use]
    pub fn key_status(&self) -> KeyStatus {
        self.settings.keys.status()
    }

    /// Which entries are still in use: those of the keytab in its order, then those that retire. The counts of an entry last
    /// until it is dropped.
    ///
    /// An entry whose `accepted` no longer grows can be taken out of the keytab.
    #[must_use]
    pub fn key_use(&self) -> Vec<KeyUse> {
        self.settings.keys.key_use()
    }
}
