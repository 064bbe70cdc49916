//! Several acceptors behind one door: which one a ticket chooses, what it then decides, and what is said when none fits.
#![cfg(all(feature = "testing", feature = "std"))]

#[path = "support/held.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod held;
#[path = "support/verdict.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod verdict;

use core::time::Duration;
use held::{AES128, AES256};
use kerbside::crypto::Key;
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::replay::{MemoryReplayStore, Seen};
use kerbside::testing::{Defect, Framing, Login, Oid, Part, Realm};
use kerbside::{
    Acceptor, AcceptorBuilder, AcceptorSet, AliasPolicy, Connection, Error, ErrorClass, ErrorKind, KeyMatch, Limits,
    NoKey, Policy, ReplayPolicy, Step, Tolerance,
};
use std::sync::Arc;
use verdict::realm;

const WWW: &str = "HTTP/www.example.com";
const WIKI: &str = "HTTP/wiki.example.com";
const MAIL: &str = "imap/mail.example.com";
const ALIAS: &str = "HTTP/alias.example.com";

/// An acceptor with one key of each service.
fn of(realm: &Realm, services: &[&str]) -> AcceptorBuilder {
    let empty = realm.keytab_builder();
    let keytab = services.iter().fold(empty, |keytab, service| keytab.key(service, AES256, Realm::KVNO));
    Acceptor::builder(keytab.build().unwrap()).replay(ReplayPolicy::Off).started_at(realm.now())
}

fn set<const N: usize>(members: [(&str, AcceptorBuilder); N]) -> AcceptorSet {
    AcceptorSet::new(members.map(|(label, builder)| (label, builder.build().unwrap()))).unwrap()
}

fn three(realm: &Realm) -> AcceptorSet {
    set([("www", of(realm, &[WWW])), ("wiki", of(realm, &[WIKI])), ("mail", of(realm, &[MAIL]))])
}

#[track_caller]
fn chosen(set: &AcceptorSet, realm: &Realm, token: &[u8]) -> String {
    set.accept(token, realm.now()).unwrap().member().unwrap().to_owned()
}

#[track_caller]
fn refusal(set: &AcceptorSet, realm: &Realm, token: &[u8]) -> Error {
    match set.accept(token, realm.now()) {
        Err(error) => error,
        Ok(accepted) => panic!("accepted: {accepted:?}"),
    }
}

/// The members that a combined error lists, each with the name of its own.
#[track_caller]
fn listed(error: &Error) -> Vec<(&str, &'static str)> {
    let ErrorKind::NoKey(NoKey::Members { refusals, .. }) = error.kind() else { panic!("{error:?}") };
    refusals.iter().map(|refusal| (refusal.label(), refusal.error().kind().name())).collect()
}

/// A ticket whose name is in nobody's keytab, under the key of this service.
fn alias_of(realm: &Realm, service: &str) -> Login {
    realm.login("alice", service).cleartext_service(ALIAS)
}

// ---- the choice ----------------------------------------------------------------------------------------------------

#[test]
fn the_name_in_the_ticket_chooses_the_member() {
    let realm = realm();
    let set = three(&realm);
    for (service, label) in [(WWW, "www"), (WIKI, "wiki"), (MAIL, "mail")] {
        for token in [realm.login("alice", service).token(), realm.login("alice", service).raw_krb5().token()] {
            let accepted = set.accept(&token, realm.now()).unwrap();
            assert_eq!(accepted.member(), Some(label));
            assert_eq!(accepted.service().to_string(), format!("{service}@EXAMPLE.COM"));
            assert_eq!((accepted.key_match(), accepted.tolerances()), (KeyMatch::Exact, &[][..]));
        }
    }
    let alone = of(&realm, &[WWW]).build().unwrap();
    assert_eq!(alone.accept(&realm.login("alice", WWW).token(), realm.now()).unwrap().member(), None);
}

// ZIM-14: realms are told apart as names are.
#[test]
fn members_of_several_realms_are_told_apart_by_the_realm() {
    let (here, there) = (realm(), Realm::new("OTHER.EXAMPLE"));
    let set = set([("here", of(&here, &[WWW])), ("there", of(&there, &[WWW]))]);
    for (realm, label) in [(&here, "here"), (&there, "there")] {
        assert_eq!(chosen(&set, realm, &realm.login("alice", WWW).token()), label);
    }
}

