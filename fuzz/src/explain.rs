//! Whatever may arrive as a token: explained, and accepted or refused.
//!
//! The first octet says which preset, and whether the others are the token itself or a change of a valid one: position, value,
//! position, value. What must hold: the first step that a report refuses is the one for which an accept refuses, with the same
//! error; a report is never empty, and holds no control characters but line breaks.

use kerbside::testing::{Clock, Realm};
use kerbside::{Acceptor, Error, Policy, ReplayPolicy};
use std::sync::LazyLock;

const SERVICE: &str = "HTTP/web.example.com";

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    let Some((&choice, rest)) = octets.split_first() else { return };
    let acceptor = &ACCEPTORS[usize::from(choice) % ACCEPTORS.len()];
    let token = if choice & 0x80 == 0 { rest.to_vec() } else { changed(rest) };
    agree(acceptor, &token);
}

/// Whether a valid token is reported as acceptable, so that the target is known to get behind the encryption.
#[must_use]
pub fn gets_behind_the_encryption() -> bool {
    agree(&ACCEPTORS[1], &TOKEN)
}

fn agree(acceptor: &Acceptor, token: &[u8]) -> bool {
    let report = acceptor.explain(token, Clock::START);
    let accepted = acceptor.accept(token, Clock::START);
    let said = |error: &Error| (error.kind().name(), error.to_string());
    assert_eq!(report.answer().err().map(said), accepted.as_ref().err().map(said));
    let first = report.first_refusal().and_then(|check| check.verdict.refusal());
    assert_eq!(first.map(said), accepted.as_ref().err().map(said), "{report}");
    let text = report.to_string();
    assert!(!text.is_empty() && text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(text.len() < 100_000, "{} octets of report", text.len());
    accepted.is_ok()
}

/// The valid token with octets set: two for the position, one for the value.
fn changed(edits: &[u8]) -> Vec<u8> {
    let mut token = TOKEN.clone();
    for edit in edits.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % token.len();
        token[at] = edit[2];
    }
    token
}

static TOKEN: LazyLock<Vec<u8>> = LazyLock::new(|| Realm::new("EXAMPLE.COM").login("alice", SERVICE).token());

static ACCEPTORS: LazyLock<[Acceptor; 3]> =
    LazyLock::new(|| [Policy::strict(), Policy::default(), Policy::windows_compatible()].map(acceptor));

fn acceptor(policy: Policy) -> Acceptor {
    let keytab = Realm::new("EXAMPLE.COM").keytab(SERVICE).expect("the test kit's keytab can be read");
    let builder = Acceptor::builder(keytab).service("HTTP").policy(policy).started_at(Clock::START);
    builder.replay(ReplayPolicy::Off).build().expect("the service is in the keytab")
}
