//! The verdicts of one token, step by step.

use super::Step;
use crate::acceptor::error::shown::Brief;
use crate::acceptor::error::{ApReqError, AuthenticatorError, ChecksumError, DelegationError, DelegationProblem};
use crate::acceptor::error::{EnctypeRole, Error, ErrorKind, KvnoDirection, NoKey, Part, TicketError, TokenError};
use crate::acceptor::error::{NegotiationError, WantedName};
use crate::acceptor::tolerance::{Tolerance, Tolerances};
use crate::acceptor::transited::TransitedProblem;
use crate::error::{DecodeError, DecodeErrorKind, TypeId};
use crate::gss::TokenKind;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;

/// One step, and what came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Check {
    /// The step.
    pub step: Step,
    /// What came of it.
    pub verdict: Verdict,
    /// The value found, if there is one to show. What a peer wrote is escaped, and cut where it is very long.
    pub found: Option<String>,
    /// The limit, or what was wanted.
    pub wanted: Option<String>,
}

/// What came of a step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold in full, and the policy lets it pass: a stricter one would refuse.
    Tolerated(Vec<Tolerance>),
    /// It does not hold.
    Refused(Error),
    /// It could not be looked at, because of an earlier refusal, or because nobody was asked.
    NotReached,
    /// It does not concern this token.
    NotApplicable,
}

impl Verdict {
    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Error> {
        match self {
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }
}

/// The record while it is written: every step is there from the start, as not reached.
pub(super) struct Ledger {
    checks: Vec<Check>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let unreached = |step: &Step| Check { step: *step, verdict: Verdict::NotReached, found: None, wanted: None };
        Self { checks: Step::ALL.iter().map(unreached).collect() }
    }

    pub(super) fn into_checks(self) -> Vec<Check> {
        self.checks
    }

    fn at(&mut self, step: Step) -> Option<&mut Check> {
        self.checks.iter_mut().find(|check| check.step == step)
    }

    fn set(&mut self, step: Step, verdict: Verdict) {
        if let Some(check) = self.at(step) {
            check.verdict = verdict;
        }
    }

    /// Whether any step was refused so far.
    pub(super) fn has_refusal(&self) -> bool {
        self.checks.iter().any(|check| check.verdict.refusal().is_some())
    }

    /// Whether a step was looked at.
    pub(super) fn is_decided(&self, step: Step) -> bool {
        let undecided = |check: &Check| check.step == step && matches!(check.verdict, Verdict::NotReached);
        !self.checks.iter().any(undecided)
    }

    pub(super) fn pass(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.set(*step, Verdict::Passed));
    }

    pub(super) fn skip(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.set(*step, Verdict::NotApplicable));
    }

    pub(super) fn refuse(&mut self, step: Step, error: Error) {
        self.set(step, Verdict::Refused(error));
    }

    pub(super) fn tolerate(&mut self, step: Step, tolerance: Tolerance) {
        match self.at(step).map(|check| &mut check.verdict) {
            Some(Verdict::Refused(_)) | None => {}
            Some(Verdict::Tolerated(tolerated)) if tolerated.contains(&tolerance) => {}
            Some(Verdict::Tolerated(tolerated)) => tolerated.push(tolerance),
            Some(verdict) => *verdict = Verdict::Tolerated(Vec::from([tolerance])),
        }
    }

    /// What a step looked at, and against what.
    pub(super) fn note(&mut self, step: Step, found: impl Display, wanted: impl Display) {
        if let Some(check) = self.at(step) {
            let shown = |text: String| Some(text).filter(|text| !text.is_empty());
            check.found = shown(format!("{}", Brief(found)));
            check.wanted = shown(format!("{}", Brief(wanted)));
        }
    }

    /// The outcome of a function that takes several steps: those before the refused one have
    /// passed. An error that belongs to none of them is the last one's.
    pub(super) fn stage<T>(&mut self, steps: &[Step], result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => {
                self.pass(steps);
                Some(value)
            }
            Err(error) => {
                let found = step_of(&error).filter(|step| steps.contains(step) || *step == Step::L5);
                let step = match found {
                    // The form of lengths is one step for all messages of a token. It comes early, so that it stands for a
                    // later message only if nothing was refused before.
                    Some(Step::L5) if self.has_refusal() => steps.last().copied(),
                    Some(step) => Some(step),
                    None => steps.last().copied(),
                };
                let before = steps.iter().position(|other| Some(*other) == step).unwrap_or(0);
                self.pass(steps.get(..before).unwrap_or_default());
                if let Some(step) = step {
                    self.refuse(step, error);
                }
                None
            }
        }
    }

    /// As [`stage`](Self::stage), with what the function let pass.
    pub(super) fn judge<T>(
        &mut self,
        steps: &[Step],
        check: impl FnOnce(&mut Tolerances) -> Result<T, Error>,
    ) -> Option<T> {
        let mut tolerances = Tolerances::default();
        let proof = self.stage(steps, check(&mut tolerances));
        self.tolerated(tolerances);
        proof
    }

    /// What was let pass, each at its step. Which step a key of another version belongs to, whoever knows both versions says.
    pub(super) fn tolerated(&mut self, tolerances: Tolerances) {
        for tolerance in tolerances.into_vec() {
            if let Some(step) = step_of_tolerance(tolerance) {
                self.tolerate(step, tolerance);
            }
        }
    }
}

