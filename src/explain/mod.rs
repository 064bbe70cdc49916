//! What would happen, and why: explanations for the operator, who is never asked to read a packet trace.
//!
//! Layer 5, beside the acceptor. Nothing here accepts anybody. [`doctor`] looks at keys and settings before any token comes.

pub mod doctor;
