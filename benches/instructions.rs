//! How many instructions an accept takes, against a baseline that is committed: a guard, not the measure.
//!
//! Each case runs in a process of its own under valgrind's callgrind, which counts one function of it. Time does not come
//! into it, so a busy machine gives the numbers of an idle one. Valgrind's processor has AES instructions where the machine
//! has them, and never those for SHA: shares of hashing are larger than in life. README.md says how to use it.

#[path = "support/parse.rs"]
mod parse;

use core::fmt::Write;
use core::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use core::time::Duration;
use kerbside::crypto::{BufferedRandom, supported_enctypes};
use kerbside::gss::{Confidentiality, Rc4Messages, Session};
use kerbside::numbers::{AuthDataType, Enctype};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, Seen};
use kerbside::testing::{AuthorizationElement, Login, Realm};
use kerbside::{Acceptor, ReplayPolicy, Timestamp};

const SERVICE: &str = "HTTP/web.example.com";

/// What is counted is so many of a kind, and divided: what happens now and then, as drawing random octets, is in the mean.
const ROUNDS: u32 = 64;

/// The octets of a PAC: what a domain controller writes for a user in some twenty groups.
const PAC_OCTETS: usize = 1024;

const MESSAGE: [u8; 1024] = [0x6d; 1024];

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/baseline/instructions.txt");

/// How far a case may rise above the baseline before that is a failure, and fall before the baseline is out of date.
const BOUND_PERCENT: u64 = 5;

/// The argument of the process that valgrind runs; the name of a case follows.
const RUN_CASE: &str = "run-case";

/// The argument that writes the baseline anew.
const WRITE_BASELINE: &str = "write-baseline";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [RUN_CASE, name] => run_case(name),
        [WRITE_BASELINE] => write_baseline(),
        [] => check(""),
        [part] => check(part),
        _ => Err(format!("wanted nothing, {WRITE_BASELINE}, or a part of a case's name")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

// --- the cases ----------------------------------------------------------------------------------------------------

/// What is counted: a name, and what makes everything ready and then counts.
struct Case {
    name: String,
    run: fn(Enctype),
    enctype: Enctype,
}

fn cases() -> Vec<Case> {
    let case = |name: &str, run: fn(Enctype), enctype: Enctype| Case { name: name.to_owned(), run, enctype };
    let each = |kind: &'static str, run: fn(Enctype)| {
        let measured = supported_enctypes().filter(|row| MEASURED.contains(&row.enctype));
        measured.map(move |row| Case { name: format!("{kind}/{}", row.name()), run, enctype: row.enctype })
    };
    let mut cases: Vec<_> = each("accept", accept).collect();
    cases.push(case("parse", parse, Realm::ENCTYPE));
    cases.push(case("refuse/garbage", refuse_garbage, Realm::ENCTYPE));
    cases.push(case("refuse/wrong key", refuse_wrong_key, Realm::ENCTYPE));
    cases.extend(each("MIC of 1 KiB", mic).chain(each("Wrap of 1 KiB", wrap)));
    cases
}

/// In every build, so that features do not change the list.
const MEASURED: [Enctype; 5] = [
    Enctype::AES128_CTS_HMAC_SHA1_96,
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA256_128,
    Enctype::AES256_CTS_HMAC_SHA384_192,
    Enctype::RC4_HMAC,
];

/// Callgrind counts from this function's call to its return: see [`instructions`].
#[inline(never)]
fn what_callgrind_counts(work: &mut dyn FnMut()) {
    work();
}

fn accept(enctype: Enctype) {
    let door = Door::new(enctype);
    let logins = door.logins(&door.realm);
    what_callgrind_counts(&mut || {
        for token in &logins {
            let accepted = door.acceptor.accept(black_box(token), door.now).expect("a good token");
            black_box(accepted.reply());
        }
    });
}

fn parse(enctype: Enctype) {
    let door = Door::new(enctype);
    let logins = door.logins(&door.realm);
    what_callgrind_counts(&mut || {
        for token in &logins {
            black_box(parse::parse(black_box(token)));
        }
    });
}

fn refuse_garbage(enctype: Enctype) {
    let door = Door::new(enctype);
    door.refuse_all(&(0..ROUNDS).map(|_| vec![0x60; 1024]).collect::<Vec<_>>());
}

