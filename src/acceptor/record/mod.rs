//! The record of a decision: every step of the acceptance order for one token, with what was found, also behind the first
//! refusal.
//!
//! What an accept would answer is its own doing: [`rehearse`] is an accept that stops before the
//! replay store. The record beside it calls the functions that an accept calls, one by one, and goes on where an accept
//! stops: without the proof of a check that failed, what needs no such proof is still looked at. What an accept and this
//! record check is one list, the fields of
//! [`Proofs`](super::checks::Proofs).
//!
//! It stands here, and not where the report is made of it, because proofs are nobody's outside of the acceptor. What
//! leaves is text and numbers: no proof, no identity, no key. It costs two to three accepts.

mod checks;
mod envelope;
mod keys;
mod ledger;
mod step;
mod values;

pub use envelope::{ApReqFrame, Mechanism, TokenFacts};
pub use keys::{Candidate, KeyFate};
pub use ledger::{Check, Verdict};
pub use step::Step;

use self::envelope::any_frame;
use self::keys::Candidates;
use self::ledger::Ledger;
use super::envelope::{Decoding, malformed};
use super::error::{EnctypeRole, Error, ErrorKind, NegotiationError, TicketError, TokenError};
use super::keys::{KeyRing, KeySet};
use super::negotiation::{Rehearsal, rehearse};
use super::policy::{AliasPolicy, KvnoPolicy, Policy};
use super::ticket::{TicketKeys, TicketOpened, stated_kvno};
use super::tolerance::{KeyMatch, Tolerance, Tolerances};
use super::verify::{check_user_to_user, check_versions};
use super::wiped::Wiped;
use super::{Acceptor, Connection, Settings, Spn};
use crate::gss::TokenKind;
use crate::limits::Limits;
use crate::messages::{ApReq, EncTicketPart, Ticket};
use crate::numbers::{Enctype, NameType};
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

/// Everything that was found about one token.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) now: Timestamp,
    pub(crate) peer: Option<IpAddr>,
    /// A service of the keytab that the service policy allows.
    pub(crate) own: Option<Arc<Principal>>,
    pub(crate) token: TokenFacts,
    pub(crate) ticket: Option<TicketFacts>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) more_candidates: usize,
    pub(crate) checks: Vec<Check>,
    pub(crate) answer: Result<(), Error>,
    pub(crate) tolerances: Vec<Tolerance>,
}

/// What an AP-REQ and its ticket say in the clear: nobody has proven any of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TicketFacts {
    /// The service that the ticket names, realm included.
    pub service: Principal,
    /// The kind of that name.
    pub name_type: NameType,
    /// The enctype of the ticket's encrypted part, by its label.
    pub etype: Enctype,
    /// The version of the key, if stated.
    pub kvno: Option<u32>,
    /// The length of the ticket's ciphertext.
    pub cipher_octets: usize,
    /// The AP-REQ's options, by name.
    pub ap_options: Vec<&'static str>,
    /// The enctype of the authenticator, by its label.
    pub authenticator_etype: Enctype,
    /// The length of the authenticator's ciphertext.
    pub authenticator_octets: usize,
}

impl TicketFacts {
    fn of(ap_req: &ApReq<'_>) -> Self {
        let (ticket, authenticator) = (&ap_req.ticket, &ap_req.authenticator);
        Self {
            service: ticket.sname.to_principal(ticket.realm),
            name_type: ticket.sname.name_type,
            etype: ticket.enc_part.etype,
            kvno: ticket.enc_part.kvno,
            cipher_octets: ticket.enc_part.cipher.len(),
            ap_options: ap_req.ap_options.names().collect(),
            authenticator_etype: authenticator.etype,
            authenticator_octets: authenticator.cipher.len(),
        }
    }
}

impl Acceptor {
    /// What is accepted: policy, limits, and which services.
    pub(crate) fn in_force(&self) -> (&Policy, &Limits, &Spn) {
        (&self.settings.policy, &self.settings.limits, &self.settings.spn)
    }

