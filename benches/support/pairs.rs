//! Two things beside each other, and the line that tells their ratio.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

/// How long one ratio is measured, what happens between the passes included.
const BUDGET: Duration = Duration::from_secs(2);

/// As many pairs at least, however long they take, and as many at most.
const LEAST_PAIRS: usize = 15;
const MOST_PAIRS: usize = 400;

/// What two things took, each pass of one beside one of the other. The fastest of each stand, because a busy machine only
/// ever adds time; the median of the pairs' ratios shows how much it did.
pub(crate) struct Pairs {
    first: Duration,
    second: Duration,
    median: f64,
    operations: usize,
}

impl Pairs {
    /// Each closure makes one pass of so many operations and says what it took.
    pub(crate) fn measure(
        operations: usize,
        mut first: impl FnMut() -> Duration,
        mut second: impl FnMut() -> Duration,
    ) -> Self {
        let begun = Instant::now();
        let mut pairs = Vec::new();
        while pairs.len() < LEAST_PAIRS || (begun.elapsed() < BUDGET && pairs.len() < MOST_PAIRS) {
            pairs.push((first(), second()));
        }
        let mut ratios: Vec<_> = pairs.iter().map(|(first, second)| ratio(*first, *second)).collect();
        ratios.sort_by(f64::total_cmp);
        let fastest = |side: fn(&(Duration, Duration)) -> Duration| pairs.iter().map(side).min().unwrap_or_default();
        let median = ratios[ratios.len() / 2];
        Self { first: fastest(|pair| pair.0), second: fastest(|pair| pair.1), median, operations }
    }

    /// `ratio BENCH SUBJECT FIRST/SECOND 1.23 (456 ns, 371 ns; median 1.24)`, the form that chart.py reads.
    pub(crate) fn print(&self, subject: &str, sides: &str) {
        println!("ratio {} {subject} {sides} {self}", env!("CARGO_CRATE_NAME"));
    }
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = |pass: Duration| pass.as_nanos() / u128::try_from(self.operations).unwrap_or(1);
        let (first, second) = (nanos(self.first), nanos(self.second));
        write!(f, "{:.3} ({first} ns, {second} ns; median {:.3})", ratio(self.first, self.second), self.median)
    }
}

fn ratio(first: Duration, second: Duration) -> f64 {
    first.as_secs_f64() / second.as_secs_f64()
}
