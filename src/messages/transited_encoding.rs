use super::Short;
use crate::asn1::{DecodeError, Int32, OctetString, Reader, TypeId};

/// `TransitedEncoding`, RFC 4120 §5.3
///
/// ```text
/// TransitedEncoding ::= SEQUENCE { tr-type [0] Int32 -- must be registered --, contents [1] OCTET STRING }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransitedEncoding<'a> {
    /// How `contents` are to be read.
    pub tr_type: i32,
    /// The realms that took part, compressed.
    pub contents: &'a [u8],
}

impl<'a> TransitedEncoding<'a> {
    /// The only registered type (RFC 4120 §3.3.3.2).
    pub const DOMAIN_X500_COMPRESS: i32 = 1;

    /// Reads a transited encoding.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::whole(reader)
    }
}

impl<'a> Short<'a> for TransitedEncoding<'a> {
    const TYPE_ID: TypeId = TypeId::TRANSITED_ENCODING;

    #[inline(always)]
    fn from_fields(mut fields: Reader<'a>) -> Result<Self, DecodeError> {
        let tr_type = fields.field::<Int32>(0)?;
        let contents = fields.field::<OctetString>(1)?;
        fields.finish_sequence(1)?;
        Ok(Self { tr_type, contents })
    }
}
