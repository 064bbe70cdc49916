//! Seen before? Whatever is done to a token that was accepted once, it is not accepted again (section 13 of the
//! acceptance order).
#![cfg(feature = "testing")]

#[path = "support/octets.rs"]
mod octets;
#[path = "support/refusals.rs"]
mod refusals;

use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use kerbside::asn1::Rules;
use kerbside::crypto::supported_enctypes;
use kerbside::messages::ApReq;
use kerbside::numbers::{Enctype, NameType};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, ReplayStoreError, Seen};
use kerbside::testing::{Clock, Defect, Framing, Login, Oid, Part, PrincipalName, Realm};
use kerbside::{Acceptor, AcceptorBuilder, Error, Policy, ReplayPolicy, Timestamp};
use octets::ciphertexts;
use refusals::{HIDDEN, Heard, SERVICE};
use std::panic::catch_unwind;
use std::sync::{Arc, Barrier, Mutex, mpsc};

fn builder(realm: &Realm) -> AcceptorBuilder {
    Acceptor::builder(realm.keytab_builder().service(SERVICE).service(HIDDEN).build().unwrap())
}

fn acceptor(realm: &Realm) -> Acceptor {
    builder(realm).build().unwrap()
}

fn with_store(realm: &Realm, store: impl ReplayStore + 'static) -> Acceptor {
    builder(realm).replay(ReplayPolicy::Store(Arc::new(store))).build().unwrap()
}

/// The name of the refusal, or nothing.
fn name<T>(judged: &Result<T, Error>) -> Option<&'static str> {
    judged.as_ref().err().map(|error| error.kind().name())
}

fn presets() -> [(&'static str, Policy); 3] {
    [("default", Policy::default()), ("strict", Policy::strict()), ("windows", Policy::windows_compatible())]
}

fn of_preset(realm: &Realm, policy: Policy, replay: ReplayPolicy) -> Acceptor {
    let builder = builder(realm).policy(policy).allow_enctype(Enctype::RC4_HMAC).replay(replay);
    builder.started_at(Clock::START.saturating_sub(Duration::from_secs(60))).build().unwrap()
}

// APR-05
#[test]
fn apr_05_the_second_accept_is_a_replay_by_default() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let login = realm.login("alice", SERVICE);
    assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), None);
    realm.clock().advance(Duration::from_secs(2));
    let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
    assert_eq!(error.kind().name(), "Replay");
    assert!(error.to_string().contains("2026-03-01T10:00:00.123456Z"), "the time of the first: {error}");
    assert_eq!(name(&acceptor.accept(&login.again().token(), realm.now())), None, "a new authenticator");
}

// APR-17, as far as an accept goes: one token is one login, one ticket as many as there are authenticators.
#[test]
fn apr_17_one_ticket_makes_many_logins_and_one_token_one() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let first = realm.login("alice", SERVICE);
    let tokens: Vec<_> = core::iter::successors(Some(first), |login| Some(login.again())).take(20).collect();
    for login in &tokens {
        assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), None);
    }
    for login in &tokens {
        assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), Some("Replay"));
    }
}

// APR-03
#[test]
fn apr_03_no_unauthenticated_octet_makes_a_token_fresh() {
    let realm = refusals::realm();
    for (preset, policy) in presets() {
        for login in [realm.login("alice", SERVICE), realm.login("alice", SERVICE).raw_krb5()] {
            let token = login.token();
            let acceptor = of_preset(&realm, policy.clone(), ReplayPolicy::Memory);
            let unaware = of_preset(&realm, policy.clone(), ReplayPolicy::Off);
            assert_eq!(name(&acceptor.accept(&token, realm.now())), None, "{preset}");
            let sealed = ciphertexts(&token);
            let mut harmless = 0;
            for at in (0..token.len()).filter(|at| !sealed.iter().any(|range| range.contains(at))) {
                for changed in changes(token[at]) {
                    let mut mutated = token.clone();
                    mutated[at] = changed;
                    let judged = acceptor.accept(&mutated, realm.now());
                    assert!(judged.is_err(), "{preset}: octet {at} changed to {changed:#04x} was accepted again");
                    harmless += usize::from(name(&judged) == Some("Replay"));
                    // A replay is refused as one exactly where the token would have been good for a first time.
                    let fresh = name(&judged) == Some("Replay");
                    assert_eq!(
                        unaware.accept(&mutated, realm.now()).is_ok(),
                        fresh,
                        "{preset}: octet {at}, {changed:#04x}"
                    );
                }
            }
            assert!(harmless > 40, "{preset}: only {harmless} changes reach the replay store");
        }
    }
}

