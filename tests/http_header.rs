//! The header fields of HTTP's scheme Negotiate: every shape that a client or a proxy sends has one state, and every refusal an
//! accepted neighbour.
#![cfg(feature = "http")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use kerbside::Limits;
use kerbside::gss::TokenKind;
use kerbside::http::{Answer, AuthItems, HeaderError, NegotiateHeader, NtlmPlace, Party, RefusalStatus};
use proptest::prelude::*;

/// The beginning of a token of SPNEGO, 12 octets.
const SPNEGO: &[u8] = &[0x60, 0x0a, 0x06, 0x06, 0x2b, 6, 1, 5, 5, 2, 0xa0, 0x00];
/// The same of Kerberos alone, 16 octets: its base64 ends in padding.
const KRB5: &[u8] = &[0x60, 0x0e, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00, 0x6e];
const NTLM: &[u8] = b"NTLMSSP\0\x01\0\0\0";

type State = Result<NegotiateHeader, HeaderError>;

fn read(lines: &[&str]) -> State {
    read_within(&Limits::default(), lines)
}

fn read_within(limits: &Limits, lines: &[&str]) -> State {
    NegotiateHeader::read(lines.iter().map(|line| line.as_bytes()), limits)
}

fn one(line: &str) -> State {
    read(&[line])
}

fn spnego() -> State {
    Ok(NegotiateHeader::Spnego(SPNEGO.to_vec()))
}

fn krb5() -> State {
    Ok(NegotiateHeader::Krb5(KRB5.to_vec()))
}

fn with(scheme: &str, token: &[u8]) -> String {
    format!("{scheme} {}", STANDARD.encode(token))
}

fn other(scheme: &str) -> State {
    Ok(NegotiateHeader::OtherScheme { scheme: scheme.to_owned() })
}

// F5-16
#[test]
fn ktb_21_the_scheme_is_read_in_any_case() {
    for scheme in ["Negotiate", "negotiate", "NEGOTIATE", "nEgOtIaTe"] {
        assert_eq!(one(&with(scheme, SPNEGO)), spnego(), "{scheme}");
        assert_eq!(one(scheme), Ok(NegotiateHeader::Empty), "{scheme}");
    }
    for near in ["Negotiat", "Negotiatee", "Negotiate:", "Negotiate/1"] {
        assert_ne!(one(&with(near, SPNEGO)), spnego(), "{near}");
    }
}

// F5-16
#[test]
fn ktb_21_several_spaces_stand_where_one_does() {
    let text = STANDARD.encode(SPNEGO);
    for line in [
        format!("Negotiate  {text}"),
        format!("Negotiate      {text}"),
        format!("  Negotiate {text}"),
        format!("Negotiate {text} \t "),
    ] {
        assert_eq!(one(&line), spnego(), "{line:?}");
    }
    assert_eq!(one(&format!("Negotiate{text}")), other(&format!("Negotiate{text}")[..25]));
}

#[test]
fn ktb_21_a_tab_behind_the_scheme_is_refused_and_one_at_a_comma_is_read() {
    let text = STANDARD.encode(SPNEGO);
    for (line, offset) in [(format!("Negotiate\t{text}"), 9), (format!("Negotiate \t{text}"), 10)] {
        assert_eq!(one(&line), Err(HeaderError::Grammar { offset }), "{line:?}");
    }
    assert_eq!(one(&format!("Basic realm=a\t,\tNegotiate {text}\t")), spnego());
}

// ZIM-27
#[test]
fn ktb_21_no_field_and_no_token_are_two_states() {
    assert_eq!(read(&[]), Ok(NegotiateHeader::Absent));
    for nothing in ["", " ", ",", " , ,", "\t"] {
        assert_eq!(one(nothing), Ok(NegotiateHeader::Absent), "{nothing:?}");
    }
    for empty in ["Negotiate", "Negotiate ", "Negotiate   ", " Negotiate,", ",Negotiate"] {
        assert_eq!(one(empty), Ok(NegotiateHeader::Empty), "{empty:?}");
    }
}

