//! The doctor: what will fail, told before any token comes.
//!
//! Layer 5. Given the keys, the policy and what the operator expects, [`Doctor::examine`] lists what is wrong with them, why and
//! when that will fail, and the command that mends it. It opens nothing, resolves no name and asks no KDC: whether the keys are
//! those that the KDC has cannot be seen from here, and [`Diagnosis::commands_for_the_kdc`] says how to find out.
//!
//! **What is an error.** A finding is [`Severity::Error`] if some login will be refused for sure, [`Severity::Warning`] if some may
//! be, or if keys are at risk, and [`Severity::Note`] if it explains something that an operator is likely to run into later. A keytab
//! that is well made, of AES keys for the names that were expected, has no finding at all.
//!
//! **What it costs.** A few passes over the entries; each expected host that is not covered is compared with every name.
//!
//! ```
//! use kerbside::explain::doctor::{Doctor, FindingKind};
//! use kerbside::Keytab;
//!
//! # fn main() -> Result<(), kerbside::keytab::KeytabError> {
//! let keytab = Keytab::from_bytes(&[5, 2])?;
//! let diagnosis = Doctor::new(&keytab).service("HTTP").expect_host("www.example.com").examine();
//! assert!(diagnosis.findings().iter().any(|finding| finding.kind() == FindingKind::KeytabEmpty));
//! println!("{diagnosis}");
//! # Ok(())
//! # }
//! ```
//!
//! # Which name a browser asks for
//!
//! A browser makes the service's name of the host in the URL: `https://www.example.com/` becomes `HTTP/www.example.com`, with or
//! without TLS, and without the port. Three things change that, and none of them can be seen from the server:
//!
//! - If DNS says that the host is an alias (CNAME), Chrome and Edge ask for the name that it stands for, unless their policy
//!   `DisableAuthNegotiateCnameLookup` is set; so do clients on the libraries of MIT and Heimdal, curl and Firefox on Linux
//!   among them, unless `dns_canonicalize_hostname = false` stands in their krb5.conf. Firefox on Windows keeps the alias. Where
//!   hosts have aliases, both names belong into the keytab: [`Doctor::expect_alias`] looks for both.
//! - If the port is not the usual one and the policy `EnableAuthNegotiatePort` is set, Chrome and Edge add it:
//!   `HTTP/www.example.com:8080`.
//! - If the URL has an IP address, there is no name, and Windows falls back to NTLM.
//!
//! [`Diagnosis::names_asked_for`] lists these names for the hosts that were expected.
//!
//! # Tickets and the size of headers
//!
//! A ticket grows with the groups of its user, up to the 48,000 octets of `MaxTokenSize` ([KB 327825]); base64 makes four octets
//! of three, and the header has its own name before them: [`header_octets`]. Whatever stands before the acceptor must let such a line
//! through, else the user sees an error of the proxy (400, 431, 502) and the acceptor sees nothing. What is allowed by default:
//!
//! | Server or proxy | Setting | Default | Counted are |
//! |---|---|---|---|
//! | [nginx] | `large_client_header_buffers` | 4 of 8 KiB | each header line |
//! | [Apache httpd] | `LimitRequestFieldSize` | 8,190 | each header line |
//! | [IIS, http.sys] | `MaxFieldLength`, `MaxRequestBytes` | 16,384 each; at most 65,534 and 16,777,216 | each line; the request line and all headers |
//! | [Tomcat] | `maxHttpHeaderSize`, `maxHttpRequestHeaderSize` | 8,192 | the request line and all headers |
//! | [Jetty] | `requestHeaderSize` | 8,192 | the request line and all headers |
//! | [HAProxy] | `tune.bufsize` less `tune.maxrewrite` | 16,384 less 1,024 | the request line and all headers |
//! | [Envoy] | `max_request_headers_kb` | 60 KiB | all headers |
//! | [Node.js] | `--max-http-header-size` | 16 KiB | all headers |
//! | [AWS application load balancer] | none | 16 KiB a line, 64 KiB in all | each line; all headers |
//! | [hyper, axum: HTTP/1] | `max_buf_size` | some 400 KiB | the request line and all headers |
//! | [hyper, axum: HTTP/2] | `max_header_list_size` | 16 KiB | all headers |
//!
//! 65,536 octets for one line, and some more for all of them, are enough wherever that can be set.
//!
//! [KB 327825]: https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-problems-if-user-belongs-to-groups
//! [nginx]: https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers
//! [Apache httpd]: https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestfieldsize
//! [IIS, http.sys]: https://learn.microsoft.com/troubleshoot/iis/httpsys-registry-windows
//! [Tomcat]: https://tomcat.apache.org/tomcat-10.1-doc/config/http.html
//! [Jetty]: https://github.com/eclipse/jetty.project/issues/6204
//! [HAProxy]: https://docs.haproxy.org/3.0/configuration.html#tune.bufsize
//! [Envoy]: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
//! [Node.js]: https://nodejs.org/api/cli.html#--max-http-header-sizesize
//! [AWS application load balancer]: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
//! [hyper, axum: HTTP/1]: https://docs.rs/hyper/latest/hyper/server/conf/http1/struct.Builder.html#method.max_buf_size
//! [hyper, axum: HTTP/2]: https://docs.rs/hyper/latest/hyper/server/conf/http2/struct.Builder.html#method.max_header_list_size

mod asked;
mod diagnosis;
mod enctypes;
mod entries;
mod finding;
mod headers;
mod hosts;
mod kdc;
mod kind;
mod names;
mod policy;
mod services;

