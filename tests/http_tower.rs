//! The tower layer of Negotiate: what a handler finds out, and what the client gets, octet by octet.
#![cfg(all(feature = "tower", feature = "testing"))]

#[path = "support/site.rs"]
mod site;
#[path = "support/http.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::time::Duration;
use http::header::{AUTHORIZATION, LOCATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Request, Response, StatusCode, Version};
use kerbside::gss::ChannelBindings;
use kerbside::http::tower::{
    Authenticated, ConnectionId, Credentials, Fallback, NegotiateLayer, Refusal, RefusalReason, RequestMemo,
};
use kerbside::http::{NegotiateHeader, Party};
use kerbside::numbers::AuthDataType;
use kerbside::testing::{AuthorizationElement, Clock};
use kerbside::{Acceptor, AcceptorSet, Connection, ErrorClass, Limits, Policy, ReplayPolicy};
use site::{SERVICE, Site};
use support::{
    Handler, ask, challenges, layer, layer_of, lines, login_elsewhere, reason, refusal, service, token_of, verified,
    who, with_header, with_token, without_header,
};
use tower_layer::Layer as _;

const NEGOTIATE: [&str; 1] = ["Negotiate"];

#[test]
fn a_request_without_credentials_is_challenged_and_the_handler_is_not_asked() {
    let site = Site::new();
    let handler = Handler::default();
    let mut service = layer(&site).layer(handler.clone());
    let response = ask(&mut service, without_header());
    assert_eq!(refusal(&response), (401, "Header.Absent", NEGOTIATE.map(str::to_owned).to_vec()));
    assert_eq!((response.headers().len(), response.body().as_str()), (1, ""));
    assert_eq!(handler.calls(), 0);
}

// CAS-01, ICE-24, ASK-12, ICE-06
#[test]
fn the_handler_finds_out_who_asks_and_the_client_gets_the_last_token() {
    let site = Site::new();
    let handler = Handler::default();
    let mut service = layer(&site).layer(handler.clone());
    for login in [site.login(), site.login().raw_krb5()] {
        let response = ask(&mut service, with_token(&login.token()));
        assert_eq!((response.status(), response.body().as_str()), (StatusCode::OK, "alice@EXAMPLE.COM"));
        assert!(verified(&login, &response).ap_rep.is_some());
        assert_eq!(response.headers().len(), 1);
    }
    assert_eq!(handler.calls(), 2);
    // Browsers do not ask for mutual authentication: SPNEGO has an answer all the same, Kerberos alone has none.
    let login = site.login().without_mutual();
    assert!(verified(&login, &ask(&mut service, with_token(&login.token()))).ap_rep.is_none());
    let login = site.login().without_mutual().raw_krb5();
    assert_eq!(challenges(&ask(&mut service, with_token(&login.token()))), [""; 0]);
}

// CAS-01, ASK-12
#[test]
fn the_last_token_is_on_every_response_beside_what_the_handler_put_there() {
    let site = Site::new();
    for (status, own) in
        [(200, None), (302, None), (403, None), (404, None), (500, None), (401, Some("Bearer realm=a"))]
    {
        let handler = Handler::new(move |_| {
            let mut response = Response::builder().status(status).header(LOCATION, "/elsewhere");
            if let Some(own) = own {
                response = response.header(WWW_AUTHENTICATE, own);
            }
            response.body(String::new()).unwrap()
        });
        let login = site.login();
        let response = ask(&mut layer(&site).layer(handler), with_token(&login.token()));
        assert_eq!((response.status().as_u16(), lines(&response, "location")), (status, vec!["/elsewhere".to_owned()]));
        let mut challenges = challenges(&response);
        let token = challenges.pop().unwrap();
        assert_eq!(challenges, own.as_slice());
        login.verify_reply(&token_of(&[token])).unwrap();
    }
}

