//! The transited path: through which realms did a client of another realm come, and may it (steps N-4 and N-5).
//!
//! Asked for a ticket from another realm without TRANSITED-POLICY-CHECKED. RFC 4120 §2.7 leaves an application server
//! the choice between checking the path itself and refusing the ticket. The field is expanded to the realms it names
//! (`expand`), and each of them must be on the path that the operator configured for the two realms ([`RealmPaths`])
//! or, where none is configured, on the hierarchy between them (`hierarchy`). One stranger refuses the ticket.
//!
//! Refused: a realm that is on neither, a field that cannot be read in one way only, and a path beyond the bounds. An
//! empty field costs nothing; any other costs one allocation for each realm, and never more octets than the bound.
//!
//! Realms are compared as octets. The order of the field is not judged: by RFC 4120 §3.3.3.2 it is a set without
//! one.
//!
//! *Q1: is a field allowed to name the client's or the service's realm? RFC 4120 §3.3.3.2 has
//! neither of them in it. MIT accepts the client's, Heimdal neither. A: neither,
//! unless a configured path lists it.*
//!
//! *Q2: what does a configured path do to the hierarchy? A: it replaces it, for that pair of realms in that direction.
//! An operator who lists realms means these and no others.*

mod expand;
mod hierarchy;
mod paths;

use crate::limits::Limits;
use crate::numbers::KrbErrorCode;
use crate::principal::Escaped;
use alloc::boxed::Box;
use alloc::vec::Vec;
use expand::expand;
use hierarchy::hierarchy;
pub use paths::RealmPaths;

/// DOMAIN-X500-COMPRESS, the only encoding that RFC 4120 §3.3.3.2 defines.
const DOMAIN_X500_COMPRESS: i32 = 1;

/// Why the transited path of a ticket was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransitedProblem {
    /// The ticket came through a realm that is neither on the configured path nor on the hierarchy.
    #[error("the ticket came through the realm {}, which is not on an allowed path", shown(.realm))]
    UnknownRealm {
        /// The realm's octets, expanded.
        realm: Box<[u8]>,
    },
    /// The field is of an encoding that nobody has defined.
    #[error("the transited field has the encoding {tr_type}, and only 1 is known")]
    UnknownType {
        /// The encoding's number.
        tr_type: i32,
    },
    /// The realms trust each other directly, the KDC did not check that, and nothing configured names the client's realm.
    #[error("the KDC did not check the direct trust between the realms, and nothing configured names the client's")]
    DirectTrust,
    /// The field cannot be read, or can be read in more than one way.
    #[error("the transited field is not a list of realms")]
    Malformed,
    /// The field names more realms than the limit allows.
    #[error("the transited field names more than {limit} realms")]
    TooManyRealms {
        /// The most realms that are looked at.
        limit: usize,
    },
    /// The realms have more octets than the limit allows.
    #[error("the realms of the transited field have more than {limit} octets")]
    TooLong {
        /// The most octets that are looked at.
        limit: usize,
    },
}

fn shown(realm: &[u8]) -> Escaped<'_> {
    Escaped { octets: realm, special: &['\\'] }
}

impl TransitedProblem {
    /// The code of RFC 4120 §7.5.9 that tells the client.
    #[must_use]
    pub fn krb_error_code(&self) -> KrbErrorCode {
        match self {
            Self::UnknownType { .. } => KrbErrorCode::KDC_ERR_TRTYPE_NOSUPP,
            Self::UnknownRealm { .. }
            | Self::DirectTrust
            | Self::Malformed
            | Self::TooManyRealms { .. }
            | Self::TooLong { .. } => KrbErrorCode::KRB_AP_PATH_NOT_ACCEPTED,
        }
    }
}

/// How far a path may expand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) realms: usize,
    pub(super) octets: usize,
}

impl From<&Limits> for Bounds {
    fn from(limits: &Limits) -> Self {
        Self { realms: limits.transited_realms, octets: limits.transited_octets }
    }
}

/// Step N-5: the field's encoding is DOMAIN-X500-COMPRESS, or 0 with nothing in it, as Windows writes.
pub(super) fn check_encoding(tr_type: i32, contents: &[u8]) -> Result<(), TransitedProblem> {
    match (tr_type, contents) {
        (DOMAIN_X500_COMPRESS, _) | (0, []) => Ok(()),
        _ => Err(TransitedProblem::UnknownType { tr_type }),
    }
}

/// Step N-4: every realm that the field names is on the configured path, or on the hierarchy where none is configured.
///
/// The caller asks for two different realms only, and answers for a direct path itself ([`PathRule::Direct`]).
pub(super) fn check_path(
    contents: &[u8],
    client_realm: &[u8],
    service_realm: &[u8],
    paths: &RealmPaths,
    bounds: Bounds,
) -> Result<PathAccepted, TransitedProblem> {
    let realms = expand(contents, client_realm, service_realm, bounds)?;
    let (rule, stranger) = match paths.lookup(client_realm, service_realm) {
        Some(path) => (PathRule::Configured, realms.iter().find(|realm| !path.contains(realm.as_slice()))),
        None if realms.is_empty() => (PathRule::Direct, None),
        None => {
            let between = hierarchy(client_realm, service_realm);
            (PathRule::Hierarchy, realms.iter().find(|realm| !between.contains(&realm.as_slice())))
        }
    };
    match stranger {
        Some(realm) => Err(TransitedProblem::UnknownRealm { realm: realm.as_slice().into() }),
        None => Ok(PathAccepted { rule, realms }),
    }
}

/// Proof of step N-4, minted by [`check_path`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathAccepted {
    rule: PathRule,
    realms: Vec<Vec<u8>>,
}

impl PathAccepted {
    /// What allowed the path.
    pub(super) fn rule(&self) -> PathRule {
        self.rule
    }
}

/// What allowed a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathRule {
    /// No realm lies between the two, and nobody configured that: a tolerance, which the strict policy refuses.
    Direct,
    /// The operator's [`RealmPaths`] has the two realms.
    Configured,
    /// The hierarchy of the two realms' names.
    Hierarchy,
}

#[cfg(test)]
mod tests;
