//! What goes back to the client: the AP-REP as an initiator takes it, the KRB-ERROR, and the envelope of either (sections
//! 14 and 15 of the acceptance order).
#![cfg(feature = "testing")]

#[path = "support/refusals.rs"]
mod refusals;

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use kerbside::crypto::supported_enctypes;
use kerbside::messages::ApOptions;
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::testing::{
    AuthenticatorChecksum, AuthorizationElement, Defect, KrbError, Login, NegState, Oid, Part, Realm, Reply,
    ReplyError, gss_flag,
};
use kerbside::{
    Acceptor, AcceptorBuilder, Leniency, Policy, RandomError, RandomSource, ReplayPolicy, SystemRandom, Timestamp,
};
use refusals::{HIDDEN, Heard, NoRandom, Refusal, SERVICE, STORE_PATH};
use std::sync::Arc;

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const AES256_SHA2: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
const RC4: Enctype = Enctype::RC4_HMAC;

/// How a client may ask for mutual authentication (step X-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutual {
    ByOption,
    ByFlag,
    NotAsked,
}

const MUTUAL: [Mutual; 3] = [Mutual::ByOption, Mutual::ByFlag, Mutual::NotAsked];

impl Mutual {
    fn shape(self, login: Login) -> Login {
        let login = login.without_mutual();
        match self {
            Self::ByOption => login.with_ap_req(|ap_req| ap_req.ap_options = ApOptions::MUTUAL_REQUIRED.into()),
            Self::ByFlag => login.with_gss_checksum(|checksum| checksum.flags |= gss_flag::MUTUAL),
            Self::NotAsked => login,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Envelope {
    Spnego,
    Raw,
}

const ENVELOPES: [Envelope; 2] = [Envelope::Spnego, Envelope::Raw];

impl Envelope {
    fn shape(self, login: Login) -> Login {
        match self {
            Self::Spnego => login,
            Self::Raw => login.raw_krb5(),
        }
    }
}

fn builder(realm: &Realm) -> AcceptorBuilder {
    let keytab = realm.keytab_builder().service(SERVICE).service(HIDDEN).build().unwrap();
    Acceptor::builder(keytab).allow_enctype(RC4)
}

fn acceptor(realm: &Realm) -> Acceptor {
    builder(realm).build().unwrap()
}

/// Accepts a login, and reads the reply as its client does; `None` if there is none.
fn answered(acceptor: &Acceptor, login: &Login, now: Timestamp) -> Option<Reply> {
    let accepted = acceptor.accept(&login.token(), now).unwrap();
    accepted.reply().map(|reply| login.verify_reply(reply).unwrap())
}

/// The enctype of the acceptor subkey, if there is to be one: step E-5 takes the first of ours that the client uses or
/// lists, step M-2 leaves it out where RC4 stays in use.
fn expected_subkey(session: Enctype, subkey: Option<Enctype>, listed: &[Enctype]) -> Option<Enctype> {
    // The default policy, then RC4: 256 bits before 128, the longer checksum first.
    let order = [20, 26, 18, 19, 25, 17, 23].map(Enctype);
    let in_use = subkey.unwrap_or(session);
    let known = |enctype: &Enctype| *enctype == session || *enctype == in_use || listed.contains(enctype);
    let chosen = order.into_iter().find(known).unwrap();
    (chosen != in_use || in_use != RC4).then_some(chosen)
}

// APR-28, APR-29
#[test]
fn apr_29_every_enctype_is_answered_as_its_client_expects() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let mut answers = 0;
    for enctype in supported_enctypes().map(|row| row.enctype) {
        for envelope in ENVELOPES {
            for mutual in MUTUAL {
                for subkey in [Some(enctype), None] {
                    let login = realm.login("alice", SERVICE).ticket_enctype(enctype).session_enctype(enctype);
                    let login = login.with_authenticator(|a| a.subkey = a.subkey.take().filter(|_| subkey.is_some()));
                    let login = mutual.shape(envelope.shape(login));
                    let reply = answered(&acceptor, &login, realm.now());
                    let what = format!("{enctype} {envelope:?} {mutual:?} {subkey:?}");
                    assert_envelope_of_success(reply.as_ref(), envelope, mutual, &what);
                    let ap_rep = reply.and_then(|reply| reply.ap_rep);
                    assert_eq!(ap_rep.is_some(), mutual != Mutual::NotAsked, "{what}");
                    let Some(ap_rep) = ap_rep else { continue };
                    assert_eq!(ap_rep.etype, enctype, "{what}");
                    let found = ap_rep.subkey.as_ref().map(|key| key.keytype);
                    assert_eq!(found, expected_subkey(enctype, subkey, &[]), "{what}");
                    assert!((1..=0x3fff_ffff).contains(&ap_rep.seq_number.unwrap()), "{what}");
                    assert!(ap_rep.subkey.is_none_or(|key| key.to_key().is_ok()), "{what}");
                    answers += 1;
                }
            }
        }
    }
    assert!(answers >= 5 * 2 * 2 * 2, "{answers}");
}

/// Step X-2: SPNEGO answers always and completes; step X-6: Kerberos alone answers only with an AP-REP.
fn assert_envelope_of_success(reply: Option<&Reply>, envelope: Envelope, mutual: Mutual, what: &str) {
    match (envelope, reply) {
        (Envelope::Spnego, Some(reply)) => {
            assert_eq!(reply.neg_state, Some(NegState::AcceptCompleted), "{what}");
            assert_eq!(reply.supported_mech, Some(Oid::KRB5), "{what}");
            assert_eq!(reply.mech_list_mic, None, "{what}: nobody asked for a MIC");
        }
        (Envelope::Raw, Some(reply)) => assert_eq!((reply.neg_state, &reply.supported_mech), (None, &None), "{what}"),
        (Envelope::Raw, None) => assert_eq!(mutual, Mutual::NotAsked, "{what}"),
        (Envelope::Spnego, None) => panic!("{what}: SPNEGO is always answered"),
    }
    assert!(reply.is_none_or(|reply| reply.krb_error.is_none()), "{what}");
}

// APR-28
#[test]
fn apr_28_without_mutual_there_is_no_ap_rep_and_spnego_still_completes() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let login = realm.login("alice", SERVICE).without_mutual();
    let accepted = acceptor.accept(&login.token(), realm.now()).unwrap();
    // NegTokenResp with accept-completed, krb5, and nothing else, by hand from RFC 4178 §4.2.2.
    let expected = b"\xa1\x14\x30\x12\xa0\x03\x0a\x01\x00\xa1\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
    assert_eq!(accepted.reply(), Some(expected.as_slice()));
    assert!(!accepted.flags().names().any(|name| name.contains("MUTUAL")), "{:?}", accepted.flags());
    let raw = acceptor.accept(&login.again().raw_krb5().token(), realm.now()).unwrap();
    assert_eq!(raw.reply(), None);
}

// APR-28
#[test]
fn apr_28_an_ap_rep_answers_one_authenticator_only() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let login = realm.login("alice", SERVICE).clock_ahead(Duration::from_micros(7));
    let reply = acceptor.accept(&login.token(), realm.now()).unwrap().into_reply().unwrap();
    assert!(login.verify_reply(&reply).unwrap().ap_rep.is_some());
    let earlier = login.clone().clock_behind(Duration::from_micros(1));
    assert_eq!(earlier.verify_reply(&reply).unwrap_err(), ReplyError::Echo);
    let stranger = realm.login("alice", SERVICE).clock_ahead(Duration::from_micros(7));
    assert_eq!(stranger.verify_reply(&reply).unwrap_err(), ReplyError::Integrity);
}

