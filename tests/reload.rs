//! Other keys under an acceptor that is at work: where they come from, what a bad source does, and what threads see of a
//! change.
#![cfg(all(feature = "testing", feature = "std"))]

#[path = "support/held.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod held;
#[path = "support/scratch.rs"]
mod scratch;
#[path = "support/verdict.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod verdict;

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use core::time::Duration;
use held::{AES128, AES256, keytab, login};
use kerbside::keytab::{KeySource, KeytabError, KeytabErrorKind, KeytabPaths};
use kerbside::numbers::KrbErrorCode;
use kerbside::testing::{KeytabBuilder, Realm};
use kerbside::{Acceptor, AcceptorBuilder, Error, ErrorKind, KeyEntry, Keytab, NoKey, Policy, ReplayPolicy, Step};
use scratch::Scratch;
use std::fs;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use verdict::{SERVICE, builder, realm};

/// The key of [`SERVICE`] of each of these versions.
fn versions(realm: &Realm, kvnos: &[u32]) -> KeytabBuilder {
    kvnos.iter().fold(realm.keytab_builder(), |keytab, kvno| keytab.key(SERVICE, AES256, *kvno))
}

fn from(source: impl KeySource + 'static) -> AcceptorBuilder {
    Acceptor::builder_from(source).replay(ReplayPolicy::Off)
}

fn accepts(acceptor: &Acceptor, realm: &Realm, kvno: u32) -> bool {
    acceptor.accept(&login(realm).kvno(kvno).token(), realm.now()).is_ok()
}

fn listed(entries: &[KeyEntry]) -> Vec<String> {
    entries.iter().map(ToString::to_string).collect()
}

fn file_error(error: &Error) -> &KeytabError {
    assert_eq!((error.kind().name(), error.krb_error_code()), ("NoKey.File", KrbErrorCode::KRB_AP_ERR_NOKEY));
    match error.kind() {
        ErrorKind::NoKey(NoKey::File(error)) => error,
        other => panic!("{other:?}"),
    }
}

// ---- KTB-14: half-written files ------------------------------------------------------------------------------------

#[test]
fn ktb_14_a_file_cut_at_any_octet_keeps_the_old_keys_and_the_whole_file_is_picked_up() {
    let realm = realm();
    let scratch = Scratch::new("cut");
    let path = scratch.file("http.keytab", &versions(&realm, &[2]).to_octets());
    let acceptor = from(KeytabPaths::new().file(&path)).retire_after(Duration::ZERO).build().unwrap();
    let whole = versions(&realm, &[3]).to_octets();
    for cut in 0..whole.len() {
        realm.clock().advance(Duration::from_secs(1));
        fs::write(&path, &whole[..cut]).unwrap();
        let error = acceptor.reload(realm.now()).unwrap_err();
        // A keytab without entries is none that was cut, and has no path.
        assert!(cut == 2 || file_error(&error).path() == path.to_str(), "{cut}: {error}");
        let status = acceptor.key_status();
        let failure = status.last_failure.unwrap();
        assert_eq!((failure.at, &*failure.message), (realm.now(), &*error.to_string()), "{cut}");
        assert!(status.failing && status.loaded.is_none(), "{cut}");
        assert!(accepts(&acceptor, &realm, 2) && !accepts(&acceptor, &realm, 3), "{cut}");
    }
    fs::write(&path, &whole).unwrap();
    let change = acceptor.reload(realm.now()).unwrap();
    assert_eq!((change.added.len(), change.dropped.len()), (1, 1));
    let status = acceptor.key_status();
    assert_eq!((status.loaded, status.failing), (Some(realm.now()), false));
    assert!(status.last_failure.is_some(), "the last failure is still told");
    assert!(accepts(&acceptor, &realm, 3) && !accepts(&acceptor, &realm, 2));
}

