//! Tickets of an Active Directory domain, Samba's, in the hands of MIT's initiator.

use kerbside::numbers::{AuthDataType, Enctype};
use kerbside::{Acceptor, AliasPolicy, EnctypeRole, KeyMatch, Policy, Tolerance};
use kerbside_interop::{Initiator, Realm, Request, now, suite, tickets};

suite!(tickets, Realm::samba());

/// The account was made with kvno 1, and got its password with kvno 2.
#[test]
fn accepts_each_enctype_of_aes() {
    let enctypes = [Enctype::AES128_CTS_HMAC_SHA1_96, Enctype::AES256_CTS_HMAC_SHA1_96];
    tickets::accepts_each(&Realm::samba(), &enctypes, 2);
}

#[test]
fn ticket_has_a_pac() {
    let realm = Realm::samba();
    let request = Request::to("web").mutual();
    let accepted = tickets::log_in(&realm, &tickets::acceptor(&realm, "web"), &request).expect("the token is good");
    assert_eq!(tickets::authorization_data_types(&accepted), [AuthDataType::WIN2K_PAC]);
}

/// Where nobody says what the service knows, the ticket is under RC4 and the session key in it is not.
#[test]
fn accepts_an_rc4_ticket_with_an_aes_session_key_where_tickets_alone_may_be_rc4() {
    let realm = Realm::samba();
    let request = Request::to("unset").mutual();
    let refused =
        tickets::log_in(&realm, &tickets::acceptor(&realm, "unset"), &request).expect_err("RC4 is not allowed");
    assert_eq!(refused.kind().name(), "EtypeNotPermitted", "{refused}");
    let allowed = tickets::builder(&realm, "unset").allow_rc4(EnctypeRole::Ticket);
    let allowed = allowed.build().expect("the acceptor is complete");
    let accepted = tickets::log_in(&realm, &allowed, &request).expect("RC4 is allowed in tickets");
    let enctypes = (accepted.enctype(), accepted.session_key_enctype());
    assert_eq!(enctypes, (Enctype::RC4_HMAC, Enctype::AES256_CTS_HMAC_SHA1_96));
}

/// Active Directory finds `HTTP/web.kerbside.test` in any case, and its tickets have the name as the client asked for it.
#[test]
fn accepts_names_in_the_case_that_the_client_wrote() {
    let realm = Realm::samba();
    let under = |spn: &str, policy: &Policy| {
        let builder = Acceptor::builder(realm.keytab("web")).service(spn).policy(policy.clone());
        builder.build().expect("the acceptor is complete")
    };
    let windows = Policy::windows_compatible();
    let mut exact = Policy::default();
    exact.aliases = AliasPolicy::NameMustMatch;
    for (name, tolerance, by_alias) in [
        ("HTTP/web.kerbside.test", None, None),
        ("http/web.kerbside.test", Some(Tolerance::NameCase), Some(Tolerance::KeyMatch(KeyMatch::Alias))),
        ("HTTP/WEB.KERBSIDE.TEST", Some(Tolerance::NameCase), Some(Tolerance::KeyMatch(KeyMatch::Alias))),
    ] {
        let request = Request::to_service(name).mutual();
        let log_in = |acceptor: &Acceptor| tickets::log_in(&realm, acceptor, &request);
        for spn in ["HTTP", "HTTP/web.kerbside.test", "http/WEB.kerbside.test"] {
            let accepted = log_in(&under(spn, &windows)).unwrap_or_else(|error| panic!("{name} for {spn}: {error}"));
            assert_eq!(accepted.service().to_string(), "HTTP/web.kerbside.test@KERBSIDE.TEST");
            assert_eq!(accepted.tolerances(), tolerance.as_slice(), "{name} for {spn}");
        }
        // Elsewhere case counts, and the key fits nevertheless.
        let accepted = log_in(&under("HTTP", &Policy::default())).expect("other names of the keytab are tried");
        assert_eq!(accepted.tolerances(), by_alias.as_slice(), "{name}");
        let refused = log_in(&under("HTTP", &exact)).err().map(|error| error.kind().name());
        assert_eq!(refused, tolerance.map(|_| "NoKey.Principal"), "{name}");
    }
}

/// 7.6 KiB, of which the PAC of 302 groups is a third and the delegated ticket, with the same PAC in it, another.
#[test]
fn accepts_a_token_of_a_user_in_302_groups_who_delegates() {
    let realm = Realm::samba();
    let acceptor = tickets::builder(&realm, "web").accept_delegation().build().expect("the acceptor is complete");
    let mut many = Initiator::start(&realm, realm.kinit("many", &["-f"]));
    let token = many.first_token(&Request::to("web").mutual().flags(&["deleg"]));
    assert!((7_600..8_000).contains(&token.len()), "{}", token.len());
    let accepted = acceptor.accept(&token, now()).expect("the token is good");
    assert_eq!(accepted.client().to_string(), "many@KERBSIDE.TEST");
    assert!(accepted.delegated_credentials().is_some());
}
