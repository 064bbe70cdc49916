//! From a token to its AP-REQ.

use kerbside::asn1::Rules;
use kerbside::gss::InitialToken;
use kerbside::messages::ApReq;
use kerbside::spnego::NegTokenInit;

/// What has to be decoded before the first key is needed.
pub(crate) fn parse(token: &[u8]) -> ApReq<'_> {
    let rules = Rules::default();
    let negotiation = InitialToken::from_octets(token, rules).expect("a frame");
    let init = NegTokenInit::from_octets(negotiation.inner_context_token, rules).expect("a NegTokenInit");
    let krb5 = InitialToken::from_octets(init.mech_token.expect("a token inside"), rules).expect("a frame inside");
    let (_, ap_req) = krb5.inner_context_token.split_first_chunk::<2>().expect("a token identifier");
    ApReq::from_octets(ap_req, rules).expect("an AP-REQ")
}
