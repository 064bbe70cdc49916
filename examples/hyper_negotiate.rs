//! The smallest whole server: hyper, HTTP/1.1, and nobody gets in without a ticket.
//!
//! ```text
//! hyper_negotiate --keytab FILE [--listen ADDRESS]        default: 127.0.0.1:8080
//! ```
//!
//! `curl --negotiate --user : http://web.example.com:8080/` then says who asks, if the keytab holds `HTTP/web.example.com`.
//! A browser asks for a ticket only where it is told to trust the site, and TLS belongs before this server: whoever reads a
//! token on the way can present it first.

#![expect(clippy::disallowed_methods, reason = "a server may read the clock; the library never does")]

use core::convert::Infallible;
use core::net::SocketAddr;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use kerbside::http::tower::{Authenticated, ConnectionId, NegotiateLayer, Refusal};
use kerbside::{Acceptor, Keytab};
use lexopt::prelude::{Long, ValueExt as _};
use std::time::SystemTime;
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _, service_fn};

type Problem = Box<dyn core::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Problem> {
    let (keytab, address) = arguments()?;
    let acceptor = Acceptor::builder(Keytab::from_file(&keytab)?).service("HTTP").build()?;
    let negotiate = NegotiateLayer::new(acceptor, SystemTime::now).refusal_response(|_, refusal, response| {
        // Why is for the operator. The client gets the status, the challenge and a word.
        println!("refused: {refusal}{}", hint(refusal));
        response.map(|()| Full::from("Please log in.\n"))
    });
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut accepted = 0;
    loop {
        let (stream, _) = listener.accept().await?;
        accepted += 1;
        let connection = ConnectionId::new(accepted);
        let service = negotiate.layer(service_fn(whoami)).map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(connection);
            request
        });
        let negotiate = negotiate.clone();
        tokio::spawn(async move {
            let served =
                http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            if let Err(error) = served.await {
                println!("connection: {error}");
            }
            negotiate.forget(connection);
        });
    }
}

/// Behind the layer there is an identity: it lets nobody through without one unless it is told to.
async fn whoami(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let name = request.extensions().get().map(|client: &Authenticated| client.client().to_string());
    Ok(Response::new(Full::from(format!("{}\n", name.unwrap_or_default()))))
}

fn hint(refusal: &Refusal) -> String {
    match refusal.reason() {
        kerbside::http::tower::RefusalReason::Token(error) => format!(" (hint: {})", error.hint()),
        _ => String::new(),
    }
}

fn arguments() -> Result<(String, SocketAddr), Problem> {
    let (mut keytab, mut address) = (None, SocketAddr::from(([127, 0, 0, 1], 8080)));
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("keytab") => keytab = Some(parser.value()?.string()?),
            Long("listen") => address = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok((keytab.ok_or("usage: hyper_negotiate --keytab FILE [--listen ADDRESS]")?, address))
}
