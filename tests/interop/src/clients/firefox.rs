//! Firefox, headless: told what to do by Marionette, the protocol of its own tests, since it prints no page.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Errand, Proof, Visit, trust};
use crate::scratch::Scratch;

/// How long it may take to start, and to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// It asks nobody else for anything, and says on which port it listens.
const PREFERENCES: &[(&str, &str)] = &[
    ("network.negotiate-auth.trusted-uris", "\".kerbside.test\""),
    ("marionette.port", "0"),
    ("network.proxy.type", "0"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("app.update.disabledForTesting", "true"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("services.settings.server", "\"data:,\""),
    ("dom.security.https_first", "false"),
];

/// What the page's own script can say of it.
const SCRIPT: &str = "return [performance.getEntriesByType('navigation')[0].responseStatus, document.body.innerText];";

pub(super) fn visit(errand: &Errand<'_>) -> Visit {
    let home = Scratch::new();
    write_profile(&home, errand);
    let mut browser = Browser::start(&home, errand);
    browser.ask("WebDriver:NewSession", &json!({}));
    browser.ask("WebDriver:Navigate", &json!({ "url": errand.url }));
    let answer = browser.ask("WebDriver:ExecuteScript", &json!({ "script": SCRIPT, "args": [] }));
    let [status, body] = [0, 1].map(|at| answer["value"][at].clone());
    browser.ask("Marionette:Quit", &json!({ "flags": ["eForceQuit"] }));
    let status = status.as_u64().map(|status| u16::try_from(status).expect("a status has three digits"));
    let body = body.as_str().expect("a page has text").to_owned();
    Visit { status, body, proof: Proof::NotChecked, log: String::new() }
}

fn write_profile(home: &Scratch, errand: &Errand<'_>) {
    let profile = home.path("profile");
    fs::create_dir(&profile).expect("the directory is new");
    let mut lines = String::new();
    let mut prefer = |name: &str, value: &str| lines += &format!("user_pref(\"{name}\", {value});\n");
    for (name, value) in PREFERENCES {
        prefer(name, value);
    }
    let (host, _) = errand.host_and_port();
    prefer("network.dns.localDomains", &format!("\"{host}\""));
    if errand.delegates() {
        prefer("network.negotiate-auth.delegation-uris", "\".kerbside.test\"");
    }
    fs::write(profile.join("user.js"), lines).expect("the profile can be written");
    if let Some(authority) = errand.authority() {
        trust(authority, &profile);
    }
}

/// A running browser: it ends with this value.
struct Browser {
    process: Child,
    marionette: TcpStream,
    commands: u32,
}

impl Browser {
    fn start(home: &Scratch, errand: &Errand<'_>) -> Self {
        let mut process = errand
            .command("firefox-esr")
            .args(["--headless", "--no-remote", "--marionette", "--profile"])
            .arg(home.path("profile"))
            .env("HOME", home.directory())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("firefox-esr runs");
        let port = home.path("profile/MarionetteActivePort");
        let begun = Instant::now();
        let marionette = loop {
            let connection = fs::read_to_string(&port).ok().and_then(|port| port.trim().parse().ok());
            let connection = connection.and_then(|port: u16| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
            if let Some(connection) = connection {
                break connection;
            }
            assert!(process.try_wait().expect("it can be asked").is_none(), "firefox-esr ended");
            assert!(begun.elapsed() < PATIENCE, "firefox-esr does not listen");
            sleep(Duration::from_millis(50));
        };
        marionette.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
        let mut browser = Self { process, marionette, commands: 0 };
        browser.read();
        browser
    }

    /// Sends a command, and waits for the answer.
    fn ask(&mut self, command: &str, parameters: &Value) -> Value {
        self.commands += 1;
        let message = json!([0, self.commands, command, parameters]).to_string();
        let message = format!("{}:{message}", message.len());
        self.marionette.write_all(message.as_bytes()).expect("firefox-esr listens");
        let answer = self.read();
        assert!(answer[2].is_null(), "{command}: {}", answer[2]);
        answer[3].clone()
    }

    /// A message: its length, a colon, and JSON.
    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut octet = [0];
            self.marionette.read_exact(&mut octet).expect("firefox-esr answers");
            match octet[0] {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut message = vec![0; length];
        self.marionette.read_exact(&mut message).expect("firefox-esr answers");
        serde_json::from_slice(&message).expect("firefox-esr answers in JSON")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After a failure nobody told it to quit.
        if std::thread::panicking() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
