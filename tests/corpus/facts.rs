//! What was decoded, in the shape in which the index of the corpus states it, so that whole records are compared at once.

use crate::published;
use core::time::Duration;
use kerbside::Timestamp;
use kerbside::asn1::{Reader, Rules, Tag, TypeId};
use kerbside::gss::{InitialToken, TokenId};
use kerbside::messages::{ApReq, Authenticator, AuthorizationData, EncApRepPart, EncTicketPart, EncryptionKey};
use kerbside::numbers::AuthDataType;
use serde_json::{Value, json};

pub(crate) fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

pub(crate) fn octets(record: &Value) -> Vec<u8> {
    published::data(record["file"].as_str().unwrap())
}

/// The record's own time; for a record without one, that at which its ticket was issued.
pub(crate) fn time(record: &Value) -> Timestamp {
    let part = &record["expected"]["enc_ticket"];
    let at = [&record["at"], &part["starttime"], &part["authtime"]].into_iter().find_map(Value::as_str);
    at.unwrap_or("2020-01-01T00:00:00Z").parse().unwrap()
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn enc_ticket_part(part: &EncTicketPart<'_>) -> Value {
    let mut flags: Vec<_> = part.flags.names().collect();
    flags.sort_unstable();
    json!({
        "client": part.cname.in_realm(part.crealm).to_string(),
        "cname_type": part.cname.name_type.0,
        "flags": flags,
        "session_etype": part.key.keytype.0,
        "session_key": hex(part.key.keyvalue),
        "authtime": part.authtime.to_string(),
        "starttime": part.starttime.map(|time| time.to_string()),
        "endtime": part.endtime.to_string(),
        "renew_till": part.renew_till.map(|time| time.to_string()),
        "transited": { "type": part.transited.tr_type, "hex": hex(part.transited.contents) },
        "caddr": part.caddr.map(|list| list.iter().map(|address| hex(address.address)).collect::<Vec<_>>()),
        "authdata": part.authorization_data.map(authorization_data),
    })
}

pub(crate) fn authorization_data(data: AuthorizationData<'_>) -> Value {
    let elements = data.iter().map(|element| {
        let mut facts = json!({ "type": element.ad_type.0, "len": element.ad_data.len() });
        match element.ad_type {
            AuthDataType::IF_RELEVANT => {
                let inner = AuthorizationData::from_octets(element.ad_data, Rules::default()).unwrap();
                facts["if_relevant"] = authorization_data(inner);
            }
            AuthDataType::WIN2K_PAC => facts["pac"] = format!("<PAC {} bytes>", element.ad_data.len()).into(),
            _ => facts["hex"] = hex(element.ad_data).into(),
        }
        facts
    });
    elements.collect()
}

/// `engines` names the programs that found the facts out; it says nothing of the authenticator.
pub(crate) fn authenticator(authenticator: &Authenticator<'_>, stated: &Value) -> Value {
    let mut facts = json!({
        "client": authenticator.cname.in_realm(authenticator.crealm).to_string(),
        "ctime": authenticator.ctime.to_string(),
        "cusec": authenticator.cusec,
        "seq": authenticator.seq_number,
        "subkey": authenticator.subkey.map(subkey),
        "engines": stated["engines"],
        "cksum": authenticator.cksum.map(|cksum| {
            assert_eq!(cksum.cksumtype.0, 0x8003);
            gss_checksum(cksum.checksum)
        }),
    });
    if let Some(data) = authenticator.authorization_data {
        facts["authdata"] = authorization_data(data);
    }
    facts
}

fn subkey(key: EncryptionKey<'_>) -> Value {
    json!({ "etype": key.keytype.0, "key": hex(key.keyvalue) })
}

/// RFC 4121 §4.1.1, read by its table: Lgth, Bnd, Flags, DlgOpt, Dlgth, Deleg, Exts.
fn gss_checksum(octets: &[u8]) -> Value {
    let flags = u32::from_le_bytes(octets[20..24].try_into().unwrap());
    let mut facts = json!({
        "cksumtype": 0x8003,
        "gss_flags": format!("{flags:#x}"),
        "channel_binding": hex(&octets[4..20]),
        "len": octets.len(),
    });
    if let [option, _, low, high, rest @ ..] = &octets[24..] {
        let length = u16::from_le_bytes([*low, *high]);
        facts["deleg_opt"] = (*option).into();
        facts["deleg_len"] = length.into();
        facts["ext_len"] = (rest.len() - usize::from(length)).into();
    }
    facts
}

pub(crate) fn enc_ap_rep_part(part: &EncApRepPart<'_>) -> Value {
    json!({
        "ctime": part.ctime.to_string(),
        "cusec": part.cusec,
        "seq": part.seq_number,
        "subkey": part.subkey.map(subkey),
    })
}

/// A point in time as the facts of an authenticator state it.
pub(crate) fn authenticator_time(facts: &Value) -> Timestamp {
    let ctime: Timestamp = facts["ctime"].as_str().unwrap().parse().unwrap();
    ctime.saturating_add(Duration::from_micros(facts["cusec"].as_u64().unwrap()))
}

// ---- Tokens taken apart -----------------------------------------------------------------------------------------

/// A NegTokenResp (RFC 4178 §4.2.2): negState, supportedMech's content, responseToken, mechListMIC.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NegTokenResp {
    pub(crate) neg_state: Option<u8>,
    pub(crate) supported_mech: Option<Vec<u8>>,
    pub(crate) response_token: Option<Vec<u8>>,
    pub(crate) mech_list_mic: Option<Vec<u8>>,
}

impl NegTokenResp {
    pub(crate) fn read(octets: &[u8]) -> Self {
        let field = |fields: &mut Reader<'_>, number, tag| {
            let mut found = fields.read_optional(Tag::context(number)).unwrap()?;
            Some(found.read(tag).unwrap().rest().to_vec())
        };
        let mut outer = Reader::new(octets, TypeId::NEG_TOKEN_RESP, Rules::default());
        let mut fields = outer.read(Tag::context(1)).unwrap().read(Tag::SEQUENCE).unwrap();
        outer.finish().unwrap();
        Self {
            neg_state: field(&mut fields, 0, Tag::ENUMERATED).map(|state| state[0]),
            supported_mech: field(&mut fields, 1, Tag::OBJECT_IDENTIFIER),
            response_token: field(&mut fields, 2, Tag::OCTET_STRING),
            mech_list_mic: field(&mut fields, 3, Tag::OCTET_STRING),
        }
    }
}

/// The Kerberos message behind the frame of RFC 4121 §4.1 with that token identifier.
pub(crate) fn unframed(token: &[u8], expected: TokenId) -> Vec<u8> {
    let frame = InitialToken::from_octets(token, Rules::default()).unwrap();
    let (id, message) = frame.inner_context_token.split_first_chunk::<2>().unwrap();
    assert_eq!(TokenId(*id), expected);
    message.to_vec()
}

/// The octets of the AP-REQ at the end of a token, whatever stands before it.
pub(crate) fn ap_req_in(token: &[u8]) -> Option<&[u8]> {
    (0..token.len()).map(|at| &token[at..]).find(|rest| ApReq::from_octets(rest, Rules::default()).is_ok())
}
