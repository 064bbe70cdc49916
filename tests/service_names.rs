//! Which service names are accepted, and what the name in the clear cannot do (section 5.2 of the acceptance order).
#![cfg(feature = "testing")]

#[path = "support/verdict.rs"]
mod verdict;

use kerbside::numbers::{Enctype, NameType};
use kerbside::testing::{AuthorizationElement, Login, Realm};
use kerbside::{
    Acceptor, AliasPolicy, Error, ErrorKind, KeyMatch, Keytab, NameCase, NoKey, Policy, Principal, Spn, TargetPolicy,
    Tolerance,
};
use verdict::{SERVICE, acceptor, builder, realm, refusal};

const CIFS: &str = "cifs/web.example.com";

fn serving(realm: &Realm, keytab: Keytab, spn: Spn, policy: Policy) -> Acceptor {
    builder(realm, keytab, policy).spn(spn).build().unwrap()
}

fn spn(text: &str) -> Spn {
    Spn::parse(text).unwrap()
}

fn service(class: Option<&str>, host: Option<&str>, realm: Option<&str>) -> Spn {
    Spn::Service { class: class.map(Into::into), host: host.map(Into::into), realm: realm.map(Into::into) }
}

/// A keytab of [`SERVICE`] in which these names share its keys, as the names of one account do.
fn shared_keytab(realm: &Realm, others: &[&str]) -> Keytab {
    let key = realm.service_key(&realm.principal(SERVICE), Realm::ENCTYPE, Realm::KVNO);
    let keytab = realm.keytab_builder().service(SERVICE);
    others.iter().fold(keytab, |keytab, name| keytab.entry(&realm.principal(name), 2, &key)).build().unwrap()
}

fn strict_names(policy: Policy) -> Policy {
    let mut policy = policy;
    policy.aliases = AliasPolicy::NameMustMatch;
    policy
}

#[track_caller]
fn other_case(error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::NoKey(NoKey::Principal { differs_only_in_case, .. }) => {
            differs_only_in_case.as_ref().map(ToString::to_string)
        }
        other => panic!("{other:?}"),
    }
}

// ---- Which entries may be used ------------------------------------------------------------------------------------

