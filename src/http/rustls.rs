//! Channel bindings of a TLS connection of rustls.
//!
//! Ask once for each connection, when its handshake is over, and put a clone of the answer into the extensions of each of
//! its requests, or give it to [`Acceptor::accept_on`](crate::Acceptor::accept_on):
//!
//! ```
//! use kerbside::Connection;
//! use kerbside::http::rustls::{BindingsError, connection_of};
//! # use rustls::ServerConnection;
//! # use rustls::pki_types::CertificateDer;
//!
//! # fn example(tls: &ServerConnection, leaf: &CertificateDer<'_>) -> Result<Connection, BindingsError> {
//! let connection = connection_of(tls, leaf)?; // and `.peer_address(…)`
//! # Ok(connection)
//! # }
//! ```
//!
//! A client sends bindings of one type, those that it knows: of the server's certificate as a rule, for they are the same
//! whichever library speaks TLS.

use crate::acceptor::Connection;
use crate::gss::{CertificateError, ChannelBindings};
use ::rustls::pki_types::CertificateDer;
use ::rustls::{ProtocolVersion, ServerConnection};

/// The label of the exporter (RFC 9266 §2).
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// Why there are no channel bindings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindingsError {
    /// The certificate has no `tls-server-end-point`, and the connection has no exporter to use instead.
    #[error(transparent)]
    Certificate(CertificateError),
    /// Nothing can be exported: the handshake is not over.
    #[error("no keying material can be exported from the connection: {0}")]
    Export(::rustls::Error),
}

/// A connection with the channel bindings of this TLS connection: `tls-server-end-point` of the certificate (RFC 5929 §4), and
/// under TLS 1.3 `tls-exporter` (RFC 9266).
///
/// `leaf` is the certificate that the server presented on it. rustls does not say which one it was; a server of several
/// has chosen it by [`ServerConnection::server_name`].
///
/// Under TLS 1.2 nothing is exported: RFC 9266 §3 asks for the extended master secret there, and rustls does not say
/// whether it was used.
///
/// # Errors
/// [`BindingsError::Certificate`] if the octets are no certificate, or of an unknown algorithm, or, under TLS 1.2, of one
/// that has no hash function (Ed25519); under TLS 1.3 the exporter does for that one. [`BindingsError::Export`] before the
/// end of the handshake.
pub fn connection_of(tls: &ServerConnection, leaf: &CertificateDer<'_>) -> Result<Connection, BindingsError> {
    let connection = Connection::new();
    let exported = exported(tls)?;
    let connection = match (ChannelBindings::tls_server_end_point(leaf), &exported) {
        (Ok(bindings), _) => connection.channel_bindings(bindings),
        (Err(CertificateError::NoSingleHash { .. }), Some(_)) => connection,
        (Err(error), _) => return Err(BindingsError::Certificate(error)),
    };
    Ok(match exported {
        Some(bindings) => connection.channel_bindings(bindings),
        None => connection,
    })
}

/// RFC 9266 §2: 32 octets under the label, with a context of no octets.
fn exported(tls: &ServerConnection) -> Result<Option<ChannelBindings>, BindingsError> {
    if tls.protocol_version() == Some(ProtocolVersion::TLSv1_2) {
        return Ok(None);
    }
    let exported = tls.export_keying_material([0; 32], LABEL, Some(b"")).map_err(BindingsError::Export)?;
    Ok(Some(ChannelBindings::tls_exporter(&exported)))
}
