//! The ticket itself, for whoever acts for the client later.

use super::identity::TicketTimes;
use crate::ccache::{Credential, CredentialCache};
use crate::crypto::Key;
use crate::messages::{EncTicketPart, EncryptionKey, TicketFlags};
use crate::principal::Principal;
use alloc::vec::Vec;
use core::fmt;

/// The ticket that the client presented, with its session key: the evidence that a service shows to the KDC to act for
/// the client (S4U2Proxy, MS-SFU §3.1.5.2.1).
///
/// Kept only if the builder [asks for it](crate::AcceptorBuilder::keep_evidence_ticket). Whoever has it can use the ticket
/// at this service until it ends, so it is handed over once, its key is wiped, and nothing prints it.
pub struct EvidenceTicket {
    client: Principal,
    service: Principal,
    session_key: Key,
    flags: TicketFlags,
    times: TicketTimes,
    ticket: Vec<u8>,
}

impl EvidenceTicket {
    /// Of a ticket that was opened and whose sender has proven to hold the session key.
    pub(super) fn new(part: &EncTicketPart<'_>, service: &Principal, session_key: &Key, ticket: &[u8]) -> Self {
        Self {
            client: part.cname.to_principal(part.crealm),
            service: service.clone(),
            session_key: session_key.duplicate(),
            flags: part.flags,
            times: TicketTimes::of(part),
            ticket: ticket.to_vec(),
        }
    }

    /// The client that it is evidence of.
    #[must_use]
    pub fn client(&self) -> &Principal {
        &self.client
    }

    /// The service that it was presented to: the keytab's name, as [`Accepted::service`](crate::Accepted::service).
    #[must_use]
    pub fn service(&self) -> &Principal {
        &self.service
    }

    /// Whether the FORWARDABLE flag is set: without it a KDC refuses S4U2Proxy, unless delegation is allowed by resource
    /// (MS-SFU §3.2.5.2.3). The flag is the KDC's word in a ticket that this service's own key protects; an acceptor cannot see
    /// whether the KDC's signature still covers it.
    #[must_use]
    pub fn is_forwardable(&self) -> bool {
        self.flags.contains(TicketFlags::FORWARDABLE)
    }

    /// The ticket's times.
    #[must_use]
    pub fn times(&self) -> TicketTimes {
        self.times
    }

    /// The session key.
    #[must_use]
    pub fn session_key(&self) -> &Key {
        &self.session_key
    }

    /// The ticket as it was received: a DER `Ticket` (RFC 4120 §5.3).
    #[must_use]
    pub fn ticket(&self) -> &[u8] {
        &self.ticket
    }

    /// A credential cache of type FILE that holds it, for KDC clients that read one.
    #[must_use]
    pub fn to_ccache(&self) -> CredentialCache {
        let credential = Credential {
            client: &self.client,
            service: &self.service,
            key: EncryptionKey::new(self.session_key.enctype(), self.session_key.as_octets()),
            authtime: Some(self.times.authtime),
            starttime: self.times.starttime,
            endtime: Some(self.times.endtime),
            renew_till: self.times.renew_till,
            flags: self.flags,
            addresses: &[],
            ticket: &self.ticket,
        };
        CredentialCache::of(&self.client, core::iter::once(credential))
    }

    /// Writes [`to_ccache`](Self::to_ccache) to a file, for a KDC client that asks in the service's name, such as Heimdal's
    /// `kgetcred --delegation-credential-cache=FILE:…`. How the file comes to be is as with
    /// [`DelegatedCredentials::write_ccache`](crate::DelegatedCredentials::write_ccache).
    ///
    /// # Errors
    /// Those of the file system; nothing is left behind.
    #[cfg(feature = "std")]
    pub fn write_ccache(&self, path: impl AsRef<std::path::Path>) -> std::io::Result<()> {
        self.to_ccache().write_file(path.as_ref())
    }
}

impl fmt::Debug for EvidenceTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvidenceTicket")
            .field("client", &self.client)
            .field("service", &self.service)
            .field("forwardable", &self.is_forwardable())
            .finish_non_exhaustive()
    }
}
