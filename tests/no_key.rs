//! Why no key opens a ticket: each cause has its own error, with what was wanted and what is there (section 5.4 of the
//! acceptance order).
#![cfg(feature = "testing")]

#[path = "support/held.rs"]
mod held;
#[path = "support/verdict.rs"]
mod verdict;

use held::{AES128, AES256, AES256_SHA2, holding, keytab, kvno_error, login, wire_code};
use kerbside::numbers::{Enctype, KrbErrorCode};
use kerbside::testing::{Defect, Part};
use kerbside::{
    Acceptor, EnctypeRole, Error, ErrorClass, ErrorKind, GssMajor, Keytab, KvnoDirection, KvnoPolicy, NoKey, Policy,
    Spn, WantedName,
};
use verdict::{SERVICE, acceptor, builder, realm, refusal};

#[track_caller]
fn assert_codes(error: &Error, name: &str, code: KrbErrorCode) {
    assert_eq!((error.kind().name(), error.krb_error_code()), (name, code), "{error}");
    assert_eq!((error.class(), error.gss_major()), (ErrorClass::Configuration, GssMajor::FAILURE), "{error}");
}

#[track_caller]
fn assert_says(error: &Error, parts: &[&str]) {
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "\"{message}\" does not say \"{part}\"");
    }
}

// ---- KTB-08: each cause has its own error -------------------------------------------------------------------------

// CAS-09
#[cfg(feature = "std")]
#[test]
fn ktb_08_k_1_a_keytab_that_cannot_be_read_is_an_error_before_the_first_request() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/there is no such keytab");
    let error = Error::from(Keytab::from_file(path).unwrap_err());
    assert_eq!((error.kind().name(), error.krb_error_code()), ("NoKey.File", KrbErrorCode::KRB_AP_ERR_NOKEY));
    assert_eq!(error.gss_major(), GssMajor::NO_CRED);
    assert_says(&error, &[path]);
    for octets in [&b""[..], b"\x05\x02", b"not a keytab"] {
        let error = match Keytab::from_bytes(octets) {
            Err(error) => Error::from(error),
            Ok(keytab) => Acceptor::builder(keytab).build().unwrap_err(),
        };
        assert_eq!(error.kind().name(), "NoKey.File");
    }
    assert!(Acceptor::builder(realm().keytab(SERVICE).unwrap()).build().is_ok());
}

// ICE-02, ZIM-10
#[test]
fn ktb_08_k_2_an_enctype_that_the_policy_refuses_comes_before_every_lookup() {
    let realm = realm();
    for service in [SERVICE, "HTTP/unknown"] {
        let login = realm.login("alice", service).ticket_enctype(Enctype::RC4_HMAC);
        let acceptor = holding(&realm, &[(AES128, 2), (Enctype::RC4_HMAC, 2)], KvnoPolicy::default());
        let error = refusal(&acceptor, &realm, &login.token());
        assert_codes(&error, "EtypeNotPermitted", KrbErrorCode::KDC_ERR_ETYPE_NOSUPP);
        let ErrorKind::EtypeNotPermitted { role, enctype, allowed, in_keytab } = error.kind() else { panic!() };
        assert_eq!((*role, *enctype), (EnctypeRole::Ticket, Enctype::RC4_HMAC));
        assert!(allowed.contains(&AES256) && !allowed.contains(&Enctype::RC4_HMAC));
        let expected = if service == SERVICE { vec![AES128, Enctype::RC4_HMAC] } else { vec![] };
        assert_eq!(*in_keytab, expected);
        assert_says(&error, &["rc4-hmac", "ticket"]);
    }
    let allowing = builder(&realm, keytab(&realm, &[(Enctype::RC4_HMAC, 2)]), Policy::default());
    let allowing = allowing.allow_rc4(EnctypeRole::Ticket).build().unwrap();
    let token = login(&realm).ticket_enctype(Enctype::RC4_HMAC).token();
    assert_eq!(allowing.accept(&token, realm.now()).unwrap().enctype(), Enctype::RC4_HMAC);
}

