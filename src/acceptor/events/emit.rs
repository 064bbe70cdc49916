//! The events themselves: the only place that speaks to `tracing`.

use super::{Outcome, Scene, TARGET, TARGET_KEY, TARGET_LEG, TARGET_REPLAY};
use crate::acceptor::Accepted;
use crate::acceptor::checks::NotReplayed;
use crate::acceptor::context::Checked;
use crate::acceptor::error::{Error, ErrorClass};
use crate::acceptor::tolerance::{KeyMatch, Tolerance};
use crate::numbers::Enctype;
use crate::principal::{Escaped, Principal};
use crate::replay::ReplayKey;
use crate::time::Timestamp;
use alloc::boxed::Box;
use core::fmt;
use sha2::{Digest, Sha256};
use tracing::field::{DisplayValue, display};
use tracing::level_filters::LevelFilter;
use tracing::{Level, event};

/// What one negotiation has to remember for its events, and nothing where nobody wants them.
#[derive(Default)]
pub(in crate::acceptor) struct Trail {
    noted: Option<Box<Noted>>,
}

/// An AP-REQ that passed all checks, and what the replay store said of it.
struct Noted {
    client: Principal,
    service: Principal,
    enctype: Enctype,
    kvno: u32,
    key_match: KeyMatch,
    replay_key: ReplayKey,
    keep_until: Timestamp,
    answer: &'static str,
    /// The token, if the answer comes in a later step.
    token: Option<TokenName>,
}

impl Trail {
    /// The replay store was asked, or has answered. An acceptance tells the rest by itself, so that little is copied for it.
    #[inline]
    pub(in crate::acceptor) fn asked<T: Passed>(&mut self, checked: &Checked, verdict: &Result<T, Error>) {
        if LevelFilter::current() >= LevelFilter::WARN {
            self.note(checked, verdict.as_ref().map_or_else(|error| error.kind().name(), T::name));
        }
    }

    fn note(&mut self, checked: &Checked, answer: &'static str) {
        match &mut self.noted {
            Some(noted) => noted.answer = answer,
            None if answer == PASSED && LevelFilter::current() < LevelFilter::TRACE => {}
            None => self.noted = Some(Box::new(Noted::new(checked, answer))),
        }
    }

    /// The refusal's client, if the refusal is the replay store's.
    fn proven(&self) -> Option<&Noted> {
        self.noted.as_deref().filter(|noted| noted.answer != PASSED)
    }
}

/// What the replay store said, if it did not refuse.
pub(in crate::acceptor) trait Passed {
    fn name(&self) -> &'static str;
}

const PASSED: &str = "passed";

impl Passed for NotReplayed {
    fn name(&self) -> &'static str {
        PASSED
    }
}

/// There is no proof yet where the caller has to ask.
impl Passed for Option<NotReplayed> {
    fn name(&self) -> &'static str {
        self.as_ref().map_or("pending", NotReplayed::name)
    }
}

impl Noted {
    fn new(checked: &Checked, answer: &'static str) -> Self {
        let (facts, question) = (&checked.facts, &checked.question);
        Self {
            client: facts.client.clone(),
            service: facts.service.clone(),
            enctype: facts.enctype,
            kvno: facts.kvno,
            key_match: facts.key_match,
            replay_key: *question.key(),
            keep_until: question.keep_until(),
            answer,
            token: None,
        }
    }
}

/// Whether anybody listens.
#[inline]
pub(in crate::acceptor) fn is_heard() -> bool {
    LevelFilter::current() > LevelFilter::OFF
}

/// Tells what came of a step.
#[cold]
#[inline(never)]
pub(in crate::acceptor) fn tell(scene: &Scene<'_>, trail: &mut Trail, outcome: Outcome<'_>) {
    let told = Told { scene, later: trail.noted.as_ref().and_then(|noted| noted.token) };
    told.leg(outcome);
    if let Some(noted) = &trail.noted {
        told.key_and_replay(noted);
    }
    match outcome {
        Outcome::Accepted(accepted) => told.accepted(accepted),
        Outcome::Refused(error) => told.refused(error, trail.proven()),
        Outcome::AsksReplayStore => {
            let token = scene.token.map(TokenName::of);
            trail.noted.iter_mut().for_each(|noted| noted.token = token);
            return;
        }
        Outcome::Continue(_) => {}
    }
    trail.noted = None;
}

/// What the events of one step have in common.
struct Told<'a> {
    scene: &'a Scene<'a>,
    /// The token of the step before, if this one has none.
    later: Option<TokenName>,
}

macro_rules! refusal {
    ($level:ident, $told:ident, $error:ident, $proven:ident) => {
        event!(
            target: TARGET,
            Level::$level,
            kind = $error.kind().name(),
            class = class_name($error.class()),
            krb_error_code = $error.krb_error_code().0,
            gss_major = $error.gss_major().0,
            mechanism = $error.mechanism().map(display),
            client = $proven.map(|noted| display(&noted.client)),
            service = $proven.map(|noted| display(&noted.service)),
            enctype = $proven.map(|noted| display(noted.enctype)),
            kvno = $proven.map(|noted| noted.kvno),
            key_match = $proven.map(|noted| key_match_name(noted.key_match)),
            accepts = %$told.scene.spn,
            connection = $told.connection(),
            token_octets = $told.token().map(|token| token.octets),
            token_sha256 = $told.token().map(display),
            error = %$error,
            hint = %$error.hint(),
            "token refused"
        )
    };
}

