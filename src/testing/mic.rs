//! The MIC over SPNEGO's mechanism list, RFC 4178 §5, as a MIC token of RFC 4121 §4.2.6.1.
//!
//! RC4 keys have other tokens (RFC 4757 §7.3), which the test kit does not make.

use super::keys::EncryptionKey;
use crate::numbers::{Enctype, KeyUsage};
use alloc::vec::Vec;

/// Who made a MIC, and whether under the acceptor's subkey: the flags of RFC 4121 §4.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Initiator,
    InitiatorWithAcceptorSubkey,
    Acceptor,
    AcceptorWithAcceptorSubkey,
}

impl Sender {
    fn flags(self) -> u8 {
        match self {
            Self::Initiator => 0,
            Self::Acceptor => 1,
            Self::InitiatorWithAcceptorSubkey => 4,
            Self::AcceptorWithAcceptorSubkey => 5,
        }
    }

    fn usage(self) -> KeyUsage {
        match self {
            Self::Initiator | Self::InitiatorWithAcceptorSubkey => KeyUsage::INITIATOR_SIGN,
            Self::Acceptor | Self::AcceptorWithAcceptorSubkey => KeyUsage::ACCEPTOR_SIGN,
        }
    }
}

/// The MIC token over a message, or `None` for a key that has no such token.
pub(super) fn over(key: &EncryptionKey, sender: Sender, sequence_number: u32, message: &[u8]) -> Option<Vec<u8>> {
    if key.keytype == Enctype::RC4_HMAC {
        return None;
    }
    let mut token = Vec::from([0x04, 0x04, sender.flags(), 0xff, 0xff, 0xff, 0xff, 0xff]);
    token.extend(u64::from(sequence_number).to_be_bytes());
    let checksum = key.to_key().ok()?.for_usage(sender.usage()).checksum(&[message, &token]);
    token.extend(checksum.as_octets());
    Some(token)
}

/// The 32-bit pattern of a number, whichever sign it was written with.
pub(super) fn low_32_bits(number: i64) -> u32 {
    let [_, _, _, _, a, b, c, d] = number.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}
