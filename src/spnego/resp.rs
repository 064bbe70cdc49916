//! The acceptor's answer.

use crate::asn1::{Tag, Writer};
use crate::gss::Oid;
use alloc::vec::Vec;

/// `NegTokenResp`, RFC 4178 §4.2.2
///
/// ```text
/// NegTokenResp ::= SEQUENCE {
///     negState [0] ENUMERATED OPTIONAL, supportedMech [1] MechType OPTIONAL, responseToken [2] OCTET STRING OPTIONAL,
///     mechListMIC [3] OCTET STRING OPTIONAL, ...
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "RFC 4178 fixed these fields, and a caller builds the value")]
pub struct NegTokenResp<'a> {
    /// How the negotiation stands.
    pub neg_state: NegState,
    /// The mechanism that was chosen; only in the first answer.
    pub supported_mech: Option<Oid<'a>>,
    /// The mechanism's own token.
    pub response_token: Option<&'a [u8]>,
}

/// `negState`, RFC 4178 §4.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NegState {
    /// The context is established.
    AcceptCompleted,
    /// More tokens are needed.
    AcceptIncomplete,
    /// The mechanism is refused.
    Reject,
    /// A MIC over the list of mechanisms is needed.
    RequestMic,
}

impl NegState {
    /// The value of the ENUMERATED.
    #[must_use]
    pub const fn value(self) -> u8 {
        match self {
            Self::AcceptCompleted => 0,
            Self::AcceptIncomplete => 1,
            Self::Reject => 2,
            Self::RequestMic => 3,
        }
    }
}

impl NegTokenResp<'_> {
    /// The encoded answer, `negTokenResp [1]`, which has no frame.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let capacity = self.response_token.map_or(0, <[u8]>::len).saturating_add(48);
        let mut writer = Writer::with_capacity(capacity);
        let token = self.response_token.map(|token| |writer: &mut Writer| writer.raw(token));
        Self::write(&mut writer, self.neg_state, self.supported_mech, token);
        writer.into_octets()
    }

    /// As [`to_octets`](Self::to_octets), where the mechanism's token is written in its place.
    pub(crate) fn write(
        writer: &mut Writer,
        neg_state: NegState,
        supported_mech: Option<Oid<'_>>,
        response_token: Option<impl FnOnce(&mut Writer)>,
    ) {
        writer.tlv(Tag::context(1), |writer| {
            writer.tlv(Tag::SEQUENCE, |writer| {
                writer.tlv(Tag::context(0), |writer| writer.octets(Tag::ENUMERATED, &[neg_state.value()]));
                if let Some(mechanism) = supported_mech {
                    let oid = mechanism.content();
                    writer.tlv(Tag::context(1), |writer| writer.octets(Tag::OBJECT_IDENTIFIER, oid));
                }
                if let Some(token) = response_token {
                    writer.tlv(Tag::context(2), |writer| writer.tlv(Tag::OCTET_STRING, token));
                }
            });
        });
    }
}
