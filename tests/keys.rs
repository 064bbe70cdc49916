//! Which keys are tried for a ticket, in which order and how many (section 5.3 of the acceptance order), and what is no
//! key for it.
#![cfg(feature = "testing")]

#[path = "support/held.rs"]
mod held;
#[path = "support/verdict.rs"]
mod verdict;

use held::{AES128, AES256, AES256_SHA2, holding, kvno_error, login, wire_code, with_kvno_policy};
use kerbside::crypto::supported_enctypes;
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::testing::{Defect, EncryptionKey, KeytabBuilder, KvnoTrailer, Login, Realm};
use kerbside::{ErrorKind, KerberosTime, KeyMatch, KvnoPolicy, Limits, NoKey, Part, Policy, Tolerance};
use verdict::{SERVICE, acceptor, builder, realm, refusal};

const POLICIES: [KvnoPolicy; 3] = [KvnoPolicy::Exact, KvnoPolicy::PreferExactThenTry, KvnoPolicy::Ignore];

// ---- KTB-09: kvno policy ------------------------------------------------------------------------------------------

/// The ticket is sealed with the key of the entry `sealed`, and says that it is of version `stated`.
fn stating(realm: &Realm, sealed: u32, stated: Option<i64>) -> Login {
    login(realm).kvno(sealed).with_ticket(|ticket| ticket.kvno = stated)
}

/// The signed twin of a version, as Windows writes those with the highest bit.
fn negative(kvno: u32) -> Option<i64> {
    Some(i64::from(i32::from_be_bytes(kvno.to_be_bytes())))
}

// ICE-12, CAS-08
/// KTB-09
#[test]
fn ktb_09_kvno_policy_table() {
    use KeyMatch::{Exact, LowBits, OtherKvno, Wildcard};
    let realm = realm();
    // What the ticket states, the version of the only entry, and the match under the strict and under the lax policies.
    for (case, stated, entry, strict, lax) in [
        ("equal", Some(5), 5, Some(Exact), Exact),
        ("equal in 32 bits", Some(0x0001_0005), 0x0001_0005, Some(Exact), Exact),
        ("equal in 32 bits, unsigned", Some(0xffff_0005), 0xffff_0005, Some(Exact), Exact),
        ("equal in 32 bits, signed", negative(0xffff_0005), 0xffff_0005, Some(Exact), Exact),
        ("low 8 bits", Some(258), 2, None, LowBits),
        ("low 8 bits, entry above them", Some(514), 258, None, OtherKvno),
        ("read-only controller's ticket", Some(0x0001_0005), 5, None, LowBits),
        ("read-only controller's ticket, signed", negative(0xffff_0005), 5, None, LowBits),
        ("read-only controller's ticket above 8 bits", Some(0x0001_0105), 0x105, None, LowBits),
        ("read-only controller's ticket, 8 bits kept", Some(0x0001_0105), 5, None, LowBits),
        ("read-only controller's entry", Some(5), 0x0001_0005, None, LowBits),
        ("another read-only controller's entry", Some(0x0002_0005), 0x0001_0005, None, LowBits),
        ("0 in the ticket", Some(0), 5, Some(Exact), Exact),
        ("none in the ticket", None, 5, Some(Exact), Exact),
        ("0 in the entry", Some(5), 0, Some(Wildcard), Wildcard),
        ("0 in both", Some(0), 0, Some(Exact), Exact),
        ("older ticket", Some(4), 5, None, OtherKvno),
        ("newer ticket", Some(6), 5, None, OtherKvno),
    ] {
        for policy in POLICIES {
            let acceptor = holding(&realm, &[(AES256, entry)], policy);
            let verdict = acceptor.accept(&stating(&realm, entry, stated).token(), realm.now());
            let expected = if policy == KvnoPolicy::Exact { strict } else { Some(lax) };
            match (verdict, expected) {
                (Ok(accepted), Some(expected)) => {
                    assert_eq!((accepted.key_match(), accepted.kvno()), (expected, entry), "{case} {policy:?}");
                    let tolerances = accepted.tolerances();
                    let noted = (expected != Exact).then_some(Tolerance::KeyMatch(expected));
                    assert_eq!(tolerances, noted.as_slice(), "{case} {policy:?}");
                }
                (Err(error), None) => assert_eq!(error.kind().name(), "NoKey.Kvno", "{case} {policy:?}"),
                (verdict, _) => panic!("{case} {policy:?}: {verdict:?}"),
            }
        }
    }
}

