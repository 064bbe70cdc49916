//! `KRB-CRED`, RFC 4120 §5.8.1: credentials that a login delegates in the GSS checksum (RFC 4121 §4.1.1).

use super::der_write::{Fields, general_string, integer, sequence_of, time};
use super::keys::{EncryptionKey, encrypted_data};
use super::names::{BitString, HostAddress, PrincipalName};
use super::noise::Noise;
use super::ticket::Ticket;
use crate::numbers::{Enctype, KeyUsage};
use crate::time::Timestamp;
use alloc::vec::Vec;

/// What the credentials are sealed with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CredentialsKey {
    /// The ticket's session key, as MIT, Heimdal and Windows do.
    SessionKey,
    /// The initiator's subkey, or the session key where there is none.
    Subkey,
    /// Nothing: enctype 0, inside the authenticator's own encryption.
    Unencrypted,
    /// Another key.
    Other(EncryptionKey),
}

/// A `KRB-CRED`, RFC 4120 §5.8.1. Every field can be set to anything; tickets and descriptions need not be as many.
///
/// ```text
/// KRB-CRED ::= [APPLICATION 22] SEQUENCE {
///     pvno [0] INTEGER (5), msg-type [1] INTEGER (22), tickets [2] SEQUENCE OF Ticket,
///     enc-part [3] EncryptedData -- EncKrbCredPart
/// }
/// EncKrbCredPart ::= [APPLICATION 29] SEQUENCE {
///     ticket-info [0] SEQUENCE OF KrbCredInfo, nonce [1] UInt32 OPTIONAL, timestamp [2] KerberosTime OPTIONAL,
///     usec [3] Microseconds OPTIONAL, s-address [4] HostAddress OPTIONAL, r-address [5] HostAddress OPTIONAL
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KrbCred {
    /// What it is sealed with.
    pub sealing_key: CredentialsKey,
    /// The version, 5.
    pub pvno: i64,
    /// The message type, 22.
    pub msg_type: i64,
    /// The tickets, encoded.
    pub tickets: Vec<Vec<u8>>,
    /// A description of each ticket.
    pub ticket_info: Vec<KrbCredInfo>,
    /// When it was made.
    pub timestamp: Option<Timestamp>,
}

/// `KrbCredInfo`, RFC 4120 §5.8.1: what the new owner must know of a ticket.
///
/// ```text
/// KrbCredInfo ::= SEQUENCE {
///     key [0] EncryptionKey, prealm [1] Realm OPTIONAL, pname [2] PrincipalName OPTIONAL,
///     flags [3] TicketFlags OPTIONAL, authtime [4] .. renew-till [7] KerberosTime OPTIONAL,
///     srealm [8] Realm OPTIONAL, sname [9] PrincipalName OPTIONAL, caddr [10] HostAddresses OPTIONAL
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KrbCredInfo {
    /// The ticket's session key.
    pub key: EncryptionKey,
    /// The client's realm and name.
    pub client: Option<(Vec<u8>, PrincipalName)>,
    /// The ticket's flags.
    pub flags: Option<BitString>,
    /// The ticket's times and addresses, taken from there; `None` leaves them all out.
    pub times_of: Option<Ticket>,
    /// The service's realm and name.
    pub service: Option<(Vec<u8>, PrincipalName)>,
}

impl KrbCredInfo {
    /// A complete description of a ticket.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            key: ticket.key.clone(),
            client: Some((ticket.crealm.clone(), ticket.cname.clone())),
            flags: Some(ticket.flags.clone()),
            times_of: Some(ticket.clone()),
            service: Some((ticket.realm.clone(), ticket.sname.clone())),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let times = self.times_of.as_ref();
        let addresses = times.and_then(|ticket| ticket.caddr.as_ref());
        Fields::new()
            .field(0, self.key.encode())
            .optional(1, self.client.as_ref().map(|(realm, _)| general_string(realm)))
            .optional(2, self.client.as_ref().map(|(_, name)| name.encode()))
            .optional(3, self.flags.as_ref().map(BitString::encode))
            .optional(4, times.map(|ticket| time(ticket.authtime)))
            .optional(5, times.and_then(|ticket| ticket.starttime).map(time))
            .optional(6, times.map(|ticket| time(ticket.endtime)))
            .optional(7, times.and_then(|ticket| ticket.renew_till).map(time))
            .optional(8, self.service.as_ref().map(|(realm, _)| general_string(realm)))
            .optional(9, self.service.as_ref().map(|(_, name)| name.encode()))
            .optional(10, addresses.map(|list| sequence_of(list.iter().map(HostAddress::encode))))
            .into_sequence()
    }
}

impl KrbCred {
    /// One forwarded ticket, described completely.
    pub(super) fn forwarding(ticket: &Ticket, octets: Vec<u8>, now: Timestamp) -> Self {
        Self {
            sealing_key: CredentialsKey::SessionKey,
            pvno: 5,
            msg_type: 22,
            tickets: [octets].into(),
            ticket_info: [KrbCredInfo::of(ticket)].into(),
            timestamp: Some(now),
        }
    }

    pub(super) fn encode(&self, session_key: &EncryptionKey, subkey: &EncryptionKey, noise: &Noise) -> Vec<u8> {
        let plaintext = self.encode_enc_part();
        let noise = noise.derive(&[b"KRB-CRED"]);
        let (etype, cipher) = match &self.sealing_key {
            CredentialsKey::Unencrypted => (Enctype(0), plaintext),
            CredentialsKey::SessionKey => sealed(session_key, &plaintext, &noise),
            CredentialsKey::Subkey => sealed(subkey, &plaintext, &noise),
            CredentialsKey::Other(key) => sealed(key, &plaintext, &noise),
        };
        Fields::new()
            .field(0, integer(self.pvno))
            .field(1, integer(self.msg_type))
            .field(2, sequence_of(self.tickets.iter().cloned()))
            .field(3, encrypted_data(etype, None, &cipher))
            .into_application(22)
    }

    fn encode_enc_part(&self) -> Vec<u8> {
        Fields::new()
            .field(0, sequence_of(self.ticket_info.iter().map(KrbCredInfo::encode)))
            .optional(2, self.timestamp.map(|now| time(now.second())))
            .optional(3, self.timestamp.map(|now| integer(now.subsecond_micros().into())))
            .into_application(29)
    }
}

fn sealed(key: &EncryptionKey, plaintext: &[u8], noise: &Noise) -> (Enctype, Vec<u8>) {
    (key.keytype, key.seal(KeyUsage::KRB_CRED, plaintext, noise))
}
