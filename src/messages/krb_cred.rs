use super::{EncryptedData, Ticket, application};
use crate::asn1::{DecodeError, Int32, Reader, Rules, Tag, TypeId};
use core::fmt;

const TYPE_ID: TypeId = TypeId::KRB_CRED;

/// `KRB-CRED`, RFC 4120 §5.8.1
///
/// ```text
/// KRB-CRED ::= [APPLICATION 22] SEQUENCE {
///     pvno [0] INTEGER (5), msg-type [1] INTEGER (22), tickets [2] SEQUENCE OF Ticket,
///     enc-part [3] EncryptedData -- EncKrbCredPart
/// }
/// ```
///
/// What an initiator delegates: tickets, and under encryption what is needed to use them. The tickets themselves are in the
/// clear and nothing vouches for them; the KDC that is asked with one of them will know.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KrbCred<'a> {
    /// The protocol version, not checked here.
    pub pvno: i32,
    /// The message type, not checked here.
    pub msg_type: i32,
    /// The tickets.
    pub tickets: Tickets<'a>,
    /// The encrypted part; of enctype 0 if it is not encrypted (RFC 6448).
    pub enc_part: EncryptedData<'a>,
}

impl<'a> KrbCred<'a> {
    /// Reads a KRB-CRED.
    ///
    /// # Errors
    /// Those of the fields.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 22, TYPE_ID)?;
        let pvno = fields.field::<Int32>(0)?;
        let msg_type = fields.field::<Int32>(1)?;
        let tickets = Tickets::decode(&mut fields.one(2)?)?;
        let enc_part = EncryptedData::decode(&mut fields.one(3)?)?;
        fields.finish_sequence(3)?;
        Ok(Self { pvno, msg_type, tickets, enc_part })
    }

    /// Reads octets that are a KRB-CRED and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}

/// `SEQUENCE OF Ticket`, RFC 4120 §5.8.1
///
/// Every element has been read through once; [`iter`](Self::iter) reads them again.
#[derive(Clone, Copy)]
pub struct Tickets<'a> {
    elements: Reader<'a>,
}

impl<'a> Tickets<'a> {
    /// The tickets, in order, each with the octets that it was read from.
    pub fn iter(&self) -> impl Iterator<Item = (Ticket<'a>, &'a [u8])> + Clone + use<'a> {
        let mut rest = self.elements;
        core::iter::from_fn(move || {
            let before = rest.rest();
            let ticket = Ticket::decode(&mut rest).ok()?;
            let length = before.len().checked_sub(rest.rest().len())?;
            Some((ticket, before.get(..length)?))
        })
    }

    /// Reads a list of tickets, which may be empty.
    ///
    /// # Errors
    /// Those of the elements.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let elements = reader.read(Tag::SEQUENCE)?;
        let mut rest = elements;
        while !rest.is_empty() {
            Ticket::decode(&mut rest)?;
        }
        Ok(Self { elements })
    }
}

impl fmt::Debug for Tickets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(ticket, _)| ticket)).finish()
    }
}
