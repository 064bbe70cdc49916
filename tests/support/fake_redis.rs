//! A server that speaks as much of Redis as a replay store asks for, and misbehaves on demand.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a question.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// As Redis 7.0 answers.
    Right,
    /// These octets.
    Say(Vec<u8>),
    /// As Redis answers, but the connection is closed instead of saying so.
    RememberAndClose,
    /// Nothing, for ever.
    Hang,
}

impl Behaviour {
    pub(crate) fn say(line: &str) -> Self {
        Self::Say(format!("{line}\r\n").into_bytes())
    }
}

/// How the server behaves, and what it was asked.
pub(crate) struct State {
    pub(crate) info: Behaviour,
    pub(crate) auth: Behaviour,
    pub(crate) set: Behaviour,
    pub(crate) connections: usize,
    pub(crate) commands: Vec<Vec<String>>,
    entries: HashMap<String, String>,
}

#[derive(Clone)]
pub(crate) struct FakeRedis {
    port: u16,
    state: Arc<Mutex<State>>,
}

pub(crate) fn info(lines: &str) -> Behaviour {
    Behaviour::Say(format!("${}\r\n{lines}\r\n", lines.len()).into_bytes())
}

/// What a server says that is as it should be.
pub(crate) const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n";

impl FakeRedis {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = State {
            info: info(GOOD),
            auth: Behaviour::say("+OK"),
            set: Behaviour::Right,
            connections: 0,
            commands: Vec::new(),
            entries: HashMap::new(),
        };
        let fake = Self { port: listener.local_addr().unwrap().port(), state: Arc::new(Mutex::new(state)) };
        let serving = fake.clone();
        // Threads of a fake end with the test.
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                serving.change(|state| state.connections += 1);
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(&connection.unwrap()));
            }
        });
        fake
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// How often it was asked a command.
    pub(crate) fn asked(&self, command: &str) -> usize {
        self.change(|state| state.commands.iter().filter(|words| words[0] == command).count())
    }

    fn serve(&self, mut connection: &TcpStream) {
        let mut reader = BufReader::new(connection);
        while let Some(words) = read_command(&mut reader) {
            let right = self.change(|state| {
                state.commands.push(words.clone());
                state.right_answer(&words)
            });
            let answer = match right {
                Answer::Octets(octets) => octets,
                Answer::Close => return,
                Answer::Hang => loop {
                    std::thread::park();
                },
            };
            if connection.write_all(&answer).is_err() {
                return;
            }
        }
    }
}

enum Answer {
    Octets(Vec<u8>),
    Close,
    Hang,
}

impl State {
    fn right_answer(&mut self, words: &[String]) -> Answer {
        let behaviour = match words[0].as_str() {
            "SET" => self.set.clone(),
            "INFO" => self.info.clone(),
            "AUTH" => self.auth.clone(),
            _ => Behaviour::say("+OK"),
        };
        match behaviour {
            Behaviour::Say(octets) => Answer::Octets(octets),
            Behaviour::Hang => Answer::Hang,
            Behaviour::Right => Answer::Octets(self.remember(words)),
            Behaviour::RememberAndClose => {
                self.remember(words);
                Answer::Close
            }
        }
    }

    fn remember(&mut self, words: &[String]) -> Vec<u8> {
        let [_, name, value, nx, px, millis, get] = words else { return b"-ERR syntax error\r\n".to_vec() };
        assert_eq!((nx.as_str(), px.as_str(), get.as_str()), ("NX", "PX", "GET"));
        assert!(millis.parse::<u64>().unwrap() > 0);
        match self.entries.get(name) {
            Some(first) => format!("${}\r\n{first}\r\n", first.len()).into_bytes(),
            None => {
                self.entries.insert(name.clone(), value.clone());
                b"$-1\r\n".to_vec()
            }
        }
    }
}

/// An array of strings, `*2 $4 INFO $6 memory`; nothing at the end.
fn read_command(reader: &mut BufReader<&TcpStream>) -> Option<Vec<String>> {
    let count = read_number(reader, '*')?;
    (0..count)
        .map(|_| {
            let mut octets = vec![0; read_number(reader, '$')? + 2];
            reader.read_exact(&mut octets).ok()?;
            octets.truncate(octets.len() - 2);
            String::from_utf8(octets).ok()
        })
        .collect()
}

fn read_number(reader: &mut BufReader<&TcpStream>, sign: char) -> Option<usize> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    line.trim_end().strip_prefix(sign)?.parse().ok()
}
