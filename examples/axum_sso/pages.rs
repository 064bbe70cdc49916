//! The pages: HTML without scripts and without anything from elsewhere. Whatever is not of this file is escaped.

use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::fmt::Write as _;
use kerbside::http::gate::ReturnTo;
use kerbside::http::tower::{Refusal, RefusalReason};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("style.css");

/// The one style is allowed by its hash, an empty icon so that browsers do not ask for one, and nothing else at all.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// Who reads the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Person,
    Machine,
}

impl Reader {
    pub(crate) fn of(request: &Parts) -> Self {
        let accepts = request.headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
        if accepts.into_iter().any(|line| line.contains("text/html")) { Self::Person } else { Self::Machine }
    }
}

/// Text between tags, or in an attribute with double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Text as the value of a parameter.
pub(crate) fn in_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'/' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(octet)),
            octet if octet.is_ascii_alphanumeric() => escaped.push(char::from(octet)),
            octet => {
                let _ = write!(escaped, "%{octet:02X}");
            }
        }
    }
    escaped
}

/// Labels and values, both as text.
pub(crate) fn facts<L: AsRef<str>, V: AsRef<str>>(rows: impl IntoIterator<Item = (L, V)>) -> String {
    let mut html = String::from("<dl>");
    for (label, value) in rows {
        let _ = write!(html, "<div><dt>{}</dt><dd>{}</dd></div>", escape(label.as_ref()), escape(value.as_ref()));
    }
    html + "</dl>"
}

/// The field of a login as text.
pub(crate) fn text_of(login: &Value, field: &str) -> String {
    match login.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.is_empty() => "none".to_owned(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Null) | None => "none".to_owned(),
        Some(other) => other.to_string(),
    }
}

/// A part of a page, with a heading; the body is HTML.
pub(crate) fn section(heading: &str, body: &str) -> String {
    format!("<section><h2>{}</h2>{body}</section>", escape(heading))
}

/// A whole page; the body is HTML.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <style>{STYLE}</style></head><body><header><a class=\"brand\" href=\"/\">axum_sso</a><nav><a href=\"/whoami\">Who am I</a>\
         <a href=\"/admin\">Administration</a></nav></header><main><h1>{title}</h1>{body}</main></body></html>\n"
    );
    response(status, "text/html; charset=utf-8", html)
}

pub(crate) fn text(status: StatusCode, text: String) -> Response {
    response(status, "text/plain; charset=utf-8", text)
}

pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    response(status, "application/json", format!("{value:#}\n"))
}

