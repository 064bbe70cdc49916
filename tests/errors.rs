//! Every error, once: its name, its codes, and what it says. The sentences stand in `vectors/messages-of-errors.txt`,
//! one after the other, so that somebody reads them together.
#![cfg(feature = "testing")]

#[path = "support/refusals.rs"]
mod refusals;
#[path = "support/search.rs"]
mod search;

use core::error::Error as _;
use kerbside::messages::TicketFlags;
use kerbside::numbers::{Enctype, KrbErrorCode, NameType};
use kerbside::testing::{AuthorizationElement, EncryptionKey, Login, MechToken, Oid, PrincipalName, Realm};
use kerbside::{Acceptor, ErrorKind, Leniency, Policy, Principal, ReplayPolicy, TargetPolicy};
use refusals::{HIDDEN, SERVICE};
use search::{Search, keys_of};
use std::collections::{BTreeMap, BTreeSet};

// ICE-03, CAS-23
#[test]
fn every_refusal_has_its_name_its_codes_and_its_class() {
    for refusal in refusals::all() {
        let error = refusal.play(ReplayPolicy::Memory, |login| login).error;
        assert_eq!(error.kind().name(), refusal.name, "{}: {error}", refusal.label);
        assert_eq!(error.krb_error_code(), KrbErrorCode(refusal.code), "{}", refusal.label);
        assert!((1..128).contains(&refusal.code), "{}: codes above 127 never occur", refusal.label);
        assert_eq!(error.gss_major(), refusal.major, "{}", refusal.label);
        assert_eq!(error.class(), refusal.class, "{}", refusal.label);
    }
}

#[test]
fn the_table_has_no_row_that_is_accepted_when_nothing_is_wrong() {
    let realm = refusals::realm();
    let keytab = realm.keytab_builder().service(SERVICE).service(HIDDEN).build().unwrap();
    let acceptor = Acceptor::builder(keytab).build().unwrap();
    let accepted = acceptor.accept(&realm.login("alice", SERVICE).token(), realm.now()).unwrap();
    assert!(accepted.tolerances().is_empty(), "{:?}", accepted.tolerances());
}

/// Names that only a build without `std` produces: with it, there always are a store and a source of randomness.
const WITHOUT_STD: [&str; 2] = ["Setup.Random", "Setup.ReplayStore"];

#[test]
fn every_name_in_the_source_is_produced() {
    let source = include_str!("../src/acceptor/error/codes.rs");
    let names = source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
    let names: BTreeSet<_> = names.filter(|name| !name.starts_with("GSS_S_")).collect();
    let mut produced: BTreeSet<_> = refusals::all().iter().map(|refusal| refusal.name).collect();
    produced.extend(WITHOUT_STD);
    assert_eq!(produced, names);
}

#[test]
fn every_variant_in_the_source_is_produced() {
    let source = include_str!("../src/acceptor/error/kind.rs");
    let enums = enums_of(source);
    assert!(enums.len() > 10, "{enums:?}: the reader is broken");
    let errors: Vec<_> =
        refusals::all().iter().map(|row| row.play(ReplayPolicy::Memory, |login| login).error).collect();
    let shown: Vec<_> = errors.iter().map(|error| format!("{:?}", error.kind())).collect();
    let kind = &enums[0].1;
    for (name, variants) in &enums {
        let outer = kind.iter().find(|variant| variant.payload == Some(name)).map(|variant| variant.name);
        for variant in variants {
            let found = |text: &String| match (*name, outer) {
                ("ErrorKind", _) => begins_with_word(text, variant.name),
                (_, Some(outer)) => {
                    text.strip_prefix(outer).is_some_and(|rest| begins_with_word(&rest[1..], variant.name))
                }
                (_, None) => text.split(": ").skip(1).any(|field| begins_with_word(field, variant.name)),
            };
            let without_std = *name == "SetupError" && WITHOUT_STD.contains(&&*format!("Setup.{}", variant.name));
            assert!(without_std || shown.iter().any(found), "no row of the table produces {name}::{}", variant.name);
        }
    }
}

#[derive(Debug)]
struct Variant<'a> {
    name: &'a str,
    payload: Option<&'a str>,
}

/// The enumerations of a source file with their variants, told by their indentation.
fn enums_of(source: &str) -> Vec<(&str, Vec<Variant<'_>>)> {
    let mut enums: Vec<(&str, Vec<Variant<'_>>)> = Vec::new();
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("pub enum ") {
            enums.push((name.trim_end_matches(" {"), Vec::new()));
        }
        let variant = line.strip_prefix("    ").filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        if let (Some(variant), Some((_, variants))) = (variant, enums.last_mut()) {
            let end = variant.find(|c: char| !c.is_alphanumeric()).unwrap_or(variant.len());
            let payload = variant[end..].strip_prefix('(').and_then(|rest| rest.split(')').next());
            variants.push(Variant { name: &variant[..end], payload });
        }
    }
    enums
}

