//! Chromium, headless: it prints the page as it has it.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Errand, Proof, Visit, trust};
use crate::scratch::Scratch;

const HOSTS: &str = "*.kerbside.test";

/// What of a profile's state no switch can say.
///
/// On Linux a new profile does not answer the first Negotiate of its life, because its sandbox and GSS-API's library do not go
/// together: it notes that there was one, and answers from then on. And the name that resolver rules give to an address is the
/// address, for which there are no tickets.
fn local_state(errand: &Errand<'_>) -> Value {
    let delegate = if errand.delegates() { HOSTS } else { "" };
    json!({
        "net": { "received_http_auth_negotiate_headers": true },
        "auth": { "disable_negotiate_cname_lookup": true, "negotiate_delegate_whitelist": delegate },
    })
}

pub(super) fn visit(errand: &Errand<'_>) -> Visit {
    let home = Scratch::new();
    if let Some(authority) = errand.authority() {
        trust(authority, &home.path(".pki/nssdb"));
    }
    let profile = home.path("profile");
    fs::create_dir(&profile).expect("the directory is new");
    fs::write(profile.join("Local State"), local_state(errand).to_string()).expect("the profile can be written");
    let mut chromium = errand.command("timeout");
    chromium
        .args(["60", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        // It is to talk to nobody else.
        .args(["--no-first-run", "--no-proxy-server", "--disable-background-networking", "--disable-component-update"])
        .arg(format!("--host-resolver-rules=MAP {HOSTS} 127.0.0.1"))
        .arg(format!("--auth-server-allowlist={HOSTS}"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--timeout=20000", "--dump-dom"])
        .env("HOME", home.directory())
        .stdin(Stdio::null());
    let output = chromium.arg(&errand.url).output().expect("timeout runs");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "chromium: {log}");
    let dom = String::from_utf8_lossy(&output.stdout);
    Visit { status: None, body: text(&dom).unwrap_or(&dom).to_owned(), proof: Proof::NotChecked, log: log + &dom }
}

/// What stands in the one element that a page of plain text is shown as.
fn text(dom: &str) -> Option<&str> {
    let (_, rest) = dom.split_once("<pre")?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split_once("</pre>")?.0)
}
