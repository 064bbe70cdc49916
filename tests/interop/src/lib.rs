//! Live realms for the tests in `tests/`: their keytabs, their tickets, initiators, and clients over http with a site to visit.
//!
//! The tests hand what a real initiator sends to [`kerbside::Acceptor`], and what the acceptor answers back to the
//! initiator. `run.sh` makes the realms and says where they are; nothing here is meant to be run without it.
#![expect(clippy::disallowed_methods, reason = "a live test has a clock, an environment and processes")]

mod certificate;
mod clients;
pub mod context;
mod dialogue;
mod example;
mod initiator;
mod line;
pub mod negotiation;
mod page;
mod peer;
mod realm;
pub mod redis;
mod sasl;
mod scratch;
mod site;
pub mod suite;
pub mod tickets;
pub mod visits;

pub use certificate::Certificate;
pub use clients::{Client, Curl, Errand, Proof, Visit};
pub use dialogue::{Dialogue, Taken};
pub use example::Example;
pub use initiator::{Initiator, Leg, Mech, Parts, Request, Trailer};
pub use line::Refused;
pub use page::{FALLBACK, Page, whoami, whoami_or_form};
pub use peer::{Peer, keys_in_java};
pub use realm::{Realm, TicketCache};
pub use sasl::{LoginRefused, Qop, SaslClient, SaslRequest, ServerAuth};
pub use site::{Seen, Site};

use kerbside::Timestamp;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What `run.sh` says in this environment variable.
fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: start these tests with run.sh"))
}

/// A file that `install.sh` unpacked, or put beside what it unpacked.
pub fn unpacked(file: &str) -> PathBuf {
    Path::new(&variable("KERBSIDE_UNPACKED")).join(file)
}

/// The time by this machine's clock, which is the KDC's and the initiator's too.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    Timestamp::from_unix_micros(i64::try_from(since.as_micros()).expect("a time in this millennium"))
}

/// That time so many seconds later, or earlier.
pub fn shifted(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(time.unix_micros() + seconds * 1_000_000)
}

/// How far the clocks may differ, by default.
pub const SKEW: Duration = Duration::from_secs(300);
