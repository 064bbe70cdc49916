//! First tokens for which nobody published a key, and what is no login at all: each is refused under its name, with the
//! answer that fits it.

use crate::exceptions::outcome_of;
use crate::facts::{NegTokenResp, ap_req_in, id, octets, time, unframed};
use crate::{explained, keys, published};
use kerbside::asn1::Rules;
use kerbside::gss::{InitialToken, Oid, TokenId, TokenKind};
use kerbside::messages::{ApOptions, ApReq, KrbError};
use kerbside::numbers::Enctype;
use kerbside::testing::Realm;
use kerbside::{Acceptor, Connection, Error, ErrorKind, Keytab, Policy, TokenError};
use serde_json::Value;

/// What is answered to a refused token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Nothing,
    /// A KRB-ERROR in Kerberos's frame.
    KrbError,
    /// A NegTokenResp with this negState, and no token inside.
    State(u8),
    /// A NegTokenResp reject with a KRB-ERROR inside.
    RejectWithKrbError,
}

use Answer::{KrbError as KrbErrorAnswer, Nothing, RejectWithKrbError, State};

/// RFC 4178 §4.2.2.
const INCOMPLETE: u8 = 1;
const REJECT: u8 = 2;
const REQUEST_MIC: u8 = 3;

/// Name, code and answer, with a keytab that has the ticket's name, version and enctype, and another key; RC4 allowed.
const REFUSED: &[(&str, &str, i32, Answer)] = &[
    // The key is all that is wrong. Who asked for mutual authentication is told so.
    ("go-krb5token", "KeyDoesNotDecrypt", 31, Nothing),
    ("go-spnego-init", "KeyDoesNotDecrypt", 31, State(REJECT)),
    ("ps-ict-krb-ap-req", "KeyDoesNotDecrypt", 31, KrbErrorAnswer),
    ("ps-ict-neg-token-init", "KeyDoesNotDecrypt", 31, RejectWithKrbError),
    ("zk-smb-gssapi-c1", "KeyDoesNotDecrypt", 31, RejectWithKrbError),
    ("mit-fz-gss-gss_accept_sec_context_kerberos", "KeyDoesNotDecrypt", 31, KrbErrorAnswer),
    ("mit-fz-gss-gss_accept_sec_context_spnego", "KeyDoesNotDecrypt", 31, RejectWithKrbError),
    // AP-REQs without a frame.
    ("zk-aduser1-c1", "Token.NotKerberos", 60, Nothing),
    ("mit-ref-ap-req", "Token.NotKerberos", 60, Nothing),
    ("pk-messages-tgs-req-2", "Token.NotKerberos", 60, Nothing),
    ("ss-pdu-const-2", "Token.NotKerberos", 60, Nothing),
    // The negotiation needs another token, or cannot end here.
    ("kn-spnego-ntlm-first", "Negotiation.MoreNeeded", 60, State(REQUEST_MIC)),
    ("ps-ict-neg-token-init2", "Negotiation.MoreNeeded", 60, State(REQUEST_MIC)),
    ("zk-smb-gssapi-s2", "Negotiation.MoreNeeded", 60, State(INCOMPLETE)),
    ("zk-dce-rpc-ntlm-c1", "Negotiation.MechanismMismatch", 60, State(REJECT)),
    // NTLM and NegoEx, bare, inside SPNEGO, and by their OIDs alone.
    ("kn-ntlm-raw", "Token.NotKerberos", 60, Nothing),
    ("ps-ntlm-negotiate", "Token.NotKerberos", 60, Nothing),
    ("kn-sample-kerbtester-3", "Token.NotKerberos", 60, Nothing),
    ("zk-20-fids-no-close-s1", "Token.NotKerberos", 60, Nothing),
    ("zk-smbghost-s1", "Token.NotKerberos", 60, Nothing),
    ("mit-fz-gss-establish_contexts_ex", "Token.NotKerberos", 60, Nothing),
    // User-to-user, IAKERB.
    ("kn-u2u-tgtreq", "NoKey.UserToUser", 45, Nothing),
    ("pk-gss-api-application-krb-message-1", "NoKey.UserToUser", 45, Nothing),
    ("mit-fz-gss-realm_query", "Token.NotKerberos", 60, Nothing),
    // A NegTokenInit without the frame that RFC 4178 §4.2 puts around the first one.
    ("go-negtokeninit-bare", "Token.NotKerberos", 60, Nothing),
    ("go-negtokeninit-reqflags", "Token.NotKerberos", 60, Nothing),
];

