//! SPNEGO: which mechanism, and its token inside (RFC 4178, MS-SPNG).
//!
//! Layer 4. [`NegTokenInit`] reads the first token of a negotiation in either of its forms, [`NegTokenResp`] every
//! later one, of both sides. It refuses an empty list of mechanisms and fields out of order; what the initiator says in fields that nothing
//! protects is read and not believed. Decoding borrows and allocates nothing.
//!
//! Links: [RFC 4178](https://www.rfc-editor.org/rfc/rfc4178),
//! [MS-SPNG](https://learn.microsoft.com/openspecs/windows_protocols/ms-spng).

mod hints;
mod init;
mod mech_types;
mod resp;

pub use hints::neg_token_init2;
pub use init::NegTokenInit;
pub use mech_types::MechTypeList;
pub use resp::{NegState, NegTokenResp};

use crate::asn1::Tag;

/// The field of the MIC in both tokens.
const MECH_LIST_MIC: Tag = Tag::context(3);
