//! The test kit writes what others wrote: the fields of recorded messages, poured into its own, give the same octets.
#![cfg(feature = "testing")]

#[path = "support/corpus.rs"]
mod corpus;

use kerbside::Keytab;
use kerbside::asn1::Rules;
use kerbside::crypto::Key;
use kerbside::messages::{self, ApReq, EncTicketPart};
use kerbside::numbers::{Enctype, KeyUsage};
use kerbside::testing::{
    AuthenticatorChecksum, AuthorizationElement, EncryptionKey, HostAddress, Login, PrincipalName, Realm,
};
use serde_json::Value;

fn login() -> Login {
    Realm::new("EXAMPLE.COM").login("alice", "HTTP/web.example.com")
}

fn name(name: &messages::PrincipalName<'_>) -> PrincipalName {
    PrincipalName::new(name.name_type, name.components())
}

fn key(key: &messages::EncryptionKey<'_>) -> EncryptionKey {
    EncryptionKey::new(key.keytype, key.keyvalue)
}

fn elements(list: &messages::AuthorizationData<'_>) -> Vec<AuthorizationElement> {
    list.iter().map(|element| AuthorizationElement::new(element.ad_type, element.ad_data)).collect()
}

/// The EncTicketPart of the test kit with the fields of a recorded one.
fn enc_ticket_part(recorded: &EncTicketPart<'_>) -> Vec<u8> {
    let minted = login().with_ticket(|t| {
        t.flags = recorded.flags.0.into();
        t.key = key(&recorded.key);
        t.crealm = recorded.crealm.to_vec();
        t.cname = name(&recorded.cname);
        t.tr_type = recorded.transited.tr_type;
        t.transited = recorded.transited.contents.to_vec();
        t.authtime = recorded.authtime;
        t.starttime = recorded.starttime;
        t.endtime = recorded.endtime;
        t.renew_till = recorded.renew_till;
        let addresses = recorded.caddr.as_ref();
        t.caddr = addresses.map(|list| list.iter().map(|a| HostAddress::new(a.addr_type, a.address)).collect());
        t.authorization_data = recorded.authorization_data.as_ref().map(elements);
    });
    minted.enc_ticket_part()
}

/// The Authenticator of the test kit with the fields of a recorded one.
fn authenticator(recorded: &messages::Authenticator<'_>) -> Vec<u8> {
    let minted = login().with_authenticator(|a| {
        a.authenticator_vno = recorded.authenticator_vno.into();
        a.crealm = recorded.crealm.to_vec();
        a.cname = name(&recorded.cname);
        a.cksum = match &recorded.cksum {
            Some(cksum) => AuthenticatorChecksum::Other(cksum.cksumtype, cksum.checksum.to_vec()),
            None => AuthenticatorChecksum::Absent,
        };
        a.cusec = recorded.cusec.into();
        a.ctime = recorded.ctime;
        a.subkey = recorded.subkey.as_ref().map(key);
        a.seq_number = recorded.seq_number.map(i64::from);
        a.authorization_data = recorded.authorization_data.as_ref().map(elements);
    });
    minted.authenticator_octets()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Every key that a record names: its own, the server's, or those of a keytab.
fn keys(record: &Value) -> Vec<Key> {
    let mut keys = Vec::new();
    for named in [&record["key"], &record["key"]["server"]] {
        if let (Some(enctype), Some(octets)) = (named["enctype"].as_i64(), named["hex"].as_str()) {
            keys.extend(Key::new(Enctype(i32::try_from(enctype).unwrap()), &hex(octets)));
        }
    }
    if let Some(file) = record["key"]["keytab"].as_str() {
        let keytab = Keytab::from_bytes(&corpus::data(file)).unwrap();
        keys.extend(keytab.entries().iter().filter_map(|entry| entry.key().map(Key::duplicate)));
    }
    keys
}

fn open<'a>(keys: &[Key], usage: KeyUsage, cipher: &[u8], buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let opened = keys.iter().find_map(|key| {
        let mut attempt = cipher.to_vec();
        key.for_usage(usage).decrypt_in_place(&mut attempt).ok().map(|plaintext| plaintext.to_vec())
    });
    *buffer = opened?;
    Some(buffer)
}

/// The AP-REQ at the end of a token, whatever stands before it.
fn ap_req_in(token: &[u8]) -> Option<ApReq<'_>> {
    (0..token.len()).find_map(|at| ApReq::from_octets(&token[at..], Rules::default()).ok())
}

#[test]
fn reference_encodings_are_written_octet_by_octet() {
    for record in corpus::records("authenticator") {
        let octets = corpus::data(record["file"].as_str().unwrap());
        let recorded = messages::Authenticator::from_octets(&octets, Rules::default()).unwrap();
        assert_eq!(authenticator(&recorded), octets, "{}", record["id"]);
    }
    for record in corpus::records("enc-ticket-part") {
        let octets = corpus::data(record["file"].as_str().unwrap());
        let recorded = EncTicketPart::from_octets(&octets, Rules::default()).unwrap();
        assert_eq!(enc_ticket_part(&recorded), octets, "{}", record["id"]);
    }
}

#[test]
fn recorded_tickets_and_authenticators_are_written_octet_by_octet() {
    let (mut tickets, mut authenticators) = (0, 0);
    let records: Vec<Value> = ["ticket", "ap-req", "spnego-init"].into_iter().flat_map(corpus::records).collect();
    for record in &records {
        let octets = corpus::data(record["file"].as_str().unwrap());
        let ap_req = ap_req_in(&octets);
        let ticket = match &ap_req {
            Some(ap_req) => Some(ap_req.ticket),
            None => messages::Ticket::from_octets(&octets, Rules::default()).ok(),
        };
        let Some(ticket) = ticket else { continue };
        let mut buffer = Vec::new();
        let Some(opened) = open(&keys(record), KeyUsage::TICKET, ticket.enc_part.cipher, &mut buffer) else { continue };
        let part = EncTicketPart::from_octets(opened, Rules::default()).unwrap();
        assert_eq!(enc_ticket_part(&part), opened, "{}", record["id"]);
        tickets += 1;

        let Some(ap_req) = ap_req else { continue };
        let session_key = [Key::new(part.key.keytype, part.key.keyvalue).unwrap()];
        let mut buffer = Vec::new();
        let cipher = ap_req.authenticator.cipher;
        if let Some(opened) = open(&session_key, KeyUsage::AP_REQ_AUTHENTICATOR, cipher, &mut buffer) {
            let recorded = messages::Authenticator::from_octets(opened, Rules::default()).unwrap();
            assert_eq!(authenticator(&recorded), opened, "{}", record["id"]);
            authenticators += 1;
        }
    }
    println!("{tickets} tickets, {authenticators} authenticators");
    assert!(records.is_empty() || (tickets >= 10 && authenticators >= 4), "{tickets}, {authenticators}");
}
