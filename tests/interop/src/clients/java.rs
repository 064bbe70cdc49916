//! The JDK's `HttpURLConnection`, by `peers/HttpClient.java`.

use std::fs;

use super::{Errand, Proof, Visit};
use crate::peer::java;
use crate::scratch::Scratch;

pub(super) fn visit(errand: &Errand<'_>) -> Visit {
    let scratch = Scratch::new();
    let hosts = scratch.path("hosts");
    let (host, _) = errand.host_and_port();
    fs::write(&hosts, format!("127.0.0.1 {host}\n")).expect("the directory can be written");
    let mut options = vec![format!("-Djdk.net.hosts.file={}", hosts.display())];
    if errand.is_bound() {
        // The default is never.
        options.push("-Djdk.https.negotiate.cbt=always".to_owned());
    }
    let mut java = errand.equipped(java(errand.realm, &options, "HttpClient"));
    java.arg(&errand.url);
    if let Some(authority) = errand.authority() {
        java.arg(authority);
    }
    let output = java.output().expect("java runs");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "java: {log}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let (status, body) = stdout.split_once('\n').expect("the status has a line of its own");
    let status = (status != "-").then(|| status.parse().expect("a status has three digits"));
    Visit { status, body: body.to_owned(), proof: Proof::NotChecked, log }
}
