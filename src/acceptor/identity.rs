//! Who it is: the identity that only a full set of proofs can make, and the accepted token around it.

use super::checks::{NotReplayed, Proofs};
use super::delegation::DelegatedCredentials;
use super::mechanism::Mechanism;
use super::tolerance::{KeyMatch, Tolerance};
use crate::gss::ContextFlags;
use crate::messages::TicketFlags;
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::{KerberosTime, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A token that was accepted: who sent it, what was agreed, and the reply.
///
/// Everything here was proven by the ticket's and the authenticator's encryption. It cannot be made in any other way than
/// by accepting a token.
pub struct Accepted {
    pub(super) identity: Identity,
    pub(super) mechanism: Mechanism,
    pub(super) reply: Option<Vec<u8>>,
    pub(super) tolerances: Vec<Tolerance>,
}

/// What the checks have proven, once the replay store has answered too.
#[derive(Debug)]
pub(super) struct Identity {
    facts: Facts,
}

/// What the checks have proven, taken out of the decrypted ticket and authenticator; nobody's identity yet.
#[derive(Debug)]
pub(super) struct Facts {
    client: Principal,
    service: Arc<Principal>,
    kvno: u32,
    enctype: Enctype,
    session_key_enctype: Enctype,
    key_match: KeyMatch,
    flags: ContextFlags,
    ticket_flags: TicketFlags,
    times: TicketTimes,
    authenticator_time: Timestamp,
    channel_bound: bool,
    client_target: Option<String>,
    authorization_data: Option<Box<[u8]>>,
    delegated: Option<DelegatedCredentials>,
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

impl Identity {
    /// The only way to an identity: the facts that every check has proven, and the proof that they are new.
    pub(super) fn new(facts: Facts, _: NotReplayed) -> Self {
        Self { facts }
    }
}

impl Facts {
    /// With the proof of every check, and not otherwise.
    pub(super) fn from_proofs(proofs: Proofs<'_>) -> Self {
        let Proofs { ticket, part, authenticator, agreed, bindings, delegation, statements, .. } = proofs;
        Self {
            client: part.cname.to_principal(part.crealm),
            service: Arc::clone(&ticket.service),
            kvno: ticket.kvno,
            enctype: ticket.enctype,
            session_key_enctype: part.key.keytype,
            key_match: ticket.key_match,
            flags: agreed.flags() | delegation.flags(),
            ticket_flags: part.flags,
            times: TicketTimes {
                authtime: part.authtime,
                starttime: part.starttime,
                endtime: part.endtime,
                renew_till: part.renew_till,
            },
            authenticator_time: authenticator.time(),
            channel_bound: bindings.bound(),
            client_target: statements.client_target,
            authorization_data: part.authorization_data.map(|data| data.encoded().into()),
            delegated: delegation.into_credentials(),
        }
    }
}

impl Accepted {
    /// The client: the ticket's cname and crealm (RFC 4120 §5.3).
    #[must_use]
    pub fn client(&self) -> &Principal {
        &self.identity.facts.client
    }

    /// The service that was reached: the keytab's name for the key that opened the ticket, not the ticket's text.
    #[must_use]
    pub fn service(&self) -> &Principal {
        &self.identity.facts.service
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

    /// Which mechanism the token spoke.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The context flags in force (step M-7).
    #[must_use]
    pub fn flags(&self) -> ContextFlags {
        self.identity.facts.flags
    }

    /// The ticket's flags (RFC 4120 §5.3).
    #[must_use]
    pub fn ticket_flags(&self) -> TicketFlags {
        self.identity.facts.ticket_flags
    }

    /// The ticket's times. The login should not outlive `endtime`.
    #[must_use]
    pub fn ticket_times(&self) -> TicketTimes {
        self.identity.facts.times
    }

    /// The client's time in the authenticator.
    #[must_use]
    pub fn authenticator_time(&self) -> Timestamp {
        self.identity.facts.authenticator_time
    }

    /// The enctype of the service's key that opened the ticket.
    #[must_use]
    pub fn enctype(&self) -> Enctype {
        self.identity.facts.enctype
    }

    /// The enctype of the ticket's session key.
    #[must_use]
    pub fn session_key_enctype(&self) -> Enctype {
        self.identity.facts.session_key_enctype
    }

    /// The version of the service's key that opened the ticket, as the keytab has it.
    #[must_use]
    pub fn kvno(&self) -> u32 {
        self.identity.facts.kvno
    }

    /// How that key relates to what the ticket states.
    #[must_use]
    pub fn key_match(&self) -> KeyMatch {
        self.identity.facts.key_match
    }

    /// Whether the token is bound to the channel it came over: only after an equal comparison (step C-6).
    #[must_use]
    pub fn channel_bound(&self) -> bool {
        self.identity.facts.channel_bound
    }

    /// The service name that the client says it meant to reach (MS-KILE §3.2.5.8), if it says so.
    #[must_use]
    pub fn client_target(&self) -> Option<&str> {
        self.identity.facts.client_target.as_deref()
    }

    /// The ticket's authorization data as the KDC wrote them: a DER `AuthorizationData` (RFC 4120 §5.2.6), contents not
    /// yet judged.
    #[must_use]
    pub fn authorization_data(&self) -> Option<&[u8]> {
        self.identity.facts.authorization_data.as_deref()
    }

    /// The credentials that the client delegated, if the builder
    /// [asked for them](crate::AcceptorBuilder::accept_delegation) and they were not taken yet. The flag `DELEG` says
    /// whether there were any.
    #[must_use]
    pub fn delegated_credentials(&self) -> Option<&DelegatedCredentials> {
        self.identity.facts.delegated.as_ref()
    }

    /// Hands the delegated credentials over, once.
    #[must_use = "what is not kept is wiped"]
    pub fn take_delegated_credentials(&mut self) -> Option<DelegatedCredentials> {
        self.identity.facts.delegated.take()
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
