//! The doctor: every kind of finding, produced and nearly produced. What it says stands in `vectors/messages-of-doctor.txt`, one after
//! the other, so that somebody reads it together.
#![cfg(all(feature = "testing", feature = "std"))]

use core::time::Duration;
use kerbside::explain::doctor::{Diagnosis, Doctor, FindingKind, Severity, Subject, header_octets};
use kerbside::numbers::Enctype;
use kerbside::testing::{EncryptionKey, KeytabBuilder, KvnoTrailer, Realm};
use kerbside::{
    AddressPolicy, AliasPolicy, BindingPolicy, EnctypeRole, KerberosTime, Keytab, Leniency, Limits, NameCase, Policy,
    TargetPolicy, Timestamp,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HOST: &str = "www.example.com";
const WEB: &str = "HTTP/www.example.com";
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;

fn realm() -> Realm {
    Realm::new("EXAMPLE.COM")
}

fn empty() -> KeytabBuilder {
    realm().keytab_builder()
}

fn good() -> KeytabBuilder {
    with(empty(), WEB, &[AES256, AES128])
}

fn with(builder: KeytabBuilder, service: &str, enctypes: &[Enctype]) -> KeytabBuilder {
    enctypes.iter().fold(builder, |builder, enctype| builder.key(service, *enctype, Realm::KVNO))
}

/// An entry with a key of those octets.
fn entry(builder: KeytabBuilder, enctype: i32, octets: &[u8]) -> KeytabBuilder {
    let key = EncryptionKey::new(Enctype(enctype), octets);
    builder.entry(&realm().principal(WEB), Realm::KVNO, &key)
}

/// What the doctor says of these keys, asked by someone who expects the usual host and realm.
fn of(keytab: &KeytabBuilder) -> Diagnosis {
    asked(keytab, |doctor| doctor.expect_host(HOST).expect_realm("EXAMPLE.COM"))
}

fn asked(keytab: &KeytabBuilder, ask: impl FnOnce(Doctor<'_>) -> Doctor<'_>) -> Diagnosis {
    let keytab = keytab.build().unwrap();
    ask(Doctor::new(&keytab).service("HTTP").at(realm().now())).examine()
}

fn with_policy(keytab: &KeytabBuilder, change: impl FnOnce(&mut Policy)) -> Diagnosis {
    let mut policy = Policy::default();
    change(&mut policy);
    asked(keytab, |doctor| doctor.policy(&policy))
}

/// With keys of all services that are there.
fn any(keytab: &KeytabBuilder) -> Diagnosis {
    let keytab = keytab.build().unwrap();
    Doctor::new(&keytab).at(realm().now()).examine()
}

fn days_from_start(days: i64) -> KerberosTime {
    KerberosTime::from_unix_seconds(realm().now().second().unix_seconds() + days * 86_400)
}

type Examined = fn() -> Diagnosis;

/// One kind: what produces it, and what nearly does.
struct Row {
    kind: FindingKind,
    label: &'static str,
    ill: Examined,
    near: Examined,
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    use FindingKind as Kind;
    let row = |kind, label, ill, near| Row { kind, label, ill, near };
    let rows: &[(Kind, &str, Examined, Examined)] = &[
        (Kind::KeytabEmpty, "no entries", || of(&empty()), || of(&good())),
        (Kind::FileOctetsAfterEnd, "two files behind each other", || after_end(&[0, 0, 0, 0, 5, 2]), || after_end(&[0, 0, 0, 0, 0, 0])),
        (Kind::ServiceText, "a service with two slashes", || asked(&good(), |d| d.service("HTTP/a/b")), || asked(&good(), |d| d.service(WEB))),
        (Kind::ServiceNotInKeytab, "another service", || asked(&good(), |d| d.service("imap")), || asked(&good(), |d| d.service("HTTP"))),
        (Kind::ServiceNotInKeytab, "the service in another case", || asked(&good(), |d| d.service("http")), || asked(&good(), |d| d.service("HTTP@www.example.com"))),
        (Kind::ServiceExcluded, "two services, one accepted", || of(&with(good(), "imap/www.example.com", &[AES256])), || any(&with(good(), "imap/www.example.com", &[AES256]))),
        (Kind::EnctypeNoneUsable, "DES alone", || of(&entry(empty(), 3, &[7; 8])), || of(&entry(good(), 3, &[7; 8]))),
        (Kind::EnctypeNonePermitted, "AES-128 where only AES-256 is permitted", || only_aes256(&[AES128]), || only_aes256(&[AES128, AES256])),
        (Kind::EnctypeOnlyRc4, "RC4 alone, refused", || of(&with(empty(), WEB, &[Enctype::RC4_HMAC])), || of(&with(empty(), WEB, &[Enctype::RC4_HMAC, AES256]))),
        (Kind::EnctypeOnlyRc4, "RC4 alone, permitted", || rc4_permitted(&[Enctype::RC4_HMAC]), || rc4_permitted(&[Enctype::RC4_HMAC, AES128])),
        (Kind::EnctypeNoAes256, "AES-128 alone", || of(&with(empty(), WEB, &[AES128])), || of(&with(empty(), WEB, &[AES256]))),
        (Kind::EnctypeOnlyAesSha2, "RFC 8009 alone", || of(&with(empty(), WEB, &AES_SHA2)), || of(&with(with(empty(), WEB, &AES_SHA2), WEB, &[AES256]))),
        (Kind::EnctypeNotPermitted, "RC4 beside AES", || of(&with(good(), WEB, &[Enctype::RC4_HMAC])), || rc4_permitted(&[AES256, Enctype::RC4_HMAC])),
        (Kind::EnctypeWeak, "DES beside AES, and triple DES", || of(&entry(entry(good(), 1, &[7; 8]), 16, &[7; 24])), || of(&entry(good(), 99, &[7; 8]))),
        (Kind::EnctypeUnknown, "a number that is not registered", || of(&entry(good(), 99, &[7; 8])), || of(&entry(good(), 3, &[7; 8]))),
        (Kind::KeyLength, "AES-256 with 31 octets", || of(&entry(good(), 20, &[7; 31])), || of(&entry(good(), 20, &[7; 32]))),
        (Kind::DuplicateOtherKey, "two keys of one version", || of(&entry(good(), 18, &[7; 32])), || of(&entry(good(), 20, &[7; 32]))),
        (Kind::DuplicateSameKey, "an entry twice", || of(&good().key(WEB, AES256, 2)), || of(&good().key(WEB, AES256, 3))),
        (Kind::KvnoZero, "kvno 0", || of(&empty().key(WEB, AES256, 0)), || of(&empty().key(WEB, AES256, 1))),
        (Kind::KvnoWrap, "255 and, younger, 1", || of(&wrapped(-1, 0)), || of(&wrapped(0, -1))),
        (Kind::KvnoEightBits, "255 in 8 bits", || of(&eight_bits(255, KvnoTrailer::Omit)), || of(&eight_bits(255, KvnoTrailer::Write))),
        (Kind::KvnoEightBits, "4 in 8 bits beside 259 in 32", || of(&eight_bits(4, KvnoTrailer::Omit).kvno_trailer(KvnoTrailer::Write).key(WEB, AES256, 259)), || of(&eight_bits(4, KvnoTrailer::Omit).key(WEB, AES256, 5))),
        (Kind::TimeFuture, "made six minutes from now", || of(&made_in(Duration::from_secs(360))), || of(&made_in(Duration::from_secs(300)))),
        (Kind::TimeOld, "made two years and a day ago", || of(&made_on_day(-731)), || of(&made_on_day(-730))),
        (Kind::NameOfKdc, "krbtgt", || any(&with(good(), "krbtgt/EXAMPLE.COM", &[AES256])), || any(&with(good(), "krbtgt-proxy/www.example.com", &[AES256]))),
        (Kind::NameOfUser, "a user", || any(&with(good(), "svc-web", &[AES256])), || any(&with(good(), "WEB01$", &[AES256]))),
        (Kind::NameOfHost, "the machine's key", || any(&with(good(), "host/www.example.com", &[AES256])), || any(&with(empty(), "host/www.example.com", &[AES256]))),
        (Kind::NameServiceCase, "http in lower case", || any(&with(empty(), "http/www.example.com", &[AES256])), || any(&with(empty(), "imap/www.example.com", &[AES256]))),
        (Kind::NameServiceCase, "http in lower case, ignored", || any_windows(&with(empty(), "http/www.example.com", &[AES256])), || any_windows(&good())),
        (Kind::NameHostCase, "a host in capitals", || any(&with(empty(), "HTTP/WWW.example.com", &[AES256])), || any(&with(empty(), "HTTP/WWW", &[AES256]))),
        (Kind::NameRealmCase, "a realm in lower case", || any(&with(empty(), "HTTP/www.example.com@example.com", &[AES256])), || any(&good())),
        (Kind::NameDiffersInCase, "two spellings", || any(&with(good(), "HTTP/Www.example.com", &[AES256])), || any(&with(good(), "HTTP/ww.example.com", &[AES256]))),
        (Kind::HostNotCovered, "another host of the domain", || asked(&good(), |d| d.expect_host("intranet.example.com")), || asked(&good(), |d| d.expect_host("WWW.Example.COM"))),
        (Kind::HostNotCovered, "a host of nowhere near", || asked(&good(), |d| d.expect_host("shop.example.org").policy(&Policy::strict())), || asked(&with(good(), "HTTP/shop.example.org", &[AES256]), |d| d.expect_host("shop.example.org"))),
        (Kind::HostOtherForm, "the short name alone", || of(&with(empty(), "HTTP/www", &[AES256])), || of(&with(good(), "HTTP/www", &[AES256]))),
        (Kind::HostOtherForm, "the long name alone", || asked(&good(), |d| d.expect_host("www")), || asked(&good(), |d| d.expect_host("ww"))),
        (Kind::HostOtherCase, "the host in another case", || of(&with(empty(), "HTTP/WWW.example.com", &[AES256])), || windows(&with(empty(), "HTTP/WWW.example.com", &[AES256]))),
        (Kind::HostOtherRealm, "the host in another realm", || of(&with(empty(), "HTTP/www.example.com@OTHER.COM", &[AES256])), || of(&with(good(), "HTTP/www.example.com@OTHER.COM", &[AES256]))),
        (Kind::HostExcluded, "the host, of a service that is not accepted", || asked(&good(), |d| d.service("HTTP/shop.example.com").expect_host(HOST)), || asked(&good(), |d| d.service(WEB).expect_host(HOST))),
        (Kind::HostCanonical, "an alias of a host that has no entry", || asked(&good(), |d| d.expect_alias(HOST, "web01.example.com")), || asked(&with(good(), "HTTP/web01.example.com", &[AES256]), |d| d.expect_alias(HOST, "web01.example.com"))),
        (Kind::HostPort, "a port", || asked(&good(), |d| d.expect_host("http://www.example.com:8080/")), || asked(&good(), |d| d.expect_host("https://www.example.com:443/"))),
        (Kind::HostShort, "a short name", || asked(&with(empty(), "HTTP/www", &[AES256]), |d| d.expect_host("www")), || of(&good())),
        (Kind::HostIsAddress, "an address", || asked(&good(), |d| d.expect_host("http://192.0.2.1:8080")), || asked(&good(), |d| d.expect_host("192.0.2.1.example.com"))),
        (Kind::HostNotAName, "letters outside ASCII", || asked(&good(), |d| d.expect_host("b\u{fc}cher.example")), || asked(&good(), |d| d.expect_host("xn--bcher-kva.example"))),
        (Kind::RealmNotCovered, "an expected realm without keys", || asked(&good(), |d| d.expect_realm("CORP.EXAMPLE.COM")), || asked(&with(good(), "HTTP/www.example.com@CORP.EXAMPLE.COM", &[AES256]), |d| d.expect_realm("CORP.EXAMPLE.COM"))),
        (Kind::RealmUnexpected, "a realm that was not expected", || of(&with(good(), "HTTP/www.example.com@EXAMPL.COM", &[AES256])), || asked(&with(good(), "HTTP/www.example.com@EXAMPL.COM", &[AES256]), |d| d)),
        (Kind::RealmSeveral, "two realms", || asked(&with(good(), "HTTP/www.example.com@CORP.EXAMPLE.COM", &[AES256]), |d| d), || asked(&with(good(), "HTTP/web.example.com", &[AES256]), |d| d)),
        (Kind::PolicyNoEnctype, "no enctype for tickets", || with_policy(&good(), |p| p.enctypes.set(EnctypeRole::Ticket, [])), || with_policy(&good(), |p| p.enctypes.set(EnctypeRole::Subkey, []))),
        (Kind::PolicyNoEnctype, "no enctype for session keys", || with_policy(&good(), |p| p.enctypes.set(EnctypeRole::SessionKey, [])), || with_policy(&good(), |p| p.enctypes.set(EnctypeRole::SessionKey, [AES256]))),
        (Kind::PolicyRc4, "RC4 tickets", || with_policy(&good(), |p| p.enctypes.allow(EnctypeRole::Ticket, Enctype::RC4_HMAC)), || with_policy(&good(), |p| p.enctypes.allow(EnctypeRole::SessionKey, Enctype::RC4_HMAC))),
        (Kind::PolicyBindings, "bindings required", || with_policy(&good(), |p| p.channel_bindings = BindingPolicy::Require), || with_policy(&good(), |p| p.channel_bindings = BindingPolicy::AcceptIfAbsent)),
        (Kind::PolicyUnbound, "unbound connections refused", || with_policy(&good(), |p| p.unbound_connections = Leniency::Refuse), || with_policy(&good(), |p| p.unbound_connections = Leniency::Tolerate)),
        (Kind::PolicyAddresses, "addresses required", || with_policy(&good(), |p| p.addresses = AddressPolicy::Require), || with_policy(&good(), |p| p.addresses = AddressPolicy::VerifyIfPresent)),
        (Kind::PolicyTarget, "target required", || with_policy(&good(), |p| p.target = TargetPolicy::Require), || with_policy(&good(), |p| p.target = TargetPolicy::VerifyIfPresent)),
        (Kind::PolicySkewSmall, "no skew", || with_policy(&good(), |p| p.skew = Duration::from_millis(999)), || with_policy(&good(), |p| p.skew = Duration::from_secs(1))),
        (Kind::PolicySkewLarge, "a skew above an hour", || with_policy(&good(), |p| p.skew = Duration::from_secs(3_601)), || with_policy(&good(), |p| p.skew = Duration::from_secs(3_600))),
        (Kind::PolicyClientRealms, "no clients at all", || client_realms(&[]), || client_realms(&["EXAMPLE.COM"])),
        (Kind::PolicyClientRealms, "no clients of the own realm", || client_realms(&["CORP.EXAMPLE.COM"]), || client_realms(&["CORP.EXAMPLE.COM", "EXAMPLE.COM"])),
        (Kind::LimitsToken, "tokens of 47,999 octets", || token_limit(47_999), || token_limit(48_000)),
        (Kind::LimitsHeader, "nginx as it comes", || asked(&good(), |d| d.header_limit(8_192)), || asked(&good(), |d| d.header_limit(header_octets(48_000)))),
    ];
    let mut rows: Vec<_> = rows.iter().map(|(kind, label, ill, near)| row(*kind, label, *ill, *near)).collect();
    #[cfg(feature = "camellia")]
    rows.push(row(Kind::EnctypeNoAes, "Camellia alone", || of(&with(empty(), WEB, &[Enctype::CAMELLIA256_CTS_CMAC])), || of(&with(good(), WEB, &[Enctype::CAMELLIA256_CTS_CMAC]))));
    #[cfg(not(feature = "camellia"))]
    rows.push(row(Kind::EnctypeNotBuiltIn, "Camellia", || of(&entry(good(), 26, &[7; 32])), || of(&entry(good(), 99, &[7; 32]))));
    #[cfg(unix)]
    rows.push(row(Kind::FileReadableByOthers, "mode 0644", || file_of_mode(0o644), || file_of_mode(0o600)));
    rows.push(row(Kind::FileNamedOtherwise, "a file that is named after another host", || named("HTTP#web.example.com@EXAMPLE.COM"), || named("HTTP#www.example.com@EXAMPLE.COM")));
    rows
}

const AES_SHA2: [Enctype; 2] = [Enctype::AES128_CTS_HMAC_SHA256_128, Enctype::AES256_CTS_HMAC_SHA384_192];

fn after_end(octets: &[u8]) -> Diagnosis {
    let keytab = Keytab::from_bytes(&[&good().to_octets(), octets].concat()).unwrap();
    Doctor::new(&keytab).examine()
}

fn only_aes256(keys: &[Enctype]) -> Diagnosis {
    with_policy(&with(empty(), WEB, keys), |policy| policy.enctypes.set(EnctypeRole::Ticket, [AES256]))
}

fn rc4_permitted(keys: &[Enctype]) -> Diagnosis {
    with_policy(&with(empty(), WEB, keys), |policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC))
}

/// Kvno 255 and kvno 1, made on those days.
fn wrapped(day_of_255: i64, day_of_1: i64) -> KeytabBuilder {
    let builder = empty().timestamp(days_from_start(day_of_255)).key(WEB, AES256, 255);
    builder.timestamp(days_from_start(day_of_1)).key(WEB, AES256, 1)
}

fn eight_bits(kvno: u32, trailer: KvnoTrailer) -> KeytabBuilder {
    empty().kvno_trailer(trailer).key(WEB, AES256, kvno)
}

fn made_on_day(day: i64) -> KeytabBuilder {
    empty().timestamp(days_from_start(day)).key(WEB, AES256, 2)
}

fn made_in(time: Duration) -> KeytabBuilder {
    empty().timestamp(realm().now().saturating_add(time).second()).key(WEB, AES256, 2)
}

fn windows(keytab: &KeytabBuilder) -> Diagnosis {
    asked(keytab, |doctor| doctor.policy(&Policy::windows_compatible()).expect_host(HOST))
}

fn any_windows(keytab: &KeytabBuilder) -> Diagnosis {
    let keytab = keytab.build().unwrap();
    Doctor::new(&keytab).policy(&Policy::windows_compatible()).examine()
}

fn client_realms(realms: &[&str]) -> Diagnosis {
    with_policy(&good(), |policy| {
        policy.client_realms = Some(realms.iter().map(|realm| realm.as_bytes().into()).collect())
    })
}

fn token_limit(octets: usize) -> Diagnosis {
    let mut limits = Limits::default();
    limits.token_octets = octets;
    asked(&good(), |doctor| doctor.limits(&limits))
}

/// A directory of this test's own, which other runs at the same time do not touch.
fn scratch(name: &str) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "-");
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("doctor-{}-{thread}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

#[cfg(unix)]
fn file_of_mode(mode: u32) -> Diagnosis {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = scratch("mode");
    let path = directory.join("http.keytab");
    std::fs::write(&path, good().to_octets()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    let diagnosis = Doctor::new(&Keytab::from_file(&path).unwrap()).examine();
    std::fs::remove_dir_all(&directory).unwrap();
    diagnosis
}

fn named(name: &str) -> Diagnosis {
    let directory = scratch("named");
    std::fs::write(directory.join(name), good().to_octets()).unwrap();
    let diagnosis = Doctor::new(&Keytab::from_dir(&directory).unwrap()).examine();
    std::fs::remove_dir_all(&directory).unwrap();
    diagnosis
}

fn kinds(diagnosis: &Diagnosis) -> Vec<FindingKind> {
    diagnosis.findings().iter().map(kerbside::explain::doctor::Finding::kind).collect()
}

// ICE-07, ICE-10, ICE-21, F5-08, CAS-04, CAS-07, CAS-08, ASK-11: each is a row.
#[test]
fn each_kind_is_found_where_it_is_and_not_where_it_nearly_is() {
    for row in rows() {
        let (ill, near) = ((row.ill)(), (row.near)());
        assert!(kinds(&ill).contains(&row.kind), "{} is not found: {}\n{ill}", row.kind, row.label);
        assert!(!kinds(&near).contains(&row.kind), "{} is found in a near miss: {}\n{near}", row.kind, row.label);
    }
}

#[test]
fn every_kind_has_a_row() {
    let found: BTreeSet<_> = rows().iter().map(|row| row.kind.name()).collect();
    let of_other_builds = if cfg!(feature = "camellia") { "Enctype.NotBuiltIn" } else { "Enctype.NoAes" };
    let unix_only = if cfg!(unix) { None } else { Some("File.ReadableByOthers") };
    let missing = |kind: &&FindingKind| {
        !found.contains(kind.name()) && kind.name() != of_other_builds && Some(kind.name()) != unix_only
    };
    assert_eq!(FindingKind::ALL.iter().filter(missing).collect::<Vec<_>>(), [&FindingKind::KeytabEmpty; 0]);
}

#[test]
fn names_of_kinds_are_unique() {
    let names: BTreeSet<_> = FindingKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), FindingKind::ALL.len());
}

