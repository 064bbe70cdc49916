//! What the two kinds of `KerberosFlags` (RFC 4120 §5.2.8) share: bits are counted from the highest, and what has a name
//! is shown by it.

use core::fmt;

/// The mask of bit `number`, bit 0 being the highest of 32.
pub(super) const fn bit(number: u32) -> u32 {
    0x8000_0000_u32.wrapping_shr(number)
}

/// The names of the bits that are set, in the order of the table.
pub(super) fn names<const N: usize>(table: [(u32, &'static str); N], bits: u32) -> impl Iterator<Item = &'static str> {
    table.into_iter().filter(move |(mask, _)| bits & mask != 0).map(|(_, name)| name)
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

/// The constants of a newtype over such flags, and what follows from them: tests, names, and `Debug`.
macro_rules! kerberos_flags {
    ($name:ident { $($(#[$doc:meta])* $constant:ident = $bit:literal, $text:literal;)* }) => {
        impl $name {
            $($(#[$doc])* pub const $constant: Self = Self(bit($bit));)*

            /// Whether all of these bits are set.
            #[must_use]
            pub const fn contains(self, bits: Self) -> bool {
                self.0 & bits.0 == bits.0
            }

            /// The names of the bits that are set and have one, in the order of the bits.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                names([$((bit($bit), $text)),*], self.0)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                fmt_flags(f, stringify!($name), self.names(), self.0)
            }
        }
    };
}
pub(super) use kerberos_flags;
