//! Whether the processor's instructions for hashes and ciphers are taken: what they compute beside MD5, for which no
//! processor has instructions.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod support;

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use core::hint::black_box;
use core::time::Duration;
use criterion::{Criterion, Throughput};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use std::time::Instant;
use support::pairs::Pairs;
use support::repeat;

const OCTETS: usize = 1 << 14;

/// Passes over the octets that are timed together.
const ROUNDS: usize = 16;

type Pass = fn(&mut [u8]);

const PRIMITIVES: [(&str, Pass); 8] = [
    ("sha1", digest::<Sha1>),
    ("sha256", digest::<Sha256>),
    ("sha512", digest::<Sha512>),
    ("aes128-encrypt", |octets| blocks(octets, |blocks| Aes128::new(&Array::default()).encrypt_blocks(blocks))),
    ("aes256-encrypt", |octets| blocks(octets, |blocks| Aes256::new(&Array::default()).encrypt_blocks(blocks))),
    ("aes128-decrypt", |octets| blocks(octets, |blocks| Aes128::new(&Array::default()).decrypt_blocks(blocks))),
    ("aes256-decrypt", |octets| blocks(octets, |blocks| Aes256::new(&Array::default()).decrypt_blocks(blocks))),
    ("md5", digest::<Md5>),
];

fn digest<D: Digest>(octets: &mut [u8]) {
    black_box(D::digest(octets));
}

fn blocks(octets: &mut [u8], cipher: impl FnOnce(&mut [aes::Block])) {
    let (blocks, _) = Array::slice_as_chunks_mut(octets);
    cipher(blocks);
}

fn main() {
    support::run(bench_primitives, print_ratios);
}

fn bench_primitives(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hardware");
    group.throughput(Throughput::Bytes(OCTETS.try_into().expect("few octets")));
    for (name, pass) in PRIMITIVES {
        group.bench_function(name, |bencher| bencher.iter_custom(|passes| repeat(passes, ROUNDS, || rounds(pass))));
    }
    group.finish();
}

fn print_ratios() {
    println!("{OCTETS} octets in each operation");
    for (name, pass) in PRIMITIVES.into_iter().filter(|(name, _)| *name != "md5") {
        Pairs::measure(ROUNDS, || rounds(digest::<Md5>), || rounds(pass)).print(name, "md5/it");
    }
}

fn rounds(pass: Pass) -> Duration {
    let mut octets = vec![0x5a; OCTETS];
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        pass(black_box(&mut octets));
    }
    begun.elapsed()
}
