//! `curl --negotiate`

use std::process::Stdio;

use super::{Errand, Proof, Visit};

/// How one run of curl ended.
#[derive(Debug)]
pub struct Curl {
    /// curl's exit status.
    pub status: Option<i32>,
    /// The status of the last answer that curl saw, and its body.
    pub http_status: u16,
    pub body: String,
    /// What curl says with `--verbose`.
    pub log: String,
}

impl Curl {
    /// Runs curl with these options.
    pub fn run(errand: &Errand<'_>, options: &[&str]) -> Self {
        let (host, port) = errand.host_and_port();
        let mut curl = errand.command("curl");
        curl.args(["--silent", "--show-error", "--verbose", "--max-time", "30", "--noproxy", "*", "--user", ":"])
            .args(["--write-out", "\n%{http_code}", "--resolve", &format!("{host}:{port}:127.0.0.1")])
            .args(options)
            .arg(&errand.url)
            .stdin(Stdio::null());
        if let Some(authority) = errand.authority() {
            curl.arg("--cacert").arg(authority);
        }
        if errand.delegates() {
            curl.args(["--delegation", "always"]);
        }
        let output = curl.output().expect("curl runs");
        let stdout = String::from_utf8_lossy(&output.stdout);
        let (body, http_status) = stdout.rsplit_once('\n').expect("--write-out begins a line");
        Self {
            status: output.status.code(),
            http_status: http_status.parse().expect("--write-out ends with the status"),
            body: body.to_owned(),
            log: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whether an answer had a field of this name, whose value begins so.
    pub fn was_sent(&self, name: &str, value: &str) -> bool {
        let mut fields = self.log.lines().filter_map(|line| line.strip_prefix("< ")?.split_once(": "));
        fields.any(|(field, text)| field.eq_ignore_ascii_case(name) && text.starts_with(value))
    }
}

/// curl takes a 200 with whatever reply stands in it (tried with 7.88).
pub(super) fn visit(errand: &Errand<'_>) -> Visit {
    let curl = Curl::run(errand, &["--negotiate"]);
    Visit { status: Some(curl.http_status), body: curl.body, proof: Proof::NotChecked, log: curl.log }
}
