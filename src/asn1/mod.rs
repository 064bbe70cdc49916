//! A strict DER cursor and writer: the octets of ITU-T X.690, no more of it than Kerberos needs.
//!
//! Layer 0. [`Reader`] walks over borrowed octets and allocates nothing; every nested reader ends where its TLV ends.
//! It refuses indefinite lengths, lengths past the enclosing TLV, nesting beyond a limit, and octets that nobody read,
//! each as a [`DecodeError`] with the production and the offset. Lengths that are not in their shortest form are read or
//! refused as [`LengthForm`] says. [`Writer`] writes definite, shortest-form lengths only.

mod primitive;
mod reader;
mod tag;
mod writer;

pub use crate::error::{DecodeError, DecodeErrorKind, TypeId};
pub use primitive::{
    Enumerated, GeneralString, Int32, KerberosFlags, ObjectIdentifier, OctetString, Primitive, Uint32Pattern,
    ZeroExtendedFlags,
};
pub use reader::{LengthForm, Reader, Rules};
pub use tag::Tag;
pub use writer::Writer;
