//! The sentence of each kind: what was wanted, what was found.

use super::kind::*;
use super::shown::{Brief, Kvno, List, Name, Skew, Span};
use crate::acceptor::Spn;
use crate::acceptor::tolerance::low_bits_agree;
use crate::principal::{Escaped, Principal};
use alloc::sync::Arc;
use core::fmt;

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Negotiation(error) => error.fmt(f),
            Self::ApReq(ApReqError::Version { found }) => write!(f, "the AP-REQ has pvno {found} and not 5"),
            Self::ApReq(ApReqError::MessageType { found }) => write!(f, "the AP-REQ has msg-type {found} and not 14"),
            Self::ApReq(ApReqError::NotUserToUser) => {
                f.write_str("the ticket is under a service's own key, and a user-to-user ticket is needed")
            }
            Self::Ticket(TicketError::Version { found }) => write!(f, "the ticket has tkt-vno {found} and not 5"),
            Self::Ticket(TicketError::Malformed(error)) => write!(f, "the decrypted ticket is malformed: {error}"),
            Self::Authenticator(error) => error.fmt(f),
            Self::Dce(DceError::Mismatch) => {
                f.write_str("the third leg does not echo the client's time and this acceptor's sequence number")
            }
            Self::Integrity(part) => write!(f, "the {part} failed its integrity check"),
            Self::NoKey(error) => error.fmt(f),
            Self::NotForUs { principal, policy, named_by } => match named_by {
                NamedBy::Ticket => {
                    write!(f, "the ticket is for {}, and the policy allows {policy} only", Brief(principal))
                }
                NamedBy::Client => {
                    let (name, realm) =
                        (Brief(Name(principal)), Brief(Escaped { octets: principal.realm(), special: &['@', '\\'] }));
                    let at = if principal.realm().is_empty() { "" } else { "@" };
                    write!(
                        f,
                        "the client says that it meant to reach {name}{at}{realm}, and the policy allows {policy}"
                    )
                }
                NamedBy::Nobody => f.write_str("the client must say which service it means to reach, and does not"),
            },
            Self::EtypeNotPermitted { role, enctype, allowed, in_keytab } => {
                write!(f, "the {role} is of enctype {enctype}, and the policy allows {}", List(allowed))?;
                match (role, in_keytab.is_empty()) {
                    (EnctypeRole::Ticket, false) => {
                        write!(f, "; the keytab holds {} for this service", List(in_keytab))
                    }
                    _ => Ok(()),
                }
            }
            Self::EtypeUnsupported { enctype } => {
                write!(f, "a key of enctype {enctype} is needed, and that is not supported")
            }
            Self::KeyDoesNotDecrypt { principal, kvno, enctype } => {
                write!(
                    f,
                    "the keytab's key for {principal}, {}, enctype {enctype}, does not open the ticket",
                    Kvno(*kvno)
                )
            }
            Self::ClientMismatch { ticket, authenticator } => {
                write!(f, "the ticket is {}'s and the authenticator names {}", Brief(ticket), Brief(authenticator))
            }
            Self::ClientRealmNotAllowed { client } => write!(
                f,
                "the client is {}, and the policy does not allow its realm, or does not allow anonymous clients",
                Brief(client)
            ),
            Self::Address { peer, allowed } => {
                match peer {
                    Some(peer) => write!(f, "the peer's address is {peer}")?,
                    None => f.write_str("the peer's address is not known")?,
                }
                if allowed.is_empty() {
                    return f.write_str(", and the ticket is for no address");
                }
                write!(f, ", and the ticket is for {}", List(allowed))
            }
            Self::Transited { client_realm, problem } => {
                let realm = Brief(Escaped { octets: client_realm, special: &[] });
                write!(f, "the path from realm {realm} is not accepted: {}", Brief(problem))
            }
            Self::TicketNotYetValid { starts, now, by, .. } => {
                write!(f, "the ticket is valid from {starts}, {} after this acceptor's time {now}", Span(*by))
            }
            Self::TicketInvalid => f.write_str("the ticket is marked INVALID: it is postdated and was never validated"),
            Self::TicketExpired { ended, now, by } => {
                write!(f, "the ticket ended at {ended}, {} before this acceptor's time {now}", Span(*by))
            }
            Self::ClockSkew { client, server, allowed } => write!(
                f,
                "the client's clock is {}, and {} is allowed: the client says {client}, this acceptor {server}",
                Skew { client: *client, server: *server },
                Span(*allowed),
            ),
            Self::Checksum(error) => error.fmt(f),
            Self::ChannelBinding(problem) => problem.fmt(f),
            Self::Delegation(error) => error.fmt(f),
            Self::CriticalAuthorizationData { ad_type } => {
                write!(f, "authorization data of type {ad_type} must be understood, and is not")
            }
            Self::Replay { first_seen } => write!(f, "the authenticator was presented before, at {first_seen}"),
            Self::BeforeStart { client, started } => {
                let than = if client < started { "is older than" } else { "came too soon after the start of" };
                write!(
                    f,
                    "the authenticator of {client} {than} this acceptor, which started at {started} and cannot know \
                     whether it was used"
                )
            }
            Self::ReplayStore(ReplayStoreProblem::Full { entries }) => {
                write!(f, "the replay store is full with {entries} live entries")
            }
            Self::ReplayStore(ReplayStoreProblem::Failed { cause }) => {
                let cause = Brief(Escaped { octets: cause.as_bytes(), special: &[] });
                write!(f, "the replay store failed: {cause}")
            }
            Self::Random => f.write_str("the source of randomness failed"),
            Self::Setup(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { octets, limit } => write!(f, "the token has {octets} octets, and the limit is {limit}"),
            Self::Empty => f.write_str("the token is empty"),
            Self::NotKerberos { kind } => write!(f, "the token is {kind}, and a Kerberos or SPNEGO token is needed"),
            Self::Malformed(error) => write!(f, "the token is malformed: {error}"),
            Self::TokenId { found: Some(id) } => {
                write!(f, "the token identifier is {id}, and 01 00 (AP-REQ) is needed")
            }
            Self::TokenId { found: None } => f.write_str("the token ends before its token identifier"),
        }
    }
}

