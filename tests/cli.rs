//! The command `kerbside`: what each subcommand prints, its exit statuses, its JSON, and where passwords come from.

#[path = "support/command.rs"]
mod command;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/inspect.rs"]
mod inspect;
#[path = "cli/keytabs.rs"]
mod keytabs;
#[path = "cli/passwords.rs"]
mod passwords;
#[path = "support/scratch.rs"]
mod scratch;
#[path = "cli/validate.rs"]
mod validate;

use command::{argument, command, ended, run};
use scratch::Scratch;
use std::process::Stdio;

/// The subcommands, each with arguments that are right.
const SUBCOMMANDS: [&[&str]; 12] = [
    &["keytab", "list"],
    &["keytab", "create"],
    &["keytab", "add"],
    &["keytab", "merge"],
    &["keytab", "remove"],
    &["keytab", "convert"],
    &["keytab", "check"],
    &["inspect"],
    &["validate"],
    &["explain"],
    &["doctor"],
    &["completions"],
];

#[test]
fn every_subcommand_has_help_with_examples_that_name_it() {
    for subcommand in SUBCOMMANDS {
        let help = run(&[subcommand, &["--help"]].concat()).good().stdout;
        let examples = help.split("Examples:").nth(1).unwrap_or_else(|| panic!("{subcommand:?} has no examples"));
        assert!(examples.contains(&format!("kerbside {}", subcommand.join(" "))), "{examples}");
        assert!(help.contains("--json"), "{subcommand:?}");
    }
    let help = run(&["--help"]).good().stdout;
    for subcommand in SUBCOMMANDS {
        assert!(help.contains(&format!("\n  {} ", subcommand[0])), "{subcommand:?}");
    }
}

/// As `git help commit` does; and no line is so long that a terminal of 100 columns breaks it, but for the examples'.
#[test]
fn help_is_there_by_both_names_and_fits_on_the_screen() {
    for subcommand in SUBCOMMANDS {
        let help = run(&[subcommand, &["--help"]].concat()).good().stdout;
        assert_eq!(run(&[&["help"], subcommand].concat()).good().stdout, help);
        for line in help.lines().filter(|line| !line.contains("kerbside ") && !line.contains("Usage:")) {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn wrong_usage_is_exit_status_2_and_says_how_it_is_right() {
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["keytab"],
        &["keytab", "list"],
        &["keytab", "list", "--no-such-option", "x"],
        &["keytab", "create", "x"],
        &["keytab", "remove", "x"],
        &["validate"],
        &["validate", "--keytab", "x", "--policy", "lax"],
        &["validate", "--keytab", "x", "--at", "yesterday"],
        &["validate", "--keytab", "x", "--token", "a", "--token-file", "b"],
        &["doctor"],
        &["doctor", "--keytab", "x", "--alias", "x"],
        &["completions"],
        &["completions", "no-such-shell"],
    ] {
        let run = run(arguments).expect(2, &["--help"]);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
}

#[test]
fn no_option_takes_a_password() {
    for subcommand in ["create", "add"] {
        let arguments = ["keytab", subcommand, "x", "--principal", "a/b@R", "--kvno", "1", "--password", "secret"];
        run(&arguments).expect(2, &["unexpected argument '--password'"]);
    }
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).good().stdout;
        assert!(script.contains("kerbside") && script.contains("fingerprint"), "{shell}");
        assert_eq!(run(&["completions", shell, "--json"]).good().json()["script"], script);
    }
}

#[test]
fn the_version_is_the_crates() {
    assert_eq!(run(&["--version"]).good().stdout, concat!("kerbside ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_pipe_that_is_closed_early_is_no_failure() {
    let scratch = Scratch::new("pipe");
    let path = scratch.file("large.keytab", keytabs::with_kvnos(0..3_000).to_bytes().unwrap().as_octets());
    for arguments in [
        &["keytab", "list", "--no-fingerprints", argument(&path)][..],
        &["keytab", "list", "--no-fingerprints", argument(&path), "--json"],
        &["completions", "zsh"],
        &["--help"],
    ] {
        let mut child = command(arguments).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        let run = ended(child.wait_with_output().unwrap());
        assert!(!run.stderr.contains("Broken pipe"), "{arguments:?}: {run:?}");
        if arguments != ["--help"] {
            assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&["completions", "bash"]).stdout(full).output().unwrap();
    ended(output).expect(2, &["kerbside: standard output cannot be written"]);
}
