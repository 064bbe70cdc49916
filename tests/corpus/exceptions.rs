//! `tests/vectors/corpus/exceptions.toml`: known divergences, each with its reason.

use crate::facts::id;
use crate::published;
use std::collections::BTreeMap;

/// What comes out of a record instead of what its facts promise.
#[derive(Debug, Default)]
pub(crate) struct Exception {
    pub(crate) outcome: String,
    reason: String,
}

/// The exceptions, by id. Of TOML, tables of strings are read, and nothing else is let pass.
pub(crate) fn exceptions() -> BTreeMap<String, Exception> {
    let mut exceptions: BTreeMap<String, Exception> = BTreeMap::new();
    let mut current = String::new();
    let text = include_str!("../vectors/corpus/exceptions.toml");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = name.to_owned();
            assert!(exceptions.insert(current.clone(), Exception::default()).is_none(), "{name} stands there twice");
            continue;
        }
        let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("no key and value: {line}"));
        let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("a string").to_owned();
        let exception = exceptions.get_mut(&current).expect("a table before its keys");
        match key {
            "outcome" => exception.outcome = value,
            "reason" => exception.reason = value,
            other => panic!("no such key: {other}"),
        }
    }
    exceptions
}

/// What is stated for a record, if it is an exception.
pub(crate) fn outcome_of(record: &serde_json::Value) -> Option<String> {
    exceptions().remove(id(record)).map(|exception| exception.outcome)
}

#[test]
fn every_exception_is_a_record_and_has_a_reason() {
    let records = published::every_record();
    for (name, exception) in exceptions() {
        assert!(records.is_empty() || records.iter().any(|record| id(record) == name), "{name} is no record");
        assert!(!exception.outcome.is_empty() && exception.reason.len() > 20, "{name}: {exception:?}");
    }
}
