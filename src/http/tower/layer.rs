//! The layer, and all that can be set on it.

use super::acceptors::Acceptors;
use super::connection::ConnectionId;
use super::hooks::{EmptyBody, Fallback};
use super::pending::Pending;
use super::refusal::Refusal;
use super::service::Negotiate;
use super::settings::{Credentials, Settings};
use crate::acceptor::{Acceptor, AcceptorSet, Host, ReplayQuestion};
use crate::http::{NegotiateHeader, Party};
use crate::replay::{ReplayStoreError, Seen};
use crate::time::Timestamp;
use ::http::Response;
use ::http::request::Parts;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::time::Duration;
use tower_layer::Layer;

/// Puts [`Negotiate`] around services. The [module](crate::http::tower) says what becomes of a request.
///
/// Clones, and the services that it is put around, share its replay store and its table of negotiations.
#[must_use = "a layer does nothing until it is put around a service"]
pub struct NegotiateLayer<R = EmptyBody> {
    settings: Arc<Settings>,
    respond: Arc<R>,
}

impl NegotiateLayer {
    /// One acceptor for all requests. `clock` says what time it is: `SystemTime::now`, but for tests.
    pub fn new<T: Into<Timestamp>>(acceptor: Acceptor, clock: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::with(Settings::new(Acceptors::Same(Host::One(acceptor)), clock))
    }

    /// Several acceptors, of which the ticket chooses one, whatever the request calls the host.
    pub fn by_ticket<T: Into<Timestamp>>(set: AcceptorSet, clock: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::with(Settings::new(Acceptors::Same(Host::Set(set)), clock))
    }

    /// Several acceptors, of which the request chooses one: each virtual host has keys, policy and allowed realms of its own. It
    /// is the host of the target, or else of the field `Host`, without the port. A request for another host, or for none, is
    /// refused with 403.
    pub fn by_host<T: Into<Timestamp>>(set: AcceptorSet, clock: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::with(Settings::new(Acceptors::ByHost(set), clock))
    }

    fn with(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), respond: Arc::new(EmptyBody) }
    }
}

impl<R> NegotiateLayer<R> {
    /// Speaks for a server or for a proxy: which header fields, and 401 or 407. A server, if nothing is said. A proxy
    /// [strips](Credentials::Strip) credentials from now on.
    pub fn party(self, party: Party) -> Self {
        self.change(|settings| {
            settings.party = party;
            settings.credentials = match party {
                Party::Origin => Credentials::Keep,
                Party::Proxy => Credentials::Strip,
            };
        })
    }

    /// What becomes of the client's credentials before the request goes on.
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.change(|settings| settings.credentials = credentials)
    }

    /// Awaits this replay store, for acceptors under [`ReplayPolicy::Ask`](crate::ReplayPolicy::Ask). Without it, such an
    /// acceptor accepts nobody, and the answer is 503.
    ///
    /// The function must do what [`ReplayStore::check_and_insert`](crate::replay::ReplayStore::check_and_insert) must. If the
    /// client goes away while it is awaited, its future is dropped; the token may have been recorded then, and the
    /// client needs another one.
    pub fn replay_store<F>(self, store: impl Fn(ReplayQuestion) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Seen, ReplayStoreError>> + Send + 'static,
    {
        self.change(|settings| settings.store = Some(Arc::new(move |question| Box::pin(store(question)))))
    }

    /// Decides about a request before its credentials are judged: whom to ask at all. `None` has them judged, the others leave
    /// them alone, whatever they are; [`Fallback::Refuse`] then challenges.
    ///
    /// A path without a login, a client that logged out, a request without TLS: what the [`gate`](crate::http::gate) decides
    /// belongs here. What takes its time, as a question to a directory does, is for a service around this one, which leaves its
    /// answer in the request's extensions.
    pub fn beforehand(
        self,
        hook: impl Fn(&Parts, &NegotiateHeader) -> Option<Fallback> + Send + Sync + 'static,
    ) -> Self {
        self.change(|settings| settings.beforehand = Some(Arc::new(hook)))
    }

    /// Decides what becomes of a request that is not accepted. Without it, every one is [refused](Fallback::Refuse).
    ///
    /// Never let a request fall through whose refusal is a [`Refusal::status`] of 503: it would show a login form to
    /// everybody while the replay store is away.
    pub fn fallback(self, hook: impl Fn(&Parts, &Refusal) -> Fallback + Send + Sync + 'static) -> Self {
        self.change(|settings| settings.fallback = Some(Arc::new(hook)))
    }

    /// Makes the responses of refusals: the body, above all. Without it they are empty.
    ///
    /// A browser that has no ticket shows the body of the 401: a link to the login form belongs there.
    pub fn refusal_response<B, F>(self, respond: F) -> NegotiateLayer<F>
    where
        F: Fn(&Parts, &Refusal, Response<()>) -> Response<B>,
    {
        NegotiateLayer { settings: self.settings, respond: Arc::new(respond) }
    }

    /// How many negotiations may wait for their next token at a time; 1,024 if nothing is said. A client that needs to wait beyond them
    /// is answered 503.
    pub fn pending_negotiations(self, limit: usize) -> Self {
        self.change(|settings| settings.pending = Arc::new(Pending::new(limit, settings.pending.lifetime())))
    }

    /// For how long a negotiation waits for its next token; 60 s if nothing is said.
    pub fn pending_lifetime(self, lifetime: Duration) -> Self {
        self.change(|settings| settings.pending = Arc::new(Pending::new(settings.pending.limit(), lifetime)))
    }

    /// Drops what waits on that connection: it was closed. What is not dropped expires.
    pub fn forget(&self, connection: ConnectionId) {
        self.settings.pending.forget(connection);
    }

    pub(super) fn change(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S, R> Layer<S> for NegotiateLayer<R> {
    type Service = Negotiate<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Negotiate::new(inner, Arc::clone(&self.settings), Arc::clone(&self.respond))
    }
}

impl<R> Clone for NegotiateLayer<R> {
    fn clone(&self) -> Self {
        Self { settings: Arc::clone(&self.settings), respond: Arc::clone(&self.respond) }
    }
}

impl<R> fmt::Debug for NegotiateLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NegotiateLayer").field("settings", &self.settings).finish_non_exhaustive()
    }
}