// Steps E-5 and M-2, RFC 4537 §3.
#[test]
fn the_acceptor_subkey_is_of_the_best_enctype_that_both_know() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    /// Session key, initiator's subkey, EtypeList; the acceptor's subkey.
    type Case = (Enctype, Option<Enctype>, &'static [Enctype], Option<Enctype>);
    let cases: [Case; 12] = [
        (AES128, Some(AES128), &[], Some(AES128)),
        (AES128, Some(AES128), &[AES128, AES256], Some(AES256)),
        (AES128, None, &[AES256], Some(AES256)),
        (AES256, Some(AES128), &[], Some(AES256)),
        (AES128, Some(AES256), &[], Some(AES256)),
        (AES256, Some(AES256), &[AES128], Some(AES256)),
        (AES256, Some(AES256), &[AES256_SHA2, AES256], Some(AES256_SHA2)),
        (AES256, Some(AES256), &[Enctype(3), Enctype(16), Enctype(-5)], Some(AES256)),
        (RC4, Some(RC4), &[], None),
        (RC4, Some(RC4), &[RC4], None),
        (RC4, Some(RC4), &[RC4, AES256], Some(AES256)),
        (RC4, Some(AES128), &[], Some(AES128)),
    ];
    for (session, subkey, listed, expected) in cases {
        let login = realm.login("alice", SERVICE).session_enctype(session);
        let login = match subkey {
            Some(enctype) => login.subkey_enctype(enctype),
            None => login.with_authenticator(|a| a.subkey = None),
        };
        let login = login.with_authenticator(|authenticator| {
            let list = AuthorizationElement::etype_list(listed);
            authenticator.authorization_data = (!listed.is_empty()).then(|| vec![list]);
        });
        let ap_rep = answered(&acceptor, &login, realm.now()).unwrap().ap_rep.unwrap();
        let what = format!("{session} {subkey:?} {listed:?}");
        assert_eq!(ap_rep.subkey.map(|key| key.keytype), expected, "{what}");
        assert_eq!(expected_subkey(session, subkey, listed), expected, "{what}: the rule of this file");
        assert_eq!(ap_rep.etype, session, "{what}: sealed in the session key");
    }
}

