//! `kerbside inspect`: what stands in clear in a token.

mod kerberos;
mod negotiate;
mod ntlm;
mod tree;

use crate::Outcome;
use crate::failure::Failure;
use crate::input::TokenInput;
use crate::output::Output;
use clap::Args;
use kerbside::Limits;
use kerbside::asn1::{LengthForm, Rules};
use kerbside::gss::TokenKind;
use tree::{Fields, Value};

/// Show what stands in clear in a token, whatever kind it is, as a tree
///
/// The token comes as an argument, from a file or from standard input; no keytab is needed.
/// Nothing of this is proven: whoever made the token could write what they liked.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Inspect {
    #[command(flatten)]
    token: TokenInput,
}

const EXAMPLES: &str = "\
Examples:
  kerbside inspect --token 'Negotiate YIIF...'
  kerbside inspect --token 'WWW-Authenticate: Negotiate oYG2...'
  curl -v --negotiate -u : https://web.example.com/ 2>&1 | sed -n 's/^> Authorization: //p' | kerbside inspect

Exit status: 0 all was read, 1 some was not, 2 wrong usage or unreadable input.";

impl Inspect {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let inspected = inspect(&self.token.read()?, LEVELS);
        output.answer(|| inspected.text(), || inspected.json())?;
        Ok(Outcome::good_if(!inspected.has_problem()))
    }
}

/// Everything that real tokens are encoded with is read, and nothing deeper than an acceptor would.
fn rules() -> Rules {
    Rules::new(LengthForm::UpToFourOctets, Limits::default().nesting)
}

/// How many tokens may stand in each other. 4: SPNEGO around NegoEx or Kerberos takes two; nobody needs more.
const LEVELS: u8 = 4;

/// A token of any kind, and so many levels of tokens inside of it.
fn inspect(token: &[u8], levels: u8) -> Fields {
    let kind = TokenKind::classify(token);
    let mut fields = Fields::default();
    fields.put("octets", token.len());
    let what = match kind {
        TokenKind::Unknown { .. } => kerberos::name_of(token).unwrap_or("nothing that is known").to_owned(),
        known => known.to_string(),
    };
    fields.put("kind", what);
    match kind {
        TokenKind::Spnego => negotiate::offer(&mut fields, token, levels),
        TokenKind::SpnegoContinuation => negotiate::response(&mut fields, token, levels),
        TokenKind::Krb5 | TokenKind::MicrosoftKrb5 | TokenKind::UserToUser | TokenKind::IaKerb => {
            kerberos::framed(&mut fields, token);
        }
        TokenKind::Ntlm { .. } => ntlm::message(&mut fields, token),
        TokenKind::NegoEx => {}
        _ => kerberos::message(&mut fields, token),
    }
    fields
}

/// Octets that a peer calls text.
fn text(octets: &[u8]) -> Value {
    Value::from(String::from_utf8_lossy(octets).escape_debug().to_string())
}
