//! What the calls of a session give and take.

use super::{MessageOrder, SessionError};
use alloc::vec::Vec;
use core::fmt;

/// What a Wrap token does for its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 2743 §2.3.3 has these two services")]
pub enum Confidentiality {
    /// Nobody else can read it or change it.
    Sealed,
    /// Everybody can read it, nobody else can change it.
    SignedOnly,
}

/// A message whose MIC was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a verified message may still be a repetition"]
pub struct Received {
    /// The number that its sender gave it.
    pub sequence_number: u64,
    /// Whether it is the next one.
    pub order: MessageOrder,
}

impl Received {
    /// Nothing but the next message will do.
    ///
    /// # Errors
    /// [`SessionError::OutOfOrder`] for everything but [`MessageOrder::InOrder`].
    pub fn in_order(self) -> Result<(), SessionError> {
        match self.order {
            MessageOrder::InOrder => Ok(()),
            order => Err(SessionError::OutOfOrder { order }),
        }
    }
}

/// A message that was taken out of a Wrap token: owned, or a part of the caller's buffer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a verified message may still be a repetition, or may have been readable"]
pub struct Unwrapped<M> {
    /// The message.
    pub message: M,
    /// Whether it was encrypted. A service that wants secrecy must look.
    pub confidentiality: Confidentiality,
    /// The number that its sender gave it, and whether it is the next one.
    pub received: Received,
}

impl<M> Unwrapped<M> {
    /// The message, if it is the next one.
    ///
    /// # Errors
    /// As [`Received::in_order`].
    pub fn in_order(self) -> Result<M, SessionError> {
        self.received.in_order().map(|()| self.message)
    }

    /// Whether it is the next one.
    #[must_use]
    pub fn order(&self) -> MessageOrder {
        self.received.order
    }
}

/// Without the message.
impl<M> fmt::Debug for Unwrapped<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwrapped")
            .field("confidentiality", &self.confidentiality)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

/// What goes before and behind a message that was wrapped where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitToken {
    /// What goes before it, or wherever the protocol carries it: WinRM's signature, the auth value of DCE RPC.
    pub header: Vec<u8>,
    /// What goes behind it: RC4's padding, and nothing for any other enctype.
    pub trailer: Vec<u8>,
}

/// The lengths of a [`SplitToken`], for protocols that announce them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitOctets {
    /// Of the header.
    pub header: usize,
    /// Of the trailer.
    pub trailer: usize,
}
