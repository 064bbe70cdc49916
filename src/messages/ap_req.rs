use super::{ApOptions, EncryptedData, Ticket, application};
use crate::asn1::{DecodeError, Int32, Reader, Rules, TypeId};

const TYPE_ID: TypeId = TypeId::AP_REQ;

/// `AP-REQ`, RFC 4120 §5.5.1
///
/// ```text
/// AP-REQ ::= [APPLICATION 14] SEQUENCE {
///     pvno [0] INTEGER (5), msg-type [1] INTEGER (14), ap-options [2] APOptions,
///     ticket [3] Ticket, authenticator [4] EncryptedData -- Authenticator
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ApReq<'a> {
    /// The protocol version, not checked here (step A-2).
    pub pvno: i32,
    /// The message type, not checked here (step A-3).
    pub msg_type: i32,
    /// What the initiator asks for; nothing protects it.
    pub ap_options: ApOptions,
    /// The ticket.
    pub ticket: Ticket<'a>,
    /// The same as it was received, tag and length included.
    pub ticket_octets: &'a [u8],
    /// The authenticator, encrypted in the ticket's session key.
    pub authenticator: EncryptedData<'a>,
}

impl<'a> ApReq<'a> {
    /// Reads an AP-REQ.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 14, TYPE_ID)?;
        let pvno = fields.field::<Int32>(0)?;
        let msg_type = fields.field::<Int32>(1)?;
        let ap_options = fields.field::<ApOptions>(2)?;
        let mut field = fields.one(3)?;
        let ticket_octets = field.rest();
        let ticket = Ticket::decode(&mut field)?;
        let authenticator = EncryptedData::decode(&mut fields.one(4)?)?;
        fields.finish_sequence(4)?;
        Ok(Self { pvno, msg_type, ap_options, ticket, ticket_octets, authenticator })
    }

    /// Reads octets that are an AP-REQ and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}