#[test]
fn a_well_made_keytab_has_no_finding_at_all() {
    let keytab = with(good(), "HTTP/web01.example.com", &[AES256, AES128]);
    let diagnosis = asked(&keytab, |doctor| {
        doctor
            .policy(&Policy::default())
            .expect_host(HOST)
            .expect_alias(HOST, "web01.example.com")
            .expect_realm("EXAMPLE.COM")
            .limits(&Limits::default())
            .header_limit(65_536)
    });
    assert_eq!(diagnosis.findings(), [], "{diagnosis}");
    assert_eq!(diagnosis.worst(), None);
    assert!(diagnosis.to_string().starts_with("no errors, no warnings, no notes\n"));
    let windows = asked(&good(), |doctor| doctor.policy(&Policy::windows_compatible()).expect_host(HOST));
    assert_eq!(windows.findings(), [], "{windows}");
}

// CAS-11
#[test]
fn cas_11_the_kdc_is_asked_about_names_that_a_shell_takes_as_they_are() {
    let mut keytab = with(good(), "HTTP/a;reboot", &[AES256]);
    keytab = with(keytab, "HTTP/only-des", &[Enctype::DES_CBC_CRC]);
    keytab = with(keytab, "imap/mail", &[AES256]);
    let diagnosis = asked(&keytab, |doctor| doctor.service("HTTP"));
    let command = format!("kvno -k FILE {WEB}@EXAMPLE.COM");
    assert_eq!(diagnosis.commands_for_the_kdc(), core::slice::from_ref(&command));
    assert!(diagnosis.to_string().ends_with(&format!("with a ticket of anybody's (`kinit`):\n  {command}\n")));
    let many = (0..9).fold(good(), |keytab, number| with(keytab, &format!("HTTP/host{number}"), &[AES256]));
    assert_eq!(of(&many).commands_for_the_kdc().len(), 4);
    assert_eq!(of(&empty()).commands_for_the_kdc(), [""; 0]);
}

