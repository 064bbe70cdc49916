//! Per-message tokens: what a session does for those who use it as it is meant. What attackers do is in
//! `per_message_cases.rs`.

#[path = "support/sessions.rs"]
mod sessions;

use kerbside::Timestamp;
use kerbside::crypto::{RandomError, RandomSource};
use kerbside::gss::{
    Confidentiality, ContextFlags, MessageOrder, PrfKey, Rc4Messages, RestoreError, Role, Session, SessionError,
    SessionParameters,
};
use kerbside::numbers::Enctype;
use proptest::prelude::*;
use sessions::{
    ACCEPTOR_SUBKEY, EXPIRES, INITIATOR_SUBKEY, Octets, ROLES, SESSION_KEY, all_enctypes, cfx_enctypes, directed, key,
    pair, pair_with, parameters,
};

const SERVICES: [Confidentiality; 2] = [Confidentiality::Sealed, Confidentiality::SignedOnly];

fn message(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[test]
fn a_mic_made_by_one_side_is_verified_by_the_other() {
    for enctype in all_enctypes() {
        for sender in ROLES {
            let (mut sender, mut receiver) = directed(enctype, sender);
            for octets in [0, 1, 16, 1_000] {
                let token = sender.get_mic(&message(octets)).unwrap();
                let received = receiver.verify_mic(&message(octets), &token).unwrap();
                assert_eq!(received.order, MessageOrder::InOrder, "{enctype} {octets}");
                assert_eq!(receiver.verify_mic(&message(octets + 1), &token), Err(SessionError::Integrity));
            }
        }
    }
}

#[test]
fn a_message_wrapped_by_one_side_is_unwrapped_by_the_other() {
    let random = Octets::default();
    for enctype in all_enctypes() {
        for (sender, service) in ROLES.into_iter().flat_map(|role| SERVICES.map(|service| (role, service))) {
            let (mut sender, mut receiver) = directed(enctype, sender);
            for octets in [0, 1, 15, 16, 17, 100, 127, 128, 255, 256, 65_536] {
                let text = message(octets);
                let token = sender.wrap(&text, service, &random).unwrap();
                let readable = octets >= 16 && token.windows(16).any(|window| *window == text[..16]);
                assert_eq!(readable, octets >= 16 && service == Confidentiality::SignedOnly, "{enctype} {octets}");
                let unwrapped = receiver.unwrap(&token).unwrap();
                assert_eq!(unwrapped.confidentiality, service);
                assert_eq!(unwrapped.in_order().unwrap(), text, "{enctype} {octets}");
            }
        }
    }
}

#[test]
fn a_mebibyte_is_wrapped_like_an_octet() {
    for enctype in all_enctypes() {
        for service in SERVICES {
            let (mut sender, mut receiver) = pair(enctype);
            let text = message(1 << 20);
            let token = sender.wrap(&text, service, &Octets::default()).unwrap();
            assert_eq!(receiver.unwrap(&token).unwrap().in_order().unwrap(), text, "{enctype}");
        }
    }
}

#[test]
fn unwrapping_in_place_gives_a_part_of_the_buffer() {
    for enctype in all_enctypes() {
        for service in SERVICES {
            let (mut sender, mut receiver) = pair(enctype);
            let mut token = sender.wrap(b"in place", service, &Octets::default()).unwrap();
            let unwrapped = receiver.unwrap_in_place(&mut token).unwrap();
            assert_eq!(unwrapped.message, b"in place", "{enctype}");
            assert_eq!((unwrapped.order(), unwrapped.confidentiality), (MessageOrder::InOrder, service));
        }
    }
}

#[test]
fn ten_thousand_messages_arrive_in_order() {
    let random = Octets::default();
    for enctype in [Enctype::AES256_CTS_HMAC_SHA1_96, Enctype::RC4_HMAC] {
        let (mut sender, mut receiver) = pair(enctype);
        for number in 0..10_000_u64 {
            let token = sender.wrap(&number.to_be_bytes(), Confidentiality::Sealed, &random).unwrap();
            let unwrapped = receiver.unwrap(&token).unwrap();
            assert_eq!(unwrapped.received.sequence_number, 1_000 + number);
            assert_eq!(unwrapped.in_order().unwrap(), number.to_be_bytes());
        }
    }
}

#[test]
fn two_wrap_tokens_of_one_message_differ() {
    for enctype in all_enctypes() {
        let (mut sender, _) = pair(enctype);
        let mut token = || sender.wrap(b"again", Confidentiality::Sealed, &Octets::default()).unwrap();
        assert_ne!(token(), token(), "{enctype}");
    }
}

// --- split tokens ----------------------------------------------------------------------------------------------------

#[test]
fn data_wrapped_where_it_stands_comes_back() {
    for enctype in all_enctypes() {
        for flags in [sessions::ordered(), sessions::ordered() | ContextFlags::DCE_STYLE] {
            for (service, octets) in
                SERVICES.into_iter().flat_map(|service| [0, 1, 16, 100, 5_000].map(|n| (service, n)))
            {
                let (mut sender, mut receiver) = pair_with(enctype, |parameters| parameters.flags(flags));
                let mut data = message(octets);
                let split = sender.wrap_split(&mut data, service, &Octets::default()).unwrap();
                let lengths = sender.split_octets(service, octets);
                assert_eq!((lengths.header, lengths.trailer), (split.header.len(), split.trailer.len()), "{enctype}");
                let whole = [&split.header[..], &data, &split.trailer].concat();
                let unwrapped = receiver.unwrap_split(&split.header, &mut data, &split.trailer).unwrap();
                assert_eq!(unwrapped.confidentiality, service);
                assert_eq!(unwrapped.in_order().unwrap(), message(octets), "{enctype} {octets}");
                // Behind each other the three are a token like any other.
                let again = receiver.unwrap(&whole).unwrap();
                assert_eq!((again.order(), again.message), (MessageOrder::Duplicate, message(octets)));
            }
        }
    }
}

/// The numbers are those that Windows and MIT krb5 send: EC 0 and RRC 28, in DCE style EC 16 and RRC 28 for AES with SHA-1.
#[test]
fn split_headers_have_the_counts_of_windows() {
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    for (flags, counts, header_octets) in
        [(ContextFlags::empty(), [0, 0, 0, 28], 60), (ContextFlags::DCE_STYLE, [0, 16, 0, 28], 76)]
    {
        let (mut sender, _) = pair_with(enctype, |parameters| parameters.flags(flags));
        let split = sender.wrap_split(&mut message(64), Confidentiality::Sealed, &Octets::default()).unwrap();
        assert_eq!(split.header[4..8], counts);
        assert_eq!((split.header.len(), split.trailer.len()), (header_octets, 0));
    }
}

#[test]
fn rc4_has_one_octet_of_padding_but_in_dce_style() {
    let trailers: [(_, u8, &[u8]); 2] =
        [(ContextFlags::empty(), 43 + 64 + 1, &[1]), (ContextFlags::DCE_STYLE, 43, &[])];
    for (flags, length, trailer) in trailers {
        let (mut sender, _) = pair_with(Enctype::RC4_HMAC, |parameters| parameters.flags(flags));
        let split = sender.wrap_split(&mut message(64), Confidentiality::SignedOnly, &Octets::default()).unwrap();
        assert_eq!(split.header[..4], [0x60, length, 6, 9]);
        assert_eq!((split.header.len(), &split.trailer[..]), (45, trailer));
    }
}

/// MIT krb5 and Heimdal leave a token as it is where there is a place for the trailer, in DCE style too: EC is 16, RRC 0.
#[test]
fn a_split_token_in_dce_style_that_is_not_rotated_has_a_trailer() {
    for enctype in cfx_enctypes() {
        let (mut sender, mut receiver) = pair_with(enctype, |parameters| parameters.flags(ContextFlags::DCE_STYLE));
        let mut data = message(64);
        let split = sender.wrap_split(&mut data, Confidentiality::Sealed, &Octets::default()).unwrap();
        let (header, rotated) = split.header.split_at(16);
        let (trailer, confounder) = rotated.split_at(rotated.len() - 16);
        let header = [&header[..6], &[0, 0], &header[8..], confounder].concat();
        let unwrapped = receiver.unwrap_split(&header, &mut data, trailer).unwrap();
        assert_eq!(unwrapped.message, message(64), "{enctype}");
    }
}

#[test]
fn split_data_of_another_length_is_refused_and_left_as_it_was() {
    for enctype in all_enctypes() {
        let (mut sender, mut receiver) = pair(enctype);
        let mut data = message(32);
        let split = sender.wrap_split(&mut data, Confidentiality::Sealed, &Octets::default()).unwrap();
        let sealed = data.clone();
        let mut moved = split.header.clone();
        moved.extend_from_slice(&data[..1]);
        assert_eq!(receiver.unwrap_split(&moved, &mut data[1..], &split.trailer), Err(SessionError::Malformed));
        assert_eq!(data, sealed);
        assert_eq!(receiver.unwrap_split(&split.header, &mut data, &split.trailer).unwrap().message, message(32));
    }
}

// --- lengths ---------------------------------------------------------------------------------------------------------

#[test]
fn the_size_limit_is_the_longest_message_that_fits() {
    for enctype in all_enctypes() {
        for flags in [ContextFlags::empty(), ContextFlags::DCE_STYLE] {
            for service in SERVICES {
                let (mut sender, _) = pair_with(enctype, |parameters| parameters.flags(flags));
                let mut octets = |n| sender.wrap(&message(n), service, &Octets::default()).unwrap().len();
                let sizes: Vec<usize> = (0..600).map(&mut octets).collect();
                let (sender, _) = pair_with(enctype, |parameters| parameters.flags(flags));
                for max in 0..500 {
                    let fitting = sizes.iter().rposition(|size| *size <= max).unwrap_or(0);
                    assert_eq!(sender.wrap_size_limit(service, max), fitting, "{enctype} {max}");
                }
                assert!(octets(sender.wrap_size_limit(service, 65_536)) <= 65_536);
                assert!(octets(sender.wrap_size_limit(service, 65_536) + 1) > 65_536);
            }
        }
    }
}

// --- keys ------------------------------------------------------------------------------------------------------------

#[test]
fn the_context_key_is_the_last_one_that_was_agreed() {
    let enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
    let bare = || parameters(Role::Acceptor, enctype);
    let exported = |parameters: SessionParameters| Session::new(parameters).export_session_key().duplicate();
    assert_eq!(exported(bare()), key(enctype, SESSION_KEY));
    let initiator = bare().initiator_subkey(key(enctype, INITIATOR_SUBKEY));
    assert_eq!(exported(initiator), key(enctype, INITIATOR_SUBKEY));
    let both = bare().initiator_subkey(key(enctype, INITIATOR_SUBKEY)).acceptor_subkey(key(enctype, ACCEPTOR_SUBKEY));
    assert_eq!(exported(both), key(enctype, ACCEPTOR_SUBKEY));
}

#[test]
fn an_acceptor_subkey_of_another_enctype_decides_the_form_of_the_tokens() {
    let (mut sender, mut receiver) = pair_with(Enctype::RC4_HMAC, |parameters| {
        parameters
            .acceptor_subkey(key(Enctype::AES256_CTS_HMAC_SHA384_192, ACCEPTOR_SUBKEY))
            .rc4_messages(Rc4Messages::Refuse)
    });
    let token = sender.get_mic(b"upgraded").unwrap();
    assert_eq!(token[..3], [4, 4, 4]);
    assert_eq!(receiver.verify_mic(b"upgraded", &token).unwrap().in_order(), Ok(()));
}

#[test]
fn the_pseudo_random_function_counts_from_zero() {
    let (initiator, acceptor) = pair(Enctype::RC4_HMAC);
    let mut output = [0; 45];
    initiator.prf(PrfKey::Full, b"input", &mut output).unwrap();
    let expected: Vec<u8> = [0_u32, 1, 2]
        .into_iter()
        .flat_map(|counter| {
            let counted = [&counter.to_be_bytes()[..], b"input"].concat();
            key(Enctype::RC4_HMAC, SESSION_KEY).prf(&counted).as_octets().to_vec()
        })
        .collect();
    assert_eq!(output[..], expected[..45]);
    let mut other = [0; 45];
    acceptor.prf(PrfKey::Full, b"input", &mut other).unwrap();
    assert_eq!(output, other);
    acceptor.prf(PrfKey::Full, b"inpux", &mut other).unwrap();
    assert_ne!(output, other);
}

#[test]
fn the_partial_function_is_over_what_the_initiator_alone_has() {
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    let of = |parameters: SessionParameters, which| {
        let mut output = [0; 32];
        Session::new(parameters).prf(which, b"x", &mut output).unwrap();
        output
    };
    let initiator = || parameters(Role::Initiator, enctype).initiator_subkey(key(enctype, INITIATOR_SUBKEY));
    let both = || initiator().acceptor_subkey(key(enctype, ACCEPTOR_SUBKEY));
    assert_eq!(of(initiator(), PrfKey::Full), of(initiator(), PrfKey::Partial));
    assert_eq!(of(both(), PrfKey::Partial), of(initiator(), PrfKey::Partial));
    assert_ne!(of(both(), PrfKey::Full), of(both(), PrfKey::Partial));
}

// --- lifetime, policy, failure ---------------------------------------------------------------------------------------

#[test]
fn a_context_ends_after_its_last_moment() {
    let (session, _) = pair(Enctype::AES256_CTS_HMAC_SHA1_96);
    assert_eq!(session.expires(), EXPIRES);
    assert_eq!(session.check_current(EXPIRES), Ok(()));
    let after = Timestamp::from_unix_micros(EXPIRES.unix_micros() + 1);
    assert_eq!(session.check_current(after), Err(SessionError::Expired { ended: EXPIRES }));
    assert_eq!(session.check_current(after).unwrap_err().to_string(), "the context ended at 2026-03-01T10:05:01Z");
}

#[test]
fn a_failing_source_of_randomness_uses_up_no_number() {
    struct Broken;
    impl RandomSource for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError::new())
        }
    }
    for enctype in all_enctypes() {
        let (mut sender, mut receiver) = pair(enctype);
        let mut data = message(16);
        assert_eq!(sender.wrap(b"x", Confidentiality::Sealed, &Broken), Err(SessionError::Random));
        assert_eq!(sender.wrap_split(&mut data, Confidentiality::Sealed, &Broken), Err(SessionError::Random));
        assert_eq!(data, message(16));
        let token = sender.wrap(b"x", Confidentiality::Sealed, &Octets::default()).unwrap();
        assert_eq!(receiver.unwrap(&token).unwrap().order(), MessageOrder::InOrder, "{enctype}");
    }
}

