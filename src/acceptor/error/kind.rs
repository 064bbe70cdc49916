//! Every kind of refusal, classed by whose fault it is.

use super::{Error, PresentPrincipals};
use crate::acceptor::{Spn, TransitedProblem};
use crate::error::DecodeError;
use crate::gss::{TokenId, TokenKind};
use crate::keytab::KeytabError;
use crate::numbers::{AuthDataType, ChecksumType, Enctype};
use crate::principal::Principal;
use crate::time::{KerberosTime, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::time::Duration;

/// What kind of refusal it is. [`name`](Self::name) gives a stable name for logs and metrics, `NoKey.Kvno` for example.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The octets are no Kerberos token, or not a whole one.
    Token(TokenError),
    /// The SPNEGO negotiation cannot end in Kerberos with this token.
    Negotiation(NegotiationError),
    /// The AP-REQ is not one that RFC 4120 §3.2.3 accepts.
    ApReq(ApReqError),
    /// The ticket is not one of RFC 4120 §5.3.
    Ticket(TicketError),
    /// The authenticator is not one of RFC 4120 §5.5.1.
    Authenticator(AuthenticatorError),
    /// The third leg of DCE style is wrong.
    Dce(DceError),
    /// An integrity check failed. Which one is all that is ever said.
    Integrity(Part),
    /// There is no key that could open the ticket.
    NoKey(NoKey),
    /// The ticket names a service that the keytab holds and the policy excludes (step K-5), or the client meant to reach
    /// another one (step 5.2).
    NotForUs {
        /// The service that was named; without components if nobody did.
        principal: Box<Principal>,
        /// What may be accepted.
        policy: Spn,
        /// Who named it.
        named_by: NamedBy,
    },
    /// The policy does not allow the enctype in this role (steps K-2, E-2, E-3).
    EtypeNotPermitted {
        /// What the key is for.
        role: EnctypeRole,
        /// The enctype.
        enctype: Enctype,
        /// What the policy allows there.
        allowed: Vec<Enctype>,
        /// For a ticket: the enctypes that the keytab holds for its service.
        in_keytab: Vec<Enctype>,
    },
    /// The enctype is not implemented, or not built in (step K-3).
    EtypeUnsupported {
        /// The enctype.
        enctype: Enctype,
    },
    /// The keytab holds a key of this name, version and enctype, and it does not open the ticket (step K-10).
    KeyDoesNotDecrypt {
        /// The service.
        principal: Box<Principal>,
        /// The version that the ticket states.
        kvno: Option<u32>,
        /// The enctype.
        enctype: Enctype,
    },
    /// Ticket and authenticator name different clients (step N-1).
    ClientMismatch {
        /// The ticket's client.
        ticket: Box<Principal>,
        /// The authenticator's client.
        authenticator: Box<Principal>,
    },
    /// Clients of this realm, or anonymous clients, are not accepted (step N-2).
    ClientRealmNotAllowed {
        /// The client.
        client: Box<Principal>,
    },
    /// The ticket is for other network addresses (step N-3).
    Address {
        /// The peer's address, if the caller gave one.
        peer: Option<IpAddr>,
        /// The ticket's IP addresses.
        allowed: Vec<IpAddr>,
    },
    /// The path of realms from client to service is not accepted (steps N-4 and N-5).
    Transited {
        /// The client's realm.
        client_realm: Box<[u8]>,
        /// What was wrong with the path.
        problem: TransitedProblem,
    },
    /// The ticket begins to be valid later (step D-1).
    TicketNotYetValid {
        /// When it begins.
        starts: KerberosTime,
        /// The acceptor's time.
        now: Timestamp,
        /// How far in the future, allowed skew not counted.
        by: Duration,
        /// Whether the client's clock is as far ahead: then this machine's clock is probably behind the KDC's.
        client_agrees: bool,
    },
    /// The ticket's INVALID flag is set: it is postdated and was never validated (step D-2).
    TicketInvalid,
    /// The ticket has ended (step D-3).
    TicketExpired {
        /// When it ended.
        ended: KerberosTime,
        /// The acceptor's time.
        now: Timestamp,
        /// How long ago, allowed skew not counted.
        by: Duration,
    },
    /// The authenticator's time and the acceptor's differ by more than the allowed skew (step D-4).
    ClockSkew {
        /// The client's time.
        client: Timestamp,
        /// The acceptor's time.
        server: Timestamp,
        /// What is allowed.
        allowed: Duration,
    },
    /// The authenticator's checksum field is not what RFC 4121 §4.1.1 asks for.
    Checksum(ChecksumError),
    /// The channel bindings do not fit the policy (step C-6).
    ChannelBinding(BindingProblem),
    /// The credentials that the initiator delegates cannot be opened or read.
    Delegation(DelegationError),
    /// Authorization data that must be understood, and is not (RFC 4120 §5.2.6).
    CriticalAuthorizationData {
        /// Its type.
        ad_type: AuthDataType,
    },
    /// The authenticator was presented before (step R-7).
    Replay {
        /// When it was first seen.
        first_seen: Timestamp,
    },
    /// The authenticator is older than this acceptor, or the acceptor too young, so that it cannot know whether the
    /// authenticator was used before the start (step R-9).
    BeforeStart {
        /// The client's time.
        client: Timestamp,
        /// When the acceptor started.
        started: Timestamp,
    },
    /// The replay store gave no answer.
    ReplayStore(ReplayStoreProblem),
    /// The source of randomness failed.
    Random,
    /// The acceptor's own settings contradict themselves.
    Setup(SetupError),
}

