//! How long a key that is not in the keytab any more still opens tickets, and what is said of it.
#![cfg(all(feature = "testing", feature = "std"))]

#[path = "support/held.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod held;
#[path = "support/verdict.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod verdict;

use core::time::Duration;
use held::{AES128, AES256, holding, keytab, kvno_error, login, with_kvno_policy};
use kerbside::testing::{AuthorizationElement, Realm};
use kerbside::{
    Acceptor, ErrorKind, KeyMatch, Keytab, KvnoDirection, KvnoPolicy, Limits, NoKey, Policy, TargetPolicy, Timestamp,
    Tolerance,
};
use verdict::{SERVICE, builder, realm, refusal};

/// Short enough that a login is not yet old when it ends.
const WINDOW: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_micros(1);

/// An acceptor that was rotated from the first keytab to the second, now.
fn rotated(realm: &Realm, policy: Policy, first: Keytab, second: Keytab) -> Acceptor {
    let acceptor = builder(realm, first, policy).retire_after(WINDOW).build().unwrap();
    acceptor.replace_keytab(second, realm.now()).unwrap();
    acceptor
}

/// From version 2 to version 3.
fn from_2_to_3(realm: &Realm, policy: Policy) -> Acceptor {
    rotated(realm, policy, keytab(realm, &[(AES256, 2)]), keytab(realm, &[(AES256, 3)]))
}

fn of_version(realm: &Realm, kvno: u32) -> Vec<u8> {
    login(realm).kvno(kvno).token()
}

fn retired_until(acceptor: &Acceptor, kvno: u32) -> Option<Timestamp> {
    acceptor.key_use().iter().find(|used| used.entry.kvno == kvno).unwrap().retired_until
}

// ---- KTB-15 --------------------------------------------------------------------------------------------------------

// CAS-05: the password was changed, and the keytab made again.
#[test]
fn ktb_15_a_ticket_of_the_old_key_is_accepted_up_to_the_end_of_the_window_and_counted() {
    let realm = realm();
    let acceptor = from_2_to_3(&realm, Policy::default());
    let (changed, until) = (realm.now(), realm.now().saturating_add(WINDOW));
    let token = of_version(&realm, 2);
    for now in [changed, changed.saturating_add(TICK), until] {
        let accepted = acceptor.accept(&token, now).unwrap();
        assert_eq!(accepted.tolerances(), [Tolerance::RetiredKey { until }]);
        assert_eq!((accepted.kvno(), accepted.key_match()), (2, KeyMatch::Exact));
    }
    let after = until.saturating_add(TICK);
    assert_eq!(acceptor.accept(&token, after).unwrap_err().kind().name(), "NoKey.Kvno");
    let new = acceptor.accept(&of_version(&realm, 3), after).unwrap();
    assert!(new.tolerances().is_empty(), "{:?}", new.tolerances());
    let uses = acceptor.key_use();
    let found: Vec<_> = uses.iter().map(|used| (used.entry.kvno, used.accepted, used.retired_until)).collect();
    assert_eq!(found, [(3, 1, None), (2, 3, Some(until))]);
    assert_eq!(uses[1].last_use, Some(until));
}

#[test]
fn ktb_15_after_the_window_the_refusal_is_that_of_a_keytab_without_the_key() {
    let realm = realm();
    let imap = "imap/web.example.com";
    let first = || realm.keytab_builder().key(SERVICE, AES256, 2).key(imap, AES256, 2).key(SERVICE, AES128, 2);
    let second = || keytab(&realm, &[(AES256, 3)]);
    for kvno in [KvnoPolicy::Exact, KvnoPolicy::PreferExactThenTry, KvnoPolicy::Ignore] {
        let acceptor = rotated(&realm, with_kvno_policy(kvno), first().build().unwrap(), second());
        let without = holding(&realm, &[(AES256, 3)], kvno);
        let after = realm.now().saturating_add(WINDOW + TICK);
        let imap = realm.login("alice", imap);
        for login in
            [login(&realm), login(&realm).ticket_enctype(AES128), login(&realm).with_ticket(|t| t.kvno = None), imap]
        {
            let token = login.token();
            let [found, expected] = [&acceptor, &without].map(|acceptor| acceptor.accept(&token, after).unwrap_err());
            assert_eq!(found.to_string(), expected.to_string());
            assert_eq!((found.kind().name(), found.hint()), (expected.kind().name(), expected.hint()));
            assert!(acceptor.accept(&token, realm.now()).is_ok(), "{kvno:?}: {expected}");
        }
    }
}

