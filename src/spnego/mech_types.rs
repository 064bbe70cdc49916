//! The initiator's list of mechanisms.

use crate::asn1::{DecodeError, DecodeErrorKind, LengthForm, ObjectIdentifier, Reader, Rules, Tag, TypeId};
use crate::gss::Oid;

const MECH_TYPE_LIST: TypeId = TypeId::MECH_TYPE_LIST;

/// `MechTypeList`, RFC 4178 §4.1: mechanisms, the initiator's favourite first.
///
/// ```text
/// MechTypeList ::= SEQUENCE OF MechType
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MechTypeList<'a> {
    encoded: &'a [u8],
}

impl<'a> MechTypeList<'a> {
    /// Reads a list, which must name at least one mechanism (step S-2).
    ///
    /// # Errors
    /// [`DecodeError`]; `Count` for an empty list.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.rename(MECH_TYPE_LIST);
        let before = reader.rest();
        let mut types = reader.read(Tag::SEQUENCE)?;
        if types.is_empty() {
            return Err(types.error(DecodeErrorKind::Count));
        }
        while !types.is_empty() {
            types.value::<ObjectIdentifier>()?;
        }
        Ok(Self { encoded: reader.read_since(before) })
    }

    /// The list as it was received, tag and length included: the octets that a mechListMIC is made over (RFC 4178 §5).
    #[must_use]
    pub const fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// The mechanisms, in the initiator's order.
    pub fn iter(&self) -> impl Iterator<Item = Oid<'a>> + Clone + use<'a> {
        let lenient = Rules::new(LengthForm::UpToFourOctets, 2);
        let mut types = Reader::new(self.encoded, MECH_TYPE_LIST, lenient).read(Tag::SEQUENCE).ok();
        core::iter::from_fn(move || {
            let types = types.as_mut().filter(|types| !types.is_empty())?;
            types.value::<ObjectIdentifier>().ok().map(Oid::new)
        })
    }
}
