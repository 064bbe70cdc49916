//! Errors: leaf errors of the layers below, and the one error of an accept.
mod decode;
pub use decode::{DecodeError, DecodeErrorKind, TypeId};