fn response(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.extend([
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ]);
    headers.extend(HeaderValue::from_str(&POLICY).map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    response
}

pub(crate) fn problem(status: StatusCode, title: &str, what: &str) -> Response {
    page(status, title, &format!("<p>{}</p>", escape(what)))
}

/// Where to begin; with the address of the server, if it plays a realm.
pub(crate) fn home(login: Option<&Value>, demo: Option<&str>) -> Response {
    let mut body = match login {
        Some(login) => format!("<p>You are logged in as <b>{}</b>.</p>", escape(&text_of(login, "principal"))),
        None => "<p>You are not logged in.</p><p class=\"actions\"><a class=\"button\" href=\"/login/ticket\">Log in with a \
                 ticket</a><a class=\"button quiet\" href=\"/login\">Use the form</a></p>"
            .to_owned(),
    };
    if login.is_some() {
        body.push_str(LOG_OUT);
    }
    body.push_str(&section(
        "Let your browser send tickets",
        "<p>It sends them only to hosts that it is told to trust, and only if you have one: <code>klist</code> shows it.</p>\
         <dl><div><dt>Windows</dt><dd>the host in the zone <i>Local intranet</i></dd></div>\
         <div><dt>Chromium</dt><dd><code>--auth-server-allowlist=HOST</code>, or the policy <code>AuthServerAllowlist</code></dd></div>\
         <div><dt>Firefox</dt><dd><code>network.negotiate-auth.trusted-uris</code> in <code>about:config</code></dd></div></dl>",
    ));
    if let Some(url) = demo {
        body.push_str(&section(
            "This server plays its own realm",
            &format!(
                "<p>It was started without a keytab. Browsers get no tickets of <code>DEMO.EXAMPLE</code>; curl does:</p>\
                 <pre>curl -H \"Authorization: $(curl -s '{url}/demo/token?user=alice')\" \\\n    {url}/whoami</pre>"
            ),
        ));
    }
    page(StatusCode::OK, "Single sign-on", &body)
}

const LOG_OUT: &str =
    "<form method=\"post\" action=\"/logout\" class=\"actions\"><button class=\"quiet\">Log out</button></form>";

pub(crate) fn whoami(login: &Value) -> Response {
    let row = |label, field| (label, text_of(login, field));
    let mut body = format!("<p class=\"who\">{}</p>", escape(&text_of(login, "principal")));
    if text_of(login, "by") == "ticket" {
        body.push_str(&section(
            "The login",
            &facts([
                row("Service", "service"),
                row("Mechanism", "mechanism"),
                row("Flags", "flags"),
                row("Bound to the TLS connection", "channel_bound"),
            ]),
        ));
        body.push_str(&section(
            "The ticket",
            &facts([
                row("Enctype", "enctype"),
                row("Key version", "kvno"),
                row("Session key", "session_key_enctype"),
                row("Flags", "ticket_flags"),
                row("Authenticated", "auth_time"),
                row("Valid from", "start_time"),
                row("Valid until", "end_time"),
                row("Renewable until", "renew_till"),
            ]),
        ));
        body.push_str("<p class=\"note\">The session ends with the ticket.</p>");
    } else {
        body.push_str("<p class=\"note\">Logged in with the form. There is no ticket.</p>");
    }
    body.push_str(LOG_OUT);
    page(StatusCode::OK, "Who am I", &body)
}

/// The form, with a sentence about what went wrong before.
pub(crate) fn form(status: StatusCode, wanted: &ReturnTo, note: &str) -> Response {
    page(status, "Log in", &form_body(wanted, note))
}

fn form_body(wanted: &ReturnTo, note: &str) -> String {
    let note = if note.is_empty() { String::new() } else { format!("<p class=\"alert\">{}</p>", escape(note)) };
    let (field, query) = (escape(wanted.as_str()), escape(&in_query(wanted.as_str())));
    format!(
        "{note}<form method=\"post\" action=\"/login\" class=\"card\"><input type=\"hidden\" name=\"return_to\" value=\"{field}\">\
         <label>User<input name=\"user\" autocomplete=\"username\" required></label>\
         <label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button>Log in</button><p class=\"note\"><b>Demonstration:</b> the user is <code>demo</code>, the password <code>demo</code>.</p>\
         </form><p><a href=\"/login/ticket?return_to={query}\">Log in with a ticket instead</a></p>"
    )
}

pub(crate) fn logged_out() -> Response {
    page(
        StatusCode::OK,
        "Logged out",
        "<p>You stay logged out, although your browser may have a ticket, until you log in again.</p>\
         <p class=\"actions\"><a class=\"button\" href=\"/login/ticket\">Log in with a ticket</a>\
         <a class=\"button quiet\" href=\"/login\">Use the form</a></p>",
    )
}

/// What a refusal says: the client learns its name, the log the rest. A browser without a ticket shows the 401, so the form is there.
pub(crate) fn refused(request: &Parts, refusal: &Refusal, response: Response<()>) -> Response {
    let (status, name) = (refusal.status(), refusal.reason().name());
    let body = match Reader::of(request) {
        Reader::Machine => json(status, &json!({ "error": name })),
        Reader::Person => match refusal.reason() {
            RefusalReason::NotAuthorized(client) => {
                let client = client.client();
                let what = format!("You are {client}, and may not see this page. --admin lists who may.");
                problem(status, "Not for you", &what)
            }
            RefusalReason::NoToken(_) | RefusalReason::GoOn => {
                let body = "<p>Your browser has sent no ticket.</p>".to_owned() + &form_body(&path_of(request), "");
                page(status, "Log in", &body)
            }
            _ => problem(status, "Refused", &format!("The request was refused: {name}.")),
        },
    };
    // Status, challenge and cookies are decided already; the page adds its own fields.
    let (mut head, ()) = response.into_parts();
    let (page, body) = body.into_parts();
    head.headers.extend(page.headers);
    Response::from_parts(head, body)
}

fn path_of(request: &Parts) -> ReturnTo {
    let here = request.uri.path_and_query().map_or("/", |here| here.as_str());
    ReturnTo::path(here).or_else(|_| ReturnTo::path("/")).unwrap_or_else(|_| unreachable!("it is a path"))
}