#[test]
fn ktb_21_base64_is_read_with_its_padding_and_without() {
    for token in [KRB5, &KRB5[..15], &[KRB5, &[0]].concat()] {
        assert_eq!(one(&format!("Negotiate {}", STANDARD.encode(token))).unwrap().token(), Some(token));
        assert_eq!(one(&format!("Negotiate {}", STANDARD_NO_PAD.encode(token))).unwrap().token(), Some(token));
    }
    assert_eq!(one(&with("Negotiate", KRB5)), krb5());
}

// ZIM-27
#[test]
fn ktb_21_what_is_not_base64_is_refused_by_that_name() {
    for text in ["!!!!", "YQ===", "Y", "YR==", "a b", "YII.", "YII~", "\u{e4}", "\"YQ==\""] {
        let octets = text.len();
        assert_eq!(one(&format!("Negotiate {text}")), Err(HeaderError::BadBase64 { octets }), "{text}");
    }
    assert_eq!(one("Negotiate YQ==").unwrap().token(), Some(&b"a"[..]));
}

#[test]
fn ktb_21_the_alphabet_for_urls_is_refused_under_its_own_name() {
    let token = [0x60, 0xff, 0xef, 0xbe, 0xfb];
    for text in [URL_SAFE.encode(token), URL_SAFE_NO_PAD.encode(token)] {
        assert_eq!(one(&format!("Negotiate {text}")), Err(HeaderError::UrlSafeBase64 { octets: text.len() }));
    }
    assert_eq!(one(&with("Negotiate", &token)).unwrap().token(), Some(&token[..]));
    // Both alphabets in one text are neither.
    assert_eq!(one("Negotiate YP_v+/s="), Err(HeaderError::BadBase64 { octets: 8 }));
}

// ZIM-27
#[test]
fn ktb_21_several_schemes_in_one_line_are_told_apart() {
    assert_eq!(one("Negotiate,Basic"), Ok(NegotiateHeader::Empty));
    assert_eq!(one("Basic, Negotiate"), Ok(NegotiateHeader::Empty));
    assert_eq!(one("Basic dXNlcjpwYXNz"), other("Basic"));
    let text = STANDARD.encode(KRB5);
    for line in [
        format!("Negotiate {text}, Basic dXNlcjpwYXNz"),
        format!("Basic dXNlcjpwYXNz,Negotiate {text}"),
        format!("Digest realm=\"a, \\\", Negotiate b\", nonce=c , Negotiate {text}"),
        format!("Digest realm = \"a\" ,uri=\"/\", Negotiate {text},Digest realm=b"),
    ] {
        assert_eq!(one(&line), krb5(), "{line}");
    }
}

#[test]
fn ktb_21_two_tokens_are_refused_and_one_beside_another_scheme_is_taken() {
    let (one_token, other_token) = (with("Negotiate", KRB5), with("negotiate", SPNEGO));
    for lines in [
        &[&one_token[..], &one_token][..],
        &[&one_token, &other_token],
        &[&format!("{one_token}, {other_token}")],
        &["Negotiate", &one_token],
        &["Negotiate, Negotiate"],
    ] {
        assert_eq!(read(lines), Err(HeaderError::SeveralNegotiate { count: 2 }), "{lines:?}");
    }
    assert_eq!(read(&[&one_token, &one_token, "Negotiate"]), Err(HeaderError::SeveralNegotiate { count: 3 }));
    assert_eq!(read(&["Basic dXNlcjpwYXNz", &one_token]), krb5());
    assert_eq!(read(&[&one_token, "Bearer abc"]), krb5());
}

// CAS-04, ASK-08
#[test]
fn ktb_21_a_megabyte_is_too_large_and_says_both_numbers() {
    let line = format!("Negotiate {}", "A".repeat(1 << 20));
    let error = one(&line).unwrap_err();
    assert_eq!(error, HeaderError::TooLarge { octets: 1 << 20, limit: 65_536 });
    assert_eq!(error.to_string(), "the token's text has 1048576 octets, and the limit is 65536");
    assert!(error.hint().contains("large_client_header_buffers"), "{}", error.hint());
    assert_eq!(one(&format!("Basic {}", "A".repeat(1 << 20))), other("Basic"));
}

