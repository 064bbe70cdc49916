//! Channel bindings: what ties a token to the TLS connection it came over.

use super::certificate::{self, CertificateError};
use alloc::vec::Vec;
use core::fmt;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// The channel bindings of a connection, as the acceptor knows them (RFC 2743 §1.1.6).
///
/// For TLS only application data is set: `tls-server-end-point:` and the hash of the certificate, `tls-unique:` and the
/// Finished message (RFC 5929), or `tls-exporter:` and 32 octets (RFC 9266). Each has a constructor here.
///
/// ```
/// use kerbside::gss::ChannelBindings;
///
/// let exported = [7; 32]; // export_keying_material(.., b"EXPORTER-Channel-Binding", Some(b""))
/// let bindings = ChannelBindings::tls_exporter(&exported);
/// assert!(bindings.application_data().starts_with(b"tls-exporter:"));
/// ```
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

    /// `tls-server-end-point` (RFC 5929 §4) of the server's certificate: its DER octets, as they stand in the TLS
    /// Certificate message.
    ///
    /// The hash function is that of the certificate's own signature, and SHA-256 where that is MD5 or SHA-1. Who ends
    /// TLS gives the leaf certificate that it presented on this connection, not a root and not the chain.
    ///
    /// # Errors
    /// [`CertificateError`]: no certificate, or one whose signature algorithm does not define these bindings (Ed25519).
    pub fn tls_server_end_point(certificate: &[u8]) -> Result<Self, CertificateError> {
        certificate::hash(certificate).map(|hash| Self::tls_server_end_point_hash(&hash))
    }

    /// `tls-server-end-point` (RFC 5929 §4) of a certificate that was hashed elsewhere: the octets of the hash.
    #[must_use]
    pub fn tls_server_end_point_hash(hash: &[u8]) -> Self {
        Self::of_type(b"tls-server-end-point:", hash)
    }

    /// `tls-unique` (RFC 5929 §3): the octets of the first Finished message of the handshake, the client's in a full
    /// handshake and the server's in a resumed one.
    ///
    /// For TLS 1.2 with the extended master secret only. TLS 1.3 does not have it (RFC 8446 appendix C.5), and without
    /// that extension an attacker can bring about two connections with one Finished message (RFC 7627).
    #[must_use]
    pub fn tls_unique(finished: &[u8]) -> Self {
        Self::of_type(b"tls-unique:", finished)
    }

    /// `tls-exporter` (RFC 9266): 32 octets of exported keying material, under the label `EXPORTER-Channel-Binding` and
    /// with a context of no octets.
    ///
    /// For TLS 1.3, and for TLS 1.2 with the extended master secret.
    #[must_use]
    pub fn tls_exporter(keying_material: &[u8; 32]) -> Self {
        Self::of_type(b"tls-exporter:", keying_material)
    }

    fn of_type(prefix: &[u8], octets: &[u8]) -> Self {
        Self { application_data: [prefix, octets].concat() }
    }

    /// The application data, prefix included.
    #[must_use]
    pub fn application_data(&self) -> &[u8] {
        &self.application_data
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