/// The octets are no Kerberos token, or not a whole one.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// More octets than the limit allows (step L-1).
    TooLarge {
        /// The token's octets.
        octets: usize,
        /// The limit.
        limit: usize,
    },
    /// No octets (step L-2).
    Empty,
    /// Something else than Kerberos (step L-3).
    NotKerberos {
        /// What it is.
        kind: TokenKind,
    },
    /// The octets cannot be decoded.
    Malformed(DecodeError),
    /// A Kerberos message, and no AP-REQ (step G-3).
    TokenId {
        /// The identifier that was there; `None` if the token ends before it.
        found: Option<TokenId>,
    },
}

/// The SPNEGO negotiation cannot end in Kerberos with this token.
#[derive(Debug)]
#[non_exhaustive]
pub enum NegotiationError {
    /// The initiator offers no mechanism that is known here (step S-4).
    NoCommonMechanism {
        /// The mechanisms offered, in dotted decimal; at most eight.
        offered: Vec<String>,
    },
    /// The negotiation needs another token: send [`reply`](crate::Error::reply) and go on (steps S-5 and S-6).
    MoreNeeded,
    /// The token inside belongs to another mechanism than the one chosen (step S-7).
    MechanismMismatch {
        /// What the token is.
        kind: TokenKind,
    },
    /// A token that has no place at this point of a negotiation (step S-10).
    OutOfOrder,
    /// The MIC over the list of mechanisms is wrong (RFC 4178 §5).
    BadMic,
    /// The MIC over the list of mechanisms is missing, and Kerberos was not the initiator's favourite (RFC 4178 §5).
    MicMissing,
    /// More tokens than a negotiation may take (step S-11).
    TooManyLegs,
    /// The negotiation is over.
    Closed,
    /// The replay store has to be awaited, and one token in, one answer out cannot wait.
    ReplayPending,
}

/// The AP-REQ is not one that RFC 4120 §3.2.3 accepts.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApReqError {
    /// `pvno` is not 5 (step A-2).
    Version {
        /// What it is.
        found: i32,
    },
    /// `msg-type` is not 14 (step A-3).
    MessageType {
        /// What it is.
        found: i32,
    },
    /// The ticket is under a service's own key, and the caller gave a session key for it (step K-0).
    NotUserToUser,
}

