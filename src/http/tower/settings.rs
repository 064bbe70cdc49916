//! What the caller has set, for all clones of a layer.

use super::acceptors::Acceptors;
use super::around::Around;
use super::hooks::Fallback;
use super::pending::Pending;
use super::refusal::Refusal;
use crate::acceptor::ReplayQuestion;
use crate::http::{NegotiateHeader, Party};
use crate::replay::{ReplayStoreError, Seen};
use crate::time::Timestamp;
use ::http::request::Parts;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

/// How many negotiations may wait. 1,024: few clients need a second token, and each entry holds a context of a few hundred octets.
const PENDING: usize = 1_024;

/// For how long one waits. 60 s: a client answers at once, unless it has to ask its user.
const PENDING_LIFETIME: Duration = Duration::from_secs(60);

/// What a store will say.
pub(super) type StoreAnswer = Pin<Box<dyn Future<Output = Result<Seen, ReplayStoreError>> + Send>>;

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type Store = Arc<dyn Fn(ReplayQuestion) -> StoreAnswer + Send + Sync>;
type BeforehandHook = Arc<dyn Fn(&Parts, &NegotiateHeader) -> Option<Fallback> + Send + Sync>;
type FallbackHook = Arc<dyn Fn(&Parts, &Refusal) -> Fallback + Send + Sync>;

/// What becomes of the client's credentials once they were judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// They stay in the request. A server's default.
    #[default]
    Keep,
    /// They are taken out before the request goes on, so that they do not travel to a backend. A proxy's default.
    Strip,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) party: Party,
    pub(super) acceptors: Acceptors,
    pub(super) credentials: Credentials,
    pub(super) pending: Arc<Pending>,
    pub(super) beforehand: Option<BeforehandHook>,
    pub(super) fallback: Option<FallbackHook>,
    pub(super) store: Option<Store>,
    pub(super) around: Around,
    clock: Clock,
}

impl Settings {
    pub(super) fn new<T: Into<Timestamp>>(acceptors: Acceptors, clock: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self {
            party: Party::Origin,
            acceptors,
            credentials: Credentials::Keep,
            pending: Arc::new(Pending::new(PENDING, PENDING_LIFETIME)),
            beforehand: None,
            fallback: None,
            store: None,
            around: Around::default(),
            clock: Arc::new(move || clock().into()),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(super) fn beforehand(&self, request: &Parts, header: &NegotiateHeader) -> Option<Fallback> {
        self.beforehand.as_ref().and_then(|hook| hook(request, header))
    }

    /// What was decided already, or what the hook says; `None` if there is neither.
    pub(super) fn fallback(&self, request: &Parts, refusal: &Refusal) -> Option<Fallback> {
        refusal.fallback().or_else(|| self.fallback.as_ref().map(|hook| hook(request, refusal)))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("party", &self.party)
            .field("acceptors", &self.acceptors)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
