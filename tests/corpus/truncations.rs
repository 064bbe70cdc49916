//! Every truncation of every recorded message, into every entry point: refused, and nothing panics.

use crate::facts::{ap_req_in, id, octets, time};
use crate::{keys, published};
use kerbside::asn1::{LengthForm, Rules};
use kerbside::gss::{InitialToken, Oid, TokenId};
use kerbside::messages::*;
use kerbside::numbers::Enctype;
use kerbside::spnego::NegTokenInit;
use kerbside::testing::Realm;
use kerbside::{Acceptor, ErrorClass, ErrorKind, Keytab, NoKey, Policy};
use serde_json::Value;

/// All records but keytabs, whose truncations `tests/keytab_corpus.rs` reads, and lists of vectors.
fn messages() -> Vec<(Value, Vec<u8>)> {
    let skipped = ["keytab", "crypto-vector", "asn1-reference"];
    let all = published::every_record().into_iter();
    let messages = all.filter(|record| !skipped.contains(&record["kind"].as_str().unwrap()));
    messages.map(|record| (octets(&record), record)).map(|(octets, record)| (record, octets)).collect()
}

fn acceptors(record: &Value, token: &[u8]) -> [Acceptor; 3] {
    let keytab = || match ap_req_in(token).map(|ap_req| ApReq::from_octets(ap_req, Rules::default()).unwrap()) {
        Some(ap_req) if keys::has_key(record) => keys::keytab(record, &ap_req.ticket),
        Some(ap_req) => keys::keytab_with_another_key(&ap_req.ticket),
        None => Realm::new("R").keytab("HTTP/web").unwrap(),
    };
    [Policy::default(), Policy::windows_compatible(), Policy::strict()].map(|policy| {
        let builder = Acceptor::builder(keytab()).policy(policy).started_at(time(record));
        builder.allow_enctype(Enctype::RC4_HMAC).build().unwrap()
    })
}

// NEG-01
/// No truncation of a token gets as far as a key: the frame around it says how long it was.
#[test]
fn neg_01_every_truncation_of_every_recorded_token_is_refused() {
    for (record, token) in messages() {
        let acceptors = acceptors(&record, &token);
        for length in 0..token.len() {
            for acceptor in &acceptors {
                let error = acceptor.accept(&token[..length], time(&record)).unwrap_err();
                // User-to-user is named by its OID alone, as everything is that goes no further here.
                let named = matches!(error.kind(), ErrorKind::NoKey(NoKey::UserToUser));
                let unread = matches!(error.class(), ErrorClass::NotKerberos | ErrorClass::Malformed);
                assert!(named || unread, "{} cut at {length}: {error}", id(&record));
                assert!(error.reply().is_none(), "{} cut at {length} is answered: {error}", id(&record));
            }
        }
    }
}

// NEG-01
/// What is cut inside of frames that are whole is malformed too.
#[test]
fn neg_01_every_truncation_of_a_recorded_ap_req_is_malformed_inside_its_frame() {
    for (record, token) in messages() {
        let Some(ap_req) = ap_req_in(&token) else { continue };
        let acceptors = acceptors(&record, &token);
        for length in 0..ap_req.len() {
            let framed = InitialToken::frame_krb5(Oid::KRB5, TokenId::AP_REQ, &ap_req[..length]);
            for acceptor in &acceptors {
                let error = acceptor.accept(&framed, time(&record)).unwrap_err();
                assert_eq!(error.kind().name(), "Token.Malformed", "{} cut at {length}", id(&record));
            }
        }
    }
}

type Entry = fn(&[u8], Rules) -> bool;

/// Every door that octets of a peer come in by, but for the acceptor: whether it lets them in.
const ENTRIES: [(&str, Entry); 12] = [
    ("InitialToken", |octets, rules| InitialToken::from_octets(octets, rules).is_ok()),
    ("NegTokenInit", |octets, rules| NegTokenInit::from_octets(octets, rules).is_ok()),
    ("AP-REQ", |octets, rules| ApReq::from_octets(octets, rules).is_ok()),
    ("AP-REP", |octets, rules| ApRep::from_octets(octets, rules).is_ok()),
    ("KRB-ERROR", |octets, rules| KrbError::from_octets(octets, rules).is_ok()),
    ("Ticket", |octets, rules| Ticket::from_octets(octets, rules).is_ok()),
    ("EncTicketPart", |octets, rules| EncTicketPart::from_octets(octets, rules).is_ok()),
    ("Authenticator", |octets, rules| Authenticator::from_octets(octets, rules).is_ok()),
    ("EncAPRepPart", |octets, rules| EncApRepPart::from_octets(octets, rules).is_ok()),
    ("AuthorizationData", |octets, rules| AuthorizationData::from_octets(octets, rules).is_ok()),
    ("EtypeList", |octets, rules| EtypeList::from_octets(octets, rules).is_ok()),
    ("keytab", |octets, _| Keytab::from_bytes(octets).is_ok_and(|keytab| !keytab.is_empty())),
];

// NEG-01
#[test]
fn neg_01_no_entry_point_reads_a_truncated_recorded_message() {
    let rules = Rules::new(LengthForm::UpToFourOctets, 16);
    for (record, octets) in messages() {
        for length in 0..octets.len() {
            for (name, entry) in ENTRIES {
                assert!(!entry(&octets[..length], rules), "{} cut at {length} is a {name}", id(&record));
            }
        }
    }
}

// NEG-24
/// Every recorded message into every entry point: whoever reads it reads what it is.
#[test]
fn neg_24_recorded_messages_are_read_as_what_they_are() {
    let mut found = Vec::new();
    for (record, octets) in messages() {
        let kind = record["kind"].as_str().unwrap().to_owned();
        let readers = ENTRIES.iter().filter(|(_, entry)| entry(&octets, Rules::default()));
        found.extend(readers.map(|(name, _)| (kind.clone(), *name)));
    }
    found.sort_unstable();
    found.dedup();
    let expected = [
        ("ap-rep", "AP-REP"),
        ("ap-rep", "InitialToken"),
        ("ap-req", "AP-REQ"),
        ("ap-req", "InitialToken"),
        ("authdata", "AuthorizationData"),
        ("authenticator", "Authenticator"),
        ("enc-ap-rep-part", "EncAPRepPart"),
        ("enc-ticket-part", "EncTicketPart"),
        ("gss-seed", "InitialToken"),
        ("gss-token", "InitialToken"),
        ("krb-error", "KRB-ERROR"),
        ("mic", "InitialToken"),
        ("spnego-init", "InitialToken"),
        ("spnego-init", "NegTokenInit"),
        ("ticket", "Ticket"),
        ("ticket-seed", "Ticket"),
        ("wrap", "InitialToken"),
    ];
    let pairs = || found.iter().map(|(kind, name)| (kind.as_str(), *name));
    assert!(found.is_empty() || pairs().eq(expected), "{found:?}");
}
