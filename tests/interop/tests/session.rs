//! Messages of an established context, both ways, with MIT's `gss_get_mic` and `gss_wrap`: what each side makes the other
//! takes, and refuses with a bit turned; both say the same of order.

use kerbside::gss::{MessageOrder, Rc4Messages, SessionError};
use kerbside::numbers::Enctype;
use kerbside::{Acceptor, EnctypeRole, Policy};
use kerbside_interop::context::{Context, DUPLICATE, GAP, OLD, Service, UNSEQUENCED, message};
use kerbside_interop::negotiation::turned;
use kerbside_interop::{Initiator, Mech, Realm, Request, now};

/// As the realm's krb5.conf has them, the initiator's favourite first.
const ENCTYPES: [Enctype; 7] = [
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA1_96,
    Enctype::AES256_CTS_HMAC_SHA384_192,
    Enctype::AES128_CTS_HMAC_SHA256_128,
    Enctype::CAMELLIA256_CTS_CMAC,
    Enctype::CAMELLIA128_CTS_CMAC,
    Enctype::RC4_HMAC,
];
/// Both kinds of order, so that both sides tell everything they can.
const ORDERED: [&str; 3] = ["mutual", "replay", "sequence"];

/// Ticket, session key and subkeys have one enctype.
fn established(enctype: Enctype, mech: Mech, flags: &[&'static str]) -> Context<Initiator> {
    under(enctype, enctype, mech, flags)
}

/// The acceptor likes this key best; the initiator offers it (RFC 4537).
fn under(key: Enctype, enctype: Enctype, mech: Mech, flags: &[&'static str]) -> Context<Initiator> {
    let realm = Realm::started();
    let mut policy = Policy::default();
    policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
    policy.enctypes.set(EnctypeRole::Subkey, [key, enctype]);
    policy.rc4_messages = Rc4Messages::Allow;
    let acceptor = Acceptor::builder(realm.keytab("enctypes")).policy(policy).build().expect("it is complete");
    let mut alice = Initiator::of(&realm, "alice");
    let host = enctype.name().expect("a supported enctype has a name");
    let token = alice.first_token(&Request::to(host).mech(mech).flags(flags));
    let accepted = acceptor.accept(&token, now()).expect("the token is good");
    if let Some(reply) = accepted.reply() {
        assert!(alice.step(reply).expect("the initiator takes the reply").complete);
    }
    let context = Context::new(alice, accepted);
    assert_eq!(context.session.export_session_key().enctype(), key);
    context
}

fn ordered(enctype: Enctype) -> Context<Initiator> {
    established(enctype, Mech::Krb5, &ORDERED)
}

#[test]
fn messages_of_each_length_pass_both_ways_with_every_enctype() {
    for enctype in ENCTYPES {
        let mut context = ordered(enctype);
        for octets in [0, 1, 15, 16, 17, 1 << 10, 1 << 16, 1 << 20] {
            for service in Service::ALL {
                context.exchange(service, &message(octets));
            }
        }
    }
}

#[test]
fn messages_pass_both_ways_however_the_context_was_made() {
    for enctype in ENCTYPES {
        for mech in [Mech::Krb5, Mech::Spnego] {
            // One way there is no acceptor's subkey, and both sides count from the same number.
            for flags in [&["replay", "sequence"][..], &ORDERED] {
                let mut context = established(enctype, mech, flags);
                for service in Service::ALL {
                    context.exchange(service, &message(100));
                }
            }
        }
    }
}

#[test]
fn messages_pass_both_ways_under_a_better_key_than_the_tickets() {
    // MIT offers what it likes better than the session key's enctype, and nothing that it likes less.
    for (at, enctype) in ENCTYPES.into_iter().enumerate() {
        for &key in &ENCTYPES[..at] {
            for mech in [Mech::Krb5, Mech::Spnego] {
                let mut context = under(key, enctype, mech, &ORDERED);
                for service in Service::ALL {
                    context.exchange(service, &message(100));
                }
            }
        }
    }
}

#[test]
fn both_sides_tell_duplicates_gaps_and_reorderings() {
    for enctype in ENCTYPES {
        for service in Service::ALL {
            let told = ordered(enctype).delivered(service, &[0, 0, 1, 3, 2, 2, 3, 1, 66, 65, 5, 67, 67]);
            let expected = [
                0,
                DUPLICATE,
                0,
                GAP,
                UNSEQUENCED,
                DUPLICATE,
                DUPLICATE,
                DUPLICATE,
                GAP,
                UNSEQUENCED,
                UNSEQUENCED,
                0,
                DUPLICATE,
            ];
            assert_eq!(told, [expected, expected].map(|told| told.to_vec()), "{enctype:?} {service:?}");
        }
    }
}

/// A hundred deliveries without rhyme, most near the last one, some far back, and some as far ahead as MIT can go.
///
/// MIT 1.20 shifts its window of 64 bits by the length of the jump, which means nothing from 64 on: it then takes messages
/// that never came for duplicates.
fn disorder(mut seed: u32) -> Vec<usize> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(seed >> 20).expect("12 bits fit")
    };
    let (mut at, mut last) = (0, 0);
    let step = |_| {
        at = match next() % 8 {
            0 => last + next() % 64,
            1..=3 => (at + next() % 4).min(last + 63),
            4 => at,
            _ => at.saturating_sub(next() % 70),
        };
        last = at.max(last);
        at
    };
    (0..100).map(step).collect()
}