/// KTB-09: an older key opens a ticket that states no version, where older ones are tried at all.
#[test]
fn ktb_09_a_ticket_without_a_version_goes_to_the_newest_key_first() {
    let realm = realm();
    for stated in [None, Some(0)] {
        for policy in POLICIES {
            let acceptor = holding(&realm, &[(AES256, 4), (AES256, 5), (AES128, 6)], policy);
            let newest = acceptor.accept(&stating(&realm, 5, stated).token(), realm.now()).unwrap();
            assert_eq!((newest.key_match(), newest.kvno()), (KeyMatch::Exact, 5));
            match acceptor.accept(&stating(&realm, 4, stated).token(), realm.now()) {
                Ok(older) => {
                    assert_ne!(policy, KvnoPolicy::Exact);
                    assert_eq!((older.key_match(), older.kvno()), (KeyMatch::OtherKvno, 4));
                }
                Err(error) => assert_eq!((policy, error.kind().name()), (KvnoPolicy::Exact, "KeyDoesNotDecrypt")),
            }
        }
    }
}

/// The versions of the entries in the order in which their keys are tried for a ticket that states this version: a key
/// that is tried as the n-th opens its ticket once n keys may be tried. What is never tried is left out.
fn order(realm: &Realm, keytab: &KeytabBuilder, versions: &[u32], stated: u32, policy: KvnoPolicy) -> Vec<u32> {
    let opens = |limit: usize, version: u32| {
        let mut limits = Limits::default();
        limits.trial_keys = limit;
        let acceptor = builder(realm, keytab.build().unwrap(), with_kvno_policy(policy)).limits(limits);
        let token = stating(realm, version, Some(stated.into())).token();
        acceptor.build().unwrap().accept(&token, realm.now()).is_ok()
    };
    let place = |version| (1..=versions.len()).find(|limit| opens(*limit, version));
    let mut placed: Vec<_> = versions.iter().filter_map(|version| Some((place(*version)?, *version))).collect();
    placed.sort_unstable();
    placed.iter().map(|(_, version)| *version).collect()
}

fn entries_of(realm: &Realm, versions: &[u32]) -> KeytabBuilder {
    versions.iter().fold(realm.keytab_builder(), |keytab, version| keytab.key(SERVICE, AES256, *version))
}

#[test]
fn keys_are_tried_in_the_order_of_the_policy() {
    let realm = realm();
    let versions = [9, 0, 5, 0x105, 300, 0x0001_0105];
    let keytab = entries_of(&realm, &versions);
    for (policy, stated, expected) in [
        (KvnoPolicy::PreferExactThenTry, 0x0001_0105, &[0x0001_0105, 0x105, 5, 0, 300, 9][..]),
        (KvnoPolicy::PreferExactThenTry, 5, &[5, 0, 0x0001_0105, 300, 0x105, 9]),
        (KvnoPolicy::PreferExactThenTry, 0, &[0x0001_0105, 0, 300, 0x105, 9, 5]),
        (KvnoPolicy::Exact, 5, &[5, 0]),
        (KvnoPolicy::Exact, 7, &[0]),
        (KvnoPolicy::Exact, 0, &[0x0001_0105, 0]),
        (KvnoPolicy::Ignore, 5, &[0x0001_0105, 300, 0x105, 9, 5, 0]),
        (KvnoPolicy::Ignore, 0, &[0x0001_0105, 300, 0x105, 9, 5, 0]),
    ] {
        assert_eq!(order(&realm, &keytab, &versions, stated, policy), expected, "{policy:?} {stated}");
    }
}