/// Other values of an octet: each bit inverted, the neighbours, the extremes.
fn changes(octet: u8) -> impl Iterator<Item = u8> {
    let bits = (0..8).map(move |bit| octet ^ (1 << bit));
    bits.chain([octet.wrapping_add(1), octet.wrapping_sub(1), 0, 0xff]).filter(move |changed| *changed != octet)
}

// APR-03
#[test]
fn apr_03_no_rewriting_of_the_cleartext_makes_a_token_fresh() {
    let realm = refusals::realm();
    for (preset, policy) in presets() {
        let acceptor = of_preset(&realm, policy.clone(), ReplayPolicy::Memory);
        let unaware = of_preset(&realm, policy, ReplayPolicy::Off);
        let login = realm.login("alice", SERVICE);
        assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), None, "{preset}");
        let authenticator = authenticator_of(&login);
        let mut replays = 0;
        for (what, rewritten) in rewritings(&login) {
            let token = rewritten.token();
            assert!(token.windows(authenticator.len()).any(|window| window == authenticator), "{what}");
            let judged = acceptor.accept(&token, realm.now());
            assert!(judged.is_err(), "{preset}: {what} was accepted again");
            let good = unaware.accept(&token, realm.now()).is_ok();
            assert_eq!(name(&judged) == Some("Replay"), good, "{preset}: {what}: {:?}", name(&judged));
            replays += usize::from(good);
        }
        let expected = if preset == "strict" { 9 } else { 20 };
        assert!(replays >= expected, "{preset}: only {replays} rewritings reach the replay store");
    }
}

/// What whoever relays a token can do to it without a key.
fn rewritings(login: &Login) -> Vec<(String, Login)> {
    let mut all: Vec<(String, Login)> = Vec::new();
    let mut add = |what: &str, change: &dyn Fn(Login) -> Login| all.push((what.into(), change(login.clone())));
    add("nothing", &|l| l);
    add("another service", &|l| l.cleartext_service("HTTP/www.example.com"));
    add("the other service of the keytab", &|l| l.cleartext_service(HIDDEN));
    add("another realm", &|l| l.with_ticket(|t| t.realm = b"OTHER.EXAMPLE".to_vec()));
    add("no realm", &|l| l.with_ticket(|t| t.realm.clear()));
    add("a service in capitals", &|l| l.cleartext_service("HTTP/WEB.EXAMPLE.COM"));
    add("a name of three components", &|l| {
        l.with_ticket(|t| t.sname = PrincipalName::new(NameType::NT_SRV_INST, ["HTTP", "web.example.com", "x"]))
    });
    add("no kvno", &|l| l.with_ticket(|t| t.kvno = None));
    add("kvno 0", &|l| l.with_ticket(|t| t.kvno = Some(0)));
    add("kvno 258", &|l| l.with_ticket(|t| t.kvno = Some(258)));
    add("kvno −1", &|l| l.with_ticket(|t| t.kvno = Some(-1)));
    add("another enctype on the ticket", &|l| l.with_ticket(|t| t.etype = Enctype::AES128_CTS_HMAC_SHA1_96));
    add("another enctype on the authenticator", &|l| {
        l.with_ap_req(|r| r.authenticator_etype = Some(Enctype::AES256_CTS_HMAC_SHA384_192))
    });
    add("a kvno on the authenticator", &|l| l.with_ap_req(|r| r.authenticator_kvno = Some(7)));
    add("no options", &|l| l.with_ap_req(|r| r.ap_options = 0.into()));
    add("all options but user-to-user", &|l| l.with_ap_req(|r| r.ap_options = (!0x4000_0000_u32).into()));
    add("raw", &Login::raw_krb5);
    add("bare", &Login::bare_ap_req);
    add("a continuation", &|l| l.framing(Framing::SpnegoContinuation));
    add("another mechanism list", &|l| l.offering(&[Oid::KRB5, Oid::NTLM, Oid::UNKNOWN]));
    add("the mechanism second", &|l| l.offering(&[Oid::NTLM, Oid::KRB5]));
    add("Microsoft's OID in the list", &|l| l.offering(&[Oid::MS_KRB5, Oid::KRB5]));
    add("Microsoft's OID everywhere", &Login::microsoft_oid);
    add("Microsoft's OID, raw", &|l| l.microsoft_oid().raw_krb5());
    add("request flags", &|l| l.with_negotiation(|init| init.req_flags = Some(0xff00_0000.into())));
    add("hints", &|l| l.with_negotiation(|init| init.hint_name = Some(b"hint".to_vec())));
    for number in 0..12 {
        add("a name-type", &|l| l.with_ticket(|t| t.sname.name_type = NameType(number)));
    }
    let open = Part::ALL.into_iter().filter(|part| !matches!(part, Part::EncTicketPart | Part::Authenticator));
    for part in open {
        for octets in 1..=5 {
            add(&format!("{part:?} in {octets}"), &|l| l.broken(Defect::LongLength { part, octets }));
        }
        add(&format!("an unknown field in {part:?}"), &|l| l.broken(Defect::UnknownField(part)));
        add(&format!("an octet after {part:?}"), &|l| l.broken(Defect::OctetAfter(part)));
        add(&format!("an octet inside {part:?}"), &|l| l.broken(Defect::OctetInside(part)));
        add(&format!("{part:?} of indefinite length"), &|l| l.broken(Defect::IndefiniteLength(part)));
    }
    all
}

