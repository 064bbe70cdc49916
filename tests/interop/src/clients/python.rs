//! Python's clients, by `peers/http_clients.py`.

use serde_json::Value;

use super::{Errand, Proof, Visit};
use crate::peer::script;

pub(super) fn visit(library: &str, errand: &Errand<'_>) -> Visit {
    let mut python = errand.equipped(script("peers/http_clients.py"));
    python.args([library, &errand.url]);
    if let Some(authority) = errand.authority() {
        python.arg("--authority").arg(authority);
    }
    if errand.delegates() {
        python.arg("--delegate");
    }
    if errand.is_bound() {
        python.arg("--bound");
    }
    let output = python.output().expect("python runs");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{library}: {log}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("the script answers in JSON");
    let status = answer["status"].as_u64().map(|status| u16::try_from(status).expect("a status has three digits"));
    let proof = match answer["proof"].as_str() {
        Some("verified") => Proof::Verified,
        Some("refused") => Proof::Refused,
        _ => Proof::NotChecked,
    };
    Visit { status, body: answer["body"].as_str().unwrap_or_default().to_owned(), proof, log }
}
