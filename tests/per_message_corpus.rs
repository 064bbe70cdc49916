//! Tokens that others have made: those of `vectors/per_message`, and the MIC and Wrap tokens of the published corpus, each
//! to its recorded facts or refused for its recorded reason.

#[path = "support/corpus.rs"]
mod corpus;

use kerbside::Timestamp;
use kerbside::crypto::{Key, KeyError};
use kerbside::gss::{
    Confidentiality, ContextFlags, MessageOrder, Rc4Messages, Role, Session, SessionError, SessionParameters,
};
use kerbside::numbers::Enctype;
use serde_json::Value;

fn octets(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The record's key, if it has one that is built in.
fn key(record: &Value) -> Option<Result<Key, KeyError>> {
    let enctype = Enctype(i32::try_from(record["key"]["enctype"].as_i64()?).unwrap());
    Some(Key::new(enctype, &octets(&record["key"]["hex"])))
}

/// The receiver of a token that waits for its number.
fn receiver(role: Role, key: Key, number: u64) -> SessionParameters {
    SessionParameters::new(role, key, Timestamp::from_unix_micros(0))
        .receive_sequence(number)
        .flags(ContextFlags::REPLAY | ContextFlags::SEQUENCE)
        .rc4_messages(Rc4Messages::Allow)
}

/// What a session says of the token: its message if it is a Wrap token, and how it was received.
fn verdict(record: &Value, parameters: SessionParameters) -> Result<(u64, MessageOrder), SessionError> {
    let token = corpus::data(record["file"].as_str().unwrap());
    let expected = &record["expected"];
    let message = match (&expected["payload"], &expected["message"]) {
        (Value::String(_), _) => octets(&expected["payload"]),
        (_, Value::String(text)) => text.clone().into_bytes(),
        _ => Vec::new(),
    };
    let mut session = Session::new(parameters);
    let received = if record["kind"] == "mic" {
        session.verify_mic(&message, &token)?
    } else {
        let unwrapped = session.unwrap(&token)?;
        assert_eq!(unwrapped.message, message, "{}", record["id"]);
        let sealed = expected["sealed"].as_bool().or_else(|| expected["conf"].as_bool()).unwrap();
        assert_eq!(unwrapped.confidentiality == Confidentiality::Sealed, sealed, "{}", record["id"]);
        unwrapped.received
    };
    Ok((received.sequence_number, received.order))
}

/// A token whose key is not known says who sent it and whether the acceptor's subkey is in use; only the session that
/// fits both looks at the checksum.
fn check_without_key(record: &Value) {
    let flags = record["expected"]["flags"].as_u64().unwrap();
    let number = record["expected"]["seq"].as_u64().unwrap();
    let token = corpus::data(record["file"].as_str().unwrap());
    assert_eq!(token[8..16], number.to_be_bytes(), "{}", record["id"]);
    let any_key = || Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[7; 32]).unwrap();
    let (sender, receiver_role) =
        if flags & 1 != 0 { (Role::Acceptor, Role::Initiator) } else { (Role::Initiator, Role::Acceptor) };
    let with_subkey = |role| receiver(role, any_key(), number).acceptor_subkey(any_key());
    let (fitting, other) = (with_subkey(receiver_role), receiver(receiver_role, any_key(), number));
    assert_eq!(flags & 4, 4, "{} has another flag", record["id"]);
    assert_eq!(verdict(record, fitting), Err(SessionError::Integrity), "{}", record["id"]);
    assert_eq!(verdict(record, other), Err(SessionError::WrongKey), "{}", record["id"]);
    assert_eq!(verdict(record, with_subkey(sender)), Err(SessionError::Reflected), "{}", record["id"]);
}

