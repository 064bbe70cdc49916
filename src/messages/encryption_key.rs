use super::{OctetCount, Short, write_field};
use crate::asn1::{DecodeError, Int32, OctetString, Reader, Tag, TypeId, Writer};
use crate::numbers::Enctype;
use core::fmt;

/// `EncryptionKey`, RFC 4120 §5.2.9
///
/// ```text
/// EncryptionKey ::= SEQUENCE { keytype [0] Int32, keyvalue [1] OCTET STRING }
/// ```
///
/// Borrowed from a decrypted part, whose buffer the caller wipes. Neither comparable nor shown: `Debug` prints the
/// enctype and how many octets there are.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EncryptionKey<'a> {
    /// The enctype of the key.
    pub keytype: Enctype,
    /// The octets of the key, of whatever length.
    pub keyvalue: &'a [u8],
}

impl<'a> EncryptionKey<'a> {
    /// A key of that enctype with those octets.
    #[must_use]
    pub const fn new(keytype: Enctype, keyvalue: &'a [u8]) -> Self {
        Self { keytype, keyvalue }
    }

    /// Reads a key.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::whole(reader)
    }

    /// Writes the key.
    pub fn encode(&self, writer: &mut Writer) {
        writer.tlv(Tag::SEQUENCE, |writer| {
            writer.context_integer(0, i64::from(self.keytype.0));
            write_field(writer, 1, Tag::OCTET_STRING, self.keyvalue);
        });
    }
}

impl<'a> Short<'a> for EncryptionKey<'a> {
    const TYPE_ID: TypeId = TypeId::ENCRYPTION_KEY;

    #[inline(always)]
    fn from_fields(mut fields: Reader<'a>) -> Result<Self, DecodeError> {
        let keytype = Enctype(fields.field::<Int32>(0)?);
        let keyvalue = fields.field::<OctetString>(1)?;
        fields.finish_sequence(1)?;
        Ok(Self { keytype, keyvalue })
    }
}

impl fmt::Debug for EncryptionKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("keytype", &self.keytype)
            .field("keyvalue", &OctetCount::of(self.keyvalue))
            .finish()
    }
}
