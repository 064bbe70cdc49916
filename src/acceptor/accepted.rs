//! The accepted token: who sent it, what was agreed, and the reply.

use super::context::Established;
use super::delegation::DelegatedCredentials;
use super::evidence::EvidenceTicket;
use super::identity::{Identity, TicketTimes};
use super::mechanism::Mechanism;
use super::tolerance::{KeyMatch, Tolerance};
use super::wiped::WipedPart;
use crate::gss::{ContextFlags, Session};
use crate::messages::TicketFlags;
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::fmt;

/// A token that was accepted: who sent it, what was agreed, and the reply.
///
/// Everything here was proven by the ticket's and the authenticator's encryption. It cannot be made in any other way than
/// by accepting a token.
pub struct Accepted {
    identity: Identity,
    mechanism: Mechanism,
    reply: Option<Vec<u8>>,
    tolerances: Vec<Tolerance>,
}

impl Accepted {
    /// Of an established context, and of nothing less.
    pub(super) fn new(
        established: Established,
        mechanism: Mechanism,
        reply: Option<Vec<u8>>,
        tolerances: Vec<Tolerance>,
    ) -> Self {
        Self { identity: established.identity, mechanism, reply, tolerances }
    }

    /// The client: the ticket's cname and crealm (RFC 4120 §5.3).
    #[must_use]
    pub fn client(&self) -> &Principal {
        &self.identity.facts().client
    }

    /// The service that was reached: the keytab's name for the key that opened the ticket, not the ticket's text.
    #[must_use]
    pub fn service(&self) -> &Principal {
        &self.identity.facts().service
    }

    /// The token to send back with the success, if there is one.
    ///
    /// Under SPNEGO there always is. Alone, Kerberos answers only if the client asked for mutual authentication. Send it
    /// even where the client seems content: a client that asked for it waits for it (RFC 4559 §5).
    #[must_use]
    pub fn reply(&self) -> Option<&[u8]> {
        self.reply.as_deref()
    }

    /// The reply, for whoever wants to own it.
    #[must_use]
    pub fn into_reply(self) -> Option<Vec<u8>> {
        self.reply
    }

    /// The context's keys and numbers, for whoever exchanges messages over it: SASL, and raw GSS-API users.
    ///
    /// Take everything else off the result first, the reply above all.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.identity.into_session()
    }

    /// The same context, for a layer that exchanges messages before it says who it is.
    pub(crate) fn session_mut(&mut self) -> &mut Session {
        self.identity.session_mut()
    }

    /// The label of the acceptor, if it is one of an [`AcceptorSet`](crate::AcceptorSet).
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.identity.facts().member.as_deref()
    }

    /// Which mechanism the token spoke.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The context flags in force (step M-7).
    #[must_use]
    pub fn flags(&self) -> ContextFlags {
        self.identity.facts().flags
    }

    /// The ticket's flags (RFC 4120 §5.3).
    #[must_use]
    pub fn ticket_flags(&self) -> TicketFlags {
        self.identity.facts().ticket_flags
    }

    /// The ticket's times. The login should not outlive `endtime`.
    #[must_use]
    pub fn ticket_times(&self) -> TicketTimes {
        self.identity.facts().times
    }

    /// The client's time in the authenticator.
    #[must_use]
    pub fn authenticator_time(&self) -> Timestamp {
        self.identity.facts().authenticator_time
    }

    /// The enctype of the service's key that opened the ticket.
    #[must_use]
    pub fn enctype(&self) -> Enctype {
        self.identity.facts().enctype
    }

    /// The enctype of the ticket's session key.
    #[must_use]
    pub fn session_key_enctype(&self) -> Enctype {
        self.identity.facts().session_key_enctype
    }

    /// The version of the service's key that opened the ticket, as the keytab has it.
    #[must_use]
    pub fn kvno(&self) -> u32 {
        self.identity.facts().kvno
    }

    /// How that key relates to what the ticket states.
    #[must_use]
    pub fn key_match(&self) -> KeyMatch {
        self.identity.facts().key_match
    }

    /// Whether the token is bound to the channel it came over: only after an equal comparison (step C-6).
    #[must_use]
    pub fn channel_bound(&self) -> bool {
        self.identity.facts().channel_bound
    }

    /// The service name that the client says it meant to reach (MS-KILE §3.2.5.8), if it says so.
    #[must_use]
    pub fn client_target(&self) -> Option<&str> {
        self.identity.facts().client_target.as_deref()
    }

    /// The ticket's authorization data as the KDC wrote them: a DER `AuthorizationData` (RFC 4120 §5.2.6), contents not
    /// yet judged.
    #[must_use]
    pub fn authorization_data(&self) -> Option<&[u8]> {
        self.identity.facts().authorization_data.as_ref().map(WipedPart::octets)
    }

    /// The credentials that the client delegated, if the builder
    /// [asked for them](crate::AcceptorBuilder::accept_delegation) and they were not taken yet. The flag `DELEG` says
    /// whether there were any.
    #[must_use]
    pub fn delegated_credentials(&self) -> Option<&DelegatedCredentials> {
        self.identity.facts().delegated.as_deref()
    }

    /// Hands the delegated credentials over, once.
    #[must_use = "what is not kept is wiped"]
    pub fn take_delegated_credentials(&mut self) -> Option<DelegatedCredentials> {
        self.identity.take_delegated()
    }

    /// The ticket as evidence, if the builder [asked for it](crate::AcceptorBuilder::keep_evidence_ticket) and it was not
    /// taken yet.
    #[must_use]
    pub fn evidence_ticket(&self) -> Option<&EvidenceTicket> {
        self.identity.facts().evidence.as_deref()
    }

    /// Hands the evidence over, once.
    #[must_use = "what is not kept is wiped"]
    pub fn take_evidence_ticket(&mut self) -> Option<EvidenceTicket> {
        self.identity.take_evidence()
    }

    /// What a stricter policy would have refused. Empty for a peer that keeps to the standards.
    #[must_use]
    pub fn tolerances(&self) -> &[Tolerance] {
        &self.tolerances
    }
}

impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("client", &self.client())
            .field("service", &self.service())
            .field("mechanism", &self.mechanism)
            .field("flags", &self.flags())
            .field("tolerances", &self.tolerances)
            .finish_non_exhaustive()
    }
}
