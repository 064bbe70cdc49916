//! The HTTP scheme `Negotiate`: `Authorization` and `WWW-Authenticate`, and the same pair of a proxy (RFC 4559, RFC 9110 §11).
//!
//! Layer 6, over the acceptor, without any dependency on an HTTP library: header lines in, a token or a named state out; a
//! reply or an [`Error`](crate::Error) in, a status and a header line out.
//!
//! ```text
//! Authorization: Negotiate YIIF…   →  NegotiateHeader::read  →  Acceptor::accept  →  Answer  →  WWW-Authenticate: Negotiate oRQw…
//! ```
//!
//! ```
//! use kerbside::http::{Answer, NegotiateHeader, Party};
//! use kerbside::{Acceptor, Limits, Timestamp};
//!
//! # fn example(acceptor: &Acceptor, lines: &[&[u8]], now: Timestamp) -> Answer {
//! match NegotiateHeader::read(lines.iter().copied(), &Limits::default()) {
//!     Ok(header) => match header.token() {
//!         Some(token) => match acceptor.accept(token, now) {
//!             Ok(accepted) => Answer::accepted(Party::Origin, accepted.reply()),
//!             Err(error) => Answer::refused(Party::Origin, &error),
//!         },
//!         None => Answer::challenge(Party::Origin),
//!     },
//!     Err(error) => Answer::unreadable(Party::Origin, &error),
//! }
//! # }
//! ```
//!
//! It refuses what is not of the form of RFC 9110 §11.4, what is not base64, what is longer than
//! [`Limits::header_octets`](crate::Limits::header_octets), and two tokens in one request: each is a [`HeaderError`] of its own.
//! It costs one allocation for the token and one for the answer.
//!
//! # Which status
//!
//! The answer to a request, by what was wrong with it. 401 has a challenge with it, as RFC 9110 §15.5.2 demands; the others
//! have none, for another token would not help. A [proxy](Party::Proxy) says 407 where a server says 401.
//!
//! | What | Status | Challenge |
//! |---|---|---|
//! | no credentials, those of another scheme, `Negotiate` without a token | 401 | `Negotiate` |
//! | NTLM, or anything else that is not Kerberos (class `NotKerberos`) | 401 | `Negotiate`, and the reject of SPNEGO if there is one |
//! | the header is not of its form, is not base64, or has two tokens | 400 | |
//! | the header or the token is longer than the limit (`Token.TooLarge`) | 431 | |
//! | the token cannot be decoded (`Token.Malformed`, `Token.TokenId`) | 400 | |
//! | any other refusal of class `Malformed`: it may be an old ticket or a wrong key | 401 | with the reply, if there is one |
//! | class `Configuration`: the ticket cannot be opened here | 401 | with the reply |
//! | class `Time`: the reply tells the client the server's time | 401 | with the reply |
//! | class `Policy`, of the client itself: `ClientRealmNotAllowed`, `Transited` | 403 | |
//! | class `Policy`, of this token: `ChannelBinding`, `Address`, `CriticalAuthorizationData` | 401 | with the reply |
//! | class `Replay`: a new authenticator will do | 401 | with the reply |
//! | class `Environment`, `Setup`, and `Negotiation.ReplayPending`: this side's fault | 503 | |
//! | `Negotiation.MoreNeeded` | 401 | with the reply |
//!
//! Whether an authenticated client may do what it asks for is another question, and its "no" is the caller's 403.
//!
//! # Long headers
//!
//! The ticket of a user in many groups is long: 300 groups and delegation make a header of 10 KB, and Microsoft's `MaxTokenSize`
//! of 48,000 octets one of 64,000. Whatever stands before the acceptor has a limit of its own, and most are lower. They answer
//! 400, 413, 431 or 502, before this crate sees the request: [the doctor](crate::explain::doctor#tickets-and-the-size-of-headers)
//! lists their settings. The other way is a shorter ticket: fewer groups, groups of the own domain, and an account that is not
//! asked to delegate.
//!
//! # Questions that the standards leave open
//!
//! *Q1: `Authorization` holds the credentials of one scheme (RFC 9110 §11.6.2). What if there are several, in one line or in
//! two?* A: proxies join lines, so they are read as a list. One `Negotiate` among them is taken. Two are refused, equal or not:
//! another reader of the same request may have believed the other one.
//!
//! *Q2: what stands between scheme and token?* A: RFC 9110 §11.4 says one or more spaces, and so do we. A tab there is refused;
//! around commas RFC 9110 §5.6.3 allows it.
//!
//! *Q3: which base64?* A: that of RFC 4648 §4, with its padding or without it, for clients send both. The alphabet that is
//! made for addresses, RFC 4648 §5, is refused under a name of its own; so are bits that belong to no octet.
//!
//! *Q4: RFC 4559 does not say where a proxy puts the last token.* A: in `Proxy-Authenticate`, beside the status of the success,
//! as §5 puts it in `WWW-Authenticate`.
//!
//! Links: [RFC 4559](https://www.rfc-editor.org/rfc/rfc4559), [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110).

mod answer;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod error;
pub mod gate;
mod grammar;
mod header;
mod party;
#[cfg(feature = "rustls")]
#[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
pub mod rustls;
mod status;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower;

pub use answer::Answer;
pub use error::HeaderError;
pub use grammar::{AuthItem, AuthItems};
pub use header::{NegotiateHeader, NtlmPlace};
pub use party::Party;
pub use status::RefusalStatus;