fn refuse_wrong_key(enctype: Enctype) {
    let door = Door::new(enctype);
    door.refuse_all(&door.logins(&Realm::with_seed("EXAMPLE.COM", 1)));
}

fn mic(enctype: Enctype) {
    let mut session = Door::new(enctype).session();
    session.get_mic(&MESSAGE).expect("an enctype that is allowed");
    what_callgrind_counts(&mut || {
        for _ in 0..ROUNDS {
            black_box(session.get_mic(black_box(&MESSAGE)).expect("an enctype that is allowed"));
        }
    });
}

fn wrap(enctype: Enctype) {
    let (mut session, random) = (Door::new(enctype).session(), BufferedRandom::default());
    let mut wrapped = || session.wrap(black_box(&MESSAGE), Confidentiality::Sealed, &random).expect("random octets");
    wrapped();
    what_callgrind_counts(&mut || {
        for _ in 0..ROUNDS {
            black_box(wrapped());
        }
    });
}

/// A realm whose clock stands still, and an acceptor that has been at work.
struct Door {
    realm: Realm,
    enctype: Enctype,
    acceptor: Acceptor,
    now: Timestamp,
}

impl Door {
    fn new(enctype: Enctype) -> Self {
        let realm = Realm::new("EXAMPLE.COM");
        let now = realm.now();
        let keytab = realm.keytab(SERVICE).expect("a keytab");
        let builder = Acceptor::builder(keytab).service("HTTP").allow_enctype(enctype);
        let builder = builder.adjust_policy(|policy| policy.rc4_messages = Rc4Messages::Allow);
        let acceptor = builder.replay(ReplayPolicy::Store(store_in_use(now))).build().expect("the keytab has keys");
        let door = Self { realm, enctype, acceptor, now };
        // What is made at the first login only is there before the counting begins.
        door.acceptor.accept(&door.login(&door.realm, "early").token(), now).expect("a good token");
        door
    }

    fn login(&self, realm: &Realm, client: &str) -> Login {
        let pac = AuthorizationElement::new(AuthDataType::WIN2K_PAC, vec![0x5a; PAC_OCTETS]);
        let login = realm.login(client, SERVICE).ticket_enctype(self.enctype).session_enctype(self.enctype);
        login.with_ticket(|ticket| ticket.authorization_data = Some(vec![AuthorizationElement::if_relevant(&[pac])]))
    }

    /// Tokens of so many clients, each with keys of its own.
    fn logins(&self, realm: &Realm) -> Vec<Vec<u8>> {
        (0..ROUNDS).map(|number| self.login(realm, &format!("user{number:04}")).token()).collect()
    }

    fn refuse_all(&self, tokens: &[Vec<u8>]) {
        what_callgrind_counts(&mut || {
            for token in tokens {
                black_box(self.acceptor.accept(black_box(token), self.now).expect_err("a bad token"));
            }
        });
    }

    fn session(&self) -> Session {
        let accepted = self.acceptor.accept(&self.login(&self.realm, "alice").token(), self.now);
        accepted.expect("a good token").into_session()
    }
}

/// A store with a thousand live entries and room for more: a burst long ago made its tables large, strangers who came by
/// every part of it later had what was dead removed. So no part grows, whatever the seed by which keys are filed.
fn store_in_use(now: Timestamp) -> Arc<MemoryReplayStore> {
    let store = Arc::new(MemoryReplayStore::default());
    let [long_ago, dead] = [7200, 3600].map(|seconds| now.saturating_sub(Duration::from_secs(seconds)));
    let later = now.saturating_add(Duration::from_secs(900));
    let strangers = |entries: u32, at: Timestamp, until: Timestamp| {
        for stranger in 0..entries {
            let key =
                ReplayKey::new(Enctype(0), &[&at.unix_micros().to_be_bytes()[..], &stranger.to_be_bytes()].concat());
            assert_eq!(store.check_and_insert(&key, at, until).ok(), Some(Seen::Fresh));
        }
    };
    strangers(64 * 80, long_ago, dead);
    strangers(64 * 16, now, later);
    store
}

fn run_case(name: &str) -> Result<(), String> {
    if name == MACHINE {
        println!("{}", machine());
        return Ok(());
    }
    let case = cases().into_iter().find(|case| case.name == name).ok_or_else(|| format!("there is no case {name}"))?;
    (case.run)(case.enctype);
    Ok(())
}

