//! DOMAIN-X500-COMPRESS: from the transited field to the realms that it names (RFC 4120 §3.3.3.2).
//!
//! ```text
//! EDU,MIT.,ATHENA.            EDU  MIT.EDU  ATHENA.MIT.EDU     a dot at the end: put before the previous realm
//! /COM,/HP, /ORG              /COM  /COM/HP  /ORG              a slash at the start: put after the previous realm,
//!                                                             unless a space says that the name stands by itself
//! ,EDU,                       everything between the client's realm and EDU, EDU, and everything between EDU and
//!                             the service's realm
//! A\,B\.                      "A,B.": a backslash takes from the next octet whatever it means here
//! ```
//!
//! The rules leave gaps, and who fills one differently from the KDC that wrote the field loses a realm from the path.
//! Where RFC 4120 is silent, or MIT and Heimdal disagree, the field is refused; no KDC is known to write any of these.
//!
//! *Q1: to what is a first subfield `MIT.` prepended? MIT: to nothing; Heimdal: to the client's realm. A: refused. A
//! first `/COM` stands by itself: the realm before the first one listed counts as the null realm.*
//!
//! *Q2: to what is a subfield attached that follows a null subfield, as in `,/COM` or `EDU,,MIT.`? MIT: to the realm
//! before it, be that the client's; Heimdal: to nothing. A: refused; `, /COM` and `EDU,,MIT.EDU` say it plainly.*
//!
//! *Q3: between which realms may a null subfield stand, if it means all realms between the previous and the next one?
//! A: between two of which one is above the other, as with MIT and Heimdal, at the boundary of a component. Between two
//! siblings, `EDU` must be named: `,EDU,`. Between a realm and itself: refused, as Heimdal does.*
//!
//! *Q4: what do a dot or a space mean that stand elsewhere than in the rules: `/HP.`, ` EDU`, `MIT..`, `.`? As part
//! of a name they would have to be quoted. A: refused. A quoted octet is always part of the name, in `\/COM` too.*
//!
//! *Q5: several null subfields in a row? A: one, as with both.*

use super::hierarchy::between;
use super::{Bounds, TransitedProblem};
use alloc::vec::Vec;

/// The realms that the field names, in its order; the client's and the service's only if they are spelled out.
///
/// One NUL after the field is passed over: implementations in C have sent it. Any other is refused: a realm's
/// name holds no character with the code 0 (RFC 4120 §6.1). The bounds hold at every moment of the expansion.
pub(super) fn expand(
    contents: &[u8],
    client_realm: &[u8],
    service_realm: &[u8],
    bounds: Bounds,
) -> Result<Vec<Vec<u8>>, TransitedProblem> {
    let contents = contents.strip_suffix(&[0]).unwrap_or(contents);
    if contents.is_empty() {
        return Ok(Vec::new());
    }
    if contents.contains(&0) {
        return Err(TransitedProblem::Malformed);
    }
    let mut path = Path { client_realm, realms: Vec::new(), octets: 0, after_null: false, bounds };
    for subfield in subfields(contents) {
        path.take(subfield)?;
    }
    path.finish(service_realm)
}

/// The octets between unquoted commas.
fn subfields(contents: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    contents.split(move |octet| {
        let literal = core::mem::replace(&mut quoted, false);
        quoted = !literal && *octet == b'\\';
        !literal && *octet == b','
    })
}

/// The path so far.
struct Path<'a> {
    client_realm: &'a [u8],
    realms: Vec<Vec<u8>>,
    octets: usize,
    /// The last subfield was null: what it stands for is known only from the next.
    after_null: bool,
    bounds: Bounds,
}

