//! What the benches share: who logs in, who accepts, what is bare crypto, and how a ratio is measured and told.

#![allow(dead_code, reason = "each bench uses a part of it")]

pub(crate) mod bare_crypto;
pub(crate) mod door;
pub(crate) mod logins;
pub(crate) mod machine;
pub(crate) mod pairs;
pub(crate) mod parse;

use core::time::Duration;
use criterion::Criterion;

/// Criterion's benches, then the ratios. No bench of criterion's is called `ratios`, so `-- ratios` gives the ratios alone.
pub(crate) fn run(benches: impl FnOnce(&mut Criterion), ratios: impl FnOnce()) {
    let mut criterion = Criterion::default().configure_from_args();
    benches(&mut criterion);
    criterion.final_summary();
    let asked = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    if asked("--bench") && !asked("--profile-time") {
        println!("\nmachine {}", machine::machine());
        ratios();
    }
}

/// For criterion: the time of so many operations, measured in whole passes of so many.
pub(crate) fn repeat(wanted: u64, operations: usize, pass: impl Fn() -> Duration) -> Duration {
    let operations = u64::try_from(operations).expect("a pass is short");
    let passes = wanted.div_ceil(operations);
    let total: Duration = (0..passes).map(|_| pass()).sum();
    total.mul_f64(to_f64(wanted) / to_f64(passes * operations))
}

fn to_f64(number: u64) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
