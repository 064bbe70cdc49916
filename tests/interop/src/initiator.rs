//! An initiator: the other end of `initiator.py`'s line protocol, which the other peers speak too.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kerbside::gss::Confidentiality;
use serde_json::{Value, json};

use crate::{Peer, Realm, TicketCache};

/// Which GSS-API mechanism the initiator speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mech {
    Spnego,
    Krb5,
}

/// What to ask the initiator for.
#[derive(Debug, Clone)]
pub struct Request {
    service: String,
    mech: Mech,
    flags: Vec<&'static str>,
    bindings: Option<Vec<u8>>,
}

impl Request {
    /// SPNEGO without any flag for `HTTP/host.kerbside.test`.
    pub fn to(host: &str) -> Self {
        Self { service: format!("HTTP/{host}.kerbside.test"), mech: Mech::Spnego, flags: Vec::new(), bindings: None }
    }

    pub fn mech(mut self, mech: Mech) -> Self {
        self.mech = mech;
        self
    }

    /// Adds flags, by `initiator.py`'s names.
    pub fn flags(mut self, flags: &[&'static str]) -> Self {
        self.flags.extend(flags);
        self
    }

    pub fn mutual(self) -> Self {
        self.flags(&["mutual"])
    }

    /// Binds the token to a channel, by application data.
    pub fn bindings(mut self, application_data: &[u8]) -> Self {
        self.bindings = Some(application_data.to_vec());
        self
    }
}

/// What the initiator has after a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Whether it takes the context to be established.
    pub complete: bool,
    /// The token it wants to send.
    pub token: Option<Vec<u8>>,
    /// The flags of an established context.
    pub flags: Vec<String>,
}

/// GSS-API's status where the initiator refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub major: u64,
    pub minor: u64,
    pub text: String,
}

/// One process of a peer with tickets of its own.
pub struct Initiator {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    _tickets: TicketCache,
}

impl Initiator {
    /// MIT's initiator with these tickets.
    pub fn start(realm: &Realm, tickets: TicketCache) -> Self {
        Self::start_peer(Peer::Mit, realm, tickets)
    }

    /// This peer's initiator with these tickets.
    pub fn start_peer(peer: Peer, realm: &Realm, tickets: TicketCache) -> Self {
        let mut process = peer
            .command(realm)
            .env("KRB5_CONFIG", realm.configuration())
            .env("KRB5CCNAME", tickets.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the initiator starts");
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        Self { process, requests, answers, _tickets: tickets }
    }

    /// MIT's initiator for a user with a fresh ticket.
    pub fn of(realm: &Realm, user: &str) -> Self {
        Self::start(realm, realm.kinit(user, &[]))
    }

    /// The first token of a new context.
    ///
    /// # Panics
    ///
    /// If the initiator refuses, which no test wants here.
    pub fn first_token(&mut self, request: &Request) -> Vec<u8> {
        let leg = self.init(request).expect("the initiator makes a token");
        leg.token.expect("the first leg always has a token")
    }

    /// Starts a new context.
    pub fn init(&mut self, request: &Request) -> Result<Leg, Refused> {
        let mech = match request.mech {
            Mech::Spnego => "spnego",
            Mech::Krb5 => "krb5",
        };
        let bindings = request.bindings.as_ref().map(|data| STANDARD.encode(data));
        let arguments = json!({
            "service": request.service, "mech": mech, "flags": request.flags, "channel_bindings": bindings,
        });
        self.ask(&json!({ "init": arguments })).map(|answer| leg(&answer))
    }

    /// Gives it the acceptor's token.
    pub fn step(&mut self, token: &[u8]) -> Result<Leg, Refused> {
        self.ask(&json!({ "step": { "token": STANDARD.encode(token) } })).map(|answer| leg(&answer))
    }

    /// A message as the initiator wraps it.
    pub fn wrap(&mut self, message: &[u8], confidentiality: Confidentiality) -> Vec<u8> {
        let encrypt = confidentiality == Confidentiality::Sealed;
        let request = json!({ "wrap": { "message": STANDARD.encode(message), "encrypt": encrypt } });
        octets(&self.ask(&request).expect("the initiator wraps")["token"])
    }

    /// What the initiator finds in a token, and whether it was sealed. Out of order is a refusal here.
    pub fn unwrap(&mut self, token: &[u8]) -> Result<(Vec<u8>, Confidentiality), Refused> {
        let answer = self.ask(&json!({ "unwrap": { "token": STANDARD.encode(token) } }))?;
        let sealed = answer["encrypted"].as_bool().expect("encrypted is true or false");
        let confidentiality = if sealed { Confidentiality::Sealed } else { Confidentiality::SignedOnly };
        Ok((octets(&answer["message"]), confidentiality))
    }

    /// The initiator's MIC over a message.
    pub fn mic(&mut self, message: &[u8]) -> Vec<u8> {
        let request = json!({ "mic": { "message": STANDARD.encode(message) } });
        octets(&self.ask(&request).expect("the initiator signs")["token"])
    }

    /// Whether the initiator takes a MIC for that of the message. Out of order is a refusal here.
    pub fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> Result<(), Refused> {
        let arguments = json!({ "message": STANDARD.encode(message), "mic": STANDARD.encode(mic) });
        self.ask(&json!({ "verify_mic": arguments })).map(drop)
    }

    fn ask(&mut self, request: &Value) -> Result<Value, Refused> {
        let requests = self.requests.as_mut().expect("it is closed on drop only");
        writeln!(requests, "{request}").expect("the initiator takes a line");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the initiator answers in text");
        assert!(!line.is_empty(), "the initiator ended; its last words are above");
        let answer: Value = serde_json::from_str(&line).expect("the initiator answers in JSON");
        let Some(error) = answer.get("error") else { return Ok(answer) };
        let number = |name: &str| error[name].as_u64().expect("a status is a number");
        let text = error["text"].as_str().expect("a status has a text").to_owned();
        Err(Refused { major: number("major"), minor: number("minor"), text })
    }
}

impl Drop for Initiator {
    fn drop(&mut self) {
        // It ends at the end of its input.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}

fn octets(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().expect("octets are text")).expect("octets are base64")
}

fn leg(answer: &Value) -> Leg {
    let token = answer.get("token").filter(|token| !token.is_null()).map(octets);
    let flags = answer["flags"].as_array().expect("flags are a list");
    let flags = flags.iter().map(|flag| flag.as_str().expect("flags have names").to_owned()).collect();
    Leg { complete: answer["complete"].as_bool().expect("complete is true or false"), token, flags }
}
