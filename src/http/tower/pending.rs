//! Negotiations that are half done, by the connection that they are for.

use super::connection::ConnectionId;
use crate::acceptor::{Host, Negotiation};
use crate::time::Timestamp;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Negotiations that wait for the next request of their connection: at most so many, and each for so long.
#[derive(Debug)]
pub(super) struct Pending {
    limit: usize,
    lifetime: Duration,
    /// How many there are, so that nobody locks an empty table.
    count: AtomicUsize,
    table: Mutex<HashMap<ConnectionId, Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    negotiation: Negotiation,
    until: Timestamp,
}

/// There is no room for another negotiation.
#[derive(Debug)]
pub(super) struct Crowded;

impl Pending {
    pub(super) fn new(limit: usize, lifetime: Duration) -> Self {
        Self { limit, lifetime, count: AtomicUsize::new(0), table: Mutex::new(HashMap::new()) }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Takes the negotiation of that connection out, if it was begun for this host and has not expired.
    pub(super) fn take(&self, connection: ConnectionId, host: &Host, now: Timestamp) -> Option<Negotiation> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut table = self.lock();
        let waiting = table.remove(&connection);
        self.count.store(table.len(), Ordering::Relaxed);
        drop(table);
        waiting
            .filter(|waiting| now <= waiting.until && waiting.negotiation.host().is(host))
            .map(|waiting| waiting.negotiation)
    }

    /// Drops the negotiation of that connection.
    pub(super) fn forget(&self, connection: ConnectionId) {
        if self.count.load(Ordering::Relaxed) != 0 {
            let mut table = self.lock();
            drop(table.remove(&connection));
            self.count.store(table.len(), Ordering::Relaxed);
        }
    }

    /// Keeps the negotiation of that connection, of which nothing is kept any more. If the table is full, what has expired makes
    /// room.
    pub(super) fn put(
        &self,
        connection: ConnectionId,
        negotiation: Negotiation,
        now: Timestamp,
    ) -> Result<(), Crowded> {
        let mut table = self.lock();
        if table.len() >= self.limit {
            table.retain(|_, waiting| now <= waiting.until);
        }
        let room = table.len() < self.limit;
        if room {
            table.insert(connection, Waiting { negotiation, until: now.saturating_add(self.lifetime) });
        }
        self.count.store(table.len(), Ordering::Relaxed);
        if room { Ok(()) } else { Err(Crowded) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Waiting>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
