use crate::asn1::{DecodeError, Int32, Reader, Rules, Tag, TypeId};
use crate::numbers::Enctype;
use core::fmt;

const TYPE_ID: TypeId = TypeId::ETYPE_LIST;

/// `EtypeList`, RFC 4537 §3
///
/// ```text
/// EtypeList ::= SEQUENCE OF Int32 -- in decreasing preference order
/// ```
///
/// The data of an AD-ETYPE-NEGOTIATION (129) in an authenticator: the enctypes that the initiator can use.
#[derive(Clone, Copy)]
pub struct EtypeList<'a> {
    elements: Reader<'a>,
}

impl<'a> EtypeList<'a> {
    /// The enctypes, the most wanted first.
    pub fn iter(&self) -> impl Iterator<Item = Enctype> + Clone + use<'a> {
        let mut rest = self.elements;
        core::iter::from_fn(move || rest.value::<Int32>().ok().map(Enctype))
    }

    /// Reads a list, which may be empty.
    ///
    /// # Errors
    /// Those of [`Reader::value::<Int32>`] for the elements.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.rename(TYPE_ID);
        let elements = reader.read(Tag::SEQUENCE)?;
        let mut rest = elements;
        while !rest.is_empty() {
            rest.value::<Int32>()?;
        }
        Ok(Self { elements })
    }

    /// Reads octets that are a list and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}

impl fmt::Debug for EtypeList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
