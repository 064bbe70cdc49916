//! The reading half: one cursor, split and never indexed.

use super::{Primitive, Tag};
use crate::error::{DecodeError, DecodeErrorKind, TypeId};
use core::fmt;

/// How strictly DER is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// Which forms of a length are read.
    pub lengths: LengthForm,
    /// The deepest nesting that is followed.
    pub nesting: u8,
}

impl Rules {
    /// Rules with the given form of lengths and depth of nesting.
    #[must_use]
    pub const fn new(lengths: LengthForm, nesting: u8) -> Self {
        Self { lengths, nesting }
    }
}

/// Shortest lengths only, 16 levels deep.
impl Default for Rules {
    fn default() -> Self {
        Self { lengths: LengthForm::Shortest, nesting: 16 }
    }
}

/// Which forms of a definite length are read (step L-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LengthForm {
    /// Only the shortest, as DER demands.
    #[default]
    Shortest,
    /// Any of up to four octets, as other acceptors read them.
    UpToFourOctets,
}

/// The longest content of a TLV whose whole stands inside another, where both lengths have one octet.
const SHORT_INSIDE_SHORT: u8 = 0x7d;

/// A cursor over the octets of one production.
///
/// Copying a reader is cheap and gives a second, independent position. A reader that is done with says so by
/// [`finish`](Self::finish) or [`finish_sequence`](Self::finish_sequence), which refuse what nobody read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// The address of the first octet of the whole input: all readers of it share this one value, and only errors ask for it.
    start: usize,
    /// How many more levels may be entered.
    levels: u8,
    lengths: LengthForm,
    type_id: TypeId,
}

// What every field goes through is `#[inline(always)]`: left to the hint, decoding takes twice as long in a build of
// sixteen codegen units, and its code is larger.
impl<'a> Reader<'a> {
    /// A cursor before the first octet of `input`, which is named `type_id` in errors.
    #[must_use]
    pub fn new(input: &'a [u8], type_id: TypeId, rules: Rules) -> Self {
        Self { rest: input, start: input.as_ptr().addr(), levels: rules.nesting, lengths: rules.lengths, type_id }
    }

    /// The same position, reading another production.
    #[inline]
    #[must_use]
    pub const fn named(mut self, type_id: TypeId) -> Self {
        self.rename(type_id);
        self
    }

    /// Goes on reading another production.
    #[inline(always)]
    pub const fn rename(&mut self, type_id: TypeId) {
        self.type_id = type_id;
    }

