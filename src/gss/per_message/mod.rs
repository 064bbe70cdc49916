//! Per-message protection: MIC and Wrap tokens of an established context (RFC 2743 §2.3, RFC 4121 §4.2, RFC 4757 §7).
//!
//! Layer 4. What an accept leaves behind is a [`Session`]: the keys, the two sequence numbers and the flags of the context.
//! SASL layers, LDAP, WinRM and DCE RPC send and receive everything else through it. The enctype of the context key says
//! which form the tokens have ([`TokenForm`](crate::crypto::TokenForm), step M-3), and nothing else does.
//!
//! Refused: tokens of the other form, of the other direction, under another key than step M-1 names, of another length
//! than their header says, and everything whose checksum differs, as one [`SessionError::Integrity`]. RC4 contexts refuse
//! all of it unless [`Rc4Messages::Allow`] is set (RFC 8429). Repetition and disorder are no errors (RFC 2743 §1.2.3):
//! they are a [`MessageOrder`] beside a message that was verified, and [`Unwrapped::in_order`] is for whoever wants
//! nothing else. A window of 64 tells a repetition from a straggler.
//! A split message can be signed with octets around it that are not in its token ([`AssociatedData`]), as DCE RPC does.
//!
//! Costs: the keys of each usage are derived with the first message that needs them. Then a MIC costs one allocation to
//! make and none to verify; a Wrap token costs one to make, one to unwrap, and none to unwrap in the caller's buffer.
//!
//! Links: [RFC 2743](https://www.rfc-editor.org/rfc/rfc2743), [RFC 4121](https://www.rfc-editor.org/rfc/rfc4121),
//! [RFC 4757](https://www.rfc-editor.org/rfc/rfc4757), [RFC 7802](https://www.rfc-editor.org/rfc/rfc7802).

mod cfx;
mod cfx_header;
mod error;
mod order;
mod parameters;
mod prf;
mod rc4;
mod received;
mod saved;
mod session;
mod tokens;

pub use error::SessionError;
pub use order::MessageOrder;
pub use parameters::{Rc4Messages, Role, SessionParameters};
pub use prf::PrfKey;
pub use received::{AssociatedData, Confidentiality, Received, SplitOctets, SplitToken, Unwrapped};
pub use saved::RestoreError;
pub use session::Session;
