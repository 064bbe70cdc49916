//! The acceptor: one token in, an identity and a reply out, or an error that says what is wrong.
//!
//! Layer 5. [`Acceptor::accept`] is the whole way of a token, and [`Acceptor::negotiate`] of several: the envelope comes off
//! (`envelope`, `negotiation`), the ticket is opened with
//! a key of the keytab (`ticket`), every rule of RFC 4120 §3.2.3 is checked by a function of its own that returns a
//! proof (`verify`, `checks`), the replay store is asked, an identity is made from the proofs (`identity`), and the reply
//! is sealed (`context`). What is refused is refused by name ([`ErrorKind`]), with the reply that tells the client as much
//! as it may know (`refusal`).
//!
//! Steps are cited as `K-7` and `section 5.3 of the acceptance order`: the order of checks that every accept follows,
//! limits and kind (L), SPNEGO (S), GSS frame (G), AP-REQ (A), key (K), ticket (T), authenticator (U), names (N), times
//! (D), enctypes (E), checksum and bindings (C), replay (R), and what follows from them (M, X).
//!
//! It costs the decryption of ticket and authenticator, the encryption of the reply, and three allocations; the number of
//! entries in the keytab does not matter.

mod accepted;
mod builder;
mod checks;
mod connection;
mod context;
mod delegation;
mod envelope;
mod error;
pub mod events;
mod evidence;
mod identity;
mod keys;
mod mechanism;
mod negotiation;
mod policy;
pub(crate) mod record;
mod refusal;
mod replay_policy;
mod set;
mod spn;
mod ticket;
mod tolerance;
mod transited;
mod verify;
mod wiped;

pub use accepted::Accepted;
pub use builder::AcceptorBuilder;
pub use checks::ReplayQuestion;
pub use connection::Connection;
pub use delegation::{DelegatedCredential, DelegatedCredentials};
pub use error::{
    ApReqError, AuthenticatorError, BindingProblem, ChecksumError, DceError, DelegationError, DelegationProblem,
    EnctypeRole, Error, ErrorClass, ErrorKind, GssMajor, KvnoDirection, MemberRefusal, NamedBy, NegotiationError,
    NoKey, Part, PresentPrincipals, ReplayStoreProblem, SetupError, TicketError, TokenError, WantedName,
};
pub use evidence::EvidenceTicket;
pub use identity::TicketTimes;
#[cfg(feature = "std")]
pub use keys::{KeyChange, KeyEntry, KeyStatus, KeyUse, LoadFailure};
pub use mechanism::Mechanism;
pub use negotiation::{Negotiation, Step};
pub use policy::{
    AddressPolicy, AliasPolicy, AnonymousPolicy, BindingPolicy, DcePolicy, DelegationPolicy, EnctypePolicy,
    EvidencePolicy, KvnoPolicy, Leniency, MechListMicPolicy, MicrosoftOid, Policy, RestartPolicy, TargetPolicy,
    TicketFailureCode,
};
pub use replay_policy::ReplayPolicy;
pub use set::AcceptorSet;
pub use spn::{NameCase, Spn};
pub use tolerance::{KeyMatch, Tolerance};
pub use transited::{RealmPaths, TransitedProblem};

#[cfg(feature = "std")]
pub use crate::crypto::{BufferedRandom, SystemRandom};
pub use crate::crypto::{RandomError, RandomSource};

use self::envelope::Decoding;
use self::keys::KeyStore;
#[cfg(feature = "std")]
use self::keys::Layout;
use self::replay_policy::Replay;
use self::set::Answering;
pub(crate) use self::set::Host;
use crate::keytab::{KeySource, Keytab};
use crate::limits::Limits;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

/// The server side of Kerberos: it holds the keys, and says who sent a token.
///
/// `Send`, `Sync`, and cheap to clone; clones share keys and replay store.
#[derive(Clone)]
pub struct Acceptor {
    settings: Arc<Settings>,
}

struct Settings {
    keys: KeyStore,
    spn: Spn,
    policy: Policy,
    limits: Limits,
    replay: Replay,
    random: Arc<dyn RandomSource>,
    started: Option<Timestamp>,
}

impl Acceptor {
    /// An acceptor in the making, with the keys of this keytab.
    pub fn builder(keytab: Keytab) -> AcceptorBuilder {
        AcceptorBuilder::new(Ok(keytab), None)
    }

    /// An acceptor in the making, with the keys that this source gives. It is asked now, and again at each reload.
    ///
    /// What it refuses is an error of [`build`](AcceptorBuilder::build) (step K-1).
    pub fn builder_from(source: impl KeySource + 'static) -> AcceptorBuilder {
        AcceptorBuilder::new(source.load(), Some(Box::new(source)))
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// Where the layers around the acceptor draw random octets, so that one source serves a connection.
    pub(crate) fn random(&self) -> &Arc<dyn RandomSource> {
        &self.settings.random
    }

    /// The bounds that hold for the layers around it as well.
    pub(crate) fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Says who sent a token: one in, one answer out. Nothing is known of the connection it came over.
    ///
    /// `token` is what the client sent, decoded from base64: SPNEGO, or Kerberos alone. Validate each token once, and keep
    /// the answer.
    ///
    /// # Errors
    /// [`Error`], by [`kind`](Error::kind); [`Error::reply`] is what to send to the client with the refusal.
    pub fn accept(&self, token: &[u8], now: impl Into<Timestamp>) -> Result<Accepted, Error> {
        self.accept_on(&connection::UNKNOWN, token, now)
    }

    /// A negotiation of as many tokens as it takes, over a connection of which nothing is known: where the client offers
    /// another mechanism first, where it waits for the server to speak first, in DCE style.
    pub fn negotiate(&self) -> Negotiation {
        self.negotiate_on(Connection::default())
    }

    /// As [`negotiate`](Self::negotiate), over a connection of which something is known.
    pub fn negotiate_on(&self, connection: Connection) -> Negotiation {
        Negotiation::new(Host::One(self.clone()), connection)
    }

    /// As [`accept`](Self::accept), for a token that came over a connection of which something is known: its channel
    /// bindings, the peer's address.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn accept_on(
        &self,
        connection: &Connection,
        token: &[u8],
        now: impl Into<Timestamp>,
    ) -> Result<Accepted, Error> {
        negotiation::accept(Answering::One(&self.settings), token, now.into(), connection)
    }
}

impl Settings {
    fn decoding(&self) -> Decoding<'_> {
        Decoding::new(&self.policy, &self.limits)
    }

    #[cfg(feature = "std")]
    fn layout(&self) -> Layout<'_> {
        Layout { policy: &self.policy, spn: &self.spn, limits: &self.limits }
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor")
            .field("spn", &self.settings.spn)
            .field("policy", &self.settings.policy)
            .field("keys", &self.settings.keys.load().current().present())
            .finish_non_exhaustive()
    }
}