/// KTB-15: what is refused within the window is refused as if the key were gone already.
#[test]
fn ktb_15_a_retiring_key_is_never_listed_as_present() {
    let realm = realm();
    let acceptor = from_2_to_3(&realm, Policy::default());
    let strangers = Realm::with_seed("EXAMPLE.COM", 9);
    let token = strangers.login("alice", SERVICE).kvno(2).token();
    let error = refusal(&acceptor, &realm, &token);
    assert_eq!(kvno_error(&error), (2, &[3][..], KvnoDirection::TicketOutOfDate, 1, None));
    assert!(!format!("{acceptor:?}").contains("kvno 2"));
    // The same for a name that is not in the keytab any more.
    let first = realm.keytab_builder().key("HTTP/old.example.com", AES256, 2).build().unwrap();
    let acceptor = rotated(&realm, Policy::default(), first, keytab(&realm, &[(AES256, 2)]));
    let token = realm.login("alice", "HTTP/old.example.com").token();
    assert!(acceptor.accept(&token, realm.now()).is_ok());
    let error = refusal(&acceptor, &realm, &strangers.login("alice", "HTTP/old.example.com").token());
    let ErrorKind::NoKey(NoKey::Principal { present, .. }) = error.kind() else { panic!("{error:?}") };
    assert_eq!(present.iter().map(ToString::to_string).collect::<Vec<_>>(), ["HTTP/web.example.com@EXAMPLE.COM"]);
}

// ---- how long ------------------------------------------------------------------------------------------------------

#[test]
fn without_a_window_old_keys_go_at_once() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).retire_after(Duration::ZERO);
    let acceptor = acceptor.build().unwrap();
    assert!(acceptor.accept(&of_version(&realm, 2), realm.now()).is_ok());
    let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, 3)]), realm.now()).unwrap();
    assert_eq!((change.retired.len(), change.dropped.len()), (0, 1));
    let error = refusal(&acceptor, &realm, &of_version(&realm, 2));
    assert_eq!(kvno_error(&error), (2, &[3][..], KvnoDirection::TicketOutOfDate, 1, None));
    assert_eq!(acceptor.key_use().len(), 1);
}

#[test]
fn the_window_is_ten_hours_unless_another_is_set() {
    let realm = realm();
    let acceptor = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).build().unwrap();
    acceptor.replace_keytab(keytab(&realm, &[(AES256, 3)]), realm.now()).unwrap();
    let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
    assert_eq!(retired_until(&acceptor, 2), Some(realm.now().saturating_add(hours(10))));
}

#[test]
fn further_reloads_do_not_extend_a_window() {
    let realm = realm();
    let acceptor = from_2_to_3(&realm, Policy::default());
    let until = realm.now().saturating_add(WINDOW);
    for kvno in 4..8 {
        realm.clock().advance(Duration::from_secs(10));
        let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, kvno)]), realm.now()).unwrap();
        assert_eq!((change.retired.len(), change.dropped.len()), (1, 0));
        assert_eq!(retired_until(&acceptor, 2), Some(until));
    }
    let token = of_version(&realm, 2);
    assert!(acceptor.accept(&token, until).is_ok());
    assert!(acceptor.accept(&token, until.saturating_add(TICK)).is_err());
}

#[test]
fn a_key_that_comes_back_does_not_retire_and_begins_anew_when_it_goes_again() {
    let realm = realm();
    let acceptor = from_2_to_3(&realm, Policy::default());
    acceptor.accept(&of_version(&realm, 2), realm.now()).unwrap();
    realm.clock().advance(Duration::from_secs(30));
    let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, 3), (AES256, 2)]), realm.now()).unwrap();
    assert_eq!((change.added.len(), change.kept.len(), change.retired.len()), (1, 1, 0));
    let accepted = acceptor.accept(&of_version(&realm, 2), realm.now().saturating_add(2 * WINDOW)).unwrap();
    assert_eq!(accepted.tolerances(), [], "it is in the keytab");
    let used = &acceptor.key_use()[1];
    assert_eq!((used.entry.kvno, used.accepted, used.retired_until), (2, 2, None), "and it is the same entry");
    realm.clock().advance(Duration::from_secs(10));
    acceptor.replace_keytab(keytab(&realm, &[(AES256, 3)]), realm.now()).unwrap();
    assert_eq!(retired_until(&acceptor, 2), Some(realm.now().saturating_add(WINDOW)));
}

