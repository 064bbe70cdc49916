//! The wire form of [`KerberosTime`], RFC 4120 §5.2.3.
//!
//! ```text
//! KerberosTime ::= GeneralizedTime -- with no fractional seconds
//! ```
//!
//! "only in the UTC (Z) form and without fractional seconds": fifteen octets, `YYYYMMDDHHMMSSZ`, and nothing else.

use crate::KerberosTime;
use crate::asn1::{DecodeError, DecodeErrorKind, Reader, Tag, Writer};
use crate::time::two_digits;

impl KerberosTime {
    /// Reads a `KerberosTime`. A leap second, 60, is read as 59 (step T-3).
    ///
    /// # Errors
    /// `BadValue` for anything but a date of the calendar in the form `YYYYMMDDHHMMSSZ`, and those of [`Reader::read`].
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let content = reader.read(Tag::GENERALIZED_TIME)?;
        parse(content.rest()).ok_or_else(|| content.error(DecodeErrorKind::BadValue))
    }

    /// Writes the time as `KerberosTime`. The years 1 to 9999 can be written; a time outside them is written as the
    /// nearest second inside.
    pub fn encode(self, writer: &mut Writer) {
        let ((year, month, day), (hour, minute, second)) = self.clamp(FIRST, LAST).to_civil();
        let small = |number: i64| u8::try_from(number).unwrap_or_default();
        let (century, year) = (small(year.div_euclid(100)), small(year.rem_euclid(100)));
        writer.tlv(Tag::GENERALIZED_TIME, |writer| {
            for number in [century, year, month, day, hour, minute, second] {
                writer.raw(&[b'0'.saturating_add(number / 10), b'0'.saturating_add(number % 10)]);
            }
            writer.raw(b"Z");
        });
    }
}

/// 0001-01-01T00:00:00Z.
const FIRST: KerberosTime = KerberosTime::from_unix_seconds(-62_135_596_800);
/// 9999-12-31T23:59:59Z.
const LAST: KerberosTime = KerberosTime::from_unix_seconds(253_402_300_799);

fn parse(text: &[u8]) -> Option<KerberosTime> {
    let [y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, b'Z'] = text else { return None };
    let century = u16::from(two_digits(*y0, *y1)?);
    let year = century.checked_mul(100)?.checked_add(u16::from(two_digits(*y2, *y3)?))?;
    KerberosTime::from_civil(
        (year, two_digits(*m0, *m1)?, two_digits(*d0, *d1)?),
        (two_digits(*h0, *h1)?, two_digits(*n0, *n1)?, two_digits(*s0, *s1)?),
    )
}
