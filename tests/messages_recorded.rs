//! Messages that other implementations wrote: recorded tokens, and MIT's reference encodings with the sample values
//! they were made from. What needs a key to be read is not looked at here.

#[path = "support/corpus.rs"]
mod corpus;

use core::fmt::Debug;
use kerbside::asn1::{DecodeError, DecodeErrorKind, LengthForm, ObjectIdentifier, Reader, Rules, Tag, TypeId, Writer};
use kerbside::messages::*;
use serde_json::Value;

const STRICT: Rules = Rules::new(LengthForm::Shortest, 16);
const TOLERANT: Rules = Rules::new(LengthForm::UpToFourOctets, 16);

fn data_of(record: &Value) -> Vec<u8> {
    corpus::data(record["file"].as_str().unwrap())
}

/// The message inside GSS framing (RFC 4121 §4.1), or the octets themselves if there is none.
fn without_framing(octets: &[u8]) -> &[u8] {
    let mut outer = Reader::new(octets, TypeId::TLV, STRICT);
    let Ok(Some(mut framed)) = outer.read_optional(Tag::application(0)) else { return octets };
    framed.value::<ObjectIdentifier>().unwrap();
    let (token_id, message) = framed.rest().split_at(2);
    assert!(matches!(token_id, [1..=3, 0]), "{token_id:02x?}");
    message
}

// ---- Facts of the records ---------------------------------------------------------------------------------------

fn check_ticket(id: &str, ticket: &Ticket<'_>, facts: &Value) {
    assert_eq!(facts["tkt_vno"], ticket.tkt_vno, "{id}");
    assert_eq!(facts["realm"], core::str::from_utf8(ticket.realm).unwrap(), "{id}");
    assert_eq!(facts["sname"], ticket.sname.to_string(), "{id}");
    assert_eq!(facts["sname_type"], ticket.sname.name_type.0, "{id}");
    check_encrypted(id, &ticket.enc_part, &facts["etype"], &facts["kvno"]);
}

/// The facts state a kvno as the INTEGER that was sent, so a negative one for its unsigned twin.
fn check_encrypted(id: &str, data: &EncryptedData<'_>, etype: &Value, kvno: &Value) {
    assert_eq!(*etype, data.etype.0, "{id}");
    let signed = data.kvno.map(|kvno| i32::from_be_bytes(kvno.to_be_bytes()));
    assert_eq!(*kvno, signed.map_or(Value::Null, Value::from), "{id}");
}

#[test]
fn recorded_tickets_have_the_recorded_facts() {
    for record in corpus::records("ticket") {
        let (id, octets) = (record["id"].as_str().unwrap(), data_of(&record));
        let ticket = Ticket::from_octets(&octets, STRICT).unwrap_or_else(|error| panic!("{id}: {error}"));
        match &record["expected"]["ticket"] {
            Value::Null => assert_eq!(id, "mit-ref-ticket"),
            facts => check_ticket(id, &ticket, facts),
        }
    }
}

#[test]
fn recorded_ap_reqs_have_the_recorded_facts() {
    for record in corpus::records("ap-req") {
        let (id, octets, facts) = (record["id"].as_str().unwrap(), data_of(&record), &record["expected"]);
        let message = without_framing(&octets);
        let ap_req = ApReq::from_octets(message, STRICT).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!((ap_req.pvno, ap_req.msg_type, ap_req.ticket.tkt_vno), (5, 14, 5), "{id}");
        let Some(options) = facts["ap_options"].as_array() else {
            assert!(["mit-ref-ap-req", "pk-messages-tgs-req-2", "ss-pdu-const-2"].contains(&id), "{id} has no facts");
            continue;
        };
        assert!(ap_req.ap_options.names().eq(options.iter().map(|name| name.as_str().unwrap())), "{id}");
        check_ticket(id, &ap_req.ticket, &facts["ticket"]);
        let (etype, kvno) = (&facts["authenticator_etype"], &facts["authenticator_kvno"]);
        check_encrypted(id, &ap_req.authenticator, etype, kvno);
    }
}