/// KTB-14: a cut between two records cannot be seen, and takes no key away before its window ends.
#[test]
fn ktb_14_a_cut_between_two_records_loses_no_ticket() {
    let realm = realm();
    let scratch = Scratch::new("between");
    let octets = versions(&realm, &[2, 3]).to_octets();
    let path = scratch.file("http.keytab", &octets);
    let acceptor = from(KeytabPaths::new().file(&path)).build().unwrap();
    let mut unseen = 0;
    for cut in 0..octets.len() {
        fs::write(&path, &octets[..cut]).unwrap();
        unseen += usize::from(acceptor.reload(realm.now()).is_ok());
        assert!(accepts(&acceptor, &realm, 2) && accepts(&acceptor, &realm, 3), "{cut}");
    }
    assert_eq!(unseen, 1, "the cut between the two");
    fs::write(&path, &octets).unwrap();
    let change = acceptor.reload(realm.now()).unwrap();
    assert_eq!((change.kept.len(), change.added.len(), change.retired.len()), (1, 1, 0));
    assert!(acceptor.key_use().iter().all(|used| used.retired_until.is_none()), "what is back does not retire");
}

/// KTB-14
#[test]
fn ktb_14_a_file_that_is_gone_or_has_no_entries_keeps_the_old_keys() {
    let realm = realm();
    let scratch = Scratch::new("gone");
    let path = scratch.file("http.keytab", &versions(&realm, &[2]).to_octets());
    let acceptor = from(KeytabPaths::new().file(&path)).build().unwrap();
    for (octets, expected) in [
        (None, KeytabErrorKind::NotFound),
        (Some(&b""[..]), KeytabErrorKind::Empty),
        (Some(b"\x05\x02"), KeytabErrorKind::WithoutEntries),
        (Some(b"[libdefaults]"), KeytabErrorKind::NotAKeytab),
    ] {
        fs::remove_file(&path).unwrap();
        if let Some(octets) = octets {
            fs::write(&path, octets).unwrap();
        }
        let error = acceptor.reload(realm.now()).unwrap_err();
        assert_eq!(file_error(&error).kind(), expected);
        assert!(accepts(&acceptor, &realm, 2), "{expected:?}");
        fs::write(&path, versions(&realm, &[2]).to_octets()).unwrap();
        assert!(acceptor.reload(realm.now()).unwrap().is_empty(), "{expected:?}");
        assert!(!acceptor.key_status().failing);
    }
}

// ---- sources -------------------------------------------------------------------------------------------------------

// ZIM-12
#[test]
fn a_callback_gives_keys_out_of_a_secret_store_and_its_failure_is_told_in_its_words() {
    let realm = realm();
    let store = Arc::new(Mutex::new(Ok(versions(&realm, &[2]).to_octets())));
    let secrets = Arc::clone(&store);
    let source = move || {
        let answer: Result<Vec<u8>, &str> = secrets.lock().unwrap().clone();
        Keytab::from_bytes(&answer.map_err(KeytabError::source_failed)?)
    };
    let acceptor = from(source).build().unwrap();
    *store.lock().unwrap() = Err("vault: permission denied\n");
    let error = acceptor.reload(realm.now()).unwrap_err();
    let cause = file_error(&error);
    assert_eq!((cause.kind(), cause.cause()), (KeytabErrorKind::SourceFailed, Some("vault: permission denied\\n")));
    assert_eq!(error.to_string(), "keytab was not given by its source: vault: permission denied\\n");
    assert!(accepts(&acceptor, &realm, 2));
    *store.lock().unwrap() = Ok(versions(&realm, &[3]).to_octets());
    assert_eq!(listed(&acceptor.reload(realm.now()).unwrap().added).len(), 1);
    assert!(accepts(&acceptor, &realm, 3));
}

