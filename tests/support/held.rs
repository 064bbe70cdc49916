//! Keytabs of one service, entry by entry, and acceptors that hold them.

use super::verdict::{SERVICE, builder};
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::testing::{Login, Realm};
use kerbside::{Acceptor, Error, ErrorKind, Keytab, KvnoDirection, KvnoPolicy, NoKey, Policy};

pub(crate) const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
pub(crate) const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
pub(crate) const AES256_SHA2: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;

pub(crate) fn login(realm: &Realm) -> Login {
    realm.login("alice", SERVICE)
}

pub(crate) fn with_kvno_policy(kvno: KvnoPolicy) -> Policy {
    let mut policy = Policy::default();
    policy.kvno = kvno;
    policy
}

/// A keytab of [`SERVICE`] with keys of these enctypes and versions.
pub(crate) fn keytab(realm: &Realm, entries: &[(Enctype, u32)]) -> Keytab {
    let empty = realm.keytab_builder();
    entries.iter().fold(empty, |builder, (enctype, kvno)| builder.key(SERVICE, *enctype, *kvno)).build().unwrap()
}

pub(crate) fn holding(realm: &Realm, entries: &[(Enctype, u32)], kvno: KvnoPolicy) -> Acceptor {
    builder(realm, keytab(realm, entries), with_kvno_policy(kvno)).build().unwrap()
}

/// The code that went to the client with the refusal.
pub(crate) fn wire_code(login: &Login, error: &Error) -> KrbErrorCode {
    login.verify_reply(error.reply().unwrap()).unwrap().krb_error.unwrap().error_code
}

/// What an error says about versions: wanted, present, direction, keys tried, and an enctype that is missing too.
#[track_caller]
pub(crate) fn kvno_error(error: &Error) -> (u32, &[u32], KvnoDirection, usize, Option<Enctype>) {
    let ErrorKind::NoKey(NoKey::Kvno { principal, wanted, present, direction, tried, enctype_missing }) = error.kind()
    else {
        panic!("{error:?}")
    };
    assert_eq!(principal.to_string(), "HTTP/web.example.com@EXAMPLE.COM");
    (*wanted, present, *direction, *tried, *enctype_missing)
}
