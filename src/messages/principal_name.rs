use super::Short;
use crate::Principal;
use crate::asn1::{DecodeError, DecodeErrorKind, GeneralString, Int32, LengthForm, Reader, Rules, Tag, TypeId, Writer};
use crate::numbers::NameType;
use crate::principal::{self, fmt_name, fmt_principal};
use core::fmt;

const TYPE_ID: TypeId = TypeId::PRINCIPAL_NAME;

/// The most components of a name. 16: names in use have up to three; RFC 4120 sets no bound (step A-7).
const MAX_COMPONENTS: usize = 16;

/// `PrincipalName`, RFC 4120 §5.2.2
///
/// ```text
/// PrincipalName ::= SEQUENCE {
///     name-type [0] Int32, name-string [1] SEQUENCE OF KerberosString
/// }
/// ```
///
/// One to sixteen components of any octets: NUL, nothing at all, and what is not UTF-8 come through as they are
/// (step A-7). `Display` writes the components with the escapes of [`Principal`], without a realm.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct PrincipalName<'a> {
    /// The kind of name, a hint that is never compared (RFC 4120 §6.2).
    pub name_type: NameType,
    parts: Parts<'a>,
}

/// Where the components are: in a message, or in a principal that a message is made for.
#[derive(Clone, Copy)]
enum Parts<'a> {
    /// The content of `name-string`, read through once.
    Der(&'a [u8]),
    Principal(&'a Principal),
}

impl<'a> PrincipalName<'a> {
    /// The components' octets, in order.
    pub fn components(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        match self.parts {
            Parts::Der(octets) => Components::Der(Reader::new(octets, TYPE_ID, READ_BEFORE)),
            Parts::Principal(principal) => Components::Principal(principal.parts()),
        }
    }

    /// Whether two names have the same components, octet for octet, whatever their name-types.
    #[must_use]
    pub fn same_name(&self, other: &PrincipalName<'_>) -> bool {
        // What is written alike says the same; what is not may still do so, with lengths of other forms.
        let written_alike = matches!((self.parts, other.parts), (Parts::Der(one), Parts::Der(other)) if one == other);
        written_alike || self.components().eq(other.components())
    }

    /// Whether the components are those of a principal, octet for octet; realms and name-types are not looked at.
    #[must_use]
    pub fn names(&self, principal: &Principal) -> bool {
        self.components().eq(principal.components())
    }

    /// An owned principal of this name in a realm, with the name-type.
    #[must_use]
    pub fn to_principal(&self, realm: &[u8]) -> Principal {
        Principal::of_type(self.name_type, realm, self.components())
    }

    /// What shows this name in a realm, `HTTP/web@EXAMPLE.COM`, with the escapes of [`Principal`].
    #[must_use]
    pub fn in_realm<'b>(&'b self, realm: &'b [u8]) -> impl fmt::Display + use<'a, 'b> {
        NameInRealm { name: self, realm }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// `Count` for no component or more than sixteen, and those of the fields.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::whole(reader)
    }

    /// Writes the name.
    pub fn encode(&self, writer: &mut Writer) {
        writer.tlv(Tag::SEQUENCE, |writer| {
            writer.context_integer(0, i64::from(self.name_type.0));
            writer.tlv(Tag::context(1), |writer| {
                writer.tlv(Tag::SEQUENCE, |writer| {
                    self.components().for_each(|component| writer.octets(Tag::GENERAL_STRING, component));
                });
            });
        });
    }
}

impl<'a> Short<'a> for PrincipalName<'a> {
    const TYPE_ID: TypeId = TYPE_ID;

    #[inline(always)]
    fn from_fields(mut fields: Reader<'a>) -> Result<Self, DecodeError> {
        let name_type = NameType(fields.field::<Int32>(0)?);
        let list = fields.sequence_field(1, TYPE_ID)?;
        match list.count_at_a_glance(Tag::GENERAL_STRING) {
            Some(1..=MAX_COMPONENTS) => {}
            _ => check_components(list)?,
        }
        fields.finish_sequence(1)?;
        Ok(Self { name_type, parts: Parts::Der(list.rest()) })
    }
}

/// The rules for what [`check_components`] has read already: any form of length that it may have let through.
const READ_BEFORE: Rules = Rules::new(LengthForm::UpToFourOctets, 1);

/// How many they are, by the rules.
#[cold]
#[inline(never)]
fn check_components(list: Reader<'_>) -> Result<(), DecodeError> {
    let mut rest = list;
    let mut count = 0_usize;
    while !rest.is_empty() {
        rest.value::<GeneralString>()?;
        count = count.saturating_add(1);
        if count > MAX_COMPONENTS {
            return Err(list.error(DecodeErrorKind::Count));
        }
    }
    if count == 0 { Err(list.error(DecodeErrorKind::Count)) } else { Ok(()) }
}

#[derive(Clone)]
enum Components<'a> {
    Der(Reader<'a>),
    Principal(principal::Components<'a>),
}

impl<'a> Iterator for Components<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        match self {
            Components::Der(rest) if rest.is_empty() => None,
            Components::Der(rest) => rest.value::<GeneralString>().ok(),
            Components::Principal(parts) => parts.next(),
        }
    }
}

/// The name of a principal, to be sent: an acceptor's own in a KRB-ERROR.
impl<'a> From<&'a Principal> for PrincipalName<'a> {
    fn from(principal: &'a Principal) -> Self {
        Self { name_type: principal.name_type(), parts: Parts::Principal(principal) }
    }
}

impl fmt::Display for PrincipalName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_name(f, self.components())
    }
}

impl fmt::Debug for PrincipalName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrincipalName({self}, {})", self.name_type)
    }
}

struct NameInRealm<'b, 'a> {
    name: &'b PrincipalName<'a>,
    realm: &'b [u8],
}

impl fmt::Display for NameInRealm<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_principal(f, self.name.components(), self.realm)
    }
}
