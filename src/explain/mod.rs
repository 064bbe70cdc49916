//! Why was it refused? The whole decision record of one token: it never accepts, and always answers. And before any token comes,
//! the [`doctor`] looks at keys and settings.
//!
//! Layer 5, beside the acceptor. [`Acceptor::explain`] takes the octets of any token and gives a [`Report`]: what kind of
//! token it is and which mechanisms it offers, what its ticket claims in the clear, every key of the keytab in the order in
//! which it would be tried and what became of it, every step of the acceptance order with the value found and the limit, what
//! was tolerated and by which setting, the answer that [`accept`](Acceptor::accept) would give, and what can be done about it
//! by whom, down to the command. Behind the first refusal it goes on: an administrator sees at once that a ticket is
//! expired *and* its client's clock wrong *and* its realm not allowed.
//!
//! The answer is the acceptor's own: an accept that stops before the replay store. The steps are the acceptor's own
//! functions. Nothing is looked up or stored in the replay store, and nobody can be let in on the strength of a report: it has
//! no identity, only text.
//!
//! `Display` shows a tree of lines of up to 100 columns, [`Report::colored`] the same with colours for a terminal, and the feature
//! `serde` writes it for machines. Neither holds a key, a whole token, or peer text that is not escaped; both may name
//! principals of the keytab, so a report is for the operator and never for the client.
//!
//! It costs two to three accepts, and the text: it is meant for a person who asks, not for every request.
//!
//! ```no_run
//! use kerbside::{Acceptor, Keytab, explain::Audience};
//!
//! # fn refused(token: &[u8], now: kerbside::Timestamp) -> Result<(), Box<dyn core::error::Error>> {
//! let acceptor = Acceptor::builder(Keytab::from_file("http.keytab")?).service("HTTP").build()?;
//! let report = acceptor.explain(token, now);
//! println!("{report}");                                          // the tree, for a log or a terminal
//!
//! if let Some(refusal) = report.first_refusal() {
//!     println!("{}: {}", refusal.step, refusal.step.title());    // K-8: the keytab is not older than the ticket
//! }
//! for remedy in report.remedies().iter().filter(|remedy| remedy.audience == Audience::Directory) {
//!     println!("{} {}", remedy.advice, remedy.command.as_deref().unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```

pub mod doctor;
mod lenience;
#[cfg(feature = "serde")]
mod machine;
mod remedy;
mod settings;
mod text;
mod tree;

pub use crate::acceptor::record::{
    ApReqFrame, Candidate, Check, KeyFate, Mechanism, Step, TicketFacts, TokenFacts, Verdict,
};
pub use lenience::Lenience;
pub use remedy::{Audience, Platform, Remedy};
pub use settings::Setting;
pub use text::Colored;

use crate::acceptor::record::Record;
use crate::acceptor::{Acceptor, Connection, Error, ErrorKind, Tolerance};
use crate::gss::{Oid, TokenKind};
use crate::time::Timestamp;
use alloc::string::ToString;
use alloc::vec::Vec;
use remedy::{Remedies, SameMachine, Situation};

impl Acceptor {
    /// Says what [`accept`](Self::accept) would make of a token, and why. It never accepts, does not ask the replay store, and
    /// answers whatever the octets are.
    #[must_use = "a report is for somebody to read"]
    pub fn explain(&self, token: &[u8], now: impl Into<Timestamp>) -> Report {
        self.explain_on(&Connection::default(), token, now)
    }

    /// As [`explain`](Self::explain), for a token that came over a connection of which something is known.
    #[must_use = "a report is for somebody to read"]
    pub fn explain_on(&self, connection: &Connection, token: &[u8], now: impl Into<Timestamp>) -> Report {
        Report::of(self, self.record(connection, token, now.into()))
    }
}

/// What an accept would make of one token, and why.
///
/// With the feature `serde` it can be serialised. Field names are stable: none is renamed or removed within a major version.
/// Enumerations are their names in lower case with hyphens, and whatever a peer wrote is escaped.
///
/// ```text
/// { "now": "RFC 3339", "answer": "accepted-but-for-replay" | "refused" | "continue",
///   "error": { "kind", "step", "krb_error_code", "gss_major", "message", "hint" } | null,
///   "token": { "octets", "sha256_prefix", "kind", "kerberos_error_code", "ntlm_message_type", "inner_kind", "frame",
///              "mechanisms": [{ "oid", "name", "chosen" }], "more_mechanisms" },
///   "unproven_ticket": { "service", "name_type", "etype", "etype_name", "kvno", "cipher_octets", "ap_options": [],
///                        "authenticator_etype", "authenticator_octets" } | null,
///   "keys": [{ "service", "kvno", "etype", "etype_name", "key_match", "fate", "opens", "retires", "explanation" }], "more_keys",
///   "checks": [{ "step", "title", "verdict", "found", "wanted", "kind", "message", "tolerated": [] }],
///   "tolerated": [{ "what", "setting", "otherwise" }], "would_tolerate": [{ "what", "setting", "otherwise" }],
///   "policy": { "preset", "settings": [{ "name", "value", "changed" }] },
///   "remedies": [{ "audience", "platform", "advice", "command" }] }
/// ```
#[derive(Debug)]
pub struct Report {
    record: Record,
    preset: &'static str,
    settings: Vec<Setting>,
    remedies: Vec<Remedy>,
}

