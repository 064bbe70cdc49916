use super::{sequence, write_field};
use crate::asn1::{DecodeError, Int32, OctetString, Reader, Rules, Tag, TypeId, Writer};
use alloc::vec::Vec;

const TYPE_ID: TypeId = TypeId::KERB_ERROR_DATA;

/// `KERB-ERROR-DATA`, MS-KILE §2.2.2
///
/// ```text
/// KERB-ERROR-DATA ::= SEQUENCE { data-type [1] INTEGER, data-value [2] OCTET STRING OPTIONAL }
/// ```
///
/// The e-data of a KRB-ERROR as Windows reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KerbErrorData<'a> {
    /// What the data are.
    pub data_type: i32,
    /// The data.
    pub data_value: Option<&'a [u8]>,
}

impl<'a> KerbErrorData<'a> {
    /// `KERB_AP_ERR_TYPE_SKEW_RECOVERY`: the initiator may try again with the server's time (step X-3).
    pub const SKEW_RECOVERY: Self = Self { data_type: 2, data_value: None };

    /// Reads the data of an error.
    ///
    /// # Errors
    /// Those of the fields.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = sequence(reader, TYPE_ID)?;
        let data_type = fields.field::<Int32>(1)?;
        let data_value = fields.optional_field::<OctetString>(2)?;
        fields.finish_sequence(2)?;
        Ok(Self { data_type, data_value })
    }

    /// Reads octets that are the data of an error and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }

    /// Writes the data of an error.
    pub fn encode(&self, writer: &mut Writer) {
        writer.tlv(Tag::SEQUENCE, |writer| {
            writer.context_integer(1, i64::from(self.data_type));
            if let Some(value) = self.data_value {
                write_field(writer, 2, Tag::OCTET_STRING, value);
            }
        });
    }

    /// The data of an error as octets.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.encode(&mut writer);
        writer.into_octets()
    }
}
