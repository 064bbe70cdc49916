//! The acceptor: a token and a keytab in, an identity and a reply out.
mod transited;
pub use transited::{RealmPaths, TransitedProblem};
