//! Names that clients do not ask for, and names whose keys do not belong into a service's keytab.

use super::finding::{shown, shown_octets};
use super::{Doctor, FindingKind, Findings, Severity, Subject, text_of};
use crate::acceptor::NameCase;
use crate::keytab::Keytab;
use crate::principal::Principal;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use hashbrown::HashMap;

/// What is wrong with one name alone.
pub(super) fn check(doctor: &Doctor<'_>, principal: &Principal, findings: &mut Findings) {
    if !check_owner(doctor, principal, findings) {
        check_case(doctor, principal, findings);
    }
}

/// Whether the name is of a kind that no client of a service asks for.
fn check_owner(doctor: &Doctor<'_>, principal: &Principal, findings: &mut Findings) -> bool {
    let mut components = principal.components();
    let subject = || Subject::Principal(principal.clone());
    match (components.next(), components.next()) {
        (Some(b"krbtgt" | b"kadmin" | b"K"), Some(_)) => {
            findings.push(
                FindingKind::NameOfKdc,
                subject(),
                "is a name of the KDC itself: whoever reads this key can be anybody in the realm",
                "take it out at once (`kerbside keytab remove`, or `ktutil` with `delent`) and change the key at \
                 the KDC (AD: reset the password of `krbtgt` twice)",
            );
            true
        }
        (Some(user), None) if !user.ends_with(b"$") => {
            findings.push(
                FindingKind::NameOfUser,
                subject(),
                "is a user's name: nobody asks for a ticket to it, and its key, made of a password that people \
                 choose, can be guessed off line from any ticket sealed with it",
                "leave users out of keytabs of services (`kerbside keytab remove`); where a service is mapped to a \
                 user's account, write the service's name (`ktpass /princ HTTP/host@REALM /mapuser USER`) and \
                 give the account a random password",
            );
            true
        }
        (Some(class), Some(_)) if is_machines(class) && !doctor.class().eq_ignore_ascii_case("host") => {
            if has_other_services(doctor.keytab) {
                findings.push(
                    FindingKind::NameOfHost,
                    subject(),
                    "is the machine's own name, in a keytab with other services: whoever reads it can log in to \
                     the machine as anybody (ssh, CIFS)",
                    "give each service a keytab of its own: `kerbside keytab remove` here, and leave host keys in \
                     /etc/krb5.keytab with mode 0600",
                );
            }
            false
        }
        _ => false,
    }
}

fn has_other_services(keytab: &Keytab) -> bool {
    keytab.principals().any(|principal| {
        let mut components = principal.components();
        let class = components.next().unwrap_or_default();
        components.next().is_some() && !is_machines(class)
    })
}

/// The classes that stand for the machine as a whole; Active Directory lets `HOST` stand for many more.
fn is_machines(class: &[u8]) -> bool {
    class.eq_ignore_ascii_case(b"host") || class.eq_ignore_ascii_case(b"RestrictedKrbHost")
}

fn check_case(doctor: &Doctor<'_>, principal: &Principal, findings: &mut Findings) {
    let mut components = principal.components();
    let (class, host) = (components.next().unwrap_or_default(), components.next().unwrap_or_default());
    let wanted = wanted_class(doctor, class);
    let (severity, but) = match doctor.policy.name_case {
        NameCase::IgnoreServiceAndHost => (Severity::Note, "; this policy opens them all the same"),
        _ => (Severity::Warning, ", and case counts: such tickets are refused with NoKey.Principal"),
    };
    let subject = || Subject::Principal(principal.clone());
    if class != wanted.as_bytes() {
        let message = format!("begins with {} and clients ask for {wanted}{but}", shown_octets(class));
        findings.push_as(
            severity,
            (FindingKind::NameServiceCase, subject()),
            message,
            renamed(&wanted, host, principal.realm()),
        );
    }
    if host.iter().any(u8::is_ascii_uppercase) && host.contains(&b'.') {
        let host = host.to_ascii_lowercase();
        let message = format!("has capitals in its host, and browsers ask for {}{but}", shown_octets(&host));
        findings.push_as(
            severity,
            (FindingKind::NameHostCase, subject()),
            message,
            renamed(&wanted, &host, principal.realm()),
        );
    }
    if principal.realm().iter().any(u8::is_ascii_lowercase) {
        let realm = principal.realm().to_ascii_uppercase();
        findings.push(
            FindingKind::NameRealmCase,
            subject(),
            format!(
                "has a realm that is not in capitals; realms of Active Directory always are, and case counts: \
                 tickets of {} are refused with NoKey.Principal",
                shown_octets(&realm)
            ),
            renamed(&wanted, host, &realm),
        );
    }
}

