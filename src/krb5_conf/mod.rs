//! A `krb5.conf`, as far as an acceptor is concerned by it: text to policy.
//!
//! Layer 5, beside the acceptor, which knows nothing of it. The text comes from the caller, and so do the texts of the files
//! that it includes: nothing here opens a file, and nothing is taken from the environment.
//!
//! **What is read.** From `[libdefaults]`: `clockskew`, `permitted_enctypes`, `allow_rc4`, `allow_weak_crypto`, `default_realm`,
//! `default_keytab_name`, `ignore_acceptor_hostname`. `[capaths]` becomes the policy's
//! [realm paths](crate::Policy::realm_paths). `[domain_realm]` tells the realm of a host, and `auth_to_local` of `[realms]` is
//! handed on as it stands. Everything else is for clients and KDCs, and passed over.
//!
//! **What is refused.** Text whose structure is broken, and a relation listed above whose value cannot be read: with its line.
//! A setting that silently does not count would be found out by the first user whom it concerns.
//!
//! **What is carried with a warning.** A relation of `[libdefaults]` that neither MIT krb5 nor Heimdal knows, which usually is
//! misspelled; enctypes that are unknown or never supported; RC4, allowed or not ([`Krb5ConfWarning`]).
//!
//! *Q1: `permitted_enctypes` names RC4, and `allow_rc4` is not there. Is it allowed? MIT krb5 does so up to release 1.20, and not
//! since. A: no, and [`Krb5ConfWarning::Rc4NotAllowed`] says what to write: RC4 stays a choice that somebody made by name
//! (RFC 8429).*
//!
//! *Q2: what is a `*` behind a section or a tag? It keeps later files of `KRB5_CONFIG` from adding to it. A: it is read and
//! means nothing, since there is one text.*

mod error;
mod profile;
mod values;
mod warning;

pub use error::{Krb5ConfError, Krb5ConfErrorKind};
pub use profile::{IncludedText, Inclusion};
pub use warning::Krb5ConfWarning;

use self::profile::{Profile, Section, Value};
use self::values::Permitted;
use crate::acceptor::{EnctypeRole, Policy, RealmPaths};
use crate::numbers::Enctype;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// What a `krb5.conf` says to an acceptor.
///
/// ```
/// use kerbside::Policy;
/// use kerbside::krb5_conf::Krb5Conf;
///
/// let conf = Krb5Conf::parse("[libdefaults]\n  clockskew = 2m\n  permitted_enctypes = aes256-cts-hmac-sha1-96\n")?;
/// let mut policy = Policy::default();
/// conf.adjust(&mut policy);
/// assert_eq!(policy.skew.as_secs(), 120);
/// # Ok::<(), kerbside::krb5_conf::Krb5ConfError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Krb5Conf {
    skew: Option<Duration>,
    enctypes: Option<Vec<Enctype>>,
    rc4: Rc4,
    default_realm: Option<String>,
    default_keytab_name: Option<String>,
    acceptor_hostname: AcceptorHostname,
    realm_paths: RealmPaths,
    domain_realm: Vec<(String, String)>,
    auth_to_local: Vec<(String, String)>,
    warnings: Vec<Krb5ConfWarning>,
}

/// Whether the host of a service's name counts, as `ignore_acceptor_hostname` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "a relation that is true or false")]
pub enum AcceptorHostname {
    /// It does, if one is given.
    #[default]
    Counts,
    /// Any host of the service's class is as good.
    Ignored,
}

/// What is said of RC4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Rc4 {
    #[default]
    NotAllowed,
    Allowed,
}

impl Krb5Conf {
    /// Reads a text that includes no other.
    ///
    /// # Errors
    /// [`Krb5ConfErrorKind::Included`] for a text that includes another one, and the others for one that cannot be read, with the
    /// line.
    pub fn parse(text: &str) -> Result<Self, Krb5ConfError> {
        Self::parse_with(text, |_| Err(String::from("the texts of included files were not given")))
    }

