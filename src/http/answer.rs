//! The answer to a request: a status, and the line with the challenge or the token.

use super::header::BASE64;
use super::{HeaderError, Party, RefusalStatus};
use crate::acceptor::Error;
use alloc::string::String;
use base64::Engine as _;

/// The scheme, as IANA registers it.
const SCHEME: &str = "Negotiate";

/// What to answer: the status, if it is a refusal, and the line that goes with it.
///
/// ```
/// use kerbside::http::{Answer, Party};
///
/// let challenge = Answer::challenge(Party::Origin);
/// assert_eq!((challenge.status(), challenge.header()), (Some(401), Some(("www-authenticate", "Negotiate"))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    party: Party,
    refusal: Option<RefusalStatus>,
    value: Option<String>,
}

impl Answer {
    /// Asks for credentials: 401 and `Negotiate`.
    #[must_use]
    pub fn challenge(party: Party) -> Self {
        Self { party, refusal: Some(RefusalStatus::Challenge), value: Some(String::from(SCHEME)) }
    }

    /// Asks for the next token of a negotiation: 401 and this one.
    #[must_use]
    pub fn go_on(party: Party, reply: &[u8]) -> Self {
        Self { party, refusal: Some(RefusalStatus::Challenge), value: Some(negotiate_value(reply)) }
    }

    /// The client is who it says: no status, for the rest of the server decides about it, and the last token, if there is one.
    ///
    /// It belongs to whatever the response is, redirects and errors too: RFC 4559 §5 has it beside the status of the success, and
    /// a client that wants mutual authentication trusts no response without it.
    #[must_use]
    pub fn accepted(party: Party, reply: Option<&[u8]>) -> Self {
        Self { party, refusal: None, value: reply.map(negotiate_value) }
    }

    /// The acceptor refused the token.
    #[must_use]
    pub fn refused(party: Party, error: &Error) -> Self {
        Self::refusal(party, error.into(), error.reply())
    }

    /// The header cannot be read.
    #[must_use]
    pub fn unreadable(party: Party, error: &HeaderError) -> Self {
        Self::refusal(party, error.into(), None)
    }

    fn refusal(party: Party, status: RefusalStatus, reply: Option<&[u8]>) -> Self {
        match (status, reply) {
            (RefusalStatus::Challenge, None) => Self::challenge(party),
            (RefusalStatus::Challenge, Some(reply)) => Self::go_on(party, reply),
            _ => Self { party, refusal: Some(status), value: None },
        }
    }

    /// This status and nothing else.
    #[cfg(feature = "tower")]
    pub(super) fn without_challenge(party: Party, status: RefusalStatus) -> Self {
        Self { party, refusal: Some(status), value: None }
    }

    /// The value of the header, to own it.
    #[cfg(feature = "tower")]
    pub(super) fn into_value(self) -> Option<String> {
        self.value
    }

    /// The status to send; `None` if the client was accepted.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.refusal.map(|refusal| refusal.code(self.party))
    }

    /// The field and its value. Add it to those that are there already, and do not replace them.
    #[must_use]
    pub fn header(&self) -> Option<(&'static str, &str)> {
        self.value.as_deref().map(|value| (self.party.response_field(), value))
    }
}

/// `Negotiate`, a space, and the token in base64.
pub(super) fn negotiate_value(token: &[u8]) -> String {
    let text = base64::encoded_len(token.len(), true).unwrap_or(0);
    let mut value = String::with_capacity(SCHEME.len().saturating_add(1).saturating_add(text));
    value.push_str(SCHEME);
    value.push(' ');
    BASE64.encode_string(token, &mut value);
    value
}
