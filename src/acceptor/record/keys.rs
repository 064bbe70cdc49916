//! Every key that was tried for a ticket, or could have been, and what became of it.

use crate::acceptor::error::EnctypeRole;
use crate::acceptor::keys::{KeySet, ServiceEntry, ServiceName};
use crate::acceptor::policy::{AliasPolicy, Policy};
use crate::acceptor::ticket::{TicketKeys, Trials, alias_candidates, candidates, open_in, stated_kvno};
use crate::acceptor::tolerance::KeyMatch;
use crate::acceptor::wiped::Wiped;
use crate::crypto::EnctypeInfo;
use crate::messages::Ticket;
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// How many candidates are listed: an administrator reads no more, and a keytab may have thousands.
const LISTED: usize = 48;

/// One entry of the keytab, seen from a ticket.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Candidate {
    /// Whose key it is.
    pub service: Arc<Principal>,
    /// Its version.
    pub kvno: u32,
    /// Its enctype.
    pub enctype: Enctype,
    /// How it relates to what the ticket states, where that was looked at.
    pub key_match: Option<KeyMatch>,
    /// Whether it was tried, and what came of it, or why not.
    pub fate: KeyFate,
    /// Until when it opens tickets, if it is not in the keytab any more and retires.
    pub retires: Option<Timestamp>,
    /// Whether it opens the ticket, where that is known. Keys that a policy keeps from being tried are tried here, as many as the
    /// limit of trial keys.
    pub opens: Option<bool>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFate {
    /// It was tried, and opened the ticket.
    Opened,
    /// It was tried, and did not open the ticket.
    DidNotOpen,
    /// Another key had opened the ticket before.
    NotNeeded,
    /// The same octets were tried under another name or version.
    TriedBefore,
    /// The limit of trial keys was reached.
    BeyondTrialLimit,
    /// It is of another enctype than the ticket.
    OtherEnctype,
    /// The policy does not permit the enctype for tickets.
    EnctypeNotPermitted,
    /// The service policy does not allow its name.
    NotAllowedByServicePolicy,
    /// The policy wants the ticket's version, and it has another.
    OtherVersion,
    /// It has another name, and the keytab has the ticket's own.
    OtherName,
    /// It has another name, and the policy wants the ticket's own.
    NameMustMatch,
    /// Its enctype is not implemented, or not built in.
    EnctypeNotSupported,
    /// It has not the length that its enctype needs.
    WrongLength {
        /// The octets that the enctype needs.
        needed: usize,
    },
}

impl fmt::Display for KeyFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opened => "opened the ticket",
            Self::DidNotOpen => "does not open the ticket",
            Self::NotNeeded => "not needed",
            Self::TriedBefore => "the same key was tried before",
            Self::BeyondTrialLimit => "beyond the limit of trial keys",
            Self::OtherEnctype => "another enctype",
            Self::EnctypeNotPermitted => "the policy does not permit the enctype for tickets",
            Self::NotAllowedByServicePolicy => "the service policy does not allow the name",
            Self::OtherVersion => "the policy wants the ticket's version",
            Self::OtherName => "another name, and the keytab has the ticket's own",
            Self::NameMustMatch => "the policy wants the ticket's name",
            Self::EnctypeNotSupported => "the enctype is not supported",
            Self::WrongLength { needed } => {
                return write!(f, "its key has not the {needed} octets that the enctype needs");
            }
        })
    }
}

/// The candidates of one ticket, those that are tried first, in the order of the trials.
pub(super) struct Candidates<'a> {
    keys: &'a KeySet,
    policy: &'a Policy,
    now: Timestamp,
    ticket: &'a Ticket<'a>,
    trials: Trials,
    limit: usize,
    room: Wiped,
    opened: bool,
    listed: Vec<(Candidate, Option<usize>)>,
    more: usize,
}

