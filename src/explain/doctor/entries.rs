//! Entries, and the files they are in: versions, doublets, lengths, dates, permissions.

use super::finding::EntryName;
use super::{Doctor, FindingKind, Findings, Subject};
use crate::keytab::{KeyProblem, Keytab, KeytabEntry, KeytabWarning, KeytabWarningKind};
use crate::principal::Principal;
use crate::time::{KerberosTime, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;
use subtle::ConstantTimeEq;

/// From where on an 8-bit counter is about to wrap, and up to where it has; the acceptor's own rule (section 5.3 of the acceptance
/// order).
const BEFORE_WRAP: core::ops::Range<u32> = 241..256;
const AFTER_WRAP: core::ops::Range<u32> = 1..128;

/// After how long a password is called old: two years, twice what most rules for service accounts allow.
const OLD: Duration = Duration::from_secs(2 * 365 * 86_400);

/// What the reader warned about, and what is wrong with single entries.
pub(super) fn check_files(keytab: &Keytab, findings: &mut Findings) {
    for warning in keytab.warnings() {
        check_warning(warning, findings);
    }
    for entry in keytab.entries() {
        if let Some(KeyProblem::Length { expected, found }) = entry.key_problem() {
            findings.push(
                FindingKind::KeyLength,
                Subject::Entry(EntryName::of(entry)),
                format!("has a key of {found} octets, and its enctype needs {expected}: the entry can never be used"),
                "the file was damaged or written by a broken tool: make the entry again with `ktpass`, `ktadd` or \
                 `kerbside keytab create`",
            );
        }
    }
}

fn check_warning(warning: &KeytabWarning, findings: &mut Findings) {
    let subject = warning.path().map_or(Subject::Keytab, |path| Subject::File(path.into()));
    let file = warning.path().unwrap_or("FILE");
    match warning.kind() {
        KeytabWarningKind::ReadableByOthers { mode } => findings.push(
            FindingKind::FileReadableByOthers,
            subject,
            format!(
                "has mode {mode:04o}; its keys are not encrypted, and whoever reads one can forge tickets to the \
                 service for any user"
            ),
            format!(
                "`chmod 0600 {file}` and `chown` it to the service's user; if others may have read it, change the \
                 account's password"
            ),
        ),
        KeytabWarningKind::NamedOtherwise { named } => findings.push(
            FindingKind::FileNamedOtherwise,
            subject,
            format!(
                "is named after {named} and holds no key of it: tickets for that name are refused with \
                 NoKey.Principal"
            ),
            "make the keytab again for the name that the file tells, or rename the file; `klist -kte FILE` lists \
             what is in it",
        ),
        KeytabWarningKind::OctetsAfterEnd { offset, octets } => findings.push(
            FindingKind::FileOctetsAfterEnd,
            subject,
            format!(
                "marks the end of its entries at offset {offset}, and {octets} octets after that are not read: \
                 entries may be missing"
            ),
            "two files were probably put together with `cat`; merge them with `kerbside keytab merge` or `ktutil` \
             (`rkt`, `wkt`)",
        ),
        // Each is told with its entry.
        KeytabWarningKind::KeyLength { .. } => {}
    }
}

pub(super) fn check_kvnos(keytab: &Keytab, principal: &Principal, findings: &mut Findings) {
    let entries: Vec<_> = keytab.entries_of(principal).collect();
    let subject = || Subject::Principal(principal.clone());
    if entries.iter().any(|entry| entry.kvno() == 0) {
        findings.push(
            FindingKind::KvnoZero,
            subject(),
            "has keys with kvno 0, which fit tickets of any version: after a change of the password they fail with \
             KeyDoesNotDecrypt, and nobody is told that the version was the reason",
            "write the account's own version: `kvno` asks for it, `ktpass /kvno N` and `kerbside keytab create` \
             write it",
        );
    }
    check_wrap(principal, &entries, findings);
    if let Some(entry) = entries.iter().find(|entry| is_cut(entry, &entries)) {
        findings.push(
            FindingKind::KvnoEightBits,
            subject(),
            format!(
                "has kvno {} in 8 bits alone: versions above 255 are cut to their low 8 bits and tickets state the \
                 whole, so `KvnoPolicy::Exact` refuses them",
                entry.kvno()
            ),
            "make the keytab again with a tool that writes 32 bits (ktpass, MIT's ktadd, `kerbside keytab \
             create`), or keep `KvnoPolicy::PreferExactThenTry`",
        );
    }
}

/// A version that was cut, or that will be by the next changes of the password.
fn is_cut(entry: &KeytabEntry, entries: &[&KeytabEntry]) -> bool {
    let next_to_be_cut = BEFORE_WRAP.contains(&entry.kvno());
    entry.kvno() > 0
        && !entry.has_kvno_of_32_bits()
        && (next_to_be_cut || entries.iter().any(|other| other.kvno() > 255))
}

/// The acceptor, as MIT, takes 1 for newer than 255 if it is not older by its timestamp; others take the higher number.
fn check_wrap(principal: &Principal, entries: &[&KeytabEntry], findings: &mut Findings) {
    let newest_in = |range: core::ops::Range<u32>| {
        let within = entries.iter().filter(|entry| range.contains(&entry.kvno()));
        within.max_by_key(|entry| (entry.timestamp(), entry.kvno()))
    };
    let (Some(before), Some(after)) = (newest_in(BEFORE_WRAP), newest_in(AFTER_WRAP)) else { return };
    if after.timestamp() >= before.timestamp() {
        findings.push(
            FindingKind::KvnoWrap,
            Subject::Principal(principal.clone()),
            format!(
                "has kvno {} and, not older, kvno {}: the counter wrapped at 255, and readers without a rule for \
                 that take the older key for the newest",
                before.kvno(),
                after.kvno()
            ),
            format!(
                "once no ticket of it is valid any more, take kvno {} out: `kerbside keytab remove`, or `ktutil` \
                 with `delent`",
                before.kvno()
            ),
        );
    }
}

/// Entries that are equal in name, version and enctype.
pub(super) fn check_duplicates(keytab: &Keytab, principal: &Principal, findings: &mut Findings) {
    let mut entries: Vec<_> = keytab.entries_of(principal).collect();
    // Stable, so that equals stay in file order.
    entries.sort_by_key(|entry| (entry.kvno(), entry.enctype()));
    for equals in entries.chunk_by(|a, b| (a.kvno(), a.enctype()) == (b.kvno(), b.enctype())) {
        let [first, others @ ..] = equals else { continue };
        if others.is_empty() {
            continue;
        }
        let same = others.iter().all(|other| bool::from(first.key_octets().ct_eq(other.key_octets())));
        let subject = Subject::Entry(EntryName::of(first));
        let places = places(others);
        if same {
            findings.push(
                FindingKind::DuplicateSameKey,
                subject,
                format!(
                    "stands there again, with the same key, as {places}: nothing fails, and who updates one may \
                     forget the other"
                ),
                "take the doublets out: `kerbside keytab remove`, or `ktutil` with `delent`",
            );
        } else {
            findings.push(
                FindingKind::DuplicateOtherKey,
                subject,
                format!(
                    "has another key as {places}: one of them is not the KDC's; here all are tried, and other \
                     implementations use the first alone"
                ),
                "the account was made anew, or the password changed without its version: find the right key with \
                 `kvno -k FILE SERVICE` and take the others out, or make the keytab again",
            );
        }
    }
}

/// `entry 3 and entry 7 of /etc/b.keytab`.
fn places(entries: &[&KeytabEntry]) -> String {
    let place = |entry: &&KeytabEntry| match entry.path() {
        Some(path) => format!("entry {} of {path}", entry.number()),
        None => format!("entry {}", entry.number()),
    };
    entries.iter().map(place).collect::<Vec<_>>().join(" and ")
}

/// Dates, if the time is known. A date of 0 says nothing: many tools write it.
pub(super) fn check_times(doctor: &Doctor<'_>, principal: &Principal, findings: &mut Findings) {
    let Some(now) = doctor.now else { return };
    let unknown = KerberosTime::from_unix_seconds(0);
    let newest = doctor.keytab.entries_of(principal).map(KeytabEntry::timestamp).filter(|time| *time > unknown).max();
    let Some(newest) = newest else { return };
    let made = Timestamp::from(newest);
    if made > now.saturating_add(doctor.policy.skew) {
        findings.push(
            FindingKind::TimeFuture,
            Subject::Principal(principal.clone()),
            format!(
                "has a key that was made at {newest}, and it is {} now: this clock, or that of the tool's machine, \
                 is wrong",
                now.second()
            ),
            "synchronise the clock with the KDC's (`chronyc makestep`, `w32tm /resync`): tickets are refused where \
             it differs by more than the allowed skew",
        );
    } else if now.saturating_since(made) > OLD {
        findings.push(
            FindingKind::TimeOld,
            Subject::Principal(principal.clone()),
            format!(
                "has no key newer than {newest}, older than two years: whoever copied the file since can still \
                 forge tickets, and if the password was changed meanwhile every ticket is refused"
            ),
            format!("compare versions with `kvno {principal}`; change the password and make the keytab again"),
        );
    }
}