#[test]
fn ktb_08_k_3_an_enctype_that_is_not_implemented_is_named() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 2)], KvnoPolicy::default());
    for number in [1, 3, 16, 0, -1, 99, i32::MAX, i32::MIN] {
        let token = login(&realm).with_ticket(|ticket| ticket.etype = Enctype(number)).token();
        let error = refusal(&acceptor, &realm, &token);
        assert_codes(&error, "EtypeUnsupported", KrbErrorCode::KDC_ERR_ETYPE_NOSUPP);
        assert!(matches!(error.kind(), ErrorKind::EtypeUnsupported { enctype } if enctype.0 == number));
        assert_says(&error, &[&number.to_string()]);
    }
}

// CAS-21
#[test]
fn ktb_08_k_4_a_policy_that_allows_no_entry_shows_both() {
    let realm = realm();
    let serving =
        |service| builder(&realm, keytab(&realm, &[(AES256, 2)]), Policy::default()).service(service).build().unwrap();
    for ticket_for in [SERVICE, "imap/mail.example.com"] {
        let token = realm.login("alice", ticket_for).token();
        let error = refusal(&serving("imap/web.example.com"), &realm, &token);
        assert_codes(&error, "NoKey.Principal", KrbErrorCode::KRB_AP_ERR_NOKEY);
        let ErrorKind::NoKey(NoKey::Principal { wanted, present, differs_only_in_case, tried }) = error.kind() else {
            panic!()
        };
        assert!(matches!(&**wanted, WantedName::Policy(Spn::Service { .. })));
        assert_eq!(present.iter().map(ToString::to_string).collect::<Vec<_>>(), ["HTTP/web.example.com@EXAMPLE.COM"]);
        assert_eq!((differs_only_in_case.is_none(), *tried), (true, 0));
        assert_says(&error, &["imap/web.example.com@*", "of which HTTP/web.example.com@EXAMPLE.COM is nearest"]);
    }
    assert!(serving("HTTP").accept(&login(&realm).token(), realm.now()).is_ok());
}

#[test]
fn ktb_08_k_5_a_name_of_the_keytab_that_the_policy_excludes_is_not_for_us() {
    let realm = realm();
    let cifs = "cifs/web.example.com";
    let keytab = realm.keytab_builder().service(SERVICE).service(cifs).build().unwrap();
    let serving = builder(&realm, keytab, Policy::default()).service("HTTP").build().unwrap();
    let login = realm.login("alice", cifs);
    let error = refusal(&serving, &realm, &login.token());
    assert_codes(&error, "NotForUs", KrbErrorCode::KRB_AP_ERR_NOT_US);
    let ErrorKind::NotForUs { principal, .. } = error.kind() else { panic!() };
    assert_eq!(**principal, realm.principal(cifs));
    assert_says(&error, &["cifs/web.example.com@EXAMPLE.COM", "HTTP/*@*"]);
    assert_eq!(wire_code(&login, &error), KrbErrorCode::KRB_AP_ERR_NOT_US);
    assert!(serving.accept(&self::login(&realm).token(), realm.now()).is_ok());
}

// ICE-27, CAS-21
#[test]
fn ktb_08_k_6_a_name_that_the_keytab_lacks_is_shown_with_the_nearest() {
    let realm = realm();
    let keytab = realm.keytab_builder().key("imap/mail.example.com", AES256, 2).key(SERVICE, AES256, 2);
    let keytab = keytab.key("HTTP/other.example.com", AES256, 2).key(SERVICE, AES128, 2).build().unwrap();
    let acceptor = builder(&realm, keytab, Policy::default()).build().unwrap();
    let login = realm.login("alice", "ldap/web.example.com");
    let error = refusal(&acceptor, &realm, &login.token());
    assert_codes(&error, "NoKey.Principal", KrbErrorCode::KRB_AP_ERR_NOT_US);
    let ErrorKind::NoKey(NoKey::Principal { wanted, present, differs_only_in_case, tried }) = error.kind() else {
        panic!()
    };
    let WantedName::Principal(wanted) = &**wanted else { panic!() };
    assert_eq!(*wanted, realm.principal("ldap/web.example.com"));
    assert_eq!((present.iter().count(), *tried, differs_only_in_case.is_none()), (3, 3, true));
    assert_says(&error, &["ldap/web.example.com@EXAMPLE.COM", "of which HTTP/web.example.com@EXAMPLE.COM is nearest"]);
    assert_says(&error, &["3 keys of other names were tried"]);
    let by_service = refusal(&acceptor, &realm, &realm.login("alice", "imap/unknown").token());
    assert_says(&by_service, &["of which imap/mail.example.com@EXAMPLE.COM is nearest"]);
    let by_nothing = refusal(&acceptor, &realm, &realm.login("alice", "nfs/unknown").token());
    assert!(!by_nothing.to_string().contains("nearest"), "{by_nothing}");
    assert!(error.hint().contains("setspn -S"));
    assert_eq!(wire_code(&login, &error), KrbErrorCode::KRB_AP_ERR_NOT_US);
}

