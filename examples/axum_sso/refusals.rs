//! The log of refusals, and the latest of them for the administrator's page: whoever is refused cannot open it.

use crate::site::now;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use kerbside::http::NegotiateHeader;
use kerbside::http::tower::{Refusal, RefusalReason};
use kerbside::{Acceptor, Connection, KerberosTime, Limits};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are kept. Each is some ten kilobytes.
const KEPT: usize = 20;

#[derive(Clone)]
pub(crate) struct Refused {
    pub(crate) at: KerberosTime,
    pub(crate) path: String,
    pub(crate) name: &'static str,
    pub(crate) what: String,
    /// Only of a token.
    pub(crate) report: Option<String>,
}

#[derive(Default)]
pub(crate) struct Refusals {
    latest: Mutex<VecDeque<Refused>>,
}

impl Refusals {
    /// Writes a line, and keeps what is behind it. The layer calls it as often as the log allows, so that strangers fill neither;
    /// an explanation costs as much as three logins.
    pub(crate) fn note(&self, acceptor: &Acceptor, request: &Parts, refusal: &Refusal, left_out: u64) {
        let (name, path) = (refusal.reason().name(), request.uri.path());
        let what = match refusal.reason() {
            RefusalReason::Token(error) => format!("{error}; {}", error.hint()),
            reason => reason.to_string(),
        };
        let more = if left_out > 0 { format!(" ({left_out} more were not written)") } else { String::new() };
        println!("refused {path}: {name}: {what}{more}");
        let report = token_of(request).map(|token| {
            let unknown = Connection::new();
            let on = request.extensions.get().unwrap_or(&unknown);
            acceptor.explain_on(on, &token, now()).to_string()
        });
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.truncate(KEPT - 1);
        latest.push_front(Refused { at: now().second(), path: path.to_owned(), name, what, report });
    }

    /// The latest first.
    pub(crate) fn latest(&self) -> Vec<Refused> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

fn token_of(request: &Parts) -> Option<Vec<u8>> {
    let lines = request.headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    NegotiateHeader::read(lines, &Limits::default()).ok()?.token().map(<[u8]>::to_vec)
}
