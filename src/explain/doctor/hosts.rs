//! Whether the hosts that clients will use are in the keytab, and what is there in their place.

use super::asked::{ExpectedHost, covers};
use super::enctypes::remake;
use super::finding::shown;
use super::names::class_and_host;
use super::services::some;
use super::{Doctor, FindingKind, Findings, Subject};
use crate::acceptor::AliasPolicy;
use crate::principal::Principal;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) fn check(doctor: &Doctor<'_>, allowed: &[&Principal], findings: &mut Findings) {
    for expected in &doctor.hosts {
        let subject = || Subject::Host(expected.host.clone());
        if expected.is_address() {
            findings.push(
                FindingKind::HostIsAddress,
                subject(),
                "is an address: clients make no service's name of it, and Windows falls back to NTLM \
                 (Token.NotKerberos)",
                "use a host name in URLs, and in links and proxies too",
            );
            continue;
        }
        if !expected.is_name() {
            findings.push(
                FindingKind::HostNotAName,
                subject(),
                "is not what a browser sends as a host",
                "write it as it stands in the URL, letters outside ASCII as `xn--…`",
            );
            continue;
        }
        check_host(doctor, expected, allowed, findings);
        check_canonical(doctor, expected, allowed, findings);
        if let Some(port) = expected.port {
            findings.push(
                FindingKind::HostPort,
                subject(),
                format!(
                    "is used with port {port}, which is not part of the service's name unless a policy of the \
                     browser says so"
                ),
                format!(
                    "register the name without the port; where browsers have EnableAuthNegotiatePort, add the \
                     other: `setspn -S {}/{}:{port} ACCOUNT`",
                    doctor.class(),
                    expected.host
                ),
            );
        }
    }
}

fn check_host(doctor: &Doctor<'_>, expected: &ExpectedHost, allowed: &[&Principal], findings: &mut Findings) {
    if covers(doctor, allowed, &expected.host) {
        if !expected.host.contains('.') {
            findings.push(
                FindingKind::HostShort,
                Subject::Host(expected.host.clone()),
                "is a short name: clients that complete it by DNS ask for the long one instead",
                "expect the long name as well, and have both in the keytab",
            );
        }
        return;
    }
    let wanted = Wanted { doctor, host: &expected.host };
    let (kind, message, remedy) = wanted.explain(allowed);
    findings.push(kind, Subject::Host(expected.host.clone()), message, remedy);
}

/// The other name of an alias, which some clients ask for.
fn check_canonical(doctor: &Doctor<'_>, expected: &ExpectedHost, allowed: &[&Principal], findings: &mut Findings) {
    let Some(canonical) = expected.canonical.as_deref().filter(|canonical| !covers(doctor, allowed, canonical)) else {
        return;
    };
    let class = doctor.class();
    findings.push(
        FindingKind::HostCanonical,
        Subject::Host(expected.host.clone()),
        format!(
            "is an alias of {canonical}, which Chrome, Edge, and clients of MIT and Heimdal ask for by default, \
             and {class}/{canonical} is not in the keytab",
            canonical = shown(canonical)
        ),
        format!(
            "add {class}/{canonical} to the account (`setspn -S`) and to the keytab, make the host an A record, or \
             set DisableAuthNegotiateCnameLookup and `dns_canonicalize_hostname = false` on the clients",
            canonical = shown(canonical)
        ),
    );
}

/// A host that is not covered, and why.
struct Wanted<'w, 'k> {
    doctor: &'w Doctor<'k>,
    host: &'w str,
}

type Explained = (FindingKind, String, String);