#[test]
fn an_enctype_that_the_policy_does_not_allow_is_not_negotiated() {
    let realm = refusals::realm();
    let listing = || {
        realm.login("alice", SERVICE).with_authenticator(|authenticator| {
            let list = AuthorizationElement::etype_list(&[AES256_SHA2, AES256]);
            authenticator.authorization_data = Some(vec![list]);
        })
    };
    let subkey = |acceptor: &Acceptor| {
        answered(acceptor, &listing(), realm.now()).unwrap().ap_rep.unwrap().subkey.unwrap().keytype
    };
    assert_eq!(subkey(&acceptor(&realm)), AES256_SHA2);
    let narrow = builder(&realm)
        .adjust_policy(|policy| policy.enctypes.set(kerbside::EnctypeRole::Subkey, [AES256, AES128]))
        .build()
        .unwrap();
    assert_eq!(subkey(&narrow), AES256);
}

// Step M-2, RFC 4757 §7: what is in use is the subkey where there is one, not the session key.
#[test]
fn an_rc4_subkey_under_an_aes_session_key_gets_no_acceptor_subkey_where_rc4_alone_is_allowed() {
    let realm = refusals::realm();
    let subkeys = |allowed: &[Enctype]| {
        let allowed = allowed.to_vec();
        let builder =
            builder(&realm).adjust_policy(|policy| policy.enctypes.set(kerbside::EnctypeRole::Subkey, allowed));
        let login = realm.login("alice", SERVICE).subkey_enctype(RC4);
        let reply = answered(&builder.build().unwrap(), &login, realm.now()).unwrap();
        reply.ap_rep.unwrap().subkey.map(|key| key.keytype)
    };
    assert_eq!(subkeys(&[RC4]), None);
    assert_eq!(subkeys(&[RC4, AES256]), None);
    assert_eq!(subkeys(&[AES256, RC4]), Some(AES256));
}

/// Octets that count up from a seed, and how often they were asked for.
struct Counting {
    seed: u8,
    calls: AtomicUsize,
    fails_at: usize,
}

