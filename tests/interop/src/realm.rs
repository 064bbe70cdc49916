//! The realms that `realm.sh`, `heimdal_realm.sh` and `samba_realm.sh` made.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::sync::atomic::{AtomicU32, Ordering};

use kerbside::Keytab;

use crate::{unpacked, variable};

/// The realm's directory.
pub struct Realm {
    directory: PathBuf,
}

impl Realm {
    /// The realm that `run.sh` started.
    ///
    /// # Panics
    ///
    /// If there is none: these tests cannot pass without one, and must not seem to.
    pub fn started() -> Self {
        Self { directory: variable("KERBSIDE_REALM").into() }
    }

    /// The other one, where some services may act for clients: `realm.sh delegating`.
    pub fn delegating() -> Self {
        Self { directory: variable("KERBSIDE_DELEGATING_REALM").into() }
    }

    /// Heimdal's: `heimdal_realm.sh`.
    pub fn heimdal() -> Self {
        Self { directory: variable("KERBSIDE_HEIMDAL_REALM").into() }
    }

    /// Samba's, an Active Directory domain: `samba_realm.sh`.
    pub fn samba() -> Self {
        Self { directory: variable("KERBSIDE_SAMBA_REALM").into() }
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.directory.join("krb5.conf")
    }

    /// The file of one of `populate.sh`'s keytabs.
    pub fn keytab_file(&self, name: &str) -> PathBuf {
        self.directory.join("keytabs").join(name).with_extension("keytab")
    }

    /// One of `populate.sh`'s keytabs.
    pub fn keytab(&self, name: &str) -> Keytab {
        Keytab::from_file(self.keytab_file(name)).expect("populate.sh made a keytab that can be read")
    }

    /// Lets MIT's `kinit` fetch a ticket for one of `populate.sh`'s people, without a password.
    pub fn kinit(&self, user: &str, options: &[&str]) -> TicketCache {
        let cache = self.new_cache();
        let output = Command::new("kinit")
            .arg("-c")
            .arg(cache.name())
            .arg("-k")
            .arg("-t")
            .arg(self.keytab_file("people"))
            .args(options)
            .arg(user)
            .env("KRB5_CONFIG", self.configuration())
            .stdin(Stdio::null())
            .output()
            .expect("kinit runs");
        assert!(output.status.success(), "kinit {user}: {}", String::from_utf8_lossy(&output.stderr));
        cache
    }

    /// A copy of a cache that `populate.sh` filled.
    pub fn prepared_cache(&self, name: &str) -> TicketCache {
        let cache = self.new_cache();
        fs::copy(self.directory.join("ccaches").join(name), &cache.file).expect("populate.sh made this cache");
        cache
    }

    /// Runs a program with these tickets: what it prints, or else what it complains of.
    pub fn run(&self, program: impl AsRef<OsStr>, tickets: &TicketCache, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new(program)
            .args(arguments)
            .env("KRB5_CONFIG", self.configuration())
            .env("KRB5CCNAME", tickets.name())
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        let text = |octets: Vec<u8>| String::from_utf8(octets).expect("the program prints text");
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    /// Asks the KDC for a ticket for another service on behalf of the client of this evidence, with Heimdal's `kgetcred`:
    /// the client's new ticket, or else what it complains of.
    pub fn act_for_client(
        &self,
        service: &TicketCache,
        evidence: &TicketCache,
        target: &str,
    ) -> Result<TicketCache, String> {
        let issued = self.new_cache();
        let evidence = format!("--delegation-credential-cache={}", evidence.name());
        let out = format!("--out-cache={}", issued.name());
        self.run(unpacked("usr/bin/kgetcred"), service, &["--forwardable", &evidence, &out, target]).map(|_| issued)
    }

    /// A name for a cache that is not there yet.
    pub fn new_cache(&self) -> TicketCache {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        TicketCache { file: self.directory.join("ccaches").join(format!("test-{}-{number}", id())) }
    }
}

/// A file of tickets that one test has for itself.
pub struct TicketCache {
    file: PathBuf,
}

impl TicketCache {
    /// As `KRB5CCNAME` wants it.
    pub(crate) fn name(&self) -> String {
        format!("FILE:{}", self.path().display())
    }

    pub fn path(&self) -> &Path {
        &self.file
    }
}

impl Drop for TicketCache {
    fn drop(&mut self) {
        // Without tickets there is no file, and a leftover one goes with the realm.
        let _ = fs::remove_file(&self.file);
    }
}
