//! `kerbside keytab check`.

use crate::Outcome;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use clap::Args;
use kerbside::Keytab;
use kerbside::keytab::GuessableKey;
use serde_json::json;
use std::path::PathBuf;

/// Look for problems in keytabs
///
/// Exit status 1 if there is any: a file that others can read, keys that cannot be used or guessed, no entries at all.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Keytab files, or directories of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  kerbside keytab check /etc/http.keytab
  kerbside keytab check /etc/keytabs/ --json";

impl Check {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let mut problems = Vec::new();
        for path in &self.files {
            let keytab = input::keytab(path)?;
            let found = problems_of(&keytab).into_iter();
            problems.extend(found.map(|problem| (path.display().to_string(), problem)));
        }
        output.answer(
            || match problems.as_slice() {
                [] => String::from("no problems"),
                some => some.iter().map(|(file, problem)| format!("{file}: {problem}")).collect::<Vec<_>>().join("\n"),
            },
            || {
                let found = problems.iter().map(|(file, problem)| json!({ "file": file, "problem": problem }));
                json!({ "good": problems.is_empty(), "problems": found.collect::<Vec<_>>() })
            },
        )?;
        Ok(Outcome::good_if(problems.is_empty()))
    }
}

fn problems_of(keytab: &Keytab) -> Vec<String> {
    let mut problems: Vec<_> = keytab.warnings().iter().map(ToString::to_string).collect();
    if keytab.is_empty() {
        problems.push("there are no entries: no service can start with it".into());
    }
    problems.extend(keytab.principals().filter_map(GuessableKey::of_principal).map(|problem| problem.to_string()));
    problems
}
