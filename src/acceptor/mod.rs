//! The acceptor: one token in, an identity and a reply out, or an error that says what is wrong.
//!
//! Layer 5. [`Acceptor::accept`] is the whole way of a token: the envelope comes off (`envelope`), the ticket is opened with
//! a key of the keytab (`ticket`), every rule of RFC 4120 §3.2.3 is checked by a function of its own that returns a
//! proof (`checks`), the replay store is asked (`replay_check`), an identity is made from the proofs (`identity`), and
//! the reply is sealed (`reply`). What is refused is refused by name ([`ErrorKind`]), with the reply that tells the client
//! as much as it may know.
//!
//! Steps are cited as `K-7` and `section 5.3 of the acceptance order`: the order of checks that every accept follows,
//! limits and kind (L), SPNEGO (S), GSS frame (G), AP-REQ (A), key (K), ticket (T), authenticator (U), names (N), times
//! (D), enctypes (E), checksum and bindings (C), replay (R), and what follows from them (M, X).
//!
//! It costs the decryption of ticket and authenticator, the encryption of the reply, and a few allocations; the number of
//! entries in the keytab does not matter.

mod builder;
mod checks;
mod connection;
mod envelope;
mod error;
mod identity;
mod key_set;
mod mechanism;
mod policy;
mod random;
mod replay_check;
mod reply;
mod spn;
mod ticket;
mod tolerance;
mod transited;
mod wiped;

pub use builder::AcceptorBuilder;
pub use connection::Connection;
pub use error::{
    ApReqError, AuthenticatorError, BindingProblem, ChecksumError, EnctypeRole, Error, ErrorClass, ErrorKind, GssMajor,
    KvnoDirection, NegotiationError, NoKey, Part, PresentPrincipals, ReplayStoreProblem, SetupError, TicketError,
    TokenError, WantedName,
};
pub use identity::{Accepted, TicketTimes};
pub use mechanism::Mechanism;
pub use policy::{
    AddressPolicy, AliasPolicy, AnonymousPolicy, BindingPolicy, EnctypePolicy, KvnoPolicy, Leniency, MicrosoftOid,
    Policy, RestartPolicy, TargetPolicy, TicketFailureCode,
};
#[cfg(feature = "std")]
pub use random::SystemRandom;
pub use random::{RandomError, RandomSource};
pub use replay_check::ReplayPolicy;
pub use spn::{NameCase, Spn};
pub use tolerance::{KeyMatch, Tolerance};
pub use transited::{RealmPaths, TransitedProblem};

use self::checks::Proofs;
use self::envelope::{Decoding, Envelope};
use self::identity::Identity;
use self::key_set::KeySet;
use self::reply::{Refusal, SealedApRep};
use self::ticket::{TicketKeys, TicketOpened};
use self::tolerance::Tolerances;
use self::wiped::Wiped;
use crate::keytab::Keytab;
use crate::limits::Limits;
use crate::messages::{ApOptions, ApReq, EncTicketPart, PrincipalName};
use crate::replay::ReplayStore;
use crate::time::Timestamp;
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
    keys: KeySet,
    spn: Spn,
    policy: Policy,
    limits: Limits,
    replay: Option<Arc<dyn ReplayStore>>,
    random: Arc<dyn RandomSource>,
    started: Option<Timestamp>,
}

