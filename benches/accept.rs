//! What an accept costs, beside the bare crypto of the same tokens. README.md says how to read it.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::hint::black_box;
use core::time::Duration;
use std::alloc::System;
use std::sync::Arc;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput};
use kerbside::asn1::Rules;
use kerbside::crypto::{Key, UsageKey, supported_enctypes};
use kerbside::gss::InitialToken;
use kerbside::messages::{ApReq, EncApRepPart, EncryptionKey};
use kerbside::numbers::{AuthDataType, Enctype, KeyUsage};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, Seen};
use kerbside::spnego::NegTokenInit;
use kerbside::testing::{AuthorizationElement, Login, Realm};
use kerbside::{Acceptor, Keytab, ReplayPolicy, Timestamp};

const SERVICE: &str = "HTTP/web.example.com";

/// Tokens in one pass. They and the buffers fit into a second-level cache, as a token that was just received does.
const TOKENS: usize = 256;

/// The octets of a PAC: what a domain controller writes for a user in some twenty groups.
const PAC_OCTETS: usize = 1024;

/// Short, so that the entries of one pass are dead a few seconds later.
const SKEW: Duration = Duration::from_secs(1);

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    bench_accept(&mut criterion);
    bench_parse(&mut criterion);
    bench_keytab(&mut criterion);
    criterion.final_summary();
    let asked = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    if asked("--bench") && !asked("--profile-time") {
        print_ratios();
    }
}

// --- the tokens and who takes them --------------------------------------------------------------------------------

/// A realm, and logins to one service, each with a ticket, a session key and an authenticator of its own.
struct Logins {
    realm: Realm,
    enctype: Enctype,
    logins: Vec<Login>,
    tokens: Vec<Vec<u8>>,
}

impl Logins {
    fn new(enctype: Enctype) -> Self {
        let realm = Realm::new("EXAMPLE.COM");
        let pac = AuthorizationElement::new(AuthDataType::WIN2K_PAC, vec![0x5a; PAC_OCTETS]);
        let logins: Vec<_> = (0..TOKENS)
            .map(|number| {
                let login = realm.login(&format!("user{number:04}"), SERVICE);
                login.ticket_enctype(enctype).session_enctype(enctype).with_ticket(|ticket| {
                    ticket.authorization_data =
                        Some(vec![AuthorizationElement::if_relevant(core::slice::from_ref(&pac))]);
                })
            })
            .collect();
        let tokens = logins.iter().map(Login::token).collect();
        Self { realm, enctype, logins, tokens }
    }
}

/// An acceptor whose replay store can be made to forget.
struct Door {
    acceptor: Acceptor,
    store: Arc<MemoryReplayStore>,
    now: Timestamp,
    forgotten: Cell<u32>,
}

impl Door {
    fn new(keytab: Keytab, logins: &Logins) -> Self {
        let store = Arc::new(MemoryReplayStore::default());
        let acceptor = Acceptor::builder(keytab)
            .service("HTTP")
            .allow_enctype(logins.enctype)
            .skew(SKEW)
            .replay(ReplayPolicy::Store(store.clone()))
            .build()
            .expect("the keytab has keys");
        Self { acceptor, store, now: logins.realm.now(), forgotten: Cell::new(0) }
    }

    /// Accepts every token once: mutual authentication, a reply, and the replay check, in a store that is in use.
    fn accept_all(&self, tokens: &[Vec<u8>]) -> Duration {
        self.forget();
        let begun = Instant::now();
        for token in tokens {
            let accepted = self.acceptor.accept(black_box(token), self.now).expect("a good token");
            black_box(accepted.reply());
        }
        begun.elapsed()
    }

    /// Leaves the store with about two thousand live entries, and none of this acceptor's: what expired goes when its
    /// part of the store is next asked, so strangers enough to come by every part arrive later than all before them.
    fn forget(&self) {
        let round = self.forgotten.get() + 1;
        self.forgotten.set(round);
        let later = self.now.saturating_add(4 * SKEW * round);
        for stranger in 0..2048_u32 {
            let key = ReplayKey::new(Enctype(0), &[&round.to_be_bytes()[..], &stranger.to_be_bytes()].concat());
            assert_eq!(self.store.check_and_insert(&key, later, later).ok(), Some(Seen::Fresh));
        }
    }
}