impl Report {
    fn of(acceptor: &Acceptor, record: Record) -> Self {
        let (policy, limits, services) = acceptor.in_force();
        let (preset, settings) = settings::effective(policy, limits, services);
        let remedies = remedies(&record);
        Self { record, preset, settings, remedies }
    }

    /// The acceptor's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.record.now
    }

    /// What an accept would answer: `Ok` if nothing but a replay check speaks against the token.
    ///
    /// # Errors
    /// The error that [`accept`](Acceptor::accept) gives.
    pub fn answer(&self) -> Result<(), &Error> {
        match &self.record.answer {
            Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What the token is, told without any key.
    #[must_use]
    pub fn token(&self) -> &TokenFacts {
        &self.record.token
    }

    /// What the AP-REQ and its ticket say in the clear, if there is one. Nobody has proven any of it.
    #[must_use]
    pub fn ticket(&self) -> Option<&TicketFacts> {
        self.record.ticket.as_ref()
    }

    /// The keys of the keytab, in the order in which they would be tried, then those that would not be.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.record.candidates
    }

    /// How many more keys the keytab has than are listed.
    #[must_use]
    pub fn more_candidates(&self) -> usize {
        self.record.more_candidates
    }

    /// Every step, in the order in which an accept takes them.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.record.checks
    }

    /// One step.
    #[must_use]
    pub fn check(&self, step: Step) -> Option<&Check> {
        self.checks().iter().find(|check| check.step == step)
    }

    /// The steps that refuse, in order.
    pub fn refusals(&self) -> impl Iterator<Item = &Check> {
        self.checks().iter().filter(|check| check.verdict.refusal().is_some())
    }

    /// The step that decides; `None` if an accept would refuse nothing.
    #[must_use]
    pub fn first_refusal(&self) -> Option<&Check> {
        self.refusals().next()
    }

    /// What an accept would have let pass up to its answer.
    #[must_use]
    pub fn tolerances(&self) -> &[Tolerance] {
        &self.record.tolerances
    }

    /// What was let pass, each with the setting that would refuse it.
    pub fn tolerated(&self) -> impl Iterator<Item = Lenience> {
        self.tolerances().iter().filter_map(lenience::of_tolerance)
    }

    /// What was refused, where a setting would let it pass. That it could does not mean that it should.
    pub fn would_tolerate(&self) -> impl Iterator<Item = Lenience> {
        self.refusals().filter_map(|check| lenience::of_refusal(check.verdict.refusal()?.kind()))
    }

    /// The preset of policies that is nearest to the one in force.
    #[must_use]
    pub fn preset(&self) -> &'static str {
        self.preset
    }

    /// Every setting in force.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// What to do, by whom; those for the refusal that decides come first.
    #[must_use]
    pub fn remedies(&self) -> &[Remedy] {
        &self.remedies
    }

    /// The same tree as `Display` shows, with colours (ECMA-48), for a terminal that shows them.
    #[must_use]
    pub fn colored(&self) -> Colored<'_> {
        Colored::new(self)
    }
}

fn remedies(record: &Record) -> Vec<Remedy> {
    let ntlm = Oid::NTLM.to_string();
    let favourite = record.token.mechanisms.first().and_then(|mech| {
        let kind = if mech.oid == ntlm { TokenKind::Ntlm { message_type: None } } else { TokenKind::NegoEx };
        matches!(mech.name, Some("NTLM" | "NegoEx")).then_some(kind)
    });
    let situation = Situation {
        service: record.ticket.as_ref().map(|ticket| &ticket.service).or(record.own.as_deref()),
        candidates: &record.candidates,
        same_machine: match record.peer {
            Some(peer) if peer.to_canonical().is_loopback() => SameMachine::Yes,
            _ => SameMachine::NotKnown,
        },
        favourite,
    };
    let kinds = record.checks.iter().filter_map(|check| Some((check.step, check.verdict.refusal()?.kind())));
    Remedies::of(&situation, kinds)
}

/// Whether the token is one that any further token of the same negotiation may make good.
pub(crate) fn needs_more(kind: &ErrorKind) -> bool {
    kind.gss_major() == crate::acceptor::GssMajor::CONTINUE_NEEDED
}