impl Acceptor {
    /// An acceptor in the making, with the keys of this keytab.
    pub fn builder(keytab: Keytab) -> AcceptorBuilder {
        AcceptorBuilder::new(keytab)
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// Says who sent a token: one in, one answer out. Nothing is known of the connection it came over.
    ///
    /// `token` is what the client sent, decoded from base64: SPNEGO, or Kerberos alone. Validate each token once, and keep
    /// the answer.
    ///
    /// # Errors
    /// [`Error`], by [`kind`](Error::kind); [`Error::reply`] is what to send to the client with the refusal.
    pub fn accept(&self, token: &[u8], now: impl Into<Timestamp>) -> Result<Accepted, Error> {
        self.settings.accept(token, now.into(), &Connection::default())
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
        self.settings.accept(token, now.into(), connection)
    }
}

impl Settings {
    fn accept(&self, token: &[u8], now: Timestamp, connection: &Connection) -> Result<Accepted, Error> {
        let mut tolerances = Tolerances::default();
        let (envelope, inner_token) = envelope::open(token, &self.policy, &self.limits, &mut tolerances)?;
        let mut asked = Asked::default();
        let judged = self.judge(inner_token, now, connection, (&mut asked, &mut tolerances));
        let (identity, ap_rep) = judged.map_err(|error| self.refuse(error, &envelope, &asked, now))?;
        Ok(Accepted {
            identity,
            mechanism: envelope.mechanism(),
            reply: envelope.seal_success(ap_rep.as_ref().map(SealedApRep::message)),
            tolerances: tolerances.into_vec(),
        })
    }

    /// Everything behind the envelope: AP-REQ, ticket, authenticator, checks, replay, AP-REP.
    fn judge<'a>(
        &self,
        inner_token: &'a [u8],
        now: Timestamp,
        connection: &Connection,
        (asked, tolerances): (&mut Asked<'a>, &mut Tolerances),
    ) -> Result<(Identity, Option<SealedApRep>), Error> {
        let decoding = Decoding::new(&self.policy, &self.limits);
        let ap_req = read_ap_req(envelope::take_ap_req(inner_token)?, &decoding, tolerances)?;
        *asked = Asked::of(&ap_req);
        check_versions(&ap_req)?;
        let keys =
            TicketKeys { keys: &self.keys, policy: &self.policy, spn: &self.spn, trial_keys: self.limits.trial_keys };
        let ticket = keys.open(&ap_req.ticket, tolerances)?;
        let part = read_ticket(&ticket, &decoding, tolerances)?;
        self.check(&ap_req, (&ticket, part), (now, connection), (&decoding, tolerances))
    }