// ICE-11, ZIM-14, ZIM-15, CAS-26
#[test]
fn a_service_policy_filters_the_entries_of_the_keytab() {
    let realm = realm();
    let names = [SERVICE, "HTTP/other.example.com", CIFS, "host", "ldap/dc.example.com/example.com"];
    let keytab = names.iter().fold(realm.keytab_builder(), |keytab, name| keytab.service(name));
    let keytab = keytab.service("HTTP/web.example.com@OTHER.EXAMPLE");
    let exact = |name: &str| Spn::Exact(realm.principal(name));
    let all = ["HTTP/web", "HTTP/other", "cifs/web", "host", "ldap", "HTTP/web@OTHER"];
    for (policy, allowed) in [
        (Spn::AnyInKeytab, &all[..]),
        (exact(SERVICE), &["HTTP/web"]),
        (exact("host"), &["host"]),
        (exact("ldap/dc.example.com/example.com"), &["ldap"]),
        (exact("HTTP/web.example.com@OTHER.EXAMPLE"), &["HTTP/web@OTHER"]),
        (spn("HTTP"), &["HTTP/web", "HTTP/other", "HTTP/web@OTHER"]),
        (spn("HTTP/web.example.com"), &["HTTP/web", "HTTP/web@OTHER"]),
        (spn("HTTP@web.example.com"), &["HTTP/web", "HTTP/web@OTHER"]),
        (spn("HTTP/web.example.com@EXAMPLE.COM"), &["HTTP/web"]),
        (service(Some("HTTP"), None, Some("EXAMPLE.COM")), &["HTTP/web", "HTTP/other"]),
        (service(None, Some("web.example.com"), None), &["HTTP/web", "cifs/web", "HTTP/web@OTHER"]),
        (service(None, None, Some("OTHER.EXAMPLE")), &["HTTP/web@OTHER"]),
        (service(None, None, None), &["HTTP/web", "HTTP/other", "cifs/web", "HTTP/web@OTHER"]),
    ] {
        let acceptor = serving(&realm, keytab.build().unwrap(), policy.clone(), Policy::default());
        let tickets = names.into_iter().chain(["HTTP/web.example.com@OTHER.EXAMPLE"]);
        for (name, short) in tickets.zip(all) {
            match acceptor.accept(&realm.login("alice", name).token(), realm.now()) {
                Ok(accepted) => {
                    assert!(allowed.contains(&short), "{policy} accepted {short}");
                    assert_eq!((accepted.service(), accepted.key_match()), (&realm.principal(name), KeyMatch::Exact));
                }
                Err(error) => {
                    assert_eq!(
                        (allowed.contains(&short), error.kind().name()),
                        (false, "NotForUs"),
                        "{policy} {short}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_exact_policy_counts_the_components() {
    let named = |text: &str| text.parse::<Principal>().unwrap();
    let exact = Spn::Exact(named("ldap/dc/example.com@R"));
    for (name, allowed) in [
        ("ldap/dc/example.com@R", true),
        ("ldap/dc@R", false),
        ("ldap@R", false),
        ("ldap/dc/example.com/more@R", false),
        ("ldap/dc/example.com@S", false),
    ] {
        assert_eq!(exact.allows(&named(name), NameCase::Exact), allowed, "{name}");
        assert_eq!(Spn::Exact(named(name)).allows(&named("ldap/dc/example.com@R"), NameCase::Exact), allowed, "{name}");
    }
}

// ZIM-15, CAS-18, CAS-26
#[test]
fn text_that_names_no_service_is_an_error_of_the_builder() {
    let realm = realm();
    for text in ["", "HTTP/", "HTTP/a/b", "@"] {
        let error =
            builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default()).service(text).build().unwrap_err();
        assert_eq!(error.kind().name(), "Setup.Service", "{text}");
    }
    assert!(builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default()).service("HTTP").build().is_ok());
}

// ICE-09
/// RFC 4120 §6.2: name-types are not compared.
#[test]
fn the_name_type_of_a_ticket_does_not_matter() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::strict());
    for name_type in [0, 1, 2, 3, 10, -1, i32::MAX] {
        let login = realm.login("alice", SERVICE).with_ticket(|ticket| ticket.sname.name_type = NameType(name_type));
        let accepted = acceptor.accept(&login.token(), realm.now()).unwrap();
        assert_eq!((accepted.key_match(), accepted.tolerances()), (KeyMatch::Exact, &[][..]));
    }
}

// ---- Aliases ------------------------------------------------------------------------------------------------------

/// A login to [`SERVICE`] whose ticket names another service in the clear, which the keytab does not have.
fn renamed(realm: &Realm, name: &str) -> Login {
    realm.login("alice", SERVICE).cleartext_service(name)
}

// ICE-29
#[test]
fn another_name_of_the_account_is_an_alias_where_the_policy_allows_it() {
    let realm = realm();
    for name in ["HTTP/www.example.com", "http/x", "host", "HTTP/web.example.com@ELSEWHERE", "a/b/c/d"] {
        let login = renamed(&realm, name);
        for policy in [Policy::default(), Policy::windows_compatible()] {
            let accepted = acceptor(&realm, policy).accept(&login.token(), realm.now()).unwrap();
            assert_eq!((accepted.key_match(), accepted.kvno()), (KeyMatch::Alias, 2));
            assert_eq!(accepted.tolerances(), [Tolerance::KeyMatch(KeyMatch::Alias)]);
            assert_eq!(accepted.service(), &realm.principal(SERVICE), "{name}");
        }
        for policy in [Policy::strict(), strict_names(Policy::default())] {
            let error = refusal(&acceptor(&realm, policy), &realm, &login.token());
            assert!(matches!(error.kind(), ErrorKind::NoKey(NoKey::Principal { tried: 0, .. })), "{error:?}");
        }
    }
}

/// Heimdal leaves the realm of the ticket empty.
#[test]
fn a_ticket_without_a_realm_is_an_alias() {
    let realm = realm();
    let token = realm.login("alice", SERVICE).with_ticket(|ticket| ticket.realm.clear()).token();
    let accepted = acceptor(&realm, Policy::default()).accept(&token, realm.now()).unwrap();
    assert_eq!((accepted.key_match(), accepted.service()), (KeyMatch::Alias, &realm.principal(SERVICE)));
}

#[test]
fn only_allowed_names_lend_their_keys_to_others() {
    let realm = realm();
    let keytab = || realm.keytab_builder().service(SERVICE).service(CIFS).build().unwrap();
    let token = realm.login("alice", CIFS).cleartext_service("cifs/www.example.com").token();
    let any = serving(&realm, keytab(), Spn::AnyInKeytab, Policy::default());
    assert_eq!(any.accept(&token, realm.now()).unwrap().service(), &realm.principal(CIFS));
    let error = refusal(&serving(&realm, keytab(), spn("HTTP"), Policy::default()), &realm, &token);
    assert!(matches!(error.kind(), ErrorKind::NoKey(NoKey::Principal { tried: 1, .. })), "{error:?}");
}

#[test]
fn one_key_under_many_names_is_tried_once() {
    let realm = realm();
    let keytab = shared_keytab(&realm, &["HTTP/a", "HTTP/b", "cifs/a", "HTTP/web.example.com@OTHER"]);
    let acceptor = serving(&realm, keytab, Spn::AnyInKeytab, Policy::default());
    let error = refusal(&acceptor, &realm, &realm.login("alice", "HTTP/unknown").token());
    assert!(matches!(error.kind(), ErrorKind::NoKey(NoKey::Principal { tried: 1, .. })), "{error:?}");
}

/// A name of the keytab is never an alias, however many other keys would open the ticket.
#[test]
fn a_ticket_that_names_another_service_of_the_keytab_is_not_opened_with_a_strangers_key() {
    let realm = realm();
    let keytab = realm.keytab_builder().service(SERVICE).service(CIFS).build().unwrap();
    let acceptor = serving(&realm, keytab, Spn::AnyInKeytab, Policy::default());
    assert!(acceptor.accept(&realm.login("alice", CIFS).token(), realm.now()).is_ok());
    assert_eq!(refusal(&acceptor, &realm, &renamed(&realm, CIFS).token()).kind().name(), "KeyDoesNotDecrypt");
}

// ---- What the name in the clear cannot do ---------------------------------------------------------------------------

/// APR-11, CVE-2017-11103: what stands in the clear is nobody's identity.
#[test]
fn apr_11_rewritten_names_leave_the_service_the_keytabs() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    for name in [
        "krbtgt/EXAMPLE.COM",
        "HTTP/web.example.com@EVIL.EXAMPLE",
        "admin@EVIL.EXAMPLE",
        "HTTP/evil.example\\0",
        "HTTP/WEB.example.com",
    ] {
        let login = renamed(&realm, name).with_ticket(|ticket| ticket.kvno = Some(77));
        let accepted = acceptor.accept(&login.token(), realm.now()).unwrap();
        assert_eq!(accepted.service().to_string(), "HTTP/web.example.com@EXAMPLE.COM");
        assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
        assert_eq!((accepted.kvno(), accepted.enctype()), (2, Enctype::AES256_CTS_HMAC_SHA1_96));
        assert!(login.verify_reply(accepted.reply().unwrap()).unwrap().ap_rep.is_some());
        assert!(!format!("{accepted:?}").contains("EVIL"), "{accepted:?}");
    }
}

