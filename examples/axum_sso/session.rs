//! The session: what a login said, in a cookie with a signature. The server remembers nothing.
//!
//! Nobody can change the cookie; whoever has it can read it. It ends with the ticket, and nothing ends it before: a server that has to
//! throw users out keeps its sessions itself, and puts only a random name into the cookie.

use crate::Problem;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kerbside::http::gate::Transport;
use kerbside::{Accepted, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fs;
use std::path::Path;

pub(crate) const COOKIE: &str = "sso-session";

/// The least that a key file must hold: as much as the hash puts out (RFC 2104 §3).
const KEY_OCTETS: usize = 32;

/// Signs cookies and reads them.
pub(crate) struct Sessions {
    mac: Hmac<Sha256>,
}

impl Sessions {
    /// With the key of that file, or with a random one, which the next start does not know.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self, Problem> {
        let key = match file {
            Some(file) => fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?,
            None => {
                let mut key = vec![0; KEY_OCTETS];
                getrandom::fill(&mut key)?;
                key
            }
        };
        if key.len() < KEY_OCTETS {
            return Err(format!("a session key has at least {KEY_OCTETS} octets").into());
        }
        Ok(Self { mac: Hmac::new_from_slice(&key)? })
    }

    /// The `Set-Cookie` of a session that ends then.
    pub(crate) fn begin(
        &self,
        login: &Value,
        until: Timestamp,
        now: Timestamp,
        over: Transport,
    ) -> Option<HeaderValue> {
        let signed = json!({ "login": login, "until": until.unix_micros() }).to_string();
        let signed = URL_SAFE_NO_PAD.encode(signed);
        let tag = URL_SAFE_NO_PAD.encode(self.signing(&signed).finalize().into_bytes());
        let seconds = until.saturating_since(now).as_secs();
        cookie(&format!("{signed}.{tag}"), seconds, over)
    }

    /// What the login said, if the cookie is one of this server's and has not ended.
    pub(crate) fn read(&self, cookie: &str, now: Timestamp) -> Option<Value> {
        let (signed, tag) = cookie.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        self.signing(signed).verify_slice(&tag).ok()?;
        let mut session: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed).ok()?).ok()?;
        let until = Timestamp::from_unix_micros(session.get("until")?.as_i64()?);
        (now < until).then(|| session["login"].take())
    }

    fn signing(&self, text: &str) -> Hmac<Sha256> {
        // The key signs nothing else, whatever another program does with its file.
        self.mac.clone().chain_update(b"axum_sso session 1\0").chain_update(text)
    }
}

/// The `Set-Cookie` that ends a session.
pub(crate) fn end(over: Transport) -> Option<HeaderValue> {
    cookie("", 0, over)
}

/// `Lax`: a link from elsewhere finds the user logged in; a form that another site sends does not.
fn cookie(value: &str, seconds: u64, over: Transport) -> Option<HeaderValue> {
    let secure = match over {
        Transport::Tls => "; Secure",
        Transport::Plain => "",
    };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).ok()
}

/// What a ticket says of its user.
pub(crate) fn by_ticket(accepted: &Accepted) -> Value {
    let times = accepted.ticket_times();
    json!({
        "principal": accepted.client().to_string(),
        "by": "ticket",
        "service": accepted.service().to_string(),
        "mechanism": accepted.mechanism().to_string(),
        "flags": accepted.flags().names().collect::<Vec<_>>(),
        "ticket_flags": accepted.ticket_flags().names().collect::<Vec<_>>(),
        "enctype": accepted.enctype().name(),
        "session_key_enctype": accepted.session_key_enctype().name(),
        "kvno": accepted.kvno(),
        "channel_bound": accepted.channel_bound(),
        "auth_time": times.authtime.to_string(),
        "start_time": times.starttime.unwrap_or(times.authtime).to_string(),
        "end_time": times.endtime.to_string(),
        "renew_till": times.renew_till.map(|time| time.to_string()),
    })
}

/// What a form says.
pub(crate) fn by_form(user: &str) -> Value {
    json!({ "principal": user, "by": "form" })
}