impl fmt::Display for NegotiationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommonMechanism { offered } => {
                write!(f, "the initiator offers {}, and Kerberos is not among them", Brief(List(offered)))
            }
            Self::MoreNeeded => f.write_str("the negotiation needs another token from the initiator"),
            Self::MechanismMismatch { kind } => {
                write!(f, "the initiator's first mechanism is Kerberos, and the token inside is {kind}")
            }
            Self::OutOfOrder => f.write_str("the token has no place at this point of the negotiation"),
            Self::BadMic => {
                f.write_str("the MIC over the list of mechanisms is wrong: somebody may have changed the list")
            }
            Self::MicMissing => f.write_str("the MIC over the list of mechanisms is missing"),
            Self::TooManyLegs => f.write_str("the negotiation takes more tokens than the limit"),
            Self::Closed => f.write_str("the negotiation is over"),
            Self::ReplayPending => f.write_str("the replay store must be awaited, and a single accept cannot wait"),
        }
    }
}

impl fmt::Display for AuthenticatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found } => write!(f, "the authenticator has authenticator-vno {found} and not 5"),
            Self::Malformed(error) => write!(f, "the decrypted authenticator is malformed: {error}"),
            Self::ApOptions => f.write_str("the authenticator's AD-AP-OPTIONS is not one element of four octets"),
        }
    }
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Principal { wanted, present, differs_only_in_case, tried } => {
                match &**wanted {
                    WantedName::Policy(spn) => write!(f, "the keytab has no entry that the policy allows ({spn})")?,
                    WantedName::Principal(name) => {
                        write!(f, "the ticket is for {}, which the keytab does not have", Brief(name))?
                    }
                }
                match (differs_only_in_case, present.nearest(wanted)) {
                    (Some(name), _) => write!(f, "; it has {name}, which differs only in the case of letters")?,
                    (None, Some(name)) => write!(f, "; it has {present}, of which {name} is nearest")?,
                    (None, None) => write!(f, "; it has {present}")?,
                }
                tried_keys(f, *tried, "name")
            }
            Self::Kvno { principal, wanted, present, direction, tried, enctype_missing } => {
                let side = match direction {
                    KvnoDirection::TicketOutOfDate => "ticket",
                    KvnoDirection::KeytabOutOfDate => "keytab",
                };
                write!(f, "the ticket is for {principal} kvno {wanted}, and the keytab has kvno {}", List(present))?;
                write!(f, ": the {side} is likely out of date")?;
                if let Some(enctype) = enctype_missing {
                    write!(f, "; the keytab has no key of enctype {enctype} under any kvno either")?;
                }
                if *direction == KvnoDirection::KeytabOutOfDate
                    && present.iter().any(|kvno| low_bits_agree(*wanted, *kvno))
                {
                    f.write_str(
                        "; the low bits are equal, as an 8-bit kvno or a read-only domain controller's would be",
                    )?;
                }
                tried_keys(f, *tried, "version")
            }
            Self::Enctype { principal, kvno, wanted, present } => write!(
                f,
                "the ticket is for {principal}, {}, enctype {wanted}, and the keytab has {} for it",
                Kvno(*kvno),
                List(present),
            ),
            Self::Members { wanted, refusals } => {
                write!(f, "the ticket is for {}, and no member of the set opens it: ", Brief(wanted))?;
                let (shown, more) = refusals.split_at_checked(SHOWN_MEMBERS).unwrap_or((refusals, &[]));
                write!(f, "{}", List(shown))?;
                if more.is_empty() { Ok(()) } else { write!(f, ", and {} more", more.len()) }
            }
            Self::UserToUser => {
                f.write_str("the ticket is encrypted in a session key (user-to-user), and none was supplied")
            }
        }
    }
}

