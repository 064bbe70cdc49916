//! `kerbside doctor`: what will fail, before any token comes.

use crate::Outcome;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;
use clap::Args;
use kerbside::explain::doctor::{Diagnosis, Doctor, Severity};

/// Say what will fail before any token comes, why, and how to mend it
///
/// Looks at the keytab, at the settings, and at what clients will ask for to reach the given
/// hosts. No KDC and no DNS is asked.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Examine {
    #[command(flatten)]
    settings: Settings,
    /// A host as it stands in clients' URLs, with a port if that has one; may be repeated
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// An alias in DNS and the host that it stands for; may be repeated
    #[arg(long = "alias", value_name = "ALIAS=HOST", value_parser = alias)]
    aliases: Vec<(String, String)>,
    /// A realm in which the service must be reachable; may be repeated
    #[arg(long = "realm", value_name = "REALM")]
    realms: Vec<String>,
    /// How many octets a header line may have in the servers and proxies before the service
    #[arg(long, value_name = "OCTETS")]
    header_limit: Option<usize>,
}

const EXAMPLES: &str = "\
Examples:
  kerbside doctor --keytab http.keytab --host www.example.com
  kerbside doctor --keytab http.keytab --service HTTP --policy windows --alias intranet.example.com=web1.example.com
  kerbside doctor --keytab /etc/keytabs/ --host web:8443 --header-limit 8192 --json

Exit status: 0 nothing but notes, 1 errors or warnings, 2 wrong usage or unreadable input.";

fn alias(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((alias, host)) if !alias.is_empty() && !host.is_empty() => Ok((alias.into(), host.into())),
        _ => Err("not ALIAS=HOST"),
    }
}

impl Examine {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let keytab = self.settings.keytab()?;
        let mut doctor = Doctor::new(&keytab).policy(&self.settings.policy()?).at(self.settings.now());
        if let Some(service) = &self.settings.service {
            doctor = doctor.service(service);
        }
        doctor = self.hosts.iter().fold(doctor, |doctor, host| doctor.expect_host(host));
        doctor = self.aliases.iter().fold(doctor, |doctor, (alias, host)| doctor.expect_alias(alias, host));
        doctor = self.realms.iter().fold(doctor, |doctor, realm| doctor.expect_realm(realm));
        if let Some(octets) = self.header_limit {
            doctor = doctor.header_limit(octets);
        }
        let diagnosis = doctor.examine();
        output.answer(|| diagnosis.to_string(), || json(&diagnosis))?;
        Ok(outcome(&diagnosis))
    }
}

pub(crate) fn json(diagnosis: &Diagnosis) -> serde_json::Value {
    serde_json::to_value(diagnosis).unwrap_or_default()
}

pub(crate) fn outcome(diagnosis: &Diagnosis) -> Outcome {
    Outcome::good_if(!matches!(diagnosis.worst(), Some(Severity::Error | Severity::Warning)))
}
