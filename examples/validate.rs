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

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use kerbside::gss::ChannelBindings;
use kerbside::numbers::Enctype;
use kerbside::{Accepted, Acceptor, Connection, Error, ErrorKind, Keytab, NegotiationError, Policy, Timestamp};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

const USAGE: &str = "usage: validate --keytab FILE [--service HTTP[/host[@REALM]]] [--at RFC3339-TIME]
    [--policy strict|default|windows] [--allow-enctype NAME]... [--channel-bindings BASE64] [--json]
    [--token BASE64 | --token-file FILE]
The token may also come on standard input. Without a keytab and a token, a recorded login is validated.";

/// Padded or not: clients send both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
        Ok(Ok(accepted)) => {
            println!(
                "{}",
                if arguments.json { accepted_json(&accepted).to_string() } else { accepted_text(&accepted) }
            );
            ExitCode::SUCCESS
        }
        Ok(Err(error)) => {
            print(&if arguments.json { refused_json(&error).to_string() } else { refused_text(&error) });
            ExitCode::from(1)
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

type Problem = Box<dyn core::error::Error>;

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
                Long("channel-bindings") => channel_bindings = Some(BASE64.decode(parser.value()?.string()?)?),
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
        let now = self.at.unwrap_or(at);
        // As if the acceptor had been running for a while: one that starts now must refuse what is older than itself.
        let started = now.saturating_sub(self.policy.skew);
        // The delegated credentials are named and forgotten: nobody acts with them here.
        let mut builder = Acceptor::builder(keytab).policy(self.policy.clone()).accept_delegation().started_at(started);
        if let Some(service) = &self.service {
            builder = builder.service(service);
        }
        let acceptor = builder.build()?;
        let mut connection = Connection::new();
        if let Some(bindings) = &self.channel_bindings {
            connection = connection.channel_bindings(ChannelBindings::from_application_data(bindings.clone()));
        }
        Ok(acceptor.accept_on(&connection, &decode_token(&token)?, now))
    }
}

fn preset(name: &str) -> Result<Policy, Problem> {
    match name {
        "strict" => Ok(Policy::strict()),
        "default" => Ok(Policy::default()),
        "windows" => Ok(Policy::windows_compatible()),
        other => Err(format!("no such policy: {other}").into()),
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

/// Base64 with line breaks, behind `Negotiate ` or not.
fn decode_token(text: &str) -> Result<Vec<u8>, Problem> {
    let text = text.trim();
    let token = match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("negotiate") => token,
        _ if text.eq_ignore_ascii_case("negotiate") => "",
        _ => text,
    };
    let token: String = token.split_whitespace().collect();
    BASE64.decode(token).map_err(|error| format!("the token is not base64: {error}").into())
}

fn accepted_json(accepted: &Accepted) -> Value {
    let times = accepted.ticket_times();
    json!({
        "accepted": true,
        "mechanism": accepted.mechanism().to_string(),
        "client": accepted.client().to_string(),
        "service": accepted.service().to_string(),
        "enctype": accepted.enctype().name(),
        "kvno": accepted.kvno(),
        "flags": accepted.flags().names().collect::<Vec<_>>(),
        "channel_bound": accepted.channel_bound(),
        "auth_time": times.authtime.to_string(),
        "start_time": times.starttime.unwrap_or(times.authtime).to_string(),
        "end_time": times.endtime.to_string(),
        "delegated_client": delegated_client(accepted),
        "pac": null,
        "reply": accepted.reply().map(|reply| BASE64.encode(reply)),
    })
}

fn delegated_client(accepted: &Accepted) -> Option<String> {
    accepted.delegated_credentials().map(|credentials| credentials.client().to_string())
}

fn refused_json(error: &Error) -> Value {
    let reply = error.reply().map(|reply| BASE64.encode(reply));
    if let ErrorKind::Negotiation(NegotiationError::MoreNeeded) = error.kind() {
        return json!({ "accepted": false, "continue": true, "reply": reply });
    }
    json!({
        "accepted": false,
        "mechanism": error.mechanism().map(|mechanism| mechanism.to_string()),
        "error": {
            "kind": error.kind().name(),
            "krb_error_code": error.krb_error_code().0,
            "message": error.to_string(),
            "hint": error.hint(),
        },
        "reply": reply,
    })
}

fn accepted_text(accepted: &Accepted) -> String {
    let times = accepted.ticket_times();
    let flags: Vec<_> = accepted.flags().names().collect();
    let mut lines = vec![
        format!("accepted    {}", accepted.client()),
        format!("service     {}", accepted.service()),
        format!("mechanism   {}", accepted.mechanism()),
        format!("enctype     {}", accepted.enctype()),
        format!("kvno        {}", accepted.kvno()),
        format!("flags       {}", if flags.is_empty() { "none".into() } else { flags.join(", ") }),
        format!("bound       {}", if accepted.channel_bound() { "to this channel" } else { "to no channel" }),
        format!("auth time   {}", times.authtime),
        format!("start time  {}", times.starttime.unwrap_or(times.authtime)),
        format!("end time    {}", times.endtime),
    ];
    lines.extend(delegated_client(accepted).map(|client| format!("delegated   {client}")));
    lines.extend(accepted.tolerances().iter().map(|tolerance| format!("tolerated   {tolerance}")));
    lines.extend(accepted.reply().map(|reply| format!("reply       {}", BASE64.encode(reply))));
    lines.join("\n")
}

fn refused_text(error: &Error) -> String {
    let mut lines = vec![
        format!("refused     {error}"),
        format!("kind        {}", error.kind().name()),
        format!("code        {}", error.krb_error_code()),
        format!("remedy      {}", error.hint()),
    ];
    lines.extend(error.reply().map(|reply| format!("reply       {}", BASE64.encode(reply))));
    lines.join("\n")
}