/// The step that lets something pass; `None` where it depends on the versions of two keys.
pub(super) fn step_of_tolerance(tolerance: Tolerance) -> Option<Step> {
    match tolerance {
        Tolerance::NonMinimalLength => Some(Step::L5),
        Tolerance::MicrosoftOid => Some(Step::G2),
        Tolerance::KeyMatch(_) => None,
        Tolerance::RetiredKey { .. } => Some(Step::K10),
        Tolerance::NameCase => Some(Step::K6),
        Tolerance::ChecksumMissing => Some(Step::C1),
        Tolerance::PlainChecksum => Some(Step::C2),
        Tolerance::SequenceNumberMissing => Some(Step::M4),
        Tolerance::DirectCrossRealm => Some(Step::N4),
        Tolerance::MechListMicCopy => Some(Step::Mic1),
        Tolerance::CriticalAuthorizationData(_) => Some(Step::Ad),
    }
}

/// The step that refuses with this error; `None` for what no step of a first token answers.
pub(super) fn step_of(error: &Error) -> Option<Step> {
    Some(match error.kind() {
        ErrorKind::Token(error) => of_token(error),
        ErrorKind::Negotiation(error) => of_negotiation(error)?,
        ErrorKind::ApReq(ApReqError::Version { .. }) => Step::A2,
        ErrorKind::ApReq(ApReqError::MessageType { .. }) => Step::A3,
        ErrorKind::ApReq(ApReqError::NotUserToUser) | ErrorKind::NoKey(NoKey::UserToUser) => Step::K0,
        ErrorKind::Ticket(TicketError::Version { .. }) => Step::A5,
        ErrorKind::Ticket(TicketError::Malformed(error)) => {
            let of_content = if error.kind() == DecodeErrorKind::BadValue { Step::T3 } else { Step::T2 };
            of_length(*error).unwrap_or(of_content)
        }
        ErrorKind::Authenticator(AuthenticatorError::Version { .. }) => Step::U2,
        ErrorKind::Authenticator(AuthenticatorError::Malformed(error)) => {
            let of_content = if error.type_id() == TypeId::ETYPE_LIST { Step::E4 } else { Step::U2 };
            of_length(*error).unwrap_or(of_content)
        }
        ErrorKind::Authenticator(AuthenticatorError::ApOptions) => Step::C7,
        ErrorKind::Integrity(Part::Ticket) => Step::A8,
        ErrorKind::Integrity(Part::Authenticator) => Step::U1,
        ErrorKind::Integrity(Part::Checksum) => Step::C2,
        ErrorKind::NoKey(error) => of_no_key(error)?,
        ErrorKind::NotForUs { .. } => Step::K5,
        ErrorKind::EtypeNotPermitted { role: EnctypeRole::Ticket, .. } => Step::K2,
        ErrorKind::EtypeNotPermitted { role: EnctypeRole::SessionKey, .. } => Step::E2,
        ErrorKind::EtypeNotPermitted { role: EnctypeRole::Subkey, .. } => Step::E3,
        ErrorKind::EtypeUnsupported { .. } => Step::K3,
        ErrorKind::KeyDoesNotDecrypt { .. } => Step::K10,
        ErrorKind::ClientMismatch { .. } => Step::N1,
        ErrorKind::ClientRealmNotAllowed { .. } => Step::N2,
        ErrorKind::Address { .. } => Step::N3,
        ErrorKind::Transited { problem: TransitedProblem::UnknownType { .. }, .. } => Step::N5,
        ErrorKind::Transited { .. } => Step::N4,
        ErrorKind::TicketNotYetValid { .. } => Step::D1,
        ErrorKind::TicketInvalid => Step::D2,
        ErrorKind::TicketExpired { .. } => Step::D3,
        ErrorKind::ClockSkew { .. } => Step::D4,
        ErrorKind::Checksum(ChecksumError::Missing) => Step::C1,
        ErrorKind::Checksum(ChecksumError::WrongType { .. }) => Step::C2,
        ErrorKind::Checksum(ChecksumError::Malformed { .. }) => Step::C3,
        ErrorKind::ChannelBinding(_) => Step::C6,
        ErrorKind::Delegation(DelegationError::Malformed { problem: DelegationProblem::Field }) => Step::C8,
        ErrorKind::Delegation(_) => Step::C9,
        ErrorKind::CriticalAuthorizationData { .. } => Step::Ad,
        ErrorKind::Replay { .. } | ErrorKind::ReplayStore(_) => Step::R1,
        ErrorKind::BeforeStart { .. } => Step::R9,
        ErrorKind::Random => Step::M5,
        ErrorKind::Dce(_) | ErrorKind::Setup(_) => return None,
    })
}

