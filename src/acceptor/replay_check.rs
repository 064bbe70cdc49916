//! Seen before? Asked last, once, when the answer alone decides (steps ).

use super::checks::AuthenticatorOpened;
use super::error::{Error, ErrorKind, ReplayStoreProblem};
use crate::messages::EncryptedData;
use crate::replay::{ReplayKey, ReplayStore, ReplayStoreError, Seen, keep_until};
use crate::time::Timestamp;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::error::Error as _;
use core::fmt;
use core::time::Duration;

/// What remembers the authenticators that were presented (section 13 of the acceptance order).
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ReplayPolicy {
    /// A store in the memory of this process, made with the acceptor and shared by its clones. Other processes with the same
    /// key do not see it.
    #[default]
    Memory,
    /// The caller's store, shared with whoever has the same key.
    Store(Arc<dyn ReplayStore>),
    /// None: whoever can read a token can present it again until the skew has passed.
    Off,
}

impl fmt::Debug for ReplayPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "Memory",
            Self::Store(_) => "Store",
            Self::Off => "Off",
        })
    }
}

impl ReplayPolicy {
    /// The store that the policy asks for; `None` if it asks for none.
    pub(super) fn into_store(self) -> Result<Option<Arc<dyn ReplayStore>>, Error> {
        match self {
            Self::Store(store) => Ok(Some(store)),
            Self::Off => Ok(None),
            #[cfg(feature = "std")]
            Self::Memory => Ok(Some(Arc::new(crate::replay::MemoryReplayStore::default()))),
            #[cfg(not(feature = "std"))]
            Self::Memory => Err(ErrorKind::Setup(super::error::SetupError::ReplayStore).into()),
        }
    }
}

/// Proof of step R-7, or of the caller's word that nobody shall ask.
pub(super) struct NotReplayed(());

/// RFC 4120 §3.2.3: "The server MUST utilize a replay cache to remember any authenticator presented within the allowable
/// clock skew."
pub(super) fn check_replay(
    store: Option<&Arc<dyn ReplayStore>>,
    authenticator: &AuthenticatorOpened<'_>,
    encrypted: &EncryptedData<'_>,
    now: Timestamp,
    skew: Duration,
) -> Result<NotReplayed, Error> {
    let Some(store) = store else { return Ok(NotReplayed(())) };
    let key = ReplayKey::new(authenticator.session_key().enctype(), encrypted.cipher);
    match store.check_and_insert(&key, now, keep_until(now, authenticator.time(), skew)) {
        Ok(Seen::Fresh) => Ok(NotReplayed(())),
        Ok(Seen::Replay { first_seen }) => Err(ErrorKind::Replay { first_seen }.into()),
        Err(ReplayStoreError::Full { entries }) => {
            Err(ErrorKind::ReplayStore(ReplayStoreProblem::Full { entries }).into())
        }
        Err(failed) => {
            let cause = failed.source().map_or_else(|| failed.to_string(), ToString::to_string);
            Err(ErrorKind::ReplayStore(ReplayStoreProblem::Failed { cause }).into())
        }
    }
}
