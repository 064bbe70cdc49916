//! The page behind `NegotiateLayer` that says who asks.

use std::convert::Infallible;
use std::time::SystemTime;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use kerbside::Acceptor;
use kerbside::http::gate::{Gate, Selection, Transports};
use kerbside::http::tower::{Authenticated, Gatekeeper, NegotiateLayer, OnRefusal, Refusal, RefusalReason};
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
    behind(acceptor, OnRefusal::Answer)
}

/// The same, where who is refused sees the other ways to log in too, and is not asked again.
pub fn whoami_or_form(acceptor: Acceptor) -> Page {
    behind(acceptor, OnRefusal::FallThrough)
}

fn behind(acceptor: Acceptor, on_refusal: OnRefusal) -> Page {
    let gate = Gate::new().over(Transports::Any).only(Selection::new().path(PATH));
    let negotiate = NegotiateLayer::new(acceptor, SystemTime::now)
        .gatekeeper(Gatekeeper::new(gate).on_refusal(on_refusal))
        .refusal_response(|_, refusal, response| response.map(|()| Full::from(explain(refusal))));
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
