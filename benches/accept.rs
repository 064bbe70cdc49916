//! What an accept costs, beside the bare crypto of the same tokens. README.md says how to read it.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod support;

use core::hint::black_box;
use criterion::{BenchmarkId, Criterion, Throughput};
use kerbside::Keytab;
use kerbside::crypto::supported_enctypes;
use kerbside::testing::{Login, Realm};
use support::bare_crypto::BareCrypto;
use support::door::{Door, keytab_octets};
use support::logins::{Logins, SERVICE, TOKENS};
use support::pairs::Pairs;
use support::parse::parse;
use support::repeat;

const KEYTAB_SIZES: [usize; 3] = [1, 100, 10_000];

fn main() {
    let benches = |criterion: &mut Criterion| {
        bench_accept(criterion);
        bench_parse(criterion);
        bench_keytab(criterion);
    };
    support::run(benches, print_ratios);
}

fn bench_accept(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("accept");
    group.throughput(Throughput::Elements(1));
    for row in supported_enctypes() {
        let logins = Logins::new(row.enctype);
        let (door, bare) = (Door::new(&logins), BareCrypto::new(&logins));
        group.bench_function(BenchmarkId::new("whole", row.name()), |bencher| {
            bencher.iter_custom(|accepts| repeat(accepts, TOKENS, || door.accept_all(&logins.tokens)));
        });
        group.bench_function(BenchmarkId::new("bare crypto", row.name()), |bencher| {
            bencher.iter_custom(|accepts| repeat(accepts, TOKENS, || bare.run_all()));
        });
    }
    group.finish();
}

fn bench_parse(criterion: &mut Criterion) {
    let logins = Logins::new(Realm::ENCTYPE);
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(logins.tokens[0].len().try_into().expect("a short token")));
    group.bench_function("frame, NegTokenInit and AP-REQ", |bencher| {
        bencher.iter(|| black_box(parse(black_box(&logins.tokens[0]))));
    });
    group.finish();
}

fn bench_keytab(criterion: &mut Criterion) {
    let logins = Logins::new(Realm::ENCTYPE);
    let service = logins.realm.principal(SERVICE);
    let mut group = criterion.benchmark_group("keytab");
    for entries in KEYTAB_SIZES {
        let keytab = keytab_of(&logins.realm, entries);
        group.bench_function(BenchmarkId::new("lookup", entries), |bencher| {
            bencher.iter(|| black_box(keytab.lookup(black_box(&service), Realm::ENCTYPE).count()));
        });
        let door = Door::with_keytab(keytab, &logins);
        group.bench_function(BenchmarkId::new("accept", entries), |bencher| {
            bencher.iter_custom(|accepts| repeat(accepts, TOKENS, || door.accept_all(&logins.tokens)));
        });
    }
    group.finish();
}

fn keytab_of(realm: &Realm, entries: usize) -> Keytab {
    Keytab::from_bytes(&keytab_octets(realm, Realm::ENCTYPE, entries)).expect("a keytab")
}

fn print_ratios() {
    for row in supported_enctypes() {
        let logins = Logins::new(row.enctype);
        let (door, bare) = (Door::new(&logins), BareCrypto::new(&logins));
        Pairs::measure(TOKENS, || door.accept_all(&logins.tokens), || bare.run_all()).print(row.name(), "accept/bare");
    }
    let logins = Logins::new(Realm::ENCTYPE);
    print_spnego(&logins);
    print_keytabs(&logins);
}

/// What the negotiation around the krb5 token costs.
fn print_spnego(spnego: &Logins) {
    let raw = Logins::new(Realm::ENCTYPE).changed(Login::raw_krb5);
    let (spnego_door, raw_door) = (Door::new(spnego), Door::new(&raw));
    let spnego_pass = || spnego_door.accept_all(&spnego.tokens);
    Pairs::measure(TOKENS, spnego_pass, || raw_door.accept_all(&raw.tokens)).print("framing", "spnego/raw");
}

fn print_keytabs(logins: &Logins) {
    let [one, others @ ..] =
        KEYTAB_SIZES.map(|entries| (entries, Door::with_keytab(keytab_of(&logins.realm, entries), logins)));
    for (entries, door) in &others {
        let one_entry = || one.1.accept_all(&logins.tokens);
        let pairs = Pairs::measure(TOKENS, || door.accept_all(&logins.tokens), one_entry);
        pairs.print(&format!("keytab-{entries}"), "accept/one-entry");
    }
}
