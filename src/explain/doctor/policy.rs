//! Policies that cannot work, and policies that weaken what the keys protect.

use super::finding::shown_octets;
use super::{Doctor, FindingKind, Findings, Severity, Subject};
use crate::acceptor::{AddressPolicy, BindingPolicy, EnctypeRole, Leniency, Policy, TargetPolicy};
use crate::numbers::Enctype;
use crate::principal::Principal;
use alloc::boxed::Box;
use alloc::format;
use core::time::Duration;

pub(super) fn check(doctor: &Doctor<'_>, allowed: &[&Principal], findings: &mut Findings) {
    check_enctypes(&doctor.policy, findings);
    check_requirements(&doctor.policy, findings);
    check_skew(doctor.policy.skew, findings);
    if let Some(realms) = &doctor.policy.client_realms {
        check_client_realms(realms, allowed, findings);
    }
}

fn check_enctypes(policy: &Policy, findings: &mut Findings) {
    // A list of subkeys may be empty: initiators need not send one.
    for role in [EnctypeRole::Ticket, EnctypeRole::SessionKey] {
        if policy.enctypes.allowed(role).is_empty() {
            findings.push(
                FindingKind::PolicyNoEnctype,
                Subject::Policy,
                format!("permits no enctype for the {role}: every token is refused with EtypeNotPermitted"),
                "begin with `EnctypePolicy::default()`, which permits all of AES",
            );
        }
    }
    if policy.enctypes.allowed(EnctypeRole::Ticket).contains(&Enctype::RC4_HMAC) {
        findings.push(
            FindingKind::PolicyRc4,
            Subject::Policy,
            "permits RC4 for tickets: RFC 8429 advises against it, and the account's password can be guessed off \
             line from any such ticket",
            "move the account to AES (msDS-SupportedEncryptionTypes = 24, then a new keytab), and take RC4 out of \
             the policy (`allow_rc4` in krb5.conf, `allow_enctype` and `allow_rc4` here)",
        );
    }
}

/// What many clients do not send, and is required all the same.
fn check_requirements(policy: &Policy, findings: &mut Findings) {
    let mut require = |kind, message: &str, remedy: &str| findings.push(kind, Subject::Policy, message, remedy);
    if policy.channel_bindings == BindingPolicy::Require {
        require(
            FindingKind::PolicyBindings,
            "requires channel bindings: clients that send none are refused with ChannelBinding, and everybody \
             where a proxy ends TLS and its bindings are not passed on",
            "require them only where every client is known to send them; else `BindingPolicy::AcceptIfAbsent`",
        );
    }
    if policy.unbound_connections == Leniency::Refuse {
        require(
            FindingKind::PolicyUnbound,
            "refuses every token of a connection whose channel bindings the caller does not give, plain HTTP among \
             them",
            "give the bindings of each TLS connection (`Connection::channel_bindings`), or tolerate unbound \
             connections",
        );
    }
    if policy.addresses == AddressPolicy::Require {
        require(
            FindingKind::PolicyAddresses,
            "requires an address in each ticket: Windows never asks for one, and MIT and Heimdal do not by default \
             (`noaddresses = true`), so nearly all are refused with Address",
            "use `AddressPolicy::VerifyIfPresent`",
        );
    }
    if policy.target == TargetPolicy::Require {
        require(
            FindingKind::PolicyTarget,
            "requires that the client names its target, which Windows alone does: clients of MIT and Heimdal are \
             refused with NotForUs",
            "use `TargetPolicy::VerifyIfPresent` where others than Windows log in",
        );
    }
}

/// A skew that few clocks keep, or one within which a stolen token is of use for long.
fn check_skew(skew: Duration, findings: &mut Findings) {
    const LEAST: Duration = Duration::from_secs(1);
    const MOST: Duration = Duration::from_secs(3_600);
    let seconds = skew.as_secs();
    if skew < LEAST {
        findings.push(
            FindingKind::PolicySkewSmall,
            Subject::Policy,
            "allows clocks to differ by less than a second: tokens are on their way for as long, and nearly all \
             are refused with ClockSkew",
            "allow five minutes, as RFC 4120 §3.2.3 suggests: `.skew(Duration::from_secs(300))`",
        );
    } else if skew > MOST {
        findings.push(
            FindingKind::PolicySkewLarge,
            Subject::Policy,
            format!(
                "allows clocks to differ by {seconds} s: each authenticator must be remembered twice as long, and \
                 after a restart can be used again"
            ),
            "synchronise the clocks (NTP, `w32tm /resync`), and allow five minutes",
        );
    }
}

fn check_client_realms(realms: &[Box<[u8]>], allowed: &[&Principal], findings: &mut Findings) {
    if realms.is_empty() {
        findings.push_as(
            Severity::Error,
            (FindingKind::PolicyClientRealms, Subject::Policy),
            "names no realm whose clients are accepted: everybody is refused with ClientRealmNotAllowed",
            "name the realms, or none at all: `client_realms = None`",
        );
        return;
    }
    let own = allowed.iter().find(|principal| !realms.iter().any(|realm| **realm == *principal.realm()));
    if let Some(own) = own {
        findings.push(
            FindingKind::PolicyClientRealms,
            Subject::Policy,
            format!(
                "does not accept clients of {realm}, the realm of {own} itself: they are refused with \
                 ClientRealmNotAllowed",
                realm = shown_octets(own.realm())
            ),
            "add that realm to `client_realms` if its users shall log in",
        );
    }
}
