//! The service: judges a request, and sends it on or answers it.

use super::around::Authorization;
use super::authenticated::Authenticated;
use super::future::ResponseFuture;
use super::gatekeeper::Aftermath;
use super::hooks::{Fallback, RefusalResponse};
use super::judge::{Decision, Verdict, judge};
use super::parting::Parting;
use super::refusal::{Refusal, RefusalReason};
use super::settings::{Credentials, Settings};
use crate::http::NegotiateHeader;
use crate::http::gate::Marker;
use ::http::request::Parts;
use ::http::{Request, Response};
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
    Inner(Request<ReqBody>, Parting),
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
                Fate::Inner(request, parting) => ResponseFuture::inner(self.inner.call(request), parting),
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
        head: Parts,
        body: ReqBody,
        decision: Decision,
    ) -> Fate<ReqBody, ResBody>
    where
        R: RefusalResponse<ResBody>,
    {
        match decision {
            Ok(client) => match self.settings.around.authorize(&head, &client) {
                Authorization::Grant => self.let_in(head, body, client),
                Authorization::Forbid => self.forbid(&head, client),
            },
            Err(refusal) => self.turn_away(head, body, refusal),
        }
    }

    fn let_in<ReqBody, ResBody>(
        &self,
        mut head: Parts,
        body: ReqBody,
        client: Authenticated,
    ) -> Fate<ReqBody, ResBody> {
        let mut parting = self.parting_of(&client);
        let around = &self.settings.around;
        if let Some(gatekeeper) = &around.gatekeeper {
            let facts = gatekeeper.facts(&head);
            gatekeeper.to_clear(&facts).for_each(|marker| parting.marker(marker.clear(facts.transport())));
        }
        if let Some(session) = around.session(&head, &client) {
            parting.cookie(session);
        }
        self.strip(&mut head);
        head.extensions.insert(client);
        head.extensions.remove::<Refusal>();
        Fate::Inner(Request::from_parts(head, body), parting)
    }

    /// The client has proven who it is, so the last token goes with the answer.
    fn forbid<ReqBody, ResBody>(&self, head: &Parts, client: Authenticated) -> Fate<ReqBody, ResBody>
    where
        R: RefusalResponse<ResBody>,
    {
        let parting = self.parting_of(&client);
        let refusal = Refusal::new(self.settings.party, RefusalReason::NotAuthorized(client));
        self.note(head, &refusal);
        self.answer(head, &refusal, refusal.response(Fallback::Refuse), parting)
    }

    fn turn_away<ReqBody, ResBody>(&self, head: Parts, body: ReqBody, refusal: Refusal) -> Fate<ReqBody, ResBody>
    where
        R: RefusalResponse<ResBody>,
    {
        self.note(&head, &refusal);
        let aftermath = self.aftermath(&head, &refusal);
        let mut parting = Parting::new(self.settings.party);
        if let Some(gatekeeper) = &self.settings.around.gatekeeper {
            if let Some(marker) = marker(&refusal, &aftermath) {
                parting.marker(marker.set(gatekeeper.facts(&head).transport()));
            }
        }
        let response = match aftermath {
            Aftermath::GoOn => return self.send_on(head, body, refusal, parting),
            Aftermath::Answer(fallback) => refusal.response(fallback),
            Aftermath::Redirect { status, location } => refusal.redirect(status, &location),
        };
        self.answer(&head, &refusal, response, parting)
    }

    /// What was decided, what the hook says, or else what the gatekeeper does.
    fn aftermath(&self, head: &Parts, refusal: &Refusal) -> Aftermath {
        match (self.settings.fallback(head, refusal), &self.settings.around.gatekeeper) {
            (Some(Fallback::FallThrough), _) => Aftermath::GoOn,
            (Some(fallback), _) => Aftermath::Answer(fallback),
            (None, Some(gatekeeper)) => gatekeeper.aftermath(head, refusal),
            (None, None) => Aftermath::Answer(Fallback::Refuse),
        }
    }

    fn send_on<ReqBody, ResBody>(
        &self,
        mut head: Parts,
        body: ReqBody,
        refusal: Refusal,
        parting: Parting,
    ) -> Fate<ReqBody, ResBody> {
        if was_for_us(&refusal) {
            self.strip(&mut head);
        }
        // Whoever another layer took it for, this one does not.
        head.extensions.remove::<Authenticated>();
        head.extensions.insert(refusal);
        Fate::Inner(Request::from_parts(head, body), parting)
    }

    fn answer<ReqBody, ResBody>(
        &self,
        head: &Parts,
        refusal: &Refusal,
        mut response: Response<()>,
        parting: Parting,
    ) -> Fate<ReqBody, ResBody>
    where
        R: RefusalResponse<ResBody>,
    {
        parting.add_to(&mut response);
        Fate::Refused(self.respond.respond(head, refusal, response))
    }

    fn parting_of(&self, client: &Authenticated) -> Parting {
        let mut parting = Parting::new(self.settings.party);
        parting.token(client.final_token());
        parting
    }

    fn note(&self, head: &Parts, refusal: &Refusal) {
        self.settings.around.note(head, refusal, || self.settings.now());
    }

    fn strip(&self, head: &mut Parts) {
        if self.settings.credentials == Credentials::Strip {
            head.headers.remove(self.settings.party.request_field());
        }
    }
}

/// Whether the credentials were those of Negotiate; those of another scheme are for somebody else.
fn was_for_us(refusal: &Refusal) -> bool {
    match refusal.reason() {
        RefusalReason::NoToken(header) | RefusalReason::Beforehand(header) | RefusalReason::Passed { header, .. } => {
            !matches!(header, NegotiateHeader::OtherScheme { .. })
        }
        _ => true,
    }
}

/// What the browser is to remember, so that it is not asked again at once.
fn marker(refusal: &Refusal, aftermath: &Aftermath) -> Option<Marker> {
    match (refusal.reason(), aftermath) {
        (RefusalReason::Passed { reason, .. }, _) => reason.marker(),
        (RefusalReason::NoToken(_) | RefusalReason::Beforehand(_), _) | (_, Aftermath::Answer(_)) => None,
        (_, Aftermath::GoOn | Aftermath::Redirect { .. }) => Some(Marker::GaveUp),
    }
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