fn begins_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

// ICE-13, CAS-23
// The lists of enctypes in some messages are those of a build with all of them.
#[cfg(feature = "camellia")]
#[test]
fn messages_and_hints_are_those_of_the_file() {
    let found = table();
    let expected = include_str!("vectors/messages-of-errors.txt");
    let to = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages-of-errors.txt");
    std::fs::write(&to, &found).unwrap();
    let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert!(found == expected, "first difference {differs:?}; the whole table is in {}", to.display());
}

/// The table as people read it.
#[cfg(feature = "camellia")]
fn table() -> String {
    use core::fmt::Write as _;
    let mut table = String::new();
    for refusal in refusals::all() {
        let error = refusal.play(ReplayPolicy::Memory, |login| login).error;
        let (kind, code) = (error.kind(), error.krb_error_code());
        writeln!(table, "{}: {}", kind.name(), refusal.label).unwrap();
        writeln!(table, "    {code}, {}, {:?}", error.gss_major().name(), error.class()).unwrap();
        writeln!(table, "    {error}").unwrap();
        writeln!(table, "    -> {}\n", error.hint()).unwrap();
    }
    table.truncate(table.trim_end().len());
    table + "\n"
}

// ICE-13, CAS-24
#[test]
fn a_message_is_one_clause_and_a_hint_is_never_missing() {
    for refusal in refusals::all() {
        let error = refusal.play(ReplayPolicy::Memory, |login| login).error;
        for text in [error.to_string(), error.hint().into_owned()] {
            assert!(!text.is_empty(), "{}", refusal.label);
            assert!(!text.ends_with('.'), "{}: {text}", refusal.label);
            assert!(!text.contains('\n') && !text.contains("  "), "{}: {text}", refusal.label);
            assert!(!text.contains("Some(") && !text.contains(" { "), "{}: {text}", refusal.label);
        }
        let first = error.to_string().chars().next().unwrap();
        assert!(first.is_lowercase() || refusal.name == "Setup.Service", "{}: {error}", refusal.label);
    }
}

// KTB-17, ICE-21
#[test]
fn ktb_17_no_output_shows_a_key() {
    let realm = refusals::realm();
    let mut keys: BTreeMap<_, _> = BTreeMap::new();
    let mut add = |key: EncryptionKey| keys.insert(key.keyvalue.clone(), key);
    let mut search = Search::default();

    let builder = Acceptor::builder(realm.keytab_builder().service(SERVICE).service(HIDDEN).build().unwrap());
    search.show(&builder);
    let acceptor = builder.build().unwrap();
    let login = realm.login("alice", SERVICE);
    let accepted = acceptor.accept(&login.token(), realm.now()).unwrap();
    let reply = login.verify_reply(accepted.reply().unwrap()).unwrap();
    service_keys(&realm).into_iter().chain(keys_of(&login)).for_each(|key| drop(add(key)));
    add(reply.ap_rep.unwrap().subkey.unwrap());
    search.show(&acceptor);
    search.show(acceptor.policy());
    search.show(&accepted);
    search.octets(accepted.reply().unwrap());
    search.octets(&login.token());

    for refusal in refusals::all() {
        let played = refusal.play(ReplayPolicy::Memory, |login| login);
        played.login.iter().flat_map(keys_of).for_each(|key| drop(add(key)));
        search.show(&played.error);
        search.show(played.error.kind());
        search.text(&format!("{} {}", played.error, played.error.hint()));
        search.text(&format!("{:?}", played.error.source().map(ToString::to_string)));
        search.octets(played.error.reply().unwrap_or_default());
    }

    assert!(keys.len() > 16 && search.outputs.len() > 200, "{} {}", keys.len(), search.outputs.len());
    for key in keys.values() {
        assert_eq!(search.find(key), None, "{:?}", key.keytype);
    }
}

#[test]
fn the_search_for_keys_finds_a_key_in_every_form() {
    let key = service_keys(&refusals::realm()).remove(0);
    let hex: String = key.keyvalue.iter().map(|octet| format!("{octet:02x}")).collect();
    let forms = [hex.clone(), hex.to_uppercase(), format!("{:?}", key.keyvalue), format!("{:x?}", key.keyvalue)];
    for form in forms {
        let mut search = Search::default();
        search.text(&format!("the key is {form}"));
        assert!(search.find(&key).is_some(), "{form}");
    }
    let mut search = Search::default();
    search.octets(&[b"..", &key.keyvalue[2..14], b".."].concat());
    assert!(search.find(&key).is_some());
}

