//! Why Redis gave no answer, and what to do about it.

use alloc::string::{String, ToString};
use core::fmt;
use core::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::replay::ReplayStoreError;

/// Why a Redis server gave no answer. The login is refused, unless a [`RedisFailurePolicy`](super::RedisFailurePolicy) says
/// otherwise.
///
/// `Display` says what happened and, after a semicolon, what to do: [`hint`](Self::hint). It names neither URL nor password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// The URL says nothing that could be connected to, or asks for TLS, which the `redis` crate was built without.
    Url {
        /// What is wrong with it.
        cause: String,
    },
    /// Nobody listens there, the name has no address, or the server closed the connection before it was asked anything.
    Unreachable {
        /// What the operating system said.
        cause: String,
    },
    /// There was no connection that is ready to be asked within that time.
    ConnectTimedOut {
        /// The bound.
        limit: Duration,
    },
    /// All connections were in use for that long.
    Busy {
        /// How many there are.
        connections: usize,
        /// How long was waited.
        limit: Duration,
    },
    /// The question was sent, and no answer came within that time. The server may have remembered the authenticator.
    AnswerTimedOut {
        /// The bound.
        limit: Duration,
    },
    /// The connection was lost after the question was sent. The server may have remembered the authenticator.
    Lost {
        /// What the operating system said.
        cause: String,
    },
    /// The server refused the user, the password, or what the user may do.
    Denied {
        /// What the server said.
        answer: String,
    },
    /// The server is at its `maxmemory` and, rightly, evicts nothing.
    OutOfMemory {
        /// What the server said.
        answer: String,
    },
    /// The server is older than Redis 7.0 and does not take `NX` and `GET` in one command.
    TooOld {
        /// Its version, if it gave one.
        version: Option<String>,
    },
    /// The server may evict entries before their time (step R-5).
    Evicts {
        /// Its `maxmemory-policy`, if it told.
        policy: Option<String>,
    },
    /// The server is a replica and takes no writes.
    ReadOnly,
    /// The server answered with another error.
    Answered {
        /// What the server said.
        answer: String,
    },
    /// The answer is none to this question: something else wrote the key, or what answers is no Redis.
    NotUnderstood,
}

