//! What holds with the tickets of every KDC: `suite!(tickets, Realm::samba());` in a file of tests.
//!
//! The KDCs hold the same scenarios under the same names, and MIT's initiator asks them. What they differ in is an argument.

use kerbside::asn1::{LengthForm, Rules};
use kerbside::gss::ContextFlags;
use kerbside::messages::AuthorizationData;
use kerbside::numbers::{AuthDataType, Enctype};
use kerbside::{Accepted, Acceptor, AcceptorBuilder, Error};

use crate::{Initiator, Mech, Realm, Request, now};

pub fn builder(realm: &Realm, keytab: &str) -> AcceptorBuilder {
    Acceptor::builder(realm.keytab(keytab)).service("HTTP")
}

pub fn acceptor(realm: &Realm, keytab: &str) -> Acceptor {
    builder(realm, keytab).build().expect("the acceptor is complete")
}

/// Alice logs in, and her initiator believes the reply.
///
/// # Errors
///
/// Why the acceptor refuses.
pub fn log_in(realm: &Realm, acceptor: &Acceptor, request: &Request) -> Result<Accepted, Error> {
    let mut alice = Initiator::of(realm, "alice");
    let accepted = acceptor.accept(&alice.first_token(request), now())?;
    assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
    let leg = alice.step(accepted.reply().expect("the request is mutual")).expect("the initiator takes the reply");
    assert!(leg.complete && leg.token.is_none(), "{leg:?}");
    assert!(leg.flags.contains(&"mutual".to_owned()), "{leg:?}");
    Ok(accepted)
}

/// Alice is known from a ticket of each of these enctypes, which has this kvno.
pub fn accepts_each(realm: &Realm, enctypes: &[Enctype], kvno: u32) {
    let acceptor = acceptor(realm, "enctypes");
    for &enctype in enctypes {
        let host = enctype.name().expect("it has a name");
        for mech in [Mech::Spnego, Mech::Krb5] {
            let request = Request::to(host).mech(mech).mutual();
            let accepted = log_in(realm, &acceptor, &request).unwrap_or_else(|error| panic!("{host}: {error}"));
            assert_eq!(accepted.service().to_string(), format!("HTTP/{host}.kerbside.test@KERBSIDE.TEST"));
            assert_eq!((accepted.enctype(), accepted.session_key_enctype()), (enctype, enctype));
            assert_eq!(accepted.kvno(), kvno);
            assert!(accepted.flags().contains(ContextFlags::MUTUAL));
            assert_eq!(accepted.tolerances(), []);
        }
    }
}

/// The types of a ticket's authorization data, those inside AD-IF-RELEVANT.
pub fn authorization_data_types(accepted: &Accepted) -> Vec<AuthDataType> {
    let Some(octets) = accepted.authorization_data() else { return Vec::new() };
    let list =
        AuthorizationData::from_octets(octets, Rules::new(LengthForm::Shortest, 16)).expect("the KDC writes DER");
    list.walk().map(|element| element.expect("the KDC writes DER").ad_type).collect()
}

pub fn accepts_rc4_by_policy_alone(realm: &Realm) {
    let request = Request::to("rc4-hmac").mutual();
    let refused = log_in(realm, &acceptor(realm, "enctypes"), &request).expect_err("RC4 is not allowed");
    assert_eq!(refused.kind().name(), "EtypeNotPermitted", "{refused}");
    let allowed =
        builder(realm, "enctypes").adjust_policy(|policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC));
    let allowed = allowed.build().expect("the acceptor is complete");
    let accepted = log_in(realm, &allowed, &request).expect("RC4 is allowed");
    assert_eq!((accepted.enctype(), accepted.session_key_enctype()), (Enctype::RC4_HMAC, Enctype::RC4_HMAC));
}

pub fn refuses_a_token_the_second_time(realm: &Realm) {
    let web = acceptor(realm, "web");
    let mut alice = Initiator::of(realm, "alice");
    let token = alice.first_token(&Request::to("web").mutual());
    web.accept(&token, now()).expect("it is new");
    let refused = web.accept(&token, now()).expect_err("it was used");
    assert_eq!(refused.kind().name(), "Replay", "{refused}");
    web.accept(&alice.first_token(&Request::to("web").mutual()), now()).expect("the next one is new");
}

pub fn refuses_what_another_key_of_the_same_name_made(realm: &Realm) {
    let request = Request::to("recreated").mutual();
    let refused = log_in(realm, &acceptor(realm, "recreated-before"), &request).expect_err("the key is another");
    assert_eq!(refused.kind().name(), "KeyDoesNotDecrypt", "{refused}");
    log_in(realm, &acceptor(realm, "recreated"), &request).expect("the key is right");
}

pub fn refuses_a_ticket_for_another_service(realm: &Realm) {
    let request = Request::to("web").mutual();
    let refused = log_in(realm, &acceptor(realm, "other"), &request).expect_err("there is no such key");
    assert_eq!(refused.kind().name(), "NoKey.Principal", "{refused}");
    log_in(realm, &acceptor(realm, "web"), &request).expect("the key is there");
}

pub fn tells_an_old_keytab_by_its_kvno(realm: &Realm) {
    let request = Request::to("rotated").mutual();
    let refused = log_in(realm, &acceptor(realm, "rotated-before"), &request).expect_err("the key is old");
    assert_eq!(refused.kind().name(), "NoKey.Kvno", "{refused}");
    log_in(realm, &acceptor(realm, "rotated"), &request).expect("the key is there");
}
