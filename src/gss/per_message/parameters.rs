//! What a session is made of.

use crate::crypto::{Key, TokenForm};
use crate::gss::ContextFlags;
use crate::time::Timestamp;
use core::fmt;

/// Which side of the context a session is (RFC 2743 §1.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a context has two sides")]
pub enum Role {
    /// The side that sent the AP-REQ.
    Initiator,
    /// The side that accepted it.
    Acceptor,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Acceptor,
            Self::Acceptor => Self::Initiator,
        }
    }
}

/// Whether MIC and Wrap tokens under RC4 keys are made and believed (RFC 8429, step M-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Rc4Messages {
    /// Every call fails with [`SessionError::Rc4NotAllowed`](super::SessionError::Rc4NotAllowed).
    #[default]
    Refuse,
    /// As RFC 4757 §7 says. The sequence number in such a token is not protected by its checksum, so order is hearsay.
    Allow,
}

/// What a context was agreed to be. Required parts are arguments of [`new`](Self::new), the others have methods.
#[must_use]
pub struct SessionParameters {
    pub(crate) role: Role,
    pub(crate) session_key: Key,
    pub(crate) initiator_subkey: Option<Key>,
    pub(crate) acceptor_subkey: Option<Key>,
    pub(crate) send_sequence: u64,
    pub(crate) receive_sequence: u64,
    pub(crate) flags: ContextFlags,
    pub(crate) expires: Timestamp,
    pub(crate) rc4_messages: Rc4Messages,
}

impl SessionParameters {
    /// A context under the ticket's session key that ends with the ticket: no subkeys, both sequence numbers 0, no flags,
    /// and no messages under RC4.
    pub fn new(role: Role, session_key: Key, expires: Timestamp) -> Self {
        Self {
            role,
            session_key,
            initiator_subkey: None,
            acceptor_subkey: None,
            send_sequence: 0,
            receive_sequence: 0,
            flags: ContextFlags::empty(),
            expires,
            rc4_messages: Rc4Messages::Refuse,
        }
    }

    /// The subkey of the authenticator.
    pub fn initiator_subkey(mut self, key: Key) -> Self {
        self.initiator_subkey = Some(key);
        self
    }

    /// The subkey of the AP-REP.
    pub fn acceptor_subkey(mut self, key: Key) -> Self {
        self.acceptor_subkey = Some(key);
        self
    }

    /// The number of this side's first message (steps M-4, M-5).
    pub fn send_sequence(mut self, number: u64) -> Self {
        self.send_sequence = number;
        self
    }

    /// The number of the peer's first message (steps M-4, M-5).
    pub fn receive_sequence(mut self, number: u64) -> Self {
        self.receive_sequence = number;
        self
    }

    /// The flags of the context (step M-7). `REPLAY`, `SEQUENCE` and `DCE_STYLE` change what messages are.
    pub fn flags(mut self, flags: ContextFlags) -> Self {
        self.flags = flags;
        self
    }

    /// Whether messages under RC4 are allowed.
    pub fn rc4_messages(mut self, rc4_messages: Rc4Messages) -> Self {
        self.rc4_messages = rc4_messages;
        self
    }

    /// Step M-1: the acceptor's subkey, else the initiator's, else the session key.
    pub(super) fn context_key(&self) -> &Key {
        self.acceptor_subkey.as_ref().unwrap_or_else(|| self.initiator_key())
    }

    /// The highest sequence number in tokens of this context's form; the next one is 0.
    pub(super) fn last_sequence_number(&self) -> u64 {
        match self.context_key().row().token_form {
            TokenForm::Rfc4121 => u64::MAX,
            TokenForm::Rfc4757 => u64::from(u32::MAX),
        }
    }

    /// What the initiator alone has contributed: its subkey, else the session key.
    pub(super) fn initiator_key(&self) -> &Key {
        self.initiator_subkey.as_ref().unwrap_or(&self.session_key)
    }
}

/// Without a key.
impl fmt::Debug for SessionParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionParameters")
            .field("role", &self.role)
            .field("enctype", &self.context_key().enctype())
            .field("flags", &self.flags)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
