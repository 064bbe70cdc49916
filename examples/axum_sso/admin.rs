//! The administrator's page: what the server saw of this very request, and what it makes of it.

use crate::pages::{self, escape, facts, section};
use crate::refusals::Refused;
use crate::serve::Wire;
use crate::session;
use crate::site::{Site, now};
use axum::Extension;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use core::fmt::{Display, Write as _};
use kerbside::explain::{Lenience, Report, Setting};
use kerbside::http::axum::Negotiated;
use kerbside::http::gate::Transport;
use kerbside::http::{HeaderError, NegotiateHeader};
use kerbside::{Accepted, Connection, Limits, Timestamp};
use std::sync::Arc;

/// Behind the layer's authorization. Whom it did not ask, after a logout for example, it does not know, and this does not let in.
pub(crate) async fn page(
    State(site): State<Arc<Site>>,
    client: Option<Negotiated>,
    Extension(wire): Extension<Wire>,
    Extension(on): Extension<Connection>,
    request: Parts,
) -> Response {
    let Some(Negotiated(client)) = client else {
        let what = "Only an administrator's ticket opens this page, and this request was not asked for one.";
        return pages::problem(StatusCode::FORBIDDEN, "Not for you", what);
    };
    let header = header_of(&request);
    let token = header.as_ref().ok().and_then(NegotiateHeader::token).unwrap_or_default();
    // The same octets over the same connection. The replay store is not asked: it would know them.
    let report = site.acceptor.explain_on(&on, token, now());
    let body = [
        section("The request", &request_seen(&site, &wire, &request, &header)),
        section("The login", &login_seen(client.accepted())),
        section("Tolerated", &tolerated(&report)),
        section("Keys", &keys(&site)),
        section("Replay store", &replay(&site)),
        section("Policy", &policy(&report)),
        section("The whole report", &format!("<pre>{}</pre>", escape(&report.to_string()))),
        section("Refused lately", &refused(&site)),
    ];
    let who = format!("<p class=\"who\">{}</p>", escape(&client.client().to_string()));
    pages::page(StatusCode::OK, "What the server saw", &(who + &body.concat()))
}

fn header_of(request: &Parts) -> Result<NegotiateHeader, HeaderError> {
    let lines = request.headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    NegotiateHeader::read(lines, &Limits::default())
}

fn request_seen(site: &Site, wire: &Wire, request: &Parts, header: &Result<NegotiateHeader, HeaderError>) -> String {
    let known = site.gatekeeper.facts(request);
    let text = |field: HeaderName| or(request.headers.get(field).and_then(|value| value.to_str().ok()), "none");
    let (state, octets) = match header {
        Ok(header) => (header.name().to_owned(), header.token().map_or(0, <[u8]>::len)),
        Err(error) => (format!("{}: {error}", error.name()), 0),
    };
    let bindings = if wire.bindings.is_empty() { "none".to_owned() } else { wire.bindings.join(", ") };
    facts([
        ("Request", format!("{} {} {:?}", request.method, request.uri, request.version)),
        ("Host", text(HOST)),
        ("Peer", wire.peer.to_string()),
        ("Client's address", or(known.client(), "not known")),
        ("Browser", text(USER_AGENT)),
        (
            "Transport",
            match known.transport() {
                Transport::Tls => "TLS".to_owned(),
                Transport::Plain => "in the clear".to_owned(),
            },
        ),
        ("TLS at this server", or(wire.tls.as_deref(), "none")),
        ("Channel bindings known", bindings),
        ("State of Authorization", state),
        ("Token", format!("{octets} octets")),
    ])
}

fn login_seen(accepted: &Accepted) -> String {
    let login = session::by_ticket(accepted);
    let row = |label, field| (label, pages::text_of(&login, field));
    facts([
        row("Client", "principal"),
        row("Service", "service"),
        row("Mechanism", "mechanism"),
        row("Enctype of the ticket", "enctype"),
        row("Enctype of the session key", "session_key_enctype"),
        row("Key version", "kvno"),
        ("Key match", format!("{:?}", accepted.key_match())),
        row("Flags", "flags"),
        row("Flags of the ticket", "ticket_flags"),
        row("Bound to the TLS connection", "channel_bound"),
        ("Client's clock", accepted.authenticator_time().to_string()),
        ("This server's clock", now().to_string()),
        row("Valid until", "end_time"),
    ])
}

/// What was let pass, each with the setting that would refuse it.
fn tolerated(report: &Report) -> String {
    let mut html = String::new();
    for Lenience { what, setting, otherwise, .. } in report.tolerated() {
        let _ = write!(html, "<li>{} <code>{setting} = {otherwise}</code> would refuse it.</li>", escape(&what));
    }
    if html.is_empty() {
        return "<p>Nothing: the token is as the standards have it.</p>".to_owned();
    }
    format!("<ul>{html}</ul>")
}

fn keys(site: &Site) -> String {
    let mut html =
        "<div class=\"wide\"><table><thead><tr><th>Principal</th><th>Version</th><th>Enctype</th><th>Logins</th>\
                    <th>Last</th><th>Retires</th></tr></thead><tbody>"
            .to_owned();
    for key in site.acceptor.key_use() {
        let last = or(key.last_use.map(Timestamp::second), "never");
        let retires = or(key.retired_until.map(Timestamp::second), "no");
        let cells = [
            key.entry.principal.to_string(),
            key.entry.kvno.to_string(),
            key.entry.enctype.name().map_or_else(|| key.entry.enctype.to_string(), str::to_owned),
            key.accepted.to_string(),
            last,
            retires,
        ];
        let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
        let _ = write!(html, "<tr>{cells}</tr>");
    }
    let status = site.acceptor.key_status();
    let loaded = or(status.loaded.map(Timestamp::second), "not known");
    let failure = or(status.last_failure.map(|failure| format!("{}: {}", failure.at, failure.message)), "none");
    html + "</tbody></table></div>" + &facts([("Loaded", loaded), ("Last failure to load", failure)])
}

fn replay(site: &Site) -> String {
    let store = &site.replay;
    facts([
        ("Kind", "in the memory of this process".to_owned()),
        ("Authenticators remembered", format!("{} of at most {}", store.len(), store.max_entries())),
    ])
}

/// What differs from the preset, and the rest for whoever opens it.
fn policy(report: &Report) -> String {
    let (changed, others): (Vec<_>, Vec<_>) = report.settings().iter().partition(|setting| setting.changed);
    let list = |settings: Vec<&Setting>| facts(settings.into_iter().map(|setting| (setting.name, &setting.value)));
    let preset = escape(report.preset());
    let differs = match changed {
        none if none.is_empty() => String::new(),
        some => list(some),
    };
    format!(
        "<p>The preset <b>{preset}</b>, but for what is listed.</p>{differs}<details><summary>As in the preset</summary>{}</details>",
        list(others)
    )
}

fn refused(site: &Site) -> String {
    let mut html = String::new();
    for Refused { at, path, name, what, report } in site.refusals.latest() {
        let (path, what) = (escape(&path), escape(&what));
        let report = report.map_or_else(String::new, |report| format!("<pre>{}</pre>", escape(&report)));
        let _ = write!(
            html,
            "<details><summary>{at} <b>{name}</b> at <code>{path}</code></summary><p>{what}</p>{report}</details>"
        );
    }
    if html.is_empty() { "<p>Nobody, since the start.</p>".to_owned() } else { html }
}

fn or(value: Option<impl Display>, none: &str) -> String {
    value.map_or_else(|| none.to_owned(), |value| value.to_string())
}