/// KTB-10: an 8-bit counter that has wrapped is newer if its timestamp says so; an exact match comes before all that.
#[test]
fn ktb_10_kvno_wrap() {
    let realm = realm();
    let at = |minutes: i64| KerberosTime::from_unix_seconds(1_772_359_200 + 60 * minutes);
    let keytab = |entries: &[(u32, i64)]| {
        entries.iter().fold(realm.keytab_builder().kvno_trailer(KvnoTrailer::Omit), |keytab, (kvno, minutes)| {
            keytab.timestamp(at(*minutes)).key(SERVICE, AES256, *kvno)
        })
    };
    let order = |entries: &[(u32, i64)], stated| {
        let versions: Vec<u32> = entries.iter().map(|(kvno, _)| *kvno).collect();
        order(&realm, &keytab(entries), &versions, stated, KvnoPolicy::PreferExactThenTry)
    };
    for (entries, newest_first) in [
        (&[(255, 0), (1, 5)][..], &[1, 255][..]),
        (&[(255, 0), (1, 0)], &[1, 255]),
        (&[(255, 5), (1, 0)], &[255, 1]),
        (&[(241, 0), (127, 5)], &[127, 241]),
        (&[(240, 0), (127, 5)], &[240, 127]),
        (&[(241, 0), (128, 5)], &[241, 128]),
        (&[(250, 0), (255, 10), (1, 5)], &[255, 250, 1]),
        (&[(250, 0), (255, 10), (1, 15), (2, 20)], &[2, 1, 255, 250]),
    ] {
        assert_eq!(order(entries, 0), newest_first, "{entries:?}");
        assert_eq!(order(entries, 256), newest_first, "{entries:?}");
        for exact in newest_first {
            assert_eq!(order(entries, *exact).first(), Some(exact), "{entries:?}");
            assert_eq!(order(entries, 256 + *exact).first(), Some(exact), "{entries:?}");
        }
    }
    assert_eq!(order(&[(255, 0), (0, 5)], 0), [255, 0], "0 is no version that a counter wraps to");
    let both = entries_of(&realm, &[1, 257]);
    for (stated, first) in [(1, 1), (257, 257)] {
        assert_eq!(self::order(&realm, &both, &[1, 257], stated, KvnoPolicy::default())[0], first);
    }
}

/// KTB-11
#[test]
fn ktb_11_equal_names_with_different_keys() {
    let realm = realm();
    let service = realm.principal(SERVICE);
    let keys: Vec<_> = [AES256, AES256, AES256]
        .into_iter()
        .zip([2, 7, 8])
        .map(|(enctype, source)| realm.service_key(&service, enctype, source))
        .collect();
    let keytab = keys.iter().fold(realm.keytab_builder(), |keytab, key| keytab.entry(&service, 2, key));
    for policy in POLICIES {
        for (place, key) in keys.iter().enumerate() {
            let login = login(&realm).with_ticket(|ticket| ticket.sealing_key = key.clone());
            for limit in 1..=3 {
                let mut limits = Limits::default();
                limits.trial_keys = limit;
                let acceptor = builder(&realm, keytab.build().unwrap(), with_kvno_policy(policy)).limits(limits);
                match acceptor.build().unwrap().accept(&login.token(), realm.now()) {
                    Ok(accepted) => {
                        assert!(place < limit, "in the order of the file");
                        assert_eq!((accepted.key_match(), accepted.tolerances()), (KeyMatch::Exact, &[][..]));
                    }
                    Err(error) => {
                        assert!(place >= limit, "{error}");
                        assert_eq!(error.kind().name(), "KeyDoesNotDecrypt");
                    }
                }
            }
        }
    }
}

