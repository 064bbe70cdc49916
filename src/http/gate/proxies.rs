//! Whose request it is, where proxies stand in between.

use super::network::{Network, canonical};
use super::request::Transport;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

/// The proxies whose word about a client's address is taken.
///
/// `X-Forwarded-For` is written by whoever likes to. Only what a proxy of one's own has added can be believed: the list is read from
/// its end, as long as the hop that speaks is trusted, and the first address of somebody else is the client.
///
/// ```
/// use kerbside::http::gate::TrustedProxies;
///
/// let proxies = TrustedProxies::new(["10.0.0.0/8".parse()?]);
/// let client = proxies.client("10.0.0.1".parse()?, ["198.51.100.7, 203.0.113.9, 10.0.0.2"]);
/// assert_eq!(client, Some("203.0.113.9".parse()?)); // the first entry is the client's own invention
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<Network>,
}

impl TrustedProxies {
    /// Those in these networks. None, if there is none: then the peer of the connection is the client.
    pub fn new(networks: impl IntoIterator<Item = Network>) -> Self {
        Self { networks: networks.into_iter().collect() }
    }

    /// How the client's request came: as the connection did, or, where its other end is one of these proxies, as
    /// that one says in `X-Forwarded-Proto`. Of several words none is believed.
    pub fn transport<'f>(
        &self,
        peer: IpAddr,
        connection: Transport,
        forwarded: impl IntoIterator<Item = &'f str>,
    ) -> Transport {
        let mut words = forwarded.into_iter().flat_map(|line| line.split(',')).map(str::trim);
        match (words.next(), words.next()) {
            (Some(word), None) if self.trusts(canonical(peer)) => {
                if word.eq_ignore_ascii_case("https") {
                    Transport::Tls
                } else {
                    Transport::Plain
                }
            }
            (Some(_), Some(_)) if self.trusts(canonical(peer)) => Transport::Plain,
            _ => connection,
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// The client's address: `peer` is at the other end of the connection, `forwarded` are the lines of `X-Forwarded-For`, in
    /// their order.
    ///
    /// `None` if a trusted proxy names somebody that is no address (`unknown`, an obfuscated name): then nothing is known, and no
    /// rule about addresses fits.
    pub fn client<'f, I>(&self, peer: IpAddr, forwarded: I) -> Option<IpAddr>
    where
        I: IntoIterator<Item = &'f str>,
        I::IntoIter: DoubleEndedIterator,
    {
        let hops = forwarded.into_iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim);
        let mut client = canonical(peer);
        for hop in hops.filter(|hop| !hop.is_empty()) {
            if !self.trusts(client) {
                break;
            }
            client = canonical(address_of(hop)?);
        }
        Some(client)
    }
}

/// An address, also in brackets and with a port behind it.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}