#[test]
fn a_source_that_fails_at_once_is_an_error_of_build() {
    let error = from(|| Err(KeytabError::source_failed("no route to host"))).build().unwrap_err();
    assert_eq!(file_error(&error).cause(), Some("no route to host"));
    let error = from(KeytabPaths::new()).build().unwrap_err();
    assert_eq!(file_error(&error).kind(), KeytabErrorKind::WithoutEntries);
    let realm = realm();
    let octets = versions(&realm, &[2]).to_octets();
    assert!(accepts(&from(move || Keytab::from_bytes(&octets)).build().unwrap(), &realm, 2));
}

// ICE-05, ICE-07, ZIM-12, ZIM-14: files and directories, of several realms, are one keytab.
#[test]
fn files_and_directories_are_one_keytab_in_their_order() {
    let (here, there) = (realm(), Realm::new("OTHER.EXAMPLE"));
    let scratch = Scratch::new("paths");
    let (first, second) = (Scratch::new("paths-first"), Scratch::new("paths-second"));
    let file = scratch.file("http.keytab", &versions(&here, &[2]).to_octets());
    first.file("HTTP#web.example.com@OTHER.EXAMPLE", &versions(&there, &[5]).to_octets());
    second.file("imap.keytab", &here.keytab_builder().key("imap/mail.example.com", AES128, 1).to_octets());
    let paths = KeytabPaths::new().directory(second.path()).file(&file).directory(first.path());
    let acceptor = from(paths.clone()).build().unwrap();
    let held: Vec<_> = acceptor.key_use().iter().map(|used| used.entry.to_string()).collect();
    let expected = [
        "imap/mail.example.com@EXAMPLE.COM kvno 1 aes128-cts-hmac-sha1-96 (17)",
        "HTTP/web.example.com@EXAMPLE.COM kvno 2 aes256-cts-hmac-sha1-96 (18)",
        "HTTP/web.example.com@OTHER.EXAMPLE kvno 5 aes256-cts-hmac-sha1-96 (18)",
    ];
    assert_eq!(held, expected);
    assert!(accepts(&acceptor, &here, 2));
    let of_there = there.login("alice", SERVICE).kvno(5);
    assert_eq!(acceptor.accept(&of_there.token(), there.now()).unwrap().client().realm(), b"OTHER.EXAMPLE");
    // One that is missing refuses all.
    fs::remove_file(&file).unwrap();
    assert_eq!(file_error(&acceptor.reload(here.now()).unwrap_err()).path(), file.to_str());
    assert_eq!(paths.load().unwrap_err().kind(), KeytabErrorKind::NotFound);
    assert!(accepts(&acceptor, &here, 2));
}

#[test]
fn an_acceptor_of_a_keytab_has_nobody_to_ask() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).build().unwrap();
    let error = acceptor.reload(realm.now()).unwrap_err();
    assert_eq!(error.kind().name(), "Setup.KeySource");
    assert!(acceptor.key_status().failing);
    assert!(!acceptor.replace_keytab(keytab(&realm, &[(AES256, 3)]), realm.now()).unwrap().is_empty());
    assert!(accepts(&acceptor, &realm, 3) && !acceptor.key_status().failing);
    let empty = Keytab::from_bytes(b"\x05\x02").unwrap();
    let refused = acceptor.replace_keytab(empty, realm.now()).unwrap_err();
    assert_eq!(file_error(&refused).kind(), KeytabErrorKind::WithoutEntries);
    assert!(accepts(&acceptor, &realm, 3) && acceptor.key_status().failing);
}

#[test]
fn the_start_is_when_the_first_keys_were_loaded() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).build().unwrap();
    assert_eq!(acceptor.key_status().loaded, Some(realm.now()));
    assert!(acceptor.key_status().last_failure.is_none());
}

// ---- what changed --------------------------------------------------------------------------------------------------

