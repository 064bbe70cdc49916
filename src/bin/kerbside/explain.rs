//! `kerbside explain`: everything that decides about one token.

use crate::Outcome;
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::validate::Judged;
use clap::Args;

/// Explain what becomes of a token, check by check, and what to do
///
/// As `validate`, but with every key that is tried, every check with its value and limit, what a
/// more tolerant policy would do, and the commands that mend it.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Explain {
    #[command(flatten)]
    judged: Judged,
}

const EXAMPLES: &str = "\
Examples:
  kerbside explain --keytab http.keytab 'Negotiate YIIF...'
  kerbside explain --keytab http.keytab --service HTTP --policy windows --token-file header.txt

Exit status: 0 it would be accepted, 1 refused, 2 wrong usage or unreadable input.";

impl Explain {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let (validation, keytab, token) = self.judged.read()?;
        let (acceptor, connection) = validation.acceptor(keytab)?;
        let report = acceptor.explain_on(&connection, &token, validation.now);
        let text = || match output::is_colored() {
            true => report.colored().to_string(),
            false => report.to_string(),
        };
        output.answer(text, || serde_json::to_value(&report).unwrap_or_default())?;
        Ok(Outcome::good_if(report.answer().is_ok()))
    }
}