#[test]
fn no_key_and_no_message_is_printed() {
    let (mut sender, mut receiver) = pair(Enctype::AES128_CTS_HMAC_SHA1_96);
    let token = sender.wrap(b"secret", Confidentiality::Sealed, &Octets::default()).unwrap();
    let printed = format!(
        "{:?} {:?} {:?}",
        receiver.unwrap(&token).unwrap(),
        receiver,
        parameters(Role::Initiator, Enctype::AES128_CTS_HMAC_SHA1_96)
    );
    assert!(printed.contains("aes128-cts-hmac-sha1-96 (17)"), "{printed}");
    for secret in ["16, 17, 18", "10111213", "secret", "115, 101"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn sessions_may_move_between_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Session>();
}

// --- saved sessions --------------------------------------------------------------------------------------------------

#[test]
fn a_restored_session_goes_on_where_the_saved_one_stopped() {
    for enctype in all_enctypes() {
        let (mut sender, mut receiver) = pair_with(enctype, |parameters| {
            parameters.initiator_subkey(key(enctype, INITIATOR_SUBKEY)).acceptor_subkey(key(enctype, ACCEPTOR_SUBKEY))
        });
        let first = sender.get_mic(b"one").unwrap();
        let skipped = sender.get_mic(b"two").unwrap();
        let third = sender.get_mic(b"three").unwrap();
        assert_eq!(receiver.verify_mic(b"one", &first).unwrap().order, MessageOrder::InOrder);
        assert_eq!(receiver.verify_mic(b"three", &third).unwrap().order, MessageOrder::Gap);
        let mut sender = Session::from_octets(&sender.into_octets()).unwrap();
        let mut receiver = Session::from_octets(&receiver.into_octets()).unwrap();
        assert_eq!(
            (receiver.role(), receiver.flags(), receiver.expires()),
            (Role::Acceptor, sessions::ordered(), EXPIRES)
        );
        assert_eq!(receiver.verify_mic(b"three", &third).unwrap().order, MessageOrder::Duplicate);
        assert_eq!(receiver.verify_mic(b"two", &skipped).unwrap().order, MessageOrder::Unsequenced);
        let fourth = sender.get_mic(b"four").unwrap();
        assert_eq!(receiver.verify_mic(b"four", &fourth).unwrap().order, MessageOrder::InOrder);
    }
}

#[test]
fn damaged_saved_sessions_are_refused() {
    let (session, _) = pair(Enctype::AES256_CTS_HMAC_SHA1_96);
    let saved = session.into_octets();
    assert!(Session::from_octets(&saved).is_ok());
    for cut in 0..saved.len() {
        let expected = if cut < 8 { RestoreError::Version } else { RestoreError::Malformed };
        assert_eq!(Session::from_octets(&saved[..cut]).unwrap_err(), expected, "{cut}");
    }
    assert_eq!(Session::from_octets(&[&saved[..], &[0]].concat()).unwrap_err(), RestoreError::Malformed);
    let changed = |at: usize, octet: u8| {
        let mut octets = saved.to_vec();
        octets[at] = octet;
        Session::from_octets(&octets).map(drop)
    };
    assert_eq!(changed(7, 2), Err(RestoreError::Version));
    assert_eq!(changed(8, 2), Err(RestoreError::Malformed));
    assert_eq!(changed(9, 2), Err(RestoreError::Malformed));
    assert!(matches!(changed(8 + 2 + 4 + 8 + 24 + 3, 99), Err(RestoreError::Key(_))));
}

// --- properties ------------------------------------------------------------------------------------------------------

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rotation_of_a_genuine_token_opens(
        text in proptest::collection::vec(any::<u8>(), 0..200),
        rotation in any::<u16>(),
        service in prop_oneof![Just(Confidentiality::Sealed), Just(Confidentiality::SignedOnly)],
    ) {
        for enctype in cfx_enctypes() {
            let (mut sender, mut receiver) = pair(enctype);
            let mut token = sender.wrap(&text, service, &Octets::default()).unwrap();
            let body = token.len() - 16;
            token[16..].rotate_right(usize::from(rotation) % body);
            token[6..8].copy_from_slice(&rotation.to_be_bytes());
            prop_assert_eq!(&receiver.unwrap(&token).unwrap().message, &text);
            // And in two pieces, cut anywhere that leaves as much data as there is message.
            let (header, data) = token.split_at_mut(body + 16 - text.len());
            let again = receiver.unwrap_split(header, data, &[]).unwrap();
            prop_assert_eq!(&*again.message, &text[..]);
        }
    }

    #[test]
    fn octets_that_nobody_made_are_refused(
        octets in proptest::collection::vec(any::<u8>(), 0..120),
        start in prop_oneof![Just(&[][..]), Just(&[5, 4, 2, 0xff][..]), Just(&[4, 4, 0, 0xff][..]), Just(&[0x60][..])],
    ) {
        let token = [start, &octets].concat();
        for enctype in all_enctypes() {
            let (_, mut receiver) = pair(enctype);
            prop_assert!(receiver.unwrap(&token).is_err());
            prop_assert!(receiver.verify_mic(b"", &token).is_err());
            let (header, data) = token.split_at(token.len() / 2);
            prop_assert!(receiver.unwrap_split(header, &mut data.to_vec(), &[]).is_err());
        }
    }
}
