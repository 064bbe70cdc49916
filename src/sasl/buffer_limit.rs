//! How long a protected buffer may be.

/// The longest protected buffer that a side takes, in octets, without the length in front of it (RFC 4422 §3.7).
///
/// It stands in three octets on the wire (RFC 4752 §3.2). 0 is not a limit: it says that there is no layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferLimit(u32);

impl BufferLimit {
    /// 2^24 − 1: what three octets can say.
    pub const MAX: Self = Self(0xff_ffff);

    /// So many octets, if there is anything that may be sent and three octets can say it.
    #[must_use]
    pub const fn new(octets: u32) -> Option<Self> {
        if octets == 0 || octets > Self::MAX.0 { None } else { Some(Self(octets)) }
    }

    /// How many octets.
    #[must_use]
    pub fn octets(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// As it stands on the wire.
    pub(super) fn to_wire(self) -> [u8; 3] {
        let [_, octets @ ..] = self.0.to_be_bytes();
        octets
    }

    /// What stands on the wire; `None` for 0.
    pub(super) fn from_wire([a, b, c]: [u8; 3]) -> Option<Self> {
        Self::new(u32::from_be_bytes([0, a, b, c]))
    }
}

/// 65,536: what Java's client takes if nobody says anything else, so that one connection costs no more than that.
impl Default for BufferLimit {
    fn default() -> Self {
        Self(65_536)
    }
}