#[test]
fn what_has_leaked_can_be_dropped_at_once() {
    let realm = realm();
    let acceptor = from_2_to_3(&realm, Policy::default());
    let token = of_version(&realm, 2);
    assert!(acceptor.accept(&token, realm.now()).is_ok());
    let dropped = acceptor.drop_retired_keys();
    assert_eq!(dropped.iter().map(|entry| entry.kvno).collect::<Vec<_>>(), [2]);
    assert_eq!(refusal(&acceptor, &realm, &token).kind().name(), "NoKey.Kvno");
    assert!(acceptor.accept(&of_version(&realm, 3), realm.now()).is_ok());
    assert!(acceptor.drop_retired_keys().is_empty());
}

/// A keytab a minute, for two days: what is held is what is new and what still retires, an hour's keys here.
#[test]
fn what_is_held_does_not_grow_with_the_number_of_reloads() {
    let realm = realm();
    let window = Duration::from_secs(60 * 60);
    let builder = builder(&realm, keytab(&realm, &[(AES256, 1)]), Policy::default()).retire_after(window);
    let acceptor = builder.build().unwrap();
    let mut dropped = 0;
    for kvno in 2..2 * 24 * 60 {
        realm.clock().advance(Duration::from_secs(60));
        let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, kvno)]), realm.now()).unwrap();
        dropped += change.dropped.len();
        // An hour and its two ends.
        assert!(acceptor.key_use().len() <= 62, "{kvno}");
    }
    assert_eq!(dropped + acceptor.key_use().len(), 2 * 24 * 60 - 1, "each was dropped once");
    // A keytab that does not change lets go of what is over as well.
    realm.clock().advance(window + Duration::from_secs(1));
    let change = acceptor.replace_keytab(keytab(&realm, &[(AES256, 2 * 24 * 60 - 1)]), realm.now()).unwrap();
    assert_eq!((change.dropped.len(), change.kept.len(), acceptor.key_use().len()), (61, 1, 1));
}

// ---- which tickets -------------------------------------------------------------------------------------------------

#[test]
fn an_account_made_again_with_the_same_version_retires_its_old_key() {
    let realm = realm();
    let again = Realm::with_seed("EXAMPLE.COM", 3);
    let acceptor = rotated(&realm, Policy::default(), keytab(&realm, &[(AES256, 2)]), keytab(&again, &[(AES256, 2)]));
    let [old, new] = [&realm, &again].map(|realm| login(realm).token());
    let until = realm.now().saturating_add(WINDOW);
    assert_eq!(acceptor.accept(&old, until).unwrap().tolerances(), [Tolerance::RetiredKey { until }]);
    assert_eq!(acceptor.accept(&new, until).unwrap().tolerances(), []);
    let error = acceptor.accept(&old, until.saturating_add(TICK)).unwrap_err();
    assert_eq!(error.kind().name(), "KeyDoesNotDecrypt");
    let uses = acceptor.key_use();
    assert_eq!([uses[0].accepted, uses[1].accepted], [1, 1], "two entries of one version");
}

#[test]
fn the_kvno_policy_holds_for_retiring_keys_as_well() {
    let realm = realm();
    let stating = |kvno: Option<i64>| login(&realm).kvno(2).with_ticket(|ticket| ticket.kvno = kvno).token();
    let until = realm.now().saturating_add(WINDOW);
    for (policy, stated, expected) in [
        (KvnoPolicy::Exact, Some(2), Some(KeyMatch::Exact)),
        (KvnoPolicy::Exact, Some(7), None),
        (KvnoPolicy::Exact, None, Some(KeyMatch::Exact)),
        (KvnoPolicy::PreferExactThenTry, Some(7), Some(KeyMatch::OtherKvno)),
        (KvnoPolicy::Ignore, Some(7), Some(KeyMatch::OtherKvno)),
    ] {
        let acceptor = from_2_to_3(&realm, with_kvno_policy(policy));
        match (acceptor.accept(&stating(stated), realm.now()), expected) {
            (Ok(accepted), Some(expected)) => {
                assert_eq!(accepted.key_match(), expected, "{policy:?} {stated:?}");
                assert!(accepted.tolerances().contains(&Tolerance::RetiredKey { until }));
            }
            (Err(error), None) => assert_eq!(error.kind().name(), "NoKey.Kvno", "{policy:?} {stated:?}"),
            (verdict, _) => panic!("{policy:?} {stated:?}: {verdict:?}"),
        }
    }
}

