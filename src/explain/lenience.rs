//! Which setting lets something pass, or would.

use crate::acceptor::{
    BindingProblem, ChecksumError, EnctypeRole, ErrorKind, KeyMatch, NamedBy, NoKey, TokenError, Tolerance,
    TransitedProblem,
};
use crate::gss::TokenKind;
use crate::principal::Principal;
use alloc::string::{String, ToString};

/// Something that is let pass or refused by a setting, and the setting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lenience {
    /// What it is about, in words.
    pub what: String,
    /// The setting that decides, a field of [`Policy`](crate::Policy).
    pub setting: &'static str,
    /// The value of the setting that decides the other way.
    pub otherwise: &'static str,
}

/// What was tolerated: the setting that let it pass, and the value that would not.
pub(super) fn of_tolerance(tolerance: &Tolerance) -> Option<Lenience> {
    let (setting, otherwise) = match tolerance {
        Tolerance::NonMinimalLength => ("lengths", "Shortest"),
        Tolerance::MicrosoftOid => ("microsoft_oid", "ListOnly"),
        Tolerance::KeyMatch(KeyMatch::LowBits | KeyMatch::OtherKvno) => ("kvno", "Exact"),
        Tolerance::KeyMatch(KeyMatch::Alias) => ("aliases", "NameMustMatch"),
        // An entry with kvno 0 fits under every policy, no policy asks for sequence numbers, and for how long keys retire is said
        // to the builder.
        Tolerance::KeyMatch(KeyMatch::Wildcard | KeyMatch::Exact)
        | Tolerance::SequenceNumberMissing
        | Tolerance::RetiredKey { .. } => return None,
        Tolerance::NameCase => ("name_case", "Exact"),
        Tolerance::ChecksumMissing => ("missing_checksum", "Refuse"),
        Tolerance::PlainChecksum => ("plain_checksum", "Refuse"),
        Tolerance::DirectCrossRealm => ("direct_cross_realm", "Refuse"),
        Tolerance::MechListMicCopy => ("copied_mech_list_mic", "Refuse"),
        Tolerance::CriticalAuthorizationData(_) => ("critical_authorization_data", "Refuse"),
    };
    Some(Lenience { what: tolerance.to_string(), setting, otherwise })
}

/// What was refused, where a setting would let it pass. That it could does not mean that it should.
pub(super) fn of_refusal(kind: &ErrorKind) -> Option<Lenience> {
    let (setting, otherwise) = match kind {
        ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::MicrosoftKrb5 }) => ("microsoft_oid", "ListAndRaw"),
        ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::ApReq }) => ("dce", "Accept"),
        ErrorKind::EtypeNotPermitted { role, .. } => (
            match role {
                EnctypeRole::Ticket => "enctypes.ticket",
                EnctypeRole::SessionKey => "enctypes.session_key",
                EnctypeRole::Subkey => "enctypes.subkey",
            },
            "with this enctype allowed",
        ),
        ErrorKind::NoKey(NoKey::Principal { differs_only_in_case: Some(_), .. }) => {
            ("name_case", "IgnoreServiceAndHost")
        }
        ErrorKind::NotForUs { named_by: NamedBy::Ticket, .. } => ("services", "with this service"),
        ErrorKind::NotForUs { named_by: NamedBy::Client | NamedBy::Nobody, .. } => ("target", "Ignore"),
        ErrorKind::ClientRealmNotAllowed { client } if is_anonymous(client) => ("anonymous", "Allow"),
        ErrorKind::ClientRealmNotAllowed { .. } => ("client_realms", "with this realm"),
        ErrorKind::Address { .. } => ("addresses", "Ignore"),
        ErrorKind::Transited { problem: TransitedProblem::DirectTrust, .. } => ("direct_cross_realm", "Tolerate"),
        ErrorKind::Transited { problem: TransitedProblem::UnknownRealm { .. }, .. } => {
            ("realm_paths", "with this path")
        }
        ErrorKind::Checksum(ChecksumError::Missing) => ("missing_checksum", "Tolerate"),
        ErrorKind::ChannelBinding(BindingProblem::NotGiven) => ("unbound_connections", "Tolerate"),
        ErrorKind::ChannelBinding(BindingProblem::Missing) => ("channel_bindings", "AcceptIfAbsent"),
        ErrorKind::ChannelBinding(_) => ("channel_bindings", "Ignore"),
        ErrorKind::CriticalAuthorizationData { .. } => ("critical_authorization_data", "Tolerate"),
        ErrorKind::BeforeStart { .. } => ("restart", "Accept"),
        _ => return None,
    };
    Some(Lenience { what: kind.to_string(), setting, otherwise })
}

/// By the well-known name, RFC 8062 §3.
fn is_anonymous(client: &Principal) -> bool {
    client.components().eq([b"WELLKNOWN".as_slice(), b"ANONYMOUS"])
}
