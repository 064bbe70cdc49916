//! Which status a refusal has: the table of the module's documentation, as total matches.

use super::{HeaderError, Party};
use crate::acceptor::{Error, ErrorKind, NegotiationError, TokenError};

/// The status of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalStatus {
    /// 401, or 407 of a proxy: with a challenge.
    Challenge,
    /// 400: the request cannot be read, and would not be read the second time.
    BadRequest,
    /// 403: it is known who the client is, and it is not welcome.
    Forbidden,
    /// 431: a header is too long.
    TooLarge,
    /// 503: this side could not decide.
    Unavailable,
}

impl RefusalStatus {
    /// The number.
    #[must_use]
    pub const fn code(self, party: Party) -> u16 {
        match self {
            Self::Challenge => party.challenge_status(),
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::TooLarge => 431,
            Self::Unavailable => 503,
        }
    }
}

impl From<&HeaderError> for RefusalStatus {
    fn from(error: &HeaderError) -> Self {
        match error {
            HeaderError::TooLarge { .. } => Self::TooLarge,
            HeaderError::Grammar { .. }
            | HeaderError::Parameters
            | HeaderError::BadBase64 { .. }
            | HeaderError::UrlSafeBase64 { .. }
            | HeaderError::SeveralNegotiate { .. } => Self::BadRequest,
        }
    }
}

impl From<&Error> for RefusalStatus {
    fn from(error: &Error) -> Self {
        Self::from(error.kind())
    }
}

impl From<&ErrorKind> for RefusalStatus {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::Token(TokenError::TooLarge { .. }) => Self::TooLarge,
            ErrorKind::Token(TokenError::Malformed(_) | TokenError::TokenId { .. }) => Self::BadRequest,
            ErrorKind::ClientRealmNotAllowed { .. } | ErrorKind::Transited { .. } => Self::Forbidden,
            ErrorKind::ReplayStore(_)
            | ErrorKind::Random
            | ErrorKind::Setup(_)
            | ErrorKind::Negotiation(NegotiationError::ReplayPending) => Self::Unavailable,
            ErrorKind::Token(TokenError::Empty | TokenError::NotKerberos { .. })
            | ErrorKind::Negotiation(_)
            | ErrorKind::ApReq(_)
            | ErrorKind::Ticket(_)
            | ErrorKind::Authenticator(_)
            | ErrorKind::Dce(_)
            | ErrorKind::Integrity(_)
            | ErrorKind::NoKey(_)
            | ErrorKind::NotForUs { .. }
            | ErrorKind::EtypeNotPermitted { .. }
            | ErrorKind::EtypeUnsupported { .. }
            | ErrorKind::KeyDoesNotDecrypt { .. }
            | ErrorKind::ClientMismatch { .. }
            | ErrorKind::Address { .. }
            | ErrorKind::TicketNotYetValid { .. }
            | ErrorKind::TicketInvalid
            | ErrorKind::TicketExpired { .. }
            | ErrorKind::ClockSkew { .. }
            | ErrorKind::Checksum(_)
            | ErrorKind::ChannelBinding(_)
            | ErrorKind::Delegation(_)
            | ErrorKind::CriticalAuthorizationData { .. }
            | ErrorKind::Replay { .. }
            | ErrorKind::BeforeStart { .. } => Self::Challenge,
        }
    }
}
