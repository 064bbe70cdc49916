//! What each step looked at, in words: the value found, and the limit or what was wanted.

use super::envelope::Octets;
use super::{Recorded, Recorder, Step};
use crate::acceptor::checks::Proofs;
use crate::acceptor::error::EnctypeRole;
use crate::acceptor::error::shown::{Kvno, List, Span};
use crate::acceptor::policy::{
    AddressPolicy, AnonymousPolicy, BindingPolicy, DelegationPolicy, Leniency, RestartPolicy, TargetPolicy,
};
use crate::acceptor::ticket::TicketOpened;
use crate::gss::{ContextFlags, GssChecksum};
use crate::messages::{ApReq, EncTicketPart, Ticket};
use crate::numbers::{ChecksumType, Enctype};
use crate::principal::Escaped;
use crate::time::Timestamp;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// How many items of a list that a peer wrote are shown.
const SHOWN: usize = 8;

impl Recorder<'_> {
    /// Steps A-2 to K-0.
    pub(super) fn values_of_ap_req(&mut self, ap_req: &ApReq<'_>) {
        self.ledger.note(Step::A2, ap_req.pvno, 5);
        self.ledger.note(Step::A3, ap_req.msg_type, 14);
        self.ledger.note(Step::A5, ap_req.ticket.tkt_vno, 5);
        let given = match self.connection.session_key_of_tgt() {
            Some(_) => "a ticket under the session key that was given",
            None => "a ticket under the service's own key",
        };
        let options: Vec<_> = ap_req.ap_options.names().collect();
        self.ledger.note(Step::K0, format_args!("ap-options: {}", List(&options)), given);
    }

    /// Steps K-2 to K-10.
    pub(super) fn values_of_ticket(&mut self, ticket: &Ticket<'_>) {
        let policy = &self.settings.policy;
        let etype = ticket.enc_part.etype;
        self.ledger.note(Step::K3, etype, "");
        self.ledger.note(Step::K2, etype, Permitted(policy.enctypes.allowed(EnctypeRole::Ticket)));
        self.ledger.note(Step::A8, Octets(ticket.enc_part.cipher.len()), "");
        self.ledger.note(Step::K4, "", format_args!("service policy: {}", self.settings.spn));
        let services = format!("service policy: {}", self.settings.spn);
        self.ledger.note(Step::K5, ticket.sname.in_realm(ticket.realm), services);
        let present = format!("the keytab has {}", self.keys().present());
        self.ledger.note(Step::K6, ticket.sname.in_realm(ticket.realm), present);
        let stated = crate::acceptor::ticket::stated_kvno(ticket);
        let own = self.keys().find(ticket.realm, &ticket.sname, policy.name_case);
        let entries = own.map_or(&[][..], |own| &own.entries);
        let distinct = |items: Vec<String>| {
            let mut seen: Vec<String> = Vec::new();
            items.into_iter().for_each(|item| {
                if !seen.contains(&item) {
                    seen.push(item)
                }
            });
            seen.truncate(SHOWN);
            seen
        };
        let kvnos = distinct(entries.iter().map(|entry| entry.kvno.to_string()).collect());
        let held = if kvnos.is_empty() { String::new() } else { format!("the keytab has kvno {}", List(&kvnos)) };
        for step in [Step::K7, Step::K8] {
            self.ledger.note(step, Kvno(stated), &held);
        }
        let enctypes = distinct(entries.iter().map(|entry| name(&entry.enctype)).collect());
        let held = if enctypes.is_empty() { String::new() } else { format!("the keytab has {}", List(&enctypes)) };
        self.ledger.note(Step::K9, etype, held);
    }

    /// What the opened ticket says: steps N-2 to D-3.
    pub(super) fn values_of_part(&mut self, part: &EncTicketPart<'_>, ticket: &TicketOpened<'_>) {
        let (policy, now) = (&self.settings.policy, self.now);
        let opened = format!("{} kvno {}, {}", ticket.service, ticket.kvno, ticket.enctype);
        self.ledger.note(Step::K10, opened, "");
        self.ledger.note(Step::U3, part.key.keytype, "");
        let realm = Escaped { octets: part.crealm, special: &[] };
        let wanted = match &policy.client_realms {
            None => String::from("any realm"),
            Some(realms) => {
                let realms: Vec<_> = realms.iter().map(|realm| Escaped { octets: realm, special: &[] }).collect();
                List(&realms).to_string()
            }
        };
        let anonymous = match policy.anonymous {
            AnonymousPolicy::Refuse => "nobody anonymous",
            AnonymousPolicy::Allow => "anonymous clients too",
        };
        self.ledger.note(Step::N2, realm, format_args!("accepted: {wanted}; {anonymous}"));
        self.values_of_addresses(part);
        let contents = Escaped { octets: part.transited.contents, special: &[] };
        let service_realm = Escaped { octets: ticket.service.realm(), special: &[] };
        self.ledger.note(Step::N5, part.transited.tr_type, 1);
        let through = if part.transited.contents.is_empty() { "no realm between" } else { "through " };
        let from = Escaped { octets: part.crealm, special: &[] };
        self.ledger.note(Step::N4, format_args!("from {from} to {service_realm}, {through}{contents}"), "");

        let starts = part.starttime.unwrap_or(part.authtime);
        let skew = Span(policy.skew);
        self.ledger.note(
            Step::D1,
            format_args!("from {starts}, {}", Relative { time: starts.into(), now }),
            format_args!("at most {skew} after {now}"),
        );
        self.ledger.note(Step::D2, List(&part.flags.names().collect::<Vec<_>>()), "");
        self.ledger.note(
            Step::D3,
            format_args!("until {}, {}", part.endtime, Relative { time: part.endtime.into(), now }),
            format_args!("at most {skew} before {now}"),
        );
    }

    fn values_of_addresses(&mut self, part: &EncTicketPart<'_>) {
        let addresses = || part.caddr.iter().flat_map(|addresses| addresses.iter());
        let shown: Vec<_> = addresses()
            .take(SHOWN)
            .map(|address| match address.to_ip_addr() {
                Some(address) => address.to_string(),
                None => format!("one of type {}", address.addr_type),
            })
            .collect();
        let more = addresses().count().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let peer = self.connection.peer().map_or_else(|| String::from("not known"), |peer| peer.to_string());
        let wanted = match self.settings.policy.addresses {
            AddressPolicy::Ignore => "not compared",
            AddressPolicy::VerifyIfPresent => "one equal, if both are known",
            AddressPolicy::Require => "one equal",
        };
        self.ledger.note(Step::N3, format_args!("peer {peer}, ticket for {}{more}", AnyIfEmpty(&shown)), wanted);
    }

    /// What the authenticator says, and what was agreed.
    pub(super) fn values_of_proofs(&mut self, proofs: &Proofs<'_, Recorded>) {
        let (policy, now) = (&self.settings.policy, self.now);
        let Some(authenticator) = proofs.authenticator else { return };
        let (part, fields) = (proofs.part, authenticator.fields());
        self.ledger.note(Step::N1, fields.cname.in_realm(fields.crealm), part.cname.in_realm(part.crealm));
        let client = authenticator.time();
        let signed = Signed { client, server: now };
        self.ledger.note(
            Step::D4,
            format_args!("client {client}, acceptor {now}: {signed}"),
            format_args!("at most {} apart", Span(policy.skew)),
        );
        let allowed = |role| Permitted(policy.enctypes.allowed(role));
        let session_key = authenticator.session_key().enctype();
        self.ledger.note(Step::E2, session_key, allowed(EnctypeRole::SessionKey));
        match fields.subkey {
            Some(subkey) => self.ledger.note(Step::E3, subkey.keytype, allowed(EnctypeRole::Subkey)),
            None if proofs.enctypes.is_some() => self.ledger.skip(&[Step::E3]),
            None => {}
        }
        if let Some(enctypes) = proofs.enctypes {
            self.ledger.pass(&[Step::E5]);
            self.ledger.note(Step::E5, enctypes.acceptor_subkey(), "");
        }
        match fields.seq_number {
            Some(_) => self.ledger.pass(&[Step::M4]),
            None => self.ledger.note(Step::M4, "none", "one (RFC 4121 §4.1.1)"),
        }
        self.values_of_checksum(proofs);
        self.values_of_statements(proofs);
        self.ledger.note(Step::R1, "not asked: nothing was looked up or stored", "");
    }

    fn values_of_checksum(&mut self, proofs: &Proofs<'_, Recorded>) {
        let policy = &self.settings.policy;
        let Some(authenticator) = proofs.authenticator else { return };
        let checksum = authenticator.fields().cksum;
        let leniency = |leniency| match leniency {
            Leniency::Refuse => "",
            Leniency::Tolerate => ", or none by policy",
        };
        let gss = checksum
            .filter(|checksum| checksum.cksumtype == ChecksumType::GSS)
            .and_then(|checksum| GssChecksum::from_octets(checksum.checksum));
        match checksum {
            None => {
                self.ledger.note(Step::C1, "none", format_args!("one{}", leniency(policy.missing_checksum)));
                self.ledger.skip(&[Step::C2, Step::C3, Step::C4]);
            }
            Some(checksum) => {
                self.ledger.note(Step::C1, Octets(checksum.checksum.len()), "");
                self.ledger.note(Step::C2, checksum.cksumtype, ChecksumType::GSS);
                if checksum.cksumtype == ChecksumType::GSS {
                    self.ledger.note(Step::C3, Octets(checksum.checksum.len()), "24 octets or more");
                } else {
                    self.ledger.skip(&[Step::C3, Step::C4]);
                }
            }
        }
        if let Some(gss) = gss {
            let rest = gss.rest.len();
            let behind = if rest > 0 { format!(", and {} behind them", Octets(rest)) } else { String::new() };
            self.ledger.note(Step::C4, format_args!("{}{behind}", List(&gss.flags.names().collect::<Vec<_>>())), "");
            self.ledger.pass(&[Step::C4]);
        }
        let bound = gss.is_some_and(|gss| !gss.bindings.is_none());
        let given = self.connection.bindings().len();
        let found = if bound { "the token is bound to a channel" } else { "the token is bound to no channel" };
        let wanted = match (policy.channel_bindings, given) {
            (_, 0) => "the caller gave no bindings to compare with",
            (BindingPolicy::Ignore, _) => "not compared",
            (BindingPolicy::AcceptIfAbsent, _) => "the caller's channel, or none that was announced",
            (BindingPolicy::Require, _) => "the caller's channel",
        };
        self.ledger.note(Step::C6, found, wanted);
        let delegates = gss.is_some_and(|gss| gss.flags.contains(ContextFlags::DELEG));
        match (delegates, policy.delegation) {
            (true, DelegationPolicy::Accept) => {}
            _ if proofs.delegation.is_none() => {}
            (delegates, _) => {
                self.ledger.skip(&[Step::C8, Step::C9]);
                let found = if delegates { "credentials are delegated, and not looked at" } else { "" };
                self.ledger.note(Step::C8, found, "");
            }
        }
    }

    fn values_of_statements(&mut self, proofs: &Proofs<'_, Recorded>) {
        let policy = &self.settings.policy;
        if let Some(statements) = &proofs.statements {
            let target = statements.client_target.as_deref().unwrap_or("nothing said");
            let wanted = match policy.target {
                TargetPolicy::Ignore => "not compared",
                TargetPolicy::VerifyIfPresent => "one of this acceptor's names, if said",
                TargetPolicy::Require => "one of this acceptor's names",
            };
            self.ledger.note(Step::Spn, Escaped { octets: target.as_bytes(), special: &[] }, wanted);
        }
        let (Some(authenticator), Some(started)) = (proofs.authenticator, self.settings.started) else {
            return;
        };
        let wanted = match policy.restart {
            RestartPolicy::Accept => String::from("not compared"),
            RestartPolicy::RejectOlderThanStart => format!("at or after the start, {started}"),
            RestartPolicy::RejectForSkew => format!("{} after the start, {started}", Span(policy.skew)),
        };
        self.ledger.note(Step::R9, authenticator.time(), wanted);
    }
}