// ZIM-02, CAS-02, ICE-24: what a session of the application's own needs to know.
#[test]
fn the_identity_has_the_tickets_end_and_all_that_was_accepted() {
    let site = Site::new();
    let end = site.login().ticket().endtime;
    let handler = Handler::new(move |request| {
        let client: &Authenticated = request.extensions().get().unwrap();
        assert_eq!(
            (client.expires(), client.accepted().service().to_string()),
            (end, format!("{SERVICE}@EXAMPLE.COM"))
        );
        assert!(!client.accepted().channel_bound());
        assert_eq!(format!("{client:?}").matches("alice@EXAMPLE.COM").count(), 1);
        Response::new(String::new())
    });
    assert_eq!(ask(&mut layer(&site).layer(handler), with_token(&site.login().token())).status(), 200);
}

#[test]
fn delegated_credentials_are_handed_over_once_among_all_clones() {
    let site = Site::new();
    let acceptor = site.builder(Policy::default()).accept_delegation().build().unwrap();
    let handler = Handler::new(|request| {
        let client: Authenticated = request.extensions().get().cloned().unwrap();
        let taken = [&client, &client.clone(), request.extensions().get().unwrap()].map(|client| {
            assert!(client.take_evidence_ticket().is_none());
            client.take_delegated_credentials().is_some()
        });
        assert_eq!(taken, [true, false, false]);
        Response::new(String::new())
    });
    let login = site.login().delegating(|_| {});
    let response = ask(&mut layer_of(&site.realm, acceptor).layer(handler), with_token(&login.token()));
    assert_eq!(response.status(), 200);
}

// ZIM-27: each has its status, its name and its challenge.
#[test]
fn what_cannot_be_accepted_is_answered_by_the_table() {
    let site = Site::new();
    let bare = || NEGOTIATE.map(str::to_owned).to_vec();
    let ntlm = STANDARD.encode(b"NTLMSSP\0\x01\0\0\0");
    let mut service = service(&site);
    for (header, status, name) in [
        ("Negotiate".to_owned(), 401, "Header.Empty"),
        ("Bearer abc".to_owned(), 401, "Header.OtherScheme"),
        (format!("Negotiate {ntlm}"), 401, "Token.NotKerberos"),
        (format!("NTLM {ntlm}"), 401, "Token.NotKerberos"),
        ("Negotiate AAAA".to_owned(), 401, "Token.NotKerberos"),
        ("Negotiate YQ===".to_owned(), 400, "Header.BadBase64"),
        ("Negotiate\tYQ==".to_owned(), 400, "Header.Grammar"),
        ("Negotiate YQ==, Negotiate YQ==".to_owned(), 400, "Header.SeveralNegotiate"),
        ("Negotiate YAoGBisGAQUFAqAA".to_owned(), 400, "Token.Malformed"),
        (format!("Negotiate {}", "A".repeat(70 * 1024)), 431, "Header.TooLarge"),
    ] {
        let response = ask(&mut service, with_header(&header));
        let expected = if status == 401 { bare() } else { Vec::new() };
        assert_eq!(refusal(&response), (status, name, expected), "{}", &header[..header.len().min(40)]);
    }
    let login = login_elsewhere(&site);
    let response = ask(&mut service, with_token(&login.token()));
    assert_eq!((response.status().as_u16(), reason(&response)), (401, "NoKey.Principal"));
    assert!(verified(&login, &response).krb_error.is_some());
}

// CAS-04, ASK-08
#[test]
fn ktb_25_a_user_in_300_groups_who_delegates_logs_in() {
    let site = Site::new();
    let login = site.login().with_ticket(|ticket| {
        let groups = AuthorizationElement::new(AuthDataType(9_999), vec![0; 5_000]);
        ticket.authorization_data = Some(vec![AuthorizationElement::if_relevant(&[groups])]);
    });
    let token = login.token();
    assert!(token.len() > 5_000 && token.len() < 8_000, "{}", token.len());
    let response = ask(&mut service(&site), with_token(&token));
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "alice@EXAMPLE.COM"));
}

/// There is no password check to get wrong.
#[test]
fn ktb_19_a_password_is_never_believed() {
    let site = Site::new();
    let header = format!("Basic {}", STANDARD.encode("alice:secret"));
    for header in [header.clone(), format!("Negotiate, {header}"), format!("{header}, Negotiate")] {
        let response = ask(&mut service(&site), with_header(&header));
        assert_eq!((response.status().as_u16(), challenges(&response)), (401, NEGOTIATE.map(str::to_owned).to_vec()));
    }
}

