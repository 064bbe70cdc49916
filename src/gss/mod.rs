//! GSS-API framing of Kerberos: what kind of token it is, its mechanism, the 0x8003 checksum, channel bindings.
//!
//! Layer 4. It stands between the octets that came in and the AP-REQ inside them: [`TokenKind`] names any token at all,
//! [`InitialToken`] takes the frame off (RFC 2743 §3.1), and [`GssChecksum`] reads what the authenticator's checksum
//! field carries in place of a checksum (RFC 4121 §4.1.1). It refuses frames whose length is not exactly the rest of the
//! token. Decoding borrows and allocates nothing.
//!
//! Links: [RFC 2743](https://www.rfc-editor.org/rfc/rfc2743), [RFC 4121](https://www.rfc-editor.org/rfc/rfc4121),
//! [RFC 4559](https://www.rfc-editor.org/rfc/rfc4559).

mod bindings;
mod certificate;
mod checksum;
mod flags;
mod framing;
mod oid;
mod token_kind;

pub use bindings::{ChannelBindingHash, ChannelBindings};
pub use certificate::CertificateError;
pub use checksum::GssChecksum;
pub use flags::ContextFlags;
pub use framing::{InitialToken, TokenId};
pub use oid::Oid;
pub use token_kind::TokenKind;
