//! `kerbside validate`: the contract, on the recorded ticket of the example.

use crate::command::{argument, run, run_with};
use crate::scratch::Scratch;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name)
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(recorded(name)).unwrap().trim().to_owned()
}

/// The arguments that are right, and some more.
fn arguments(more: &[&str]) -> Vec<String> {
    let (keytab, at) = (recorded("web.keytab"), text_of("at.txt"));
    let fixed = ["validate", "--keytab", argument(&keytab), "--at", &at];
    fixed.iter().chain(more).map(|argument| (*argument).to_owned()).collect()
}

fn validate(input: &str, more: &[&str]) -> crate::command::Run {
    let arguments = arguments(more);
    run_with(input, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_token_is_accepted_from_each_place_and_in_each_form() {
    let token = text_of("token.b64");
    let scratch = Scratch::new("token");
    let octets = {
        use base64::Engine as _;
        let one_line: String = token.split_whitespace().collect();
        base64::engine::general_purpose::STANDARD.decode(one_line).unwrap()
    };
    let (raw, header) =
        (scratch.file("raw", &octets), scratch.file("header", format!("Negotiate {token}\n").as_bytes()));
    let by_line = format!("Authorization: Negotiate {token}");
    for (input, more) in [
        ("", &["--token", &token][..]),
        ("", &["--token", &by_line]),
        ("", &["--token-file", argument(&raw)]),
        ("", &["--token-file", argument(&header)]),
        ("", &["Negotiate", &token]),
        ("", &[&by_line]),
        (&token, &[]),
        (&token, &["--service", "HTTP"]),
        (&token, &["--service", "HTTP/web.example.com@EXAMPLE.COM", "--policy", "strict"]),
        (&token, &["--policy", "windows", "--allow-enctype", "rc4-hmac"]),
    ] {
        let run = validate(input, more).expect(0, &[]);
        assert!(run.stdout.starts_with("accepted    alice@EXAMPLE.COM\n"), "{more:?}: {run:?}");
    }
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let accepted = validate(&text_of("token.b64"), &["--json"]).expect(0, &[]).json();
    let keys: Vec<_> = accepted.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "accepted",
        "mechanism",
        "client",
        "service",
        "enctype",
        "kvno",
        "flags",
        "channel_bound",
        "auth_time",
        "start_time",
        "end_time",
        "delegated_client",
        "pac",
        "reply",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!((&accepted["client"], &accepted["kvno"]), (&json!("alice@EXAMPLE.COM"), &json!(2)));
    let refused = validate(&text_of("token.b64"), &["--json", "--service", "imap"]).expect(1, &[]).json();
    assert_eq!((&refused["accepted"], &refused["mechanism"]), (&json!(false), &json!("spnego")));
    for key in ["kind", "krb_error_code", "message", "hint"] {
        assert_ne!(refused["error"][key], Value::Null, "{key}");
    }
}

#[test]
fn a_refusal_is_exit_status_1_and_unreadable_input_2() {
    let token = text_of("token.b64");
    let refused = validate(&token, &["--at", "2020-01-01T00:00:00Z"]);
    refused.expect(2, &["cannot be used multiple times"]);
    let keytab = recorded("web.keytab");
    let now = run(&["validate", "--keytab", argument(&keytab), "--at", "2020-01-01T00:00:00Z", "--token", &token]);
    let now = now.expect(1, &[]);
    assert_eq!(now.stderr, "");
    assert!(now.stdout.contains("remedy"));
    let late = run(&["validate", "--keytab", argument(&keytab), "--token", &token]).expect(1, &["note: ", "--at"]);
    assert!(late.stdout.contains("remedy"));
    validate("", &[]).expect(2, &["there is no token", "hint: "]);
    validate("", &["--token", "***"]).expect(2, &["not base64", "hint: "]);
    validate("", &["--token-file", "/no/such/file"]).expect(2, &["/no/such/file"]);
    validate(&token, &["--channel-bindings", "***"]).expect(2, &["--channel-bindings"]);
    run(&["validate", "--keytab", "/no/such/file", "--token", &token]).expect(2, &["does not exist", "hint: "]);
}
