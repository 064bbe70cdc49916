//! Programs that log in over http and https, each somebody else's work. They know nothing of the server but its address.

mod chromium;
mod curl;
mod firefox;
mod java;
mod python;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use curl::Curl;

use crate::{Realm, Site, TicketCache};

/// Whose client it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    Curl,
    /// Python's requests with requests-gssapi, which asks the server to prove itself.
    Requests,
    /// Python's httpx with httpx-gssapi, which does too.
    Httpx,
    /// The JDK's `HttpURLConnection`.
    Java,
    /// The browsers, headless.
    Chromium,
    Firefox,
}

impl Client {
    pub const BROWSERS: [Self; 2] = [Self::Chromium, Self::Firefox];
    pub const OTHERS: [Self; 4] = [Self::Curl, Self::Requests, Self::Httpx, Self::Java];

    /// Whether it gives no page of a server that does not prove itself.
    pub fn is_careful(self) -> bool {
        matches!(self, Self::Requests | Self::Httpx)
    }

    /// Whether it can bind its token to a TLS connection. Neither browser does on Linux, nor curl before 8.10, nor
    /// httpx-gssapi 0.6.
    pub fn can_bind(self) -> bool {
        matches!(self, Self::Requests | Self::Java)
    }

    /// Fetches a page, and logs in if it is asked to.
    pub fn visit(self, errand: &Errand<'_>) -> Visit {
        match self {
            Self::Curl => curl::visit(errand),
            Self::Requests => python::visit("requests", errand),
            Self::Httpx => python::visit("httpx", errand),
            Self::Java => java::visit(errand),
            Self::Chromium => chromium::visit(errand),
            Self::Firefox => firefox::visit(errand),
        }
    }
}

/// What a client is to fetch, and with what. Every name under `kerbside.test` is this machine's to it.
#[derive(Clone)]
pub struct Errand<'a> {
    url: String,
    authority: Option<PathBuf>,
    realm: &'a Realm,
    tickets: &'a TicketCache,
    delegation: Delegation,
    binding: Binding,
}

/// Whether the client hands its ticket over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delegation {
    Keep,
    Delegate,
}

/// Whether the client is told to bind its token to the TLS connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binding {
    /// It does what it does by default.
    Untold,
    /// By the server's certificate, RFC 5929 §4.
    ServerEndPoint,
}

impl<'a> Errand<'a> {
    pub fn to(site: &Site, realm: &'a Realm, tickets: &'a TicketCache) -> Self {
        Self::to_url(site.url(), site.authority(), realm, tickets)
    }

    /// To any server, of which the client trusts certificates of this authority.
    pub fn to_url(url: String, authority: Option<PathBuf>, realm: &'a Realm, tickets: &'a TicketCache) -> Self {
        Self { url, authority, realm, tickets, delegation: Delegation::Keep, binding: Binding::Untold }
    }

    /// The client is to delegate its ticket. Java has no setting for it: it does where the KDC says that the service may have it.
    pub fn delegating(mut self) -> Self {
        self.delegation = Delegation::Delegate;
        self
    }

    /// The client is to bind its token, if it [can](Client::can_bind).
    pub fn bound(mut self) -> Self {
        self.binding = Binding::ServerEndPoint;
        self
    }

    fn delegates(&self) -> bool {
        self.delegation == Delegation::Delegate
    }

    fn is_bound(&self) -> bool {
        self.binding == Binding::ServerEndPoint
    }

    /// The host's name and port.
    fn host_and_port(&self) -> (&str, &str) {
        let (_, rest) = self.url.split_once("://").expect("a URL has a scheme");
        let authority = rest.split('/').next().expect("it has at least one part");
        authority.split_once(':').expect("the URL has a port")
    }

    /// A program with the realm's configuration and the tickets.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.equipped(Command::new(program))
    }

    fn equipped(&self, mut command: Command) -> Command {
        command.env("KRB5_CONFIG", self.realm.configuration()).env("KRB5CCNAME", self.tickets.name());
        command
    }

    fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }
}

/// What the client makes of the server's last token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It believes that the server is who it was asked to be.
    Verified,
    /// It does not, and gives no page.
    Refused,
    /// It does not look, or does not say.
    NotChecked,
}

/// How a visit ended.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The status of the last answer, if the client says.
    pub status: Option<u16>,
    /// The text of the page.
    pub body: String,
    pub proof: Proof,
    /// What else the client said.
    pub log: String,
}

/// Lets a browser trust the certificates of this authority, by the database in a directory of its own.
fn trust(authority: &Path, database: &Path) {
    fs::create_dir_all(database).expect("the directory can be written");
    let certutil = |arguments: &[&str]| {
        let database = format!("sql:{}", database.display());
        let output = Command::new("certutil").arg("-d").arg(database).args(arguments).output().expect("certutil runs");
        assert!(output.status.success(), "certutil: {}", String::from_utf8_lossy(&output.stderr));
    };
    certutil(&["-N", "--empty-password"]);
    let authority = authority.to_str().expect("the path is text");
    certutil(&["-A", "-n", "authority", "-t", "C,,", "-i", authority]);
}
