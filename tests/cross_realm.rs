//! By which path: clients of other realms, with and without the KDC's word for the realms between (steps N-4 and N-5).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::messages::TicketFlags;
use kerbside::testing::Login;
use kerbside::{ErrorClass, ErrorKind, KeyMatch, Policy, RealmPaths, Tolerance, TransitedProblem};
use site::{PRESETS, Site, refusal, verdict, with};

const HOME: &str = "EXAMPLE.COM";
const OTHER: &str = "OTHER.EXAMPLE";

/// A client whose KDC left the path to the acceptor.
fn unchecked(site: &Site, client: &str, tr_type: i32, contents: &[u8]) -> Login {
    site.login_of(client).with_ticket(|t| (t.flags, t.tr_type, t.transited) = (0.into(), tr_type, contents.into()))
}

fn checked(site: &Site, client: &str, tr_type: i32, contents: &[u8]) -> Login {
    unchecked(site, client, tr_type, contents).with_ticket(|t| t.flags = TicketFlags::TRANSITED_POLICY_CHECKED.into())
}

/// What is configured besides the preset.
const NOTHING: fn(&mut Policy) = |_| ();
const LISTED: fn(&mut Policy) = |policy| policy.client_realms = Some(vec![OTHER.as_bytes().into()]);
const DIRECT: fn(&mut Policy) = |policy| policy.realm_paths = RealmPaths::new().allow_direct(OTHER, HOME);
const HUB: fn(&mut Policy) = |policy| policy.realm_paths = RealmPaths::new().allow(OTHER, HOME, ["HUB"]);
const BACK: fn(&mut Policy) = |policy| policy.realm_paths = RealmPaths::new().allow(HOME, OTHER, ["HUB"]);

/// APR-09: the flag, the contents, and what is configured; then the verdict of the strict preset, and of the others.
#[test]
fn apr_09_cross_realm_table() {
    let site = Site::new();
    let no = "Transited 51";
    let yes = "accepted";
    for (contents, configured, strict, lenient) in [
        (b"".as_slice(), NOTHING, no, yes),
        (b"", LISTED, yes, yes),
        (b"", DIRECT, yes, yes),
        (b"", HUB, yes, yes),
        (b"", BACK, no, yes),
        (b"\0", NOTHING, no, yes),
        (b"HUB", HUB, yes, yes),
        (b"HUB\0", HUB, yes, yes),
        (b"HUB", NOTHING, no, no),
        (b"HUB", LISTED, no, no),
        (b"HUB", DIRECT, no, no),
        (b"HUB", BACK, no, no),
        (b"hub", HUB, no, no),
        (b"HUB,EVIL", HUB, no, no),
        (b"EVIL", HUB, no, no),
        (b"H\0UB", HUB, no, no),
        (b"HUB\\", HUB, no, no),
        (b".", HUB, no, no),
        (b"MIT.", HUB, no, no),
    ] {
        let clear = unchecked(&site, "bob@OTHER.EXAMPLE", 1, contents);
        let set = checked(&site, "bob@OTHER.EXAMPLE", 1, contents);
        for ((name, preset), expected) in PRESETS.into_iter().zip([strict, lenient, lenient]) {
            let shown = format!("{name}, {}", contents.escape_ascii());
            assert_eq!(site.verdict(with(preset(), configured), &clear), expected, "clear, {shown}");
            assert_eq!(site.verdict(with(preset(), configured), &set), yes, "set, {shown}");
        }
    }
}

#[test]
fn a_client_of_the_services_realm_has_no_path_to_check() {
    let site = Site::new();
    for contents in [b"".as_slice(), b"HUB", b"H\0UB"] {
        assert_eq!(site.verdict_of_all(NOTHING, &unchecked(&site, "alice", 1, contents)), "accepted");
    }
    assert_eq!(site.verdict(Policy::strict(), &unchecked(&site, "alice@example.com", 1, b"")), "Transited 51");
}

/// The service's realm is the keytab's. Whoever relays a ticket can write the client's realm beside the service's name,
/// and gains nothing.
#[test]
fn the_services_realm_is_not_the_tickets_text() {
    let site = Site::new();
    let relayed = |contents| {
        unchecked(&site, "bob@OTHER.EXAMPLE", 1, contents).cleartext_service("HTTP/web.example.com@OTHER.EXAMPLE")
    };
    assert_eq!(site.verdict(Policy::default(), &relayed(b"EVIL")), "Transited 51");
    let accepted = site.accept(Policy::default(), &relayed(b"")).unwrap();
    assert_eq!(accepted.service().to_string(), "HTTP/web.example.com@EXAMPLE.COM");
    assert_eq!(accepted.tolerances(), [Tolerance::KeyMatch(KeyMatch::Alias), Tolerance::DirectCrossRealm]);
}

#[test]
fn only_direct_trust_that_nobody_named_is_a_tolerance() {
    let site = Site::new();
    let tolerances = |login: &Login, configured: fn(&mut Policy)| {
        site.accept(with(Policy::default(), configured), login).unwrap().tolerances().to_vec()
    };
    let direct = || unchecked(&site, "bob@OTHER.EXAMPLE", 1, b"");
    assert_eq!(tolerances(&direct(), NOTHING), [Tolerance::DirectCrossRealm]);
    assert_eq!(tolerances(&direct(), LISTED), []);
    assert_eq!(tolerances(&direct(), DIRECT), []);
    assert_eq!(tolerances(&unchecked(&site, "bob@OTHER.EXAMPLE", 1, b"HUB"), HUB), []);
    assert_eq!(tolerances(&checked(&site, "bob@OTHER.EXAMPLE", 1, b""), NOTHING), []);
    assert_eq!(tolerances(&unchecked(&site, "bob@A.EXAMPLE.COM", 1, b""), NOTHING), [Tolerance::DirectCrossRealm]);
}