fn service_keys(realm: &Realm) -> Vec<EncryptionKey> {
    let enctypes = || kerbside::crypto::supported_enctypes().map(|row| row.enctype);
    let of = |service| enctypes().map(move |enctype| (service, enctype));
    let all = of(SERVICE).chain(of(HIDDEN));
    all.map(|(service, enctype)| realm.service_key(&realm.principal(service), enctype, Realm::KVNO)).collect()
}

/// What a hostile peer would write into the log: a line of its own, a colour, text from right to left, no text at all.
const HOSTILE: &[u8] =
    b"x\r\n2026-03-01 accepted root\x1b[2K\x07\0\x7f\xff\xfe\xc2\x9b31m\xe2\x80\xae\xe2\x80\x8b\xe2\x81\xa6/@\\";

/// Octets that may stand in a line of a log: nothing that moves the cursor or hides its neighbours.
fn is_harmless(text: &str) -> bool {
    let hides =
        |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || hides(c))
}

#[test]
fn text_of_a_peer_is_escaped_in_every_message() {
    let realm = refusals::realm();
    let hostile = |login: Login, realm: &[u8]| {
        login
            .with_authenticator(|a| (a.crealm, a.cname.name_string) = (realm.to_vec(), vec![HOSTILE.to_vec()]))
            .with_ticket(|t| (t.crealm, t.cname.name_string) = (realm.to_vec(), vec![HOSTILE.to_vec()]))
    };
    let target = String::from_utf8_lossy(HOSTILE).into_owned();
    let login = || realm.login("alice", SERVICE);
    let cases: Vec<(&str, Login)> = vec![
        (
            "NoKey.Principal",
            login().with_ticket(|ticket| ticket.sname = PrincipalName::new(NameType::NT_SRV_HST, [HOSTILE])),
        ),
        ("NoKey.Principal", login().with_ticket(|ticket| ticket.realm = HOSTILE.to_vec())),
        ("ClientMismatch", login().with_authenticator(|a| a.crealm = HOSTILE.to_vec())),
        ("ClientMismatch", login().with_ticket(|t| t.cname.name_string = vec![HOSTILE.to_vec(), Vec::new()])),
        (
            "ClientRealmNotAllowed",
            hostile(login(), b"EXAMPLE.COM").with_ticket(|t| t.flags = TicketFlags::ANONYMOUS.into()),
        ),
        ("Transited", hostile(login(), HOSTILE).with_ticket(|t| t.flags = TicketFlags::default().into())),
        (
            "Transited",
            hostile(login(), b"FAR").with_ticket(|t| {
                t.flags = TicketFlags::default().into();
                t.transited = HOSTILE[..32].to_vec();
            }),
        ),
        (
            "NotForUs",
            login().with_authenticator(|a| {
                a.authorization_data = Some(vec![AuthorizationElement::client_target(&target)]);
            }),
        ),
    ];
    for (name, login) in cases {
        let keytab = realm.keytab(SERVICE).unwrap();
        let acceptor = Acceptor::builder(keytab).policy(careful()).build().unwrap();
        // Without the right key, a name that is not the keytab's is the error.
        let login = match name {
            "NoKey.Principal" => login.broken(kerbside::testing::Defect::WrongServiceKey),
            _ => login,
        };
        let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), name, "{error}");
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        for text in
            [error.to_string(), format!("{error:?}"), format!("{:?}", error.kind()), error.hint().into_owned(), source]
        {
            assert!(is_harmless(&text), "{name}: {text:?}");
        }
    }
}

