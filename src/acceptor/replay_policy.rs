//! What remembers the authenticators that were presented.

use super::error::Error;
use crate::replay::ReplayStore;
use alloc::sync::Arc;
use core::fmt;

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
    /// The caller asks a store of its own, which may have to be awaited: each negotiation stops at
    /// [`Step::CheckReplay`](super::Step::CheckReplay). [`Acceptor::accept`](super::Acceptor::accept) cannot stop, and refuses.
    Ask,
    /// None: whoever can read a token can present it again until the skew has passed.
    Off,
}

impl fmt::Debug for ReplayPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "Memory",
            Self::Store(_) => "Store",
            Self::Ask => "Ask",
            Self::Off => "Off",
        })
    }
}

/// Who answers whether an authenticator was seen before.
pub(super) enum Replay {
    /// This store, in place.
    Store(Arc<dyn ReplayStore>),
    /// The caller, later.
    Ask,
    /// Nobody.
    Off,
}

impl ReplayPolicy {
    /// Who answers under this policy.
    pub(super) fn into_replay(self) -> Result<Replay, Error> {
        match self {
            Self::Store(store) => Ok(Replay::Store(store)),
            Self::Ask => Ok(Replay::Ask),
            Self::Off => Ok(Replay::Off),
            #[cfg(feature = "std")]
            Self::Memory => Ok(Replay::Store(Arc::new(crate::replay::MemoryReplayStore::default()))),
            #[cfg(not(feature = "std"))]
            Self::Memory => Err(super::error::ErrorKind::Setup(super::error::SetupError::ReplayStore).into()),
        }
    }
}
