//! The wire form of [`KerberosTime`], RFC 4120 §5.2.3.
//!
//! ```text
//! KerberosTime ::= GeneralizedTime -- with no fractional seconds
//! ```
//!
//! "only in the UTC (Z) form and without fractional seconds": fifteen octets, `YYYYMMDDHHMMSSZ`, and nothing else.

use crate::KerberosTime;
use crate::asn1::{DecodeErrorKind, Primitive, Tag, Writer};

/// Anything but a date of the calendar in the form `YYYYMMDDHHMMSSZ` is `BadValue`. A leap second, 60, is read as 59 (step T-3).
impl Primitive for KerberosTime {
    type Value<'a> = Self;
    const TAG: Tag = Tag::GENERALIZED_TIME;
    const USUAL_OCTETS: Option<u8> = Some(15);

    #[inline]
    fn value(content: &[u8]) -> Result<Self, DecodeErrorKind> {
        parse(content).ok_or(DecodeErrorKind::BadValue)
    }
}

impl KerberosTime {
    /// Writes the time as `KerberosTime`. The years 1 to 9999 can be written; a time outside them is written as the
    /// nearest second inside.
    pub fn encode(self, writer: &mut Writer) {
        let ((year, month, day), (hour, minute, second)) = self.clamp(FIRST, LAST).to_civil();
        let [[c0, c1], [y0, y1]] = [year.div_euclid(100), year.rem_euclid(100)].map(|pair| digits(small(pair)));
        let [[m0, m1], [d0, d1], [h0, h1], [n0, n1], [s0, s1]] = [month, day, hour, minute, second].map(digits);
        writer.octets(Tag::GENERALIZED_TIME, &[c0, c1, y0, y1, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, b'Z']);
    }
}

fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

/// Two digits.
fn digits(number: u8) -> [u8; 2] {
    [b'0'.saturating_add(number / 10), b'0'.saturating_add(number % 10)]
}

/// 0001-01-01T00:00:00Z.
const FIRST: KerberosTime = KerberosTime::from_unix_seconds(-62_135_596_800);
/// 9999-12-31T23:59:59Z.
const LAST: KerberosTime = KerberosTime::from_unix_seconds(253_402_300_799);

/// The digits are judged all at once, and then put together.
fn parse(text: &[u8]) -> Option<KerberosTime> {
    let (digits, b"Z") = text.split_first_chunk::<14>()? else { return None };
    let digits = digits.map(|octet| octet.wrapping_sub(b'0'));
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let [c0, c1, y0, y1, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1] = digits;
    let two = |tens: u8, units: u8| tens.wrapping_mul(10).wrapping_add(units);
    let year = u16::from(two(c0, c1)).wrapping_mul(100).wrapping_add(u16::from(two(y0, y1)));
    KerberosTime::from_civil((year, two(m0, m1), two(d0, d1)), (two(h0, h1), two(n0, n1), two(s0, s1)))
}
