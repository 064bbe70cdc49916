//! The command `kerbside`: keytabs and tokens, for administrators.
//!
//! One file per subcommand. What a subcommand says goes to standard output, as text or, with `--json`, as one object on one line;
//! warnings, progress and failures go to standard error. The exit status is 0 for good, 1 for refused or for problems that were
//! found, and 2 for wrong usage or input that cannot be read.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "a command may read the clock; the library never does")]

mod completions;
mod doctor;
mod explain;
mod failure;
mod input;
mod inspect;
mod keytab;
mod output;
mod password;
mod progress;
mod settings;
mod validate;
mod validation;

use clap::{Parser, Subcommand};
use failure::Failure;
use output::Output;
use std::process::ExitCode;

/// Keytabs and tokens of Kerberos services: make, look at, and find out what is wrong.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON object on one line
    #[arg(long, global = true, display_order = 100)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  kerbside keytab list /etc/http.keytab
  kerbside keytab create http.keytab --principal HTTP/web.example.com@EXAMPLE.COM --kvno 3
  kerbside doctor --keytab http.keytab --host web.example.com
  kerbside validate --keytab http.keytab --token 'Negotiate YIIF...'
  kerbside explain --keytab http.keytab --token 'Negotiate YIIF...'
  kerbside inspect --token 'Negotiate YIIF...'

Exit status: 0 good, 1 refused or problems found, 2 wrong usage or unreadable input.";

#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    Keytab(keytab::Command),
    Inspect(inspect::Inspect),
    Validate(validate::Validate),
    Explain(explain::Explain),
    Doctor(doctor::Examine),
    Completions(completions::Completions),
}

/// How it went, where nothing prevented it from going.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Good,
    /// Refused, or problems were found.
    Problems,
}

impl Outcome {
    fn good_if(good: bool) -> Self {
        if good { Self::Good } else { Self::Problems }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<Outcome, Failure> {
    let output = Output::new(cli.json);
    match &cli.command {
        Command::Keytab(command) => command.run(&output),
        Command::Inspect(inspect) => inspect.run(&output),
        Command::Validate(validate) => validate.run(&output),
        Command::Explain(explain) => explain.run(&output),
        Command::Doctor(examine) => examine.run(&output),
        Command::Completions(completions) => completions.run(&output),
    }
}
