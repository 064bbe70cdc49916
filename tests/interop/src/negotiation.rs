//! What tests do to the tokens of a negotiation.

use kerbside::asn1::{LengthForm, Rules};
use kerbside::spnego::NegTokenResp;

/// What is offered, in this order.
pub const NTLM_FIRST: [&str; 2] = ["ntlm", "krb5"];
pub const KRB5_FIRST: [&str; 2] = ["krb5", "ntlm"];

pub fn response(token: &[u8]) -> NegTokenResp<'_> {
    NegTokenResp::from_octets(token, Rules::new(LengthForm::Shortest, 16)).expect("it is a NegTokenResp")
}

/// The token with another MIC.
pub fn with_mic(token: &[u8], mech_list_mic: Option<&[u8]>) -> Vec<u8> {
    NegTokenResp { mech_list_mic, ..response(token) }.to_octets()
}

/// The octets with a bit turned.
pub fn turned(octets: &[u8], bit: usize) -> Vec<u8> {
    let mut turned = octets.to_vec();
    turned[bit / 8] ^= 0x80 >> (bit % 8);
    turned
}
