//! A `krb5.conf`: what of it becomes policy, what is refused, and what is carried with a warning.

use core::time::Duration;
use kerbside::krb5_conf::{AcceptorHostname, IncludedText, Inclusion, Krb5Conf, Krb5ConfErrorKind, Krb5ConfWarning};
use kerbside::numbers::Enctype;
use kerbside::{EnctypePolicy, EnctypeRole, Policy, RealmPaths};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;

/// The file of a machine in a realm with partners.
const WHOLE: &str = r#"
# The machine's configuration.
includedir /etc/krb5.conf.d/

[libdefaults]
    default_realm = EXAMPLE.COM
    default_keytab_name = FILE:/etc/httpd/http.keytab
    clockskew = 2m
    permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
    ignore_acceptor_hostname = true
    dns_lookup_kdc = false
    rdns = false

[realms]
    EXAMPLE.COM = {
        kdc = kdc.example.com
        auth_to_local = RULE:[1:$1@$0](.*@PARTNER\.EXAMPLE)s/@.*//
        auth_to_local = DEFAULT
    }
    PARTNER.EXAMPLE = {
        kdc = kdc.partner.example
    }

[domain_realm]
    .example.com = EXAMPLE.COM
    www.partner.example = EXAMPLE.COM
    partner.example = PARTNER.EXAMPLE

[capaths]
    PARTNER.EXAMPLE = {
        EXAMPLE.COM = HUB.EXAMPLE
        EXAMPLE.COM = SECOND.EXAMPLE
    }
    LAB.EXAMPLE = {
        EXAMPLE.COM = .
    }
"#;

