//! Seen before? Asked last, once, when the answer alone decides (steps ).

use super::AuthenticatorOpened;
use crate::acceptor::error::{Error, ErrorKind, ReplayStoreProblem};
use crate::acceptor::replay_policy::Replay;
use crate::messages::EncryptedData;
use crate::replay::{ReplayKey, ReplayStoreError, Seen, keep_until};
use crate::time::Timestamp;
use alloc::string::ToString;
use core::error::Error as _;
use core::time::Duration;

/// What a store is asked about one authenticator: the arguments of
/// [`ReplayStore::check_and_insert`](crate::replay::ReplayStore::check_and_insert).
#[derive(Debug, Clone, Copy)]
pub struct ReplayQuestion {
    key: ReplayKey,
    now: Timestamp,
    keep_until: Timestamp,
}

impl ReplayQuestion {
    /// Steps: the whole ciphertext, and as long as it could be accepted again.
    pub(in crate::acceptor) fn about(
        authenticator: &AuthenticatorOpened<'_>,
        encrypted: &EncryptedData<'_>,
        now: Timestamp,
        skew: Duration,
    ) -> Self {
        let key = ReplayKey::new(authenticator.session_key().enctype(), encrypted.cipher);
        Self { key, now, keep_until: keep_until(now, authenticator.time(), skew) }
    }

    /// What the authenticator is known by.
    #[must_use]
    pub fn key(&self) -> &ReplayKey {
        &self.key
    }

    /// When it arrived.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Until when it must be remembered.
    #[must_use]
    pub fn keep_until(&self) -> Timestamp {
        self.keep_until
    }
}

/// Proof of step R-7, or of the caller's word that nobody shall ask.
pub(in crate::acceptor) struct NotReplayed(());

/// RFC 4120 §3.2.3: "The server MUST utilize a replay cache to remember any authenticator presented within the allowable
/// clock skew." `None` if the caller has to be asked, and will bring the answer to [`judge_answer`].
pub(in crate::acceptor) fn check_replay(
    replay: &Replay,
    question: &ReplayQuestion,
) -> Result<Option<NotReplayed>, Error> {
    match replay {
        Replay::Ask => Ok(None),
        Replay::Off => Ok(Some(NotReplayed(()))),
        Replay::Store(store) => {
            judge_answer(store.check_and_insert(&question.key, question.now, question.keep_until)).map(Some)
        }
    }
}

/// Steps: what a store's answer means.
pub(in crate::acceptor) fn judge_answer(answer: Result<Seen, ReplayStoreError>) -> Result<NotReplayed, Error> {
    match answer {
        Ok(Seen::Fresh) => Ok(NotReplayed(())),
        Ok(Seen::Replay { first_seen }) => Err(ErrorKind::Replay { first_seen }.into()),
        Err(ReplayStoreError::Full { entries }) => {
            Err(ErrorKind::ReplayStore(ReplayStoreProblem::Full { entries }).into())
        }
        Err(failed) => {
            let cause = failed.source().map_or_else(|| failed.to_string(), ToString::to_string);
            Err(ErrorKind::ReplayStore(ReplayStoreProblem::Failed { cause }).into())
        }
    }
}
