//! Which names the acceptor will accept at all.

use super::{Doctor, FindingKind, Findings, Subject};
use crate::acceptor::{NameCase, Spn};
use crate::principal::Principal;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The principals that the policy of names allows, in the order of the keytab; none of them is a finding.
pub(super) fn check<'k>(doctor: &Doctor<'k>, findings: &mut Findings) -> Vec<&'k Principal> {
    if doctor.keytab.is_empty() {
        findings.push(
            FindingKind::KeytabEmpty,
            Subject::Keytab,
            "has no entries: no acceptor can be built with it (NoKey.File)",
            "make one with `ktpass`, `ktadd` or `kerbside keytab create`, and look at it with `klist -kte FILE`",
        );
    }
    let spn = match &doctor.services {
        Ok(spn) => spn,
        Err(text) => {
            findings.push(
                FindingKind::ServiceText,
                Subject::Service(text.clone()),
                "names no service: the acceptor cannot be built (Setup.Service)",
                "write HTTP, HTTP/host, HTTP/host@REALM or HTTP@host",
            );
            &Spn::AnyInKeytab
        }
    };
    let (allowed, excluded): (Vec<_>, Vec<_>) =
        doctor.keytab.principals().partition(|principal| spn.allows(principal, doctor.policy.name_case));
    if allowed.is_empty() && !excluded.is_empty() {
        findings.push(
            FindingKind::ServiceNotInKeytab,
            Subject::Service(spn.to_string().into()),
            format!("fits no entry, so every ticket is refused with NoKey.Principal: {}", instead(spn, &excluded)),
            "make keys for that service, or accept one that is there (`.service(…)`); case counts in class, host \
             and realm",
        );
    } else {
        for principal in excluded {
            findings.push(
                FindingKind::ServiceExcluded,
                Subject::Principal(principal.clone()),
                format!("is not one of {spn}: its keys are never used, and tickets for it are refused with NotForUs"),
                "accept it too (`.service(…)`), or take it out with `kerbside keytab remove`: a key that is not \
                 there cannot be stolen",
            );
        }
    }
    allowed
}

/// What is there in place of the accepted service.
fn instead(spn: &Spn, present: &[&Principal]) -> String {
    let but_for_case = present.iter().find(|principal| spn.allows(principal, NameCase::IgnoreServiceAndHost));
    match but_for_case {
        Some(principal) => format!("{principal} differs in the case of letters alone"),
        None => format!("the keytab has {}", some(present)),
    }
}

/// The first few names, and how many more there are.
pub(super) fn some(principals: &[&Principal]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = principals.iter().take(SHOWN).map(ToString::to_string).collect();
    match principals.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
