//! An accept reaches nothing but its arguments: no file, no socket, no read, no write. Linux shows it of a process; on
//! other systems the imports must do (`tests/layers.rs`).
#![cfg(all(feature = "testing", target_os = "linux"))]

use kerbside::Acceptor;
use kerbside::testing::{Login, Realm};
use std::fs::{self, File};
use std::process::Command;

const SERVICE: &str = "HTTP/web.example.com";
const LOGINS: usize = 1_000;

/// Says to the test that it runs in a process of its own, which may open few files.
const FEW_FILES: &str = "KERBSIDE_FEW_FILES";

/// Accepted tokens with and without a reply, refused ones with and without.
fn accept_many() {
    let realm = Realm::new("EXAMPLE.COM");
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).build().unwrap();
    let shapes: [fn(Login) -> Login; 5] =
        [|l| l, Login::without_mutual, Login::raw_krb5, |l| l.kvno(9), |l| l.cleartext_service("cifs/x").kvno(9)];
    for number in 0..LOGINS {
        let login = shapes[number % shapes.len()](realm.login("alice", SERVICE));
        let judged = acceptor.accept(&login.token(), realm.now());
        assert_eq!(judged.is_ok(), number % shapes.len() < 3, "{judged:?}");
    }
}

/// The system calls that read and write, as the kernel has counted them for this thread: the test harness has one of its own.
fn reads_and_writes() -> [u64; 2] {
    let counters = fs::read_to_string("/proc/thread-self/io").unwrap();
    ["syscr: ", "syscw: "].map(|name| {
        let line = counters.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().parse().unwrap()
    })
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

// APR-33
#[test]
fn apr_33_an_accept_opens_reads_and_writes_nothing() {
    if std::env::var_os(FEW_FILES).is_some() {
        return accept_where_nothing_can_be_opened();
    }
    // What looking costs is looked at first, and again after something was read.
    let (before, idle) = (reads_and_writes(), reads_and_writes());
    let cost = [idle[0] - before[0], idle[1] - before[1]];
    let files = open_files();
    let start = reads_and_writes();
    accept_many();
    let end = reads_and_writes();
    assert_eq!([end[0] - start[0], end[1] - start[1]], cost, "reads and writes of {LOGINS} accepts");
    assert_eq!(open_files(), files);
    fs::read("/proc/self/comm").unwrap();
    let read = reads_and_writes();
    assert!(read[0] - end[0] > cost[0], "a read is seen");

    // A file that is opened and closed again leaves no trace there, so accept where nothing can be opened.
    let itself = std::env::current_exe().unwrap();
    let limited = "ulimit -n 64 && exec \"$0\" --exact apr_33_an_accept_opens_reads_and_writes_nothing";
    let output = Command::new("sh").args(["-c", limited]).arg(itself).env(FEW_FILES, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// Takes every file descriptor that the process may have: a socket or a file more is refused by the kernel.
fn accept_where_nothing_can_be_opened() {
    let mut taken: Vec<File> = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    let judged = std::panic::catch_unwind(accept_many);
    assert!(File::open("/dev/null").is_err() && std::net::UdpSocket::bind("127.0.0.1:0").is_err());
    drop(taken);
    assert!(File::open("/dev/null").is_ok());
    judged.unwrap();
}
