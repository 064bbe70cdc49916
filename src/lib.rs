#![doc = include_str!("../README.md")]
//!
//! # The way of a token
//!
//! ```text
//! Authorization: Negotiate YIIF…                          http            RFC 4559, base64
//!   └ NegotiationToken { negTokenInit { mechToken } }     spnego          RFC 4178, MS-SPNG
//!       └ [APPLICATION 0] krb5 OID, 01 00                 gss             RFC 2743 §3.1, RFC 4121 §4.1
//!           └ AP-REQ { Ticket, Authenticator }            messages, asn1  RFC 4120 §5.5.1
//!               ├ key by service, kvno, enctype           keytab
//!               ├ open ticket (usage 2), authenticator (11) crypto        RFC 3961/3962/4757/6803/8009
//!               ├ the checks of RFC 4120 §3.2.3 → proofs  Acceptor
//!               ├ seen before?                            replay
//!               └ identity, reply token (AP-REP)          Accepted
//! ```
//!
//! The paved path is at the root: [`Keytab`], [`Acceptor`], [`Accepted`], [`Error`]. Each layer below is a module of its own,
//! for whoever reads keytabs, decodes messages or derives keys.
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
#[cfg(feature = "std")]
mod new_file;
pub mod numbers;
mod principal;
#[cfg(feature = "std")]
mod shards;
mod time;
mod wipe;

// 0: octets to TLVs.
pub mod asn1;

// 1: octets to keys.
pub mod crypto;

// 2: a file to keys.
pub mod keytab;

// 3: TLVs to productions.
mod ccache;
pub mod messages;

// 4: productions to a mechanism's token.
pub mod gss;
pub mod spnego;

// 5: the decision.
mod acceptor;
pub mod explain;
pub mod krb5_conf;
pub mod replay;

// Pages to read.
pub mod guide;

// 6: around the acceptor.
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;
pub mod sasl;
#[cfg(feature = "testing")]
pub mod testing;

pub use acceptor::*;
pub use ccache::CredentialCache;
pub use error::{DecodeError, DecodeErrorKind, TypeId};
pub use keytab::Keytab;
pub use limits::Limits;
pub use principal::{Principal, PrincipalParseError};
pub use time::{KerberosTime, TimeParseError, Timestamp};
