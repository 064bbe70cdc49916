//! Who: the client of ticket and authenticator, its realm, its name's octets, and anonymous clients (steps N-1 and N-2).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::messages::TicketFlags;
use kerbside::numbers::NameType;
use kerbside::testing::{Login, PrincipalName};
use kerbside::{AnonymousPolicy, ErrorClass, ErrorKind, GssMajor, Policy, Principal, RealmPaths, Tolerance};
use site::{PRESETS, SERVICE, Site, refusal, with};

const OTHER: &str = "OTHER.EXAMPLE";

/// Changes the client in the authenticator alone.
fn claiming(login: Login, crealm: &str, components: &[&str]) -> Login {
    login.with_authenticator(|a| {
        a.crealm = crealm.into();
        a.cname = PrincipalName::new(NameType::NT_PRINCIPAL, components);
    })
}

/// APR-02
#[test]
fn apr_02_client_of_authenticator_differs() {
    let site = Site::new();
    let alice = || site.login_of("alice/admin");
    for (crealm, components, expected) in [
        ("EXAMPLE.COM", ["alice", "admin"].as_slice(), "accepted"),
        ("OTHER.EXAMPLE", &["alice", "admin"], "ClientMismatch 36"),
        ("example.com", &["alice", "admin"], "ClientMismatch 36"),
        ("EXAMPLE.COM\0", &["alice", "admin"], "ClientMismatch 36"),
        ("EXAMPLE.CO", &["alice", "admin"], "ClientMismatch 36"),
        ("", &["alice", "admin"], "ClientMismatch 36"),
        ("EXAMPLE.COM", &["bob", "admin"], "ClientMismatch 36"),
        ("EXAMPLE.COM", &["Alice", "admin"], "ClientMismatch 36"),
        ("EXAMPLE.COM", &["alice"], "ClientMismatch 36"),
        ("EXAMPLE.COM", &["alice", "admin", ""], "ClientMismatch 36"),
        ("EXAMPLE.COM", &["alice/admin"], "ClientMismatch 36"),
        ("EXAMPLE.COM", &["admin", "alice"], "ClientMismatch 36"),
    ] {
        let login = claiming(alice(), crealm, components);
        assert_eq!(site.verdict_of_all(|_| (), &login), expected, "{components:?}@{crealm}");
    }
}

// ICE-25
/// APR-02
#[test]
fn apr_02_the_identity_is_the_tickets_whatever_name_type_the_authenticator_has() {
    let site = Site::new();
    for name_type in [0, 1, 2, 10, 11, -1, i32::MAX] {
        let login = site
            .login()
            .with_ticket(|t| t.cname.name_type = NameType::NT_ENTERPRISE)
            .with_authenticator(|a| a.cname.name_type = NameType(name_type));
        for (name, preset) in PRESETS {
            let accepted = site.accept(preset(), &login).unwrap();
            assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM", "{name}");
            assert_eq!(accepted.client().name_type(), NameType::NT_ENTERPRISE, "{name}");
        }
    }
}

