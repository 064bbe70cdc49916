//! Recorded tickets without an authenticator: opened and compared, and presented with an authenticator of our own.

use crate::exceptions::outcome_of;
use crate::facts::{self, hex, id, octets, time};
use crate::{ccache, keys, published};
use kerbside::asn1::{Rules, Tag, Writer};
use kerbside::crypto::supported_enctypes;
use kerbside::gss::{InitialToken, Oid, TokenId};
use kerbside::messages::{AuthorizationData, EncTicketPart};
use kerbside::numbers::{Enctype, KeyUsage};
use kerbside::testing::{EncryptionKey, PrincipalName, Realm};
use kerbside::{Accepted, Acceptor, Error, KeyMatch, Keytab, Policy, Tolerance};
use serde_json::Value;

/// Records of kind `ticket` whose contents are known.
fn opened_tickets() -> Vec<Value> {
    let all = published::every_record().into_iter();
    let tickets: Vec<_> =
        all.filter(|record| record["kind"] == "ticket" && record["expected"]["enc_ticket"].is_object()).collect();
    assert!(tickets.is_empty() || tickets.len() >= 13, "{} tickets", tickets.len());
    tickets
}

fn is_supported(enctype: Enctype) -> bool {
    supported_enctypes().any(|row| row.enctype == enctype)
}

#[test]
fn recorded_tickets_open_with_the_recorded_facts() {
    for record in opened_tickets() {
        let (id, octets) = (id(&record), octets(&record));
        let ticket = keys::read_ticket(&octets);
        if !is_supported(ticket.enc_part.etype) {
            assert_eq!(outcome_of(&record).as_deref(), Some("EtypeUnsupported"), "{id}");
            continue;
        }
        assert_eq!(outcome_of(&record), None, "{id}");
        let opened = keys::open_ticket(&keys::keytab(&record, &ticket), &ticket).unwrap_or_else(|| panic!("{id}"));
        let part = EncTicketPart::from_octets(&opened, Rules::default()).unwrap();
        assert_eq!(facts::enc_ticket_part(&part), record["expected"]["enc_ticket"], "{id}");
    }
}

/// A login with a recorded ticket: an authenticator of the test kit under the recorded session key.
fn token_with(ticket: &[u8], enc_ticket: &Value, now: kerbside::Timestamp) -> Vec<u8> {
    let realm = Realm::new("RECORDED");
    realm.clock().set(now);
    let client: kerbside::Principal = enc_ticket["client"].as_str().unwrap().parse().unwrap();
    let authenticator = realm.login("client", "service").with_authenticator(|authenticator| {
        authenticator.crealm = client.realm().to_vec();
        authenticator.cname = PrincipalName::from(&client);
        let etype = keys::enctype(&enc_ticket["session_etype"]);
        authenticator.subkey = Some(realm.service_key(&client, etype, 1));
    });
    let key = keys::session_key(enc_ticket);
    let confounder = vec![0x5a; key.for_usage(KeyUsage::AP_REQ_AUTHENTICATOR).confounder_octets()];
    let mut cipher = Vec::new();
    let plaintext = authenticator.authenticator_octets();
    key.encrypt(KeyUsage::AP_REQ_AUTHENTICATOR, &confounder, &plaintext, &mut cipher).unwrap();

    let mut ap_req = Writer::default();
    let etype = [u8::try_from(key.enctype().0).unwrap()];
    ap_req.tlv(Tag::application(14), |writer| {
        writer.tlv(Tag::SEQUENCE, |writer| {
            writer.tlv(Tag::context(0), |writer| writer.octets(Tag::INTEGER, &[5]));
            writer.tlv(Tag::context(1), |writer| writer.octets(Tag::INTEGER, &[14]));
            writer.tlv(Tag::context(2), |writer| writer.octets(Tag::BIT_STRING, &[0, 0x20, 0, 0, 0]));
            writer.tlv(Tag::context(3), |writer| writer.raw(ticket));
            writer.tlv(Tag::context(4), |writer| {
                writer.tlv(Tag::SEQUENCE, |writer| {
                    writer.tlv(Tag::context(0), |writer| writer.octets(Tag::INTEGER, &etype));
                    writer.tlv(Tag::context(2), |writer| writer.octets(Tag::OCTET_STRING, &cipher));
                });
            });
        });
    });
    InitialToken::frame_krb5(Oid::KRB5, TokenId::AP_REQ, &ap_req.into_octets())
}

fn present(record: &Value, keytab: Keytab, policy: Policy) -> Result<Accepted, Error> {
    let now = time(record);
    let token = token_with(&octets(record), &record["expected"]["enc_ticket"], now);
    Acceptor::builder(keytab).policy(policy).build().unwrap().accept(&token, now)
}

fn with_rc4() -> Policy {
    let mut policy = Policy::default();
    policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
    policy
}

#[test]
fn recorded_tickets_are_accepted_with_an_authenticator_of_ours() {
    for record in opened_tickets().iter().filter(|record| outcome_of(record).is_none()) {
        let (id, octets, part) = (id(record), octets(record), &record["expected"]["enc_ticket"]);
        let ticket = keys::read_ticket(&octets);
        let accepted = present(record, keys::keytab(record, &ticket), with_rc4());
        let accepted = accepted.unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(accepted.client().to_string(), part["client"].as_str().unwrap(), "{id}");
        assert_eq!(*accepted.service(), keys::service(&ticket), "{id}");
        assert_eq!((accepted.key_match(), accepted.tolerances()), (KeyMatch::Exact, &[][..]), "{id}");
        assert_eq!(Some(accepted.kvno()), ticket.enc_part.kvno, "{id}");
        assert_eq!(accepted.session_key_enctype().0, part["session_etype"], "{id}");
        let times = accepted.ticket_times();
        assert_eq!((times.authtime.to_string(), times.endtime.to_string()), {
            let text = |field: &str| part[field].as_str().unwrap().to_owned();
            (text("authtime"), text("endtime"))
        });
        let data = AuthorizationData::from_octets(accepted.authorization_data().unwrap(), Rules::default()).unwrap();
        assert_eq!(facts::authorization_data(data), part["authdata"], "{id}");
    }
}