#[test]
fn a_policy_that_permits_rc4_makes_rc4_alone_a_warning() {
    let severity = |diagnosis: &Diagnosis| {
        let finding = diagnosis.findings().iter().find(|finding| finding.kind() == FindingKind::EnctypeOnlyRc4);
        finding.map(kerbside::explain::doctor::Finding::severity)
    };
    assert_eq!(severity(&of(&with(empty(), WEB, &[Enctype::RC4_HMAC]))), Some(Severity::Error));
    assert_eq!(severity(&rc4_permitted(&[Enctype::RC4_HMAC])), Some(Severity::Warning));
}

#[test]
fn a_policy_that_ignores_case_makes_case_a_note() {
    let keytab = with(empty(), "http/WWW.example.com", &[AES256]);
    for (case, severity) in [(NameCase::Exact, Severity::Warning), (NameCase::IgnoreServiceAndHost, Severity::Note)] {
        let diagnosis = with_policy(&keytab, |policy| policy.name_case = case);
        let case_findings: Vec<_> = diagnosis
            .findings()
            .iter()
            .filter(|finding| [FindingKind::NameServiceCase, FindingKind::NameHostCase].contains(&finding.kind()))
            .map(kerbside::explain::doctor::Finding::severity)
            .collect();
        assert_eq!(case_findings, [severity; 2]);
    }
}

