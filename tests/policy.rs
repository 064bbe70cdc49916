//! The presets, field by field, and the tolerances: each listed when it was used, and only then (section 16 of the
//! acceptance order).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use core::time::Duration;
use kerbside::asn1::LengthForm;
use kerbside::gss::{ChannelBindings, Rc4Messages};
use kerbside::numbers::{AuthDataType, Enctype};
use kerbside::testing::{AuthenticatorChecksum, AuthorizationElement, Defect, KvnoTrailer, Login, Oid, Part, Realm};
use kerbside::{
    Acceptor, AddressPolicy, AliasPolicy, AnonymousPolicy, BindingPolicy, Connection, DcePolicy, DelegationPolicy,
    EnctypeRole, KeyMatch, KvnoPolicy, Leniency, MechListMicPolicy, MicrosoftOid, NameCase, Policy, RestartPolicy,
    TargetPolicy, TicketFailureCode, Tolerance,
};
use site::{PRESETS, SERVICE, Site, verdict, with};
use std::collections::BTreeSet;

/// One value for each preset: strict, default, windows_compatible.
fn each<T>(field: impl Fn(&Policy) -> T) -> [T; 3] {
    PRESETS.map(|(_, preset)| field(&preset()))
}

// CAS-03
#[test]
fn the_presets_are_those_of_the_table() {
    use Leniency::{Refuse, Tolerate};
    assert_eq!(
        each(|policy| policy.kvno),
        [KvnoPolicy::Exact, KvnoPolicy::PreferExactThenTry, KvnoPolicy::PreferExactThenTry]
    );
    assert_eq!(
        each(|policy| policy.aliases),
        [AliasPolicy::NameMustMatch, AliasPolicy::TryOthers, AliasPolicy::TryOthers]
    );
    assert_eq!(each(|policy| policy.name_case), [NameCase::Exact, NameCase::Exact, NameCase::IgnoreServiceAndHost]);
    assert_eq!(
        each(|policy| policy.microsoft_oid),
        [MicrosoftOid::ListOnly, MicrosoftOid::ListOnly, MicrosoftOid::ListAndRaw]
    );
    assert_eq!(
        each(|policy| policy.lengths),
        [LengthForm::Shortest, LengthForm::UpToFourOctets, LengthForm::UpToFourOctets]
    );
    assert_eq!(each(|policy| policy.missing_checksum), [Refuse, Tolerate, Tolerate]);
    assert_eq!(each(|policy| policy.plain_checksum), [Refuse, Refuse, Tolerate]);
    assert_eq!(
        each(|policy| policy.channel_bindings),
        [BindingPolicy::Require, BindingPolicy::AcceptIfAbsent, BindingPolicy::AcceptIfAbsent]
    );
    assert_eq!(each(|policy| policy.unbound_connections), [Tolerate; 3]);
    assert_eq!(each(|policy| policy.dce), [DcePolicy::Refuse; 3]);
    assert_eq!(
        each(|policy| policy.mech_list_mic),
        [MechListMicPolicy::Always, MechListMicPolicy::WithIntegrity, MechListMicPolicy::WithIntegrity]
    );
    assert_eq!(each(|policy| policy.copied_mech_list_mic), [Refuse, Tolerate, Tolerate]);
    assert_eq!(each(|policy| policy.repeated_mechanism), [Refuse, Tolerate, Tolerate]);
    assert_eq!(each(|policy| policy.rc4_messages), [Rc4Messages::Refuse; 3]);
    assert_eq!(each(|policy| policy.delegation), [DelegationPolicy::Ignore; 3]);
    assert_eq!(each(|policy| policy.critical_authorization_data), [Refuse, Tolerate, Tolerate]);
    assert_eq!(each(|policy| policy.direct_cross_realm), [Refuse, Tolerate, Tolerate]);
    assert_eq!(each(|policy| policy.realm_paths.is_empty()), [true; 3]);
    assert_eq!(each(|policy| policy.client_realms.is_none()), [true; 3]);
    assert_eq!(each(|policy| policy.anonymous), [AnonymousPolicy::Refuse; 3]);
    assert_eq!(each(|policy| policy.addresses), [AddressPolicy::VerifyIfPresent; 3]);
    assert_eq!(each(|policy| policy.target), [TargetPolicy::Ignore; 3]);
    assert_eq!(
        each(|policy| policy.restart),
        [RestartPolicy::RejectOlderThanStart, RestartPolicy::Accept, RestartPolicy::Accept]
    );
    assert_eq!(
        each(|policy| policy.wire_code),
        [TicketFailureCode::BadIntegrity, TicketFailureCode::BadIntegrity, TicketFailureCode::Modified]
    );
    assert_eq!(each(|policy| policy.skew), [Duration::from_secs(300); 3]);
}