// CAS-06, CAS-20
#[test]
fn ktb_08_k_7_a_ticket_older_than_the_keytab_is_out_of_date() {
    let realm = realm();
    for (versions, tried) in [(&[3][..], 1), (&[3, 4, 5], 3), (&[1, 3], 2)] {
        let entries: Vec<_> = versions.iter().map(|kvno| (AES256, *kvno)).collect();
        let acceptor = holding(&realm, &entries, KvnoPolicy::PreferExactThenTry);
        let login = login(&realm).kvno(2);
        let error = refusal(&acceptor, &realm, &login.token());
        assert_codes(&error, "NoKey.Kvno", KrbErrorCode::KRB_AP_ERR_BADKEYVER);
        let mut newest_first = versions.to_vec();
        newest_first.reverse();
        assert_eq!(kvno_error(&error), (2, &newest_first[..], KvnoDirection::TicketOutOfDate, tried, None));
        assert_says(&error, &["kvno 2", "the ticket is likely out of date", "tried"]);
        assert!(error.hint().contains("klist purge"));
        assert_eq!(wire_code(&login, &error), KrbErrorCode::KRB_AP_ERR_BADKEYVER);
        assert!(acceptor.accept(&login.kvno(3).token(), realm.now()).is_ok());
    }
}

// CAS-06, CAS-20
#[test]
fn ktb_08_k_8_a_keytab_older_than_the_ticket_is_out_of_date() {
    let realm = realm();
    let entries = [(AES256, 1), (AES256, 2)];
    let acceptor = holding(&realm, &entries, KvnoPolicy::PreferExactThenTry);
    let error = refusal(&acceptor, &realm, &login(&realm).kvno(3).token());
    assert_codes(&error, "NoKey.Kvno", KrbErrorCode::KRB_AP_ERR_BADKEYVER);
    assert_eq!(kvno_error(&error), (3, &[2, 1][..], KvnoDirection::KeytabOutOfDate, 2, None));
    assert_says(&error, &["kvno 3", "kvno 2, 1", "the keytab is likely out of date", "2 keys of other versions"]);
    assert!(error.hint().contains("make the keytab again"));
    let exact = holding(&realm, &entries, KvnoPolicy::Exact);
    let error = refusal(&exact, &realm, &login(&realm).kvno(3).token());
    assert_eq!(kvno_error(&error), (3, &[2, 1][..], KvnoDirection::KeytabOutOfDate, 0, None));
    assert!(!error.to_string().contains("tried"), "{error}");
}

#[test]
fn ktb_08_k_8_a_gap_that_low_bits_could_explain_says_so() {
    let realm = realm();
    for (stated, held, explained) in [
        (258, 2, true),
        (0x0001_0002, 2, true),
        (0x0001_0102, 0x102, true),
        (258, 3, false),
        (3, 2, false),
        (0x0001_0003, 2, false),
    ] {
        let acceptor = holding(&realm, &[(AES256, held)], KvnoPolicy::default());
        let error = refusal(&acceptor, &realm, &login(&realm).kvno(stated).token());
        assert_eq!(kvno_error(&error), (stated, &[held][..], KvnoDirection::KeytabOutOfDate, 1, None));
        assert_eq!(error.to_string().contains("read-only domain controller"), explained, "{error}");
    }
}