#[test]
fn a_mismatch_names_both_clients() {
    let site = Site::new();
    let error = refusal(site.accept(Policy::default(), &claiming(site.login(), OTHER, &["mallory"])));
    let ErrorKind::ClientMismatch { ticket, authenticator, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(
        (ticket.to_string(), authenticator.to_string()),
        ("alice@EXAMPLE.COM".into(), "mallory@OTHER.EXAMPLE".into())
    );
    assert_eq!(
        error.to_string(),
        "the ticket is alice@EXAMPLE.COM's and the authenticator names mallory@OTHER.EXAMPLE"
    );
    assert_eq!((error.class(), error.gss_major()), (ErrorClass::Malformed, GssMajor::FAILURE));
}

fn realms(names: &[&str]) -> impl Fn(&mut Policy) {
    let list: Vec<Box<[u8]>> = names.iter().map(|name| name.as_bytes().into()).collect();
    move |policy| policy.client_realms = Some(list.clone())
}

// ICE-26
#[test]
fn only_clients_of_the_named_realms_are_accepted() {
    let site = Site::new();
    let checked = |client: &str| site.login_of(client);
    let refused = "ClientRealmNotAllowed 12";
    for (list, own, other) in [
        (["EXAMPLE.COM"].as_slice(), "accepted", refused),
        (&[OTHER], refused, "accepted"),
        (&["EXAMPLE.COM", OTHER], "accepted", "accepted"),
        (&["example.com", "other.example"], refused, refused),
        (&["EXAMPLE", "EXAMPLE.COM.", "OTHER.EXAMPLE.COM"], refused, refused),
        (&[], refused, refused),
    ] {
        assert_eq!(site.verdict_of_all(realms(list), &checked("alice")), own, "{list:?}");
        assert_eq!(site.verdict_of_all(realms(list), &checked("bob@OTHER.EXAMPLE")), other, "{list:?}");
    }
    assert_eq!(site.verdict_of_all(|_| (), &checked("bob@OTHER.EXAMPLE")), "accepted", "without a list");

    let error = refusal(site.accept(with(Policy::default(), realms(&[OTHER])), &checked("alice")));
    let ErrorKind::ClientRealmNotAllowed { client, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(client.to_string(), "alice@EXAMPLE.COM");
    assert_eq!(error.class(), ErrorClass::Policy);
}

/// By flag, by realm, and by name: RFC 8062 §3.
fn anonymous(site: &Site) -> [Login; 4] {
    let flag = TicketFlags(TicketFlags::ANONYMOUS.0 | TicketFlags::TRANSITED_POLICY_CHECKED.0);
    [
        site.login().with_ticket(|t| t.flags = flag.into()),
        site.login_of("alice@WELLKNOWN:ANONYMOUS"),
        site.login_of("WELLKNOWN/ANONYMOUS"),
        site.login_of("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS")
            .with_ticket(|t| t.flags = TicketFlags::ANONYMOUS.into()),
    ]
}

/// MAP-12
#[test]
fn map_12_anonymous_clients_are_refused_unless_allowed() {
    let site = Site::new();
    let allow = |policy: &mut Policy| policy.anonymous = AnonymousPolicy::Allow;
    for login in anonymous(&site) {
        assert_eq!(site.verdict_of_all(|_| (), &login), "ClientRealmNotAllowed 12");
        assert_eq!(
            site.verdict_of_all(realms(&["EXAMPLE.COM", "WELLKNOWN:ANONYMOUS"]), &login),
            "ClientRealmNotAllowed 12"
        );
        assert_eq!(site.verdict_of_all(allow, &login), "accepted");
    }
    let [.., whole] = anonymous(&site);
    let accepted = site.accept(with(Policy::default(), allow), &whole).unwrap();
    assert_eq!(accepted.client().to_string(), "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS");
    assert!(accepted.tolerances().is_empty());
}

#[test]
fn names_that_only_resemble_the_anonymous_one_are_ordinary() {
    let site = Site::new();
    for name in [
        "WELLKNOWN",
        "ANONYMOUS",
        "wellknown/anonymous",
        "WELLKNOWN/ANONYMOUS/x",
        r"WELLKNOWN\/ANONYMOUS",
        "WELLKNOWN/ANONYMOU",
        "alice@WELLKNOWN:ANONYMOUS2",
        "alice@wellknown:anonymous",
    ] {
        assert_eq!(site.verdict_of_all(|_| (), &site.login_of(name)), "accepted", "{name}");
    }
}

/// The anonymous realm stands outside every path of realms, so it is exempt from the path and from the list. A realm that
/// lets its own clients be anonymous is a realm like others.
#[test]
fn only_the_anonymous_realm_is_exempt_from_the_realms_that_are_accepted() {
    let site = Site::new();
    let unchecked = |login: Login, flags: TicketFlags| login.with_ticket(|t| t.flags = flags.into());
    let allow = |policy: &mut Policy| {
        policy.anonymous = AnonymousPolicy::Allow;
        realms(&["EXAMPLE.COM"])(policy);
    };
    for (client, flags, listed, unlisted) in [
        ("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", TicketFlags::ANONYMOUS, "accepted", "accepted"),
        ("WELLKNOWN/ANONYMOUS@EXAMPLE.COM", TicketFlags::ANONYMOUS, "accepted", "accepted"),
        ("WELLKNOWN/ANONYMOUS@OTHER.EXAMPLE", TicketFlags::ANONYMOUS, "ClientRealmNotAllowed 12", "Transited 51"),
        ("bob@OTHER.EXAMPLE", TicketFlags::ANONYMOUS, "ClientRealmNotAllowed 12", "Transited 51"),
        ("bob@OTHER.EXAMPLE", TicketFlags::PRE_AUTHENT, "ClientRealmNotAllowed 12", "Transited 51"),
    ] {
        let login = unchecked(site.login_of(client), flags);
        assert_eq!(site.verdict_of_all(allow, &login), listed, "{client}");
        let anonymous_only = with(Policy::strict(), |policy| policy.anonymous = AnonymousPolicy::Allow);
        assert_eq!(site.verdict(anonymous_only, &login), unlisted, "{client}");
    }
}

/// NEG-26
#[test]
fn neg_26_names_outside_ascii() {
    let site = Site::new();
    for client in ["josé@EXAMPLE.COM", "алиса@ПРИМЕР.РФ", "日本/語@EXAMPLE.COM"] {
        let client: Principal = client.parse().unwrap();
        let login = site.realm.login_of(&client, site.realm.principal(SERVICE));
        for (name, preset) in PRESETS {
            let accepted = site.accept(preset(), &login).unwrap();
            assert_eq!(accepted.client(), &client, "{name}");
            assert_eq!(accepted.client().to_string(), client.to_string());
        }
        let composed =
            login.with_authenticator(|a| a.cname = PrincipalName::new(NameType::NT_PRINCIPAL, ["jose\u{301}"]));
        assert_eq!(site.verdict_of_all(|_| (), &composed), "ClientMismatch 36");
    }
}

/// A realm, the components of a name in it, and how it is shown.
type AnyName<'a> = (&'a [u8], &'a [&'a [u8]], &'a str);

/// NEG-22
#[test]
fn neg_22_names_of_any_octets_reach_the_identity_as_they_are() {
    let site = Site::new();
    let long = vec![b'x'; 65_536];
    let names: [AnyName<'_>; 5] = [
        (b"EXAMPLE.COM", &[b"a\0b"], r"a\0b@EXAMPLE.COM"),
        (b"EXAMPLE.COM", &[b"", b"x", b""], "/x/@EXAMPLE.COM"),
        (b"EXAMPLE.COM", &[b"\xff\xfe"], r"\xff\xfe@EXAMPLE.COM"),
        (b"EXAMPLE.COM\0", &[b"root"], r"root@EXAMPLE.COM\0"),
        (b"EXAMPLE.COM", &[&long], ""),
    ];
    for (realm, components, shown) in names {
        let client = Principal::new(realm, components);
        let login = site.realm.login_of(&client, site.realm.principal(SERVICE));
        let mut limits = kerbside::Limits::default();
        limits.token_octets = 1 << 20;
        let acceptor = site.builder(Policy::default()).limits(limits).build().unwrap();
        let accepted = acceptor.accept(&login.token(), site.realm.now()).unwrap();
        assert_eq!(accepted.client(), &client);
        assert!(accepted.client().components().eq(components.iter().copied()));
        assert!(shown.is_empty() || accepted.client().to_string() == shown, "{}", accepted.client());
        let cut = login.with_authenticator(|a| {
            let last = a.cname.name_string.last_mut().unwrap();
            if last.pop().is_none() {
                last.push(0);
            }
        });
        assert_eq!(acceptor.accept(&cut.token(), site.realm.now()).unwrap_err().kind().name(), "ClientMismatch");
    }
}

/// A realm that ends in NUL is another realm than the one without: it is not the service's.
#[test]
fn a_realm_with_a_nul_is_a_foreign_realm() {
    let site = Site::new();
    let client = Principal::new(b"EXAMPLE.COM\0", ["root"]);
    let login = site.realm.login_of(&client, site.realm.principal(SERVICE)).with_ticket(|t| t.flags = 0.into());
    assert_eq!(site.verdict(Policy::strict(), &login), "Transited 51");
    assert_eq!(site.accept(Policy::default(), &login).unwrap().tolerances(), [Tolerance::DirectCrossRealm]);
}

/// What a realm's list lets through is the realm, not the path to it.
#[test]
fn a_named_realm_does_not_excuse_an_unknown_hop() {
    let site = Site::new();
    let login = site.login_of("bob@OTHER.EXAMPLE").with_ticket(|t| (t.flags, t.transited) = (0.into(), b"EVIL".into()));
    assert_eq!(site.verdict_of_all(realms(&[OTHER]), &login), "Transited 51");
    let through = |policy: &mut Policy| {
        realms(&[OTHER])(policy);
        policy.realm_paths = RealmPaths::new().allow(OTHER, "EXAMPLE.COM", ["EVIL"]);
    };
    assert_eq!(site.verdict_of_all(through, &login), "accepted");
}
