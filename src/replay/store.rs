//! The seam between the acceptor and whatever remembers authenticators.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::error::Error;

use super::ReplayKey;
use crate::time::Timestamp;

/// Remembers which authenticators were presented.
///
/// An implementation must hold to this, or a replay is accepted:
///
/// - **Atomic.** Of any number of simultaneous calls with one key, exactly one answers [`Seen::Fresh`] (step R-3). Look
///   up and insert under one lock, or in one statement of the database.
/// - **Faithful.** An entry is found as long as `now` is not later than its `keep_until`. It is never dropped earlier to
///   make room: answer [`ReplayStoreError::Full`] instead (step R-5).
/// - **Whole.** All 32 octets of the key count.
///
/// The call must come to an end: the login waits for it. It may panic, and the panic reaches the caller of the acceptor;
/// nothing is accepted then. A store that has to be awaited is asked through the acceptor's pending step instead.
pub trait ReplayStore: Send + Sync {
    /// Looks for `key` and remembers it until `keep_until`, in one step.
    ///
    /// `now` is the acceptor's time of arrival. It may go back from one call to the next.
    ///
    /// # Errors
    ///
    /// [`ReplayStoreError::Full`] if there is no room for another live entry, [`ReplayStoreError::Failed`] if the store
    /// cannot answer. Both refuse the login (step R-6).
    fn check_and_insert(
        &self,
        key: &ReplayKey,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Seen, ReplayStoreError>;
}

impl<S: ReplayStore + ?Sized> ReplayStore for Arc<S> {
    fn check_and_insert(
        &self,
        key: &ReplayKey,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Seen, ReplayStoreError> {
        S::check_and_insert(self, key, now, keep_until)
    }
}

/// A store's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a replay that nobody looks at is an accepted replay"]
#[expect(clippy::exhaustive_enums, reason = "a third answer would have to break every acceptor that knows two")]
pub enum Seen {
    /// Never seen within its lifetime, and remembered from now on.
    Fresh,
    /// Seen before: KRB_AP_ERR_REPEAT (RFC 4120 §3.2.3, step R-7).
    Replay {
        /// The `now` of the call that was answered [`Seen::Fresh`].
        first_seen: Timestamp,
    },
}

/// Why a store gave no answer. Either way the login is refused (step R-6).
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayStoreError {
    /// As many live entries as the bound allows. Entries are never dropped early (step R-5): room comes with time.
    #[error("the replay store is full with {entries} live entries")]
    Full {
        /// The bound.
        entries: usize,
    },
    /// The store is broken or out of reach.
    #[error("the replay store failed")]
    Failed(#[source] Arc<dyn Error + Send + Sync>),
}

impl ReplayStoreError {
    /// A failure with its cause: an error, or a text.
    #[must_use]
    pub fn failed(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(Arc::from(cause.into()))
    }
}