    /// The octets that are still to be read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything has been read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// An error of that kind at this position.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn error(self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.type_id, self.offset())
    }

    /// How far `rest` begins behind the first octet of the whole input.
    fn offset(self) -> usize {
        self.rest.as_ptr().addr().saturating_sub(self.start)
    }

    /// Whether the next TLV has this tag.
    #[inline(always)]
    #[must_use]
    pub fn peek(&self, tag: Tag) -> bool {
        self.rest.first() == Some(&tag.0)
    }

    /// Enters the next TLV, which must have this tag, and stands behind it afterwards.
    ///
    /// # Errors
    /// `Missing` at the end of the input, `UnexpectedTag` for another tag, `TooDeep`, and the errors of a length.
    #[inline(always)]
    pub fn read(&mut self, tag: Tag) -> Result<Self, DecodeError> {
        if self.peek(tag) { self.enter() } else { Err(self.wrong_tag(tag)) }
    }

    #[cold]
    #[inline(never)]
    fn wrong_tag(self, tag: Tag) -> DecodeError {
        self.error(match self.rest.first() {
            None => DecodeErrorKind::Missing { expected: tag.0 },
            Some(found) => DecodeErrorKind::UnexpectedTag { expected: tag.0, found: *found },
        })
    }

    /// Enters the next TLV if it has this tag.
    ///
    /// # Errors
    /// `TooDeep` and the errors of a length; an absent TLV is none.
    #[inline(always)]
    pub fn read_optional(&mut self, tag: Tag) -> Result<Option<Self>, DecodeError> {
        if self.peek(tag) { self.enter().map(Some) } else { Ok(None) }
    }

    /// Enters the next TLV whatever its tag is.
    ///
    /// # Errors
    /// `Truncated` at the end of the input, `TooDeep`, and the errors of a length.
    pub fn read_any(&mut self) -> Result<(Tag, Self), DecodeError> {
        match self.rest.first() {
            None => Err(self.error(DecodeErrorKind::Truncated)),
            // No tag of more than one octet has a name here.
            Some(tag) if tag & 0x1f == 0x1f => {
                Err(self.error(DecodeErrorKind::UnexpectedTag { expected: 0, found: *tag }))
            }
            Some(tag) => Ok((Tag(*tag), self.enter()?)),
        }
    }

    /// What was read since `before` was the [`rest`](Self::rest), tags and lengths included.
    #[must_use]
    pub fn read_since(&self, before: &'a [u8]) -> &'a [u8] {
        let length = before.len().saturating_sub(self.rest.len());
        before.get(..length).unwrap_or_default()
    }

    /// Reads one value by `read` from inside the next TLV, which must have this tag and hold nothing else.
    ///
    /// # Errors
    /// As [`read`](Self::read), those of the closure, and `TrailingOctets`.
    #[inline(always)]
    pub fn explicit<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let mut inner = self.read(tag)?;
        let value = read(&mut inner)?;
        inner.finish()?;
        Ok(value)
    }

    /// Enters `[number]`, which must hold one value and nothing else, and stands before that value.
    ///
    /// # Errors
    /// As [`read`](Self::read), and `TrailingOctets`. What is wrong with the value itself is for its reader to say.
    #[inline(always)]
    pub fn one(&mut self, number: u8) -> Result<Self, DecodeError> {
        let field = self.read(Tag::context(number))?;
        match field.split() {
            Ok((_, rest, _)) if !rest.is_empty() => Err(Self { rest, ..field }.error(DecodeErrorKind::TrailingOctets)),
            _ => Ok(field),
        }
    }

    /// As [`explicit`](Self::explicit), or `None` if the next TLV has another tag.
    ///
    /// # Errors
    /// As [`explicit`](Self::explicit); an absent TLV is none.
    #[inline(always)]
    pub fn explicit_optional<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.peek(tag) { self.explicit(tag, read).map(Some) } else { Ok(None) }
    }

    /// The value of the next TLV, which must be a primitive of this type.
    ///
    /// # Errors
    /// As [`read`](Self::read), and those of [`Primitive::value`].
    #[inline(always)]
    pub fn value<P: Primitive>(&mut self) -> Result<P::Value<'a>, DecodeError> {
        let content = self.read(P::TAG)?;
        P::value(content.rest).map_err(|kind| content.error(kind))
    }

    /// The value of a primitive of this type inside `[number]`.
    ///
    /// Most fields of most messages are two tags and two short lengths, and nothing over. That is seen at a glance; whatever
    /// is not like it, or is no value, is read by the rules.
    ///
    /// # Errors
    /// As [`explicit`](Self::explicit) and [`value`](Self::value).
    #[inline(always)]
    pub fn field<P: Primitive>(&mut self, number: u8) -> Result<P::Value<'a>, DecodeError> {
        if let Some((content, rest)) = self.at_a_glance([Tag::context(number), P::TAG], P::USUAL_OCTETS) {
            if let Ok(value) = P::value(content) {
                self.rest = rest;
                return Ok(value);
            }
        }
        let (value, rest) = self.field_by_the_rules::<P>(number);
        self.rest = rest;
        value
    }

    /// As [`field`](Self::field), for what mostly has more than a hundred octets, or not the usual number of them.
    ///
    /// # Errors
    /// As [`field`](Self::field).
    #[inline(always)]
    pub fn unusual_field<P: Primitive>(&mut self, number: u8) -> Result<P::Value<'a>, DecodeError> {
        self.explicit(Tag::context(number), |inner| inner.value::<P>())
    }

    /// Enters a SEQUENCE that is all of `[number]`; errors inside it name `type_id`.
    ///
    /// # Errors
    /// As [`one`](Self::one) and [`read`](Self::read).
    #[inline(always)]
    pub fn sequence_field(&mut self, number: u8, type_id: TypeId) -> Result<Self, DecodeError> {
        if let Some((content, rest)) = self.at_a_glance([Tag::context(number), Tag::SEQUENCE], None) {
            self.rest = rest;
            return Ok(Self { rest: content, levels: self.levels.saturating_sub(2), type_id, ..*self });
        }
        let (fields, rest) = self.sequence_by_the_rules(number, type_id);
        self.rest = rest;
        fields
    }

    /// The content of a TLV that is all of the next one, and what follows both; `None` unless they have these tags, and lengths
    /// of one octet. The inner length is the usual one, if there is one.
    #[inline(always)]
    fn at_a_glance(self, [outer, inner]: [Tag; 2], usual: Option<u8>) -> Option<(&'a [u8], &'a [u8])> {
        let (header, after) = self.rest.split_first_chunk::<4>()?;
        let [_, _, _, found] = *header;
        let length = usual.unwrap_or(found);
        // Compared as one number, with the outer length that goes with the inner one.
        let expected = [outer.0, length.wrapping_add(2), inner.0, length];
        if length > SHORT_INSIDE_SHORT || *header != expected || self.levels < 2 {
            return None;
        }
        after.split_at_checked(usize::from(length))
    }

    /// As [`field`](Self::field), or `None` if the next TLV has another tag.
    ///
    /// # Errors
    /// As [`field`](Self::field); an absent TLV is none.
    #[inline(always)]
    pub fn optional_field<P: Primitive>(&mut self, number: u8) -> Result<Option<P::Value<'a>>, DecodeError> {
        if self.peek(Tag::context(number)) { self.field::<P>(number).map(Some) } else { Ok(None) }
    }

    // The reader is a copy, so that the original may stay in registers; what follows the field is given back with it.

    #[cold]
    #[inline(never)]
    fn sequence_by_the_rules(mut self, number: u8, type_id: TypeId) -> (Result<Self, DecodeError>, &'a [u8]) {
        let fields = self.one(number).and_then(|field| field.named(type_id).read(Tag::SEQUENCE));
        (fields, self.rest)
    }

    #[cold]
    #[inline(never)]
    fn field_by_the_rules<P: Primitive>(mut self, number: u8) -> (Result<P::Value<'a>, DecodeError>, &'a [u8]) {
        let value = self.unusual_field::<P>(number);
        (value, self.rest)
    }

    /// Reads one value by `read`, which must leave nothing over.
    ///
    /// # Errors
    /// Those of the closure, and `TrailingOctets`.
    #[inline(always)]
    pub fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        // One variable from here to the caller: taken apart and put together again, a large value would be moved.
        let mut value = read(&mut self);
        if value.is_ok() && !self.rest.is_empty() {
            value = Err(self.error(DecodeErrorKind::TrailingOctets));
        }
        value
    }

    /// How many TLVs of this tag there are, if there is nothing else and every length has one octet.
    #[inline(always)]
    pub(crate) fn count_at_a_glance(self, tag: Tag) -> Option<usize> {
        let (mut rest, mut count) = (self.rest, 0_usize);
        while let [found, length @ 0x00..=0x7f, after @ ..] = rest {
            rest = after.get(usize::from(*length)..).filter(|_| *found == tag.0)?;
            count = count.saturating_add(1);
        }
        (rest.is_empty() && self.levels > 0).then_some(count)
    }

    /// Says that everything was read.
    ///
    /// # Errors
    /// `TrailingOctets` if something was not.
    #[inline(always)]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(DecodeErrorKind::TrailingOctets)) }
    }

    /// Says that every known field of a SEQUENCE was read, the last of them `[last]`.
    ///
    /// Fields with a higher context tag, in rising order, are a later version's and are passed over (step L-6).
    ///
    /// # Errors
    /// `TrailingOctets` for anything else, and the errors of a length inside what is passed over.
    #[inline(always)]
    pub fn finish_sequence(self, last: u8) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { self.pass_over(last) }
    }

    #[cold]
    #[inline(never)]
    fn pass_over(mut self, mut last: u8) -> Result<(), DecodeError> {
        while let Some(octet) = self.rest.first() {
            match Tag(*octet).context_number() {
                Some(number) if number > last && number < 31 => {
                    last = number;
                    self.enter()?;
                }
                _ => return Err(self.error(DecodeErrorKind::TrailingOctets)),
            }
        }
        Ok(())
    }

    /// Splits the next TLV off, whatever its tag, and gives a reader of its content one level down.
    #[inline(always)]
    fn enter(&mut self) -> Result<Self, DecodeError> {
        match self.split() {
            Ok((content, rest, levels)) => {
                self.rest = rest;
                Ok(Self { rest: content, levels, ..*self })
            }
            Err(kind) => Err(self.error(kind)),
        }
    }

    /// The content of the next TLV, what follows it, and how many levels remain inside.
    #[inline(always)]
    fn split(self) -> Result<(&'a [u8], &'a [u8], u8), DecodeErrorKind> {
        let (after_header, length) = match self.rest {
            [_, short @ 0x00..=0x7f, after @ ..] => (after, usize::from(*short)),
            [_, 0x81, length @ 0x80..=0xff, after @ ..] => (after, usize::from(*length)),
            [_, 0x82, high @ 0x01..=0xff, low, after @ ..] => (after, usize::from(u16::from_be_bytes([*high, *low]))),
            [] | [_] => return Err(DecodeErrorKind::Truncated),
            [_, form, after @ ..] => long_form(*form, after, self.lengths)?,
        };
        let (content, rest) = after_header.split_at_checked(length).ok_or(DecodeErrorKind::PastTheEnd)?;
        let levels = self.levels.checked_sub(1).ok_or(DecodeErrorKind::TooDeep)?;
        Ok((content, rest, levels))
    }
}