// ZIM-08, ICE-15: who it is, and whether it is welcome.
#[test]
fn a_client_that_is_known_and_not_welcome_is_forbidden_and_not_challenged() {
    let site = Site::new();
    let acceptor = site.builder(Policy::default()).adjust_policy(|policy| policy.client_realms = Some(Vec::new()));
    let mut service = layer_of(&site.realm, acceptor.build().unwrap()).layer(Handler::default());
    let response = ask(&mut service, with_token(&site.login().token()));
    assert_eq!(refusal(&response), (403, "ClientRealmNotAllowed", Vec::new()));
}

// ASK-21: nothing is inherited from the request before, on whatever connection.
#[test]
fn ktb_22_two_users_over_one_connection_are_never_mixed() {
    let site = Site::new();
    let mut service = service(&site);
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for id in [None, Some(ConnectionId::new(7))] {
            for client in ["alice", "bob", "alice"] {
                for (mut request, expected) in [
                    (with_token(&site.login_of(client).token()), format!("200 {client}@EXAMPLE.COM")),
                    (without_header(), "401 ".to_owned()),
                    (
                        with_token(&site.login_of(client).clock_behind(Duration::from_secs(900)).token()),
                        "401 ".to_owned(),
                    ),
                    (without_header(), "401 ".to_owned()),
                ] {
                    *request.version_mut() = version;
                    if let Some(id) = id {
                        request.extensions_mut().insert(id);
                    }
                    let response = ask(&mut service, request);
                    assert_eq!(format!("{} {}", response.status().as_u16(), response.body()), expected);
                }
            }
        }
    }
}

// ASK-06: the same header in another request.
#[test]
fn apr_17_another_request_with_the_same_header_is_a_replay() {
    let site = Site::new();
    let layer = layer(&site);
    let token = site.login().token();
    assert_eq!(ask(&mut layer.layer(Handler::default()), with_token(&token)).status(), 200);
    for with_memo in [false, true] {
        let mut request = with_token(&token);
        if with_memo {
            request.extensions_mut().insert(RequestMemo::new());
        }
        let response = ask(&mut layer.layer(Handler::default()), request);
        assert_eq!((response.status().as_u16(), reason(&response)), (401, "Replay"));
    }
}

// ASK-06
#[test]
fn apr_17_a_request_that_is_retried_outside_of_the_layer_is_accepted_once_and_remembered() {
    let site = Site::new();
    let (handler, acceptor) = (Handler::default(), site.acceptor(Policy::default()));
    let mut service = layer_of(&site.realm, acceptor.clone()).layer(handler.clone());
    let login = site.login();
    let mut request = with_token(&login.token());
    request.extensions_mut().insert(RequestMemo::new());
    let first = ask(&mut service, request.clone());
    let second = ask(&mut service.clone(), request.clone());
    assert_eq!((first.body().as_str(), second.body().as_str()), ("alice@EXAMPLE.COM", "alice@EXAMPLE.COM"));
    assert_eq!(challenges(&first), challenges(&second));
    verified(&login, &second);
    assert_eq!(handler.calls(), 2);
    // Another token in the same memo is judged anew.
    let bob = with_token(&site.login_of("bob").token());
    request.headers_mut().insert(AUTHORIZATION, bob.headers()[AUTHORIZATION].clone());
    assert_eq!(ask(&mut service, request.clone()).body(), "bob@EXAMPLE.COM");
    // And nothing is remembered of a request without credentials, wherever they went.
    request.headers_mut().remove(AUTHORIZATION);
    for credentials in [Credentials::Keep, Credentials::Strip] {
        let mut service = layer_of(&site.realm, acceptor.clone()).credentials(credentials).layer(Handler::default());
        assert_eq!(ask(&mut service, request.clone()).status(), 401);
    }
}

// ASK-06
#[test]
fn apr_17_a_request_that_is_sent_through_the_layer_from_inside_is_accepted_once() {
    let site = Site::new();
    for credentials in [Credentials::Keep, Credentials::Strip] {
        let layer = layer(&site).credentials(credentials);
        let inside = layer.layer(Handler::default());
        let login = site.login();
        let again = Handler::new(move |request| ask(&mut inside.clone(), request.clone()));
        let response = ask(&mut layer.layer(again), with_token(&login.token()));
        assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "alice@EXAMPLE.COM"));
        // Once, though it has been through the layer twice.
        verified(&login, &response);
    }
}

