//! Networks, and addresses in them.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// A network of addresses, `10.112.0.0/16` or `2001:db8::/32`; an address alone is a network of one.
///
/// An IPv4 address that a socket of IPv6 shows as `::ffff:10.1.2.3` is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

/// The text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkParseError {
    /// What stands before the slash is no address.
    #[error("is no network, such as 10.112.0.0/16 or 2001:db8::/32")]
    Address,
    /// What stands behind it is no length of a prefix for such an address.
    #[error("has no prefix length that its address can have")]
    Prefix,
    /// The address has bits behind the prefix: somebody meant another network, or an address.
    #[error("has bits of its address behind the prefix")]
    HostBits,
}

impl Network {
    /// Whether an address is one of it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(canonical(address), self.prefix) == Some(self.first)
    }
}

impl FromStr for Network {
    type Err = NetworkParseError;

    fn from_str(text: &str) -> Result<Self, NetworkParseError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkParseError::Address)?;
        let widest = widest_prefix(address);
        let digits = |prefix: &&str| !prefix.is_empty() && prefix.bytes().all(|octet| octet.is_ascii_digit());
        let prefix = match prefix {
            None => widest,
            Some(prefix) => {
                Some(prefix).filter(digits).and_then(|prefix| prefix.parse().ok()).ok_or(NetworkParseError::Prefix)?
            }
        };
        let first = masked(address, prefix).ok_or(NetworkParseError::Prefix)?;
        if first != address {
            return Err(NetworkParseError::HostBits);
        }
        Ok(Self { first, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// The address that a mapped one stands for.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn widest_prefix(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address without the bits behind the prefix; `None` if the prefix is longer than the address.
fn masked(address: IpAddr, prefix: u8) -> Option<IpAddr> {
    let dropped = u32::from(widest_prefix(address).checked_sub(prefix)?);
    Some(match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(dropped).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(dropped).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    })
}
