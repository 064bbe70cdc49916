//! The page behind `NegotiateLayer` that says who asks.

use std::convert::Infallible;
use std::time::SystemTime;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use kerbside::Acceptor;
use kerbside::http::NegotiateHeader;
use kerbside::http::gate::{Course, Gate, RequestFacts, Selection, Transports};
use kerbside::http::tower::{Authenticated, Fallback, NegotiateLayer, Refusal, RefusalReason};
use tower::util::BoxCloneService;
use tower::{Layer, ServiceExt as _, service_fn};

/// What a site serves.
pub type Page = BoxCloneService<Request<Incoming>, Response<Full<Bytes>>, Infallible>;

/// Where the page is. Browsers ask for icons elsewhere.
pub(crate) const PATH: &str = "/whoami";

/// What stands in the answer to a request without a token.
pub const FALLBACK: &str = "Log in with a password";

/// The usual page: the client's name, or the status of the refusal and its name. Who has no token is asked for one, and sees
/// the other ways to log in.
pub fn whoami(acceptor: Acceptor) -> Page {
    behind(negotiate(acceptor))
}

/// The same, where who is refused sees the other ways to log in too, and is not asked again.
pub fn whoami_or_form(acceptor: Acceptor) -> Page {
    behind(negotiate(acceptor).fallback(|_, refusal| match refusal.reason() {
        RefusalReason::Token(_) => Fallback::FallThrough,
        _ => Fallback::Refuse,
    }))
}

fn negotiate(acceptor: Acceptor) -> NegotiateLayer {
    let gate = Gate::new().over(Transports::Any).only(Selection::new().path(PATH));
    NegotiateLayer::new(acceptor, SystemTime::now).beforehand(move |request, header| pass(&gate, request, header))
}

fn pass(gate: &Gate, request: &Parts, header: &NegotiateHeader) -> Option<Fallback> {
    match gate.course(&RequestFacts::new(request.uri.path()), header) {
        Course::Pass(_) => Some(Fallback::FallThrough),
        // Without a token the layer asks for one.
        _ => None,
    }
}

fn behind(negotiate: NegotiateLayer) -> Page {
    let negotiate = negotiate.refusal_response(|_, refusal, response| response.map(|()| Full::from(explain(refusal))));
    negotiate.layer(service_fn(show)).map_response(as_text).boxed_clone()
}

/// What a client sees of a refusal: these clients are tests.
fn explain(refusal: &Refusal) -> &'static str {
    match refusal.reason() {
        RefusalReason::NoToken(_) => FALLBACK,
        reason => reason.name(),
    }
}

async fn show(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let client = request.extensions().get().map(|client: &Authenticated| client.client().to_string());
    let text = client.unwrap_or_else(|| FALLBACK.to_owned());
    let mut response = Response::new(Full::from(text));
    if request.uri().path() != PATH {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(response)
}

/// Browsers would guess.
fn as_text<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
