//! One token against one keytab, and what is said of it: what `kerbside validate` and the example `validate` share.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use kerbside::gss::ChannelBindings;
use kerbside::{Accepted, Acceptor, Connection, Error, ErrorKind, Keytab, NegotiationError, Policy, Timestamp};
use serde_json::{Value, json};

pub(crate) type Problem = Box<dyn core::error::Error + Send + Sync>;

/// Padded or not: clients send both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a token is validated against.
pub(crate) struct Validation {
    pub(crate) service: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) channel_bindings: Option<Vec<u8>>,
    pub(crate) now: Timestamp,
}

impl Validation {
    /// The outer error is of the settings, the inner one of the token.
    pub(crate) fn of(&self, keytab: Keytab, token: &[u8]) -> Result<Result<Accepted, Error>, Problem> {
        let (acceptor, connection) = self.acceptor(keytab)?;
        Ok(acceptor.accept_on(&connection, token, self.now))
    }

    /// The acceptor with these settings, and what it is told of the connection.
    pub(crate) fn acceptor(&self, keytab: Keytab) -> Result<(Acceptor, Connection), Problem> {
        // As if the acceptor had been running for a while: one that starts now must refuse what is older than itself.
        let started = self.now.saturating_sub(self.policy.skew);
        // The delegated credentials are named and forgotten: nobody acts with them here.
        let mut builder = Acceptor::builder(keytab).policy(self.policy.clone()).accept_delegation().started_at(started);
        if let Some(service) = &self.service {
            builder = builder.service(service);
        }
        let mut connection = Connection::new();
        if let Some(bindings) = &self.channel_bindings {
            connection = connection.channel_bindings(ChannelBindings::from_application_data(bindings.clone()));
        }
        Ok((builder.build()?, connection))
    }
}

/// A policy by its name on the command line.
pub(crate) fn preset(name: &str) -> Result<Policy, Problem> {
    match name {
        "strict" => Ok(Policy::strict()),
        "default" => Ok(Policy::default()),
        "windows" => Ok(Policy::windows_compatible()),
        other => Err(format!("no such policy: {other}").into()),
    }
}

/// Base64 with line breaks, behind `Negotiate ` or not.
pub(crate) fn decode_token(text: &str) -> Result<Vec<u8>, Problem> {
    let text = text.trim();
    let token = match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("negotiate") => token,
        _ if text.eq_ignore_ascii_case("negotiate") => "",
        _ => text,
    };
    let token: String = token.split_whitespace().collect();
    decode_base64(&token).map_err(|error| format!("the token is not base64: {error}").into())
}

pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, Problem> {
    Ok(BASE64.decode(text)?)
}

pub(crate) fn json(result: &Result<Accepted, Error>) -> Value {
    match result {
        Ok(accepted) => accepted_json(accepted),
        Err(error) => refused_json(error),
    }
}

pub(crate) fn text(result: &Result<Accepted, Error>) -> String {
    match result {
        Ok(accepted) => accepted_text(accepted),
        Err(error) => refused_text(error),
    }
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