#[test]
fn apr_17_a_retry_through_two_layers_is_remembered_by_both() {
    let site = Site::new();
    let mut nested = layer(&site).layer(layer(&site).layer(Handler::default()));
    let mut request = with_token(&site.login().token());
    request.extensions_mut().insert(RequestMemo::new());
    for _ in 0..3 {
        assert_eq!(ask(&mut nested, request.clone()).body(), "alice@EXAMPLE.COM");
    }
}

#[test]
fn apr_17_two_layers_of_one_acceptor_accept_a_request_once() {
    let site = Site::new();
    let acceptor = site.acceptor(Policy::default());
    let [outside, inside] = [(); 2].map(|()| layer_of(&site.realm, acceptor.clone()));
    let login = site.login();
    let response = ask(&mut outside.layer(inside.layer(Handler::default())), with_token(&login.token()));
    assert_eq!(response.body(), "alice@EXAMPLE.COM");
    verified(&login, &response);
    // A proxy's credentials are none of the server's.
    let proxy = layer_of(&site.realm, acceptor).party(Party::Proxy);
    let mut nested = proxy.layer(inside.credentials(Credentials::Strip).layer(Handler::default()));
    let mut request = with_token(&site.login().token());
    let value = request.headers_mut().remove(AUTHORIZATION).unwrap();
    request.headers_mut().insert("proxy-authorization", value);
    let response = ask(&mut nested, request);
    assert_eq!((response.status().as_u16(), reason(&response)), (401, "Header.Absent"));
}

#[test]
fn an_internal_redirect_to_another_virtual_host_is_judged_there() {
    let site = Site::new();
    let hosts = ["a.example.com", "b.example.com"].map(|host| (host, site.acceptor(Policy::default())));
    let (set, realm) = (AcceptorSet::new(hosts).unwrap(), site.realm.clone());
    let layer = NegotiateLayer::by_host(set, move || realm.now()).credentials(Credentials::Strip);
    let inside = layer.layer(Handler::default());
    for (host, status) in [("a.example.com", 200), ("b.example.com", 401)] {
        let inside = inside.clone();
        let redirect = Handler::new(move |request| {
            let mut request = request.clone();
            request.headers_mut().insert("host", host.parse().unwrap());
            ask(&mut inside.clone(), request)
        });
        let mut request = with_token(&site.login().token());
        request.headers_mut().insert("host", "a.example.com".parse().unwrap());
        assert_eq!(ask(&mut layer.layer(redirect), request).status().as_u16(), status);
    }
}

#[test]
fn what_was_decided_by_another_layer_counts_for_nothing() {
    let site = Site::new();
    let lenient = layer(&site);
    let acceptor = site.builder(Policy::default()).adjust_policy(|policy| policy.client_realms = Some(Vec::new()));
    let strict = layer_of(&site.realm, acceptor.build().unwrap());
    let nested = lenient.layer(strict.clone().layer(Handler::default()));
    let response = ask(&mut nested.clone(), with_token(&site.login().token()));
    assert_eq!((response.status().as_u16(), reason(&response)), (403, "ClientRealmNotAllowed"));
    // A refusal outside is forgotten where the request is accepted inside.
    let outside =
        layer_of(&site.realm, site.acceptor(Policy::default())).beforehand(|_, _| Some(Fallback::FallThrough));
    let response = ask(&mut outside.layer(lenient.layer(Handler::default())), with_token(&site.login().token()));
    assert_eq!(response.body(), "alice@EXAMPLE.COM");
    // What was accepted outside is nothing inside, even where the request is let through.
    let strict = strict.fallback(|_, _| Fallback::FallThrough);
    for with_memo in [false, true] {
        let mut request = with_token(&site.login().token());
        if with_memo {
            request.extensions_mut().insert(RequestMemo::new());
        }
        let response = ask(&mut lenient.layer(strict.layer(Handler::default())), request);
        assert_eq!(response.body(), "ClientRealmNotAllowed");
    }
}

