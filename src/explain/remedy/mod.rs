//! What to do about a refusal: who, where, and the exact command.

mod clocks;
mod enctypes;
mod keys;
mod names;
mod others;

use self::names::Names;
use crate::acceptor::record::{Candidate, KeyFate, Step};
use crate::acceptor::{ErrorKind, NegotiationError, TokenError};
use crate::gss::TokenKind;
use crate::principal::Principal;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remedy {
    /// Who can do it.
    pub audience: Audience,
    /// Where the command is one.
    pub platform: Platform,
    /// What to do, and why.
    pub advice: Cow<'static, str>,
    /// The command, with the names of this token and this keytab where they are known and harmless to a shell; what is in
    /// angle brackets is to be filled in.
    pub command: Option<String>,
}

/// Who can do something about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Audience {
    /// Whoever sits at the client.
    User,
    /// The administrator of this server.
    Server,
    /// The administrator of the domain or realm.
    Directory,
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "the user, at the client",
            Self::Server => "the administrator of this server",
            Self::Directory => "the administrator of the directory",
        })
    }
}

/// Where a command is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Platform {
    /// Everywhere, or there is no command.
    Any,
    /// Windows.
    Windows,
    /// Unix systems with MIT krb5 or Heimdal.
    Unix,
}

impl Platform {
    /// What stands before a command.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Windows => "Windows: ",
            Self::Unix => "Unix: ",
        }
    }
}

/// What remedies are drawn from besides the refusals.
pub(super) struct Situation<'a> {
    /// The service that the ticket names, or else one that the acceptor has.
    pub(super) service: Option<&'a Principal>,
    /// The keys that were looked at.
    pub(super) candidates: &'a [Candidate],
    /// Whether the client is known to sit at this very machine.
    pub(super) same_machine: SameMachine,
    /// Whether SPNEGO's favourite mechanism is NTLM or NegoEx.
    pub(super) favourite: Option<TokenKind>,
}

/// Whether client and server are one machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SameMachine {
    /// The peer's address says so.
    Yes,
    /// The peer's address says otherwise, or is not known.
    NotKnown,
}

/// The remedies of one report, those of the first refusal first.
pub(super) struct Remedies {
    names: Names,
    list: Vec<Remedy>,
}

impl Remedies {
    pub(super) fn of<'k>(
        situation: &Situation<'_>,
        refusals: impl Iterator<Item = (Step, &'k ErrorKind)>,
    ) -> Vec<Remedy> {
        let mut remedies = Self { names: Names::of(situation.service), list: Vec::new() };
        for (_, kind) in refusals {
            let before = remedies.list.len();
            remedies.add_for(kind, situation);
            if remedies.list.len() == before {
                remedies.say(Audience::Server, kind.hint());
            }
        }
        remedies.list
    }

    fn add_for(&mut self, kind: &ErrorKind, situation: &Situation<'_>) {
        match kind {
            ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::Ntlm { .. } | TokenKind::NegoEx }) => {
                self.no_kerberos(situation.same_machine);
            }
            ErrorKind::Negotiation(NegotiationError::MoreNeeded)
                if matches!(situation.favourite, Some(TokenKind::Ntlm { .. } | TokenKind::NegoEx)) =>
            {
                self.say(Audience::Server, kind.hint());
                self.no_kerberos(situation.same_machine);
            }
            ErrorKind::Token(error) => self.token(error),
            ErrorKind::NoKey(error) => self.no_key(error),
            ErrorKind::NotForUs { .. } => self.not_for_us(kind),
            ErrorKind::KeyDoesNotDecrypt { .. } => self.wrong_key(),
            ErrorKind::EtypeNotPermitted { role, enctype, .. } => self.not_permitted(*role, *enctype),
            ErrorKind::EtypeUnsupported { enctype } => self.unsupported(*enctype),
            ErrorKind::ClockSkew { .. }
            | ErrorKind::TicketExpired { .. }
            | ErrorKind::TicketNotYetValid { .. }
            | ErrorKind::TicketInvalid => self.time(kind),
            _ => self.other(kind),
        }
        if matches!(kind, ErrorKind::NoKey(_) | ErrorKind::KeyDoesNotDecrypt { .. } | ErrorKind::NotForUs { .. }) {
            self.kept_back(situation.candidates);
        }
    }

    /// A key that opens the ticket was there, and the policy did not let it be tried.
    fn kept_back(&mut self, candidates: &[Candidate]) {
        let opens = |candidate: &&Candidate| candidate.opens == Some(true) && candidate.fate != KeyFate::Opened;
        if let Some(candidate) = candidates.iter().find(opens) {
            let advice = alloc::format!(
                "the keytab's key of {}, kvno {}, opens this ticket and was not tried: {}",
                candidate.service,
                candidate.kvno,
                candidate.fate
            );
            self.say(Audience::Server, advice);
        }
    }

    fn say(&mut self, audience: Audience, advice: impl Into<Cow<'static, str>>) {
        self.add(Remedy { audience, platform: Platform::Any, advice: advice.into(), command: None });
    }

    fn run(
        &mut self,
        (audience, platform): (Audience, Platform),
        advice: impl Into<Cow<'static, str>>,
        command: impl Into<String>,
    ) {
        self.add(Remedy { audience, platform, advice: advice.into(), command: Some(command.into()) });
    }

    fn add(&mut self, remedy: Remedy) {
        if !self.list.contains(&remedy) {
            self.list.push(remedy);
        }
    }

    /// A new ticket, on either kind of client.
    fn new_ticket(&mut self, why: &'static str) {
        self.run((Audience::User, Platform::Windows), why, "klist purge");
        self.run((Audience::User, Platform::Unix), why, "kdestroy && kinit");
    }
}