// KTB-11
#[test]
fn ktb_11_the_doctor_warns_of_equal_names_with_different_keys() {
    let diagnosis = of(&entry(good(), 18, &[7; 32]));
    let finding = diagnosis.findings().first().unwrap();
    assert_eq!((finding.kind(), finding.severity()), (FindingKind::DuplicateOtherKey, Severity::Warning));
    let Subject::Entry(first) = finding.subject() else { panic!("{finding}") };
    assert_eq!((first.number, first.kvno, first.enctype), (1, 2, AES256));
    assert!(finding.message().contains("entry 3"), "{finding}");
}

// KTB-18
#[test]
fn ktb_18_the_doctor_warns_of_keys_of_users() {
    let diagnosis = any(&with(good(), "alice", &[AES256]));
    let finding = diagnosis.findings().first().unwrap();
    assert_eq!((finding.kind(), finding.severity()), (FindingKind::NameOfUser, Severity::Warning));
    assert_eq!(finding.subject().to_string(), "alice@EXAMPLE.COM");
}

// ASK-11
#[test]
fn both_names_of_an_alias_are_told_with_who_asks_for_them() {
    let diagnosis = asked(&good(), |doctor| doctor.expect_alias("https://www.example.com:8443", "web01.example.com"));
    let names: Vec<_> = diagnosis.names_asked_for().iter().map(|name| (name.name(), name.is_covered())).collect();
    assert_eq!(names, [(WEB, true), ("HTTP/web01.example.com", false), ("HTTP/www.example.com:8443", false)]);
    let other = asked(&good(), |doctor| doctor.service("imap").expect_host("mail.example.com"));
    assert_eq!(other.names_asked_for().first().map(|name| name.name()), Some("imap/mail.example.com"));
}