/// Where it stands: what it reads may hold a key.
impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({}, {} octets at offset {})", self.type_id, self.rest.len(), self.offset())
    }
}

/// What follows a length whose first octet is `form`, and the length: by all the rules.
#[cold]
#[inline(never)]
fn long_form(form: u8, octets: &[u8], lengths: LengthForm) -> Result<(&[u8], usize), DecodeErrorKind> {
    let (length, least, after) = match (form, octets) {
        (0x81, [a, after @ ..]) => ([0, 0, 0, *a], 0x80, after),
        (0x82, [a, b, after @ ..]) => ([0, 0, *a, *b], 0x100, after),
        (0x83, [a, b, c, after @ ..]) => ([0, *a, *b, *c], 0x1_0000, after),
        (0x84, [a, b, c, d, after @ ..]) => ([*a, *b, *c, *d], 0x100_0000, after),
        (0x80, _) => return Err(DecodeErrorKind::IndefiniteLength),
        (0x81..=0x84, _) => return Err(DecodeErrorKind::Truncated),
        _ => return Err(DecodeErrorKind::LengthTooLong),
    };
    let length = u32::from_be_bytes(length);
    if length < least && lengths == LengthForm::Shortest {
        return Err(DecodeErrorKind::LengthNotMinimal);
    }
    Ok((after, usize::try_from(length).unwrap_or(usize::MAX)))
}
