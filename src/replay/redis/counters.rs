//! What became of the questions, and how long they took.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::RedisStoreError;
use crate::replay::Seen;

/// What became of the questions since the store was made. For an operator's dashboard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisCounters {
    /// Questions that Redis answered with "never seen".
    pub fresh: u64,
    /// Questions that Redis, or this process's own memory, answered with "seen before".
    pub replays: u64,
    /// Questions that Redis did not answer.
    pub failures: u64,
    /// Those of the failures that were answered out of this process's memory and accepted:
    /// [`RedisFailurePolicy::AskLocal`](super::RedisFailurePolicy::AskLocal). Anything but zero means that replay protection was not
    /// shared for a while.
    pub answered_locally: u64,
    /// How long all questions took together, waiting for connections and failures included.
    pub total_time: Duration,
    /// How long the slowest took.
    pub longest_time: Duration,
    /// Why Redis gave no answer the last time that it gave none.
    pub last_failure: Option<RedisStoreError>,
}

/// The same, while it is counted. Nothing but the numbers themselves hangs on their order.
#[derive(Debug, Default)]
pub(super) struct Tally {
    fresh: AtomicU64,
    replays: AtomicU64,
    failures: AtomicU64,
    answered_locally: AtomicU64,
    total_nanos: AtomicU64,
    longest_nanos: AtomicU64,
    last_failure: Mutex<Option<RedisStoreError>>,
}

impl Tally {
    pub(super) fn counters(&self) -> RedisCounters {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RedisCounters {
            fresh: read(&self.fresh),
            replays: read(&self.replays),
            failures: read(&self.failures),
            answered_locally: read(&self.answered_locally),
            total_time: Duration::from_nanos(read(&self.total_nanos)),
            longest_time: Duration::from_nanos(read(&self.longest_nanos)),
            last_failure: self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(super) fn count(&self, answer: &Result<Seen, RedisStoreError>, since: Instant) {
        let count = match answer {
            Ok(Seen::Fresh) => &self.fresh,
            Ok(Seen::Replay { .. }) => &self.replays,
            Err(failure) => {
                *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
                &self.failures
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.total_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.longest_nanos.fetch_max(nanos, Ordering::Relaxed);
    }

    pub(super) fn count_local(&self) {
        self.answered_locally.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_local_replay(&self) {
        self.replays.fetch_add(1, Ordering::Relaxed);
    }
}

/// The one look at a clock: how long a question took and how long a connection was idle. No answer hangs on it.
#[expect(clippy::disallowed_methods, reason = "a latency cannot be an argument; lifetimes come from the caller's time")]
pub(super) fn stopwatch() -> Instant {
    Instant::now()
}