#[test]
fn a_host_is_not_covered_by_another_realm_where_one_is_expected() {
    let keytab = with(empty(), "HTTP/www.example.com@OTHER.COM", &[AES256]);
    assert!(!kinds(&asked(&keytab, |doctor| doctor.expect_host(HOST))).contains(&FindingKind::HostOtherRealm));
    assert!(kinds(&of(&keytab)).contains(&FindingKind::HostOtherRealm));
}

#[test]
fn without_aliases_the_message_leaves_them_out() {
    let message = |aliases| {
        let mut policy = Policy::default();
        policy.aliases = aliases;
        let diagnosis = asked(&good(), |doctor| doctor.policy(&policy).expect_host("intranet.example.com"));
        diagnosis.findings().first().unwrap().message().to_owned()
    };
    assert!(message(AliasPolicy::TryOthers).contains("unless one account has both names"));
    assert!(!message(AliasPolicy::NameMustMatch).contains("unless"));
}

#[test]
fn errors_come_before_warnings_and_warnings_before_notes() {
    let keytab = entry(with(with(empty(), "http/a.example.com", &[AES128]), "imap/b", &[AES256]), 3, &[7; 8]);
    let diagnosis = any(&keytab);
    assert!(diagnosis.findings().is_sorted_by_key(kerbside::explain::doctor::Finding::severity));
    assert_eq!(diagnosis.worst(), Some(Severity::Error));
    assert!(diagnosis.of_severity(Severity::Warning).count() > 1);
}

