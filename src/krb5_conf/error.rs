//! Why a text is no `krb5.conf`, and in which line.

use alloc::string::String;
use core::fmt;

/// A text that cannot be read as a `krb5.conf`: what is wrong, and in which line of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Krb5ConfError {
    kind: Krb5ConfErrorKind,
    line: usize,
    file: Option<String>,
}

/// What is wrong with the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Krb5ConfErrorKind {
    /// A line that begins with `[` and is no section header.
    #[error("is no section header, such as [libdefaults]")]
    Header,
    /// A relation before the first section.
    #[error("stands before the first section")]
    OutsideOfSections,
    /// A line that is neither a comment, a header nor a relation.
    #[error("is no relation, such as clockskew = 300")]
    Relation,
    /// A quoted value that does not end, or something behind its end.
    #[error("has a quoted value that does not end with the line")]
    Quote,
    /// A subsection that does not end within its section.
    #[error("begins a subsection that does not end")]
    Unclosed,
    /// A `}` without a subsection, or with something behind it.
    #[error("has a brace that ends nothing")]
    StrayBrace,
    /// Subsections inside subsections, deeper than anybody needs.
    #[error("nests subsections deeper than {limit}")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
    /// Another text is included that cannot be had, or includes too many others in turn.
    #[error("includes {path}: {cause}")]
    Included {
        /// What is included.
        path: String,
        /// Why it cannot be had.
        cause: String,
    },
    /// A module is to read the configuration in place of the file.
    #[error("hands over to a module, which cannot be loaded here")]
    Module,
    /// A subsection where a value must be, or the other way round.
    #[error("has a value where a subsection must be")]
    NotASubsection,
    /// Neither true nor false.
    #[error("is neither true nor false")]
    Boolean,
    /// No length of time.
    #[error("is no length of time, such as 300, 5m, 1h30m or 0:05:00")]
    Duration,
    /// A list of enctypes of which none can be used.
    #[error("leaves no enctype that can be used")]
    NoEnctype,
}

impl Krb5ConfError {
    pub(super) fn new(kind: Krb5ConfErrorKind, line: usize, file: Option<&str>) -> Self {
        Self { kind, line, file: file.map(String::from) }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &Krb5ConfErrorKind {
        &self.kind
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The included text in which the line stands; `None` for the outermost one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }
}

impl fmt::Display for Krb5ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}, ", file.escape_debug())?;
        }
        write!(f, "line {} {}", self.line, self.kind)
    }
}

impl core::error::Error for Krb5ConfError {}
