//! The example `axum_sso` as its users start it: a process of its own, asked over TCP.
//!
//! `cargo test` builds the examples before it runs the tests; with `--test axum_sso` alone, build it first.
#![cfg(all(feature = "axum", feature = "rustls", feature = "testing"))]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

const NTLM: &str = "Negotiate TlRMTVNTUAABAAAA";
const HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml");

/// A server that plays a realm, on a port that nobody had.
struct Server {
    child: Child,
    /// Open to its end: a server that nobody listens to stops. What it says in one test fits into the pipe.
    _said: BufReader<ChildStdout>,
    address: String,
}

struct Answer {
    status: u16,
    /// Field names in lower case.
    fields: Vec<(String, String)>,
    body: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let example = example();
        let mut child = Command::new(&example)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; is the example built?", example.display()));
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        said.read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{first}")).to_owned();
        Self { child, _said: said, address }
    }

    fn get(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, fields, "")
    }

    fn post(&self, path: &str, fields: &[(&str, &str)], form: &str) -> Answer {
        let kind = ("Content-Type", "application/x-www-form-urlencoded");
        self.ask("POST", path, &[fields, &[kind]].concat(), form)
    }

    fn ask(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (name, value) in fields {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Answer::read(&text)
    }

    /// A header that logs that user in, fresh from the realm that the server plays.
    fn ticket(&self, user: &str) -> String {
        let answer = self.get(&format!("/demo/token?user={user}"), &[]);
        assert!(answer.status == 200 && answer.body.starts_with("Negotiate Y"), "{}", answer.body);
        answer.body
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let fields = lines.map(|line| line.split_once(": ").unwrap());
        let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Self { status, fields, body: body.to_owned() }
    }

    fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let named: Vec<_> = self.fields.iter().filter(|(field, _)| field == name).collect();
        named.into_iter().map(|(_, value)| value.as_str())
    }

    fn one<'a>(&'a self, name: &str) -> &'a str {
        let values: Vec<_> = self.all(name).collect();
        let [value] = values[..] else { panic!("{name}: {values:?}") };
        value
    }

    /// What a browser sends back of the cookie of that name; `None` if it is not set or taken away.
    fn cookie<'a>(&'a self, name: &str) -> Option<&'a str> {
        let pair = self.all("set-cookie").find(|cookie| cookie.starts_with(&format!("{name}=")))?;
        pair.split(';').next().filter(|pair| !pair.ends_with('='))
    }

    fn json(&self, field: &str) -> String {
        let value: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        value[field].as_str().unwrap_or_else(|| panic!("{field}: {value}")).to_owned()
    }
}

fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(format!("axum_sso{}", std::env::consts::EXE_SUFFIX))
}

// ZIM-02, CAS-02
#[test]
fn a_ticket_logs_in_and_its_session_needs_no_other_until_somebody_changes_it() {
    let server = Server::start(&[]);
    let ticket = server.ticket("alice");
    let login = server.get("/whoami", &[("Authorization", &ticket)]);
    assert_eq!((login.status, login.json("principal")), (200, "alice@DEMO.EXAMPLE".to_owned()));
    assert_eq!(login.json("enctype"), "aes256-cts-hmac-sha1-96");
    assert!(login.one("www-authenticate").starts_with("Negotiate oY"));
    let set = login.one("set-cookie");
    assert!(set.contains("; HttpOnly; SameSite=Lax") && !set.contains("Secure"), "{set}");
    let seconds: u32 = set.split("Max-Age=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    assert!((35_900..=36_000).contains(&seconds), "it ends with the ticket: {seconds}");

    let session = login.cookie("sso-session").unwrap();
    let again = server.get("/whoami", &[("Cookie", session)]);
    assert_eq!((again.status, again.json("principal")), (200, "alice@DEMO.EXAMPLE".to_owned()));
    assert_eq!((again.all("set-cookie").count(), again.all("www-authenticate").count()), (0, 0));
    let (name, rest) = session.split_at("sso-session=".len());
    for changed in [format!("{name}f{rest}"), session[..session.len() - 2].to_owned(), format!("{name}.")] {
        assert_eq!(server.get("/whoami", &[("Cookie", &changed)]).status, 401, "{changed}");
    }
    let replay = server.get("/whoami", &[("Authorization", &ticket)]);
    assert_eq!((replay.status, replay.json("error")), (401, "Replay".to_owned()));
    // Another server has another key.
    assert_eq!(Server::start(&[]).get("/whoami", &[("Cookie", session)]).status, 401);
}

#[test]
fn sessions_outlive_a_restart_with_the_same_key_file() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("axum_sso-{}.key", std::process::id()));
    let arguments = ["--session-key-file", file.to_str().unwrap()];
    std::fs::write(&file, [7; 32]).unwrap();
    let before = Server::start(&arguments);
    let login = before.get("/whoami", &[("Authorization", &before.ticket("alice"))]);
    drop(before);
    let after = Server::start(&arguments).get("/whoami", &[("Cookie", login.cookie("sso-session").unwrap())]);
    assert_eq!((after.status, after.json("principal")), (200, "alice@DEMO.EXAMPLE".to_owned()));
    std::fs::write(&file, [7; 31]).unwrap();
    let short = Command::new(example()).args(arguments).output().unwrap();
    assert!(String::from_utf8(short.stderr).unwrap().contains("at least 32 octets"));
    std::fs::remove_file(&file).unwrap();
}