#[cfg(feature = "serde")]
mod serialize;

pub use asked::AskedName;
pub use diagnosis::Diagnosis;
pub use finding::{EntryName, Finding, Severity, Subject};
pub use headers::{header_octets, token_octets_in_header};
pub use kind::FindingKind;

use self::asked::ExpectedHost;
use crate::acceptor::{Policy, Spn};
use crate::keytab::Keytab;
use crate::limits::Limits;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// An examination in the making: the keys are required; whatever else is said lets more be seen.
#[derive(Debug, Clone)]
#[must_use = "a doctor says nothing until `examine` is called"]
pub struct Doctor<'k> {
    keytab: &'k Keytab,
    policy: Policy,
    services: Result<Spn, Box<str>>,
    hosts: Vec<ExpectedHost>,
    realms: Vec<Box<str>>,
    limits: Limits,
    header_limit: Option<usize>,
    now: Option<Timestamp>,
}

impl<'k> Doctor<'k> {
    /// Of these keys, with the default policy, every service in them, and nothing expected.
    pub fn new(keytab: &'k Keytab) -> Self {
        Self {
            keytab,
            policy: Policy::default(),
            services: Ok(Spn::AnyInKeytab),
            hosts: Vec::new(),
            realms: Vec::new(),
            limits: Limits::default(),
            header_limit: None,
            now: None,
        }
    }

    /// The policy that the acceptor will have.
    pub fn policy(mut self, policy: &Policy) -> Self {
        self.policy = policy.clone();
        self
    }

    /// The service that the acceptor will be built with, as [`AcceptorBuilder::service`](crate::AcceptorBuilder::service) takes it.
    /// Text that names no service is a finding.
    pub fn service(mut self, service: &str) -> Self {
        self.services = Spn::parse(service).ok_or_else(|| service.into());
        self
    }

    /// The policy of names that the acceptor will be built with.
    pub fn spn(mut self, spn: Spn) -> Self {
        self.services = Ok(spn);
        self
    }

    /// A host that clients will use, as it stands in their URLs: `www.example.com`, `www.example.com:8080`, or a whole URL.
    pub fn expect_host(mut self, host: &str) -> Self {
        self.hosts.push(ExpectedHost::new(host, None));
        self
    }

    /// A host that is an alias in DNS, and the name that it stands for: some clients ask for the one, some for the other.
    pub fn expect_alias(mut self, host: &str, canonical: &str) -> Self {
        self.hosts.push(ExpectedHost::new(host, Some(canonical)));
        self
    }

    /// A realm that the service must be reachable in.
    pub fn expect_realm(mut self, realm: &str) -> Self {
        self.realms.push(realm.into());
        self
    }

    /// The bounds that the acceptor will have.
    pub fn limits(mut self, limits: &Limits) -> Self {
        self.limits = *limits;
        self
    }

    /// How many octets one header line may have in whatever stands before the acceptor: the smallest of all servers and proxies.
    pub fn header_limit(mut self, octets: usize) -> Self {
        self.header_limit = Some(octets);
        self
    }

    /// The time, without which nothing is said about the age of entries.
    pub fn at(mut self, now: impl Into<Timestamp>) -> Self {
        self.now = Some(now.into());
        self
    }

    /// Lists what is wrong. The same settings always give the same list.
    pub fn examine(&self) -> Diagnosis {
        let mut findings = Findings::default();
        let allowed = services::check(self, &mut findings);
        entries::check_files(self.keytab, &mut findings);
        for principal in self.keytab.principals() {
            names::check(self, principal, &mut findings);
            entries::check_kvnos(self.keytab, principal, &mut findings);
            entries::check_duplicates(self.keytab, principal, &mut findings);
            enctypes::check_leftovers(self.keytab, principal, &mut findings);
            entries::check_times(self, principal, &mut findings);
        }
        names::check_together(self.keytab, &mut findings);
        allowed.iter().for_each(|principal| enctypes::check(self, principal, &mut findings));
        hosts::check(self, &allowed, &mut findings);
        names::check_realms(self, &allowed, &mut findings);
        policy::check(self, &allowed, &mut findings);
        headers::check(self, &mut findings);
        Diagnosis::new(findings.0, asked::names(self, &allowed), kdc::commands(self.keytab, &allowed))
    }

    /// The first component of the names that are asked for: the service's, or `HTTP` if any is accepted.
    fn class(&self) -> &str {
        match &self.services {
            Ok(Spn::Service { class: Some(class), .. }) => class,
            Ok(Spn::Exact(name)) => text_of(name.components().next()).unwrap_or(DEFAULT_CLASS),
            _ => DEFAULT_CLASS,
        }
    }
}

/// What clients ask for where nothing else is said: this crate's users mostly stand behind HTTP.
const DEFAULT_CLASS: &str = "HTTP";

fn text_of(component: Option<&[u8]>) -> Option<&str> {
    component.and_then(|component| core::str::from_utf8(component).ok())
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn push(&mut self, kind: FindingKind, subject: Subject, message: impl AsRef<str>, remedy: impl AsRef<str>) {
        self.0.push(Finding::new(kind, subject, message.as_ref(), remedy.as_ref()));
    }

    /// As [`push`](Self::push), where this case is of another severity than its kind usually is.
    fn push_as(
        &mut self,
        severity: Severity,
        (kind, subject): (FindingKind, Subject),
        message: impl AsRef<str>,
        remedy: impl AsRef<str>,
    ) {
        self.push(kind, subject, message, remedy);
        self.0.last_mut().into_iter().for_each(|finding| finding.set_severity(severity));
    }
}