#[test]
fn a_keytab_of_ten_thousand_names_is_examined_in_one_go() {
    let many = (0..10_000).fold(empty(), |builder, n| builder.key(&format!("HTTP/h{n}.example.com"), AES256, 2));
    let diagnosis = asked(&many, |doctor| doctor.expect_host("h9999.example.com"));
    assert_eq!(diagnosis.findings(), []);
    let one = (0..3_000).fold(empty(), |builder, kvno| builder.key(WEB, AES256, kvno + 1));
    assert_eq!(kinds(&of(&one)), [FindingKind::KvnoWrap]);
}

#[test]
fn without_a_time_nothing_is_said_of_ages() {
    let keytab = made_on_day(-5_000).build().unwrap();
    assert_eq!(Doctor::new(&keytab).examine().findings(), []);
    let unknown = empty().timestamp(KerberosTime::from_unix_seconds(0)).key(WEB, AES256, 2).build().unwrap();
    assert_eq!(Doctor::new(&unknown).at(Timestamp::from_unix_micros(i64::MAX)).examine().findings(), []);
}

#[test]
fn hostile_names_cannot_write_lines_of_their_own() {
    let hostile = "x\n  error y\x1b[2K\u{202e}";
    let principal = kerbside::Principal::new(hostile, [hostile, hostile]);
    let key = EncryptionKey::new(AES128, vec![7; 16]);
    let keytab = good().entry(&principal, 0, &key).build().unwrap();
    let doctor =
        Doctor::new(&keytab).service(hostile).expect_host(hostile).expect_realm(hostile).expect_alias(HOST, hostile);
    let diagnosis = doctor.examine();
    let text = diagnosis.to_string();
    let lines = 2 * diagnosis.findings().len() + diagnosis.names_asked_for().len();
    let headings =
        text.lines().filter(|line| line.ends_with("s:") || line.ends_with("for:") || line.is_empty()).count();
    assert_eq!(text.lines().count(), lines + headings + 1, "{text}");
    assert!(!text.contains('\x1b') && !text.contains('\u{202e}'), "{text}");
}

