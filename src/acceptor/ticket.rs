//! Opening the ticket: which keys are tried, in which order, and which of the causes it is when none fits (section 5 of
//! the acceptance order).

use super::connection::UserToUser;
use super::error::{EnctypeRole, Error, ErrorKind, KvnoDirection, NamedBy, NoKey, Part, WantedName};
use super::keys::{KeyMark, KeyRing, KeySet, ServiceEntry, ServiceKey, ServiceName};
use super::policy::{AliasPolicy, KvnoPolicy, Policy};
use super::spn::{NameCase, Spn};
use super::tolerance::{KeyMatch, Tolerance, Tolerances, low_bits_agree};
use crate::crypto::{EnctypeInfo, UsageKey};
use crate::messages::Ticket;
use crate::numbers::{Enctype, KeyUsage};
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

/// A ticket that a key of this service has opened: the proof of steps K-2 to K-10 and T-1.
pub(super) struct TicketOpened<'k> {
    /// Where the EncTicketPart stands in what was decrypted.
    place: Range<usize>,
    /// The principal whose key it was.
    pub(super) service: &'k Principal,
    /// The version of that key.
    pub(super) kvno: u32,
    /// The enctype of that key.
    pub(super) enctype: Enctype,
    /// How the key relates to what the ticket states.
    pub(super) key_match: KeyMatch,
    /// What goes with its entry; `None` for a session key.
    pub(super) mark: Option<KeyMark>,
}

impl TicketOpened<'_> {
    /// The octets of the EncTicketPart, in the room that the ticket was opened in.
    pub(super) fn plaintext<'r>(&self, room: &'r [u8]) -> &'r [u8] {
        room.get(self.place.clone()).unwrap_or_default()
    }
}

/// Opens a ciphertext where a copy of it stands, or says that this key does not. Then the copy is as before, for the next key.
pub(super) fn open_in(room: &mut [u8], key: &UsageKey, cipher: &[u8]) -> Option<Range<usize>> {
    let place = key.open_in_place(room).ok();
    if place.is_none() && room.len() == cipher.len() {
        room.copy_from_slice(cipher);
    }
    place
}

/// What opening a ticket needs to know.
pub(super) struct TicketKeys<'a> {
    pub(super) ring: &'a KeyRing,
    pub(super) now: Timestamp,
    pub(super) policy: &'a Policy,
    pub(super) spn: &'a Spn,
    pub(super) trial_keys: usize,
}

