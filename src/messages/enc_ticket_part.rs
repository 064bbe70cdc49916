use super::{
    AuthorizationData, EncryptionKey, HostAddresses, PrincipalName, Short, TicketFlags, TransitedEncoding, application,
};
use crate::KerberosTime;
use crate::asn1::{DecodeError, GeneralString, Reader, Rules, Tag, TypeId};

const TYPE_ID: TypeId = TypeId::ENC_TICKET_PART;

/// `EncTicketPart`, RFC 4120 §5.3
///
/// ```text
/// EncTicketPart ::= [APPLICATION 3] SEQUENCE {
///     flags [0] TicketFlags, key [1] EncryptionKey, crealm [2] Realm, cname [3] PrincipalName,
///     transited [4] TransitedEncoding, authtime [5] KerberosTime, starttime [6] KerberosTime OPTIONAL,
///     endtime [7] KerberosTime, renew-till [8] KerberosTime OPTIONAL, caddr [9] HostAddresses OPTIONAL,
///     authorization-data [10] AuthorizationData OPTIONAL
/// }
/// ```
///
/// What the KDC said, once the ticket was opened. Octets after the TLV are refused: no enctype that is built in pads
/// its plaintext (step T-2).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EncTicketPart<'a> {
    /// How the ticket was made and what it is good for.
    pub flags: TicketFlags,
    /// The session key.
    pub key: EncryptionKey<'a>,
    /// The client's realm.
    pub crealm: &'a [u8],
    /// The client's name.
    pub cname: PrincipalName<'a>,
    /// The realms that took part in authenticating the client.
    pub transited: TransitedEncoding<'a>,
    /// When the client first authenticated.
    pub authtime: KerberosTime,
    /// When the ticket becomes valid; `authtime` if absent.
    pub starttime: Option<KerberosTime>,
    /// When it expires.
    pub endtime: KerberosTime,
    /// Until when it may be renewed.
    pub renew_till: Option<KerberosTime>,
    /// The addresses that it may be used from; any if absent or empty.
    pub caddr: Option<HostAddresses<'a>>,
    /// What else the KDC says of the client, the PAC for example.
    pub authorization_data: Option<AuthorizationData<'a>>,
}

impl<'a> EncTicketPart<'a> {
    /// Reads the encrypted part of a ticket.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 3, TYPE_ID)?;
        let flags = fields.field::<TicketFlags>(0)?;
        let key = EncryptionKey::field(&mut fields, 1)?;
        let crealm = fields.field::<GeneralString>(2)?;
        let cname = PrincipalName::field(&mut fields, 3)?;
        let transited = TransitedEncoding::field(&mut fields, 4)?;
        let authtime = fields.field::<KerberosTime>(5)?;
        let starttime = fields.optional_field::<KerberosTime>(6)?;
        let endtime = fields.field::<KerberosTime>(7)?;
        let renew_till = fields.optional_field::<KerberosTime>(8)?;
        let caddr = fields.explicit_optional(Tag::context(9), HostAddresses::decode)?;
        let authorization_data = fields.explicit_optional(Tag::context(10), AuthorizationData::decode)?;
        fields.finish_sequence(10)?;
        Ok(Self {
            flags,
            key,
            crealm,
            cname,
            transited,
            authtime,
            starttime,
            endtime,
            renew_till,
            caddr,
            authorization_data,
        })
    }

    /// Reads octets that are the encrypted part of a ticket and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}
