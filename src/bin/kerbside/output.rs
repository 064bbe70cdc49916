//! Standard output and standard error. Whoever closes a pipe early has read enough: that is no failure.

use crate::failure::Failure;
use serde_json::Value;
use std::io::{self, IsTerminal as _, Write as _};

/// How the answer is printed.
pub(crate) struct Output {
    form: Form,
}

enum Form {
    Text,
    Json,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { form: if json { Form::Json } else { Form::Text } }
    }

    /// Prints the answer in the one form that is wanted; the other is not made.
    pub(crate) fn answer(&self, text: impl FnOnce() -> String, json: impl FnOnce() -> Value) -> Result<(), Failure> {
        match self.form {
            Form::Text => print(&text()),
            Form::Json => print(&json().to_string()),
        }
    }
}

/// Prints to standard output, with a line break behind it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{}", text.trim_end_matches('\n')).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line to standard error. If that is closed, nobody is there to be told.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

pub(crate) fn warn(text: impl core::fmt::Display) {
    complain(&format!("warning: {text}"));
}

/// Whether the answer is read on a terminal where colours are welcome: <https://no-color.org>.
pub(crate) fn is_colored() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no_color| no_color.is_empty())
}

/// Whether somebody watches standard error.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Lines of columns, each as wide as its widest cell. Columns whose heading begins with `>` end on the right.
pub(crate) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = headings.map(|heading| heading.trim_start_matches('>').len());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for ((cell, width), heading) in cells.into_iter().zip(widths).zip(headings) {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, behind) =
                if heading.starts_with('>') { (padding, String::new()) } else { (String::new(), padding) };
            line.extend(["  ", &before, cell, &behind]);
        }
        line.trim_end().to_owned()
    };
    let heading = line(headings.map(|heading| heading.trim_start_matches('>')));
    let rows = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    core::iter::once(heading).chain(rows).collect::<Vec<_>>().join("\n")
}
