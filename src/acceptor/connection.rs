//! What is known of the connection that a token came over.

use crate::gss::ChannelBindings;
use alloc::vec::Vec;
use core::net::IpAddr;

/// What is known of the connection that a token came over; nothing, unless it is said.
#[derive(Debug, Clone, Default)]
#[must_use = "a connection does nothing until a token is accepted on it"]
pub struct Connection {
    bindings: Vec<ChannelBindings>,
    peer: Option<IpAddr>,
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

    pub(super) fn bindings(&self) -> &[ChannelBindings] {
        &self.bindings
    }

    pub(super) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}
