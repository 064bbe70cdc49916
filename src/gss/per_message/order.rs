//! The order of messages: which were seen, and what a sequence number means (RFC 2743 §1.2.3, step M-6).

use super::parameters::SessionParameters;
use crate::gss::ContextFlags;
use core::fmt;

/// How many messages back a repetition is told from a straggler.
const WINDOW: u64 = 64;

/// What a verified message's sequence number says about it (RFC 2743 §1.2.3).
///
/// With `REPLAY` repetitions are told, with `SEQUENCE` disorder as well. Without `SEQUENCE`, gaps and stragglers are
/// [`InOrder`](Self::InOrder).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageOrder {
    /// The context has neither `REPLAY` nor `SEQUENCE`: it may be a repetition.
    Unchecked,
    /// The next one.
    InOrder,
    /// Later than the next one: something is missing before it (`GSS_S_GAP_TOKEN`).
    Gap,
    /// A straggler that was not seen before (`GSS_S_UNSEQ_TOKEN`).
    Unsequenced,
    /// Too far back to say whether it was seen before (`GSS_S_OLD_TOKEN`).
    Old,
    /// Seen before (`GSS_S_DUPLICATE_TOKEN`).
    Duplicate,
}

impl MessageOrder {
    /// The supplementary bit of `gss_verify_mic` and `gss_unwrap`, or 0 (RFC 2744 §3.9.1).
    #[must_use]
    pub const fn gss_supplementary_info(self) -> u32 {
        match self {
            Self::Unchecked | Self::InOrder => 0,
            Self::Duplicate => 2,
            Self::Old => 4,
            Self::Unsequenced => 8,
            Self::Gap => 16,
        }
    }
}

impl fmt::Display for MessageOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unchecked => "in an order that the context does not check",
            Self::InOrder => "in order",
            Self::Gap => "later than the next one",
            Self::Unsequenced => "earlier than one that was seen",
            Self::Old => "too old to say whether it was seen before",
            Self::Duplicate => "one that was seen before",
        })
    }
}

/// Which messages of the peer were seen: the next number, and one bit for each of the 64 before it.
///
/// Q1: which numbers are later and which are earlier, where numbers wrap? RFC 2743 §1.2.3 and RFC 4121 §4.2.1 are silent. A:
/// the half of all numbers that follows the next one is later, the other half earlier, as in serial number arithmetic
/// (RFC 1982 §3.2). So a wrap is a step like any other, and a jump by half of all numbers is a step back: old.
pub(super) struct SequenceWindow {
    /// Public to the module because it is saved, as is `seen`.
    pub(super) next: u64,
    pub(super) seen: u64,
    /// The highest number.
    mask: u64,
    flags: ContextFlags,
}

impl SequenceWindow {
    /// Nothing seen yet.
    pub(super) fn new(parameters: &SessionParameters) -> Self {
        let mask = parameters.last_sequence_number();
        Self { next: parameters.receive_sequence & mask, seen: 0, mask, flags: parameters.flags }
    }

    /// Classifies a verified message, and remembers it.
    pub(super) fn admit(&mut self, number: u64) -> MessageOrder {
        let sequence = self.flags.contains(ContextFlags::SEQUENCE);
        if !sequence && !self.flags.contains(ContextFlags::REPLAY) {
            return MessageOrder::Unchecked;
        }
        let unless_sequenced = |order| if sequence { order } else { MessageOrder::InOrder };
        let ahead = number.wrapping_sub(self.next) & self.mask;
        if ahead <= self.mask >> 1 {
            let shift = u32::try_from(ahead.saturating_add(1)).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(shift).unwrap_or(0) | 1;
            self.next = number.wrapping_add(1) & self.mask;
            return if ahead == 0 { MessageOrder::InOrder } else { unless_sequenced(MessageOrder::Gap) };
        }
        let behind = self.next.wrapping_sub(number) & self.mask;
        if behind > WINDOW {
            return MessageOrder::Old;
        }
        let bit = 1_u64.rotate_left(u32::try_from(behind.wrapping_sub(1)).unwrap_or_default());
        if self.seen & bit != 0 {
            return MessageOrder::Duplicate;
        }
        self.seen |= bit;
        unless_sequenced(MessageOrder::Unsequenced)
    }
}