// KTB-17
#[test]
fn ktb_17_no_finding_shows_a_key() {
    for octets in [&[0xa7; 32][..], &[0xa7; 31]] {
        let diagnosis = of(&entry(good(), 18, octets));
        for text in [diagnosis.to_string(), format!("{diagnosis:?}")] {
            assert!(!text.contains("a7a7") && !text.contains("167, 167") && !text.contains("a7, a7"), "{text}");
        }
    }
}

#[test]
fn a_message_is_one_clause_and_a_remedy_is_never_missing() {
    for row in rows() {
        for finding in (row.ill)().findings() {
            for text in [finding.message(), finding.remedy()] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", row.label);
                assert!(!text.contains('\n') && !text.contains("  ") && !text.contains(" { "), "{}: {text}", row.label);
            }
        }
    }
}

// Which enctypes there are is the build's; who may read a file is Unix's.
#[cfg(all(feature = "camellia", unix))]
#[test]
fn messages_and_remedies_are_those_of_the_file() {
    let found = table();
    let expected = include_str!("vectors/messages-of-doctor.txt");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages-of-doctor.txt");
    std::fs::write(&to, &found).unwrap();
    let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert!(found == expected, "first difference {differs:?}; the whole table is in {}", to.display());
}

/// The table as people read it: of each row the finding that it is about.
#[cfg(all(feature = "camellia", unix))]
fn table() -> String {
    use core::fmt::Write as _;
    let mut table = String::new();
    for row in rows() {
        let diagnosis = (row.ill)();
        let finding = diagnosis.findings().iter().find(|finding| finding.kind() == row.kind).unwrap();
        writeln!(table, "{}: {}", row.kind, row.label).unwrap();
        writeln!(table, "    {}, {}", finding.severity(), in_no_directory(&finding.subject().to_string())).unwrap();
        writeln!(table, "    {}", in_no_directory(finding.message())).unwrap();
        writeln!(table, "    -> {}\n", in_no_directory(finding.remedy())).unwrap();
    }
    table.truncate(table.trim_end().len());
    table + "\n"
}

