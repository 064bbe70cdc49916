//! The SASL mechanism GSSAPI: which response may come when, what is offered, what may be chosen (RFC 4752).
#![cfg(feature = "testing")]

#[path = "support/sasl.rs"]
mod sasl;
#[path = "support/site.rs"]
mod site;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::error::Error as _;
use core::time::Duration;
use kerbside::gss::{Confidentiality, MessageOrder, Rc4Messages, SessionError};
use kerbside::replay::{ReplayStoreError, Seen};
use kerbside::sasl::{
    BufferLimit, ChoiceError, Gssapi, Incoming, Layer, LayerError, LayerPolicy, Layers, SaslError, SaslErrorKind,
    SaslStep,
};
use kerbside::testing::gss_flag;
use kerbside::{ErrorClass, Policy, ReplayPolicy};
use sasl::{
    CONFIDENTIALITY, Client, EVERY_FLAG, INTEGRITY, NONE, SEND, choice, choose, gssapi, login, login_with, rc4_login,
    verdict,
};
use site::Site;
use std::collections::BTreeSet;

#[test]
fn every_layer_is_agreed_on_with_and_without_initial_response_and_reply() {
    for initial in [true, false] {
        for mutual in [true, false] {
            for (mask, size, layer) in [
                (NONE, [0; 3], Layer::None),
                (INTEGRITY, SEND, Layer::Integrity),
                (CONFIDENTIALITY, SEND, Layer::Confidentiality),
            ] {
                let site = Site::new();
                let login = if mutual { login(&site) } else { login(&site).without_mutual() };
                let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login);
                if !initial {
                    assert_eq!(client.challenge(b""), b"");
                }
                assert_eq!(client.offer(), [7, 1, 0, 0]);
                let authenticated = client.choose(&choice(mask, size, b"bob")).unwrap();
                assert_eq!(authenticated.client().to_string(), "alice@EXAMPLE.COM");
                assert_eq!(authenticated.authorization_id(), Some("bob"));
                assert_eq!(authenticated.layer(), layer);
                assert_eq!(authenticated.accepted().service().to_string(), "HTTP/web.example.com@EXAMPLE.COM");
                assert_eq!(authenticated.into_layer().map(|agreed| agreed.layer()), (mask != NONE).then_some(layer));
                client.assert_over();
            }
        }
    }
}

#[test]
fn nothing_but_kerberos_alone_is_a_token() {
    let site = Site::new();
    for (token, name) in [
        (site.login().token(), "Sasl.Spnego"),
        (talk::resp(Some(b"token"), None), "Sasl.Spnego"),
        (b"NTLMSSP\0\x01\0\0\0".to_vec(), "Token.NotKerberos"),
        (login(&site).bare_ap_req().token(), "Token.NotKerberos"),
        (b"alice".to_vec(), "Token.NotKerberos"),
    ] {
        for initial in [true, false] {
            let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
            if !initial {
                client.challenge(b"");
            }
            assert_eq!(client.refused(&token).kind().name(), name);
        }
    }
}

#[test]
fn silence_is_answered_once() {
    let site = Site::new();
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
    assert_eq!(client.challenge(b""), b"");
    assert_eq!(client.refused(b"").kind().name(), "Token.Empty");
}

#[test]
fn the_reply_is_answered_with_nothing() {
    let site = Site::new();
    for response in [&b"\0"[..], &login(&site).token()] {
        let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
        client.challenge(&login(&site).token());
        let error = client.refused(response);
        let octets = response.len();
        assert!(matches!(error.kind(), SaslErrorKind::ResponseNotEmpty { octets: found } if *found == octets));
    }
}

/// Step X-4: the KRB-ERROR is a challenge like any other, and the client may come again.
#[test]
fn a_wrong_clock_gets_another_chance() {
    let site = Site::new();
    let ahead = Duration::from_secs(3_600);
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
    let early = login(&site).clock_ahead(ahead);
    let challenge = client.challenge(&early.token());
    assert_eq!(early.verify_reply(&challenge).unwrap().krb_error.unwrap().error_code.0, 37);
    assert_eq!(client.offer(), [7, 1, 0, 0]);
    assert_eq!(verdict(client.choose(&choice(NONE, [0; 3], b""))), "accepted");
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
    client.challenge(&early.token());
    assert_eq!(client.refused(&login(&site).clock_ahead(ahead).token()).kind().name(), "ClockSkew");
}