    /// Reads a text and those that it includes, which the caller brings. They are read as if they stood in place of the
    /// directive, as whole files: each begins with a section of its own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and [`Krb5ConfErrorKind::Included`] with the caller's reason where that has no text to bring.
    pub fn parse_with(
        text: &str,
        mut include: impl FnMut(Inclusion<'_>) -> Result<Vec<IncludedText>, String>,
    ) -> Result<Self, Krb5ConfError> {
        Self::from_profile(&Profile::parse(text, &mut include)?)
    }

    fn from_profile(profile: &Profile) -> Result<Self, Krb5ConfError> {
        let defaults = profile.section("libdefaults");
        let mut conf = Self {
            skew: defaults.value("clockskew").map(values::duration).transpose()?,
            default_realm: defaults.value("default_realm").map(|value| value.text.clone()),
            default_keytab_name: defaults.value("default_keytab_name").map(|value| value.text.clone()),
            realm_paths: realm_paths(&profile.section("capaths"))?,
            domain_realm: profile.section("domain_realm").values().map(lower_case_tag).collect(),
            auth_to_local: auth_to_local(&profile.section("realms")),
            ..Self::default()
        };
        if is_true(&defaults, "ignore_acceptor_hostname")? {
            conf.acceptor_hostname = AcceptorHostname::Ignored;
        }
        if is_true(&defaults, "allow_rc4")? {
            conf.rc4 = Rc4::Allowed;
            conf.warnings.push(Krb5ConfWarning::Rc4Allowed);
        }
        if is_true(&defaults, "allow_weak_crypto")? {
            conf.warnings.push(Krb5ConfWarning::WeakCrypto);
        }
        if let Some(list) = defaults.value("permitted_enctypes") {
            conf.permit(values::enctypes(list), list)?;
        }
        let unknown = defaults.relations().filter(|relation| !values::is_known(&relation.tag));
        conf.warnings.extend(unknown.map(Krb5ConfWarning::unknown));
        Ok(conf)
    }

    /// Takes the enctypes of a list that this library has, and warns of the others.
    fn permit(&mut self, permitted: Permitted, list: &Value) -> Result<(), Krb5ConfError> {
        let rc4_is_named = permitted.enctypes.contains(&Enctype::RC4_HMAC);
        if rc4_is_named && self.rc4 == Rc4::NotAllowed {
            self.warnings.push(Krb5ConfWarning::Rc4NotAllowed { line: list.line });
        }
        self.warnings
            .extend(permitted.unusable.into_iter().map(|name| Krb5ConfWarning::Enctype { line: list.line, name }));
        let usable = |enctype: &Enctype| *enctype != Enctype::RC4_HMAC || self.rc4 == Rc4::Allowed;
        let enctypes: Vec<_> = permitted.enctypes.into_iter().filter(usable).collect();
        if enctypes.is_empty() {
            return Err(list.error(Krb5ConfErrorKind::NoEnctype));
        }
        self.enctypes = Some(enctypes);
        Ok(())
    }

    /// Puts what the text says into a policy: the skew, the enctypes for all three roles, the paths of realms. What the text
    /// does not say stays as it is in the policy.
    pub fn adjust(&self, policy: &mut Policy) {
        if let Some(skew) = self.skew {
            policy.skew = skew;
        }
        if let Some(enctypes) = &self.enctypes {
            for role in EnctypeRole::ALL {
                policy.enctypes.set(role, enctypes.iter().copied());
            }
        } else if self.rc4 == Rc4::Allowed {
            policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
        }
        if !self.realm_paths.is_empty() {
            policy.realm_paths = self.realm_paths.clone();
        }
    }

    /// How far clocks may be apart, if the text says so.
    #[must_use]
    pub fn clockskew(&self) -> Option<Duration> {
        self.skew
    }

    /// The realm of this machine.
    #[must_use]
    pub fn default_realm(&self) -> Option<&str> {
        self.default_realm.as_deref()
    }

    /// The keytab as the text has it: `FILE:/etc/krb5.keytab`, `/etc/krb5.keytab`, or a name of another kind.
    #[must_use]
    pub fn default_keytab_name(&self) -> Option<&str> {
        self.default_keytab_name.as_deref()
    }

    /// The path of the keytab, if it is a file: `default_keytab_name` without `FILE:` or `WRFILE:`. `None` for another kind, and
    /// for a name with `%{…}`, which only the machine's own library can fill in.
    #[must_use]
    pub fn default_keytab_file(&self) -> Option<&str> {
        let name = self.default_keytab_name()?;
        let path = ["FILE:", "WRFILE:"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name);
        (path.starts_with('/') && !path.contains("%{")).then_some(path)
    }

    /// Whether the host of a service's name counts. Where it is ignored, give the builder a service without a host: `HTTP`.
    #[must_use]
    pub fn acceptor_hostname(&self) -> AcceptorHostname {
        self.acceptor_hostname
    }

    /// The realm of a host by `[domain_realm]`: its own line first, then those of its domains, the nearest first, with and
    /// without the leading dot. Without regard to the case of letters.
    #[must_use]
    pub fn realm_of_host(&self, host: &str) -> Option<&str> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let realm_of =
            |name: &str| self.domain_realm.iter().find(|(tag, _)| tag == name).map(|(_, realm)| realm.as_str());
        realm_of(&host).or_else(|| {
            let dots = host.match_indices('.').map(|(at, _)| host.split_at(at).1);
            dots.into_iter().find_map(|domain| realm_of(domain).or_else(|| realm_of(domain.trim_start_matches('.'))))
        })
    }

    /// The `auth_to_local` rules of a realm, in order, as they stand.
    pub fn auth_to_local<'a>(&'a self, realm: &'a str) -> impl Iterator<Item = &'a str> {
        self.auth_to_local.iter().filter(move |(of, _)| of == realm).map(|(_, rule)| rule.as_str())
    }

    /// What an operator should look at, although the text was read.
    #[must_use]
    pub fn warnings(&self) -> &[Krb5ConfWarning] {
        &self.warnings
    }
}

fn is_true(defaults: &Section<'_>, tag: &str) -> Result<bool, Krb5ConfError> {
    defaults.value(tag).map_or(Ok(false), values::boolean)
}

/// `[capaths]`: a subsection for each client realm, in it a relation for each realm on the way to a service realm.
fn realm_paths(capaths: &Section<'_>) -> Result<RealmPaths, Krb5ConfError> {
    let mut paths = RealmPaths::new();
    for client in capaths.relations() {
        for path in client.subsection()?.values() {
            paths = paths.allow(&client.tag, &path.tag, path.text.split_ascii_whitespace());
        }
    }
    Ok(paths)
}

/// The rules of each realm; a realm without a subsection says nothing of them.
fn auth_to_local(realms: &Section<'_>) -> Vec<(String, String)> {
    let of_realm = |realm: &profile::Relation| {
        let rules = realm.subsection().ok();
        let rules = rules.iter().flat_map(|rules| rules.values()).filter(|rule| rule.tag == "auth_to_local");
        rules.map(|rule| (realm.tag.clone(), rule.text.clone())).collect::<Vec<_>>()
    };
    realms.relations().flat_map(of_realm).collect()
}

fn lower_case_tag(value: &Value) -> (String, String) {
    (value.tag.to_ascii_lowercase(), value.text.clone())
}
