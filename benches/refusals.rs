//! What a refusal costs beside an acceptance of as many octets: less, or a stranger could keep a service busy for little.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod support;

use core::time::Duration;
use criterion::{BenchmarkId, Criterion, Throughput};
use kerbside::Keytab;
use kerbside::testing::{Defect, Login, Realm};
use support::door::Door;
use support::logins::{Logins, SERVICE, TOKENS};
use support::pairs::Pairs;
use support::repeat;

fn main() {
    support::run(bench_refusals, print_ratios);
}

/// Tokens, and the acceptor that refuses them.
struct Refused {
    name: &'static str,
    tokens: Vec<Vec<u8>>,
    door: Door,
}

impl Refused {
    fn new(name: &'static str, change: impl Fn(Login) -> Login) -> Self {
        let logins = Logins::new(Realm::ENCTYPE).changed(change);
        let door = Door::new(&logins);
        Self { name, tokens: logins.tokens, door }
    }

    fn pass(&self) -> Duration {
        self.door.refuse_all(&self.tokens)
    }
}

/// The earliest refusal first.
fn refused() -> Vec<Refused> {
    let expired = |login: Login| {
        let yesterday = login.authenticator().time().saturating_sub(Duration::from_secs(86_400));
        login.with_ticket(|ticket| ticket.endtime = yesterday.second())
    };
    vec![
        garbage(),
        Refused::new("truncated", |login| login.broken(Defect::Truncated(200))),
        Refused::new("no-such-key", |login| login.kvno(9).cleartext_service("HTTP/elsewhere.example.com")),
        Refused::new("wrong-key", |login| login.broken(Defect::WrongServiceKey)),
        of_sixteen_keys(),
        Refused::new("expired", expired),
        Refused::new("wrong-session-key", |login| login.broken(Defect::WrongSessionKey)),
        Refused::new("skew", |login| login.clock_behind(Duration::from_secs(3_600))),
        replayed(),
    ]
}

/// As many octets as a token has, of no form at all.
fn garbage() -> Refused {
    let Refused { mut tokens, door, .. } = Refused::new("", |login| login);
    let mut state = 1_u32;
    for octet in tokens.iter_mut().flatten() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *octet = state.to_be_bytes()[0];
    }
    Refused { name: "garbage", tokens, door }
}

/// The wrong key for all that may be tried: `Limits::trial_keys` versions of the service's key are there, and the ticket
/// is of none of them.
fn of_sixteen_keys() -> Refused {
    let logins = Logins::new(Realm::ENCTYPE).changed(|login| login.broken(Defect::WrongServiceKey));
    let builder =
        (1..=16).fold(logins.realm.keytab_builder(), |builder, kvno| builder.key(SERVICE, Realm::ENCTYPE, kvno));
    let keytab = Keytab::from_bytes(&builder.to_octets()).expect("a keytab");
    let door = Door::with_keytab(keytab, &logins);
    Refused { name: "wrong-key-of-16", tokens: logins.tokens, door }
}

/// Good tokens that were accepted already.
fn replayed() -> Refused {
    let replayed = Refused { name: "replayed", ..Refused::new("", |login| login) };
    replayed.door.accept_all(&replayed.tokens);
    replayed
}

fn bench_refusals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("refusals");
    group.throughput(Throughput::Elements(1));
    for refused in refused() {
        group.bench_function(BenchmarkId::new("refused", refused.name), |bencher| {
            bencher.iter_custom(|tokens| repeat(tokens, TOKENS, || refused.pass()));
        });
    }
    group.finish();
}

fn print_ratios() {
    let logins = Logins::new(Realm::ENCTYPE);
    let door = Door::new(&logins);
    for refused in refused() {
        let error = refused.door.acceptor.accept(&refused.tokens[0], refused.door.now).expect_err("a bad token");
        println!("{} is refused as {}", refused.name, error.kind().name());
        let pairs = Pairs::measure(TOKENS, || refused.pass(), || door.accept_all(&logins.tokens));
        pairs.print(refused.name, "refusal/acceptance");
    }
}