#[test]
fn the_recorded_dce_ap_req_asks_for_mutual_authentication() {
    for record in corpus::records("ap-req").iter().filter(|record| record["id"] == "ss-pdu-const-2") {
        let octets = data_of(record);
        assert_eq!(ApReq::from_octets(&octets, STRICT).unwrap().ap_options, ApOptions::MUTUAL_REQUIRED);
    }
}

#[test]
fn recorded_ap_reps_are_read_and_written_alike() {
    for record in corpus::records("ap-rep") {
        let octets = data_of(&record);
        let message = without_framing(&octets);
        let ap_rep = ApRep::from_octets(message, STRICT).unwrap();
        assert_eq!((ap_rep.pvno, ap_rep.msg_type, ap_rep.enc_part.etype.0), (5, 15, 18));
        assert_eq!(ap_rep.to_octets(), message, "{}", record["id"]);
    }
}

#[test]
fn recorded_errors_are_read_and_written_alike() {
    for record in corpus::records("krb-error") {
        let (id, octets) = (record["id"].as_str().unwrap(), as_krb_error(&data_of(&record)));
        let error = KrbError::from_octets(&octets, STRICT).unwrap_or_else(|error| panic!("{id}: {error}"));
        let (code, stime, susec) = match id {
            "ps-krb-error" => (25, "2020-06-13T21:04:23Z", 748_591),
            "pk-data-types-krb-result-decode-2" => (6, "2021-12-28T13:40:11Z", 822_258),
            "pk-messages-krb-process-tgs-error-1" => (50, "2021-12-31T11:06:01Z", 658_567),
            _ => (60, "1994-06-10T06:03:17Z", 123_456),
        };
        let found = (error.error_code.0, error.stime.to_string(), error.susec);
        assert_eq!(found, (code, stime.to_owned(), susec), "{id}");
        assert_eq!(error.to_octets(), octets, "{id}");
    }
}

/// One recording lost its application tag; it is put back.
fn as_krb_error(octets: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    match octets[0] {
        0x30 => writer.octets(Tag::application(30), octets),
        _ => writer.raw(octets),
    }
    writer.into_octets()
}

#[test]
fn the_recorded_enc_ap_rep_part_of_a_peer_is_read_and_written_alike() {
    for record in
        corpus::records("enc-ap-rep-part").iter().filter(|record| record["family"] != "mit-ref-ap-rep-enc-part")
    {
        let octets = data_of(record);
        let part = EncApRepPart::from_octets(&octets, STRICT).unwrap();
        assert_eq!((part.ctime.to_string().as_str(), part.cusec), ("2022-04-09T11:16:44Z", 43));
        let subkey = part.subkey.unwrap();
        assert_eq!((subkey.keytype.0, subkey.keyvalue.len(), part.seq_number), (18, 32, Some(0x4af4_7a3e)));
        assert_eq!(part.to_octets(), octets);
    }
}

#[test]
fn recorded_authorization_data_have_the_recorded_structure() {
    for record in corpus::records("authdata") {
        let (id, octets) = (record["id"].as_str().unwrap(), data_of(&record));
        let data = match id {
            "mit-ref-cammac-optionals-null" => elements_of_cammac(&octets),
            _ => AuthorizationData::from_octets(&octets, STRICT),
        };
        let data = data.unwrap_or_else(|error| panic!("{id}: {error}"));
        let walked: Result<Vec<_>, _> = data.walk().collect();
        match id {
            "mit-ref-authorization-data" => assert!(walked.is_err(), "foobar is no list"),
            "mit-ref-cammac-optionals-null" => {
                assert!(data.iter().map(|element| (element.ad_type.0, element.ad_data)).eq([(1, &b"ad1"[..])]));
            }
            _ => check_structure(id, &walked.unwrap(), &record["expected"]["structure"]),
        }
    }
}

