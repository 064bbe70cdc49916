//! All findings of one examination, and how people read them.

use super::asked::AskedName;
use super::finding::{Finding, Severity};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What the doctor found, the worst first.
///
/// `Display` is plain text for people: a line that counts, a heading for each severity, two lines for each finding, the names
/// that clients will ask for, and how to ask the KDC about the keys. With the feature `serde` it is serialized for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a diagnosis that nobody reads helps nobody"]
pub struct Diagnosis {
    findings: Vec<Finding>,
    asked: Vec<AskedName>,
    for_the_kdc: Vec<String>,
}

impl Diagnosis {
    pub(super) fn new(mut findings: Vec<Finding>, asked: Vec<AskedName>, for_the_kdc: Vec<String>) -> Self {
        // Stable: findings of one severity stay in the order in which the keytab and the expectations were looked at.
        findings.sort_by_key(Finding::severity);
        Self { findings, asked, for_the_kdc }
    }

    /// All findings, errors first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings of one severity.
    pub fn of_severity(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity() == severity)
    }

    /// The worst severity, or `None` if nothing was found.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.first().map(Finding::severity)
    }

    /// The names that clients will ask for to reach the hosts that were expected, and which clients that are.
    #[must_use]
    pub fn names_asked_for(&self) -> &[AskedName] {
        &self.asked
    }

    /// Commands of MIT krb5 that find out whether the KDC has the same keys, which cannot be seen from here: `kvno -k FILE NAME`, for
    /// the first few principals. Whoever has a ticket (`kinit`) can run them; they end with status 0 if the key opens what
    /// the KDC gives.
    #[must_use]
    pub fn commands_for_the_kdc(&self) -> &[String] {
        &self.for_the_kdc
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        let [errors, warnings, notes] = severities.map(|severity| self.of_severity(severity).count());
        writeln!(f, "{}, {}, {}", Counted(errors, "error"), Counted(warnings, "warning"), Counted(notes, "note"))?;
        for severity in severities {
            if self.of_severity(severity).next().is_some() {
                writeln!(f, "\n{severity}s:")?;
            }
            for finding in self.of_severity(severity) {
                writeln!(f, "  {finding}\n    -> {}", finding.remedy())?;
            }
        }
        if !self.asked.is_empty() {
            writeln!(f, "\nnames that clients ask for:")?;
        }
        self.asked.iter().try_for_each(|name| writeln!(f, "  {name}"))?;
        if !self.for_the_kdc.is_empty() {
            writeln!(f, "\nto find out whether the KDC has the same keys, with a ticket of anybody's (`kinit`):")?;
        }
        self.for_the_kdc.iter().try_for_each(|command| writeln!(f, "  {command}"))
    }
}

/// `no errors`, `1 error`, `2 errors`.
struct Counted(usize, &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "no {}s", self.1),
            1 => write!(f, "1 {}", self.1),
            many => write!(f, "{many} {}s", self.1),
        }
    }
}
