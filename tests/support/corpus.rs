//! The published corpus: an index of facts, one JSON object a line, and the files that they are about.
//!
//! It lies outside the repository, in the directory that `KERBSIDE_PUBLISHED_VECTORS` names. Without the variable the
//! corpus tests say so and pass, but for continuous integration, where that would be a test that cannot fail.

use std::fs;
use std::path::PathBuf;

/// The facts of one kind; empty without the corpus.
pub(crate) fn records(kind: &str) -> Vec<serde_json::Value> {
    let all = every_record();
    let without_corpus = all.is_empty();
    let records: Vec<_> = all.into_iter().filter(|record| record["kind"] == kind).collect();
    assert!(without_corpus || !records.is_empty(), "the corpus has no {kind}");
    records
}

/// All facts; none without the corpus.
pub(crate) fn every_record() -> Vec<serde_json::Value> {
    let Some(root) = root() else {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "KERBSIDE_PUBLISHED_VECTORS is not set");
        println!("KERBSIDE_PUBLISHED_VECTORS is not set: no published record was read");
        return Vec::new();
    };
    let index = fs::read_to_string(root.join("index.jsonl")).expect("the corpus has an index");
    index.lines().map(|line| serde_json::from_str(line).expect("each line of the index is JSON")).collect()
}

/// The octets of one file of the corpus, by the name that its record gives.
pub(crate) fn data(file: &str) -> Vec<u8> {
    let path = root().expect("there was a record").join("data").join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> Option<PathBuf> {
    std::env::var_os("KERBSIDE_PUBLISHED_VECTORS").map(PathBuf::from)
}
