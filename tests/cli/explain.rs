//! `kerbside explain`: the report of the library, by the settings of `validate`. What it says is tested elsewhere.

use crate::command::{Run, argument, run};
use serde_json::json;
use std::path::Path;

fn explain(more: &[&str]) -> Run {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let (keytab, token) = (data.join("web.keytab"), data.join("token.b64"));
    run(&[&["explain", "--keytab", argument(&keytab), "--token-file", argument(&token)], more].concat())
}

fn at() -> &'static str {
    include_str!("../../examples/data/at.txt").trim()
}

#[test]
fn what_would_be_accepted_is_exit_status_0_and_what_is_refused_1() {
    let accepted = explain(&["--at", at()]).good();
    assert!(accepted.stdout.contains("HTTP/web.example.com@EXAMPLE.COM kvno 2"), "{accepted:?}");
    let refused = explain(&["--at", at(), "--service", "imap"]).expect(1, &[]);
    assert!(refused.stdout.starts_with("Refused: NoKey.Principal\n"), "{refused:?}");
    run(&["explain", "--keytab", "/no/such/file", "x"]).expect(2, &["does not exist", "hint: "]);
}

#[test]
fn the_settings_reach_the_report_and_machines_can_read_it() {
    let answer = |more: &[&str]| explain(&[more, &["--json"]].concat()).json()["answer"].clone();
    assert_eq!(answer(&["--at", at()]), json!("accepted-but-for-replay"));
    for more in [&["--service", "imap"][..], &["--service", "HTTP/other"]] {
        assert_eq!(answer(&[&["--at", at()], more].concat()), json!("refused"), "{more:?}");
    }
    assert_eq!(answer(&["--at", "2020-01-01T00:00:00Z"]), json!("refused"));
}

/// Colours are for terminals, and a pipe is none.
#[test]
fn a_pipe_gets_plain_text() {
    assert!(!explain(&["--at", at()]).good().stdout.contains('\x1b'));
}