#[test]
fn recorded_rc4_tickets_are_refused_unless_rc4_is_allowed() {
    let is_rc4 = |record: &&Value| record["expected"]["ticket"]["etype"] == 23;
    for record in opened_tickets().iter().filter(is_rc4) {
        let octets = octets(record);
        let keytab = || keys::keytab(record, &keys::read_ticket(&octets));
        let refused = present(record, keytab(), Policy::default()).unwrap_err();
        assert_eq!((refused.kind().name(), refused.krb_error_code().0), ("EtypeNotPermitted", 14), "{}", id(record));
        assert!(present(record, keytab(), with_rc4()).is_ok(), "{}", id(record));
    }
}

/// MS-KILE §3.1.5.8: the high 16 bits name the read-only domain controller, which a keytab need not know.
#[test]
fn a_ticket_of_a_read_only_domain_controller_fits_the_low_bits_of_its_kvno() {
    for record in opened_tickets().iter().filter(|record| id(record) == "hd-tgt-rodc") {
        let octets = octets(record);
        let ticket = keys::read_ticket(&octets);
        assert_eq!(ticket.enc_part.kvno, Some(0xb651_0001), "46673 and 1");
        let server = &record["key"]["server"];
        let key =
            || EncryptionKey::new(keys::enctype(&server["enctype"]), facts::unhex(server["hex"].as_str().unwrap()));
        for (kvno, expected) in [(0xb651_0001, KeyMatch::Exact), (1, KeyMatch::LowBits), (2, KeyMatch::OtherKvno)] {
            let accepted = present(record, keys::keytab_of(&ticket, kvno, key()), Policy::default()).unwrap();
            assert_eq!((accepted.kvno(), accepted.key_match()), (kvno, expected));
            let tolerated = (expected != KeyMatch::Exact).then_some(Tolerance::KeyMatch(expected));
            assert_eq!(accepted.tolerances(), tolerated.as_slice());
        }
    }
}

// ---- Credential caches ------------------------------------------------------------------------------------------

/// What the KDC told the client is what it sealed for the service.
#[test]
fn tickets_in_credential_caches_say_what_the_caches_say() {
    let caches: Vec<_> = published::every_record().into_iter().filter(|record| record["kind"] == "ccache").collect();
    for record in &caches {
        let (id, cache) = (id(record), ccache::read(&octets(record)));
        let credential = &cache.credentials[0];
        assert_eq!(credential.client, cache.default_principal, "{id}");
        assert_eq!((credential.addresses.len(), credential.authorization_data), (0, 0), "{id}");
        let ticket = keys::read_ticket(&credential.ticket);
        assert_eq!(ticket.sname.in_realm(ticket.realm).to_string(), credential.service.1, "{id}");
        assert_eq!(ticket.enc_part.etype.0, record["expected"]["ticket"]["etype"], "{id}");
        if !is_supported(ticket.enc_part.etype) {
            assert_eq!(outcome_of(record).as_deref(), Some("EtypeUnsupported"), "{id}");
            let keytab = keys::keytab_with_another_key(&ticket);
            let token = credential_token(credential);
            let refused = Acceptor::builder(keytab).build().unwrap().accept(&token, time(record)).unwrap_err();
            assert_eq!((refused.kind().name(), refused.krb_error_code().0), ("EtypeUnsupported", 14), "{id}");
            continue;
        }
        let opened = keys::open_ticket(&keys::keytab(record, &ticket), &ticket).unwrap_or_else(|| panic!("{id}"));
        let part = EncTicketPart::from_octets(&opened, Rules::default()).unwrap();
        assert_eq!(facts::enc_ticket_part(&part), record["expected"]["ticket_decrypted"], "{id}");
        assert_eq!(part.cname.in_realm(part.crealm).to_string(), credential.client.1, "{id}");
        assert_eq!(part.key.keytype.0, i32::from(credential.enctype), "{id}");
        assert_eq!(hex(part.key.keyvalue), hex(&credential.key), "{id}");
        assert_eq!(part.flags.0, credential.flags, "{id}");
        let starttime = part.starttime.unwrap_or(part.authtime);
        let found = [Some(part.authtime), Some(starttime), Some(part.endtime), part.renew_till];
        assert_eq!(
            found.map(|time| time.map_or(0, |time| time.unix_seconds())),
            credential.times.map(i64::from),
            "{id}"
        );
    }
    assert!(caches.is_empty() || caches.len() >= 8, "{} caches", caches.len());
}

/// A login with a ticket of an enctype that is not implemented; nobody gets as far as its authenticator.
fn credential_token(credential: &ccache::Credential) -> Vec<u8> {
    let enc_ticket = serde_json::json!({
        "client": credential.client.1, "session_etype": 18, "session_key": hex(&[0x11; 32]),
    });
    token_with(&credential.ticket, &enc_ticket, "2014-08-09T12:00:00Z".parse().unwrap())
}