    /// Sections 6 to 15 of the acceptance order, one line for each step, in its order.
    fn check(
        &self,
        ap_req: &ApReq<'_>,
        (ticket, part): (&TicketOpened, EncTicketPart<'_>),
        (now, connection): (Timestamp, &Connection),
        (decoding, tolerances): (&Decoding<'_>, &mut Tolerances),
    ) -> Result<(Identity, Option<SealedApRep>), Error> {
        let policy = &self.policy;
        let skew = policy.skew;
        let session_key = checks::session_key(&part)?;
        let mut buffer = Wiped::new(ap_req.authenticator.cipher.to_vec());
        let authenticator =
            checks::open_authenticator(&ap_req.authenticator, &session_key, &mut buffer, decoding, tolerances)?;
        let statements = checks::read_statements(authenticator.fields(), decoding, tolerances)?;

        let client_matches = checks::check_client(&part, &authenticator)?;
        let client_accepted = checks::check_client_realm(&part, policy)?;
        let address = checks::check_address(&part, connection.peer(), policy.addresses)?;
        let realm_path = checks::check_realm_path(&part, &ticket.service, (policy, &self.limits), tolerances)?;

        let started = checks::check_start(&part, &authenticator, now, skew)?;
        let valid = checks::check_not_invalid(&part)?;
        let not_expired = checks::check_end(&part, now, skew)?;
        let within_skew = checks::check_skew(&authenticator, now, skew)?;

        let enctypes = checks::check_enctypes(&authenticator, &statements, &policy.enctypes)?;
        let agreed = checks::check_checksum(ap_req.ap_options, &authenticator, policy, tolerances)?;
        let bindings = checks::check_bindings(&agreed, &statements, connection.bindings(), policy)?;
        let data_understood =
            checks::check_critical_data(&part, authenticator.fields(), policy.critical_authorization_data, tolerances)?;
        let target = checks::check_target(&statements, policy, (&self.spn, &self.keys))?;

        let after_start = checks::check_restart(&authenticator, now, (policy.restart, self.started), skew)?;
        let not_replayed =
            replay_check::check_replay(self.replay.as_ref(), &authenticator, &ap_req.authenticator, now, skew)?;
        let ap_rep = reply::ap_rep(&authenticator, &agreed, &enctypes, &*self.random)?;
        let identity = Identity::from_proofs(Proofs {
            ticket,
            part,
            authenticator,
            client_matches,
            client_accepted,
            address,
            realm_path,
            started,
            valid,
            not_expired,
            within_skew,
            after_start,
            enctypes,
            agreed,
            bindings,
            statements,
            data_understood,
            target,
            not_replayed,
        });
        Ok((identity, ap_rep))
    }

    /// Puts the reply to a refusal, in the envelope that came in (steps ).
    fn refuse(&self, error: Error, envelope: &Envelope<'_>, asked: &Asked<'_>, now: Timestamp) -> Error {
        let refusal = Refusal {
            error: &error,
            mutual: asked.options.contains(ApOptions::MUTUAL_REQUIRED),
            realm: asked.realm,
            sname: asked.sname,
            now,
            wire_code: self.policy.wire_code,
        };
        let malformed = matches!(error.kind(), ErrorKind::Token(TokenError::Malformed(_)));
        let reply = if malformed { None } else { envelope.seal_failure(refusal.krb_error().as_deref()) };
        error.with_mechanism(envelope.mechanism()).with_reply(reply)
    }
}

/// What the client asked for in the open: enough for a KRB-ERROR, and never more than that.
#[derive(Default)]
struct Asked<'a> {
    options: ApOptions,
    realm: &'a [u8],
    sname: Option<PrincipalName<'a>>,
}

impl<'a> Asked<'a> {
    fn of(ap_req: &ApReq<'a>) -> Self {
        Self { options: ap_req.ap_options, realm: ap_req.ticket.realm, sname: Some(ap_req.ticket.sname) }
    }
}

/// Step A-1.
fn read_ap_req<'a>(octets: &'a [u8], decoding: &Decoding<'_>, tolerances: &mut Tolerances) -> Result<ApReq<'a>, Error> {
    decoding.read(tolerances, |rules| ApReq::from_octets(octets, rules)).map_err(envelope::malformed)
}

/// Steps and K-0.
fn check_versions(ap_req: &ApReq<'_>) -> Result<(), Error> {
    if ap_req.pvno != 5 {
        return Err(ErrorKind::ApReq(ApReqError::Version { found: ap_req.pvno }).into());
    }
    if ap_req.msg_type != 14 {
        return Err(ErrorKind::ApReq(ApReqError::MessageType { found: ap_req.msg_type }).into());
    }
    if ap_req.ticket.tkt_vno != 5 {
        return Err(ErrorKind::Ticket(TicketError::Version { found: ap_req.ticket.tkt_vno }).into());
    }
    if ap_req.ap_options.contains(ApOptions::USE_SESSION_KEY) {
        return Err(ErrorKind::NoKey(NoKey::UserToUser).into());
    }
    Ok(())
}

/// Steps T-2 and T-3.
fn read_ticket<'a>(
    ticket: &'a TicketOpened,
    decoding: &Decoding<'_>,
    tolerances: &mut Tolerances,
) -> Result<EncTicketPart<'a>, Error> {
    decoding
        .read(tolerances, |rules| EncTicketPart::from_octets(ticket.plaintext(), rules))
        .map_err(|error| ErrorKind::Ticket(TicketError::Malformed(error)).into())
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor")
            .field("spn", &self.settings.spn)
            .field("policy", &self.settings.policy)
            .field("keys", &self.settings.keys.present())
            .finish_non_exhaustive()
    }
}