// --- counting -----------------------------------------------------------------------------------------------------

/// Instructions of one round of a case.
fn instructions(case: &Case) -> Result<u64, String> {
    let count = "--toggle-collect=*what_callgrind_counts*";
    let report = under_valgrind(&["--tool=callgrind", "--callgrind-out-file=/dev/null", count], &case.name)?.1;
    let collected = report.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse::<u64>().ok());
    match collected {
        None | Some(0) => Err(format!("{}: valgrind counted nothing:\n{report}", case.name)),
        Some(total) => Ok(total / u64::from(ROUNDS)),
    }
}

/// What this program prints as [`RUN_CASE`], and what valgrind reports.
fn under_valgrind(options: &[&str], case: &str) -> Result<(String, String), String> {
    let program = std::env::current_exe().map_err(|error| format!("this program's path: {error}"))?;
    // The environment lies on the stack, and where the stack begins is one of the seeds of a hash.
    let output = Command::new("valgrind")
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .args(options)
        .arg(program)
        .args([RUN_CASE, case])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let [printed, report] = [&output.stdout, &output.stderr].map(|octets| String::from_utf8_lossy(octets).into_owned());
    if output.status.success() { Ok((printed, report)) } else { Err(format!("{case}: {}\n{report}", output.status)) }
}

/// The name of the case that prints [`machine`].
const MACHINE: &str = "machine";

/// What decides which code runs: the features, and of the processor's what the cryptography asks for.
fn machine() -> String {
    let features = if cfg!(feature = "camellia") { "with camellia" } else { "without camellia" };
    format!("{} {}, {features}", std::env::consts::ARCH, processor())
}

