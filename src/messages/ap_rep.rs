use super::{EncryptedData, application};
use crate::asn1::{DecodeError, Int32, Reader, Rules, Tag, TypeId, Writer};
use crate::numbers::Enctype;
use alloc::vec::Vec;

const TYPE_ID: TypeId = TypeId::AP_REP;

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
        let mut fields = application(reader, 15, TYPE_ID)?;
        let pvno = fields.field::<Int32>(0)?;
        let msg_type = fields.field::<Int32>(1)?;
        let enc_part = EncryptedData::decode(&mut fields.one(2)?)?;
        fields.finish_sequence(2)?;
        Ok(Self { pvno, msg_type, enc_part })
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
        let expected = self.enc_part.cipher.len();
        Self::encode_fields(writer, (self.pvno, self.msg_type), expected, |writer| self.enc_part.encode(writer));
    }

    /// Writes an AP-REP whose ciphertext, under a key of that enctype and of as many octets as expected, `seal` writes.
    pub(crate) fn encode_around<T>(
        writer: &mut Writer,
        etype: Enctype,
        expected: usize,
        seal: impl FnOnce(&mut Writer) -> T,
    ) -> T {
        let Self { pvno, msg_type, .. } = Self::new(EncryptedData::new(etype, &[]));
        Self::encode_fields(writer, (pvno, msg_type), expected, |writer| {
            EncryptedData::encode_around(writer, (etype, None), expected, seal)
        })
    }

    fn encode_fields<T>(
        writer: &mut Writer,
        (pvno, msg_type): (i32, i32),
        expected: usize,
        enc_part: impl FnOnce(&mut Writer) -> T,
    ) -> T {
        let part = expected.saturating_add(12);
        writer.tlv_of(part.saturating_add(14), Tag::application(15), |writer| {
            writer.tlv_of(part.saturating_add(12), Tag::SEQUENCE, |writer| {
                writer.context_integer(0, i64::from(pvno));
                writer.context_integer(1, i64::from(msg_type));
                writer.tlv_of(part, Tag::context(2), enc_part)
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
