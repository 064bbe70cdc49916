//! From where: the addresses in a ticket against the peer's (step N-3), for every policy.
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use kerbside::numbers::AddressType;
use kerbside::testing::{HostAddress, Login};
use kerbside::{AddressPolicy, Connection, ErrorClass, ErrorKind, Policy};
use site::{PRESETS, Site, refusal, verdict, with};

const PEER: &str = "192.0.2.7";
const PEER_MAPPED: &str = "::ffff:192.0.2.7";
const PEER_V6: &str = "2001:db8::7";
const STRANGER: &str = "192.0.2.8";

fn ip(text: &str) -> HostAddress {
    match text.parse().unwrap() {
        IpAddr::V4(address) => HostAddress::new(AddressType::IPV4, address.octets()),
        IpAddr::V6(address) => HostAddress::new(AddressType::IPV6, address.octets()),
    }
}

fn netbios() -> HostAddress {
    HostAddress::new(AddressType::NETBIOS, *b"WORKSTATION     ")
}

fn bound_to(site: &Site, addresses: Vec<HostAddress>) -> Login {
    site.login().with_ticket(|t| t.caddr = Some(addresses))
}

fn over(peer: Option<&str>) -> Connection {
    match peer {
        Some(peer) => Connection::new().peer_address(peer.parse().unwrap()),
        None => Connection::new(),
    }
}

/// What each policy says to a ticket and a peer: ignore, verify if present, require.
fn judged(site: &Site, login: &Login, peer: Option<&str>) -> String {
    let policies = [AddressPolicy::Ignore, AddressPolicy::VerifyIfPresent, AddressPolicy::Require];
    policies
        .map(|addresses| {
            let judge = |preset: fn() -> Policy| {
                let policy = with(preset(), |policy| policy.addresses = addresses);
                verdict(&site.accept_on(policy, &over(peer), login))
            };
            let [strict, default, windows] = PRESETS.map(|(_, preset)| judge(preset));
            assert!(strict == default && default == windows);
            match strict.as_str() {
                "accepted" => "yes",
                "Address 38" => "no",
                other => panic!("{other}"),
            }
        })
        .join(" ")
}

/// A name, the ticket's addresses, the peer's, and the answers of ignore, verify if present, and require.
type Row = (&'static str, Option<Vec<HostAddress>>, Option<&'static str>, &'static str);

/// APR-32
#[test]
fn apr_32_address_table() {
    let site = Site::new();
    let thousand = |last: &str| -> Vec<HostAddress> {
        let others = (0..999_u16).map(|n| IpAddr::V4(Ipv4Addr::new(10, 0, n.to_be_bytes()[0], n.to_be_bytes()[1])));
        others.map(|address| ip(&address.to_string())).chain([ip(last)]).collect()
    };
    let rows: [Row; 24] = [
        ("no addresses, no peer", None, None, "yes yes no"),
        ("no addresses", None, Some(PEER), "yes yes no"),
        ("an empty list, no peer", Some(vec![]), None, "yes yes no"),
        ("an empty list", Some(vec![]), Some(PEER), "yes yes no"),
        ("equal, no peer", Some(vec![ip(PEER)]), None, "yes yes no"),
        ("equal", Some(vec![ip(PEER)]), Some(PEER), "yes yes yes"),
        ("another", Some(vec![ip(STRANGER)]), Some(PEER), "yes no no"),
        ("the second of two", Some(vec![ip(STRANGER), ip(PEER)]), Some(PEER), "yes yes yes"),
        ("IPv6", Some(vec![ip(PEER_V6)]), Some(PEER_V6), "yes yes yes"),
        ("another IPv6", Some(vec![ip("2001:db8::8")]), Some(PEER_V6), "yes no no"),
        ("IPv4, peer mapped", Some(vec![ip(PEER)]), Some(PEER_MAPPED), "yes yes yes"),
        ("mapped, peer IPv4", Some(vec![ip(PEER_MAPPED)]), Some(PEER), "yes yes yes"),
        ("mapped, another", Some(vec![ip(PEER_MAPPED)]), Some(STRANGER), "yes no no"),
        ("compatible is not mapped", Some(vec![ip("::192.0.2.7")]), Some(PEER), "yes no no"),
        ("NetBIOS alone, no peer", Some(vec![netbios()]), None, "yes yes no"),
        ("NetBIOS alone", Some(vec![netbios()]), Some(PEER), "yes yes no"),
        ("two NetBIOS names", Some(vec![netbios(), netbios()]), Some(PEER), "yes yes no"),
        ("NetBIOS and equal", Some(vec![netbios(), ip(PEER)]), Some(PEER), "yes yes yes"),
        ("NetBIOS and another", Some(vec![netbios(), ip(STRANGER)]), Some(PEER), "yes no no"),
        ("a thousand, the last equal", Some(thousand(PEER)), Some(PEER), "yes yes yes"),
        ("a thousand others", Some(thousand(STRANGER)), Some(PEER), "yes no no"),
        ("unspecified", Some(vec![ip("0.0.0.0")]), Some(PEER), "yes no no"),
        ("of octets too few", Some(vec![HostAddress::new(AddressType::IPV4, [192, 0, 2])]), Some(PEER), "yes no no"),
        ("of a family unknown", Some(vec![HostAddress::new(AddressType(99), *b"x")]), Some(PEER), "yes no no"),
    ];
    for (row, addresses, peer, expected) in rows {
        let login = site.login().with_ticket(|t| t.caddr = addresses);
        assert_eq!(judged(&site, &login, peer), expected, "{row}");
    }
}

#[test]
fn the_label_of_an_address_decides_its_family() {
    let site = Site::new();
    let octets = Ipv4Addr::new(192, 0, 2, 7).octets();
    for (family, expected) in
        [(AddressType::IPV4, "yes yes yes"), (AddressType::IPV6, "yes no no"), (AddressType(3), "yes no no")]
    {
        let login = bound_to(&site, vec![HostAddress::new(family, octets)]);
        assert_eq!(judged(&site, &login, Some(PEER)), expected, "{family}");
    }
}

#[test]
fn a_refusal_names_the_peer_and_the_tickets_addresses() {
    let site = Site::new();
    let login = bound_to(&site, vec![netbios(), ip(PEER), ip(PEER_V6)]);
    let error = refusal(site.accept_on(Policy::default(), &over(Some(STRANGER)), &login));
    let ErrorKind::Address { peer, allowed, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(*peer, Some(STRANGER.parse().unwrap()));
    assert_eq!(*allowed, [PEER.parse::<IpAddr>().unwrap(), Ipv6Addr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]).into()]);
    assert_eq!(error.to_string(), "the peer's address is 192.0.2.8, and the ticket is for 192.0.2.7, 2001:db8::7");
    assert_eq!(error.class(), ErrorClass::Policy);
    let required = with(Policy::default(), |policy| policy.addresses = AddressPolicy::Require);
    let unknown = refusal(site.accept_on(required, &over(None), &login));
    assert!(unknown.to_string().starts_with("the peer's address is not known"), "{unknown}");
}
