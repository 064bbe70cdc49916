//! What is around a login: who is asked, who may come in, the session that begins, and the log of refusals.

use super::authenticated::Authenticated;
use super::gatekeeper::Gatekeeper;
use super::layer::NegotiateLayer;
use super::refusal::{Refusal, RefusalReason};
use crate::http::gate::{RefusalLog, Verbosity};
use crate::time::Timestamp;
use ::http::HeaderValue;
use ::http::request::Parts;
use alloc::boxed::Box;
use alloc::sync::Arc;
use std::sync::{Mutex, PoisonError};

type AuthorizeHook = Arc<dyn Fn(&Parts, &Authenticated) -> Authorization + Send + Sync>;
type SessionHook = Arc<dyn Fn(&Parts, &Authenticated) -> Option<HeaderValue> + Send + Sync>;
type Writer = dyn Fn(&Parts, &Refusal, u64) + Send + Sync;

/// Whether somebody who is known may have what the request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "yes or no")]
pub enum Authorization {
    /// The request goes on.
    Grant,
    /// 403: another ticket would not help, so there is no challenge.
    Forbid,
}

/// What the caller has set about it.
#[derive(Clone, Default)]
pub(super) struct Around {
    pub(super) gatekeeper: Option<Gatekeeper>,
    authorize: Option<AuthorizeHook>,
    session: Option<SessionHook>,
    log: Option<Arc<Log>>,
}

struct Log {
    refusals: Mutex<RefusalLog>,
    write: Box<Writer>,
}

impl<R> NegotiateLayer<R> {
    /// Asks only whom the gate says. Whoever passes has no identity: the handler finds a [`Refusal`] in the extensions, whose
    /// reason is [`RefusalReason::Passed`], and no [`fallback`](Self::fallback) is asked.
    ///
    /// The layer sets and clears the gate's [markers](crate::http::gate::Marker) with its responses, but for that of a
    /// logout, which is the handler's to set.
    pub fn gatekeeper(self, gatekeeper: Gatekeeper) -> Self {
        self.change(|settings| settings.around.gatekeeper = Some(gatekeeper))
    }

    /// Asks whether a client that was accepted may have what it asks for. Without it, everybody may.
    ///
    /// A refusal is 403 and has the last token with it, for the client is who it says. What needs to wait for an answer, or to
    /// know more than the head of a request, belongs into the handler.
    pub fn authorize(self, hook: impl Fn(&Parts, &Authenticated) -> Authorization + Send + Sync + 'static) -> Self {
        self.change(|settings| settings.around.authorize = Some(Arc::new(hook)))
    }

    /// Begins a session: called once for each request whose token was accepted, and that is authorized. The value goes with
    /// the response as `Set-Cookie`.
    ///
    /// The session should end with the [ticket](Authenticated::expires). Have the gate's
    /// [selection](crate::http::gate::Selection::when) leave out requests that have a valid one.
    pub fn session(self, hook: impl Fn(&Parts, &Authenticated) -> Option<HeaderValue> + Send + Sync + 'static) -> Self {
        self.change(|settings| settings.around.session = Some(Arc::new(hook)))
    }

    /// Writes refusals, as many of each name as the log allows; the number says how many of its name were left out before. What is
    /// no more than a challenge, or was not judged, is no refusal.
    pub fn log_refusals(self, log: RefusalLog, write: impl Fn(&Parts, &Refusal, u64) + Send + Sync + 'static) -> Self {
        let log = Log { refusals: Mutex::new(log), write: Box::new(write) };
        self.change(|settings| settings.around.log = Some(Arc::new(log)))
    }
}

impl Around {
    pub(super) fn authorize(&self, request: &Parts, client: &Authenticated) -> Authorization {
        self.authorize.as_ref().map_or(Authorization::Grant, |hook| hook(request, client))
    }

    pub(super) fn session(&self, request: &Parts, client: &Authenticated) -> Option<HeaderValue> {
        self.session.as_ref().and_then(|hook| hook(request, client))
    }

    pub(super) fn note(&self, request: &Parts, refusal: &Refusal, now: impl FnOnce() -> Timestamp) {
        let Some(log) = self.log.as_ref().filter(|_| is_one(refusal.reason())) else { return };
        let verbosity = {
            let mut refusals = log.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            refusals.note(refusal.reason().name(), now())
        };
        if let Verbosity::Write { left_out } = verbosity {
            (log.write)(request, refusal, left_out);
        }
    }
}

/// A refusal, and not the ordinary course of a login.
fn is_one(reason: &RefusalReason) -> bool {
    match reason {
        RefusalReason::Header(_)
        | RefusalReason::Token(_)
        | RefusalReason::NoConnection
        | RefusalReason::Crowded { .. }
        | RefusalReason::UnknownHost
        | RefusalReason::NotAuthorized(_) => true,
        RefusalReason::Passed { .. }
        | RefusalReason::Beforehand(_)
        | RefusalReason::NoToken(_)
        | RefusalReason::GoOn => false,
    }
}
