//! NTLM (MS-NLMP §2.2.1): which message it is, and the names that the client gives.

use super::text;
use super::tree::{Fields, Value};

pub(super) fn message(fields: &mut Fields, token: &[u8]) {
    let Some(number) = number(token, 8) else { return fields.problem("it ends before its message type") };
    let name = match number {
        1 => "NEGOTIATE: the client begins",
        2 => "CHALLENGE: the server answers",
        3 => "AUTHENTICATE: the client proves its password",
        _ => return fields.problem(format!("no message has the type {number}")),
    };
    fields.put("message", name);
    if number == 3 {
        for (name, at) in [("domain", 28), ("user", 36), ("workstation", 44)] {
            match named(token, at) {
                Some(value) => fields.put(name, value),
                None => fields.problem(format!("its {name} lies outside of it")),
            }
        }
    }
    fields
        .put("remark", "this is not Kerberos: the client had no ticket for the name that it asked for, or did not ask");
}

/// A name behind its length, its room and its offset.
fn named(token: &[u8], at: usize) -> Option<Value> {
    let length = u16::from_le_bytes(*token.get(at..)?.first_chunk()?);
    let start = usize::try_from(number(token, at.checked_add(4)?)?).ok()?;
    let octets = token.get(start..)?.get(..usize::from(length))?;
    // UTF-16 as a rule: every second octet of an ASCII name is zero.
    let units: Vec<u16> = octets
        .chunks_exact(2)
        .map(|pair| pair.iter().rev().fold(0, |unit, octet| unit << 8 | u16::from(*octet)))
        .collect();
    let is_unicode = octets.get(1).is_none_or(|second| *second == 0) && octets.len() == units.len().saturating_mul(2);
    Some(if is_unicode { text(String::from_utf16_lossy(&units).as_bytes()) } else { text(octets) })
}

fn number(token: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*token.get(at..)?.first_chunk()?))
}
