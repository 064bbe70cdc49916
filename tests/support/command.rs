//! The command `kerbside`, as a shell starts it.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// How one run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command with these arguments and nothing else of this process's: no terminal, no environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kerbside"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Run {
    ended(command(arguments).output().unwrap())
}

pub(crate) fn run_with(input: impl AsRef<[u8]>, arguments: &[&str]) -> Run {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    // A command that fails before it reads has closed its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    ended(child.wait_with_output().unwrap())
}

pub(crate) fn ended(output: Output) -> Run {
    let text = |octets| String::from_utf8(octets).unwrap();
    let status = output.status.code().expect("the command ends by itself");
    let run = Run { status, stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    run
}

impl Run {
    /// Ended so, and standard error has these texts.
    #[track_caller]
    pub(crate) fn expect(self, status: i32, said: &[&str]) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        for text in said {
            assert!(self.stderr.contains(text), "{text} is not said: {self:?}");
        }
        self
    }

    /// Ended well, and nothing was complained of.
    #[track_caller]
    pub(crate) fn good(self) -> Self {
        let run = self.expect(0, &[]);
        assert_eq!(run.stderr, "", "{run:?}");
        run
    }

    /// The one object on the one line.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let line = self.stdout.strip_suffix('\n').expect("a line ends with a line break");
        assert!(!line.contains('\n'), "{self:?}");
        let value: Value = serde_json::from_str(line).unwrap();
        assert!(value.is_object());
        value
    }
}

/// A path as an argument.
pub(crate) fn argument(path: &(impl AsRef<OsStr> + ?Sized)) -> &str {
    path.as_ref().to_str().unwrap()
}
