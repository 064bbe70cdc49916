//! The same tokens through MIT's `gss_accept_sec_context`, in the same run, pass beside pass.
//!
//! What MIT's side does, accept.c says: by default it looks for credentials at each token, and its keytab is a file. Its
//! replay cache is left out, which is kind to it; ours always asks its replay store. Beside that stand the same with the
//! replay cache, and with credentials that are kept.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod mit;
#[path = "../support/mod.rs"]
mod support;

use kerbside::crypto::supported_enctypes;
use kerbside::testing::Realm;
use kerbside::{Keytab, Timestamp};
use mit::{Credentials, KeytabKind, Mit, ReplayCache, Scratch};
use std::time::SystemTime;
use support::door::{Door, keytab_octets};
use support::logins::{Logins, TOKENS};
use support::pairs::Pairs;

/// The tokens of a pass where MIT looks through a long keytab for each.
const FEW_TOKENS: usize = 8;

fn main() {
    support::run(|_| {}, print_ratios);
}

fn print_ratios() {
    let scratch = match Scratch::new() {
        Ok(scratch) => scratch,
        Err(reason) => return println!("skipped: compare: {reason}"),
    };
    println!("peer {}", scratch.version());
    for row in supported_enctypes() {
        let compare = |remark: &str, mit| {
            let pairs = side_by_side(&scratch, &Logins::made_at(now(), row.enctype, TOKENS), 1, mit);
            pairs.print(&format!("{}{remark}", row.name()), "MIT/kerbside");
        };
        compare("", Mit::USUAL);
        compare("/replay-cache", Mit { replay_cache: ReplayCache::File, ..Mit::USUAL });
        compare("/credentials-kept", Mit { credentials: Credentials::Kept, ..Mit::USUAL });
    }
    print_keytabs(&scratch);
}

fn print_keytabs(scratch: &Scratch) {
    let compare = |subject: &str, tokens, entries, mit| {
        let pairs = side_by_side(scratch, &Logins::made_at(now(), Realm::ENCTYPE, tokens), entries, mit);
        pairs.print(subject, "MIT/kerbside");
    };
    let kept = Mit { credentials: Credentials::Kept, ..Mit::USUAL };
    compare("keytab-in-memory/credentials-kept", TOKENS, 1, Mit { keytab: KeytabKind::Memory, ..kept });
    compare("keytab-10000", FEW_TOKENS, 10_000, Mit::USUAL);
    compare("keytab-10000/credentials-kept", FEW_TOKENS, 10_000, kept);
}

/// With a keytab of so many entries.
fn side_by_side(scratch: &Scratch, logins: &Logins, entries: usize, mit: Mit) -> Pairs {
    let keytab = keytab_octets(&logins.realm, logins.enctype, entries);
    let door = Door::with_keytab(Keytab::from_bytes(&keytab).expect("a keytab"), logins);
    let mut peer = scratch.start(&logins.tokens, &keytab, mit);
    Pairs::measure(logins.tokens.len(), || peer.accept_all(), || door.accept_all(&logins.tokens))
}

/// MIT asks the system what time it is, so that is when the tokens are made.
fn now() -> Timestamp {
    SystemTime::now().into()
}