/// The crypto of an accept and nothing else: ticket, authenticator, reply. Buffers are reused, nothing is wiped, and
/// nothing is looked at.
struct BareCrypto<'a> {
    ticket_key: UsageKey,
    messages: Vec<(ApReq<'a>, &'a [u8])>,
    reply_part: Vec<u8>,
    enctype: Enctype,
}

impl<'a> BareCrypto<'a> {
    fn new(logins: &'a Logins) -> Self {
        let sealing_key = logins.logins[0].ticket().sealing_key.to_key().expect("an enctype of the table");
        let message = |(login, token): (&'a Login, &'a Vec<u8>)| (parse(token), login.ticket().key.keyvalue.as_slice());
        Self {
            ticket_key: sealing_key.for_usage(KeyUsage::TICKET),
            messages: logins.logins.iter().zip(&logins.tokens).map(message).collect(),
            reply_part: reply_part(logins),
            enctype: logins.enctype,
        }
    }

    fn run_all(&self) -> Duration {
        let (mut ticket, mut authenticator, mut reply) = (Vec::new(), Vec::new(), Vec::new());
        let begun = Instant::now();
        for (ap_req, session_key) in black_box(&self.messages) {
            refill(&mut ticket, ap_req.ticket.enc_part.cipher);
            black_box(self.ticket_key.decrypt_in_place(&mut ticket).expect("the service's key"));
            let session_key = Key::new(self.enctype, session_key).expect("a key of the enctype");
            refill(&mut authenticator, ap_req.authenticator.cipher);
            let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
            black_box(session_key.decrypt_in_place(usage, &mut authenticator).expect("the session key"));
            let confounder = &[7; 16][..session_key.info().confounder_octets];
            reply.clear();
            session_key.encrypt(KeyUsage::AP_REP, confounder, &self.reply_part, &mut reply).expect("a confounder");
            black_box(&reply);
        }
        begun.elapsed()
    }
}

fn refill(buffer: &mut Vec<u8>, octets: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(octets);
}

/// What the acceptor puts into a reply: a subkey only where it does.
fn reply_part(logins: &Logins) -> Vec<u8> {
    let login = &logins.logins[0];
    let door = Door::new(logins.realm.keytab(SERVICE).expect("a keytab"), logins);
    let accepted = door.acceptor.accept(&logins.tokens[0], door.now).expect("a good token");
    let reply = login.verify_reply(accepted.reply().expect("mutual authentication")).expect("a good reply");
    let ap_rep = reply.ap_rep.expect("an AP-REP");
    let mut part = EncApRepPart::new(login.authenticator().ctime, 0);
    part.subkey = ap_rep.subkey.as_ref().map(|key| EncryptionKey::new(key.keytype, &key.keyvalue));
    part.seq_number = ap_rep.seq_number;
    part.to_octets()
}

/// What has to be decoded before the first key is needed.
fn parse(token: &[u8]) -> ApReq<'_> {
    let rules = Rules::default();
    let negotiation = InitialToken::from_octets(token, rules).expect("a frame");
    let init = NegTokenInit::from_octets(negotiation.inner_context_token, rules).expect("a NegTokenInit");
    let krb5 = InitialToken::from_octets(init.mech_token.expect("a token inside"), rules).expect("a frame inside");
    let (_, ap_req) = krb5.inner_context_token.split_first_chunk::<2>().expect("a token identifier");
    ApReq::from_octets(ap_req, rules).expect("an AP-REQ")
}

// --- criterion's part -----------------------------------------------------------------------------------------------

