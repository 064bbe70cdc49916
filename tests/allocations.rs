//! How often an accept calls the allocator: at most four times, whatever the enctype and however large the ticket.
//!
//! A call is an allocation or a reallocation. Each thread counts its own, so tests beside each other do not disturb each
//! other. The replay store grows at accepts that its seed decides on: what it calls is counted apart, and bounded apart.
#![cfg(feature = "testing")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::hint::black_box;
use core::time::Duration;
use std::alloc::System;
use std::sync::Arc;

use kerbside::asn1::Rules;
use kerbside::crypto::supported_enctypes;
use kerbside::gss::InitialToken;
use kerbside::messages::{ApReq, Authenticator, EncTicketPart};
use kerbside::numbers::{AuthDataType, Enctype, KeyUsage};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, ReplayStoreError, Seen};
use kerbside::spnego::NegTokenInit;
use kerbside::testing::{AuthenticatorChecksum, AuthorizationElement, Login, Oid, Realm};
use kerbside::{Acceptor, AcceptorBuilder, AcceptorSet, Policy, ReplayPolicy, Timestamp};

const SERVICE: &str = "HTTP/web.example.com";

/// What one accept may call the allocator: for the octets of ticket and authenticator, for the context, for the reply.
const BOUND: usize = 3;

// --- counting -----------------------------------------------------------------------------------------------------

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static STORE_CALLS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count() {
    CALLS.set(CALLS.get().wrapping_add(1));
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

/// What `work` gives, and what it called the allocator for, the replay store's calls not counted.
fn calls_of<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = CALLS.get();
    let result = black_box(work());
    (result, CALLS.get().wrapping_sub(before))
}

/// The store that an acceptor has by default, whose calls are moved to a count of their own.
#[derive(Default)]
struct CountedApart(MemoryReplayStore);

