//! Heimdal's GSS-API: contexts, messages, and what neither side takes.

use kerbside::numbers::Enctype;
use kerbside_interop::{Dialogue, Peer, suite};

suite!(
    Peer::Heimdal;
    agrees_on_every_enctype_mutual_and_not,
    agrees_on_every_set_of_flags,
    agrees_on_every_set_of_flags_in_dce_style,
    exchanges_messages_of_every_enctype,
    exchanges_messages_of_a_mebibyte,
    exchanges_ten_thousand_messages_of_every_enctype_in_sequence,
    classifies_disorder_alike,
    acceptor_refuses_turned_bits_of_messages,
    initiator_refuses_turned_bits_of_messages,
    initiator_refuses_turned_bits_of_a_reply,
    bindings_are_the_same_on_both_sides,
    tells_what_is_too_old,
);

/// Heimdal's initiator takes it that an acceptor that says nothing begins at 0; MIT's and Java's, that it begins where the
/// initiator did, as ours does. So its first message is a gap to Heimdal, and the next ones are in order.
#[test]
fn takes_the_first_ordered_message_of_a_one_way_context_for_a_gap() {
    let mut dialogue = Dialogue::with(Peer::Heimdal);
    let request = Dialogue::request(Enctype::AES256_CTS_HMAC_SHA1_96).flags(&["integ", "replay", "sequence"]);
    let mut session = dialogue.context(&request).0.into_session();
    let expected = [Err(16), Ok(()), Ok(())];
    let found = expected.map(|_| {
        let mic = session.get_mic(b"message").expect("the session signs");
        dialogue.initiator.verify_mic(b"message", &mic).map_err(|refused| refused.major)
    });
    assert_eq!(found, expected);
    let mic = dialogue.initiator.mic(b"message");
    session.verify_mic(b"message", &mic).expect("the MIC is good").in_order().expect("it is the first");
}
