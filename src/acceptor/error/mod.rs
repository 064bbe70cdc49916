//! The one error of an accept: what kind, which codes, what to tell the client, and what the operator can do.

mod codes;
mod hint;
mod kind;
mod message;
pub(super) mod shown;

pub use codes::{ErrorClass, GssMajor};
pub use kind::{
    ApReqError, AuthenticatorError, BindingProblem, ChecksumError, DceError, DelegationError, DelegationProblem,
    EnctypeRole, ErrorKind, KvnoDirection, MemberRefusal, NamedBy, NegotiationError, NoKey, Part, ReplayStoreProblem,
    SetupError, TicketError, TokenError, WantedName,
};
pub use message::PresentPrincipals;

use super::Mechanism;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// Why a token was refused, or an acceptor could not be built.
///
/// Match on [`kind`](Self::kind); `Display` is one clause that says what was wanted and what was found, and
/// [`hint`](Self::hint) what to do about it. Both are for the operator, not for the client: they may name principals of the
/// keytab. The client gets [`reply`](Self::reply) and nothing else.
///
/// No message holds key octets, a whole token, or peer text that is not escaped.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    mechanism: Option<Mechanism>,
    reply: Option<Vec<u8>>,
    member: Option<Box<str>>,
}

impl Error {
    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.kind
    }

    /// Who must act: the class of the kind.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        self.inner.kind.class()
    }

    /// The Kerberos error code (RFC 4120 §7.5.9); 60 where RFC 4120 has none.
    #[must_use]
    pub fn krb_error_code(&self) -> crate::numbers::KrbErrorCode {
        self.inner.kind.krb_error_code()
    }

    /// The major status that a GSS-API acceptor returns (RFC 2743 §1.2.1.1).
    #[must_use]
    pub fn gss_major(&self) -> GssMajor {
        self.inner.kind.gss_major()
    }

    /// The token to send to the client with the refusal, if there is one (steps ).
    ///
    /// It is of the kind that came in: a KRB-ERROR in its frame, or a NegTokenResp around one. It never tells the client
    /// what the keytab holds.
    #[must_use]
    pub fn reply(&self) -> Option<&[u8]> {
        self.inner.reply.as_deref()
    }

    /// Which mechanism the token spoke, as far as it was understood.
    #[must_use]
    pub fn mechanism(&self) -> Option<Mechanism> {
        self.inner.mechanism
    }

    /// The label of the acceptor that refused, if it is the one of an [`AcceptorSet`](crate::AcceptorSet) that was chosen.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.inner.member.as_deref()
    }

    /// What the operator can do about it.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        self.inner.kind.hint()
    }

    pub(crate) fn with_mechanism(mut self, mechanism: Mechanism) -> Self {
        self.inner.mechanism = Some(mechanism);
        self
    }

    pub(crate) fn with_member(mut self, label: &str) -> Self {
        self.inner.member = Some(label.into());
        self
    }

    pub(crate) fn with_reply(mut self, reply: Option<Vec<u8>>) -> Self {
        self.inner.reply = reply;
        self
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { inner: Box::new(Inner { kind, mechanism: None, reply: None, member: None }) }
    }
}

impl From<crate::keytab::KeytabError> for Error {
    fn from(error: crate::keytab::KeytabError) -> Self {
        ErrorKind::NoKey(NoKey::File(Box::new(error))).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner.kind, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {})", self.inner.kind.name(), self.inner.kind)
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.inner.kind {
            ErrorKind::Token(TokenError::Malformed(error))
            | ErrorKind::Ticket(TicketError::Malformed(error))
            | ErrorKind::Authenticator(AuthenticatorError::Malformed(error))
            | ErrorKind::Delegation(DelegationError::Malformed { problem: DelegationProblem::Message(error) }) => {
                Some(error)
            }
            ErrorKind::NoKey(NoKey::File(error)) => Some(&**error),
            _ => None,
        }
    }
}
