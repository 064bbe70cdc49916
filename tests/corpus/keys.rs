//! The keys of a record, and keytabs made of them.

use crate::facts::unhex;
use crate::published;
use kerbside::asn1::Rules;
use kerbside::crypto::Key;
use kerbside::messages::{ApReq, Ticket};
use kerbside::numbers::{Enctype, KeyUsage};
use kerbside::testing::{EncryptionKey, Realm};
use kerbside::{Keytab, Principal};
use serde_json::Value;

/// Whether the record gives a key of the service.
pub(crate) fn has_key(record: &Value) -> bool {
    let key = &record["key"];
    key["keytab"].is_string() || key["hex"].is_string() || key["server"].is_object()
}

/// The keytab of a record: the recorded file, or one made of the key that is given, under the ticket's name and version.
pub(crate) fn keytab(record: &Value, ticket: &Ticket<'_>) -> Keytab {
    let key = &record["key"];
    if let Some(file) = key["keytab"].as_str() {
        return Keytab::from_bytes(&published::data(file)).unwrap();
    }
    let given = if key["server"].is_object() { &key["server"] } else { key };
    let (enctype, octets) = (enctype(&given["enctype"]), unhex(given["hex"].as_str().unwrap()));
    if let Some(password) = given["password"].as_str() {
        let salt = given["salt"].as_str().unwrap_or_default();
        let derived = Key::from_password(enctype, password.as_bytes(), salt.as_bytes(), None).unwrap();
        assert_eq!(derived.as_octets(), octets, "{}", record["id"]);
    }
    keytab_of(ticket, ticket.enc_part.kvno.unwrap_or(1), EncryptionKey::new(enctype, octets))
}

/// A keytab with one key, for the service that the ticket names.
pub(crate) fn keytab_of(ticket: &Ticket<'_>, kvno: u32, key: EncryptionKey) -> Keytab {
    let builder = Realm::new(ticket.realm).keytab_builder();
    builder.entry(&service(ticket), kvno, &key).build().unwrap()
}

/// A keytab that has the ticket's name, version and enctype, and another key.
pub(crate) fn keytab_with_another_key(ticket: &Ticket<'_>) -> Keytab {
    let realm = Realm::new(ticket.realm);
    let kvno = ticket.enc_part.kvno.unwrap_or(1);
    let key = realm.service_key(&service(ticket), ticket.enc_part.etype, kvno);
    keytab_of(ticket, kvno, key)
}

pub(crate) fn service(ticket: &Ticket<'_>) -> Principal {
    ticket.sname.to_principal(ticket.realm)
}

pub(crate) fn enctype(number: &Value) -> Enctype {
    Enctype(i32::try_from(number.as_i64().unwrap()).unwrap())
}

/// What a key of the keytab opens; `None` if none does.
pub(crate) fn open_ticket(keytab: &Keytab, ticket: &Ticket<'_>) -> Option<Vec<u8>> {
    let fits = |key: &&Key| key.enctype() == ticket.enc_part.etype;
    keytab.entries().iter().filter_map(|entry| entry.key()).filter(fits).find_map(|key| {
        let mut buffer = ticket.enc_part.cipher.to_vec();
        key.decrypt_in_place(KeyUsage::TICKET, &mut buffer).ok().map(|plaintext| plaintext.to_vec())
    })
}

pub(crate) fn open_authenticator(ap_req: &ApReq<'_>, session_key: &Key) -> Vec<u8> {
    assert_eq!(ap_req.authenticator.etype, session_key.enctype());
    let mut buffer = ap_req.authenticator.cipher.to_vec();
    session_key.decrypt_in_place(KeyUsage::AP_REQ_AUTHENTICATOR, &mut buffer).unwrap().to_vec()
}

/// The session key that the facts state.
pub(crate) fn session_key(enc_ticket: &Value) -> Key {
    let octets = unhex(enc_ticket["session_key"].as_str().unwrap());
    Key::new(enctype(&enc_ticket["session_etype"]), &octets).unwrap()
}

pub(crate) fn read_ticket(octets: &[u8]) -> Ticket<'_> {
    Ticket::from_octets(octets, Rules::default()).unwrap()
}