/// The authenticator's ciphertext.
fn authenticator_of(login: &Login) -> Vec<u8> {
    let ap_req = login.ap_req();
    let [_, authenticator] = ciphertexts(&ap_req);
    ap_req[authenticator].to_vec()
}

// APR-04
#[test]
fn apr_04_clones_threads_and_acceptors_of_one_store_share_what_they_saw() {
    let realm = refusals::realm();
    let original = acceptor(&realm);
    let clone = original.clone();
    let token = realm.login("alice", SERVICE).token();
    assert_eq!(name(&original.accept(&token, realm.now())), None);
    assert_eq!(name(&clone.accept(&token, realm.now())), Some("Replay"));
    let elsewhere =
        std::thread::scope(|scope| scope.spawn(|| name(&clone.accept(&token, realm.now()))).join().unwrap());
    assert_eq!(elsewhere, Some("Replay"));
    drop(original);
    assert_eq!(name(&clone.accept(&token, realm.now())), Some("Replay"), "the store outlives the first acceptor");

    let shared: Arc<dyn ReplayStore> = Arc::new(MemoryReplayStore::default());
    let of_store = || builder(&realm).replay(ReplayPolicy::Store(Arc::clone(&shared))).build().unwrap();
    let (here, there) = (of_store(), of_store());
    let token = realm.login("alice", SERVICE).token();
    assert_eq!(name(&here.accept(&token, realm.now())), None);
    assert_eq!(name(&there.accept(&token, realm.now())), Some("Replay"));
}

// Step R-10: two stores do not protect each other, which is why they must be shared.
#[test]
fn separate_acceptors_have_separate_stores() {
    let realm = refusals::realm();
    let token = realm.login("alice", SERVICE).token();
    for acceptor in [acceptor(&realm), acceptor(&realm)] {
        assert_eq!(name(&acceptor.accept(&token, realm.now())), None);
        assert_eq!(name(&acceptor.accept(&token, realm.now())), Some("Replay"));
    }
}

// APR-06
#[test]
fn apr_06_of_64_threads_with_one_token_exactly_one_is_accepted() {
    const THREADS: usize = 64;
    const ROUNDS: usize = 1_000;
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let first = realm.login("alice", SERVICE);
    let logins = core::iter::successors(Some(first), |login| Some(login.again()));
    let tokens: Vec<_> = logins.take(ROUNDS).map(|login| login.without_mutual().raw_krb5().token()).collect();
    let accepted: Vec<_> = tokens.iter().map(|_| AtomicUsize::new(0)).collect();
    let together = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let acceptor = acceptor.clone();
            scope.spawn(|| {
                let acceptor = acceptor;
                for (token, accepted) in tokens.iter().zip(&accepted) {
                    together.wait();
                    match name(&acceptor.accept(token, realm.now())) {
                        None => drop(accepted.fetch_add(1, Ordering::Relaxed)),
                        Some(refusal) => assert_eq!(refusal, "Replay"),
                    }
                }
            });
        }
    });
    let wrong = accepted.iter().filter(|accepted| accepted.load(Ordering::Relaxed) != 1).count();
    assert_eq!(wrong, 0, "rounds without exactly one acceptance");
}

