//! Names that are not plain ASCII words: as a real KDC puts them into tickets.

use kerbside::{Acceptor, Principal};
use kerbside_interop::{Initiator, Realm, Request, now};

/// The name that the acceptor sees when this person, written as `kinit` wants it, logs in.
fn seen(kinit_name: &str) -> Principal {
    let realm = Realm::started();
    let acceptor = Acceptor::builder(realm.keytab("web")).service("HTTP").build().expect("the acceptor is complete");
    let token = Initiator::of(&realm, kinit_name).first_token(&Request::to("web").mutual());
    acceptor.accept(&token, now()).expect("the token is good").client().clone()
}

fn components(principal: &Principal) -> Vec<&[u8]> {
    principal.components().collect()
}

#[test]
fn reads_a_plain_name() {
    let alice = seen("alice");
    assert_eq!(components(&alice), [b"alice"]);
    assert_eq!(alice.realm(), b"KERBSIDE.TEST");
    assert_eq!(alice.to_string(), "alice@KERBSIDE.TEST");
}

#[test]
fn reads_a_name_that_is_not_ascii_as_utf_8() {
    let josé = seen("josé");
    assert_eq!(components(&josé), ["josé".as_bytes()]);
    assert_eq!(josé.to_string(), "josé@KERBSIDE.TEST");
    assert_eq!("josé@KERBSIDE.TEST".parse(), Ok(josé));
}

#[test]
fn reads_a_slash_as_the_end_of_a_component() {
    let admin = seen("alice/admin");
    assert_eq!(components(&admin), [&b"alice"[..], b"admin"]);
    assert_eq!(admin.to_string(), "alice/admin@KERBSIDE.TEST");
    assert_ne!(admin, seen("alice"));
}

#[test]
fn reads_an_at_sign_inside_a_name_as_part_of_it() {
    let odd = seen(r"al\@ice");
    assert_eq!(components(&odd), [b"al@ice"]);
    assert_eq!(odd.to_string(), r"al\@ice@KERBSIDE.TEST");
    assert_eq!(r"al\@ice@KERBSIDE.TEST".parse(), Ok(odd));
}
