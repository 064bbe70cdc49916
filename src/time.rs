//! Points in time: to the second as tickets carry them, to the microsecond as authenticators and clocks do.
//!
//! Base layer. Nothing here reads a clock: `now` always comes from the caller. Arithmetic saturates, so a hostile
//! year 9999 or a skew of a century is a large difference and never a wrapped one.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// `KerberosTime`, RFC 4120 §5.2.3: a point in time to the second, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KerberosTime {
    seconds: i64,
}

impl KerberosTime {
    /// The time that many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Seconds since 1970-01-01T00:00:00Z, negative before.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// The time of a calendar date in UTC, or `None` if there is no such date or time.
    ///
    /// A leap second (`second` 60) is read as 59 (step T-3).
    #[must_use]
    pub fn from_civil(date: (u16, u8, u8), time: (u8, u8, u8)) -> Option<Self> {
        let (year, month, day) = date;
        let (hour, minute, second) = time;
        if year == 0 || hour > 23 || minute > 59 || second > 60 || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        let of_day = i64::from(hour).checked_mul(3_600)?.checked_add(i64::from(minute).checked_mul(60)?)?;
        let of_day = of_day.checked_add(i64::from(second.min(59)))?;
        let seconds = days_from_civil(year, month, day).checked_mul(SECONDS_PER_DAY)?.checked_add(of_day)?;
        Some(Self { seconds })
    }

    /// Year, month and day, then hour, minute and second, in UTC.
    #[must_use]
    pub fn to_civil(self) -> ((i64, u8, u8), (u8, u8, u8)) {
        let of_day = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let small = |n: i64| u8::try_from(n).unwrap_or_default();
        let time = (
            small(of_day.div_euclid(3_600)),
            small(of_day.div_euclid(60).rem_euclid(60)),
            small(of_day.rem_euclid(60)),
        );
        let (year, month, day) = civil_from_days(self.seconds.div_euclid(SECONDS_PER_DAY));
        ((year, small(month), small(day)), time)
    }

    /// The point that many microseconds later: `ctime` with its `cusec`.
    pub(crate) fn plus_micros(self, micros: u32) -> Timestamp {
        self.to_timestamp().saturating_add(Duration::from_micros(u64::from(micros)))
    }

    /// The same point in time, with zero microseconds.
    #[must_use]
    pub const fn to_timestamp(self) -> Timestamp {
        Timestamp { micros: self.seconds.saturating_mul(MICROS_PER_SECOND) }
    }
}

/// A point in time to the microsecond: the caller's clock, or an authenticator's `ctime` with its `cusec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    micros: i64,
}

impl Timestamp {
    /// The time that many microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Self {
        Self { micros }
    }

    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    #[must_use]
    pub const fn unix_micros(self) -> i64 {
        self.micros
    }

    /// The whole second that this point lies in.
    #[must_use]
    pub const fn second(self) -> KerberosTime {
        KerberosTime { seconds: self.micros.div_euclid(MICROS_PER_SECOND) }
    }

    /// The microseconds past [`second`](Self::second), 0 to 999,999.
    #[must_use]
    pub fn subsecond_micros(self) -> u32 {
        u32::try_from(self.micros.rem_euclid(MICROS_PER_SECOND)).unwrap_or_default()
    }

    /// The point that much later; at the end of the range, that end.
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        Self { micros: self.micros.saturating_add(saturating_micros(by)) }
    }

    /// The point that much earlier; at the start of the range, that start.
    #[must_use]
    pub fn saturating_sub(self, by: Duration) -> Self {
        Self { micros: self.micros.saturating_sub(saturating_micros(by)) }
    }

    /// Whether two clocks that show these points are apart by no more than that.
    pub(crate) fn is_within(self, allowed: Duration, other: Self) -> bool {
        self.saturating_since(other) <= allowed && other.saturating_since(self) <= allowed
    }

    /// How much later this point is than `earlier`; zero if it is not later.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.micros.saturating_sub(earlier.micros)).unwrap_or_default())
    }
}

fn saturating_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    fn from(time: std::time::SystemTime) -> Self {
        match time.duration_since(std::time::SystemTime::UNIX_EPOCH) {
            Ok(after) => Self { micros: saturating_micros(after) },
            Err(before) => Self { micros: saturating_micros(before.duration()).saturating_neg() },
        }
    }
}

impl From<KerberosTime> for Timestamp {
    fn from(time: KerberosTime) -> Self {
        time.to_timestamp()
    }
}

/// RFC 3339 in UTC, `2026-03-01T10:05:01Z`.
impl fmt::Display for KerberosTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month, day), (hour, minute, second)) = self.to_civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// RFC 3339 in UTC with microseconds where there are any, `2026-03-01T10:05:01.000250Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month, day), (hour, minute, second)) = self.second().to_civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.subsecond_micros() {
            0 => f.write_str("Z"),
            micros => write!(f, ".{micros:06}Z"),
        }
    }
}