/// APR-11: the name under which the keytab has the key, where several names share it.
#[test]
fn apr_11_the_service_is_one_of_the_keytab_with_the_key_that_opened_the_ticket() {
    let realm = realm();
    let acceptor = serving(&realm, shared_keytab(&realm, &[CIFS]), Spn::AnyInKeytab, Policy::strict());
    for name in [SERVICE, CIFS] {
        let accepted = acceptor.accept(&renamed(&realm, name).token(), realm.now()).unwrap();
        assert_eq!((accepted.service(), accepted.key_match()), (&realm.principal(name), KeyMatch::Exact));
    }
    assert_eq!(refusal(&acceptor, &realm, &renamed(&realm, "nfs/x").token()).kind().name(), "NoKey.Principal");
}

/// APR-08: two services of one account. Only the client's own statement tells a rewritten name.
#[test]
fn apr_08_other_service_of_the_same_account() {
    let realm = realm();
    let targets = [
        None,
        Some("HTTP/web.example.com"),
        Some("http/WEB.example.com@EXAMPLE.COM"),
        Some("cifs/web.example.com@EXAMPLE.COM"),
        Some("HTTP"),
        Some(""),
    ];
    for (policy, accepted_targets) in [
        (TargetPolicy::Ignore, &targets[..]),
        (TargetPolicy::VerifyIfPresent, &targets[..3]),
        (TargetPolicy::Require, &targets[1..3]),
    ] {
        let mut preset = Policy::default();
        preset.target = policy;
        let acceptor = serving(&realm, shared_keytab(&realm, &[CIFS]), spn("HTTP"), preset);
        for target in targets {
            let meaning = |name: &str| {
                let data = target.map(|target| vec![AuthorizationElement::client_target(target)]);
                renamed(&realm, name).with_authenticator(|authenticator| authenticator.authorization_data = data)
            };
            let honest = refusal(&acceptor, &realm, &meaning(CIFS).token());
            assert_eq!(honest.kind().name(), "NotForUs");
            assert!(honest.to_string().contains("cifs/web.example.com@EXAMPLE.COM"), "{honest}");
            for rewritten in [SERVICE, "HTTP/alias.example.com"] {
                match acceptor.accept(&meaning(rewritten).token(), realm.now()) {
                    Ok(accepted) => {
                        assert!(accepted_targets.contains(&target), "{policy:?} accepted {target:?}");
                        assert_eq!(accepted.client_target(), target);
                    }
                    Err(error) => {
                        assert!(!accepted_targets.contains(&target), "{policy:?} {target:?}: {error}");
                        assert_eq!(error.kind().name(), "NotForUs");
                    }
                }
            }
        }
    }
}

