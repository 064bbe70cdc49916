//! What a replay store on Redis adds to an accept: against a server on this machine, over loopback and over a Unix socket.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and starts threads and a server")]

mod support;

use core::net::Ipv4Addr;
use core::time::Duration;
use kerbside::numbers::Enctype;
use kerbside::replay::redis::RedisReplayStore;
use kerbside::replay::{MemoryReplayStore, ReplayStore};
use kerbside::{Acceptor, ReplayPolicy};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use support::logins::{Logins, SERVICE};
use support::machine;

const TOKENS: usize = 16_384;
const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn main() {
    let Some(server) = Server::start() else {
        println!("skipped: redis-server is not installed");
        return;
    };
    println!("\nmachine {}", machine::machine());
    let told = server.store(&server.url(), "").probe().expect("a server that was just started answers");
    println!("server {}", told.version.unwrap_or_default());
    let logins = Logins::many(ENCTYPE, TOKENS);
    for threads in [1, 2, 8] {
        measure("memory", &logins, Arc::new(MemoryReplayStore::default()), threads);
        for (way, url) in [("loopback", server.url()), ("socket", server.socket_url())] {
            let store = Arc::new(server.store(&url, &format!("{way}:{threads}:")));
            // Connections are opened before, as they are in a server that has been up for a while.
            (0..threads).for_each(|_| drop(store.probe()));
            measure(way, &logins, store, threads);
        }
    }
}

/// `latency redis WAY THREADS threads: median, 99th of a hundred, longest; accepts in a second`.
fn measure(way: &str, logins: &Logins, store: Arc<dyn ReplayStore>, threads: usize) {
    let keytab = logins.realm.keytab(SERVICE).expect("a keytab");
    let acceptor = Acceptor::builder(keytab).replay(ReplayPolicy::Store(store)).build().expect("the keytab has keys");
    let begun = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let parts = logins.tokens.chunks(TOKENS / threads);
        let working: Vec<_> = parts.map(|part| scope.spawn(|| accept_each(&acceptor, logins, part))).collect();
        working.into_iter().flat_map(|thread| thread.join().expect("no thread panics")).collect()
    });
    let whole = begun.elapsed();
    times.sort_unstable();
    let (median, most, longest) = (times[TOKENS / 2], times[TOKENS * 99 / 100], times[TOKENS - 1]);
    let in_a_second = TOKENS as u128 * 1_000_000 / whole.as_micros();
    println!(
        "latency redis {way} {threads} threads: median {} µs, 99 of 100 within {} µs, longest {} µs; {in_a_second} accepts in a second",
        median.as_micros(),
        most.as_micros(),
        longest.as_micros(),
    );
}

fn accept_each(acceptor: &Acceptor, logins: &Logins, tokens: &[Vec<u8>]) -> Vec<Duration> {
    let accept = |token: &Vec<u8>| {
        let begun = Instant::now();
        let accepted = acceptor.accept(token, logins.realm.now());
        let took = begun.elapsed();
        drop(accepted.expect("a good token"));
        took
    };
    tokens.iter().map(accept).collect()
}

/// A server that keeps nothing on disk, and ends with the bench.
struct Server {
    directory: PathBuf,
    port: u16,
    process: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let directory = std::env::temp_dir().join(format!("kerbside-bench-redis-{}", std::process::id()));
        std::fs::create_dir(&directory).expect("a directory of that name is new");
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).expect("a free port").port();
        let launched = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--unixsocket"])
            .arg(directory.join("socket"))
            .arg("--dir")
            .arg(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = launched else {
            std::fs::remove_dir(&directory).expect("it is empty");
            return None;
        };
        let server = Self { directory, port, process };
        let begun = Instant::now();
        while let Err(error) = server.store(&server.socket_url(), "probe:").probe() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{error}");
            thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    fn store(&self, url: &str, prefix: &str) -> RedisReplayStore {
        RedisReplayStore::builder(url).prefix(prefix).build().expect("a good URL")
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn socket_url(&self) -> String {
        format!("redis+unix://{}", self.directory.join("socket").display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