/// KTB-12: how many keys a refused ticket costs is the limit's choice, not the file's; the counts are in the error.
#[test]
fn ktb_12_trial_keys_are_bounded() {
    let realm = realm();
    let service = realm.principal(SERVICE);
    let names = (0..10_000).fold(realm.keytab_builder(), |keytab, number| {
        keytab.entry(
            &realm.principal(&format!("HTTP/host{number}")),
            1,
            &realm.service_key(&service, AES256, 10 + number),
        )
    });
    let versions = (1000..1100).fold(realm.keytab_builder(), |keytab, kvno| keytab.key(SERVICE, AES256, kvno));
    for limit in [0, 1, 3, 16] {
        let mut limits = Limits::default();
        limits.trial_keys = limit;
        let judged = |keytab: &KeytabBuilder| {
            let acceptor = builder(&realm, keytab.build().unwrap(), Policy::default()).limits(limits).build().unwrap();
            refusal(&acceptor, &realm, &login(&realm).token())
        };
        let error = judged(&names);
        let ErrorKind::NoKey(NoKey::Principal { tried, .. }) = error.kind() else { panic!("{error:?}") };
        assert_eq!(*tried, limit);
        assert_eq!(kvno_error(&judged(&versions)).3, limit.max(1), "the own name gets one in any case");
    }
    assert_eq!(Limits::default().trial_keys, 16);
    let mut limits = Limits::default();
    limits.trial_keys = 0;
    let keytab = realm.keytab(SERVICE).unwrap();
    let acceptor = builder(&realm, keytab, Policy::default()).limits(limits).build().unwrap();
    assert!(acceptor.accept(&login(&realm).token(), realm.now()).is_ok());
}

#[test]
fn one_key_under_many_versions_is_tried_once() {
    let realm = realm();
    let service = realm.principal(SERVICE);
    let key = realm.service_key(&service, AES256, 1);
    let keytab = (3..100).fold(realm.keytab_builder(), |keytab, kvno| keytab.entry(&service, kvno, &key));
    let acceptor = builder(&realm, keytab.build().unwrap(), Policy::default()).build().unwrap();
    assert_eq!(kvno_error(&refusal(&acceptor, &realm, &login(&realm).token())).3, 1);
    assert_eq!(acceptor.accept(&stating(&realm, 1, Some(50)).token(), realm.now()).unwrap().kvno(), 50);
}

// ---- What is no key for it ------------------------------------------------------------------------------------------

/// KTB-07: keys of the wrong length open nothing and break nothing beside them.
#[test]
fn ktb_07_a_key_that_does_not_fit_its_enctype_is_not_used() {
    let realm = realm();
    let service = realm.principal(SERVICE);
    for octets in [0, 16, 31, 33, 64] {
        let wrong = EncryptionKey::new(AES256, vec![7; octets]);
        let alone = realm.keytab_builder().entry(&service, 2, &wrong);
        let token = login(&realm).token();
        let error =
            refusal(&builder(&realm, alone.build().unwrap(), Policy::default()).build().unwrap(), &realm, &token);
        assert_eq!(error.kind().name(), "KeyDoesNotDecrypt", "{octets}");
        let beside = builder(&realm, alone.service(SERVICE).build().unwrap(), Policy::strict()).build().unwrap();
        assert_eq!(beside.accept(&token, realm.now()).unwrap().key_match(), KeyMatch::Exact);
    }
}

/// KTB-07: of equal length and still not interchangeable.
#[test]
fn ktb_07_a_key_of_another_enctype_of_equal_length_is_not_used() {
    let realm = realm();
    let service = realm.principal(SERVICE);
    for (held, needed) in [(AES256_SHA2, AES256), (AES256, AES256_SHA2)] {
        let octets = realm.service_key(&service, held, 2).keyvalue;
        let in_keytab = EncryptionKey::new(held, octets.clone());
        let acceptor = realm.keytab_builder().entry(&service, 2, &in_keytab).build().unwrap();
        let acceptor = builder(&realm, acceptor, Policy::default()).build().unwrap();
        let sealed = |enctype| {
            let sealing_key = EncryptionKey::new(enctype, octets.clone());
            login(&realm).with_ticket(|ticket| (ticket.sealing_key, ticket.etype) = (sealing_key, enctype)).token()
        };
        assert_eq!(refusal(&acceptor, &realm, &sealed(needed)).kind().name(), "NoKey.Enctype");
        assert!(acceptor.accept(&sealed(held), realm.now()).is_ok());
    }
}