    /// Looks at a token from all sides, and neither accepts it nor asks the replay store.
    pub(crate) fn record(&self, connection: &Connection, token: &[u8], now: Timestamp) -> Record {
        let settings = &*self.settings;
        let loaded = settings.keys.load();
        let ring: &KeyRing = &loaded;
        let rehearsal = rehearse(settings, token, now, connection);
        let facts = TokenFacts::of(token, settings.limits.token_octets);
        let mut recorder = Recorder { settings, ring, connection, now, rehearsal, ledger: Ledger::new(), token: facts };
        let mut found = Found::default();
        recorder.look_at(token, &mut found);
        recorder.after_the_checks();
        let own = recorder.keys().names_at(now).find(|name| name.allowed);
        Record {
            now,
            peer: connection.peer(),
            own: own.map(|name| Arc::clone(&name.principal)),
            token: recorder.token,
            ticket: found.ticket,
            candidates: found.candidates,
            more_candidates: found.more_candidates,
            checks: recorder.ledger.into_checks(),
            answer: recorder.rehearsal.answer,
            tolerances: recorder.rehearsal.tolerances,
        }
    }
}

/// What the record holds beside its steps.
#[derive(Default)]
struct Found {
    ticket: Option<TicketFacts>,
    candidates: Vec<Candidate>,
    more_candidates: usize,
}

/// Takes the steps of one token.
struct Recorder<'s> {
    settings: &'s Settings,
    ring: &'s KeyRing,
    connection: &'s Connection,
    now: Timestamp,
    rehearsal: Rehearsal,
    ledger: Ledger,
    token: TokenFacts,
}

