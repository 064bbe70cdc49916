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

/// Octets around the data of a split message: signed with it, not encrypted, and carried by the protocol as they are.
/// MIT's GSS-API calls a buffer of them `GSS_IOV_BUFFER_TYPE_SIGN_ONLY`.
///
/// With header signing (MS-RPCE §3.3.1.5.2.2) DCE RPC has the header of the PDU before the data, and behind it the
/// security trailer without the token.
///
/// Q1: does the token say where such octets end and the data begins? A: no, nowhere: all of it is signed in one row, and
/// the same row divided otherwise can pass. It does where nothing is sealed; with the enctypes of RFC 8009, which sign
/// what is encrypted, and then the data is nonsense; and with RC4 for whoever knows the message. So a caller takes the
/// lengths from its protocol, which fixes them or has them among the octets that are signed: DCE RPC does both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "callers make it, and there is one side and the other")]
pub struct AssociatedData<'a> {
    /// What is before the data.
    pub before: &'a [u8],
    /// What is behind the data.
    pub behind: &'a [u8],
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
