use crate::asn1::{DecodeErrorKind, Int32, Primitive, Tag};

/// `Microseconds ::= INTEGER (0..999999)`, RFC 4120 §5.2.4.
///
/// Out of range is refused (step U-2): a `cusec` of two million would move `ctime` without showing in it.
pub(super) struct Microseconds;

impl Primitive for Microseconds {
    type Value<'a> = u32;
    const TAG: Tag = Tag::INTEGER;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<u32, DecodeErrorKind> {
        let micros = u32::try_from(Int32::value(content)?).ok().filter(|micros| *micros <= 999_999);
        micros.ok_or(DecodeErrorKind::IntegerRange)
    }
}
