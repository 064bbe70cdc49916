//! An acceptor of the test realm, and its verdicts. The replay store is off, so that one token can be judged often.

use kerbside::testing::Realm;
use kerbside::{Acceptor, AcceptorBuilder, Error, Keytab, Policy, ReplayPolicy};

pub(crate) const SERVICE: &str = "HTTP/web.example.com";

pub(crate) fn realm() -> Realm {
    Realm::new("EXAMPLE.COM")
}

/// An acceptor in the making: this keytab, this policy, the realm's clock at its start.
pub(crate) fn builder(realm: &Realm, keytab: Keytab, policy: Policy) -> AcceptorBuilder {
    Acceptor::builder(keytab).policy(policy).replay(ReplayPolicy::Off).started_at(realm.now())
}

/// An acceptor with every key of [`SERVICE`].
pub(crate) fn acceptor(realm: &Realm, policy: Policy) -> Acceptor {
    builder(realm, realm.keytab(SERVICE).unwrap(), policy).build().unwrap()
}

/// The error for a token that must be refused.
#[track_caller]
pub(crate) fn refusal(acceptor: &Acceptor, realm: &Realm, token: &[u8]) -> Error {
    match acceptor.accept(token, realm.now()) {
        Err(error) => error,
        Ok(accepted) => panic!("accepted: {accepted:?}"),
    }
}
