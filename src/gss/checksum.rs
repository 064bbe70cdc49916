//! The 0x8003 "checksum": flags, channel bindings and delegated credentials in the authenticator's checksum field.

use super::{ChannelBindingHash, ContextFlags};

/// The content of a checksum of type 0x8003 (RFC 4121 §4.1.1).
///
/// ```text
/// Octet 0..3 Lgth = 16 | 4..19 Bnd | 20..23 Flags | 24..25 DlgOpt | 26..27 Dlgth | 28.. Deleg | last Exts
/// ```
/// Integers are little-endian. What follows the flags is kept, and read by [`deleg`](Self::deleg) alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GssChecksum<'a> {
    /// `Bnd`: the hash of the channel bindings, or zeros for none.
    pub bindings: ChannelBindingHash,
    /// `Flags`: the known ones.
    pub flags: ContextFlags,
    /// Everything behind the flags: delegated credentials if the flag for them is set, then extensions.
    pub rest: &'a [u8],
}

impl<'a> GssChecksum<'a> {
    /// Reads the fixed part; `None` if it is shorter than 24 octets or `Lgth` is not 16 (step C-3).
    #[must_use]
    pub fn from_octets(octets: &'a [u8]) -> Option<Self> {
        let (length, rest) = octets.split_first_chunk::<4>()?;
        let (bindings, rest) = rest.split_first_chunk::<16>()?;
        let (flags, rest) = rest.split_first_chunk::<4>()?;
        if u32::from_le_bytes(*length) != 16 {
            return None;
        }
        Some(Self {
            bindings: ChannelBindingHash::from_octets(*bindings),
            flags: ContextFlags::from_bits(u32::from_le_bytes(*flags)),
            rest,
        })
    }

    /// `Deleg`, the octets of a KRB-CRED, which is there if the flags have `DELEG`; `None` if `DlgOpt` is not 1 or `Dlgth`
    /// is more than there is (step C-8). What follows are extensions, and is not read (step C-5).
    #[must_use]
    pub fn deleg(&self) -> Option<&'a [u8]> {
        let (option, rest) = self.rest.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let deleg = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
        (u16::from_le_bytes(*option) == 1).then_some(deleg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn checksum(length: u32, flags: u32) -> Vec<u8> {
        [&length.to_le_bytes()[..], &[0; 16], &flags.to_le_bytes(), b"rest"].concat()
    }

    #[test]
    fn reads_the_fixed_part_and_keeps_the_rest() {
        let octets = checksum(16, 0xffff_ffff);
        let parsed = GssChecksum::from_octets(&octets).unwrap();
        assert_eq!(parsed.flags.bits(), 0x703f);
        assert_eq!(parsed.rest, b"rest");
        assert!(GssChecksum::from_octets(&octets[..24]).is_some());
    }

    #[test]
    fn delegated_octets_end_where_their_length_says() {
        let deleg = |rest: &'static [u8]| {
            GssChecksum { bindings: ChannelBindingHash::from_octets([0; 16]), flags: ContextFlags::DELEG, rest }.deleg()
        };
        assert_eq!(deleg(b"\x01\0\x04\0cred"), Some(&b"cred"[..]));
        assert_eq!(deleg(b"\x01\0\x04\0credextensions"), Some(&b"cred"[..]));
        assert_eq!(deleg(b"\x01\0\0\0"), Some(&b""[..]));
        for refused in [&b""[..], b"\x01", b"\x01\0", b"\x01\0\0", b"\x01\0\x05\0cred", b"\x01\0\0\x04cred"] {
            assert_eq!(deleg(refused), None, "{refused:?}");
        }
        for refused in [&b"\0\0\x04\0cred"[..], b"\x02\0\x04\0cred", b"\0\x01\x04\0cred"] {
            assert_eq!(deleg(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn refuses_a_short_field_and_another_length() {
        for cut in 0..24 {
            assert_eq!(GssChecksum::from_octets(&checksum(16, 2)[..cut]), None, "{cut}");
        }
        for length in [0, 15, 17, 16 << 24] {
            assert_eq!(GssChecksum::from_octets(&checksum(length, 2)), None, "{length}");
        }
    }
}