#[test]
fn an_identity_is_nowhere_before_the_end() {
    let site = Site::new();
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
    for response in [Vec::new(), login(&site).token(), Vec::new()] {
        let step = client.step(&response).unwrap();
        let shown = format!("{step:?} {:?}", client.exchange);
        assert!(!shown.contains("alice"), "{shown}");
    }
}

// --- an external replay store -------------------------------------------------------------------------------------

fn asking(site: &Site) -> Gssapi {
    let acceptor = site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap();
    Gssapi::new(acceptor).layers(LayerPolicy::Allow)
}

#[test]
fn a_store_of_the_callers_is_asked_and_its_answer_goes_on() {
    for mutual in [true, false] {
        let site = Site::new();
        let login = if mutual { login(&site) } else { login(&site).without_mutual() };
        let mut client = Client::new(&site, &asking(&site), login.clone());
        let Ok(SaslStep::CheckReplay(question)) = client.step(&login.token()) else { panic!("no question") };
        assert_eq!(question.now(), site.realm.now());
        let Ok(SaslStep::Challenge(challenge)) = client.exchange.resume(Ok(Seen::Fresh), site.realm.now()) else {
            panic!("no challenge")
        };
        let offer = client.after_the_token(challenge);
        client.session().unwrap(&offer).unwrap().in_order().unwrap();
        let authenticated = client.choose(&choice(NONE, [0; 3], b"")).unwrap();
        assert_eq!(authenticated.client().to_string(), "alice@EXAMPLE.COM");
    }
}

#[test]
fn every_other_answer_of_the_store_refuses() {
    let site = Site::new();
    let first_seen = site.realm.now();
    for (answer, name) in [
        (Ok(Seen::Replay { first_seen }), "Replay"),
        (Err(ReplayStoreError::failed("out of reach")), "ReplayStore.Failed"),
    ] {
        let mut client = Client::new(&site, &asking(&site), login(&site));
        assert!(matches!(client.step(&login(&site).token()), Ok(SaslStep::CheckReplay(_))));
        let error = client.exchange.resume(answer, site.realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), name);
        client.assert_over();
    }
}

#[test]
fn an_answer_without_a_question_ends_it() {
    let site = Site::new();
    for responses in 0..3 {
        let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
        for response in [login(&site).token(), Vec::new()].iter().take(responses) {
            client.challenge(response);
        }
        let error = client.exchange.resume(Ok(Seen::Fresh), site.realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), "Negotiation.OutOfOrder");
        client.assert_over();
    }
    let mut client = Client::new(&site, &asking(&site), login(&site));
    assert!(matches!(client.step(&login(&site).token()), Ok(SaslStep::CheckReplay(_))));
    assert_eq!(client.refused(&login(&site).token()).kind().name(), "Negotiation.OutOfOrder");
}

// --- MSG-12: the offer --------------------------------------------------------------------------------------------

/// What is offered to a client with these flags, or the name of the refusal.
fn offered(policy: LayerPolicy, flags: u32) -> Result<Vec<u8>, &'static str> {
    let site = Site::new();
    let login = login_with(&site, flags);
    let mut client = Client::new(&site, &gssapi(&site, policy), login.clone());
    match client.step(&login.token()) {
        Err(error) => Err(error.kind().name()),
        Ok(_) => {
            let mut client = Client::new(&site, &gssapi(&site, policy), login);
            Ok(client.offer())
        }
    }
}

