//! The service: judges a request, and sends it on or answers it.

use super::Authenticated;
use super::future::ResponseFuture;
use super::hooks::{Fallback, RefusalResponse};
use super::judge::{Decision, Verdict, judge};
use super::refusal::Refusal;
use super::settings::{Credentials, Settings};
use crate::http::NegotiateHeader;
use crate::http::tower::RefusalReason;
use ::http::request::Parts;
use ::http::{HeaderValue, Request, Response};
use alloc::sync::Arc;
use core::fmt;
use core::mem;
use core::task::{Context, Poll};
use tower_service::Service;

/// A service behind Negotiate: see the [module](crate::http::tower).
pub struct Negotiate<S, R> {
    inner: S,
    shared: Shared<R>,
}

/// What a service shares with its clones, and with its futures.
pub(super) struct Shared<R> {
    pub(super) settings: Arc<Settings>,
    respond: Arc<R>,
}

/// What becomes of a judged request.
pub(super) enum Fate<ReqBody, ResBody> {
    /// It goes on, and this goes with the response.
    Inner(Request<ReqBody>, Option<HeaderValue>),
    /// It is answered here.
    Refused(Response<ResBody>),
}

impl<S, R> Negotiate<S, R> {
    pub(super) fn new(inner: S, settings: Arc<Settings>, respond: Arc<R>) -> Self {
        Self { inner, shared: Shared { settings, respond } }
    }

    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service inside.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for Negotiate<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    R: RefusalResponse<ResBody>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S, R, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, body) = request.into_parts();
        match judge(&self.shared.settings, &head) {
            Verdict::Decided(decision) => match self.shared.settle(head, body, decision) {
                Fate::Inner(request, token) => {
                    ResponseFuture::inner(self.inner.call(request), token, self.shared.settings.party)
                }
                Fate::Refused(response) => ResponseFuture::refused(response),
            },
            Verdict::Ask(answer, asked) => {
                // The service that was polled ready is the one to call; the clone may not be ready.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                ResponseFuture::asked(answer, asked, (head, body), ready, self.shared.clone())
            }
        }
    }
}

impl<R> Shared<R> {
    /// What a decision means to the request: on with it, or an answer.
    pub(super) fn settle<ReqBody, ResBody>(
        &self,
        mut head: Parts,
        body: ReqBody,
        decision: Decision,
    ) -> Fate<ReqBody, ResBody>
    where
        R: RefusalResponse<ResBody>,
    {
        let token = match decision {
            Ok(authenticated) => {
                self.strip(&mut head);
                let token = authenticated.final_token().cloned();
                head.extensions.insert(authenticated);
                head.extensions.remove::<Refusal>();
                token
            }
            Err(refusal) => {
                match self.settings.fallback(&head, &refusal) {
                    Fallback::FallThrough => {}
                    fallback => {
                        let response = refusal.response(fallback);
                        return Fate::Refused(self.respond.respond(&head, &refusal, response));
                    }
                }
                if was_for_us(&refusal) {
                    self.strip(&mut head);
                }
                // Whoever another layer took it for, this one does not.
                head.extensions.remove::<Authenticated>();
                head.extensions.insert(refusal);
                None
            }
        };
        Fate::Inner(Request::from_parts(head, body), token)
    }

    fn strip(&self, head: &mut Parts) {
        if self.settings.credentials == Credentials::Strip {
            head.headers.remove(self.settings.party.request_field());
        }
    }
}

/// Whether the credentials were those of Negotiate; those of another scheme are for somebody else.
fn was_for_us(refusal: &Refusal) -> bool {
    let (RefusalReason::NoToken(header) | RefusalReason::Beforehand(header)) = refusal.reason() else { return true };
    !matches!(header, NegotiateHeader::OtherScheme { .. })
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self { settings: Arc::clone(&self.settings), respond: Arc::clone(&self.respond) }
    }
}

impl<S: Clone, R> Clone for Negotiate<S, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), shared: self.shared.clone() }
    }
}

impl<S: fmt::Debug, R> fmt::Debug for Negotiate<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Negotiate").field("inner", &self.inner).finish_non_exhaustive()
    }
}
