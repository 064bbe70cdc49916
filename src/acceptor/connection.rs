//! What is known of the connection that a token came over.

use crate::crypto::Key;
use crate::gss::ChannelBindings;
use crate::principal::Principal;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

/// What is known of the connection that a token came over; nothing, unless it is said.
#[derive(Debug, Clone, Default)]
#[must_use = "a connection does nothing until a token is accepted on it"]
pub struct Connection {
    bindings: Vec<ChannelBindings>,
    peer: Option<IpAddr>,
    user_to_user: Option<Arc<UserToUser>>,
}

/// Who this acceptor is where it has no keytab, and the session key of its own ticket-granting ticket (RFC 4120 §3.7).
#[derive(Debug)]
pub(super) struct UserToUser {
    pub(super) principal: Arc<Principal>,
    pub(super) session_key: Key,
}

impl Connection {
    /// A connection of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// These are channel bindings of it. One TLS connection has several, by type; an initiator sends those of one.
    pub fn channel_bindings(mut self, bindings: ChannelBindings) -> Self {
        self.bindings.push(bindings);
        self
    }

    /// This is the peer's address, for tickets that are bound to addresses (RFC 4120 §5.2.5).
    pub fn peer_address(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Tickets over it are encrypted in the session key of this principal's ticket-granting ticket, which the client was
    /// given before: user-to-user (RFC 4120 §3.7). Tickets under the service's own key are then refused.
    pub fn user_to_user(mut self, principal: Principal, session_key: Key) -> Self {
        self.user_to_user = Some(Arc::new(UserToUser { principal: Arc::new(principal), session_key }));
        self
    }

    pub(super) fn session_key_of_tgt(&self) -> Option<&UserToUser> {
        self.user_to_user.as_deref()
    }

    pub(super) fn bindings(&self) -> &[ChannelBindings] {
        &self.bindings
    }

    pub(super) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}