/// Where this test keeps its files is nobody's affair.
#[cfg(all(feature = "camellia", unix))]
fn in_no_directory(text: &str) -> String {
    let Some(start) = text.find(env!("CARGO_TARGET_TMPDIR")) else { return text.to_owned() };
    let path = text[start..].split(' ').next().unwrap().trim_end_matches('`');
    let name = path.rsplit('/').next().unwrap();
    text.replace(path, &format!("/etc/keytabs/{name}"))
}

#[cfg(feature = "serde")]
#[test]
fn machines_get_the_same_in_fields() {
    let diagnosis = asked(&entry(good(), 18, &[7; 31]), |doctor| doctor.expect_host("intranet.example.com"));
    let json: serde_json::Value = serde_json::to_value(&diagnosis).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), diagnosis.findings().len());
    for (json, finding) in findings.iter().zip(diagnosis.findings()) {
        assert_eq!(json["kind"], finding.kind().name());
        assert_eq!(json["severity"], finding.severity().name());
        assert_eq!(json["subject"]["type"], finding.subject().name());
        assert_eq!(json["message"], finding.message());
        assert_eq!(json["remedy"], finding.remedy());
    }
    let of_kind = |kind: FindingKind| findings.iter().find(|finding| finding["kind"] == kind.name()).unwrap();
    let entry = &of_kind(FindingKind::KeyLength)["subject"]["entry"];
    assert_eq!(entry["principal"], "HTTP/www.example.com@EXAMPLE.COM");
    assert_eq!((&entry["kvno"], &entry["enctype"], &entry["number"]), (&2.into(), &18.into(), &3.into()));
    assert_eq!(of_kind(FindingKind::HostNotCovered)["subject"]["name"], "intranet.example.com");
    assert_eq!(json["names_asked_for"][0]["name"], "HTTP/intranet.example.com");
    assert_eq!(json["names_asked_for"][0]["covered"], false);
}
