//! User-to-user: tickets under the session key of the acceptor's own ticket-granting ticket (RFC 4120 §3.7, step K-0).
#![cfg(feature = "testing")]

use kerbside::crypto::Key;
use kerbside::numbers::Enctype;
use kerbside::testing::{BitString, Login, Realm};
use kerbside::{Acceptor, Connection, Error, Principal};

const SERVICE: &str = "HTTP/web.example.com";
const USE_SESSION_KEY_AND_MUTUAL: [u32; 2] = [1, 2];

/// The kit seals the ticket under this key; here it stands for the session key of bob's ticket-granting ticket.
fn key(realm: &Realm, enctype: Enctype) -> Key {
    realm.service_key(&realm.principal(SERVICE), enctype, 1).to_key().unwrap()
}

fn bob() -> Principal {
    "bob@EXAMPLE.COM".parse().unwrap()
}

fn acceptor(realm: &Realm) -> Acceptor {
    Acceptor::builder(realm.keytab("HTTP/other.example.com").unwrap()).build().unwrap()
}

fn to_bob(realm: &Realm) -> Login {
    let login = realm.login("alice", SERVICE).kvno(1).cleartext_service("bob");
    login.with_ap_req(|request| request.ap_options = BitString::with_bits(&USE_SESSION_KEY_AND_MUTUAL))
}

fn judged(connection: &Connection, login: &Login, realm: &Realm) -> Result<String, Error> {
    let accepted = acceptor(realm).accept_on(connection, &login.token(), realm.now())?;
    login.verify_reply(accepted.reply().unwrap()).unwrap();
    Ok(format!("{} at {}", accepted.client(), accepted.service()))
}

#[track_caller]
fn refusal(connection: &Connection, login: &Login, realm: &Realm) -> (&'static str, i32) {
    let error = judged(connection, login, realm).unwrap_err();
    (error.kind().name(), error.krb_error_code().0)
}

// APR-30
#[test]
fn apr_30_the_bit_and_the_key_together_are_accepted_and_neither_alone() {
    let realm = Realm::new("EXAMPLE.COM");
    let with_key = || Connection::new().user_to_user(bob(), key(&realm, Enctype::AES256_CTS_HMAC_SHA1_96));
    assert_eq!(judged(&with_key(), &to_bob(&realm), &realm).unwrap(), "alice@EXAMPLE.COM at bob@EXAMPLE.COM");
    assert_eq!(refusal(&Connection::new(), &to_bob(&realm), &realm), ("NoKey.UserToUser", 45));
    let ordinary = realm.login("alice", SERVICE).kvno(1);
    assert_eq!(refusal(&with_key(), &ordinary, &realm), ("ApReq.NotUserToUser", 35));
}

#[test]
fn another_key_opens_nothing() {
    let realm = Realm::new("EXAMPLE.COM");
    let other = Realm::with_seed("EXAMPLE.COM", 7);
    for key in [
        key(&other, Enctype::AES256_CTS_HMAC_SHA1_96),
        key(&realm, Enctype::AES128_CTS_HMAC_SHA1_96),
        key(&realm, Enctype::AES256_CTS_HMAC_SHA384_192),
    ] {
        let connection = Connection::new().user_to_user(bob(), key);
        assert_eq!(refusal(&connection, &to_bob(&realm), &realm), ("KeyDoesNotDecrypt", 31));
    }
}

#[test]
fn the_policy_of_enctypes_holds_here_too() {
    let realm = Realm::new("EXAMPLE.COM");
    let connection = Connection::new().user_to_user(bob(), key(&realm, Enctype::RC4_HMAC));
    let login = to_bob(&realm).ticket_enctype(Enctype::RC4_HMAC);
    assert_eq!(refusal(&connection, &login, &realm), ("EtypeNotPermitted", 14));
}
