//! A client that costs as little as it can: octets out, octets in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::net::SocketAddr;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// A request with this token, as it goes over the wire.
pub(crate) fn request_octets(token: &[u8]) -> Vec<u8> {
    let token = STANDARD.encode(token);
    format!("GET / HTTP/1.1\r\nhost: web.example.com\r\nauthorization: Negotiate {token}\r\n\r\n").into_bytes()
}

/// A connection that stays open.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).expect("the server is there");
    }

    /// The next response, head and body.
    pub(crate) fn receive(&mut self) -> &str {
        self.received.clear();
        let mut piece = [0; 4096];
        while !is_whole(&self.received) {
            let octets = self.stream.read(&mut piece).expect("the server is there");
            assert_ne!(octets, 0, "the server closed the connection");
            self.received.extend_from_slice(&piece[..octets]);
        }
        core::str::from_utf8(&self.received).expect("a response of text")
    }
}

/// Whether the head is there, and as much of the body as it says.
fn is_whole(response: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(response) else { return false };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}