// ICE-29: several names of one account; the keytab has one of them.
#[test]
fn aliases_of_a_retiring_key_are_accepted_within_the_window() {
    let realm = realm();
    let alias = realm.login("alice", SERVICE).cleartext_service("HTTP/alias.example.com").token();
    let until = realm.now().saturating_add(WINDOW);
    let acceptor = from_2_to_3(&realm, Policy::default());
    let accepted = acceptor.accept(&alias, until).unwrap();
    assert_eq!(accepted.key_match(), KeyMatch::Alias);
    assert!(accepted.tolerances().contains(&Tolerance::RetiredKey { until }));
    let error = acceptor.accept(&alias, until.saturating_add(TICK)).unwrap_err();
    assert_eq!(error.kind().name(), "NoKey.Principal");
    let acceptor = from_2_to_3(&realm, {
        let mut policy = Policy::default();
        policy.aliases = kerbside::AliasPolicy::NameMustMatch;
        policy
    });
    assert_eq!(refusal(&acceptor, &realm, &alias).kind().name(), "NoKey.Principal");
    // A name that the new keytab has, and the old one had not.
    let both = realm.keytab_builder().key(SERVICE, AES256, 3).key("HTTP/alias.example.com", AES256, 3);
    let acceptor = rotated(&realm, Policy::default(), keytab(&realm, &[(AES256, 2)]), both.build().unwrap());
    assert!(acceptor.accept(&alias, until).is_ok());
}

#[test]
fn a_service_that_the_policy_excludes_does_not_come_in_by_retiring() {
    let realm = realm();
    let cifs = "cifs/web.example.com";
    let first = realm.keytab_builder().key(SERVICE, AES256, 2).key(cifs, AES256, 2).build().unwrap();
    let builder = builder(&realm, first, Policy::default()).service("HTTP").retire_after(WINDOW);
    let acceptor = builder.build().unwrap();
    acceptor.replace_keytab(keytab(&realm, &[(AES256, 3)]), realm.now()).unwrap();
    assert!(acceptor.accept(&of_version(&realm, 2), realm.now()).is_ok());
    assert_eq!(refusal(&acceptor, &realm, &realm.login("alice", cifs).token()).kind().name(), "NoKey.Principal");
}

/// A refused token tries as many keys of those that retire as it may try of the others, and no more.
#[test]
fn ktb_12_trial_keys_that_retire_are_bounded() {
    let realm = realm();
    let names: Vec<String> = (0..6).map(|number| format!("HTTP/{number}.example.com")).collect();
    let of_all = |kvno| names.iter().fold(realm.keytab_builder(), |keytab, name| keytab.key(name, AES256, kvno));
    let accepted = |limit: usize| {
        let mut limits = Limits::default();
        limits.trial_keys = limit;
        let builder = builder(&realm, of_all(2).build().unwrap(), Policy::default()).limits(limits);
        let acceptor = builder.retire_after(WINDOW).build().unwrap();
        acceptor.replace_keytab(of_all(3).build().unwrap(), realm.now()).unwrap();
        let alias = |name: &String| realm.login("alice", name).kvno(2).cleartext_service("HTTP/alias").token();
        names.iter().filter(|name| acceptor.accept(&alias(name), realm.now()).is_ok()).count()
    };
    assert_eq!([1, 3, 6, 16].map(accepted), [1, 3, 6, 6]);
}

#[test]
fn a_name_that_retires_is_still_one_that_clients_may_mean() {
    let realm = realm();
    let old = "HTTP/old.example.com";
    let first = realm.keytab_builder().key(old, AES256, 2).build().unwrap();
    let mut policy = Policy::default();
    policy.target = TargetPolicy::Require;
    let acceptor = rotated(&realm, policy, first, keytab(&realm, &[(AES256, 3)]));
    let meaning = |target: &str| {
        let target = AuthorizationElement::client_target(target);
        realm.login("alice", old).with_authenticator(|part| part.authorization_data = Some(vec![target])).token()
    };
    assert!(acceptor.accept(&meaning(old), realm.now()).is_ok());
    let error = refusal(&acceptor, &realm, &meaning("HTTP/elsewhere.example.com"));
    assert_eq!(error.kind().name(), "NotForUs");
}
