//! Over which channel: the table of `BindingPolicy` and what the initiator sent (step C-6).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use kerbside::gss::ChannelBindings;
use kerbside::testing::{AuthenticatorChecksum, AuthorizationElement, Login, channel_binding_hash};
use kerbside::{BindingPolicy, BindingProblem, Connection, ErrorClass, ErrorKind, GssMajor, Leniency, Policy};
use site::{PRESETS, Site, refusal, with};

const CHANNEL: &[u8] = b"tls-server-end-point:0123456789abcdef0123456789abcdef";
const ANOTHER: &[u8] = b"tls-server-end-point:0123456789abcdef0123456789abcdeF";
const EXPORTER: &[u8] = b"tls-exporter:0123456789abcdef0123456789abcdef";

fn over(channels: &[&[u8]]) -> Connection {
    channels.iter().fold(Connection::new(), |connection, channel| {
        connection.channel_bindings(ChannelBindings::from_application_data(*channel))
    })
}

/// The client announces that it binds (MS-KILE §3.2.5.8).
fn announcing(login: Login, options: u32) -> Login {
    login.with_authenticator(|a| a.authorization_data = Some(vec![AuthorizationElement::ap_options(options)]))
}

fn carrying(login: Login, cksum: AuthenticatorChecksum) -> Login {
    login.with_authenticator(|a| a.cksum = cksum)
}

/// `unbound` and `bound`, or the reason of the refusal.
fn judged(site: &Site, policy: Policy, connection: &Connection, login: &Login) -> &'static str {
    match site.accept_on(policy, connection, login) {
        Ok(accepted) if accepted.channel_bound() => "bound",
        Ok(_) => "unbound",
        Err(error) => {
            assert_eq!((error.kind().name(), error.krb_error_code().0), ("ChannelBinding", 60), "{error}");
            assert_eq!((error.gss_major(), error.class()), (GssMajor::BAD_BINDINGS, ErrorClass::Policy));
            match error.kind() {
                ErrorKind::ChannelBinding(BindingProblem::Missing) => "missing",
                ErrorKind::ChannelBinding(BindingProblem::Stripped) => "stripped",
                ErrorKind::ChannelBinding(BindingProblem::Different) => "different",
                ErrorKind::ChannelBinding(BindingProblem::NotGiven) => "not given",
                _ => panic!("{error}"),
            }
        }
    }
}

/// Every preset, with the tolerances that the table needs to reach the bindings at all.
fn policies(bindings: BindingPolicy) -> [Policy; 3] {
    PRESETS.map(|(_, preset)| {
        with(preset(), |policy| {
            policy.channel_bindings = bindings;
            policy.missing_checksum = Leniency::Tolerate;
            policy.plain_checksum = Leniency::Tolerate;
        })
    })
}

/// APR-26: what the token has, and the answer of `Ignore`, `AcceptIfAbsent` and `Require`.
#[test]
fn apr_26_channel_binding_table() {
    let site = Site::new();
    let cbt = 0x4000;
    let zero = || site.login();
    let equal = || site.login().channel_bindings(CHANNEL);
    let different = || site.login().channel_bindings(ANOTHER);
    let absent = || carrying(site.login(), AuthenticatorChecksum::Absent);
    let plain = || carrying(site.login(), AuthenticatorChecksum::KeyedOverNothing);
    let rows: [(&str, Login, [&str; 3]); 13] = [
        ("zero", zero(), ["unbound", "unbound", "missing"]),
        ("zero, CBT bit", announcing(zero(), cbt), ["unbound", "stripped", "missing"]),
        ("zero, all bits", announcing(zero(), u32::MAX), ["unbound", "stripped", "missing"]),
        ("zero, all bits but CBT", announcing(zero(), !cbt), ["unbound", "unbound", "missing"]),
        ("no checksum", absent(), ["unbound", "unbound", "missing"]),
        ("no checksum, CBT bit", announcing(absent(), cbt), ["unbound", "stripped", "missing"]),
        ("plain checksum", plain(), ["unbound", "unbound", "missing"]),
        ("plain checksum, CBT bit", announcing(plain(), cbt), ["unbound", "stripped", "missing"]),
        ("equal", equal(), ["unbound", "bound", "bound"]),
        ("equal, CBT bit", announcing(equal(), cbt), ["unbound", "bound", "bound"]),
        ("different", different(), ["unbound", "different", "different"]),
        ("different, CBT bit", announcing(different(), cbt), ["unbound", "different", "different"]),
        ("of no data", site.login().channel_bindings(b""), ["unbound", "different", "different"]),
    ];
    let columns = [BindingPolicy::Ignore, BindingPolicy::AcceptIfAbsent, BindingPolicy::Require];
    for (row, login, expected) in rows {
        for (bindings, expected) in columns.into_iter().zip(expected) {
            for policy in policies(bindings) {
                assert_eq!(judged(&site, policy, &over(&[CHANNEL]), &login), expected, "{row}, {bindings:?}");
            }
            for policy in policies(bindings) {
                assert_eq!(judged(&site, policy, &over(&[]), &login), "unbound", "{row}, {bindings:?}, none given");
            }
        }
    }
}

