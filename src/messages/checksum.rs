use super::{OctetCount, Short};
use crate::asn1::{DecodeError, Int32, OctetString, Reader, TypeId};
use crate::numbers::ChecksumType;
use core::fmt;

/// `Checksum`, RFC 4120 §5.2.9
///
/// ```text
/// Checksum ::= SEQUENCE { cksumtype [0] Int32, checksum [1] OCTET STRING }
/// ```
///
/// Not comparable, because checksums are compared in constant time or not at all. `Debug` prints no octets: a GSS
/// checksum can carry delegated credentials.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Checksum<'a> {
    /// The type of the checksum.
    pub cksumtype: ChecksumType,
    /// The checksum, of whatever length.
    pub checksum: &'a [u8],
}

impl<'a> Checksum<'a> {
    /// Reads a checksum.
    ///
    /// # Errors
    /// Those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::whole(reader)
    }
}

impl<'a> Short<'a> for Checksum<'a> {
    const TYPE_ID: TypeId = TypeId::CHECKSUM;

    #[inline(always)]
    fn from_fields(mut fields: Reader<'a>) -> Result<Self, DecodeError> {
        let cksumtype = ChecksumType(fields.unusual_field::<Int32>(0)?);
        let checksum = fields.field::<OctetString>(1)?;
        fields.finish_sequence(1)?;
        Ok(Self { cksumtype, checksum })
    }
}

impl fmt::Debug for Checksum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checksum")
            .field("cksumtype", &self.cksumtype)
            .field("checksum", &OctetCount::of(self.checksum))
            .finish()
    }
}