impl Counting {
    fn new(seed: u8) -> Arc<Self> {
        Self::failing_at(seed, usize::MAX)
    }

    fn failing_at(seed: u8, fails_at: usize) -> Arc<Self> {
        Arc::new(Self { seed, calls: AtomicUsize::new(0), fails_at })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl RandomSource for Counting {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        // A source that fails may have written already.
        for (index, octet) in octets.iter_mut().enumerate() {
            *octet = self.seed.wrapping_add(index.to_le_bytes()[0]).wrapping_add(call.to_le_bytes()[0]);
        }
        if call < self.fails_at { Ok(()) } else { Err(RandomError::new()) }
    }
}

#[test]
fn a_reply_follows_from_the_token_and_the_random_octets_alone() {
    let realm = refusals::realm();
    let login = realm.login("alice", SERVICE);
    let reply = |random: Arc<dyn RandomSource>| {
        let acceptor = builder(&realm).random(random).build().unwrap();
        acceptor.accept(&login.token(), realm.now()).unwrap().into_reply().unwrap()
    };
    assert_eq!(reply(Counting::new(1)), reply(Counting::new(1)));
    assert_ne!(reply(Counting::new(1)), reply(Counting::new(2)));
    assert_ne!(reply(Arc::new(SystemRandom::default())), reply(Arc::new(SystemRandom::default())));
}

/// The same octet for ever.
struct Constant(u8);

impl RandomSource for Constant {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        octets.fill(self.0);
        Ok(())
    }
}

// Step M-5.
#[test]
fn the_sequence_number_has_thirty_bits_and_is_never_zero() {
    let realm = refusals::realm();
    for (octet, expected) in [(0, 1), (0xff, 0x3fff_ffff), (0xc0, 0x00c0_c0c0), (1, 0x0101_0101)] {
        let acceptor = builder(&realm).random(Arc::new(Constant(octet))).build().unwrap();
        let reply = answered(&acceptor, &realm.login("alice", SERVICE), realm.now()).unwrap();
        assert_eq!(reply.ap_rep.unwrap().seq_number, Some(expected), "{octet:#x}");
    }
}

#[test]
fn no_random_octets_refuse_the_login_and_only_where_they_are_needed() {
    let realm = refusals::realm();
    for mutual in [Mutual::ByOption, Mutual::ByFlag] {
        let acceptor = builder(&realm).random(Arc::new(NoRandom)).build().unwrap();
        let login = mutual.shape(realm.login("alice", SERVICE));
        let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), "Random.Failed");
        let told = krb_error(&login, error.reply()).unwrap();
        assert_eq!(told.error_code, KrbErrorCode::KRB_ERR_GENERIC);
        let login = Mutual::NotAsked.shape(realm.login("alice", SERVICE));
        assert!(acceptor.accept(&login.token(), realm.now()).is_ok());
    }
}

#[test]
fn random_octets_that_end_too_early_are_none() {
    let realm = refusals::realm();
    let whole = Counting::new(1);
    let acceptor = builder(&realm).random(whole.clone()).build().unwrap();
    assert!(acceptor.accept(&realm.login("alice", SERVICE).token(), realm.now()).is_ok());
    assert!(whole.calls() > 0);
    for fails_at in 0..whole.calls() {
        let acceptor = builder(&realm).random(Counting::failing_at(1, fails_at)).build().unwrap();
        let error = acceptor.accept(&realm.login("alice", SERVICE).token(), realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), "Random.Failed", "{fails_at}");
    }
}

#[test]
fn a_login_that_failed_for_want_of_random_octets_may_be_presented_again() {
    let realm = refusals::realm();
    // The first attempt of a reply draws, and fails; the second finds the source restored.
    struct FailsOnce(AtomicUsize);
    impl RandomSource for FailsOnce {
        fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Err(RandomError::new()),
                _ => Constant(7).fill(octets),
            }
        }
    }
    let acceptor = builder(&realm).random(Arc::new(FailsOnce(AtomicUsize::new(0)))).build().unwrap();
    let token = realm.login("alice", SERVICE).token();
    let judge = || acceptor.accept(&token, realm.now()).map(drop).map_err(|error| error.kind().name());
    assert_eq!(judge(), Err("Random.Failed"));
    assert_eq!(judge(), Ok(()));
    assert_eq!(judge(), Err("Replay"));
}