/// `AD-CAMMAC`, RFC 7751 §3: the elements are its first field.
fn elements_of_cammac(octets: &[u8]) -> Result<AuthorizationData<'_>, DecodeError> {
    let mut reader = Reader::new(octets, TypeId::TLV, STRICT);
    reader.read(Tag::SEQUENCE)?.explicit(Tag::context(0), AuthorizationData::decode)
}

fn check_structure(id: &str, walked: &[AuthorizationDataElement<'_>], structure: &Value) {
    let mut expected = Vec::new();
    for element in structure.as_array().unwrap() {
        let inner = element["if_relevant"].as_array();
        let elements = inner.map_or_else(|| core::slice::from_ref(element), Vec::as_slice);
        expected.extend(elements.iter().map(|element| (&element["type"], &element["len"], inner.is_some())));
    }
    assert_eq!(walked.len(), expected.len(), "{id}");
    for (found, (ad_type, length, inside)) in walked.iter().zip(expected) {
        assert_eq!((ad_type, length), (&Value::from(found.ad_type.0), &Value::from(found.ad_data.len())), "{id}");
        assert_eq!(found.inside_if_relevant, inside, "{id}");
    }
}

#[test]
fn the_ticket_that_seeds_a_fuzzer_is_a_ticket() {
    for record in corpus::records("ticket-seed") {
        let octets = data_of(&record);
        let ticket = Ticket::from_octets(&octets, STRICT).unwrap();
        assert_eq!(ticket.sname.in_realm(ticket.realm).to_string(), "host/fedora@KRBTEST.COM");
    }
}

/// The encrypted part of the recorded delegation is opened by the acceptor's test of it, tests/delegation.rs.
#[test]
fn recorded_credentials_have_the_recorded_facts() {
    for record in corpus::records("krb-cred") {
        let (id, octets, facts) = (record["id"].as_str().unwrap(), data_of(&record), &record["expected"]);
        let credentials = KrbCred::from_octets(&octets, STRICT).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!((credentials.pvno, credentials.msg_type), (5, 22), "{id}");
        assert_eq!(facts["etype"], credentials.enc_part.etype.0, "{id}");
        let expected = facts["tickets"].as_array().unwrap();
        assert_eq!(credentials.tickets.iter().count(), expected.len(), "{id}");
        for ((ticket, encoded), expected) in credentials.tickets.iter().zip(expected) {
            check_ticket(id, &ticket, expected);
            assert!(Ticket::from_octets(encoded, STRICT).is_ok(), "{id}");
        }
    }
}

// ---- MIT's reference encodings ----------------------------------------------------------------------------------

/// The encodings by name, as MIT's test prints them; all were made from the same sample values.
fn references() -> Vec<(String, Vec<u8>)> {
    let octets = |hex: &str| {
        let digits = hex.as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair).unwrap());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    };
    let read = |record: Value| -> Vec<Value> { serde_json::from_slice(&data_of(&record)).unwrap() };
    let entries = corpus::records("asn1-reference").into_iter().flat_map(read);
    entries.map(|entry| (entry["name"].as_str().unwrap().to_owned(), octets(entry["der"].as_str().unwrap()))).collect()
}

/// Runs a check on the encodings with these names, each of which must be there.
fn for_references(names: &[&str], check: impl Fn(&str, &[u8])) {
    let references = references();
    for name in names.iter().filter(|_| !references.is_empty()) {
        let (_, octets) = references.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name}"));
        check(name, octets);
    }
}

const TIME: &str = "1994-06-10T06:03:17Z";
const REALM: &[u8] = b"ATHENA.MIT.EDU";

fn check_sample_name(name: &str, found: &PrincipalName<'_>, realm: &[u8]) {
    assert_eq!(found.in_realm(realm).to_string(), "hftsai/extra@ATHENA.MIT.EDU", "{name}");
    assert_eq!(found.name_type.0, 1, "{name}");
}

