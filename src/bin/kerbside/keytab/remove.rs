//! `kerbside keytab remove`.

use super::{Action, entries, read_to_change, report};
use crate::Outcome;
use crate::failure::Failure;
use crate::output::{Output, warn};
use clap::Args;
use kerbside::Principal;
use kerbside::keytab::KeytabEntry;
use kerbside::numbers::Enctype;
use std::path::PathBuf;

/// Remove entries from a keytab
///
/// Removed are the entries that all of the given options fit; at least one option is needed.
/// Exit status 1 if none is removed: the file is then as it was.
#[derive(Args)]
#[command(verbatim_doc_comment, override_usage = "kerbside keytab remove [OPTIONS] <FILE>", after_help = EXAMPLES)]
pub(crate) struct Remove {
    /// The keytab
    file: PathBuf,
    #[command(flatten)]
    which: Which,
    /// Show what would be removed, and write nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  kerbside keytab remove http.keytab --kvno-below 4
  kerbside keytab remove http.keytab --enctype rc4-hmac
  kerbside keytab remove http.keytab --principal HTTP/old.example.com@EXAMPLE.COM --dry-run";

/// Which entries.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct Which {
    /// Of this principal
    #[arg(short, long, value_name = "NAME@REALM")]
    principal: Option<Principal>,
    /// Of this key version number
    #[arg(short, long, value_name = "N")]
    kvno: Option<u32>,
    /// Of key version numbers below this one
    #[arg(long, value_name = "N")]
    kvno_below: Option<u32>,
    /// Of this enctype, by name or number
    #[arg(short, long, value_name = "NAME")]
    enctype: Option<Enctype>,
    /// With a key of this fingerprint, as `list` shows it
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,
    /// With this number in the list
    #[arg(long, value_name = "N")]
    number: Option<usize>,
}

impl Which {
    fn fits(&self, entry: &KeytabEntry) -> bool {
        self.principal.as_ref().is_none_or(|principal| entry.principal() == principal)
            && self.kvno.is_none_or(|kvno| entry.kvno() == kvno)
            && self.kvno_below.is_none_or(|bound| entry.kvno() < bound)
            && self.enctype.is_none_or(|enctype| entry.enctype() == enctype)
            && self.number.is_none_or(|number| entry.number() == number)
            && self.fingerprint.as_ref().is_none_or(|text| entry.fingerprint().to_string().eq_ignore_ascii_case(text))
    }
}

impl Remove {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let mut keytab = read_to_change(&self.file)?;
        let removed = keytab.remove(|entry| self.which.fits(entry));
        let described = entries::describe(removed.iter());
        if !self.dry_run && !removed.is_empty() {
            keytab.write_to_file(&self.file)?;
        }
        if !removed.is_empty() && keytab.is_empty() {
            warn("no entries are left: no service can start with such a keytab");
        }
        let action = match self.dry_run {
            true => Action { name: "would be removed", total: "would be left" },
            false => Action { name: "removed", total: "left" },
        };
        report(output, &self.file, (action, &described), keytab.entries().len())?;
        Ok(Outcome::good_if(!removed.is_empty()))
    }
}