// APR-14: RC4 has its MAC at the front, all others at the end; the key is made of the whole ciphertext.
#[test]
fn apr_14_every_enctype_is_accepted_once() {
    let realm = refusals::realm();
    let acceptor = of_preset(&realm, Policy::default(), ReplayPolicy::Memory);
    for enctype in supported_enctypes().map(|row| row.enctype) {
        let login = realm.login("alice", SERVICE).ticket_enctype(enctype).session_enctype(enctype);
        // The same client, second and sequence number: only the confounder differs.
        let twin = login.again().with_authenticator(|a| *a = login.authenticator().clone());
        assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), None, "{enctype}");
        assert_eq!(name(&acceptor.accept(&twin.token(), realm.now())), None, "{enctype}");
        for login in [login, twin] {
            assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), Some("Replay"), "{enctype}");
        }
    }
}

// APR-15
#[test]
fn apr_15_an_authenticator_dated_ahead_is_a_replay_as_long_as_it_would_be_accepted() {
    let (skew, second) = (Duration::from_secs(300), Duration::from_secs(1));
    let realm = refusals::realm();
    // Room for two: the token, and one that wants its place.
    let acceptor = with_store(&realm, MemoryReplayStore::new(2));
    let arrival = realm.now();
    let ahead = realm.login("alice", SERVICE).clock_ahead(skew);
    let ctime = arrival.saturating_add(skew);
    assert_eq!(name(&acceptor.accept(&ahead.token(), arrival)), None);
    assert_eq!(name(&acceptor.accept(&realm.login("bob", SERVICE).token(), arrival)), None);
    let within = [skew + second, 2 * skew - second, 2 * skew];
    for later in within.map(|later| arrival.saturating_add(later)) {
        realm.clock().set(later);
        let pressure = acceptor.accept(&realm.login("carol", SERVICE).token(), later);
        assert!(matches!(name(&pressure), None | Some("ReplayStore.Full")), "{:?}", name(&pressure));
        assert_eq!(name(&acceptor.accept(&ahead.token(), later)), Some("Replay"), "{later}");
    }
    // One microsecond more, and the clock alone refuses it.
    let too_late = ctime.saturating_add(skew).saturating_add(Duration::from_micros(1));
    assert_eq!(name(&acceptor.accept(&ahead.token(), too_late)), Some("ClockSkew"));
    // A clock that is set back makes it well dated again, and the margin of step R-4 has kept it meanwhile.
    realm.clock().set(too_late);
    assert_eq!(
        name(&acceptor.accept(&realm.login("dave", SERVICE).token(), too_late)),
        None,
        "what expired makes room"
    );
    assert_eq!(name(&acceptor.accept(&ahead.token(), arrival.saturating_add(2 * skew))), Some("Replay"));
    assert_eq!(name(&acceptor.accept(&ahead.token(), arrival)), Some("Replay"));
}

// APR-15
#[test]
fn apr_15_an_authenticator_dated_back_is_a_replay_as_long_as_it_would_be_accepted() {
    let skew = Duration::from_secs(300);
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let arrival = realm.now();
    let behind = realm.login("alice", SERVICE).clock_behind(skew);
    let begun = Clock::START.saturating_sub(4 * skew).second();
    let behind = behind.with_ticket(|ticket| ticket.starttime = Some(begun));
    assert_eq!(name(&acceptor.accept(&behind.token(), arrival)), None);
    assert_eq!(name(&acceptor.accept(&behind.token(), arrival)), Some("Replay"));
    // The acceptor's clock is set back by twice the skew, and the authenticator is well dated again.
    let earlier = arrival.saturating_sub(2 * skew);
    let acceptor_behind = acceptor.accept(&behind.token(), earlier.saturating_add(Duration::from_secs(1)));
    assert_eq!(name(&acceptor_behind), Some("Replay"));
}

// APR-18
#[test]
fn apr_18_a_full_store_refuses_the_new_knows_the_old_and_recovers() {
    let realm = refusals::realm();
    let acceptor = with_store(&realm, MemoryReplayStore::new(3));
    let old: Vec<_> = (0..3).map(|_| realm.login("alice", SERVICE).token()).collect();
    for token in &old {
        assert_eq!(name(&acceptor.accept(token, realm.now())), None);
    }
    let new = realm.login("alice", SERVICE);
    let error = acceptor.accept(&new.token(), realm.now()).unwrap_err();
    assert_eq!(error.kind().name(), "ReplayStore.Full");
    assert!(error.to_string().contains("3 live entries"), "{error}");
    for token in &old {
        assert_eq!(name(&acceptor.accept(token, realm.now())), Some("Replay"));
    }
    realm.clock().advance(Duration::from_secs(601));
    assert_eq!(name(&acceptor.accept(&new.again().token(), realm.now())), None, "room came with time");
}

