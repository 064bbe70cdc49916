//! Connections: plain or TLS, HTTP/1.1 or HTTP/2, and what each request is told of the one it came over.

use crate::Problem;
use crate::arguments::{Arguments, TlsFiles};
use crate::site::Site;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use core::future::Future;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use kerbside::Connection;
use kerbside::http::gate::Transport;
use kerbside::http::rustls::connection_of;
use kerbside::http::tower::ConnectionId;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::{ServiceExt as _, service_fn};

/// A client that says nothing for so long is no client.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest header list that HTTP/2 may bring: users in many groups have long tickets. HTTP/1 has room for more.
const HEADER_OCTETS: u32 = 96 * 1024;

/// What the administrator's page says of a connection.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) peer: IpAddr,
    pub(crate) tls: Option<String>,
    pub(crate) bindings: Vec<&'static str>,
}

/// What each request of a connection has in its extensions.
#[derive(Clone)]
struct Told {
    connection: Connection,
    transport: Transport,
    wire: Wire,
    /// Only where the connection is the client's own.
    id: Option<ConnectionId>,
}

pub(crate) struct Listener {
    listener: TcpListener,
    tls: Option<Tls>,
    url: String,
    behind_a_proxy: bool,
}

#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    leaf: CertificateDer<'static>,
}

impl Listener {
    pub(crate) async fn bind(arguments: &Arguments) -> Result<Self, Problem> {
        let listener = TcpListener::bind(arguments.listen).await?;
        let tls = arguments.tls.as_ref().map(Tls::read).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        Ok(Self { listener, tls, url, behind_a_proxy: !arguments.proxies.is_empty() })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Serves until the process is told to end.
    pub(crate) async fn serve(self, site: Arc<Site>) -> Result<(), Problem> {
        let router = site.router();
        let mut count = 0;
        loop {
            let (stream, peer) = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    // Too many files are open, for example: later there will be fewer.
                    Err(error) => {
                        println!("accept: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                result = tokio::signal::ctrl_c() => return Ok(result?),
            };
            count += 1;
            let id = Some(ConnectionId::new(count)).filter(|_| !self.behind_a_proxy);
            tokio::spawn(connect(self.tls.clone(), stream, peer, id, router.clone()));
        }
    }
}

impl Tls {
    fn read(files: &TlsFiles) -> Result<Self, Problem> {
        let chain = CertificateDer::pem_file_iter(&files.certificates)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| format!("{}: {error}", files.certificates.display()))?;
        let key =
            PrivateKeyDer::from_pem_file(&files.key).map_err(|error| format!("{}: {error}", files.key.display()))?;
        let leaf = chain.first().cloned().ok_or("there is no certificate")?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = [&b"h2"[..], b"http/1.1"].map(<[u8]>::to_vec).to_vec();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), leaf })
    }
}

/// One connection. What goes wrong with it is the client's affair: a scanner must not fill the log.
async fn connect(tls: Option<Tls>, stream: TcpStream, peer: SocketAddr, id: Option<ConnectionId>, router: Router) {
    let peer = peer.ip().to_canonical();
    let mut told = Told {
        connection: Connection::new().peer_address(peer),
        transport: Transport::Plain,
        wire: Wire { peer, tls: None, bindings: Vec::new() },
        id,
    };
    let Some(tls) = tls else { return exchange(stream, told, router).await };
    let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.acceptor.accept(stream)).await else { return };
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version();
    told.wire.tls = version.map(|version| format!("{version:?}"));
    match connection_of(connection, &tls.leaf) {
        // Behind a proxy clients are bound to the proxy's connection, of which nothing is known here.
        _ if told.id.is_none() => {}
        Ok(bound) => {
            told.connection = bound.peer_address(peer);
            told.wire.bindings = vec!["tls-server-end-point"];
            told.wire.bindings.extend((version == Some(rustls::ProtocolVersion::TLSv1_3)).then_some("tls-exporter"));
        }
        Err(error) => println!("no channel bindings: {error}"),
    }
    told.transport = Transport::Tls;
    exchange(stream, told, router).await;
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, told: Told, router: Router) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        let Told { connection, transport, wire, id } = told.clone();
        let extensions = request.extensions_mut();
        extensions.insert(connection);
        extensions.insert(transport);
        extensions.insert(wire);
        if let Some(id) = id {
            extensions.insert(id);
        }
        router.clone().oneshot(request)
    });
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    http.http2().timer(TokioTimer::new()).max_header_list_size(HEADER_OCTETS);
    // An error is a client that went away.
    let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
}

/// `kill -HUP`: the keytab was changed. If it cannot be read the old keys stay in force.
#[cfg(unix)]
pub(crate) fn reload_at_hangup(site: Arc<Site>) -> Result<impl Future<Output = ()> + Send, Problem> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup())?;
    Ok(async move {
        while hangups.recv().await.is_some() {
            // A file is read, which may take its time.
            let acceptor = site.acceptor.clone();
            let reloaded = tokio::task::spawn_blocking(move || acceptor.reload(SystemTime::now())).await;
            match reloaded {
                Ok(Ok(change)) => println!("keytab: {change}"),
                Ok(Err(error)) => println!("keytab: {error}; the keys of before stay in force"),
                Err(error) => println!("keytab: {error}"),
            }
        }
    })
}
