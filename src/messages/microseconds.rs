use crate::asn1::{DecodeError, DecodeErrorKind, Reader};

/// Reads `Microseconds ::= INTEGER (0..999999)`, RFC 4120 §5.2.4.
///
/// Out of range is refused (step U-2): a `cusec` of two million would move `ctime` without showing in it.
pub(super) fn decode(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let before = *reader;
    let out_of_range = before.error(DecodeErrorKind::IntegerRange);
    u32::try_from(reader.int32()?).ok().filter(|micros| *micros <= 999_999).ok_or(out_of_range)
}