type Answer = fn() -> Result<Seen, ReplayStoreError>;

/// Answers as it is told, and remembers what it was asked.
#[derive(Default)]
struct Recording {
    asked: Mutex<Vec<(ReplayKey, Timestamp, Timestamp)>>,
    answer: Mutex<Option<Answer>>,
}

impl Recording {
    fn answering(answer: Answer) -> Self {
        Self { asked: Mutex::default(), answer: Mutex::new(Some(answer)) }
    }

    fn asked(&self) -> Vec<(ReplayKey, Timestamp, Timestamp)> {
        self.asked.lock().unwrap().clone()
    }
}

impl ReplayStore for Recording {
    fn check_and_insert(&self, key: &ReplayKey, now: Timestamp, until: Timestamp) -> Result<Seen, ReplayStoreError> {
        self.asked.lock().unwrap().push((*key, now, until));
        let answer = *self.answer.lock().unwrap();
        answer.map_or(Ok(Seen::Fresh), |answer| answer())
    }
}

// Steps.
#[test]
fn a_store_of_the_callers_sees_the_hash_of_the_authenticator_and_how_long_to_keep_it() {
    let skew = Duration::from_secs(120);
    for enctype in supported_enctypes().map(|row| row.enctype) {
        let realm = refusals::realm();
        let store = Arc::new(Recording::default());
        let acceptor = builder(&realm).allow_enctype(enctype).skew(skew);
        let acceptor = acceptor.replay(ReplayPolicy::Store(store.clone())).build().unwrap();
        let (now, second) = (realm.now(), Duration::from_secs(1));
        let login = realm.login("alice", SERVICE).session_enctype(enctype);
        let logins = [login.clone(), login.again().clock_ahead(skew - second), login.again().clock_behind(skew)];
        for login in &logins {
            assert_eq!(name(&acceptor.accept(&login.token(), now)), None, "{enctype}");
        }
        let latest = now.saturating_add(skew - second);
        let expected: Vec<_> = logins
            .iter()
            .zip([now, latest, now])
            .map(|(login, from)| {
                let ap_req = login.ap_req();
                let cipher = ApReq::from_octets(&ap_req, Rules::default()).unwrap().authenticator.cipher.to_vec();
                (ReplayKey::new(enctype, &cipher), now, from.saturating_add(2 * skew))
            })
            .collect();
        assert_eq!(store.asked(), expected, "{enctype}");
    }
}

// Step R-7: the store's word is what counts.
#[test]
fn a_store_that_says_replay_is_believed() {
    let realm = refusals::realm();
    let acceptor =
        with_store(&realm, Recording::answering(|| Ok(Seen::Replay { first_seen: Timestamp::from_unix_micros(0) })));
    let error = acceptor.accept(&realm.login("alice", SERVICE).token(), realm.now()).unwrap_err();
    assert_eq!(error.kind().name(), "Replay");
    assert!(error.to_string().contains("1970-01-01T00:00:00Z"), "{error}");
}

// APR-19
#[test]
fn apr_19_a_store_that_fails_is_never_a_yes() {
    let answers: [(Answer, _); 3] = [
        (|| Err(ReplayStoreError::failed("out of reach")), "ReplayStore.Failed"),
        (|| Err(ReplayStoreError::failed(core::fmt::Error)), "ReplayStore.Failed"),
        (|| Err(ReplayStoreError::Full { entries: 9 }), "ReplayStore.Full"),
    ];
    for (answer, expected) in answers {
        for mutual in [true, false] {
            let realm = refusals::realm();
            let acceptor = with_store(&realm, Recording::answering(answer));
            let login = realm.login("alice", SERVICE);
            let login = if mutual { login } else { login.without_mutual() };
            assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), Some(expected));
            assert_eq!(name(&acceptor.accept(&login.token(), realm.now())), Some(expected), "nor the second time");
        }
    }
}

