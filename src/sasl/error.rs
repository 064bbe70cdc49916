//! The error of a login: what kind, whose turn it is, and what to do.

use super::{ChoiceError, LayerPolicy, Layers};
use crate::acceptor::{Error, ErrorClass};
use crate::gss::SessionError;
use alloc::borrow::Cow;
use core::fmt;

/// Why a login was refused.
///
/// Match on [`kind`](Self::kind); `Display` is one clause, and [`hint`](Self::hint) says what to do about it. Both are for
/// the operator. The client gets the protocol's word for failure, without data: RFC 4752 has none for it.
#[derive(Debug)]
pub struct SaslError {
    kind: SaslErrorKind,
}

/// What kind of refusal it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaslErrorKind {
    /// The acceptor refused the Kerberos token, or a response that has no place.
    #[error(transparent)]
    Acceptor(Error),
    /// The token is SPNEGO's. The mechanism `GSSAPI` is Kerberos alone (RFC 4752 §3).
    #[error("the token is SPNEGO's, and the mechanism GSSAPI is Kerberos alone")]
    Spnego,
    /// The context cannot do what the policy asks for.
    #[error("the policy asks for {}, and the client's context is capable of {context}", .policy.layers())]
    NoCommonLayer {
        /// The policy.
        policy: LayerPolicy,
        /// What the context is capable of, by its flags.
        context: Layers,
    },
    /// The offer of layers could not be wrapped: under RC4 if that is not allowed, or for want of random octets.
    #[error("the offer of security layers cannot be wrapped: {0}")]
    Offer(SessionError),
    /// The client was to answer the reply token with nothing (RFC 4752 §3.1).
    #[error("the client's response to the reply token has {octets} octets, and an empty one was awaited")]
    ResponseNotEmpty {
        /// How many there are.
        octets: usize,
    },
    /// The choice of a layer could not be unwrapped, or is not the first message of its context.
    #[error("the client's choice of a security layer cannot be unwrapped: {0}")]
    Response(SessionError),
    /// The choice was unwrapped, and is not one.
    #[error(transparent)]
    Choice(ChoiceError),
    /// The exchange is over, well or badly.
    #[error("the exchange is over")]
    Closed,
}

impl SaslError {
    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> &SaslErrorKind {
        &self.kind
    }

    /// Who must act: the class of the kind.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match &self.kind {
            SaslErrorKind::Acceptor(error) => error.class(),
            SaslErrorKind::Spnego => ErrorClass::NotKerberos,
            SaslErrorKind::NoCommonLayer { .. } | SaslErrorKind::Offer(SessionError::Rc4NotAllowed) => {
                ErrorClass::Policy
            }
            SaslErrorKind::Offer(_) => ErrorClass::Environment,
            SaslErrorKind::ResponseNotEmpty { .. }
            | SaslErrorKind::Response(_)
            | SaslErrorKind::Choice(_)
            | SaslErrorKind::Closed => ErrorClass::Malformed,
        }
    }

    /// What the operator can do about it.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        Cow::Borrowed(match &self.kind {
            SaslErrorKind::Acceptor(error) => return error.hint(),
            SaslErrorKind::Spnego => {
                "the client should choose the mechanism GSS-SPNEGO for it, which is not offered here"
            }
            SaslErrorKind::NoCommonLayer { .. } => {
                "let the client ask for a security layer (Java: `javax.security.sasl.qop`, Cyrus: `minssf`); over TLS none \
                 is needed, and the layer policy should say so"
            }
            SaslErrorKind::Offer(SessionError::Rc4NotAllowed) => {
                "let the KDC use AES for this service and its session keys; a policy can allow messages under RC4, which can \
                 be forged"
            }
            SaslErrorKind::Offer(_) => "restore the source of random octets that was given to the acceptor's builder",
            SaslErrorKind::ResponseNotEmpty { .. } => {
                "see that responses arrive one by one and in order, each decoded from base64 once"
            }
            SaslErrorKind::Response(_) => "the response was damaged or forged on its way; count it, and use TLS",
            SaslErrorKind::Choice(ChoiceError::NotOffered { .. }) => {
                "let the client ask for a security layer that this service offers, or offer what the client wants"
            }
            SaslErrorKind::Choice(ChoiceError::NoRoom { .. }) => {
                "let the client take longer buffers (Java: `javax.security.sasl.maxbuffer`, Cyrus: `maxbufsize`)"
            }
            SaslErrorKind::Choice(ChoiceError::Nul { .. } | ChoiceError::NotUtf8 { .. }) => {
                "let the client write the authorization identity in UTF-8, without NUL at its end"
            }
            SaslErrorKind::Choice(_) => "the client's SASL library wrote it so; find out which one it is",
            SaslErrorKind::Closed => "begin a new exchange for each login of a client",
        })
    }
}

impl SaslErrorKind {
    /// A stable name for logs and metrics: the acceptor's own, or `Sasl.` and the case.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Acceptor(error) => error.kind().name(),
            Self::Spnego => "Sasl.Spnego",
            Self::NoCommonLayer { .. } => "Sasl.NoCommonLayer",
            Self::Offer(_) => "Sasl.Offer",
            Self::ResponseNotEmpty { .. } => "Sasl.ResponseNotEmpty",
            Self::Response(_) => "Sasl.Response",
            Self::Choice(ChoiceError::TooShort { .. }) => "Sasl.Choice.TooShort",
            Self::Choice(ChoiceError::ReservedBits { .. }) => "Sasl.Choice.ReservedBits",
            Self::Choice(ChoiceError::NotOneLayer { .. }) => "Sasl.Choice.NotOneLayer",
            Self::Choice(ChoiceError::NotOffered { .. }) => "Sasl.Choice.NotOffered",
            Self::Choice(ChoiceError::SizeWithoutLayer { .. }) => "Sasl.Choice.SizeWithoutLayer",
            Self::Choice(ChoiceError::NoRoom { .. }) => "Sasl.Choice.NoRoom",
            Self::Choice(ChoiceError::Nul { .. }) => "Sasl.Choice.Nul",
            Self::Choice(ChoiceError::NotUtf8 { .. }) => "Sasl.Choice.NotUtf8",
            Self::Closed => "Sasl.Closed",
        }
    }
}

impl From<SaslErrorKind> for SaslError {
    fn from(kind: SaslErrorKind) -> Self {
        Self { kind }
    }
}

impl From<Error> for SaslError {
    fn from(error: Error) -> Self {
        SaslErrorKind::Acceptor(error).into()
    }
}

impl fmt::Display for SaslError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

impl core::error::Error for SaslError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.kind.source()
    }
}
