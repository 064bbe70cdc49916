//! Who judges which record. A record that nobody judges is a failure, and so is a line that is about no record, a test that
//! does not exist, and a part that is called missing and is there.

use crate::facts::id;
use crate::published;
use std::fs;
use std::path::{Path, PathBuf};

/// Who judges a record.
#[derive(Debug, Clone, Copy)]
enum Judge {
    /// This test in this file.
    Test(&'static str, &'static str),
    /// A part that is not there yet: no file of this name. The whole of the record waits for it, or what the test before
    /// it in the list leaves open.
    Later(&'static str),
}

use Judge::{Later, Test};

const OTHERS: Judge = Test("tests/corpus/others.rs", "no_other_recorded_message_is_taken_for_a_login");

/// By id, else by kind.
const ACCOUNTS: &[(&str, &[Judge])] = &[
    // First tokens.
    ("spnego-init", &[Test("tests/corpus/refusals.rs", "tokens_without_a_key_are_refused_by_name")]),
    ("ap-req", &[Test("tests/corpus/refusals.rs", "tokens_without_a_key_are_refused_by_name")]),
    ("gss-seed", &[Test("tests/corpus/refusals.rs", "tokens_without_a_key_are_refused_by_name")]),
    ("gss-token", &[Test("tests/corpus/refusals.rs", "tokens_without_a_key_are_refused_by_name")]),
    ("kn-delegation", &[Test(LOGINS, ACCEPTED), Test("tests/delegation.rs", DELEGATED), Later("src/pac")]),
    ("kn-rc4-claims", &[Test(LOGINS, ACCEPTED), Later("src/pac")]),
    ("kn-sample-kerberosmiddlewaresample-0", &[Test(LOGINS, ACCEPTED), Later("src/pac")]),
    ("kn-sample-kerbtester-1", &[Test(LOGINS, ACCEPTED), Later("src/pac")]),
    ("zk-smb2krb-c1", &[Test(LOGINS, ACCEPTED), Later("src/pac")]),
    ("kn-referral-tgt-apreq", &[Test(LOGINS, ACCEPTED), Later("src/pac")]),
    // Tickets without an authenticator.
    ("ticket", &[Test("tests/corpus/tickets.rs", "recorded_tickets_open_with_the_recorded_facts")]),
    ("mit-ref-ticket", &[Test("tests/messages_recorded.rs", "reference_tickets_and_ap_reqs_have_the_sample_values")]),
    ("ccache", &[Test("tests/corpus/tickets.rs", "tickets_in_credential_caches_say_what_the_caches_say")]),
    ("ticket-seed", &[Test("tests/corpus/refusals.rs", "the_ticket_seed_is_a_ticket_without_a_key")]),
    ("enc-ticket-part", &[Test("tests/messages_recorded.rs", "reference_enc_ticket_parts_have_the_sample_values")]),
    ("authenticator", &[Test("tests/messages_recorded.rs", "reference_authenticators_have_the_sample_values")]),
    // Answers.
    ("ap-rep", &[Test("tests/messages_recorded.rs", "recorded_ap_reps_are_read_and_written_alike"), OTHERS]),
    ("enc-ap-rep-part", &[OTHERS, Test("tests/messages_recorded.rs", ENC_AP_REP_PART)]),
    ("krb-error", &[Test("tests/messages_recorded.rs", "recorded_errors_are_read_and_written_alike"), OTHERS]),
    ("spnego-resp", &[Test("tests/corpus/others.rs", "recorded_answers_have_the_recorded_facts"), OTHERS]),
    ("zk-smb2krb-s2", &[Test(LOGINS, "the_answer_to_a_recorded_login_is_of_the_form_of_the_recorded_one")]),
    // A third leg in DCE style whose keys nobody published: without its first leg it is out of order.
    ("zk-cs-window7-join-stream092-c2", &[OTHERS]),
    // Keytabs, cryptography, productions.
    ("keytab", &[Test("tests/keytab_corpus.rs", "published_keytabs_have_the_recorded_entries")]),
    ("crypto-vector", &[Test("tests/crypto_vectors.rs", "agrees_with_every_published_vector")]),
    ("asn1-reference", &[Test("tests/messages_recorded.rs", "every_single_reference_is_in_the_list")]),
    ("authdata", &[Test("tests/messages_recorded.rs", "recorded_authorization_data_have_the_recorded_structure")]),
    // PACs; those inside of recorded tickets are compared octet by octet.
    ("pac", &[OTHERS, Later("src/pac")]),
    ("pac-buffer", &[OTHERS, Later("src/pac")]),
    ("pac-ndr-seed", &[OTHERS, Later("src/pac")]),
    // Per-message tokens, delegated credentials.
    ("mic", &[OTHERS, Test(PER_MESSAGE, "every_published_mic_is_judged_as_recorded")]),
    ("wrap", &[OTHERS, Test(PER_MESSAGE, "every_published_wrap_token_is_judged_as_recorded")]),
    ("krb-cred", &[Test(LOGINS, NOT_REPORTED), Test("tests/delegation.rs", DELEGATED)]),
    ("enc-cred-part", &[OTHERS, Test("tests/messages_recorded.rs", "reference_credentials_have_the_sample_values")]),
    // Never parsed by an acceptor: only their names matter.
    ("negoex", &[OTHERS]),
    ("as-req", &[OTHERS]),
    ("as-rep", &[OTHERS]),
    ("tgs-req", &[OTHERS]),
    ("tgs-rep", &[OTHERS]),
    ("kpasswd", &[OTHERS]),
    ("fast-seed", &[OTHERS]),
];

const PER_MESSAGE: &str = "tests/per_message_corpus.rs";
const LOGINS: &str = "tests/corpus/logins.rs";
const ACCEPTED: &str = "recorded_logins_are_accepted_with_the_recorded_facts";
const DELEGATED: &str = "recorded_delegations_have_the_recorded_facts";
const NOT_REPORTED: &str = "the_delegated_credentials_stand_in_the_checksum_and_are_not_reported";
const ENC_AP_REP_PART: &str = "the_recorded_enc_ap_rep_part_of_a_peer_is_read_and_written_alike";

/// The line of a record.
fn account(record: &serde_json::Value) -> Option<&'static (&'static str, &'static [Judge])> {
    let line = |name: &str| ACCOUNTS.iter().find(|(listed, _)| *listed == name);
    line(id(record)).or_else(|| line(record["kind"].as_str().unwrap()))
}

#[test]
fn every_record_has_its_judge() {
    let records = published::every_record();
    for record in &records {
        assert!(account(record).is_some(), "{} of kind {} is judged by nobody", id(record), record["kind"]);
    }
    let unused = ACCOUNTS.iter().map(|(name, _)| *name).filter(|name| {
        let used = |record| account(record).is_some_and(|(listed, _)| listed == name);
        !records.is_empty() && !records.iter().any(used)
    });
    assert_eq!(unused.collect::<Vec<_>>(), [""; 0], "lines that are about no record");
}

#[test]
fn every_judge_is_there_and_every_missing_part_is_missing() {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).into();
    for (name, judges) in ACCOUNTS {
        for judge in *judges {
            match judge {
                Test(file, test) => {
                    let source = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
                    assert!(source.contains(&format!("fn {test}")), "{name}: there is no {test} in {file}");
                }
                Later(part) => assert!(!root.join(part).exists(), "{part} is there now: say which test judges {name}"),
            }
        }
    }
}