impl<'a> Candidates<'a> {
    /// Tries what an accept tries, in its order, and lists the others behind with the reason.
    pub(super) fn of(by: &TicketKeys<'a>, ticket: &'a Ticket<'a>) -> (Vec<Candidate>, usize) {
        let (mut listed, mut more) = Self::of_set(by, by.ring.current(), ticket);
        if !listed.iter().any(|candidate| candidate.fate == KeyFate::Opened) {
            if let Some(retired) = by.ring.retired_at(by.now) {
                let (behind, uncounted) = Self::of_set(by, retired, ticket);
                listed.extend(behind);
                more = more.saturating_add(uncounted);
            }
        }
        (listed, more)
    }

    fn of_set(by: &TicketKeys<'a>, keys: &'a KeySet, ticket: &'a Ticket<'a>) -> (Vec<Candidate>, usize) {
        let limit = by.trial_keys.max(1);
        let mut candidates = Self {
            keys,
            policy: by.policy,
            now: by.now,
            ticket,
            trials: Trials::new(limit),
            limit,
            room: Wiped::new(ticket.enc_part.cipher.to_vec()),
            opened: false,
            listed: Vec::new(),
            more: 0,
        };
        match keys.find(ticket.realm, &ticket.sname, by.policy.name_case) {
            Some(own) => candidates.of_own_name(own),
            None => candidates.of_other_names(),
        }
        candidates.look_behind_the_policy();
        (candidates.listed.into_iter().map(|(candidate, _)| candidate).collect(), candidates.more)
    }

    fn etype(&self) -> Enctype {
        self.ticket.enc_part.etype
    }

    fn is_permitted(&self) -> bool {
        self.policy.enctypes.allowed(EnctypeRole::Ticket).contains(&self.etype())
    }

    fn of_own_name(&mut self, own: &ServiceName) {
        let sought = (self.etype(), stated_kvno(self.ticket));
        let wanted: Vec<_> = candidates(&own.entries, sought, self.policy.kvno, self.now).collect();
        for (entry, key_match) in &wanted {
            self.candidate(own, entry, *key_match);
        }
        for entry in own.entries.iter().filter(|entry| !wanted.iter().any(|(other, _)| core::ptr::eq(*other, *entry))) {
            self.untried(own, entry, KeyFate::OtherVersion);
        }
        for other in self.keys.names_at(self.now).filter(|other| !core::ptr::eq(*other, own)) {
            other.entries.iter().for_each(|entry| self.untried(other, entry, KeyFate::OtherName));
        }
    }

    fn of_other_names(&mut self) {
        let by_policy = match self.policy.aliases {
            AliasPolicy::TryOthers => KeyFate::BeyondTrialLimit,
            AliasPolicy::NameMustMatch => KeyFate::NameMustMatch,
        };
        let mut tried = Vec::new();
        for alias in alias_candidates(self.keys, self.etype(), self.policy.aliases, self.now) {
            let Some(name) = self.keys.name(alias.name) else { continue };
            let is_it = |entry: &&ServiceEntry| entry.key == Some(alias.key) && entry.kvno == alias.kvno;
            let Some(entry) = name.entries.iter().find(is_it) else { continue };
            tried.push(entry);
            self.candidate(name, entry, KeyMatch::Alias);
        }
        for name in self.keys.names_at(self.now) {
            for entry in name.entries.iter().filter(|entry| !tried.iter().any(|other| core::ptr::eq(*other, *entry))) {
                self.untried(name, entry, by_policy);
            }
        }
    }