fn check_sample_data(name: &str, data: &EncryptedData<'_>, kvno: u32) {
    assert_eq!((data.etype.0, data.kvno), (0, Some(kvno)), "{name}");
    assert_eq!(data.cipher, b"krbASN.1 test message", "{name}");
}

fn check_sample_key(name: &str, key: EncryptionKey<'_>) {
    assert_eq!((key.keytype.0, key.keyvalue), (1, &b"12345678"[..]), "{name}");
}

fn check_sample_authorization_data(name: &str, data: AuthorizationData<'_>) {
    let found = data.iter().map(|element| (element.ad_type.0, element.ad_data));
    assert!(found.eq([(1, &b"foobar"[..]); 2]), "{name}");
}

#[test]
fn reference_tickets_and_ap_reqs_have_the_sample_values() {
    let check = |name: &str, ticket: &Ticket<'_>| {
        assert_eq!((ticket.tkt_vno, ticket.realm), (5, REALM), "{name}");
        check_sample_name(name, &ticket.sname, ticket.realm);
        check_sample_data(name, &ticket.enc_part, 5);
    };
    for_references(&["ticket"], |name, octets| check(name, &Ticket::from_octets(octets, STRICT).unwrap()));
    for_references(&["ap_req"], |name, octets| {
        let ap_req = ApReq::from_octets(octets, STRICT).unwrap();
        assert_eq!((ap_req.pvno, ap_req.msg_type, ap_req.ap_options), (5, 14, ApOptions(0xfedc_ba98)));
        check(name, &ap_req.ticket);
        check_sample_data(name, &ap_req.authenticator, 5);
    });
}

#[test]
fn reference_enc_ticket_parts_have_the_sample_values() {
    for_references(&["enc_tkt_part", "enc_tkt_part(optionals NULL)"], |name, octets| {
        let part = EncTicketPart::from_octets(octets, STRICT).unwrap();
        assert_eq!((part.flags, part.crealm), (TicketFlags(0xfedc_ba98), REALM));
        check_sample_key(name, part.key);
        check_sample_name(name, &part.cname, part.crealm);
        assert_eq!(part.transited.tr_type, TransitedEncoding::DOMAIN_X500_COMPRESS);
        assert_eq!(part.transited.contents, b"EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.");
        assert_eq!((part.authtime.to_string(), part.endtime.to_string()), (TIME.to_owned(), TIME.to_owned()));
        let optional = name == "enc_tkt_part";
        let expected = optional.then(|| TIME.to_owned());
        assert_eq!(part.starttime.map(|time| time.to_string()), expected);
        assert_eq!(part.renew_till.map(|time| time.to_string()), expected);
        assert_eq!((part.caddr.is_some(), part.authorization_data.is_some()), (optional, optional));
        if let Some(addresses) = part.caddr {
            let found = addresses.iter().map(|address| address.to_ip_addr().unwrap().to_string());
            assert!(found.eq(["18.208.0.35", "18.208.0.35"]));
        }
        part.authorization_data.into_iter().for_each(|data| check_sample_authorization_data(name, data));
    });
}

#[test]
fn reference_authenticators_have_the_sample_values() {
    let names = ["authenticator", "authenticator(optionals empty)", "authenticator(optionals NULL)"];
    for_references(&names, |name, octets| {
        let authenticator = Authenticator::from_octets(octets, STRICT).unwrap();
        assert_eq!((authenticator.authenticator_vno, authenticator.crealm), (5, REALM));
        check_sample_name(name, &authenticator.cname, authenticator.crealm);
        assert_eq!((authenticator.ctime.to_string().as_str(), authenticator.cusec), (TIME, 123_456));
        let optional = name == "authenticator";
        assert_eq!(authenticator.seq_number, optional.then_some(17));
        let checksum = authenticator.cksum.map(|cksum| (cksum.cksumtype.0, cksum.checksum));
        assert_eq!(checksum, optional.then_some((1, &b"1234"[..])));
        assert_eq!(authenticator.subkey.is_some(), optional);
        assert_eq!(authenticator.authorization_data.is_some(), optional);
        authenticator.subkey.into_iter().for_each(|key| check_sample_key(name, key));
        authenticator.authorization_data.into_iter().for_each(|data| check_sample_authorization_data(name, data));
    });
}

