//! The checks of RFC 4120 §3.2.3, each a function that returns its proof (sections 6 to 10 of the acceptance order).
//!
//! A proof is a type that only its check can make: its fields are private to the file that mints it. [`Proofs`] has one
//! field for each, and an [`Identity`](super::identity::Identity) is made of them and of [`NotReplayed`] alone, so a check
//! that is skipped does not compile.

mod authenticator;
mod checksum;
mod client;
mod delegation;
mod enctypes;
mod replay;
mod statements;
mod times;

pub(super) use authenticator::{AuthenticatorOpened, open_authenticator, session_key};
pub(super) use checksum::{Agreed, BindingsAccepted, check_bindings, check_checksum};
pub(super) use client::{
    AddressAccepted, ClientAccepted, ClientMatches, RealmPathAccepted, check_address, check_client, check_client_realm,
    check_realm_path,
};
pub(super) use delegation::{DelegationOpened, check_delegation};
pub(super) use enctypes::{EnctypesAllowed, check_enctypes};
pub use replay::ReplayQuestion;
pub(super) use replay::{NotReplayed, check_replay, judge_answer};
pub(super) use statements::{
    DataUnderstood, Statements, TargetAccepted, check_critical_data, check_target, read_statements,
};
pub(super) use times::{
    AfterStart, NotExpired, Started, Valid, WithinSkew, check_end, check_not_invalid, check_restart, check_skew,
    check_start,
};

use super::ticket::TicketOpened;
use crate::gss::ContextFlags;
use crate::messages::EncTicketPart;

/// In what form proofs are held.
pub(super) trait Held {
    /// The form of a proof.
    type Of<T>;
}

/// As they are: an accept goes on only with all of them.
pub(super) enum Proven {}

impl Held for Proven {
    type Of<T> = T;
}

/// The proof of every check of one accept but the last, which needs memory: [`NotReplayed`].
///
/// The one list of checks: whoever makes the checks, to accept or to explain, has a value for each field.
#[expect(dead_code, reason = "most proofs are worth that they exist, not what they hold")]
pub(super) struct Proofs<'a, H: Held = Proven> {
    pub(super) ticket: &'a TicketOpened<'a>,
    pub(super) part: &'a EncTicketPart<'a>,
    pub(super) authenticator: &'a H::Of<AuthenticatorOpened<'a>>,
    pub(super) client_matches: H::Of<ClientMatches>,
    pub(super) client_accepted: H::Of<ClientAccepted>,
    pub(super) address: H::Of<AddressAccepted>,
    pub(super) realm_path: H::Of<RealmPathAccepted>,
    pub(super) started: H::Of<Started>,
    pub(super) valid: H::Of<Valid>,
    pub(super) not_expired: H::Of<NotExpired>,
    pub(super) within_skew: H::Of<WithinSkew>,
    pub(super) after_start: H::Of<AfterStart>,
    pub(super) enctypes: &'a H::Of<EnctypesAllowed>,
    pub(super) agreed: &'a H::Of<Agreed<'a>>,
    pub(super) bindings: H::Of<BindingsAccepted>,
    pub(super) delegation: H::Of<DelegationOpened>,
    pub(super) statements: H::Of<Statements>,
    pub(super) data_understood: H::Of<DataUnderstood>,
    pub(super) target: H::Of<TargetAccepted>,
}

impl Proofs<'_> {
    /// What the context was agreed to be.
    pub(super) fn flags(&self) -> ContextFlags {
        self.agreed.flags() | self.delegation.flags()
    }
}
