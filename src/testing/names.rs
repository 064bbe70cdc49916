//! Names, flags and addresses as a message carries them: any octets, any number, any shape.

use super::der_write::{Fields, bit_string, general_string, integer, octet_string, sequence_of};
use crate::messages::{ApOptions, TicketFlags};
use crate::numbers::{AddressType, NameType};
use crate::principal::Principal;
use alloc::vec::Vec;

/// `PrincipalName`, RFC 4120 §5.2.2: a name-type and any number of components of any octets.
///
/// ```text
/// PrincipalName ::= SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF KerberosString }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrincipalName {
    /// The name-type, a hint.
    pub name_type: NameType,
    /// The components, none and empty ones included.
    pub name_string: Vec<Vec<u8>>,
}

impl PrincipalName {
    /// A name of these components.
    pub fn new<C: AsRef<[u8]>>(name_type: NameType, components: impl IntoIterator<Item = C>) -> Self {
        Self { name_type, name_string: components.into_iter().map(|octets| octets.as_ref().to_vec()).collect() }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let components = self.name_string.iter().map(|component| general_string(component));
        Fields::new().field(0, integer(self.name_type.0.into())).field(1, sequence_of(components)).into_sequence()
    }
}

impl From<&Principal> for PrincipalName {
    fn from(principal: &Principal) -> Self {
        Self::new(principal.name_type(), principal.components())
    }
}

/// A BIT STRING of the wire: `KerberosFlags` (RFC 4120 §5.2.8) and SPNEGO's `ContextFlags`, well-formed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BitString {
    /// How many bits of the last octet do not count; DER allows 0 to 7.
    pub unused_bits: u8,
    /// The octets, bit 0 being the most significant of the first.
    pub octets: Vec<u8>,
}

impl BitString {
    /// `KerberosFlags` of 32 bits with these set, counted as the RFCs do: MUTUAL-REQUIRED is 2, INVALID is 7.
    /// Numbers from 32 on are left out.
    #[must_use]
    pub fn with_bits(numbers: &[u32]) -> Self {
        Self::from(numbers.iter().fold(0_u32, |bits, number| bits | (1_u32 << 31).checked_shr(*number).unwrap_or(0)))
    }

    /// A BIT STRING of these octets, so many bits of the last one unused.
    #[must_use]
    pub fn new(unused_bits: u8, octets: impl Into<Vec<u8>>) -> Self {
        Self { unused_bits, octets: octets.into() }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        bit_string(self.unused_bits, &self.octets)
    }
}

/// 32 bits, bit 0 of the RFC being the most significant.
impl From<u32> for BitString {
    fn from(bits: u32) -> Self {
        Self::new(0, bits.to_be_bytes())
    }
}

impl From<TicketFlags> for BitString {
    fn from(flags: TicketFlags) -> Self {
        Self::from(flags.0)
    }
}

impl From<ApOptions> for BitString {
    fn from(options: ApOptions) -> Self {
        Self::from(options.0)
    }
}

/// `HostAddress`, RFC 4120 §5.2.5: any type, any octets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostAddress {
    /// The kind of address.
    pub addr_type: AddressType,
    /// The address's octets.
    pub address: Vec<u8>,
}

impl HostAddress {
    /// An address of that type.
    #[must_use]
    pub fn new(addr_type: AddressType, address: impl Into<Vec<u8>>) -> Self {
        Self { addr_type, address: address.into() }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        Fields::new().field(0, integer(self.addr_type.0.into())).field(1, octet_string(&self.address)).into_sequence()
    }
}
