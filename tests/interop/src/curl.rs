//! `curl --negotiate`, and a server on a loopback port for it to talk to.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Realm, TicketCache};

/// What a server answers: whether the token was accepted, the token to send back, and the body.
pub type Answer = (u16, Option<Vec<u8>>, String);

/// How one run of curl ended.
#[derive(Debug)]
pub struct Curl {
    /// curl's exit status.
    pub status: Option<i32>,
    /// The status of the last answer that curl saw, and its body.
    pub http_status: u16,
    pub body: String,
    /// What curl says with `--verbose`.
    pub log: String,
    /// The tokens that the server was sent.
    pub tokens: Vec<Vec<u8>>,
    /// The requests that the server had, with and without a token.
    pub requests: usize,
}

/// Runs curl with these options against a server on a loopback port that curl takes for `HOST.kerbside.test`.
///
/// A request without a token is answered 401 and `WWW-Authenticate: Negotiate`; the others by `accept`.
pub fn serve(
    realm: &Realm,
    tickets: &TicketCache,
    host: &str,
    options: &[&str],
    accept: impl FnMut(&[u8]) -> Answer + Send,
) -> Curl {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let server = scope.spawn(|| answer_until(&done, &listener, accept));
        let output = run_curl(realm, tickets, host, address, options);
        done.store(true, Ordering::SeqCst);
        // The server waits for a connection; this is the last one.
        drop(TcpStream::connect(address));
        let (requests, tokens) = server.join().expect("the server does not panic");
        ended(&output, requests, tokens)
    })
}

fn run_curl(realm: &Realm, tickets: &TicketCache, host: &str, address: SocketAddr, options: &[&str]) -> Output {
    let (name, port) = (format!("{host}.kerbside.test"), address.port());
    Command::new("curl")
        .args(["--silent", "--show-error", "--verbose", "--max-time", "30", "--noproxy", "*", "--user", ":"])
        .args(["--write-out", "\n%{http_code}", "--resolve", &format!("{name}:{port}:127.0.0.1")])
        .args(options)
        .arg(format!("http://{name}:{port}/whoami"))
        .env("KRB5_CONFIG", realm.configuration())
        .env("KRB5CCNAME", tickets.name())
        .stdin(Stdio::null())
        .output()
        .expect("curl runs")
}

fn ended(output: &Output, requests: usize, tokens: Vec<Vec<u8>>) -> Curl {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let (body, http_status) = stdout.rsplit_once('\n').expect("--write-out begins a line");
    Curl {
        status: output.status.code(),
        http_status: http_status.parse().expect("--write-out ends with the status"),
        body: body.to_owned(),
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
        tokens,
        requests,
    }
}

fn answer_until(
    done: &AtomicBool,
    listener: &TcpListener,
    mut accept: impl FnMut(&[u8]) -> Answer,
) -> (usize, Vec<Vec<u8>>) {
    let (mut requests, mut tokens) = (0, Vec::new());
    for connection in listener.incoming() {
        if done.load(Ordering::SeqCst) {
            break;
        }
        let mut connection = connection.expect("a connection is accepted");
        let headers = read_request(&connection).expect("curl sends a request");
        requests += 1;
        let token = headers.get("authorization").and_then(|value| value.strip_prefix("Negotiate "));
        let (status, reply, body) = match token {
            None => (401, None, String::new()),
            Some(text) => {
                let token = STANDARD.decode(text).expect("curl sends base64");
                let answer = accept(&token);
                tokens.push(token);
                answer
            }
        };
        write_answer(&mut connection, status, reply.as_deref(), &body).expect("curl takes the answer");
    }
    (requests, tokens)
}

fn read_request(connection: &TcpStream) -> io::Result<HashMap<String, String>> {
    connection.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut headers = HashMap::new();
    for line in BufReader::new(connection).lines().skip(1) {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Ok(headers)
}

fn write_answer(connection: &mut TcpStream, status: u16, reply: Option<&[u8]>, body: &str) -> io::Result<()> {
    let negotiate = match (status, reply) {
        (_, Some(reply)) => format!("WWW-Authenticate: Negotiate {}\r\n", STANDARD.encode(reply)),
        (401, None) => "WWW-Authenticate: Negotiate\r\n".to_owned(),
        _ => String::new(),
    };
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 {status} -\r\n{negotiate}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