#[test]
fn a_member_whose_policy_excludes_the_name_is_not_chosen() {
    let realm = realm();
    let keytab = || of(&realm, &[WWW, WIKI, MAIL]);
    let members =
        [("mail", keytab().service("imap")), ("wiki", keytab().service(WIKI)), ("www", keytab().service(WWW))];
    let set = set(members);
    for (service, label) in [(WWW, "www"), (WIKI, "wiki"), (MAIL, "mail")] {
        assert_eq!(chosen(&set, &realm, &realm.login("alice", service).token()), label);
    }
}

#[test]
fn the_name_chooses_and_the_key_decides() {
    let realm = realm();
    let set = three(&realm);
    // Sealed for the wiki, and relayed to www: www is asked, and has no key for it.
    let relayed = realm.login("alice", WIKI).cleartext_service(WWW).token();
    let error = refusal(&set, &realm, &relayed);
    assert_eq!((error.kind().name(), error.member()), ("KeyDoesNotDecrypt", Some("www")));
    assert!(set.accept(&realm.login("alice", WIKI).token(), realm.now()).is_ok());
}

#[test]
fn the_chosen_members_own_policy_decides() {
    let realm = realm();
    let lax = || of(&realm, &[WWW]).skew(Duration::from_secs(600));
    let set = set([("www", lax()), ("wiki", of(&realm, &[WIKI]))]);
    let late = |service| realm.login("alice", service).clock_behind(Duration::from_secs(400));
    assert_eq!(chosen(&set, &realm, &late(WWW).token()), "www");
    let login = late(WIKI);
    let error = refusal(&set, &realm, &login.token());
    assert_eq!((error.kind().name(), error.member()), ("ClockSkew", Some("wiki")));
    let heard = login.verify_reply(error.reply().unwrap()).unwrap().krb_error.unwrap();
    assert_eq!(heard.error_code, KrbErrorCode::KRB_AP_ERR_SKEW);
    assert!(lax().build().unwrap().accept(&late(WWW).token(), realm.now()).is_ok());
}

#[test]
fn of_several_members_with_the_name_the_first_that_has_the_key_answers() {
    let realm = realm();
    let others = Realm::with_seed("EXAMPLE.COM", 4);
    let set = set([("old", of(&others, &[WWW])), ("new", of(&realm, &[WWW])), ("wiki", of(&realm, &[WIKI]))]);
    assert_eq!(chosen(&set, &realm, &realm.login("alice", WWW).token()), "new");
    assert_eq!(chosen(&set, &others, &others.login("alice", WWW).token()), "old");
    let strangers = Realm::with_seed("EXAMPLE.COM", 5);
    let error = refusal(&set, &realm, &strangers.login("alice", WWW).token());
    assert_eq!(listed(&error), [("old", "KeyDoesNotDecrypt"), ("new", "KeyDoesNotDecrypt")], "the wiki was not asked");
    assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
    assert!(error.hint().contains("setspn -X"), "{}", error.hint());
}

#[test]
fn one_that_opens_the_ticket_and_refuses_it_has_the_last_word() {
    let realm = realm();
    let strict = of(&realm, &[WWW]).adjust_policy(|policy| policy.client_realms = Some(Vec::new()));
    let set = set([("strict", strict), ("lax", of(&realm, &[WWW]))]);
    let error = refusal(&set, &realm, &realm.login("alice", WWW).token());
    assert_eq!((error.kind().name(), error.member()), ("ClientRealmNotAllowed", Some("strict")));
    let lax = set.by_host("lax").unwrap();
    assert!(lax.accept(&realm.login("alice", WWW).token(), realm.now()).is_ok());
}

// ---- nobody fits ---------------------------------------------------------------------------------------------------

// ICE-05
#[test]
fn when_none_fits_one_error_says_of_each_what_it_has() {
    let realm = realm();
    let set = three(&realm);
    let login = realm.login("alice", ALIAS);
    let error = refusal(&set, &realm, &login.token());
    assert_eq!(error.kind().name(), "NoKey.Members");
    assert_eq!((error.krb_error_code(), error.class()), (KrbErrorCode::KRB_AP_ERR_NOT_US, ErrorClass::Configuration));
    let name = "NoKey.Principal";
    assert_eq!(listed(&error), [("www", name), ("wiki", name), ("mail", name)]);
    let message = error.to_string();
    let has = ["www (", "it has HTTP/www.example.com@EXAMPLE.COM", "wiki (", "mail (", "it has imap/mail.example.com"];
    for part in ["for HTTP/alias.example.com@EXAMPLE.COM"].iter().chain(&has) {
        assert!(message.contains(part), "\"{message}\" does not say \"{part}\"");
    }
    assert!(error.member().is_none());
    // The client hears nothing of it.
    let heard = login.verify_reply(error.reply().unwrap()).unwrap().krb_error.unwrap();
    assert_eq!((heard.error_code, heard.e_text), (KrbErrorCode::KRB_AP_ERR_NOT_US, None));
}

