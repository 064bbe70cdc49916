//! The example `axum_sso`, as a user runs it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{Certificate, Errand, Realm, TicketCache, variable};

/// A running server, which clients take for `web.kerbside.test`: it ends with this value.
pub struct Example<'a> {
    realm: &'a Realm,
    certificate: Option<&'a Certificate>,
    process: Child,
    /// The server must be able to write into it.
    _log: BufReader<ChildStdout>,
    /// Its own words: scheme, address and port.
    url: String,
}

impl<'a> Example<'a> {
    /// With the realm's keytab; over https, if there is a certificate.
    pub fn start(realm: &'a Realm, certificate: Option<&'a Certificate>) -> Self {
        let mut example = Command::new(variable("KERBSIDE_AXUM_SSO"));
        example.arg("--keytab").arg(realm.keytab_file("web")).args(["--listen", "127.0.0.1:0"]);
        if let Some(certificate) = certificate {
            example.arg("--tls-cert").arg(certificate.chain()).arg("--tls-key").arg(certificate.key());
        }
        let mut process = example.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the example runs");
        let mut log = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut line = String::new();
        log.read_line(&mut line).expect("the example writes text");
        let url = line.trim_end().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { realm, certificate, process, _log: log, url }
    }

    /// To one of its pages.
    pub fn errand(&self, path: &str, tickets: &'a TicketCache) -> Errand<'a> {
        let url = self.url.replace("127.0.0.1", "web.kerbside.test") + path;
        Errand::to_url(url, self.certificate.map(Certificate::authority), self.realm, tickets)
    }
}

impl Drop for Example<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