/// Step T-1: the label must be the key's own enctype.
#[test]
fn a_ticket_labelled_with_another_enctype_than_it_is_sealed_with_does_not_open() {
    let realm = realm();
    let entries: Vec<_> = supported_enctypes().map(|info| (info.enctype, 2)).collect();
    let acceptor = holding(&realm, &entries, KvnoPolicy::default());
    for (label, _) in entries.into_iter().filter(|(enctype, _)| *enctype != Enctype::RC4_HMAC) {
        let token = login(&realm).with_ticket(|ticket| ticket.etype = label).token();
        match acceptor.accept(&token, realm.now()) {
            Ok(accepted) => assert_eq!((label, accepted.enctype()), (AES256, AES256)),
            Err(error) => assert_eq!((label != AES256, error.kind().name()), (true, "KeyDoesNotDecrypt")),
        }
    }
}

/// NEG-20, step A-8: what is too short for confounder and checksum never gets to a key; nothing that is short opens.
#[test]
fn neg_20_short_ciphertexts() {
    let realm = realm();
    for info in supported_enctypes() {
        let least = info.confounder_octets + info.checksum_octets;
        let acceptor = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default());
        let acceptor = acceptor.allow_enctype(info.enctype).build().unwrap();
        let login = login(&realm).ticket_enctype(info.enctype).session_enctype(info.enctype);
        assert!(acceptor.accept(&login.token(), realm.now()).is_ok());
        for octets in 0..=64 {
            let ticket = login.clone().broken(Defect::TicketCiphertextCut(octets));
            let error = refusal(&acceptor, &realm, &ticket.token());
            match error.kind() {
                ErrorKind::Integrity(Part::Ticket) => assert!(octets < least, "{} {octets}", info.enctype),
                ErrorKind::KeyDoesNotDecrypt { .. } => assert!(octets >= least, "{} {octets}", info.enctype),
                other => panic!("{} {octets}: {other:?}", info.enctype),
            }
            assert_eq!(wire_code(&ticket, &error), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
            let authenticator = login.clone().broken(Defect::AuthenticatorCiphertextCut(octets));
            let error = refusal(&acceptor, &realm, &authenticator.token());
            assert!(matches!(error.kind(), ErrorKind::Integrity(Part::Authenticator)), "{octets}: {error:?}");
            assert_eq!(wire_code(&authenticator, &error), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
        }
    }
}

/// APR-22, step U-1: the label of the authenticator chooses nothing.
#[test]
fn apr_22_authenticator_label_is_not_trusted() {
    let realm = realm();
    let acceptor = acceptor(&realm, Policy::default());
    let sessions = [17, 18, 19, 20].map(Enctype);
    for session in sessions {
        for label in [17, 18, 19, 20, 23, 0, -1, i32::MAX].map(Enctype) {
            let login = login(&realm).session_enctype(session);
            let token = login.with_ap_req(|ap_req| ap_req.authenticator_etype = Some(label)).token();
            match acceptor.accept(&token, realm.now()) {
                Ok(accepted) => assert_eq!((label, accepted.session_key_enctype()), (session, session)),
                Err(error) => {
                    assert_ne!(label, session);
                    assert!(matches!(error.kind(), ErrorKind::Integrity(Part::Authenticator)), "{error:?}");
                    assert_eq!(error.krb_error_code(), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
                }
            }
        }
    }
}
