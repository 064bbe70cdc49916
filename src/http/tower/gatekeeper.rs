//! Whom the layer asks, and where it sends whoever it cannot take: the [`gate`](crate::http::gate) over whole requests.

use super::hooks::Fallback;
use super::refusal::{Refusal, RefusalReason};
use crate::acceptor::Connection;
use crate::http::gate::{Course, Gate, Marker, PassReason, RequestFacts, ReturnTo, Transport, TrustedProxies};
use crate::http::{HeaderError, NegotiateHeader};
use ::http::header::{COOKIE, HOST, USER_AGENT};
use ::http::request::Parts;
use ::http::{HeaderValue, StatusCode};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// A [`Gate`] before the layer: whom to ask for a ticket, and what becomes of those whose ticket is refused.
///
/// It finds its facts in the request: the peer's address in the extension [`Connection`](crate::Connection), the transport in
/// the extension [`Transport`] (in the clear, if it is not there), and what proxies say of both only where they are
/// [trusted](Self::behind).
///
/// ```
/// use kerbside::http::gate::{Gate, ReturnTo, Selection};
/// use kerbside::http::tower::{Gatekeeper, OnRefusal};
///
/// let gate = Gate::new().only(Selection::new().network("10.0.0.0/8".parse()?)).login_path("/login/ticket");
/// let gatekeeper = Gatekeeper::new(gate).on_refusal(OnRefusal::RedirectTo(ReturnTo::path("/login")?));
/// # let _ = gatekeeper;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a gatekeeper does nothing before it is given to a layer"]
pub struct Gatekeeper {
    gate: Gate,
    proxies: TrustedProxies,
    on_refusal: Arc<Decide>,
}

type Decide = dyn Fn(&Parts, &Refusal) -> OnRefusal + Send + Sync;

/// What becomes of a request whose token was refused. Where that is this side's fault (503), and where a client whose ticket is
/// good may not come in (403), the refusal is answered in any case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnRefusal {
    /// It is answered as the [table](crate::http#which-status) says.
    #[default]
    Answer,
    /// To another page: 302, or 303 behind a request with a body. The page learns where the client wanted to go from the parameter
    /// `return_to`, and reads it with [`ReturnTo::path`]. A request for that page itself goes on instead.
    RedirectTo(ReturnTo),
    /// The request goes on without an identity, to a form on the same address.
    FallThrough,
}

/// What a refusal becomes.
pub(super) enum Aftermath {
    Answer(Fallback),
    Redirect { status: StatusCode, location: String },
    GoOn,
}

impl Gatekeeper {
    /// Asks whom the gate says, believes no proxy, and answers refusals as the table says.
    pub fn new(gate: Gate) -> Self {
        Self { gate, proxies: TrustedProxies::default(), on_refusal: Arc::new(|_, _| OnRefusal::Answer) }
    }