/// Why no key of a set opened a ticket, as long as it is not said to anybody.
pub(super) enum NotOpened<'k> {
    /// The service policy allows no entry.
    NothingAllowed,
    /// The service policy does not allow this name.
    NotAllowed(&'k ServiceName),
    /// No key of this name did. So many of other versions were tried.
    AsNamed(&'k ServiceName, usize),
    /// There is no such name. So many keys of others were tried.
    AsAlias(usize),
}

impl<'k> TicketKeys<'k> {
    /// Opens a ticket that is encrypted in the session key of a ticket-granting ticket (RFC 4120 §3.7).
    pub(super) fn open_user_to_user(
        &self,
        ticket: &Ticket<'_>,
        room: &mut [u8],
        own: &'k UserToUser,
    ) -> Result<TicketOpened<'k>, Error> {
        self.check_readable(ticket)?;
        let enctype = ticket.enc_part.etype;
        let key = (own.session_key.enctype() == enctype).then(|| own.session_key.for_usage(KeyUsage::TICKET));
        let Some(place) = key.and_then(|key| open_in(room, &key, ticket.enc_part.cipher)) else {
            let principal = Box::new((*own.principal).clone());
            return Err(ErrorKind::KeyDoesNotDecrypt { principal, kvno: ticket.enc_part.kvno, enctype }.into());
        };
        let service = &*own.principal;
        Ok(TicketOpened { place, service, kvno: 0, enctype, key_match: KeyMatch::Exact, mark: None })
    }

    /// Finds the key that opens a ticket, where `room` holds a copy of its ciphertext.
    pub(super) fn open(
        &self,
        ticket: &Ticket<'_>,
        room: &mut [u8],
        tolerances: &mut Tolerances,
    ) -> Result<TicketOpened<'k>, Error> {
        self.check_readable(ticket)?;
        let opened = match self.open_with(self.ring.current(), ticket, room) {
            Ok(opened) => opened,
            // What is refused is refused as if nothing had retired.
            Err(why) => self.open_with_retired(ticket, room).ok_or_else(|| self.refusal(ticket, &why))?,
        };
        if let Some(until) = opened.mark.and_then(|mark| mark.until) {
            tolerances.note(Tolerance::RetiredKey { until });
        }
        if opened.key_match != KeyMatch::Exact {
            tolerances.note(Tolerance::KeyMatch(opened.key_match));
        }
        if self.policy.name_case != NameCase::Exact
            && !ticket.sname.names(opened.service)
            && opened.key_match != KeyMatch::Alias
        {
            tolerances.note(Tolerance::NameCase);
        }
        Ok(opened)
    }

    /// With the keys of one set, in the order of the policy.
    fn open_with(
        &self,
        keys: &'k KeySet,
        ticket: &Ticket<'_>,
        room: &mut [u8],
    ) -> Result<TicketOpened<'k>, NotOpened<'k>> {
        if !keys.any_allowed() {
            return Err(NotOpened::NothingAllowed);
        }
        match keys.find(ticket.realm, &ticket.sname, self.policy.name_case) {
            Some(name) if name.allowed => self.open_as(keys, name, ticket, room),
            Some(name) => Err(NotOpened::NotAllowed(name)),
            None => self.open_as_alias(keys, ticket, room),
        }
    }

    /// With the keys that retire: as many may be tried again, so that a rotation takes nothing away that was accepted before.
    #[cold]
    fn open_with_retired(&self, ticket: &Ticket<'_>, room: &mut [u8]) -> Option<TicketOpened<'k>> {
        self.ring.retired_at(self.now).and_then(|keys| self.open_with(keys, ticket, room).ok())
    }

    /// Steps K-2, K-3 and A-8.
    fn check_readable(&self, ticket: &Ticket<'_>) -> Result<(), Error> {
        let row = self.check_enctype(ticket)?;
        if ticket.enc_part.cipher.len() < row.overhead_octets() {
            return Err(ErrorKind::Integrity(Part::Ticket).into());
        }
        Ok(())
    }

    fn check_enctype(&self, ticket: &Ticket<'_>) -> Result<&'static EnctypeInfo, Error> {
        let enctype = ticket.enc_part.etype;
        let Some(row) = EnctypeInfo::find(enctype) else {
            return Err(ErrorKind::EtypeUnsupported { enctype }.into());
        };
        let allowed = self.policy.enctypes.allowed(EnctypeRole::Ticket);
        if allowed.contains(&enctype) {
            return Ok(row);
        }
        let name = self.ring.current().find(ticket.realm, &ticket.sname, self.policy.name_case);
        Err(ErrorKind::EtypeNotPermitted {
            role: EnctypeRole::Ticket,
            enctype,
            allowed: allowed.to_vec(),
            in_keytab: name.map_or_else(Vec::new, |name| distinct(name.entries.iter().map(|entry| entry.enctype))),
        }
        .into())
    }

    /// Tries the keys of the ticket's own name, in the order of the policy.
    pub(super) fn open_as(
        &self,
        keys: &'k KeySet,
        name: &'k ServiceName,
        ticket: &Ticket<'_>,
        room: &mut [u8],
    ) -> Result<TicketOpened<'k>, NotOpened<'k>> {
        let sought = (ticket.enc_part.etype, stated_kvno(ticket));
        let mut tried = Trials::new(self.trial_keys.max(1));
        for (entry, key_match) in candidates(&name.entries, sought, self.policy.kvno, self.now) {
            let Some((position, key)) = entry.key.and_then(|at| Some((at, keys.key(at)?))) else { continue };
            if !tried.admits(position) {
                continue;
            }
            if let Some(place) = open_in(room, key, ticket.enc_part.cipher) {
                return Ok(TicketOpened {
                    place,
                    service: &name.principal,
                    kvno: entry.kvno,
                    enctype: entry.enctype,
                    key_match,
                    mark: Some(entry.mark),
                });
            }
            tried.note_failure(position, key_match);
        }
        Err(NotOpened::AsNamed(name, tried.of_other_versions))
    }

    /// Tries the keys of all allowed names: one account may have several.
    pub(super) fn open_as_alias(
        &self,
        keys: &'k KeySet,
        ticket: &Ticket<'_>,
        room: &mut [u8],
    ) -> Result<TicketOpened<'k>, NotOpened<'k>> {
        let mut tried = 0_usize;
        let aliases = alias_candidates(keys, ticket.enc_part.etype, self.policy.aliases, self.now);
        for alias in aliases.take(self.trial_keys) {
            let (Some(name), Some(key)) = (keys.name(alias.name), keys.key(alias.key)) else { continue };
            tried = tried.saturating_add(1);
            if let Some(place) = open_in(room, key, ticket.enc_part.cipher) {
                return Ok(TicketOpened {
                    place,
                    service: &name.principal,
                    kvno: alias.kvno,
                    enctype: ticket.enc_part.etype,
                    key_match: KeyMatch::Alias,
                    mark: Some(alias.mark),
                });
            }
        }
        Err(NotOpened::AsAlias(tried))
    }

    /// Steps K-4 to K-10: which of the causes it is, by what the keytab holds.
    fn refusal(&self, ticket: &Ticket<'_>, why: &NotOpened<'_>) -> Error {
        let keys = self.ring.current();
        match why {
            NotOpened::NothingAllowed => {
                let another_case = keys.allowed_in_another_case().cloned();
                self.no_principal(WantedName::Policy(self.spn.clone()), another_case, 0)
            }
            NotOpened::NotAllowed(name) => {
                let principal = Box::new((*name.principal).clone());
                ErrorKind::NotForUs { principal, policy: self.spn.clone(), named_by: NamedBy::Ticket }.into()
            }
            NotOpened::AsNamed(name, tried) => self.diagnose(name, ticket.enc_part.etype, stated_kvno(ticket), *tried),
            NotOpened::AsAlias(tried) => {
                let wanted = ticket.sname.to_principal(ticket.realm);
                let differs_only_in_case = keys.differs_only_in_case(&wanted).cloned();
                self.no_principal(WantedName::Principal(wanted), differs_only_in_case, *tried)
            }
        }
    }

    fn no_principal(&self, wanted: WantedName, differs_only_in_case: Option<Principal>, tried: usize) -> Error {
        ErrorKind::NoKey(NoKey::Principal {
            wanted: Box::new(wanted),
            present: self.ring.current().present(),
            differs_only_in_case: differs_only_in_case.map(Box::new),
            tried,
        })
        .into()
    }

    /// Steps K-7 to K-10: why no key of the ticket's own name opened it.
    fn diagnose(&self, name: &ServiceName, enctype: Enctype, stated: Option<u32>, tried: usize) -> Error {
        let principal = Box::new((*name.principal).clone());
        let has_enctype = name.entries.iter().any(|entry| entry.enctype == enctype);
        let fits = |entry: &&ServiceEntry| stated.is_none_or(|kvno| entry.kvno == kvno || entry.kvno == 0);
        let version_counts = self.policy.kvno != KvnoPolicy::Ignore;
        let of_version = || name.entries.iter().filter(|entry| !version_counts || fits(entry));
        match stated {
            Some(wanted) if version_counts && of_version().next().is_none() => {
                let present = distinct(name.entries.iter().map(|entry| entry.kvno));
                let direction = if present.iter().any(|kvno| *kvno > wanted) {
                    KvnoDirection::TicketOutOfDate
                } else {
                    KvnoDirection::KeytabOutOfDate
                };
                let enctype_missing = (!has_enctype).then_some(enctype);
                ErrorKind::NoKey(NoKey::Kvno { principal, wanted, present, direction, tried, enctype_missing }).into()
            }
            kvno if !of_version().any(|entry| entry.enctype == enctype) => {
                let present = distinct(of_version().map(|entry| entry.enctype));
                ErrorKind::NoKey(NoKey::Enctype { principal, kvno, wanted: enctype, present }).into()
            }
            kvno => ErrorKind::KeyDoesNotDecrypt { principal, kvno, enctype }.into(),
        }
    }
}

/// The version that the ticket states; 0 states none (step A-6).
#[inline]
pub(super) fn stated_kvno(ticket: &Ticket<'_>) -> Option<u32> {
    ticket.enc_part.kvno.filter(|kvno| *kvno != 0)
}

/// The keys of other names that a policy tries for a ticket of this enctype, in order.
#[inline]
pub(super) fn alias_candidates(
    keys: &KeySet,
    enctype: Enctype,
    policy: AliasPolicy,
    now: Timestamp,
) -> impl Iterator<Item = &ServiceKey> {
    let aliases = match policy {
        AliasPolicy::TryOthers => keys.aliases(enctype),
        AliasPolicy::NameMustMatch => &[],
    };
    aliases.iter().filter(move |alias| alias.mark.is_live(now))
}

/// The entries of one name that a policy tries for a ticket of this enctype and version, in order, and how each relates to
/// it.
#[inline]
pub(super) fn candidates(
    entries: &[ServiceEntry],
    (enctype, stated): (Enctype, Option<u32>),
    policy: KvnoPolicy,
    now: Timestamp,
) -> impl Iterator<Item = (&ServiceEntry, KeyMatch)> {
    let fits = move |entry: &&ServiceEntry| entry.enctype == enctype && entry.mark.is_live(now);
    let of_enctype = move || entries.iter().filter(fits);
    let newest = of_enctype().next().map(|entry| entry.kvno);
    attempts(policy).iter().flat_map(move |wanted| {
        let related = of_enctype().map(move |entry| (entry, key_match(entry, stated, newest)));
        related.filter(|(_, key_match)| wanted.contains(key_match))
    })
}

/// The relations of an entry to the ticket that a policy tries, in order; entries of one row newest first.
fn attempts(policy: KvnoPolicy) -> &'static [&'static [KeyMatch]] {
    use KeyMatch::{Exact, LowBits, OtherKvno, Wildcard};
    match policy {
        KvnoPolicy::Exact => &[&[Exact], &[Wildcard]],
        KvnoPolicy::PreferExactThenTry => &[&[Exact], &[LowBits], &[Wildcard], &[OtherKvno]],
        KvnoPolicy::Ignore => &[&[Exact, LowBits, Wildcard, OtherKvno]],
    }
}

