//! The grammar of credentials and challenges (RFC 9110 §11).
//!
//! ```text
//! challenge   = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! auth-param  = token BWS "=" BWS ( token / quoted-string )
//! token68     = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
//! ```
//!
//! A list of them and a list of parameters are both written with commas. What tells them apart is the `=` behind the first
//! word: `realm="b"` goes on with the parameters, `Basic` begins the next scheme.

use super::HeaderError;
use core::fmt;

/// A scheme with what follows it: one challenge, or one set of credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AuthItem<'h> {
    scheme: &'h str,
    parameters: &'h [u8],
}

impl<'h> AuthItem<'h> {
    /// The scheme, as it was sent. Compare it without regard to case (RFC 9110 §11.1).
    #[must_use]
    pub fn scheme(&self) -> &'h str {
        self.scheme
    }

    /// Whether it is of that scheme.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// What follows the scheme, a token68 or parameters, not judged; empty if there is nothing.
    #[must_use]
    pub fn parameters(&self) -> &'h [u8] {
        self.parameters
    }
}

/// Without what follows the scheme, which is secret as often as not.
impl fmt::Debug for AuthItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthItem({}, {} octets)", self.scheme, self.parameters.len())
    }
}

/// The items of one header line, in their order. An error ends them.
///
/// ```
/// use kerbside::http::AuthItems;
///
/// let line = b"Digest realm=\"a, b\", nonce=\"c\", Negotiate, Basic realm=d";
/// let schemes: Result<Vec<_>, _> = AuthItems::new(line).map(|item| item.map(|item| item.scheme())).collect();
/// assert_eq!(schemes?, ["Digest", "Negotiate", "Basic"]);
/// # Ok::<(), kerbside::http::HeaderError>(())
/// ```
#[derive(Clone)]
pub struct AuthItems<'h> {
    line: &'h [u8],
    rest: &'h [u8],
}

impl<'h> AuthItems<'h> {
    /// The items of this line: the field's value, without its name.
    #[must_use]
    pub fn new(line: &'h [u8]) -> Self {
        Self { line, rest: line }
    }

    /// Where a part of the line begins that ends where `after` begins.
    fn offset(&self, part: &[u8], after: &[u8]) -> usize {
        self.line.len().saturating_sub(after.len()).saturating_sub(part.len())
    }

    /// Takes the next element that is not empty: RFC 9110 §5.6.1.2 has recipients skip empty ones.
    fn element(&mut self) -> Result<Option<Element<'h>>, HeaderError> {
        loop {
            let rest = trim_start(self.rest);
            if rest.is_empty() {
                self.rest = rest;
                return Ok(None);
            }
            let (element, after) =
                split_at_comma(rest).ok_or_else(|| HeaderError::Grammar { offset: self.offset(rest, &[]) })?;
            self.rest = after.strip_prefix(b",").unwrap_or(after);
            if !element.is_empty() {
                return Ok(Some(Element { text: trim_end(element), offset: self.offset(element, after) }));
            }
        }
    }

    fn item(&mut self) -> Result<Option<AuthItem<'h>>, HeaderError> {
        let Some(element) = self.element()? else { return Ok(None) };
        let (scheme, after) = element.word()?;
        let parameters = match after.strip_prefix(b" ") {
            None if after.is_empty() => after,
            None => return Err(element.error_before(after)),
            Some(more) => trim_spaces(more),
        };
        if parameters.starts_with(b"\t") {
            return Err(element.error_before(parameters));
        }
        let begin = element.end().saturating_sub(parameters.len());
        let end = self.end_of_parameters(element.end())?;
        Ok(Some(AuthItem { scheme, parameters: self.line.get(begin..end).unwrap_or_default() }))
    }

    /// Takes the parameters that go on after a comma; where they end, or else `end`.
    fn end_of_parameters(&mut self, mut end: usize) -> Result<usize, HeaderError> {
        loop {
            let mut ahead = self.clone();
            match ahead.element()? {
                Some(element) if element.is_parameter() => {
                    end = element.end();
                    *self = ahead;
                }
                _ => return Ok(end),
            }
        }
    }
}

impl<'h> Iterator for AuthItems<'h> {
    type Item = Result<AuthItem<'h>, HeaderError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.item();
        if item.is_err() {
            self.rest = &[];
        }
        item.transpose()
    }
}

impl core::iter::FusedIterator for AuthItems<'_> {}

impl fmt::Debug for AuthItems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthItems({} of {} octets left)", self.rest.len(), self.line.len())
    }
}

/// What stands between two commas, and where.
struct Element<'h> {
    text: &'h [u8],
    offset: usize,
}

impl<'h> Element<'h> {
    fn end(&self) -> usize {
        self.offset.saturating_add(self.text.len())
    }

    /// The first word, and what follows it.
    fn word(&self) -> Result<(&'h str, &'h [u8]), HeaderError> {
        let (word, after) = split_word(self.text);
        let word = core::str::from_utf8(word).unwrap_or_default();
        if word.is_empty() { Err(self.error_before(self.text)) } else { Ok((word, after)) }
    }

    fn is_parameter(&self) -> bool {
        is_parameter(self.text)
    }

    fn error_before(&self, after: &[u8]) -> HeaderError {
        HeaderError::Grammar { offset: self.end().saturating_sub(after.len()) }
    }
}

/// `token BWS "="`: the beginning of an auth-param.
pub(super) fn is_parameter(text: &[u8]) -> bool {
    let (word, after) = split_word(text);
    !word.is_empty() && trim_start(after).starts_with(b"=")
}

/// A `token` at the beginning, perhaps an empty one, and the rest.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|octet| !is_tchar(*octet)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// `tchar` (RFC 9110 §5.6.2).
fn is_tchar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// Where in a `quoted-string` (RFC 9110 §5.6.4) an octet stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    Outside,
    Inside,
    Escaped,
}

/// What stands before the first comma outside of quotes, and the rest with it; `None` if a quote is not closed.
fn split_at_comma(text: &[u8]) -> Option<(&[u8], &[u8])> {
    // Nearly every line is one token, and a long one: this looks at many octets at once.
    if !text.contains(&b'"') && !text.contains(&b',') {
        return Some((text, &[]));
    }
    let mut quoted = Quoted::Outside;
    let comma = text.iter().position(|octet| {
        quoted = match (quoted, octet) {
            (Quoted::Outside, b'"') | (Quoted::Escaped, _) => Quoted::Inside,
            (Quoted::Inside, b'"') => Quoted::Outside,
            (Quoted::Inside, b'\\') => Quoted::Escaped,
            (state, _) => state,
        };
        quoted == Quoted::Outside && *octet == b','
    });
    match comma {
        Some(comma) => text.split_at_checked(comma),
        None => (quoted == Quoted::Outside).then_some((text, &[])),
    }
}

/// Without `OWS`, which is spaces and tabs, at the beginning.
fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

/// Without `OWS` at the end.
fn trim_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Without spaces at the beginning; a tab stays.
fn trim_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    text
}