// ZIM-04: whoever has no ticket finds the form on the 401.
#[test]
fn a_browser_without_a_ticket_logs_in_with_the_form_and_is_sent_nowhere_else() {
    let server = Server::start(&[]);
    let page = server.get("/whoami?tab=1", &[HTML]);
    assert_eq!((page.status, page.one("www-authenticate")), (401, "Negotiate"));
    assert!(page.body.contains("name=\"password\"") && page.body.contains("value=\"/whoami?tab=1\""), "{}", page.body);
    let wrong = server.post("/login", &[], "user=demo&password=guess");
    assert_eq!((wrong.status, wrong.all("set-cookie").count()), (403, 0));
    let elsewhere = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(server.post("/login", &elsewhere, "user=demo&password=demo").status, 403);
    for (wanted, location) in [("/whoami?tab=1", "/whoami?tab=1"), ("//evil.example/", "/whoami")] {
        let form = format!("user=demo&password=demo&return_to={wanted}");
        let login = server.post("/login", &[], &form);
        assert_eq!((login.status, login.one("location")), (303, location));
        let session = login.cookie("sso-session").unwrap();
        assert_eq!(server.get("/whoami", &[("Cookie", session)]).json("by"), "form");
    }
}

// ZIM-09
#[test]
fn a_logout_ends_the_session_and_sticks_until_the_user_wants_in() {
    let server = Server::start(&[]);
    let login = server.get("/whoami", &[("Authorization", &server.ticket("alice"))]);
    let session = login.cookie("sso-session").unwrap();
    assert_eq!(server.get("/logout", &[("Cookie", session)]).status, 405);
    let logout = server.post("/logout", &[("Cookie", session)], "");
    assert_eq!((logout.status, logout.cookie("sso-session")), (200, None));
    assert!(logout.all("set-cookie").any(|cookie| cookie.starts_with("sso-session=;")));
    let marker = logout.cookie("kerbside-logged-out").unwrap();

    let out = server.get("/whoami", &[("Cookie", marker)]);
    assert_eq!((out.status, out.json("reason")), (403, "Pass.LoggedOut".to_owned()));
    let page = server.get("/whoami", &[("Cookie", marker), HTML]);
    assert_eq!((page.status, page.one("location")), (303, "/login?return_to=/whoami"));
    assert_eq!(server.get("/login/ticket", &[("Cookie", marker)]).status, 401);
    let back = server.get("/login/ticket", &[("Cookie", marker), ("Authorization", &server.ticket("alice"))]);
    assert_eq!((back.status, back.one("location")), (303, "/whoami"));
    assert!(back.cookie("sso-session").is_some() && back.cookie("kerbside-logged-out").is_none());
}

// ZIM-07
#[test]
fn ktb_23_a_client_of_ntlm_is_challenged_once_and_then_led_to_the_form() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/whoami", &[HTML]).status, 401);
    let ntlm = server.get("/whoami", &[HTML, ("Authorization", NTLM)]);
    assert_eq!((ntlm.status, ntlm.one("location")), (303, "/login?return_to=/whoami"));
    assert_eq!(ntlm.all("www-authenticate").count(), 0);
    let marker = ntlm.cookie("kerbside-gave-up").unwrap();
    let next = server.get("/whoami", &[HTML, ("Cookie", marker)]);
    assert_eq!((next.status, next.all("www-authenticate").count()), (303, 0));
    let form = server.get("/login?return_to=/whoami", &[HTML, ("Cookie", marker)]);
    assert!(form.status == 200 && form.body.contains("ticket was refused, or it had none"), "{}", form.body);
}