#[test]
fn msg_12_nothing_is_offered_that_policy_or_context_lack() {
    use gss_flag::{CONF, INTEG, MUTUAL, REPLAY, SEQUENCE};
    let contexts = [
        EVERY_FLAG,
        INTEG | CONF | SEQUENCE,
        MUTUAL | INTEG | REPLAY | SEQUENCE,
        MUTUAL | INTEG | CONF | REPLAY,
        MUTUAL | CONF | REPLAY | SEQUENCE,
        0,
    ];
    let refused: Result<&[u8], &str> = Err("Sasl.NoCommonLayer");
    let none: Result<&[u8], &str> = Ok(&[1, 0, 0, 0]);
    let both: Result<&[u8], &str> = Ok(&[6, 1, 0, 0]);
    let all: Result<&[u8], &str> = Ok(&[7, 1, 0, 0]);
    let sealed: Result<&[u8], &str> = Ok(&[4, 1, 0, 0]);
    let signed: Result<&[u8], &str> = Ok(&[2, 1, 0, 0]);
    let unsealed: Result<&[u8], &str> = Ok(&[3, 1, 0, 0]);
    for (policy, expected) in [
        (LayerPolicy::Refuse, [none; 6]),
        (LayerPolicy::Allow, [all, all, unsealed, none, none, none]),
        (LayerPolicy::RequireIntegrity, [both, both, signed, refused, refused, refused]),
        (LayerPolicy::RequireConfidentiality, [sealed, sealed, refused, refused, refused, refused]),
    ] {
        for (flags, expected) in contexts.into_iter().zip(expected) {
            assert_eq!(
                offered(policy, flags).as_deref(),
                expected.as_ref().map(|offer| *offer),
                "{policy:?} {flags:#x}"
            );
        }
    }
    assert_eq!(LayerPolicy::default(), LayerPolicy::RequireConfidentiality);
}

/// The client does not hear that its context was established.
#[test]
fn msg_12_no_common_layer_is_a_refusal_by_name() {
    let site = Site::new();
    let login = login_with(&site, gss_flag::MUTUAL | gss_flag::INTEG | gss_flag::SEQUENCE);
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::RequireConfidentiality), login.clone());
    let error = client.refused(&login.token());
    assert!(
        matches!(error.kind(), SaslErrorKind::NoCommonLayer { policy: LayerPolicy::RequireConfidentiality, context }
        if *context == Layers::new([Layer::None, Layer::Integrity]))
    );
    assert_eq!(
        error.to_string(),
        "the policy asks for confidentiality, and the client's context is capable of none, integrity"
    );
    assert_eq!(error.class(), ErrorClass::Policy);
}

#[test]
fn msg_12_the_size_offered_is_the_limit_and_zero_without_a_layer() {
    assert_eq!((BufferLimit::new(0), BufferLimit::new(0x0100_0000)), (None, None));
    let site = Site::new();
    for (octets, wire) in [(1, [0, 0, 1]), (65_536, [1, 0, 0]), (0xff_ffff, [0xff; 3])] {
        let limit = BufferLimit::new(octets).unwrap();
        for (policy, mask, wire) in [
            (LayerPolicy::Refuse, NONE, [0; 3]),
            (LayerPolicy::Allow, 7, wire),
            (LayerPolicy::RequireConfidentiality, CONFIDENTIALITY, wire),
        ] {
            let gssapi = gssapi(&site, policy).receive_limit(limit);
            let mut client = Client::new(&site, &gssapi, login(&site));
            assert_eq!(client.offer(), choice(mask, wire, b""));
        }
    }
}

/// RFC 8429: nothing is wrapped under RC4, not even that there is no layer. The near miss is allowed by name.
#[test]
fn msg_12_an_offer_under_rc4_is_refused_unless_allowed() {
    for (rc4_messages, expected) in [(Rc4Messages::Refuse, "Sasl.Offer"), (Rc4Messages::Allow, "challenge")] {
        for layers in [LayerPolicy::Refuse, LayerPolicy::RequireConfidentiality] {
            let site = Site::new();
            let (login, mut policy) = rc4_login(&site);
            policy.rc4_messages = rc4_messages;
            let mut client = Client::new(&site, &Gssapi::new(site.acceptor(policy)).layers(layers), login.clone());
            let found = match client.step(&login.token()) {
                Ok(SaslStep::Challenge(_)) => "challenge",
                Ok(other) => panic!("{other:?}"),
                Err(error) => {
                    assert!(matches!(error.kind(), SaslErrorKind::Offer(SessionError::Rc4NotAllowed)));
                    assert_eq!(error.class(), ErrorClass::Policy);
                    error.kind().name()
                }
            };
            assert_eq!(found, expected);
        }
    }
}