impl Path<'_> {
    fn take(&mut self, subfield: &[u8]) -> Result<(), TransitedProblem> {
        if subfield.is_empty() {
            self.after_null = true;
            return Ok(());
        }
        let realm = self.join(Form::of(subfield)?)?;
        if core::mem::take(&mut self.after_null) {
            self.traverse(&realm)?;
        }
        self.push(realm)
    }

    fn finish(mut self, service_realm: &[u8]) -> Result<Vec<Vec<u8>>, TransitedProblem> {
        if self.after_null {
            self.traverse(service_realm)?;
        }
        Ok(self.realms)
    }

    fn join(&self, form: Form<'_>) -> Result<Vec<u8>, TransitedProblem> {
        let mut realm = Vec::new();
        match (form, self.realms.last()) {
            (Form::Whole(name), _) => unquote_onto(&mut realm, name)?,
            (Form::Prepended(_) | Form::Appended(_), _) if self.after_null => return Err(TransitedProblem::Malformed),
            (Form::Prepended(_), None) => return Err(TransitedProblem::Malformed),
            (Form::Prepended(name), Some(previous)) => {
                unquote_onto(&mut realm, name)?;
                realm.extend_from_slice(previous);
            }
            (Form::Appended(name), previous) => {
                realm.extend_from_slice(previous.map_or(&[], Vec::as_slice));
                unquote_onto(&mut realm, name)?;
            }
        }
        Ok(realm)
    }

    /// What a null subfield stands for: everything between the last realm, or the client's, and this one.
    fn traverse(&mut self, next: &[u8]) -> Result<(), TransitedProblem> {
        let previous = self.realms.last().map_or(self.client_realm, Vec::as_slice);
        if previous.len().max(next.len()) > self.bounds.octets {
            return Err(TransitedProblem::TooLong { limit: self.bounds.octets });
        }
        let previous = previous.to_vec();
        for realm in between(&previous, next).ok_or(TransitedProblem::Malformed)? {
            self.push(realm.to_vec())?;
        }
        Ok(())
    }

    fn push(&mut self, realm: Vec<u8>) -> Result<(), TransitedProblem> {
        if self.realms.len() >= self.bounds.realms {
            return Err(TransitedProblem::TooManyRealms { limit: self.bounds.realms });
        }
        self.octets = self.octets.saturating_add(realm.len());
        if self.octets > self.bounds.octets {
            return Err(TransitedProblem::TooLong { limit: self.bounds.octets });
        }
        self.realms.push(realm);
        Ok(())
    }
}

/// What a subfield is to the realm before it. The names are still quoted.
enum Form<'a> {
    /// A name that stands by itself.
    Whole(&'a [u8]),
    /// `MIT.`: goes before the previous realm.
    Prepended(&'a [u8]),
    /// `/HP`: goes after the previous realm.
    Appended(&'a [u8]),
}

impl<'a> Form<'a> {
    fn of(subfield: &'a [u8]) -> Result<Self, TransitedProblem> {
        let dotted = ends_with_unquoted_dot(subfield);
        match subfield {
            [b' ', name @ ..] if matches!(name, [b'/', _, ..]) && !dotted => Ok(Self::Whole(name)),
            [b'/', _, ..] if !dotted => Ok(Self::Appended(subfield)),
            [b' ' | b'/', ..] => Err(TransitedProblem::Malformed),
            [b'.'] => Err(TransitedProblem::Malformed),
            [name @ .., _] if dotted && ends_with_unquoted_dot(name) => Err(TransitedProblem::Malformed),
            _ if dotted => Ok(Self::Prepended(subfield)),
            _ => Ok(Self::Whole(subfield)),
        }
    }
}

fn ends_with_unquoted_dot(quoted: &[u8]) -> bool {
    let before = |name: &[u8]| name.iter().rev().take_while(|octet| **octet == b'\\').count();
    quoted.strip_suffix(b".").is_some_and(|name| before(name) % 2 == 0)
}

fn unquote_onto(realm: &mut Vec<u8>, name: &[u8]) -> Result<(), TransitedProblem> {
    let mut octets = name.iter();
    while let Some(octet) = octets.next() {
        let literal = if *octet == b'\\' { octets.next().ok_or(TransitedProblem::Malformed)? } else { octet };
        realm.push(*literal);
    }
    Ok(())
}
