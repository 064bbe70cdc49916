//! A peer's process, and the line protocol of `initiator.py` that it speaks: a JSON object per line in, one out.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::{Peer, Realm, TicketCache};

/// GSS-API's status where the peer refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub major: u64,
    pub minor: u64,
    pub text: String,
}

/// One process of a peer with tickets of its own.
pub(crate) struct Line {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    _tickets: TicketCache,
}

impl Line {
    pub(crate) fn open(peer: Peer, realm: &Realm, tickets: TicketCache) -> Self {
        let mut process = peer
            .command(realm)
            .env("KRB5_CONFIG", realm.configuration())
            .env("KRB5CCNAME", tickets.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the initiator starts");
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        Self { process, requests, answers, _tickets: tickets }
    }

    pub(crate) fn ask(&mut self, request: &Value) -> Result<Value, Refused> {
        let requests = self.requests.as_mut().expect("it is closed on drop only");
        writeln!(requests, "{request}").expect("the initiator takes a line");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the initiator answers in text");
        assert!(!line.is_empty(), "the initiator ended; its last words are above");
        let answer: Value = serde_json::from_str(&line).expect("the initiator answers in JSON");
        let Some(error) = answer.get("error") else { return Ok(answer) };
        let number = |name: &str| error[name].as_u64().expect("a status is a number");
        let text = error["text"].as_str().expect("a status has a text").to_owned();
        Err(Refused { major: number("major"), minor: number("minor"), text })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // It ends at the end of its input.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}

pub(crate) fn octets(answer: &Value, name: &str) -> Vec<u8> {
    STANDARD.decode(answer[name].as_str().expect("octets are text")).expect("octets are base64")
}