#[test]
fn a_refused_login_draws_no_random_octets() {
    let realm = refusals::realm();
    let random = Counting::new(1);
    let acceptor = builder(&realm).random(random.clone()).build().unwrap();
    let login = realm.login("alice", SERVICE).clock_ahead(Duration::from_secs(301));
    assert!(acceptor.accept(&login.token(), realm.now()).is_err());
    assert_eq!(random.calls(), 0);
}

/// The KRB-ERROR in a reply, as the client reads it.
fn krb_error(login: &Login, reply: Option<&[u8]>) -> Option<KrbError> {
    reply.and_then(|reply| login.verify_reply(reply).unwrap().krb_error)
}

/// Step X-3: whether the client is told the code.
fn is_told(refusal: &Refusal, mutual: Mutual) -> bool {
    match (refusal.heard, mutual) {
        _ if refusal.code == 37 => true,
        (Heard::Nothing, _) => false,
        (_, Mutual::ByOption) => true,
        (Heard::Flags, Mutual::ByFlag) => true,
        (Heard::Options, Mutual::ByFlag) | (_, Mutual::NotAsked) => false,
    }
}

// APR-34
#[test]
fn apr_34_every_refusal_tells_its_code_to_whom_it_may_and_nothing_else() {
    let (mut told, mut untold) = (0, 0);
    // Without mutual authentication nobody misses random octets: that row has a test of its own.
    let of_a_login = |refusal: &&Refusal| refusal.heard != Heard::Nothing && refusal.name != "Random.Failed";
    for refusal in refusals::all().iter().filter(of_a_login) {
        for envelope in ENVELOPES {
            for mutual in MUTUAL {
                let played = refusal.play(ReplayPolicy::Memory, |login| mutual.shape(envelope.shape(login)));
                let what = format!("{}: {envelope:?} {mutual:?}", refusal.label);
                assert_eq!(played.error.kind().name(), refusal.name, "{what}");
                let login = played.login.unwrap();
                let reply = played.error.reply();
                assert_eq!(reply.is_some(), envelope == Envelope::Spnego || is_told(refusal, mutual), "{what}");
                let read = reply.map(|reply| login.verify_reply(reply).unwrap());
                if let (Envelope::Spnego, Some(read)) = (envelope, &read) {
                    assert_eq!(read.neg_state, Some(NegState::Reject), "{what}");
                    assert_eq!(read.supported_mech, Some(Oid::KRB5), "{what}");
                }
                assert!(read.as_ref().is_none_or(|read| read.ap_rep.is_none()), "{what}");
                match read.and_then(|read| read.krb_error) {
                    Some(error) if is_told(refusal, mutual) => {
                        told += 1;
                        assert_says_only(&error, refusal, &login, &what);
                    }
                    None if !is_told(refusal, mutual) => untold += 1,
                    other => panic!("{what}: {other:?}"),
                }
                assert_holds_no_secret(reply.unwrap_or_default(), &what);
            }
        }
    }
    assert!(told > 150 && untold > 100, "{told} {untold}");
}

fn assert_says_only(error: &KrbError, refusal: &Refusal, login: &Login, what: &str) {
    let code = refusal.code;
    assert_eq!(error.error_code, KrbErrorCode(code), "{what}");
    assert_eq!(error.stime, refusals::realm().now(), "{what}");
    let e_data: Option<&[u8]> = (code == 37).then_some(b"\x30\x05\xa1\x03\x02\x01\x02");
    assert_eq!(error.e_data.as_deref(), e_data, "{what}");
    assert_eq!((&error.e_text, &error.cname, &error.crealm), (&None, &None, &None), "{what}");
    assert_eq!((error.ctime, error.cusec), (None, None), "{what}");
    // The client hears the name that it said itself.
    assert_eq!((&error.realm, &error.sname), (&login.ticket().realm, &login.ticket().sname), "{what}");
}

