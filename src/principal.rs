//! Principals: a name of one or more components in a realm, as octets.
//!
//! Base layer, because keytabs, tickets, policies and errors all speak of principals. A name is never assumed to be
//! text (RFC 4120 §5.2.1 says `GeneralString`, peers send UTF-8 and anything else), so it is kept as octets, compared as
//! octets, and escaped when shown. A principal of up to 64 octets costs no
//! allocation.

use crate::numbers::NameType;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::str::FromStr;
use smallvec::SmallVec;

/// A principal: realm and components, byte for byte, with the name-type that is carried and never compared.
///
/// `Display` writes `alice@EXAMPLE.COM`, and escapes as the other implementations do: `\@`, `\/`, `\\` inside a
/// component, `\n`, `\t`, `\b`, `\0`, and `\xNN` for any other control character or octet that is not UTF-8.
pub struct Principal {
    name_type: NameType,
    /// Realm, then components, each behind its length in four octets.
    octets: SmallVec<[u8; INLINE_OCTETS]>,
}

/// What a principal holds without an allocation: realm and components with their lengths. Most names are no longer, and
/// every login makes two.
const INLINE_OCTETS: usize = 64;

impl Principal {
    /// A principal from its realm and components, with name-type `NT-PRINCIPAL` for one component and
    /// `NT-SRV-HST` for more.
    pub fn new<C: AsRef<[u8]>>(realm: impl AsRef<[u8]>, components: impl IntoIterator<Item = C>) -> Self {
        let mut principal = Self { name_type: NameType::NT_PRINCIPAL, octets: SmallVec::new() };
        push(&mut principal.octets, realm.as_ref());
        for (position, component) in components.into_iter().enumerate() {
            push(&mut principal.octets, component.as_ref());
            if position > 0 {
                principal.name_type = NameType::NT_SRV_HST;
            }
        }
        principal
    }

    /// A principal of that name-type. Its components can be gone through twice, so that there is room for all of them from
    /// the start.
    pub(crate) fn of_type<'a>(
        name_type: NameType,
        realm: &'a [u8],
        components: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> Self {
        let with = |room: usize, part: &[u8]| room.saturating_add(LENGTH_OCTETS).saturating_add(part.len());
        let room = components.clone().fold(with(0, realm), with);
        let mut octets = SmallVec::from_elem(0, room);
        let filled = core::iter::once(realm).chain(components).try_fold(&mut *octets, put);
        debug_assert!(filled.is_some_and(|rest| rest.is_empty()), "the components were the same both times");
        Self { name_type, octets }
    }

    /// The same principal with another name-type.
    #[must_use]
    pub fn with_name_type(self, name_type: NameType) -> Self {
        Self { name_type, ..self }
    }

    /// The name-type, a hint that equality ignores (RFC 4120 §6.2).
    #[must_use]
    pub fn name_type(&self) -> NameType {
        self.name_type
    }

    /// The realm's octets.
    #[must_use]
    pub fn realm(&self) -> &[u8] {
        split(&self.octets).map_or(&[], |(realm, _)| realm)
    }

    /// The components' octets, in order.
    pub fn components(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.parts()
    }

    /// As [`components`](Self::components), as a type that can be named.
    pub(crate) fn parts(&self) -> Components<'_> {
        Components { rest: split(&self.octets).map_or(&[], |(_, rest)| rest) }
    }

    /// Whether two principals are the same but for the case of ASCII letters, in realm or name.
    #[must_use]
    pub fn eq_ignore_ascii_case(&self, other: &Self) -> bool {
        self.octets.eq_ignore_ascii_case(&other.octets)
    }
}

/// How many octets stand before each part.
const LENGTH_OCTETS: usize = 4;

fn push(octets: &mut SmallVec<[u8; INLINE_OCTETS]>, part: &[u8]) {
    let before = octets.len();
    octets.resize(before.saturating_add(LENGTH_OCTETS).saturating_add(part.len()), 0);
    let put = octets.get_mut(before..).and_then(|room| put(room, part));
    debug_assert!(put.is_some_and(|rest| rest.is_empty()), "there is room for it");
}

/// Writes a part in front, and gives the room behind it.
fn put<'o>(octets: &'o mut [u8], part: &[u8]) -> Option<&'o mut [u8]> {
    let (length, rest) = octets.split_first_chunk_mut::<LENGTH_OCTETS>()?;
    *length = u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes();
    let (to, rest) = rest.split_at_mut_checked(part.len())?;
    to.copy_from_slice(part);
    Some(rest)
}

fn split(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// The components of a [`Principal`], in order.
#[derive(Debug, Clone)]
pub(crate) struct Components<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Components<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (component, rest) = split(self.rest)?;
        self.rest = rest;
        Some(component)
    }
}

