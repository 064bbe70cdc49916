//! MIT's side: a program, its configuration, and the files that it reads.

use core::time::Duration;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// How MIT's side is set up.
#[derive(Clone, Copy)]
pub(crate) struct Mit {
    pub(crate) credentials: Credentials,
    pub(crate) replay_cache: ReplayCache,
    pub(crate) keytab: KeytabKind,
}

impl Mit {
    /// As by default, but for the replay cache, which only costs time.
    pub(crate) const USUAL: Self =
        Self { credentials: Credentials::Default, replay_cache: ReplayCache::None, keytab: KeytabKind::File };
}

/// Whose keys are used.
#[derive(Clone, Copy)]
pub(crate) enum Credentials {
    /// Of the tokens' service, by a `gss_acquire_cred` before the first pass.
    Kept,
    /// `GSS_C_NO_CREDENTIAL`.
    Default,
}

/// What remembers the tokens.
#[derive(Clone, Copy)]
pub(crate) enum ReplayCache {
    /// Nothing.
    None,
    /// A file, as by default, which is removed before each pass.
    File,
}

/// Where the keys are.
#[derive(Clone, Copy)]
pub(crate) enum KeytabKind {
    /// In a file, which is opened and read for each token.
    File,
    /// In a `MEMORY:` keytab, into which the program copies the file at its start.
    Memory,
}

/// A directory with the program and its files.
pub(crate) struct Scratch {
    directory: PathBuf,
    version: String,
}

impl Scratch {
    /// Builds the program, or says why it cannot be built here.
    pub(crate) fn new() -> Result<Self, String> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare");
        fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/compare/build.sh");
        let built = Command::new(script).arg(directory.join("accept")).output().map_err(|error| error.to_string())?;
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).trim_end().to_owned();
        match built.status.success() {
            true => Ok(Self { directory, version: text(&built.stdout) }),
            false => Err(text(&built.stderr)),
        }
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Starts the program on these tokens.
    pub(crate) fn start(&self, tokens: &[Vec<u8>], keytab: &[u8], mit: Mit) -> Peer {
        let file = |name: &str| self.directory.join(name);
        let length = |token: &[u8]| u32::try_from(token.len()).expect("a short token").to_be_bytes();
        let framed: Vec<u8> = tokens.iter().flat_map(|token| [&length(token), token.as_slice()].concat()).collect();
        write(&file("tokens"), &framed);
        write(&file("keytab"), keytab);
        write(&file("krb5.conf"), CONFIGURATION.as_bytes());
        let rcache = file("rcache");
        let mut command = Command::new(file("accept"));
        command.arg(file("tokens"));
        if let Credentials::Kept = mit.credentials {
            command.arg("HTTP@web.example.com");
        }
        match mit.keytab {
            KeytabKind::File => command.env_remove("COPY_KEYTAB"),
            KeytabKind::Memory => command.env("COPY_KEYTAB", "MEMORY:copy"),
        };
        match mit.replay_cache {
            ReplayCache::None => command.env("KRB5RCACHENAME", "none:"),
            ReplayCache::File => command.env("KRB5RCACHENAME", format!("file2:{}", rcache.display())),
        };
        let keytab = format!("FILE:{}", file("keytab").display());
        command.env("KRB5_CONFIG", file("krb5.conf")).env("KRB5_KTNAME", keytab);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program was just built");
        let begin = child.stdin.take().expect("a pipe");
        let times = BufReader::new(child.stdout.take().expect("a pipe"));
        Peer { child, begin, times, rcache }
    }
}

fn write(path: &Path, octets: &[u8]) {
    fs::write(path, octets).expect("a file of the target directory can be written");
}

/// Every enctype is allowed, and no name is looked up.
const CONFIGURATION: &str = "\
[libdefaults]
    default_realm = EXAMPLE.COM
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    allow_weak_crypto = true
    allow_rc4 = true
    permitted_enctypes = aes256-sha1 aes128-sha1 aes256-sha2 aes128-sha2 camellia256-cts camellia128-cts rc4
";

/// The program while it runs.
pub(crate) struct Peer {
    child: Child,
    begin: ChildStdin,
    times: BufReader<ChildStdout>,
    rcache: PathBuf,
}

impl Peer {
    /// Accepts every token once.
    pub(crate) fn accept_all(&mut self) -> Duration {
        // So that the last pass is forgotten; without a replay cache there is nothing to remove.
        let _absent = fs::remove_file(&self.rcache);
        self.begin.write_all(b"\n").expect("the program waits");
        let mut line = String::new();
        self.times.read_line(&mut line).expect("a line");
        Duration::from_nanos(line.trim_end().parse().expect("MIT's acceptor takes the tokens"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends by itself when its input does; it is not worth waiting for.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
