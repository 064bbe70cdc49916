//! The bodies of the fuzz targets, as plain functions, so that a file can be replayed on stable as well.
//!
//! Each body takes octets and panics if something that must hold does not: besides "does not panic" there is a round trip
//! or a second opinion by an independent decoder in every one of them.

#![forbid(unsafe_code)]

pub mod accept;
pub mod ap_req;
pub mod asn1;
pub mod explain;
pub mod http_header;
pub mod keytab;
pub mod replay;
pub mod sasl;
pub mod spnego;
