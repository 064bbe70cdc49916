//! Which service names may be accepted.

use crate::principal::{Escaped, Principal};
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// Which entries of the keytab may be used (section 5.2 of the acceptance order).
///
/// The policy filters keytab entries. It cannot bind a ticket to one name where several names share one account's key:
/// the name in a ticket is not authenticated. Separate accounts can, and the client's own statement
/// ([`TargetPolicy`](super::TargetPolicy)).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Spn {
    /// Every entry.
    #[default]
    AnyInKeytab,
    /// This principal alone, realm included.
    Exact(Principal),
    /// Every principal of two components that fits; a part that is `None` fits anything.
    Service {
        /// The first component, `HTTP` for example.
        class: Option<Box<str>>,
        /// The second component, `web.example.com` for example.
        host: Option<Box<str>>,
        /// The realm.
        realm: Option<Box<str>>,
    },
}

/// How names are compared with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum NameCase {
    /// Octet by octet, as MIT and Heimdal do.
    #[default]
    Exact,
    /// Service and host without regard to the case of ASCII letters, as Active Directory does; the realm exactly.
    IgnoreServiceAndHost,
}

impl NameCase {
    /// Whether two components are the same under this rule.
    pub(super) fn same_component(self, a: &[u8], b: &[u8]) -> bool {
        match self {
            Self::Exact => a == b,
            Self::IgnoreServiceAndHost => a.eq_ignore_ascii_case(b),
        }
    }
}

impl Spn {
    /// Reads `HTTP`, `HTTP/host`, `HTTP/host@REALM`, or GSS-API's host-based form `HTTP@host`; `None` for anything else.
    ///
    /// What stands behind an `@` is a realm if a host stands before it, and a host otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, after_at) = match text.split_once('@') {
            Some((name, after)) => (name, Some(after)),
            None => (text, None),
        };
        let (class, host, realm) = match (name.split_once('/'), after_at) {
            (Some((class, host)), realm) => (class, Some(host), realm),
            (None, host) => (name, host, None),
        };
        let empty = |part: Option<&str>| part.is_some_and(|part| part.is_empty() || part.contains(['/', '@']));
        if empty(Some(class)) || empty(host) || empty(realm) {
            return None;
        }
        Some(Self::Service { class: Some(class.into()), host: host.map(Into::into), realm: realm.map(Into::into) })
    }

    /// Whether the policy allows an entry with this name.
    #[must_use]
    pub fn allows(&self, principal: &Principal, case: NameCase) -> bool {
        match self {
            Self::AnyInKeytab => true,
            Self::Exact(exact) => {
                exact.realm() == principal.realm() && same_components(exact.components(), principal.components(), case)
            }
            Self::Service { realm, .. } => {
                fits(realm.as_deref(), principal.realm(), NameCase::Exact)
                    && self.allows_name(principal.components(), case)
            }
        }
    }

    /// Whether the policy would allow an entry with this name if the case of ASCII letters did not count anywhere.
    pub(super) fn allows_in_another_case(&self, principal: &Principal) -> bool {
        let case = NameCase::IgnoreServiceAndHost;
        match self {
            Self::AnyInKeytab => true,
            Self::Exact(exact) => exact.eq_ignore_ascii_case(principal),
            Self::Service { realm, .. } => {
                fits(realm.as_deref(), principal.realm(), case) && self.allows_name(principal.components(), case)
            }
        }
    }

    /// Whether the policy allows a name whose realm is not known. [`AnyInKeytab`](Self::AnyInKeytab) does.
    pub(super) fn allows_name<'a>(&self, name: impl Iterator<Item = &'a [u8]>, case: NameCase) -> bool {
        match self {
            Self::AnyInKeytab => true,
            Self::Exact(exact) => same_components(exact.components(), name, case),
            Self::Service { class, host, .. } => {
                let mut name = name;
                match (name.next(), name.next(), name.next()) {
                    (Some(first), Some(second), None) => {
                        fits(class.as_deref(), first, case) && fits(host.as_deref(), second, case)
                    }
                    _ => false,
                }
            }
        }
    }
}

fn fits(wanted: Option<&str>, found: &[u8], case: NameCase) -> bool {
    wanted.is_none_or(|wanted| case.same_component(wanted.as_bytes(), found))
}

/// Whether two names have the same components under this rule.
pub(super) fn same_components<'a, 'b>(
    a: impl Iterator<Item = &'a [u8]>,
    b: impl Iterator<Item = &'b [u8]>,
    case: NameCase,
) -> bool {
    let (mut a, mut b) = (a, b);
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if case.same_component(a, b) => {}
            _ => return false,
        }
    }
}

impl fmt::Display for Spn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyInKeytab => f.write_str("any service in the keytab"),
            Self::Exact(principal) => principal.fmt(f),
            Self::Service { class, host, realm } => {
                let part = |part: &Option<Box<str>>| part.as_deref().map_or_else(|| String::from("*"), String::from);
                let text = alloc::format!("{}/{}@{}", part(class), part(host), part(realm));
                write!(f, "{}", Escaped { octets: text.as_bytes(), special: &[] })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn reads_the_four_forms_of_a_service() {
        for (text, shown) in [
            ("HTTP", "HTTP/*@*"),
            ("HTTP/web.example.com", "HTTP/web.example.com@*"),
            ("HTTP/web.example.com@EXAMPLE.COM", "HTTP/web.example.com@EXAMPLE.COM"),
            ("HTTP@web.example.com", "HTTP/web.example.com@*"),
        ] {
            assert_eq!(Spn::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn refuses_text_that_names_no_service() {
        for text in ["", "/host", "HTTP/", "HTTP@", "HTTP/a/b", "HTTP/host@", "HTTP/host@R@S", "@R"] {
            assert_eq!(Spn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn case_counts_unless_the_policy_says_otherwise() {
        let entry: Principal = "http/WEB@R".parse().unwrap();
        let policy = Spn::parse("HTTP/web@R").unwrap();
        assert!(!policy.allows(&entry, NameCase::Exact));
        assert!(policy.allows(&entry, NameCase::IgnoreServiceAndHost));
        let lower_realm: Principal = "HTTP/web@r".parse().unwrap();
        assert!(!policy.allows(&lower_realm, NameCase::IgnoreServiceAndHost));
    }
}
