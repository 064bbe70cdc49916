//! Seen before? Asked last, once, when the answer alone decides (steps ).

use super::AuthenticatorOpened;
use crate::acceptor::error::{Error, ErrorKind, ReplayStoreProblem};
use crate::messages::EncryptedData;
use crate::replay::{ReplayKey, ReplayStore, ReplayStoreError, Seen, keep_until};
use crate::time::Timestamp;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::error::Error as _;
use core::time::Duration;

/// What the store is asked about one authenticator.
pub(in crate::acceptor) struct ReplayQuestion {
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
}

/// Proof of step R-7, or of the caller's word that nobody shall ask.
pub(in crate::acceptor) struct NotReplayed(());

/// RFC 4120 §3.2.3: "The server MUST utilize a replay cache to remember any authenticator presented within the allowable
/// clock skew."
pub(in crate::acceptor) fn check_replay(
    store: Option<&Arc<dyn ReplayStore>>,
    question: &ReplayQuestion,
) -> Result<NotReplayed, Error> {
    let Some(store) = store else { return Ok(NotReplayed(())) };
    match store.check_and_insert(&question.key, question.now, question.keep_until) {
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
