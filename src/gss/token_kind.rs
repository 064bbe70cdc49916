//! What kind of token came in, told from its first octets.

use super::Oid;
use crate::numbers::KrbErrorCode;
use core::fmt;

/// What a token is, by its first octets (step L-3). Naming it never fails and decodes nothing beyond a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// No octets at all.
    Empty,
    /// A SPNEGO initial token: `60`, then the OID of SPNEGO.
    Spnego,
    /// A SPNEGO continuation, `NegTokenResp`: `a1`.
    SpnegoContinuation,
    /// A Kerberos initial token: `60`, then the OID of Kerberos.
    Krb5,
    /// A Kerberos initial token under Microsoft's OID.
    MicrosoftKrb5,
    /// A Kerberos user-to-user token.
    UserToUser,
    /// IAKERB, Kerberos through the server (RFC draft); never supported here.
    IaKerb,
    /// An AP-REQ without any frame: `6e`. Only DCE style sends it.
    ApReq,
    /// A KRB-ERROR without any frame: `7e`.
    KrbError {
        /// Its error code, if it could be read.
        code: Option<KrbErrorCode>,
    },
    /// NTLM, which is not Kerberos: the signature `NTLMSSP` and a message type.
    Ntlm {
        /// The message type, 1 to 3, if the token is long enough.
        message_type: Option<u32>,
    },
    /// NegoEx: the signature `NEGOEXTS`.
    NegoEx,
    /// Anything else.
    Unknown {
        /// The first octet.
        first_octet: u8,
        /// How many octets there are.
        octets: usize,
    },
}

impl TokenKind {
    /// Names a token.
    #[must_use]
    pub fn classify(token: &[u8]) -> Self {
        match token {
            [] => Self::Empty,
            [0x60, after_tag @ ..] => {
                Self::of_frame(after_tag).unwrap_or(Self::Unknown { first_octet: 0x60, octets: token.len() })
            }
            [0xa1, ..] => Self::SpnegoContinuation,
            [0x6e, ..] => Self::ApReq,
            [0x7e, ..] => Self::KrbError { code: krb_error_code(token) },
            [b'N', b'T', b'L', b'M', b'S', b'S', b'P', 0, rest @ ..] => {
                Self::Ntlm { message_type: rest.first_chunk().map(|octets| u32::from_le_bytes(*octets)) }
            }
            [b'N', b'E', b'G', b'O', b'E', b'X', b'T', b'S', ..] => Self::NegoEx,
            [first_octet, ..] => Self::Unknown { first_octet: *first_octet, octets: token.len() },
        }
    }

    /// The kind that a mechanism's OID stands for; `None` for an OID that this table does not know.
    pub(crate) fn of_mechanism(oid: Oid<'_>) -> Option<Self> {
        MECHANISMS.iter().find(|(known, _)| *known == oid).map(|(_, kind)| *kind)
    }

    /// Reads past a length of any form, right or wrong, to the OID behind it.
    fn of_frame(after_tag: &[u8]) -> Option<Self> {
        let (length, rest) = after_tag.split_first()?;
        let more = if *length < 0x80 { 0 } else { usize::from(*length & 0x7f) };
        let [0x06, octets @ 0x01..=0x7f, content @ ..] = rest.get(more..)? else { return None };
        Self::of_mechanism(Oid::new(content.get(..usize::from(*octets))?))
    }
}

static MECHANISMS: [(Oid<'static>, TokenKind); 7] = [
    (Oid::SPNEGO, TokenKind::Spnego),
    (Oid::KRB5, TokenKind::Krb5),
    (Oid::MICROSOFT_KRB5, TokenKind::MicrosoftKrb5),
    (Oid::KRB5_USER_TO_USER, TokenKind::UserToUser),
    (Oid::IAKERB, TokenKind::IaKerb),
    (Oid::NTLM, TokenKind::Ntlm { message_type: None }),
    (Oid::NEGOEX, TokenKind::NegoEx),
];

/// The error code of a KRB-ERROR, `[6] INTEGER`, found without trusting anything else in it.
fn krb_error_code(token: &[u8]) -> Option<KrbErrorCode> {
    use crate::asn1::{Int32, LengthForm, Reader, Rules, Tag, TypeId};
    let rules = Rules::new(LengthForm::UpToFourOctets, 4);
    let mut error = Reader::new(token, TypeId::KRB_ERROR, rules).read(Tag::application(30)).ok()?;
    let mut fields = error.read(Tag::SEQUENCE).ok()?;
    while !fields.is_empty() {
        let (tag, mut value) = fields.read_any().ok()?;
        if tag == Tag::context(6) {
            return value.value::<Int32>().ok().map(KrbErrorCode);
        }
    }
    None
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty token"),
            Self::Spnego => f.write_str("a SPNEGO token"),
            Self::SpnegoContinuation => f.write_str("a SPNEGO continuation"),
            Self::Krb5 => f.write_str("a Kerberos token"),
            Self::MicrosoftKrb5 => f.write_str("a Kerberos token under Microsoft's OID"),
            Self::UserToUser => f.write_str("a Kerberos user-to-user token"),
            Self::IaKerb => f.write_str("an IAKERB token"),
            Self::ApReq => f.write_str("an AP-REQ without a GSS-API frame"),
            Self::KrbError { code: Some(code) } => write!(f, "a KRB-ERROR with the code {code}"),
            Self::KrbError { code: None } => f.write_str("a KRB-ERROR"),
            Self::Ntlm { message_type: Some(number) } => write!(f, "an NTLM message of type {number}"),
            Self::Ntlm { message_type: None } => f.write_str("NTLM"),
            Self::NegoEx => f.write_str("NegoEx"),
            Self::Unknown { first_octet, octets } => {
                write!(f, "{octets} octets of an unknown kind that begin with {first_octet:#04x}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntlm_is_named_from_its_signature_alone() {
        let message = b"NTLMSSP\0\x03\0\0\0rest that nobody reads";
        for cut in 0..=16 {
            let expected = match cut {
                0 => TokenKind::Empty,
                1..=7 => TokenKind::Unknown { first_octet: b'N', octets: cut },
                8..=11 => TokenKind::Ntlm { message_type: None },
                _ => TokenKind::Ntlm { message_type: Some(3) },
            };
            assert_eq!(TokenKind::classify(&message[..cut]), expected, "{cut}");
        }
    }

    #[test]
    fn a_frame_is_named_by_its_oid_whatever_its_length_says() {
        let spnego = [0x60, 0x0a, 0x06, 0x06, 0x2b, 6, 1, 5, 5, 2, 0xa0, 0x00];
        assert_eq!(TokenKind::classify(&spnego), TokenKind::Spnego);
        assert_eq!(TokenKind::classify(&spnego[..10]), TokenKind::Spnego);
        assert_eq!(TokenKind::classify(&spnego[..9]), TokenKind::Unknown { first_octet: 0x60, octets: 9 });
        assert_eq!(TokenKind::classify(&[0x60, 0x84, 1]), TokenKind::Unknown { first_octet: 0x60, octets: 3 });
    }

    #[test]
    fn every_single_octet_has_a_name() {
        for octet in 0..=255_u8 {
            assert_ne!(TokenKind::classify(&[octet]), TokenKind::Empty);
        }
    }
}
