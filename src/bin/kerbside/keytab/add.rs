//! `kerbside keytab add`.

use super::create::NewEntries;
use super::{Action, read_to_change, report, write};
use crate::Outcome;
use crate::failure::Failure;
use crate::output::{Output, warn};
use clap::Args;
use core::fmt;
use kerbside::Keytab;
use kerbside::keytab::KeytabEntry;
use std::path::PathBuf;

/// Add keys from a password to a keytab
///
/// The entries that are there stay, so that tickets of the old kvno are still accepted. The
/// password is asked for as `create` does.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Add {
    /// The keytab
    file: PathBuf,
    #[command(flatten)]
    new: NewEntries,
}

const EXAMPLES: &str = "\
Examples:
  After a change of the password, with the new key version:
    kerbside keytab add http.keytab --principal HTTP/web.example.com@EXAMPLE.COM --kvno 4
  Another name of the same account:
    kerbside keytab add http.keytab --principal HTTP/www.example.com@EXAMPLE.COM --kvno 4 --salt ad-user:svcWeb";

impl Add {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let mut keytab = read_to_change(&self.file)?;
        let mut added = Keytab::default();
        for entry in self.new.make()? {
            warn_of_other_keys(&keytab, &entry);
            added.add(entry);
        }
        let made = added.entries().len();
        let left_out = keytab.merge_missing(added);
        for entry in &left_out {
            warn(format!("{} has that key already", Key(entry)));
        }
        match made.saturating_sub(left_out.len()) {
            0 => report(output, &self.file, (Action::in_all("added"), &[]), keytab.entries().len())?,
            some => write(output, &self.file, &keytab, ("added", some))?,
        }
        Ok(Outcome::Good)
    }
}

/// KTB-11: one of them opens no ticket, and the service cannot say which.
fn warn_of_other_keys(keytab: &Keytab, new: &KeytabEntry) {
    let mut alike = keytab.lookup_kvno(new.principal(), new.kvno(), new.enctype());
    if alike.any(|entry| !entry.is_duplicate_of(new)) {
        warn(format!(
            "{} has another key already: one of the two is wrong, and `kerbside keytab remove --fingerprint` removes it",
            Key(new)
        ));
    }
}

/// Which key it is.
struct Key<'k>(&'k KeytabEntry);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, kvno {}, {}", self.0.principal(), self.0.kvno(), self.0.enctype())
    }
}
