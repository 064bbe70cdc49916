//! `Ticket` and `EncTicketPart`, RFC 4120 §5.3, as the realm's KDC would have issued them.

use super::authorization_data::{self, AuthorizationElement};
use super::defect::Part;
use super::der_write::{Fields, Productions, general_string, integer, octet_string, sequence_of, time};
use super::keys::{EncryptionKey, encrypted_data};
use super::names::{BitString, HostAddress, PrincipalName};
use crate::numbers::Enctype;
use crate::time::KerberosTime;
use alloc::vec::Vec;

/// A ticket, RFC 4120 §5.3: what stands in the clear, and what is sealed. Every field can be set to anything.
///
/// ```text
/// Ticket ::= [APPLICATION 1] SEQUENCE {
///     tkt-vno [0] INTEGER (5), realm [1] Realm, sname [2] PrincipalName, enc-part [3] EncryptedData -- EncTicketPart
/// }
/// EncTicketPart ::= [APPLICATION 3] SEQUENCE {
///     flags [0] TicketFlags, key [1] EncryptionKey, crealm [2] Realm, cname [3] PrincipalName,
///     transited [4] TransitedEncoding, authtime [5] KerberosTime, starttime [6] KerberosTime OPTIONAL,
///     endtime [7] KerberosTime, renew-till [8] KerberosTime OPTIONAL, caddr [9] HostAddresses OPTIONAL,
///     authorization-data [10] AuthorizationData OPTIONAL
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ticket {
    /// The service's key, under which the ticket is sealed; its enctype need not be the label `etype`. User-to-user
    /// takes the session key of the service's own TGT instead (RFC 4120 §3.7).
    pub sealing_key: EncryptionKey,
    /// In the clear: the version, 5.
    pub tkt_vno: i64,
    /// In the clear: the service's realm.
    pub realm: Vec<u8>,
    /// In the clear: the service's name.
    pub sname: PrincipalName,
    /// In the clear: the enctype that the ticket claims to be sealed with.
    pub etype: Enctype,
    /// In the clear: the version of the service's key; wider than the wire's 32 bits, so that a negative number and
    /// its unsigned twin can both be written.
    pub kvno: Option<i64>,
    /// The ticket flags, from [`TicketFlags`](crate::messages::TicketFlags) for example.
    pub flags: BitString,
    /// The session key.
    pub key: EncryptionKey,
    /// The client's realm.
    pub crealm: Vec<u8>,
    /// The client's name.
    pub cname: PrincipalName,
    /// The type of the transited field: 1 is DOMAIN-X500-COMPRESS.
    pub tr_type: i32,
    /// The contents of the transited field.
    pub transited: Vec<u8>,
    /// When the client authenticated.
    pub authtime: KerberosTime,
    /// From when the ticket is valid; absent means from `authtime`.
    pub starttime: Option<KerberosTime>,
    /// Until when the ticket is valid.
    pub endtime: KerberosTime,
    /// Until when the ticket can be renewed.
    pub renew_till: Option<KerberosTime>,
    /// The addresses that the ticket may be used from.
    pub caddr: Option<Vec<HostAddress>>,
    /// Authorization data of the KDC.
    pub authorization_data: Option<Vec<AuthorizationElement>>,
}

impl Ticket {
    pub(super) fn encode_enc_part(&self, productions: Productions<'_>) -> Vec<u8> {
        let transited = Fields::new()
            .field(0, integer(self.tr_type.into()))
            .field(1, octet_string(&self.transited))
            .into_sequence();
        let addresses = self.caddr.as_ref().map(|list| sequence_of(list.iter().map(HostAddress::encode)));
        let fields = Fields::new()
            .field(0, self.flags.encode())
            .field(1, self.key.encode())
            .field(2, general_string(&self.crealm))
            .field(3, self.cname.encode())
            .field(4, transited)
            .field(5, time(self.authtime))
            .optional(6, self.starttime.map(time))
            .field(7, time(self.endtime))
            .optional(8, self.renew_till.map(time))
            .optional(9, addresses)
            .optional(10, self.authorization_data.as_deref().map(authorization_data::encode));
        productions.application_sequence(Part::EncTicketPart, 3, &fields.into_content())
    }

    pub(super) fn encode(&self, cipher: &[u8], productions: Productions<'_>) -> Vec<u8> {
        let fields = Fields::new()
            .field(0, integer(self.tkt_vno))
            .field(1, general_string(&self.realm))
            .field(2, self.sname.encode())
            .field(3, encrypted_data(self.etype, self.kvno, cipher));
        productions.application_sequence(Part::Ticket, 1, &fields.into_content())
    }
}
