//! The mechanism, and what is asked of connections.

use super::{BufferLimit, GssapiExchange, LayerPolicy};
use crate::acceptor::{Acceptor, Connection};

/// The server side of the SASL mechanism `GSSAPI` (RFC 4752): an acceptor, and what is asked of connections.
///
/// Cheap to clone, as the acceptor is. The acceptor's policy decides about tokens; this one about the layer behind them.
#[derive(Debug, Clone)]
#[must_use = "a mechanism does nothing until an exchange begins"]
pub struct Gssapi {
    pub(super) acceptor: Acceptor,
    pub(super) layers: LayerPolicy,
    pub(super) receive: BufferLimit,
}

impl Gssapi {
    /// The name by which clients choose it (RFC 4752 §3).
    pub const NAME: &'static str = "GSSAPI";

    /// With this acceptor, whose [service](crate::AcceptorBuilder::service) should be the protocol's: `imap`, `ldap`, `smtp`,
    /// `xmpp`. Nothing less than confidentiality is agreed on until [`layers`](Self::layers) says otherwise.
    pub fn new(acceptor: Acceptor) -> Self {
        Self { acceptor, layers: LayerPolicy::default(), receive: BufferLimit::default() }
    }

    /// Which layers may be agreed on. Over TLS it is [`LayerPolicy::Refuse`].
    pub fn layers(mut self, layers: LayerPolicy) -> Self {
        self.layers = layers;
        self
    }

    /// The longest buffer that a client may send under a layer; 65,536 octets if nothing is said.
    pub fn receive_limit(mut self, receive: BufferLimit) -> Self {
        self.receive = receive;
        self
    }

    /// A login on a connection of which nothing is known.
    pub fn begin(&self) -> GssapiExchange {
        self.begin_on(Connection::default())
    }

    /// A login on a connection of which something is known: its channel bindings, the peer's address.
    ///
    /// RFC 4752 has clients send no channel bindings. Some do all the same, Java's LDAP client for one, and what the
    /// acceptor's policy says of them holds here too.
    pub fn begin_on(&self, connection: Connection) -> GssapiExchange {
        GssapiExchange::new(self.clone(), connection)
    }
}
