//! A server on a loopback port, hyper's over http or https, that notes what it was sent.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use kerbside::Connection;
use kerbside::http::rustls::connection_of;
use kerbside::http::tower::ConnectionId;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::Certificate;
use crate::page::{PATH, Page};

/// What a site was asked for its page.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub versions: Vec<Version>,
    /// What it answered, to requests with and without a token.
    pub statuses: Vec<u16>,
    pub bodies: Vec<String>,
    pub tokens: Vec<Vec<u8>>,
}

/// A running server: it ends with this value.
pub struct Site {
    address: SocketAddr,
    host: &'static str,
    authority: Option<PathBuf>,
    seen: Arc<Mutex<Seen>>,
    _server: Runtime,
}

/// What is the same for all connections.
#[derive(Clone)]
struct Server {
    page: Page,
    tls: Option<Tls>,
    seen: Arc<Mutex<Seen>>,
}

/// The certificate that a site shows, and the one that the acceptor is told.
#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    bound_to: CertificateDer<'static>,
}

impl Site {
    /// A site over http, which clients take for `web.kerbside.test`.
    pub fn http(page: Page) -> Self {
        Self::open(page, None, None)
    }

    /// The same over https. The acceptor is told the bindings of this certificate.
    pub fn https(certificate: &Certificate, page: Page) -> Self {
        Self::https_bound_to(certificate, certificate, page)
    }

    /// The same where the acceptor is told the bindings of another certificate than the one that clients see: so it is
    /// where somebody stands in between.
    pub fn https_bound_to(bound_to: &Certificate, shown: &Certificate, page: Page) -> Self {
        Self::tls(page, bound_to, shown, &[b"http/1.1"])
    }

    /// The same as [`Self::https`], where clients may speak HTTP/2.
    pub fn http2(certificate: &Certificate, page: Page) -> Self {
        Self::tls(page, certificate, certificate, &[b"h2", b"http/1.1"])
    }

    fn tls(page: Page, bound_to: &Certificate, shown: &Certificate, protocols: &[&[u8]]) -> Self {
        let tls = Tls { acceptor: presenting(shown, protocols), bound_to: leaf(bound_to) };
        Self::open(page, Some(tls), Some(shown.authority()))
    }

    fn open(page: Page, tls: Option<Tls>, authority: Option<PathBuf>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        listener.set_nonblocking(true).expect("a socket can be told");
        let address = listener.local_addr().expect("a bound socket has an address");
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread starts");
        let seen = Arc::default();
        runtime.spawn(Server { page, tls, seen: Arc::clone(&seen) }.serve(listener));
        Self { address, host: "web.kerbside.test", authority, seen, _server: runtime }
    }

    /// Under which clients find the page.
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}:{}{PATH}", self.host, self.address.port())
    }

    /// What clients are to trust.
    pub fn authority(&self) -> Option<PathBuf> {
        self.authority.clone()
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().expect("no thread panics with it").clone()
    }
}

fn presenting(certificate: &Certificate, protocols: &[&[u8]]) -> TlsAcceptor {
    let key = PrivateKeyDer::from_pem_file(certificate.key()).expect("openssl wrote a key");
    let configuration = ServerConfig::builder().with_no_client_auth();
    let configuration = configuration.with_single_cert(vec![leaf(certificate)], key);
    let mut configuration = configuration.expect("the key fits the certificate");
    configuration.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(configuration))
}

fn leaf(certificate: &Certificate) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(certificate.chain()).expect("openssl wrote a certificate")
}

impl Server {
    async fn serve(self, listener: TcpListener) {
        let listener = tokio::net::TcpListener::from_std(listener).expect("the socket does not block");
        for number in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection is accepted");
            tokio::spawn(self.clone().converse(stream, ConnectionId::new(number)));
        }
    }

    /// Browsers connect more often than they ask, and leave when they like: so a connection that breaks is none's fault.
    async fn converse(self, stream: TcpStream, id: ConnectionId) {
        let Some(tls) = self.tls.clone() else { return self.answer(stream, Connection::new(), id).await };
        let Ok(stream) = tls.acceptor.accept(stream).await else { return };
        let connection = connection_of(stream.get_ref().1, &tls.bound_to).expect("the certificate can be bound to");
        self.answer(stream, connection, id).await;
    }

    /// As many requests as the client likes.
    async fn answer(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        connection: Connection,
        id: ConnectionId,
    ) {
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(connection.clone());
            request.extensions_mut().insert(id);
            self.clone().watch(request)
        });
        let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
    }

    /// Notes what goes in and comes out, outside of everything else.
    async fn watch(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let asks_for_the_page = request.uri().path() == PATH;
        let (version, token) = (request.version(), token(&request));
        let (head, body) = self.page.oneshot(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        if asks_for_the_page {
            let mut seen = self.seen.lock().expect("no thread panics with it");
            seen.versions.push(version);
            seen.statuses.push(head.status.as_u16());
            seen.bodies.push(String::from_utf8_lossy(&body).into_owned());
            seen.tokens.extend(token);
        }
        Ok(Response::from_parts(head, Full::from(body)))
    }
}

fn token(request: &Request<Incoming>) -> Option<Vec<u8>> {
    let text = request.headers().get(AUTHORIZATION)?.to_str().expect("clients send text").strip_prefix("Negotiate ")?;
    Some(STANDARD.decode(text).expect("clients send base64"))
}
