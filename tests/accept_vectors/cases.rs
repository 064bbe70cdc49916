//! The cases behind the files of `tests/vectors/accept`, minted by the test kit: always the same octets.

use crate::vector::Vector;
use core::time::Duration;
use kerbside::messages::TicketFlags;
use kerbside::numbers::{Enctype, NameType};
use kerbside::testing::{AuthenticatorChecksum, Defect, Login, Oid, Part, PrincipalName, Realm};
use std::collections::BTreeMap;

const SERVICE: &str = "HTTP/web.example.com";
const KEYTAB: &str = "web.keytab";
/// What the clock of the test kit shows.
const NOW: &str = "2026-03-01T10:00:00Z";
/// What the source of a vector says that stands here.
pub(crate) const MINTED: &str = "minted by generate.sh";
const BINDINGS: &str = "tls-exporter:0123456789abcdef0123456789abcdef";

fn realm() -> Realm {
    Realm::new("EXAMPLE.COM")
}

/// A login of alice, in a realm of its own, so that no case depends on another.
fn login() -> Login {
    realm().login("alice", SERVICE)
}

/// The keys of the service, of every enctype of the default build, which are not those of a build with more.
fn keytab() -> Vec<u8> {
    let enctypes = [
        Enctype::AES128_CTS_HMAC_SHA1_96,
        Enctype::AES256_CTS_HMAC_SHA1_96,
        Enctype::AES128_CTS_HMAC_SHA256_128,
        Enctype::AES256_CTS_HMAC_SHA384_192,
        Enctype::RC4_HMAC,
    ];
    let builder =
        enctypes.iter().fold(realm().keytab_builder(), |builder, enctype| builder.key(SERVICE, *enctype, Realm::KVNO));
    builder.to_octets()
}

/// The files by name.
pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    let cases = [accepted(), times(), keys(), contents(), negotiations(), policies()].concat();
    let vectors = cases.into_iter().map(|(name, vector)| (format!("{name}.txt"), vector.to_text().into_bytes()));
    vectors.chain([(KEYTAB.to_owned(), keytab())]).collect()
}