    /// Believes these proxies about the client's address (`X-Forwarded-For`) and about TLS (`X-Forwarded-Proto`). Tickets that
    /// are bound to addresses are then held against the client's, and not against the proxy's.
    pub fn behind(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// What becomes of refused requests. Where they do not end here, [`Marker::GaveUp`] keeps the client from being asked
    /// again at once.
    pub fn on_refusal(self, on_refusal: OnRefusal) -> Self {
        self.on_refusal_by(move |_, _| on_refusal.clone())
    }

    /// As [`on_refusal`](Self::on_refusal), decided for each: a program wants its 401, where a person wants the form.
    pub fn on_refusal_by(mut self, decide: impl Fn(&Parts, &Refusal) -> OnRefusal + Send + Sync + 'static) -> Self {
        self.on_refusal = Arc::new(decide);
        self
    }

    /// What is known of a request.
    #[must_use]
    pub fn facts<'r>(&self, request: &'r Parts) -> RequestFacts<'r> {
        let texts = |field| request.headers.get_all(field).iter().filter_map(|line: &HeaderValue| line.to_str().ok());
        let mut facts = RequestFacts::new(request.uri.path());
        let host = request.uri.authority().map(|authority| authority.as_str());
        if let Some(host) = host.or_else(|| texts(HOST.as_str()).next()) {
            facts = facts.with_host(host);
        }
        if let Some(user_agent) = texts(USER_AGENT.as_str()).next() {
            facts = facts.with_user_agent(user_agent);
        }
        facts = texts(COOKIE.as_str()).fold(facts, RequestFacts::with_cookies);
        let connection: Transport = request.extensions.get().copied().unwrap_or_default();
        let Some(peer) = request.extensions.get().and_then(Connection::peer) else { return facts.over(connection) };
        let forwarded: Vec<&str> = texts("x-forwarded-for").collect();
        if let Some(client) = self.proxies.client(peer, forwarded) {
            facts = facts.with_client(client);
        }
        facts.over(self.proxies.transport(peer, connection, texts("x-forwarded-proto")))
    }

    /// Why a request passes without being judged, if it does. Credentials that cannot be read are an error only where
    /// credentials count.
    pub(super) fn passes(
        &self,
        facts: &RequestFacts<'_>,
        header: &Result<NegotiateHeader, HeaderError>,
    ) -> Option<PassReason> {
        match header {
            Err(_) => self.gate.lets_alone(facts),
            Ok(header) => match self.gate.course(facts, header) {
                Course::Pass(reason) => Some(reason),
                Course::Judge | Course::Challenge => None,
            },
        }
    }

    /// What becomes of a refusal.
    pub(super) fn aftermath(&self, request: &Parts, refusal: &Refusal) -> Aftermath {
        if !may_go_on(refusal) {
            return Aftermath::Answer(Fallback::Refuse);
        }
        match (self.on_refusal)(request, refusal) {
            OnRefusal::Answer => Aftermath::Answer(Fallback::Refuse),
            OnRefusal::FallThrough => Aftermath::GoOn,
            OnRefusal::RedirectTo(page) if path_of(page.as_str()) == request.uri.path() => Aftermath::GoOn,
            OnRefusal::RedirectTo(page) => {
                let status = if request.method.is_safe() { StatusCode::FOUND } else { StatusCode::SEE_OTHER };
                Aftermath::Redirect { status, location: with_return(&page, request) }
            }
        }
    }

    /// The markers that a login takes away.
    pub(super) fn to_clear(&self, facts: &RequestFacts<'_>) -> impl Iterator<Item = Marker> {
        let on = [Marker::LoggedOut, Marker::GaveUp].map(|marker| marker.is_on(facts).then_some(marker));
        on.into_iter().flatten()
    }
}

/// Whether the client may have another way in: its token was no good.
fn may_go_on(refusal: &Refusal) -> bool {
    let of_the_client = match refusal.reason() {
        RefusalReason::Header(_) | RefusalReason::Token(_) | RefusalReason::NoConnection => true,
        RefusalReason::Passed { .. }
        | RefusalReason::Beforehand(_)
        | RefusalReason::NoToken(_)
        | RefusalReason::GoOn
        | RefusalReason::Crowded { .. }
        | RefusalReason::UnknownHost
        | RefusalReason::NotAuthorized(_) => false,
    };
    of_the_client && !matches!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::FORBIDDEN)
}

fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

/// The page, with the address that was asked for if it is one of this site.
fn with_return(page: &ReturnTo, request: &Parts) -> String {
    let mut location = page.as_str().to_owned();
    let wanted = request.uri.path_and_query().map(|wanted| wanted.as_str());
    if let Some(wanted) = wanted.and_then(|wanted| ReturnTo::path(wanted).ok()).filter(|_| request.method.is_safe()) {
        location.push(if location.contains('?') { '&' } else { '?' });
        location.push_str("return_to=");
        push_escaped(&mut location, wanted.as_str());
    }
    location
}

/// As the value of a parameter: everything but the unreserved characters of RFC 3986 §2.3, and the slash, which RFC 3986 §3.4
/// allows there.
fn push_escaped(location: &mut String, text: &str) {
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~' | b'/') {
            location.push(char::from(octet));
        } else {
            // Writing to a string does not fail.
            let _ = write!(location, "%{octet:02X}");
        }
    }
}

impl fmt::Debug for Gatekeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gatekeeper").field("gate", &self.gate).field("proxies", &self.proxies).finish_non_exhaustive()
    }
}
