//! How far something is that takes long, for whoever watches.

use crate::output;
use std::io::{self, Write as _};

/// Below this many steps nothing is shown: they take less than a second or two.
const WORTH_SHOWING: usize = 50;

/// A line on standard error that counts, and is gone at the end.
pub(crate) struct Progress {
    what: &'static str,
    done: usize,
    total: usize,
    shown: bool,
}

impl Progress {
    pub(crate) fn of(what: &'static str, total: usize) -> Self {
        Self { what, done: 0, total, shown: total >= WORTH_SHOWING && output::is_watched() }
    }

    /// One step is about to begin.
    pub(crate) fn step(&mut self) {
        self.done = self.done.saturating_add(1);
        if self.shown {
            let _ = write!(io::stderr(), "\r{}: {} of {}", self.what, self.done, self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
