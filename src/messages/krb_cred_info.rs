use super::{EncryptionKey, HostAddresses, PrincipalName, Short, TicketFlags, sequence};
use crate::KerberosTime;
use crate::asn1::{DecodeError, GeneralString, Reader, Tag, TypeId};

const TYPE_ID: TypeId = TypeId::KRB_CRED_INFO;

/// `KrbCredInfo`, RFC 4120 §5.8.1
///
/// ```text
/// KrbCredInfo ::= SEQUENCE {
///     key [0] EncryptionKey, prealm [1] Realm OPTIONAL, pname [2] PrincipalName OPTIONAL,
///     flags [3] TicketFlags OPTIONAL, authtime [4] KerberosTime OPTIONAL, starttime [5] KerberosTime OPTIONAL,
///     endtime [6] KerberosTime OPTIONAL, renew-till [7] KerberosTime OPTIONAL, srealm [8] Realm OPTIONAL,
///     sname [9] PrincipalName OPTIONAL, caddr [10] HostAddresses OPTIONAL
/// }
/// ```
///
/// What is needed to use a ticket. All but the key is the sender's word: what counts is inside the ticket, for the
/// service that it is for.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KrbCredInfo<'a> {
    /// The ticket's session key.
    pub key: EncryptionKey<'a>,
    /// The client's realm.
    pub prealm: Option<&'a [u8]>,
    /// The client's name.
    pub pname: Option<PrincipalName<'a>>,
    /// The ticket's flags.
    pub flags: Option<TicketFlags>,
    /// When the client first authenticated.
    pub authtime: Option<KerberosTime>,
    /// When the ticket becomes valid.
    pub starttime: Option<KerberosTime>,
    /// When it expires.
    pub endtime: Option<KerberosTime>,
    /// Until when it may be renewed.
    pub renew_till: Option<KerberosTime>,
    /// The realm that issued the ticket.
    pub srealm: Option<&'a [u8]>,
    /// The service that the ticket is for.
    pub sname: Option<PrincipalName<'a>>,
    /// The addresses that it may be used from; any if absent or empty.
    pub caddr: Option<HostAddresses<'a>>,
}

impl<'a> KrbCredInfo<'a> {
    /// Reads the description of a ticket.
    ///
    /// # Errors
    /// Those of the fields.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = sequence(reader, TYPE_ID)?;
        let key = EncryptionKey::field(&mut fields, 0)?;
        let prealm = fields.optional_field::<GeneralString>(1)?;
        let pname = fields.explicit_optional(Tag::context(2), PrincipalName::decode)?;
        let flags = fields.optional_field::<TicketFlags>(3)?;
        let authtime = fields.optional_field::<KerberosTime>(4)?;
        let starttime = fields.optional_field::<KerberosTime>(5)?;
        let endtime = fields.optional_field::<KerberosTime>(6)?;
        let renew_till = fields.optional_field::<KerberosTime>(7)?;
        let srealm = fields.optional_field::<GeneralString>(8)?;
        let sname = fields.explicit_optional(Tag::context(9), PrincipalName::decode)?;
        let caddr = fields.explicit_optional(Tag::context(10), HostAddresses::decode)?;
        fields.finish_sequence(10)?;
        Ok(Self { key, prealm, pname, flags, authtime, starttime, endtime, renew_till, srealm, sname, caddr })
    }
}