/// The ticket is not one of RFC 4120 §5.3.
#[derive(Debug)]
#[non_exhaustive]
pub enum TicketError {
    /// `tkt-vno` is not 5 (step A-5).
    Version {
        /// What it is.
        found: i32,
    },
    /// The decrypted part cannot be decoded (steps T-2 and T-3).
    Malformed(DecodeError),
}

/// The authenticator is not one of RFC 4120 §5.5.1.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthenticatorError {
    /// `authenticator-vno` is not 5 (step U-2).
    Version {
        /// What it is.
        found: i32,
    },
    /// It cannot be decoded (step U-2), or an enctype list in it cannot (step E-4).
    Malformed(DecodeError),
    /// AD-AP-OPTIONS is not exactly one element of four octets (step C-7).
    ApOptions,
}

/// The third leg of DCE style is not the answer to the second (step DCE-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DceError {
    /// It does not echo the client's time and the acceptor's sequence number.
    Mismatch,
}

/// What failed an integrity check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The ticket's encrypted part.
    Ticket,
    /// The authenticator.
    Authenticator,
    /// The authenticator's checksum.
    Checksum,
}

/// There is no key that could open the ticket: five causes, five errors.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoKey {
    /// The keytab is missing, unreadable, not a keytab, or empty (step K-1).
    File(Box<KeytabError>),
    /// The keytab has no key under the name (steps K-4 and K-6).
    Principal {
        /// What was looked for.
        wanted: Box<WantedName>,
        /// What the keytab holds, allowed by the policy or not.
        present: PresentPrincipals,
        /// A name of the keytab that differs only in the case of letters.
        differs_only_in_case: Option<Box<Principal>>,
        /// How many keys of other names were tried.
        tried: usize,
    },
    /// The keytab has the name, and not the version (steps K-7 and K-8).
    Kvno {
        /// The service.
        principal: Box<Principal>,
        /// The version that the ticket states.
        wanted: u32,
        /// The versions that the keytab holds, newest first.
        present: Vec<u32>,
        /// Which side is out of date.
        direction: KvnoDirection,
        /// How many keys of other versions were tried.
        tried: usize,
        /// The ticket's enctype, if the keytab holds none of it under any version.
        enctype_missing: Option<Enctype>,
    },
    /// The keytab has the name and the version, and not the enctype (step K-9).
    Enctype {
        /// The service.
        principal: Box<Principal>,
        /// The version that the ticket states.
        kvno: Option<u32>,
        /// The ticket's enctype.
        wanted: Enctype,
        /// The enctypes that the keytab holds for that version.
        present: Vec<Enctype>,
    },
    /// No member of an [`AcceptorSet`](crate::AcceptorSet) has a key for it, or several have and none opens it.
    Members {
        /// The name that the ticket states.
        wanted: Box<Principal>,
        /// Each member that was asked, in order: those that have the name, or all.
        refusals: Vec<MemberRefusal>,
    },
    /// The ticket is encrypted in a session key, and none was supplied (step K-0).
    UserToUser,
}

/// Why one member of a set does not fit.
#[derive(Debug)]
pub struct MemberRefusal {
    label: Box<str>,
    error: Error,
}

impl MemberRefusal {
    pub(in crate::acceptor) fn new(label: &str, error: Error) -> Self {
        Self { label: label.into(), error }
    }

    /// The member's label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it says by itself: what it wanted, what it has.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    pub(in crate::acceptor) fn into_error(self) -> Error {
        self.error
    }

    /// Whether it has the name, and yet not the key: that tells more than another that has not even the name.
    pub(super) fn has_name(&self) -> bool {
        matches!(
            self.error.kind(),
            ErrorKind::KeyDoesNotDecrypt { .. } | ErrorKind::NoKey(NoKey::Kvno { .. } | NoKey::Enctype { .. })
        )
    }
}