type Case = (&'static str, Vector);

fn vector(expect: &str, source: &str, token: Vec<u8>) -> Vector {
    Vector {
        expect: expect.into(),
        at: NOW.into(),
        source: format!("{source}; {MINTED}"),
        client: (expect == "accepted").then(|| "alice@EXAMPLE.COM".into()),
        keytab: KEYTAB.into(),
        token,
        ..Vector::default()
    }
}

fn at(time: &str, vector: Vector) -> Vector {
    Vector { at: time.into(), ..vector }
}

fn under(policy: &str, vector: Vector) -> Vector {
    Vector { policy: Some(policy.into()), ..vector }
}

fn over(bindings: &str, vector: Vector) -> Vector {
    Vector { bindings: Some(bindings.into()), ..vector }
}

fn accepted() -> Vec<Case> {
    let sha2 = Enctype::AES256_CTS_HMAC_SHA384_192;
    let aes128 = Enctype::AES128_CTS_HMAC_SHA1_96;
    vec![
        ("aes256-spnego", vector("accepted", "RFC 4178 §4.2, RFC 4120 §3.2.3", login().token())),
        (
            "aes128-raw-krb5",
            vector(
                "accepted",
                "RFC 4121 §4.1",
                login().ticket_enctype(aes128).session_enctype(aes128).raw_krb5().token(),
            ),
        ),
        (
            "aes256-sha384-without-mutual",
            vector(
                "accepted",
                "RFC 8009 §5",
                login().ticket_enctype(sha2).session_enctype(sha2).without_mutual().token(),
            ),
        ),
        (
            "client-not-ascii",
            Vector {
                client: Some("josé@EXAMPLE.COM".into()),
                ..vector("accepted", "RFC 4120 §5.2.1", realm().login("josé", SERVICE).token())
            },
        ),
    ]
}

/// The ticket of the test kit is good from 10:00 to 20:00.
fn times() -> Vec<Case> {
    const SKEW: &str = "RFC 4120 §3.2.3, KRB_AP_ERR_SKEW";
    let realm = realm();
    let early = realm.login("alice", SERVICE);
    realm.clock().advance(Duration::from_secs(10 * 60 * 60 + 301));
    let late = early.again().token();
    let starting_in = |seconds| {
        login().with_ticket(|ticket| {
            let start = ticket.authtime.to_timestamp().saturating_add(Duration::from_secs(seconds));
            ticket.starttime = Some(start.second());
        })
    };
    let invalid = login().with_ticket(|ticket| ticket.flags = TicketFlags::INVALID.into());
    vec![
        ("skew-at-the-limit", at("2026-03-01T10:05:00Z", vector("accepted", SKEW, login().token()))),
        ("skew-past-the-limit", at("2026-03-01T10:05:01Z", vector("refused/ClockSkew", SKEW, login().token()))),
        ("ticket-ends-at-the-skew", at("2026-03-01T20:05:00Z", vector("accepted", "RFC 4120 §3.2.3", late.clone()))),
        ("ticket-ended", at("2026-03-01T20:05:01Z", vector("refused/TicketExpired", "RFC 4120 §3.2.3", late))),
        ("ticket-starts-at-the-skew", vector("accepted", "RFC 4120 §3.2.3", starting_in(300).token())),
        ("ticket-not-yet-valid", vector("refused/TicketNotYetValid", "RFC 4120 §3.2.3", starting_in(301).token())),
        ("ticket-invalid", vector("refused/TicketInvalid", "RFC 4120 §2.2", invalid.token())),
    ]
}

fn keys() -> Vec<Case> {
    let other_service = realm().login("alice", "cifs/files.example.com");
    let rc4 = login().ticket_enctype(Enctype::RC4_HMAC).session_enctype(Enctype::RC4_HMAC);
    let des3 = login().ticket_enctype(Enctype(16));
    vec![
        ("kvno-newer-than-the-keytab", vector("refused/NoKey.Kvno", "RFC 4120 §3.2.3", login().kvno(3).token())),
        ("service-not-in-the-keytab", vector("refused/NoKey.Principal", "RFC 4120 §3.2.3", other_service.token())),
        (
            "service-renamed-in-the-clear",
            vector("accepted", "RFC 4120 §5.3", login().cleartext_service("cifs/files.example.com").token()),
        ),
        (
            "another-key",
            vector("refused/KeyDoesNotDecrypt", "RFC 4120 §3.2.3", login().broken(Defect::WrongServiceKey).token()),
        ),
        ("rc4-ticket", vector("refused/EtypeNotPermitted", "RFC 8429 §4", rc4.token())),
        ("des3-ticket", vector("refused/EtypeUnsupported", "RFC 8429 §4", des3.token())),
    ]
}

fn contents() -> Vec<Case> {
    let named = |name: &str| {
        let name = PrincipalName::new(NameType::NT_PRINCIPAL, [name]);
        login().with_authenticator(|authenticator| authenticator.cname = name)
    };
    let abroad = |transited: &str| {
        realm().login("bob@OTHER.EXAMPLE", SERVICE).with_ticket(|ticket| {
            ticket.flags = TicketFlags::PRE_AUTHENT.into();
            ticket.transited = transited.as_bytes().to_vec();
        })
    };
    let with_cusec = |cusec| login().with_authenticator(|authenticator| authenticator.cusec = cusec).token();
    vec![
        ("client-mismatch", vector("refused/ClientMismatch", "RFC 4120 §3.2.3", named("mallory").token())),
        (
            "client-of-another-name-type",
            vector(
                "accepted",
                "RFC 4120 §6.2",
                login().with_authenticator(|authenticator| authenticator.cname.name_type = NameType(10)).token(),
            ),
        ),
        (
            "authenticator-bit",
            vector("refused/Integrity", "RFC 4120 §3.2.3", login().broken(Defect::AuthenticatorBit(0)).token()),
        ),
        ("cusec-at-the-limit", vector("accepted", "RFC 4120 §5.2.4", with_cusec(999_999))),
        ("cusec-past-the-limit", vector("refused/Authenticator.Malformed", "RFC 4120 §5.2.4", with_cusec(1_000_000))),
        (
            "realm-trusted-directly",
            Vector {
                client: Some("bob@OTHER.EXAMPLE".into()),
                ..vector("accepted", "RFC 4120 §2.7", abroad("").token())
            },
        ),
        ("realm-over-a-stranger", vector("refused/Transited", "RFC 4120 §2.7", abroad("STRANGE.EXAMPLE").token())),
    ]
}

fn negotiations() -> Vec<Case> {
    let whole = login().token();
    let cut = login().broken(Defect::Truncated(whole.len() - 1)).token();
    let ntlm = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2".to_vec();
    vec![
        ("cut-by-one-octet", vector("refused/Token.Malformed", "RFC 2743 §3.1", cut)),
        ("ntlm", vector("refused/Token.NotKerberos", "MS-NLMP §2.2.1.1", ntlm)),
        (
            "microsoft-oid-first",
            vector("accepted", "MS-SPNG §3.1.1", login().offering(&[Oid::MS_KRB5, Oid::KRB5]).token()),
        ),
        (
            "ntlm-first",
            vector("refused/Negotiation.MoreNeeded", "RFC 4178 §5", login().offering(&[Oid::NTLM, Oid::KRB5]).token()),
        ),
        (
            "unknown-mechanism-alone",
            vector("refused/Negotiation.NoCommonMechanism", "RFC 4178 §3.2", login().offering(&[Oid::UNKNOWN]).token()),
        ),
    ]
}

/// One token, and what the presets make of it.
fn policies() -> Vec<Case> {
    let bare = login().with_authenticator(|authenticator| authenticator.cksum = AuthenticatorChecksum::Absent).token();
    let long = login().broken(Defect::LongLength { part: Part::ApReq, octets: 4 }).token();
    let bound = login().channel_bindings(BINDINGS.as_bytes()).token();
    const CHECKSUM: &str = "RFC 4121 §4.1.1";
    const LENGTH: &str = "X.690 §10.1";
    const CHANNEL: &str = "RFC 4121 §4.1.1.2, RFC 9266";
    vec![
        ("checksum-absent", vector("accepted", CHECKSUM, bare.clone())),
        ("checksum-absent-strict", under("strict", vector("refused/Checksum.Missing", CHECKSUM, bare))),
        ("long-length", vector("accepted", LENGTH, long.clone())),
        ("long-length-strict", under("strict", vector("refused/Token.Malformed", LENGTH, long))),
        ("bound-to-this-channel", over(BINDINGS, vector("accepted", CHANNEL, bound.clone()))),
        (
            "bound-to-another-channel",
            over("tls-exporter:fedcba9876543210fedcba9876543210", vector("refused/ChannelBinding", CHANNEL, bound)),
        ),
        (
            "raw-under-the-microsoft-oid",
            under("windows", vector("accepted", "MS-SPNG §3.1.1", login().raw_krb5().mechanism(Oid::MS_KRB5).token())),
        ),
    ]
}