#[test]
fn reference_ap_reps_have_the_sample_values_and_are_written_alike() {
    for_references(&["ap_rep"], |name, octets| {
        let ap_rep = ApRep::from_octets(octets, STRICT).unwrap();
        check_sample_data(name, &ap_rep.enc_part, 5);
        assert_eq!(ap_rep.to_octets(), octets);
    });
    for_references(&["ap_rep_enc_part", "ap_rep_enc_part(optionals NULL)"], |name, octets| {
        let part = EncApRepPart::from_octets(octets, STRICT).unwrap();
        assert_eq!((part.ctime.to_string().as_str(), part.cusec), (TIME, 123_456));
        let optional = name == "ap_rep_enc_part";
        assert_eq!((part.subkey.is_some(), part.seq_number), (optional, optional.then_some(17)));
        part.subkey.into_iter().for_each(|key| check_sample_key(name, key));
        assert_eq!(part.to_octets(), octets);
    });
}

#[test]
fn reference_credentials_have_the_sample_values() {
    for_references(&["cred"], |name, octets| {
        let credentials = KrbCred::from_octets(octets, STRICT).unwrap();
        assert_eq!((credentials.pvno, credentials.msg_type), (5, 22));
        check_sample_data(name, &credentials.enc_part, 5);
        assert_eq!(credentials.tickets.iter().count(), 2);
        for (ticket, encoded) in credentials.tickets.iter() {
            assert_eq!((ticket.tkt_vno, ticket.realm), (5, REALM));
            check_sample_name(name, &ticket.sname, ticket.realm);
            check_sample_data(name, &ticket.enc_part, 5);
            for_references(&["ticket"], |_, single| assert_eq!(encoded, single));
        }
    });
    for_references(&["enc_cred_part", "enc_cred_part(optionals NULL)"], |name, octets| {
        let part = EncKrbCredPart::from_octets(octets, STRICT).unwrap();
        let optional = name == "enc_cred_part";
        assert_eq!(part.nonce, optional.then_some(42), "{name}");
        assert_eq!(part.timestamp.map(|time| time.to_string()), optional.then(|| TIME.to_owned()), "{name}");
        assert_eq!(part.usec, optional.then_some(123_456), "{name}");
        for address in [part.s_address, part.r_address] {
            let address = address.map(|address| address.to_ip_addr().unwrap().to_string());
            assert_eq!(address, optional.then(|| "18.208.0.35".to_owned()), "{name}");
        }
        assert_eq!(part.ticket_info.iter().count(), 2, "{name}");
        for (index, info) in part.ticket_info.iter().enumerate() {
            check_sample_info(name, &info, optional || index == 1);
        }
    });
}

/// One of MIT's sample descriptions has all fields, the other the key alone.
fn check_sample_info(name: &str, info: &KrbCredInfo<'_>, optional: bool) {
    check_sample_key(name, info.key);
    assert_eq!((info.prealm, info.srealm), (optional.then_some(REALM), optional.then_some(REALM)), "{name}");
    for found in [info.pname, info.sname] {
        assert_eq!(found.is_some(), optional, "{name}");
        found.into_iter().for_each(|found| check_sample_name(name, &found, REALM));
    }
    assert_eq!(info.flags, optional.then_some(TicketFlags(0xfedc_ba98)), "{name}");
    for time in [info.authtime, info.starttime, info.endtime, info.renew_till] {
        assert_eq!(time.map(|time| time.to_string()), optional.then(|| TIME.to_owned()), "{name}");
    }
    assert_eq!(info.caddr.map(|addresses| addresses.iter().count()), optional.then_some(2), "{name}");
}