// F5-17
#[test]
fn credentials_are_stripped_before_they_travel_on_if_that_is_asked() {
    let site = Site::new();
    let fields = |request: &Request<()>| format!("{} {}", who(request), request.headers().len());
    let handler = Handler::new(move |request| Response::new(fields(request)));
    let keeping = layer(&site).fallback(|_, _| Fallback::FallThrough);
    let stripping = keeping.clone().credentials(Credentials::Strip);
    let ntlm = format!("Negotiate {}", STANDARD.encode(b"NTLMSSP\0\x01\0\0\0"));
    for (layer, left) in [(keeping, 1), (stripping, 0)] {
        let mut service = layer.layer(handler.clone());
        let accepted = ask(&mut service, with_token(&site.login().token()));
        assert_eq!(accepted.body(), &format!("alice@EXAMPLE.COM {left}"));
        let refused = ask(&mut service, with_header(&ntlm));
        assert_eq!(refused.body(), &format!("Token.NotKerberos {left}"));
        // What is for somebody else stays.
        let other = ask(&mut service, with_header("Bearer abc"));
        assert_eq!(other.body(), "Header.OtherScheme 1");
    }
}

#[test]
fn a_proxy_has_its_own_fields_and_its_own_status_and_strips() {
    let site = Site::new();
    let handler = Handler::new(|request| Response::new(format!("{} {:?}", who(request), request.headers())));
    let mut service = layer(&site).party(Party::Proxy).layer(handler);
    let challenge = ask(&mut service, with_token(&site.login().token()));
    assert_eq!((challenge.status().as_u16(), reason(&challenge)), (407, "Header.Absent"));
    assert_eq!((lines(&challenge, "proxy-authenticate"), challenge.headers().len()), (vec!["Negotiate".to_owned()], 1));
    let login = site.login();
    let mut request = with_header("Bearer origin");
    let value = format!("Negotiate {}", STANDARD.encode(login.token())).parse().unwrap();
    request.headers_mut().insert("proxy-authorization", value);
    let response = ask(&mut service, request);
    assert_eq!(response.body(), "alice@EXAMPLE.COM {\"authorization\": \"Bearer origin\"}");
    login.verify_reply(&token_of(&lines(&response, "proxy-authenticate"))).unwrap();
    assert_eq!(response.headers().len(), 1);
}

// ZIM-04
#[test]
fn the_caller_makes_the_response_of_a_refusal() {
    let site = Site::new();
    let respond = |request: &Parts, refusal: &Refusal, response: Response<()>| {
        let body = format!("{} {}: {}", request.uri, refusal.reason().name(), refusal);
        response.map(|()| body)
    };
    let mut service = layer(&site).refusal_response(respond).layer(Handler::default());
    let response = ask(&mut service, without_header());
    assert_eq!((response.status().as_u16(), challenges(&response)), (401, NEGOTIATE.map(str::to_owned).to_vec()));
    assert_eq!(response.body(), "/ Header.Absent: the request has no credentials");
    let redirect = |_: &Parts, _: &Refusal, mut response: Response<()>| {
        *response.status_mut() = StatusCode::FOUND;
        response.headers_mut().insert(LOCATION, "/login".parse().unwrap());
        response.headers_mut().remove(WWW_AUTHENTICATE);
        response.map(|()| String::new())
    };
    let response = ask(&mut layer(&site).refusal_response(redirect).layer(Handler::default()), without_header());
    assert_eq!((response.status().as_u16(), lines(&response, "location")), (302, vec!["/login".to_owned()]));
}

fn not_kerberos(_: &Parts, refusal: &Refusal) -> Fallback {
    match refusal.reason() {
        RefusalReason::Token(error) if error.class() == ErrorClass::NotKerberos => Fallback::FallThrough,
        RefusalReason::Token(_) => Fallback::WithoutChallenge,
        _ => Fallback::Refuse,
    }
}