fn bench_accept(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("accept");
    group.throughput(Throughput::Elements(1));
    for row in supported_enctypes() {
        let logins = Logins::new(row.enctype);
        let door = Door::new(logins.realm.keytab(SERVICE).expect("a keytab"), &logins);
        let bare = BareCrypto::new(&logins);
        group.bench_function(BenchmarkId::new("whole", row.name()), |bencher| {
            bencher.iter_custom(|accepts| repeat(accepts, || door.accept_all(&logins.tokens)));
        });
        group.bench_function(BenchmarkId::new("bare crypto", row.name()), |bencher| {
            bencher.iter_custom(|accepts| repeat(accepts, || bare.run_all()));
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
        let door = Door::new(keytab, &logins);
        group.bench_function(BenchmarkId::new("accept", entries), |bencher| {
            bencher.iter_custom(|accepts| repeat(accepts, || door.accept_all(&logins.tokens)));
        });
    }
    group.finish();
}

/// The time of so many accepts, measured in whole passes.
fn repeat(accepts: u64, pass: impl Fn() -> Duration) -> Duration {
    let tokens = u64::try_from(TOKENS).expect("few tokens");
    let passes = accepts.div_ceil(tokens);
    let total: Duration = (0..passes).map(|_| pass()).sum();
    total.mul_f64(to_f64(accepts) / to_f64(passes * tokens))
}

fn to_f64(number: u64) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

const KEYTAB_SIZES: [usize; 3] = [1, 100, 10_000];

/// A keytab with that many entries of as many services; the one that is asked for stands in the middle.
fn keytab_of(realm: &Realm, entries: usize) -> Keytab {
    let builder = (0..entries).fold(realm.keytab_builder(), |builder, number| {
        let other = format!("HTTP/host{number:05}.example.com");
        builder.key(if number == entries / 2 { SERVICE } else { &other }, Realm::ENCTYPE, Realm::KVNO)
    });
    builder.build().expect("a keytab")
}

// --- the ratios -----------------------------------------------------------------------------------------------------

/// Passes of each of two things, in turn. The fastest of each stand, because a busy machine only ever adds time; the median
/// of the pairs' ratios shows how much it did.
const PAIRS: usize = 200;

fn print_ratios() {
    println!("\nmachine {}, {TOKENS} tokens of {} octets", machine(), Logins::new(Realm::ENCTYPE).tokens[0].len());
    for row in supported_enctypes() {
        let logins = Logins::new(row.enctype);
        let door = Door::new(logins.realm.keytab(SERVICE).expect("a keytab"), &logins);
        let bare = BareCrypto::new(&logins);
        let pairs = Pairs::measure(|| door.accept_all(&logins.tokens), || bare.run_all());
        println!("ratio {} accept/bare {}", row.name(), pairs);
        println!("allocations {} {:.2}", row.name(), allocations_per_accept(&door, &logins.tokens));
    }
    let logins = Logins::new(Realm::ENCTYPE);
    let [one, others @ ..] =
        KEYTAB_SIZES.map(|entries| (entries, Door::new(keytab_of(&logins.realm, entries), &logins)));
    for (entries, door) in &others {
        let pairs = Pairs::measure(|| door.accept_all(&logins.tokens), || one.1.accept_all(&logins.tokens));
        println!("ratio keytab accept {entries}/1 entries {pairs}");
    }
}

fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(std::env::consts::ARCH);
    model.trim_start_matches([' ', '\t', ':']).to_owned()
}

/// What two things took, each pass of one beside one of the other.
struct Pairs {
    first: Duration,
    second: Duration,
    median: f64,
}

impl Pairs {
    fn measure(first: impl Fn() -> Duration, second: impl Fn() -> Duration) -> Self {
        let pairs: Vec<_> = (0..PAIRS).map(|_| (first(), second())).collect();
        let mut ratios: Vec<_> = pairs.iter().map(|(first, second)| ratio(*first, *second)).collect();
        ratios.sort_by(f64::total_cmp);
        let fastest = |side: fn(&(Duration, Duration)) -> Duration| pairs.iter().map(side).min().unwrap_or_default();
        Self { first: fastest(|pair| pair.0), second: fastest(|pair| pair.1), median: ratios[PAIRS / 2] }
    }
}

fn ratio(first: Duration, second: Duration) -> f64 {
    first.as_secs_f64() / second.as_secs_f64()
}

impl core::fmt::Display for Pairs {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let nanos = |pass: Duration| pass.as_nanos() / u128::try_from(TOKENS).unwrap_or(1);
        let (first, second) = (nanos(self.first), nanos(self.second));
        write!(f, "{:.2} ({first} ns, {second} ns; median {:.2})", ratio(self.first, self.second), self.median)
    }
}

// --- allocations ----------------------------------------------------------------------------------------------------

thread_local! {
    static ALLOCATIONS: Cell<u32> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count() {
    ALLOCATIONS.with(|allocations| allocations.set(allocations.get().wrapping_add(1)));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, octets: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(block, layout, octets) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}

/// Allocations and reallocations of one accept. A store in use seldom needs more room.
fn allocations_per_accept(door: &Door, tokens: &[Vec<u8>]) -> f64 {
    door.forget();
    let before = ALLOCATIONS.get();
    for token in tokens {
        black_box(door.acceptor.accept(token, door.now).expect("a good token"));
    }
    f64::from(ALLOCATIONS.get().wrapping_sub(before)) / f64::from(u32::try_from(TOKENS).expect("few tokens"))
}