#[test]
fn ktb_08_k_7_and_k_8_name_an_enctype_that_is_missing_as_well() {
    let realm = realm();
    for (held, direction) in [(1, KvnoDirection::KeytabOutOfDate), (3, KvnoDirection::TicketOutOfDate)] {
        let acceptor = holding(&realm, &[(AES128, held)], KvnoPolicy::default());
        let error = refusal(&acceptor, &realm, &login(&realm).kvno(2).token());
        assert_eq!(kvno_error(&error), (2, &[held][..], direction, 0, Some(AES256)));
        assert_says(&error, &["no key of enctype aes256-cts-hmac-sha1-96 (18) under any kvno either"]);
    }
}

// CAS-22
#[test]
fn ktb_08_k_9_an_enctype_that_the_version_lacks_is_named_with_those_it_has() {
    let realm = realm();
    let entries = [(AES128, 2), (AES256_SHA2, 2), (AES256, 1)];
    for policy in [KvnoPolicy::Exact, KvnoPolicy::PreferExactThenTry] {
        let acceptor = holding(&realm, &entries, policy);
        let error = refusal(&acceptor, &realm, &login(&realm).token());
        assert_codes(&error, "NoKey.Enctype", KrbErrorCode::KRB_AP_ERR_BADKEYVER);
        let ErrorKind::NoKey(NoKey::Enctype { principal, kvno, wanted, present }) = error.kind() else { panic!() };
        assert_eq!((principal.to_string(), *kvno), (String::from("HTTP/web.example.com@EXAMPLE.COM"), Some(2)));
        assert_eq!((*wanted, present.as_slice()), (AES256, &[AES128, AES256_SHA2][..]));
        assert_says(&error, &["kvno 2", "aes256-cts-hmac-sha1-96 (18)", "aes128-cts-hmac-sha1-96 (17)"]);
        assert!(acceptor.accept(&login(&realm).ticket_enctype(AES128).token(), realm.now()).is_ok());
    }
}

/// K-9 without a version: where the policy ignores it, or the ticket states none.
#[test]
fn ktb_08_k_9_without_a_version_looks_at_all_of_them() {
    let realm = realm();
    let entries = [(AES128, 1), (AES256_SHA2, 3)];
    let ignoring = holding(&realm, &entries, KvnoPolicy::Ignore);
    let stating = login(&realm);
    let silent = login(&realm).with_ticket(|ticket| ticket.kvno = None);
    let exact = holding(&realm, &entries, KvnoPolicy::Exact);
    for (acceptor, login, stated) in
        [(&ignoring, &stating, Some(2)), (&ignoring, &silent, None), (&exact, &silent, None)]
    {
        let error = refusal(acceptor, &realm, &login.token());
        let ErrorKind::NoKey(NoKey::Enctype { kvno, present, .. }) = error.kind() else { panic!("{error:?}") };
        assert_eq!((*kvno, present.as_slice()), (stated, &[AES256_SHA2, AES128][..]));
    }
}

