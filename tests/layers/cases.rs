//! The table of SECURITY.md: one line for each security case, `| case | test | file |`.

use super::source::Source;

/// How many cases each group has. Cases are never renumbered; new ones are added at the end.
const GROUPS: [(&str, usize); 6] = [("NEG", 30), ("APR", 35), ("PAC", 22), ("MSG", 13), ("KTB", 25), ("MAP", 13)];

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    case: &'a str,
    tests: Vec<&'a str>,
    file: &'a str,
    later: bool,
}

/// The lines whose first cell is a case. Tests stand in backticks; `later: …` stands for a test that is still to come.
fn rows(table: &str) -> Vec<Row<'_>> {
    table
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> =
                line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split('|').map(str::trim).collect();
            let [case, test, file] = cells[..] else { return None };
            let (group, number) = case.split_once('-')?;
            GROUPS.iter().find(|(name, _)| *name == group)?;
            number.parse::<usize>().ok()?;
            let tests = test.split('`').skip(1).step_by(2).collect();
            Some(Row { case, tests, file: file.trim_matches('`'), later: test.contains("later:") })
        })
        .collect()
}

/// Cases without a line, lines that name neither a test nor a release, and tests that do not bear their case's name.
pub(crate) fn incomplete(table: &str) -> Vec<String> {
    let rows = rows(table);
    let mut findings = Vec::new();
    for (group, count) in GROUPS {
        for number in 1..=count {
            let case = format!("{group}-{number:02}");
            if !rows.iter().any(|row| row.case == case) {
                findings.push(format!("{case} has no line"));
            }
        }
    }
    for row in &rows {
        let prefix = row.case.to_lowercase().replace('-', "_");
        if row.tests.is_empty() && !row.later {
            findings.push(format!("{} names neither a test nor the release in which it comes", row.case));
        }
        for test in row.tests.iter().filter(|test| !test.starts_with(&format!("{prefix}_"))) {
            findings.push(format!("{}: {test} does not begin with {prefix}_", row.case));
        }
    }
    findings
}

/// The named tests that are not in the named file.
pub(crate) fn without_a_test(table: &str, sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for row in rows(table) {
        let file = sources.iter().find(|source| source.name == row.file);
        for test in &row.tests {
            if !file.is_some_and(|source| has_test(source, test)) {
                findings.push(format!("{}: no test {test} in {}", row.case, row.file));
            }
        }
    }
    findings
}

/// Whether the function stands there with the attribute that makes it a test.
fn has_test(source: &Source, name: &str) -> bool {
    let mut attributes = Vec::new();
    for line in source.text().lines().map(str::trim) {
        if line.starts_with(&format!("fn {name}(")) {
            return attributes.contains(&"#[test]");
        }
        if line.starts_with("#[") {
            attributes.push(line);
        } else if !line.starts_with("//") && !line.is_empty() {
            attributes.clear();
        }
    }
    false
}

mod tests {
    use super::*;

    fn full_table(change: impl Fn(&str) -> Option<String>) -> String {
        let mut table = String::from("| case | test | file |\n|---|---|---|\n");
        for (group, count) in GROUPS {
            for number in 1..=count {
                let case = format!("{group}-{number:02}");
                let line = change(&case).unwrap_or_else(|| format!("| {case} | later: some day | |\n"));
                table.push_str(&line);
            }
        }
        table
    }

    #[test]
    fn a_full_table_passes() {
        let named = "| NEG-07 | `neg_07_empty`, `neg_07_again` | `tests/a.rs` |\n";
        let table = full_table(|case| (case == "NEG-07").then(|| named.to_owned()));
        assert_eq!(incomplete(&table), [""; 0]);
    }

    #[test]
    fn a_missing_line_an_empty_line_and_a_false_name_are_found() {
        let missing = full_table(|case| (case == "KTB-25").then(String::new));
        assert_eq!(incomplete(&missing), ["KTB-25 has no line"]);
        let empty = full_table(|case| (case == "APR-02").then(|| "| APR-02 | | |\n".to_owned()));
        assert_eq!(incomplete(&empty), ["APR-02 names neither a test nor the release in which it comes"]);
        let false_name = full_table(|case| (case == "NEG-01").then(|| "| NEG-01 | `neg_11_x` | `t` |\n".to_owned()));
        assert_eq!(incomplete(&false_name), ["NEG-01: neg_11_x does not begin with neg_01_"]);
    }

    #[test]
    fn a_named_test_must_be_in_its_file_and_be_a_test() {
        let sources = [
            Source::new("tests/a.rs", "#[test]\n/// why\nfn neg_01_cut() {}\n\nfn neg_02_helper() {}\n"),
            Source::new("tests/b.rs", ""),
        ];
        let found = |name: &str, file: &str| {
            without_a_test(&format!("| NEG-01 | `{name}` | `{file}` |\n"), &sources).is_empty()
        };
        assert!(found("neg_01_cut", "tests/a.rs"));
        assert!(!found("neg_01_cut", "tests/b.rs"));
        assert!(!found("neg_01_cut", "tests/c.rs"));
        assert!(!found("neg_02_helper", "tests/a.rs"));
        assert!(!found("neg_01", "tests/a.rs"));
    }

    #[test]
    fn a_case_may_be_tested_now_and_in_a_later_release() {
        let rows = rows("| MSG-13 | `msg_13_x`, later: the rest | `tests/a.rs` |\n| case | test | file |\n");
        assert_eq!(rows, [Row { case: "MSG-13", tests: vec!["msg_13_x"], file: "tests/a.rs", later: true }]);
    }
}
