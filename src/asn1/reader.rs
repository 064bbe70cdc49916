//! The reading half: one cursor, split and never indexed.

use super::Tag;
use crate::error::{DecodeError, DecodeErrorKind, TypeId};

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
/// The few functions that every TLV passes through are inlined always: a reader is then not carried through memory from
/// one to the next.
///
/// Copying a reader is cheap and gives a second, independent position. A reader that is done with says so by
/// [`finish`](Self::finish) or [`finish_sequence`](Self::finish_sequence), which refuse what nobody read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// How far `rest` begins behind the first octet of the whole input.
    offset: usize,
    /// How many more levels may be entered.
    levels: u8,
    lengths: LengthForm,
    type_id: TypeId,
}

impl<'a> Reader<'a> {
    /// A cursor before the first octet of `input`, which is named `type_id` in errors.
    #[must_use]
    pub const fn new(input: &'a [u8], type_id: TypeId, rules: Rules) -> Self {
        Self { rest: input, offset: 0, levels: rules.nesting, lengths: rules.lengths, type_id }
    }

    /// The same position, reading another production.
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
        DecodeError { kind, type_id: self.type_id, offset: self.offset }
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
        let (value, at) = self.integer()?;
        i32::try_from(value).map_err(|_| at.error(DecodeErrorKind::IntegerRange))
    }

    /// `INTEGER` as a pattern of 32 bits: a negative value and its unsigned twin are the same (step A-6).
    ///
    /// # Errors
    /// As [`int32`](Self::int32), with a range of −2^31 to 2^32−1.
    pub fn uint32_pattern(&mut self) -> Result<u32, DecodeError> {
        let (value, at) = self.integer()?;
        u32::try_from(value)
            .or_else(|_| i32::try_from(value).map(|negative| u32::from_be_bytes(negative.to_be_bytes())))
            .map_err(|_| at.error(DecodeErrorKind::IntegerRange))
    }

    fn integer(&mut self) -> Result<(i64, Self), DecodeError> {
        let content = self.read(Tag::INTEGER)?;
        let sign_extended = match content.rest {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => {
                return Err(content.error(DecodeErrorKind::BadValue));
            }
            [first, ..] => {
                if *first >= 0x80 {
                    -1_i64
                } else {
                    0
                }
            }
        };
        if content.rest.len() > 8 {
            return Err(content.error(DecodeErrorKind::IntegerRange));
        }
        let value = content.rest.iter().fold(sign_extended, |value, octet| value << 8 | i64::from(*octet));
        Ok((value, content))
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
        let (length, after_header) = self.header()?;
        let Some((content, rest)) = after_header.split_at_checked(length) else {
            return Err(self.error(DecodeErrorKind::PastTheEnd));
        };
        let Some(levels) = self.levels.checked_sub(1) else {
            return Err(self.error(DecodeErrorKind::TooDeep));
        };
        let header = self.rest.len().saturating_sub(after_header.len());
        let inner = Self { rest: content, offset: self.offset.saturating_add(header), levels, ..*self };
        self.offset = inner.offset.saturating_add(length);
        self.rest = rest;
        Ok(inner)
    }

    /// The length of the next TLV, and what stands behind its tag and length. Nearly all lengths are short.
    #[inline(always)]
    fn header(&self) -> Result<(usize, &'a [u8]), DecodeError> {
        match self.rest {
            [tag, short @ 0x00..=0x7f, after @ ..] if tag & 0x1f != 0x1f => Ok((usize::from(*short), after)),
            _ => self.long_header(),
        }
    }

    fn long_header(&self) -> Result<(usize, &'a [u8]), DecodeError> {
        match self.rest {
            [] | [_] => Err(self.error(DecodeErrorKind::Truncated)),
            [tag, ..] if tag & 0x1f == 0x1f => {
                Err(self.error(DecodeErrorKind::UnexpectedTag { expected: 0, found: *tag }))
            }
            [_, 0x81, a, after @ ..] => self.long_form(3, [0, 0, 0, *a], after),
            [_, 0x82, a, b, after @ ..] => self.long_form(4, [0, 0, *a, *b], after),
            [_, 0x83, a, b, c, after @ ..] => self.long_form(5, [0, *a, *b, *c], after),
            [_, 0x84, a, b, c, d, after @ ..] => self.long_form(6, [*a, *b, *c, *d], after),
            [_, 0x80, ..] => Err(self.error(DecodeErrorKind::IndefiniteLength)),
            [_, 0x81..=0x84, ..] => Err(self.error(DecodeErrorKind::Truncated)),
            _ => Err(self.error(DecodeErrorKind::LengthTooLong)),
        }
    }

    fn long_form(&self, header: usize, length: [u8; 4], after: &'a [u8]) -> Result<(usize, &'a [u8]), DecodeError> {
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let shortest = match length {
            0x00..=0x7f => 2,
            0x80..=0xff => 3,
            0x100..=0xffff => 4,
            0x1_0000..=0xff_ffff => 5,
            _ => 6,
        };
        if header != shortest && self.lengths == LengthForm::Shortest {
            return Err(self.error(DecodeErrorKind::LengthNotMinimal));
        }
        Ok((length, after))
    }
}

/// Four octets as a number, those that are absent as 0.
fn first_32_bits(bits: &[u8]) -> u32 {
    bits.iter().copied().chain([0; 4]).take(4).fold(0, |flags, octet| flags << 8 | u32::from(octet))
}
