//! How the parts of a message are shown: lists, versions, spans of time, and names that somebody else chose.

use crate::principal::{Principal, fmt_name};
use crate::time::Timestamp;
use core::fmt::{self, Write as _};
use core::time::Duration;

/// `a, b, c`, or `none`.
pub(in crate::acceptor) struct List<'a, T>(pub(in crate::acceptor) &'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else { return f.write_str("none") };
        write!(f, "{first}")?;
        rest.iter().try_for_each(|item| write!(f, ", {item}"))
    }
}

/// `kvno 3`, or `no kvno stated`.
pub(in crate::acceptor) struct Kvno(pub(in crate::acceptor) Option<u32>);

impl fmt::Display for Kvno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(kvno) => write!(f, "kvno {kvno}"),
            None => f.write_str("no kvno stated"),
        }
    }
}

/// `7 min 12 s ahead`.
pub(in crate::acceptor) struct Skew {
    pub(in crate::acceptor) client: Timestamp,
    pub(in crate::acceptor) server: Timestamp,
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.client > self.server {
            write!(f, "{} ahead", Span(self.client.saturating_since(self.server)))
        } else {
            write!(f, "{} behind", Span(self.server.saturating_since(self.client)))
        }
    }
}

/// A name that somebody else chose, cut where no name in use is as long: a host and a realm have 253 octets at most.
/// Otherwise one token of 64 KiB could fill a log with ten times as much.
pub(in crate::acceptor) struct Brief<T>(pub(in crate::acceptor) T);

impl<T> Brief<T> {
    const CHARACTERS: usize = 600;
}

impl<T: fmt::Display> fmt::Display for Brief<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut limited = Limited { f, left: Self::CHARACTERS, cut: false };
        match write!(limited, "{}", self.0) {
            Err(_) if limited.cut => limited.f.write_str("…"),
            result => result,
        }
    }
}

/// Passes on so many characters, then refuses more.
struct Limited<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    left: usize,
    cut: bool,
}

impl fmt::Write for Limited<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = text.char_indices().nth(self.left).and_then(|(end, _)| text.get(..end));
        self.left = self.left.saturating_sub(text.chars().count());
        self.cut = fits.is_some();
        self.f.write_str(fits.unwrap_or(text))?;
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The components of a principal, without its realm.
pub(in crate::acceptor) struct Name<'a>(pub(in crate::acceptor) &'a Principal);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_name(f, self.0.components())
    }
}

/// `2 d 3 h`, `7 min 12 s`, `0.250000 s`: the two largest units. From 10 s on, a part of a second counts as a whole
/// one, so that what is a microsecond above a limit does not look equal to it.
pub(in crate::acceptor) struct Span(pub(in crate::acceptor) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.as_secs();
        let seconds = if self.0.subsec_nanos() > 0 && whole >= 10 { whole.saturating_add(1) } else { whole };
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        match (days, hours, minutes, seconds) {
            (1.., ..) => write!(f, "{days} d {hours} h"),
            (_, 1.., ..) => write!(f, "{hours} h {minutes} min"),
            (_, _, 1.., _) => write!(f, "{minutes} min {} s", seconds % 60),
            (.., 10..) => write!(f, "{seconds} s"),
            _ => write!(f, "{seconds}.{:06} s", self.0.subsec_micros()),
        }
    }
}