// ZIM-07, ICE-14: one challenge, and then the login form.
#[test]
fn a_client_that_answers_ntlm_falls_through_to_the_login_form_without_a_challenge() {
    let site = Site::new();
    let form = Handler::new(|request| Response::new(format!("form: {}", who(request))));
    let mut service = layer(&site).fallback(not_kerberos).layer(form);
    assert_eq!(ask(&mut service, without_header()).status(), 401);
    let ntlm = format!("Negotiate {}", STANDARD.encode(b"NTLMSSP\0\x01\0\0\0"));
    let response = ask(&mut service, with_header(&ntlm));
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "form: Token.NotKerberos"));
    assert_eq!(response.headers().len(), 0);
    // With a ticket nothing has changed.
    assert_eq!(ask(&mut service, with_token(&site.login().token())).body(), "form: alice@EXAMPLE.COM");
}

// ZIM-07: whom to ask is decided before a token is looked at.
#[test]
fn what_is_decided_beforehand_leaves_the_token_unused() {
    let site = Site::new();
    let layer = layer(&site);
    let by_path = |request: &Parts, header: &NegotiateHeader| match (request.uri.path(), header) {
        ("/open", _) => Some(Fallback::FallThrough),
        ("/closed", _) => Some(Fallback::WithoutChallenge),
        ("/afresh", NegotiateHeader::Spnego(_)) => Some(Fallback::Refuse),
        _ => None,
    };
    let mut service = layer.beforehand(by_path).fallback(|_, _| panic!("it was decided")).layer(Handler::default());
    let request = with_token(&site.login().token());
    let mut ask_for = |path: &str| {
        let mut request = request.clone();
        *request.uri_mut() = path.parse().unwrap();
        let response = ask(&mut service, request);
        (response.status().as_u16(), challenges(&response).len(), response.into_body())
    };
    assert_eq!(ask_for("/open"), (200, 0, "Request.Beforehand".to_owned()));
    assert_eq!(ask_for("/closed"), (403, 0, String::new()));
    assert_eq!(ask_for("/afresh"), (401, 1, String::new()));
    // The token was not used up.
    assert_eq!(ask_for("/"), (200, 1, "alice@EXAMPLE.COM".to_owned()));
}

// ZIM-08
#[test]
fn without_a_challenge_the_status_is_403_and_others_stay() {
    let site = Site::new();
    let mut service = layer(&site).fallback(not_kerberos).layer(Handler::default());
    let response = ask(&mut service, with_token(&login_elsewhere(&site).token()));
    assert_eq!(refusal(&response), (403, "NoKey.Principal", Vec::new()));
    let response = ask(&mut service, with_header("Negotiate YAoGBisGAQUFAqAA"));
    assert_eq!(refusal(&response), (400, "Token.Malformed", Vec::new()));
}

// ZIM-16, ICE-26
#[test]
fn each_virtual_host_has_its_acceptor() {
    let site = Site::new();
    let foreign = site
        .builder(Policy::default())
        .adjust_policy(|policy| policy.client_realms = Some(vec![b"OTHER.EXAMPLE".to_vec().into()]))
        .build()
        .unwrap();
    let hosts = [("Web.Example.com", site.acceptor(Policy::default())), ("partners.example.com", foreign)];
    let (set, realm) = (AcceptorSet::new(hosts).unwrap(), site.realm.clone());
    let mut service = NegotiateLayer::by_host(set, move || realm.now()).layer(Handler::default());
    let mut status = |uri: &str, host: &[&str], client: &str| {
        let mut request = with_token(&site.login_of(client).token());
        *request.uri_mut() = uri.parse().unwrap();
        for host in host {
            request.headers_mut().append("host", host.parse().unwrap());
        }
        let response = ask(&mut service, request);
        let refusal = response.extensions().get::<Refusal>().map_or("", |refusal| refusal.reason().name());
        format!("{} {refusal}{}", response.status().as_u16(), response.body())
    };
    for host in ["web.example.com", "WEB.EXAMPLE.COM:8443", "web.example.com:80"] {
        assert_eq!(status("/", &[host], "alice"), "200 alice@EXAMPLE.COM", "{host}");
    }
    // The target counts before the field (RFC 9112 §3.2.2).
    assert_eq!(status("https://web.example.com/", &["partners.example.com"], "alice"), "200 alice@EXAMPLE.COM");
    assert_eq!(status("/", &["partners.example.com"], "alice"), "403 ClientRealmNotAllowed");
    assert_eq!(status("/", &["partners.example.com"], "bob@OTHER.EXAMPLE"), "200 bob@OTHER.EXAMPLE");
    for host in [&[][..], &["other.example.com"], &["web.example.com", "web.example.com"], &["a b"]] {
        assert_eq!(status("/", host, "alice"), "403 Request.UnknownHost", "{host:?}");
    }
}

