//! Channel bindings of TLS: from a certificate, its hash, a Finished message or exported keying material.
//!
//! The certificates, and the hashes that openssl computes of them, are in tests/vectors/certificates.

use kerbside::DecodeErrorKind;
use kerbside::gss::{CertificateError, ChannelBindingHash, ChannelBindings};
use std::fs;
use std::path::PathBuf;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/certificates")
}

fn certificate(name: &str) -> Vec<u8> {
    fs::read(directory().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// File and expectation of every certificate; that each file has a line is a test.
fn expected() -> Vec<(String, String)> {
    let text = fs::read_to_string(directory().join("expected.txt")).unwrap();
    text.lines().map(|line| line.split_once(' ').unwrap()).map(|(file, hash)| (file.into(), hash.into())).collect()
}

#[test]
fn every_certificate_has_an_expectation() {
    let mut files: Vec<String> = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".der"))
        .collect();
    let mut listed: Vec<String> = expected().into_iter().map(|(file, _)| file).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
}

#[test]
fn certificates_are_hashed_as_their_signatures_say() {
    for (file, expected) in expected() {
        let bindings = ChannelBindings::tls_server_end_point(&certificate(&file));
        match (expected.as_str(), bindings) {
            ("undefined", Err(CertificateError::NoSingleHash { .. }))
            | ("unknown", Err(CertificateError::UnknownAlgorithm { .. })) => {}
            (hash, Ok(bindings)) => {
                assert_eq!(bindings, ChannelBindings::tls_server_end_point_hash(&hex(hash)), "{file}");
            }
            (expected, found) => panic!("{file}: {found:?} and not {expected}"),
        }
    }
}

#[test]
fn errors_name_the_algorithm() {
    let error = |file| ChannelBindings::tls_server_end_point(&certificate(file)).unwrap_err().to_string();
    assert_eq!(error("ed25519.der"), "the certificate's signature algorithm 1.3.101.112 has no single hash function");
    assert_eq!(
        error("rsa-pss-sha256-mgf1-sha1.der"),
        "the certificate's signature algorithm 1.2.840.113549.1.1.10 has no single hash function"
    );
    assert_eq!(
        error("rsa-sha3-256.der"),
        "the certificate's signature or hash algorithm 2.16.840.1.101.3.4.3.14 is not known"
    );
}

#[test]
fn what_is_no_whole_certificate_is_refused() {
    let whole = certificate("rsa-pss-sha256.der");
    for length in 0..whole.len() {
        let error = ChannelBindings::tls_server_end_point(&whole[..length]).unwrap_err();
        assert!(matches!(error, CertificateError::Malformed(_)), "{length}: {error}");
    }
    let longer = [&whole[..], &[0]].concat();
    let error = ChannelBindings::tls_server_end_point(&longer).unwrap_err();
    let CertificateError::Malformed(error) = error else { panic!("{error}") };
    assert_eq!((error.kind(), error.offset()), (DecodeErrorKind::TrailingOctets, whole.len()));
    assert!(ChannelBindings::tls_server_end_point(b"-----BEGIN CERTIFICATE-----").is_err());
}

/// Whatever is damaged gives bindings or an error, and never a panic.
#[test]
fn damaged_certificates_are_answered() {
    for file in ["rsa-pss-sha256.der", "ecdsa-sha384.der"] {
        let whole = certificate(file);
        for bit in 0..whole.len() * 8 {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let sound = ChannelBindings::tls_server_end_point(&whole);
            assert_ne!(ChannelBindings::tls_server_end_point(&damaged), sound, "{file}: bit {bit}");
        }
    }
}

#[test]
fn application_data_begin_with_the_type() {
    let end_point = ChannelBindings::tls_server_end_point_hash(&[0xab; 32]);
    assert_eq!(end_point.application_data(), [&b"tls-server-end-point:"[..], &[0xab; 32]].concat());
    assert_eq!(
        ChannelBindings::tls_unique(&[1; 12]).application_data(),
        b"tls-unique:\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
    );
    let exporter = ChannelBindings::tls_exporter(&[2; 32]);
    assert_eq!(exporter.application_data(), [&b"tls-exporter:"[..], &[2; 32]].concat());
    assert_eq!(exporter, ChannelBindings::from_application_data([&b"tls-exporter:"[..], &[2; 32]].concat()));
    assert_eq!(format!("{exporter:?}"), "ChannelBindings(tls-exporter, 45 octets)");
}

/// MD5 over five words of zeros but the length, then the data (RFC 4121 §4.1.1.2), as Python's hashlib gives it.
#[test]
fn bindings_hash_as_the_checksum_carries_them() {
    let found = ChannelBindings::tls_exporter(&[2; 32]).hash();
    let expected: [u8; 16] = hex("18551e00beac05dabc3a73fc3762a934").try_into().unwrap();
    assert_eq!(found, ChannelBindingHash::from_octets(expected));
    assert_ne!(ChannelBindings::tls_unique(&[2; 32]).hash(), found);
}

#[cfg(feature = "testing")]
#[test]
fn a_login_bound_to_the_certificate_is_bound_and_one_of_another_is_refused() {
    use kerbside::testing::Realm;
    use kerbside::{Acceptor, Connection};

    let realm = Realm::new("EXAMPLE.COM");
    let acceptor = Acceptor::builder(realm.keytab("HTTP/web.example.com").unwrap()).build().unwrap();
    let bindings = |file| ChannelBindings::tls_server_end_point(&certificate(file)).unwrap();
    let connection = Connection::new().channel_bindings(bindings("ecdsa-sha384.der"));
    let login = |file| {
        let login = realm.login("alice", "HTTP/web.example.com");
        login.channel_bindings(bindings(file).application_data()).token()
    };
    let accepted = acceptor.accept_on(&connection, &login("ecdsa-sha384.der"), realm.now()).unwrap();
    assert!(accepted.channel_bound());
    let refused = acceptor.accept_on(&connection, &login("ecdsa-sha256.der"), realm.now()).unwrap_err();
    assert_eq!(refused.kind().name(), "ChannelBinding");
}
