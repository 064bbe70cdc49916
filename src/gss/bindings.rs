//! Channel bindings: what ties a token to the TLS connection it came over.

use alloc::vec::Vec;
use core::fmt;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// The channel bindings of a connection, as the acceptor knows them (RFC 2743 §1.1.6).
///
/// For TLS only application data is set: `tls-server-end-point:` and the hash of the certificate, `tls-unique:` and the
/// Finished message (RFC 5929), or `tls-exporter:` and 32 octets (RFC 9266).
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelBindings {
    application_data: Vec<u8>,
}

impl ChannelBindings {
    /// Bindings with this application data, prefix included, and no addresses.
    #[must_use]
    pub fn from_application_data(application_data: impl Into<Vec<u8>>) -> Self {
        Self { application_data: application_data.into() }
    }

    /// The hash that the 0x8003 checksum carries: MD5 over address types, addresses and application data, each length
    /// and type in four octets, little-endian (RFC 4121 §4.1.1.2).
    #[must_use]
    pub fn hash(&self) -> ChannelBindingHash {
        let no_addresses = [0_u8; 16];
        let length = u32::try_from(self.application_data.len()).unwrap_or(u32::MAX).to_le_bytes();
        let hash = Md5::new().chain_update(no_addresses).chain_update(length).chain_update(&self.application_data);
        ChannelBindingHash(hash.finalize().into())
    }
}

impl fmt::Debug for ChannelBindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.application_data.split(|octet| *octet == b':').next().unwrap_or_default();
        write!(f, "ChannelBindings({}, {} octets)", prefix.escape_ascii(), self.application_data.len())
    }
}

/// `Bnd`, the 16 octets of a hash of channel bindings; all zeros stand for none (RFC 4121 §4.1.1.2).
#[derive(Debug, Clone, Copy)]
pub struct ChannelBindingHash([u8; 16]);

impl ChannelBindingHash {
    /// The hash with these octets.
    #[must_use]
    pub const fn from_octets(octets: [u8; 16]) -> Self {
        Self(octets)
    }

    /// Whether the initiator gave no bindings.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self([0; 16])
    }
}

/// In constant time: a peer must not learn how much of a guess was right.
impl PartialEq for ChannelBindingHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ChannelBindingHash {}
