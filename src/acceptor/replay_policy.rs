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
            Self::Memory => Err(super::error::ErrorKind::Setup(super::error::SetupError::ReplayStore).into()),
        }
    }
}
