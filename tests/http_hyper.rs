//! The tower layer inside of hyper, over connections in memory: HTTP/1.1 and HTTP/2 as they are on the wire.
#![cfg(all(feature = "tower", feature = "testing"))]

#[path = "support/site.rs"]
mod site;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::convert::Infallible;
use core::future::Future;
use core::pin::Pin;
use http::header::AUTHORIZATION;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use kerbside::http::tower::{Authenticated, ConnectionId, NegotiateLayer};
use kerbside::numbers::AuthDataType;
use kerbside::replay::{MemoryReplayStore, ReplayStore as _};
use kerbside::testing::{AuthorizationElement, Login, gss_flag};
use kerbside::{Policy, ReplayPolicy, ReplayQuestion};
use site::Site;
use std::sync::Arc;
use tokio::io::DuplexStream;
use tower::{Layer as _, ServiceExt as _, service_fn};

/// What one response says: status, challenges, body.
type Said = (u16, Vec<String>, String);

/// A client's end of a connection.
enum Client {
    Http1(hyper::client::conn::http1::SendRequest<Empty<Bytes>>),
    Http2(hyper::client::conn::http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    fn send(&mut self, token: Option<&[u8]>) -> Pin<Box<dyn Future<Output = Said> + Send>> {
        let mut request = Request::builder().uri("http://web.example.com/");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Negotiate {}", STANDARD.encode(token)));
        }
        let request = request.body(Empty::new()).unwrap();
        let response: Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>> + Send>> = match self {
            Self::Http1(sender) => Box::pin(sender.send_request(request)),
            Self::Http2(sender) => Box::pin(sender.send_request(request)),
        };
        Box::pin(async move {
            let response = response.await.unwrap();
            let challenges = response.headers().get_all("www-authenticate").iter();
            let challenges = challenges.map(|value| value.to_str().unwrap().to_owned()).collect();
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, challenges, String::from_utf8(body.to_vec()).unwrap())
        })
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Protocol {
    Http1,
    Http2,
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

async fn connect(layer: &NegotiateLayer, protocol: Protocol) -> Client {
    let (client, server) = tokio::io::duplex(1 << 17);
    tokio::spawn(serve(layer.clone(), protocol, server));
    match protocol {
        Protocol::Http1 => {
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(client)).await.unwrap();
            tokio::spawn(connection);
            Client::Http1(sender)
        }
        Protocol::Http2 => {
            let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(client));
            let (sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            Client::Http2(sender)
        }
    }
}

/// One connection, which the server numbers whatever it speaks.
async fn serve(layer: NegotiateLayer, protocol: Protocol, stream: DuplexStream) {
    let service = layer.layer(service_fn(whoami)).map_request(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectionId::new(1));
        request
    });
    let service = TowerToHyperService::new(service);
    let stream = TokioIo::new(stream);
    match protocol {
        Protocol::Http1 => hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await.unwrap(),
        Protocol::Http2 => {
            let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.max_header_list_size(80_000).serve_connection(stream, service).await.unwrap();
        }
    }
}

async fn whoami(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // Whoever is answered last came first: responses overtake each other where they can.
    let client: &Authenticated = request.extensions().get().unwrap();
    let name = client.client().to_string();
    for _ in 0..name.len() * 3 % 7 {
        tokio::task::yield_now().await;
    }
    Ok(Response::new(Full::from(name)))
}

fn layer(site: &Site) -> NegotiateLayer {
    let realm = site.realm.clone();
    NegotiateLayer::new(site.acceptor(Policy::default()), move || realm.now())
}

/// A layer whose store takes turns with everything else.
fn layer_with_a_slow_store(site: &Site) -> NegotiateLayer {
    let (realm, store) = (site.realm.clone(), Arc::new(MemoryReplayStore::default()));
    let acceptor = site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap();
    NegotiateLayer::new(acceptor, move || realm.now()).replay_store(move |question: ReplayQuestion| {
        let store = Arc::clone(&store);
        async move {
            for _ in 0..question.key().as_octets()[0] % 5 {
                tokio::task::yield_now().await;
            }
            store.check_and_insert(question.key(), question.now(), question.keep_until())
        }
    })
}

