//! What a header says of Negotiate: one state for everything that can stand there.

use super::HeaderError;
use super::grammar::{AuthItem, AuthItems, is_parameter};
use crate::gss::TokenKind;
use crate::limits::Limits;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use core::fmt;

/// With padding or without it; bits that belong to no octet must be zero.
const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// RFC 4648 §4. Written with padding, as everybody does.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);

/// RFC 4648 §5, to name it.
const URL_SAFE_BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// How much of the name of another scheme is kept: none that is registered is longer.
const SCHEME_OCTETS: usize = 32;

/// What the credentials of a request, or the challenges of a response, say of Negotiate.
///
/// A token is named by its first octets and not judged: that is the acceptor's matter, and NTLM inside of SPNEGO is
/// found there.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NegotiateHeader {
    /// There is no such field, or an empty one.
    Absent,
    /// There are other schemes only.
    OtherScheme {
        /// The first one, as it was sent; at most 32 characters of it.
        scheme: String,
    },
    /// `Negotiate` without a token: a challenge, or a client that waits for the server to speak first.
    Empty,
    /// NTLM.
    Ntlm {
        /// Where it stands.
        place: NtlmPlace,
        /// The message type, 1 to 3, if it can be read.
        message_type: Option<u32>,
    },
    /// A Kerberos token without SPNEGO.
    Krb5(Vec<u8>),
    /// The first token of SPNEGO.
    Spnego(Vec<u8>),
    /// A later token of SPNEGO, which belongs to a negotiation that is under way.
    SpnegoContinuation(Vec<u8>),
    /// A token of another kind.
    Other {
        /// What it is.
        kind: TokenKind,
        /// Its octets.
        token: Vec<u8>,
    },
}

/// Where a message of NTLM stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NtlmPlace {
    /// Under the scheme `Negotiate`: the client has no ticket, and falls back.
    Negotiate,
    /// Under the scheme `NTLM`, which nobody here has offered.
    OwnScheme,
}

impl NegotiateHeader {
    /// Reads all lines of the field: `Authorization` or `WWW-Authenticate`, or the proxy's.
    ///
    /// # Errors
    /// [`HeaderError`]: each form that is not one, by its name.
    pub fn read<'h>(lines: impl IntoIterator<Item = &'h [u8]>, limits: &Limits) -> Result<Self, HeaderError> {
        let (mut negotiate, mut other, mut count) = (None, None, 0_usize);
        for item in lines.into_iter().flat_map(AuthItems::new) {
            let item = item?;
            if item.is("Negotiate") {
                count = count.saturating_add(1);
                negotiate = Some(item);
            } else if other.is_none() {
                other = Some(item);
            }
        }
        match (negotiate, other) {
            _ if count > 1 => Err(HeaderError::SeveralNegotiate { count }),
            (Some(item), _) => Self::negotiate(item.parameters(), limits),
            (None, Some(item)) => Ok(Self::other_scheme(&item, limits)),
            (None, None) => Ok(Self::Absent),
        }
    }

    fn negotiate(text: &[u8], limits: &Limits) -> Result<Self, HeaderError> {
        let octets = text.len();
        if octets == 0 {
            return Ok(Self::Empty);
        }
        if octets > limits.header_octets {
            return Err(HeaderError::TooLarge { octets, limit: limits.header_octets });
        }
        Ok(Self::of_token(decode(text)?))
    }

    fn of_token(token: Vec<u8>) -> Self {
        match TokenKind::classify(&token) {
            TokenKind::Krb5 | TokenKind::MicrosoftKrb5 | TokenKind::UserToUser => Self::Krb5(token),
            TokenKind::Spnego => Self::Spnego(token),
            TokenKind::SpnegoContinuation => Self::SpnegoContinuation(token),
            TokenKind::Ntlm { message_type } => Self::Ntlm { place: NtlmPlace::Negotiate, message_type },
            kind => Self::Other { kind, token },
        }
    }

    fn other_scheme(item: &AuthItem<'_>, limits: &Limits) -> Self {
        if item.is("NTLM") {
            let text = Some(item.parameters()).filter(|text| text.len() <= limits.header_octets);
            let kind = text.and_then(|text| decode(text).ok()).map(|token| TokenKind::classify(&token));
            let message_type = match kind {
                Some(TokenKind::Ntlm { message_type }) => message_type,
                _ => None,
            };
            return Self::Ntlm { place: NtlmPlace::OwnScheme, message_type };
        }
        Self::OtherScheme { scheme: item.scheme().chars().take(SCHEME_OCTETS).collect() }
    }

    /// The token for the acceptor, if there is one. That of NTLM is not kept.
    #[must_use]
    pub fn token(&self) -> Option<&[u8]> {
        match self {
            Self::Krb5(token) | Self::Spnego(token) | Self::SpnegoContinuation(token) | Self::Other { token, .. } => {
                Some(token)
            }
            Self::Absent | Self::OtherScheme { .. } | Self::Empty | Self::Ntlm { .. } => None,
        }
    }

    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Absent => "Header.Absent",
            Self::OtherScheme { .. } => "Header.OtherScheme",
            Self::Empty => "Header.Empty",
            Self::Ntlm { .. } => "Header.Ntlm",
            Self::Krb5(_) => "Header.Krb5",
            Self::Spnego(_) => "Header.Spnego",
            Self::SpnegoContinuation(_) => "Header.SpnegoContinuation",
            Self::Other { .. } => "Header.Other",
        }
    }
}

fn decode(text: &[u8]) -> Result<Vec<u8>, HeaderError> {
    let octets = text.len();
    // Zeroed memory that is asked for as such is, with glibc, under a lock that threads share; other memory is not.
    let mut token = Vec::with_capacity(base64::decoded_len_estimate(octets));
    let decoded = BASE64.decode_vec(text, &mut token);
    decoded.map(|()| token).map_err(|_| {
        if URL_SAFE_BASE64.decode(text).is_ok() {
            HeaderError::UrlSafeBase64 { octets }
        } else if is_parameter(text) && !is_token68(text) {
            HeaderError::Parameters
        } else {
            HeaderError::BadBase64 { octets }
        }
    })
}

/// Octets without `=`, and then nothing but `=`: no parameter, however wrong it is as base64.
fn is_token68(text: &[u8]) -> bool {
    let mut text = text;
    while let [rest @ .., b'='] = text {
        text = rest;
    }
    !text.contains(&b'=')
}

/// Without tokens: what they prove can be presented for as long as the skew lasts.
impl fmt::Debug for NegotiateHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherScheme { scheme } => write!(f, "OtherScheme({scheme})"),
            Self::Ntlm { place, message_type } => write!(f, "Ntlm({place:?}, {message_type:?})"),
            Self::Other { kind, token } => write!(f, "Other({kind:?}, {} octets)", token.len()),
            Self::Krb5(token) | Self::Spnego(token) | Self::SpnegoContinuation(token) => {
                write!(f, "{}({} octets)", self.name(), token.len())
            }
            Self::Absent | Self::Empty => f.write_str(self.name()),
        }
    }
}
