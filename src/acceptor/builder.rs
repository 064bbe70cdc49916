//! Putting an acceptor together.

use super::error::{EnctypeRole, Error, ErrorKind, SetupError};
use super::keys::{HeldEntries, KeyStore, Layout, RETIRE_AFTER, Renewal};
use super::policy::{DelegationPolicy, EvidencePolicy, Policy, RestartPolicy};
use super::replay_policy::ReplayPolicy;
use super::spn::Spn;
use super::{Acceptor, Settings};
use crate::crypto::RandomSource;
use crate::keytab::{KeySource, Keytab, KeytabError};
use crate::limits::Limits;
use crate::numbers::Enctype;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

/// An acceptor in the making: the keytab is required, everything else has a safe default.
///
/// [`policy`](Self::policy) replaces the whole policy, so call it before the methods that change a part of it.
#[must_use = "a builder does nothing until `build` is called"]
pub struct AcceptorBuilder {
    keytab: Result<Keytab, KeytabError>,
    renewal: Renewal,
    services: Option<Result<Spn, String>>,
    policy: Policy,
    limits: Limits,
    replay: ReplayPolicy,
    random: Option<Arc<dyn RandomSource>>,
    started: Option<Timestamp>,
}

impl AcceptorBuilder {
    pub(super) fn new(keytab: Result<Keytab, KeytabError>, source: Option<Box<dyn KeySource>>) -> Self {
        Self {
            keytab,
            renewal: Renewal { source, window: RETIRE_AFTER },
            services: None,
            policy: Policy::default(),
            limits: Limits::default(),
            replay: ReplayPolicy::default(),
            random: None,
            started: None,
        }
    }

    /// Accepts only this service: `HTTP`, `HTTP/host`, `HTTP/host@REALM`, or `HTTP@host`. Without it, any in the keytab.
    ///
    /// Text of another form is an error of [`build`](Self::build).
    pub fn service(mut self, service: &str) -> Self {
        self.services = Some(Spn::parse(service).ok_or_else(|| String::from(service)));
        self
    }

    /// Accepts only what this policy of names allows.
    pub fn spn(mut self, spn: Spn) -> Self {
        self.services = Some(Ok(spn));
        self
    }

    /// Replaces the whole policy.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Changes the policy in place.
    pub fn adjust_policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// Allows one more enctype for tickets, session keys and subkeys.
    pub fn allow_enctype(mut self, enctype: Enctype) -> Self {
        self.policy.enctypes.allow_everywhere(enctype);
        self
    }

    /// Allows RC4 in one role. It is refused by default, and RFC 8429 says why.
    pub fn allow_rc4(mut self, role: EnctypeRole) -> Self {
        self.policy.enctypes.allow(role, Enctype::RC4_HMAC);
        self
    }

    /// Keeps the client's ticket and session key, for [`Accepted::take_evidence_ticket`](crate::Accepted::take_evidence_ticket).
    pub fn keep_evidence_ticket(mut self) -> Self {
        self.policy.evidence = EvidencePolicy::Keep;
        self
    }

    /// Keeps the credentials that clients delegate, for
    /// [`Accepted::take_delegated_credentials`](crate::Accepted::take_delegated_credentials). They are not looked at if
    /// nothing is said: whoever holds them can act for the client everywhere.
    pub fn accept_delegation(mut self) -> Self {
        self.policy.delegation = DelegationPolicy::Accept;
        self
    }

    /// How far clocks may be apart; five minutes if nothing is said.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.policy.skew = skew;
        self
    }

    /// Other bounds than the default ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What remembers the authenticators that were presented.
    pub fn replay(mut self, replay: ReplayPolicy) -> Self {
        self.replay = replay;
        self
    }

    /// Where random octets come from; if nothing is said, a [`BufferedRandom`](crate::BufferedRandom) that is seeded by the
    /// operating system.
    pub fn random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.random = Some(random);
        self
    }

    /// When the acceptor starts, for the [`RestartPolicy`].
    pub fn started_at(mut self, started: impl Into<Timestamp>) -> Self {
        self.started = Some(started.into());
        self
    }

    /// How long a key that a reload did not find any more still opens tickets, counted from that reload; ten hours if
    /// nothing is said, zero for not at all.
    ///
    /// Clients keep their tickets until they end, and such a ticket names the version of the key that it is encrypted with. A
    /// rotation that takes the old key out of the keytab, as `ktpass` does, would refuse all of them until they log in again.
    /// Ten hours is how long a ticket of Active Directory lives; where the KDC's policy has other lifetimes, this should be
    /// the longest one of a service's ticket. In that time whoever has the old key can still log in with tickets of its own
    /// making: if a key has leaked, see [`drop_retired_keys`](Acceptor::drop_retired_keys).
    ///
    /// Such an accept is reported as [`Tolerance::RetiredKey`](crate::Tolerance::RetiredKey). Without the feature `std` keys
    /// do not change, and this does nothing.
    pub fn retire_after(mut self, window: Duration) -> Self {
        self.renewal.window = window;
        self
    }

    /// Derives the keys and makes the acceptor.
    ///
    /// # Errors
    /// `NoKey.File` for a keytab without entries and for whatever a source of keys refuses (step K-1), `Setup.Service` for text that names no service,
    /// `Setup.StartTime` if the restart policy needs [`started_at`](Self::started_at), and without the feature `std`
    /// `Setup.ReplayStore` and `Setup.Random`.
    pub fn build(self) -> Result<Acceptor, Error> {
        let keytab = self.keytab?;
        if keytab.is_empty() {
            return Err(KeytabError::without_entries().into());
        }
        let spn = self.services.unwrap_or(Ok(Spn::AnyInKeytab));
        let spn = spn.map_err(|text| Error::from(ErrorKind::Setup(SetupError::Service { text })))?;
        if self.policy.restart != RestartPolicy::Accept && self.started.is_none() {
            return Err(ErrorKind::Setup(SetupError::StartTime).into());
        }
        let layout = Layout { policy: &self.policy, spn: &spn, limits: &self.limits };
        Ok(Acceptor {
            settings: Arc::new(Settings {
                keys: KeyStore::new(HeldEntries::new(keytab), self.renewal, self.started, layout),
                spn,
                policy: self.policy,
                limits: self.limits,
                replay: self.replay.into_replay()?,
                random: self.random.map_or_else(default_random, Ok)?,
                started: self.started,
            }),
        })
    }
}

#[cfg(feature = "std")]
fn default_random() -> Result<Arc<dyn RandomSource>, Error> {
    Ok(Arc::new(crate::crypto::BufferedRandom::default()))
}

#[cfg(not(feature = "std"))]
fn default_random() -> Result<Arc<dyn RandomSource>, Error> {
    Err(ErrorKind::Setup(SetupError::Random).into())
}

impl fmt::Debug for AcceptorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptorBuilder")
            .field("keytab", &self.keytab)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