/// How many members of a set a message lists.
const SHOWN_MEMBERS: usize = 8;

impl fmt::Display for MemberRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = Brief(Escaped { octets: self.label().as_bytes(), special: &[] });
        write!(f, "{label} ({})", Brief(self.error()))
    }
}

fn tried_keys(f: &mut fmt::Formatter<'_>, tried: usize, of_other: &str) -> fmt::Result {
    match tried {
        0 => Ok(()),
        1 => write!(f, "; 1 key of another {of_other} was tried and does not open it"),
        many => write!(f, "; {many} keys of other {of_other}s were tried and do not open it"),
    }
}

impl fmt::Display for ChecksumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the authenticator has no checksum, and one of type 0x8003 is needed"),
            Self::WrongType { found } => {
                write!(f, "the authenticator's checksum is of type {found}, and type 0x8003 is needed")
            }
            Self::Malformed { octets } => {
                write!(f, "the authenticator's checksum of type 0x8003 has {octets} octets")?;
                f.write_str(", and needs 24 or more that begin with the length 16")
            }
        }
    }
}

impl fmt::Display for BindingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "channel bindings are required, and the initiator sent none",
            Self::Stripped => "the initiator announced channel bindings, and the token has none",
            Self::NotGiven => "channel bindings are required, and the caller gave none to compare with",
            Self::Different => "the initiator's channel bindings are those of another channel",
        })
    }
}

impl fmt::Display for DelegationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { problem } => write!(f, "the delegated credentials are malformed: {problem}"),
            Self::Integrity => f.write_str("neither session key nor subkey opens the delegated credentials"),
        }
    }
}