fn read(text: &str) -> Krb5Conf {
    Krb5Conf::parse(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

fn libdefaults(relation: &str) -> Krb5Conf {
    read(&format!("[libdefaults]\n{relation}\n"))
}

fn refusal(text: &str) -> (Krb5ConfErrorKind, usize) {
    let error = Krb5Conf::parse(text).expect_err(text);
    (error.kind().clone(), error.line())
}

fn adjusted(conf: &Krb5Conf) -> Policy {
    let mut policy = Policy::default();
    conf.adjust(&mut policy);
    policy
}

fn tickets(conf: &Krb5Conf) -> Vec<Enctype> {
    adjusted(conf).enctypes.allowed(EnctypeRole::Ticket).to_vec()
}

// CAS-13
#[test]
fn cas_13_a_whole_file_becomes_policy() {
    let conf = Krb5Conf::parse_with(WHOLE, |_| Ok(Vec::new())).unwrap();
    let policy = adjusted(&conf);
    assert_eq!(policy.skew, Duration::from_secs(120));
    for role in EnctypeRole::ALL {
        assert_eq!(policy.enctypes.allowed(role), [AES256, AES128]);
    }
    let paths = RealmPaths::new()
        .allow("PARTNER.EXAMPLE", "EXAMPLE.COM", ["HUB.EXAMPLE", "SECOND.EXAMPLE"])
        .allow_direct("LAB.EXAMPLE", "EXAMPLE.COM");
    assert_eq!(policy.realm_paths, paths);
    assert_eq!(conf.default_realm(), Some("EXAMPLE.COM"));
    assert_eq!(conf.default_keytab_name(), Some("FILE:/etc/httpd/http.keytab"));
    assert_eq!(conf.default_keytab_file(), Some("/etc/httpd/http.keytab"));
    assert_eq!(conf.acceptor_hostname(), AcceptorHostname::Ignored);
    let rules: Vec<_> = conf.auth_to_local("EXAMPLE.COM").collect();
    assert_eq!(rules, [r"RULE:[1:$1@$0](.*@PARTNER\.EXAMPLE)s/@.*//", "DEFAULT"]);
    assert_eq!(conf.auth_to_local("PARTNER.EXAMPLE").count(), 0);
    assert_eq!(conf.warnings(), []);
}

#[test]
fn what_a_text_does_not_say_stays_as_it_is() {
    let conf = read("[realms]\n");
    let mut policy = Policy::windows_compatible();
    policy.skew = Duration::from_secs(7);
    policy.realm_paths = RealmPaths::new().allow_direct("A", "B");
    let before = policy.clone();
    conf.adjust(&mut policy);
    assert_eq!(policy.skew, before.skew);
    assert_eq!(policy.enctypes, before.enctypes);
    assert_eq!(policy.realm_paths, before.realm_paths);
    assert_eq!(conf.acceptor_hostname(), AcceptorHostname::Counts);
    assert_eq!((conf.clockskew(), conf.default_realm(), conf.default_keytab_name()), (None, None, None));
}

#[test]
fn the_realm_of_a_host_is_that_of_its_nearest_domain() {
    let conf = Krb5Conf::parse_with(WHOLE, |_| Ok(Vec::new())).unwrap();
    for (host, realm) in [
        ("web.example.com", Some("EXAMPLE.COM")),
        ("WEB.Example.COM.", Some("EXAMPLE.COM")),
        ("a.b.example.com", Some("EXAMPLE.COM")),
        ("www.partner.example", Some("EXAMPLE.COM")),
        ("mail.partner.example", Some("PARTNER.EXAMPLE")),
        ("partner.example", Some("PARTNER.EXAMPLE")),
        ("example.com", None),
        ("wwwexample.com", None),
        ("example.org", None),
        ("", None),
    ] {
        assert_eq!(conf.realm_of_host(host), realm, "{host}");
    }
}

#[test]
fn keytabs_that_are_files_have_a_path() {
    for (name, path) in [
        ("FILE:/etc/krb5.keytab", Some("/etc/krb5.keytab")),
        ("WRFILE:/etc/krb5.keytab", Some("/etc/krb5.keytab")),
        ("/etc/krb5.keytab", Some("/etc/krb5.keytab")),
        ("MEMORY:one", None),
        ("FILE:/var/%{uid}.keytab", None),
    ] {
        let conf = libdefaults(&format!("default_keytab_name = {name}"));
        assert_eq!(conf.default_keytab_file(), path, "{name}");
        assert_eq!(conf.default_keytab_name(), Some(name));
    }
}

#[test]
fn lengths_of_time_have_three_forms() {
    for (text, seconds) in [
        ("300", 300),
        ("0", 0),
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5_400),
        ("1d 2h 3m 4s", 93_784),
        ("0:05", 300),
        ("0:05:10", 310),
        ("100:00", 360_000),
    ] {
        let conf = libdefaults(&format!("clockskew = {text}"));
        assert_eq!(conf.clockskew(), Some(Duration::from_secs(seconds)), "{text}");
    }
    for text in ["five", "5 minutes", "-5", "5m5m", "1s2m", "m", "1:2:3:4", "0:60", "0:00:60", "99999999999", "5x"] {
        let (kind, line) = refusal(&format!("[libdefaults]\nclockskew = {text}\n"));
        assert_eq!((kind, line), (Krb5ConfErrorKind::Duration, 2), "{text}");
    }
}

#[test]
fn enctypes_come_by_name_and_by_family_and_can_be_taken_out() {
    let default = EnctypePolicy::default().allowed(EnctypeRole::Ticket).to_vec();
    for (text, enctypes) in [
        ("aes256-cts", vec![AES256]),
        ("aes128-cts,aes256-cts", vec![AES128, AES256]),
        ("DEFAULT", default.clone()),
        ("DEFAULT +aes256-cts", default.clone()),
        ("DEFAULT -aes256-cts", default.iter().copied().filter(|enctype| *enctype != AES256).collect()),
        ("aes256-cts DEFAULT -aes", default.iter().copied().filter(|enctype| enctype.0 > 20).collect()),
    ] {
        if enctypes.is_empty() {
            assert_eq!(
                refusal(&format!("[libdefaults]\npermitted_enctypes = {text}\n")).0,
                Krb5ConfErrorKind::NoEnctype
            );
        } else {
            let conf = libdefaults(&format!("permitted_enctypes = {text}"));
            assert_eq!(tickets(&conf), enctypes, "{text}");
            assert_eq!(conf.warnings(), []);
        }
    }
}

#[test]
fn enctypes_that_nobody_has_are_left_out_with_a_warning() {
    let conf = libdefaults("permitted_enctypes = des-cbc-crc aes256-cts kryptonite des3");
    assert_eq!(tickets(&conf), [AES256]);
    let left_out = |name: &str| Krb5ConfWarning::Enctype { name: name.to_owned(), line: 2 };
    assert_eq!(conf.warnings(), [left_out("des-cbc-crc"), left_out("kryptonite"), left_out("des3")]);
    let (kind, line) = refusal("[libdefaults]\n\npermitted_enctypes = des-cbc-crc\n");
    assert_eq!((kind, line), (Krb5ConfErrorKind::NoEnctype, 3));
}

// CAS-07
#[test]
fn cas_07_rc4_takes_two_relations_and_warns() {
    let named = libdefaults("permitted_enctypes = aes256-cts rc4-hmac");
    assert_eq!(tickets(&named), [AES256]);
    assert_eq!(named.warnings(), [Krb5ConfWarning::Rc4NotAllowed { line: 2 }]);

    let both = libdefaults("permitted_enctypes = aes256-cts rc4-hmac\nallow_rc4 = true");
    assert_eq!(tickets(&both), [AES256, Enctype::RC4_HMAC]);
    assert_eq!(both.warnings(), [Krb5ConfWarning::Rc4Allowed]);

    let allowed = libdefaults("allow_rc4 = yes");
    assert_eq!(tickets(&allowed).last(), Some(&Enctype::RC4_HMAC));
    assert_eq!(tickets(&libdefaults("allow_rc4 = no")), tickets(&read("")));

    let (kind, _) = refusal("[libdefaults]\npermitted_enctypes = rc4-hmac\n");
    assert_eq!(kind, Krb5ConfErrorKind::NoEnctype, "nothing else is left");
    let weak = libdefaults("allow_weak_crypto = 1");
    assert_eq!(weak.warnings(), [Krb5ConfWarning::WeakCrypto]);
    assert_eq!(tickets(&weak), tickets(&read("")));
}

// CAS-18
#[test]
fn cas_18_what_cannot_be_read_stops_the_start_and_what_is_unknown_is_named() {
    for relation in
        ["allow_rc4 = perhaps", "ignore_acceptor_hostname = ", "clockskew = soon", "permitted_enctypes = none"]
    {
        assert!(Krb5Conf::parse(&format!("[libdefaults]\n{relation}\n")).is_err(), "{relation}");
    }
    let conf = libdefaults("clock_skew = 300\ndns_lookup_kdc = true");
    assert_eq!(conf.clockskew(), None);
    let unknown = Krb5ConfWarning::Unknown { tag: "clock_skew".to_owned(), line: 2 };
    assert_eq!(conf.warnings(), [unknown]);
}

#[test]
fn the_first_of_several_values_counts_and_sections_add_up() {
    let conf = read("[libdefaults]\nclockskew = 10\n[realms]\n[libdefaults]\nclockskew = 20\ndefault_realm = R\n");
    assert_eq!(conf.clockskew(), Some(Duration::from_secs(10)));
    assert_eq!(conf.default_realm(), Some("R"));
}

#[test]
fn structure_has_its_odd_corners() {
    let conf = read("\u{feff}".trim_start_matches('\u{feff}'));
    assert_eq!(conf.warnings(), []);
    let final_marks = read("[libdefaults]*\n default_realm* = R\r\n[capaths]\n A = {\n  B = .\n }*\n");
    assert_eq!(final_marks.default_realm(), Some("R"));
    assert_eq!(adjusted(&final_marks).realm_paths, RealmPaths::new().allow_direct("A", "B"));
    let brace_below = read("[capaths]\n A =\n {\n  B = .\n }\n");
    assert_eq!(adjusted(&brace_below).realm_paths, RealmPaths::new().allow_direct("A", "B"));
    let quoted = libdefaults(r#"default_realm = "a \"b\" \\ c""#);
    assert_eq!(quoted.default_realm(), Some(r#"a "b" \ c"#));
}

#[test]
fn broken_structure_is_refused_with_its_line() {
    use Krb5ConfErrorKind::{Header, Module, NotASubsection, OutsideOfSections, Quote, Relation, StrayBrace, Unclosed};
    for (text, kind, line) in [
        ("[libdefaults\n", Header, 1),
        ("[]\n", Header, 1),
        ("[a]b\n", Header, 1),
        ("a = b\n", OutsideOfSections, 1),
        ("[a]\nb\n", Relation, 2),
        ("[a]\n = b\n", Relation, 2),
        ("[a]\nb c = d\n", Relation, 2),
        ("[a]\nb =\nc = d\n", Relation, 2),
        ("[a]\nb = \"c\n", Quote, 2),
        ("[a]\nb = \"c\" d\n", Quote, 2),
        ("[a]\nb = {\n c = d\n", Unclosed, 2),
        ("[a]\nb = {\n c = {\n }\n[d]\n", Unclosed, 2),
        ("[a]\n}\n", StrayBrace, 2),
        ("[a]\nb = {\n} c\n", StrayBrace, 3),
        ("module /lib/x.so:y\n", Module, 1),
        ("[capaths]\nA = B\n", NotASubsection, 2),
    ] {
        assert_eq!(refusal(text), (kind, line), "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| format!("[a]\n{}{}", "b = {\n".repeat(levels), "}\n".repeat(levels));
    assert!(Krb5Conf::parse(&nested(16)).is_ok());
    assert_eq!(refusal(&nested(17)).0, Krb5ConfErrorKind::TooDeep { limit: 16 });
    assert!(Krb5Conf::parse(&nested(100_000)).is_err(), "and costs no stack");
    let endless = Krb5Conf::parse_with("include /a", |_| Ok(vec![text_of("/a", "include /a\n")]));
    assert!(matches!(endless.unwrap_err().kind(), Krb5ConfErrorKind::Included { .. }));
}

fn text_of(name: &str, text: &str) -> IncludedText {
    IncludedText { name: name.to_owned(), text: text.to_owned() }
}

#[test]
fn included_texts_stand_in_place_of_the_directive() {
    let text = "include /first\n[libdefaults]\nclockskew = 1\nincludedir /more\n";
    let mut asked = Vec::new();
    let conf = Krb5Conf::parse_with(text, |inclusion| {
        asked.push(format!("{inclusion:?}"));
        Ok(match inclusion {
            Inclusion::File("/first") => vec![text_of("/first", "[libdefaults]\nclockskew = 2\n")],
            _ => vec![text_of("/more/a", "[libdefaults]\ndefault_realm = R\n"), text_of("/more/b", "")],
        })
    })
    .unwrap();
    assert_eq!(asked, [r#"File("/first")"#, r#"Directory("/more")"#]);
    assert_eq!(conf.clockskew(), Some(Duration::from_secs(2)));
    assert_eq!(conf.default_realm(), Some("R"));
}

#[test]
fn a_section_goes_on_behind_what_is_included() {
    let text = "[libdefaults]\nclockskew = 1\ninclude /a\ndefault_realm = R\n";
    let conf =
        Krb5Conf::parse_with(text, |_| Ok(vec![text_of("/a", "[libdefaults]\nclockskew = 2\ndefault_realm = S\n")]));
    let conf = conf.unwrap();
    assert_eq!(conf.clockskew(), Some(Duration::from_secs(1)));
    assert_eq!(conf.default_realm(), Some("S"));
}

#[test]
fn an_included_text_names_itself_in_errors() {
    let error = Krb5Conf::parse_with("include /a\n", |_| Ok(vec![text_of("/a", "[b]\n}\n")])).unwrap_err();
    assert_eq!((error.file(), error.line()), (Some("/a"), 2));
    assert_eq!(error.to_string(), "/a, line 2 has a brace that ends nothing");
    let none = Krb5Conf::parse("[a]\ninclude /b\n").unwrap_err();
    assert_eq!(none.to_string(), "line 2 includes /b: the texts of included files were not given");
    assert_eq!(none.file(), None);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "([\\[\\]{}=*\"\\\\#; a-z0-9:\\n]|include|libdefaults|clockskew|permitted_enctypes){0,80}") {
        if let Ok(conf) = Krb5Conf::parse(&text) {
            conf.adjust(&mut Policy::default());
        }
    }
}
