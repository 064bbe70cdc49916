//! Channel bindings of connections of rustls, as both ends see them. The server's certificate is in `tests/vectors/tls/`.
#![cfg(all(feature = "rustls", feature = "testing"))]

#[path = "support/site.rs"]
mod site;

use kerbside::gss::{CertificateError, ChannelBindings};
use kerbside::http::rustls::{BindingsError, connection_of};
use kerbside::{Accepted, Connection, Error, Policy};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion, version,
};
use site::Site;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

fn vector(path: &str) -> Vec<u8> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(path);
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn leaf() -> CertificateDer<'static> {
    vector("tls/certificate.der").into()
}

/// Both ends before the first octet.
fn ends(version: &'static SupportedProtocolVersion) -> (ClientConnection, ServerConnection) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(leaf()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let key = PrivateKeyDer::try_from(vector("tls/key.der")).unwrap();
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf()], key)
        .unwrap();
    let name = ServerName::try_from("web.example.com").unwrap();
    (ClientConnection::new(Arc::new(client), name).unwrap(), ServerConnection::new(Arc::new(server)).unwrap())
}

/// Both ends after the handshake.
fn connected(version: &'static SupportedProtocolVersion) -> (ClientConnection, ServerConnection) {
    let (mut client, mut server) = ends(version);
    while client.is_handshaking() || server.is_handshaking() || client.wants_write() || server.wants_write() {
        let mut octets = Vec::new();
        client.write_tls(&mut octets).unwrap();
        server.read_tls(&mut &octets[..]).unwrap();
        server.process_new_packets().unwrap();
        octets.clear();
        server.write_tls(&mut octets).unwrap();
        client.read_tls(&mut &octets[..]).unwrap();
        client.process_new_packets().unwrap();
    }
    (client, server)
}

fn exporter(client: &ClientConnection) -> ChannelBindings {
    let exported = client.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).unwrap();
    ChannelBindings::tls_exporter(&exported)
}

fn end_point(client: &ClientConnection) -> ChannelBindings {
    ChannelBindings::tls_server_end_point(&client.peer_certificates().unwrap()[0]).unwrap()
}

fn accept(site: &Site, connection: &Connection, bindings: &ChannelBindings) -> Result<Accepted, Error> {
    site.accept_on(Policy::default(), connection, &site.login().channel_bindings(bindings.application_data()))
}

#[track_caller]
fn assert_refused(result: Result<Accepted, Error>) {
    assert_eq!(site::refusal(result).kind().name(), "ChannelBinding");
}

// ASK-14
#[test]
fn under_tls_1_3_a_login_may_be_bound_to_the_certificate_or_to_the_connection() {
    let site = Site::new();
    let (client, server) = connected(&version::TLS13);
    let connection = connection_of(&server, &leaf()).unwrap();
    for bindings in [end_point(&client), exporter(&client)] {
        assert!(accept(&site, &connection, &bindings).unwrap().channel_bound());
    }
    let (other, _) = connected(&version::TLS13);
    assert_refused(accept(&site, &connection, &exporter(&other)));
    let elsewhere = ChannelBindings::tls_server_end_point(&vector("certificates/ecdsa-sha256.der")).unwrap();
    assert_refused(accept(&site, &connection, &elsewhere));
}

// ASK-14
#[test]
fn under_tls_1_2_a_login_may_be_bound_to_the_certificate_alone() {
    let site = Site::new();
    let (client, server) = connected(&version::TLS12);
    let connection = connection_of(&server, &leaf()).unwrap();
    assert!(accept(&site, &connection, &end_point(&client)).unwrap().channel_bound());
    assert_refused(accept(&site, &connection, &exporter(&client)));
}

#[test]
fn a_certificate_without_a_hash_leaves_the_exporter_if_there_is_one() {
    let site = Site::new();
    let ed25519 = vector("certificates/ed25519.der").into();
    let (client, server) = connected(&version::TLS13);
    let connection = connection_of(&server, &ed25519).unwrap();
    assert!(accept(&site, &connection, &exporter(&client)).unwrap().channel_bound());
    assert_refused(accept(&site, &connection, &end_point(&client)));
    let (_, server) = connected(&version::TLS12);
    let error = connection_of(&server, &ed25519).unwrap_err();
    assert!(matches!(error, BindingsError::Certificate(CertificateError::NoSingleHash { .. })), "{error}");
}

#[test]
fn what_is_no_certificate_and_what_is_no_connection_yet_are_errors() {
    let (_, server) = connected(&version::TLS13);
    let error = connection_of(&server, &b"-----BEGIN"[..].into()).unwrap_err();
    assert!(matches!(error, BindingsError::Certificate(CertificateError::Malformed(_))), "{error}");
    let (_, server) = ends(&version::TLS13);
    let error = connection_of(&server, &leaf()).unwrap_err();
    assert!(matches!(error, BindingsError::Export(_)), "{error}");
}
