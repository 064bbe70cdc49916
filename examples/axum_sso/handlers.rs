//! What is behind each path but the administrator's.

use crate::pages::{self, Reader};
use crate::session;
use crate::site::{Site, now};
use axum::extract::{Form, Query, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use core::time::Duration;
use kerbside::http::axum::Negotiated;
use kerbside::http::gate::{Marker, ReturnTo};
use kerbside::http::tower::Refusal;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// For how long a form logs in. A ticket says that itself.
const BY_FORM: Duration = Duration::from_secs(8 * 60 * 60);

type Fields = HashMap<String, String>;

pub(crate) async fn home(State(site): State<Arc<Site>>, request: Parts) -> Response {
    pages::home(site.session(&request).as_ref(), site.demo.as_ref().map(|_| site.url.as_str()))
}

/// Who asks, by ticket or by session.
pub(crate) async fn whoami(
    State(site): State<Arc<Site>>,
    client: Option<Negotiated>,
    refusal: Option<axum::Extension<Refusal>>,
    request: Parts,
) -> Response {
    let login = match client {
        Some(Negotiated(client)) => Some(session::by_ticket(client.accepted())),
        None => site.session(&request),
    };
    match (login, Reader::of(&request)) {
        (Some(login), Reader::Person) => pages::whoami(&login),
        (Some(login), Reader::Machine) => pages::json(StatusCode::OK, &login),
        (None, Reader::Person) => to("/login?return_to=/whoami"),
        (None, Reader::Machine) => {
            let reason = refusal.map_or("", |refusal| refusal.reason().name());
            pages::json(StatusCode::FORBIDDEN, &json!({ "error": "not logged in", "reason": reason }))
        }
    }
}

/// A ticket was accepted, or nobody was asked: then there is the form.
pub(crate) async fn logged_in_by_ticket(client: Option<Negotiated>, Query(query): Query<Fields>) -> Response {
    let wanted = wanted(&query);
    match client {
        Some(_) => to(wanted.as_str()),
        None => to(&format!("/login?return_to={}", pages::in_query(wanted.as_str()))),
    }
}

pub(crate) async fn form(State(site): State<Arc<Site>>, Query(query): Query<Fields>, request: Parts) -> Response {
    let gave_up = Marker::GaveUp.is_on(&site.gatekeeper.facts(&request));
    let note =
        if gave_up { "Your browser's ticket was refused, or it had none. The server's log says more." } else { "" };
    pages::form(StatusCode::OK, &wanted(&query), note)
}

/// The other login. **A demonstration**: one user, whose password everybody knows.
pub(crate) async fn log_in(State(site): State<Arc<Site>>, request: Parts, Form(fields): Form<Fields>) -> Response {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    if !is_from_here(&request) || (field("user"), field("password")) != ("demo", "demo") {
        return pages::form(StatusCode::FORBIDDEN, &wanted(&fields), "That is not the demo user's name and password.");
    }
    let (now, over) = (now(), site.transport(&request));
    let session = site.sessions.begin(&session::by_form("demo"), now.saturating_add(BY_FORM), now, over);
    let cleared = HeaderValue::try_from(Marker::LoggedOut.clear(over)).ok();
    with_cookies(to(wanted(&fields).as_str()), [session, cleared])
}

/// Ends the session, and has the browser not asked for a ticket until it comes to `/login/ticket`.
pub(crate) async fn log_out(State(site): State<Arc<Site>>, request: Parts) -> Response {
    let over = site.transport(&request);
    let marker = HeaderValue::try_from(Marker::LoggedOut.set(over)).ok();
    if !is_from_here(&request) {
        return pages::form(StatusCode::FORBIDDEN, &wanted(&Fields::new()), "Another site asked for that.");
    }
    with_cookies(pages::logged_out(), [session::end(over), marker])
}

/// A ticket for anybody: only of the realm that is played here.
pub(crate) async fn demo_token(State(site): State<Arc<Site>>, Query(query): Query<Fields>) -> Response {
    let user = query.get("user").map_or("alice", String::as_str);
    match site.demo.as_ref().map(|demo| demo.authorization(user)) {
        Some(Ok(header)) => pages::text(StatusCode::OK, header),
        Some(Err(problem)) => pages::text(StatusCode::INTERNAL_SERVER_ERROR, problem.to_string()),
        None => not_found().await,
    }
}

pub(crate) async fn not_found() -> Response {
    pages::problem(StatusCode::NOT_FOUND, "Not found", "There is nothing at this address.")
}

/// Where to go afterwards: a path of this site, whatever the link said.
fn wanted(fields: &Fields) -> ReturnTo {
    let given = fields.get("return_to").map_or("", String::as_str);
    let path = ReturnTo::path(given).or_else(|_| ReturnTo::path("/whoami"));
    path.unwrap_or_else(|_| unreachable!("it is a path"))
}

/// Browsers say where a form came from; what is not a browser has no cookies to steal.
fn is_from_here(request: &Parts) -> bool {
    let site = request.headers.get("sec-fetch-site");
    site.is_none_or(|site| site == "same-origin" || site == "none")
}

/// 303: fetch that with GET.
fn to(path: &str) -> Response {
    let mut response = pages::problem(StatusCode::SEE_OTHER, "Elsewhere", path);
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

fn with_cookies<const N: usize>(mut response: Response, cookies: [Option<HeaderValue>; N]) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