fn check_cfx(record: &Value, key: &Key) {
    let number = record["expected"]["seq"].as_u64().unwrap();
    let right = || receiver(Role::Initiator, key.duplicate(), number);
    assert_eq!(record["expected"]["flags"], 1);
    assert_eq!(verdict(record, right()), Ok((number, MessageOrder::InOrder)), "{}", record["id"]);
    assert_eq!(verdict(record, receiver(Role::Acceptor, key.duplicate(), number)), Err(SessionError::Reflected));
    // "with_key_14f9bde6b50ec508201a97f74c4effff": "invalid"
    let (name, fact) =
        record["expected"].as_object().unwrap().iter().find(|(name, _)| name.starts_with("with_key_")).unwrap();
    assert_eq!(fact, "invalid");
    let wrong = Key::new(key.enctype(), &octets(&Value::from(name.strip_prefix("with_key_").unwrap()))).unwrap();
    assert_eq!(
        verdict(record, receiver(Role::Initiator, wrong, number)),
        Err(SessionError::Integrity),
        "{}",
        record["id"]
    );
}

/// MIT krb5's own tokens: which side made them is not recorded, so one of the two receivers takes them, and to the
/// other they are its own.
fn check_rc4(record: &Value, key: &Key) {
    let by = |role| verdict(record, receiver(role, key.duplicate(), 0));
    assert_ne!(by(Role::Initiator).is_ok(), by(Role::Acceptor).is_ok(), "{}", record["id"]);
    let refused = [by(Role::Initiator), by(Role::Acceptor)].into_iter().find_map(Result::err);
    assert_eq!(refused, Some(SessionError::Reflected), "{}", record["id"]);
}

fn check(record: &Value) {
    match key(record) {
        None => check_without_key(record),
        // DES3 is not implemented, so there is no key and no session, whatever the token holds.
        Some(Err(error)) => {
            assert_eq!(error, KeyError::Unsupported { enctype: Enctype::DES3_CBC_SHA1 }, "{}", record["id"]);
        }
        Some(Ok(key)) if key.enctype() == Enctype::RC4_HMAC => check_rc4(record, &key),
        Some(Ok(key)) => check_cfx(record, &key),
    }
}

#[test]
fn every_published_mic_is_judged_as_recorded() {
    corpus::records("mic").iter().for_each(check);
}

#[test]
fn every_published_wrap_token_is_judged_as_recorded() {
    corpus::records("wrap").iter().for_each(check);
}

/// What the receiver of a record of ours says of it.
fn check_own(record: &Value) {
    let key =
        key(&serde_json::json!({ "key": { "enctype": record["enctype"], "hex": record["key"] } })).unwrap().unwrap();
    let number = record["number"].as_u64().unwrap();
    let [message, header, mut data] = ["message", "header", "data"].map(|field| octets(&record[field]));
    let role = if record["sender"] == "acceptor" { Role::Initiator } else { Role::Acceptor };
    let split = record["kind"] == "split";
    let style = if split { ContextFlags::DCE_STYLE } else { ContextFlags::empty() };
    let subkey = (key.enctype() != Enctype::RC4_HMAC).then(|| key.duplicate());
    let parameters = receiver(role, key, number).flags(ContextFlags::REPLAY | ContextFlags::SEQUENCE | style);
    let mut session = Session::new(match subkey {
        Some(subkey) => parameters.acceptor_subkey(subkey),
        None => parameters,
    });
    match record["kind"].as_str().unwrap() {
        "mic" => session.verify_mic(&message, &header).unwrap().in_order().unwrap(),
        "wrap" => assert_eq!(session.unwrap(&header).unwrap().in_order().unwrap(), message, "{record}"),
        "split" => {
            let unwrapped = session.unwrap_split(&header, &mut data, &[]).unwrap();
            assert_eq!(unwrapped.confidentiality, Confidentiality::Sealed);
            assert_eq!(unwrapped.in_order().unwrap(), message, "{record}");
        }
        other => panic!("unknown kind {other}"),
    }
}

#[test]
fn tokens_of_other_implementations_are_taken() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/per_message");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let json: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    assert!(!json.is_empty());
    for path in json {
        let records: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(!records.is_empty());
        records.iter().for_each(check_own);
    }
}