// --- MSG-12: the choice -------------------------------------------------------------------------------------------

/// All 256 masks: one bit of the three, or the reason why not.
#[test]
fn msg_12_reserved_bits_no_layer_and_two_layers_are_refused() {
    for mask in 0..=u8::MAX {
        let size = if mask == NONE { [0; 3] } else { SEND };
        let expected = match mask {
            1 | 2 | 4 => "accepted",
            0 | 3 | 5 | 6 | 7 => "Sasl.Choice.NotOneLayer",
            _ => "Sasl.Choice.ReservedBits",
        };
        assert_eq!(verdict(choose(LayerPolicy::Allow, &choice(mask, size, b""))), expected, "{mask:#04x}");
    }
}

#[test]
fn msg_12_a_layer_that_was_not_offered_is_refused() {
    for (policy, offered) in [
        (LayerPolicy::Refuse, NONE),
        (LayerPolicy::RequireIntegrity, INTEGRITY | CONFIDENTIALITY),
        (LayerPolicy::RequireConfidentiality, CONFIDENTIALITY),
    ] {
        for (mask, size) in [(NONE, [0; 3]), (INTEGRITY, SEND), (CONFIDENTIALITY, SEND)] {
            let expected = if offered & mask == 0 { "Sasl.Choice.NotOffered" } else { "accepted" };
            assert_eq!(verdict(choose(policy, &choice(mask, size, b""))), expected, "{policy:?} {mask}");
        }
    }
}

#[test]
fn msg_12_sizes_of_zero_to_the_largest_have_defined_results() {
    const NO_ROOM: &str = "Sasl.Choice.NoRoom";
    const SUPERFLUOUS: &str = "Sasl.Choice.SizeWithoutLayer";
    for (mask, size, expected) in [
        (NONE, 0, "accepted"),
        (NONE, 1, SUPERFLUOUS),
        (NONE, 0xff_ffff, SUPERFLUOUS),
        (INTEGRITY, 0, NO_ROOM),
        (INTEGRITY, 1, NO_ROOM),
        (INTEGRITY, 16 + 12, NO_ROOM),
        (INTEGRITY, 16 + 12 + 1, "accepted"),
        (INTEGRITY, 0xff_ffff, "accepted"),
        (CONFIDENTIALITY, 0, NO_ROOM),
        (CONFIDENTIALITY, 16 + 16 + 16 + 12, NO_ROOM),
        (CONFIDENTIALITY, 16 + 16 + 16 + 12 + 1, "accepted"),
        (CONFIDENTIALITY, 0xff_ffff, "accepted"),
    ] {
        let [_, wire @ ..] = u32::to_be_bytes(size);
        assert_eq!(verdict(choose(LayerPolicy::Allow, &choice(mask, wire, b""))), expected, "{mask} {size}");
    }
}

#[test]
fn msg_12_authorization_identities_are_utf_8_without_nul() {
    let long = "é".repeat(20_000);
    for id in ["", "b", "bob", "bob@EXAMPLE.COM", "dn:uid=bob,dc=example", "josé", "\u{1}\u{7f}", " ", &long] {
        let chosen = choose(LayerPolicy::Allow, &choice(NONE, [0; 3], id.as_bytes())).unwrap();
        assert_eq!(chosen.authorization_id(), (!id.is_empty()).then_some(id));
    }
    for (id, expected) in [
        (&b"\0"[..], ChoiceError::Nul { offset: 0 }),
        (b"bob\0", ChoiceError::Nul { offset: 3 }),
        (b"bob\0root", ChoiceError::Nul { offset: 3 }),
        (b"\xc3\xa9\0", ChoiceError::Nul { offset: 2 }),
        (b"jos\xe9", ChoiceError::NotUtf8 { offset: 3 }),
        (b"\xc3", ChoiceError::NotUtf8 { offset: 0 }),
        (b"b\xc0\x80", ChoiceError::NotUtf8 { offset: 1 }),
        (b"\xed\xa0\x80", ChoiceError::NotUtf8 { offset: 0 }),
        (b"\xff\0", ChoiceError::NotUtf8 { offset: 0 }),
    ] {
        let error = choose(LayerPolicy::Allow, &choice(NONE, [0; 3], id)).unwrap_err();
        assert!(matches!(error.kind(), SaslErrorKind::Choice(found) if *found == expected), "{id:x?}: {error}");
    }
}