/// APR-08: with a policy of any service, the target must be one of the keytab; with an exact one, that one.
#[test]
fn apr_08_a_target_is_compared_with_the_keytab_where_any_service_is_accepted() {
    let realm = realm();
    let mut policy = Policy::default();
    policy.target = TargetPolicy::Require;
    let of_any = [SERVICE, CIFS];
    for (spn, targets) in [(Spn::AnyInKeytab, &of_any[..]), (Spn::Exact(realm.principal(SERVICE)), &of_any[..1])] {
        let acceptor = serving(&realm, shared_keytab(&realm, &[CIFS]), spn.clone(), policy.clone());
        for target in [SERVICE, CIFS, "HTTP/other.example.com", "HTTP/web.example.com/more", "HTTP"] {
            let data = vec![AuthorizationElement::client_target(target)];
            let login = realm.login("alice", SERVICE).with_authenticator(|part| part.authorization_data = Some(data));
            match acceptor.accept(&login.token(), realm.now()) {
                Ok(accepted) => assert!(targets.contains(&accepted.client_target().unwrap()), "{spn} {target}"),
                Err(error) => {
                    assert_eq!((targets.contains(&target), error.kind().name()), (false, "NotForUs"), "{spn} {target}");
                }
            }
        }
    }
}

// ---- KTB-13: case ---------------------------------------------------------------------------------------------------

// ICE-16, ICE-17
/// KTB-13: the ticket's name against the keytab's. Aliases are off, since any name of the account would be one.
#[test]
fn ktb_13_names_that_differ_only_in_case() {
    let realm = realm();
    for (name, of_windows) in [
        ("http/web.example.com", true),
        ("HTTP/WEB.Example.Com", true),
        ("HTTP/web.example.com@example.com", false),
        ("http/web.example.com@Example.com", false),
    ] {
        let login = renamed(&realm, name);
        for (preset, policy) in [("strict", Policy::strict()), ("default", strict_names(Policy::default()))] {
            let error = refusal(&acceptor(&realm, policy), &realm, &login.token());
            assert_eq!(error.kind().name(), "NoKey.Principal", "{preset}");
            assert_eq!(other_case(&error).as_deref(), Some("HTTP/web.example.com@EXAMPLE.COM"), "{preset}");
            let message = error.to_string();
            assert!(message.contains(&realm.principal(name).to_string()), "{message}");
            assert!(message.contains("HTTP/web.example.com@EXAMPLE.COM, which differs only in the case"), "{message}");
            assert!(error.hint().contains("case counts"), "{}", error.hint());
        }
        let windows = acceptor(&realm, strict_names(Policy::windows_compatible()));
        match windows.accept(&login.token(), realm.now()) {
            Ok(accepted) => {
                assert!(of_windows, "{name}");
                assert_eq!((accepted.key_match(), accepted.service()), (KeyMatch::Exact, &realm.principal(SERVICE)));
                assert_eq!(accepted.tolerances(), [Tolerance::NameCase]);
            }
            Err(error) => {
                assert!(!of_windows, "{name}: {error}");
                assert!(other_case(&error).is_some());
            }
        }
    }
    let same = acceptor(&realm, Policy::windows_compatible()).accept(&renamed(&realm, SERVICE).token(), realm.now());
    assert_eq!(same.unwrap().tolerances(), []);
}

