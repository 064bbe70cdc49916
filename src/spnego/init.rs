//! The initiator's first token.

use super::MechTypeList;
use crate::asn1::{DecodeError, OctetString, Reader, Rules, Tag, TypeId};

const NEG_TOKEN_INIT: TypeId = TypeId::NEG_TOKEN_INIT;

/// `NegTokenInit`, RFC 4178 §4.2.1, and `NegTokenInit2`, MS-SPNG §2.2.1
///
/// ```text
/// NegotiationToken ::= CHOICE { negTokenInit [0] NegTokenInit, negTokenResp [1] NegTokenResp }
/// NegTokenInit ::= SEQUENCE {
///     mechTypes [0] MechTypeList, reqFlags [1] ContextFlags OPTIONAL, mechToken [2] OCTET STRING OPTIONAL,
///     mechListMIC [3] OCTET STRING OPTIONAL, ...
/// }
/// NegTokenInit2 ::= SEQUENCE {
///     mechTypes [0] MechTypeList OPTIONAL, reqFlags [1] ContextFlags OPTIONAL, mechToken [2] OCTET STRING OPTIONAL,
///     negHints [3] NegHints OPTIONAL, mechListMIC [4] OCTET STRING OPTIONAL, ...
/// }
/// ```
///
/// Q1: both forms begin alike; which one is it? A: a SEQUENCE in `[3]` can only be negHints, an OCTET STRING only a MIC.
///
/// Q2: what do reqFlags say? A: nothing that can be relied on, since nothing protects them (RFC 4178 §4.2.1); they must be
/// a BIT STRING and are then dropped. The same holds for negHints, which only an acceptor has reason to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NegTokenInit<'a> {
    /// The mechanisms offered.
    pub mech_types: MechTypeList<'a>,
    /// The optimistic token, which belongs to the first mechanism.
    pub mech_token: Option<&'a [u8]>,
    /// The MIC over the list of mechanisms.
    pub mech_list_mic: Option<&'a [u8]>,
}

impl<'a> NegTokenInit<'a> {
    /// Reads `negTokenInit [0]`, the octets behind the OID of SPNEGO's frame, to their end.
    ///
    /// # Errors
    /// [`DecodeError`] with the production and the offset.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        let mut choice = Reader::new(octets, NEG_TOKEN_INIT, rules);
        let mut fields = choice.one(0)?.read(Tag::SEQUENCE)?;
        choice.finish()?;
        let mech_types = MechTypeList::decode(&mut fields.one(0)?)?;
        fields.explicit_optional(Tag::context(1), |flags| flags.read(Tag::BIT_STRING))?;
        let mech_token = fields.explicit_optional(Tag::context(2), Reader::value::<OctetString>)?;
        let third = fields.explicit_optional(Tag::context(3), |field| {
            if field.peek(Tag::SEQUENCE) {
                field.read(Tag::SEQUENCE).map(|_| None)
            } else {
                field.value::<OctetString>().map(Some)
            }
        })?;
        match third {
            Some(None) => {
                let mech_list_mic = fields.optional_field::<OctetString>(4)?;
                fields.finish_sequence(4)?;
                Ok(Self { mech_types, mech_token, mech_list_mic })
            }
            mic => {
                fields.finish_sequence(3)?;
                Ok(Self { mech_types, mech_token, mech_list_mic: mic.flatten() })
            }
        }
    }
}
