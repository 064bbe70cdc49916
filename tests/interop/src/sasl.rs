//! SASL clients, Java's and Cyrus's, against the server side of this repository.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kerbside::sasl::{Authenticated, Gssapi, SaslError, SaslStep};
use serde_json::{Value, json};

use crate::line::{Line, Refused, octets};
use crate::{Peer, Realm, TicketCache, now};

/// What a client wants for its messages, by SASL's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qop {
    Auth,
    AuthInt,
    AuthConf,
}

impl Qop {
    fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
            Self::AuthConf => "auth-conf",
        }
    }
}

/// Whether Java asks the server to prove itself. Cyrus asks wherever it wants a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerAuth {
    Ask,
    DoNotAsk,
}

/// What to ask a client for.
#[derive(Debug, Clone)]
pub struct SaslRequest {
    host: String,
    qop: Qop,
    max_buffer: u32,
    server_auth: ServerAuth,
    authorization_id: String,
}

impl SaslRequest {
    /// For `HTTP/host.kerbside.test`, with the server's proof, buffers of 65,536 octets, and nobody else to act as.
    pub fn to(host: &str, qop: Qop) -> Self {
        Self {
            host: format!("{host}.kerbside.test"),
            qop,
            max_buffer: 65_536,
            server_auth: ServerAuth::Ask,
            authorization_id: String::new(),
        }
    }

    pub fn max_buffer(mut self, octets: u32) -> Self {
        self.max_buffer = octets;
        self
    }

    pub fn server_auth(mut self, server_auth: ServerAuth) -> Self {
        self.server_auth = server_auth;
        self
    }

    pub fn authorization_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.authorization_id);
        self
    }
}

/// Who refused a login.
#[derive(Debug)]
pub enum LoginRefused {
    Client(Refused),
    Server(SaslError),
}

/// One process of a peer with tickets of its own.
pub struct SaslClient {
    line: Line,
    max_message: usize,
}

/// What the client sends next.
struct Response {
    complete: bool,
    token: Vec<u8>,
}

impl SaslClient {
    pub fn start(peer: Peer, realm: &Realm, tickets: TicketCache) -> Self {
        Self { line: Line::open(peer, realm, tickets), max_message: 0 }
    }

    /// A whole login: both sides have come to its end, or one of them refuses.
    ///
    /// # Panics
    ///
    /// If one side is done and the other waits.
    pub fn log_in(&mut self, gssapi: &Gssapi, request: &SaslRequest) -> Result<Authenticated, LoginRefused> {
        let mut exchange = gssapi.begin();
        let mut response = self.begin(request).map_err(LoginRefused::Client)?;
        loop {
            match exchange.step(&response.token, now()).map_err(LoginRefused::Server)? {
                SaslStep::Challenge(challenge) => {
                    response = self.step(&challenge).map_err(LoginRefused::Client)?;
                }
                SaslStep::Authenticated(authenticated) => {
                    assert!(response.complete, "the client waits: {request:?}");
                    return Ok(*authenticated);
                }
                SaslStep::CheckReplay(question) => panic!("unexpected: {question:?}"),
            }
        }
    }

    fn begin(&mut self, request: &SaslRequest) -> Result<Response, Refused> {
        let SaslRequest { host, qop, max_buffer, server_auth, authorization_id } = request;
        self.response(&json!({ "start": {
            "host": host, "qop": qop.name(), "max_buffer": max_buffer, "server_auth": *server_auth == ServerAuth::Ask,
            "authorization_id": STANDARD.encode(authorization_id),
        } }))
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Response, Refused> {
        self.response(&json!({ "step": { "token": STANDARD.encode(challenge) } }))
    }

    fn response(&mut self, request: &Value) -> Result<Response, Refused> {
        let answer = self.line.ask(request)?;
        let max_message = answer["max_message"].as_u64().expect("a size is a number");
        self.max_message = usize::try_from(max_message).expect("no message is that long");
        let complete = answer["complete"].as_bool().expect("complete is true or false");
        Ok(Response { complete, token: octets(&answer, "token") })
    }

    /// How long a message may be, as the client has it.
    pub fn max_message(&self) -> usize {
        self.max_message
    }

    /// A message in a buffer, its length in front.
    pub fn wrap(&mut self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        let request = json!({ "wrap": { "message": STANDARD.encode(message) } });
        self.line.ask(&request).map(|answer| octets(&answer, "token"))
    }

    /// The message in a buffer.
    pub fn unwrap(&mut self, buffer: &[u8]) -> Result<Vec<u8>, Refused> {
        let request = json!({ "unwrap": { "token": STANDARD.encode(buffer) } });
        self.line.ask(&request).map(|answer| octets(&answer, "message"))
    }
}
