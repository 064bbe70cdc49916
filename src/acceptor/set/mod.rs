//! Several acceptors behind one door: a member for each virtual host, chosen by the name in the ticket.

mod front;
mod members;

pub(super) use members::Members;

use super::error::{Error, ErrorKind, SetupError};
use super::negotiation::{Negotiation, accept};
use super::{Accepted, Acceptor, Connection, Settings};
use crate::time::Timestamp;
#[cfg(feature = "tower")]
use crate::{acceptor::Policy, limits::Limits};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use members::Member;

/// Several acceptors, of which the ticket's service name chooses one: for servers of several virtual hosts that learn only from
/// the token which of them is meant. Cheap to clone.
///
/// ```no_run
/// use kerbside::{Acceptor, AcceptorSet, Keytab};
/// use std::time::SystemTime;
///
/// # let token: Vec<u8> = Vec::new();
/// let acceptor = |host: &str| {
///     let keytab = Keytab::from_file(format!("/etc/keytabs/{host}.keytab"))?;
///     Acceptor::builder(keytab).service(&format!("HTTP/{host}")).build()
/// };
/// let (www, wiki) = ("www.example.com", "wiki.example.com");
/// let set = AcceptorSet::new([(www, acceptor(www)?), (wiki, acceptor(wiki)?)])?;
/// let accepted = set.accept(&token, SystemTime::now())?;
/// println!("{} at {:?}", accepted.client(), accepted.member());
/// # Ok::<(), kerbside::Error>(())
/// ```
///
/// **How it chooses.** The token is decoded once. The members whose allowed keys have the ticket's service name are asked, in
/// their order, until one opens the ticket. If none has the name, all members are asked whether one of their keys opens it
/// under another name, as far as their [`AliasPolicy`](crate::AliasPolicy) lets them and with no more keys in all than the
/// largest of their limits. The name is cleartext: it chooses whom to ask and proves nothing. Whether the token is accepted is
/// decided by the member's own keys, services, policy and replay store, as if it stood alone. One that opens a ticket and
/// refuses it has the last word.
///
/// **When none fits**, `NoKey.Members` says what was wanted, and of each member that was asked what it has and why that does
/// not fit. A refusal by the one member that was chosen is that member's own.
///
/// **What all have in common.** How long and deep a token may be, how many legs it may take, and what is tolerated around the
/// ticket (forms of lengths, Microsoft's OID, DCE style, MICs of Windows 2000) is decided before there is a name: there the
/// strictest of the members counts for all. Members of one policy notice nothing of it.
///
/// **Replays.** Each member asks its own replay store. That is enough as long as no two members can open one ticket: keys that
/// several members have need one store for all of them,
/// [`ReplayPolicy::Store`](crate::ReplayPolicy::Store) with clones of one `Arc`. Otherwise a token that one member has
/// accepted can be presented to another, if keys change or [`by_host`](Self::by_host) chooses.
///
/// **Why was it refused?** Each member [explains](Acceptor::explain) by itself:
/// `set.members().map(|(label, member)| (label, member.explain(&token, now)))`.
///
/// It costs a lookup in each member's keys. Keys are reloaded member by member.
#[derive(Clone)]
pub struct AcceptorSet {
    members: Arc<Members>,
}

impl AcceptorSet {
    /// A set of these acceptors, each under a label: the name of its host, as a rule.
    ///
    /// # Errors
    /// `Setup.NoMembers`; `Setup.LabelTwice` for two labels that differ in the case of letters at most.
    pub fn new<L: Into<String>>(members: impl IntoIterator<Item = (L, Acceptor)>) -> Result<Self, Error> {
        let mut named: Vec<Member> = Vec::new();
        for (label, acceptor) in members {
            let label: String = label.into();
            if named.iter().any(|member| member.label.eq_ignore_ascii_case(&label)) {
                return Err(ErrorKind::Setup(SetupError::LabelTwice { label }).into());
            }
            named.push(Member { label: label.into(), acceptor });
        }
        Ok(Self { members: Arc::new(Members::new(named)?) })
    }