/// No other principal, no path, no word of the message.
fn assert_holds_no_secret(reply: &[u8], what: &str) {
    let text = String::from_utf8_lossy(reply);
    for secret in [HIDDEN, "ldap", "hidden", STORE_PATH, "replays", "keytab", "alice", "mallory"] {
        assert!(!text.contains(secret), "{what}: {secret} in {text:?}");
    }
}

// APR-34
#[test]
fn apr_34_what_is_no_kerberos_login_is_answered_by_spnego_or_not_at_all() {
    for refusal in refusals::all().iter().filter(|refusal| refusal.heard == Heard::Nothing) {
        let played = refusal.play(ReplayPolicy::Memory, |login| login);
        let reply = played.error.reply();
        let read = |reply| played.login.as_ref().unwrap().verify_reply(reply).unwrap();
        match refusal.name {
            "Token.TokenId" if played.login.is_some() => {
                let told = read(reply.unwrap()).krb_error.unwrap();
                assert_eq!(told.error_code, KrbErrorCode::KRB_AP_ERR_MSG_TYPE, "{}", refusal.label);
                assert_eq!((told.e_text, told.e_data, told.cname), (None, None, None));
            }
            "Token.TokenId" => assert!(reply.is_some(), "RFC 4121 §4.1 asks for a KRB-ERROR"),
            "Negotiation.NoCommonMechanism" => {
                let read = read(reply.unwrap());
                assert_eq!((read.neg_state, read.supported_mech), (Some(NegState::Reject), None), "{}", refusal.label);
            }
            "Negotiation.MoreNeeded" => {
                let read = read(reply.unwrap());
                assert_eq!(read.supported_mech, Some(Oid::KRB5), "{}", refusal.label);
                let second = refusal.label.contains("second");
                let expected = if second { NegState::RequestMic } else { NegState::AcceptIncomplete };
                assert_eq!(read.neg_state, Some(expected), "{}", refusal.label);
            }
            "Negotiation.MechanismMismatch" | "Negotiation.BadMic" | "Negotiation.MicMissing" => {
                assert_eq!(read(reply.unwrap()).neg_state, Some(NegState::Reject), "{}", refusal.label);
            }
            "Negotiation.OutOfOrder" if refusal.label.starts_with("a MIC") => {
                assert_eq!(read(reply.unwrap()).neg_state, Some(NegState::Reject), "{}", refusal.label);
            }
            _ => assert_eq!(reply, None, "{}", refusal.label),
        }
    }
}

// Step G-3: a wrong token identifier is answered whatever was asked for, in the envelope that came in.
#[test]
fn a_wrong_token_identifier_is_told_to_everybody() {
    let realm = refusals::realm();
    for envelope in ENVELOPES {
        for mutual in MUTUAL {
            let login = mutual.shape(envelope.shape(realm.login("alice", SERVICE))).token_id([3, 0]);
            let error = acceptor(&realm).accept(&login.token(), realm.now()).unwrap_err();
            let told = krb_error(&login, error.reply()).unwrap();
            assert_eq!(told.error_code, KrbErrorCode::KRB_AP_ERR_MSG_TYPE, "{envelope:?} {mutual:?}");
            assert_eq!(told.stime, realm.now());
        }
    }
}

// Step: "For Token.Malformed: nothing".
#[test]
fn nothing_is_said_about_what_cannot_be_decoded() {
    let realm = refusals::realm();
    let login = realm.login("alice", SERVICE);
    let parts = [Part::InitialToken, Part::NegTokenInit, Part::GssToken, Part::ApReq, Part::Ticket];
    for part in parts {
        for defect in [Defect::IndefiniteLength(part), Defect::OctetAfter(part)] {
            let error = acceptor(&realm).accept(&login.clone().broken(defect).token(), realm.now()).unwrap_err();
            assert_eq!((error.kind().name(), error.reply()), ("Token.Malformed", None), "{defect:?}");
        }
    }
}

