//! The guide keeps up with the errors.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `Class.Case` or `Name`, as the messages of all errors are listed under.
fn names_of_errors() -> BTreeSet<String> {
    let messages =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/messages-of-errors.txt"));
    let messages = messages.unwrap();
    let heads = messages.lines().filter(|line| line.starts_with(|letter: char| letter.is_ascii_uppercase()));
    heads.filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_owned()).collect()
}

fn names_in_code(page: &str) -> BTreeSet<String> {
    page.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn troubleshooting_names_every_error() {
    let names = names_of_errors();
    assert!(names.contains("NoKey.Kvno") && names.len() > 40, "the list of errors was not read");
    let page = include_str!("../src/guide/troubleshooting.md");
    let missing: Vec<_> = names.difference(&names_in_code(page)).cloned().collect();
    assert_eq!(missing, [""; 0], "errors of which the page says nothing");
}

#[test]
fn an_error_that_is_not_named_would_be_found() {
    let page = "`NoKey.File` and NoKey.Kvno";
    assert!(names_in_code(page).contains("NoKey.File"));
    assert!(!names_in_code(page).contains("NoKey.Kvno"));
}
