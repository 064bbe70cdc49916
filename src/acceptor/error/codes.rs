//! The names and numbers of a kind: total matches, so that a new kind does not compile until it has its codes.

use super::kind::*;
use crate::numbers::KrbErrorCode;
use core::fmt;

/// Who must act (section 17 of the acceptance order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The client did not speak Kerberos: fall back to another way of logging in.
    NotKerberos,
    /// Malformed or hostile input: count it.
    Malformed,
    /// Keys, names and enctypes: the operator must act.
    Configuration,
    /// Clocks and lifetimes.
    Time,
    /// The policy refused it.
    Policy,
    /// The same authenticator twice: an application's double use, or an attack.
    Replay,
    /// The acceptor's own side failed.
    Environment,
    /// Not a refusal: the negotiation needs another token.
    Continue,
}

/// A GSS-API major status (RFC 2744 §3.9.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a major status is 32 bits for ever")]
pub struct GssMajor(pub u32);

impl GssMajor {
    /// `GSS_S_CONTINUE_NEEDED`.
    pub const CONTINUE_NEEDED: Self = Self(1);
    /// `GSS_S_DUPLICATE_TOKEN`.
    pub const DUPLICATE_TOKEN: Self = Self(2);
    /// `GSS_S_BAD_MECH`.
    pub const BAD_MECH: Self = Self(1 << 16);
    /// `GSS_S_BAD_BINDINGS`.
    pub const BAD_BINDINGS: Self = Self(4 << 16);
    /// `GSS_S_BAD_SIG`.
    pub const BAD_SIG: Self = Self(6 << 16);
    /// `GSS_S_NO_CRED`.
    pub const NO_CRED: Self = Self(7 << 16);
    /// `GSS_S_DEFECTIVE_TOKEN`.
    pub const DEFECTIVE_TOKEN: Self = Self(9 << 16);
    /// `GSS_S_CREDENTIALS_EXPIRED`.
    pub const CREDENTIALS_EXPIRED: Self = Self(11 << 16);
    /// `GSS_S_FAILURE`.
    pub const FAILURE: Self = Self(13 << 16);

    /// The name in RFC 2744.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CONTINUE_NEEDED => "GSS_S_CONTINUE_NEEDED",
            Self::DUPLICATE_TOKEN => "GSS_S_DUPLICATE_TOKEN",
            Self::BAD_MECH => "GSS_S_BAD_MECH",
            Self::BAD_BINDINGS => "GSS_S_BAD_BINDINGS",
            Self::BAD_SIG => "GSS_S_BAD_SIG",
            Self::NO_CRED => "GSS_S_NO_CRED",
            Self::DEFECTIVE_TOKEN => "GSS_S_DEFECTIVE_TOKEN",
            Self::CREDENTIALS_EXPIRED => "GSS_S_CREDENTIALS_EXPIRED",
            _ => "GSS_S_FAILURE",
        }
    }
}

impl fmt::Debug for GssMajor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}