// ZIM-05
#[test]
fn a_refused_ticket_leads_people_to_the_form_and_answers_programs() {
    let server = Server::start(&[]);
    let spent = server.ticket("alice");
    assert_eq!(server.get("/whoami", &[("Authorization", &spent)]).status, 200);
    let person = server.get("/whoami?a=%3Cb&c", &[("Authorization", &spent), HTML]);
    assert_eq!((person.status, person.one("location")), (302, "/login?return_to=/whoami%3Fa%3D%253Cb%26c"));
    assert!(person.cookie("kerbside-gave-up").is_some());
    assert_eq!(server.get("/whoami", &[("Authorization", &spent)]).status, 401);
}

// ICE-15, ZIM-08, ZIM-30
#[test]
fn the_administrators_page_shows_what_the_server_saw_to_administrators_alone() {
    let server = Server::start(&["--admin", "root@DEMO.EXAMPLE"]);
    assert_eq!(server.get("/admin", &[HTML]).status, 401);
    let alice = server.get("/admin", &[HTML, ("Authorization", &server.ticket("alice"))]);
    assert_eq!((alice.status, alice.all("set-cookie").count()), (403, 0));
    assert!(alice.one("www-authenticate").starts_with("Negotiate oY"), "the server proves itself all the same");
    assert!(!alice.body.contains("Replay store"), "{}", alice.body);
    let session = server.get("/whoami", &[("Authorization", &server.ticket("root"))]);
    let session = session.cookie("sso-session").unwrap();
    assert_eq!(server.get("/admin", &[HTML, ("Cookie", session)]).status, 401, "a session is not enough");
    let logged_out = ("Cookie", "kerbside-logged-out=1");
    assert_eq!(server.get("/admin", &[HTML, logged_out, ("Authorization", &server.ticket("root"))]).status, 403);

    let spent = server.ticket("mallory%3Cscript%3E");
    server.get("/whoami", &[("Authorization", &spent)]);
    assert_eq!(server.get("/whoami", &[("Authorization", &spent)]).status, 401);
    let agent = ("User-Agent", "<script>alert(1)</script>");
    let page = server.get("/admin", &[HTML, agent, ("Authorization", &server.ticket("root"))]);
    assert_eq!(page.status, 200);
    for shown in [
        "root@DEMO.EXAMPLE",
        "Header.Spnego",
        "HTTP/localhost@DEMO.EXAMPLE",
        "aes256-cts-hmac-sha1-96",
        "Exact",
        "of at most 1048576",
        "Nothing but a replay would refuse this token",
        "<b>Replay</b> at <code>/whoami</code>",
        "<b>Request.NotAuthorized</b> at <code>/admin</code>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ] {
        assert!(page.body.contains(shown), "{shown} is not shown: {}", page.body);
    }
    assert!(!page.body.contains("<script"), "{}", page.body);
    assert!(page.one("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
}

// KTB-25
#[test]
fn ktb_25_a_header_that_is_too_long_is_refused_by_name_and_a_long_one_is_read() {
    let server = Server::start(&[]);
    for (octets, status, name) in [(70 * 1024, 431, "Header.TooLarge"), (60 * 1024, 401, "Token.NotKerberos")] {
        let header = format!("Negotiate {}", "A".repeat(octets));
        let answer = server.get("/whoami", &[("Authorization", &header)]);
        assert_eq!((answer.status, answer.json("error").as_str()), (status, name));
    }
}

#[test]
fn what_cannot_be_served_stops_the_start() {
    for (arguments, said) in [
        (&["--listen", "0.0.0.0:0"][..], "without --keytab anybody may log in as anybody"),
        (&["--keytab", "/nonexistent.keytab"], "/nonexistent.keytab"),
        (&["--tls-cert", "a.pem"], "--tls-cert and --tls-key go together"),
        (&["--ask-only", "10.0.0.1/8"], "has bits of its address behind the prefix"),
        (&["--port", "80"], "--port"),
    ] {
        let output = Command::new(example()).args(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && stderr.contains(said), "{arguments:?}: {stderr}");
    }
}