#[test]
fn msg_12_a_choice_of_less_than_four_octets_is_refused() {
    for octets in 0..4 {
        assert_eq!(verdict(choose(LayerPolicy::Allow, &[1, 0, 0, 0][..octets])), "Sasl.Choice.TooShort");
    }
    assert_eq!(verdict(choose(LayerPolicy::Allow, &[1, 0, 0, 0])), "accepted");
}

/// The offer is as long as its checksum and so many octets as divide a power of two: some bits of RRC turn the token round
/// whole (RFC 4121 §4.2.5), which changes nothing.
#[test]
fn msg_12_a_turned_bit_of_offer_or_choice_is_refused() {
    let site = Site::new();
    let gssapi = gssapi(&site, LayerPolicy::Allow);
    let turned = |token: &[u8], bit: usize| {
        let mut turned = token.to_vec();
        turned[bit / 8] ^= 0x80 >> (bit % 8);
        turned
    };
    let mut client = Client::new(&site, &gssapi, login(&site));
    let offer = client.wrapped_offer();
    let (header, whole) = (16, offer.len() - 16);
    for bit in 0..offer.len() * 8 {
        let changes_nothing = (48..64).contains(&bit) && (1 << (63 - bit)) % whole == 0;
        let unwrapped = client.session().unwrap(&turned(&offer, bit)).map(|unwrapped| unwrapped.message);
        assert_eq!(unwrapped.is_ok_and(|plaintext| plaintext == [7, 1, 0, 0]), changes_nothing, "bit {bit}");
    }
    let plaintext = choice(NONE, [0; 3], b"bob");
    let octets = client.wrap(&plaintext).len();
    assert!((octets - header) % 2 == 1, "no bit of RRC turns the choice round whole");
    for bit in 0..octets * 8 {
        let mut client = Client::new(&site, &gssapi, login(&site));
        client.offer();
        let response = turned(&client.wrap(&plaintext), bit);
        assert_eq!(client.refused(&response).kind().name(), "Sasl.Response", "bit {bit}");
    }
}

/// The first message of the client's, and made for this context.
#[test]
fn msg_12_another_message_in_place_of_the_choice_is_refused() {
    let site = Site::new();
    let gssapi = gssapi(&site, LayerPolicy::Allow);
    let good = choice(NONE, [0; 3], b"");
    let mut other = Client::new(&site, &gssapi, login(&site));
    other.offer();
    let of_another_context = other.wrap(&good);

    let mut client = Client::new(&site, &gssapi, login(&site));
    let offer = client.wrapped_offer();
    assert!(matches!(client.refused(&offer).kind(), SaslErrorKind::Response(SessionError::Reflected)));

    for response in [Vec::new(), b"\x01\0\0\0".to_vec(), of_another_context] {
        let mut client = Client::new(&site, &gssapi, login(&site));
        client.offer();
        assert_eq!(client.refused(&response).kind().name(), "Sasl.Response");
    }

    let mut client = Client::new(&site, &gssapi, login(&site));
    client.offer();
    client.wrap(b"lost on the way");
    let second = client.wrap(&good);
    let order = MessageOrder::Gap;
    let expected = SessionError::OutOfOrder { order };
    assert!(matches!(client.refused(&second).kind(), SaslErrorKind::Response(found) if *found == expected));
}

