//! `kerbside validate`: one token against one keytab.

use crate::Outcome;
use crate::failure::Failure;
use crate::input::{self, TokenInput};
use crate::output::Output;
use crate::validation::{self, Problem, Validation, decode_base64, preset};
use clap::Args;
use clap::builder::PossibleValuesParser;
use kerbside::Timestamp;
use kerbside::numbers::Enctype;
use std::path::PathBuf;
use std::time::SystemTime;

/// Validate a token against a keytab, and print who sent it or why it is refused
///
/// The token comes from --token, --token-file or standard input. It is checked as a server would check it, but for the replay
/// check: nobody knows here what the server has seen.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Validate {
    /// The keytab of the service, or a directory of keytabs
    #[arg(long, value_name = "FILE")]
    keytab: PathBuf,
    /// Which service is accepted: HTTP, HTTP/host or HTTP/host@REALM [default: all that the keytab has keys of]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// The time at which the token is validated [default: now]
    #[arg(long, value_name = "RFC3339-TIME")]
    at: Option<Timestamp>,
    /// The preset of rules; windows is for Active Directory
    #[arg(long, default_value = "default", value_parser = PossibleValuesParser::new(["strict", "default", "windows"]))]
    policy: String,
    /// Allow an enctype that the policy refuses, such as rc4-hmac; may be repeated
    #[arg(long = "allow-enctype", value_name = "NAME")]
    allow_enctypes: Vec<Enctype>,
    /// The channel's bindings: `tls-server-end-point:` and the certificate's hash, in base64
    #[arg(long, value_name = "BASE64", value_parser = bindings)]
    channel_bindings: Option<Bindings>,
    #[command(flatten)]
    token: TokenInput,
}

const EXAMPLES: &str = "\
Examples:
  kerbside validate --keytab http.keytab --token 'Negotiate YIIF...'
  kerbside validate --keytab http.keytab --service HTTP --policy windows --token-file header.txt
  kerbside validate --keytab http.keytab --at 2026-03-01T10:05:00Z --json < token.b64

Exit status: 0 accepted, 1 refused, 2 wrong usage or unreadable input.";

#[derive(Clone)]
struct Bindings(Vec<u8>);

fn bindings(text: &str) -> Result<Bindings, Problem> {
    decode_base64(text).map(Bindings)
}

impl Validate {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let keytab = input::keytab(&self.keytab)?;
        let token = self.token.read()?;
        let mut policy = preset(&self.policy)?;
        self.allow_enctypes.iter().for_each(|enctype| policy.enctypes.allow_everywhere(*enctype));
        let validation = Validation {
            service: self.service.clone(),
            policy,
            channel_bindings: self.channel_bindings.as_ref().map(|bindings| bindings.0.clone()),
            now: self.at.unwrap_or_else(|| SystemTime::now().into()),
        };
        let result = validation.of(keytab, &token)?;
        output.answer(|| validation::text(&result), || validation::json(&result))?;
        Ok(Outcome::good_if(result.is_ok()))
    }
}