// ICE-19
#[test]
fn ktb_08_k_10_the_right_entry_with_the_wrong_key_says_why_that_may_be() {
    let realm = realm();
    for (acceptor, code) in [
        (holding(&realm, &[(AES256, 2)], KvnoPolicy::Exact), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY),
        (holding(&realm, &[(AES256, 2), (AES256, 1)], KvnoPolicy::default()), KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY),
        (acceptor(&realm, Policy::windows_compatible()), KrbErrorCode::KRB_AP_ERR_MODIFIED),
    ] {
        let login = login(&realm).broken(Defect::WrongServiceKey);
        let error = refusal(&acceptor, &realm, &login.token());
        assert_codes(&error, "KeyDoesNotDecrypt", KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
        let ErrorKind::KeyDoesNotDecrypt { principal, kvno, enctype } = error.kind() else { panic!() };
        assert_eq!((principal.to_string().as_str(), *kvno), ("HTTP/web.example.com@EXAMPLE.COM", Some(2)));
        assert_eq!(*enctype, AES256);
        assert_says(&error, &["HTTP/web.example.com@EXAMPLE.COM", "kvno 2", "aes256-cts-hmac-sha1-96 (18)"]);
        assert!(error.hint().contains("setspn -X") && error.hint().contains("salt"));
        assert_eq!(wire_code(&login, &error), code);
        assert!(acceptor.accept(&self::login(&realm).token(), realm.now()).is_ok());
    }
}

/// K-10 with an entry of kvno 0, which is of every version.
#[test]
fn ktb_08_k_10_an_entry_without_a_version_is_the_right_entry() {
    let realm = realm();
    for policy in [KvnoPolicy::Exact, KvnoPolicy::PreferExactThenTry, KvnoPolicy::Ignore] {
        let acceptor = holding(&realm, &[(AES256, 0)], policy);
        let error = refusal(&acceptor, &realm, &login(&realm).kvno(7).token());
        assert_codes(&error, "KeyDoesNotDecrypt", KrbErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
        let other_enctype = refusal(&acceptor, &realm, &login(&realm).ticket_enctype(AES128).kvno(7).token());
        assert_eq!(other_enctype.kind().name(), "NoKey.Enctype");
    }
}

/// Every bit of the ciphertext counts; none leads to another error or another identity.
#[test]
fn a_ticket_with_any_bit_inverted_does_not_decrypt() {
    let realm = realm();
    let acceptor = holding(&realm, &[(AES256, 2)], KvnoPolicy::default());
    for bit in 0..8 * 250 {
        let error = refusal(&acceptor, &realm, &login(&realm).broken(Defect::TicketBit(bit)).token());
        assert_eq!(error.kind().name(), "KeyDoesNotDecrypt", "bit {bit}");
    }
}

// ---- What errors do not say ---------------------------------------------------------------------------------------

/// The forms in which octets could stand in a text.
fn spellings(octets: &[u8]) -> [String; 3] {
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    [hex.to_uppercase(), hex, format!("{octets:?}").trim_matches(['[', ']']).to_owned()]
}

/// KTB-17: neither a key of the keytab nor one of the ticket stands in any text or reply.
#[test]
fn ktb_17_no_output_holds_a_key() {
    let realm = realm();
    let service = realm.principal(SERVICE);
    let builder = builder(&realm, realm.keytab(SERVICE).unwrap(), Policy::default());
    let mut texts = vec![format!("{:?}", realm.keytab(SERVICE).unwrap()), format!("{builder:?}")];
    let acceptor = builder.build().unwrap();
    texts.push(format!("{acceptor:?}"));
    let login = login(&realm);
    let mut replies = Vec::new();
    for token in [
        login.token(),
        login.clone().kvno(9).token(),
        login.clone().broken(Defect::WrongServiceKey).token(),
        login.clone().broken(Defect::WrongSessionKey).token(),
        login.clone().broken(Defect::OctetAfter(Part::EncTicketPart)).token(),
        login.clone().broken(Defect::OctetAfter(Part::Authenticator)).token(),
        login.clone().clock_ahead(core::time::Duration::from_secs(3600)).token(),
        login.clone().cleartext_service("HTTP/other").kvno(3).token(),
        login.clone().ticket_enctype(Enctype::RC4_HMAC).token(),
    ] {
        match acceptor.accept(&token, realm.now()) {
            Ok(accepted) => {
                texts.push(format!("{accepted:?}"));
                replies.extend(accepted.reply().map(<[u8]>::to_vec));
            }
            Err(error) => {
                texts.push(format!("{error:?} {error} {:?} {}", error.kind(), error.hint()));
                replies.extend(error.reply().map(<[u8]>::to_vec));
            }
        }
    }
    assert_eq!((texts.len(), replies.len()), (12, 9));
    let (ticket, authenticator) = (login.ticket(), login.authenticator());
    let keys = [
        realm.service_key(&service, AES256, 2).keyvalue,
        realm.service_key(&service, AES128, 2).keyvalue,
        ticket.key.keyvalue.clone(),
        authenticator.subkey.clone().unwrap().keyvalue,
    ];
    for key in &keys {
        let part = &key[..6];
        for spelling in spellings(part) {
            assert!(texts.iter().all(|text| !text.contains(&spelling)), "{spelling}");
        }
        assert!(replies.iter().all(|reply| !reply.windows(part.len()).any(|window| window == part)));
    }
    assert!(spellings(&[0xab, 1, 2])[2] == "171, 1, 2" && format!("{:?}", [9, 171, 1, 2]).contains("171, 1, 2"));
}
