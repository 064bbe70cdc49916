//! `kerbside keytab list`.

use super::entries;
use crate::Outcome;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use clap::Args;
use kerbside::Keytab;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// List the entries of keytabs, without their keys
///
/// Columns: the entry's number in the file, kvno, time at which it was made, principal, enctype
/// with its number, the key's length in octets, the name's type, the record's size in octets,
/// and a fingerprint of the key. Entries with the same fingerprint have the same key.
///
/// A fingerprint shows nothing of a random key. If the key was made from a password, whoever
/// has the fingerprint can try passwords against it: do not publish it.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct List {
    /// Keytab files, or directories of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Leave the fingerprints out: they take a millisecond each
    #[arg(long)]
    no_fingerprints: bool,
}

const EXAMPLES: &str = "\
Examples:
  kerbside keytab list /etc/http.keytab
  kerbside keytab list before.keytab after.keytab
  kerbside keytab list --json /etc/keytabs/ | jq '.files[].entries[].principal'";

impl List {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        let mut listings = Vec::new();
        for path in &self.files {
            listings.push(self.listing(path)?);
        }
        output.answer(
            || listings.iter().map(Listing::text).collect::<Vec<_>>().join("\n\n"),
            || json!({ "files": listings.iter().map(Listing::json).collect::<Vec<_>>() }),
        )?;
        Ok(Outcome::Good)
    }

    fn listing(&self, path: &Path) -> Result<Listing, Failure> {
        let keytab = input::keytab(path)?;
        Ok(Listing {
            path: path.display().to_string(),
            version: version(path),
            entries: self.described(&keytab),
            warnings: keytab.warnings().iter().map(ToString::to_string).collect(),
        })
    }

    fn described(&self, keytab: &Keytab) -> Vec<entries::Described> {
        match self.no_fingerprints {
            true => keytab.entries().iter().map(entries::describe_quickly).collect(),
            false => entries::describe(keytab.entries().iter()),
        }
    }
}

/// One file or directory.
struct Listing {
    path: String,
    version: Option<String>,
    entries: Vec<entries::Described>,
    warnings: Vec<String>,
}

impl Listing {
    fn text(&self) -> String {
        let version = self.version.as_ref().map_or(String::new(), |version| format!(", version {version}"));
        let mut lines = vec![format!("{}{version}: {}", self.path, entries::counted(self.entries.len()))];
        if !self.entries.is_empty() {
            lines.push(entries::table(&self.entries));
        }
        lines.extend(self.warnings.iter().map(|warning| format!("warning: {warning}")));
        lines.join("\n")
    }

    fn json(&self) -> Value {
        json!({
            "file": self.path,
            "version": self.version,
            "entries": self.entries.iter().map(entries::Described::json).collect::<Vec<_>>(),
            "warnings": self.warnings,
        })
    }
}

/// The version of the format, which the first two octets tell; a directory has none.
fn version(path: &Path) -> Option<String> {
    let mut octets = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut octets)).ok()?;
    let [major, minor] = octets;
    Some(format!("0x{major:02x}{minor:02x}"))
}