impl ErrorKind {
    /// A stable name for logs and metrics: the class and the case, `NoKey.Kvno`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Token(error) => error.name(),
            Self::Negotiation(error) => error.name(),
            Self::ApReq(ApReqError::Version { .. }) => "ApReq.Version",
            Self::ApReq(ApReqError::MessageType { .. }) => "ApReq.MessageType",
            Self::ApReq(ApReqError::NotUserToUser) => "ApReq.NotUserToUser",
            Self::Ticket(TicketError::Version { .. }) => "Ticket.Version",
            Self::Ticket(TicketError::Malformed(_)) => "Ticket.Malformed",
            Self::Authenticator(_) => "Authenticator.Malformed",
            Self::Dce(DceError::Mismatch) => "Dce.Mismatch",
            Self::Integrity(_) => "Integrity",
            Self::NoKey(error) => error.name(),
            Self::NotForUs { .. } => "NotForUs",
            Self::EtypeNotPermitted { .. } => "EtypeNotPermitted",
            Self::EtypeUnsupported { .. } => "EtypeUnsupported",
            Self::KeyDoesNotDecrypt { .. } => "KeyDoesNotDecrypt",
            Self::ClientMismatch { .. } => "ClientMismatch",
            Self::ClientRealmNotAllowed { .. } => "ClientRealmNotAllowed",
            Self::Address { .. } => "Address",
            Self::Transited { .. } => "Transited",
            Self::TicketNotYetValid { .. } => "TicketNotYetValid",
            Self::TicketInvalid => "TicketInvalid",
            Self::TicketExpired { .. } => "TicketExpired",
            Self::ClockSkew { .. } => "ClockSkew",
            Self::Checksum(ChecksumError::Missing) => "Checksum.Missing",
            Self::Checksum(ChecksumError::WrongType { .. }) => "Checksum.WrongType",
            Self::Checksum(ChecksumError::Malformed { .. }) => "Checksum.Malformed",
            Self::ChannelBinding(_) => "ChannelBinding",
            Self::Delegation(DelegationError::Malformed { .. }) => "Delegation.Malformed",
            Self::Delegation(DelegationError::Integrity) => "Delegation.Integrity",
            Self::CriticalAuthorizationData { .. } => "AuthorizationData.Critical",
            Self::Replay { .. } => "Replay",
            Self::BeforeStart { .. } => "Replay.BeforeStart",
            Self::ReplayStore(ReplayStoreProblem::Full { .. }) => "ReplayStore.Full",
            Self::ReplayStore(ReplayStoreProblem::Failed { .. }) => "ReplayStore.Failed",
            Self::Random => "Random.Failed",
            Self::Setup(error) => error.name(),
        }
    }

    /// The Kerberos error code (RFC 4120 §7.5.9); 60 where RFC 4120 has none.
    #[must_use]
    pub fn krb_error_code(&self) -> KrbErrorCode {
        match self {
            Self::ApReq(ApReqError::Version { .. }) => KrbErrorCode::KDC_ERR_BAD_PVNO,
            Self::Token(TokenError::TokenId { .. }) | Self::ApReq(ApReqError::MessageType { .. }) => {
                KrbErrorCode::KRB_AP_ERR_MSG_TYPE
            }
            Self::Ticket(TicketError::Version { .. }) | Self::Authenticator(AuthenticatorError::Version { .. }) => {
                KrbErrorCode::KRB_AP_ERR_BADVERSION
            }
            Self::Authenticator(AuthenticatorError::ApOptions) => KrbErrorCode::KRB_AP_ERR_MSG_TYPE,
            Self::Ticket(TicketError::Malformed(_))
            | Self::Authenticator(AuthenticatorError::Malformed(_))
            | Self::Integrity(_)
            | Self::Delegation(DelegationError::Integrity)
            | Self::KeyDoesNotDecrypt { .. } => KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY,
            Self::Dce(DceError::Mismatch) => KrbErrorCode::KRB_AP_ERR_MUT_FAIL,
            Self::NoKey(error) => error.krb_error_code(),
            Self::NotForUs { .. } | Self::ApReq(ApReqError::NotUserToUser) => KrbErrorCode::KRB_AP_ERR_NOT_US,
            Self::EtypeNotPermitted { .. } | Self::EtypeUnsupported { .. } => KrbErrorCode::KDC_ERR_ETYPE_NOSUPP,
            Self::ClientMismatch { .. } => KrbErrorCode::KRB_AP_ERR_BADMATCH,
            Self::ClientRealmNotAllowed { .. } | Self::CriticalAuthorizationData { .. } => KrbErrorCode::KDC_ERR_POLICY,
            Self::Address { .. } => KrbErrorCode::KRB_AP_ERR_BADADDR,
            Self::Transited { problem, .. } => problem.krb_error_code(),
            Self::TicketNotYetValid { .. } | Self::TicketInvalid => KrbErrorCode::KRB_AP_ERR_TKT_NYV,
            Self::TicketExpired { .. } => KrbErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            Self::ClockSkew { .. } => KrbErrorCode::KRB_AP_ERR_SKEW,
            Self::Checksum(ChecksumError::Missing | ChecksumError::WrongType { .. }) => {
                KrbErrorCode::KRB_AP_ERR_INAPP_CKSUM
            }
            Self::Replay { .. } | Self::BeforeStart { .. } => KrbErrorCode::KRB_AP_ERR_REPEAT,
            Self::Token(
                TokenError::TooLarge { .. }
                | TokenError::Empty
                | TokenError::NotKerberos { .. }
                | TokenError::Malformed(_),
            )
            | Self::Negotiation(_)
            | Self::Checksum(ChecksumError::Malformed { .. })
            | Self::ChannelBinding(_)
            | Self::Delegation(DelegationError::Malformed { .. })
            | Self::ReplayStore(_)
            | Self::Random
            | Self::Setup(_) => KrbErrorCode::KRB_ERR_GENERIC,
        }
    }

    /// The major status that a GSS-API acceptor returns (section 17 of the acceptance order).
    #[must_use]
    pub fn gss_major(&self) -> GssMajor {
        match self {
            Self::Negotiation(NegotiationError::MoreNeeded) => GssMajor::CONTINUE_NEEDED,
            Self::Negotiation(NegotiationError::ReplayPending) => GssMajor::FAILURE,
            Self::Negotiation(NegotiationError::NoCommonMechanism { .. })
            | Self::Token(TokenError::NotKerberos { .. }) => GssMajor::BAD_MECH,
            Self::Token(_)
            | Self::Negotiation(_)
            | Self::ApReq(_)
            | Self::Ticket(_)
            | Self::Authenticator(_)
            | Self::Dce(_)
            | Self::Checksum(ChecksumError::Malformed { .. })
            | Self::Delegation(DelegationError::Malformed { .. }) => GssMajor::DEFECTIVE_TOKEN,
            Self::Integrity(Part::Checksum) => GssMajor::BAD_SIG,
            Self::ChannelBinding(_) => GssMajor::BAD_BINDINGS,
            Self::TicketExpired { .. } => GssMajor::CREDENTIALS_EXPIRED,
            Self::Replay { .. } => GssMajor::DUPLICATE_TOKEN,
            Self::NoKey(NoKey::File(_)) => GssMajor::NO_CRED,
            Self::Integrity(Part::Ticket | Part::Authenticator)
            | Self::NoKey(_)
            | Self::NotForUs { .. }
            | Self::EtypeNotPermitted { .. }
            | Self::EtypeUnsupported { .. }
            | Self::KeyDoesNotDecrypt { .. }
            | Self::ClientMismatch { .. }
            | Self::ClientRealmNotAllowed { .. }
            | Self::Address { .. }
            | Self::Transited { .. }
            | Self::TicketNotYetValid { .. }
            | Self::TicketInvalid
            | Self::ClockSkew { .. }
            | Self::Checksum(ChecksumError::Missing | ChecksumError::WrongType { .. })
            | Self::Delegation(DelegationError::Integrity)
            | Self::CriticalAuthorizationData { .. }
            | Self::BeforeStart { .. }
            | Self::ReplayStore(_)
            | Self::Random
            | Self::Setup(_) => GssMajor::FAILURE,
        }
    }

    /// Who must act.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Negotiation(NegotiationError::MoreNeeded) => ErrorClass::Continue,
            Self::Token(TokenError::Empty | TokenError::NotKerberos { .. })
            | Self::Negotiation(NegotiationError::NoCommonMechanism { .. }) => ErrorClass::NotKerberos,
            Self::Negotiation(NegotiationError::ReplayPending) => ErrorClass::Configuration,
            Self::Token(_)
            | Self::Negotiation(_)
            | Self::ApReq(_)
            | Self::Ticket(_)
            | Self::Authenticator(_)
            | Self::Integrity(_)
            | Self::Dce(_)
            | Self::ClientMismatch { .. }
            | Self::Checksum(_)
            | Self::Delegation(_) => ErrorClass::Malformed,
            Self::NoKey(_)
            | Self::NotForUs { .. }
            | Self::EtypeNotPermitted { .. }
            | Self::EtypeUnsupported { .. }
            | Self::KeyDoesNotDecrypt { .. }
            | Self::Setup(_) => ErrorClass::Configuration,
            Self::TicketNotYetValid { .. }
            | Self::TicketInvalid
            | Self::TicketExpired { .. }
            | Self::ClockSkew { .. } => ErrorClass::Time,
            Self::ClientRealmNotAllowed { .. }
            | Self::Address { .. }
            | Self::Transited { .. }
            | Self::ChannelBinding(_)
            | Self::CriticalAuthorizationData { .. } => ErrorClass::Policy,
            Self::Replay { .. } | Self::BeforeStart { .. } => ErrorClass::Replay,
            Self::ReplayStore(_) | Self::Random => ErrorClass::Environment,
        }
    }
}