#[test]
fn a_long_name_does_not_fill_the_log() {
    let realm = refusals::realm();
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).policy(careful()).build().unwrap();
    let long = || vec![0x07; 30_000];
    let login = || realm.login("alice", SERVICE);
    let cases = [
        ("NoKey.Principal", login().with_ticket(|t| t.sname = PrincipalName::new(NameType::NT_SRV_HST, [long()]))),
        ("NoKey.Principal", login().with_ticket(|t| t.realm = long())),
        ("ClientMismatch", login().with_authenticator(|a| a.crealm = long())),
        (
            "Transited",
            login().with_authenticator(|a| a.crealm = long()).with_ticket(|t| {
                (t.crealm, t.tr_type) = (long(), 7);
            }),
        ),
        (
            "NotForUs",
            login().with_authenticator(|a| {
                let target = AuthorizationElement::client_target(&"\u{202e}".repeat(12_000));
                a.authorization_data = Some(vec![target]);
            }),
        ),
        (
            "Negotiation.NoCommonMechanism",
            login()
                .offering(&[Oid(vec![0x2a; 60_000].into())])
                .with_negotiation(|init| init.mech_token = MechToken::Absent),
        ),
    ];
    for (name, login) in cases {
        let login = match name {
            "NoKey.Principal" => login.broken(kerbside::testing::Defect::WrongServiceKey),
            _ => login,
        };
        let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), name, "{error}");
        let shown = [error.to_string(), format!("{error:?}"), error.hint().into_owned()];
        let longest = shown.iter().map(|text| text.chars().count()).max().unwrap();
        assert!(longest < 2_000, "{name}: {longest} characters");
        assert!(shown[0].contains('…'), "{name}: {error}");
    }
}

#[test]
fn a_name_as_long_as_dns_allows_is_shown_whole() {
    let realm = refusals::realm();
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).build().unwrap();
    let (host, elsewhere) = ("h".repeat(253), "R".repeat(253));
    let login = realm.login("alice", SERVICE).cleartext_service(&format!("HTTP/{host}@{elsewhere}"));
    let login = login.broken(kerbside::testing::Defect::WrongServiceKey);
    let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
    assert!(error.to_string().contains(&format!("HTTP/{host}@{elsewhere}, which")), "{error}");
}

/// The default with whatever else looks at names.
fn careful() -> Policy {
    let mut policy = Policy::default();
    policy.target = TargetPolicy::VerifyIfPresent;
    policy.direct_cross_realm = Leniency::Refuse;
    policy
}

#[test]
fn an_accepted_hostile_name_is_escaped_when_shown_and_whole_when_used() {
    let realm = refusals::realm();
    let client = Principal::new(b"EXAMPLE.COM", [HOSTILE]);
    let login = realm.login_of(&client, realm.principal(SERVICE));
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).build().unwrap();
    let accepted = acceptor.accept(&login.token(), realm.now()).unwrap();
    assert_eq!(*accepted.client(), client);
    assert!(is_harmless(&accepted.client().to_string()), "{:?}", accepted.client().to_string());
    assert!(is_harmless(&format!("{accepted:?}")));
}

#[test]
fn text_of_the_caller_is_escaped_as_well() {
    let realm = refusals::realm();
    let service = String::from_utf8_lossy(HOSTILE).into_owned();
    let error = Acceptor::builder(realm.keytab(SERVICE).unwrap()).service(&service).build().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Setup(_)), "{error}");
    assert!(is_harmless(&error.to_string()), "{:?}", error.to_string());
}

// CAS-24
#[test]
fn an_error_shows_its_cause_as_source() {
    for refusal in refusals::all() {
        let error = refusal.play(ReplayPolicy::Memory, |login| login).error;
        let expected = matches!(refusal.name, "Token.Malformed" | "Ticket.Malformed" | "NoKey.File")
            || (refusal.name == "Authenticator.Malformed" && refusal.code == 31)
            || refusal.label == "delegated credentials that are no KRB-CRED";
        assert_eq!(error.source().is_some(), expected, "{}", refusal.label);
        if let Some(source) = error.source() {
            assert!(error.to_string().contains(&source.to_string()), "{error}: {source}");
        }
    }
}

#[test]
fn a_missing_keytab_is_named_with_its_path_and_the_reason() {
    let error = kerbside::Keytab::from_file("no-such-directory/web.keytab").map_err(kerbside::Error::from).unwrap_err();
    assert_eq!((error.kind().name(), error.krb_error_code()), ("NoKey.File", KrbErrorCode::KRB_AP_ERR_NOKEY));
    assert!(error.to_string().starts_with("keytab no-such-directory/web.keytab does not exist"), "{error}");
    assert_eq!(error.reply(), None);
}

#[test]
fn an_enctype_is_always_shown_with_its_number() {
    let realm = refusals::realm();
    let acceptor = Acceptor::builder(realm.keytab(SERVICE).unwrap()).build().unwrap();
    for (enctype, shown) in [(Enctype::RC4_HMAC, "rc4-hmac (23)"), (Enctype(99), "99")] {
        let login = realm.login("alice", SERVICE).ticket_enctype(enctype);
        let error = acceptor.accept(&login.token(), realm.now()).unwrap_err();
        assert!(error.to_string().contains(shown), "{error}");
    }
}
