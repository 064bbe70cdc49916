//! `explain` and `accept` agree: the first step that a report refuses is the one for which the token is refused, whatever
//! the octets are; and a report reads like one.
#![cfg(feature = "testing")]
#![allow(dead_code, reason = "each file of support is used by several tests, in part")]

#[path = "explain/agreement.rs"]
mod agreement;
#[path = "explain/causes.rs"]
mod causes;
#[path = "explain/contents.rs"]
mod contents;
#[path = "support/explained.rs"]
mod explained;
#[path = "support/held.rs"]
mod held;
#[path = "explain/keys.rs"]
mod keys;
#[path = "support/corpus.rs"]
mod published;
#[path = "support/refusals.rs"]
mod refusals;
#[path = "support/search.rs"]
mod search;
#[path = "explain/secrets.rs"]
mod secrets;
#[path = "explain/text.rs"]
mod text;
#[path = "support/verdict.rs"]
mod verdict;