impl TokenError {
    fn name(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "Token.TooLarge",
            Self::Empty => "Token.Empty",
            Self::NotKerberos { .. } => "Token.NotKerberos",
            Self::Malformed(_) => "Token.Malformed",
            Self::TokenId { .. } => "Token.TokenId",
        }
    }
}

impl NegotiationError {
    fn name(&self) -> &'static str {
        match self {
            Self::NoCommonMechanism { .. } => "Negotiation.NoCommonMechanism",
            Self::MoreNeeded => "Negotiation.MoreNeeded",
            Self::MechanismMismatch { .. } => "Negotiation.MechanismMismatch",
            Self::OutOfOrder => "Negotiation.OutOfOrder",
            Self::BadMic => "Negotiation.BadMic",
            Self::MicMissing => "Negotiation.MicMissing",
            Self::TooManyLegs => "Negotiation.TooManyLegs",
            Self::Closed => "Negotiation.Closed",
            Self::ReplayPending => "Negotiation.ReplayPending",
        }
    }
}

impl NoKey {
    fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "NoKey.File",
            Self::Principal { .. } => "NoKey.Principal",
            Self::Kvno { .. } => "NoKey.Kvno",
            Self::Enctype { .. } => "NoKey.Enctype",
            Self::Members { .. } => "NoKey.Members",
            Self::UserToUser => "NoKey.UserToUser",
        }
    }

    fn krb_error_code(&self) -> KrbErrorCode {
        match self {
            Self::File(_) | Self::UserToUser => KrbErrorCode::KRB_AP_ERR_NOKEY,
            Self::Principal { wanted, .. } => match **wanted {
                WantedName::Policy(_) => KrbErrorCode::KRB_AP_ERR_NOKEY,
                WantedName::Principal(_) => KrbErrorCode::KRB_AP_ERR_NOT_US,
            },
            Self::Kvno { .. } | Self::Enctype { .. } => KrbErrorCode::KRB_AP_ERR_BADKEYVER,
            Self::Members { refusals, .. } => code_of_all(refusals),
        }
    }
}

/// The code of the first that has the name; else what all say; else that the ticket is not for this server.
fn code_of_all(refusals: &[MemberRefusal]) -> KrbErrorCode {
    let code = |refusal: &MemberRefusal| refusal.error().krb_error_code();
    let first = refusals.first().map(code);
    let agreed = first.filter(|first| refusals.iter().all(|refusal| code(refusal) == *first));
    let told = refusals.iter().find(|refusal| refusal.has_name()).map(code);
    told.or(agreed).unwrap_or(KrbErrorCode::KRB_AP_ERR_NOT_US)
}

impl SetupError {
    fn name(&self) -> &'static str {
        match self {
            Self::Service { .. } => "Setup.Service",
            Self::StartTime => "Setup.StartTime",
            Self::KeySource => "Setup.KeySource",
            Self::NoMembers => "Setup.NoMembers",
            Self::LabelTwice { .. } => "Setup.LabelTwice",
            Self::ReplayStore => "Setup.ReplayStore",
            Self::Random => "Setup.Random",
        }
    }
}