impl<'k> Wanted<'_, 'k> {
    /// The likeliest reason first: it is there, but …
    fn explain(&self, allowed: &[&'k Principal]) -> Explained {
        let all: Vec<_> = self.doctor.keytab.principals().collect();
        let in_case = |principal: &&&Principal| self.is_named(principal, |host| host.eq_ignore_ascii_case(self.host));
        let exactly = |principal: &&&Principal| class_and_host(principal) == Some((self.doctor.class(), self.host));
        let other_label = |principal: &&&Principal| self.is_named(principal, |host| self.is_other_form(host));
        if let Some(found) = allowed.iter().find(exactly) {
            return self.other_realm(found);
        }
        if let Some(found) = all.iter().find(exactly) {
            return self.excluded(found);
        }
        if let Some(found) = all.iter().find(in_case) {
            return self.other_case(found);
        }
        if let Some(found) = all.iter().find(other_label) {
            return self.other_form(found);
        }
        self.missing(&all)
    }

    fn is_named(&self, principal: &Principal, fits: impl Fn(&str) -> bool) -> bool {
        class_and_host(principal)
            .is_some_and(|(class, host)| class.eq_ignore_ascii_case(self.doctor.class()) && fits(host))
    }

    /// `web` and `web.example.com` are two forms of one host, if DNS has it so.
    fn is_other_form(&self, host: &str) -> bool {
        let (long, short) = if self.host.contains('.') { (self.host, host) } else { (host, self.host) };
        !short.contains('.') && long.split('.').next().is_some_and(|label| label.eq_ignore_ascii_case(short))
    }

    fn name(&self) -> String {
        format!("{}/{}", self.doctor.class(), self.host)
    }

    fn other_realm(&self, found: &Principal) -> Explained {
        let message = format!(
            "is there in another realm than was expected, as {found}: tickets of the expected realm are refused"
        );
        let remedy = format!("expect that realm too, or {}", remake(&self.in_realm_of(found)));
        (FindingKind::HostOtherRealm, message, remedy)
    }

    fn excluded(&self, found: &Principal) -> Explained {
        let message = format!(
            "is there, as {found}, and the accepted services exclude it: tickets for it are refused with NotForUs"
        );
        (FindingKind::HostExcluded, message, String::from("accept it too: widen `.service(…)` or `.spn(…)`"))
    }

    fn other_case(&self, found: &Principal) -> Explained {
        let message = format!(
            "is there in another case, as {found}: case counts, and tickets for {} are refused with NoKey.Principal",
            self.name()
        );
        let remedy = format!(
            "{}; or let the case not count: `NameCase::IgnoreServiceAndHost`",
            remake(&self.in_realm_of(found))
        );
        (FindingKind::HostOtherCase, message, remedy)
    }

    fn other_form(&self, found: &Principal) -> Explained {
        let form = if self.host.contains('.') { "short" } else { "long" };
        let message = format!(
            "is there in its {form} form alone, as {found}: tickets for {} are refused{}",
            self.name(),
            self.but_for_aliases()
        );
        (FindingKind::HostOtherForm, message, self.add(found))
    }

    fn missing(&self, all: &[&Principal]) -> Explained {
        let nearest = self.nearest(all);
        let there = match nearest[..] {
            [] => format!("the keytab has {}", some(all)),
            _ => format!("nearest are {}", some(&nearest)),
        };
        let message =
            format!("has no entry: tickets for {} are refused{}; {there}", self.name(), self.but_for_aliases());
        let remedy = match nearest.first().or_else(|| all.first()) {
            Some(model) => self.add(model),
            None => format!("make keys for {}", self.name()),
        };
        (FindingKind::HostNotCovered, message, remedy)
    }

    fn but_for_aliases(&self) -> &'static str {
        match self.doctor.policy.aliases {
            AliasPolicy::TryOthers => " unless one account has both names",
            _ => "",
        }
    }

    fn add(&self, model: &Principal) -> String {
        let name = self.in_realm_of(model);
        format!("give the account the name (`setspn -S {} ACCOUNT`) and {}", self.name(), remake(&name))
    }

    fn in_realm_of(&self, model: &Principal) -> Principal {
        let expected = self.doctor.realms.first().map(|realm| realm.as_bytes());
        Principal::new(expected.unwrap_or_else(|| model.realm()), [self.doctor.class(), self.host])
    }

    /// The names whose hosts are most like this one: in the same domain, or with the same first label.
    fn nearest<'p>(&self, all: &[&'p Principal]) -> Vec<&'p Principal> {
        const MOST: usize = 3;
        let score = |principal: &&Principal| {
            let Some((class, host)) = class_and_host(principal) else { return 0 };
            let same_class = u32::from(class.eq_ignore_ascii_case(self.doctor.class()));
            let labels = common_labels(host.split('.').rev(), self.host.split('.').rev());
            let first = common_labels(host.split('.').take(1), self.host.split('.').take(1));
            // A common top-level domain is no likeness.
            let host = if labels > 1 { labels } else { 0 }.saturating_add(first.saturating_mul(2));
            if host > 0 { host.saturating_mul(2).saturating_add(same_class) } else { 0 }
        };
        let mut near: Vec<_> = all.iter().copied().filter(|principal| score(principal) > 0).collect();
        near.sort_by_key(|principal| core::cmp::Reverse(score(principal)));
        near.truncate(MOST);
        near
    }
}

fn common_labels<'a>(a: impl Iterator<Item = &'a str>, b: impl Iterator<Item = &'a str>) -> u32 {
    let same = a.zip(b).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    u32::try_from(same).unwrap_or(u32::MAX)
}
