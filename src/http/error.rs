//! Why a header field cannot be read.

/// Why an `Authorization` or `WWW-Authenticate` field holds no token that can be read.
///
/// Nothing of the field's text is in the message, for it may be somebody's password under another scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// It is not of the form of RFC 9110 §11.4: a scheme, one or more spaces, a token or parameters.
    #[error("the field is not of the form of credentials from its octet {offset} on")]
    Grammar {
        /// Where, counted from the beginning of the line.
        offset: usize,
    },
    /// `Negotiate` has parameters, and RFC 4559 §4 gives it a token.
    #[error("Negotiate has parameters where a base64 token is wanted")]
    Parameters,
    /// The token is not base64 (RFC 4648 §4).
    #[error("the token of {octets} octets is not base64")]
    BadBase64 {
        /// How long the text is.
        octets: usize,
    },
    /// The token is base64 in the alphabet for addresses, with `-` and `_` (RFC 4648 §5).
    #[error("the token of {octets} octets is base64 in the alphabet for URLs")]
    UrlSafeBase64 {
        /// How long the text is.
        octets: usize,
    },
    /// The token's text is longer than [`Limits::header_octets`](crate::Limits::header_octets).
    #[error("the token's text has {octets} octets, and the limit is {limit}")]
    TooLarge {
        /// How long the text is.
        octets: usize,
        /// The limit.
        limit: usize,
    },
    /// There are several tokens of Negotiate.
    #[error("the request has {count} credentials of Negotiate, and one is wanted")]
    SeveralNegotiate {
        /// How many.
        count: usize,
    },
}

impl HeaderError {
    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Grammar { .. } => "Header.Grammar",
            Self::Parameters => "Header.Parameters",
            Self::BadBase64 { .. } => "Header.BadBase64",
            Self::UrlSafeBase64 { .. } => "Header.UrlSafeBase64",
            Self::TooLarge { .. } => "Header.TooLarge",
            Self::SeveralNegotiate { .. } => "Header.SeveralNegotiate",
        }
    }

    /// What the operator can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Grammar { .. } | Self::Parameters => {
                "the client writes the header in a way of its own; find out which one it is, and whether a proxy rewrites it"
            }
            Self::BadBase64 { .. } => {
                "see whether a proxy or a limit on the way cuts long headers; if not, the client's encoder is at fault"
            }
            Self::UrlSafeBase64 { .. } => {
                "let the client encode the token with the alphabet of RFC 4648 §4, with `+` and `/`"
            }
            Self::TooLarge { .. } => {
                "the user is in many groups: take the user out of some, or raise `Limits::header_octets` and \
                 `Limits::token_octets` here and the limits of every server and proxy on the way (nginx: \
                 `large_client_header_buffers`, Apache: `LimitRequestFieldSize`, HAProxy: `tune.bufsize`)"
            }
            Self::SeveralNegotiate { .. } => {
                "see whether a proxy adds credentials of its own; it should replace the client's header"
            }
        }
    }
}
