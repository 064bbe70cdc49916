use super::{OctetCount, sequence};
use crate::asn1::{DecodeError, DecodeErrorKind, Int32, Reader, Rules, Tag, TypeId};
use crate::numbers::AuthDataType;
use core::fmt;

const TYPE_ID: TypeId = TypeId::AUTHORIZATION_DATA;

/// How many lists may stand inside each other. 4: a PAC stands in the second, and nothing is known that needs a third.
const MAX_LISTS: usize = 4;

/// `AuthorizationData`, RFC 4120 §5.2.6
///
/// ```text
/// AuthorizationData ::= SEQUENCE OF SEQUENCE { ad-type [0] Int32, ad-data [1] OCTET STRING }
/// AD-IF-RELEVANT ::= AuthorizationData -- the ad-data of an element of type 1
/// ```
///
/// The elements of the list have been read through once. What stands inside an AD-IF-RELEVANT is read by
/// [`walk`](Self::walk), because an acceptor that does not ask for it need not understand it.
#[derive(Clone, Copy)]
pub struct AuthorizationData<'a> {
    encoded: &'a [u8],
    elements: Reader<'a>,
}

/// One element of authorization data.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct AuthorizationDataElement<'a> {
    /// What the data are.
    pub ad_type: AuthDataType,
    /// The data.
    pub ad_data: &'a [u8],
    /// Whether an AD-IF-RELEVANT stands around the element, at any distance: then it may be ignored by whoever does
    /// not know it (RFC 4120 §5.2.6.1).
    pub inside_if_relevant: bool,
    content: Reader<'a>,
}

impl<'a> AuthorizationData<'a> {
    /// The list as it was received, tag and length included.
    #[must_use]
    pub const fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// The elements of this list, in order; an AD-IF-RELEVANT is one of them.
    pub fn iter(&self) -> impl Iterator<Item = AuthorizationDataElement<'a>> + Clone + use<'a> {
        let mut rest = self.elements;
        core::iter::from_fn(move || if rest.is_empty() { None } else { read_element(&mut rest).ok() })
    }

    /// The elements of this list and of every AD-IF-RELEVANT in it, in order; an AD-IF-RELEVANT itself is not among
    /// them. The iterator ends after an error.
    ///
    /// # Errors
    /// An item is an error where an AD-IF-RELEVANT is no list, `TooDeep` where more than four lists stand inside each
    /// other or the rules of the reader allow fewer.
    pub fn walk(&self) -> impl Iterator<Item = Result<AuthorizationDataElement<'a>, DecodeError>> + Clone + use<'a> {
        Walk { list: self.elements, outer: [None; MAX_LISTS - 1] }
    }

    /// Reads a list of elements, which may be empty.
    ///
    /// # Errors
    /// Those of the elements.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.rename(TYPE_ID);
        let before = reader.rest();
        let elements = reader.read(Tag::SEQUENCE)?;
        let mut rest = elements;
        while !rest.is_empty() {
            read_element(&mut rest)?;
        }
        Ok(Self { encoded: reader.read_since(before), elements })
    }

    /// Reads octets that are a list of elements and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}

fn read_element<'a>(list: &mut Reader<'a>) -> Result<AuthorizationDataElement<'a>, DecodeError> {
    let mut fields = sequence(list, TYPE_ID)?;
    let ad_type = AuthDataType(fields.field::<Int32>(0)?);
    let content = fields.explicit(Tag::context(1), |inner| inner.read(Tag::OCTET_STRING))?;
    fields.finish_sequence(1)?;
    Ok(AuthorizationDataElement { ad_type, ad_data: content.rest(), inside_if_relevant: false, content })
}

/// A way through nested lists that needs no allocation and no recursion.
#[derive(Clone)]
struct Walk<'a> {
    list: Reader<'a>,
    /// The lists around it that are to be gone on with, innermost first.
    outer: [Option<Reader<'a>>; MAX_LISTS - 1],
}

impl<'a> Walk<'a> {
    /// Reads one element of the current list, entering it if it is an AD-IF-RELEVANT.
    fn step(&mut self) -> Result<Option<AuthorizationDataElement<'a>>, DecodeError> {
        let element = read_element(&mut self.list)?;
        if element.ad_type == AuthDataType::IF_RELEVANT {
            self.enter(element.content)?;
            return Ok(None);
        }
        let inside_if_relevant = matches!(self.outer, [Some(_), ..]);
        Ok(Some(AuthorizationDataElement { inside_if_relevant, ..element }))
    }

    fn enter(&mut self, if_relevant: Reader<'a>) -> Result<(), DecodeError> {
        if matches!(self.outer, [.., Some(_)]) {
            return Err(if_relevant.error(DecodeErrorKind::TooDeep));
        }
        let elements = if_relevant.named(TYPE_ID).whole(|inner| inner.read(Tag::SEQUENCE))?;
        self.outer.rotate_right(1);
        let [parent, ..] = &mut self.outer;
        *parent = Some(core::mem::replace(&mut self.list, elements));
        Ok(())
    }

    /// Goes on with the list around the current one, if there is one.
    fn leave(&mut self) -> Option<()> {
        let [parent, ..] = &mut self.outer;
        self.list = parent.take()?;
        self.outer.rotate_left(1);
        Some(())
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<AuthorizationDataElement<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.list.is_empty() {
                self.leave()?;
                continue;
            }
            match self.step() {
                Ok(None) => {}
                Ok(Some(element)) => return Some(Ok(element)),
                Err(error) => {
                    let nothing = Reader::new(&[], TYPE_ID, Rules::default());
                    *self = Self { list: nothing, outer: [None; MAX_LISTS - 1] };
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<'a> AuthorizationDataElement<'a> {
    /// A reader of the data, so that errors inside them count from where the whole input began.
    #[must_use]
    pub const fn reader(&self) -> Reader<'a> {
        self.content
    }
}

impl fmt::Debug for AuthorizationData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for AuthorizationDataElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationDataElement")
            .field("ad_type", &self.ad_type)
            .field("ad_data", &OctetCount::of(self.ad_data))
            .field("inside_if_relevant", &self.inside_if_relevant)
            .finish()
    }
}
