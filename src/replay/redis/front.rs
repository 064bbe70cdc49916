//! What both forms of the store do before and after Redis is asked.

use std::time::Instant;

use super::counters::Tally;
use super::settings::Settings;
use super::{RedisFailurePolicy, RedisStoreError};
use crate::replay::{ReplayKey, ReplayStore as _, ReplayStoreError, Seen};
use crate::time::Timestamp;

/// The settings, and what is counted.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) settings: Settings,
    pub(super) tally: Tally,
}

impl Front {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, tally: Tally::default() }
    }

    /// Asks this process's memory, if there is one to fall back to: it must know all that was accepted here before it is
    /// needed. `Some` if it knows the key, and Redis need not be asked.
    pub(super) fn before(
        &self,
        key: &ReplayKey,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Option<Seen>, ReplayStoreError> {
        let RedisFailurePolicy::AskLocal(local) = &self.settings.failure else { return Ok(None) };
        let seen = local.check_and_insert(key, now, keep_until)?;
        if seen == Seen::Fresh {
            return Ok(None);
        }
        self.tally.count_local_replay();
        Ok(Some(seen))
    }

    /// Counts what Redis said. If it said nothing, the policy answers.
    pub(super) fn after(
        &self,
        answer: Result<Seen, RedisStoreError>,
        since: Instant,
    ) -> Result<Seen, ReplayStoreError> {
        self.tally.count(&answer, since);
        match (answer, &self.settings.failure) {
            (Ok(seen), _) => Ok(seen),
            (Err(failure), RedisFailurePolicy::Refuse) => Err(failure.into()),
            // The memory was asked before, and did not know it.
            (Err(_), RedisFailurePolicy::AskLocal(_)) => {
                self.tally.count_local();
                Ok(Seen::Fresh)
            }
        }
    }
}
