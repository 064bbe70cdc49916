//! What MIC and Wrap tokens cost, beside the crypto in them.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod support;

use core::hint::black_box;
use core::time::Duration;
use criterion::{BenchmarkId, Criterion, Throughput};
use kerbside::crypto::{Key, UsageKey, supported_enctypes};
use kerbside::gss::{Confidentiality, ContextFlags, Rc4Messages, Role, Session, SessionParameters};
use kerbside::numbers::{Enctype, KeyUsage};
use kerbside::testing::Realm;
use kerbside::{BufferedRandom, Timestamp};
use std::time::Instant;
use support::bare_crypto::refill;
use support::logins::SERVICE;
use support::pairs::Pairs;
use support::repeat;

/// A message of some mail or directory protocol, and one of a transfer of files.
const SIZES: [(usize, &str); 2] = [(1 << 10, "1-KiB"), (1 << 20, "1-MiB")];

/// The header of a token, RFC 4121 §4.2.6.2, which is protected with the message.
const HEADER: [u8; 16] = [0; 16];

fn main() {
    support::run(bench_messages, print_ratios);
}

fn bench_messages(criterion: &mut Criterion) {
    for (octets, size) in SIZES {
        let mut group = criterion.benchmark_group(format!("messages of {size}"));
        group.throughput(Throughput::Bytes(octets.try_into().expect("a size of the table")));
        for row in supported_enctypes() {
            let talk = Talk::new(row.enctype, octets);
            let mut bench = |name: &str, pass: &dyn Fn() -> Duration| {
                group.bench_function(BenchmarkId::new(name, row.name()), |bencher| {
                    bencher.iter_custom(|messages| repeat(messages, talk.messages, pass));
                });
            };
            bench("MIC", &|| talk.get_mics());
            bench("Wrap", &|| talk.wrap_all());
            bench("Unwrap", &|| talk.unwrap_all());
        }
        group.finish();
    }
}

fn print_ratios() {
    for row in supported_enctypes() {
        for (octets, size) in SIZES {
            let talk = Talk::new(row.enctype, octets);
            let subject = |operation: &str| format!("{}/{operation}-{size}", row.name());
            let mics = Pairs::measure(talk.messages, || talk.get_mics(), || talk.bare_checksums());
            mics.print(&subject("MIC"), "whole/bare");
            let wraps = Pairs::measure(talk.messages, || talk.wrap_all(), || talk.bare_encryptions());
            wraps.print(&subject("Wrap"), "whole/bare");
            let unwraps = Pairs::measure(talk.messages, || talk.unwrap_all(), || talk.bare_decryptions());
            unwraps.print(&subject("Unwrap"), "whole/bare");
        }
    }
}

/// Both ends of one context, and messages of one size on their way.
struct Talk {
    enctype: Enctype,
    key: Vec<u8>,
    random: BufferedRandom,
    message: Vec<u8>,
    messages: usize,
    tokens: Vec<Vec<u8>>,
    ciphertexts: Vec<Vec<u8>>,
}

impl Talk {
    fn new(enctype: Enctype, octets: usize) -> Self {
        let realm = Realm::new("EXAMPLE.COM");
        let key = realm.service_key(&realm.principal(SERVICE), enctype, Realm::KVNO).keyvalue;
        let (random, message) = (BufferedRandom::new(), vec![0x5a; octets]);
        let messages = ((1 << 19) / octets).clamp(2, 256);
        let mut talk = Self { enctype, key, random, message, messages, tokens: Vec::new(), ciphertexts: Vec::new() };
        let mut initiator = talk.session(Role::Initiator);
        talk.tokens = (0..messages).map(|_| talk.wrap(&mut initiator)).collect();
        talk.ciphertexts = (0..messages).map(|_| talk.encrypt(&talk.usage_key(KeyUsage::INITIATOR_SEAL))).collect();
        talk
    }

    /// A context from its beginning, so that no number comes twice.
    fn session(&self, role: Role) -> Session {
        let expires = Timestamp::from_unix_micros(i64::MAX);
        let parameters = SessionParameters::new(role, self.key(), expires).rc4_messages(Rc4Messages::Allow);
        Session::new(parameters.flags(ContextFlags::REPLAY | ContextFlags::SEQUENCE))
    }

    fn key(&self) -> Key {
        Key::new(self.enctype, &self.key).expect("a key of the enctype")
    }

    fn usage_key(&self, usage: KeyUsage) -> UsageKey {
        self.key().for_usage(usage)
    }

    fn wrap(&self, session: &mut Session) -> Vec<u8> {
        session.wrap(&self.message, Confidentiality::Sealed, &self.random).expect("a token")
    }

    fn get_mics(&self) -> Duration {
        let mut acceptor = self.session(Role::Acceptor);
        self.timed(|_| black_box(acceptor.get_mic(black_box(&self.message)).expect("a token")))
    }

    fn wrap_all(&self) -> Duration {
        let mut acceptor = self.session(Role::Acceptor);
        self.timed(|_| black_box(self.wrap(&mut acceptor)))
    }

    fn unwrap_all(&self) -> Duration {
        let mut acceptor = self.session(Role::Acceptor);
        let mut buffer = Vec::new();
        self.timed(|number| {
            refill(&mut buffer, &self.tokens[number]);
            let unwrapped = acceptor.unwrap_in_place(&mut buffer).expect("a good token");
            black_box(unwrapped.in_order().expect("each once").len())
        })
    }

    fn bare_checksums(&self) -> Duration {
        let key = self.usage_key(KeyUsage::ACCEPTOR_SIGN);
        self.timed(|_| black_box(key.checksum(&[black_box(&self.message), &HEADER])))
    }

    fn bare_encryptions(&self) -> Duration {
        let key = self.usage_key(KeyUsage::ACCEPTOR_SEAL);
        self.timed(|_| black_box(self.encrypt(&key)))
    }

    fn bare_decryptions(&self) -> Duration {
        let key = self.usage_key(KeyUsage::INITIATOR_SEAL);
        let mut buffer = Vec::new();
        self.timed(|number| {
            refill(&mut buffer, &self.ciphertexts[number]);
            black_box(key.decrypt_in_place(&mut buffer).expect("the right key").len())
        })
    }

    fn encrypt(&self, key: &UsageKey) -> Vec<u8> {
        let mut out = Vec::new();
        let confounder = &[7; 16][..key.confounder_octets()];
        key.encrypt_parts(confounder, [black_box(&self.message), &HEADER], &mut out).expect("a confounder");
        out
    }

    /// What one pass over all messages takes.
    fn timed<T>(&self, mut operation: impl FnMut(usize) -> T) -> Duration {
        let begun = Instant::now();
        for number in 0..self.messages {
            operation(number);
        }
        begun.elapsed()
    }
}
