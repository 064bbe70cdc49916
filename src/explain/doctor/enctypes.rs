//! Which enctypes a principal has keys of, and which of them the policy lets open a ticket.

use super::{Doctor, FindingKind, Findings, Severity, Subject};
use crate::acceptor::EnctypeRole;
use crate::keytab::{KeyProblem, Keytab};
use crate::numbers::Enctype;
use crate::principal::Principal;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Whether some ticket for this principal can be opened, and whether those that KDCs make can.
pub(super) fn check(doctor: &Doctor<'_>, principal: &Principal, findings: &mut Findings) {
    let mut usable: Vec<Enctype> = Vec::new();
    for entry in doctor.keytab.entries_of(principal) {
        if entry.key().is_some() && !usable.contains(&entry.enctype()) {
            usable.push(entry.enctype());
        }
    }
    let (permitted, refused): (Vec<_>, Vec<_>) = usable
        .iter()
        .copied()
        .partition(|enctype| doctor.policy.enctypes.allowed(EnctypeRole::Ticket).contains(enctype));
    let subject = || Subject::Principal(principal.clone());
    let only_rc4 = usable.iter().all(|enctype| *enctype == Enctype::RC4_HMAC);
    match (usable.is_empty(), only_rc4, permitted.is_empty()) {
        (true, ..) => {
            let message = "has no key that can be used, so every ticket for it is refused with NoKey.Enctype or \
                 EtypeUnsupported";
            findings.push(FindingKind::EnctypeNoneUsable, subject(), message, remake(principal));
        }
        (_, true, none_permitted) => check_only_rc4(principal, none_permitted, findings),
        (_, _, true) => findings.push(
            FindingKind::EnctypeNonePermitted,
            subject(),
            format!("has keys of {}, and the policy permits none of them for tickets", list(&refused)),
            format!("allow one by policy (`EnctypePolicy::allow`), or {}", remake(principal)),
        ),
        _ => {
            check_aes(principal, &usable, findings);
            check_refused(principal, &refused, findings);
        }
    }
}

fn check_only_rc4(principal: &Principal, refused: bool, findings: &mut Findings) {
    let (severity, because) = match refused {
        true => (Severity::Error, "the policy refuses every ticket under them, and one under AES could not be opened"),
        false => (
            Severity::Warning,
            "RFC 8429 advises against them, domain controllers cease to issue them, and a ticket under AES could \
             not be opened",
        ),
    };
    findings.push_as(
        severity,
        (FindingKind::EnctypeOnlyRc4, Subject::Principal(principal.clone())),
        format!("has no keys but those of RC4: {because}"),
        format!("set msDS-SupportedEncryptionTypes = 24 on its account, then {}", remake(principal)),
    );
}

/// KDCs choose the strongest enctype that they think the service has, and think so by the account and not by the keytab.
fn check_aes(principal: &Principal, usable: &[Enctype], findings: &mut Findings) {
    let has = |enctype| usable.contains(&enctype);
    let sha1 = [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES256_CTS_HMAC_SHA1_96].map(has);
    let sha2 = has(Enctype::AES128_CTS_HMAC_SHA256_128) || has(Enctype::AES256_CTS_HMAC_SHA384_192);
    let (kind, message) = match (sha1, sha2) {
        ([_, true], _) => return,
        ([true, false], _) => (
            FindingKind::EnctypeNoAes256,
            "has a key of AES-128 and none of aes256-cts-hmac-sha1-96 (18), which KDCs choose first: their tickets \
             are refused with NoKey.Enctype",
        ),
        ([false, false], true) => (
            FindingKind::EnctypeOnlyAesSha2,
            "has keys of RFC 8009 alone (19, 20): KDCs that do not know these, domain controllers among them, \
             issue tickets under 17 and 18, which are refused with NoKey.Enctype",
        ),
        ([false, false], false) => (
            FindingKind::EnctypeNoAes,
            "has no key of AES, which every KDC of today chooses unless it is told otherwise: such tickets are \
             refused with NoKey.Enctype",
        ),
    };
    findings.push(kind, Subject::Principal(principal.clone()), message, remake(principal));
}

