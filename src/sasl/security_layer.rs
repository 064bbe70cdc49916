//! The layer behind the login: messages in buffers with their length in front (RFC 4422 §3.7, RFC 4752 §3.3).

use super::authenticated::Agreed;
use super::{BufferLimit, Layer};
use crate::acceptor::RandomSource;
use crate::gss::{Confidentiality, Session, SessionError};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The security layer of one connection: it makes buffers of messages, and messages of buffers.
///
/// A buffer on the wire is four octets of length, the highest first, and so many octets of a Wrap token.
///
/// Q1: what if a buffer of the client's is refused? RFC 4422 §3.7 has the connection closed. A: then the layer takes nothing
/// more ([`LayerError::Closed`]), so that nobody goes on behind a message that was changed, left out, or repeated.
///
/// Q2: may a client seal its messages where integrity was agreed on? A: yes; but it may not leave them open where
/// confidentiality was.
pub struct SecurityLayer {
    session: Session,
    confidentiality: Confidentiality,
    max_message_octets: usize,
    receive: BufferLimit,
    random: Arc<dyn RandomSource>,
    inbound: Inbound,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inbound {
    Open,
    Closed,
}

/// What stands at the beginning of the octets received.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle both")]
#[must_use = "a message is in it, or the number of octets that it lacks"]
pub enum Incoming {
    /// A part of a buffer.
    Incomplete {
        /// How many octets more are needed: for the length first, then for the rest.
        missing_octets: usize,
    },
    /// A whole buffer.
    Message {
        /// The message in it.
        message: Vec<u8>,
        /// How many of the octets received it took, its length included. The next buffer begins behind them.
        buffer_octets: usize,
    },
}

/// Without the message.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { missing_octets } => {
                f.debug_struct("Incomplete").field("missing_octets", missing_octets).finish()
            }
            Self::Message { buffer_octets, .. } => {
                f.debug_struct("Message").field("buffer_octets", buffer_octets).finish_non_exhaustive()
            }
        }
    }
}

impl SecurityLayer {
    pub(super) fn new(session: Session, agreed: Agreed) -> Self {
        let Agreed { confidentiality, send, receive, random } = agreed;
        let max_message_octets = session.wrap_size_limit(confidentiality, send.octets());
        Self { session, confidentiality, max_message_octets, receive, random, inbound: Inbound::Open }
    }

    /// What it does for messages: [`Layer::Integrity`] or [`Layer::Confidentiality`].
    #[must_use]
    pub fn layer(&self) -> Layer {
        match self.confidentiality {
            Confidentiality::SignedOnly => Layer::Integrity,
            Confidentiality::Sealed => Layer::Confidentiality,
        }
    }

    /// The longest message whose buffer the client takes. Cut what is longer: the protocol above sees a stream.
    #[must_use]
    pub fn max_message_octets(&self) -> usize {
        self.max_message_octets
    }

    /// The longest buffer that is taken from the client, without its length. So much room is enough to read into, and four
    /// octets.
    #[must_use]
    pub fn receive_limit(&self) -> BufferLimit {
        self.receive
    }

    /// A buffer with this message, ready to be sent.
    ///
    /// # Errors
    /// [`LayerError::MessageTooLong`]; [`LayerError::Session`] with [`SessionError::Random`]. The layer is then as before.
    pub fn wrap(&mut self, message: &[u8]) -> Result<Vec<u8>, LayerError> {
        let limit = self.max_message_octets;
        let too_long = LayerError::MessageTooLong { octets: message.len(), limit };
        if message.len() > limit {
            return Err(too_long);
        }
        let token = self.session.wrap(message, self.confidentiality, &*self.random)?;
        let length = u32::try_from(token.len()).map_err(|_| too_long)?;
        Ok([&length.to_be_bytes(), &token[..]].concat())
    }

    /// The message in the buffer at the beginning of `received`, once that is whole.
    ///
    /// A length above the agreed one is refused as soon as it is there, whatever else is: no room is made for it, and
    /// nothing decrypted.
    ///
    /// # Errors
    /// [`LayerError::BufferTooLong`], [`NotSealed`](LayerError::NotSealed), [`Session`](LayerError::Session); and
    /// [`Closed`](LayerError::Closed) after any of them.
    pub fn unwrap(&mut self, received: &[u8]) -> Result<Incoming, LayerError> {
        if self.inbound == Inbound::Closed {
            return Err(LayerError::Closed);
        }
        self.take(received).inspect_err(|_| self.inbound = Inbound::Closed)
    }

    fn take(&mut self, received: &[u8]) -> Result<Incoming, LayerError> {
        let Some((length, rest)) = received.split_first_chunk::<LENGTH_OCTETS>() else {
            return Ok(Incoming::Incomplete { missing_octets: LENGTH_OCTETS.saturating_sub(received.len()) });
        };
        let octets = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let limit = self.receive.octets();
        if octets > limit {
            return Err(LayerError::BufferTooLong { octets, limit });
        }
        let Some(token) = rest.get(..octets) else {
            return Ok(Incoming::Incomplete { missing_octets: octets.saturating_sub(rest.len()) });
        };
        let unwrapped = self.session.unwrap(token)?;
        if (self.confidentiality, unwrapped.confidentiality) == (Confidentiality::Sealed, Confidentiality::SignedOnly) {
            return Err(LayerError::NotSealed);
        }
        let message = unwrapped.in_order()?;
        Ok(Incoming::Message { message, buffer_octets: octets.saturating_add(LENGTH_OCTETS) })
    }
}

/// The length in front of a buffer.
const LENGTH_OCTETS: usize = 4;

/// Without a key.
impl fmt::Debug for SecurityLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityLayer")
            .field("layer", &self.layer())
            .field("max_message_octets", &self.max_message_octets)
            .field("receive_limit", &self.receive)
            .finish_non_exhaustive()
    }
}

/// Why a message was not sent, or a buffer not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayerError {
    /// The caller's message is longer than what fits into a buffer that the client takes.
    #[error("the message has {octets} octets, and no more than {limit} fit into a buffer that the client takes")]
    MessageTooLong {
        /// How long the message is.
        octets: usize,
        /// [`SecurityLayer::max_message_octets`].
        limit: usize,
    },
    /// The client's buffer is longer than the size that was offered to it.
    #[error("the client's buffer has {octets} octets, and no more than {limit} were agreed on")]
    BufferTooLong {
        /// What its length says.
        octets: usize,
        /// What was agreed on.
        limit: usize,
    },
    /// Confidentiality was agreed on, and everybody could read the client's message.
    #[error("the client's message is not encrypted, and confidentiality was agreed on")]
    NotSealed,
    /// The message was not protected, or not believed, or is not the next one.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A buffer was refused before; nothing more is taken.
    #[error("the security layer takes nothing more since it refused a buffer")]
    Closed,
}
