//! Seen before? The question that is asked last, and the stores that answer it.
//!
//! **What it is.** An eavesdropper who records an AP-REQ can send it again: everything in it is genuine. [RFC 4120]
//! §3.2.3 therefore says "The server MUST utilize a replay cache to remember any authenticator presented within the
//! allowable clock skew". [`ReplayStore`] is that memory, as one atomic operation; `MemoryReplayStore` keeps it in the
//! process and is what an acceptor uses unless it is given another.
//!
//! **Where it sits.** After every other check (steps of the acceptance order). Nothing that is refused for
//! another reason enters a store, so only the holders of valid tickets can fill one.
//!
//! **What it refuses.** A key that is already there is a replay, with the time of its first use. A store that cannot
//! answer, because it is full or broken, is a refusal too: an answer that nobody gave is never taken for "fresh".
//!
//! **What it costs.** One SHA-256 over the authenticator's ciphertext, some hundred octets, and one call of the store.
//! For the memory store that is one lock, which the other threads rarely want, and one table look-up.
//!
//! # What a store protects, and what it does not
//!
//! | Event | In-memory store | Shared store |
//! |---|---|---|
//! | the same token twice, any thread or connection of this acceptor | refused | refused |
//! | the same token at another process or host with the same key | **accepted**: separate stores do not know each other (R-10) | refused |
//! | the same token after a restart | **accepted** within the skew, unless the acceptor's restart policy refuses what is older than its start (R-9) | refused |
//! | more logins than the bound | new ones refused with [`ReplayStoreError::Full`] | as it is built |
//! | the clock steps back | refused: what is alive stays | the same, if expiry compares with the caller's `now` |
//! | the clock steps ahead and back again | **accepted**: to that clock the authenticators were long dead | the same |
//!
//! RFC 4120 §3.2.3 asks servers that share a service principal to share the replay cache, or to speak a protocol that
//! does not need one. Channel bindings to a TLS connection are such a protocol; several processes behind one address
//! without them need a shared store: implement [`ReplayStore`] over a database whose insert-if-absent is atomic.
//!
//! # Questions that the standard leaves open
//!
//! *Q1: what is remembered? RFC 4120 §3.2.3 asks for "at least the server name, along with the client name, time, and
//! microsecond fields".* A: a hash of the whole authenticator as it was encrypted ([`ReplayKey`]). Two logins of one
//! client in one microsecond differ in it, because a confounder is random; the cleartext of the ticket, which anyone on
//! the way can rewrite, is not part of it.
//!
//! *Q2: for how long? RFC 4120 §3.2.3 says "within the allowable clock skew".* A: [`keep_until`], which counts from the
//! later of arrival and the client's time.
//!
//! [RFC 4120]: https://www.rfc-editor.org/rfc/rfc4120

mod key;
#[cfg(feature = "std")]
mod memory;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub mod redis;
#[cfg(feature = "std")]
mod shard;
mod store;

pub use key::{ReplayKey, keep_until};
#[cfg(feature = "std")]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
pub use memory::MemoryReplayStore;
pub use store::{ReplayStore, ReplayStoreError, Seen};
