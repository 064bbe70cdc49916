//! The store whose calls are awaited.

use core::fmt;
use core::future::Future;
use core::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::counters::stopwatch;
use super::front::Front;
use super::{RedisCounters, RedisReplayStoreBuilder, RedisServer, RedisStoreError, question};
use crate::replay::{ReplayKey, ReplayStoreError, Seen};
use crate::time::Timestamp;

/// Remembers authenticators on a Redis or Valkey server, for tasks of tokio.
///
/// One connection carries the questions of all tasks. It goes with the acceptor's pending step, at which no thread waits:
///
/// ```no_run
/// use kerbside::replay::redis::{RedisReplayStore, TokioRedisReplayStore};
/// use kerbside::{Acceptor, Error, Step};
/// use std::time::SystemTime;
///
/// // The acceptor is built with `ReplayPolicy::Ask`.
/// async fn login(acceptor: &Acceptor, store: &TokioRedisReplayStore, token: &[u8]) -> Result<Step, Error> {
///     let mut negotiation = acceptor.negotiate();
///     match negotiation.step(token, SystemTime::now())? {
///         Step::CheckReplay(question) => {
///             let answer = store.check_and_insert(question.key(), question.now(), question.keep_until()).await;
///             negotiation.resume(answer, SystemTime::now())
///         }
///         step => Ok(step),
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisReplayStore::builder("redis://replay.example.com").build_tokio()?;
/// # Ok(())
/// # }
/// ```
///
/// It needs tokio's runtime with its timers and input and output enabled. A process that forks makes both after that.
#[cfg_attr(docsrs, doc(cfg(feature = "redis-tokio")))]
pub struct TokioRedisReplayStore {
    client: Client,
    line: Mutex<Line>,
    front: Front,
}

/// The connection that all tasks share, if there is one, and how many there were.
#[derive(Default)]
struct Line {
    connection: Option<MultiplexedConnection>,
    number: u64,
}

impl TokioRedisReplayStore {
    pub(super) fn from_builder(builder: RedisReplayStoreBuilder) -> Result<Self, RedisStoreError> {
        Ok(Self { client: builder.client()?, line: Mutex::default(), front: Front::new(builder.settings) })
    }

    /// As [`ReplayStore::check_and_insert`](crate::replay::ReplayStore::check_and_insert). Takes at most the answer timeout and twice
    /// the connect timeout.
    ///
    /// A call that is dropped before it is done may have been remembered by the server: its login must be refused.
    ///
    /// # Errors
    ///
    /// As the trait's.
    pub async fn check_and_insert(
        &self,
        key: &ReplayKey,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Seen, ReplayStoreError> {
        if let Some(seen) = self.front.before(key, now, keep_until)? {
            return Ok(seen);
        }
        let since = stopwatch();
        self.front.after(self.ask(key, now, keep_until).await, since)
    }

    /// Opens a connection, which then serves the logins, and tells what the server says about itself.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError`], if a login would not be answered.
    pub async fn probe(&self) -> Result<RedisServer, RedisStoreError> {
        self.within_connect_timeout(async {
            let mut line = self.line.lock().await;
            let (connection, server) = self.dial().await?;
            line.replace(connection);
            Ok(server)
        })
        .await
    }

    /// What became of the questions so far, and how long they took.
    #[must_use]
    pub fn counters(&self) -> RedisCounters {
        self.front.tally.counters()
    }

    async fn ask(&self, key: &ReplayKey, now: Timestamp, keep_until: Timestamp) -> Result<Seen, RedisStoreError> {
        let settings = &self.front.settings;
        let command = question::command(&settings.prefix, key, now, keep_until);
        let (mut connection, number) = self.within_connect_timeout(self.connection()).await?;
        let limit = settings.answer_timeout;
        let seen = match timeout(limit, command.query_async(&mut connection)).await {
            Ok(Ok(answer)) => question::seen(&answer),
            Ok(Err(error)) => Err(RedisStoreError::asking(&error, limit)),
            Err(_) => Err(RedisStoreError::AnswerTimedOut { limit }),
        };
        if seen.as_ref().is_err_and(|failure| !failure.leaves_the_connection()) {
            self.line.lock().await.hang_up(number);
        }
        seen
    }

    /// The connection that is there, or a new one. Tasks that find none wait for the one that opens it.
    async fn connection(&self) -> Result<(MultiplexedConnection, u64), RedisStoreError> {
        let mut line = self.line.lock().await;
        if let Some(connection) = &line.connection {
            return Ok((connection.clone(), line.number));
        }
        let (connection, _) = self.dial().await?;
        line.replace(connection.clone());
        Ok((connection, line.number))
    }

    async fn dial(&self) -> Result<(MultiplexedConnection, RedisServer), RedisStoreError> {
        let settings = &self.front.settings;
        let connecting = |error| RedisStoreError::connecting(&error, settings.connect_timeout);
        // The bounds are this store's own.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let mut connection =
            self.client.get_multiplexed_async_connection_with_config(&config).await.map_err(connecting)?;
        let server = RedisServer::read(redis::cmd("INFO").query_async(&mut connection).await).map_err(connecting)?;
        server.judge(settings.eviction)?;
        Ok((connection, server))
    }

    async fn within_connect_timeout<T>(
        &self,
        work: impl Future<Output = Result<T, RedisStoreError>>,
    ) -> Result<T, RedisStoreError> {
        let limit: Duration = self.front.settings.connect_timeout;
        timeout(limit, work).await.unwrap_or(Err(RedisStoreError::ConnectTimedOut { limit }))
    }
}

impl Line {
    fn replace(&mut self, connection: MultiplexedConnection) {
        self.connection = Some(connection);
        self.number = self.number.wrapping_add(1);
    }

    /// Unless another task has opened a new one already.
    fn hang_up(&mut self, number: u64) {
        if self.number == number {
            self.connection = None;
        }
    }
}

/// Its settings, without the URL, which may hold a password.
impl fmt::Debug for TokioRedisReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.front.settings.fmt(f)
    }
}
