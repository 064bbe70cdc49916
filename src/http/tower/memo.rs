//! What was decided about one request.

use super::authenticated::Authenticated;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was decided about one request, for when it comes through the layer again: after a retry, or an internal redirect.
///
/// A token is accepted once. A request that is sent through the layer a second time, with the same token, would be a
/// replay of itself. Put a new memo into the extensions of each request, outside of whatever clones and repeats it; all clones
/// share it. The second time is then answered as the first: one acceptance, one remembered result. Clones that come side by
/// side are one request too, but where the replay store is awaited: there the second one is a replay while the first one waits.
///
/// Where the repetition happens inside of the layer there is nothing to do: [`Authenticated`] travels with the request.
///
/// **Never share one among requests**, of one connection for example: who repeats a token there would be believed.
#[derive(Clone, Default)]
pub struct RequestMemo {
    /// One for each acceptor that has accepted it.
    accepted: Arc<Mutex<Vec<Authenticated>>>,
}

impl RequestMemo {
    /// A memo of a request about which nothing was decided.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Authenticated>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RequestMemo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestMemo(accepted by {})", self.lock().len())
    }
}
