//! `kerbside keytab merge`.

use super::write;
use crate::Outcome;
use crate::failure::Failure;
use crate::input;
use crate::output::{Output, warn};
use clap::Args;
use kerbside::Keytab;
use std::path::{Path, PathBuf};

/// Put the entries of several keytabs into one
///
/// An entry that is there already, with the same name, kvno, enctype and key, is left out.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Merge {
    /// Keytab files, or directories of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The keytab that is written: a new one, or one of the others
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Keep entries that are there several times
    #[arg(long)]
    keep_duplicates: bool,
}

const EXAMPLES: &str = "\
Examples:
  kerbside keytab merge old.keytab new.keytab --output both.keytab
  kerbside keytab merge /etc/http.keytab new.keytab --output /etc/http.keytab";

impl Merge {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        if self.output.symlink_metadata().is_ok() && !self.files.iter().any(|file| same_file(file, &self.output)) {
            return Err(Failure::new(format!("{} is there already", self.output.display()))
                .hint("to keep its entries, name it as one of the keytabs that are merged too; else remove it first"));
        }
        let mut merged = Keytab::default();
        for file in &self.files {
            let keytab = input::keytab(file)?;
            keytab.warnings().iter().for_each(warn);
            self.merge(&mut merged, keytab);
        }
        write(output, &self.output, &merged, ("merged", merged.entries().len()))?;
        Ok(Outcome::Good)
    }

    fn merge(&self, merged: &mut Keytab, keytab: Keytab) {
        match self.keep_duplicates {
            true => merged.merge(keytab),
            false => drop(merged.merge_missing(keytab)),
        }
    }
}

/// Whether two paths lead to one file.
pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
