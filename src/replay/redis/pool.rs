//! Connections for threads that come at once.

use alloc::vec::Vec;
use core::time::Duration;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use redis::{Client, Connection};

use super::counters::stopwatch;
use super::settings::Settings;
use super::{RedisServer, RedisStoreError};

/// A connection that nobody has used for so long may be dead without anyone's knowing: firewalls forget idle ones after
/// some minutes. A new one costs less than a login refused.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// Up to so many connections. Each is used by one thread at a time.
pub(super) struct Pool {
    client: Client,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    /// Whose connections these are.
    process: u32,
    /// Ready to be asked, the last used at the end.
    idle: Vec<Idle>,
    /// In use by a thread, or being opened by it.
    lent: usize,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// The right to use one connection. It ends also when the thread panics.
struct Place<'p> {
    pool: &'p Pool,
}

impl Pool {
    pub(super) fn new(client: Client) -> Self {
        Self { client, state: Mutex::default(), returned: Condvar::new() }
    }

    /// Asks on a connection that is idle, or on a new one. Never twice.
    pub(super) fn ask<T>(
        &self,
        settings: &Settings,
        question: impl FnOnce(&mut Connection) -> Result<T, RedisStoreError>,
    ) -> Result<T, RedisStoreError> {
        let place = self.place(settings)?;
        let mut connection = match place.idle() {
            Some(connection) => connection,
            None => self.dial(settings)?.0,
        };
        let answer = question(&mut connection);
        match &answer {
            Err(failure) if !failure.leaves_the_connection() => place.forget(failure),
            _ => place.give_back(connection),
        }
        answer
    }

    /// Opens a connection, whatever is idle, and hears what its server says about itself.
    pub(super) fn probe(&self, settings: &Settings) -> Result<RedisServer, RedisStoreError> {
        let place = self.place(settings)?;
        let (connection, server) = self.dial(settings)?;
        place.give_back(connection);
        Ok(server)
    }

    fn place(&self, settings: &Settings) -> Result<Place<'_>, RedisStoreError> {
        let limit = settings.answer_timeout;
        let taken = |state: &mut State| state.lent >= settings.connections;
        let (mut state, _) =
            self.returned.wait_timeout_while(self.lock(), limit, taken).unwrap_or_else(PoisonError::into_inner);
        if taken(&mut state) {
            return Err(RedisStoreError::Busy { connections: settings.connections, limit });
        }
        state.lent = state.lent.saturating_add(1);
        Ok(Place { pool: self })
    }

    fn dial(&self, settings: &Settings) -> Result<(Connection, RedisServer), RedisStoreError> {
        let limit = settings.connect_timeout;
        let connecting = |error| RedisStoreError::connecting(&error, limit);
        let mut connection = self.client.get_connection_with_timeout(limit).map_err(connecting)?;
        connection.set_read_timeout(Some(limit)).map_err(connecting)?;
        connection.set_write_timeout(Some(settings.answer_timeout)).map_err(connecting)?;
        let server = RedisServer::read(redis::cmd("INFO").query(&mut connection)).map_err(connecting)?;
        server.judge(settings.eviction)?;
        connection.set_read_timeout(Some(settings.answer_timeout)).map_err(connecting)?;
        Ok((connection, server))
    }

    /// A list of connections and a number are whole at any time, so a panic elsewhere leaves nothing in doubt.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.belong_to(std::process::id());
        state
    }
}

impl State {
    /// A child process has its parent's connections too. It must not ask on them: each could read the other's answer, and take
    /// "never seen" for its own.
    fn belong_to(&mut self, process: u32) {
        if self.process != process {
            *self = Self { process, ..Self::default() };
        }
    }
}

impl Place<'_> {
    /// The connection that was used last, and so is the least likely to be dead.
    fn idle(&self) -> Option<Connection> {
        let mut state = self.pool.lock();
        let idle = state.idle.pop()?;
        if idle.since.elapsed() < IDLE_LIMIT {
            return Some(idle.connection);
        }
        // The others have been idle for longer.
        let stale = core::mem::take(&mut state.idle);
        drop(state);
        drop(stale);
        None
    }

    fn give_back(self, connection: Connection) {
        self.pool.lock().idle.push(Idle { connection, since: stopwatch() });
    }

    /// Lets the connection go, and with one that was lost all that are idle: the server that is gone had them too, and each
    /// would cost another login to find out.
    fn forget(self, failure: &RedisStoreError) {
        if matches!(failure, RedisStoreError::Lost { .. } | RedisStoreError::ReadOnly) {
            let gone = core::mem::take(&mut self.pool.lock().idle);
            drop(gone);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.lent = state.lent.saturating_sub(1);
        drop(state);
        self.pool.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use std::net::TcpListener;

    #[test]
    fn a_connection_that_was_idle_for_a_minute_is_not_asked_nor_are_older_ones() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::open(format!("redis://{}", listener.local_addr().unwrap())).unwrap();
        let silent = client.get_connection_info().redis_settings().clone().set_skip_set_lib_name();
        let client = Client::open(client.get_connection_info().clone().set_redis_settings(silent)).unwrap();
        let pool = Pool::new(client.clone());
        let place = Place { pool: &pool };
        let put_back = |seconds| {
            let since = stopwatch().checked_sub(Duration::from_secs(seconds)).unwrap();
            pool.lock().idle.push(Idle { connection: client.get_connection().unwrap(), since });
        };
        put_back(70);
        put_back(59);
        assert!(place.idle().is_some());
        put_back(61);
        assert!(place.idle().is_none());
        assert_eq!(pool.lock().idle.len(), 0);
    }
}
