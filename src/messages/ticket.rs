use super::{EncryptedData, PrincipalName, Short, application};
use crate::asn1::{DecodeError, GeneralString, Int32, Reader, Rules, TypeId};

const TYPE_ID: TypeId = TypeId::TICKET;

/// `Ticket`, RFC 4120 §5.3
///
/// ```text
/// Ticket ::= [APPLICATION 1] SEQUENCE {
///     tkt-vno [0] INTEGER (5), realm [1] Realm, sname [2] PrincipalName,
///     enc-part [3] EncryptedData -- EncTicketPart
/// }
/// ```
///
/// Nothing here is authenticated: it chooses the key that is tried first, and nothing else.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Ticket<'a> {
    /// The version, not checked here (step A-5).
    pub tkt_vno: i32,
    /// The realm that issued the ticket, as the sender says.
    pub realm: &'a [u8],
    /// The service that the ticket is for, as the sender says.
    pub sname: PrincipalName<'a>,
    /// The encrypted part.
    pub enc_part: EncryptedData<'a>,
}

impl<'a> Ticket<'a> {
    /// Reads a ticket.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 1, TYPE_ID)?;
        let tkt_vno = fields.field::<Int32>(0)?;
        let realm = fields.field::<GeneralString>(1)?;
        let sname = PrincipalName::field(&mut fields, 2)?;
        let enc_part = EncryptedData::decode(&mut fields.one(3)?)?;
        fields.finish_sequence(3)?;
        Ok(Self { tkt_vno, realm, sname, enc_part })
    }

    /// Reads octets that are a ticket and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}
