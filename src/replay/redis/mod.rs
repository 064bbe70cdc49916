//! A store on a Redis or Valkey server, shared by all processes and machines with one key (feature `redis`).
//!
//! **What it is.** [`RedisReplayStore`] for threads, which implements [`ReplayStore`](super::ReplayStore), and, with the feature
//! `redis-tokio`, `TokioRedisReplayStore` for tasks, which goes with the acceptor's pending step. Both ask one command per accept:
//!
//! ```text
//! SET kerbside:replay:<64 hex digits> <now in µs> NX PX <keep_until − now in ms, rounded up> GET
//! ```
//!
//! The server runs one command at a time, so of all who come with one key exactly one is told that there was none (step
//! R-3); all others get the first one's time. `NX` together with `GET` needs Redis 7.0, or any Valkey.
//!
//! **Where it sits.** Where the acceptor asks last of all. The feature is the one part of the crate that opens sockets, and only to
//! the server of the URL.
//!
//! **What it refuses.** Every login about which the server gives no answer: [`RedisStoreError`] names the cause and the remedy, and
//! [`RedisFailurePolicy`] can say otherwise. A question is never asked twice: if the connection is lost after it was sent, the
//! server may have remembered it, and would call the second one a replay. The client has to come with a new token, the
//! next login opens a new connection.
//!
//! **What it costs.** One exchange with the server, which is some tens of microseconds on one machine and the network's round trip
//! elsewhere, and some 200 octets of the server's memory per entry, for 600 to 900 s with the usual skew. Each new connection asks
//! `INFO` once. [`RedisCounters`] says how long the answers took.
//!
//! # What the server's settings protect against
//!
//! | Setting | What it does for replay protection |
//! |---|---|
//! | `maxmemory-policy noeviction` | **Needed.** Under any other policy the server makes room by forgetting entries, and their tokens are accepted again. A server with another one is refused unless [`EvictionPolicy::Allow`]. It is read when a connection is opened: whoever changes it later should restart the acceptors |
//! | `maxmemory` | At the limit, all logins are refused with [`RedisStoreError::OutOfMemory`], until entries expire: Redis looks at its memory before it looks at the key. Everything else that lives on the server counts too |
//! | `appendonly yes`, `appendfsync always` | A restart or a crash of the machine forgets nothing that was answered. Each accept waits for the disk |
//! | `appendonly yes`, `appendfsync everysec` | A restart or a crash of the server forgets nothing, a crash of the machine up to two seconds |
//! | snapshots only (`save`), the default | An orderly stop forgets nothing. A crash forgets what came since the last snapshot: **those tokens are accepted once more** while they are within the skew |
//! | no persistence | Every restart forgets everything: **all tokens within the skew are accepted once more**, as by a memory store |
//! | replicas and failover (Sentinel, managed services) | Replication is asynchronous: the last entries before a failover can be lost, and an old primary that is cut off from the others goes on answering until it is found out. Those tokens can be accepted twice. `min-replicas-to-write 1` with `min-replicas-max-lag` bounds for how long, not whether |
//! | a cluster | Not supported: a node that is asked about another one's key answers `MOVED`, which is refused |
//! | password or ACL, TLS | Whoever can write to the server can forge answers by deleting entries, or refuse every login. `ACL SETUSER kerbside on >password ~kerbside:replay:* +set +info` is all that a store needs. Entries are hashes and times, and no secrets |
//! | a server of its own | `FLUSHALL`, memory and load of others are then nobody's accident. At least a database number and a prefix of its own |
//!
//! After a restart that may have forgotten entries, the acceptors do not know. Where that matters more than some refused logins,
//! keep the server away for one skew, or restart the acceptors too, with the
//! [restart policy](crate::RestartPolicy) that refuses what is older.
//!
//! # Clocks
//!
//! Only a duration is sent, so the server's clock need not show the acceptors' time. What matters:
//!
//! - Two acceptors whose clocks differ by no more than the skew protect each other: an entry lives for two skews from arrival
//!   or client time, whichever is later ([`keep_until`](super::keep_until)), and the one that is behind accepts for at most one skew
//!   longer than the one that is right. If they differ by more, a token can outlive its entry.
//! - If the server's own clock jumps ahead, entries die early by as much; one skew of that is covered likewise.
//! - If the server's clock jumps back, entries live longer. That costs memory only.
//!
//! # One machine
//!
//! Several processes of one machine use a server on a Unix socket, `redis+unix:///run/redis/redis.sock`: no port is open, file
//! permissions say who may ask, and it is faster than loopback. One thing it lacks: the operating system has no time limit for
//! connecting to one. If a server hangs (stopped, not ended) for so long that some five hundred connections wait to be taken,
//! at most [`connections`](RedisReplayStoreBuilder::connections) threads of the blocking form wait until it goes on or ends; all other
//! logins are refused in time. Likewise no limit bounds the look-up of a host's name: write an address, or have a resolver near.
//!
//! # TLS
//!
//! `rediss://` needs the `redis` crate with TLS, which this crate leaves to you, because it decides about a cryptographic library:
//! `redis = { version = "1", default-features = false, features = ["tls-rustls"] }` beside this crate in your `Cargo.toml`
//! (`tokio-rustls-comp` for the awaited form). Without it such a URL is [`RedisStoreError::Url`].

#[cfg(feature = "redis-tokio")]
mod awaited;
mod blocking;
mod counters;
mod error;
mod front;
mod pool;
mod question;
mod server;
mod settings;

#[cfg(feature = "redis-tokio")]
pub use awaited::TokioRedisReplayStore;
pub use blocking::RedisReplayStore;
pub use counters::RedisCounters;
pub use error::RedisStoreError;
pub use server::RedisServer;
pub use settings::{EvictionPolicy, RedisFailurePolicy, RedisReplayStoreBuilder};