/// What a token that is no Kerberos is called.
fn expected_kind(id: &str, token: &[u8]) -> TokenKind {
    match id {
        "zk-aduser1-c1" | "mit-ref-ap-req" | "pk-messages-tgs-req-2" | "ss-pdu-const-2" => TokenKind::ApReq,
        "kn-ntlm-raw" | "ps-ntlm-negotiate" => TokenKind::Ntlm { message_type: Some(1) },
        "kn-sample-kerbtester-3" | "zk-20-fids-no-close-s1" | "zk-smbghost-s1" => {
            TokenKind::Ntlm { message_type: None }
        }
        "mit-fz-gss-establish_contexts_ex" => TokenKind::NegoEx,
        "mit-fz-gss-realm_query" => TokenKind::IaKerb,
        _ => TokenKind::Unknown { first_octet: 0xa0, octets: token.len() },
    }
}

fn without_a_key() -> Vec<Value> {
    let first = |record: &Value| {
        let kind = record["kind"].as_str().unwrap();
        ["spnego-init", "ap-req", "gss-seed", "gss-token"].contains(&kind)
    };
    let opened = |record: &Value| record["expected"]["enc_ticket"].is_object();
    published::every_record().into_iter().filter(|record| first(record) && !opened(record)).collect()
}

/// A keytab that fits the ticket in everything but the key; of any service if there is no ticket.
fn keytab(token: &[u8]) -> Keytab {
    match ap_req_in(token) {
        Some(ap_req) => keys::keytab_with_another_key(&ApReq::from_octets(ap_req, Rules::default()).unwrap().ticket),
        None => Realm::new("R").keytab("HTTP/web").unwrap(),
    }
}

fn refused(token: &[u8], record: &Value, policy: Policy) -> Error {
    let builder = Acceptor::builder(keytab(token)).policy(policy).allow_enctype(Enctype::RC4_HMAC);
    let acceptor = builder.build().unwrap();
    explained::agreed(&acceptor, &Connection::new(), token, time(record), &|| id(record).to_owned());
    acceptor.accept(token, time(record)).unwrap_err()
}

