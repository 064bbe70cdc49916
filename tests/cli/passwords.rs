//! Where a password comes from, and where not.

use crate::command::{Run, argument, command, ended, run_with};
use crate::scratch::Scratch;
use kerbside::Keytab;
use kerbside::crypto::{Key, default_salt};
use kerbside::numbers::Enctype;
use std::path::Path;

const NAME: &str = "HTTP/web@R";

fn arguments<'a>(path: &'a Path, source: &[&'a str]) -> Vec<&'a str> {
    [&["keytab", "create", argument(path), "-p", NAME, "-k", "1", "-e", "17"], source].concat()
}

fn from_stdin(path: &Path, input: &[u8]) -> Run {
    run_with(input, &arguments(path, &["--password-stdin"]))
}

/// Whether the keytab has the key of this password.
fn is_of(path: &Path, password: &[u8]) -> bool {
    let keytab = Keytab::from_file(path).unwrap();
    let salt = default_salt(b"R", ["HTTP", "web"]);
    let key = Key::from_password(Enctype::AES128_CTS_HMAC_SHA1_96, password, &salt, None).unwrap();
    keytab.entries()[0].key() == Some(&key)
}

// ICE-30
#[test]
fn standard_input_is_one_line_without_its_end() {
    let scratch = Scratch::new("stdin");
    for (number, input) in ["a long password", "a long password\n", "a long password\r\n"].iter().enumerate() {
        let path = scratch.join(&number.to_string());
        from_stdin(&path, input.as_bytes()).good();
        assert!(is_of(&path, b"a long password"));
    }
    for (name, password) in [("spaces", &b"  kept as they are  "[..]), ("octets", b"not UTF-8: \xff\xfe, ok")] {
        let path = scratch.join(name);
        from_stdin(&path, &[password, b"\n"].concat()).good();
        assert!(is_of(&path, password), "{name}");
    }
}

#[test]
fn input_that_is_no_password_makes_no_file() {
    let scratch = Scratch::new("no-password");
    let path = scratch.join("web.keytab");
    from_stdin(&path, b"").expect(2, &["the password is empty"]);
    from_stdin(&path, b"\n").expect(2, &["the password is empty"]);
    from_stdin(&path, b"one\ntwo\n").expect(2, &["more than one line", "hint: "]);
    from_stdin(&path, &[b'x'; 5_000]).expect(2, &["holds more than a password"]);
    assert_eq!(scratch.names(), [""; 0]);
    from_stdin(&path, &[b'x'; 4_000]).good();
}

// ICE-30
#[cfg(unix)]
#[test]
fn a_descriptor_is_read() {
    use std::process::Stdio;
    let scratch = Scratch::new("descriptor");
    let (path, secret) = (scratch.join("web.keytab"), scratch.file("secret", b"a long password\n"));
    let input = || Stdio::from(std::fs::File::open(&secret).unwrap());
    let run = |source: &[&str]| ended(command(&arguments(&path, source)).stdin(input()).output().unwrap());
    run(&["--password-fd", "0"]).good();
    assert!(is_of(&path, b"a long password"));
    std::fs::remove_file(&path).unwrap();
    run(&["--password-fd", "77"]).expect(2, &["descriptor 77 cannot be read", "hint: "]);
    run(&["--password-fd", "0", "--password-stdin"]).expect(2, &["cannot be used with"]);
    assert!(!path.exists());
}

// ICE-30
#[cfg(target_os = "linux")]
#[test]
fn without_a_terminal_the_prompt_says_what_to_do_instead() {
    let scratch = Scratch::new("no-terminal");
    let path = scratch.join("web.keytab");
    // A session of its own has no terminal, wherever the tests run.
    let mut detached = std::process::Command::new("setsid");
    detached.arg("--wait").arg(env!("CARGO_BIN_EXE_kerbside")).args(arguments(&path, &[]));
    detached.stdin(std::process::Stdio::null());
    ended(detached.output().unwrap()).expect(2, &["cannot be asked for", "hint: ", "--password-stdin"]);
    assert!(!path.exists());
}

// ICE-30
#[test]
fn the_environment_holds_no_password() {
    let scratch = Scratch::new("environment");
    let path = scratch.join("web.keytab");
    let mut with_environment = command(&arguments(&path, &["--password-stdin"]));
    for name in ["PASSWORD", "KERBSIDE_PASSWORD", "KRB5_PASSWORD"] {
        with_environment.env(name, "a long password");
    }
    ended(with_environment.output().unwrap()).expect(2, &["the password is empty"]);
}

// KTB-17
#[test]
fn ktb_17_no_output_of_the_tool_shows_a_password_or_a_key() {
    let scratch = Scratch::new("secrets");
    let path = scratch.join("web.keytab");
    let password = "Tr0ub4dor-and-three";
    let mut printed = Vec::new();
    for form in [&[][..], &["--json"]] {
        let _ = std::fs::remove_file(&path);
        printed.push(run_with(password, &[&arguments(&path, &["--password-stdin"]), form].concat()));
        for subcommand in ["list", "check"] {
            printed.push(crate::run(&[&["keytab", subcommand, argument(&path)], form].concat()));
        }
    }
    let keytab = Keytab::from_file(&path).unwrap();
    let key: String = keytab.entries()[0].key_octets().iter().map(|octet| format!("{octet:02x}")).collect();
    for run in printed {
        let all = format!("{}{}", run.stdout, run.stderr).to_lowercase();
        assert!(run.status != 2 && !all.contains(&password.to_lowercase()), "{all}");
        assert!(!(0..key.len() - 8).any(|at| all.contains(&key[at..at + 9])), "{all}");
    }
}
