//! Which connection a request came over.

/// Which connection a request came over: a number that no other connection to this server has.
///
/// The server puts it into the extensions of each request. Leave it away behind a proxy: the connection is then the proxy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// The connection of that number. Count them as they are accepted.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}
