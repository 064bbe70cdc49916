//! What the two kinds of `KerberosFlags` (RFC 4120 §5.2.8) share: bits are counted from the highest.

use core::fmt;

/// The mask of bit `number`, bit 0 being the highest of 32.
pub(super) const fn bit(number: u32) -> u32 {
    0x8000_0000_u32.wrapping_shr(number)
}

/// The names of the bits that are set, in the order of the table.
pub(super) fn names(table: &'static [(u32, &'static str)], bits: u32) -> impl Iterator<Item = &'static str> {
    table.iter().filter(move |(mask, _)| bits & mask != 0).map(|(_, name)| *name)
}

/// Writes `Type(name name, 0xnnnnnnnn)`: every bit is in the number, those with a name are spelt out.
pub(super) fn fmt_flags(
    f: &mut fmt::Formatter<'_>,
    type_name: &str,
    names: impl Iterator<Item = &'static str>,
    bits: u32,
) -> fmt::Result {
    write!(f, "{type_name}(")?;
    for name in names {
        write!(f, "{name} ")?;
    }
    write!(f, "{bits:#010x})")
}