/// The text is not a date and time of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time such as 2026-03-01T10:05:01Z")]
#[non_exhaustive]
pub struct TimeParseError;

/// Reads RFC 3339: `2026-03-01T10:05:01Z`, with up to nine digits of fraction and any offset from UTC.
impl FromStr for Timestamp {
    type Err = TimeParseError;

    fn from_str(text: &str) -> Result<Self, TimeParseError> {
        parse_rfc3339(text.as_bytes()).ok_or(TimeParseError)
    }
}

fn parse_rfc3339(text: &[u8]) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = date else { return None };
    let year = u16::from(two_digits(*y0, *y1)?).checked_mul(100)?.checked_add(u16::from(two_digits(*y2, *y3)?))?;
    let (time, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't' | b' ', h0, h1, b':', n0, n1, b':', s0, s1] = time else { return None };
    let civil = KerberosTime::from_civil(
        (year, two_digits(*m0, *m1)?, two_digits(*d0, *d1)?),
        (two_digits(*h0, *h1)?, two_digits(*n0, *n1)?, two_digits(*s0, *s1)?),
    )?;
    let (micros, zone) = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|octet| octet.is_ascii_digit()).count();
            let (digits, zone) = fraction.split_at_checked(digits)?;
            (fraction_micros(digits)?, zone)
        }
        zone => (0, zone),
    };
    let micros = civil.to_timestamp().micros.checked_add(micros)?;
    Some(Timestamp { micros: micros.checked_sub(offset_micros(zone)?)? })
}

fn fraction_micros(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let padded = digits.iter().copied().chain(core::iter::repeat(b'0')).take(6);
    padded
        .map(|octet| octet.wrapping_sub(b'0'))
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit)))
}

fn offset_micros(zone: &[u8]) -> Option<i64> {
    let (sign, h0, h1, m0, m1) = match zone {
        [b'Z' | b'z'] => return Some(0),
        [b'+', h0, h1, b':', m0, m1] => (1_i64, h0, h1, m0, m1),
        [b'-', h0, h1, b':', m0, m1] => (-1_i64, h0, h1, m0, m1),
        _ => return None,
    };
    let (hours, minutes) = (two_digits(*h0, *h1)?, two_digits(*m0, *m1)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let minutes = i64::from(hours).checked_mul(60)?.checked_add(i64::from(minutes))?;
    minutes.checked_mul(60)?.checked_mul(MICROS_PER_SECOND)?.checked_mul(sign)
}

/// The number that two ASCII digits write, or `None` if either is no digit.
fn two_digits(tens: u8, units: u8) -> Option<u8> {
    if !tens.is_ascii_digit() || !units.is_ascii_digit() {
        return None;
    }
    tens.wrapping_sub(b'0').checked_mul(10)?.checked_add(units.wrapping_sub(b'0'))
}

fn days_in_month(year: u16, month: u8) -> Option<u8> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counted in years that begin in March, so that
/// the leap day is a year's last.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a year from 1 to 65,535 neither overflows a u32 here nor goes below 0"
)]
fn days_from_civil(year: u16, month: u8, day: u8) -> i64 {
    let (year, month) = (u32::from(year), u32::from(month));
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let day_of_year = (153 * month + 2) / 5 + u32::from(day) - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    i64::from(year * 365 + leap_days + day_of_year) - 719_468
}

/// The inverse of [`days_from_civil`]: year, month and day.
#[expect(clippy::arithmetic_side_effects, reason = "days are an i64 divided by 86,400, far from the ends of the range")]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn civil_and_unix_times_are_inverse_over_four_centuries() {
        for days in (-719_000_i64..200_000).step_by(13) {
            let time = KerberosTime::from_unix_seconds(days * SECONDS_PER_DAY + 45_296);
            let ((year, month, day), clock) = time.to_civil();
            let again = KerberosTime::from_civil((u16::try_from(year).unwrap(), month, day), clock);
            assert_eq!(again, Some(time));
        }
    }

    #[test]
    fn known_dates_print_and_parse() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1985-11-06T06:27:03Z", 500_106_423_000_000),
            ("2000-02-29T23:59:59.000001Z", 951_868_799_000_001),
            ("2038-01-19T03:14:08Z", 2_147_483_648_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Timestamp::from_unix_micros(micros)), "{text}");
            assert_eq!(Timestamp::from_unix_micros(micros).to_string(), text);
        }
        assert_eq!("2026-03-01T12:05:01+02:00".parse::<Timestamp>(), "2026-03-01T10:05:01Z".parse());
    }

    #[test]
    fn refuses_text_that_is_no_date() {
        for text in [
            "",
            "2026-03-01",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T10:05:01",
            "2026-03-01T10:05:01.Z",
            "2026-03-01T10:05:01+25:00",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimeParseError), "{text}");
        }
    }
}
