//! `kerbside validate`: one token against one keytab.

use crate::Outcome;
use crate::failure::Failure;
use crate::input::TokenInput;
use crate::output::{Output, complain};
use crate::settings::Settings;
use crate::validation::{self, Problem, Validation, decode_base64};
use clap::Args;
use kerbside::{ErrorKind, Keytab};

/// Validate a token against a keytab, and print who sent it or why it is refused
///
/// The token comes as an argument, from a file or from standard input. It is checked as a
/// server would check it, but for the replay check: nobody knows here what the server has seen.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Validate {
    #[command(flatten)]
    judged: Judged,
}

/// A token, and what it is judged by.
#[derive(Args)]
pub(crate) struct Judged {
    #[command(flatten)]
    settings: Settings,
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
        let (validation, keytab, token) = self.judged.read()?;
        let result = validation.of(keytab, &token)?;
        output.answer(|| validation::text(&result), || validation::json(&result))?;
        if let Err(error) = &result {
            self.remark_on_time(error.kind());
        }
        Ok(Outcome::good_if(result.is_ok()))
    }

    /// An administrator's token is often older than the few minutes for which it is good.
    fn remark_on_time(&self, kind: &ErrorKind) {
        let of_time = matches!(kind, ErrorKind::ClockSkew { .. } | ErrorKind::TicketExpired { .. });
        if of_time && !self.judged.settings.has_time() {
            complain("note: a token of earlier is validated with --at, and the time at which it was sent");
        }
    }
}

impl Judged {
    pub(crate) fn read(&self) -> Result<(Validation, Keytab, Vec<u8>), Failure> {
        let keytab = self.settings.keytab()?;
        let validation = Validation {
            service: self.settings.service.clone(),
            policy: self.settings.policy()?,
            channel_bindings: self.channel_bindings.as_ref().map(|bindings| bindings.0.clone()),
            now: self.settings.now(),
        };
        let token = self.token.read()?;
        Ok((validation, keytab, token))
    }
}
