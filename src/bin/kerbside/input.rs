//! What commands read: tokens and keytabs.

use crate::failure::Failure;
use crate::output;
use crate::validation::decode_token;
use clap::Args;
use kerbside::Keytab;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

/// Where a token comes from: one of these, or else standard input.
#[derive(Args)]
pub(crate) struct TokenInput {
    /// The token in base64, also as a header has it [default: standard input]
    #[arg(value_name = "TOKEN", conflicts_with_all = ["token", "token_file"])]
    words: Vec<String>,
    /// The same
    #[arg(long, value_name = "BASE64", conflicts_with = "token_file", allow_hyphen_values = true)]
    token: Option<String>,
    /// A file with the token, in base64 or as its octets
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// No token is as long, not even as text: acceptors refuse what has more than 64 KiB.
const MOST_OCTETS: u64 = 1 << 20;

impl TokenInput {
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        let octets = match (&self.token, &self.token_file) {
            (Some(token), _) => token.clone().into_bytes(),
            (None, Some(path)) => {
                File::open(path).and_then(read).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?
            }
            // Without quotes the shell takes `Negotiate YII…` for two words.
            (None, None) if !self.words.is_empty() => self.words.join(" ").into_bytes(),
            (None, None) => {
                let stdin = io::stdin();
                if stdin.is_terminal() {
                    output::complain("Paste the token, then press Enter and Ctrl-D (or give it as an argument):");
                }
                read(stdin).map_err(|error| Failure::new(format!("standard input: {error}")))?
            }
        };
        decode(&octets)
    }
}

fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    source.take(MOST_OCTETS).read_to_end(&mut octets)?;
    Ok(octets)
}

/// Base64 text, also as a whole line of HTTP's; anything that is not text is the token itself.
fn decode(octets: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some(text) = core::str::from_utf8(octets).ok().filter(|text| !text.chars().any(is_binary)) else {
        return Ok(octets.to_owned());
    };
    let token = match text.trim_start().split_once(':') {
        Some((name, value)) if HEADERS.iter().any(|header| header.eq_ignore_ascii_case(name)) => value,
        _ => text,
    };
    let octets = decode_token(token).map_err(|problem| {
        Failure::from(problem).hint("give the text behind `Negotiate ` as it stands in the header, or a file of octets")
    })?;
    if octets.is_empty() {
        return Err(Failure::new("there is no token").hint("give it as an argument, with --token-file, or pipe it in"));
    }
    Ok(octets)
}

const HEADERS: [&str; 4] = ["Authorization", "Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate"];

fn is_binary(c: char) -> bool {
    c.is_control() && !c.is_ascii_whitespace()
}

/// A keytab file, or all those in a directory.
pub(crate) fn keytab(path: &Path) -> Result<Keytab, Failure> {
    Ok(if path.is_dir() { Keytab::from_dir(path)? } else { Keytab::from_file(path)? })
}