#[test]
fn rc4_is_in_no_list_but_those_that_windows_needs() {
    let lists = |role| each(|policy| policy.enctypes.allowed(role).to_vec());
    let has_rc4 = |role| lists(role).map(|list| list.contains(&Enctype::RC4_HMAC));
    assert_eq!(has_rc4(EnctypeRole::Ticket), [false, false, false]);
    assert_eq!(has_rc4(EnctypeRole::SessionKey), [false, false, true]);
    assert_eq!(has_rc4(EnctypeRole::Subkey), [false, false, true]);
    for role in [EnctypeRole::Ticket, EnctypeRole::SessionKey, EnctypeRole::Subkey] {
        for list in lists(role) {
            let numbers: Vec<i32> = list.iter().map(|enctype| enctype.0).filter(|number| *number != 23).collect();
            let built_in = if cfg!(feature = "camellia") { vec![20, 26, 18, 25, 19, 17] } else { vec![20, 18, 19, 17] };
            assert_eq!(numbers, built_in, "longer keys first, and of equal length the newer");
            assert!(list.iter().position(|enctype| enctype.0 == 23).is_none_or(|at| at == numbers.len()));
        }
    }
}

/// The defaults of the verbs are the safe ones or those of common use, as the table's middle column has them.
#[test]
fn an_acceptor_has_the_default_preset_unless_told_otherwise() {
    let site = Site::new();
    let acceptor = Acceptor::builder(site.realm.keytab(SERVICE).unwrap()).build().unwrap();
    assert_eq!(format!("{:?}", acceptor.policy()), format!("{:?}", Policy::default()));
    let strict = site.acceptor(Policy::strict());
    assert_eq!(format!("{:?}", strict.policy()), format!("{:?}", Policy::strict()));
}

#[test]
fn one_setting_changes_on_top_of_a_preset() {
    let site = Site::new();
    let login = site.login().with_authenticator(|a| a.cksum = AuthenticatorChecksum::Absent);
    let builder = || site.builder(Policy::strict());
    let judge = |acceptor: Acceptor| verdict(&acceptor.accept(&login.token(), site.realm.now()));
    assert_eq!(judge(builder().build().unwrap()), "Checksum.Missing 50");
    let changed = builder().adjust_policy(|policy| policy.missing_checksum = Leniency::Tolerate).build().unwrap();
    assert_eq!(changed.policy().aliases, AliasPolicy::NameMustMatch);
    assert_eq!(judge(changed), "accepted");
}

