//! What an acceptor says when the initiator waits for it to speak first.

use crate::asn1::{Tag, Writer};
use crate::gss::Oid;
use alloc::vec::Vec;

/// The hint that MS-SPNG §2.2.1 wants word for word: initiators do not use it.
const HINT_NAME: &[u8] = b"not_defined_in_RFC4178@please_ignore";

/// `NegTokenInit2`, MS-SPNG §2.2.1: the acceptor's own mechanisms, in SPNEGO's frame, as the answer to an empty token.
///
/// ```text
/// NegTokenInit2 ::= SEQUENCE { mechTypes [0] MechTypeList OPTIONAL, …, negHints [3] NegHints OPTIONAL, … }
/// NegHints ::= SEQUENCE { hintName [0] GeneralString OPTIONAL, hintAddress [1] OCTET STRING OPTIONAL }
/// ```
#[must_use]
pub fn neg_token_init2(mech_types: &[Oid<'_>]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(128);
    writer.tlv(Tag::application(0), |writer| {
        writer.octets(Tag::OBJECT_IDENTIFIER, Oid::SPNEGO.content());
        writer.tlv(Tag::context(0), |writer| {
            writer.tlv(Tag::SEQUENCE, |writer| {
                writer.tlv(Tag::context(0), |writer| {
                    writer.tlv(Tag::SEQUENCE, |writer| {
                        mech_types.iter().for_each(|mech| writer.octets(Tag::OBJECT_IDENTIFIER, mech.content()));
                    });
                });
                writer.tlv(Tag::context(3), |writer| {
                    writer.tlv(Tag::SEQUENCE, |writer| {
                        writer.tlv(Tag::context(0), |writer| writer.octets(Tag::GENERAL_STRING, HINT_NAME));
                    });
                });
            });
        });
    });
    writer.into_octets()
}
