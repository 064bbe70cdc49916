//! `kerbside doctor`: the settings reach the doctor, and its verdict the exit status. What it finds is tested elsewhere.

use crate::command::{Run, argument, run, run_with};
use crate::scratch::Scratch;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn keytab(scratch: &Scratch) -> PathBuf {
    let path = scratch.join("web.keytab");
    let arguments =
        ["keytab", "create", argument(&path), "-p", "HTTP/web.example.com@EXAMPLE.COM", "-k", "2", "--password-stdin"];
    run_with("correct horse battery staple", &arguments).good();
    path
}

fn doctor(path: &Path, options: &[&str]) -> Run {
    run(&[&["doctor", "--keytab", argument(path)], options].concat())
}

fn kinds(path: &Path, options: &[&str]) -> Vec<String> {
    let value = doctor(path, &[options, &["--json"]].concat()).json();
    let kind = |finding: &Value| finding["kind"].as_str().unwrap().to_owned();
    value["findings"].as_array().unwrap().iter().map(kind).collect()
}

#[test]
fn good_settings_are_exit_status_0_and_others_1() {
    let scratch = Scratch::new("doctor");
    let path = keytab(&scratch);
    let good = doctor(&path, &["--host", "web.example.com", "--service", "HTTP"]).expect(0, &[]);
    assert!(good.stdout.starts_with("no errors, no warnings"), "{good:?}");
    assert!(good.stdout.contains("HTTP/web.example.com"), "{good:?}");
    let uncovered = doctor(&path, &["--host", "www.example.com"]).expect(1, &[]);
    assert!(uncovered.stdout.contains("Host.NotCovered, host www.example.com"), "{uncovered:?}");
    doctor(&scratch.join("absent"), &[]).expect(2, &["does not exist", "hint: "]);
}

#[test]
fn each_setting_reaches_the_doctor() {
    let scratch = Scratch::new("doctor-settings");
    let path = keytab(&scratch);
    let without = kinds(&path, &[]);
    assert!(without.iter().all(|kind| !kind.starts_with("Host.")), "{without:?}");
    for options in [
        &["--alias", "www.example.com=web.example.com"][..],
        &["--realm", "OTHER.EXAMPLE.COM"],
        &["--header-limit", "4096"],
        &["--service", "imap"],
        &["--allow-enctype", "rc4-hmac"],
        &["--at", "1999-01-01T00:00:00Z"],
    ] {
        assert_ne!(kinds(&path, options), without, "{options:?}");
    }
}