// Step K-10: Windows clients fetch a new ticket when they hear 41; the code for programs stays 31.
#[test]
fn a_ticket_that_does_not_open_is_41_on_the_wire_for_windows_and_31_to_the_caller() {
    let realm = refusals::realm();
    let login = || realm.login("alice", SERVICE);
    let cases = [
        ("KeyDoesNotDecrypt", login().broken(Defect::WrongServiceKey)),
        ("Integrity", login().broken(Defect::TicketCiphertextCut(20))),
        ("Integrity", login().broken(Defect::AuthenticatorBit(3))),
        ("Ticket.Malformed", login().replace_enc_ticket_part(|octets| octets.truncate(50))),
    ];
    for (name, login) in cases {
        for (policy, wire) in [(Policy::default(), 31), (Policy::windows_compatible(), 41)] {
            let acceptor = builder(&realm).policy(policy).build().unwrap();
            let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
            assert_eq!(error.kind().name(), name);
            assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY, "{name}");
            assert_eq!(krb_error(&login, error.reply()).unwrap().error_code, KrbErrorCode(wire), "{name}");
        }
    }
}

#[test]
fn no_other_code_changes_on_the_wire_for_windows() {
    let realm = refusals::realm();
    let acceptor = builder(&realm).policy(Policy::windows_compatible()).build().unwrap();
    let cases = [
        (35, realm.login("alice", "HTTP/other.example.com")),
        (37, realm.login("alice", SERVICE).clock_ahead(Duration::from_secs(301))),
        (44, realm.login("alice", SERVICE).kvno(9)),
        (36, realm.login("alice", SERVICE).with_authenticator(|a| a.crealm = b"R".to_vec())),
    ];
    for (code, login) in cases {
        let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
        assert_eq!(krb_error(&login, error.reply()).unwrap().error_code, KrbErrorCode(code), "{error}");
    }
}

// APR-35: nothing that a client can see tells a bad MAC from a bad inside.
#[test]
fn apr_35_a_ticket_that_does_not_open_is_answered_alike_whatever_is_wrong_with_it() {
    let realm = refusals::realm();
    for policy in [Policy::default(), Policy::windows_compatible()] {
        for envelope in ENVELOPES {
            let acceptor = builder(&realm).policy(policy.clone()).build().unwrap();
            let replies: Vec<_> = ticket_failures(&envelope.shape(realm.login("alice", SERVICE)))
                .into_iter()
                .map(|login| {
                    let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
                    assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY, "{error}");
                    error.reply().unwrap().to_vec()
                })
                .collect();
            assert!(replies.iter().all(|reply| *reply == replies[0]), "{envelope:?}");
        }
    }
}

/// A bad MAC at the front, in the middle and at the end, the wrong key, too short, and three insides that are none.
fn ticket_failures(login: &Login) -> Vec<Login> {
    let bits = login.ticket_octets().len() * 8;
    let mut failures: Vec<_> =
        [0, bits / 3, bits - 1].map(|bit| login.clone().broken(Defect::TicketBit(bit))).into_iter().collect();
    failures.extend([
        login.clone().broken(Defect::WrongServiceKey),
        login.clone().broken(Defect::TicketCiphertextCut(60)),
        login.clone().broken(Defect::TicketCiphertextCut(3)),
        login.clone().replace_enc_ticket_part(|octets| octets.truncate(30)),
        login.clone().replace_enc_ticket_part(|octets| octets[0] = 0x62),
        login.clone().replace_enc_ticket_part(Vec::clear),
        login.clone().broken(Defect::OctetAfter(Part::EncTicketPart)),
    ]);
    failures
}

