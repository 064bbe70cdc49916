//! The store whose calls block.

use alloc::string::String;
use core::fmt;

use super::counters::stopwatch;
use super::front::Front;
use super::pool::Pool;
use super::{RedisCounters, RedisReplayStoreBuilder, RedisServer, RedisStoreError, question};
use crate::replay::{ReplayKey, ReplayStore, ReplayStoreError, Seen};
use crate::time::Timestamp;

/// Remembers authenticators on a Redis or Valkey server, for all processes and machines with the same key.
///
/// The login's thread waits for the answer: one exchange with the server, on a connection from a small pool, never longer
/// than the timeouts. Where no thread may wait, see `TokioRedisReplayStore` of the feature `redis-tokio`. A child process opens
/// connections of its own. What each choice of the server's settings protects against stands in the
/// [module's documentation](super).
///
/// ```no_run
/// use kerbside::replay::redis::RedisReplayStore;
/// use kerbside::{Acceptor, Keytab, ReplayPolicy};
/// use std::sync::Arc;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(RedisReplayStore::builder("redis+unix:///run/redis/redis.sock").build()?);
/// println!("{:?}", store.probe()?); // at the start, rather than with the first login
///
/// let acceptor = Acceptor::builder(Keytab::from_file("http.keytab")?)
///     .service("HTTP")
///     .replay(ReplayPolicy::Store(store.clone()))
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub struct RedisReplayStore {
    pool: Pool,
    front: Front,
}

impl RedisReplayStore {
    /// A store in the making, on the server of that URL: `redis://user:password@host:port/db`,
    /// `redis+unix:///path?db=1&user=…&pass=…`, or `rediss://…` for TLS if the `redis` crate is built with it.
    pub fn builder(url: impl Into<String>) -> RedisReplayStoreBuilder {
        RedisReplayStoreBuilder::new(url.into())
    }

    pub(super) fn from_builder(builder: RedisReplayStoreBuilder) -> Result<Self, RedisStoreError> {
        Ok(Self { pool: Pool::new(builder.client()?), front: Front::new(builder.settings) })
    }

    /// Opens a connection as a login would, and tells what the server says about itself.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError`], if a login would not be answered.
    pub fn probe(&self) -> Result<RedisServer, RedisStoreError> {
        self.pool.probe(&self.front.settings)
    }

    /// What became of the questions so far, and how long they took.
    #[must_use]
    pub fn counters(&self) -> RedisCounters {
        self.front.tally.counters()
    }

    fn ask(&self, key: &ReplayKey, now: Timestamp, keep_until: Timestamp) -> Result<Seen, RedisStoreError> {
        let settings = &self.front.settings;
        let command = question::command(&settings.prefix, key, now, keep_until);
        self.pool.ask(settings, |connection| {
            let answer = command.query(connection);
            question::seen(&answer.map_err(|error| RedisStoreError::asking(&error, settings.answer_timeout))?)
        })
    }
}

impl ReplayStore for RedisReplayStore {
    /// As the trait says. Blocks for at most twice the answer timeout and, for a new connection, twice the connect timeout for
    /// each address of the server's name.
    fn check_and_insert(
        &self,
        key: &ReplayKey,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Seen, ReplayStoreError> {
        if let Some(seen) = self.front.before(key, now, keep_until)? {
            return Ok(seen);
        }
        let since = stopwatch();
        self.front.after(self.ask(key, now, keep_until), since)
    }
}

/// Its settings, without the URL, which may hold a password.
impl fmt::Debug for RedisReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.front.settings.fmt(f)
    }
}
