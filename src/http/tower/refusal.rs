//! Why nobody is known to have sent a request, and what is answered.

use super::Authenticated;
use super::hooks::Fallback;
use crate::acceptor::Error;
use crate::http::gate::PassReason;
use crate::http::{Answer, HeaderError, NegotiateHeader, Party, RefusalStatus};
use ::http::header::LOCATION;
use ::http::{HeaderName, HeaderValue, Response, StatusCode};
use alloc::sync::Arc;
use bytes::Bytes;
use core::fmt;

/// Why nobody is known to have sent a request: for the hooks, and in the extensions of what goes on without an identity. The
/// refusal's own response has it in its extensions, for a layer outside that logs.
///
/// A clone is the same. `Display` is for the operator, as that of an [`Error`] is.
#[derive(Clone)]
pub struct Refusal {
    inner: Arc<Inner>,
}

struct Inner {
    reason: RefusalReason,
    answer: Answer,
    /// What was decided before there was a reason.
    fallback: Option<Fallback>,
}

/// What the reason is.
#[derive(Debug)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The caller [decided](super::NegotiateLayer::beforehand) about the request before its credentials were judged.
    Beforehand(NegotiateHeader),
    /// The [gate](super::NegotiateLayer::gatekeeper) let the request pass before its credentials were judged.
    Passed {
        /// Why.
        reason: PassReason,
        /// What its credentials say; `Absent` if they cannot be read.
        header: NegotiateHeader,
    },
    /// The request has no token: no credentials, those of another scheme, or an empty `Negotiate`.
    NoToken(NegotiateHeader),
    /// Its credentials cannot be read.
    Header(HeaderError),
    /// The acceptor refused the token, or it is NTLM.
    Token(Error),
    /// The negotiation needs another token, and waits for it on this connection.
    GoOn,
    /// The negotiation needs another token, and no connection is known on which it could wait: the server named none, or
    /// it is one of HTTP/2 or above.
    NoConnection,
    /// The negotiation needs another token, and as many negotiations wait as may.
    Crowded {
        /// How many.
        limit: usize,
    },
    /// The request names no host, or none that has an acceptor.
    UnknownHost,
    /// It is known who it is, and that client [may not](super::NegotiateLayer::authorize) have what it asks for.
    NotAuthorized(Authenticated),
}

impl RefusalReason {
    /// A stable name for logs and metrics: the error's or the header's own where there is one.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Beforehand(_) => "Request.Beforehand",
            Self::Passed { reason, .. } => reason.name(),
            Self::NoToken(header) => header.name(),
            Self::Header(error) => error.name(),
            Self::Token(error) => error.kind().name(),
            Self::GoOn => "Negotiation.GoOn",
            Self::NoConnection => "Negotiation.NoConnection",
            Self::Crowded { .. } => "Negotiation.Crowded",
            Self::UnknownHost => "Request.UnknownHost",
            Self::NotAuthorized(_) => "Request.NotAuthorized",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beforehand(_) => f.write_str("the request's credentials were not judged"),
            Self::Passed { reason, .. } => write!(f, "the request passed without being asked: {}", reason.name()),
            Self::NoToken(NegotiateHeader::OtherScheme { scheme }) => {
                write!(f, "the request has credentials of the scheme {scheme} and none of Negotiate")
            }
            Self::NoToken(NegotiateHeader::Empty) => f.write_str("the request has Negotiate without a token"),
            Self::NoToken(_) => f.write_str("the request has no credentials"),
            Self::Header(error) => error.fmt(f),
            Self::Token(error) => error.fmt(f),
            Self::GoOn => f.write_str("the negotiation goes on with the next request of the connection"),
            Self::NoConnection => {
                f.write_str("the negotiation needs another token, and there is no connection on which to wait for it")
            }
            Self::Crowded { limit } => write!(f, "{limit} negotiations wait for their next token, and no more may"),
            Self::UnknownHost => f.write_str("the request names no host that has an acceptor"),
            Self::NotAuthorized(client) => write!(f, "{} may not have what it asks for", client.client()),
        }
    }
}

impl Refusal {
    /// With the answer that the reason has.
    pub(super) fn new(party: Party, reason: RefusalReason) -> Self {
        let answer = match &reason {
            RefusalReason::Beforehand(_)
            | RefusalReason::Passed { .. }
            | RefusalReason::NoToken(_)
            | RefusalReason::GoOn
            | RefusalReason::NoConnection => Answer::challenge(party),
            RefusalReason::Header(error) => Answer::unreadable(party, error),
            RefusalReason::Token(error) => Answer::refused(party, error),
            RefusalReason::Crowded { .. } => Answer::without_challenge(party, RefusalStatus::Unavailable),
            RefusalReason::UnknownHost | RefusalReason::NotAuthorized(_) => {
                Answer::without_challenge(party, RefusalStatus::Forbidden)
            }
        };
        Self { inner: Arc::new(Inner { reason, answer, fallback: None }) }
    }

    /// Decided before the credentials were judged.
    pub(super) fn beforehand(party: Party, header: NegotiateHeader, fallback: Fallback) -> Self {
        Self::decided(party, RefusalReason::Beforehand(header), fallback)
    }

    /// The gate let it pass.
    pub(super) fn passed(party: Party, reason: PassReason, header: NegotiateHeader) -> Self {
        Self::decided(party, RefusalReason::Passed { reason, header }, Fallback::FallThrough)
    }

    fn decided(party: Party, reason: RefusalReason, fallback: Fallback) -> Self {
        let answer = Answer::challenge(party);
        Self { inner: Arc::new(Inner { reason, answer, fallback: Some(fallback) }) }
    }

    /// Not a refusal yet: the client is asked for the next token with this one.
    pub(super) fn go_on(party: Party, reply: &[u8]) -> Self {
        let (reason, answer) = (RefusalReason::GoOn, Answer::go_on(party, reply));
        Self { inner: Arc::new(Inner { reason, answer, fallback: None }) }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &RefusalReason {
        &self.inner.reason
    }

    /// The status by the [table](crate::http#which-status).
    #[must_use]
    pub fn status(&self) -> StatusCode {
        let code = self.inner.answer.status().and_then(|code| StatusCode::from_u16(code).ok());
        code.unwrap_or(StatusCode::UNAUTHORIZED)
    }

    /// The challenge that goes with it, if there is one.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.inner.answer.header().map(|(_, value)| value)
    }

    /// What was decided about it already.
    pub(super) fn fallback(&self) -> Option<Fallback> {
        self.inner.fallback
    }

    /// The way to another page, in place of the response. There is no challenge: browsers would follow that instead.
    pub(super) fn redirect(&self, status: StatusCode, location: &str) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = status;
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response.extensions_mut().insert(self.clone());
        response
    }

    /// The response without its body.
    pub(super) fn response(&self, fallback: Fallback) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = match (self.status(), fallback) {
            (StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED, Fallback::WithoutChallenge) => {
                StatusCode::FORBIDDEN
            }
            (status, _) => status,
        };
        if let (Some((field, value)), Fallback::Refuse) = (self.inner.answer.header(), fallback) {
            if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::copy_from_slice(value.as_bytes())) {
                response.headers_mut().insert(HeaderName::from_static(field), value);
            }
        }
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.reason.fmt(f)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}: {})", self.inner.reason.name(), self.inner.reason)
    }
}
