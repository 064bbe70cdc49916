//! Events: what was accepted and refused, for the operator's log. With the feature `tracing`; without it nothing is told.
//!
//! Each token leads to one event of the target [`TARGET`]: one line for a refusal, one for an acceptance. Whoever wants to see
//! everything takes the level `TRACE` as well: each leg with its tolerances, the key that opened the ticket, and the question to
//! the replay store, under targets of their own below that one.
//!
//! ```text
//! RUST_LOG=kerbside=info                                 one line for each refusal
//! RUST_LOG=kerbside=warn                                 those alone that somebody must act on
//! RUST_LOG=kerbside::accept=debug                        and one for each acceptance
//! RUST_LOG=kerbside=trace                                everything
//! RUST_LOG=kerbside=info,kerbside::accept::replay=trace  refusals, and each question to the replay store
//! ```
//!
//! A refusal, as `tracing-subscriber` writes it, here broken into lines:
//!
//! ```text
//! 2026-03-01T10:05:01Z  WARN kerbside::accept: token refused kind="NoKey.Kvno" class="configuration" krb_error_code=44
//!   gss_major=851968 mechanism=spnego accepts=HTTP/*@* connection=intranet token_octets=579 token_sha256=75385dbc
//!   error=the ticket is for HTTP/web.example.com@EXAMPLE.COM kvno 3, and the keytab has kvno 2: the keytab is likely out of
//!   date; 1 key of another version was tried and does not open it
//!   hint=the account's password was changed or ktpass ran again: make the keytab again and deploy it
//! ```
//!
//! # Levels
//!
//! A refusal's level follows from its [class](crate::ErrorClass), and so from who must act:
//!
//! | Level | Class | Why |
//! |---|---|---|
//! | `ERROR` | `Environment` | the acceptor's own side failed: nobody can log in |
//! | `WARN` | `Configuration`, `Policy`, `Replay` | the operator must act: keys and names, a policy that refuses a real user or a relayed token, a token used twice |
//! | `INFO` | `NotKerberos`, `Malformed`, `Time` | nobody must act at once: anybody can send such a token, clients fall back and fetch new tickets |
//! | `DEBUG` | `Continue`, and acceptances | nothing was refused |
//! | `TRACE` | | each leg, key and replay question |
//!
//! Whoever can reach the server can cause events up to `WARN`: how many lines a log takes is for the subscriber to bound.
//!
//! # Fields
//!
//! Names and targets are stable; a field that is not known is left out.
//!
//! | Target | Field | What it is |
//! |---|---|---|
//! | all | `token_octets`, `token_sha256` | the token of this leg: its length, and the first 8 hexadecimal digits of its SHA-256 hash |
//! | all | `connection` | [`Connection::label`](crate::Connection::label): the virtual host, for example |
//! | [`TARGET`] | `kind`, `class`, `krb_error_code`, `gss_major` | of a refusal, as [`Error`](crate::Error) has them |
//! | | `error`, `hint` | of a refusal: what is wrong, and what to do about it |
//! | | `accepts` | of a refusal: the services that this acceptor accepts |
//! | | `mechanism` | `spnego` or `krb5` |
//! | | `client` | who it is: of an acceptance, and of a refusal that came when all else was proven (a replay) |
//! | | `service`, `enctype`, `kvno`, `key_match` | the key that opened the ticket, where there is a client |
//! | | `channel_bound` | of an acceptance |
//! | | `tolerances` | of an acceptance: what a stricter policy would have refused |
//! | [`TARGET_LEG`] | `leg`, `outcome`, `reply_octets`, `tolerances` | each token: which it was, and what came of it |
//! | [`TARGET_KEY`] | `client`, `service`, `enctype`, `kvno`, `key_match` | the key that opened the ticket |
//! | [`TARGET_REPLAY`] | `replay_key`, `keep_until`, `answer` | the question to the replay store: the first 8 digits of the key, and `passed`, `pending`, or the refusal's kind |
//!
//! No event holds octets of a token or a key. Names that a peer sent are escaped. `client` is personal data: whoever must not keep
//! it takes the level `INFO`, where only replays have it.
//!
//! # What it costs
//!
//! Without the feature, nothing. With it and without a subscriber, a comparison for each event; hashes and texts are made for events
//! that somebody wants.

#[cfg(feature = "tracing")]
mod emit;
#[cfg(not(feature = "tracing"))]
mod silent;

#[cfg(feature = "tracing")]
pub(super) use emit::{Trail, is_heard, tell};
#[cfg(not(feature = "tracing"))]
pub(super) use silent::{Trail, is_heard, tell};

use super::error::Error;
use super::tolerance::Tolerance;
use super::{Accepted, Connection, Spn};

/// The target of acceptances and refusals, and the beginning of all others.
pub const TARGET: &str = "kerbside::accept";
/// The target of single legs.
pub const TARGET_LEG: &str = "kerbside::accept::leg";
/// The target of keys that opened a ticket.
pub const TARGET_KEY: &str = "kerbside::accept::key";
/// The target of questions to the replay store.
pub const TARGET_REPLAY: &str = "kerbside::accept::replay";

/// What stands in every event of one step.
#[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "without events nobody reads it"))]
pub(super) struct Scene<'a> {
    pub(super) spn: &'a Spn,
    pub(super) connection: &'a Connection,
    /// `None` where the step is an answer of the replay store.
    pub(super) token: Option<&'a [u8]>,
    pub(super) leg: u8,
    pub(super) tolerances: &'a [Tolerance],
}

/// What came of it.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "without events nobody reads it"))]
pub(super) enum Outcome<'a> {
    Accepted(&'a Accepted),
    /// So many octets were answered.
    Continue(usize),
    AsksReplayStore,
    Refused(&'a Error),
}
