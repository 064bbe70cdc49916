//! Who it is: the identity that only a full set of proofs can make.

use super::checks::{NotReplayed, Proofs};
use super::context::{Answer, Checked};
use super::delegation::DelegatedCredentials;
use super::evidence::EvidenceTicket;
use super::keys::EntryId;
use super::tolerance::KeyMatch;
use super::wiped::WipedPart;
use crate::gss::{ContextFlags, Session};
use crate::messages::{EncTicketPart, TicketFlags};
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::{KerberosTime, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;

/// What the checks have proven, once the replay store has answered too.
pub(super) struct Identity {
    checked: Box<Checked>,
}

/// What the checks have proven, taken out of the decrypted ticket and authenticator; nobody's identity yet.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) client: Principal,
    pub(super) service: Principal,
    pub(super) kvno: u32,
    pub(super) enctype: Enctype,
    pub(super) session_key_enctype: Enctype,
    pub(super) key_match: KeyMatch,
    /// The entry that is counted, unless it was a session key.
    pub(super) entry: Option<EntryId>,
    pub(super) flags: ContextFlags,
    pub(super) ticket_flags: TicketFlags,
    pub(super) times: TicketTimes,
    pub(super) authenticator_time: Timestamp,
    pub(super) channel_bound: bool,
    pub(super) client_target: Option<String>,
    /// Where they stand in what was decrypted; they are as large as the ticket, so they are not copied.
    pub(super) authorization_data: Option<WipedPart>,
    // Boxed, because every accept makes room for them and few have them.
    pub(super) delegated: Option<Box<DelegatedCredentials>>,
    pub(super) evidence: Option<Box<EvidenceTicket>>,
    /// The member of a set that accepts it.
    pub(super) member: Option<Box<str>>,
}

/// When a ticket was issued and how long it is good for (RFC 4120 §5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TicketTimes {
    /// When the client first proved who it is.
    pub authtime: KerberosTime,
    /// When the ticket begins to be valid; if it does not say, from `authtime` on.
    pub starttime: Option<KerberosTime>,
    /// When it ends.
    pub endtime: KerberosTime,
    /// Until when it can be renewed.
    pub renew_till: Option<KerberosTime>,
}

impl TicketTimes {
    pub(super) fn of(part: &EncTicketPart<'_>) -> Self {
        Self { authtime: part.authtime, starttime: part.starttime, endtime: part.endtime, renew_till: part.renew_till }
    }
}

impl Identity {
    /// The only way to an identity: what every check has proven, and the proof that it is new.
    pub(super) fn new(checked: Box<Checked>, _: NotReplayed) -> Self {
        Self { checked }
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.checked.facts
    }

    pub(super) fn session(&self) -> &Session {
        &self.checked.session
    }

    pub(super) fn session_mut(&mut self) -> &mut Session {
        &mut self.checked.session
    }

    pub(super) fn into_session(self) -> Session {
        self.checked.session
    }

    /// Whether an AP-REP is still to be sent.
    pub(super) fn answers(&self) -> bool {
        self.checked.answer.is_some()
    }

    /// What the AP-REP is to say, once.
    pub(super) fn take_answer(&mut self) -> Option<Answer> {
        self.checked.answer.take()
    }

    pub(super) fn take_evidence(&mut self) -> Option<EvidenceTicket> {
        self.checked.facts.evidence.take().map(|evidence| *evidence)
    }

    pub(super) fn take_delegated(&mut self) -> Option<DelegatedCredentials> {
        self.checked.facts.delegated.take().map(|delegated| *delegated)
    }
}

impl Facts {
    /// With the proof of every check, and not otherwise; the evidence ticket is what somebody wants to keep of it.
    pub(super) fn from_proofs(proofs: Proofs<'_>, evidence: Option<Box<EvidenceTicket>>) -> Self {
        let flags = proofs.flags();
        let Proofs { ticket, part, authenticator, bindings, delegation, statements, .. } = proofs;
        Self {
            client: part.cname.to_principal(part.crealm),
            // A copy: a count that all threads share would be what they wait for.
            service: ticket.service.clone(),
            kvno: ticket.kvno,
            enctype: ticket.enctype,
            session_key_enctype: part.key.keytype,
            key_match: ticket.key_match,
            entry: ticket.mark.map(|mark| mark.id),
            flags,
            ticket_flags: part.flags,
            times: TicketTimes::of(part),
            authenticator_time: authenticator.time(),
            channel_bound: bindings.bound(),
            client_target: statements.client_target,
            authorization_data: None,
            delegated: delegation.into_credentials().map(Box::new),
            evidence,
            member: None,
        }
    }
}