/// What a client of today sends is listed nowhere, under any preset, and however it is framed.
#[test]
fn a_peer_that_keeps_to_the_standards_needs_no_tolerance() {
    let site = Site::new();
    let stating = |login: Login| {
        let list = AuthorizationElement::etype_list(&[Realm::ENCTYPE]);
        let elements =
            vec![list, AuthorizationElement::ap_options(0x8000), AuthorizationElement::client_target(SERVICE)];
        login.with_authenticator(|a| a.authorization_data = Some(elements))
    };
    for login in [
        site.login(),
        site.login().raw_krb5(),
        site.login().without_mutual(),
        site.login().with_authenticator(|a| a.subkey = None),
        site.login().with_ticket(|t| t.kvno = None),
        site.login().ticket_enctype(Enctype::AES128_CTS_HMAC_SHA256_128),
        site.login().offering(&[Oid::KRB5, Oid::MS_KRB5, Oid::NTLM]),
        site.login().offering(&[Oid::MS_KRB5, Oid::KRB5]),
        site.login().offering(&[Oid::MS_KRB5]),
        site.login_of("bob@OTHER.EXAMPLE"),
        stating(site.login()),
    ] {
        for (name, preset) in PRESETS {
            assert_eq!(site.accept(preset(), &login).unwrap().tolerances(), [], "{name}");
        }
    }
    let bound = Connection::new().channel_bindings(ChannelBindings::from_application_data("tls-exporter:x"));
    let login = site.login().channel_bindings(b"tls-exporter:x");
    for (name, preset) in PRESETS {
        let accepted = site.accept_on(preset(), &bound, &login).unwrap();
        assert_eq!((accepted.tolerances(), accepted.channel_bound()), ([].as_slice(), true), "{name}");
    }
}

/// Every tolerance there is, made necessary alone. The row ends with whether the strict preset refuses what it covers.
#[test]
fn each_tolerance_is_listed_when_it_was_used() {
    let site = Site::new();
    let refused = |name: &'static str| Some(name);
    let critical = AuthorizationElement::new(AuthDataType(99), *b"");
    let rows: [(Login, Tolerance, Option<&str>); 11] = [
        (
            site.login().broken(Defect::LongLength { part: Part::GssToken, octets: 4 }),
            Tolerance::NonMinimalLength,
            refused("Token.Malformed 60"),
        ),
        (site.login().microsoft_oid().raw_krb5(), Tolerance::MicrosoftOid, refused("Token.NotKerberos 60")),
        (
            site.login().with_ticket(|t| t.kvno = Some(0x1_0000 + i64::from(Realm::KVNO))),
            Tolerance::KeyMatch(KeyMatch::LowBits),
            refused("NoKey.Kvno 44"),
        ),
        (
            site.login().with_ticket(|t| t.kvno = Some(9)),
            Tolerance::KeyMatch(KeyMatch::OtherKvno),
            refused("NoKey.Kvno 44"),
        ),
        (
            site.login().cleartext_service("HTTP/alias.example.com"),
            Tolerance::KeyMatch(KeyMatch::Alias),
            refused("NoKey.Principal 35"),
        ),
        (site.login().cleartext_service("http/WEB.example.com"), Tolerance::NameCase, refused("NoKey.Principal 35")),
        (
            site.login().with_authenticator(|a| a.cksum = AuthenticatorChecksum::Absent),
            Tolerance::ChecksumMissing,
            refused("Checksum.Missing 50"),
        ),
        (
            site.login().with_authenticator(|a| a.cksum = AuthenticatorChecksum::KeyedOverNothing),
            Tolerance::PlainChecksum,
            refused("Checksum.WrongType 50"),
        ),
        (site.login().with_authenticator(|a| a.seq_number = None), Tolerance::SequenceNumberMissing, None),
        (
            site.login_of("bob@OTHER.EXAMPLE").with_ticket(|t| t.flags = 0.into()),
            Tolerance::DirectCrossRealm,
            refused("Transited 51"),
        ),
        (
            site.login().with_ticket(|t| t.authorization_data = Some(vec![critical])),
            Tolerance::CriticalAuthorizationData(AuthDataType(99)),
            refused("AuthorizationData.Critical 12"),
        ),
    ];
    let mut shown = BTreeSet::new();
    for (login, tolerance, strict) in &rows {
        let accepted = site.accept(Policy::windows_compatible(), login).unwrap();
        assert_eq!(accepted.tolerances(), [*tolerance]);
        shown.insert(tolerance.to_string());
        match strict {
            Some(verdict) => assert_eq!(site.verdict(Policy::strict(), login), *verdict, "{tolerance}"),
            None => assert_eq!(site.accept(Policy::strict(), login).unwrap().tolerances(), [*tolerance]),
        }
    }
    assert_eq!(shown.len(), rows.len(), "each has a sentence of its own");
}

