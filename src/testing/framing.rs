//! What stands around an AP-REQ: GSS-API's framing (RFC 2743 §3.1, RFC 4121 §4.1) and SPNEGO (RFC 4178 §4.2).

use super::defect::Part;
use super::der_write::{
    Fields, Productions, application, context, general_string, integer, object_identifier, octet_string, tlv,
};
use super::names::BitString;
use crate::numbers::Enctype;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use der::Tag;

/// An OBJECT IDENTIFIER: the octets of its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "an OBJECT IDENTIFIER is its octets for ever")]
pub struct Oid(pub Cow<'static, [u8]>);

impl Oid {
    /// 1.3.6.1.5.5.2, SPNEGO (RFC 4178 §1).
    pub const SPNEGO: Self = Self(Cow::Borrowed(b"\x2b\x06\x01\x05\x05\x02"));
    /// 1.2.840.113554.1.2.2, krb5 (RFC 4121 §4.1).
    pub const KRB5: Self = Self(Cow::Borrowed(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"));
    /// 1.2.840.48018.1.2.2, the krb5 of Windows 2000, cut to 16 bits (MS-SPNG §1.9).
    pub const MS_KRB5: Self = Self(Cow::Borrowed(b"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"));
    /// 1.2.840.113554.1.2.2.3, krb5 user-to-user.
    pub const KRB5_USER_TO_USER: Self = Self(Cow::Borrowed(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"));
    /// 1.3.6.1.5.2.5, IAKERB.
    pub const IAKERB: Self = Self(Cow::Borrowed(b"\x2b\x06\x01\x05\x02\x05"));
    /// 1.3.6.1.4.1.311.2.2.10, NTLM (MS-SPNG §1.9).
    pub const NTLM: Self = Self(Cow::Borrowed(b"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"));
    /// 1.3.6.1.4.1.311.2.2.30, NegoEx (MS-SPNG §1.9).
    pub const NEGOEX: Self = Self(Cow::Borrowed(b"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"));
    /// 2.999.1, an example that nobody implements.
    pub const UNKNOWN: Self = Self(Cow::Borrowed(b"\x88\x37\x01"));

    pub(super) fn encode(&self) -> Vec<u8> {
        object_identifier(&self.0)
    }
}

/// What the token is, from the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framing {
    /// SPNEGO's first token, `NegTokenInit` in the framing of RFC 2743 §3.1.
    Spnego,
    /// SPNEGO's later token, `NegTokenResp` with the krb5 token in it: the answer to request-mic.
    SpnegoContinuation,
    /// A krb5 token in the framing of RFC 4121 §4.1.
    RawKrb5,
    /// The AP-REQ and nothing around it, as in DCE style (MS-KILE §3.4.5.1).
    BareApReq,
}

/// `mechToken`, or `responseToken` in a continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MechToken {
    /// The krb5 token of this login, in the framing of RFC 4121 §4.1.
    Krb5,
    /// The AP-REQ of this login and nothing around it.
    BareApReq,
    /// No token.
    Absent,
    /// Any octets, a token of another mechanism for example.
    Octets(Vec<u8>),
}

/// `mechListMIC`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MechListMic {
    /// None, as initiators send with their first token.
    Absent,
    /// The right one over the list as it is encoded, under the initiator's subkey or else the session key
    /// (RFC 4178 §5). Absent where the enctype has no MIC of RFC 4121 §4.2.6.1.
    Valid,
    /// Any octets.
    Octets(Vec<u8>),
}

/// The optimistic negotiation, RFC 4178 §4.2.1 and MS-SPNG §2.2.1. Every field can be set to anything.
///
/// ```text
/// NegTokenInit ::= SEQUENCE {
///     mechTypes [0] MechTypeList, reqFlags [1] ContextFlags OPTIONAL, mechToken [2] OCTET STRING OPTIONAL,
///     mechListMIC [3] OCTET STRING OPTIONAL
/// }
/// NegTokenInit2: negHints [3] NegHints OPTIONAL, mechListMIC [4] OCTET STRING OPTIONAL
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NegTokenInit {
    /// The mechanisms, in the initiator's order; `None` leaves the field out.
    pub mech_types: Option<Vec<Oid>>,
    /// The unprotected flags.
    pub req_flags: Option<BitString>,
    /// The token of the first mechanism.
    pub mech_token: MechToken,
    /// `hintName` of NegTokenInit2; where it is given, mechListMIC moves from `[3]` to `[4]`.
    pub hint_name: Option<Vec<u8>>,
    /// The MIC over the list.
    pub mech_list_mic: MechListMic,
    /// `negState` of a continuation, which initiators may leave out.
    pub neg_state: Option<u8>,
    /// `supportedMech` of a continuation, which initiators leave out.
    pub supported_mech: Option<Oid>,
}

impl Default for NegTokenInit {
    /// krb5 alone, with the login's token.
    fn default() -> Self {
        Self {
            mech_types: Some([Oid::KRB5].into()),
            req_flags: None,
            mech_token: MechToken::Krb5,
            hint_name: None,
            mech_list_mic: MechListMic::Absent,
            neg_state: None,
            supported_mech: None,
        }
    }
}

impl NegTokenInit {
    /// The MechTypeList, over which the MIC is made, as it stands in the token.
    pub(super) fn encode_mech_types(&self, productions: Productions<'_>) -> Option<Vec<u8>> {
        let list: Vec<u8> = self.mech_types.as_ref()?.iter().flat_map(Oid::encode).collect();
        Some(productions.tlv(Part::MechTypes, Tag::Sequence, &list))
    }

    /// The first token, with these octets as mechToken and mechListMIC.
    pub(super) fn encode_init(
        &self,
        token: Option<&[u8]>,
        mic: Option<&[u8]>,
        productions: Productions<'_>,
    ) -> Vec<u8> {
        let hints = self.hint_name.as_ref().map(|name| Fields::new().field(0, general_string(name)).into_sequence());
        let mic_number = if hints.is_some() { 4 } else { 3 };
        let fields = Fields::new()
            .optional(0, self.encode_mech_types(productions))
            .optional(1, self.req_flags.as_ref().map(BitString::encode))
            .optional(2, token.map(|token| productions.tlv(Part::MechToken, Tag::OctetString, token)))
            .optional(3, hints)
            .optional(mic_number, mic.map(octet_string));
        let choice = negotiation_token(0, fields, productions);
        initial_token(Part::InitialToken, &Oid::SPNEGO, &choice, productions)
    }

    /// A later token, with these octets as responseToken and mechListMIC.
    pub(super) fn encode_resp(
        &self,
        token: Option<&[u8]>,
        mic: Option<&[u8]>,
        productions: Productions<'_>,
    ) -> Vec<u8> {
        let fields = Fields::new()
            .optional(0, self.neg_state.map(|state| tlv(Tag::Enumerated, &[state])))
            .optional(1, self.supported_mech.as_ref().map(Oid::encode))
            .optional(2, token.map(|token| productions.tlv(Part::MechToken, Tag::OctetString, token)))
            .optional(3, mic.map(octet_string));
        negotiation_token(1, fields, productions)
    }
}

fn negotiation_token(choice: u32, fields: Fields, productions: Productions<'_>) -> Vec<u8> {
    let sequence = productions.tlv(Part::NegTokenInit, Tag::Sequence, &fields.into_content());
    productions.tlv(Part::NegotiationToken, context(choice), &sequence)
}

/// The framing of RFC 2743 §3.1: `[APPLICATION 0] IMPLICIT SEQUENCE { thisMech, innerContextToken }`.
pub(super) fn initial_token(part: Part, mechanism: &Oid, inner: &[u8], productions: Productions<'_>) -> Vec<u8> {
    productions.tlv(part, application(0), &[&mechanism.encode(), inner].concat())
}

/// `AP-REQ`, RFC 4120 §5.5.1: what is neither ticket nor authenticator, and the labels that stand in the clear.
///
/// ```text
/// AP-REQ ::= [APPLICATION 14] SEQUENCE {
///     pvno [0] INTEGER (5), msg-type [1] INTEGER (14), ap-options [2] APOptions, ticket [3] Ticket,
///     authenticator [4] EncryptedData -- Authenticator
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApReq {
    /// The version, 5.
    pub pvno: i64,
    /// The message type, 14.
    pub msg_type: i64,
    /// The options, from [`ApOptions`](crate::messages::ApOptions) for example.
    pub ap_options: BitString,
    /// The enctype that the authenticator claims to be sealed with; the session key's where `None`.
    pub authenticator_etype: Option<Enctype>,
    /// A kvno on the authenticator, which has none.
    pub authenticator_kvno: Option<i64>,
}

impl ApReq {
    pub(super) fn encode(&self, ticket: &[u8], authenticator: &[u8], productions: Productions<'_>) -> Vec<u8> {
        let fields = Fields::new()
            .field(0, integer(self.pvno))
            .field(1, integer(self.msg_type))
            .field(2, self.ap_options.encode())
            .field(3, ticket)
            .field(4, authenticator);
        productions.application_sequence(Part::ApReq, 14, &fields.into_content())
    }
}
