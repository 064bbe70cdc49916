//! What is known of the connection that a token came over.

use crate::crypto::Key;
use crate::gss::{ChannelBindings, Oid};
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
    label: Option<Arc<str>>,
}

/// A connection of which nothing is known, made once.
pub(super) static UNKNOWN: Connection =
    Connection { bindings: Vec::new(), peer: None, user_to_user: None, label: None };

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
    ///
    /// The client's token may be under the number of Kerberos or under that of user-to-user, 1.2.840.113554.1.2.2.3, alone
    /// or in SPNEGO, and is answered under the same. How the client came by the ticket-granting ticket is the caller's
    /// affair: a request for it in a token of its own (KERB-TGT-REQUEST) is named and refused.
    pub fn user_to_user(mut self, principal: Principal, session_key: Key) -> Self {
        self.user_to_user = Some(Arc::new(UserToUser { principal: Arc::new(principal), session_key }));
        self
    }

    /// What it is called in [events](crate::events): the virtual host, or whatever tells the operator where a token came in.
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(label.into());
        self
    }

    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "without events nobody reads it"))]
    pub(super) fn label_text(&self) -> Option<&str> {
        self.label.as_deref()
    }

    pub(super) fn session_key_of_tgt(&self) -> Option<&UserToUser> {
        self.user_to_user.as_deref()
    }

    /// The Kerberos mechanisms that a token over it may be of. User-to-user has a number of its own, and is one of them where
    /// there is a key for it (step K-0).
    pub(super) fn mechanisms(&self) -> &'static [Oid<'static>] {
        match self.user_to_user {
            Some(_) => &[Oid::KRB5, Oid::MICROSOFT_KRB5, Oid::KRB5_USER_TO_USER],
            None => &[Oid::KRB5, Oid::MICROSOFT_KRB5],
        }
    }

    pub(super) fn bindings(&self) -> &[ChannelBindings] {
        &self.bindings
    }

    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}