// CAS-04, ASK-08
#[test]
fn ktb_25_the_limit_is_exact_and_holds_the_longest_token_of_windows() {
    let limits = Limits::default();
    let longest = with("Negotiate", &vec![0x60; 49_152]);
    assert_eq!(longest.len(), "Negotiate ".len() + limits.header_octets);
    assert_eq!(one(&longest).unwrap().token().unwrap().len(), 49_152);
    let longer = format!("{longest}A");
    assert_eq!(one(&longer), Err(HeaderError::TooLarge { octets: 65_537, limit: 65_536 }));
    let mut raised = limits;
    raised.header_octets = 65_540;
    assert!(read_within(&raised, &[&with("Negotiate", &vec![0x60; 49_155])]).is_ok());
}

// ZIM-27, ICE-14, NEG-27
#[test]
fn neg_27_ntlm_is_named_under_both_schemes_and_not_kept() {
    for (line, place, message_type) in [
        (with("Negotiate", NTLM), NtlmPlace::Negotiate, Some(1)),
        (with("NTLM", NTLM), NtlmPlace::OwnScheme, Some(1)),
        (with("ntlm", b"NTLMSSP\0\x03\0\0\0"), NtlmPlace::OwnScheme, Some(3)),
        (with("Negotiate", b"NTLMSSP\0"), NtlmPlace::Negotiate, None),
        ("NTLM".to_owned(), NtlmPlace::OwnScheme, None),
        ("NTLM !".to_owned(), NtlmPlace::OwnScheme, None),
        (with("NTLM", SPNEGO), NtlmPlace::OwnScheme, None),
    ] {
        let header = one(&line).unwrap();
        assert_eq!(header, NegotiateHeader::Ntlm { place, message_type }, "{line}");
        assert_eq!(header.token(), None);
    }
    // A ticket beside it counts.
    assert_eq!(read(&[&with("NTLM", NTLM), &with("Negotiate", KRB5)]), krb5());
}

// ZIM-27, ASK-13
#[test]
fn tokens_are_named_by_their_first_octets() {
    let (user_to_user, iakerb) = ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 3], [0x2b, 6, 1, 5, 2, 5]);
    let framed = |oid: &[u8]| {
        let length = u8::try_from(oid.len()).unwrap();
        [&[0x60, length + 2, 0x06, length], oid].concat()
    };
    for (token, name) in [
        (SPNEGO.to_vec(), "Header.Spnego"),
        (KRB5.to_vec(), "Header.Krb5"),
        (framed(&user_to_user), "Header.Krb5"),
        (vec![0xa1, 0x02, 0x30, 0x00], "Header.SpnegoContinuation"),
        (framed(&iakerb), "Header.Other"),
        (vec![0x6e, 0x00], "Header.Other"),
        (vec![0x00], "Header.Other"),
    ] {
        let header = one(&with("Negotiate", &token)).unwrap();
        assert_eq!((header.name(), header.token()), (name, Some(&token[..])));
    }
    let NegotiateHeader::Other { kind, .. } = one(&with("Negotiate", &framed(&iakerb))).unwrap() else { panic!() };
    assert_eq!(kind, TokenKind::IaKerb);
}

#[test]
fn ktb_21_parameters_of_negotiate_are_refused_and_those_of_others_skipped() {
    assert_eq!(one("Negotiate realm=\"a\""), Err(HeaderError::Parameters));
    assert_eq!(one("Negotiate realm=a, nonce=b"), Err(HeaderError::Parameters));
    assert_eq!(one("Digest realm=a, nonce=b"), other("Digest"));
    assert_eq!(one("Negotiate YQ==, realm=a"), Err(HeaderError::Parameters));
    assert_eq!(one("Negotiate YQ==, Basic realm=a").unwrap().token(), Some(&b"a"[..]));
}

#[test]
fn ktb_21_what_is_no_credentials_is_refused_where_it_goes_wrong() {
    for (line, offset) in [
        ("=", 0),
        ("Negotiate YQ==, \"", 16),
        ("Basic a, =b", 9),
        ("Basic \"a", 0),
        ("(Negotiate)", 0),
        ("Basic, N\u{e4}gotiate", 8),
        ("Negotiate\0YQ==", 9),
        ("Negotiate\r\n YQ==", 9),
    ] {
        assert_eq!(one(line), Err(HeaderError::Grammar { offset }), "{line:?}");
    }
    assert_eq!(one("Basic \"a\""), other("Basic"));
}

