use super::sequence;
use crate::asn1::{DecodeError, Int32, OctetString, Reader, Tag, TypeId};
use crate::numbers::AddressType;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const TYPE_ID: TypeId = TypeId::HOST_ADDRESS;

/// `HostAddress`, RFC 4120 §5.2.5
///
/// ```text
/// HostAddress ::= SEQUENCE { addr-type [0] Int32, address [1] OCTET STRING }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostAddress<'a> {
    /// The family of the address (RFC 4120 §7.5.3).
    pub addr_type: AddressType,
    /// The address, in network order where it is a number.
    pub address: &'a [u8],
}

impl<'a> HostAddress<'a> {
    /// The address as an IP address, if it is one of the length that its type asks for.
    #[must_use]
    pub fn to_ip_addr(&self) -> Option<IpAddr> {
        match self.addr_type {
            AddressType::IPV4 => <[u8; 4]>::try_from(self.address).ok().map(|octets| Ipv4Addr::from(octets).into()),
            AddressType::IPV6 => <[u8; 16]>::try_from(self.address).ok().map(|octets| Ipv6Addr::from(octets).into()),
            _ => None,
        }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Those of the fields.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = sequence(reader, TYPE_ID)?;
        let addr_type = AddressType(fields.field::<Int32>(0)?);
        let address = fields.field::<OctetString>(1)?;
        fields.finish_sequence(1)?;
        Ok(Self { addr_type, address })
    }
}

/// `HostAddresses`, RFC 4120 §5.2.5
///
/// ```text
/// HostAddresses ::= SEQUENCE OF HostAddress
/// ```
///
/// Every element has been read through once; [`iter`](Self::iter) reads them again.
#[derive(Clone, Copy)]
pub struct HostAddresses<'a> {
    elements: Reader<'a>,
}

impl<'a> HostAddresses<'a> {
    /// The addresses, in order.
    pub fn iter(&self) -> impl Iterator<Item = HostAddress<'a>> + Clone + use<'a> {
        let mut rest = self.elements;
        core::iter::from_fn(move || if rest.is_empty() { None } else { HostAddress::decode(&mut rest).ok() })
    }

    /// Reads a list of addresses, which may be empty.
    ///
    /// # Errors
    /// Those of the elements.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.rename(TypeId::HOST_ADDRESSES);
        let elements = reader.read(Tag::SEQUENCE)?;
        let mut rest = elements;
        while !rest.is_empty() {
            HostAddress::decode(&mut rest)?;
        }
        Ok(Self { elements })
    }
}

impl fmt::Debug for HostAddresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