impl Told<'_> {
    fn refused(&self, error: &Error, proven: Option<&Noted>) {
        match error.class() {
            ErrorClass::Environment => refusal!(ERROR, self, error, proven),
            ErrorClass::Configuration | ErrorClass::Policy | ErrorClass::Replay => refusal!(WARN, self, error, proven),
            ErrorClass::NotKerberos | ErrorClass::Malformed | ErrorClass::Time => refusal!(INFO, self, error, proven),
            ErrorClass::Continue => refusal!(DEBUG, self, error, proven),
        }
    }

    fn accepted(&self, accepted: &Accepted) {
        event!(
            target: TARGET,
            Level::DEBUG,
            client = %accepted.client(),
            service = %accepted.service(),
            enctype = %accepted.enctype(),
            kvno = accepted.kvno(),
            key_match = key_match_name(accepted.key_match()),
            mechanism = %accepted.mechanism(),
            channel_bound = accepted.channel_bound(),
            tolerances = tolerances(accepted.tolerances()),
            connection = self.connection(),
            token_octets = self.token().map(|token| token.octets),
            token_sha256 = self.token().map(display),
            "token accepted"
        );
    }

    fn leg(&self, outcome: Outcome<'_>) {
        let (name, reply_octets, used) = match outcome {
            Outcome::Accepted(accepted) => ("accepted", accepted.reply().map(<[u8]>::len), accepted.tolerances()),
            Outcome::Continue(octets) => ("continue", Some(octets), self.scene.tolerances),
            Outcome::AsksReplayStore => ("asks the replay store", None, self.scene.tolerances),
            Outcome::Refused(error) => ("refused", error.reply().map(<[u8]>::len), self.scene.tolerances),
        };
        event!(
            target: TARGET_LEG,
            Level::TRACE,
            leg = self.scene.leg,
            outcome = name,
            reply_octets,
            tolerances = tolerances(used),
            connection = self.connection(),
            token_octets = self.token().map(|token| token.octets),
            token_sha256 = self.token().map(display),
            "token looked at"
        );
    }

    fn key_and_replay(&self, noted: &Noted) {
        event!(
            target: TARGET_KEY,
            Level::TRACE,
            client = %noted.client,
            service = %noted.service,
            enctype = %noted.enctype,
            kvno = noted.kvno,
            key_match = key_match_name(noted.key_match),
            connection = self.connection(),
            token_octets = self.token().map(|token| token.octets),
            token_sha256 = self.token().map(display),
            "ticket opened, and all checks passed"
        );
        event!(
            target: TARGET_REPLAY,
            Level::TRACE,
            replay_key = %Prefix(first_octets(noted.replay_key.as_octets())),
            keep_until = %noted.keep_until,
            answer = noted.answer,
            connection = self.connection(),
            token_octets = self.token().map(|token| token.octets),
            token_sha256 = self.token().map(display),
            "replay store asked"
        );
    }

    fn connection(&self) -> Option<DisplayValue<Escaped<'_>>> {
        self.scene.connection.label_text().map(|label| display(Escaped { octets: label.as_bytes(), special: &[] }))
    }

    fn token(&self) -> Option<TokenName> {
        self.scene.token.map(TokenName::of).or(self.later)
    }
}

/// By what a token is known: nobody can use it, and whoever has the token finds its line.
#[derive(Clone, Copy)]
struct TokenName {
    octets: usize,
    hash: Prefix,
}

impl TokenName {
    fn of(token: &[u8]) -> Self {
        Self { octets: token.len(), hash: Prefix(first_octets(&Sha256::digest(token))) }
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash.fmt(f)
    }
}

/// The first 8 hexadecimal digits of a hash.
#[derive(Clone, Copy)]
struct Prefix(u32);

fn first_octets(hash: &[u8]) -> u32 {
    hash.first_chunk().copied().map_or(0, u32::from_be_bytes)
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// The tolerances that were used, if there are any.
fn tolerances(used: &[Tolerance]) -> Option<DisplayValue<List<'_>>> {
    (!used.is_empty()).then(|| display(List(used)))
}

struct List<'a>(&'a [Tolerance]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, tolerance)| {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{tolerance}")
        })
    }
}

fn class_name(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::NotKerberos => "not kerberos",
        ErrorClass::Malformed => "malformed",
        ErrorClass::Configuration => "configuration",
        ErrorClass::Time => "time",
        ErrorClass::Policy => "policy",
        ErrorClass::Replay => "replay",
        ErrorClass::Environment => "environment",
        ErrorClass::Continue => "continue",
    }
}

fn key_match_name(key_match: KeyMatch) -> &'static str {
    match key_match {
        KeyMatch::Exact => "exact",
        KeyMatch::LowBits => "low bits",
        KeyMatch::Wildcard => "wildcard",
        KeyMatch::OtherKvno => "other kvno",
        KeyMatch::Alias => "alias",
    }
}