#[test]
fn the_name_of_another_scheme_is_kept_short() {
    let NegotiateHeader::OtherScheme { scheme } = one(&format!("{} x", "S".repeat(5_000))).unwrap() else { panic!() };
    assert_eq!(scheme, "S".repeat(32));
}

#[test]
fn no_output_shows_a_token_or_a_password() {
    let line = format!("Basic dXNlcjpwYXNz, {}", with("Negotiate", KRB5));
    for item in AuthItems::new(line.as_bytes()) {
        let shown = format!("{:?}", item.unwrap());
        assert!(!shown.contains("dXNl") && !shown.contains("YA4G"), "{shown}");
    }
    assert_eq!(format!("{:?}", krb5().unwrap()), "Header.Krb5(16 octets)");
    assert_eq!(format!("{:?}", spnego().unwrap()), "Header.Spnego(12 octets)");
}

#[test]
fn every_error_of_the_header_has_its_name_its_status_and_a_hint() {
    let errors = [
        (HeaderError::Grammar { offset: 3 }, "Header.Grammar", 400),
        (HeaderError::Parameters, "Header.Parameters", 400),
        (HeaderError::BadBase64 { octets: 1 }, "Header.BadBase64", 400),
        (HeaderError::UrlSafeBase64 { octets: 1 }, "Header.UrlSafeBase64", 400),
        (HeaderError::TooLarge { octets: 2, limit: 1 }, "Header.TooLarge", 431),
        (HeaderError::SeveralNegotiate { count: 2 }, "Header.SeveralNegotiate", 400),
    ];
    for (error, name, status) in errors {
        assert_eq!((error.name(), RefusalStatus::from(&error).code(Party::Origin)), (name, status));
        let answer = Answer::unreadable(Party::Origin, &error);
        assert_eq!((answer.status(), answer.header()), (Some(status), None));
        assert!(error.hint().len() > 20 && !error.to_string().ends_with('.'), "{error}");
    }
}

// F5-16, F5-15
#[test]
fn answers_are_written_octet_by_octet() {
    let oid = [0x60, 0x01, 0xff];
    for (party, field, status) in [(Party::Origin, "www-authenticate", 401), (Party::Proxy, "proxy-authenticate", 407)]
    {
        for (answer, expected) in [
            (Answer::challenge(party), (Some(status), Some((field, "Negotiate")))),
            (Answer::go_on(party, &oid), (Some(status), Some((field, "Negotiate YAH/")))),
            (Answer::go_on(party, &oid[..2]), (Some(status), Some((field, "Negotiate YAE=")))),
            (Answer::accepted(party, Some(&oid)), (None, Some((field, "Negotiate YAH/")))),
            (Answer::accepted(party, None), (None, None)),
        ] {
            assert_eq!((answer.status(), answer.header()), expected);
        }
    }
    assert_eq!((Party::Origin.request_field(), Party::Proxy.request_field()), ("authorization", "proxy-authorization"));
}

#[cfg(feature = "testing")]
mod with_a_realm {
    use super::*;
    use core::time::Duration;
    use kerbside::testing::Realm;
    use kerbside::{Acceptor, Connection, Error};

    fn refused(realm: &Realm, acceptor: &Acceptor, token: &[u8]) -> Error {
        acceptor.accept_on(&Connection::new(), token, realm.now()).unwrap_err()
    }

