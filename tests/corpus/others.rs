//! Recorded messages that are no first token of a login: named for what they are, and refused.

use crate::facts::{NegTokenResp, hex, id, octets, time};
use crate::published;
use kerbside::gss::{Oid, TokenKind};
use kerbside::testing::Realm;
use kerbside::{Acceptor, ErrorKind, Policy, TokenError};
use serde_json::Value;

/// What is accepted, or refused under a name of its own, elsewhere; and lists of vectors, which are no message.
const ELSEWHERE: [&str; 6] = ["spnego-init", "ap-req", "gss-seed", "gss-token", "crypto-vector", "asn1-reference"];

fn others() -> Vec<Value> {
    let elsewhere = |record: &Value| ELSEWHERE.contains(&record["kind"].as_str().unwrap());
    published::every_record().into_iter().filter(|record| !elsewhere(record)).collect()
}

/// The name and the code of a refusal; under default and most tolerant policy alike, and without an answer but for a
/// message in Kerberos's frame, whose sender is told that it is no AP-REQ (step G-3).
#[test]
fn no_other_recorded_message_is_taken_for_a_login() {
    for record in others() {
        let (id, octets) = (id(&record), octets(&record));
        for policy in [Policy::default(), Policy::windows_compatible()] {
            let keytab = Realm::new("R").keytab("HTTP/web").unwrap();
            let error = Acceptor::builder(keytab).policy(policy).build().unwrap().accept(&octets, time(&record));
            let error = error.unwrap_err();
            let expected = match octets[..] {
                [0xa1, ..] => ("Negotiation.OutOfOrder", 60, false),
                [0x60, ..] => ("Token.TokenId", 40, true),
                _ => ("Token.NotKerberos", 60, false),
            };
            let found = (error.kind().name(), error.krb_error_code().0, error.reply().is_some());
            assert_eq!(found, expected, "{id}: {error}");
            if let ErrorKind::Token(TokenError::NotKerberos { kind }) = error.kind() {
                assert_eq!(*kind, named(&record, &octets), "{id}");
            }
        }
    }
}

/// KRB-ERROR and NegoEx have names of their own; nothing else of these does.
fn named(record: &Value, octets: &[u8]) -> TokenKind {
    let error_code = |code| TokenKind::KrbError { code: Some(kerbside::numbers::KrbErrorCode(code)) };
    match (record["kind"].as_str().unwrap(), id(record)) {
        ("krb-error", "pk-data-types-krb-result-decode-2") => error_code(6),
        ("krb-error", "pk-messages-krb-process-tgs-error-1") => error_code(50),
        ("krb-error", "mit-ref-error" | "mit-ref-error-optionals-null") => error_code(60),
        ("negoex", _) => TokenKind::NegoEx,
        _ => TokenKind::Unknown { first_octet: octets[0], octets: octets.len() },
    }
}

#[test]
fn recorded_answers_have_the_recorded_facts() {
    const STATES: [&str; 4] = ["accept-completed", "accept-incomplete", "reject", "request-mic"];
    for record in published::every_record().iter().filter(|record| record["kind"] == "spnego-resp") {
        let (id, facts) = (id(record), &record["expected"]["spnego"]);
        let found = NegTokenResp::read(&octets(record));
        let state = found.neg_state.map(|state| STATES[usize::from(state)]);
        assert_eq!(facts["negState"].as_str(), state, "{id}");
        let mechanism = found.supported_mech.as_deref().map(|content| Oid::new(content).to_string());
        assert_eq!(facts["supportedMech"].as_str(), mechanism.as_deref(), "{id}");
        let token = found.response_token.as_deref();
        assert_eq!(facts["responseToken_len"].as_u64(), token.map(|token| token.len().try_into().unwrap()), "{id}");
        assert_eq!(facts["responseToken_head"].as_str(), token.map(|token| hex(&token[..16])).as_deref(), "{id}");
        assert_eq!(facts["mechListMIC"].as_str(), found.mech_list_mic.as_deref().map(hex).as_deref(), "{id}");
    }
}
