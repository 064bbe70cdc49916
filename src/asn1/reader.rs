//! The reading half: one cursor, split and never indexed.

use super::Tag;
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

/// A cursor over the octets of one production.
///
/// Copying a reader is cheap and gives a second, independent position. A reader that is done with says so by
/// [`finish`](Self::finish) or [`finish_sequence`](Self::finish_sequence), which refuse what nobody read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// How far `rest` ends behind the first octet of the whole input; it stays where it is while `rest` gets shorter.
    end: usize,
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
    pub const fn new(input: &'a [u8], type_id: TypeId, rules: Rules) -> Self {
        Self { rest: input, end: input.len(), levels: rules.nesting, lengths: rules.lengths, type_id }
    }

    /// The same position, reading another production.
    #[inline]
    #[must_use]
    pub const fn named(self, type_id: TypeId) -> Self {
        Self { type_id, ..self }
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
    pub const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, type_id: self.type_id, offset: self.offset() }
    }

    /// How far `rest` begins behind the first octet of the whole input.
    const fn offset(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    /// Whether the next TLV has this tag.
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
        match self.rest.first() {
            None => Err(self.error(DecodeErrorKind::Missing { expected: tag.0 })),
            Some(found) if *found != tag.0 => {
                Err(self.error(DecodeErrorKind::UnexpectedTag { expected: tag.0, found: *found }))
            }
            Some(_) => self.enter(),
        }
    }

    /// Enters the next TLV if it has this tag.
    ///
    /// # Errors
    /// `TooDeep` and the errors of a length; an absent TLV is none.
    #[inline]
    pub fn read_optional(&mut self, tag: Tag) -> Result<Option<Self>, DecodeError> {
        if self.peek(tag) { self.enter().map(Some) } else { Ok(None) }
    }

    /// Enters the next TLV whatever its tag is.
    ///
    /// # Errors
    /// `Truncated` at the end of the input, `TooDeep`, and the errors of a length.
    pub fn read_any(&mut self) -> Result<(Tag, Self), DecodeError> {
        let tag = self.rest.first().ok_or_else(|| self.error(DecodeErrorKind::Truncated))?;
        Ok((Tag(*tag), self.enter()?))
    }

    /// The octets of the next TLV with its tag and length, which must have this tag.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_raw(&mut self, tag: Tag) -> Result<&'a [u8], DecodeError> {
        let before = self.rest;
        self.read(tag)?;
        let length = before.len().saturating_sub(self.rest.len());
        Ok(before.split_at_checked(length).map_or(before, |(tlv, _)| tlv))
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
        self.read(tag)?.whole(read)
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

    /// Reads one value by `read`, which must leave nothing over.
    ///
    /// # Errors
    /// Those of the closure, and `TrailingOctets`.
    #[inline(always)]
    pub fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        let value = read(&mut self)?;
        self.finish()?;
        Ok(value)
    }

    /// Says that everything was read.
    ///
    /// # Errors
    /// `TrailingOctets` if something was not.
    #[inline]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(DecodeErrorKind::TrailingOctets)) }
    }

    /// Says that every known field of a SEQUENCE was read, the last of them `[last]`.
    ///
    /// Fields with a higher context tag, in rising order, are a later version's and are passed over (step L-6).
    ///
    /// # Errors
    /// `TrailingOctets` for anything else, and the errors of a length inside what is passed over.
    #[inline]
    pub fn finish_sequence(mut self, last: u8) -> Result<(), DecodeError> {
        let mut last = last;
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

    /// `INTEGER` that fits in an `i32`.
    ///
    /// # Errors
    /// As [`read`](Self::read); `BadValue` for no octets or a redundant first octet, `IntegerRange` for a longer value.
    pub fn int32(&mut self) -> Result<i32, DecodeError> {
        let content = self.read(Tag::INTEGER)?;
        let value = integer(content.rest).and_then(|value| value.try_into().map_err(|_| DecodeErrorKind::IntegerRange));
        value.map_err(|kind| content.error(kind))
    }

    /// `INTEGER` as a pattern of 32 bits: a negative value and its unsigned twin are the same (step A-6).
    ///
    /// # Errors
    /// As [`int32`](Self::int32), with a range of −2^31 to 2^32−1.
    pub fn uint32_pattern(&mut self) -> Result<u32, DecodeError> {
        let content = self.read(Tag::INTEGER)?;
        let pattern = |value: i64| {
            u32::try_from(value)
                .or_else(|_| i32::try_from(value).map(|negative| u32::from_be_bytes(negative.to_be_bytes())))
                .map_err(|_| DecodeErrorKind::IntegerRange)
        };
        integer(content.rest).and_then(pattern).map_err(|kind| content.error(kind))
    }

    /// `OCTET STRING`: its octets.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    #[inline]
    pub fn octet_string(&mut self) -> Result<&'a [u8], DecodeError> {
        self.read(Tag::OCTET_STRING).map(|content| content.rest)
    }

    /// `GeneralString`: its octets, which need not be text.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    #[inline]
    pub fn general_string(&mut self) -> Result<&'a [u8], DecodeError> {
        self.read(Tag::GENERAL_STRING).map(|content| content.rest)
    }

    /// `OBJECT IDENTIFIER`: its content octets.
    ///
    /// # Errors
    /// As [`read`](Self::read); `BadValue` if it is empty or ends inside an arc.
    pub fn object_identifier(&mut self) -> Result<&'a [u8], DecodeError> {
        let content = self.read(Tag::OBJECT_IDENTIFIER)?;
        match content.rest.last() {
            Some(last) if *last < 0x80 => Ok(content.rest),
            _ => Err(content.error(DecodeErrorKind::BadValue)),
        }
    }

    /// `KerberosFlags`, RFC 4120 §5.2.8: the first 32 bits, bit 0 the highest; absent bits are 0.
    ///
    /// # Errors
    /// As [`read`](Self::read); `BadValue` if there is no octet of bits, or unused bits are more than 7 or are set.
    pub fn kerberos_flags(&mut self) -> Result<u32, DecodeError> {
        let (bits, at) = self.bits()?;
        if bits.is_empty() { Err(at.error(DecodeErrorKind::BadValue)) } else { Ok(first_32_bits(bits)) }
    }

    /// As [`kerberos_flags`](Self::kerberos_flags), where no octet of bits means that no bit is set (step T-3).
    ///
    /// # Errors
    /// As [`read`](Self::read); `BadValue` if unused bits are more than there are or are set.
    pub fn zero_extended_flags(&mut self) -> Result<u32, DecodeError> {
        self.bits().map(|(bits, _)| first_32_bits(bits))
    }

    /// The octets of a `BIT STRING`, whose unused bits are 0.
    fn bits(&mut self) -> Result<(&'a [u8], Self), DecodeError> {
        let content = self.read(Tag::BIT_STRING)?;
        let Some((unused, bits)) = content.rest.split_first() else {
            return Err(content.error(DecodeErrorKind::BadValue));
        };
        let unused_are_zero = match bits.last() {
            None => *unused == 0,
            Some(last) => *unused < 8 && last.trailing_zeros() >= u32::from(*unused),
        };
        if unused_are_zero { Ok((bits, content)) } else { Err(content.error(DecodeErrorKind::BadValue)) }
    }

    /// `ENUMERATED` of exactly one octet.
    ///
    /// # Errors
    /// As [`read`](Self::read); `BadValue` for any other number of octets.
    pub fn enumerated(&mut self) -> Result<u8, DecodeError> {
        let content = self.read(Tag::ENUMERATED)?;
        match content.rest {
            [value] => Ok(*value),
            _ => Err(content.error(DecodeErrorKind::BadValue)),
        }
    }

    /// Splits the next TLV off, whatever its tag, and gives a reader of its content one level down.
    #[inline(always)]
    fn enter(&mut self) -> Result<Self, DecodeError> {
        let (content, rest, levels) = self.split().map_err(|kind| self.error(kind))?;
        let inner = Self { rest: content, end: self.end.saturating_sub(rest.len()), levels, ..*self };
        self.rest = rest;
        Ok(inner)
    }

    /// The content of the next TLV, what follows it, and how many levels remain inside.
    #[inline(always)]
    fn split(&self) -> Result<(&'a [u8], &'a [u8], u8), DecodeErrorKind> {
        let (after_header, length) = match self.rest {
            [] | [_] => return Err(DecodeErrorKind::Truncated),
            [tag, ..] if tag & 0x1f == 0x1f => {
                return Err(DecodeErrorKind::UnexpectedTag { expected: 0, found: *tag });
            }
            [_, short @ 0x00..=0x7f, after @ ..] => (after, usize::from(*short)),
            [_, long, after @ ..] => long_form(*long, after, self.lengths)?,
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

/// What follows a length whose first octet is `form`, and the length.
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

/// The value of an INTEGER's content: at least one octet, none of them redundant, and at most eight.
fn integer(content: &[u8]) -> Result<i64, DecodeErrorKind> {
    let sign_extended = match content {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => return Err(DecodeErrorKind::BadValue),
        [0x80..=0xff, ..] => -1_i64,
        _ => 0,
    };
    if content.len() > 8 {
        return Err(DecodeErrorKind::IntegerRange);
    }
    Ok(content.iter().fold(sign_extended, |value, octet| value << 8 | i64::from(*octet)))
}

/// Four octets as a number, those that are absent as 0.
fn first_32_bits(bits: &[u8]) -> u32 {
    bits.iter().copied().chain([0; 4]).take(4).fold(0, |flags, octet| flags << 8 | u32::from(octet))
}