/// Where the order counts, MIT has no word of its own for what is too old to tell, nor for repetitions if these were not
/// asked for too.
fn as_mit_says(told: u32, flags: &[&str]) -> u32 {
    let (sequence, replay) = (flags.contains(&"sequence"), flags.contains(&"replay"));
    match told {
        OLD if sequence => UNSEQUENCED,
        DUPLICATE if sequence && !replay => UNSEQUENCED,
        _ => told,
    }
}

#[test]
fn both_sides_say_the_same_of_any_disorder_whatever_was_asked_for() {
    for flags in [&ORDERED[..], &["mutual", "sequence"], &["mutual", "replay"], &["mutual"]] {
        for enctype in [Enctype::AES256_CTS_HMAC_SHA384_192, Enctype::RC4_HMAC] {
            for seed in 0..4 {
                let [mut read, shown] =
                    established(enctype, Mech::Krb5, flags).delivered(Service::Mic, &disorder(seed));
                for told in &mut read {
                    *told = as_mit_says(*told, flags);
                }
                assert_eq!(read, shown, "{enctype:?} {flags:?} seed {seed}: {:?}", disorder(seed));
            }
        }
    }
}

/// The bits of a token that are not protected: they may be turned, and change nothing, or the number alone.
fn unprotected(enctype: Enctype, service: Service, token: &[u8]) -> Vec<usize> {
    match (enctype, service) {
        // RFC 4757 §7.2: the number is encrypted, and not in the checksum. A sealed message's key is made from it.
        (Enctype::RC4_HMAC, Service::Mic | Service::SignedOnly) => (21 * 8..25 * 8).collect(),
        // RFC 4121 §4.2.5: nothing protects the rotation, and full turns do nothing.
        (_, Service::SignedOnly | Service::Sealed) => {
            let full_turn = |bit: &usize| (1 << (15 - (bit - 6 * 8))) % (token.len() - 16) == 0;
            (6 * 8..8 * 8).filter(full_turn).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn both_sides_refuse_tokens_with_any_bit_turned() {
    for enctype in ENCTYPES {
        let mut context = ordered(enctype);
        for service in Service::ALL {
            let text = message(21);
            let (theirs, ours) = (context.theirs(service, &text), context.ours(service, &text));
            let unprotected = unprotected(enctype, service, &ours);
            for bit in (0..theirs.len() * 8).filter(|bit| !unprotected.contains(bit)) {
                let token = turned(&theirs, bit);
                let read = match service {
                    Service::Mic => context.session.verify_mic(&text, &token).map(|_| ()),
                    _ => context.session.unwrap(&token).map(|_| ()),
                };
                assert!(read.is_err(), "{enctype:?} {service:?}: this side takes bit {bit} turned: {read:?}");
            }
            for bit in (0..ours.len() * 8).filter(|bit| !unprotected.contains(bit)) {
                let token = turned(&ours, bit);
                let shown = match service {
                    Service::Mic => context.initiator.verify_mic(&text, &token),
                    _ => context.initiator.unwrap(&token).map(|_| ()),
                };
                let major = shown.map_or_else(|refused| refused.major, |()| 0);
                assert!(major > 0xffff, "{enctype:?} {service:?}: the initiator takes bit {bit} turned: {major:#x}");
            }
            // Neither side has moved on.
            assert_eq!(context.read(service, &text, &theirs), Ok(MessageOrder::InOrder), "{enctype:?} {service:?}");
            assert_eq!(context.show(service, &text, &ours), Ok(()), "{enctype:?} {service:?}");
        }
    }
}

#[test]
fn both_sides_refuse_a_mic_of_another_message_and_their_own_tokens() {
    for enctype in ENCTYPES {
        let mut context = ordered(enctype);
        let (theirs, ours) = (context.theirs(Service::Mic, b"amount 1"), context.ours(Service::Mic, b"amount 1"));
        assert_eq!(context.read(Service::Mic, b"amount 9", &theirs), Err(SessionError::Integrity));
        assert!(context.show(Service::Mic, b"amount 9", &ours).expect_err("another message").major > 0xffff);
        assert!(context.read(Service::Mic, b"amount 1", &ours).is_err(), "{enctype:?}: our own");
        assert!(context.show(Service::Mic, b"amount 1", &theirs).expect_err("its own").major > 0xffff);
        assert_eq!(context.read(Service::Mic, b"amount 1", &theirs), Ok(MessageOrder::InOrder));
        assert_eq!(context.show(Service::Mic, b"amount 1", &ours), Ok(()));
    }
}

#[test]
fn both_sides_agree_on_the_longest_message_for_a_token() {
    for enctype in ENCTYPES {
        let mut context = ordered(enctype);
        for service in [Service::SignedOnly, Service::Sealed] {
            for max_token_octets in [100, 128, 200, 1_000, 4_096, 65_535] {
                let what = format!("{enctype:?} {service:?} in {max_token_octets}");
                let limit = context.session.wrap_size_limit(service.confidentiality(), max_token_octets);
                assert!(context.ours(service, &message(limit)).len() <= max_token_octets, "{what}: {limit}");
                assert!(context.ours(service, &message(limit + 1)).len() > max_token_octets, "{what}: {limit}");
                let theirs = context.initiator.wrap_size_limit(max_token_octets, service.confidentiality());
                match enctype {
                    // MIT reckons with the padding of DES here, which RC4 does not have.
                    Enctype::RC4_HMAC => assert!(theirs <= limit, "{what}: {limit} and {theirs}"),
                    _ => assert_eq!(limit, theirs, "{what}"),
                }
            }
        }
    }
}

#[test]
fn rc4_messages_are_refused_unless_they_are_allowed() {
    let mut context = ordered(Enctype::RC4_HMAC);
    let token = context.theirs(Service::Sealed, b"x");
    context.session.set_rc4_messages(Rc4Messages::Refuse);
    assert_eq!(context.read(Service::Sealed, b"x", &token), Err(SessionError::Rc4NotAllowed));
    assert_eq!(context.session.get_mic(b"x"), Err(SessionError::Rc4NotAllowed));
    context.session.set_rc4_messages(Rc4Messages::Allow);
    assert_eq!(context.read(Service::Sealed, b"x", &token), Ok(MessageOrder::InOrder));
}