    /// An entry that has its turn: it is tried, if nothing speaks against it.
    fn candidate(&mut self, name: &ServiceName, entry: &ServiceEntry, key_match: KeyMatch) {
        let against = if !name.allowed {
            Some(KeyFate::NotAllowedByServicePolicy)
        } else if !self.is_permitted() {
            Some(KeyFate::EnctypeNotPermitted)
        } else {
            None
        };
        let Some(position) = entry.key else { return self.list(name, entry, Some(key_match), useless(entry)) };
        let fate = match against {
            Some(fate) => fate,
            None if self.opened => KeyFate::NotNeeded,
            None if !self.trials.admits(position) => self.not_admitted(position),
            None if self.opens(position) == Some(true) => KeyFate::Opened,
            None => {
                self.trials.note_failure(position, key_match);
                KeyFate::DidNotOpen
            }
        };
        self.opened |= fate == KeyFate::Opened;
        self.list(name, entry, Some(key_match), fate);
    }

    fn not_admitted(&self, position: usize) -> KeyFate {
        let tried = |listed: &(Candidate, Option<usize>)| listed.1 == Some(position) && listed.0.opens.is_some();
        if self.listed.iter().any(tried) { KeyFate::TriedBefore } else { KeyFate::BeyondTrialLimit }
    }

    /// An entry that has no turn, for this reason if there is none that weighs more.
    fn untried(&mut self, name: &ServiceName, entry: &ServiceEntry, otherwise: KeyFate) {
        let fate = if entry.enctype != self.etype() {
            KeyFate::OtherEnctype
        } else if entry.key.is_none() {
            useless(entry)
        } else if !name.allowed {
            KeyFate::NotAllowedByServicePolicy
        } else if !self.is_permitted() {
            KeyFate::EnctypeNotPermitted
        } else if self.opened && otherwise != KeyFate::OtherName {
            KeyFate::NotNeeded
        } else {
            match entry.key.map(|position| self.not_admitted(position)) {
                Some(KeyFate::TriedBefore) => KeyFate::TriedBefore,
                _ => otherwise,
            }
        };
        self.list(name, entry, None, fate);
    }

    fn list(&mut self, name: &ServiceName, entry: &ServiceEntry, key_match: Option<KeyMatch>, fate: KeyFate) {
        if self.listed.len() >= LISTED.max(self.limit) {
            self.more = self.more.saturating_add(1);
            return;
        }
        let opens = match fate {
            KeyFate::Opened => Some(true),
            KeyFate::DidNotOpen => Some(false),
            _ => None,
        };
        let service = Arc::clone(&name.principal);
        let candidate = Candidate {
            service,
            kvno: entry.kvno,
            enctype: entry.enctype,
            key_match,
            fate,
            retires: entry.mark.until,
            opens,
        };
        self.listed.push((candidate, entry.key));
    }

    fn opens(&mut self, position: usize) -> Option<bool> {
        let key = self.keys.key(position)?;
        Some(open_in(&mut self.room, key, self.ticket.enc_part.cipher).is_some())
    }

    /// If nothing opened the ticket: would a key have done it that the policy keeps back?
    fn look_behind_the_policy(&mut self) {
        let kept_back = |fate| {
            use KeyFate::{EnctypeNotPermitted, NameMustMatch, NotAllowedByServicePolicy, OtherName, OtherVersion};
            matches!(fate, EnctypeNotPermitted | NameMustMatch | NotAllowedByServicePolicy | OtherName | OtherVersion)
        };
        let mut looked_at: Vec<usize> = Vec::new();
        for at in 0..self.listed.len() {
            let Some((candidate, Some(position))) = self.listed.get(at) else { continue };
            let position = *position;
            if self.opened || !kept_back(candidate.fate) || looked_at.len() >= self.limit {
                continue;
            }
            if looked_at.contains(&position) {
                continue;
            }
            looked_at.push(position);
            let opens = self.opens(position);
            self.opened |= opens == Some(true);
            if let Some((candidate, _)) = self.listed.get_mut(at) {
                candidate.opens = opens;
            }
        }
    }
}

/// Why an entry has no key that can be used.
fn useless(entry: &ServiceEntry) -> KeyFate {
    EnctypeInfo::find(entry.enctype)
        .map_or(KeyFate::EnctypeNotSupported, |row| KeyFate::WrongLength { needed: row.key_octets })
}
