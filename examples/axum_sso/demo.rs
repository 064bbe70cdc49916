//! A realm inside of this process, for whoever has none at hand. It hands a ticket to anybody who asks.

use crate::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kerbside::Keytab;
use kerbside::testing::Realm;
use std::sync::Mutex;
use std::time::SystemTime;

pub(crate) const SERVICE: &str = "HTTP/localhost";
/// Who may see the administrator's page.
pub(crate) const ADMIN: &str = "admin@DEMO.EXAMPLE";

pub(crate) struct Demo {
    /// Its clock is set before each ticket: one at a time.
    realm: Mutex<Realm>,
}

impl Demo {
    /// A realm whose keys are others than those of the last run.
    pub(crate) fn new() -> Result<Self, Problem> {
        let seed = getrandom::u64()?;
        Ok(Self { realm: Mutex::new(Realm::with_seed("DEMO.EXAMPLE", seed)) })
    }

    pub(crate) fn keytab(&self) -> Result<Keytab, Problem> {
        Ok(self.realm()?.keytab(SERVICE)?)
    }

    /// The value of an `Authorization` field that logs that user in: once, and within five minutes.
    pub(crate) fn authorization(&self, user: &str) -> Result<String, Problem> {
        let realm = self.realm()?;
        realm.clock().set(SystemTime::now().into());
        Ok(format!("Negotiate {}", STANDARD.encode(realm.login(user, SERVICE).token())))
    }

    pub(crate) fn say_how_to_log_in(&self, url: &str) {
        println!(
            "
There is no keytab, so this server plays the realm DEMO.EXAMPLE itself. To log in with a fresh ticket:

    curl -H \"Authorization: $(curl -s '{url}/demo/token?user=alice')\" {url}/whoami

The administrator's page:

    curl -H \"Authorization: $(curl -s '{url}/demo/token?user=admin')\" {url}/admin

A browser gets no tickets of this realm: {url}/ shows it the form (user demo, password demo).
To let browsers in with tickets, give the server the keytab of a host name (--keytab), and tell them to trust it:

    chromium --auth-server-allowlist=web.example.com http://web.example.com:8080/
    firefox: about:config, network.negotiate-auth.trusted-uris = web.example.com
"
        );
    }

    fn realm(&self) -> Result<std::sync::MutexGuard<'_, Realm>, Problem> {
        self.realm.lock().map_err(|_| "the realm broke".into())
    }
}