/// Step N-5, whatever the flag says and wherever the client is from.
#[test]
fn an_encoding_that_nobody_defined_is_refused() {
    let site = Site::new();
    let refused = "Transited 17";
    for (tr_type, contents, expected) in [
        (1, b"".as_slice(), "accepted"),
        (0, b"", "accepted"),
        (0, b"\0", refused),
        (0, b"HUB", refused),
        (2, b"", refused),
        (2, b"HUB", refused),
        (-1, b"", refused),
        (i32::MAX, b"", refused),
    ] {
        for login in
            [checked(&site, "bob@OTHER.EXAMPLE", tr_type, contents), unchecked(&site, "alice", tr_type, contents)]
        {
            assert_eq!(site.verdict_of_all(HUB, &login), expected, "{tr_type} {contents:?}");
        }
    }
    let error = refusal(site.accept(Policy::default(), &unchecked(&site, "alice", 2, b"")));
    assert!(matches!(error.kind(), ErrorKind::Transited { problem: TransitedProblem::UnknownType { tr_type: 2 }, .. }));
}

#[test]
fn a_refusal_names_the_realm_and_what_was_wrong() {
    let site = Site::new();
    let refused = |policy: Policy, contents: &[u8]| {
        refusal(site.accept(policy, &unchecked(&site, "bob@OTHER.EXAMPLE", 1, contents)))
    };
    let error = refused(Policy::default(), b"HUB,EV\nIL");
    let ErrorKind::Transited { client_realm, problem, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(&**client_realm, OTHER.as_bytes());
    assert_eq!(*problem, TransitedProblem::UnknownRealm { realm: b"HUB".as_slice().into() });
    assert_eq!(error.class(), ErrorClass::Policy);
    let error = refused(with(Policy::default(), HUB), b"HUB,EV\nIL");
    assert!(error.to_string().contains(r"the realm EV\nIL,"), "{error}");
    let error = refused(Policy::strict(), b"");
    assert!(matches!(error.kind(), ErrorKind::Transited { problem: TransitedProblem::DirectTrust, .. }), "{error}");
    let error = refused(Policy::default(), b"H\0UB");
    assert!(matches!(error.kind(), ErrorKind::Transited { problem: TransitedProblem::Malformed, .. }), "{error}");
}

/// APR-10: the hierarchy of the names is the path where none is configured, however the field is compressed.
#[test]
fn apr_10_transited_paths() {
    let site = Site::new();
    for (client, contents, expected) in [
        ("bob@A.B.EXAMPLE.COM", b"B.EXAMPLE.COM".as_slice(), "accepted"),
        ("bob@A.B.EXAMPLE.COM", b",", "accepted"),
        ("bob@A.B.EXAMPLE.COM", b"B.EXAMPLE.COM,EVIL.", "Transited 51"),
        ("bob@X.COM", b"COM", "accepted"),
        ("bob@X.COM", b",COM,", "accepted"),
        ("bob@A.X.COM", b"COM,X.", "accepted"),
        ("bob@A.X.COM", b"COM,EVIL.", "Transited 51"),
        ("bob@A.X.COM", b"COM,X.,EVIL\\.", "Transited 51"),
        ("bob@X.COM", b"C\\OM", "accepted"),
        ("bob@X.COM", b"COM\\,", "Transited 51"),
        ("bob@X.COM", b"\\/COM", "Transited 51"),
        ("bob@X.COM", b"/COM/HP", "Transited 51"),
        ("bob@OTHER.EXAMPLE", b"EXAMPLE", "Transited 51"),
        ("bob@OTHER.EXAMPLE", b",", "Transited 51"),
    ] {
        let login = unchecked(&site, client, 1, contents);
        assert_eq!(site.verdict_of_all(NOTHING, &login), expected, "{client} {}", contents.escape_ascii());
    }
}

/// APR-10: the expansion is bounded, however the path is allowed.
#[test]
fn apr_10_a_thousand_realms_are_refused_and_sixty_four_are_not() {
    let site = Site::new();
    let names: Vec<String> = (0..1000).map(|n| format!("R{n}")).collect();
    let policy = |names: &[String]| {
        with(Policy::strict(), |policy| policy.realm_paths = RealmPaths::new().allow(OTHER, HOME, names))
    };
    let judge = |count: usize| {
        let contents = names[..count].join(",");
        let login = unchecked(&site, "bob@OTHER.EXAMPLE", 1, contents.as_bytes());
        site.accept(policy(&names), &login)
    };
    assert_eq!(verdict(&judge(64)), "accepted");
    for count in [65, 1000] {
        let error = refusal(judge(count));
        let ErrorKind::Transited { problem, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(*problem, TransitedProblem::TooManyRealms { limit: 64 });
    }
    let of_length = |octets: usize| {
        let name = "x".repeat(octets);
        let login = unchecked(&site, "bob@OTHER.EXAMPLE", 1, name.as_bytes());
        verdict(&site.accept(policy(&[name]), &login))
    };
    assert_eq!([of_length(4_096), of_length(4_097)], ["accepted", "Transited 51"]);
}
