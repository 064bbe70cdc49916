//! Why a message was not protected, or not believed.

use super::MessageOrder;
use crate::crypto::{IntegrityError, RandomError};
use crate::time::Timestamp;

/// Why a per-message call failed.
///
/// What a peer can cause is named by its cleartext header or is [`Integrity`](Self::Integrity), which says nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The octets are no token of the kind and form that this context has (`GSS_S_DEFECTIVE_TOKEN`).
    #[error("the token is not one of this kind and of this context's form")]
    Malformed,
    /// The token says that this side sent it.
    #[error("the token was sent by this side of the context")]
    Reflected,
    /// The token says that it is under another key: the acceptor's subkey where there is none, or not where there is.
    #[error("the token is not under the key of this context")]
    WrongKey,
    /// The token was not made for this message with this context's key, or was changed since (`GSS_S_BAD_SIG`).
    #[error("the integrity check of the message failed")]
    Integrity,
    /// The context's key is RC4's, whose messages can be forged (RFC 8429), and nobody has allowed them.
    #[error("per-message tokens under RC4 are not allowed")]
    Rc4NotAllowed,
    /// There were no random octets for a confounder.
    #[error("the source of randomness failed")]
    Random,
    /// More was asked for than the function can give.
    #[error("the output asked for is too long")]
    TooLong,
    /// The context's ticket has ended (`GSS_S_CONTEXT_EXPIRED`).
    #[error("the context ended at {ended}")]
    Expired {
        /// When it ended.
        ended: Timestamp,
    },
    /// The message was verified, but is not the next one, and the caller wanted that.
    #[error("the message is {order}")]
    OutOfOrder {
        /// What it is instead.
        order: MessageOrder,
    },
}

impl From<IntegrityError> for SessionError {
    fn from(_: IntegrityError) -> Self {
        Self::Integrity
    }
}

impl From<RandomError> for SessionError {
    fn from(_: RandomError) -> Self {
        Self::Random
    }
}