// The mechanism is echoed as it was offered, and the frame as it came (steps S-4 and X-1).
#[test]
fn the_mechanism_is_echoed_as_it_was_offered() {
    let realm = refusals::realm();
    let acceptor = builder(&realm).policy(Policy::windows_compatible()).build().unwrap();
    let offers: [&[Oid]; 4] =
        [&[Oid::KRB5], &[Oid::MS_KRB5], &[Oid::MS_KRB5, Oid::KRB5], &[Oid::KRB5, Oid::MS_KRB5, Oid::NTLM]];
    for offer in offers {
        let login = realm.login("alice", SERVICE).offering(offer);
        let reply = answered(&acceptor, &login, realm.now()).unwrap();
        assert_eq!(reply.supported_mech.as_ref(), offer.first());
        let refused = login.again().offering(offer).clock_ahead(Duration::from_secs(900));
        let error = acceptor.accept(&refused.token(), realm.now()).unwrap_err();
        let reply = refused.verify_reply(error.reply().unwrap()).unwrap();
        assert_eq!((reply.supported_mech.as_ref(), reply.neg_state), (offer.first(), Some(NegState::Reject)));
    }
    // A token that is framed under Microsoft's OID gets its reply framed under it: `verify_reply` compares.
    for login in [realm.login("alice", SERVICE).microsoft_oid(), realm.login("bob", SERVICE).microsoft_oid().raw_krb5()]
    {
        assert!(answered(&acceptor, &login, realm.now()).unwrap().ap_rep.is_some());
    }
}

// Step X-6.
#[test]
fn raw_in_raw_out_and_spnego_in_spnego_out() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    let login = realm.login("alice", SERVICE);
    for (login, first) in [(login.clone(), 0xa1), (login.again().raw_krb5(), 0x60)] {
        let reply = acceptor.accept(&login.token(), realm.now()).unwrap().into_reply().unwrap();
        assert_eq!(reply[0], first);
        let refused = login.again().clock_behind(Duration::from_secs(301));
        let error = acceptor.accept(&refused.token(), realm.now()).unwrap_err();
        assert_eq!(error.reply().unwrap()[0], first);
    }
}

#[test]
fn replies_are_der_in_shortest_form_where_the_token_was_not() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    for part in [Part::InitialToken, Part::GssToken, Part::ApReq, Part::Ticket, Part::MechTypes] {
        let login = realm.login("alice", SERVICE).broken(Defect::LongLength { part, octets: 4 });
        // `verify_reply` reads with `der`, which refuses any other form.
        assert!(answered(&acceptor, &login, realm.now()).unwrap().ap_rep.is_some(), "{part:?}");
    }
}

#[test]
fn a_client_that_is_told_the_time_comes_back_and_is_accepted() {
    let realm = refusals::realm();
    let acceptor = acceptor(&realm);
    for envelope in ENVELOPES {
        let slow =
            envelope.shape(realm.login("alice", SERVICE)).without_mutual().clock_behind(Duration::from_secs(900));
        let error = acceptor.accept(&slow.token(), realm.now()).unwrap_err();
        let told = krb_error(&slow, error.reply()).unwrap();
        let again = slow.again().with_authenticator(|authenticator| authenticator.set_time(told.stime));
        assert!(acceptor.accept(&again.token(), realm.now()).is_ok(), "{envelope:?}");
    }
}

// Without a checksum, or with a plain one, ap-options alone ask.
#[test]
fn without_flags_the_option_alone_asks_for_an_ap_rep() {
    let realm = refusals::realm();
    let acceptor = builder(&realm).adjust_policy(|policy| policy.plain_checksum = Leniency::Tolerate).build().unwrap();
    for checksum in [AuthenticatorChecksum::Absent, AuthenticatorChecksum::KeyedOverNothing] {
        for mutual in [Mutual::ByOption, Mutual::NotAsked] {
            let login = mutual.shape(realm.login("alice", SERVICE));
            let login = login.with_authenticator(|authenticator| authenticator.cksum = checksum.clone());
            let reply = answered(&acceptor, &login, realm.now()).unwrap();
            assert_eq!(reply.ap_rep.is_some(), mutual == Mutual::ByOption, "{checksum:?} {mutual:?}");
        }
    }
}
