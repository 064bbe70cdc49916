//! What an accept costs as the ticket grows: no more than the octets to decrypt and hash.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod support;

use criterion::{BenchmarkId, Criterion, Throughput};
use kerbside::crypto::supported_enctypes;
use support::bare_crypto::BareCrypto;
use support::door::Door;
use support::logins::{Logins, TICKET_OCTETS};
use support::pairs::Pairs;
use support::repeat;

/// Of a ticket, in octets: without a PAC; with one of some twenty groups; of some hundred; of many hundred; and what
/// Microsoft's KB 327825 takes for the most that a token should ever have.
const SIZES: [usize; 5] = [TICKET_OCTETS, 1_400, 4_000, 16_000, 48_000];

fn main() {
    support::run(bench_sizes, print_ratios);
}

fn bench_sizes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sizes");
    for row in supported_enctypes() {
        for octets in SIZES {
            let logins = Logins::with_tickets(row.enctype, octets);
            let (door, bare, tokens) = (Door::new(&logins), BareCrypto::new(&logins), logins.tokens.len());
            group.throughput(Throughput::Bytes(logins.ticket_octets().try_into().expect("a short ticket")));
            group.bench_function(BenchmarkId::new(format!("whole {}", row.name()), octets), |bencher| {
                bencher.iter_custom(|accepts| repeat(accepts, tokens, || door.accept_all(&logins.tokens)));
            });
            group.bench_function(BenchmarkId::new(format!("bare crypto {}", row.name()), octets), |bencher| {
                bencher.iter_custom(|accepts| repeat(accepts, tokens, || bare.run_all()));
            });
        }
    }
    group.finish();
}

fn print_ratios() {
    for row in supported_enctypes() {
        for octets in SIZES {
            let logins = Logins::with_tickets(row.enctype, octets);
            let (door, bare) = (Door::new(&logins), BareCrypto::new(&logins));
            let accept = || door.accept_all(&logins.tokens);
            let pairs = Pairs::measure(logins.tokens.len(), accept, || bare.run_all());
            pairs.print(&format!("{}/{}-octets", row.name(), logins.ticket_octets()), "accept/bare");
        }
    }
}
