//! For every token that there is: the report agrees with the accept.

use crate::explained::agreed;
use crate::published;
use crate::refusals;
use kerbside::gss::ChannelBindings;
use kerbside::numbers::Enctype;
use kerbside::testing::{Login, Realm};
use kerbside::{Acceptor, Connection, Keytab, Policy, ReplayPolicy, Timestamp};
use proptest::prelude::*;
use std::path::Path;

const SERVICE: &str = "HTTP/web.example.com";

/// The presets, with RC4 allowed and refused.
fn acceptors(keytab: &dyn Fn() -> Keytab, started: Timestamp) -> Vec<Acceptor> {
    let mut acceptors = Vec::new();
    for policy in [Policy::default(), Policy::strict(), Policy::windows_compatible()] {
        let builder =
            || Acceptor::builder(keytab()).policy(policy.clone()).started_at(started).replay(ReplayPolicy::Off);
        acceptors.push(builder().build().unwrap());
        acceptors.push(builder().allow_enctype(Enctype::RC4_HMAC).accept_delegation().build().unwrap());
    }
    acceptors
}

#[test]
fn every_row_of_the_table_of_refusals_is_explained_by_the_step_that_refuses_it() {
    let mut explained = 0;
    for row in refusals::all() {
        let Some((acceptor, connection, token)) = row.first_token(ReplayPolicy::Memory) else { continue };
        // What only the store says cannot be known without asking it.
        if row.name.starts_with("ReplayStore") {
            assert!(acceptor.explain_on(&connection, &token, refusals::realm().now()).answer().is_ok());
            continue;
        }
        let report = agreed(&acceptor, &connection, &token, refusals::realm().now(), &|| row.label.to_owned());
        assert_eq!(report.answer().unwrap_err().kind().name(), row.name, "{}", row.label);
        explained += 1;
    }
    assert!(explained > 70, "{explained}");
}

/// The fields of a vector, by name; the last is the token in hexadecimal.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn every_vector_is_explained_by_the_step_that_refuses_it() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/accept");
    let mut explained = 0;
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let hex: String = text.split_once("token:\n").unwrap().1.split_whitespace().collect();
        let octet = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let token: Vec<u8> = (0..hex.len()).step_by(2).map(octet).collect();
        let policy = match field(&text, "policy") {
            None => Policy::default(),
            Some("strict") => Policy::strict(),
            _ => Policy::windows_compatible(),
        };
        let now: Timestamp = field(&text, "at").unwrap().parse().unwrap();
        let keytab = Keytab::from_file(directory.join(field(&text, "keytab").unwrap())).unwrap();
        let builder = Acceptor::builder(keytab).started_at(now.saturating_sub(policy.skew)).policy(policy);
        let bindings = field(&text, "bindings").map(|data| ChannelBindings::from_application_data(data.as_bytes()));
        let connection = bindings.into_iter().fold(Connection::new(), Connection::channel_bindings);
        let report = agreed(&builder.build().unwrap(), &connection, &token, now, &|| path.display().to_string());
        let answer = report
            .answer()
            .err()
            .map_or_else(|| String::from("accepted"), |error| format!("refused/{}", error.kind().name()));
        assert_eq!(answer, field(&text, "expect").unwrap(), "{}", path.display());
        explained += 1;
    }
    assert!(explained >= 30, "{explained}");
}

/// Every record of the corpus that has octets, whatever it is, under a keytab that has nothing to do with it and at the time of
/// the recording: `tests/corpus` has the records with their own keys.
#[test]
fn every_published_record_is_explained() {
    let realm = Realm::new("EXAMPLE.COM");
    let acceptors = acceptors(&|| realm.keytab(SERVICE).unwrap(), realm.now());
    for record in published::every_record() {
        let Some(file) = record["file"].as_str() else { continue };
        let token = published::data(file);
        for acceptor in &acceptors {
            agreed(acceptor, &Connection::new(), &token, realm.now(), &|| record["id"].to_string());
        }
    }
}

fn shapes() -> Vec<(&'static str, Login)> {
    let realm = Realm::new("EXAMPLE.COM");
    let login = || realm.login("alice", SERVICE);
    vec![
        ("SPNEGO", login()),
        ("raw", login().raw_krb5()),
        ("bare", login().bare_ap_req()),
        ("RC4", login().ticket_enctype(Enctype::RC4_HMAC).session_enctype(Enctype::RC4_HMAC)),
        ("delegating", login().delegating(|_| {})),
        ("another version", login().kvno(7).raw_krb5()),
    ]
}

#[test]
fn every_truncation_and_every_inverted_bit_is_explained_by_the_step_that_refuses_it() {
    let realm = Realm::new("EXAMPLE.COM");
    let acceptors = acceptors(&|| realm.keytab(SERVICE).unwrap(), realm.now());
    let connection = Connection::new();
    for (shape, login) in shapes() {
        let whole = login.token();
        for octets in 0..=whole.len() {
            let acceptor = &acceptors[octets % acceptors.len()];
            agreed(acceptor, &connection, &whole[..octets], realm.now(), &|| format!("{shape}: {octets} octets"));
        }
        let mut token = whole.clone();
        for at in 0..whole.len() {
            for bit in 0..8 {
                token[at] ^= 1 << bit;
                let acceptor = &acceptors[(at + bit) % acceptors.len()];
                agreed(acceptor, &connection, &token, realm.now(), &|| format!("{shape}: bit {bit} of octet {at}"));
                token[at] ^= 1 << bit;
            }
        }
    }
}

/// Behind the encryption, too: the decrypted parts are changed before they are sealed.
#[test]
fn every_changed_octet_inside_the_encryption_is_explained_by_the_step_that_refuses_it() {
    let realm = Realm::new("EXAMPLE.COM");
    let acceptors = acceptors(&|| realm.keytab(SERVICE).unwrap(), realm.now());
    let login = || realm.login("alice", SERVICE).delegating(|_| {});
    let lengths = [login().enc_ticket_part().len(), 300];
    for at in 0..lengths.into_iter().max().unwrap() {
        for amount in [1_u8, 0x20, 0x80] {
            let change = |octets: &mut Vec<u8>| {
                octets.iter_mut().skip(at).take(1).for_each(|octet| *octet = octet.wrapping_add(amount));
            };
            for login in [login().replace_enc_ticket_part(change), login().replace_authenticator(change)] {
                let acceptor = &acceptors[at % acceptors.len()];
                let what = || format!("octet {at} of what is sealed, more by {amount}");
                agreed(acceptor, &Connection::new(), &login.token(), realm.now(), &what);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_octets_are_always_explained(
        start in prop::sample::select(vec![&b""[..], b"\x60", b"\x6e", b"\xa1", b"\x7e", b"NTLMSSP\0", b"\x60\x10\x06\x06\x2b\x06\x01\x05\x05\x02"]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let realm = Realm::new("EXAMPLE.COM");
        let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).build().unwrap();
        let token = [start, &rest[..]].concat();
        let report = agreed(&acceptor, &Connection::new(), &token, realm.now(), &|| String::from("arbitrary octets"));
        prop_assert!(report.answer().is_err());
        prop_assert!(!report.to_string().is_empty() && !report.colored().to_string().is_empty());
    }
}