/// `in 9 h 59 min`, `2 h 0 min ago`, `now`.
struct Relative {
    time: Timestamp,
    now: Timestamp,
}

impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.time > self.now {
            write!(f, "in {}", Span(self.time.saturating_since(self.now)))
        } else if self.time < self.now {
            write!(f, "{} ago", Span(self.now.saturating_since(self.time)))
        } else {
            f.write_str("now")
        }
    }
}

/// `+7 min 12 s, the client is ahead`.
struct Signed {
    client: Timestamp,
    server: Timestamp,
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.client > self.server {
            write!(f, "+{}, the client is ahead", Span(self.client.saturating_since(self.server)))
        } else if self.client < self.server {
            write!(f, "-{}, the client is behind", Span(self.server.saturating_since(self.client)))
        } else {
            f.write_str("equal")
        }
    }
}

/// What a policy permits, by name.
struct Permitted<'a>(&'a [Enctype]);

impl fmt::Display for Permitted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(name).collect();
        write!(f, "permitted: {}", List(&names))
    }
}

/// `a, b`, or `any address`.
struct AnyIfEmpty<'a>(&'a [String]);

impl fmt::Display for AnyIfEmpty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("any address") } else { List(self.0).fmt(f) }
    }
}

fn name(enctype: &Enctype) -> String {
    enctype.name().map_or_else(|| enctype.to_string(), ToString::to_string)
}