/// APR-26
#[test]
fn apr_26_one_bit_is_another_channel() {
    let site = Site::new();
    let genuine = channel_binding_hash(CHANNEL);
    let acceptor = site.acceptor(Policy::default());
    for bit in 0..128 {
        let mut hash = genuine;
        hash[bit / 8] ^= 0x80 >> (bit % 8);
        let login = site.login().with_gss_checksum(|checksum| checksum.bindings = hash.to_vec());
        let error = refusal(acceptor.accept_on(&over(&[CHANNEL]), &login.token(), site.realm.now()));
        assert!(matches!(error.kind(), ErrorKind::ChannelBinding(BindingProblem::Different)), "bit {bit}: {error}");
    }
    let login = site.login().with_gss_checksum(|checksum| checksum.bindings = genuine.to_vec());
    assert!(acceptor.accept_on(&over(&[CHANNEL]), &login.token(), site.realm.now()).unwrap().channel_bound());
}

#[test]
fn the_presets_differ_where_bindings_are_given() {
    let site = Site::new();
    let by_preset =
        |connection: &Connection, login: &Login| PRESETS.map(|(_, preset)| judged(&site, preset(), connection, login));
    let channel = over(&[CHANNEL]);
    assert_eq!(by_preset(&channel, &site.login()), ["missing", "unbound", "unbound"]);
    assert_eq!(by_preset(&channel, &announcing(site.login(), 0x4000)), ["missing", "stripped", "stripped"]);
    assert_eq!(by_preset(&channel, &site.login().channel_bindings(CHANNEL)), ["bound"; 3]);
    assert_eq!(by_preset(&channel, &site.login().channel_bindings(ANOTHER)), ["different"; 3]);
    assert_eq!(by_preset(&over(&[]), &site.login().channel_bindings(CHANNEL)), ["unbound"; 3]);
}

#[test]
fn any_of_several_bindings_will_do() {
    let site = Site::new();
    let several = over(&[CHANNEL, EXPORTER]);
    for (sent, expected) in [(CHANNEL, "bound"), (EXPORTER, "bound"), (ANOTHER, "different")] {
        let login = site.login().channel_bindings(sent);
        for bindings in [BindingPolicy::AcceptIfAbsent, BindingPolicy::Require] {
            for policy in policies(bindings) {
                assert_eq!(judged(&site, policy, &several, &login), expected, "{}", sent.escape_ascii());
            }
        }
    }
    assert_eq!(judged(&site, Policy::default(), &several, &announcing(site.login(), 0x4000)), "stripped");
}

#[test]
fn connections_without_bindings_can_be_refused() {
    let site = Site::new();
    for bindings in [BindingPolicy::Ignore, BindingPolicy::AcceptIfAbsent, BindingPolicy::Require] {
        for policy in policies(bindings) {
            let policy = with(policy, |policy| policy.unbound_connections = Leniency::Refuse);
            let login = site.login().channel_bindings(CHANNEL);
            assert_eq!(judged(&site, policy.clone(), &over(&[]), &login), "not given");
            let expected = if bindings == BindingPolicy::Ignore { "unbound" } else { "bound" };
            assert_eq!(judged(&site, policy, &over(&[CHANNEL]), &login), expected);
        }
    }
}