impl<'s> Recorder<'s> {
    /// The keys, in one place.
    fn keys(&self) -> &'s KeySet {
        self.ring.current()
    }

    fn look_at(&mut self, token: &[u8], found: &mut Found) {
        let any_frame = any_frame(&self.settings.policy);
        let Some(octets) = self.envelope(token, &any_frame) else { return };
        let lenient = Decoding::new(&any_frame, &self.settings.limits);
        let strict = self.settings.decoding();
        let mut tolerances = Tolerances::default();
        let read = strict.read(&mut tolerances, |rules| ApReq::from_octets(octets, rules)).map_err(malformed);
        self.ledger.tolerated(tolerances);
        let read = self.ledger.stage(&[Step::A1, Step::A4, Step::A6, Step::A7], read);
        let again = || lenient.read(&mut Tolerances::default(), |rules| ApReq::from_octets(octets, rules)).ok();
        let Some(ap_req) = read.or_else(again) else { return };
        found.ticket = Some(TicketFacts::of(&ap_req));
        self.values_of_ap_req(&ap_req);
        self.ledger.stage(&[Step::A2, Step::A3, Step::A5], check_versions(&ap_req));
        let user_to_user = self.ledger.stage(&[Step::K0], check_user_to_user(&ap_req, self.connection)).flatten();

        let mut room = Wiped::joined([ap_req.ticket.enc_part.cipher, ap_req.authenticator.cipher]);
        let (ticket_room, authenticator_room) = room.split_at_mut(ap_req.ticket.enc_part.cipher.len());
        let behind = behind_the_policy(&self.settings.policy, ap_req.ticket.enc_part.etype);
        let opened = match user_to_user {
            Some(own) => {
                let keys = self.ticket_keys(&self.settings.policy);
                let opened = keys.open_user_to_user(&ap_req.ticket, ticket_room, own);
                self.ledger.skip(&[Step::K4, Step::K5, Step::K6, Step::K7, Step::K8, Step::K9]);
                self.ledger.stage(&[Step::K3, Step::K2, Step::A8, Step::K10], opened)
            }
            None => {
                let keys = self.ticket_keys(&self.settings.policy);
                (found.candidates, found.more_candidates) = Candidates::of(&keys, &ap_req.ticket);
                self.open(&ap_req.ticket, ticket_room, &behind)
            }
        };
        let Some(ticket) = opened else { return };
        let plaintext = ticket.plaintext(ticket_room);
        let malformed = |error| Error::from(ErrorKind::Ticket(TicketError::Malformed(error)));
        let mut tolerances = Tolerances::default();
        let part =
            strict.read(&mut tolerances, |rules| EncTicketPart::from_octets(plaintext, rules)).map_err(malformed);
        self.ledger.tolerated(tolerances);
        let part = self.ledger.stage(&[Step::T2, Step::T3], part);
        let again =
            || lenient.read(&mut Tolerances::default(), |rules| EncTicketPart::from_octets(plaintext, rules)).ok();
        let Some(part) = part.or_else(again) else { return };
        self.contents(&ap_req, (&ticket, &part), authenticator_room);
    }

    fn ticket_keys<'p>(&self, policy: &'p Policy) -> TicketKeys<'p>
    where
        's: 'p,
    {
        let (ring, spn) = (self.ring, &self.settings.spn);
        TicketKeys { ring, now: self.now, policy, spn, trial_keys: self.settings.limits.trial_keys }
    }

    /// Steps K-2 to K-10. Where the policy keeps back a key that opens the ticket, the record goes on with it.
    fn open<'k>(&mut self, ticket: &Ticket<'_>, room: &mut [u8], behind: &'k Policy) -> Option<TicketOpened<'k>>
    where
        's: 'k,
    {
        const STEPS: [Step; 10] =
            [Step::K3, Step::K2, Step::A8, Step::K4, Step::K5, Step::K6, Step::K7, Step::K8, Step::K9, Step::K10];
        self.values_of_ticket(ticket);
        let mut tolerances = Tolerances::default();
        let opened = self.ticket_keys(&self.settings.policy).open(ticket, room, &mut tolerances);
        let opened = self.ledger.stage(&STEPS, opened);
        let newer = |kvno: u32| stated_kvno(ticket).is_some_and(|stated| kvno > stated);
        if let Some(opened) = opened {
            let at = match opened.key_match {
                KeyMatch::Alias => Step::K6,
                KeyMatch::OtherKvno if newer(opened.kvno) => Step::K7,
                _ => Step::K8,
            };
            for tolerance in tolerances.into_vec() {
                self.ledger.tolerate(ledger::step_of_tolerance(tolerance).unwrap_or(at), tolerance);
            }
            return Some(opened);
        }
        let keys = self.ticket_keys(behind);
        match self.keys().find(ticket.realm, &ticket.sname, behind.name_case) {
            Some(own) => keys.open_as(self.keys(), own, ticket, room).ok(),
            None => keys.open_as_alias(self.keys(), ticket, room).ok(),
        }
    }

    /// What an accept does behind the last check: only the rehearsal has come so far.
    fn after_the_checks(&mut self) {
        let Err(error) = &self.rehearsal.answer else {
            self.ledger.pass(&[Step::M5, Step::Dce1]);
            if !self.ledger.is_decided(Step::Mic2) {
                self.ledger.pass(&[Step::Mic2]);
            }
            return;
        };
        if self.ledger.has_refusal() {
            return;
        }
        let (step, kind) = match error.kind() {
            ErrorKind::Random => (Step::M5, ErrorKind::Random),
            ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::ApReq }) => {
                (Step::Dce1, ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::ApReq }))
            }
            ErrorKind::Negotiation(error) => {
                let (step, error) = match error {
                    NegotiationError::MoreNeeded => (Step::Dce1, NegotiationError::MoreNeeded),
                    NegotiationError::OutOfOrder => (Step::Mic2, NegotiationError::OutOfOrder),
                    NegotiationError::BadMic => (Step::Mic2, NegotiationError::BadMic),
                    NegotiationError::MicMissing => (Step::Mic2, NegotiationError::MicMissing),
                    NegotiationError::ReplayPending => (Step::R1, NegotiationError::ReplayPending),
                    _ => return,
                };
                (step, ErrorKind::Negotiation(error))
            }
            _ => return,
        };
        let before = [Step::M5, Step::Dce1, Step::Mic2];
        for step in before.into_iter().filter(|before| *before < step) {
            if !self.ledger.is_decided(step) {
                self.ledger.pass(&[step]);
            }
        }
        self.ledger.refuse(step, kind.into());
    }

    /// A mechListMIC that repeats the mechanism's token: what the rehearsal made of it.
    fn judge_copied_mic(&mut self) {
        match &self.rehearsal.answer {
            Err(error) if matches!(error.kind(), ErrorKind::Negotiation(NegotiationError::BadMic)) => {
                self.ledger.refuse(Step::Mic1, ErrorKind::Negotiation(NegotiationError::BadMic).into());
            }
            _ if self.rehearsal.tolerances.contains(&Tolerance::MechListMicCopy) => {
                self.ledger.tolerate(Step::Mic1, Tolerance::MechListMicCopy);
            }
            _ => {}
        }
    }
}

/// What the acceptor's policy becomes where no key was found, to tell whether one was there that the policy kept back.
fn behind_the_policy(policy: &Policy, etype: Enctype) -> Policy {
    let mut behind = Policy { kvno: KvnoPolicy::PreferExactThenTry, aliases: AliasPolicy::TryOthers, ..policy.clone() };
    behind.enctypes.allow(EnctypeRole::Ticket, etype);
    behind
}

/// A form of [`Proofs`](super::checks::Proofs): a proof, or none where its check refused or was not reached. The ledger says which.
enum Recorded {}

impl super::checks::Held for Recorded {
    type Of<T> = Option<T>;
}
