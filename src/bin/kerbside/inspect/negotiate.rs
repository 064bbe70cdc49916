//! SPNEGO: what is offered or answered, and the mechanism's token inside.

use super::tree::{Fields, Value};
use super::{inspect, rules};
use kerbside::gss::{InitialToken, Oid};
use kerbside::spnego::{NegState, NegTokenInit, NegTokenResp};

/// An initiator's first token.
pub(super) fn offer(fields: &mut Fields, token: &[u8], levels: u8) {
    let init = InitialToken::from_octets(token, rules())
        .and_then(|frame| NegTokenInit::from_octets(frame.inner_context_token, rules()));
    let init = match init {
        Ok(init) => init,
        Err(error) => return fields.problem(error),
    };
    fields.put("mechanisms", init.mech_types.iter().map(mechanism).collect::<Value>());
    if let Some(token) = init.mech_token {
        put_inner(fields, token, levels);
    }
    if let Some(mic) = init.mech_list_mic {
        fields.put("mechanism_list_mic_octets", mic.len());
    }
}

/// Every later token, of both sides.
pub(super) fn response(fields: &mut Fields, token: &[u8], levels: u8) {
    let response = match NegTokenResp::from_octets(token, rules()) {
        Ok(response) => response,
        Err(error) => return fields.problem(error),
    };
    if let Some(state) = response.neg_state {
        fields.put("state", state_name(state));
    }
    if let Some(oid) = response.supported_mech {
        fields.put("mechanism", mechanism(oid));
    }
    if let Some(token) = response.response_token {
        put_inner(fields, token, levels);
    }
    if let Some(mic) = response.mech_list_mic {
        fields.put("mechanism_list_mic_octets", mic.len());
    }
}

/// The mechanism's own token.
fn put_inner(fields: &mut Fields, token: &[u8], levels: u8) {
    match levels.checked_sub(1) {
        Some(levels) => fields.put("mechanism_token", inspect(token, levels)),
        None => fields.problem("a token inside is not looked at: too many stand in each other"),
    }
}

/// RFC 4178 §4.2.2's names.
fn state_name(state: NegState) -> String {
    let name = match state {
        NegState::AcceptCompleted => "accept-completed",
        NegState::AcceptIncomplete => "accept-incomplete",
        NegState::Reject => "reject",
        NegState::RequestMic => "request-mic",
        _ => "unknown",
    };
    format!("{name} ({})", state.value())
}

pub(super) fn mechanism(oid: Oid<'_>) -> Value {
    let names = [
        (Oid::KRB5, "Kerberos"),
        (Oid::MICROSOFT_KRB5, "Kerberos under Microsoft's number"),
        (Oid::KRB5_USER_TO_USER, "Kerberos user-to-user"),
        (Oid::IAKERB, "IAKERB"),
        (Oid::NTLM, "NTLM"),
        (Oid::NEGOEX, "NegoEx"),
        (Oid::SPNEGO, "SPNEGO"),
    ];
    match names.iter().find(|(known, _)| *known == oid) {
        Some((_, name)) => format!("{name} ({oid})").into(),
        None => oid.to_string().into(),
    }
}
