//! Java's JGSS: contexts, messages, and what neither side takes.

use kerbside::gss::ChannelBindings;
use kerbside::numbers::Enctype;
use kerbside::{BindingPolicy, Connection, Policy};
use kerbside_interop::suite::ENCTYPES;
use kerbside_interop::{Dialogue, Mech, Peer, Taken, now, suite};

suite!(
    Peer::Java;
    agrees_on_every_enctype_mutual_and_not,
    agrees_on_every_set_of_flags,
    exchanges_messages_of_every_enctype,
    exchanges_messages_of_a_mebibyte,
    exchanges_ten_thousand_messages_of_every_enctype_in_sequence,
    classifies_disorder_alike,
    acceptor_refuses_turned_bits_of_messages,
    initiator_refuses_turned_bits_of_a_reply,
    bindings_are_the_same_on_both_sides,
    tells_what_is_too_old,
);

/// The JDK reads the copy of the header inside a sealed message (RFC 4121 §4.2.4), and does not compare it: all of the
/// header but its type, the bits that say who sealed it, the filler and RRC can be turned. Of RC4's tokens it is the sequence
/// number, which nothing protects, and octets of lengths.
#[test]
fn initiator_refuses_turned_bits_of_messages_but_of_headers() {
    let mut dialogue = Dialogue::with(Peer::Java);
    for enctype in ENCTYPES {
        let taken = dialogue.turned_bits_taken(&Dialogue::request(enctype).flags(&["conf", "integ"]).mutual());
        let mut expected = Taken::default();
        if enctype == Enctype::RC4_HMAC {
            expected.mic.extend([1, 21, 22, 23, 24]);
            expected.signed_only.extend([21, 22, 23, 24, 67]);
        } else {
            expected.sealed.extend([2, 4, 5].into_iter().chain(8..16));
        }
        assert_eq!(taken, expected, "{enctype:?}");
    }
}

/// Where nothing says otherwise, the acceptor's numbers begin where the initiator's do.
#[test]
fn exchanges_ordered_messages_of_one_way_contexts() {
    let mut dialogue = Dialogue::with(Peer::Java);
    for mech in [Mech::Krb5, Mech::Spnego] {
        let request = Dialogue::request(Enctype::AES256_CTS_HMAC_SHA1_96).mech(mech);
        dialogue.exchanges_messages(&request.flags(&["conf", "integ", "replay", "sequence"]), &[1, 100]);
    }
}

#[test]
fn agrees_when_it_is_not_told_to_suit_microsoft() {
    let mut dialogue = Dialogue::with(Peer::JavaByTheBook);
    for enctype in ENCTYPES {
        dialogue.agrees(enctype, &[&[], &["integ"], &["mutual"], &["mutual", "replay", "sequence", "conf", "integ"]]);
    }
}

/// `new ChannelBinding(octets)` of the public API hashes the address type 255 where RFC 4121 §4.1.1.2 has 0 for none; the
/// JDK's own clients do not use it. The near miss is `bindings_are_the_same_on_both_sides`.
#[test]
fn refuses_bindings_of_the_public_class_which_say_another_address_type() {
    let mut policy = Policy::default();
    policy.channel_bindings = BindingPolicy::Require;
    let mut dialogue = Dialogue::under(Peer::Java, policy);
    let request = Dialogue::request(Enctype::AES256_CTS_HMAC_SHA1_96).bindings(b"tls-unique:0123456789ab");
    let connection = Connection::new().channel_bindings(ChannelBindings::tls_unique(b"0123456789ab"));
    let token = dialogue.initiator.first_token(&request.clone().flags(&["java"]));
    let refused = dialogue.acceptor.accept_on(&connection, &token, now()).expect_err("it is another hash");
    assert_eq!(refused.kind().name(), "ChannelBinding");
}
