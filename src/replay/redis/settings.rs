//! What a store on Redis is told before it is used.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use super::{RedisReplayStore, RedisStoreError};
use crate::replay::MemoryReplayStore;

/// What happens to a login about which Redis says nothing.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum RedisFailurePolicy {
    /// It is refused with `ReplayStore.Failed` (step R-6). While Redis is away, nobody logs in.
    #[default]
    Refuse,
    /// The memory of this process answers instead, and [`RedisCounters::answered_locally`](super::RedisCounters) counts it.
    ///
    /// While Redis is away, a token that was accepted **by another process** or machine, or by this one before it started
    /// anew, is accepted here once more; after Redis is back, so is a token that was accepted here meanwhile, at every
    /// other process. Whoever can cut the acceptors off from Redis can bring that about. What this process itself has
    /// accepted stays refused here: its memory is asked about every login, before Redis is.
    AskLocal(Arc<MemoryReplayStore>),
}

/// What is done about a server that may forget entries before their time (step R-5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvictionPolicy {
    /// It is not asked: [`RedisStoreError::Evicts`]. Nor is a server that does not say.
    #[default]
    Refuse,
    /// It is asked all the same. Under memory pressure it forgets entries, and their tokens are accepted again: watch
    /// [`RedisServer::evicted_keys`](super::RedisServer::evicted_keys).
    Allow,
}

/// A store on Redis in the making: see [`RedisReplayStore::builder`].
#[derive(Clone)]
#[must_use = "nothing is connected until the store is built and asked"]
pub struct RedisReplayStoreBuilder {
    pub(super) url: String,
    pub(super) settings: Settings,
}

/// What both forms of the store are told.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) prefix: String,
    pub(super) connections: usize,
    pub(super) connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) eviction: EvictionPolicy,
    pub(super) failure: RedisFailurePolicy,
}

impl RedisReplayStoreBuilder {
    /// [`prefix`](Self::prefix) unless set.
    pub const DEFAULT_PREFIX: &'static str = "kerbside:replay:";

    /// [`connections`](Self::connections) unless set. A server answers in some 50 µs, so one connection carries thousands
    /// of logins in a second; sixteen are for threads that come at once.
    pub const DEFAULT_CONNECTIONS: usize = 16;

    /// [`connect_timeout`](Self::connect_timeout) and [`answer_timeout`](Self::answer_timeout) unless set: one second, which
    /// a browser's user hardly notices and a healthy server in the same building is far below.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

    pub(super) fn new(url: String) -> Self {
        let settings = Settings {
            prefix: Self::DEFAULT_PREFIX.into(),
            connections: Self::DEFAULT_CONNECTIONS,
            connect_timeout: Self::DEFAULT_TIMEOUT,
            answer_timeout: Self::DEFAULT_TIMEOUT,
            eviction: EvictionPolicy::default(),
            failure: RedisFailurePolicy::default(),
        };
        Self { url, settings }
    }

    /// What the names of all entries begin with. The same for all acceptors of a key; services with different keys may
    /// share one, as their tokens have different names anyhow.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = prefix.into();
        self
    }

    /// How many connections the blocking form opens at most, at least one. Threads beyond that wait for one, at most
    /// as long as for an answer. The awaited form has one, which all tasks share.
    pub fn connections(mut self, connections: usize) -> Self {
        self.settings.connections = connections.max(1);
        self
    }

    /// How long it may take until a new connection is ready to be asked. At least a millisecond.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit.max(SHORTEST);
        self
    }

    /// How long a question may wait for a connection that is in use, and how long for its answer. At least a millisecond.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.settings.answer_timeout = limit.max(SHORTEST);
        self
    }

    /// What is done about a server that may forget entries early.
    pub fn eviction(mut self, policy: EvictionPolicy) -> Self {
        self.settings.eviction = policy;
        self
    }

    /// What happens to a login about which Redis says nothing.
    pub fn on_failure(mut self, policy: RedisFailurePolicy) -> Self {
        self.settings.failure = policy;
        self
    }

    /// The blocking form. It connects when it is first asked: [`RedisReplayStore::probe`] does so at once.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError::Url`].
    pub fn build(self) -> Result<RedisReplayStore, RedisStoreError> {
        RedisReplayStore::from_builder(self)
    }

    /// The awaited form. It connects when it is first asked: `probe` does so at once.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError::Url`].
    #[cfg(feature = "redis-tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "redis-tokio")))]
    pub fn build_tokio(self) -> Result<super::TokioRedisReplayStore, RedisStoreError> {
        super::TokioRedisReplayStore::from_builder(self)
    }

    pub(super) fn client(&self) -> Result<redis::Client, RedisStoreError> {
        redis::Client::open(self.url.as_str()).map_err(|error| RedisStoreError::url(&error))
    }
}

/// A timeout of zero is none to the operating system.
const SHORTEST: Duration = Duration::from_millis(1);

/// Without the URL, which may hold a password.
impl fmt::Debug for RedisReplayStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplayStore")
            .field("prefix", &self.prefix)
            .field("connections", &self.connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("answer_timeout", &self.answer_timeout)
            .field("eviction", &self.eviction)
            .field("on_failure", &self.failure)
            .finish_non_exhaustive()
    }
}
