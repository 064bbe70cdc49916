//! Certificates of servers, by an authority of their own.

use std::path::PathBuf;
use std::process::Command;

use crate::scratch::Scratch;

/// A key, a certificate for `*.kerbside.test`, and the authority that the certificate is from, as PEM in a directory.
pub struct Certificate {
    directory: Scratch,
}

impl Certificate {
    /// A new key and a new authority.
    pub fn issue() -> Self {
        let certificate = Self { directory: Scratch::new() };
        certificate.request("authority", &["-subj", "/CN=kerbside live tests", "-addext", "keyUsage=keyCertSign"]);
        let [authority, key] = ["authority.pem", "authority.key"].map(|name| certificate.directory.path(name));
        certificate.request(
            "server",
            &[
                "-subj",
                "/CN=web.kerbside.test",
                "-addext",
                "subjectAltName=DNS:*.kerbside.test",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                "extendedKeyUsage=serverAuth",
                "-CA",
                authority.to_str().expect("the path is text"),
                "-CAkey",
                key.to_str().expect("the path is text"),
            ],
        );
        certificate
    }

    fn request(&self, name: &str, options: &[&str]) {
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .arg("-out")
            .arg(self.directory.path(&format!("{name}.pem")))
            .arg("-keyout")
            .arg(self.directory.path(&format!("{name}.key")))
            .args(options)
            .output()
            .expect("openssl runs");
        assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What clients trust.
    pub fn authority(&self) -> PathBuf {
        self.directory.path("authority.pem")
    }

    pub(crate) fn chain(&self) -> PathBuf {
        self.directory.path("server.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.directory.path("server.key")
    }
}