    /// The table of the documentation, class by class.
    #[test]
    fn refusals_have_the_status_of_their_kind() {
        let realm = Realm::new("EXAMPLE.COM");
        let builder = || Acceptor::builder(realm.keytab("HTTP/web.example.com").unwrap()).service("HTTP");
        let acceptor = builder().build().unwrap();
        let login = || realm.login("alice", "HTTP/web.example.com");
        let replayed = login().token();
        acceptor.accept(&replayed, realm.now()).unwrap();
        let own_realm = builder()
            .adjust_policy(|policy| policy.client_realms = Some(vec![b"OTHER.EXAMPLE".to_vec().into()]))
            .build()
            .unwrap();
        let asking = builder().replay(kerbside::ReplayPolicy::Ask).build().unwrap();
        let malformed = SPNEGO.to_vec();
        for (acceptor, token, name, status, with_reply) in [
            (&acceptor, NTLM.to_vec(), "Token.NotKerberos", 401, false),
            (&acceptor, vec![0; 65_537], "Token.TooLarge", 431, false),
            (&acceptor, malformed, "Token.Malformed", 400, false),
            (&acceptor, login().clock_behind(Duration::from_secs(301)).token(), "ClockSkew", 401, true),
            (&acceptor, realm.login("alice", "HTTP/other.example.com").token(), "NoKey.Principal", 401, true),
            (&acceptor, replayed, "Replay", 401, true),
            (&own_realm, login().token(), "ClientRealmNotAllowed", 403, false),
            (&asking, login().token(), "Negotiation.ReplayPending", 503, false),
        ] {
            let error = refused(&realm, acceptor, &token);
            let answer = Answer::refused(Party::Origin, &error);
            assert_eq!((error.kind().name(), answer.status()), (name, Some(status)));
            let reply = error.reply().filter(|_| with_reply).map(|reply| with("Negotiate", reply));
            let expected = (status == 401).then(|| reply.unwrap_or_else(|| "Negotiate".to_owned()));
            assert_eq!(answer.header().map(|(_, value)| value.to_owned()), expected, "{name}");
        }
    }

    // ASK-12, ASK-13: what the client gets is what it expects, framed as it asked.
    #[test]
    fn a_token_goes_through_the_header_and_its_reply_back() {
        let realm = Realm::new("EXAMPLE.COM");
        let acceptor = Acceptor::builder(realm.keytab("HTTP/web.example.com").unwrap()).build().unwrap();
        for login in
            [realm.login("alice", "HTTP/web.example.com"), realm.login("alice", "HTTP/web.example.com").raw_krb5()]
        {
            let sent = one(&with("Negotiate", &login.token())).unwrap();
            let accepted = acceptor.accept(sent.token().unwrap(), realm.now()).unwrap();
            let answer = Answer::accepted(Party::Origin, accepted.reply());
            let (_, value) = answer.header().unwrap();
            let back = one(value).unwrap();
            login.verify_reply(back.token().unwrap()).unwrap();
        }
    }
}

proptest! {
    // F5-16
    #[test]
    fn what_is_written_is_read(token in proptest::collection::vec(any::<u8>(), 1..2_000)) {
        let answer = Answer::go_on(Party::Origin, &token);
        let (_, value) = answer.header().unwrap();
        let header = NegotiateHeader::read([value.as_bytes()], &Limits::default()).unwrap();
        if matches!(header, NegotiateHeader::Ntlm { .. }) {
            prop_assert!(token.starts_with(b"NTLMSSP\0"));
        } else {
            prop_assert_eq!(header.token(), Some(&token[..]));
        }
    }

    /// Any octets have a state, and items lie in the line and in order.
    #[test]
    fn any_octets_are_answered(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let state = NegotiateHeader::read([&line[..]], &Limits::default());
        if let Ok(header) = &state {
            prop_assert!(!header.name().is_empty());
        }
        let items: Vec<_> = AuthItems::new(&line).collect();
        let errors = items.iter().filter(|item| item.is_err()).count();
        prop_assert!(errors <= 1 && items.len() <= line.len() + 1);
        prop_assert!(items.iter().flatten().all(|item| !item.scheme().is_empty() && item.parameters().len() < line.len()));
    }

    /// The same with the characters that the grammar is made of.
    #[test]
    fn any_text_of_the_grammar_is_answered(line in "[Ne=, \"\\\\\t]{0,24}|(Negotiate|Basic|, | |=|\"|YQ==|a=b|\\\\){0,8}") {
        let items: Vec<_> = AuthItems::new(line.as_bytes()).collect();
        let state = one(&line);
        let negotiate = items.iter().flatten().filter(|item| item.is("negotiate")).count();
        let expected = match (items.iter().any(Result::is_err), negotiate) {
            (true, _) => Some("Header.Grammar"),
            (false, 2..) => Some("Header.SeveralNegotiate"),
            (false, _) => None,
        };
        let found = state.map_err(|error| error.name()).err();
        let of_the_token = ["Header.BadBase64", "Header.UrlSafeBase64", "Header.Parameters"];
        prop_assert_eq!(found.filter(|name| !of_the_token.contains(name)), expected);
    }
}