fn of_token(error: &TokenError) -> Step {
    match error {
        TokenError::TooLarge { .. } => Step::L1,
        TokenError::Empty => Step::L2,
        TokenError::NotKerberos { kind: TokenKind::MicrosoftKrb5 } => Step::G2,
        TokenError::NotKerberos { .. } => Step::L3,
        TokenError::Malformed(error) => of_length(*error).unwrap_or_else(|| of_malformed(*error)),
        TokenError::TokenId { .. } => Step::G3,
    }
}

fn of_length(error: DecodeError) -> Option<Step> {
    (error.kind() == DecodeErrorKind::LengthNotMinimal).then_some(Step::L5)
}

/// Of what stands in the clear, by the production that is wrong.
fn of_malformed(error: DecodeError) -> Step {
    match error.type_id() {
        TypeId::INITIAL_CONTEXT_TOKEN => Step::G1,
        TypeId::NEG_TOKEN_INIT => Step::S3,
        TypeId::MECH_TYPE_LIST => Step::S2,
        TypeId::NEG_TOKEN_RESP => Step::S10,
        TypeId::PRINCIPAL_NAME => Step::A7,
        TypeId::ENCRYPTED_DATA => Step::A6,
        _ => Step::A1,
    }
}

fn of_negotiation(error: &NegotiationError) -> Option<Step> {
    match error {
        NegotiationError::NoCommonMechanism { .. } => Some(Step::S4),
        NegotiationError::MechanismMismatch { .. } => Some(Step::S7),
        NegotiationError::OutOfOrder => Some(Step::S10),
        NegotiationError::BadMic | NegotiationError::MicMissing => Some(Step::Mic2),
        NegotiationError::ReplayPending => Some(Step::R1),
        NegotiationError::MoreNeeded | NegotiationError::TooManyLegs | NegotiationError::Closed => None,
    }
}

fn of_no_key(error: &NoKey) -> Option<Step> {
    match error {
        NoKey::Principal { wanted, .. } => match **wanted {
            WantedName::Policy(_) => Some(Step::K4),
            WantedName::Principal(_) => Some(Step::K6),
        },
        NoKey::Kvno { direction: KvnoDirection::TicketOutOfDate, .. } => Some(Step::K7),
        NoKey::Kvno { direction: KvnoDirection::KeytabOutOfDate, .. } => Some(Step::K8),
        NoKey::Enctype { .. } => Some(Step::K9),
        NoKey::UserToUser => Some(Step::K0),
        // A set of acceptors says this; one alone is explained here.
        NoKey::File(_) | NoKey::Members { .. } => None,
    }
}