impl ReplayStore for CountedApart {
    fn check_and_insert(&self, key: &ReplayKey, now: Timestamp, until: Timestamp) -> Result<Seen, ReplayStoreError> {
        let (seen, calls) = calls_of(|| self.0.check_and_insert(key, now, until));
        CALLS.set(CALLS.get().wrapping_sub(calls));
        STORE_CALLS.set(STORE_CALLS.get().wrapping_add(calls));
        seen
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(calls_of(|| ()).1, 0);
    assert_eq!(calls_of(|| Box::new(7)).1, 1);
    assert_eq!(calls_of(|| vec![0_u8; 9]).1, 1, "zeroed");
    let grown = || {
        (0..9).fold(Vec::with_capacity(8), |mut list, number| {
            list.push(black_box(number));
            list
        })
    };
    assert_eq!(calls_of(grown).1, 2, "one allocation, one reallocation");
    assert_eq!(calls_of(|| drop(Box::new(black_box(7)))).1, 1, "giving back is free");
    let elsewhere = || std::thread::scope(|scope| scope.spawn(|| calls_of(|| Box::new(7)).1).join().unwrap());
    assert_eq!(elsewhere(), 1, "each thread from zero");
}

#[test]
fn what_the_store_calls_is_counted_apart() {
    let store = CountedApart::default();
    let now = Timestamp::from_unix_micros(0);
    let insert = || store.check_and_insert(&ReplayKey::new(Enctype(0), b"first"), now, now).unwrap();
    let (seen, calls) = calls_of(insert);
    assert_eq!((seen, calls), (Seen::Fresh, 0));
    assert_eq!(STORE_CALLS.get(), 2, "a table and a queue");
}

// --- accepting ----------------------------------------------------------------------------------------------------

fn realm() -> Realm {
    Realm::new("EXAMPLE.COM")
}

fn builder(realm: &Realm) -> AcceptorBuilder {
    let builder = Acceptor::builder(realm.keytab(SERVICE).unwrap()).service("HTTP");
    let builder = supported_enctypes().fold(builder, |builder, row| builder.allow_enctype(row.enctype));
    builder.replay(ReplayPolicy::Store(Arc::new(CountedApart::default())))
}

/// An acceptor at which this thread has logged in: the buffer of random octets is there.
fn warm(realm: &Realm, builder: AcceptorBuilder) -> Acceptor {
    let acceptor = builder.build().unwrap();
    acceptor.accept(&realm.login("early", SERVICE).token(), realm.now()).unwrap();
    acceptor
}

/// The calls of an accept of this login. Two more of the same shape must cost the same.
#[track_caller]
fn calls_to_accept(acceptor: &Acceptor, realm: &Realm, login: &Login) -> usize {
    let [first, others @ ..] = [login.clone(), login.again(), login.again()].map(|login| {
        let token = login.token();
        let (accepted, calls) = calls_of(|| acceptor.accept(&token, realm.now()));
        accepted.unwrap();
        calls
    });
    assert_eq!(others, [first; 2], "one shape, one cost");
    first
}

fn login(realm: &Realm, enctype: Enctype) -> Login {
    realm.login("alice", SERVICE).ticket_enctype(enctype).session_enctype(enctype)
}

/// A PAC of that many octets in the ticket, as a KDC puts it there.
fn with_pac(login: Login, octets: usize) -> Login {
    let pac = AuthorizationElement::new(AuthDataType::WIN2K_PAC, vec![0x5a; octets]);
    login.with_ticket(|ticket| ticket.authorization_data = Some(vec![AuthorizationElement::if_relevant(&[pac])]))
}

/// The initiator names every enctype there is.
fn with_etype_list(login: Login) -> Login {
    let all: Vec<_> = supported_enctypes().map(|row| row.enctype).collect();
    login.with_authenticator(|part| part.authorization_data = Some(vec![AuthorizationElement::etype_list(&all)]))
}

/// One thing about a login: its name, and how a login gets it.
type Variation = (&'static str, fn(Login) -> Login);

const FRAMINGS: [Variation; 3] =
    [("SPNEGO", |login| login), ("raw krb5", Login::raw_krb5), ("Microsoft's OID listed", offering_microsoft_first)];
const TICKETS: [Variation; 3] = [
    ("no PAC", |login| login),
    ("1 KiB of PAC", |login| with_pac(login, 1 << 10)),
    ("48 KiB of PAC", |login| with_pac(login, 48 << 10)),
];
const AUTHENTICATORS: [Variation; 2] = [("no list", |login| login), ("an enctype list", with_etype_list)];
const ANSWERS: [Variation; 2] = [("mutual", |login| login), ("one way", Login::without_mutual)];

/// As Windows does: Microsoft's OID first, a token under krb5's.
fn offering_microsoft_first(login: Login) -> Login {
    login.offering(&[Oid::MS_KRB5, Oid::KRB5])
}

/// Every login that the variations make.
fn variations() -> impl Iterator<Item = [Variation; 4]> {
    let answers = |head: [Variation; 3]| ANSWERS.map(|answer| [head[0], head[1], head[2], answer]);
    let framed = FRAMINGS.into_iter().flat_map(|framing| TICKETS.map(|ticket| (framing, ticket)));
    framed.flat_map(move |(framing, ticket)| AUTHENTICATORS.map(|part| [framing, ticket, part])).flat_map(answers)
}

#[test]
fn an_accept_calls_the_allocator_three_times_at_most() {
    let realm = realm();
    let acceptor = warm(&realm, builder(&realm));
    let mut beyond = Vec::new();
    for row in supported_enctypes() {
        for chosen in variations() {
            let login = chosen.iter().fold(login(&realm, row.enctype), |login, (_, vary)| vary(login));
            let calls = calls_to_accept(&acceptor, &realm, &login);
            if calls > BOUND {
                beyond.push(format!("{calls}: {} {:?}", row.name(), chosen.map(|(name, _)| name)));
            }
        }
    }
    assert!(beyond.is_empty(), "more than {BOUND} calls:\n{}", beyond.join("\n"));
}

/// Names and realms of up to 64 octets, four for each part included, cost nothing; a longer one costs one call.
#[test]
fn a_long_name_costs_one_call_more() {
    let realm = realm();
    let acceptor = warm(&realm, builder(&realm));
    let calls = |client: &str| calls_to_accept(&acceptor, &realm, &realm.login(client, SERVICE));
    // Two lengths and the eleven octets of the realm.
    let longest = 64 - 4 - 4 - "EXAMPLE.COM".len();
    for client in ["a/b/c/d/e/f", &"n".repeat(longest)] {
        assert_eq!(calls(client), BOUND, "{client}");
    }
    for client in ["n".repeat(longest + 1), "long".repeat(50)] {
        assert_eq!(calls(&client), BOUND + 1, "{client}");
    }
}

/// An acceptor that was given no store has one of its own. Here it has seen a burst that is over, so each of its 64 parts
/// has room for many more than the one or two logins of the test that fall to it.
#[test]
fn the_default_store_calls_nothing_while_it_has_room() {
    let realm = realm();
    let acceptor = warm(&realm, Acceptor::builder(realm.keytab(SERVICE).unwrap()));
    let accept = |login: &Login| {
        let token = login.token();
        let (accepted, calls) = calls_of(|| acceptor.accept(&token, realm.now()));
        accepted.unwrap();
        calls
    };
    let login = realm.login("alice", SERVICE);
    let burst: usize = (0..64 * 24).map(|_| accept(&login.again())).filter(|calls| *calls > BOUND).count();
    assert!(burst > 64, "the store grew, and that was counted: {burst}");

    realm.clock().advance(Duration::from_secs(60 * 60));
    let grew = (0..64).map(|_| accept(&login.again())).filter(|calls| *calls > BOUND).count();
    // Where keys fall hangs on a random seed. That a part got four of the 1,536, not 24, happens once in a million runs.
    assert!(grew <= 2, "{grew} of 64");
}

/// A set adds its member's label, and nothing for the others: the token is decoded once and each member only looked up.
#[test]
fn a_set_costs_one_call_more_whatever_the_number_of_its_members() {
    let realm = realm();
    for members in [1, 2, 40] {
        let other = |number: usize| {
            let keytab = realm.keytab(&format!("HTTP/{number}.example.com")).unwrap();
            (number.to_string(), Acceptor::builder(keytab).build().unwrap())
        };
        let ours = ("web".to_owned(), warm(&realm, builder(&realm)));
        let set = AcceptorSet::new((1..members).map(other).chain([ours])).unwrap();
        for _ in 0..3 {
            let token = realm.login("alice", SERVICE).token();
            let (accepted, calls) = calls_of(|| set.accept(&token, realm.now()));
            assert_eq!((accepted.unwrap().member(), calls), (Some("web"), BOUND + 1), "{members} members");
        }
    }
}

/// An accept takes the keys as they are, and counts the one that it used: neither calls anything, before a change or after. One
/// by a key that retires has a tolerance to tell, and a key of the keytab that it tried in vain to remember.
#[test]
fn a_reload_makes_no_accept_dearer() {
    let realm = realm();
    let acceptor = warm(&realm, builder(&realm));
    for (kvno, expected) in [(3, BOUND), (4, BOUND + 2)] {
        let keytab = realm.keytab_builder().key(SERVICE, Realm::ENCTYPE, kvno).build().unwrap();
        acceptor.replace_keytab(keytab, realm.now()).unwrap();
        let login = realm.login("alice", SERVICE).kvno(3);
        assert_eq!(calls_to_accept(&acceptor, &realm, &login), expected, "kvno 3 at a keytab with {kvno}");
    }
}

// --- what costs more ----------------------------------------------------------------------------------------------

/// What hands over more than an identity, or has something to tell, owns it. The numbers are exact: a change shows.
#[test]
fn what_more_is_handed_over_costs_what_is_written_here() {
    let realm = realm();
    let plain = || realm.login("alice", SERVICE);
    let with_target = plain().with_authenticator(|part| {
        part.authorization_data = Some(vec![AuthorizationElement::client_target(SERVICE)]);
    });
    let without_checksum = plain().with_authenticator(|part| part.cksum = AuthenticatorChecksum::Absent);
    let without_number = plain().with_authenticator(|part| part.seq_number = None);
    let tolerant = || builder(&realm).policy(Policy::windows_compatible());
    let cases = [
        ("nothing more", 3, builder(&realm), plain()),
        ("channel bindings", 3, builder(&realm), plain().channel_bindings(b"tls-server-end-point:")),
        ("credentials that nobody asked for", 3, builder(&realm), plain().delegating(|_| ())),
        ("delegated credentials", 9, builder(&realm).accept_delegation(), plain().delegating(|_| ())),
        ("the evidence ticket", 5, builder(&realm).keep_evidence_ticket(), plain()),
        ("the client's target", 4, builder(&realm), with_target),
        ("one tolerance", 4, builder(&realm), without_number),
        ("another tolerance", 4, tolerant(), without_checksum),
    ];
    for (name, expected, builder, login) in cases {
        assert_eq!(calls_to_accept(&warm(&realm, builder), &realm, &login), expected, "{name}");
    }
}

#[test]
fn a_session_out_of_an_accept_costs_nothing_before_it_is_used() {
    let realm = realm();
    let acceptor = warm(&realm, builder(&realm));
    for row in supported_enctypes() {
        let accepted = acceptor.accept(&login(&realm, row.enctype).token(), realm.now()).unwrap();
        assert_eq!(calls_of(|| accepted.into_session()).1, 0, "{}", row.name());
    }
}

// --- refusing -----------------------------------------------------------------------------------------------------

#[test]
fn what_is_no_token_is_refused_with_one_call_whatever_its_size() {
    let realm = realm();
    let acceptor = warm(&realm, builder(&realm));
    let token = realm.login("alice", SERVICE).token();
    let cut = &token[..token.len() - 1];
    for octets in [&[][..], &[0x60; 300], &[0xa5; 60_000], b"NTLMSSP\0 and more", b"HTTP/1.1", cut] {
        let (refused, calls) = calls_of(|| acceptor.accept(octets, realm.now()));
        assert!(refused.is_err() && calls <= 1, "{calls} for {} octets", octets.len());
    }
}

/// A refusal owns its reason, a reply, and the names in both: more than an identity, and not more for a larger ticket.
#[test]
fn what_is_refused_later_has_a_bound_too() {
    let realm = realm();
    let acceptor = warm(&realm, builder(&realm));
    let plain = || realm.login("alice", SERVICE);
    let strangers = Realm::with_seed("EXAMPLE.COM", 5);
    let replayed = plain();
    acceptor.accept(&replayed.token(), realm.now()).unwrap();
    let cases = [
        ("NoKey.Principal", 8, realm.login("alice", "HTTP/elsewhere.example.com")),
        ("KeyDoesNotDecrypt", 9, strangers.login("alice", SERVICE)),
        ("ClockSkew", 7, plain().clock_ahead(Duration::from_secs(900))),
        ("Replay", 8, replayed),
    ];
    for (name, bound, login) in cases {
        for (size, vary) in TICKETS {
            // A replay is one of the very token.
            let token = if name == "Replay" { login.token() } else { vary(login.clone()).token() };
            let (refused, calls) = calls_of(|| acceptor.accept(&token, realm.now()));
            assert_eq!(refused.unwrap_err().kind().name(), name);
            assert!(calls <= bound, "{name}, {size}: {calls}");
        }
    }
}

// --- parsing ------------------------------------------------------------------------------------------------------

#[test]
fn reading_a_message_calls_nothing() {
    let realm = realm();
    for login in [with_pac(realm.login("alice", SERVICE), 48 << 10), with_etype_list(realm.login("a/b/c", SERVICE))] {
        let token = login.token();
        assert_eq!(calls_of(|| ap_req(&token)).1, 0);

        let session_key = login.ticket().key.to_key().unwrap();
        let service_key = login.ticket().sealing_key.to_key().unwrap();
        let request = ap_req(&token);
        let mut ticket = request.ticket.enc_part.cipher.to_vec();
        let ticket = service_key.decrypt_in_place(KeyUsage::TICKET, &mut ticket).unwrap();
        let (read, calls) = calls_of(|| EncTicketPart::from_octets(ticket, Rules::default()));
        assert!(read.is_ok() && calls == 0, "{calls}");
        let mut authenticator = request.authenticator.cipher.to_vec();
        let authenticator = session_key.decrypt_in_place(KeyUsage::AP_REQ_AUTHENTICATOR, &mut authenticator).unwrap();
        let (read, calls) = calls_of(|| Authenticator::from_octets(authenticator, Rules::default()));
        assert!(read.is_ok() && calls == 0, "{calls}");
    }
}

#[test]
fn opening_in_place_calls_nothing() {
    let realm = realm();
    for row in supported_enctypes() {
        let login = login(&realm, row.enctype);
        let token = login.token();
        let service_key = login.ticket().sealing_key.to_key().unwrap().for_usage(KeyUsage::TICKET);
        let mut ticket = ap_req(&token).ticket.enc_part.cipher.to_vec();
        let (opened, calls) = calls_of(|| service_key.decrypt_in_place(&mut ticket).map(|octets| octets.len()));
        assert!(opened.is_ok() && calls == 0, "{}: {calls}", row.name());
    }
}

/// From the SPNEGO token to the AP-REQ in it.
fn ap_req(token: &[u8]) -> ApReq<'_> {
    let rules = Rules::default();
    let negotiation = InitialToken::from_octets(token, rules).unwrap();
    let init = NegTokenInit::from_octets(negotiation.inner_context_token, rules).unwrap();
    let krb5 = InitialToken::from_octets(init.mech_token.unwrap(), rules).unwrap();
    let (_, request) = krb5.inner_context_token.split_first_chunk::<2>().unwrap();
    ApReq::from_octets(request, rules).unwrap()
}
