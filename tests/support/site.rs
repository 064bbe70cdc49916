//! A realm, one web service in it, and acceptors of that service under every preset.
#![allow(dead_code, reason = "each test file uses a part of it")]

use core::time::Duration;
use kerbside::testing::{Clock, Login, Realm};
use kerbside::{Accepted, Acceptor, AcceptorBuilder, Connection, Error, Policy};

/// The service that everybody logs in to.
pub(crate) const SERVICE: &str = "HTTP/web.example.com";

/// A preset's name, and how to get it.
pub(crate) type Preset = (&'static str, fn() -> Policy);

/// The presets of section 16 of the acceptance order.
pub(crate) const PRESETS: [Preset; 3] =
    [("strict", Policy::strict), ("default", Policy::default), ("windows_compatible", Policy::windows_compatible)];

/// A preset with one thing changed.
pub(crate) fn with(mut policy: Policy, change: impl FnOnce(&mut Policy)) -> Policy {
    change(&mut policy);
    policy
}

/// A realm whose clock stands still, and its web service.
pub(crate) struct Site {
    pub(crate) realm: Realm,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self { realm: Realm::new("EXAMPLE.COM") }
    }

    pub(crate) fn login(&self) -> Login {
        self.login_of("alice")
    }

    pub(crate) fn login_of(&self, client: &str) -> Login {
        self.realm.login(client, SERVICE)
    }

    /// An acceptor in the making that has been up for a day, so that the strict preset takes new authenticators.
    pub(crate) fn builder(&self, policy: Policy) -> AcceptorBuilder {
        let yesterday = Clock::START.saturating_sub(Duration::from_secs(86_400));
        Acceptor::builder(self.realm.keytab(SERVICE).unwrap()).service(SERVICE).policy(policy).started_at(yesterday)
    }

    pub(crate) fn acceptor(&self, policy: Policy) -> Acceptor {
        self.builder(policy).build().unwrap()
    }

    pub(crate) fn accept(&self, policy: Policy, login: &Login) -> Result<Accepted, Error> {
        self.acceptor(policy).accept(&login.token(), self.realm.now())
    }

    pub(crate) fn accept_on(&self, policy: Policy, connection: &Connection, login: &Login) -> Result<Accepted, Error> {
        self.acceptor(policy).accept_on(connection, &login.token(), self.realm.now())
    }

    /// What the acceptor says, in one line: see [`verdict`].
    pub(crate) fn verdict(&self, policy: Policy, login: &Login) -> String {
        verdict(&self.accept(policy, login))
    }

    /// The login under all three presets, each with the same change: the verdicts must agree.
    #[track_caller]
    pub(crate) fn verdict_of_all(&self, change: impl Fn(&mut Policy), login: &Login) -> String {
        let [first, second, third] = PRESETS.map(|(_, preset)| self.verdict(with(preset(), &change), login));
        assert!(first == second && second == third, "strict: {first}, default: {second}, windows_compatible: {third}");
        first
    }
}

/// `accepted`, or the name and the Kerberos code of the refusal: `ClockSkew 37`.
pub(crate) fn verdict(result: &Result<Accepted, Error>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{} {}", error.kind().name(), error.krb_error_code().0),
    }
}

/// The refusal.
#[track_caller]
pub(crate) fn refusal(result: Result<Accepted, Error>) -> Error {
    match result {
        Ok(accepted) => panic!("accepted: {accepted:?}"),
        Err(error) => error,
    }
}
