//! A server of axum under load, each request with a fresh token: the layer's share of its CPU time, and whether its memory
//! stays flat while 200,000 tokens are accepted.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "support/http_client.rs"]
mod http_client;
#[path = "support/linux.rs"]
mod linux;
mod support;

use axum::Router;
use axum::routing::get;
use core::net::Ipv4Addr;
use core::time::Duration;
use http_client::{Client, request_octets};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use kerbside::http::axum::Negotiated;
use kerbside::http::tower::{ConnectionId, NegotiateLayer};
use kerbside::numbers::Enctype;
use kerbside::replay::MemoryReplayStore;
use kerbside::{Acceptor, ReplayPolicy};
use linux::{Usage, resident_octets};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use support::door::Door;
use support::logins::{Logins, SERVICE};
use support::machine;
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tower::ServiceExt as _;

const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// Requests in one round, and rounds: 200,000 accepts.
const REQUESTS: usize = 2_000;
const ROUNDS: usize = 100;

/// After these rounds the memory is looked at: 20,000 accepts, 100,000 and 200,000.
const LOOKS: [usize; 3] = [10, 50, 100];

/// By how much memory may grow between the last two looks. Twenty octets an accept would be more.
const GROWTH: f64 = 0.05;

/// Between two rounds. With the usual skew an entry of the replay store lives ten minutes: ten rounds.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(60);

/// Of the server, and as many of the clients.
const THREADS: usize = 2;

/// Of each client's thread. It writes to all of them before it reads, so that the server has something to do meanwhile.
const CONNECTIONS: usize = 8;

/// After this the server's threads sleep: what a thread has used is told exactly when it sleeps, else up to its last tick.
const SETTLING: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    // Where benches are only to compile and to begin, as in `cargo test --benches`, there is nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    if resident_octets().is_none() {
        println!("skipped: CPU time and memory are read from Linux's /proc");
        return ExitCode::SUCCESS;
    }
    println!("\nmachine {}", machine::machine());
    let mut logins = Logins::many(ENCTYPE, REQUESTS);
    let store = Arc::new(MemoryReplayStore::default());
    let mut with = Server::start("with-layer", app().layer(layer(&logins, &store)));
    let mut without = Server::start("without-layer", app());
    let (mut accepts, mut looks) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        logins.realm.clock().advance(BETWEEN_ROUNDS);
        logins.renew();
        let requests: Vec<_> = logins.tokens.iter().map(|token| request_octets(token)).collect();
        with.pass(&requests, "www-authenticate: Negotiate ");
        without.pass(&requests, "hello nobody");
        accepts.push(Door::new(&logins).accept_all(&logins.tokens));
        if LOOKS.contains(&round) {
            looks.push(look(round * REQUESTS, &store));
        }
    }
    thread::sleep(SETTLING);
    print_costs(&with, &without, accepts.into_iter().min().unwrap_or_default());
    if flat(&looks) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn app() -> Router {
    Router::new().route("/", get(greet))
}

/// As much work without the layer: no name is found out, but one is written.
async fn greet(client: Option<Negotiated>) -> String {
    match client {
        Some(Negotiated(client)) => format!("hello {}\n", client.client()),
        None => format!("hello {}\n", "nobody@EXAMPLE.COM"),
    }
}

fn layer(logins: &Logins, store: &Arc<MemoryReplayStore>) -> NegotiateLayer {
    let keytab = logins.realm.keytab(SERVICE).expect("a keytab");
    let replay = ReplayPolicy::Store(store.clone());
    let acceptor = Acceptor::builder(keytab).service("HTTP").replay(replay).build().expect("the keytab has keys");
    let realm = logins.realm.clone();
    NegotiateLayer::new(acceptor, move || realm.now())
}

/// A server with two threads, and its clients' connections, which stay open.
struct Server {
    name: &'static str,
    clients: Vec<Vec<Client>>,
    /// What its threads have used before the first request.
    before: Usage,
    /// What all passes took.
    time: Duration,
    _runtime: Runtime,
}

