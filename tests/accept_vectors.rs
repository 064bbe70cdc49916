//! Whole tokens with their verdicts, one case a file: everything in `tests/vectors/accept` is read, or fails.

#[cfg(feature = "testing")]
#[path = "accept_vectors/cases.rs"]
mod cases;
#[path = "accept_vectors/vector.rs"]
mod vector;

use kerbside::gss::ChannelBindings;
use kerbside::{Acceptor, Connection, Keytab, Policy, Timestamp};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vector::Vector;

/// What may stand behind `refused/`: a name that no vector has is as wrong as one that is not here.
const REFUSALS: [&str; 19] = [
    "Authenticator.Malformed",
    "ChannelBinding",
    "Checksum.Missing",
    "ClientMismatch",
    "ClockSkew",
    "EtypeNotPermitted",
    "EtypeUnsupported",
    "Integrity",
    "KeyDoesNotDecrypt",
    "Negotiation.MoreNeeded",
    "Negotiation.NoCommonMechanism",
    "NoKey.Kvno",
    "NoKey.Principal",
    "TicketExpired",
    "TicketInvalid",
    "TicketNotYetValid",
    "Token.Malformed",
    "Token.NotKerberos",
    "Transited",
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/accept")
}

/// The vectors by name, in order. A file of another kind is a failure, but for the keytabs that vectors name.
fn vectors() -> Vec<(String, Vector)> {
    let (mut vectors, mut keytabs) = (Vec::new(), BTreeSet::new());
    for entry in std::fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match name.rsplit_once('.') {
            Some((stem, "txt")) => {
                let text = std::fs::read_to_string(&path).unwrap();
                vectors.push((stem.to_owned(), Vector::read(&text).unwrap_or_else(|why| panic!("{name}: {why}"))));
            }
            Some((_, "keytab")) => assert!(keytabs.insert(name)),
            _ => assert!(["README.md", "generate.sh"].contains(&name.as_str()), "{name} is read by nobody"),
        }
    }
    assert!(!vectors.is_empty());
    let named: BTreeSet<_> = vectors.iter().map(|(_, vector)| vector.keytab.clone()).collect();
    assert_eq!(keytabs, named, "the keytabs that are there, and those that vectors name");
    vectors.sort_by(|(one, _), (other, _)| one.cmp(other));
    vectors
}

/// `accepted`, or `refused/` and the name of the refusal; and who it was.
fn judge(vector: &Vector) -> (String, Option<String>) {
    let keytab = Keytab::from_file(directory().join(&vector.keytab)).unwrap();
    let policy = match vector.policy.as_deref() {
        None => Policy::default(),
        Some("strict") => Policy::strict(),
        Some("windows") => Policy::windows_compatible(),
        Some(other) => panic!("there is no policy {other}"),
    };
    let now: Timestamp = vector.at.parse().unwrap();
    let started = now.saturating_sub(policy.skew);
    let acceptor = Acceptor::builder(keytab).policy(policy).started_at(started).build().unwrap();
    let mut connection = Connection::new();
    if let Some(bindings) = &vector.bindings {
        connection = connection.channel_bindings(ChannelBindings::from_application_data(bindings.as_bytes()));
    }
    match acceptor.accept_on(&connection, &vector.token, now) {
        Ok(accepted) => ("accepted".into(), Some(accepted.client().to_string())),
        Err(error) => (format!("refused/{}", error.kind().name()), None),
    }
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    for (name, vector) in vectors() {
        let found = judge(&vector);
        println!("{name}: {}", found.0);
        if found != (vector.expect.clone(), vector.client.clone()) {
            wrong.push(format!("{name}: expected {} {:?}, found {found:?}", vector.expect, vector.client));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_expectation_is_known_and_used() {
    let expected: BTreeSet<_> = vectors().into_iter().map(|(_, vector)| vector.expect).collect();
    let known: BTreeSet<_> =
        REFUSALS.iter().map(|name| format!("refused/{name}")).chain(["accepted".to_owned()]).collect();
    assert_eq!(expected, known);
}

// ICE-18
/// What the files say and what the test kit mints are the same octets. `generate.sh` runs this with
/// `KERBSIDE_WRITE_VECTORS` set, which writes the files first.
#[cfg(feature = "testing")]
#[test]
fn the_test_kit_mints_what_is_on_the_disk() {
    let minted = cases::files();
    if std::env::var_os("KERBSIDE_WRITE_VECTORS").is_some() {
        for (name, octets) in &minted {
            std::fs::write(directory().join(name), octets).unwrap();
        }
    }
    for (name, octets) in &minted {
        let found = std::fs::read(directory().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(found == *octets, "{name} is not what the test kit mints: run generate.sh, and look at the difference");
    }
    let claimed = vectors().into_iter().filter(|(_, vector)| vector.source.contains(cases::MINTED));
    let orphans: Vec<_> =
        claimed.map(|(name, _)| format!("{name}.txt")).filter(|name| !minted.contains_key(name)).collect();
    assert_eq!(orphans, [""; 0], "vectors that say they are minted, and are not");
}

#[test]
fn a_vector_is_not_misread() {
    let text =
        "expect: refused/ClockSkew\nat: 2026-03-01T10:05:01Z\nsource: here\nkeytab: a.keytab\ntoken:\n60\n82ff\n";
    let vector = Vector::read(text).unwrap();
    assert_eq!((vector.expect.as_str(), &vector.token[..]), ("refused/ClockSkew", &[0x60, 0x82, 0xff][..]));
    let broken = [
        ("expect: refused/ClockSkew\n", "", "no expect"),
        ("at:", "at", "no colon"),
        ("source:", "sources:", "an unknown field"),
        ("at: 2026", "source: 2026", "a field twice"),
        ("82ff", "82f", "half an octet"),
        ("82ff", "82fg", "no digit"),
    ];
    for (from, to, why) in broken {
        assert!(text.contains(from) && Vector::read(&text.replace(from, to)).is_err(), "{why}");
    }
}
