//! What is known of a request when nobody has been asked for anything.

use super::network::canonical;
use alloc::vec::Vec;
use core::net::IpAddr;

/// What rules can ask about one request. All of it is the client's word, but the transport and, where
/// [`TrustedProxies`](super::TrustedProxies) found it, the address: it decides who is asked to log in, never who is let in.
#[derive(Debug, Clone)]
pub struct RequestFacts<'r> {
    path: &'r str,
    host: Option<&'r str>,
    user_agent: Option<&'r str>,
    cookies: Vec<&'r str>,
    client: Option<IpAddr>,
    transport: Transport,
}

/// How the request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "encrypted or not")]
pub enum Transport {
    /// In the clear, or nothing is known of it.
    #[default]
    Plain,
    /// Over TLS, up to this server or to a proxy that is trusted.
    Tls,
}

impl<'r> RequestFacts<'r> {
    /// A request for this path, without its query, of which nothing else is known.
    #[must_use]
    pub fn new(path: &'r str) -> Self {
        Self { path, host: None, user_agent: None, cookies: Vec::new(), client: None, transport: Transport::default() }
    }

    /// The value of `Host`, or of `:authority`; the port does not count.
    #[must_use]
    pub fn with_host(mut self, host: &'r str) -> Self {
        let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|octet| octet.is_ascii_digit()));
        self.host = Some(port.map_or(host, |(host, _)| host));
        self
    }

    /// The value of `User-Agent`.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: &'r str) -> Self {
        self.user_agent = Some(user_agent);
        self
    }

    /// A line of `Cookie`; there may be several (RFC 9113 §8.2.3).
    #[must_use]
    pub fn with_cookies(mut self, line: &'r str) -> Self {
        self.cookies.push(line);
        self
    }

    /// The client's address: that of the connection's other end, or what [`TrustedProxies`](super::TrustedProxies) say.
    #[must_use]
    pub fn with_client(mut self, address: IpAddr) -> Self {
        self.client = Some(canonical(address));
        self
    }

    /// How it came.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path
    }

    /// The host, without a port.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host
    }

    /// The browser.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent
    }

    /// The client's address.
    #[must_use]
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// How it came.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// The value of the first cookie of that name (RFC 6265 §4.2.1).
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.cookies.iter().flat_map(|line| line.split(';'));
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(given, _)| *given == name).map(|(_, value)| value)
    }
}
