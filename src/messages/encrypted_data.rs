use super::{OctetCount, sequence};
use crate::asn1::{DecodeError, Int32, OctetString, Reader, Tag, TypeId, Uint32Pattern, Writer};
use crate::numbers::Enctype;
use core::fmt;

const TYPE_ID: TypeId = TypeId::ENCRYPTED_DATA;

/// `EncryptedData`, RFC 4120 §5.2.9
///
/// ```text
/// EncryptedData ::= SEQUENCE {
///     etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] OCTET STRING
/// }
/// ```
///
/// Q1: is a negative kvno a mistake? RFC 4120 §5.2.9 says `UInt32`; Windows and MIT send the signed twin when the high
/// bit is set, as it is for every read-only domain controller (MS-KILE §3.1.5.8). A: both are read as the same pattern
/// of 32 bits (step A-6), and the signed form is written, because older decoders take no other.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptedData<'a> {
    /// The enctype that the sender says it used.
    pub etype: Enctype,
    /// The version of the key, if stated; 0 is kept and means "not stated" as well.
    pub kvno: Option<u32>,
    /// The ciphertext, of whatever length.
    pub cipher: &'a [u8],
}

impl<'a> EncryptedData<'a> {
    /// Ciphertext under a key of that enctype, without a kvno.
    #[must_use]
    pub const fn new(etype: Enctype, cipher: &'a [u8]) -> Self {
        Self { etype, kvno: None, cipher }
    }

    /// Reads encrypted data.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = sequence(reader, TYPE_ID)?;
        let etype = Enctype(fields.field::<Int32>(0)?);
        let kvno = fields.optional_field::<Uint32Pattern>(1)?;
        let cipher = fields.unusual_field::<OctetString>(2)?;
        fields.finish_sequence(2)?;
        Ok(Self { etype, kvno, cipher })
    }

    /// Writes encrypted data.
    pub fn encode(&self, writer: &mut Writer) {
        Self::encode_around(writer, (self.etype, self.kvno), self.cipher.len(), |writer| writer.raw(self.cipher));
    }

    /// Writes encrypted data whose ciphertext, of as many octets as expected, `seal` writes.
    pub(super) fn encode_around<T>(
        writer: &mut Writer,
        (etype, kvno): (Enctype, Option<u32>),
        expected: usize,
        seal: impl FnOnce(&mut Writer) -> T,
    ) -> T {
        writer.tlv_of(expected.saturating_add(9), Tag::SEQUENCE, |writer| {
            writer.context_integer(0, i64::from(etype.0));
            if let Some(kvno) = kvno {
                writer.context_integer(1, i64::from(i32::from_be_bytes(kvno.to_be_bytes())));
            }
            writer.tlv_of(expected.saturating_add(2), Tag::context(2), |writer| {
                writer.tlv_of(expected, Tag::OCTET_STRING, seal)
            })
        })
    }
}

impl fmt::Debug for EncryptedData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedData")
            .field("etype", &self.etype)
            .field("kvno", &self.kvno)
            .field("cipher", &OctetCount::of(self.cipher))
            .finish()
    }
}
