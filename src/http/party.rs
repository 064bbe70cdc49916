//! Who asks for credentials: a server, or a proxy on the way to it.

/// Who asks for credentials. Each has its own pair of header fields and its own status (RFC 9110 §11.6 and §11.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "RFC 9110 knows these two")]
pub enum Party {
    /// The server that the request is for: `Authorization`, `WWW-Authenticate`, 401.
    #[default]
    Origin,
    /// A proxy: `Proxy-Authorization`, `Proxy-Authenticate`, 407.
    Proxy,
}

impl Party {
    /// The field with the client's credentials, in lower case.
    #[must_use]
    pub const fn request_field(self) -> &'static str {
        match self {
            Self::Origin => "authorization",
            Self::Proxy => "proxy-authorization",
        }
    }

    /// The field with the challenge, and with the last token of a success, in lower case.
    #[must_use]
    pub const fn response_field(self) -> &'static str {
        match self {
            Self::Origin => "www-authenticate",
            Self::Proxy => "proxy-authenticate",
        }
    }

    /// The status of a response that asks for credentials.
    #[must_use]
    pub const fn challenge_status(self) -> u16 {
        match self {
            Self::Origin => 401,
            Self::Proxy => 407,
        }
    }
}
