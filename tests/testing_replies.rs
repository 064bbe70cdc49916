//! The test kit as an initiator: what it takes for an answer of the acceptor, and what it refuses. The acceptor is
//! played here by the message layer and the crypto layer.
#![cfg(feature = "testing")]

use core::time::Duration;
use kerbside::asn1::{Rules, Tag, Writer};
use kerbside::crypto::Key;
use kerbside::messages::{ApRep, EncApRepPart, EncryptedData, EncryptionKey, KrbError, PrincipalName};
use kerbside::numbers::{Enctype, KeyUsage, KrbErrorCode};
use kerbside::testing::{Login, MechListMic, NegState, Oid, Realm, ReplyError};

const SUBKEY: [u8; 32] = [7; 32];
const SEQ_NUMBER: u32 = 0xffff_fff0;

fn login() -> Login {
    Realm::new("EXAMPLE.COM").login("alice", "HTTP/web.example.com").clock_ahead(Duration::from_micros(250))
}

fn seal(key: &Key, plaintext: &[u8]) -> Vec<u8> {
    let key = key.for_usage(KeyUsage::AP_REP);
    let mut cipher = Vec::new();
    key.encrypt(&vec![9; key.confounder_octets()], plaintext, &mut cipher).unwrap();
    cipher
}

/// The AP-REP that answers a login, changed before it is sealed.
fn ap_rep_with(login: &Login, change: impl FnOnce(&mut EncApRepPart<'_>)) -> Vec<u8> {
    let asked = login.authenticator();
    let mut part = EncApRepPart::new(asked.ctime, u32::try_from(asked.cusec).unwrap());
    part.subkey = Some(EncryptionKey::new(Enctype::AES256_CTS_HMAC_SHA1_96, &SUBKEY));
    part.seq_number = Some(SEQ_NUMBER);
    change(&mut part);
    let key = login.ticket().key.to_key().unwrap();
    let cipher = seal(&key, &part.to_octets());
    ApRep::new(EncryptedData::new(key.enctype(), &cipher)).to_octets()
}

fn ap_rep(login: &Login) -> Vec<u8> {
    ap_rep_with(login, |_| {})
}

fn krb_error(e_data: Option<&[u8]>) -> Vec<u8> {
    let service = Realm::new("EXAMPLE.COM").principal("HTTP/web.example.com");
    let sname = PrincipalName::from(&service);
    let now = ("2026-03-01T10:00:00Z".parse::<kerbside::Timestamp>().unwrap().second(), 17);
    let mut error = KrbError::new(KrbErrorCode::KRB_AP_ERR_SKEW, now, b"EXAMPLE.COM", sname);
    error.e_data = e_data;
    error.to_octets()
}

fn framed(mechanism: &Oid, token_id: [u8; 2], message: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tlv(Tag::application(0), |writer| {
        writer.octets(Tag::OBJECT_IDENTIFIER, &mechanism.0);
        writer.raw(&token_id);
        writer.raw(message);
    });
    writer.into_octets()
}

fn field(writer: &mut Writer, number: u8, tag: Tag, content: Option<&[u8]>) {
    if let Some(content) = content {
        writer.tlv(Tag::context(number), |writer| writer.octets(tag, content));
    }
}

fn neg_token_resp(state: u8, mechanism: Option<&Oid>, token: Option<&[u8]>, mic: Option<&[u8]>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tlv(Tag::context(1), |writer| {
        writer.tlv(Tag::SEQUENCE, |writer| {
            field(writer, 0, Tag::ENUMERATED, Some(&[state]));
            field(writer, 1, Tag::OBJECT_IDENTIFIER, mechanism.map(|oid| oid.0.as_ref()));
            field(writer, 2, Tag::OCTET_STRING, token);
            field(writer, 3, Tag::OCTET_STRING, mic);
        });
    });
    writer.into_octets()
}

fn accepting(token: &[u8]) -> Vec<u8> {
    neg_token_resp(0, Some(&Oid::KRB5), Some(token), None)
}

#[test]
fn an_answer_in_spnego_is_opened_and_checked() {
    let login = login();
    let reply = login.verify_reply(&accepting(&framed(&Oid::KRB5, [2, 0], &ap_rep(&login)))).unwrap();
    assert_eq!(reply.neg_state, Some(NegState::AcceptCompleted));
    assert_eq!(reply.supported_mech, Some(Oid::KRB5));
    let opened = reply.ap_rep.unwrap();
    assert_eq!(opened.seq_number, Some(SEQ_NUMBER));
    assert_eq!(opened.subkey.unwrap().keyvalue, SUBKEY);
    assert_eq!(opened.etype, Enctype::AES256_CTS_HMAC_SHA1_96);
    assert!(reply.krb_error.is_none() && reply.mech_list_mic.is_none());
}

#[test]
fn an_answer_without_a_token_is_an_answer() {
    for (number, state) in [
        (0, NegState::AcceptCompleted),
        (1, NegState::AcceptIncomplete),
        (2, NegState::Reject),
        (3, NegState::RequestMic),
    ] {
        let reply = login().verify_reply(&neg_token_resp(number, None, None, None)).unwrap();
        assert_eq!(reply.neg_state, Some(state));
        assert!(reply.ap_rep.is_none());
    }
    let malformed = Err(ReplyError::Malformed { production: "NegTokenResp" });
    assert_eq!(login().verify_reply(&neg_token_resp(4, None, None, None)).map(|_| ()), malformed);
}

#[test]
fn each_framing_is_answered_in_kind() {
    let whole = login();
    let answer = ap_rep(&whole);
    let raw = framed(&Oid::KRB5, [2, 0], &answer);
    let answers = [accepting(&raw), raw, answer];
    let logins = [whole.clone(), whole.clone().raw_krb5(), whole.bare_ap_req()];
    for (sent, login) in logins.iter().enumerate() {
        for (got, answer) in answers.iter().enumerate() {
            let expected = if sent == got { Ok(true) } else { Err(ReplyError::Framing) };
            assert_eq!(login.verify_reply(answer).map(|reply| reply.ap_rep.is_some()), expected, "{sent} {got}");
        }
    }
}

#[test]
fn an_ap_rep_of_somebody_else_is_refused() {
    let login = login().bare_ap_req();
    let whole = ap_rep(&login);
    assert!(login.verify_reply(&whole).is_ok());
    let refused = |answer: &[u8]| login.verify_reply(answer).map(|_| ()).unwrap_err();
    for octet in [whole.len() - 1, whole.len() - 20] {
        let mut flipped = whole.clone();
        flipped[octet] ^= 1;
        assert_eq!(refused(&flipped), ReplyError::Integrity);
    }
    assert_eq!(refused(&ap_rep(&login.again().with_ticket(|t| t.key.keyvalue[0] ^= 1))), ReplyError::Integrity);
    assert_eq!(refused(&ap_rep_with(&login, |part| part.cusec += 1)), ReplyError::Echo);
    let later = kerbside::KerberosTime::from_unix_seconds(login.authenticator().ctime.unix_seconds() + 1);
    assert_eq!(refused(&ap_rep_with(&login, |part| part.ctime = later)), ReplyError::Echo);
    let session_key = login.ticket().key.to_key().unwrap();
    let label = ApRep::from_octets(&whole, Rules::default()).unwrap().enc_part.cipher.to_vec();
    let relabelled = ApRep::new(EncryptedData::new(Enctype(17), &label)).to_octets();
    assert_eq!(refused(&relabelled), ReplyError::Integrity);
    let empty = seal(&session_key, b"\x7b\x02\x30\x00");
    let empty = ApRep::new(EncryptedData::new(session_key.enctype(), &empty)).to_octets();
    assert_eq!(refused(&empty), ReplyError::Malformed { production: "EncAPRepPart" });
    let longer = [whole.as_slice(), b"\0"].concat();
    assert_eq!(refused(&longer), ReplyError::Malformed { production: "AP-REP" });
}

#[test]
fn a_mechanism_that_was_not_offered_is_refused() {
    let login = login();
    let token = framed(&Oid::KRB5, [2, 0], &ap_rep(&login));
    let naming = |oid| neg_token_resp(0, Some(oid), Some(&token), None);
    assert_eq!(login.verify_reply(&naming(&Oid::MS_KRB5)).map(|_| ()), Err(ReplyError::Mechanism));
    let both = login.clone().offering(&[Oid::MS_KRB5, Oid::KRB5]);
    assert!(both.verify_reply(&naming(&Oid::MS_KRB5)).is_ok());
    let foreign = framed(&Oid::MS_KRB5, [2, 0], &ap_rep(&login));
    assert_eq!(login.verify_reply(&accepting(&foreign)).map(|_| ()), Err(ReplyError::Mechanism));
    let wrong_id = framed(&Oid::KRB5, [1, 0], &ap_rep(&login));
    let malformed = ReplyError::Malformed { production: "krb5 token" };
    assert_eq!(login.verify_reply(&accepting(&wrong_id)).map(|_| ()), Err(malformed));
}

#[test]
fn a_kerberos_error_is_a_reply() {
    let login = login().raw_krb5();
    let e_data = b"\x30\x05\xa1\x03\x02\x01\x02";
    let reply = login.verify_reply(&framed(&Oid::KRB5, [3, 0], &krb_error(Some(e_data)))).unwrap();
    let error = reply.krb_error.unwrap();
    assert_eq!(error.error_code, KrbErrorCode::KRB_AP_ERR_SKEW);
    assert_eq!(error.stime, "2026-03-01T10:00:00.000017Z".parse().unwrap());
    assert_eq!(error.realm, b"EXAMPLE.COM");
    assert_eq!(error.sname.name_string, [b"HTTP".to_vec(), b"web.example.com".to_vec()]);
    assert_eq!(error.e_data.as_deref(), Some(e_data.as_slice()));
    assert!(error.e_text.is_none() && error.cname.is_none() && error.ctime.is_none());
    let mislabelled = framed(&Oid::KRB5, [2, 0], &krb_error(None));
    assert!(login.verify_reply(&mislabelled).is_err());
}

/// A MIC token of RFC 4121 §4.2.6.1 over the list that holds krb5 alone.
fn mic(key: &[u8], flags: u8, sequence_number: u32, usage: KeyUsage) -> Vec<u8> {
    let list = b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
    let mut token = vec![4, 4, flags, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    token.extend(sequence_number.to_be_bytes());
    let key = Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, key).unwrap();
    let checksum = key.for_usage(usage).checksum(&[list, &token]);
    token.extend(checksum.as_octets());
    token
}

#[test]
fn the_mics_of_both_sides_are_over_the_list_and_under_the_context_key() {
    let login = login();
    let token = framed(&Oid::KRB5, [2, 0], &ap_rep(&login));
    let reply = |mic: Option<&[u8]>| login.verify_reply(&neg_token_resp(1, None, Some(&token), mic)).unwrap();
    let good = mic(&SUBKEY, 5, SEQ_NUMBER, KeyUsage::ACCEPTOR_SIGN);
    assert_eq!(login.verify_mech_list_mic(&reply(Some(&good))), Ok(()));
    for bad in [
        mic(&SUBKEY, 1, SEQ_NUMBER, KeyUsage::ACCEPTOR_SIGN),
        mic(&SUBKEY, 5, 0, KeyUsage::ACCEPTOR_SIGN),
        mic(&SUBKEY, 5, SEQ_NUMBER, KeyUsage::INITIATOR_SIGN),
        mic(&[8; 32], 5, SEQ_NUMBER, KeyUsage::ACCEPTOR_SIGN),
    ] {
        assert_eq!(login.verify_mech_list_mic(&reply(Some(&bad))), Err(ReplyError::MechListMic));
    }
    assert_eq!(login.verify_mech_list_mic(&reply(None)), Err(ReplyError::MechListMic));

    let ours = u32::try_from(login.authenticator().seq_number.unwrap()).unwrap();
    let expected = mic(&SUBKEY, 4, ours, KeyUsage::INITIATOR_SIGN);
    assert!(login.mic_leg(&reply(Some(&good))).ends_with(&expected));

    let subkey = login.authenticator().subkey.clone().unwrap().keyvalue;
    let first = login.with_negotiation(|negotiation| negotiation.mech_list_mic = MechListMic::Valid).token();
    assert!(first.ends_with(&mic(&subkey, 0, ours, KeyUsage::INITIATOR_SIGN)));
}

#[test]
fn the_third_leg_of_dce_style_repeats_the_acceptors_sequence_number() {
    let login = login().dce_style();
    let reply = login.verify_reply(&ap_rep(&login)).unwrap();
    let leg = login.dce_leg(&reply);
    let mut cipher = ApRep::from_octets(&leg, Rules::default()).unwrap().enc_part.cipher.to_vec();
    let key = login.ticket().key.to_key().unwrap().for_usage(KeyUsage::AP_REP);
    let opened = key.decrypt_in_place(&mut cipher).unwrap();
    let part = EncApRepPart::from_octets(opened, Rules::default()).unwrap();
    assert_eq!((part.ctime, i64::from(part.cusec)), (login.authenticator().ctime, login.authenticator().cusec));
    assert_eq!((part.seq_number, part.subkey.is_none()), (Some(SEQ_NUMBER), true));
}

#[test]
fn no_prefix_of_an_answer_is_an_answer() {
    let login = login();
    let answer = accepting(&framed(&Oid::KRB5, [2, 0], &ap_rep(&login)));
    for length in 0..answer.len() {
        assert!(login.verify_reply(&answer[..length]).is_err(), "{length}");
    }
    assert!(login.verify_reply(&answer).is_ok());
}
