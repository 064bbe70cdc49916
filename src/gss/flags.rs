//! The flags that an initiator asks for.

use core::fmt;
use core::ops::{BitAnd, BitOr};

/// The flags of a context, as the 0x8003 checksum carries them (RFC 4121 §4.1.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ContextFlags(u32);

impl ContextFlags {
    /// `GSS_C_DELEG_FLAG`: the initiator's credentials are delegated.
    pub const DELEG: Self = Self(0x1);
    /// `GSS_C_MUTUAL_FLAG`: the acceptor proves itself too.
    pub const MUTUAL: Self = Self(0x2);
    /// `GSS_C_REPLAY_FLAG`: repeated messages are detected.
    pub const REPLAY: Self = Self(0x4);
    /// `GSS_C_SEQUENCE_FLAG`: messages out of sequence are detected.
    pub const SEQUENCE: Self = Self(0x8);
    /// `GSS_C_CONF_FLAG`: messages can be sealed.
    pub const CONF: Self = Self(0x10);
    /// `GSS_C_INTEG_FLAG`: messages can be signed.
    pub const INTEG: Self = Self(0x20);
    /// `GSS_C_DCE_STYLE`: three legs, without frames (RFC 4757 §7.1).
    pub const DCE_STYLE: Self = Self(0x1000);
    /// `GSS_C_IDENTIFY_FLAG`: the acceptor may learn who it is, and not act as it (RFC 4757 §7.1).
    pub const IDENTIFY: Self = Self(0x2000);
    /// `GSS_C_EXTENDED_ERROR_FLAG`: errors carry a status (RFC 4757 §7.1).
    pub const EXTENDED_ERROR: Self = Self(0x4000);

    const NAMES: [(Self, &'static str); 9] = [
        (Self::MUTUAL, "mutual"),
        (Self::REPLAY, "replay"),
        (Self::SEQUENCE, "sequence"),
        (Self::CONF, "conf"),
        (Self::INTEG, "integ"),
        (Self::DELEG, "deleg"),
        (Self::DCE_STYLE, "dce"),
        (Self::IDENTIFY, "identify"),
        (Self::EXTENDED_ERROR, "extended-error"),
    ];

    /// No flags.
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// The known flags among these bits; unknown bits are dropped (step C-4).
    #[must_use]
    pub fn from_bits(bits: u32) -> Self {
        Self::NAMES.iter().fold(Self(0), |known, (flag, _)| known | Self(bits & flag.0))
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of those flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags without those.
    #[must_use]
    pub const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// The names of the flags that are set: `mutual`, `replay`, `sequence`, `conf`, `integ`, `deleg`, `dce`,
    /// `identify`, `extended-error`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| name)
    }
}

impl BitOr for ContextFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for ContextFlags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Debug for ContextFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
