//! The published corpus, judged: what an acceptor can say of a record must agree with the facts that are written there.
//!
//! `accounts` says for every record who judges it. Where the acceptor and a record differ on purpose, the record stands in
//! `tests/vectors/corpus/exceptions.toml` with the reason.
#![cfg(feature = "testing")]

#[path = "corpus/accounts.rs"]
mod accounts;
#[path = "support/ccache.rs"]
mod ccache;
#[path = "corpus/exceptions.rs"]
mod exceptions;
#[path = "support/explained.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod explained;
#[path = "corpus/facts.rs"]
mod facts;
#[path = "corpus/keys.rs"]
mod keys;
#[path = "corpus/logins.rs"]
mod logins;
#[path = "corpus/others.rs"]
mod others;
#[path = "support/corpus.rs"]
mod published;
#[path = "corpus/refusals.rs"]
mod refusals;
#[path = "corpus/tickets.rs"]
mod tickets;
#[path = "corpus/truncations.rs"]
mod truncations;
