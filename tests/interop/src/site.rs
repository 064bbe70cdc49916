//! A server on a loopback port that asks for Negotiate, over http or https, and notes what it was sent.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kerbside::gss::ChannelBindings;
use kerbside::{Acceptor, Connection};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{Certificate, now};

/// What a site answers to a token: the status, the token to send back, and the body.
pub type Answer = (u16, Option<Vec<u8>>, String);

type Answering = Box<dyn Fn(&[u8], &Connection) -> Answer + Send + Sync>;

/// What stands in the answer to a request without a token.
pub const FALLBACK: &str = "Log in with a password";

/// How long a connection may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a site was asked for `/whoami`.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What it answered, to requests with and without a token.
    pub statuses: Vec<u16>,
    pub bodies: Vec<String>,
    pub tokens: Vec<Vec<u8>>,
}

/// A running server: it ends with this value.
pub struct Site {
    address: SocketAddr,
    host: &'static str,
    tls: Option<Tls>,
    shared: Arc<Shared>,
    server: Option<JoinHandle<()>>,
}

struct Shared {
    answer: Answering,
    bindings: Option<ChannelBindings>,
    seen: Mutex<Seen>,
    done: AtomicBool,
}

/// The certificate that a site shows.
#[derive(Clone)]
struct Tls {
    configuration: Arc<ServerConfig>,
    authority: PathBuf,
}

impl Site {
    /// A site over http, which clients take for `web.kerbside.test`.
    ///
    /// A request without a token is answered 401 and `WWW-Authenticate: Negotiate`; the others by `answer`.
    pub fn http(answer: impl Fn(&[u8], &Connection) -> Answer + Send + Sync + 'static) -> Self {
        Self::open(None, None, Box::new(answer))
    }

    /// The same over https. The acceptor is told the bindings of this certificate.
    pub fn https(
        certificate: &Certificate,
        answer: impl Fn(&[u8], &Connection) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::https_bound_to(certificate, certificate, answer)
    }

    /// The same where the acceptor is told the bindings of another certificate than the one that clients see: so it is
    /// where somebody stands in between.
    pub fn https_bound_to(
        bound_to: &Certificate,
        shown: &Certificate,
        answer: impl Fn(&[u8], &Connection) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let bindings = ChannelBindings::tls_server_end_point(&leaf(bound_to)).expect("the certificate can be bound to");
        Self::open(Some(Tls::of(shown)), Some(bindings), Box::new(answer))
    }

    fn open(tls: Option<Tls>, bindings: Option<ChannelBindings>, answer: Answering) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { answer, bindings, seen: Mutex::default(), done: AtomicBool::new(false) });
        let server = thread::spawn({
            let (tls, shared) = (tls.clone(), Arc::clone(&shared));
            move || serve(&listener, tls.as_ref(), &shared)
        });
        Self { address, host: "web.kerbside.test", tls, shared, server: Some(server) }
    }

    /// Under which clients find the page.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}:{}/whoami", self.host, self.address.port())
    }

    /// What clients are to trust.
    pub fn authority(&self) -> Option<PathBuf> {
        self.tls.as_ref().map(|tls| tls.authority.clone())
    }

    pub fn seen(&self) -> Seen {
        self.shared.seen.lock().expect("no thread panics with it").clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shared.done.store(true, Ordering::SeqCst);
        // The server waits for a connection; this is the last one.
        drop(TcpStream::connect(self.address));
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

impl Tls {
    fn of(certificate: &Certificate) -> Self {
        let key = PrivateKeyDer::from_pem_file(certificate.key()).expect("openssl wrote a key");
        let configuration = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![leaf(certificate)], key)
            .expect("the key fits the certificate");
        Self { configuration: Arc::new(configuration), authority: certificate.authority() }
    }
}

fn leaf(certificate: &Certificate) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(certificate.chain()).expect("openssl wrote a certificate")
}

/// The usual answer: 200 and the client's name, or 401 and the kind of the refusal.
pub fn whoami(acceptor: impl Borrow<Acceptor> + Send + Sync) -> impl Fn(&[u8], &Connection) -> Answer + Send + Sync {
    move |token, connection| match acceptor.borrow().accept_on(connection, token, now()) {
        Ok(accepted) => (200, accepted.reply().map(<[u8]>::to_vec), accepted.client().to_string()),
        Err(error) => (401, error.reply().map(<[u8]>::to_vec), error.kind().name().to_owned()),
    }
}

fn serve(listener: &TcpListener, tls: Option<&Tls>, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.done.load(Ordering::SeqCst) {
            break;
        }
        let stream = stream.expect("a connection is accepted");
        let (tls, shared) = (tls.cloned(), Arc::clone(shared));
        // Browsers connect more often than they ask, and leave when they like: so a connection that breaks is none's fault.
        thread::spawn(move || {
            let _ = converse_over(stream, tls.as_ref(), &shared);
        });
    }
}

fn converse_over(stream: TcpStream, tls: Option<&Tls>, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let Some(tls) = tls else { return converse(stream, shared) };
    let connection = ServerConnection::new(Arc::clone(&tls.configuration)).map_err(io::Error::other)?;
    converse(StreamOwned::new(connection, stream), shared)
}

/// Answers one request after the other, as long as the client likes.
fn converse(stream: impl Read + Write, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream)? {
        let (status, reply, body) = shared.answer(&request);
        write_answer(stream.get_mut(), status, reply.as_deref(), &body)?;
    }
    Ok(())
}

/// A request has no body here.
struct Request {
    path: String,
    headers: HashMap<String, String>,
}

fn read_request(stream: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Ok(Some(Request { path, headers }))
}

impl Shared {
    fn answer(&self, request: &Request) -> Answer {
        // Browsers ask for icons.
        if request.path != "/whoami" {
            return (404, None, String::new());
        }
        let token = request.headers.get("authorization").and_then(|value| value.strip_prefix("Negotiate "));
        let token = token.map(|text| STANDARD.decode(text).expect("clients send base64"));
        let answer = match &token {
            None => (401, None, FALLBACK.to_owned()),
            Some(token) => (self.answer)(token, &self.connection()),
        };
        let mut seen = self.seen.lock().expect("no thread panics with it");
        seen.statuses.push(answer.0);
        seen.bodies.push(answer.2.clone());
        seen.tokens.extend(token);
        answer
    }

    /// What the acceptor is told of the connection.
    fn connection(&self) -> Connection {
        match &self.bindings {
            None => Connection::new(),
            Some(bindings) => Connection::new().channel_bindings(bindings.clone()),
        }
    }
}

fn write_answer(stream: &mut impl Write, status: u16, reply: Option<&[u8]>, body: &str) -> io::Result<()> {
    let negotiate = match (status, reply) {
        (_, Some(reply)) => format!("WWW-Authenticate: Negotiate {}\r\n", STANDARD.encode(reply)),
        (401, None) => "WWW-Authenticate: Negotiate\r\n".to_owned(),
        _ => String::new(),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} -\r\n{negotiate}Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + body).as_bytes())?;
    stream.flush()
}
