//! `kerbside keytab check`.

use crate::failure::Failure;
use crate::output::Output;
use crate::{Outcome, doctor, input};
use clap::Args;
use kerbside::explain::doctor::Doctor;
use serde_json::json;
use std::path::PathBuf;
use std::time::SystemTime;

/// Look for problems in keytabs
///
/// A part of `kerbside doctor`, for files of which nothing more is known. Exit status 1 if any
/// has an error or a warning; notes alone are good.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
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
        let now = SystemTime::now();
        let mut diagnoses = Vec::new();
        for path in &self.files {
            let keytab = input::keytab(path)?;
            diagnoses.push((path.display().to_string(), Doctor::new(&keytab).at(now).examine()));
        }
        output.answer(
            || diagnoses.iter().map(|(file, diagnosis)| format!("{file}: {diagnosis}")).collect::<Vec<_>>().join("\n"),
            || {
                let files = diagnoses
                    .iter()
                    .map(|(file, diagnosis)| json!({ "file": file, "diagnosis": doctor::json(diagnosis) }));
                json!({ "files": files.collect::<Vec<_>>() })
            },
        )?;
        Ok(Outcome::good_if(diagnoses.iter().all(|(_, diagnosis)| doctor::outcome(diagnosis) == Outcome::Good)))
    }
}
