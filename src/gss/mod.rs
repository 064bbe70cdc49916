//! GSS-API for Kerberos: what kind of token it is, its mechanism, the 0x8003 checksum, channel bindings, and the messages
//! of a context that is established.
//!
//! Layer 4. It stands between the octets that came in and the AP-REQ inside them: [`TokenKind`] names any token at all,
//! [`InitialToken`] takes the frame off (RFC 2743 §3.1), and [`GssChecksum`] reads what the authenticator's checksum
//! field carries in place of a checksum (RFC 4121 §4.1.1). It refuses frames whose length is not exactly the rest of the
//! token. Decoding borrows and allocates nothing.
//!
//! Behind the accept stands a [`Session`]: MIC and Wrap tokens in both directions (RFC 4121 §4.2, RFC 4757 §7). It refuses
//! every token that the peer did not make for this context, and tells repetition and disorder as a [`MessageOrder`].
//!
//! Links: [RFC 2743](https://www.rfc-editor.org/rfc/rfc2743), [RFC 4121](https://www.rfc-editor.org/rfc/rfc4121),
//! [RFC 4559](https://www.rfc-editor.org/rfc/rfc4559).

mod bindings;
mod certificate;
mod checksum;
mod flags;
mod framing;
mod oid;
mod per_message;
mod token_kind;

pub use bindings::{ChannelBindingHash, ChannelBindings};
pub use certificate::CertificateError;
pub use checksum::GssChecksum;
pub use flags::ContextFlags;
pub use framing::{InitialToken, TokenId};
pub use oid::Oid;
pub use per_message::{
    AssociatedData, Confidentiality, MessageOrder, PrfKey, Rc4Messages, Received, RestoreError, Role, Session,
    SessionError, SessionParameters, SplitOctets, SplitToken, Unwrapped,
};
pub use token_kind::TokenKind;
