//! Validates a Negotiate token against a keytab, and prints who sent it or what is wrong.
//!
//! ```text
//! validate --keytab FILE [--service HTTP[/host[@REALM]]] [--at RFC3339-TIME] [--policy strict|default|windows]
//!          [--allow-enctype NAME]… [--channel-bindings BASE64] [--json] [--token BASE64 | --token-file FILE | stdin]
//! ```
//!
//! Without a keytab and a token it validates the recorded ones of `examples/data`, at the time of the recording. The exit
//! status is 0 for accepted, 1 for refused, 2 for wrong usage or unreadable input.

#![expect(clippy::disallowed_methods, reason = "a command may read the clock; the library never does")]

// The command `kerbside` validates as well; the two say the same.
#[path = "../src/bin/kerbside/validation.rs"]
mod validation;

use kerbside::numbers::Enctype;
use kerbside::{Accepted, Error, Keytab, Policy, Timestamp};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;
use validation::{Problem, Validation, decode_base64, decode_token, preset};

const USAGE: &str = "usage: validate --keytab FILE [--service HTTP[/host[@REALM]]] [--at RFC3339-TIME]
    [--policy strict|default|windows] [--allow-enctype NAME]... [--channel-bindings BASE64] [--json]
    [--token BASE64 | --token-file FILE]
The token may also come on standard input. Without a keytab and a token, a recorded login is validated.";

fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print(USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => return unusable(&format!("{problem}\n{USAGE}")),
    };
    match arguments.validate() {
        Ok(result) => {
            print(&if arguments.json { validation::json(&result).to_string() } else { validation::text(&result) });
            ExitCode::from(if result.is_ok() { 0 } else { 1 })
        }
        Err(problem) => unusable(&problem.to_string()),
    }
}

/// Whoever closes the pipe early has read enough: the exit status still tells.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn unusable(problem: &str) -> ExitCode {
    eprintln!("validate: {problem}");
    ExitCode::from(2)
}

/// The command line.
struct Arguments {
    keytab: Option<String>,
    service: Option<String>,
    at: Option<Timestamp>,
    policy: Policy,
    channel_bindings: Option<Vec<u8>>,
    json: bool,
    token: Option<String>,
}

impl Arguments {
    /// Reads the command line; `None` if help was asked for.
    fn parse() -> Result<Option<Self>, Problem> {
        use lexopt::prelude::{Long, Short, ValueExt as _};
        let (mut keytab, mut service, mut at, mut policy) = (None, None, None, Policy::default());
        let (mut channel_bindings, mut json, mut token) = (None, false, None);
        let mut enctypes: Vec<Enctype> = Vec::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("keytab") => keytab = Some(parser.value()?.string()?),
                Long("service") => service = Some(parser.value()?.string()?),
                Long("at") => at = Some(parser.value()?.parse()?),
                Long("policy") => policy = preset(&parser.value()?.string()?)?,
                Long("allow-enctype") => enctypes.push(parser.value()?.parse()?),
                Long("channel-bindings") => channel_bindings = Some(decode_base64(&parser.value()?.string()?)?),
                Long("json") => json = true,
                Long("token") => token = Some(parser.value()?.string()?),
                Long("token-file") => token = Some(read_text(&parser.value()?.string()?)?),
                Short('h') | Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        enctypes.into_iter().for_each(|enctype| policy.enctypes.allow_everywhere(enctype));
        Ok(Some(Self { keytab, service, at, policy, channel_bindings, json, token }))
    }

    /// The outer error is of the input, the inner one of the token.
    fn validate(&self) -> Result<Result<Accepted, Error>, Problem> {
        let (keytab, token, at) = match (&self.keytab, &self.token) {
            (None, None) => recorded()?,
            (None, Some(_)) => return Err("a token needs --keytab".into()),
            (Some(path), Some(token)) => (Keytab::from_file(path)?, token.clone(), Timestamp::from(SystemTime::now())),
            (Some(path), None) => (Keytab::from_file(path)?, read_stdin()?, Timestamp::from(SystemTime::now())),
        };
        let validation = Validation {
            service: self.service.clone(),
            policy: self.policy.clone(),
            channel_bindings: self.channel_bindings.clone(),
            now: self.at.unwrap_or(at),
        };
        validation.of(keytab, &decode_token(&token)?)
    }
}

/// A login at a real MIT realm; `examples/data/README.md` says how it was recorded.
fn recorded() -> Result<(Keytab, String, Timestamp), Problem> {
    let keytab = Keytab::from_bytes(include_bytes!("data/web.keytab"))?;
    Ok((keytab, include_str!("data/token.b64").into(), include_str!("data/at.txt").trim().parse()?))
}

fn read_text(path: &str) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}").into())
}

fn read_stdin() -> Result<String, Problem> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}
