//! Who sends a request, as an argument of axum's handlers.
//!
//! ```
//! use kerbside::http::axum::Negotiated;
//!
//! async fn greet(Negotiated(client): Negotiated) -> String {
//!     format!("hello {}", client.client())
//! }
//!
//! async fn greet_anyone(client: Option<Negotiated>) -> String {
//!     client.map_or_else(|| "hello".to_owned(), |Negotiated(client)| format!("hello {}", client.client()))
//! }
//! ```
//!
//! Put [`NegotiateLayer`](super::tower::NegotiateLayer) around the routes; where it lets requests
//! [fall through](super::tower::Fallback::FallThrough), the first handler is not called for them, and the second one is.

use super::tower::{Authenticated, Refusal};
use ::http::StatusCode;
use ::http::request::Parts;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use core::convert::Infallible;

/// Who sends the request. As `Option<Negotiated>` it is `None` where nobody is known to.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "a pattern takes it apart")]
pub struct Negotiated(pub Authenticated);

/// Why there is nobody.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NotNegotiated {
    /// The request fell through, for this reason: 403. A challenge is the layer's to send, and it has decided not to.
    #[error("the request was sent on without an identity: {0}")]
    FellThrough(Refusal),
    /// The request has not come through the layer: 500, for the routes are put together wrongly.
    #[error("the request has not come through NegotiateLayer")]
    NoLayer,
}

impl IntoResponse for NotNegotiated {
    /// Without the reason, which is for the operator.
    fn into_response(self) -> Response {
        match self {
            Self::FellThrough(_) => StatusCode::FORBIDDEN.into_response(),
            Self::NoLayer => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Negotiated {
    type Rejection = NotNegotiated;

    async fn from_request_parts(request: &mut Parts, _: &S) -> Result<Self, NotNegotiated> {
        let extensions = &request.extensions;
        match (extensions.get::<Authenticated>(), extensions.get::<Refusal>()) {
            (Some(authenticated), _) => Ok(Self(authenticated.clone())),
            (None, Some(refusal)) => Err(NotNegotiated::FellThrough(refusal.clone())),
            (None, None) => Err(NotNegotiated::NoLayer),
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Negotiated {
    type Rejection = Infallible;

    async fn from_request_parts(request: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(request.extensions.get::<Authenticated>().cloned().map(Self))
    }
}