// ICE-05
#[test]
fn each_member_says_its_own_reason() {
    let realm = realm();
    let members = [
        ("excluding", of(&realm, &[ALIAS]).service("imap")),
        ("strict", of(&realm, &[WWW]).adjust_policy(|policy| policy.aliases = AliasPolicy::NameMustMatch)),
        (
            "weak",
            of(&realm, &[MAIL]).adjust_policy(|policy| {
                policy.enctypes.set(kerbside::EnctypeRole::Ticket, [AES128]);
            }),
        ),
    ];
    let error = refusal(&set(members), &realm, &realm.login("alice", ALIAS).token());
    let expected = [("excluding", "NoKey.Principal"), ("strict", "NoKey.Principal"), ("weak", "EtypeNotPermitted")];
    assert_eq!(listed(&error), expected);
    assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_NOT_US);
}

#[test]
fn a_single_member_speaks_for_itself() {
    let realm = realm();
    let only = set([("www", of(&realm, &[WWW]))]);
    let alone = of(&realm, &[WWW]).build().unwrap();
    let logins = [
        realm.login("alice", ALIAS),
        realm.login("alice", WWW).kvno(7).with_ticket(|ticket| ticket.kvno = Some(1)),
        realm.login("alice", WWW).broken(Defect::WrongServiceKey),
        realm.login("alice", WWW).clock_ahead(Duration::from_secs(900)),
        realm.login("alice", WWW).token_id([2, 0]),
        realm.login("alice", WWW).broken(Defect::AuthenticatorBit(0)),
    ];
    for login in logins {
        let token = login.token();
        let [of_set, of_one] = [only.accept(&token, realm.now()), alone.accept(&token, realm.now())];
        let [of_set, of_one] = [of_set.unwrap_err(), of_one.unwrap_err()];
        assert_eq!(of_set.to_string(), of_one.to_string());
        assert_eq!((of_set.kind().name(), of_set.reply()), (of_one.kind().name(), of_one.reply()));
    }
}

#[test]
fn what_no_member_could_open_is_said_once() {
    let realm = realm();
    let set = three(&realm);
    for (login, name) in [
        (realm.login("alice", WWW).with_ticket(|ticket| ticket.etype = Enctype(99)), "EtypeUnsupported"),
        (realm.login("alice", ALIAS).with_ticket(|ticket| ticket.etype = Enctype(99)), "EtypeUnsupported"),
        (realm.login("alice", WWW).with_ap_req(|ap_req| ap_req.pvno = 4), "ApReq.Version"),
    ] {
        let error = refusal(&set, &realm, &login.token());
        assert_eq!((error.kind().name(), error.member()), (name, None));
    }
    for octets in [&b""[..], b"NTLMSSP\0\x01\0\0\0", b"\x60\x03abc"] {
        assert!(refusal(&set, &realm, octets).member().is_none());
    }
}

// ---- aliases -------------------------------------------------------------------------------------------------------

#[test]
fn a_name_of_nobody_goes_to_the_members_that_allow_aliases_in_their_order() {
    let realm = realm();
    let strict =
        |services: &[&str]| of(&realm, services).adjust_policy(|policy| policy.aliases = AliasPolicy::NameMustMatch);
    let set = set([("www", of(&realm, &[WWW])), ("wiki", strict(&[WIKI])), ("mail", of(&realm, &[MAIL, WIKI]))]);
    for (service, label) in [(WWW, "www"), (WIKI, "mail"), (MAIL, "mail")] {
        let accepted = set.accept(&alias_of(&realm, service).token(), realm.now()).unwrap();
        assert_eq!((accepted.member(), accepted.key_match()), (Some(label), KeyMatch::Alias));
        assert_eq!(accepted.tolerances(), [Tolerance::KeyMatch(KeyMatch::Alias)]);
        assert_eq!(accepted.service().to_string(), format!("{service}@EXAMPLE.COM"));
    }
}