/// A keytab entry with kvno 0 fits any kvno, on purpose; the strict preset knows that, and says it too.
#[test]
fn a_key_for_any_kvno_is_listed_under_every_preset() {
    let site = Site::new();
    let key = site.realm.service_key(&site.realm.principal(SERVICE), Realm::ENCTYPE, Realm::KVNO);
    for (name, preset) in PRESETS {
        let keytab = site.realm.keytab_builder().kvno_trailer(KvnoTrailer::Omit);
        let keytab = keytab.entry(&site.realm.principal(SERVICE), 0, &key).build().unwrap();
        let acceptor = Acceptor::builder(keytab).policy(preset()).started_at(site.realm.now()).build().unwrap();
        let accepted = acceptor.accept(&site.login().token(), site.realm.now()).unwrap();
        assert_eq!(accepted.tolerances(), [Tolerance::KeyMatch(KeyMatch::Wildcard)], "{name}");
        assert_eq!(accepted.kvno(), 0);
    }
}

#[test]
fn tolerances_add_up_in_the_order_of_the_checks_and_each_once() {
    let site = Site::new();
    let login = site
        .login_of("bob@OTHER.EXAMPLE")
        .with_ticket(|t| (t.flags, t.kvno) = (0.into(), Some(9)))
        .with_authenticator(|a| (a.cksum, a.seq_number) = (AuthenticatorChecksum::Absent, None))
        .broken(Defect::LongLength { part: Part::InitialToken, octets: 4 })
        .broken(Defect::LongLength { part: Part::Ticket, octets: 4 });
    let expected = [
        Tolerance::NonMinimalLength,
        Tolerance::KeyMatch(KeyMatch::OtherKvno),
        Tolerance::SequenceNumberMissing,
        Tolerance::DirectCrossRealm,
        Tolerance::ChecksumMissing,
    ];
    assert_eq!(site.accept(Policy::default(), &login).unwrap().tolerances(), expected);
}

/// The code on the wire for what does not open; the operator's code stays.
#[test]
fn only_the_windows_preset_tells_the_client_modified() {
    let site = Site::new();
    let wire = |preset: fn() -> Policy, login: &Login| {
        let error = site::refusal(site.accept(preset(), login));
        let reply = login.verify_reply(error.reply().unwrap()).unwrap();
        (error.krb_error_code().0, reply.krb_error.unwrap().error_code.0)
    };
    for login in [
        site.login().broken(Defect::WrongServiceKey),
        site.login().broken(Defect::WrongSessionKey),
        site.login().broken(Defect::OctetAfter(Part::EncTicketPart)),
    ] {
        assert_eq!(PRESETS.map(|(_, preset)| wire(preset, &login)), [(31, 31), (31, 31), (31, 41)]);
    }
    let other = site.login().with_authenticator(|a| a.crealm = b"OTHER".into());
    assert_eq!(PRESETS.map(|(_, preset)| wire(preset, &other)), [(36, 36); 3]);
}

#[test]
fn every_enctype_can_be_allowed_in_one_role_or_in_all() {
    let mut enctypes = Policy::default().enctypes;
    let roles = [EnctypeRole::Ticket, EnctypeRole::SessionKey, EnctypeRole::Subkey];
    enctypes.allow(EnctypeRole::SessionKey, Enctype::RC4_HMAC);
    assert_eq!(roles.map(|role| enctypes.allowed(role).contains(&Enctype::RC4_HMAC)), [false, true, false]);
    enctypes.allow_everywhere(Enctype::RC4_HMAC);
    for role in roles {
        let list = enctypes.allowed(role);
        assert_eq!(list.iter().filter(|enctype| **enctype == Enctype::RC4_HMAC).count(), 1);
        assert_eq!(list.last(), Some(&Enctype::RC4_HMAC), "liked least");
    }
    enctypes.set(EnctypeRole::Ticket, []);
    assert!(enctypes.allowed(EnctypeRole::Ticket).is_empty());
    let site = Site::new();
    let none = with(Policy::default(), |policy| policy.enctypes = enctypes);
    assert_eq!(site.verdict(none, &site.login()), "EtypeNotPermitted 14");
}