// ICE-16
/// KTB-13: a key of its own under the other spelling, as an MIT KDC would have it: no alias opens that.
#[test]
fn ktb_13_another_case_with_another_key_is_refused_by_every_preset() {
    let realm = realm();
    let token = realm.login("alice", "http/web.example.com").token();
    let default = refusal(&acceptor(&realm, Policy::default()), &realm, &token);
    assert_eq!(other_case(&default).as_deref(), Some("HTTP/web.example.com@EXAMPLE.COM"));
    let windows = refusal(&acceptor(&realm, Policy::windows_compatible()), &realm, &token);
    assert_eq!(windows.kind().name(), "KeyDoesNotDecrypt");
}

/// KTB-13: the policy's name against the keytab's (step K-4).
#[test]
fn ktb_13_a_policy_that_differs_from_the_keytab_only_in_case() {
    let realm = realm();
    let exact = |text: &str| Spn::Exact(text.parse::<Principal>().unwrap());
    for (policy, of_windows) in [
        (spn("http"), true),
        (spn("HTTP/WEB.example.com"), true),
        (exact("http/web.EXAMPLE.com@EXAMPLE.COM"), true),
        (spn("HTTP/web.example.com@example.com"), false),
        (service(None, None, Some("example.com")), false),
        (exact("HTTP/web.example.com@example.com"), false),
    ] {
        let login = realm.login("alice", SERVICE);
        let keytab = || realm.keytab(SERVICE).unwrap();
        let error = refusal(&serving(&realm, keytab(), policy.clone(), Policy::default()), &realm, &login.token());
        assert_eq!(other_case(&error).as_deref(), Some("HTTP/web.example.com@EXAMPLE.COM"), "{policy}");
        let message = error.to_string();
        assert!(message.contains(&policy.to_string()) && message.contains("only in the case"), "{message}");
        let windows = serving(&realm, keytab(), policy.clone(), Policy::windows_compatible());
        assert_eq!(windows.accept(&login.token(), realm.now()).is_ok(), of_windows, "{policy}");
    }
    for policy in [spn("imap"), spn("http/web.example.com@ELSEWHERE"), exact("http/web@EXAMPLE.COM")] {
        let other = serving(&realm, realm.keytab(SERVICE).unwrap(), policy, Policy::default());
        let error = refusal(&other, &realm, &realm.login("alice", SERVICE).token());
        assert_eq!(other_case(&error), None, "not a matter of case");
    }
}

/// KTB-13: only ASCII letters have a case here, whatever the language.
#[test]
fn ktb_13_letters_outside_ascii_have_no_case() {
    let realm = realm();
    let mut policy = strict_names(Policy::default());
    policy.name_case = NameCase::IgnoreServiceAndHost;
    let acceptor = serving(&realm, realm.keytab("HTTP/istanbul.i").unwrap(), Spn::AnyInKeytab, policy);
    for (host, same) in [("ISTANBUL.I", true), ("İstanbul.i", false), ("ıstanbul.i", false), ("\u{17f}tanbul.i", false)]
    {
        let login = realm.login("alice", "HTTP/istanbul.i").cleartext_service(&format!("HTTP/{host}"));
        match acceptor.accept(&login.token(), realm.now()) {
            Ok(accepted) => assert_eq!((same, accepted.tolerances()), (true, &[Tolerance::NameCase][..])),
            Err(error) => assert_eq!((same, other_case(&error)), (false, None), "{host}"),
        }
    }
}

/// The entry of exactly the name comes before one that differs in case.
#[test]
fn an_equal_name_is_preferred_to_one_of_another_case() {
    let realm = realm();
    let spellings = ["http/web.example.com", SERVICE, "HTTP/WEB.EXAMPLE.COM"];
    let keytab = spellings.iter().fold(realm.keytab_builder(), |keytab, name| keytab.service(name)).build().unwrap();
    let acceptor = serving(&realm, keytab, Spn::AnyInKeytab, Policy::windows_compatible());
    for name in spellings {
        let accepted = acceptor.accept(&realm.login("alice", name).token(), realm.now()).unwrap();
        assert_eq!((accepted.service(), accepted.tolerances()), (&realm.principal(name), &[][..]));
    }
}