impl fmt::Display for DelegationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field => {
                f.write_str("the authenticator's checksum announces them and has not DlgOpt 1 and a length that fits")
            }
            Self::Message(error) => error.fmt(f),
            Self::Version { pvno, msg_type } => {
                write!(f, "pvno {pvno} and msg-type {msg_type} are not those of a KRB-CRED, 5 and 22")
            }
            Self::Empty => f.write_str("there is no ticket"),
            Self::Unequal { tickets, descriptions } => {
                write!(f, "the number of tickets is {tickets} and that of their descriptions {descriptions}")
            }
            Self::TooMany { tickets, limit } => write!(f, "there are {tickets} tickets, and the limit is {limit}"),
            Self::Nameless => f.write_str("a ticket's client is not named"),
        }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { text } => {
                write!(f, "{} names no service", Brief(Escaped { octets: text.as_bytes(), special: &[] }))
            }
            Self::StartTime => f.write_str("the restart policy needs the time at which the acceptor started"),
            Self::KeySource => {
                f.write_str("the acceptor was made of a keytab, and knows no source to load it from again")
            }
            Self::NoMembers => f.write_str("a set of acceptors needs at least one member"),
            Self::LabelTwice { label } => {
                write!(
                    f,
                    "two members of the set have the label {}",
                    Brief(Escaped { octets: label.as_bytes(), special: &[] })
                )
            }
            Self::ReplayStore => f.write_str("there is no replay store"),
            Self::Random => f.write_str("there is no source of randomness"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticket => "ticket",
            Self::Authenticator => "authenticator",
            Self::Checksum => "authenticator's checksum",
        })
    }
}

impl fmt::Display for EnctypeRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticket => "ticket",
            Self::SessionKey => "session key",
            Self::Subkey => "initiator's subkey",
        })
    }
}

/// The principals of a keytab, allowed or not, shared with the acceptor.
#[derive(Clone)]
pub struct PresentPrincipals {
    names: Arc<[Arc<Principal>]>,
}

impl PresentPrincipals {
    const SHOWN: usize = 8;

    pub(crate) fn new(names: Arc<[Arc<Principal>]>) -> Self {
        Self { names }
    }

    /// The principals, in the keytab's order.
    pub fn iter(&self) -> impl Iterator<Item = &Principal> {
        self.names.iter().map(|name| &**name)
    }

    /// The principal that shares the most with what was wanted: host before service before realm.
    fn nearest(&self, wanted: &WantedName) -> Option<&Principal> {
        let wanted = WantedParts::of(wanted);
        let score = |name: &Principal| {
            let same = |a: Option<&[u8]>, b: Option<&[u8]>| match (a, b) {
                (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
                _ => false,
            };
            let host = same(name.components().nth(1), wanted.host);
            let service = same(name.components().next(), wanted.service);
            (host, service, same(Some(name.realm()), wanted.realm))
        };
        let nearest = self.iter().max_by_key(|name| score(name))?;
        (score(nearest) > (false, false, true)).then_some(nearest)
    }
}

/// The parts of a wanted name, as far as they are wanted.
struct WantedParts<'a> {
    service: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    realm: Option<&'a [u8]>,
}

impl<'a> WantedParts<'a> {
    fn of(wanted: &'a WantedName) -> Self {
        match wanted {
            WantedName::Principal(name) | WantedName::Policy(Spn::Exact(name)) => {
                Self { service: name.components().next(), host: name.components().nth(1), realm: Some(name.realm()) }
            }
            WantedName::Policy(Spn::Service { class, host, realm }) => {
                let [service, host, realm] = [class, host, realm].map(|part| part.as_deref().map(str::as_bytes));
                Self { service, host, realm }
            }
            WantedName::Policy(Spn::AnyInKeytab) => Self { service: None, host: None, realm: None },
        }
    }
}

impl fmt::Display for PresentPrincipals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = self.names.len().saturating_sub(Self::SHOWN);
        let shown = self.names.get(..Self::SHOWN).unwrap_or(&self.names);
        write!(f, "{}", List(shown))?;
        if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
    }
}

impl fmt::Debug for PresentPrincipals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
