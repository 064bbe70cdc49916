//! Whole reports as a reader sees them: `tests/vectors/explain` has them, and `KERBSIDE_WRITE_VECTORS` writes them anew.

use crate::held::{AES128, AES256, keytab, login};
use crate::verdict::{SERVICE, builder, realm};
use core::time::Duration;
use kerbside::explain::Report;
use kerbside::numbers::Enctype;
use kerbside::testing::{MechToken, Oid};
use kerbside::{Acceptor, Policy};
use std::path::Path;

fn reports() -> Vec<(&'static str, Report)> {
    let realm = realm();
    let holding = |entries: &[(Enctype, u32)]| {
        builder(&realm, keytab(&realm, entries), Policy::default()).service("HTTP").build().unwrap()
    };
    let explain = |acceptor: &Acceptor, token: Vec<u8>| acceptor.explain(&token, realm.now());
    let usual = || holding(&[(AES256, 2), (AES128, 2)]);
    let ntlm = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2".to_vec();
    let ended = realm.now().saturating_sub(Duration::from_secs(7_200)).second();
    let late = realm.login("bob@OTHER.EXAMPLE", SERVICE).clock_ahead(Duration::from_secs(432)).with_ticket(|ticket| {
        ticket.endtime = ended;
    });
    let ours = builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default())
        .adjust_policy(|policy| policy.client_realms = Some(vec![(*b"EXAMPLE.COM").into()]));
    vec![
        ("accepted", explain(&usual(), login(&realm).token())),
        ("keytab-out-of-date", explain(&usual(), login(&realm).kvno(3).token())),
        ("another-name", explain(&usual(), realm.login("alice", "HTTP/portal.example.com").token())),
        ("enctype-missing", explain(&holding(&[(AES128, 2)]), login(&realm).token())),
        ("rc4-session-key", explain(&usual(), login(&realm).session_enctype(Enctype::RC4_HMAC).token())),
        ("three-refusals", explain(&ours.build().unwrap(), late.token())),
        (
            "ntlm-inside-spnego",
            explain(
                &usual(),
                login(&realm)
                    .offering(&[Oid::NTLM])
                    .with_negotiation(|offer| offer.mech_token = MechToken::Octets(ntlm))
                    .token(),
            ),
        ),
        ("no-token-at-all", explain(&usual(), b"GET / HTTP/1.1".to_vec())),
    ]
}

// The lists of enctypes are those of a build with all of them.
#[cfg(feature = "camellia")]
#[test]
fn reports_are_those_of_the_files() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/explain");
    let reports = reports();
    if std::env::var_os("KERBSIDE_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(&directory).unwrap();
        for (name, report) in &reports {
            std::fs::write(directory.join(format!("{name}.txt")), report.to_string()).unwrap();
        }
    }
    for (name, report) in &reports {
        let file = directory.join(format!("{name}.txt"));
        let expected = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(report.to_string() == expected, "{name} is not what the file says:\n{report}");
    }
    let files = std::fs::read_dir(&directory).unwrap().count();
    assert_eq!(files, reports.len(), "every file is a report's");
}

/// The README shows the beginning of one, up to the steps.
#[test]
fn the_readme_shows_what_is_printed() {
    let text = reports().into_iter().find(|(name, _)| *name == "keytab-out-of-date").unwrap().1.to_string();
    let (beginning, _) = text.split_once("├─ Steps").unwrap();
    assert!(include_str!("../../README.md").contains(beginning), "{beginning}");
}

#[test]
fn lines_have_100_columns_at_most_but_for_commands() {
    for (name, report) in reports() {
        for line in report.to_string().lines() {
            let is_command = line.contains("Windows: ") || line.contains("Unix: ");
            assert!(line.chars().count() <= 100 || is_command, "{name}: {line}");
            assert!(!line.ends_with(' '), "{name}: {line:?}");
        }
    }
}

#[test]
fn colours_come_only_where_they_are_asked_for() {
    for (name, report) in reports() {
        let (plain, colored) = (report.to_string(), report.colored().to_string());
        assert!(!plain.contains('\u{1b}') && colored.contains("\u{1b}["), "{name}");
        let mut without = String::new();
        for (at, part) in colored.split('\u{1b}').enumerate() {
            without.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(without, plain, "{name}: the same but for the colours");
    }
}

#[cfg(feature = "serde")]
#[test]
fn machines_read_the_same_under_stable_names() {
    for (name, report) in reports() {
        let json = serde_json::to_value(&report).unwrap();
        let fields: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "answer",
            "checks",
            "error",
            "keys",
            "more_keys",
            "now",
            "policy",
            "remedies",
            "token",
            "tolerated",
            "unproven_ticket",
            "would_tolerate",
        ];
        assert_eq!(fields, expected, "{name}");
        assert_eq!(json["checks"].as_array().unwrap().len(), report.checks().len());
        assert_eq!(json["keys"].as_array().unwrap().len(), report.candidates().len());
        assert_eq!(json["remedies"].as_array().unwrap().len(), report.remedies().len());
        match report.answer() {
            Ok(()) => assert_eq!((&json["answer"], &json["error"]), (&"accepted-but-for-replay".into(), &().into())),
            Err(error) => {
                assert_eq!(json["answer"], "refused", "{name}");
                assert_eq!(json["error"]["kind"], error.kind().name());
                assert_eq!(json["error"]["krb_error_code"], error.krb_error_code().0);
                assert_eq!(json["error"]["step"], report.first_refusal().unwrap().step.id());
            }
        }
    }
}
