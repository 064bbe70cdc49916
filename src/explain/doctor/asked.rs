//! Which name a client makes of the host in a URL (ASK-11). DNS is not asked, so every possibility is told.

use super::Doctor;
use super::finding::shown;
use super::names::class_and_host;
use crate::acceptor::NameCase;
use crate::principal::Principal;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

/// A name that some clients ask for, without its realm: the KDC, or the client's krb5.conf, knows that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedName {
    name: Box<str>,
    by: &'static str,
    coverage: Coverage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coverage {
    Covered,
    Missing,
}

impl AskedName {
    /// The name: `HTTP/www.example.com`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which clients ask for it, and when.
    #[must_use]
    pub fn by(&self) -> &str {
        self.by
    }

    /// Whether the keytab has an entry of it that the acceptor may use.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.coverage == Coverage::Covered
    }
}

impl fmt::Display for AskedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coverage = if self.is_covered() { "in the keytab" } else { "not in the keytab" };
        write!(f, "{}: {}; {coverage}", shown(&self.name), self.by)
    }
}

/// A host as it stands in URLs, taken apart.
#[derive(Debug, Clone)]
pub(super) struct ExpectedHost {
    /// In lower case, as browsers write it.
    pub(super) host: Box<str>,
    /// The port, if one was given that is not the usual one.
    pub(super) port: Option<u16>,
    /// What the host is an alias of.
    pub(super) canonical: Option<Box<str>>,
}

impl ExpectedHost {
    pub(super) fn new(text: &str, canonical: Option<&str>) -> Self {
        let (host, port) = host_and_port(text);
        let canonical = canonical.map(|text| host_and_port(text).0.to_ascii_lowercase().into());
        Self { host: host.to_ascii_lowercase().into(), port: port.filter(|port| ![80, 443].contains(port)), canonical }
    }

    pub(super) fn is_address(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok()
    }

    /// Whether it is what a browser sends for a host: letters of other alphabets are `xn--…` by then.
    pub(super) fn is_name(&self) -> bool {
        !self.host.is_empty() && self.host.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-._".contains(&octet))
    }
}

/// `www.example.com` and 8080 of `https://www.example.com:8080/path`; a dot at the end is left off, brackets too.
fn host_and_port(text: &str) -> (&str, Option<u16>) {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if let Some((address, after)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, after.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    (host.strip_suffix('.').unwrap_or(host), port)
}

/// The names that clients ask for to reach the expected hosts.
pub(super) fn names(doctor: &Doctor<'_>, allowed: &[&Principal]) -> Vec<AskedName> {
    let mut names = Vec::new();
    for expected in doctor.hosts.iter().filter(|expected| expected.is_name() && !expected.is_address()) {
        let mut push = |host: &str, by| {
            let coverage = if covers(doctor, allowed, host) { Coverage::Covered } else { Coverage::Missing };
            names.push(AskedName { name: format!("{}/{host}", doctor.class()).into(), by, coverage });
        };
        match &expected.canonical {
            None => push(&expected.host, "every client, unless DNS says that the host is an alias"),
            Some(canonical) => {
                push(
                    &expected.host,
                    "Firefox on Windows, Chrome and Edge with DisableAuthNegotiateCnameLookup, MIT and Heimdal \
                     with dns_canonicalize_hostname = false",
                );
                push(canonical, "Chrome and Edge by default, curl and others on MIT and Heimdal by default");
            }
        }
        if let Some(port) = expected.port {
            push(
                &format!("{}:{port}", expected.host),
                "Chrome and Edge with EnableAuthNegotiatePort; nobody by default",
            );
        }
    }
    names
}

/// Whether some allowed entry has the service's name for this host, in a realm that is expected.
pub(super) fn covers(doctor: &Doctor<'_>, principals: &[&Principal], host: &str) -> bool {
    let class = doctor.class();
    let same = |a: &str, b: &str| match doctor.policy.name_case {
        NameCase::IgnoreServiceAndHost => a.eq_ignore_ascii_case(b),
        _ => a == b,
    };
    let fits = |principal: &&&Principal| {
        let realm_fits =
            doctor.realms.is_empty() || doctor.realms.iter().any(|realm| realm.as_bytes() == principal.realm());
        realm_fits && class_and_host(principal).is_some_and(|(c, h)| same(c, class) && same(h, host))
    };
    principals.iter().find(fits).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_in_what_people_paste() {
        for (text, host, port) in [
            ("www.example.com", "www.example.com", None),
            ("WWW.Example.Com.", "www.example.com", None),
            ("https://www.example.com", "www.example.com", None),
            ("https://www.example.com:443/", "www.example.com", None),
            ("http://www.example.com:8080/a:b?c#d", "www.example.com", Some(8080)),
            ("www:80", "www", None),
            ("10.0.0.1:8080", "10.0.0.1", Some(8080)),
            ("[2001:db8::1]:8443", "2001:db8::1", Some(8443)),
            ("2001:db8::1", "2001:db8::1", None),
        ] {
            let expected = ExpectedHost::new(text, None);
            assert_eq!((&*expected.host, expected.port), (host, port), "{text}");
        }
    }
}
