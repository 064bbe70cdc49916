//! MIT's GSS-API: what every peer with a whole GSS-API passes, where `mutual.rs` and `session.rs` do not ask more.

use kerbside_interop::{Peer, suite};

suite!(
    Peer::Mit;
    agrees_on_every_set_of_flags,
    agrees_on_every_set_of_flags_in_dce_style,
    exchanges_ten_thousand_messages_of_every_enctype_in_sequence,
    initiator_refuses_turned_bits_of_a_reply,
    bindings_are_the_same_on_both_sides,
    tells_what_is_too_old,
);
