//! Kerberos: the frame, and what the messages of RFC 4120 §5 say in clear.

use super::negotiate::mechanism;
use super::tree::{Fields, Value};
use super::{rules, text};
use kerbside::asn1::DecodeError;
use kerbside::gss::{InitialToken, TokenId};
use kerbside::messages::{ApRep, ApReq, EncryptedData, KerbErrorData, KrbCred, KrbError, PrincipalName, Ticket};

/// A message in the frame of an initial token, behind its two octets (RFC 4121 §4.1).
pub(super) fn framed(fields: &mut Fields, token: &[u8]) {
    let frame = match InitialToken::from_octets(token, rules()) {
        Ok(frame) => frame,
        Err(error) => return fields.problem(error),
    };
    fields.put("mechanism", mechanism(frame.this_mech));
    let Some((id, inner)) = frame.inner_context_token.split_first_chunk() else {
        return fields.problem("it ends before its token identifier");
    };
    fields.put("token_id", TokenId(*id).to_string());
    message(fields, inner);
}

/// A message by its first octet.
pub(super) fn message(fields: &mut Fields, octets: &[u8]) {
    let read = match octets {
        [0x6e, ..] => ApReq::from_octets(octets, rules()).map(|message| ("ap_req", ap_req(&message))),
        [0x6f, ..] => ApRep::from_octets(octets, rules()).map(|message| ("ap_rep", ap_rep(&message))),
        [0x7e, ..] => KrbError::from_octets(octets, rules()).map(|message| ("krb_error", krb_error(&message))),
        [0x76, ..] => KrbCred::from_octets(octets, rules()).map(|message| ("krb_cred", krb_cred(&message))),
        [0x61, ..] => Ticket::from_octets(octets, rules()).map(|message| ("ticket", ticket(&message))),
        _ => return without_decoder(fields, octets),
    };
    match read {
        Ok((name, message)) => fields.put(name, message),
        Err(error) => broken(fields, error),
    }
}

fn broken(fields: &mut Fields, error: DecodeError) {
    fields.problem(error);
}

/// What is known by its name alone.
fn without_decoder(fields: &mut Fields, octets: &[u8]) {
    match name_of(octets) {
        Some(name) => fields.put("message", name),
        None if octets.is_empty() => fields.problem("there is nothing in it"),
        None => fields.problem("no token of SPNEGO, Kerberos or NTLM begins so"),
    }
}

/// The message that begins with that octet (RFC 4120 §5.10), or the token (RFC 4121 §4.2).
pub(super) fn name_of(octets: &[u8]) -> Option<&'static str> {
    Some(match octets {
        [0x61, ..] => "a ticket",
        [0x6a, ..] => "an AS-REQ, which is for a KDC",
        [0x6b, ..] => "an AS-REP, which is from a KDC",
        [0x6c, ..] => "a TGS-REQ, which is for a KDC",
        [0x6d, ..] => "a TGS-REP, which is from a KDC",
        [0x6f, ..] => "an AP-REP",
        [0x74, ..] => "a KRB-SAFE",
        [0x75, ..] => "a KRB-PRIV",
        [0x76, ..] => "a KRB-CRED",
        [4, 4, ..] => "a MIC token of an established context",
        [5, 4, ..] => "a Wrap token of an established context",
        _ => return None,
    })
}

fn ap_req(message: &ApReq<'_>) -> Value {
    let mut fields = version(message.pvno, message.msg_type);
    fields.put("options", message.ap_options.names().map(Value::from).collect::<Value>());
    fields.put("ticket", ticket(&message.ticket));
    fields.put("authenticator", encrypted(&message.authenticator));
    fields.into()
}

fn ap_rep(message: &ApRep<'_>) -> Value {
    let mut fields = version(message.pvno, message.msg_type);
    fields.put("encrypted_part", encrypted(&message.enc_part));
    fields.into()
}

fn ticket(ticket: &Ticket<'_>) -> Value {
    let mut fields = Fields::default();
    fields.put("version", ticket.tkt_vno);
    fields.put("service", ticket.sname.in_realm(ticket.realm).to_string());
    fields.put("name_type", ticket.sname.name_type.to_string());
    fields.put("encrypted_part", encrypted(&ticket.enc_part));
    fields.into()
}

fn krb_cred(message: &KrbCred<'_>) -> Value {
    let mut fields = version(message.pvno, message.msg_type);
    fields.put("tickets", message.tickets.iter().map(|(each, _)| ticket(&each)).collect::<Value>());
    fields.put("encrypted_part", encrypted(&message.enc_part));
    fields.into()
}

fn krb_error(error: &KrbError<'_>) -> Value {
    let mut fields = version(error.pvno, error.msg_type);
    fields.put("code", error.error_code.to_string());
    fields.put("server_time", format!("{}, {} µs", error.stime, error.susec));
    if let Some(time) = error.ctime {
        fields.put("client_time", format!("{time}, {} µs", error.cusec.unwrap_or(0)));
    }
    if let Some(name) = &error.cname {
        fields.put("client", named(name, error.crealm.unwrap_or_default()));
    }
    fields.put("service", named(&error.sname, error.realm));
    if let Some(octets) = error.e_text {
        fields.put("text", text(octets));
    }
    if let Some(data) = error.e_data {
        fields.put("data_octets", data.len());
        if let Ok(data) = KerbErrorData::from_octets(data, rules()) {
            fields.put("data_type", data.data_type);
        }
    }
    fields.into()
}

fn named(name: &PrincipalName<'_>, realm: &[u8]) -> String {
    name.in_realm(realm).to_string()
}

fn version(pvno: i32, msg_type: i32) -> Fields {
    let mut fields = Fields::default();
    fields.put("version", pvno);
    fields.put("message_type", msg_type);
    fields
}

fn encrypted(data: &EncryptedData<'_>) -> Value {
    let mut fields = Fields::default();
    fields.put("enctype", data.etype.to_string());
    if let Some(kvno) = data.kvno {
        fields.put("kvno", kvno);
    }
    fields.put("octets", data.cipher.len());
    fields.into()
}
