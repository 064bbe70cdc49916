//! What an acceptor would be built with, on the command line.

use crate::failure::Failure;
use crate::input;
use crate::validation::preset;
use clap::Args;
use clap::builder::PossibleValuesParser;
use kerbside::numbers::Enctype;
use kerbside::{Keytab, Policy, Timestamp};
use std::path::PathBuf;
use std::time::SystemTime;

#[derive(Args)]
pub(crate) struct Settings {
    /// The keytab of the service, or a directory of keytabs
    #[arg(long, value_name = "FILE")]
    keytab: PathBuf,
    /// Whose tickets: HTTP, HTTP/host or HTTP/host@REALM [default: all names in the keytab]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// The time that is taken for now [default: now]
    #[arg(long, value_name = "RFC3339-TIME")]
    at: Option<Timestamp>,
    /// The preset of rules; windows is for Active Directory
    #[arg(long, default_value = "default", value_parser = PossibleValuesParser::new(["strict", "default", "windows"]))]
    policy: String,
    /// Allow an enctype that the policy refuses, such as rc4-hmac; may be repeated
    #[arg(long = "allow-enctype", value_name = "NAME")]
    allow_enctypes: Vec<Enctype>,
}

impl Settings {
    pub(crate) fn keytab(&self) -> Result<Keytab, Failure> {
        input::keytab(&self.keytab)
    }

    /// Whether a time was given.
    pub(crate) fn has_time(&self) -> bool {
        self.at.is_some()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(|| SystemTime::now().into())
    }

    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        let mut policy = preset(&self.policy)?;
        self.allow_enctypes.iter().for_each(|enctype| policy.enctypes.allow_everywhere(*enctype));
        Ok(policy)
    }
}