#[test]
fn a_choice_longer_than_a_token_may_be_is_refused() {
    let site = Site::new();
    let mut policy = kerbside::Limits::default();
    policy.token_octets = 4_096;
    let acceptor = site.builder(Policy::default()).limits(policy).build().unwrap();
    let gssapi = Gssapi::new(acceptor).layers(LayerPolicy::Refuse);
    for (octets, expected) in [(4_096 - 28 - 4, "accepted"), (4_096 - 28 - 4 + 1, "Token.TooLarge")] {
        let mut client = Client::new(&site, &gssapi, login(&site));
        client.offer();
        assert_eq!(verdict(client.choose(&choice(NONE, [0; 3], &vec![b'b'; octets]))), expected);
    }
}

#[test]
fn a_sealed_choice_is_one_too() {
    let site = Site::new();
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login(&site));
    client.offer();
    let random = kerbside::SystemRandom::default();
    let sealed = client.session().wrap(&choice(NONE, [0; 3], b""), Confidentiality::Sealed, &random).unwrap();
    assert!(matches!(client.step(&sealed), Ok(SaslStep::Authenticated(_))));
}

/// Where messages are not counted there is no layer, and no order that the choice could be out of.
#[test]
fn a_choice_of_no_layer_is_taken_where_the_context_counts_nothing() {
    for flags in [0, gss_flag::MUTUAL | gss_flag::INTEG | gss_flag::CONF] {
        let site = Site::new();
        let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), login_with(&site, flags));
        assert_eq!(client.offer(), [1, 0, 0, 0]);
        assert_eq!(verdict(client.choose(&choice(NONE, [0; 3], b"bob"))), "accepted");
    }
}

// --- MSG-12: messages ---------------------------------------------------------------------------------------------

/// What was agreed on holds to the octet, in both directions.
#[test]
fn msg_12_a_message_longer_than_agreed_is_refused() {
    let random = kerbside::SystemRandom::default();
    for (mask, confidentiality) in
        [(INTEGRITY, Confidentiality::SignedOnly), (CONFIDENTIALITY, Confidentiality::Sealed)]
    {
        let site = Site::new();
        let limit = BufferLimit::new(300).unwrap();
        let gssapi = gssapi(&site, LayerPolicy::Allow).receive_limit(limit);
        let mut client = Client::new(&site, &gssapi, login(&site));
        assert_eq!(client.offer()[1..], [0, 1, 44]);
        let authenticated = client.choose(&choice(mask, [0, 0, 200], b"")).unwrap();
        let mut layer = authenticated.into_layer().unwrap();
        let mut session = client.into_session();

        // Outgoing: the longest buffer is taken whole, and one octet more is refused without any harm.
        let longest = vec![7; layer.max_message_octets()];
        let too_long = vec![7; longest.len() + 1];
        let expected = LayerError::MessageTooLong { octets: too_long.len(), limit: longest.len() };
        assert_eq!(layer.wrap(&too_long), Err(expected));
        let buffer = layer.wrap(&longest).unwrap();
        assert_eq!(buffer[..4], [0, 0, 0, 200]);
        assert_eq!(session.unwrap(&buffer[4..]).unwrap().in_order().unwrap(), longest);

        // Incoming: so is the longest here; of what is longer nothing but the length is needed.
        let longest = vec![8; session.wrap_size_limit(confidentiality, 300)];
        let token = session.wrap(&longest, confidentiality, &random).unwrap();
        assert_eq!(token.len(), 300);
        let buffer = [&[0, 0, 1, 44], &token[..]].concat();
        let expected = Incoming::Message { message: longest, buffer_octets: 304 };
        assert_eq!(layer.unwrap(&buffer), Ok(expected));
        assert_eq!(layer.unwrap(&[0, 0, 1, 45]), Err(LayerError::BufferTooLong { octets: 301, limit: 300 }));
        assert_eq!(layer.unwrap(&[0, 0, 1, 44]), Err(LayerError::Closed));
    }
}

// --- what is said -------------------------------------------------------------------------------------------------

