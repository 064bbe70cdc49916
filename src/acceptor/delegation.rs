//! What an initiator delegates: its own tickets, to act for it elsewhere (RFC 4121 §4.1.1, RFC 4120 §5.8.1).

use super::error::DelegationProblem;
use crate::ccache::{Credential, CredentialCache};
use crate::messages::{
    EncKrbCredPart, EncryptionKey, HostAddress, HostAddresses, KrbCred, KrbCredInfo, Ticket, TicketFlags,
};
use crate::numbers::{AddressType, Enctype};
use crate::principal::Principal;
use crate::time::KerberosTime;
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroizing;

/// The credentials that came with a token, of one client or more: whoever holds them is that client for every service.
///
/// They are on the result only if the builder [asked for them](crate::AcceptorBuilder::accept_delegation), and are handed
/// over [once](crate::Accepted::take_delegated_credentials). Session keys are wiped when the credentials are dropped; there
/// is no way to clone them, and `Debug` shows no key.
///
/// What is said here about a ticket is what the initiator says. [`client`](Self::client) is usually the client that
/// logged in, and need not be: the identity is [`Accepted::client`](crate::Accepted::client) and never this one.
///
/// ```no_run
/// # use kerbside::{Acceptor, Keytab};
/// # fn login(token: &[u8], now: kerbside::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
/// let acceptor = Acceptor::builder(Keytab::from_file("http.keytab")?).accept_delegation().build()?;
/// let mut accepted = acceptor.accept(token, now)?;
/// if let Some(credentials) = accepted.take_delegated_credentials() {
///     credentials.write_ccache("/run/app/krb5cc_alice")?; // KRB5CCNAME=FILE:/run/app/krb5cc_alice kvno HTTP/backend
/// }
/// # Ok(())
/// # }
/// ```
pub struct DelegatedCredentials {
    client: Principal,
    credentials: Vec<DelegatedCredential>,
}

/// One delegated ticket, and what is needed to use it.
pub struct DelegatedCredential {
    client: Principal,
    service: Principal,
    keytype: Enctype,
    keyvalue: Zeroizing<Vec<u8>>,
    flags: TicketFlags,
    authtime: Option<KerberosTime>,
    starttime: Option<KerberosTime>,
    endtime: Option<KerberosTime>,
    renew_till: Option<KerberosTime>,
    addresses: Vec<(AddressType, Vec<u8>)>,
    ticket: Zeroizing<Vec<u8>>,
}

impl DelegatedCredentials {
    /// Pairs the tickets of a message with the descriptions in its encrypted part (step C-9).
    ///
    /// Q1: what of more tickets than descriptions, or fewer? RFC 4120 §5.8.1 has one for each and no rule for others. A:
    /// refused, because what belongs together could only be guessed at.
    pub(super) fn from_message(
        message: &KrbCred<'_>,
        part: &EncKrbCredPart<'_>,
        limit: usize,
    ) -> Result<Self, DelegationProblem> {
        let (tickets, descriptions) = (message.tickets.iter().count(), part.ticket_info.iter().count());
        if tickets != descriptions {
            return Err(DelegationProblem::Unequal { tickets, descriptions });
        }
        if tickets > limit {
            return Err(DelegationProblem::TooMany { tickets, limit });
        }
        let pairs = message.tickets.iter().zip(part.ticket_info.iter());
        let credentials = pairs.map(|((ticket, octets), info)| DelegatedCredential::new(&ticket, octets, &info));
        let credentials = credentials.collect::<Result<Vec<_>, _>>()?;
        let client = credentials.first().map(|first| first.client.clone()).ok_or(DelegationProblem::Empty)?;
        Ok(Self { client, credentials })
    }

    /// The client of the first credential, as the initiator names it.
    #[must_use]
    pub fn client(&self) -> &Principal {
        &self.client
    }

    /// The credentials, at least one, in the order of the message.
    pub fn iter(&self) -> impl Iterator<Item = &DelegatedCredential> {
        self.credentials.iter()
    }

    /// A credential cache of type FILE, version 4, with all credentials; its default principal is
    /// [`client`](Self::client).
    #[must_use]
    pub fn to_ccache(&self) -> CredentialCache {
        CredentialCache::of(&self.client, self.credentials.iter().map(DelegatedCredential::as_credential))
    }

