//! The keytab format: two version octets, then records, each behind its size.
//!
//! ```text
//! keytab    ::= 05 01 record* | 05 02 record*
//! record    ::= size(i32) entry, or a hole of -size octets where size is negative
//! entry     ::= count(u16) realm component*  name-type(i32)?  timestamp(u32)  kvno(u8)
//!               enctype(i16) key  (kvno(u32) any*)?
//! realm, component, key ::= length(u16) octets
//! ```
//!
//! 0x0502 is big-endian. 0x0501 has the byte order of the machine that wrote it, counts the realm as a component, and
//! has no name-type. There is no standard; the format is what MIT krb5 and Heimdal write.

use crate::numbers::NameType;
use alloc::vec::Vec;

/// The most components that a name may have. 16: the bound on the names of tickets (step A-7), so that a name with
/// more could never be asked for.
pub(super) const MAX_COMPONENTS: u16 = 16;

/// How a file's records are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// 0x0501, in the byte order of its writer.
    V1(ByteOrder),
    /// 0x0502, always big-endian.
    V2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl Layout {
    pub(super) fn byte_order(self) -> ByteOrder {
        match self {
            Self::V1(order) => order,
            Self::V2 => ByteOrder::Big,
        }
    }

    /// How many of the counted components are the realm.
    pub(super) fn counted_realms(self) -> u16 {
        match self {
            Self::V1(_) => 1,
            Self::V2 => 0,
        }
    }

    pub(super) fn has_name_type(self) -> bool {
        self == Self::V2
    }
}

/// One entry as it stands in the file, borrowed from it.
pub(super) struct RawEntry<'a> {
    pub(super) realm: &'a [u8],
    pub(super) components: Vec<&'a [u8]>,
    /// `NT-UNKNOWN` where the layout has none.
    pub(super) name_type: NameType,
    pub(super) timestamp: u32,
    pub(super) kvno_octet: u8,
    pub(super) enctype: i16,
    pub(super) key: &'a [u8],
    pub(super) kvno_trailer: Option<u32>,
}

impl RawEntry<'_> {
    /// The kvno that counts: the trailer, but for one that is absent or zero.
    pub(super) fn kvno(&self) -> u32 {
        match self.kvno_trailer {
            None | Some(0) => u32::from(self.kvno_octet),
            Some(kvno) => kvno,
        }
    }
}