/// So many keys in all, over all members: the one that would open it is the fifth.
#[test]
fn ktb_12_the_keys_that_a_set_tries_are_bounded_in_all() {
    let realm = realm();
    let accepted = |limit: usize| {
        let mut limits = Limits::default();
        limits.trial_keys = limit;
        let two = |a: &str, b: &str| of(&realm, &[a, b]).limits(limits);
        let set = set([("a", two("a/1", "a/2")), ("b", two("b/1", "b/2")), ("c", two(WWW, WWW))]);
        set.accept(&alias_of(&realm, WWW).token(), realm.now()).is_ok()
    };
    assert_eq!([4, 5, 16].map(accepted), [false, true, true]);
}

// ---- several legs, and what is around the ticket ---------------------------------------------------------------------

#[test]
fn a_negotiation_chooses_when_the_ticket_comes() {
    let realm = realm();
    let set = three(&realm);
    let login = realm.login("alice", WIKI).offering(&[Oid::NTLM, Oid::KRB5]);
    let mut negotiation = set.negotiate();
    assert!(matches!(negotiation.step(&login.token(), realm.now()), Ok(Step::Continue(_))), "no ticket yet");
    let later = login.clone().framing(Framing::SpnegoContinuation).without_mutual();
    let step = negotiation.step(&later.token(), realm.now());
    // Without mutual authentication the initiator's MIC belongs here.
    let error = step.unwrap_err();
    assert_eq!((error.kind().name(), error.member()), ("Negotiation.MicMissing", Some("wiki")));

    let mut negotiation = set.negotiate_on(Connection::new());
    assert!(matches!(negotiation.step(b"", realm.now()), Ok(Step::Continue(_))), "hints");
    match negotiation.step(&realm.login("alice", MAIL).token(), realm.now()) {
        Ok(Step::Accepted(accepted)) => assert_eq!(accepted.member(), Some("mail")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_a_second_chance_the_next_ticket_chooses_anew() {
    let realm = realm();
    let set = three(&realm);
    let mut negotiation = set.negotiate();
    let late = realm.login("alice", WWW).clock_behind(Duration::from_secs(900));
    assert!(matches!(negotiation.step(&late.token(), realm.now()), Ok(Step::Continue(_))));
    let again = realm.login("alice", MAIL).framing(Framing::SpnegoContinuation);
    match negotiation.step(&again.token(), realm.now()) {
        Ok(Step::Accepted(accepted)) => assert_eq!(accepted.member(), Some("mail")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_member_that_was_chosen_goes_on_with_the_later_legs() {
    let realm = realm();
    let asking = |service| of(&realm, &[service]).replay(ReplayPolicy::Ask);
    let set = set([("www", asking(WWW)), ("wiki", asking(WIKI))]);
    let mut negotiation = set.negotiate();
    assert!(matches!(negotiation.step(&realm.login("alice", WIKI).token(), realm.now()), Ok(Step::CheckReplay(_))));
    match negotiation.resume(Ok(Seen::Fresh), realm.now()) {
        Ok(Step::Accepted(accepted)) => assert_eq!(accepted.member(), Some("wiki")),
        other => panic!("{other:?}"),
    }
    let counted = |label: &str| set.by_host(label).unwrap().key_use()[0].accepted;
    assert_eq!(["www", "wiki"].map(counted), [0, 1]);
    let error = refusal(&set, &realm, &realm.login("alice", WIKI).token());
    assert_eq!(error.kind().name(), "Negotiation.ReplayPending");
}

#[test]
fn around_the_ticket_the_strictest_member_counts() {
    let realm = realm();
    let long = realm.login("alice", WWW).broken(Defect::LongLength { part: Part::Ticket, octets: 4 }).token();
    let strict = of(&realm, &[WIKI]).adjust_policy(|policy| policy.lengths = Policy::strict().lengths);
    let mixed = set([("www", of(&realm, &[WWW])), ("wiki", strict)]);
    assert_eq!(refusal(&mixed, &realm, &long).kind().name(), "Token.Malformed");
    assert!(mixed.accept(&realm.login("alice", WWW).token(), realm.now()).is_ok());
    assert!(mixed.by_host("www").unwrap().accept(&long, realm.now()).is_ok());
    let alike = set([("www", of(&realm, &[WWW])), ("wiki", of(&realm, &[WIKI]))]);
    let accepted = alike.accept(&long, realm.now()).unwrap();
    assert_eq!((accepted.member(), accepted.tolerances()), (Some("www"), &[Tolerance::NonMinimalLength][..]));

    let mut short = Limits::default();
    short.token_octets = 200;
    let set = set([("www", of(&realm, &[WWW])), ("wiki", of(&realm, &[WIKI]).limits(short))]);
    assert_eq!(refusal(&set, &realm, &realm.login("alice", WWW).token()).kind().name(), "Token.TooLarge");
}

#[test]
fn user_to_user_needs_no_key_of_a_member() {
    let realm = realm();
    let set = three(&realm);
    let key = realm.service_key(&realm.principal(WWW), AES256, Realm::KVNO);
    let own: Key = key.to_key().unwrap();
    let connection = Connection::new().user_to_user(realm.principal(WWW), own);
    let bit = |login: Login| {
        login.with_ap_req(|ap_req| ap_req.ap_options = kerbside::messages::ApOptions::USE_SESSION_KEY.into())
    };
    let token = bit(realm.login("alice", WWW)).token();
    assert_eq!(set.accept_on(&connection, &token, realm.now()).unwrap().member(), Some("www"));
    let error = refusal(&set, &realm, &token);
    assert_eq!((error.kind().name(), error.member()), ("NoKey.UserToUser", None));
}

// ---- replays, and the set itself -------------------------------------------------------------------------------------

#[test]
fn members_have_replay_stores_of_their_own_unless_they_share_one() {
    let realm = realm();
    let shared = Arc::new(MemoryReplayStore::default());
    let replays = |policy: fn(&Arc<MemoryReplayStore>) -> ReplayPolicy| {
        let member = |services| of(&realm, services).replay(policy(&shared));
        let set = set([("one", member(&[WWW])), ("two", member(&[WWW, WIKI]))]);
        let token = realm.login("alice", WWW).token();
        assert_eq!(chosen(&set, &realm, &token), "one");
        assert_eq!(refusal(&set, &realm, &token).kind().name(), "Replay");
        let two = set.by_host("two").unwrap();
        two.accept(&token, realm.now()).map(|_| ()).map_err(|error| error.kind().name())
    };
    assert_eq!(replays(|_| ReplayPolicy::Memory), Ok(()), "the other has not seen it");
    assert_eq!(replays(|shared| ReplayPolicy::Store(shared.clone())), Err("Replay"));
}

// ZIM-16: the server knows the virtual host.
#[test]
fn a_member_is_found_by_its_host() {
    let realm = realm();
    let set = set([("WWW.example.com", of(&realm, &[WWW])), ("wiki.example.com", of(&realm, &[WIKI]))]);
    let token = realm.login("alice", WWW).token();
    for host in ["www.example.com", "WWW.EXAMPLE.COM", "www.example.com."] {
        assert!(set.by_host(host).unwrap().accept(&token, realm.now()).is_ok(), "{host}");
    }
    for host in ["", ".", "www", "www.example.com:443", "xwww.example.com", "www.example.com.."] {
        assert!(set.by_host(host).is_none(), "{host}");
    }
    let wiki = set.by_host("wiki.example.com").unwrap();
    assert!(wiki.accept(&token, realm.now()).is_err());
    assert_eq!(set.members().map(|(label, _)| label).collect::<Vec<_>>(), ["WWW.example.com", "wiki.example.com"]);
}

#[test]
fn a_set_has_members_and_each_label_once() {
    let realm = realm();
    let acceptor = of(&realm, &[WWW]).build().unwrap();
    let error = AcceptorSet::new(Vec::<(String, Acceptor)>::new()).unwrap_err();
    assert_eq!(error.kind().name(), "Setup.NoMembers");
    let error = AcceptorSet::new([("web", acceptor.clone()), ("Web", acceptor.clone())]).unwrap_err();
    assert_eq!(error.kind().name(), "Setup.LabelTwice");
    assert!(AcceptorSet::new([("web", acceptor.clone()), ("web2", acceptor)]).is_ok());
}

#[test]
fn a_member_that_gets_other_keys_is_chosen_by_those() {
    let realm = realm();
    let set = set([("one", of(&realm, &[WWW]).retire_after(Duration::from_secs(60))), ("two", of(&realm, &[MAIL]))]);
    let keytab = |service| realm.keytab_builder().key(service, AES256, 2).build().unwrap();
    set.by_host("one").unwrap().replace_keytab(keytab(WIKI), realm.now()).unwrap();
    assert_eq!(chosen(&set, &realm, &realm.login("alice", WIKI).token()), "one");
    assert_eq!(chosen(&set, &realm, &realm.login("alice", WWW).token()), "one", "it retires");
    realm.clock().advance(Duration::from_secs(61));
    let error = refusal(&set, &realm, &realm.login("alice", WWW).token());
    assert_eq!(listed(&error), [("one", "NoKey.Principal"), ("two", "NoKey.Principal")]);
}