fn check_refused(principal: &Principal, refused: &[Enctype], findings: &mut Findings) {
    if refused.is_empty() {
        return;
    }
    let message = format!("has keys of {}, which the policy refuses for tickets: they are never used", list(refused));
    let remedy = "let the KDC issue none of them (AD: msDS-SupportedEncryptionTypes = 24 on its account) and take \
         them out: `kerbside keytab remove`, or `ktutil` with `delent`; a key that is not there cannot be stolen";
    findings.push(FindingKind::EnctypeNotPermitted, Subject::Principal(principal.clone()), message, remedy);
}

/// Entries that no build of this crate, or not this one, can use: DES, what has no name, what is behind a feature.
pub(super) fn check_leftovers(keytab: &Keytab, principal: &Principal, findings: &mut Findings) {
    let (mut weak, mut unknown, mut not_built_in) = (Vec::new(), Vec::new(), Vec::new());
    for entry in keytab.entries_of(principal).filter(|entry| entry.key_problem() == Some(KeyProblem::Unsupported)) {
        let list = match entry.enctype() {
            enctype if WEAK.contains(&enctype) => &mut weak,
            enctype if enctype.name().is_some() => &mut not_built_in,
            _ => &mut unknown,
        };
        if !list.contains(&entry.enctype()) {
            list.push(entry.enctype());
        }
    }
    let mut push = |kind, enctypes: &[Enctype], message: &str, remedy: &str| {
        if !enctypes.is_empty() {
            let message = format!("has keys of {}{message}", list(enctypes));
            findings.push(kind, Subject::Principal(principal.clone()), message, remedy);
        }
    };
    push(
        FindingKind::EnctypeWeak,
        &weak,
        ", which are broken (RFC 6649, RFC 8429) and never used here; whoever breaks one in a ticket knows the \
         password that the others are made of",
        "forbid them at the KDC (AD: clear `Use only Kerberos DES encryption types`; MIT: `supported_enctypes`), \
         change the password, and make the keytab again (`ktpass /crypto AES256-SHA1`, `ktadd -e \
         aes256-cts:normal`)",
    );
    push(
        FindingKind::EnctypeNotBuiltIn,
        &not_built_in,
        ", which are not in this build: a ticket under one is refused with EtypeUnsupported",
        "build with the feature `camellia` for enctypes 25 and 26, or let the KDC issue others",
    );
    push(
        FindingKind::EnctypeUnknown,
        &unknown,
        ", numbers that are not registered: they are never used",
        "find out which tool wrote them; take them out with `kerbside keytab remove`",
    );
}

/// DES in its three forms, triple DES, and the export form of RC4.
const WEAK: [Enctype; 5] =
    [Enctype::DES_CBC_CRC, Enctype::DES_CBC_MD4, Enctype::DES_CBC_MD5, Enctype::DES3_CBC_SHA1, Enctype::RC4_HMAC_EXP];

/// The commands that make keys of AES for this principal.
pub(super) fn remake(principal: &Principal) -> String {
    format!(
        "make its keys again with AES: `ktpass /princ {principal} /mapuser ACCOUNT /pass * /ptype \
         KRB5_NT_PRINCIPAL /crypto AES256-SHA1 /out FILE` (AD), `kadmin -q \"ktadd -k FILE -e \
         aes256-cts:normal,aes128-cts:normal {principal}\"` (MIT; it makes a new version), `kadmin ext_keytab -k \
         FILE {principal}` (Heimdal)"
    )
}

/// `aes256-cts-hmac-sha1-96 (18), rc4-hmac (23)`.
fn list(enctypes: &[Enctype]) -> String {
    let shown: Vec<_> = enctypes.iter().map(|enctype| format!("{enctype}")).collect();
    shown.join(", ")
}
