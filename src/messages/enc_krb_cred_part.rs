use super::microseconds::Microseconds;
use super::{HostAddress, KrbCredInfo, application};
use crate::KerberosTime;
use crate::asn1::{DecodeError, Reader, Rules, Tag, TypeId, Uint32Pattern};
use core::fmt;

const TYPE_ID: TypeId = TypeId::ENC_KRB_CRED_PART;

/// `EncKrbCredPart`, RFC 4120 §5.8.1
///
/// ```text
/// EncKrbCredPart ::= [APPLICATION 29] SEQUENCE {
///     ticket-info [0] SEQUENCE OF KrbCredInfo, nonce [1] UInt32 OPTIONAL, timestamp [2] KerberosTime OPTIONAL,
///     usec [3] Microseconds OPTIONAL, s-address [4] HostAddress OPTIONAL, r-address [5] HostAddress OPTIONAL
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EncKrbCredPart<'a> {
    /// What is needed to use each ticket, in the order of the tickets.
    pub ticket_info: KrbCredInfos<'a>,
    /// What the receiver asked to be sent back, a pattern of 32 bits: a negative INTEGER is its unsigned twin.
    pub nonce: Option<u32>,
    /// When the message was made.
    pub timestamp: Option<KerberosTime>,
    /// The microseconds of it, 0 to 999,999.
    pub usec: Option<u32>,
    /// The sender's address.
    pub s_address: Option<HostAddress<'a>>,
    /// The receiver's address.
    pub r_address: Option<HostAddress<'a>>,
}

impl<'a> EncKrbCredPart<'a> {
    /// Reads the encrypted part of a KRB-CRED.
    ///
    /// # Errors
    /// Those of the fields; `IntegerRange` for a `usec` outside 0 to 999,999.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 29, TYPE_ID)?;
        let ticket_info = KrbCredInfos::decode(&mut fields.one(0)?)?;
        let nonce = fields.optional_field::<Uint32Pattern>(1)?;
        let timestamp = fields.optional_field::<KerberosTime>(2)?;
        let usec = fields.optional_field::<Microseconds>(3)?;
        let s_address = fields.explicit_optional(Tag::context(4), HostAddress::decode)?;
        let r_address = fields.explicit_optional(Tag::context(5), HostAddress::decode)?;
        fields.finish_sequence(5)?;
        Ok(Self { ticket_info, nonce, timestamp, usec, s_address, r_address })
    }

    /// Reads octets that are the encrypted part of a KRB-CRED and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}

/// `SEQUENCE OF KrbCredInfo`, RFC 4120 §5.8.1
///
/// Every element has been read through once; [`iter`](Self::iter) reads them again.
#[derive(Clone, Copy)]
pub struct KrbCredInfos<'a> {
    elements: Reader<'a>,
}

impl<'a> KrbCredInfos<'a> {
    /// The descriptions, in order.
    pub fn iter(&self) -> impl Iterator<Item = KrbCredInfo<'a>> + Clone + use<'a> {
        let mut rest = self.elements;
        core::iter::from_fn(move || KrbCredInfo::decode(&mut rest).ok())
    }

    /// Reads a list of descriptions, which may be empty.
    ///
    /// # Errors
    /// Those of the elements.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let elements = reader.read(Tag::SEQUENCE)?;
        let mut rest = elements;
        while !rest.is_empty() {
            KrbCredInfo::decode(&mut rest)?;
        }
        Ok(Self { elements })
    }
}

impl fmt::Debug for KrbCredInfos<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
