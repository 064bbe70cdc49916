//! The tests that every peer with a whole GSS-API has to pass: `suite!(Peer::Java; name, name, …)` in a file of tests.

use kerbside::gss::{ChannelBindings, ContextFlags};
use kerbside::numbers::Enctype;
use kerbside::{BindingPolicy, Connection, DcePolicy, Policy};

use crate::context::{Context, OLD, Service, UNSEQUENCED};
use crate::{Dialogue, Mech, Peer, Taken, now};

/// Those that every such peer knows.
pub const ENCTYPES: [Enctype; 5] = [
    Enctype::AES128_CTS_HMAC_SHA1_96,
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA256_128,
    Enctype::AES256_CTS_HMAC_SHA384_192,
    Enctype::RC4_HMAC,
];

/// Those that MIT knows.
pub const MIT_ENCTYPES: [Enctype; 7] = {
    let [a, b, c, d, e] = ENCTYPES;
    [a, b, c, d, e, Enctype::CAMELLIA128_CTS_CMAC, Enctype::CAMELLIA256_CTS_CMAC]
};

/// Messages of both kinds, in order.
const ORDERED: &[&str] = &["conf", "integ", "replay", "sequence"];

/// Messages of both kinds.
const UNORDERED: &[&str] = &["conf", "integ"];

/// Every set of these flags.
pub fn sets_of(flags: &[&'static str]) -> Vec<Vec<&'static str>> {
    (0_u32..1 << flags.len())
        .map(|set| (0..flags.len()).filter(|at| set >> at & 1 == 1).map(|at| flags[at]).collect())
        .collect()
}

pub fn agrees_on_every_enctype_mutual_and_not(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        dialogue.agrees(enctype, &[&[], &["mutual"], &["mutual", "replay", "sequence", "conf", "integ"]]);
    }
}

pub fn agrees_on_every_set_of_flags(peer: Peer) {
    let sets = sets_of(&["mutual", "replay", "sequence", "conf", "integ", "deleg", "anonymous"]);
    let sets: Vec<_> = sets.iter().map(Vec::as_slice).collect();
    Dialogue::with(peer).agrees(Enctype::AES256_CTS_HMAC_SHA1_96, &sets);
}

pub fn agrees_on_every_set_of_flags_in_dce_style(peer: Peer) {
    let mut policy = Policy::default();
    policy.dce = DcePolicy::Accept;
    let mut dialogue = Dialogue::under(peer, policy);
    let mut sets = sets_of(&["replay", "sequence", "conf", "integ", "deleg"]);
    // Without mutual it would be no DCE style.
    sets.iter_mut().for_each(|set| set.extend(["dce", "mutual"]));
    let sets: Vec<_> = sets.iter().map(Vec::as_slice).collect();
    for enctype in ENCTYPES {
        dialogue.agrees(enctype, &sets);
    }
}

pub fn exchanges_messages_of_every_enctype(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        for mech in [Mech::Krb5, Mech::Spnego] {
            let request = Dialogue::request(enctype).mech(mech);
            dialogue.exchanges_messages(&request.clone().flags(UNORDERED), &[1, 15, 16, 17, 4096]);
            dialogue.exchanges_messages(&request.flags(ORDERED).mutual(), &[1, 15, 16, 17, 65_537]);
        }
    }
}

pub fn exchanges_messages_of_a_mebibyte(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        let request = Dialogue::request(enctype).flags(ORDERED).mutual();
        dialogue.exchanges_messages(&request, &[1 << 20]);
    }
}

pub fn exchanges_ten_thousand_messages_of_every_enctype_in_sequence(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        dialogue.exchanges_in_sequence(&Dialogue::request(enctype).flags(ORDERED).mutual(), 10_000);
    }
}

pub fn classifies_disorder_alike(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        dialogue.classifies_disorder_alike(&Dialogue::request(enctype).flags(UNORDERED).mutual());
    }
}

/// 70 messages later nobody remembers whether one came. Where the order counts, MIT, Heimdal and Java have no word of their
/// own for it, and call it late.
pub fn tells_what_is_too_old(peer: Peer) {
    let deliveries: Vec<_> = [0].into_iter().chain(2..=70).chain([1]).collect();
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        for flags in [&["replay"][..], &["replay", "sequence"]] {
            let request = Dialogue::request(enctype).flags(UNORDERED).flags(flags).mutual();
            let (accepted, _) = dialogue.context(&request);
            let late = if accepted.flags().contains(ContextFlags::SEQUENCE) { UNSEQUENCED } else { OLD };
            let mut context = Context::new(&mut dialogue.initiator, accepted);
            for service in Service::ALL {
                let told = context.delivered(service, &deliveries).map(|told| told.last().copied());
                assert_eq!(told, [Some(OLD), Some(late)], "{enctype:?} {flags:?} {service:?}");
            }
        }
    }
}

pub fn acceptor_refuses_turned_bits_of_messages(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        dialogue.acceptor_refuses_turned_bits(&Dialogue::request(enctype).flags(ORDERED).mutual(), &Service::ALL);
    }
}

pub fn initiator_refuses_turned_bits_of_messages(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        let taken = dialogue.turned_bits_taken(&Dialogue::request(enctype).flags(UNORDERED).mutual());
        assert_eq!(taken, Taken::default(), "{enctype:?}");
    }
}

/// Before the ciphertext stand tags, lengths and numbers that nothing protects, in SPNEGO too (RFC 4178 §5: no MIC where
/// the first mechanism was taken), and every initiator has some of them that it does not read.
pub fn initiator_refuses_turned_bits_of_a_reply(peer: Peer) {
    let mut dialogue = Dialogue::with(peer);
    for enctype in ENCTYPES {
        for mech in [Mech::Krb5, Mech::Spnego] {
            let request = Dialogue::request(enctype).mech(mech).mutual();
            assert_eq!(dialogue.turned_reply_bits_taken(&request), Vec::<usize>::new(), "{request:?}");
        }
    }
}

pub fn bindings_are_the_same_on_both_sides(peer: Peer) {
    let mut policy = Policy::default();
    policy.channel_bindings = BindingPolicy::Require;
    let mut dialogue = Dialogue::under(peer, policy);
    let request = Dialogue::request(Enctype::AES256_CTS_HMAC_SHA1_96).bindings(b"tls-unique:0123456789ab");
    for (bindings, refusal) in [("0123456789ab", None), ("0123456789ac", Some("ChannelBinding"))] {
        let connection = Connection::new().channel_bindings(ChannelBindings::tls_unique(bindings.as_bytes()));
        let token = dialogue.initiator.first_token(&request);
        let answer = dialogue.acceptor.accept_on(&connection, &token, now());
        assert_eq!(answer.as_ref().is_ok_and(|accepted| accepted.channel_bound()), refusal.is_none());
        assert_eq!(answer.err().map(|error| error.kind().name()), refusal);
    }
}

/// Makes tests of the named functions of this module for one peer, or of what [`tickets`](crate::tickets) has for every realm
/// for one.
#[macro_export]
macro_rules! suite {
    (tickets, $realm:expr) => {
        $crate::suite!(
            tickets, $realm;
            accepts_rc4_by_policy_alone,
            refuses_a_token_the_second_time,
            refuses_what_another_key_of_the_same_name_made,
            refuses_a_ticket_for_another_service,
            tells_an_old_keytab_by_its_kvno,
        );
    };
    (tickets, $realm:expr; $($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                $crate::tickets::$name(&$realm);
            }
        )*
    };
    ($peer:expr; $($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                $crate::suite::$name($peer);
            }
        )*
    };
}
