//! `kerbside keytab`: what ktpass, ktab and ktutil are used for.

mod add;
mod check;
mod convert;
mod create;
mod entries;
mod list;
mod merge;
mod remove;
mod salt;

use crate::Outcome;
use crate::failure::Failure;
use crate::output::{Output, warn};
use clap::Subcommand;
use entries::{Described, counted};
use kerbside::Keytab;
use serde_json::{Value, json};
use std::path::Path;

/// List, make and change keytabs
///
/// Files are written whole or not at all, in format 0x0502: a new one with mode 0600, an old
/// one with the owner and mode that it had.
#[derive(Subcommand)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) enum Command {
    List(list::List),
    Create(create::Create),
    Add(add::Add),
    Merge(merge::Merge),
    Remove(remove::Remove),
    Convert(convert::Convert),
    Check(check::Check),
}

const EXAMPLES: &str = "\
Examples:
  kerbside keytab list http.keytab
  kerbside keytab create http.keytab --principal HTTP/web.example.com@EXAMPLE.COM --kvno 3 --salt ad-user:svcWeb
  kerbside keytab merge old.keytab new.keytab --output both.keytab
  kerbside keytab remove http.keytab --kvno 2";

impl Command {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        match self {
            Self::List(list) => list.run(output),
            Self::Create(create) => create.run(output),
            Self::Add(add) => add.run(output),
            Self::Merge(merge) => merge.run(output),
            Self::Remove(remove) => remove.run(output),
            Self::Convert(convert) => convert.run(output),
            Self::Check(check) => check.run(output),
        }
    }
}

/// What was read is warned of before it is changed and written.
fn read_to_change(path: &Path) -> Result<Keytab, Failure> {
    let keytab = Keytab::from_file(path)?;
    keytab.warnings().iter().for_each(warn);
    Ok(keytab)
}

/// What was done with entries, and what the number of all entries is called then.
struct Action<'a> {
    name: &'a str,
    total: &'static str,
}

impl<'a> Action<'a> {
    fn in_all(name: &'a str) -> Self {
        Self { name, total: "in all" }
    }
}

/// Says what was done with some entries of a file, which has so many now.
fn report(output: &Output, path: &Path, done: (Action<'_>, &[Described]), left: usize) -> Result<(), Failure> {
    let (Action { name: action, total }, entries) = done;
    output.answer(
        || {
            let head = format!("{}: {} {action}, {left} {total}", path.display(), counted(entries.len()));
            if entries.is_empty() { head } else { format!("{head}\n{}", entries::table(entries)) }
        },
        || {
            let listed: Vec<Value> = entries.iter().map(Described::json).collect();
            json!({ "file": path.display().to_string(), "action": action, "affected": listed, "entries": left })
        },
    )
}

/// Writes the keytab, reads it back, and says what was done with its last entries.
fn write(output: &Output, path: &Path, keytab: &Keytab, (name, last): (&str, usize)) -> Result<(), Failure> {
    keytab.write_to_file(path)?;
    let written = Keytab::from_file(path)?;
    let before = written.entries().len().saturating_sub(last);
    let described = entries::describe(written.entries().iter().skip(before));
    report(output, path, (Action::in_all(name), &described), written.entries().len())
}
