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
use crate::messages::EncTicketPart;

/// The proof of every check of one accept but the last, which needs memory: [`NotReplayed`].
#[expect(dead_code, reason = "most proofs are worth that they exist, not what they hold")]
pub(super) struct Proofs<'a> {
    pub(super) ticket: &'a TicketOpened<'a>,
    pub(super) part: &'a EncTicketPart<'a>,
    pub(super) authenticator: &'a AuthenticatorOpened<'a>,
    pub(super) client_matches: ClientMatches,
    pub(super) client_accepted: ClientAccepted,
    pub(super) address: AddressAccepted,
    pub(super) realm_path: RealmPathAccepted,
    pub(super) started: Started,
    pub(super) valid: Valid,
    pub(super) not_expired: NotExpired,
    pub(super) within_skew: WithinSkew,
    pub(super) after_start: AfterStart,
    pub(super) enctypes: &'a EnctypesAllowed,
    pub(super) agreed: &'a Agreed<'a>,
    pub(super) bindings: BindingsAccepted,
    pub(super) delegation: DelegationOpened,
    pub(super) statements: Statements,
    pub(super) data_understood: DataUnderstood,
    pub(super) target: TargetAccepted,
}
