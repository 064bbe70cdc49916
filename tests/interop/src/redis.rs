//! A Redis server of a test's own, and processes that share it.

use std::env::temp_dir;
use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, id};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::unpacked;

/// A server with a directory, a Unix socket and a loopback port of its own. It ends with the test, and so does what it kept.
pub struct RedisServer {
    directory: PathBuf,
    port: u16,
    options: Vec<String>,
    process: Child,
}

impl RedisServer {
    /// With options as on its command line. It keeps nothing on disk unless they say so.
    pub fn start(options: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = temp_dir().join(format!("kerbside-redis-{}-{number}", id()));
        fs::create_dir(&directory).expect("a directory of that name is new");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        let port = free.local_addr().expect("a bound socket has an address").port();
        drop(free);
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        let process = launch(&directory, port, &options);
        let server = Self { directory, port, options, process };
        server.await_answer();
        server
    }

    /// The URL of its loopback port.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The URL of its Unix socket.
    pub fn socket_url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// A file beside the server's own.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What `redis-cli` prints of a command.
    pub fn ask(&self, command: &[&str]) -> String {
        self.try_ask(command).expect("the server answers")
    }

    /// Ends it as a crash does.
    pub fn crash(&mut self) {
        self.process.kill().expect("it is a child of this process");
        self.process.wait().expect("it is a child of this process");
    }

    /// Starts it anew, on what it kept.
    pub fn restart(&mut self) {
        self.process = launch(&self.directory, self.port, &self.options);
        self.await_answer();
    }

    /// Lets it hang, or go on: `STOP`, `CONT`.
    pub fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.process.id());
        let status = Command::new("sh").arg("-c").arg(kill).status().expect("a shell runs");
        assert!(status.success(), "{signal}");
    }

    fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    fn try_ask(&self, command: &[&str]) -> Option<String> {
        let output = Command::new(unpacked("usr/bin/redis-cli"))
            .arg("-s")
            .arg(self.socket())
            .args(command)
            .stdin(Stdio::null())
            .output()
            .expect("redis-cli runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    fn await_answer(&self) {
        let since = Instant::now();
        // A server with a password refuses, which is an answer too.
        while !self.try_ask(&["PING"]).is_some_and(|pong| pong == "PONG" || pong.starts_with("NOAUTH")) {
            assert!(since.elapsed() < Duration::from_secs(30), "{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }
}

fn launch(directory: &Path, port: u16, options: &[String]) -> Child {
    Command::new(unpacked("usr/bin/redis-server"))
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--unixsocket"])
        .arg(directory.join("socket"))
        .arg("--dir")
        .arg(directory)
        .arg("--logfile")
        .arg(directory.join("log"))
        .args(["--save", ""])
        .args(options)
        .stdin(Stdio::null())
        .spawn()
        .expect("install.sh unpacked redis-server")
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // One that was stopped by a signal is killed as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// What became of one token in one process: how often it was accepted, and how often it was a replay.
pub type Verdict = (u8, u8);

/// Processes of `replay_process` that share a server, and wait for the word.
pub struct ReplayProcesses {
    waiting: Vec<(Child, PathBuf)>,
}

impl ReplayProcesses {
    /// So many processes with so many threads each, about to present the tokens of a file: `together`, each thread all of
    /// them, or `shared`, each thread of a process its part. Processes that share begin at places of their own, far from each other,
    /// or whoever is ahead at the first token would be so at all.
    pub fn start(
        server: &RedisServer,
        program: &str,
        tokens: &Path,
        (processes, threads): (usize, usize),
        way: &str,
    ) -> Self {
        let waiting = (0..processes).map(|number| {
            let verdicts = server.file(&format!("verdicts-{number}"));
            let first = if way == "shared" { 1_000 * number / processes } else { 0 };
            let mut process = Command::new(program)
                .args([server.socket_url().as_str(), &threads.to_string(), way, &first.to_string()])
                .args([tokens, &verdicts])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("cargo built the program");
            let mut line = String::new();
            let said = process.stdout.take().expect("its output is piped");
            BufReader::new(said).read_line(&mut line).expect("it says something");
            assert_eq!(line, "ready\n");
            (process, verdicts)
        });
        Self { waiting: waiting.collect() }
    }

    /// Lets them go all at once. For each of them a verdict for each token.
    pub fn run(mut self) -> Vec<Vec<Verdict>> {
        for (process, _) in &mut self.waiting {
            process.stdin.take().expect("its input is piped").write_all(b"go\n").expect("it waits for the word");
        }
        let ended = self.waiting.into_iter().map(|(mut process, verdicts)| {
            assert!(process.wait().expect("it is a child of this process").success());
            let octets = fs::read(verdicts).expect("it wrote its verdicts");
            octets.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
        });
        ended.collect()
    }
}

/// Tokens, each after its length, for `replay_process`.
pub fn write_tokens(file: &Path, tokens: impl Iterator<Item = Vec<u8>>) {
    let mut out = BufWriter::new(fs::File::create(file).expect("the directory is this test's own"));
    for token in tokens {
        let length = u32::try_from(token.len()).expect("a token is short");
        out.write_all(&length.to_be_bytes()).and_then(|()| out.write_all(&token)).expect("there is room on the disk");
    }
    out.flush().expect("there is room on the disk");
}

/// What [`write_tokens`] wrote.
pub fn read_tokens(file: &Path) -> Vec<Vec<u8>> {
    let octets = fs::read(file).expect("write_tokens wrote it");
    let mut rest = &octets[..];
    let mut tokens = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (token, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        tokens.push(token.to_vec());
        rest = after;
    }
    tokens
}
