//! A web service behind the tower layer, and requests to it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use super::site::{SERVICE, Site};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::convert::Infallible;
use core::future::{Future, Ready, ready};
use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use http::header::AUTHORIZATION;
use http::{Request, Response};
use kerbside::http::tower::{Authenticated, EmptyBody, Negotiate, NegotiateLayer, Refusal};
use kerbside::testing::{Login, Realm, Reply};
use kerbside::{Acceptor, Policy};
use std::sync::Arc;
use tower_layer::Layer as _;
use tower_service::Service;

type Answer = dyn Fn(&Request<()>) -> Response<String> + Send + Sync;

/// The service inside. It says who it is asked by, unless a test has it say something else, and counts.
#[derive(Clone)]
pub(crate) struct Handler {
    answer: Arc<Answer>,
    calls: Arc<AtomicUsize>,
}

impl Handler {
    pub(crate) fn new(answer: impl Fn(&Request<()>) -> Response<String> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), calls: Arc::default() }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Default for Handler {
    fn default() -> Self {
        Self::new(|request| Response::new(who(request)))
    }
}

/// The client that a handler sees, or the reason why it sees none.
pub(crate) fn who<B>(request: &Request<B>) -> String {
    let extensions = request.extensions();
    match (extensions.get::<Authenticated>(), extensions.get::<Refusal>()) {
        (Some(client), None) => client.client().to_string(),
        (None, Some(refusal)) => refusal.reason().name().to_owned(),
        (found, refusal) => format!("{found:?} and {refusal:?}"),
    }
}

impl Service<Request<()>> for Handler {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok((self.answer)(&request)))
    }
}

/// A layer whose clock is the realm's.
pub(crate) fn layer(site: &Site) -> NegotiateLayer {
    layer_of(&site.realm, site.acceptor(Policy::default()))
}

pub(crate) fn layer_of(realm: &Realm, acceptor: Acceptor) -> NegotiateLayer {
    let realm = realm.clone();
    NegotiateLayer::new(acceptor, move || realm.now())
}

pub(crate) fn service(site: &Site) -> Negotiate<Handler, EmptyBody> {
    layer(site).layer(Handler::default())
}

/// A request for `/` with this token.
pub(crate) fn with_token(token: &[u8]) -> Request<()> {
    with_header(&format!("Negotiate {}", STANDARD.encode(token)))
}

pub(crate) fn with_header(value: &str) -> Request<()> {
    Request::builder().uri("/").header(AUTHORIZATION, value).body(()).unwrap()
}

pub(crate) fn without_header() -> Request<()> {
    Request::builder().uri("/").body(()).unwrap()
}

/// Asks a service that is ready and answers at once.
#[track_caller]
pub(crate) fn ask<S, B, R>(service: &mut S, request: Request<B>) -> Response<R>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
{
    let Ok(response) = at_once(call(service, request));
    response
}

/// The future of a request to a service that is ready.
#[track_caller]
pub(crate) fn call<S: Service<Request<B>>, B>(service: &mut S, request: Request<B>) -> S::Future {
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(service.poll_ready(&mut context), Poll::Ready(Ok(()))), "it is not ready");
    service.call(request)
}

/// What a future that waits for nothing has.
#[track_caller]
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// The lines of `WWW-Authenticate`, or of another field, in their order.
pub(crate) fn lines<B>(response: &Response<B>, field: &str) -> Vec<String> {
    response.headers().get_all(field).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

pub(crate) fn challenges<B>(response: &Response<B>) -> Vec<String> {
    lines(response, "www-authenticate")
}

/// Why a response is a refusal.
#[track_caller]
pub(crate) fn reason<B>(response: &Response<B>) -> &'static str {
    response.extensions().get::<Refusal>().expect("it is a refusal").reason().name()
}

/// Status, reason and challenges of a refusal.
#[track_caller]
pub(crate) fn refusal<B>(response: &Response<B>) -> (u16, &'static str, Vec<String>) {
    (response.status().as_u16(), reason(response), challenges(response))
}

/// The token of the one `WWW-Authenticate`, opened by the client.
#[track_caller]
pub(crate) fn verified<B>(login: &Login, response: &Response<B>) -> Reply {
    login.verify_reply(&token_of(&challenges(response)[..])).unwrap()
}

#[track_caller]
pub(crate) fn token_of(challenges: &[String]) -> Vec<u8> {
    let [challenge] = challenges else { panic!("there is not one token: {challenges:?}") };
    STANDARD.decode(challenge.strip_prefix("Negotiate ").expect("it has a token")).unwrap()
}

/// A login of somebody whose service has another host's name.
pub(crate) fn login_elsewhere(site: &Site) -> Login {
    site.realm.login("alice", &SERVICE.replace("web", "elsewhere"))
}