impl RedisStoreError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Url { .. } => {
                "write redis://host:port/db or redis+unix:///path; for rediss:// build the redis crate with tls-rustls"
            }
            Self::Unreachable { .. } => "see that the server runs, listens at that address, and is not firewalled",
            Self::ConnectTimedOut { .. } => "see whether the server hangs or packets are dropped on the way",
            Self::Busy { .. } => "allow more connections, or find out why the server answers slowly",
            Self::AnswerTimedOut { .. } => {
                "see whether the server hangs (SLOWLOG, fork, swap); the client needs a new token, as this one may be remembered"
            }
            Self::Lost { .. } => {
                "see why the server closed the connection; the client needs a new token, as this one may be remembered"
            }
            Self::Denied { .. } => {
                "correct user and password in the URL; the user needs +set and +info on the prefix's keys"
            }
            Self::OutOfMemory { .. } => {
                "raise maxmemory; if logins are not that many, somebody floods the acceptor with valid tokens"
            }
            Self::TooOld { .. } => "use Redis 7.0 or later, or Valkey",
            Self::Evicts { .. } => "set maxmemory-policy to noeviction, on a server that is no cache for others",
            Self::ReadOnly => "connect to the primary; after a failover, to the new one",
            Self::Answered { .. } => "act on what the server said; a cluster is not supported",
            Self::NotUnderstood => "give the store a prefix of its own, and connect to Redis or Valkey without a proxy",
        }
    }

    /// Whether the server may have remembered the authenticator although no answer came.
    ///
    /// Asking again would then find the first question's own entry, and call a genuine login a replay. So nothing is asked
    /// again, and the client has to come with a new authenticator, as it does when it logs in anew.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::AnswerTimedOut { .. } | Self::Lost { .. })
    }

    /// Whether the connection is good for another question: the server gave an answer, if only an error.
    pub(super) fn leaves_the_connection(&self) -> bool {
        match self {
            Self::OutOfMemory { .. } | Self::TooOld { .. } | Self::Answered { .. } => true,
            Self::Url { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimedOut { .. }
            | Self::Busy { .. }
            | Self::AnswerTimedOut { .. }
            | Self::Lost { .. }
            | Self::Denied { .. }
            | Self::Evicts { .. }
            | Self::ReadOnly
            | Self::NotUnderstood => false,
        }
    }

    /// A failure before the question was sent.
    pub(super) fn connecting(error: &RedisError, limit: Duration) -> Self {
        match error.kind() {
            ErrorKind::InvalidClientConfig => Self::url(error),
            _ if error.is_timeout() => Self::ConnectTimedOut { limit },
            _ => Self::answered(error).unwrap_or_else(|| Self::Unreachable { cause: error.to_string() }),
        }
    }

    /// A failure after the question was sent.
    pub(super) fn asking(error: &RedisError, limit: Duration) -> Self {
        match error.kind() {
            _ if error.is_timeout() => Self::AnswerTimedOut { limit },
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::NotUnderstood,
            _ => Self::answered(error).unwrap_or_else(|| Self::Lost { cause: error.to_string() }),
        }
    }

    pub(super) fn url(error: &RedisError) -> Self {
        Self::Url { cause: error.to_string() }
    }

    /// What an error means that the server gave as its answer. `None` if it gave none.
    fn answered(error: &RedisError) -> Option<Self> {
        let answer = error.to_string();
        match error.kind() {
            ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm) => {
                Some(Self::Denied { answer })
            }
            ErrorKind::Server(ServerErrorKind::ReadOnly) => Some(Self::ReadOnly),
            ErrorKind::Server(ServerErrorKind::ResponseError) if error.detail() == Some("syntax error") => {
                Some(Self::TooOld { version: None })
            }
            ErrorKind::Server(_) => Some(Self::Answered { answer }),
            ErrorKind::Extension => Some(match error.code() {
                Some("OOM") => Self::OutOfMemory { answer },
                Some("NOAUTH" | "WRONGPASS") => Self::Denied { answer },
                _ => Self::Answered { answer },
            }),
            _ => None,
        }
    }

    fn fmt_what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { cause } => write!(f, "the URL of the Redis server cannot be used: {cause}"),
            Self::Unreachable { cause } => write!(f, "the Redis server cannot be reached: {cause}"),
            Self::ConnectTimedOut { limit } => {
                write!(f, "no connection to the Redis server was ready within {} ms", limit.as_millis())
            }
            Self::Busy { connections, limit } => {
                write!(f, "all {connections} connections to the Redis server were in use for {} ms", limit.as_millis())
            }
            Self::AnswerTimedOut { limit } => {
                write!(f, "the Redis server did not answer within {} ms", limit.as_millis())
            }
            Self::Lost { cause } => {
                write!(f, "the connection to the Redis server was lost before its answer came: {cause}")
            }
            Self::Denied { answer } => write!(f, "the Redis server denied access: {answer}"),
            Self::OutOfMemory { answer } => write!(f, "the Redis server has no memory left for a new entry: {answer}"),
            Self::TooOld { version: Some(version) } => {
                write!(f, "the Redis server has version {version}, which is older than 7.0")
            }
            Self::TooOld { version: None } => f.write_str("the Redis server does not know SET with both NX and GET"),
            Self::Evicts { policy: Some(policy) } => {
                write!(f, "the Redis server has the maxmemory-policy {policy}, under which it forgets entries early")
            }
            Self::Evicts { policy: None } => {
                f.write_str("the Redis server does not say its maxmemory-policy, so it may forget entries early")
            }
            Self::ReadOnly => f.write_str("the Redis server is a replica and takes no entries"),
            Self::Answered { answer } => write!(f, "the Redis server answered with an error: {answer}"),
            Self::NotUnderstood => f.write_str("the Redis server gave an answer that fits no question of this store"),
        }
    }
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_what(f)?;
        write!(f, "; {}", self.hint())
    }
}

impl core::error::Error for RedisStoreError {}

impl From<RedisStoreError> for ReplayStoreError {
    fn from(error: RedisStoreError) -> Self {
        Self::failed(error)
    }
}