// ZIM-16
#[test]
fn the_ticket_chooses_among_several_acceptors() {
    let site = Site::new();
    let member = |host: &'static str| {
        let keytab = site.realm.keytab(&format!("HTTP/{host}")).unwrap();
        (host, Acceptor::builder(keytab).service("HTTP").build().unwrap())
    };
    let set = AcceptorSet::new([member("www.example.com"), member("wiki.example.com")]).unwrap();
    let realm = site.realm.clone();
    let mut service = NegotiateLayer::by_ticket(set, move || realm.now()).layer(Handler::new(|request| {
        let client: &Authenticated = request.extensions().get().unwrap();
        Response::new(client.accepted().member().unwrap_or_default().to_owned())
    }));
    for host in ["wiki.example.com", "www.example.com"] {
        let mut request = with_token(&site.realm.login("alice", &format!("HTTP/{host}")).token());
        request.headers_mut().insert("host", "anything.example.com".parse().unwrap());
        assert_eq!(ask(&mut service, request).body(), host);
    }
    let response = ask(&mut service, with_token(&site.login().token()));
    assert_eq!((response.status().as_u16(), reason(&response)), (401, "NoKey.Members"));
    // The narrowest of their limits counts for all.
    let mut limits = Limits::default();
    limits.header_octets = 100;
    let narrow = site.builder(Policy::default()).limits(limits).build().unwrap();
    let set = AcceptorSet::new([("wide", site.acceptor(Policy::default())), ("narrow", narrow)]).unwrap();
    let realm = site.realm.clone();
    let mut service = NegotiateLayer::by_ticket(set, move || realm.now()).layer(Handler::default());
    let response = ask(&mut service, with_token(&site.login().token()));
    assert_eq!(refusal(&response), (431, "Header.TooLarge", Vec::new()));
}

// ASK-14
#[test]
fn channel_bindings_are_those_of_the_connection_that_the_server_names() {
    let site = Site::new();
    let mut service = service(&site);
    let here = ChannelBindings::from_application_data(b"tls-server-end-point:here".to_vec());
    let connection = Connection::new().channel_bindings(here);
    for (bound_to, status) in [(&b"tls-server-end-point:here"[..], 200), (b"tls-server-end-point:elsewhere", 401)] {
        let mut request = with_token(&site.login().channel_bindings(bound_to).token());
        request.extensions_mut().insert(connection.clone());
        let response = ask(&mut service, request);
        assert_eq!(response.status().as_u16(), status);
        if status == 401 {
            assert_eq!(reason(&response), "ChannelBinding");
        }
    }
}

#[test]
fn the_clock_is_the_callers() {
    let site = Site::new();
    let mut service = service(&site);
    let login = site.login();
    site.realm.clock().set(Clock::START.saturating_add(Duration::from_secs(301)));
    let response = ask(&mut service, with_token(&login.token()));
    assert_eq!((response.status().as_u16(), reason(&response)), (401, "ClockSkew"));
    assert!(verified(&login, &response).krb_error.is_some());
    assert_eq!(ask(&mut service, with_token(&login.again().token())).status(), 200);
}

#[test]
fn an_acceptor_that_asks_and_has_no_store_accepts_nobody() {
    let site = Site::new();
    let acceptor = site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap();
    let mut service = layer_of(&site.realm, acceptor).layer(Handler::default());
    let response = ask(&mut service, with_token(&site.login().token()));
    assert_eq!(refusal(&response), (503, "Negotiation.ReplayPending", Vec::new()));
}

/// Layer, service and what is in the extensions go from thread to thread.
#[test]
fn everything_can_be_sent_and_shared() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let site = Site::new();
    let layer = layer(&site);
    shared(&layer);
    shared(&layer.layer(Handler::default()));
    shared(&RequestMemo::new());
    fn extension<T: Send + Sync + Clone + 'static>() {}
    extension::<Authenticated>();
    extension::<Refusal>();
    extension::<Connection>();
}
