//! Which acceptor a request is for.

use crate::acceptor::{AcceptorSet, Host};
use ::http::header::HOST;
use ::http::request::Parts;
use ::http::uri::Authority;
use alloc::borrow::Cow;
use alloc::string::String;

/// One for all requests, which may be a set in which the ticket chooses, or one for each host.
#[derive(Clone, Debug)]
pub(super) enum Acceptors {
    Same(Host),
    ByHost(AcceptorSet),
}

impl Acceptors {
    /// The one that the request is for; `None` if it names no host that is known.
    pub(super) fn choose(&self, request: &Parts) -> Option<Cow<'_, Host>> {
        match self {
            Self::Same(host) => Some(Cow::Borrowed(host)),
            Self::ByHost(set) => Some(Cow::Owned(Host::One(set.by_host(&host(request)?)?.clone()))),
        }
    }
}

/// The host without the port: that of the target, or else of the one `Host` (RFC 9112 §3.2).
fn host(request: &Parts) -> Option<Cow<'_, str>> {
    if let Some(host) = request.uri.host() {
        return Some(Cow::Borrowed(host));
    }
    let mut lines = request.headers.get_all(HOST).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => {
            let authority = Authority::try_from(line.as_bytes()).ok()?;
            Some(Cow::Owned(String::from(authority.host())))
        }
        _ => None,
    }
}
