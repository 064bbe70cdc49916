//! Short memories in the browser: that the user logged out, and that Negotiate led nowhere.

use super::request::{RequestFacts, Transport};
use alloc::format;
use alloc::string::String;
use core::time::Duration;

/// What a cookie remembers, so that nobody is asked again and again.
///
/// Anyone can set or delete these cookies: they decide whether a client is asked, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Marker {
    /// The user logged out, and wants to stay so.
    LoggedOut,
    /// The client answered with NTLM or with a token that was refused: the next one would be no better.
    GaveUp,
}

impl Marker {
    /// The cookie's name.
    #[must_use]
    pub const fn cookie_name(self) -> &'static str {
        match self {
            Self::LoggedOut => "kerbside-logged-out",
            Self::GaveUp => "kerbside-gave-up",
        }
    }

    /// For how long.
    const fn lifetime(self) -> Duration {
        match self {
            // A working day: until then the browser has usually been closed.
            Self::LoggedOut => Duration::from_secs(12 * 60 * 60),
            // Long enough to end a loop of redirects, and over when the user has fetched a ticket and tries again.
            Self::GaveUp => Duration::from_secs(60),
        }
    }

    /// Whether a request has it.
    #[must_use]
    pub fn is_on(self, request: &RequestFacts<'_>) -> bool {
        request.cookie(self.cookie_name()) == Some("1")
    }

    /// The value of a `Set-Cookie` field that sets it.
    #[must_use]
    pub fn set(self, transport: Transport) -> String {
        self.cookie("1", self.lifetime(), transport)
    }

    /// The value of a `Set-Cookie` field that takes it away.
    #[must_use]
    pub fn clear(self, transport: Transport) -> String {
        self.cookie("", Duration::ZERO, transport)
    }

    fn cookie(self, value: &str, lifetime: Duration, transport: Transport) -> String {
        let secure = match transport {
            Transport::Tls => "; Secure",
            Transport::Plain => "",
        };
        let (name, seconds) = (self.cookie_name(), lifetime.as_secs());
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}