/// How clients write this service: as the acceptor's service is written, `HTTP` in capitals, anything else as it is.
fn wanted_class(doctor: &Doctor<'_>, class: &[u8]) -> String {
    let known = [doctor.class(), super::DEFAULT_CLASS];
    let known = known.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(class));
    known.map_or_else(|| shown_octets(class).to_string(), ToString::to_string)
}

fn renamed(class: &str, host: &[u8], realm: &[u8]) -> String {
    let name = format!("{class}/{}@{}", shown_octets(host), shown_octets(realm));
    format!("make the keytab for {name}: `ktpass /princ {name}` (AD), `ktadd {name}` (MIT)")
}

/// Names that are the same but for the case of letters.
pub(super) fn check_together(keytab: &Keytab, findings: &mut Findings) {
    let mut seen: HashMap<String, &Principal> = HashMap::new();
    for principal in keytab.principals() {
        let folded = principal.to_string().to_ascii_lowercase();
        match seen.get(&folded) {
            None => drop(seen.insert(folded, principal)),
            Some(first) => findings.push(
                FindingKind::NameDiffersInCase,
                Subject::Principal(principal.clone()),
                format!(
                    "differs from {first} in the case of letters alone: a KDC knows one of them, and keys of the \
                     other are never used"
                ),
                "keep the one that clients ask for (`klist` on a client shows it) and take the other out with \
                 `kerbside keytab remove`",
            ),
        }
    }
}

/// Realms among the names that are accepted: those that were expected, or that there is one.
pub(super) fn check_realms(doctor: &Doctor<'_>, allowed: &[&Principal], findings: &mut Findings) {
    let mut realms: Vec<&[u8]> = Vec::new();
    for realm in allowed.iter().map(|principal| principal.realm()) {
        if !realms.contains(&realm) {
            realms.push(realm);
        }
    }
    let present = || realms.iter().map(|realm| shown_octets(realm).to_string()).collect::<Vec<_>>().join(", ");
    if doctor.realms.is_empty() && realms.len() > 1 {
        findings.push(
            FindingKind::RealmSeveral,
            Subject::Keytab,
            format!(
                "has services of several realms: {}; a ticket is opened with keys of its own realm first",
                present()
            ),
            "say which realms are expected, so that a wrong one is found; or accept one alone: \
             `.service(\"HTTP/host@REALM\")`",
        );
    }
    for expected in &doctor.realms {
        if !allowed.is_empty() && !realms.contains(&expected.as_bytes()) {
            findings.push(
                FindingKind::RealmNotCovered,
                Subject::Realm(expected.clone()),
                format!(
                    "has no entry: every ticket of it is refused with NoKey.Principal; the keytab has {}",
                    present()
                ),
                format!(
                    "make keys for it: `ktpass /princ {}/HOST@{realm}`, `ktadd` at a KDC of {realm}",
                    doctor.class(),
                    realm = shown(expected)
                ),
            );
        }
    }
    for principal in allowed.iter().filter(|_| !doctor.realms.is_empty()) {
        if !doctor.realms.iter().any(|realm| realm.as_bytes() == principal.realm()) {
            findings.push(
                FindingKind::RealmUnexpected,
                Subject::Principal((*principal).clone()),
                format!("is of a realm that was not expected; expected was {}", expected(doctor)),
                "if it is a slip of the pen, make the keytab again; else expect that realm too, or accept fewer \
                 names",
            );
        }
    }
}

fn expected(doctor: &Doctor<'_>) -> String {
    doctor.realms.iter().map(|realm| shown(realm).to_string()).collect::<Vec<_>>().join(", ")
}

/// Class and host of a name of two components that are text.
pub(super) fn class_and_host(principal: &Principal) -> Option<(&str, &str)> {
    let mut components = principal.components();
    match (text_of(components.next()), text_of(components.next()), components.next()) {
        (Some(class), Some(host), None) => Some((class, host)),
        _ => None,
    }
}