    /// The member of that label, for servers that know the host before the token: from TLS, or from the request. Letters of
    /// ASCII match in either case, and one full stop at the end does not count; a port is not taken off.
    #[must_use]
    pub fn by_host(&self, host: &str) -> Option<&Acceptor> {
        let host = host.strip_suffix('.').unwrap_or(host);
        let fits = |member: &&Member| member.label.eq_ignore_ascii_case(host);
        self.members.iter().find(fits).map(|member| &member.acceptor)
    }

    /// The members with their labels, in their order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Acceptor)> {
        self.members.iter().map(|member| (&*member.label, &member.acceptor))
    }

    /// As [`Acceptor::accept`], by the member that the ticket chooses.
    ///
    /// # Errors
    /// As [`Acceptor::accept`], and `NoKey.Members`.
    pub fn accept(&self, token: &[u8], now: impl Into<Timestamp>) -> Result<Accepted, Error> {
        self.accept_on(&super::connection::UNKNOWN, token, now)
    }

    /// As [`Acceptor::accept_on`], by the member that the ticket chooses.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn accept_on(
        &self,
        connection: &Connection,
        token: &[u8],
        now: impl Into<Timestamp>,
    ) -> Result<Accepted, Error> {
        accept(Answering::Set(&self.members), token, now.into(), connection)
    }

    /// As [`Acceptor::negotiate`], with the member that the first ticket chooses.
    pub fn negotiate(&self) -> Negotiation {
        self.negotiate_on(Connection::default())
    }

    /// As [`Acceptor::negotiate_on`], with the member that the first ticket chooses.
    pub fn negotiate_on(&self, connection: Connection) -> Negotiation {
        Negotiation::new(Host::Set(self.clone()), connection)
    }
}

impl fmt::Debug for AcceptorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.members()).finish()
    }
}

/// Whom a negotiation belongs to.
#[derive(Debug, Clone)]
pub(crate) enum Host {
    One(Acceptor),
    Set(AcceptorSet),
}

impl Host {
    pub(super) fn answering(&self) -> Answering<'_> {
        match self {
            Self::One(acceptor) => Answering::One(&acceptor.settings),
            Self::Set(set) => Answering::Set(&set.members),
        }
    }
}

/// For the layers around it, to which one and several are the same.
#[cfg(feature = "tower")]
impl Host {
    /// Whether both are one, as clones are.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::One(one), Self::One(other)) => Arc::ptr_eq(&one.settings, &other.settings),
            (Self::Set(one), Self::Set(other)) => Arc::ptr_eq(&one.members, &other.members),
            (Self::One(_), Self::Set(_)) | (Self::Set(_), Self::One(_)) => false,
        }
    }

    /// What bounds a token.
    pub(crate) fn limits(&self) -> &Limits {
        &self.answering().rules().limits
    }

    /// What holds before a ticket is read.
    pub(crate) fn policy(&self) -> &Policy {
        &self.answering().rules().policy
    }

    pub(crate) fn accept_on(&self, connection: &Connection, token: &[u8], now: Timestamp) -> Result<Accepted, Error> {
        accept(self.answering(), token, now, connection)
    }

    pub(crate) fn negotiate_on(&self, connection: Connection) -> Negotiation {
        Negotiation::new(self.clone(), connection)
    }
}

/// The same, borrowed.
#[derive(Clone, Copy)]
pub(super) enum Answering<'n> {
    One(&'n Settings),
    Set(&'n Members),
}

impl<'n> Answering<'n> {
    /// What holds before a ticket is read.
    #[inline]
    pub(super) fn rules(self) -> &'n Settings {
        self.settings(None)
    }

    /// What holds once this member was chosen.
    #[inline]
    pub(super) fn settings(self, member: Option<usize>) -> &'n Settings {
        match self {
            Self::One(settings) => settings,
            Self::Set(members) => {
                member.and_then(|at| members.get(at)).map_or_else(|| members.front(), Member::settings)
            }
        }
    }

    /// What that member is called.
    #[inline]
    pub(super) fn label(self, member: Option<usize>) -> Option<&'n str> {
        match self {
            Self::One(_) => None,
            Self::Set(members) => member.and_then(|at| members.get(at)).map(|member| &*member.label),
        }
    }
}
