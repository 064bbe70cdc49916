//! The initiators, MIT's, pyspnego's and others': the other end of the line protocol of `initiator.py`, which all peers
//! speak.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kerbside::gss::{AssociatedData, Confidentiality};
use serde_json::{Value, json};

use crate::line::{Line, Refused, octets};
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
    library: Option<&'static str>,
    mechs: Option<Vec<&'static str>>,
    mech: Mech,
    flags: Vec<&'static str>,
    bindings: Option<Vec<u8>>,
    hints: Option<Vec<u8>>,
}

impl Request {
    /// SPNEGO without any flag for `HTTP/host.kerbside.test`.
    pub fn to(host: &str) -> Self {
        Self::to_service(&format!("HTTP/{host}.kerbside.test"))
    }

    /// The same for any service.
    pub fn to_service(name: &str) -> Self {
        Self {
            service: name.to_owned(),
            library: None,
            mechs: None,
            mech: Mech::Spnego,
            flags: Vec::new(),
            bindings: None,
            hints: None,
        }
    }

    /// From pyspnego, not from MIT, with what it [offers](Self::offers).
    pub fn pyspnego(mut self, mechs: &[&'static str]) -> Self {
        self.library = Some("pyspnego");
        self.offers(mechs)
    }

    /// Under SPNEGO these mechanisms are offered, by `initiator.py`'s names.
    pub fn offers(mut self, mechs: &[&'static str]) -> Self {
        self.mechs = Some(mechs.to_vec());
        self
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

    /// After the acceptor spoke first, which pyspnego alone hears.
    pub fn hinted(mut self, hints: Vec<u8>) -> Self {
        self.hints = Some(hints);
        self
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

/// Where a split token of the initiator's has what belongs behind the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailer {
    /// Behind it.
    Apart,
    /// In the header, rotated.
    InHeader,
}

/// A split token on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub header: Vec<u8>,
    pub data: Vec<u8>,
    pub trailer: Vec<u8>,
}

/// One process of a peer with tickets of its own.
pub struct Initiator {
    line: Line,
}

impl Initiator {
    /// MIT's initiator with these tickets.
    pub fn start(realm: &Realm, tickets: TicketCache) -> Self {
        Self::start_peer(Peer::Mit, realm, tickets)
    }

    /// This peer's initiator with these tickets.
    pub fn start_peer(peer: Peer, realm: &Realm, tickets: TicketCache) -> Self {
        Self { line: Line::open(peer, realm, tickets) }
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
        let mut arguments = json!({
            "service": request.service, "mech": mech, "flags": request.flags, "channel_bindings": bindings,
        });
        if let Some(library) = request.library {
            arguments["library"] = json!(library);
        }
        if let Some(mechs) = &request.mechs {
            arguments["mechs"] = json!(mechs);
        }
        if let Some(hints) = &request.hints {
            arguments["hints"] = json!(STANDARD.encode(hints));
        }
        self.line.ask(&json!({ "init": arguments })).map(|answer| leg(&answer))
    }

    /// Gives it the acceptor's token.
    pub fn step(&mut self, token: &[u8]) -> Result<Leg, Refused> {
        self.line.ask(&json!({ "step": { "token": STANDARD.encode(token) } })).map(|answer| leg(&answer))
    }

    /// `gss_wrap`.
    pub fn wrap(&mut self, message: &[u8], confidentiality: Confidentiality) -> Vec<u8> {
        let encrypt = confidentiality == Confidentiality::Sealed;
        let request = json!({ "wrap": { "message": STANDARD.encode(message), "encrypt": encrypt } });
        octets(&self.line.ask(&request).expect("the initiator wraps"), "token")
    }

    /// `gss_unwrap`. Nothing but the next message is taken, as python-gssapi has it.
    pub fn unwrap(&mut self, token: &[u8]) -> Result<(Vec<u8>, Confidentiality), Refused> {
        let answer = self.line.ask(&json!({ "unwrap": { "token": STANDARD.encode(token) } }))?;
        Ok(message(&answer))
    }

    /// `gss_get_mic`.
    pub fn mic(&mut self, message: &[u8]) -> Vec<u8> {
        let answer = self.line.ask(&json!({ "mic": { "message": STANDARD.encode(message) } }));
        octets(&answer.expect("the initiator signs"), "token")
    }

    /// `gss_verify_mic`. Nothing but the next message is taken, as python-gssapi has it.
    pub fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> Result<(), Refused> {
        let arguments = json!({ "message": STANDARD.encode(message), "mic": STANDARD.encode(mic) });
        self.line.ask(&json!({ "verify_mic": arguments })).map(|_| ())
    }

    /// `gss_wrap_size_limit`.
    pub fn wrap_size_limit(&mut self, max_token_octets: usize, confidentiality: Confidentiality) -> usize {
        let encrypt = confidentiality == Confidentiality::Sealed;
        let request = json!({ "wrap_size_limit": { "octets": max_token_octets, "encrypt": encrypt } });
        let answer = self.line.ask(&request).expect("the initiator knows its limit");
        let limit = answer["octets"].as_u64().expect("octets is a number");
        usize::try_from(limit).expect("no token is that long")
    }

    /// `gss_wrap_iov`, with what is signed around the message, and with or without a buffer for a trailer.
    pub fn wrap_iov(
        &mut self,
        around: AssociatedData<'_>,
        message: &[u8],
        confidentiality: Confidentiality,
        trailer: Trailer,
    ) -> Parts {
        let request = json!({ "wrap_iov": {
            "message": STANDARD.encode(message),
            "before": STANDARD.encode(around.before),
            "behind": STANDARD.encode(around.behind),
            "encrypt": confidentiality == Confidentiality::Sealed,
            "trailer": trailer == Trailer::Apart,
        } });
        let answer = self.line.ask(&request).expect("the initiator wraps");
        let [header, data, trailer] = ["header", "data", "trailer"].map(|name| octets(&answer, name));
        Parts { header, data, trailer }
    }

    /// `gss_unwrap_iov`. What the trailer is of is padding: MIT needs no other.
    pub fn unwrap_iov(
        &mut self,
        around: AssociatedData<'_>,
        parts: &Parts,
    ) -> Result<(Vec<u8>, Confidentiality), Refused> {
        let answer = self.line.ask(&json!({ "unwrap_iov": {
            "header": STANDARD.encode(&parts.header),
            "before": STANDARD.encode(around.before),
            "data": STANDARD.encode(&parts.data),
            "behind": STANDARD.encode(around.behind),
            "padding": STANDARD.encode(&parts.trailer),
        } }))?;
        Ok(message(&answer))
    }

    /// `gss_get_mic_iov`.
    pub fn mic_iov(&mut self, buffers: &[&[u8]]) -> Vec<u8> {
        let buffers: Vec<_> = buffers.iter().map(|buffer| STANDARD.encode(buffer)).collect();
        octets(&self.line.ask(&json!({ "mic_iov": { "buffers": buffers } })).expect("the initiator signs"), "token")
    }

    /// `gss_verify_mic_iov`.
    pub fn verify_mic_iov(&mut self, buffers: &[&[u8]], mic: &[u8]) -> Result<(), Refused> {
        let buffers: Vec<_> = buffers.iter().map(|buffer| STANDARD.encode(buffer)).collect();
        let arguments = json!({ "buffers": buffers, "mic": STANDARD.encode(mic) });
        self.line.ask(&json!({ "verify_mic_iov": arguments })).map(|_| ())
    }

    /// What WinRM sends of a sealed message: header and data.
    pub fn wrap_winrm(&mut self, message: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let answer = self.line.ask(&json!({ "wrap_winrm": { "message": STANDARD.encode(message) } }));
        let answer = answer.expect("the initiator wraps for WinRM");
        (octets(&answer, "header"), octets(&answer, "data"))
    }

    /// The message in what WinRM sends.
    pub fn unwrap_winrm(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Refused> {
        let arguments = json!({ "header": STANDARD.encode(header), "data": STANDARD.encode(data) });
        self.line.ask(&json!({ "unwrap_winrm": arguments })).map(|answer| octets(&answer, "message"))
    }
}

fn message(answer: &Value) -> (Vec<u8>, Confidentiality) {
    let encrypted = answer["encrypted"].as_bool().expect("encrypted is true or false");
    let confidentiality = if encrypted { Confidentiality::Sealed } else { Confidentiality::SignedOnly };
    (octets(answer, "message"), confidentiality)
}

fn leg(answer: &Value) -> Leg {
    let token = (!answer["token"].is_null()).then(|| octets(answer, "token"));
    let flags = answer["flags"].as_array().expect("flags are a list");
    let flags = flags.iter().map(|flag| flag.as_str().expect("flags have names").to_owned()).collect();
    Leg { complete: answer["complete"].as_bool().expect("complete is true or false"), token, flags }
}
