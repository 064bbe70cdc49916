//! Every token after the first: the acceptor's answer, and what the initiator says to it.

use super::MECH_LIST_MIC;
use crate::asn1::{
    DecodeError, DecodeErrorKind, Enumerated, ObjectIdentifier, OctetString, Reader, Rules, Tag, TypeId, Writer,
};
use crate::gss::Oid;
use alloc::vec::Vec;

const NEG_TOKEN_RESP: TypeId = TypeId::NEG_TOKEN_RESP;

/// `NegTokenResp`, RFC 4178 §4.2.2
///
/// ```text
/// NegTokenResp ::= SEQUENCE {
///     negState [0] ENUMERATED OPTIONAL, supportedMech [1] MechType OPTIONAL, responseToken [2] OCTET STRING OPTIONAL,
///     mechListMIC [3] OCTET STRING OPTIONAL, ...
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "RFC 4178 fixed these fields, and a caller builds the value")]
pub struct NegTokenResp<'a> {
    /// How the negotiation stands.
    pub neg_state: Option<NegState>,
    /// The mechanism that was chosen; only in the acceptor's first answer.
    pub supported_mech: Option<Oid<'a>>,
    /// The mechanism's own token.
    pub response_token: Option<&'a [u8]>,
    /// The MIC over the list of mechanisms.
    pub mech_list_mic: Option<&'a [u8]>,
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
    const ALL: [Self; 4] = [Self::AcceptCompleted, Self::AcceptIncomplete, Self::Reject, Self::RequestMic];

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

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let before = *reader;
        let value = reader.value::<Enumerated>()?;
        let state = Self::ALL.into_iter().find(|state| state.value() == value);
        state.ok_or_else(|| before.error(DecodeErrorKind::BadValue))
    }
}

impl<'a> NegTokenResp<'a> {
    /// Reads `negTokenResp [1]`, which has no frame, to its end (step S-10).
    ///
    /// # Errors
    /// [`DecodeError`] with the production and the offset.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, NEG_TOKEN_RESP, rules).whole(|choice| choice.explicit(Tag::context(1), Self::decode))
    }

    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = reader.read(Tag::SEQUENCE)?;
        let resp = Self {
            neg_state: fields.explicit_optional(Tag::context(0), NegState::decode)?,
            supported_mech: fields
                .explicit_optional(Tag::context(1), |field| field.value::<ObjectIdentifier>().map(Oid::new))?,
            response_token: fields.optional_field::<OctetString>(2)?,
            mech_list_mic: fields.explicit_optional(MECH_LIST_MIC, Reader::value::<OctetString>)?,
        };
        fields.finish_sequence(3)?;
        Ok(resp)
    }

    /// The encoded answer, `negTokenResp [1]`, which has no frame.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let octets = |field: Option<&[u8]>| field.map_or(0, <[u8]>::len);
        let capacity = octets(self.response_token).saturating_add(octets(self.mech_list_mic)).saturating_add(56);
        let mut writer = Writer::with_capacity(capacity);
        let response = self.response_token.map(|token| (token.len(), |writer: &mut Writer| writer.raw(token)));
        self.encode_around(&mut writer, response);
        writer.into_octets()
    }

    /// Writes the token around a `responseToken` of as many octets as expected that a function writes, if there is one; the
    /// field is not looked at.
    pub(crate) fn encode_around<T>(
        &self,
        writer: &mut Writer,
        response: Option<(usize, impl FnOnce(&mut Writer) -> T)>,
    ) -> Option<T> {
        let expected = response.as_ref().map_or(0, |(expected, _)| expected.saturating_add(26));
        writer.tlv_of(expected, Tag::context(1), |writer| {
            writer.tlv_of(expected, Tag::SEQUENCE, |writer| self.encode_fields(writer, response))
        })
    }

    fn encode_fields<T>(
        &self,
        writer: &mut Writer,
        response: Option<(usize, impl FnOnce(&mut Writer) -> T)>,
    ) -> Option<T> {
        if let Some(state) = self.neg_state {
            writer.tlv(Tag::context(0), |writer| writer.octets(Tag::ENUMERATED, &[state.value()]));
        }
        if let Some(mech) = self.supported_mech {
            writer.tlv(Tag::context(1), |writer| writer.octets(Tag::OBJECT_IDENTIFIER, mech.content()));
        }
        let written = response.map(|(expected, response)| {
            writer.tlv_of(expected.saturating_add(3), Tag::context(2), |writer| {
                writer.tlv_of(expected, Tag::OCTET_STRING, response)
            })
        });
        if let Some(mic) = self.mech_list_mic {
            writer.tlv(MECH_LIST_MIC, |writer| writer.octets(Tag::OCTET_STRING, mic));
        }
        written
    }
}