#[test]
fn reference_errors_have_the_sample_values_and_are_written_alike() {
    for_references(&["error", "error(optionals NULL)"], |name, octets| {
        let error = KrbError::from_octets(octets, STRICT).unwrap();
        assert_eq!((error.pvno, error.msg_type, error.error_code.0), (5, 30, 60));
        assert_eq!((error.stime.to_string().as_str(), error.susec, error.cusec), (TIME, 123_456, Some(123_456)));
        check_sample_name(name, &error.sname, error.realm);
        let optional = name == "error";
        assert_eq!(error.ctime.map(|time| time.to_string()), optional.then(|| TIME.to_owned()));
        assert_eq!((error.crealm, error.cname.is_some()), (optional.then_some(REALM), optional));
        error.cname.into_iter().for_each(|cname| check_sample_name(name, &cname, REALM));
        let data = optional.then_some(&b"krb5data"[..]);
        assert_eq!((error.e_text, error.e_data), (data, data));
        assert_eq!(error.to_octets(), octets);
    });
}

#[test]
fn reference_parts_have_the_sample_values_and_are_written_alike() {
    fn one<'a, T>(octets: &'a [u8], decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>) -> T {
        Reader::new(octets, TypeId::TLV, STRICT).whole(decode).unwrap()
    }
    let kvnos = [("enc_data", 5), ("enc_data(MSB-set kvno)", 0xff00_0000), ("enc_data(kvno=-1)", u32::MAX)];
    for (name, kvno) in kvnos {
        for_references(&[name], |name, octets| {
            let data = one(octets, EncryptedData::decode);
            check_sample_data(name, &data, kvno);
            let mut writer = Writer::default();
            data.encode(&mut writer);
            assert_eq!(writer.into_octets(), octets);
        });
    }
    for_references(&["keyblock"], |name, octets| {
        let key = one(octets, EncryptionKey::decode);
        check_sample_key(name, key);
        let mut writer = Writer::default();
        key.encode(&mut writer);
        assert_eq!(writer.into_octets(), octets);
    });
    for_references(&["authorization_data"], |name, octets| {
        check_sample_authorization_data(name, AuthorizationData::from_octets(octets, STRICT).unwrap());
    });
}

/// The files of single reference encodings are those of the list, so the tests above have read them.
#[test]
fn every_single_reference_is_in_the_list() {
    let references = references();
    for kind in ["authenticator", "enc-ticket-part", "enc-ap-rep-part", "enc-cred-part"] {
        for record in corpus::records(kind).iter().filter(|record| record["source_repo"] == "github.com/krb5/krb5") {
            let octets = data_of(record);
            assert!(references.iter().any(|(_, reference)| *reference == octets), "{}", record["id"]);
        }
    }
}

// ---- Damage -----------------------------------------------------------------------------------------------------

type Decode = fn(&[u8]) -> Result<(), DecodeError>;

