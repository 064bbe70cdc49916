//! A report and the answer that it explains.

use kerbside::explain::{Report, Step, Verdict};
use kerbside::{Acceptor, Connection, Error, Timestamp};

/// Explains a token, and accepts it: the answer that the report gives, and the first step that refuses, are the answer of the
/// accept. The report comes first, so that it cannot have told the replay store.
#[track_caller]
pub(crate) fn agreed(
    acceptor: &Acceptor,
    connection: &Connection,
    token: &[u8],
    now: Timestamp,
    what: &dyn Fn() -> String,
) -> Report {
    let report = acceptor.explain_on(connection, token, now);
    let accepted = acceptor.accept_on(connection, token, now);
    assert_eq!(report.answer().err().map(shown), accepted.as_ref().err().map(shown), "{}:\n{report}", what());
    let first = report.first_refusal().and_then(|check| check.verdict.refusal());
    assert_eq!(first.map(shown), accepted.as_ref().err().map(shown), "{}:\n{report}", what());
    if let Some(check) = report.first_refusal() {
        let (kind, step) = (check.verdict.refusal().unwrap().kind().name(), check.step.id());
        assert!(decides(kind, step), "{}: {kind} at {step}:\n{report}", what());
    }
    match accepted {
        Ok(accepted) => assert_eq!(report.tolerances(), accepted.tolerances(), "{}", what()),
        Err(_) => assert!(!report.remedies().is_empty(), "{}:\n{report}", what()),
    }
    assert!(steps_in_order(&report), "{}", what());
    report
}

/// From which steps a refusal of each name may come. What cannot be decoded is refused at the step of what was decoded, or of the
/// form of its lengths.
const DECIDED_BY: &[(&str, &[&str])] = &[
    ("Token.TooLarge", &["L-1"]),
    ("Token.Empty", &["L-2"]),
    ("Token.NotKerberos", &["L-3", "S-4", "S-8", "S-7", "G-2", "DCE-1"]),
    ("Token.Malformed", &["L-4", "L-5", "L-6", "S-1", "S-2", "S-3", "S-10", "G-1", "A-1", "A-6", "A-7"]),
    ("Token.TokenId", &["G-3"]),
    ("Negotiation.NoCommonMechanism", &["S-4"]),
    ("Negotiation.MechanismMismatch", &["S-7"]),
    ("Negotiation.MoreNeeded", &["S-5", "S-6", "DCE-1"]),
    ("Negotiation.OutOfOrder", &["S-10", "MIC-2"]),
    ("Negotiation.BadMic", &["MIC-1", "MIC-2"]),
    ("Negotiation.MicMissing", &["MIC-2"]),
    ("Negotiation.ReplayPending", &["R-1"]),
    ("ApReq.Version", &["A-2"]),
    ("ApReq.MessageType", &["A-3"]),
    ("ApReq.NotUserToUser", &["K-0"]),
    ("NoKey.UserToUser", &["K-0", "G-2"]),
    ("Ticket.Version", &["A-5"]),
    ("EtypeUnsupported", &["K-3", "U-3", "E-3"]),
    ("EtypeNotPermitted", &["K-2", "E-2", "E-3"]),
    ("NoKey.Principal", &["K-4", "K-6"]),
    ("NotForUs", &["K-5", "SPN"]),
    ("NoKey.Kvno", &["K-7", "K-8"]),
    ("NoKey.Enctype", &["K-9"]),
    ("KeyDoesNotDecrypt", &["K-10"]),
    ("Ticket.Malformed", &["T-2", "T-3", "L-5"]),
    ("Integrity", &["A-8", "U-3", "U-1", "E-3", "C-2"]),
    ("Authenticator.Malformed", &["U-2", "E-4", "C-7", "L-5"]),
    ("ClientMismatch", &["N-1"]),
    ("ClientRealmNotAllowed", &["N-2"]),
    ("Address", &["N-3"]),
    ("Transited", &["N-4", "N-5"]),
    ("TicketNotYetValid", &["D-1"]),
    ("TicketInvalid", &["D-2"]),
    ("TicketExpired", &["D-3"]),
    ("ClockSkew", &["D-4"]),
    ("Checksum.Missing", &["C-1"]),
    ("Checksum.WrongType", &["C-2"]),
    ("Checksum.Malformed", &["C-3"]),
    ("ChannelBinding", &["C-6"]),
    ("Delegation.Malformed", &["C-8", "C-9", "L-5"]),
    ("Delegation.Integrity", &["C-9"]),
    ("AuthorizationData.Critical", &["AD"]),
    ("Replay.BeforeStart", &["R-9"]),
    ("Random.Failed", &["M-5"]),
];

fn decides(kind: &str, step: &str) -> bool {
    DECIDED_BY.iter().any(|(name, steps)| *name == kind && steps.contains(&step))
}

/// Every step once, in the order of an accept.
fn steps_in_order(report: &Report) -> bool {
    report.checks().iter().map(|check| check.step).eq(Step::ALL.iter().copied())
}

/// What an error says, and under which name and codes.
fn shown(error: &Error) -> (&'static str, i32, String) {
    (error.kind().name(), error.krb_error_code().0, error.to_string())
}

/// The ids of the steps that refuse.
pub(crate) fn refused(report: &Report) -> Vec<&'static str> {
    report.refusals().map(|check| check.step.id()).collect()
}

/// The ids of the steps that let something pass.
pub(crate) fn tolerated(report: &Report) -> Vec<&'static str> {
    let tolerated = report.checks().iter().filter(|check| matches!(check.verdict, Verdict::Tolerated(_)));
    tolerated.map(|check| check.step.id()).collect()
}

/// What a step found.
#[track_caller]
pub(crate) fn found(report: &Report, step: Step) -> &str {
    report.check(step).unwrap().found.as_deref().unwrap_or_else(|| panic!("{step} shows nothing:\n{report}"))
}
