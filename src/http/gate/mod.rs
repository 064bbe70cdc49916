//! Whom to ask for a ticket, and what to do with those who have none.
//!
//! A server with users of several kinds, some with tickets and some with passwords, must decide before it knows who comes. [`Gate`]
//! is that decision as a value: facts about a request and the state of its `Authorization` field in, a [`Course`] out. It needs no
//! HTTP library, reads no clock, and remembers nothing but what the browser carries ([`Marker`]). Before the tower layer it is put by
//! `http::tower::Gatekeeper`.
//!
//! The rules, in their order; the first that fits decides:
//!
//! 1. Without TLS, if the gate is for TLS alone: nobody is asked, and a token that came is not looked at.
//! 2. A request that the [`Selection`] leaves out passes without an identity.
//! 3. After a logout the user stays logged out, until a request for the [login path](Gate::login_path).
//! 4. A Kerberos or SPNEGO token is judged.
//! 5. NTLM passes to the other login: the client was asked and has no ticket. It is not asked again.
//! 6. Credentials of another scheme pass: somebody else reads them.
//! 7. Who was refused or answered with NTLM a moment ago passes, until the login path is asked for or a minute is over.
//! 8. Everybody else is asked: 401 with `Negotiate`.
//!
//! A client that always answers with NTLM is thus asked once, and then gets the form (KTB-23). What passes has no identity: the rest
//! of the server decides, with a form, a redirect ([`ReturnTo`] keeps it on the site) or a page that says no. Who is authenticated may still
//! not be authorised; that is asked later, and answered with 403.
//!
//! *Q: is the loop guard a cookie rather than a query?* Both end a loop. A query would stand in bookmarks and links, where it
//! keeps people from logging in for ever.

mod marker;
mod network;
mod pattern;
mod proxies;
mod refusals;
mod request;
mod return_to;
mod selection;

pub use marker::Marker;
pub use network::{Network, NetworkParseError};
pub use proxies::TrustedProxies;
pub use refusals::{RefusalLog, Verbosity};
pub use request::{RequestFacts, Transport};
pub use return_to::{ReturnTo, ReturnToError, Sites};
pub use selection::Selection;

use super::NegotiateHeader;
use alloc::string::String;

/// Whom to ask.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    selection: Selection,
    transports: Transports,
    login_path: Option<String>,
}

/// Over what a token may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "with TLS, or with and without")]
pub enum Transports {
    /// TLS alone: whoever sees a token can use it in another connection.
    #[default]
    TlsOnly,
    /// Also in the clear: inside a machine, or behind a proxy that ends TLS and is not believed about it.
    Any,
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Course {
    /// Give the token to the acceptor.
    Judge,
    /// Answer with a challenge.
    Challenge,
    /// Let it through without an identity.
    Pass(PassReason),
}

/// Why nobody was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PassReason {
    /// The request came in the clear (rule 1).
    Plain,
    /// The selection leaves it out (rule 2).
    NotSelected,
    /// The user logged out (rule 3).
    LoggedOut,
    /// The client answered with NTLM (rule 5). Set [`Marker::GaveUp`] with the response.
    Ntlm,
    /// The client sent credentials of another scheme (rule 6).
    OtherScheme,
    /// It was refused a moment ago (rule 7).
    GaveUp,
}

impl Gate {
    /// Asks everybody who comes over TLS.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks only those.
    #[must_use]
    pub fn only(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Over what a token may come.
    #[must_use]
    pub fn over(mut self, transports: Transports) -> Self {
        self.transports = transports;
        self
    }

    /// Where a user goes who wants to be logged in with a ticket after all: there, neither a logout nor a refusal of a moment ago
    /// counts. A page of its own, to which a button leads.
    #[must_use]
    pub fn login_path(mut self, path: &str) -> Self {
        self.login_path = Some(String::from(path));
        self
    }

    /// Why a request is let alone whatever its credentials are, by the first three rules of the [module](self).
    #[must_use]
    pub fn lets_alone(&self, request: &RequestFacts<'_>) -> Option<PassReason> {
        if self.transports == Transports::TlsOnly && request.transport() == Transport::Plain {
            return Some(PassReason::Plain);
        }
        if !self.selection.selects(request) {
            return Some(PassReason::NotSelected);
        }
        let stays_out = !self.wants_in(request) && Marker::LoggedOut.is_on(request);
        stays_out.then_some(PassReason::LoggedOut)
    }

    /// What to do with a request, by the rules of the [module](self).
    #[must_use]
    pub fn course(&self, request: &RequestFacts<'_>, header: &NegotiateHeader) -> Course {
        if let Some(reason) = self.lets_alone(request) {
            return Course::Pass(reason);
        }
        match header {
            NegotiateHeader::Ntlm { .. } => Course::Pass(PassReason::Ntlm),
            NegotiateHeader::OtherScheme { .. } => Course::Pass(PassReason::OtherScheme),
            header if header.token().is_some() => Course::Judge,
            _ if !self.wants_in(request) && Marker::GaveUp.is_on(request) => Course::Pass(PassReason::GaveUp),
            _ => Course::Challenge,
        }
    }

    fn wants_in(&self, request: &RequestFacts<'_>) -> bool {
        self.login_path.as_deref() == Some(request.path())
    }
}

impl PassReason {
    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "Pass.Plain",
            Self::NotSelected => "Pass.NotSelected",
            Self::LoggedOut => "Pass.LoggedOut",
            Self::Ntlm => "Pass.Ntlm",
            Self::OtherScheme => "Pass.OtherScheme",
            Self::GaveUp => "Pass.GaveUp",
        }
    }

    /// The marker to set with the response, so that the client is not asked again at once.
    #[must_use]
    pub const fn marker(self) -> Option<Marker> {
        match self {
            Self::Ntlm => Some(Marker::GaveUp),
            Self::Plain | Self::NotSelected | Self::LoggedOut | Self::OtherScheme | Self::GaveUp => None,
        }
    }
}
