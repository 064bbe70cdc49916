//! The primitive types: one tag each, and what their content octets mean.

use super::Tag;
use crate::error::DecodeErrorKind;

/// A primitive type of ASN.1, as Kerberos uses it: for [`Reader::value`](super::Reader::value) and
/// [`Reader::field`](super::Reader::field).
pub trait Primitive {
    /// What its content octets are read as.
    type Value<'a>;

    /// Its tag.
    const TAG: Tag;

    /// How many content octets nearly every value has, if that can be said: such values are found faster.
    const USUAL_OCTETS: Option<u8> = None;

    /// The value of these content octets.
    ///
    /// # Errors
    /// [`DecodeErrorKind::BadValue`] for octets that are no value of the type, [`DecodeErrorKind::IntegerRange`] for a
    /// number outside its range.
    fn value(content: &[u8]) -> Result<Self::Value<'_>, DecodeErrorKind>;
}

/// `INTEGER` that fits in an `i32`: at least one octet, and none that is redundant.
#[derive(Debug)]
#[non_exhaustive]
pub struct Int32;

/// `INTEGER` as a pattern of 32 bits: a negative value and its unsigned twin are the same (step A-6).
#[derive(Debug)]
#[non_exhaustive]
pub struct Uint32Pattern;

/// `OCTET STRING`: its octets.
#[derive(Debug)]
#[non_exhaustive]
pub struct OctetString;

/// `GeneralString`: its octets, which need not be text.
#[derive(Debug)]
#[non_exhaustive]
pub struct GeneralString;

/// `OBJECT IDENTIFIER`: its content octets, at least one, and not ending inside an arc.
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectIdentifier;

/// `KerberosFlags`, RFC 4120 §5.2.8: the first 32 bits, bit 0 the highest; absent bits are 0, but there is an octet of them.
#[derive(Debug)]
#[non_exhaustive]
pub struct KerberosFlags;

/// As [`KerberosFlags`], where no octet of bits means that no bit is set (step T-3).
#[derive(Debug)]
#[non_exhaustive]
pub struct ZeroExtendedFlags;

/// `ENUMERATED` of exactly one octet.
#[derive(Debug)]
#[non_exhaustive]
pub struct Enumerated;

// What every field goes through is `#[inline(always)]`: left to the hint, decoding takes twice as long in a build of
// sixteen codegen units.

impl Primitive for Int32 {
    type Value<'a> = i32;
    const TAG: Tag = Tag::INTEGER;
    const USUAL_OCTETS: Option<u8> = Some(1);

    #[inline(always)]
    fn value(content: &[u8]) -> Result<i32, DecodeErrorKind> {
        match content {
            [small @ 0x00..=0x7f] => Ok(i32::from(*small)),
            _ => integer(content)?.try_into().map_err(|_| DecodeErrorKind::IntegerRange),
        }
    }
}

impl Primitive for Uint32Pattern {
    type Value<'a> = u32;
    const TAG: Tag = Tag::INTEGER;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<u32, DecodeErrorKind> {
        let value = integer(content)?;
        u32::try_from(value)
            .or_else(|_| i32::try_from(value).map(|negative| u32::from_be_bytes(negative.to_be_bytes())))
            .map_err(|_| DecodeErrorKind::IntegerRange)
    }
}

impl Primitive for OctetString {
    type Value<'a> = &'a [u8];
    const TAG: Tag = Tag::OCTET_STRING;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<&[u8], DecodeErrorKind> {
        Ok(content)
    }
}

impl Primitive for GeneralString {
    type Value<'a> = &'a [u8];
    const TAG: Tag = Tag::GENERAL_STRING;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<&[u8], DecodeErrorKind> {
        Ok(content)
    }
}

impl Primitive for ObjectIdentifier {
    type Value<'a> = &'a [u8];
    const TAG: Tag = Tag::OBJECT_IDENTIFIER;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<&[u8], DecodeErrorKind> {
        match content.last() {
            Some(last) if *last < 0x80 => Ok(content),
            _ => Err(DecodeErrorKind::BadValue),
        }
    }
}

impl Primitive for KerberosFlags {
    type Value<'a> = u32;
    const TAG: Tag = Tag::BIT_STRING;
    const USUAL_OCTETS: Option<u8> = Some(5);

    #[inline(always)]
    fn value(content: &[u8]) -> Result<u32, DecodeErrorKind> {
        let bits = bits(content)?;
        if bits.is_empty() { Err(DecodeErrorKind::BadValue) } else { Ok(first_32_bits(bits)) }
    }
}

impl Primitive for ZeroExtendedFlags {
    type Value<'a> = u32;
    const TAG: Tag = Tag::BIT_STRING;
    const USUAL_OCTETS: Option<u8> = Some(5);

    #[inline(always)]
    fn value(content: &[u8]) -> Result<u32, DecodeErrorKind> {
        bits(content).map(first_32_bits)
    }
}

impl Primitive for Enumerated {
    type Value<'a> = u8;
    const TAG: Tag = Tag::ENUMERATED;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<u8, DecodeErrorKind> {
        match content {
            [value] => Ok(*value),
            _ => Err(DecodeErrorKind::BadValue),
        }
    }
}

/// The value of an INTEGER's content: at least one octet, none of them redundant, and at most eight.
#[inline]
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

/// The octets of a BIT STRING's content, whose unused bits are 0.
#[inline]
fn bits(content: &[u8]) -> Result<&[u8], DecodeErrorKind> {
    let (unused, bits) = content.split_first().ok_or(DecodeErrorKind::BadValue)?;
    let unused_are_zero = match bits.last() {
        None => *unused == 0,
        Some(last) => *unused < 8 && last.trailing_zeros() >= u32::from(*unused),
    };
    if unused_are_zero { Ok(bits) } else { Err(DecodeErrorKind::BadValue) }
}

/// Four octets as a number, those that are absent as 0.
#[inline]
fn first_32_bits(bits: &[u8]) -> u32 {
    match bits {
        [a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
        fewer => fewer.iter().copied().chain([0; 4]).take(4).fold(0, |flags, octet| flags << 8 | u32::from(octet)),
    }
}