// CAS-05
#[test]
fn a_change_lists_what_came_stayed_and_went() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2), (AES128, 2)]), Policy::default()).build().unwrap();
    let change = acceptor.replace_keytab(keytab(&realm, &[(AES128, 2), (AES256, 3)]), realm.now()).unwrap();
    let service = |rest: &str| vec![format!("HTTP/web.example.com@EXAMPLE.COM kvno {rest}")];
    assert_eq!(listed(&change.added), service("3 aes256-cts-hmac-sha1-96 (18)"));
    assert_eq!(listed(&change.kept), service("2 aes128-cts-hmac-sha1-96 (17)"));
    assert_eq!(listed(&change.retired), service("2 aes256-cts-hmac-sha1-96 (18)"));
    assert_eq!(listed(&change.dropped), Vec::<String>::new());
    assert_eq!((change.to_string(), change.is_empty()), ("1 added, 1 kept, 1 retired, 0 dropped".into(), false));
}

#[test]
fn the_same_keytab_again_changes_nothing() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2), (AES128, 2)]), Policy::default()).build().unwrap();
    for _ in 0..3 {
        let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, 2), (AES128, 2)]), realm.now()).unwrap();
        assert_eq!((change.is_empty(), change.kept.len()), (true, 2));
    }
    let turned = acceptor.replace_keytab(keytab(&realm, &[(AES128, 2), (AES256, 2)]), realm.now()).unwrap();
    assert_eq!((turned.is_empty(), turned.kept.len()), (true, 2), "another order has the same keys");
    assert!(accepts(&acceptor, &realm, 2));
}

#[test]
fn what_is_to_be_said_of_the_new_keytab_is_in_the_change() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).build().unwrap();
    let short = kerbside::testing::EncryptionKey::new(AES256, [7; 31]);
    let odd = versions(&realm, &[2]).entry(&realm.principal(SERVICE), 3, &short);
    let change = acceptor.replace_keytab(odd.build().unwrap(), realm.now()).unwrap();
    assert_eq!((change.warnings.len(), change.added.len()), (1, 1));
    // A key that never opened anything has nothing to open until a window ends.
    let change = acceptor.replace_keytab(versions(&realm, &[2]).build().unwrap(), realm.now()).unwrap();
    assert_eq!((change.warnings.len(), change.retired.len(), change.dropped.len()), (0, 0, 1));
}

// ---- counting, and threads -----------------------------------------------------------------------------------------

/// How often the key of this version was used.
fn accepted_with(acceptor: &Acceptor, kvno: u32) -> u64 {
    let uses = acceptor.key_use();
    uses.iter().filter(|used| used.entry.kvno == kvno).map(|used| used.accepted).sum()
}

#[test]
fn what_is_accepted_is_counted_by_entry_over_reloads_and_what_is_refused_is_not() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2), (AES128, 2)]), Policy::default()).build().unwrap();
    assert!(acceptor.key_use().iter().all(|used| (used.accepted, used.last_use) == (0, None)));
    for _ in 0..3 {
        realm.clock().advance(Duration::from_secs(1));
        assert!(accepts(&acceptor, &realm, 2));
    }
    let last = realm.now();
    realm.clock().advance(Duration::from_secs(1));
    acceptor.accept(&login(&realm).clock_ahead(Duration::from_secs(900)).token(), realm.now()).unwrap_err();
    let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, 3), (AES256, 2)]), realm.now()).unwrap();
    assert_eq!(change.kept.len(), 1);
    let uses = acceptor.key_use();
    let found: Vec<_> = uses.iter().map(|used| (used.entry.kvno, used.entry.enctype, used.accepted)).collect();
    assert_eq!(found, [(3, AES256, 0), (2, AES256, 3), (2, AES128, 0)], "the keytab's first, then what retires");
    assert_eq!((uses[1].last_use, uses[0].last_use), (Some(last), None));
    assert_eq!([0, 1, 2].map(|at: usize| uses[at].retired_until.is_some()), [false, false, true]);
    // A clone is the same acceptor.
    assert!(accepts(&acceptor.clone(), &realm, 3));
    assert_eq!((accepted_with(&acceptor, 3), accepted_with(&acceptor, 2)), (1, 3));
}

