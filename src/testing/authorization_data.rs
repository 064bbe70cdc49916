//! `AuthorizationData`, RFC 4120 §5.2.6, and the elements that initiators put into it.

use super::der_write::{Fields, integer, octet_string, sequence_of};
use crate::numbers::{AuthDataType, Enctype};
use alloc::vec::Vec;

/// One element of `AuthorizationData`, RFC 4120 §5.2.6.
///
/// ```text
/// AuthorizationData ::= SEQUENCE OF SEQUENCE { ad-type [0] Int32, ad-data [1] OCTET STRING }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizationElement {
    /// What the data is.
    pub ad_type: AuthDataType,
    /// The data, whatever the type says.
    pub ad_data: Vec<u8>,
}

impl AuthorizationElement {
    /// An element of that type with that data.
    #[must_use]
    pub fn new(ad_type: AuthDataType, ad_data: impl Into<Vec<u8>>) -> Self {
        Self { ad_type, ad_data: ad_data.into() }
    }

    /// `AD-IF-RELEVANT` around other elements (RFC 4120 §5.2.6.1).
    #[must_use]
    pub fn if_relevant(elements: &[Self]) -> Self {
        Self::new(AuthDataType::IF_RELEVANT, encode(elements))
    }

    /// The initiator's enctype list, `EtypeList ::= SEQUENCE OF INTEGER`, inside `AD-IF-RELEVANT` (RFC 4537 §3).
    #[must_use]
    pub fn etype_list(enctypes: &[Enctype]) -> Self {
        let list = sequence_of(enctypes.iter().map(|enctype| integer(enctype.0.into())));
        Self::if_relevant(&[Self::new(AuthDataType::ETYPE_NEGOTIATION, list)])
    }

    /// `AD-AUTH-DATA-AP-OPTIONS` inside `AD-IF-RELEVANT`, four octets little-endian (MS-KILE §3.2.5.8): 0x4000 says
    /// that the initiator supports channel bindings.
    #[must_use]
    pub fn ap_options(options: u32) -> Self {
        Self::if_relevant(&[Self::new(AuthDataType::AP_OPTIONS, options.to_le_bytes())])
    }

    /// `KERB_AUTH_DATA_CLIENT_TARGET` inside `AD-IF-RELEVANT`: the name that the client meant to reach, in UTF-16
    /// little-endian (MS-KILE §3.2.5.8).
    #[must_use]
    pub fn client_target(name: &str) -> Self {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Self::if_relevant(&[Self::new(AuthDataType::CLIENT_TARGET, name)])
    }

    fn encode(&self) -> Vec<u8> {
        Fields::new().field(0, integer(self.ad_type.0.into())).field(1, octet_string(&self.ad_data)).into_sequence()
    }
}

pub(super) fn encode(elements: &[AuthorizationElement]) -> Vec<u8> {
    sequence_of(elements.iter().map(AuthorizationElement::encode))
}
