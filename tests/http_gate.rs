//! Whom a server asks for a ticket: the rules, their order, and what a hostile client can make of them.
#![cfg(feature = "http")]

use core::net::IpAddr;
use core::time::Duration;
use kerbside::http::NegotiateHeader;
use kerbside::http::gate::{
    Course, Gate, Marker, Network, NetworkParseError, PassReason, RefusalLog, RequestFacts, ReturnTo, Selection, Sites,
    Transport, Transports, TrustedProxies, Verbosity,
};
use kerbside::{Limits, Timestamp};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

fn header(line: &str) -> NegotiateHeader {
    NegotiateHeader::read([line.as_bytes()].into_iter().filter(|line| !line.is_empty()), &Limits::default()).unwrap()
}

/// The beginnings of real tokens, enough to tell what they are.
const SPNEGO: &str = "Negotiate YAgGBisGAQUFAg==";
const NTLM: &str = "Negotiate TlRMTVNTUAABAAAA";

fn over_tls(path: &str) -> RequestFacts<'_> {
    RequestFacts::new(path).over(Transport::Tls)
}

// ZIM-03
#[test]
fn each_rule_decides_where_it_is_the_first_that_fits() {
    let gate = Gate::new().only(Selection::new().path("/app")).login_path("/app/login");
    let logged_out = "kerbside-logged-out=1";
    let gave_up = "kerbside-gave-up=1";
    for (request, line, course) in [
        (RequestFacts::new("/app"), SPNEGO, Course::Pass(PassReason::Plain)),
        (over_tls("/other"), SPNEGO, Course::Pass(PassReason::NotSelected)),
        (over_tls("/app").with_cookies(logged_out), SPNEGO, Course::Pass(PassReason::LoggedOut)),
        (over_tls("/app").with_cookies(logged_out), "", Course::Pass(PassReason::LoggedOut)),
        (over_tls("/app/login").with_cookies(logged_out), "", Course::Challenge),
        (over_tls("/app/login").with_cookies(logged_out), SPNEGO, Course::Judge),
        (over_tls("/app"), SPNEGO, Course::Judge),
        (over_tls("/app").with_cookies(gave_up), SPNEGO, Course::Judge),
        (over_tls("/app"), NTLM, Course::Pass(PassReason::Ntlm)),
        (over_tls("/app/login"), NTLM, Course::Pass(PassReason::Ntlm)),
        (over_tls("/app"), "Basic YTpi", Course::Pass(PassReason::OtherScheme)),
        (over_tls("/app").with_cookies(gave_up), "", Course::Pass(PassReason::GaveUp)),
        (over_tls("/app").with_cookies(gave_up), "Negotiate", Course::Pass(PassReason::GaveUp)),
        (over_tls("/app/login").with_cookies(gave_up), "", Course::Challenge),
        (over_tls("/app"), "", Course::Challenge),
        (over_tls("/app"), "Negotiate", Course::Challenge),
        (over_tls("/app").with_cookies("kerbside-gave-up=0; other=1"), "", Course::Challenge),
    ] {
        assert_eq!(gate.course(&request, &header(line)), course, "{request:?} {line}");
    }
}

#[test]
fn a_gate_for_any_transport_asks_in_the_clear_too() {
    let gate = Gate::new().over(Transports::Any);
    assert_eq!(gate.course(&RequestFacts::new("/"), &header("")), Course::Challenge);
    assert_eq!(Gate::new().course(&RequestFacts::new("/"), &header("")), Course::Pass(PassReason::Plain));
}

