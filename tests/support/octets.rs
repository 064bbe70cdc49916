//! Where things stand in a token, found by their octets.

use core::ops::Range;
use kerbside::asn1::{LengthForm, Rules};
use kerbside::messages::ApReq;

/// The places of the two ciphertexts in a token that holds one AP-REQ, the ticket's first.
pub(crate) fn ciphertexts(token: &[u8]) -> [Range<usize>; 2] {
    let rules = Rules::new(LengthForm::UpToFourOctets, 16);
    let ap_req =
        (0..token.len()).filter(|at| token[*at] == 0x6e).find_map(|at| ApReq::from_octets(&token[at..], rules).ok());
    let ap_req = ap_req.expect("the token ends with an AP-REQ");
    [place_of(token, ap_req.ticket.enc_part.cipher), place_of(token, ap_req.authenticator.cipher)]
}

fn place_of(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = whole.windows(part.len()).position(|window| window == part).expect("a part of the whole");
    start..start + part.len()
}
