//! The frame of an initial token (RFC 2743 §3.1) and the token identifier behind it (RFC 4121 §4.1).

use super::Oid;
use crate::asn1::{DecodeError, ObjectIdentifier, Reader, Rules, Tag, TypeId, Writer};
use alloc::vec::Vec;
use core::fmt;

const INITIAL_TOKEN: TypeId = TypeId::INITIAL_CONTEXT_TOKEN;

/// `InitialContextToken`, RFC 2743 §3.1
///
/// ```text
/// InitialContextToken ::= [APPLICATION 0] IMPLICIT SEQUENCE {
///     thisMech MechType, innerContextToken ANY DEFINED BY thisMech
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitialToken<'a> {
    /// The mechanism.
    pub this_mech: Oid<'a>,
    /// The mechanism's own octets, of any form.
    pub inner_context_token: &'a [u8],
}

impl<'a> InitialToken<'a> {
    /// Takes the frame off. Its length must be exactly the rest of the token (step G-1).
    ///
    /// # Errors
    /// [`DecodeError`] for anything but one frame with a mechanism.
    pub fn from_octets(token: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        let mut outer = Reader::new(token, INITIAL_TOKEN, rules);
        let mut frame = outer.read(Tag::application(0))?;
        outer.finish()?;
        let this_mech = Oid::new(frame.value::<ObjectIdentifier>()?);
        Ok(Self { this_mech, inner_context_token: frame.rest() })
    }

    /// Puts a frame around a Kerberos message: the mechanism's OID, then the token identifier, then the message.
    #[must_use]
    pub fn frame_krb5(this_mech: Oid<'_>, id: TokenId, message: &[u8]) -> Vec<u8> {
        let mut writer = Writer::with_capacity(message.len().saturating_add(32));
        Self::encode_around(&mut writer, (this_mech, id), message.len(), |writer| writer.raw(message));
        writer.into_octets()
    }

    /// Writes such a frame around what `message` writes, of as many octets as expected.
    pub(crate) fn encode_around<T>(
        writer: &mut Writer,
        (this_mech, id): (Oid<'_>, TokenId),
        expected: usize,
        message: impl FnOnce(&mut Writer) -> T,
    ) -> T {
        let header = this_mech.content().len().saturating_add(4);
        writer.tlv_of(expected.saturating_add(header), Tag::application(0), |writer| {
            writer.octets(Tag::OBJECT_IDENTIFIER, this_mech.content());
            writer.raw(&id.0);
            message(writer)
        })
    }
}

/// `TOK_ID`, the two octets before a Kerberos message (RFC 4121 §4.1).
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a token identifier is two octets for ever")]
pub struct TokenId(pub [u8; 2]);

impl TokenId {
    /// Before an AP-REQ.
    pub const AP_REQ: Self = Self([1, 0]);
    /// Before an AP-REP.
    pub const AP_REP: Self = Self([2, 0]);
    /// Before a KRB-ERROR.
    pub const KRB_ERROR: Self = Self([3, 0]);
    /// Before a KERB-TGT-REQUEST, by which a client asks for the acceptor's own ticket-granting ticket
    /// (draft-swift-win2k-krb-user2user). Known by name only.
    pub const TGT_REQUEST: Self = Self([4, 0]);
    /// Before the KERB-TGT-REPLY to it. Known by name only.
    pub const TGT_REPLY: Self = Self([4, 1]);
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([first, second]) = self;
        let name = match *self {
            Self::AP_REQ => " (AP-REQ)",
            Self::AP_REP => " (AP-REP)",
            Self::KRB_ERROR => " (KRB-ERROR)",
            Self::TGT_REQUEST => " (KERB-TGT-REQUEST)",
            Self::TGT_REPLY => " (KERB-TGT-REPLY)",
            _ => "",
        };
        write!(f, "{first:02x} {second:02x}{name}")
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
