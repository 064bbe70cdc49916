//! Object identifiers of mechanisms.

use core::fmt;

/// An object identifier, as the content octets of its encoding.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Oid<'a> {
    content: &'a [u8],
}

/// How many octets of an identifier are shown. The longest that is known here has 10.
const SHOWN_OCTETS: usize = 32;

impl<'a> Oid<'a> {
    /// SPNEGO, 1.3.6.1.5.5.2 (RFC 4178).
    pub const SPNEGO: Oid<'static> = Oid::new(&[0x2b, 6, 1, 5, 5, 2]);
    /// Kerberos, 1.2.840.113554.1.2.2 (RFC 4121).
    pub const KRB5: Oid<'static> = Oid::new(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2]);
    /// Kerberos under Microsoft's number, 1.2.840.48018.1.2.2: the same mechanism, one bit of the third arc lost (MS-SPNG §3.1.1).
    pub const MICROSOFT_KRB5: Oid<'static> = Oid::new(&[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2]);
    /// Kerberos user-to-user, 1.2.840.113554.1.2.2.3.
    pub const KRB5_USER_TO_USER: Oid<'static> = Oid::new(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 3]);
    /// IAKERB, 1.3.6.1.5.2.5.
    pub const IAKERB: Oid<'static> = Oid::new(&[0x2b, 6, 1, 5, 2, 5]);
    /// NTLMSSP, 1.3.6.1.4.1.311.2.2.10 (MS-NLMP).
    pub const NTLM: Oid<'static> = Oid::new(&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10]);
    /// NegoEx, 1.3.6.1.4.1.311.2.2.30 (MS-NEGOEX).
    pub const NEGOEX: Oid<'static> = Oid::new(&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 30]);

    /// The identifier with these content octets.
    #[must_use]
    pub const fn new(content: &'a [u8]) -> Self {
        Self { content }
    }

    /// The content octets.
    #[must_use]
    pub const fn content(self) -> &'a [u8] {
        self.content
    }

    /// Whether it means Kerberos, under either of its two numbers.
    #[must_use]
    pub fn is_krb5(self) -> bool {
        self == Self::KRB5 || self == Self::MICROSOFT_KRB5
    }
}

/// Dotted decimal: `1.2.840.113554.1.2.2`. An arc above 2^64 is shown as `…`, and so is whatever follows the first
/// 32 octets: peers write identifiers of any length, and messages repeat them.
impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.content.split_at_checked(SHOWN_OCTETS).unwrap_or((self.content, &[]));
        let arcs = shown.split_inclusive(|octet| *octet < 0x80);
        for (index, arc) in arcs.enumerate() {
            let value = arc
                .iter()
                .try_fold(0_u64, |sum, octet| Some(sum.checked_mul(128)?.wrapping_add(u64::from(octet & 0x7f))));
            match (index, value) {
                (_, None) => f.write_str(if index == 0 { "…" } else { ".…" })?,
                (0, Some(value)) => {
                    let first = (value / 40).min(2);
                    write!(f, "{first}.{}", value.wrapping_sub(first.wrapping_mul(40)))?;
                }
                (_, Some(value)) => write!(f, ".{value}")?,
            }
        }
        if more.is_empty() { Ok(()) } else { f.write_str(".…") }
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn known_mechanisms_print_their_numbers() {
        for (oid, dotted) in [
            (Oid::SPNEGO, "1.3.6.1.5.5.2"),
            (Oid::KRB5, "1.2.840.113554.1.2.2"),
            (Oid::MICROSOFT_KRB5, "1.2.840.48018.1.2.2"),
            (Oid::KRB5_USER_TO_USER, "1.2.840.113554.1.2.2.3"),
            (Oid::IAKERB, "1.3.6.1.5.2.5"),
            (Oid::NTLM, "1.3.6.1.4.1.311.2.2.10"),
            (Oid::NEGOEX, "1.3.6.1.4.1.311.2.2.30"),
        ] {
            assert_eq!(oid.to_string(), dotted);
        }
    }

    #[test]
    fn what_follows_the_first_32_octets_is_not_shown() {
        let whole = Oid::new(&[42; 32]).to_string();
        assert_eq!(whole, ["1.2"].into_iter().chain([".42"; 31]).collect::<alloc::string::String>());
        assert_eq!(Oid::new(&[42; 33]).to_string(), alloc::format!("{whole}.…"));
    }
}