/// A name that was looked for.
#[derive(Debug)]
#[non_exhaustive]
pub enum WantedName {
    /// Any that the policy allows.
    Policy(Spn),
    /// The one that the ticket states.
    Principal(Principal),
}

/// Who named the service that is not this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamedBy {
    /// The ticket, in the clear (step K-5).
    Ticket,
    /// The client, inside its authenticator (MS-KILE §3.2.5.8).
    Client,
    /// Nobody, and the policy requires that the client does.
    Nobody,
}

/// Which side of a version mismatch is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KvnoDirection {
    /// The keytab is newer: the client must fetch a new ticket.
    TicketOutOfDate,
    /// The ticket is newer: the keytab must be made again.
    KeytabOutOfDate,
}

/// What a key of some enctype is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnctypeRole {
    /// The service's own key, which opens the ticket.
    Ticket,
    /// The session key in the ticket.
    SessionKey,
    /// The subkey that the initiator chose.
    Subkey,
}

impl EnctypeRole {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Ticket, Self::SessionKey, Self::Subkey];
}

/// The authenticator's checksum field is not what RFC 4121 §4.1.1 asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChecksumError {
    /// There is none (step C-1).
    Missing,
    /// It is of another type than 0x8003 (step C-2).
    WrongType {
        /// Its type.
        found: ChecksumType,
    },
    /// It is of type 0x8003 and not of its form (step C-3).
    Malformed {
        /// Its octets.
        octets: usize,
    },
}

/// Why the channel bindings do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BindingProblem {
    /// The policy requires bindings, and the initiator sent none.
    Missing,
    /// The initiator announced that it binds, and sent no bindings: they were stripped.
    Stripped,
    /// The caller gave no bindings to compare with, and the policy refuses such connections.
    NotGiven,
    /// The initiator is bound to another channel.
    Different,
}

/// The credentials that the initiator delegates cannot be opened or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum DelegationError {
    /// They are not of their form (steps C-8 and C-9).
    Malformed {
        /// What is wrong with them.
        problem: DelegationProblem,
    },
    /// Neither the session key nor the subkey opens them (step C-9).
    Integrity,
}

/// What is wrong with delegated credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DelegationProblem {
    /// The checksum announces them, and `DlgOpt` is not 1 or `Dlgth` is more than there is (step C-8).
    Field,
    /// The KRB-CRED, or its encrypted part, cannot be decoded.
    Message(DecodeError),
    /// It is no KRB-CRED of version 5.
    Version {
        /// Its version, which should be 5.
        pvno: i32,
        /// Its message type, which should be 22.
        msg_type: i32,
    },
    /// There is not one ticket.
    Empty,
    /// There are not as many descriptions as tickets.
    Unequal {
        /// How many tickets.
        tickets: usize,
        /// How many descriptions.
        descriptions: usize,
    },
    /// There are more tickets than [`Limits`](crate::Limits) allow.
    TooMany {
        /// How many.
        tickets: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A description does not say whose ticket it is.
    Nameless,
}

/// Why the replay store gave no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplayStoreProblem {
    /// It holds as many live entries as it may (step R-5).
    Full {
        /// How many.
        entries: usize,
    },
    /// It failed (step R-6).
    Failed {
        /// What it said.
        cause: String,
    },
}

/// The acceptor's own settings contradict themselves.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// The text names no service: `HTTP`, `HTTP/host`, `HTTP/host@REALM` and `HTTP@host` do.
    Service {
        /// The text.
        text: String,
    },
    /// The restart policy needs the time at which the acceptor started.
    StartTime,
    /// The acceptor was made of a keytab, so that there is no source to load it from again.
    KeySource,
    /// A set of acceptors needs at least one member.
    NoMembers,
    /// Two members of a set have this label, the case of letters not counted.
    LabelTwice {
        /// The label.
        label: String,
    },
    /// There is no replay store: without the feature `std` one must be given, or none asked for.
    ReplayStore,
    /// There is no source of randomness: without the feature `std` one must be given.
    Random,
}
