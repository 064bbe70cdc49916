//! Whom to ask: rules about requests.

use super::network::Network;
use super::pattern::Pattern;
use super::request::RequestFacts;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// Which requests are selected. An empty selection selects all.
///
/// Rules of one kind are alternatives, and every kind that has a rule must have one that fits: requests of one of these browsers, *and* from
/// one of these networks. Patterns have `*` and `?` and fit the whole text.
///
/// ```
/// use kerbside::http::gate::{RequestFacts, Selection};
///
/// let inside = Selection::new()
///     .user_agent("*Windows NT*")
///     .network("10.0.0.0/8".parse()?)
///     .network("2001:db8::/32".parse()?);
/// let facts = RequestFacts::new("/").with_client("10.1.2.3".parse()?).with_user_agent("Mozilla/5.0 (Windows NT 10.0)");
/// assert!(inside.selects(&facts));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Selection {
    paths: Vec<String>,
    hosts: Vec<Pattern>,
    user_agents: Vec<Pattern>,
    networks: Vec<Network>,
    cookies: Vec<String>,
    closures: Vec<Closure>,
}

type Closure = Arc<dyn Fn(&RequestFacts<'_>) -> bool + Send + Sync>;

impl Selection {
    /// Selects all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests for this path and what is below it: `/sso` selects `/sso` and `/sso/login`, and not `/ssold`.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.paths.push(String::from(path.trim_end_matches('/')));
        self
    }

    /// Requests for a host that fits the pattern, port not counted: `www.example.com`, `*.example.com`.
    #[must_use]
    pub fn host(mut self, pattern: &str) -> Self {
        self.hosts.push(Pattern::new(pattern));
        self
    }

    /// Requests of a browser whose `User-Agent` fits the pattern.
    #[must_use]
    pub fn user_agent(mut self, pattern: &str) -> Self {
        self.user_agents.push(Pattern::new(pattern));
        self
    }

    /// Requests from this network. One whose address is not known comes from none.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.networks.push(network);
        self
    }

    /// Requests that have a cookie of this name.
    #[must_use]
    pub fn cookie(mut self, name: &str) -> Self {
        self.cookies.push(String::from(name));
        self
    }

    /// Requests for which the closure holds.
    #[must_use]
    pub fn when(mut self, holds: impl Fn(&RequestFacts<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.closures.push(Arc::new(holds));
        self
    }

    /// Whether a request is selected.
    #[must_use]
    pub fn selects(&self, request: &RequestFacts<'_>) -> bool {
        any_or_none(&self.paths, |path| is_below(request.path(), path))
            && any_or_none(&self.hosts, |host| request.host().is_some_and(|given| host.fits(given)))
            && any_or_none(&self.user_agents, |agent| request.user_agent().is_some_and(|given| agent.fits(given)))
            && any_or_none(&self.networks, |network| request.client().is_some_and(|client| network.contains(client)))
            && any_or_none(&self.cookies, |name| request.cookie(name).is_some())
            && any_or_none(&self.closures, |holds| holds(request))
    }
}

fn any_or_none<R>(rules: &[R], fits: impl FnMut(&R) -> bool) -> bool {
    rules.is_empty() || rules.iter().any(fits)
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closures: Box<[_]> = self.closures.iter().map(|_| "closure").collect();
        f.debug_struct("Selection")
            .field("paths", &self.paths)
            .field("hosts", &self.hosts)
            .field("user_agents", &self.user_agents)
            .field("networks", &self.networks)
            .field("cookies", &self.cookies)
            .field("closures", &closures)
            .finish()
    }
}