/// One refusal of each kind that is not the acceptor's own.
fn refusals() -> Vec<SaslError> {
    let site = Site::new();
    let begin = |policy, login| Client::new(&site, &gssapi(&site, policy), login);
    let mut refusals = vec![begin(LayerPolicy::Allow, login(&site)).refused(&site.login().token())];
    let weak = login_with(&site, 0);
    refusals.push(begin(LayerPolicy::RequireIntegrity, weak.clone()).refused(&weak.token()));
    let (rc4, policy) = rc4_login(&site);
    refusals.push(Client::new(&site, &Gssapi::new(site.acceptor(policy)), rc4.clone()).refused(&rc4.token()));
    let mut client = begin(LayerPolicy::Allow, login(&site));
    client.challenge(&login(&site).token());
    refusals.push(client.refused(b"\0"));
    refusals.push(client.step(b"").unwrap_err());
    let mut client = begin(LayerPolicy::Allow, login(&site));
    client.offer();
    refusals.push(client.refused(b""));
    for plaintext in [
        choice(NONE, [0; 3], b"")[..3].to_vec(),
        choice(0x81, [0; 3], b""),
        choice(3, [0; 3], b""),
        choice(INTEGRITY, [0; 3], b""),
        choice(NONE, SEND, b""),
        choice(NONE, [0; 3], b"bob\0"),
        choice(NONE, [0; 3], b"jos\xe9"),
    ] {
        refusals.push(choose(LayerPolicy::Allow, &plaintext).unwrap_err());
    }
    refusals.push(choose(LayerPolicy::RequireIntegrity, &choice(NONE, [0; 3], b"")).unwrap_err());
    refusals
}

#[test]
fn every_name_in_the_source_is_produced() {
    let source = include_str!("../src/sasl/error.rs");
    let names: BTreeSet<_> = source.split("=> \"Sasl.").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let refusals = refusals();
    let produced: BTreeSet<_> = refusals.iter().filter_map(|error| error.kind().name().strip_prefix("Sasl.")).collect();
    assert!(names.len() > 10, "{names:?}: the reader is broken");
    assert_eq!(produced, names);
}

#[test]
fn every_refusal_says_what_is_wrong_and_what_to_do() {
    let said: Vec<String> = refusals().iter().map(|error| format!("{error} [{:?}]", error.class())).collect();
    assert_eq!(
        said,
        [
            "the token is SPNEGO's, and the mechanism GSSAPI is Kerberos alone [NotKerberos]",
            "the policy asks for integrity, confidentiality, and the client's context is capable of none [Policy]",
            "the offer of security layers cannot be wrapped: per-message tokens under RC4 are not allowed [Policy]",
            "the client's response to the reply token has 1 octets, and an empty one was awaited [Malformed]",
            "the exchange is over [Malformed]",
            "the client's choice of a security layer cannot be unwrapped: the token is not one of this kind and of this \
             context's form [Malformed]",
            "the choice of a security layer has 3 octets and needs at least 4 [Malformed]",
            "the choice of a security layer has reserved bits: 0x81 [Malformed]",
            "exactly one security layer is to be chosen, and the choice is none, integrity [Malformed]",
            "a security layer was chosen, and no message fits into the 0 octets that the client takes [Malformed]",
            "no security layer was chosen, and yet a size of 16384 octets [Malformed]",
            "the authorization identity holds NUL at octet 3 [Malformed]",
            "the authorization identity is not UTF-8 at octet 3 [Malformed]",
            "the security layer none was chosen, and offered was integrity, confidentiality [Malformed]",
        ]
    );
    assert!(refusals().iter().all(|error| !error.hint().is_empty() && error.source().is_none()));
}

/// What the acceptor says is handed on as it is.
#[test]
fn a_refusal_of_the_acceptors_keeps_its_name_its_class_and_its_remedy() {
    let site = Site::new();
    let old = site.realm.login("alice", "HTTP/other.example.com").raw_krb5();
    let of_acceptor = site.accept(Policy::default(), &old).unwrap_err();
    let mut client = Client::new(&site, &gssapi(&site, LayerPolicy::Allow), old.clone());
    let error = client.refused(&old.token());
    assert_eq!(error.kind().name(), of_acceptor.kind().name());
    assert_eq!(error.to_string(), of_acceptor.to_string());
    assert_eq!((error.class(), error.hint()), (of_acceptor.class(), of_acceptor.hint()));
}
