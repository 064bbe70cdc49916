//! `kerbside completions`: what a shell needs to complete this command.

use crate::failure::Failure;
use crate::output::Output;
use crate::{Cli, Outcome};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

/// Print the completions for a shell
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  kerbside completions bash > /etc/bash_completion.d/kerbside
  kerbside completions zsh > ~/.zfunc/_kerbside";

impl Completions {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        // Into memory first: the generator panics where it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "kerbside", &mut script);
        let script = String::from_utf8_lossy(&script);
        output
            .answer(|| script.clone().into_owned(), || json!({ "shell": self.shell.to_string(), "script": script }))?;
        Ok(Outcome::Good)
    }
}