fn assert_said(said: &Said, login: &Login, client: &str) {
    assert_eq!((said.0, said.2.as_str()), (200, format!("{client}@EXAMPLE.COM").as_str()));
    let [challenge] = &said.1[..] else { panic!("{:?}", said.1) };
    let token = STANDARD.decode(challenge.strip_prefix("Negotiate ").unwrap()).unwrap();
    login.verify_reply(&token).unwrap();
}

// ASK-21, F5-20
#[tokio::test]
async fn ktb_22_two_users_over_one_connection_are_never_mixed_on_the_wire() {
    let site = Site::new();
    for protocol in PROTOCOLS {
        for layer in [layer(&site), layer_with_a_slow_store(&site)] {
            let mut client = connect(&layer, protocol).await;
            for name in ["alice", "robert", "alice", "robert"] {
                let login = site.login_of(name);
                assert_said(&client.send(Some(&login.token())).await, &login, name);
                let nobody = client.send(None).await;
                assert_eq!(nobody, (401, vec!["Negotiate".to_owned()], String::new()), "{protocol:?}");
            }
        }
    }
}

// ASK-21
#[tokio::test]
async fn ktb_22_requests_side_by_side_on_http_2_have_their_own_identities() {
    let site = Site::new();
    for layer in [layer(&site), layer_with_a_slow_store(&site)] {
        let mut client = connect(&layer, Protocol::Http2).await;
        let logins: Vec<_> = (0..24).map(|number| (format!("user{}", "x".repeat(number)), number)).collect();
        let logins: Vec<_> = logins.into_iter().map(|(name, _)| (site.login_of(&name), name)).collect();
        let sent: Vec<_> = logins.iter().map(|(login, _)| tokio::spawn(client.send(Some(&login.token())))).collect();
        for (said, (login, name)) in sent.into_iter().zip(&logins) {
            assert_said(&said.await.unwrap(), login, name);
        }
    }
}

// F5-20
#[tokio::test]
async fn ktb_22_several_legs_are_taken_on_http_1_and_refused_on_http_2() {
    let site = Site::new();
    let login = || {
        let login = site.login().with_gss_checksum(|checksum| checksum.flags &= !gss_flag::INTEG);
        login.offering(&[kerbside::testing::Oid::NTLM, kerbside::testing::Oid::KRB5])
    };
    for protocol in PROTOCOLS {
        let mut client = connect(&layer(&site), protocol).await;
        let login = login();
        let first = client.send(Some(&login.token())).await;
        let later = login.clone().framing(kerbside::testing::Framing::SpnegoContinuation);
        let second = client.send(Some(&later.token())).await;
        match protocol {
            Protocol::Http1 => {
                assert_eq!((first.0, first.1.len()), (401, 1));
                assert!(first.1[0].starts_with("Negotiate "), "{first:?}");
                assert_said(&second, &login, "alice");
            }
            Protocol::Http2 => {
                for said in [first, second] {
                    assert_eq!((said.0, &said.1[..]), (401, &["Negotiate".to_owned()][..]));
                }
            }
        }
    }
}

// CAS-04, ASK-08
#[tokio::test]
async fn ktb_25_the_longest_tokens_fit_if_the_server_lets_them() {
    let site = Site::new();
    for (octets, status) in [(12_000, 200), (47_500, 200), (52_000, 431)] {
        for protocol in PROTOCOLS {
            let login = site.login().with_ticket(|ticket| {
                let groups = AuthorizationElement::new(AuthDataType(9_999), vec![0; octets]);
                ticket.authorization_data = Some(vec![AuthorizationElement::if_relevant(&[groups])]);
            });
            let mut client = connect(&layer(&site), protocol).await;
            let said = client.send(Some(&login.token())).await;
            assert_eq!(said.0, status, "{octets} over {protocol:?}");
        }
    }
}