/// How an entry relates to the version that the ticket states.
fn key_match(entry: &ServiceEntry, stated: Option<u32>, newest: Option<u32>) -> KeyMatch {
    match stated {
        None if Some(entry.kvno) == newest => KeyMatch::Exact,
        Some(kvno) if entry.kvno == kvno => KeyMatch::Exact,
        _ if entry.kvno == 0 => KeyMatch::Wildcard,
        Some(kvno) if low_bits_agree(kvno, entry.kvno) => KeyMatch::LowBits,
        _ => KeyMatch::OtherKvno,
    }
}

/// The keys that did not open a ticket: each distinct one is tried once, and no more than the limit.
pub(super) struct Trials {
    limit: usize,
    failed: Vec<usize>,
    of_other_versions: usize,
}

impl Trials {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, failed: Vec::new(), of_other_versions: 0 }
    }

    /// Whether this key is still to be tried.
    pub(super) fn admits(&self, position: usize) -> bool {
        self.failed.len() < self.limit && !self.failed.contains(&position)
    }

    pub(super) fn note_failure(&mut self, position: usize, key_match: KeyMatch) {
        self.failed.push(position);
        if key_match == KeyMatch::OtherKvno || key_match == KeyMatch::LowBits {
            self.of_other_versions = self.of_other_versions.saturating_add(1);
        }
    }
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut seen, value| {
        if !seen.contains(&value) {
            seen.push(value);
        }
        seen
    })
}
