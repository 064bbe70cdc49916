use super::{EncryptedData, application};
use crate::asn1::{DecodeError, Int32, Reader, Rules, Tag, TypeId, Writer};
use crate::numbers::Enctype;
use alloc::vec::Vec;

const TYPE_ID: TypeId = TypeId::new("AP-REP");

/// `AP-REP`, RFC 4120 §5.5.2
///
/// ```text
/// AP-REP ::= [APPLICATION 15] SEQUENCE {
///     pvno [0] INTEGER (5), msg-type [1] INTEGER (15), enc-part [2] EncryptedData -- EncAPRepPart
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApRep<'a> {
    /// The protocol version, not checked here.
    pub pvno: i32,
    /// The message type, not checked here.
    pub msg_type: i32,
    /// The encrypted part.
    pub enc_part: EncryptedData<'a>,
}

impl<'a> ApRep<'a> {
    /// An AP-REP with this encrypted part.
    #[must_use]
    pub const fn new(enc_part: EncryptedData<'a>) -> Self {
        Self { pvno: 5, msg_type: 15, enc_part }
    }

    /// Reads an AP-REP.
    ///
    /// # Errors
    /// Those of the fields.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        application(reader, 15, TYPE_ID, 2, |fields| {
            Ok(Self {
                pvno: fields.field::<Int32>(0)?,
                msg_type: fields.field::<Int32>(1)?,
                enc_part: fields.explicit(Tag::context(2), EncryptedData::decode)?,
            })
        })
    }

    /// Reads octets that are an AP-REP and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }

    /// Writes the AP-REP.
    pub fn encode(&self, writer: &mut Writer) {
        Self::encode_fields(self.pvno, self.msg_type, writer, |writer| self.enc_part.encode(writer));
    }

    /// Writes an AP-REP whose ciphertext, under a key of that enctype, `seal` writes.
    pub(crate) fn encode_around<T>(writer: &mut Writer, etype: Enctype, seal: impl FnOnce(&mut Writer) -> T) -> T {
        let Self { pvno, msg_type, .. } = Self::new(EncryptedData::new(etype, &[]));
        Self::encode_fields(pvno, msg_type, writer, |writer| EncryptedData::encode_around(writer, etype, None, seal))
    }

    fn encode_fields<T>(pvno: i32, msg_type: i32, writer: &mut Writer, enc_part: impl FnOnce(&mut Writer) -> T) -> T {
        writer.long_tlv(Tag::application(15), |writer| {
            writer.long_tlv(Tag::SEQUENCE, |writer| {
                writer.context_integer(0, i64::from(pvno));
                writer.context_integer(1, i64::from(msg_type));
                writer.long_tlv(Tag::context(2), enc_part)
            })
        })
    }

    /// The AP-REP as octets, in one allocation.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.enc_part.cipher.len().saturating_add(64));
        self.encode(&mut writer);
        writer.into_octets()
    }
}
