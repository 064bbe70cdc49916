//! Whether threads wait for each other: one acceptor and one replay store for all of them.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod support;

use core::hint::black_box;
use core::slice;
use core::time::Duration;
use criterion::{BenchmarkId, Criterion, Throughput};
use kerbside::crypto::supported_enctypes;
use kerbside::numbers::Enctype;
use kerbside::{Acceptor, Timestamp};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use support::door::Door;
use support::logins::Logins;
use support::pairs::Pairs;
use support::repeat;

const THREADS: [usize; 4] = [2, 4, 8, 16];

/// In one pass, all threads together, each token once. Enough that waking the threads does not count.
const TOKENS: usize = 16_384;

/// Where the crypto is shortest, what is not crypto is felt most.
const ENCTYPE: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;

fn main() {
    support::run(bench_threads, print_ratios);
}

fn bench_threads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("contended");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    let logins = Logins::many(ENCTYPE, TOKENS);
    let door = Door::new(&logins);
    for threads in [1].into_iter().chain(THREADS) {
        group.bench_function(BenchmarkId::new("threads", threads), |bencher| {
            bencher.iter_custom(|accepts| {
                repeat(accepts, TOKENS, || accept_all(threads, slice::from_ref(&door), &logins.tokens))
            });
        });
    }
    group.finish();
}

/// The throughput of several threads over that of one, which is the time of one over that of several. Beside it, what the
/// machine gives to as many threads that share nothing: more than that nobody can reach. And these two beside each other,
/// which says what sharing costs on a machine that is busy, too.
fn print_ratios() {
    let names = supported_enctypes().filter(|row| row.enctype == ENCTYPE).map(|row| row.name());
    println!("{TOKENS} tokens of {} in each pass", names.collect::<String>());
    let logins = Logins::many(ENCTYPE, TOKENS);
    let door = Door::new(&logins);
    for threads in THREADS {
        let doors: Vec<_> = (0..threads).map(|_| Door::new(&logins)).collect();
        let one = || accept_all(1, slice::from_ref(&door), &logins.tokens);
        let shared = || accept_all(threads, slice::from_ref(&door), &logins.tokens);
        let apart = || accept_all(threads, &doors, &logins.tokens);
        Pairs::measure(TOKENS, one, shared).print(&format!("{threads}-threads"), "one/several");
        Pairs::measure(TOKENS, one, apart).print(&format!("{threads}-threads-apart"), "one/several");
        Pairs::measure(TOKENS, apart, shared).print(&format!("{threads}-threads-sharing"), "apart/shared");
    }
}

/// From when the first thread begins until the last is done. Each takes as many tokens as the others, at one of the doors.
fn accept_all(threads: usize, doors: &[Door], tokens: &[Vec<u8>]) -> Duration {
    doors.iter().for_each(Door::forget);
    let all_there = Barrier::new(threads);
    let shift = |acceptor: &Acceptor, now: Timestamp, tokens: &[Vec<u8>]| {
        all_there.wait();
        let begun = Instant::now();
        for token in tokens {
            let accepted = acceptor.accept(black_box(token), now).expect("a good token");
            black_box(accepted.reply());
        }
        (begun, Instant::now())
    };
    let shifts: Vec<_> = thread::scope(|scope| {
        let shift = &shift;
        let at_work: Vec<_> = doors
            .iter()
            .cycle()
            .map(|door| (&door.acceptor, door.now))
            .zip(tokens.chunks(TOKENS / threads))
            .map(|((acceptor, now), tokens)| scope.spawn(move || shift(acceptor, now, tokens)))
            .collect();
        at_work.into_iter().map(|shift| shift.join().expect("every token is good")).collect()
    });
    let begun = shifts.iter().map(|shift| shift.0).min().expect("a thread");
    let done = shifts.iter().map(|shift| shift.1).max().expect("a thread");
    done - begun
}
