//! kerbside
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::as_conversions, clippy::indexing_slicing, clippy::string_slice)]
#![deny(clippy::unwrap_used, clippy::panic, clippy::unreachable, clippy::todo)]
#![warn(clippy::arithmetic_side_effects, clippy::expect_used)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// Base: the vocabulary that every layer shares.
mod error;
mod limits;
pub mod numbers;
mod principal;
mod time;

// 0: octets to TLVs.
pub mod asn1;

// 1: octets to keys.
pub mod crypto;

// 2: a file to keys.
pub mod keytab;

// 3: TLVs to productions.
pub mod messages;

// 4: productions to a mechanism's token.
pub mod gss;
pub mod spnego;

// 5: the decision.
mod acceptor;
pub mod replay;

// 6: around the acceptor.
#[cfg(feature = "testing")]
pub mod testing;

pub use acceptor::*;
pub use error::{DecodeError, DecodeErrorKind, TypeId};
pub use keytab::Keytab;
pub use limits::Limits;
pub use principal::{Principal, PrincipalParseError};
pub use time::{KerberosTime, TimeParseError, Timestamp};
