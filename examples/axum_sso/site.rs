//! What the server is made of: whom it asks, whom it lets in, and what it says to the others.

use crate::arguments::Arguments;
use crate::demo::{self, Demo};
use crate::pages::Reader;
use crate::refusals::Refusals;
use crate::session::{self, Sessions};
use crate::{Problem, admin, handlers, pages};
use axum::Router;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use core::time::Duration;
use kerbside::http::gate::{
    Gate, RefusalLog, RequestFacts, ReturnTo, Selection, Transport, Transports, TrustedProxies,
};
use kerbside::http::tower::{Authenticated, Authorization, Gatekeeper, NegotiateLayer, OnRefusal, Refusal};
use kerbside::keytab::KeytabPaths;
use kerbside::replay::MemoryReplayStore;
use kerbside::{Acceptor, ReplayPolicy, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) struct Site {
    pub(crate) acceptor: Acceptor,
    pub(crate) replay: Arc<MemoryReplayStore>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) gatekeeper: Gatekeeper,
    pub(crate) refusals: Refusals,
    pub(crate) demo: Option<Demo>,
    pub(crate) url: String,
    admins: Vec<String>,
}

impl Site {
    pub(crate) fn new(arguments: &Arguments, demo: Option<Demo>, url: &str) -> Result<Self, Problem> {
        let replay = Arc::new(MemoryReplayStore::default());
        let builder = match (&arguments.keytab, &demo) {
            (Some(file), _) => Acceptor::builder_from(KeytabPaths::new().file(file)),
            (None, Some(demo)) => Acceptor::builder(demo.keytab()?),
            (None, None) => return Err("there is no keytab".into()),
        };
        let acceptor = builder
            .service(&arguments.service)
            .policy(arguments.policy.clone())
            .replay(ReplayPolicy::Store(Arc::clone(&replay) as _))
            .started_at(SystemTime::now())
            .build()?;
        let sessions = Arc::new(Sessions::new(arguments.session_key.as_deref())?);
        let mut admins = arguments.admins.clone();
        admins.extend(demo.is_some().then(|| demo::ADMIN.to_owned()));
        let gatekeeper = gatekeeper(arguments, Arc::clone(&sessions));
        Ok(Self {
            acceptor,
            replay,
            sessions,
            gatekeeper,
            refusals: Refusals::default(),
            demo,
            url: url.to_owned(),
            admins,
        })
    }

    /// The routes, with the layer around them.
    pub(crate) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(handlers::home))
            .route("/whoami", get(handlers::whoami))
            .route("/login", get(handlers::form).post(handlers::log_in))
            .route("/login/ticket", get(handlers::logged_in_by_ticket))
            .route("/logout", post(handlers::log_out))
            .route("/admin", get(admin::page))
            .route("/demo/token", get(handlers::demo_token))
            .fallback(handlers::not_found)
            .with_state(Arc::clone(&self))
            .layer(negotiate(self))
    }

    /// What the session of a request says.
    pub(crate) fn session(&self, request: &Parts) -> Option<Value> {
        read_session(&self.sessions, &self.gatekeeper.facts(request))
    }

    pub(crate) fn transport(&self, request: &Parts) -> Transport {
        self.gatekeeper.facts(request).transport()
    }

    /// Who is known is not yet who may.
    fn authorize(&self, request: &Parts, client: &Authenticated) -> Authorization {
        let client = client.client().to_string();
        if request.uri.path() == "/admin" && !self.admins.contains(&client) {
            return Authorization::Forbid;
        }
        Authorization::Grant
    }
}

pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}

fn read_session(sessions: &Sessions, facts: &RequestFacts<'_>) -> Option<Value> {
    sessions.read(facts.cookie(session::COOKIE)?, now())
}

/// Whom to ask: where a ticket matters, and where there is no session; from these networks.
fn gatekeeper(arguments: &Arguments, sessions: Arc<Sessions>) -> Gatekeeper {
    let asks = move |facts: &RequestFacts<'_>| match facts.path() {
        "/admin" | "/login/ticket" => true,
        "/whoami" => read_session(&sessions, facts).is_none(),
        _ => false,
    };
    let selection = arguments.ask_only.iter().fold(Selection::new().when(asks), |all, network| all.network(*network));
    // In the clear, whoever is on the way can present a token first: only where there is no way.
    let transports = match (arguments.listen.ip().is_loopback(), &arguments.tls) {
        (true, None) => Transports::Any,
        _ => Transports::TlsOnly,
    };
    let gate = Gate::new().only(selection).over(transports).login_path("/login/ticket");
    let form = ReturnTo::path("/login");
    Gatekeeper::new(gate).behind(TrustedProxies::new(arguments.proxies.iter().copied())).on_refusal_by(
        move |request, _| match (&form, Reader::of(request)) {
            // Browsers ask again without a ticket, and would find out nothing.
            (Ok(form), Reader::Person) => OnRefusal::RedirectTo(form.clone()),
            _ => OnRefusal::Answer,
        },
    )
}

fn negotiate(site: Arc<Site>) -> NegotiateLayer<impl Fn(&Parts, &Refusal, Response<()>) -> Response> {
    let [authorizing, beginning, noting] = [(); 3].map(|()| Arc::clone(&site));
    NegotiateLayer::new(site.acceptor.clone(), SystemTime::now)
        .gatekeeper(site.gatekeeper.clone())
        .authorize(move |request, client| authorizing.authorize(request, client))
        .session(move |request, client| {
            let (login, until) = (session::by_ticket(client.accepted()), client.expires().to_timestamp());
            beginning.sessions.begin(&login, until, now(), beginning.transport(request))
        })
        // Ten lines of each kind in a minute: the log is not for strangers to fill.
        .log_refusals(RefusalLog::new(10, Duration::from_secs(60)), move |request, refusal, left_out| {
            noting.refusals.note(&noting.acceptor, request, refusal, left_out);
        })
        .refusal_response(|request: &Parts, refusal: &Refusal, response| pages::refused(request, refusal, response))
}
