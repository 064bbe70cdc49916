//! `kerbside keytab convert`.

use super::merge::same_file;
use super::write;
use crate::Outcome;
use crate::failure::Failure;
use crate::output::{Output, warn};
use crate::validation::decode_base64;
use clap::Args;
use kerbside::Keytab;
use kerbside::keytab::KeytabErrorKind;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Write a keytab of any form as a file of format 0x0502
///
/// Read are both formats, 0x0502 and the older 0x0501 of either byte order, and either in
/// base64, as secret stores hand it out. Entries are kept in their order; holes that removed
/// entries left are not.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Convert {
    /// The keytab that is read
    input: PathBuf,
    /// The keytab that is written: a new one, or the same
    output: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  kubectl get secret web -o jsonpath='{.data.keytab}' > web.b64
  kerbside keytab convert web.b64 web.keytab
  kerbside keytab convert old.keytab old.keytab";

impl Convert {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        if self.output.symlink_metadata().is_ok() && !same_file(&self.input, &self.output) {
            return Err(Failure::new(format!("{} is there already", self.output.display())).hint("remove it first"));
        }
        let keytab = match Keytab::from_file(&self.input) {
            Err(error) if error.kind() == KeytabErrorKind::Base64 => self.decoded()?,
            read => read?,
        };
        keytab.warnings().iter().for_each(warn);
        write(output, &self.output, &keytab, ("written", keytab.entries().len()))?;
        Ok(Outcome::Good)
    }

    fn decoded(&self) -> Result<Keytab, Failure> {
        let unreadable = |error: &dyn core::fmt::Display| Failure::new(format!("{}: {error}", self.input.display()));
        let text = std::fs::read_to_string(&self.input).map(Zeroizing::new).map_err(|error| unreadable(&error))?;
        let text = Zeroizing::new(text.split_whitespace().collect::<String>());
        let octets = decode_base64(&text).map(Zeroizing::new).map_err(|error| unreadable(&error))?;
        Ok(Keytab::from_bytes(&octets)?)
    }
}