// KTB-23, ZIM-06, ZIM-07, F5-19
#[test]
fn ktb_23_a_client_that_always_answers_ntlm_is_asked_once() {
    let gate = Gate::new();
    let mut cookies = String::new();
    let mut challenges = 0;
    let mut line = "";
    for _ in 0..10 {
        match gate.course(&over_tls("/").with_cookies(&cookies.clone()), &header(line)) {
            Course::Challenge => {
                challenges += 1;
                line = NTLM;
            }
            Course::Pass(reason) => {
                // The form is shown; a page on it sends the browser back to the beginning.
                if let Some(marker) = reason.marker() {
                    cookies = marker.set(Transport::Tls).split(';').next().unwrap().to_owned();
                }
                line = "";
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(challenges, 1);
}

// ZIM-09
#[test]
fn zim_09_a_logout_sticks_until_the_user_asks_to_be_logged_in() {
    let gate = Gate::new().login_path("/login");
    let set = Marker::LoggedOut.set(Transport::Tls);
    assert_eq!(set, "kerbside-logged-out=1; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure");
    let cookie = set.split(';').next().unwrap();
    let after = over_tls("/").with_cookies(cookie);
    assert_eq!(gate.course(&after, &header("")), Course::Pass(PassReason::LoggedOut));
    assert_eq!(gate.course(&over_tls("/login").with_cookies(cookie), &header("")), Course::Challenge);
    let clear = Marker::LoggedOut.clear(Transport::Plain);
    assert_eq!(clear, "kerbside-logged-out=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

// ZIM-22, ZIM-23, CAS-15, CAS-16
#[test]
fn zim_22_rules_of_one_kind_are_alternatives_and_an_empty_selection_selects_all() {
    let request = || {
        RequestFacts::new("/sso/login")
            .with_host("www.example.com:8443")
            .with_user_agent("Mozilla/5.0 (Windows NT 10.0) Firefox/128.0")
            .with_client(address("::ffff:10.112.205.77"))
            .with_cookies("a=b; theme=dark")
            .with_cookies("corp=yes")
    };
    let all = Selection::new();
    assert!(all.selects(&request()) && all.selects(&RequestFacts::new("")));
    for (selection, selected) in [
        (all.clone().path("/sso"), true),
        (all.clone().path("/sso/"), true),
        (all.clone().path("/sso/log"), false),
        (all.clone().path("/"), true),
        (all.clone().path("/other").path("/sso/login"), true),
        (all.clone().host("*.example.com"), true),
        (all.clone().host("WWW.EXAMPLE.COM"), true),
        (all.clone().host("example.com"), false),
        (all.clone().user_agent("*windows nt*"), true),
        (all.clone().user_agent("windows nt"), false),
        (all.clone().user_agent("*Macintosh*").user_agent("*Firefox/*"), true),
        (all.clone().network(network("10.112.0.0/16")), true),
        (all.clone().network(network("10.113.0.0/16")), false),
        (all.clone().network(network("10.113.0.0/16")).network(network("10.112.205.77")), true),
        (all.clone().network(network("::/0")), false),
        (all.clone().cookie("theme"), true),
        (all.clone().cookie("corp"), true),
        (all.clone().cookie("rp"), false),
        (all.clone().when(|request| request.path().len() > 3), true),
        (all.clone().when(|_| false), false),
        (all.clone().when(|_| false).when(|_| true), true),
        (all.clone().path("/sso").user_agent("*Macintosh*"), false),
    ] {
        assert_eq!(selection.selects(&request()), selected, "{selection:?}");
    }
    let unknown = RequestFacts::new("/");
    for selection in [all.clone().host("*"), all.clone().user_agent("*"), all.clone().network(network("0.0.0.0/0"))] {
        assert!(!selection.selects(&unknown), "what is not known fits no rule: {selection:?}");
    }
}

#[test]
fn networks_are_read_strictly() {
    for (text, error) in [
        ("10.0.0.0/33", NetworkParseError::Prefix),
        ("10.0.0.0/", NetworkParseError::Prefix),
        ("10.0.0.0/+8", NetworkParseError::Prefix),
        ("10.0.0.0/8/8", NetworkParseError::Prefix),
        ("::/129", NetworkParseError::Prefix),
        ("10.0.0/8", NetworkParseError::Address),
        ("example.com", NetworkParseError::Address),
        ("", NetworkParseError::Address),
        ("10.0.0.1/8", NetworkParseError::HostBits),
        ("2001:db8::1/32", NetworkParseError::HostBits),
    ] {
        assert_eq!(text.parse::<Network>(), Err(error), "{text}");
    }
    for (text, inside, outside) in [
        ("0.0.0.0/0", "255.255.255.255", "::1"),
        ("10.112.205.16/28", "10.112.205.31", "10.112.205.32"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("::/0", "2001:db8::1", "192.0.2.1"),
        ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
        ("2001:db8::1/128", "2001:db8::1", "2001:db8::2"),
    ] {
        assert!(network(text).contains(address(inside)), "{text} {inside}");
        assert!(!network(text).contains(address(outside)), "{text} {outside}");
    }
    assert_eq!(network("192.0.2.1").to_string(), "192.0.2.1/32");
}

// KTB-24
#[test]
fn ktb_24_only_trusted_proxies_are_believed_about_addresses() {
    let proxies = TrustedProxies::new([network("10.0.0.0/8"), network("2001:db8::/32")]);
    for (peer, forwarded, client) in [
        ("198.51.100.7", vec!["10.1.2.3"], Some("198.51.100.7")),
        ("198.51.100.7", vec![], Some("198.51.100.7")),
        ("10.0.0.1", vec![], Some("10.0.0.1")),
        ("10.0.0.1", vec!["203.0.113.9"], Some("203.0.113.9")),
        ("10.0.0.1", vec!["10.9.9.9, 203.0.113.9"], Some("203.0.113.9")),
        ("10.0.0.1", vec!["192.0.2.1", "203.0.113.9, 10.0.0.2"], Some("203.0.113.9")),
        ("10.0.0.1", vec!["203.0.113.9", "10.0.0.3", "10.0.0.2"], Some("203.0.113.9")),
        ("::ffff:10.0.0.1", vec!["203.0.113.9:4711"], Some("203.0.113.9")),
        ("2001:db8::1", vec!["[2001:db9::9]:443"], Some("2001:db9::9")),
        ("2001:db8::1", vec!["[2001:db9::9]"], Some("2001:db9::9")),
        ("10.0.0.1", vec!["203.0.113.9, unknown"], None),
        ("10.0.0.1", vec!["unknown, 203.0.113.9"], Some("203.0.113.9")),
        ("10.0.0.1", vec![" , 203.0.113.9 , "], Some("203.0.113.9")),
    ] {
        let found = proxies.client(address(peer), forwarded.iter().copied());
        assert_eq!(found, client.map(address), "{peer} {forwarded:?}");
    }
    let nobody = TrustedProxies::default();
    assert_eq!(nobody.client(address("10.0.0.1"), ["203.0.113.9"]), Some(address("10.0.0.1")));
}

// KTB-24
#[test]
fn ktb_24_a_forged_address_does_not_change_the_selection() {
    let inside = Gate::new().only(Selection::new().network(network("10.112.205.0/26")));
    let proxies = TrustedProxies::new([network("192.0.2.1")]);
    let course = |peer, forwarded| {
        let mut request = over_tls("/");
        if let Some(client) = proxies.client(address(peer), [forwarded]) {
            request = request.with_client(client);
        }
        inside.course(&request, &header(""))
    };
    assert_eq!(course("198.51.100.7", "10.112.205.10"), Course::Pass(PassReason::NotSelected));
    assert_eq!(course("192.0.2.1", "10.112.205.10"), Course::Challenge);
    assert_eq!(course("192.0.2.1", "10.112.205.100"), Course::Pass(PassReason::NotSelected));
    assert_eq!(course("192.0.2.1", "10.112.205.10, 198.51.100.7"), Course::Pass(PassReason::NotSelected));
}

// KTB-23, ZIM-05
#[test]
fn ktb_23_return_addresses_stay_on_the_site() {
    let sites = Sites::new(["https://portal.example.com", "https://[2001:db8::1]:8443"]).unwrap();
    for path in ["/", "/inbox?folder=1&x=//y", "/a/../b", "/%2f%2fevil.example", "/a#b", "/:@evil.example"] {
        assert_eq!(ReturnTo::path(path).unwrap().as_str(), path);
        assert!(ReturnTo::path_or_listed(path, &sites).is_ok());
    }
    for hostile in [
        "",
        "inbox",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nSet-Cookie: x=y",
        " /a",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "https://portal.example.com.evil.example/",
        "https://portal.example.com@evil.example/",
        "https://portal.example.com:8443/",
        "http://portal.example.com/",
        "/a\u{e4}",
    ] {
        assert_eq!(ReturnTo::path(hostile).ok(), None, "{hostile}");
        assert_eq!(ReturnTo::path_or_listed(hostile, &sites).ok(), None, "{hostile}");
    }
    for listed in ["https://portal.example.com", "https://portal.example.com/a", "https://[2001:db8::1]:8443/?b"] {
        assert_eq!(ReturnTo::path_or_listed(listed, &sites).unwrap().as_str(), listed);
        assert_eq!(ReturnTo::path(listed).ok(), None);
    }
    for site in
        ["portal.example.com", "https://", "https://portal.example.com/", "https://a@b", "ftp://a", "https://a b"]
    {
        assert!(Sites::new([site]).is_err(), "{site}");
    }
}

#[test]
fn a_flood_of_refusals_leaves_few_lines() {
    let mut log = RefusalLog::new(2, Duration::from_secs(60));
    let at = |seconds: i64| Timestamp::from_unix_micros(seconds * 1_000_000);
    let written: Vec<_> = (0..180)
        .filter_map(|second| match log.note("Token.Malformed", at(second)) {
            Verbosity::Write { left_out } => Some((second, left_out)),
            Verbosity::LeaveOut => None,
        })
        .collect();
    assert_eq!(written, [(0, 0), (1, 0), (60, 58), (61, 0), (120, 58), (121, 0)]);
    assert_eq!(log.note("NoKey.Kvno", at(179)), Verbosity::Write { left_out: 0 }, "each name by itself");
    assert_eq!(log.note("Token.Malformed", at(0)), Verbosity::Write { left_out: 58 }, "a clock that was set back");
}

proptest::proptest! {
    #[test]
    fn a_return_address_never_names_a_host(text in "[/\\\\:@a.\t ?#]{0,12}") {
        if let Ok(path) = ReturnTo::path(&text) {
            let path = path.as_str();
            proptest::prop_assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\t', ' ']));
        }
    }

    #[test]
    fn a_proxys_list_never_panics(list in "[0-9a-f:.,\\[\\] ]{0,60}") {
        let _ = TrustedProxies::new([network("0.0.0.0/0"), network("::/0")]).client(address("192.0.2.1"), [list.as_str()]);
    }
}
