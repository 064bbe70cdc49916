//! Who sent a request.

use crate::acceptor::{Accepted, DelegatedCredentials, EvidenceTicket, Host};
use crate::http::{Answer, Party};
use crate::principal::Principal;
use crate::time::KerberosTime;
use ::http::HeaderValue;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use std::sync::{Mutex, PoisonError};

/// Who sent a request, in its extensions. Only the layer can make one, of an accepted token.
///
/// A clone is the same: it costs a counter.
#[derive(Clone)]
pub struct Authenticated {
    inner: Arc<Inner>,
}

struct Inner {
    /// As it comes: it is large, and is not moved again.
    accepted: Box<Accepted>,
    delegated: Mutex<Option<DelegatedCredentials>>,
    evidence: Mutex<Option<EvidenceTicket>>,
    final_token: Option<HeaderValue>,
    origin: Origin,
}

/// What it was made of: it stands for nothing else.
pub(super) struct Origin {
    pub(super) party: Party,
    pub(super) host: Host,
    pub(super) token: Vec<u8>,
}

impl Authenticated {
    pub(super) fn new(mut accepted: Box<Accepted>, origin: Origin) -> Self {
        let answer = Answer::accepted(origin.party, accepted.reply());
        // The text becomes the value as it lies in memory, and clones of the value share it.
        let final_token = answer.into_value().and_then(|value| HeaderValue::from_maybe_shared(Bytes::from(value)).ok());
        Self {
            inner: Arc::new(Inner {
                delegated: Mutex::new(accepted.take_delegated_credentials()),
                evidence: Mutex::new(accepted.take_evidence_ticket()),
                accepted,
                final_token,
                origin,
            }),
        }
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Principal {
        self.inner.accepted.client()
    }

    /// When the client's ticket ends. A session that begins with this request should not outlive it.
    #[must_use]
    pub fn expires(&self) -> KerberosTime {
        self.inner.accepted.ticket_times().endtime
    }

    /// Everything else that the accepted token says, but what is [taken](Self::take_delegated_credentials) once.
    #[must_use]
    pub fn accepted(&self) -> &Accepted {
        &self.inner.accepted
    }

    /// Hands the delegated credentials over, if the acceptor was [to accept them](crate::AcceptorBuilder::accept_delegation):
    /// once among all clones.
    #[must_use = "what is not kept is wiped"]
    pub fn take_delegated_credentials(&self) -> Option<DelegatedCredentials> {
        take(&self.inner.delegated)
    }

    /// Hands the client's ticket over, if the acceptor was [to keep it](crate::AcceptorBuilder::keep_evidence_ticket): once
    /// among all clones.
    #[must_use = "what is not kept is wiped"]
    pub fn take_evidence_ticket(&self) -> Option<EvidenceTicket> {
        take(&self.inner.evidence)
    }

    /// The value of the header that goes with the response.
    pub(super) fn final_token(&self) -> Option<&HeaderValue> {
        self.inner.final_token.as_ref()
    }

    /// Whether it was made for this party, with this acceptor, of this token; `None` stands for any.
    pub(super) fn is_of(&self, party: Party, host: &Host, token: Option<&[u8]>) -> bool {
        let origin = &self.inner.origin;
        origin.party == party && origin.host.is(host) && token.is_none_or(|token| *token == *origin.token)
    }
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authenticated").field(&self.inner.accepted).finish()
    }
}
