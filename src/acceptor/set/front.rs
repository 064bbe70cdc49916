//! What a set holds every token to, before the ticket's name is known: the strictest of its members.

use super::members::Member;
use crate::acceptor::Settings;
use crate::acceptor::keys::{HeldEntries, KeyStore, Layout, Renewal};
use crate::acceptor::policy::{DcePolicy, Leniency, MicrosoftOid, Policy};
use crate::acceptor::replay_policy::Replay;
use crate::acceptor::spn::Spn;
use crate::asn1::LengthForm;
use crate::limits::Limits;
use alloc::sync::Arc;
use core::time::Duration;

/// Settings without a key and without a replay store, so that nothing can be accepted by them.
pub(super) fn front(first: &Member, members: &[Member]) -> Settings {
    let (policy, limits) = members
        .iter()
        .map(Member::settings)
        .fold((first.settings().policy.clone(), first.settings().limits), |(policy, limits), member| {
            (stricter(policy, &member.policy), narrower(limits, &member.limits))
        });
    let spn = Spn::AnyInKeytab;
    let layout = Layout { policy: &policy, spn: &spn, limits: &limits };
    let renewal = Renewal { source: None, window: Duration::ZERO };
    Settings {
        keys: KeyStore::new(HeldEntries::default(), renewal, None, layout),
        spn,
        policy,
        limits,
        replay: Replay::Ask,
        random: Arc::clone(&first.settings().random),
        started: None,
    }
}

/// What stands around a ticket, by both policies.
fn stricter(policy: Policy, other: &Policy) -> Policy {
    let unless = |refused: bool, ours: Leniency| if refused { Leniency::Refuse } else { ours };
    Policy {
        lengths: if other.lengths == LengthForm::Shortest { other.lengths } else { policy.lengths },
        microsoft_oid: match other.microsoft_oid {
            MicrosoftOid::ListOnly => MicrosoftOid::ListOnly,
            MicrosoftOid::ListAndRaw => policy.microsoft_oid,
        },
        dce: match other.dce {
            DcePolicy::Refuse => DcePolicy::Refuse,
            DcePolicy::Accept => policy.dce,
        },
        repeated_mechanism: unless(other.repeated_mechanism == Leniency::Refuse, policy.repeated_mechanism),
        copied_mech_list_mic: unless(other.copied_mech_list_mic == Leniency::Refuse, policy.copied_mech_list_mic),
        ..policy
    }
}

/// What bounds a token, by both limits; and as many keys to try as the larger one has.
fn narrower(limits: Limits, other: &Limits) -> Limits {
    Limits {
        token_octets: limits.token_octets.min(other.token_octets),
        header_octets: limits.header_octets.min(other.header_octets),
        nesting: limits.nesting.min(other.nesting),
        legs: limits.legs.min(other.legs),
        trial_keys: limits.trial_keys.max(other.trial_keys),
        ..limits
    }
}