    /// Writes [`to_ccache`](Self::to_ccache) to a file, for `KRB5CCNAME=FILE:…` of a process that acts for the client.
    ///
    /// The file takes its name only when it is whole, and replaces what had the name before. On Unix its owner alone can
    /// read it (mode 0600); elsewhere the directory decides.
    ///
    /// # Errors
    /// Those of the file system; nothing is left behind.
    #[cfg(feature = "std")]
    pub fn write_ccache(&self, path: impl AsRef<std::path::Path>) -> std::io::Result<()> {
        self.to_ccache().write_file(path.as_ref())
    }
}

impl DelegatedCredential {
    /// Q2: whose ticket is it, if its description names no client? RFC 4120 §5.8.1 has the name OPTIONAL and no rule. A: it
    /// is refused, because nothing else says it. A service's name that is missing is the ticket's: "These fields
    /// contain the values of the corresponding fields from the ticket found in the ticket field."
    fn new(ticket: &Ticket<'_>, octets: &[u8], info: &KrbCredInfo<'_>) -> Result<Self, DelegationProblem> {
        let (Some(prealm), Some(pname)) = (info.prealm, info.pname) else { return Err(DelegationProblem::Nameless) };
        let (srealm, sname) = (info.srealm.unwrap_or(ticket.realm), info.sname.unwrap_or(ticket.sname));
        Ok(Self {
            client: pname.to_principal(prealm),
            service: sname.to_principal(srealm),
            keytype: info.key.keytype,
            keyvalue: Zeroizing::new(info.key.keyvalue.to_vec()),
            flags: info.flags.unwrap_or_default(),
            authtime: info.authtime,
            starttime: info.starttime,
            endtime: info.endtime,
            renew_till: info.renew_till,
            addresses: info.caddr.iter().flat_map(HostAddresses::iter).map(owned).collect(),
            ticket: Zeroizing::new(octets.to_vec()),
        })
    }

    /// The client that the ticket was issued to, as the initiator says.
    #[must_use]
    pub fn client(&self) -> &Principal {
        &self.client
    }

    /// The service that the ticket is for; `krbtgt/REALM@REALM` for a ticket-granting ticket, which is the usual one.
    #[must_use]
    pub fn service(&self) -> &Principal {
        &self.service
    }

    /// The ticket's session key. Whoever has it and the ticket is the client.
    #[must_use]
    pub fn session_key(&self) -> EncryptionKey<'_> {
        EncryptionKey::new(self.keytype, &self.keyvalue)
    }

    /// The ticket's flags, none if the initiator does not say.
    #[must_use]
    pub fn flags(&self) -> TicketFlags {
        self.flags
    }

    /// When the client first proved who it is, if the initiator says.
    #[must_use]
    pub fn authtime(&self) -> Option<KerberosTime> {
        self.authtime
    }

    /// When the ticket begins to be valid, if the initiator says.
    #[must_use]
    pub fn starttime(&self) -> Option<KerberosTime> {
        self.starttime
    }

    /// When the ticket ends, if the initiator says.
    #[must_use]
    pub fn endtime(&self) -> Option<KerberosTime> {
        self.endtime
    }

    /// Until when the ticket can be renewed, if it can.
    #[must_use]
    pub fn renew_till(&self) -> Option<KerberosTime> {
        self.renew_till
    }

    /// The addresses that the ticket may be used from; any if there are none.
    pub fn addresses(&self) -> impl Iterator<Item = HostAddress<'_>> {
        self.addresses.iter().map(|(addr_type, address)| HostAddress { addr_type: *addr_type, address })
    }

    /// The octets of the ticket, a DER `Ticket` (RFC 4120 §5.3).
    #[must_use]
    pub fn ticket(&self) -> &[u8] {
        &self.ticket
    }

    fn as_credential(&self) -> Credential<'_> {
        Credential {
            client: &self.client,
            service: &self.service,
            key: self.session_key(),
            authtime: self.authtime,
            starttime: self.starttime,
            endtime: self.endtime,
            renew_till: self.renew_till,
            flags: self.flags,
            addresses: &self.addresses,
            ticket: &self.ticket,
        }
    }
}

fn owned(address: HostAddress<'_>) -> (AddressType, Vec<u8>) {
    (address.addr_type, address.address.to_vec())
}

impl fmt::Debug for DelegatedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.credentials).finish()
    }
}

/// Without the session key, and without the ticket, which is worth little less.
impl fmt::Debug for DelegatedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelegatedCredential")
            .field("client", &self.client)
            .field("service", &self.service)
            .field("flags", &self.flags)
            .field("endtime", &self.endtime)
            .finish_non_exhaustive()
    }
}