// APR-19
#[test]
fn apr_19_a_store_that_panics_accepts_nothing_and_breaks_nobody_else() {
    let realm = refusals::realm();
    let store = Arc::new(Recording::answering(|| std::panic::resume_unwind(Box::new("a bug in the store"))));
    let acceptor = builder(&realm).replay(ReplayPolicy::Store(store.clone())).build().unwrap();
    let token = realm.login("alice", SERVICE).token();
    let judged = catch_unwind(AssertUnwindSafe(|| acceptor.accept(&token, realm.now()).map(drop)));
    assert!(judged.is_err(), "the panic reaches the caller");
    // A panic poisons the lock of the test's store, never the acceptor.
    store.answer.clear_poison();
    *store.answer.lock().unwrap() = None;
    assert_eq!(name(&acceptor.accept(&token, realm.now())), None);
}

/// Waits for a word before it answers.
struct Silent {
    word: Mutex<mpsc::Receiver<Seen>>,
    asked: mpsc::Sender<()>,
}

impl ReplayStore for Silent {
    fn check_and_insert(&self, _: &ReplayKey, _: Timestamp, _: Timestamp) -> Result<Seen, ReplayStoreError> {
        self.asked.send(()).unwrap();
        self.word.lock().unwrap().recv().map_err(ReplayStoreError::failed)
    }
}

// APR-19
#[test]
fn apr_19_a_store_that_does_not_answer_holds_the_login_back() {
    let realm = refusals::realm();
    let ((speak, word), (asked, question), (done, judged)) = (mpsc::channel(), mpsc::channel(), mpsc::channel());
    let acceptor = with_store(&realm, Silent { word: Mutex::new(word), asked });
    let tokens = [realm.login("alice", SERVICE).token(), realm.login("bob", SERVICE).token()];
    std::thread::scope(|scope| {
        let (acceptor, tokens, now) = (&acceptor, &tokens, realm.now());
        scope.spawn(move || {
            for token in tokens {
                done.send(name(&acceptor.accept(token, now))).unwrap();
            }
        });
        question.recv().unwrap();
        let early = judged.recv_timeout(Duration::from_millis(50));
        assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout), "nothing is decided before the store has spoken");
        speak.send(Seen::Fresh).unwrap();
        assert_eq!(judged.recv().unwrap(), None);
        question.recv().unwrap();
        drop(speak);
        assert_eq!(judged.recv().unwrap(), Some("ReplayStore.Failed"), "it hung up");
    });
}

// Step R-1.
#[test]
fn nothing_that_is_refused_for_another_reason_reaches_the_store() {
    let mut kinds = 0;
    for refusal in refusals::all() {
        if refusal.name.starts_with("ReplayStore") || refusal.name == "Replay" || refusal.name.starts_with("Setup") {
            continue;
        }
        // The third leg of DCE style answers an AP-REP, before which the store must have been asked (step DCE-4).
        if refusal.name == "Dce.Mismatch" {
            continue;
        }
        let store = Arc::new(Recording::default());
        let played = refusal.play(ReplayPolicy::Store(store.clone()), |login| login);
        assert_eq!(played.error.kind().name(), refusal.name);
        assert_eq!(store.asked(), [], "{}", refusal.label);
        kinds += usize::from(refusal.heard == Heard::Flags);
    }
    assert!(kinds > 20, "{kinds}");
}

// Step R-1, seen from outside: what was refused too early is accepted when its time has come.
#[test]
fn a_token_that_was_refused_for_its_time_is_accepted_in_its_time() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let token = realm.login("alice", SERVICE).clock_ahead(Duration::from_secs(301)).token();
    assert_eq!(name(&acceptor.accept(&token, realm.now())), Some("ClockSkew"));
    realm.clock().advance(Duration::from_secs(1));
    assert_eq!(name(&acceptor.accept(&token, realm.now())), None);
    assert_eq!(name(&acceptor.accept(&token, realm.now())), Some("Replay"));
}

// Step R-6: off must be written out, and then it is off.
#[test]
fn without_a_store_a_token_is_accepted_until_its_time_has_passed() {
    let realm = refusals::realm();
    let acceptor = builder(&realm).replay(ReplayPolicy::Off).build().unwrap();
    let token = realm.login("alice", SERVICE).token();
    for _ in 0..3 {
        assert_eq!(name(&acceptor.accept(&token, realm.now())), None);
    }
    realm.clock().advance(Duration::from_secs(301));
    assert_eq!(name(&acceptor.accept(&token, realm.now())), Some("ClockSkew"));
}
