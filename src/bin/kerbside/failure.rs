//! What keeps a command from doing its work, and what can be done about it.

use crate::validation::Problem;
use core::fmt;
use kerbside::crypto::KeyError;
use kerbside::keytab::{KeytabError, KeytabErrorKind};

/// Wrong usage or unreadable input: exit status 2.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kerbside: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(problem.to_string())
    }
}

impl From<KeytabError> for Failure {
    fn from(error: KeytabError) -> Self {
        let failure = Self::new(error.to_string());
        match hint_for(error.kind()) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

fn hint_for(kind: KeytabErrorKind) -> Option<&'static str> {
    Some(match kind {
        KeytabErrorKind::NotFound => "check the path; `kerbside keytab create` makes a new keytab",
        KeytabErrorKind::PermissionDenied => "keytabs are their service's alone: run this as its user or as root",
        KeytabErrorKind::NotAKeytab => "a keytab is made by `kerbside keytab create`, ktpass, ktutil or kadmin's ktadd",
        KeytabErrorKind::Base64 => "`kerbside keytab convert` decodes it",
        KeytabErrorKind::Empty => "the file was never written, or the disk was full: fetch it again",
        KeytabErrorKind::CutSize | KeytabErrorKind::EntryPastEnd { .. } | KeytabErrorKind::HolePastEnd { .. } => {
            "the file was cut or changed on its way; copy it as binary, and compare its checksum with the original's"
        }
        KeytabErrorKind::NoDirectory => "make the directory first",
        KeytabErrorKind::WriteDenied => "the new file is made beside the old one, so its directory must be writable",
        KeytabErrorKind::BrokenLink => "remove the link, or make the file that it leads to",
        _ => return None,
    })
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::new(error.to_string())
    }
}