/// Every recorded message with its decoder.
fn recorded() -> Vec<(String, Vec<u8>, Decode)> {
    let decoders: [(&'static str, Decode); 10] = [
        ("ap-req", |octets| ApReq::from_octets(octets, TOLERANT).map(drop)),
        ("ticket", |octets| Ticket::from_octets(octets, TOLERANT).map(drop)),
        ("ticket-seed", |octets| Ticket::from_octets(octets, TOLERANT).map(drop)),
        ("authenticator", |octets| Authenticator::from_octets(octets, TOLERANT).map(drop)),
        ("enc-ticket-part", |octets| EncTicketPart::from_octets(octets, TOLERANT).map(drop)),
        ("ap-rep", |octets| ApRep::from_octets(octets, TOLERANT).map(drop)),
        ("enc-ap-rep-part", |octets| EncApRepPart::from_octets(octets, TOLERANT).map(drop)),
        ("krb-cred", |octets| KrbCred::from_octets(octets, TOLERANT).map(drop)),
        ("enc-cred-part", |octets| EncKrbCredPart::from_octets(octets, TOLERANT).map(drop)),
        ("krb-error", |octets| KrbError::from_octets(octets, TOLERANT).map(drop)),
    ];
    let of_kind = |(kind, decode): (&'static str, Decode)| {
        let message = move |octets: Vec<u8>| match kind {
            "krb-error" => as_krb_error(&octets),
            _ => without_framing(&octets).to_vec(),
        };
        let records = corpus::records(kind).into_iter();
        records.map(move |record| (record["id"].to_string(), message(data_of(&record)), decode))
    };
    decoders.into_iter().flat_map(of_kind).collect()
}

#[test]
fn neg_01_every_truncation_of_every_recorded_message_is_refused_inside_it() {
    for (id, octets, decode) in recorded() {
        assert_eq!(decode(&octets), Ok(()), "{id}");
        for length in 0..octets.len() {
            let error = decode(&octets[..length]).unwrap_err();
            assert!(error.offset() <= length, "{id} cut at {length}: {error}");
        }
    }
}

#[test]
fn neg_25_one_octet_after_every_recorded_message_is_refused() {
    for (id, octets, decode) in recorded() {
        let error = decode(&[&octets[..], &[0]].concat()).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (DecodeErrorKind::TrailingOctets, octets.len()), "{id}");
    }
}

/// NEG-01 and NEG-04: each length raised, those around it being right for the octets that are there.
#[test]
fn neg_04_no_length_of_a_recorded_message_may_be_raised() {
    for (id, octets, decode) in recorded() {
        let tree = Tlv::read(&octets);
        assert_eq!(tree.write(usize::MAX, 0), octets, "{id}");
        for at in 0..tree.count() {
            for by in [1, 127, 1 << 16, (1 << 32) - 1] {
                let damaged = tree.write(at, by);
                let error = decode(&damaged).unwrap_err();
                assert!(error.offset() <= damaged.len(), "{id}: length {at} raised by {by}: {error}");
            }
        }
    }
}

/// A tree of TLVs, of which one length can be written wrongly.
#[derive(Debug)]
struct Tlv {
    tag: Tag,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Octets(Vec<u8>),
    Tlvs(Vec<Tlv>),
}

impl Tlv {
    fn read(octets: &[u8]) -> Self {
        let mut reader = Reader::new(octets, TypeId::TLV, Rules::new(LengthForm::Shortest, 30));
        Self::next(&mut reader)
    }

    fn next(reader: &mut Reader<'_>) -> Self {
        let (tag, mut inner) = reader.read_any().unwrap();
        if tag.0 & 0x20 == 0 {
            return Self { tag, content: Content::Octets(inner.rest().to_vec()) };
        }
        let mut tlvs = Vec::new();
        while !inner.is_empty() {
            tlvs.push(Self::next(&mut inner));
        }
        Self { tag, content: Content::Tlvs(tlvs) }
    }

    /// How many TLVs there are, this one included.
    fn count(&self) -> usize {
        match &self.content {
            Content::Octets(_) => 1,
            Content::Tlvs(tlvs) => tlvs.iter().map(Self::count).sum::<usize>() + 1,
        }
    }

    /// The octets, with the length of the TLV at this place, counted from the outermost, raised.
    fn write(&self, raised: usize, by: usize) -> Vec<u8> {
        let content = match &self.content {
            Content::Octets(octets) => octets.clone(),
            Content::Tlvs(tlvs) => {
                let mut before = 1;
                let mut octets = Vec::new();
                for tlv in tlvs {
                    octets.extend(tlv.write(raised.wrapping_sub(before), by));
                    before += tlv.count();
                }
                octets
            }
        };
        let mut writer = Writer::default();
        if raised == 0 {
            let length = u32::try_from(content.len() + by).unwrap_or(u32::MAX);
            writer.raw(&[&[self.tag.0, 0x84][..], &length.to_be_bytes(), &content].concat());
        } else {
            writer.octets(self.tag, &content);
        }
        writer.into_octets()
    }
}