#[test]
fn a_negotiation_that_began_before_a_change_ends_after_it_and_is_counted() {
    let realm = realm();
    let builder = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).replay(ReplayPolicy::Ask);
    let acceptor = builder.retire_after(Duration::ZERO).build().unwrap();
    let mut negotiation = acceptor.negotiate();
    let step = negotiation.step(&login(&realm).token(), realm.now()).unwrap();
    assert!(matches!(step, Step::CheckReplay(_)));
    acceptor.replace_keytab(keytab(&realm, &[(AES256, 2), (AES256, 3)]), realm.now()).unwrap();
    assert_eq!(accepted_with(&acceptor, 2), 0, "nobody is accepted yet");
    let step = negotiation.resume(Ok(kerbside::replay::Seen::Fresh), realm.now()).unwrap();
    assert!(matches!(step, Step::Accepted(_)));
    assert_eq!(accepted_with(&acceptor, 2), 1);
}

const THREADS: usize = 8;

#[test]
fn counts_are_exact_under_threads() {
    const EACH: u64 = 500;
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2), (AES256, 3)]), Policy::default()).build().unwrap();
    let tokens = [2, 3].map(|kvno| login(&realm).kvno(kvno).token());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for token in tokens.iter().cycle().take(2 * EACH as usize) {
                    acceptor.accept(token, realm.now()).unwrap();
                }
            });
        }
    });
    let expected = EACH * THREADS as u64;
    assert_eq!((accepted_with(&acceptor, 2), accepted_with(&acceptor, 3)), (expected, expected));
}

/// Each keytab has one key, of the next version. Threads accept tickets of the newest version that they know of and of the
/// one before; and never a ticket of a key that there was not.
// CAS-05
#[test]
fn rotating_a_thousand_times_under_eight_threads_loses_no_ticket() {
    const ROTATIONS: u32 = 1_000;
    let realm = realm();
    let strangers = Realm::with_seed("EXAMPLE.COM", 1);
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 1)]), Policy::default()).build().unwrap();
    let tokens: Vec<_> = (0..=ROTATIONS + 1).map(|kvno| login(&realm).kvno(kvno).token()).collect();
    let foreign = strangers.login("alice", SERVICE).kvno(1).token();
    let (newest, done) = (AtomicU32::new(1), AtomicBool::new(false));
    let (accepted, everybody) = (AtomicUsize::new(0), Barrier::new(THREADS + 1));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                everybody.wait();
                let mut own = 0;
                while !done.load(Ordering::SeqCst) {
                    let kvno = newest.load(Ordering::SeqCst);
                    for kvno in [kvno, kvno.saturating_sub(1).max(1)] {
                        let found = acceptor.accept(&tokens[kvno as usize], realm.now()).unwrap();
                        assert_eq!(found.kvno(), kvno);
                        own += 1;
                    }
                    if own % 64 == 0 {
                        acceptor.accept(&foreign, realm.now()).unwrap_err();
                    }
                    // Enough of this version; the next change is to come, and to meet an accept.
                    thread::yield_now();
                }
                accepted.fetch_add(own, Ordering::SeqCst);
            });
        }
        everybody.wait();
        for kvno in 2..=ROTATIONS + 1 {
            let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, kvno)]), realm.now()).unwrap();
            assert_eq!((change.added.len(), change.retired.len(), change.dropped.len()), (1, 1, 0));
            newest.store(kvno, Ordering::SeqCst);
        }
        done.store(true, Ordering::SeqCst);
    });
    let uses = acceptor.key_use();
    assert_eq!(uses.len() as u32, ROTATIONS + 1);
    let counted: u64 = uses.iter().map(|used| used.accepted).sum();
    assert_eq!(counted, accepted.load(Ordering::SeqCst) as u64);
}