impl Server {
    fn start(name: &'static str, app: Router) -> Self {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name(name)
            .enable_io()
            .build()
            .expect("threads can be started");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        runtime.spawn(serve(listener, app));
        let connections = || (0..CONNECTIONS).map(|_| Client::connect(address)).collect();
        let clients = (0..THREADS).map(|_| connections()).collect();
        Self { name, clients, before: Usage::of_threads(name), time: Duration::ZERO, _runtime: runtime }
    }

    /// Sends each request once; each response must be a 200 with this in it.
    fn pass(&mut self, requests: &[Vec<u8>], expected: &str) {
        let begun = Instant::now();
        thread::scope(|scope| {
            for (clients, requests) in self.clients.iter_mut().zip(requests.chunks(REQUESTS / THREADS)) {
                scope.spawn(move || send_all(clients, requests, expected));
            }
        });
        self.time += begun.elapsed();
    }

    /// Prints what a request cost, and says how much CPU time that was.
    fn print_cost(&self) -> Duration {
        let used = Usage::of_threads(self.name).since(self.before);
        let requests = u32::try_from(REQUESTS * ROUNDS).expect("few requests");
        let (cpu, rate) = (used.cpu / requests, f64::from(requests) / self.time.as_secs_f64());
        let waits = f64::from(used.waits) / f64::from(requests);
        let name = self.name;
        println!(
            "load http_load {name}: {cpu:.1?} of CPU and {waits:.2} waits a request, {rate:.0} requests in a second"
        );
        cpu
    }
}

async fn serve(listener: TcpListener, app: Router) {
    let mut accepted = 0;
    loop {
        let (stream, _) = listener.accept().await.expect("a client");
        stream.set_nodelay(true).expect("a socket");
        accepted += 1;
        let connection = ConnectionId::new(accepted);
        let service = app.clone().map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(connection);
            request
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    }
}

fn send_all(clients: &mut [Client], requests: &[Vec<u8>], expected: &str) {
    for requests in requests.chunks(clients.len()) {
        for (client, request) in clients.iter_mut().zip(requests) {
            client.send(request);
        }
        for (client, _) in clients.iter_mut().zip(requests) {
            let response = client.receive();
            assert!(response.starts_with("HTTP/1.1 200") && response.contains(expected), "{response}");
        }
    }
}

/// The server's CPU time, and the clock's for accepts: a busy machine only ever adds to that, so the fastest pass stands.
fn print_costs(with: &Server, without: &Server, accepts: Duration) {
    let (with, without) = (with.print_cost().as_secs_f64(), without.print_cost().as_secs_f64());
    let accept = accepts / u32::try_from(REQUESTS).expect("few requests");
    let layer = with - without;
    println!("load http_load layer: {:.0} % of the server's CPU time", 100.0 * layer / with);
    println!(
        "load http_load layer/accept {:.1} (a bare accept of the same token: {accept:.1?})",
        layer / accept.as_secs_f64()
    );
}

/// What is resident after so many accepts, the clients' requests included.
fn look(accepts: usize, store: &MemoryReplayStore) -> f64 {
    let octets = resident_octets().expect("it was there at the beginning");
    println!(
        "resident http_load {accepts} accepts: {:.1} MiB, {} replay entries",
        octets / f64::from(1 << 20),
        store.len()
    );
    octets
}

fn flat(looks: &[f64]) -> bool {
    let [.., before, after] = looks else { return false };
    let growth = after / before - 1.0;
    let verdict = if growth <= GROWTH { "flat" } else { "GROWS" };
    println!(
        "resident http_load {verdict}: {:+.1} % between the last two, where {:.0} % may be",
        growth * 100.0,
        GROWTH * 100.0
    );
    growth <= GROWTH
}
