//! Tables of cases and their tests: one line for each case, `| case | test | file |`.

use super::source::Source;
use core::ops::RangeInclusive;

/// The cases that a table must have, by group. Cases are never renumbered; new ones are added at the end.
pub(crate) type Groups = [(&'static str, &'static [RangeInclusive<usize>])];

/// What broke elsewhere, in SECURITY.md.
pub(crate) const SECURITY: &Groups = &[
    ("NEG", &[1..=30]),
    ("APR", &[1..=35]),
    ("PAC", &[1..=22]),
    ("MSG", &[1..=13]),
    ("KTB", &[1..=25]),
    ("MAP", &[1..=13]),
];

/// What four products need of the core, the keytab tool, the doctor and the HTTP layer, in tests/REQUIREMENTS.md.
pub(crate) const REQUIREMENTS: &Groups = &[
    ("ICE", &[1..=21, 24..=30]),
    ("ZIM", &[1..=16, 22..=30]),
    ("F5", &[1..=2, 8..=8, 15..=17, 19..=20]),
    ("CAS", &[1..=13, 15..=26]),
];

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    case: &'a str,
    tests: Vec<&'a str>,
    file: &'a str,
    later: bool,
}

/// The lines whose first cell is a case. Tests stand in backticks; `later: …` stands for a test that is still to come.
fn rows<'a>(groups: &Groups, table: &'a str) -> Vec<Row<'a>> {
    table
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> =
                line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split('|').map(str::trim).collect();
            let [case, test, file] = cells[..] else { return None };
            let (group, number) = case.split_once('-')?;
            groups.iter().find(|(name, _)| *name == group)?;
            number.parse::<usize>().ok()?;
            let tests = test.split('`').skip(1).step_by(2).collect();
            Some(Row { case, tests, file: file.trim_matches('`'), later: test.contains("later:") })
        })
        .collect()
}

fn cases_of(groups: &Groups) -> impl Iterator<Item = String> {
    groups.iter().flat_map(|(group, numbers)| {
        numbers.iter().cloned().flatten().map(move |number| format!("{group}-{number:02}"))
    })
}

/// Cases without a line, and lines that name neither a test nor a release.
pub(crate) fn incomplete(groups: &Groups, table: &str) -> Vec<String> {
    let rows = rows(groups, table);
    let mut findings: Vec<_> = cases_of(groups)
        .filter(|case| !rows.iter().any(|row| row.case == case))
        .map(|case| format!("{case} has no line"))
        .collect();
    for row in &rows {
        if row.tests.is_empty() && !row.later {
            findings.push(format!("{} names neither a test nor the release in which it comes", row.case));
        }
    }
    findings
}

/// The named tests that are not in the named file, or do not name their case in their name or in the comment above them.
pub(crate) fn without_a_test(groups: &Groups, table: &str, sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for row in rows(groups, table) {
        let file = sources.iter().find(|source| source.name == row.file);
        for test in &row.tests {
            match file.and_then(|source| comment_of_test(source, test)) {
                None => findings.push(format!("{}: no test {test} in {}", row.case, row.file)),
                Some(comment) if !names_case(test, row.case) && !comment.contains(row.case) => {
                    findings.push(format!("{}: {test} in {} does not name the case", row.case, row.file));
                }
                Some(_) => {}
            }
        }
    }
    findings
}

fn names_case(test: &str, case: &str) -> bool {
    test.starts_with(&format!("{}_", case.to_lowercase().replace('-', "_")))
}

/// The comment above the function, if that is there with the attribute that makes it a test.
fn comment_of_test(source: &Source, name: &str) -> Option<String> {
    let mut comment = String::new();
    let mut is_test = false;
    for line in source.text().lines().map(str::trim) {
        if line.strip_prefix("async ").unwrap_or(line).starts_with(&format!("fn {name}(")) {
            return is_test.then_some(comment);
        }
        if line.starts_with("//") {
            comment.push_str(line);
        } else if line.starts_with("#[") {
            is_test |= matches!(line, "#[test]" | "#[tokio::test]");
        } else {
            comment.clear();
            is_test = false;
        }
    }
    None
}

mod tests {
    use super::*;

    fn full_table(change: impl Fn(&str) -> Option<String>) -> String {
        let mut table = String::from("| case | test | file |\n|---|---|---|\n");
        for case in cases_of(SECURITY) {
            let line = change(&case).unwrap_or_else(|| format!("| {case} | later: some day | |\n"));
            table.push_str(&line);
        }
        table
    }

    #[test]
    fn a_full_table_passes() {
        let named = "| NEG-07 | `neg_07_empty`, `neg_07_again` | `tests/a.rs` |\n";
        let table = full_table(|case| (case == "NEG-07").then(|| named.to_owned()));
        assert_eq!(incomplete(SECURITY, &table), [""; 0]);
    }

    #[test]
    fn a_missing_line_and_an_empty_line_are_found() {
        let missing = full_table(|case| (case == "KTB-25").then(String::new));
        assert_eq!(incomplete(SECURITY, &missing), ["KTB-25 has no line"]);
        let empty = full_table(|case| (case == "APR-02").then(|| "| APR-02 | | |\n".to_owned()));
        assert_eq!(incomplete(SECURITY, &empty), ["APR-02 names neither a test nor the release in which it comes"]);
    }

    #[test]
    fn a_named_test_must_be_in_its_file_and_be_a_test() {
        let sources = [
            Source::new(
                "tests/a.rs",
                "#[test]\n/// why\nfn neg_01_cut() {}\n\nfn neg_01_helper() {}\n// NEG-01\n#[test]\nfn cut() {}\n#[test]\nfn other() {}",
            ),
            Source::new("tests/b.rs", ""),
        ];
        let found = |name: &str, file: &str| {
            without_a_test(SECURITY, &format!("| NEG-01 | `{name}` | `{file}` |\n"), &sources).is_empty()
        };
        assert!(found("neg_01_cut", "tests/a.rs"));
        assert!(!found("neg_01_cut", "tests/b.rs"));
        assert!(!found("neg_01_cut", "tests/c.rs"));
        assert!(!found("neg_01_helper", "tests/a.rs"));
        assert!(found("cut", "tests/a.rs"));
        assert!(!found("other", "tests/a.rs"));
        assert!(!found("neg_01", "tests/a.rs"));
    }

    #[test]
    fn a_case_may_be_tested_now_and_in_a_later_release() {
        let rows = rows(SECURITY, "| MSG-13 | `msg_13_x`, later: the rest | `tests/a.rs` |\n| case | test | file |\n");
        assert_eq!(rows, [Row { case: "MSG-13", tests: vec!["msg_13_x"], file: "tests/a.rs", later: true }]);
    }
}
