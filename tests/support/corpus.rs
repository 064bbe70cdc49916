//! The published corpus: recorded tokens and reference encodings of other implementations, kept outside the repository.
//!
//! `KERBSIDE_PUBLISHED_VECTORS` names its directory. Where it is not set there is nothing to read and every list is
//! empty, except under continuous integration, where that is a failure.

use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The records of the index with this kind, in the order of the index.
pub(crate) fn records(kind: &str) -> Vec<Value> {
    let Some(directory) = directory() else { return Vec::new() };
    let index = fs::read_to_string(directory.join("index.jsonl")).expect("the corpus has an index");
    let records = index.lines().map(|line| serde_json::from_str(line).expect("every line is one record"));
    let found: Vec<Value> = records.filter(|record: &Value| record["kind"] == kind).collect();
    assert!(!found.is_empty(), "the corpus has no record of the kind {kind}");
    found
}

/// The octets of a file that a record names.
pub(crate) fn data(file: &str) -> Vec<u8> {
    let directory = directory().expect("a record was read from the corpus");
    fs::read(directory.join("data").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "tests are told where the corpus is by the environment")]
fn directory() -> Option<PathBuf> {
    if let Some(directory) = std::env::var_os("KERBSIDE_PUBLISHED_VECTORS") {
        return Some(directory.into());
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "KERBSIDE_PUBLISHED_VECTORS is not set");
    println!("skipped: KERBSIDE_PUBLISHED_VECTORS is not set");
    None
}