#[cfg(target_arch = "x86_64")]
fn processor() -> String {
    let known = [
        ("aes", std::arch::is_x86_feature_detected!("aes")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
        ("sha", std::arch::is_x86_feature_detected!("sha")),
        ("vaes", std::arch::is_x86_feature_detected!("vaes")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    let there: Vec<_> = known.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    format!("with {}", there.join(" "))
}

#[cfg(not(target_arch = "x86_64"))]
fn processor() -> String {
    "with whatever it has".to_owned()
}

fn compiler() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output().map_err(|error| format!("rustc: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

// --- the baseline -------------------------------------------------------------------------------------------------

/// What the counts hang on besides the code: they are compared where all of it is the same.
#[derive(Debug, PartialEq, Eq)]
struct Conditions {
    compiler: String,
    machine: String,
}

impl Conditions {
    fn here() -> Result<Self, String> {
        if cfg!(debug_assertions) {
            return Err("this build is not optimized: run it with cargo bench".to_owned());
        }
        let (machine, _) = under_valgrind(&["--tool=none"], MACHINE)?;
        Ok(Self { compiler: compiler()?, machine: machine.trim().to_owned() })
    }
}

/// The committed numbers, and what they were counted with.
#[derive(Debug, PartialEq, Eq)]
struct Baseline {
    conditions: Conditions,
    counts: Vec<(String, u64)>,
}

impl Baseline {
    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let compiler = lines.next()?.strip_prefix("compiler: ")?.to_owned();
        let machine = lines.next()?.strip_prefix("machine: ")?.to_owned();
        let count = |line: &str| {
            let (name, instructions) = line.rsplit_once(": ")?;
            Some((name.to_owned(), instructions.parse().ok()?))
        };
        Some(Self { conditions: Conditions { compiler, machine }, counts: lines.map(count).collect::<Option<_>>()? })
    }

    fn to_text(&self) -> String {
        let Conditions { compiler, machine } = &self.conditions;
        let mut text = format!(
            "# Instructions under valgrind, written by: cargo bench --all-features --bench instructions -- {WRITE_BASELINE}\n\
             compiler: {compiler}\nmachine: {machine}\n"
        );
        for (name, instructions) in &self.counts {
            writeln!(text, "{name}: {instructions}").expect("a String takes everything");
        }
        text
    }

    fn read() -> Result<Self, String> {
        let text = std::fs::read_to_string(BASELINE).map_err(|error| format!("{BASELINE}: {error}"))?;
        Self::from_text(&text).ok_or_else(|| format!("{BASELINE} is no baseline"))
    }

    fn of(&self, name: &str) -> Option<u64> {
        self.counts.iter().find(|(known, _)| known == name).map(|(_, instructions)| *instructions)
    }
}

fn write_baseline() -> Result<(), String> {
    let conditions = Conditions::here()?;
    let counted = |case: Case| instructions(&case).map(|instructions| (case.name, instructions));
    let counts = cases().into_iter().map(counted).collect::<Result<_, _>>()?;
    let text = Baseline { conditions, counts }.to_text();
    if let Some(directory) = Path::new(BASELINE).parent() {
        std::fs::create_dir_all(directory).map_err(|error| format!("{BASELINE}: {error}"))?;
    }
    std::fs::write(BASELINE, &text).map_err(|error| format!("{BASELINE}: {error}"))?;
    print!("{text}");
    Ok(())
}

/// How a count stands to the baseline's.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Within,
    Risen,
    Fallen,
    New,
}

fn verdict(baseline: Option<u64>, instructions: u64) -> Verdict {
    match baseline {
        None => Verdict::New,
        Some(baseline) if instructions * 100 > baseline * (100 + BOUND_PERCENT) => Verdict::Risen,
        Some(baseline) if instructions * 100 < baseline * (100 - BOUND_PERCENT) => Verdict::Fallen,
        Some(_) => Verdict::Within,
    }
}

/// Counts the cases whose name has this part in it, and compares them.
fn check(part: &str) -> Result<(), String> {
    the_check_can_fail();
    let (baseline, here) = (Baseline::read()?, Conditions::here()?);
    let cases = cases();
    let gone = baseline.counts.iter().find(|(name, _)| cases.iter().all(|case| case.name != *name));
    if let Some((name, _)) = gone {
        return Err(format!("the baseline has a case that is gone, {name}: write it anew with {WRITE_BASELINE}"));
    }

    println!("{:>12} {:>12} {:>8}  case", "instructions", "baseline", "");
    let (mut failed, mut fallen) = (Vec::new(), Vec::new());
    for case in cases.into_iter().filter(|case| case.name.contains(part)) {
        let (before, now) = (baseline.of(&case.name), instructions(&case)?);
        println!("{now:>12} {:>12} {:>8}  {}", before.unwrap_or(0), change(before, now), case.name);
        match verdict(before, now) {
            Verdict::Within => {}
            Verdict::Risen | Verdict::New => failed.push(case.name),
            Verdict::Fallen => fallen.push(case.name),
        }
    }
    println!("{}\n{}", here.compiler, here.machine);

    if here != baseline.conditions {
        let Conditions { compiler, machine } = baseline.conditions;
        println!("not compared: the baseline is of {compiler}, {machine}");
        return Ok(());
    }
    if !fallen.is_empty() {
        println!(
            "more than {BOUND_PERCENT} % below: commit a new baseline ({WRITE_BASELINE}) to keep {}",
            fallen.join(", ")
        );
    }
    match failed[..] {
        [] => Ok(()),
        _ => Err(format!("more than {BOUND_PERCENT} % above the baseline, or not in it: {}", failed.join(", "))),
    }
}

fn change(before: Option<u64>, now: u64) -> String {
    let Some(before) = before.filter(|before| *before > 0) else { return "new".to_owned() };
    let hundredths = i128::from(now) * 10_000 / i128::from(before) - 10_000;
    let sign = if hundredths < 0 { '-' } else { '+' };
    format!("{sign}{}.{:02} %", hundredths.abs() / 100, hundredths.abs() % 100)
}

/// A guard that lets everything pass is none.
fn the_check_can_fail() {
    let verdicts = [1_051, 1_050, 950, 949].map(|instructions| verdict(Some(1_000), instructions));
    assert_eq!(verdicts, [Verdict::Risen, Verdict::Within, Verdict::Within, Verdict::Fallen]);
    assert_eq!(verdict(None, 1), Verdict::New);
    let conditions = Conditions { compiler: "rustc 1 (of: a day)".to_owned(), machine: "x86_64".to_owned() };
    let baseline = Baseline { conditions, counts: vec![("a/b: c".to_owned(), 7), ("d".to_owned(), 8)] };
    assert_eq!(Baseline::from_text(&baseline.to_text()).as_ref(), Some(&baseline));
    assert_eq!((baseline.of("d"), baseline.of("e")), (Some(8), None));
}