fn answer(error: &Error) -> Answer {
    let code = |message: &[u8]| KrbError::from_octets(message, Rules::default()).unwrap().error_code;
    match error.reply() {
        None => Nothing,
        Some(reply) if reply[0] == 0x60 => {
            assert_eq!(code(&unframed(reply, TokenId::KRB_ERROR)), error.krb_error_code());
            KrbErrorAnswer
        }
        Some(reply) => match NegTokenResp::read(reply) {
            NegTokenResp { neg_state: Some(state), response_token: None, .. } => State(state),
            NegTokenResp { neg_state: Some(REJECT), response_token: Some(token), .. } => {
                assert_eq!(code(&unframed(&token, TokenId::KRB_ERROR)), error.krb_error_code());
                RejectWithKrbError
            }
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn tokens_without_a_key_are_refused_by_name() {
    let records = without_a_key();
    for record in &records {
        let (id, token) = (id(record), octets(record));
        let (_, name, code, expected) = REFUSED.iter().find(|row| row.0 == id).unwrap_or_else(|| panic!("{id} is new"));
        for policy in [Policy::default(), Policy::windows_compatible()] {
            let error = refused(&token, record, policy);
            assert_eq!((error.kind().name(), error.krb_error_code().0), (*name, *code), "{id}: {error}");
            if let ErrorKind::Token(TokenError::NotKerberos { kind }) = error.kind() {
                assert_eq!(*kind, expected_kind(id, &token), "{id}");
            }
        }
        assert_eq!(answer(&refused(&token, record, Policy::default())), *expected, "{id}");
        if let Some(outcome) = outcome_of(record) {
            assert_eq!(outcome, *name, "{id}");
        }
    }
    assert!(records.is_empty() || records.len() == REFUSED.len(), "{} records", records.len());
}

/// The mechanism that a counter-proposal names is the first of Kerberos's two OIDs that was offered, as it was offered.
#[test]
fn a_counter_proposal_names_the_mechanism_as_it_was_offered() {
    for record in without_a_key().iter().filter(|record| record["expected"]["spnego"]["mechTypes"].is_array()) {
        let Some(reply) = refused(&octets(record), record, Policy::default()).reply().map(NegTokenResp::read) else {
            continue;
        };
        let offered = record["expected"]["spnego"]["mechTypes"].as_array().unwrap();
        let dotted = [Oid::KRB5, Oid::MICROSOFT_KRB5].map(|oid| (oid.to_string(), oid));
        let first = offered.iter().find_map(|mech| dotted.iter().find(|(text, _)| mech == text)).unwrap();
        assert_eq!(reply.supported_mech.as_deref(), Some(first.1.content()), "{}", id(record));
    }
}

/// In the frame that was missing, an AP-REQ is judged like any other.
#[test]
fn bare_ap_reqs_are_judged_by_their_keys_once_they_are_framed() {
    for record in without_a_key() {
        let (id, token) = (id(&record), octets(&record));
        let Some(ap_req) = ap_req_in(&token) else { continue };
        let mutual = ApReq::from_octets(ap_req, Rules::default()).unwrap();
        let mutual = mutual.ap_options.contains(ApOptions::MUTUAL_REQUIRED);
        let framed = InitialToken::frame_krb5(Oid::KRB5, TokenId::AP_REQ, ap_req);
        let error = refused(&framed, &record, Policy::default());
        // MIT's sample has the enctype 0 and USE-SESSION-KEY among its options.
        let (name, code) = if id == "mit-ref-ap-req" { ("NoKey.UserToUser", 45) } else { ("KeyDoesNotDecrypt", 31) };
        assert_eq!((error.kind().name(), error.krb_error_code().0), (name, code), "{id}: {error}");
        assert_eq!(answer(&error), if mutual { KrbErrorAnswer } else { Nothing }, "{id}");
    }
}

/// The tokens of gokrb5 with the keytabs of gokrb5: none of them fits, and the one for that service says what is missing.
#[test]
fn the_published_keytabs_of_gokrb5_do_not_open_its_tokens() {
    let mut outcomes = Vec::new();
    let records = published::every_record();
    let is_of_gokrb5 = |record: &&Value| record["source_repo"].as_str().unwrap().ends_with("/gokrb5");
    for record in without_a_key().iter().filter(|record| record["key"]["note"] == "tried all gokrb5 keytabs") {
        let token = octets(record);
        let framed = InitialToken::frame_krb5(Oid::KRB5, TokenId::AP_REQ, ap_req_in(&token).unwrap());
        for keytab in records.iter().filter(|record| record["kind"] == "keytab").filter(is_of_gokrb5) {
            let acceptor = Acceptor::builder(Keytab::from_bytes(&octets(keytab)).unwrap()).build().unwrap();
            let error = acceptor.accept(&framed, time(record)).unwrap_err();
            outcomes.push((id(record).to_owned(), id(keytab).to_owned(), error.kind().name()));
        }
    }
    let near = outcomes.iter().filter(|outcome| outcome.2 != "NoKey.Principal");
    let near = near.map(|(token, keytab, name)| (token.as_str(), keytab.as_str(), *name));
    let expected = [
        ("go-krb5token", "go-http-keytab", "NoKey.Kvno"),
        ("go-negtokeninit-bare", "go-http-keytab", "KeyDoesNotDecrypt"),
        ("go-spnego-init", "go-http-keytab", "KeyDoesNotDecrypt"),
    ];
    assert!(records.is_empty() || (near.eq(expected) && outcomes.len() == 3 * 11), "{outcomes:#?}");
}

#[test]
fn the_ticket_seed_is_a_ticket_without_a_key() {
    let seeds = published::every_record().into_iter().filter(|record| record["kind"] == "ticket-seed");
    for record in seeds {
        let octets = octets(&record);
        let ticket = keys::read_ticket(&octets);
        assert_eq!(keys::service(&ticket).to_string(), "host/fedora@KRBTEST.COM");
        assert!(keys::open_ticket(&keys::keytab_with_another_key(&ticket), &ticket).is_none());
    }
}
