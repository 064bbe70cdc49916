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
//! | Event | In-memory store | Redis or Valkey (feature `redis`) | The same, with `AskLocal` |
//! |---|---|---|---|
//! | the same token twice, any thread or connection of this acceptor | refused | refused | refused |
//! | the same token at another process or host with the same key | **accepted**: separate stores do not know each other (R-10) | refused | refused while the server answers, **accepted** while it is away |
//! | the same token after a restart of this process | **accepted** within the skew, unless the acceptor's restart policy refuses what is older than its start (R-9) | refused | refused while the server answers |
//! | the same token after a restart or a crash of the store | is a restart of this process | refused if it persists what it answered, **accepted** if not: see its settings in the module `redis` | refused at the process that accepted it |
//! | the same token after a failover to a replica | – | **may be accepted**: replication is asynchronous | refused at the process that accepted it |
//! | the store is out of reach, or hangs | cannot be | every login refused, in bounded time, with the cause | answered out of memory, and counted |
//! | more logins than the bound | new ones refused with [`ReplayStoreError::Full`] | refused at `maxmemory`; a server that would evict instead is not asked | answered out of memory, up to its own bound |
//! | the clock steps back | refused: what is alive stays | refused: the server counts durations | refused |
//! | the clock steps ahead and back again | **accepted**: to that clock the authenticators were long dead | refused, as far as it was an acceptor's clock | as its memory does |
//! | clocks of two hosts differ by more than the skew | – | **may be accepted** | **may be accepted** |
//!
//! RFC 4120 §3.2.3 asks servers that share a service principal to share the replay cache, or to speak a protocol that
//! does not need one. Channel bindings to a TLS connection are such a protocol; several processes behind one address
//! without them need a shared store: that of the feature `redis`, or [`ReplayStore`] over a database whose insert-if-absent is
//! atomic. A store that has to be awaited is asked through the acceptor's pending step.
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
//! *Q3: is there a store in a file, for several processes of one machine? RFC 4120 §3.2.3 leaves open how servers share.* A: no,
//! and a Redis server on a Unix socket is what to use instead: no port is open, file permissions say who may ask, and an answer takes
//! some 20 µs. A file would need a library that makes several *writing* processes right, and a crash in the middle too. Looked
//! at in November 2026: fjall 3 and sled lock a database for one process, and sled 1.0 is an alpha. redb did so too until 4.5
//! of that month, whose `MultiWriter` mode lets one process write at a time; its locks are weeks old, do not notice the experimental
//! ones of 4.3 and 4.4, and it needs a later Rust than this crate. LMDB (heed) and SQLite (rusqlite) have done it right for many
//! years, but are C, and this crate builds without a C compiler. All of them let writers wait for each other, and either sync
//! the disk for each login or forget logins in a crash of the machine. Whoever has SQLite anyway can implement [`ReplayStore`] with
//! `INSERT … ON CONFLICT DO NOTHING` in one transaction.
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
