//! A log of refusals that nobody can flood.

use crate::time::Timestamp;
use core::time::Duration;
use hashbrown::HashMap;

/// Says which refusals to write to the log: a few of each name in each span of time, then only how many there were.
///
/// Whoever sends rubbish makes one refusal with each request. A name is that of an [error](crate::ErrorKind::name) or of a
/// [header](crate::http::HeaderError::name), of which there are some sixty, so that memory is bounded; wrap it in a lock to share it.
///
/// ```
/// use kerbside::http::gate::{RefusalLog, Verbosity};
/// use kerbside::Timestamp;
/// use core::time::Duration;
///
/// let mut log = RefusalLog::new(1, Duration::from_secs(60));
/// let now = Timestamp::from_unix_micros(0);
/// assert_eq!(log.note("Token.Malformed", now), Verbosity::Write { left_out: 0 });
/// assert_eq!(log.note("Token.Malformed", now), Verbosity::LeaveOut);
/// assert_eq!(log.note("Token.Malformed", now.saturating_add(Duration::from_secs(60))), Verbosity::Write { left_out: 1 });
/// ```
#[derive(Debug)]
pub struct RefusalLog {
    lines: u32,
    span: Duration,
    names: HashMap<&'static str, Span>,
}

/// Whether a refusal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "written or not")]
pub enum Verbosity {
    /// Write it, and how many of its name were left out since the last one.
    Write {
        /// That many.
        left_out: u64,
    },
    /// Count it.
    LeaveOut,
}

#[derive(Debug)]
struct Span {
    begun: Timestamp,
    written: u32,
    left_out: u64,
}

impl RefusalLog {
    /// So many lines for each name in each span of time.
    #[must_use]
    pub fn new(lines: u32, span: Duration) -> Self {
        Self { lines, span, names: HashMap::new() }
    }

    /// Counts a refusal, and says whether to write it.
    pub fn note(&mut self, name: &'static str, now: Timestamp) -> Verbosity {
        let span = self.names.entry(name).or_insert(Span { begun: now, written: 0, left_out: 0 });
        // A clock that was set back begins a new span as well.
        if now < span.begun || now >= span.begun.saturating_add(self.span) {
            (span.begun, span.written) = (now, 0);
        }
        if span.written >= self.lines {
            span.left_out = span.left_out.saturating_add(1);
            return Verbosity::LeaveOut;
        }
        span.written = span.written.saturating_add(1);
        Verbosity::Write { left_out: core::mem::take(&mut span.left_out) }
    }
}