/// All octets at once, where the derived one would take them one by one.
impl Clone for Principal {
    fn clone(&self) -> Self {
        Self { name_type: self.name_type, octets: SmallVec::from_slice(&self.octets) }
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

impl Eq for Principal {}

impl core::hash::Hash for Principal {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.octets.hash(state);
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_principal(f, self.components(), self.realm())
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({self}, {})", self.name_type)
    }
}

/// Writes `first/second@REALM` with the escapes of [`Principal`].
pub(crate) fn fmt_principal<'a>(
    f: &mut fmt::Formatter<'_>,
    components: impl Iterator<Item = &'a [u8]>,
    realm: &[u8],
) -> fmt::Result {
    fmt_name(f, components)?;
    write!(f, "@{}", Escaped { octets: realm, special: &['@', '\\'] })
}

/// Writes `first/second`, as [`fmt_principal`] does.
pub(crate) fn fmt_name<'a>(f: &mut fmt::Formatter<'_>, components: impl Iterator<Item = &'a [u8]>) -> fmt::Result {
    for (index, component) in components.enumerate() {
        if index > 0 {
            f.write_str("/")?;
        }
        write!(f, "{}", Escaped { octets: component, special: &['@', '/', '\\'] })?;
    }
    Ok(())
}

/// Octets of a peer, shown: the text that they are, with whatever could deceive a reader escaped.
///
/// The only way by which a peer's octets enter a message. Bidirectional and zero-width controls are escaped too, so
/// that no name can rearrange the line it is printed in.
pub(crate) struct Escaped<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) special: &'a [char],
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.octets.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\n' => f.write_str("\\n")?,
                    '\t' => f.write_str("\\t")?,
                    '\u{8}' => f.write_str("\\b")?,
                    '\0' => f.write_str("\\0")?,
                    c if self.special.contains(&c) => write!(f, "\\{c}")?,
                    c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                    c if deceives(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    c => f.write_char(c)?,
                }
            }
            for octet in chunk.invalid() {
                write!(f, "\\x{octet:02x}")?;
            }
        }
        Ok(())
    }
}

/// Controls of C1, and the characters that hide or reorder their neighbours.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text is not a principal's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a principal such as alice@EXAMPLE.COM or HTTP/web.example.com@EXAMPLE.COM")]
#[non_exhaustive]
pub struct PrincipalParseError;

/// Reads `first/second@REALM`; a backslash takes the next character literally, but for `\n`, `\t`, `\b` and `\0`.
///
/// The realm is required. An unescaped second `@` or an empty realm is refused. Components may be empty.
impl FromStr for Principal {
    type Err = PrincipalParseError;

    fn from_str(text: &str) -> Result<Self, PrincipalParseError> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let mut current = Vec::new();
        let mut in_realm = false;
        let mut octets = text.bytes();
        while let Some(octet) = octets.next() {
            match octet {
                b'\\' => current.push(unescape(octets.next().ok_or(PrincipalParseError)?)),
                b'/' if !in_realm => parts.push(core::mem::take(&mut current)),
                b'@' if in_realm => return Err(PrincipalParseError),
                b'@' => {
                    parts.push(core::mem::take(&mut current));
                    in_realm = true;
                }
                other => current.push(other),
            }
        }
        if !in_realm || current.is_empty() || parts.iter().all(Vec::is_empty) {
            return Err(PrincipalParseError);
        }
        Ok(Self::new(current, parts))
    }
}

fn unescape(octet: u8) -> u8 {
    match octet {
        b'n' => b'\n',
        b't' => b'\t',
        b'b' => 0x08,
        b'0' => 0,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_survive_printing_and_parsing() {
        for text in ["alice@EXAMPLE.COM", "HTTP/web@R", r"alice\@corp.com@R", r"a\/b/c\\d@R", "josé@R", "//x@R"] {
            let principal: Principal = text.parse().unwrap();
            assert_eq!(principal.to_string(), text);
        }
    }

    #[test]
    fn control_characters_and_stray_octets_are_escaped() {
        let principal = Principal::new("R", [b"a\nb\0\x1b\xff".as_slice(), "x\u{202e}y".as_bytes()]);
        assert_eq!(principal.to_string(), r"a\nb\0\x1b\xff/x\u{202e}y@R");
    }

    #[test]
    fn equality_ignores_the_name_type_and_nothing_else() {
        let alice: Principal = "alice@R".parse().unwrap();
        assert_eq!(alice, alice.clone().with_name_type(NameType::NT_ENTERPRISE));
        for other in ["Alice@R", "alice@r", "alice/@R", "lice@RA"] {
            assert_ne!(alice, other.parse().unwrap());
        }
        assert!(alice.eq_ignore_ascii_case(&"ALICE@r".parse().unwrap()));
    }

    #[test]
    fn refuses_text_without_a_name_or_a_realm() {
        for text in ["", "alice", "@R", "alice@", "a@b@c", "alice\\"] {
            assert_eq!(text.parse::<Principal>(), Err(PrincipalParseError), "{text}");
        }
    }
}
