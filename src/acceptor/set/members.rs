//! The members of a set, and the one that a ticket is for.

use super::front::front;
use crate::acceptor::context::Checked;
use crate::acceptor::error::{Error, ErrorKind, MemberRefusal, NamedBy, NoKey, SetupError};
use crate::acceptor::refusal::Asked;
use crate::acceptor::tolerance::Tolerances;
use crate::acceptor::verify::{Judged, read_and_judge};
use crate::acceptor::wiped::Wiped;
use crate::acceptor::{Acceptor, Connection, EnctypeRole, Settings};
use crate::messages::{ApReq, Ticket};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The members of a set, at least one.
pub(in crate::acceptor) struct Members {
    members: Vec<Member>,
    front: Settings,
}

/// An acceptor and what it is called.
pub(in crate::acceptor) struct Member {
    pub(super) label: Box<str>,
    pub(super) acceptor: Acceptor,
}

impl Member {
    pub(super) fn settings(&self) -> &Settings {
        &self.acceptor.settings
    }

    fn serves(&self, ticket: &Ticket<'_>, now: Timestamp) -> bool {
        let settings = self.settings();
        settings.keys.load().serves(ticket, (settings.policy.name_case, now))
    }
}

impl Members {
    pub(super) fn new(members: Vec<Member>) -> Result<Self, Error> {
        let Some(first) = members.first() else { return Err(ErrorKind::Setup(SetupError::NoMembers).into()) };
        Ok(Self { front: front(first, &members), members })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Member> {
        self.members.get(at)
    }

    /// What holds before a member is chosen.
    pub(super) fn front(&self) -> &Settings {
        &self.front
    }

    /// Which member the ticket chose, if it is one alone, and its verdict.
    pub(in crate::acceptor) fn verify<'a>(
        &self,
        ap_req: &'a [u8],
        at: (Timestamp, &Connection),
        notes: (&mut Asked<'a>, &mut Tolerances),
    ) -> (Option<usize>, Result<Box<Checked>, Error>) {
        let mut chosen = None;
        let verdict = read_and_judge(ap_req, &self.front.decoding(), notes, |ap_req, room, notes| {
            let (member, judged) = self.judge(ap_req, room, at, notes);
            chosen = member;
            judged
        });
        (chosen, verdict)
    }

    /// Asks the members that have the name, or all if none has.
    fn judge(
        &self,
        ap_req: &ApReq<'_>,
        room: &mut Wiped,
        at: (Timestamp, &Connection),
        notes: (&mut Asked<'_>, &mut Tolerances),
    ) -> (Option<usize>, Result<Judged, Error>) {
        let all = || self.members.iter().enumerate();
        let mut named = all().filter(|(_, member)| member.serves(&ap_req.ticket, at.0)).peekable();
        if named.peek().is_some() {
            self.ask(named, ap_req, room, at, notes)
        } else {
            self.ask(all(), ap_req, room, at, notes)
        }
    }

    /// Asks one after the other, until one has opened the ticket.
    fn ask<'m>(
        &self,
        candidates: impl Iterator<Item = (usize, &'m Member)>,
        ap_req: &ApReq<'_>,
        room: &mut Wiped,
        at: (Timestamp, &Connection),
        (asked, tolerances): (&mut Asked<'_>, &mut Tolerances),
    ) -> (Option<usize>, Result<Judged, Error>) {
        let mut trial_keys = self.front.limits.trial_keys;
        let mut refused = Vec::new();
        for (place, member) in candidates {
            let settings = member.settings();
            let keys = trial_keys.min(settings.limits.trial_keys);
            match settings.judge(ap_req, room, at, keys, (&mut *asked, &mut *tolerances)) {
                Ok(mut judged) => {
                    judged.checked.facts.member = Some(member.label.clone());
                    return (Some(place), Ok(judged));
                }
                Err(error) if does_not_open(&error) => {
                    trial_keys = trial_keys.saturating_sub(tried(&error));
                    refused.push((place, MemberRefusal::new(&member.label, error)));
                }
                Err(error) => return ((!is_of_the_token(&error)).then_some(place), Err(error)),
            }
        }
        let refusals = match <[_; 1]>::try_from(refused) {
            Ok([(place, refusal)]) => return (Some(place), Err(refusal.into_error())),
            Err(refused) => refused.into_iter().map(|(_, refusal)| refusal).collect(),
        };
        let wanted = Box::new(ap_req.ticket.sname.to_principal(ap_req.ticket.realm));
        (None, Err(ErrorKind::NoKey(NoKey::Members { wanted, refusals }).into()))
    }
}

/// Whether the ticket is still closed: then another member may open it.
fn does_not_open(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoKey(NoKey::Principal { .. } | NoKey::Kvno { .. } | NoKey::Enctype { .. })
            | ErrorKind::KeyDoesNotDecrypt { .. }
            | ErrorKind::NotForUs { named_by: NamedBy::Ticket, .. }
            | ErrorKind::EtypeNotPermitted { role: EnctypeRole::Ticket, .. }
    )
}

/// Whether every member says the same of the token.
fn is_of_the_token(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::EtypeUnsupported { .. } | ErrorKind::ApReq(_) | ErrorKind::NoKey(NoKey::UserToUser)
    )
}

/// How many keys a member has tried without need.
fn tried(error: &Error) -> usize {
    match error.kind() {
        ErrorKind::NoKey(NoKey::Principal { tried, .. } | NoKey::Kvno { tried, .. }) => *tried,
        _ => 0,
    }
}
