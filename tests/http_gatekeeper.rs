//! The gate before the tower layer: whom a server asks, what the refused get, and the two flows of SSO that other products
//! document, header by header.
#![cfg(all(feature = "tower", feature = "testing"))]

#[path = "support/site.rs"]
mod site;
#[path = "support/http.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::time::Duration;
use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::request::Builder;
use http::{HeaderValue, Request, Response};
use kerbside::http::gate::{
    Gate, Marker, RefusalLog, RequestFacts, ReturnTo, Selection, Transport, Transports, TrustedProxies,
};
use kerbside::http::tower::{
    Authenticated, Authorization, Credentials, EmptyBody, Fallback, Gatekeeper, Negotiate, NegotiateLayer, OnRefusal,
    Refusal, RefusalReason,
};
use kerbside::numbers::AddressType;
use kerbside::testing::{HostAddress, Login};
use kerbside::{Connection, Policy, ReplayPolicy};
use site::{SERVICE, Site};
use std::sync::{Arc, Mutex};
use support::{Handler, ask, challenges, layer, layer_of, lines, refusal, verified, who};
use tower_layer::Layer as _;

const SESSION: &str = "session=alice; Path=/; HttpOnly";
const GAVE_UP: &str = "kerbside-gave-up=1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure";
const NO_COOKIES: [&str; 0] = [];

fn ntlm() -> String {
    format!("Negotiate {}", STANDARD.encode(b"NTLMSSP\0\x01\0\0\0"))
}

fn token(login: &Login) -> String {
    format!("Negotiate {}", STANDARD.encode(login.token()))
}

/// A request over TLS.
fn get(path: &str) -> Builder {
    Request::get(path).extension(Transport::Tls)
}

fn done(request: Builder) -> Request<()> {
    request.body(()).unwrap()
}

/// Asks everybody but who has a session.
fn gate() -> Gate {
    Gate::new().only(Selection::new().when(|facts: &RequestFacts<'_>| facts.cookie("session").is_none()))
}

fn gated(site: &Site, gatekeeper: Gatekeeper) -> Negotiate<Handler, EmptyBody> {
    layer(site).gatekeeper(gatekeeper).layer(Handler::default())
}

/// Status and body.
fn told(response: &Response<String>) -> (u16, &str) {
    (response.status().as_u16(), response.body())
}

fn cookies<B>(response: &Response<B>) -> Vec<String> {
    lines(response, "set-cookie")
}

fn location<B>(response: &Response<B>) -> Vec<String> {
    lines(response, "location")
}

/// What a browser sends back of a `Set-Cookie`.
fn sent_back(set_cookie: &str) -> &str {
    set_cookie.split(';').next().unwrap()
}

fn login_elsewhere(site: &Site) -> Login {
    support::login_elsewhere(site)
}

// KTB-23, ZIM-07, ICE-14
#[test]
fn ktb_23_who_always_answers_ntlm_is_challenged_once_and_then_gets_the_form() {
    let site = Site::new();
    let mut service = gated(&site, Gatekeeper::new(gate()));
    let response = ask(&mut service, done(get("/inbox")));
    assert_eq!((response.status().as_u16(), challenges(&response)), (401, vec!["Negotiate".to_owned()]));
    let response = ask(&mut service, done(get("/inbox").header(AUTHORIZATION, ntlm())));
    assert_eq!((told(&response), challenges(&response)), ((200, "Pass.Ntlm"), vec![]));
    let cookie = cookies(&response);
    assert_eq!(cookie, [GAVE_UP]);
    let response = ask(&mut service, done(get("/next").header(COOKIE, sent_back(&cookie[0]))));
    assert_eq!((told(&response), challenges(&response)), ((200, "Pass.GaveUp"), vec![]));
    assert_eq!(cookies(&response), NO_COOKIES);
    // A ticket that comes after all is welcome, and ends the minute.
    let request = get("/next").header(COOKIE, sent_back(&cookie[0])).header(AUTHORIZATION, token(&site.login()));
    let response = ask(&mut service, done(request));
    assert_eq!(told(&response), (200, "alice@EXAMPLE.COM"));
    assert_eq!(cookies(&response), ["kerbside-gave-up=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"]);
}

// ZIM-05, ZIM-06, KTB-23
#[test]
fn ktb_23_a_refused_ticket_leads_to_the_form_and_from_there_nowhere_else() {
    let site = Site::new();
    let to_form = OnRefusal::RedirectTo(ReturnTo::path("/login").unwrap());
    let mut service = gated(&site, Gatekeeper::new(gate()).on_refusal(to_form));
    let bad = token(&login_elsewhere(&site));
    let response = ask(&mut service, done(get("/inbox?folder=a&b=1").header(AUTHORIZATION, &bad)));
    assert_eq!((response.status().as_u16(), challenges(&response)), (302, vec![]));
    assert_eq!(location(&response), ["/login?return_to=/inbox%3Ffolder%3Da%26b%3D1"]);
    assert_eq!(cookies(&response), [GAVE_UP]);
    let response = ask(&mut service, done(get("/login?return_to=/inbox").header(COOKIE, sent_back(GAVE_UP))));
    assert_eq!(told(&response), (200, "Pass.GaveUp"));
    // Even if the browser keeps no cookies.
    let response = ask(&mut service, done(get("/login").header(AUTHORIZATION, &bad)));
    assert_eq!(told(&response), (200, "NoKey.Principal"));
    // Behind a POST the form is fetched with GET, and its body is lost: there is nowhere to return to.
    let post = Request::post("/send").extension(Transport::Tls).header(AUTHORIZATION, &bad);
    let response = ask(&mut service, done(post));
    assert_eq!((response.status().as_u16(), location(&response)), (303, vec!["/login".to_owned()]));
}

// KTB-23
#[test]
fn ktb_23_the_way_back_is_never_to_another_host() {
    let site = Site::new();
    let to_form = OnRefusal::RedirectTo(ReturnTo::path("/login?from=sso").unwrap());
    let mut service = gated(&site, Gatekeeper::new(gate()).on_refusal(to_form));
    for (path, expected) in [("//evil.example/a", "/login?from=sso"), ("/a", "/login?from=sso&return_to=/a")] {
        let request = get("/").header(AUTHORIZATION, token(&login_elsewhere(&site)));
        let mut request = done(request);
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(location(&ask(&mut service, request)), [expected], "{path}");
    }
}

// ZIM-05
#[test]
fn a_refused_request_falls_through_or_is_answered_as_the_policy_says() {
    let site = Site::new();
    let bad = token(&login_elsewhere(&site));
    for (policy, expected, cookie) in
        [(OnRefusal::FallThrough, (200, "NoKey.Principal"), vec![GAVE_UP]), (OnRefusal::Answer, (401, ""), vec![])]
    {
        let mut service = gated(&site, Gatekeeper::new(gate()).on_refusal(policy));
        let response = ask(&mut service, done(get("/").header(AUTHORIZATION, &bad)));
        assert_eq!((told(&response), cookies(&response)), (expected, cookie.iter().map(|&c| c.to_owned()).collect()));
    }
}

// ZIM-05
#[test]
fn a_program_is_answered_where_a_person_is_sent_to_the_form() {
    let site = Site::new();
    let form = ReturnTo::path("/login").unwrap();
    let gatekeeper = Gatekeeper::new(gate()).on_refusal_by(move |request, _| match request.headers.get("accept") {
        Some(accept) if accept == "text/html" => OnRefusal::RedirectTo(form.clone()),
        _ => OnRefusal::Answer,
    });
    let mut service = gated(&site, gatekeeper);
    for (accept, expected) in [("text/html", (302, 0)), ("application/json", (401, 1))] {
        let bad = token(&login_elsewhere(&site));
        let response = ask(&mut service, done(get("/").header("accept", accept).header(AUTHORIZATION, bad)));
        assert_eq!((response.status().as_u16(), challenges(&response).len()), expected);
    }
}

#[test]
fn what_is_this_sides_fault_or_no_fault_of_the_ticket_is_answered_whatever_the_policy() {
    let site = Site::new();
    let nobody = site::with(Policy::default(), |policy| policy.client_realms = Some(Vec::new()));
    let asking = site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap();
    for (acceptor, expected) in [(asking, 503), (site.acceptor(nobody), 403)] {
        let gatekeeper = Gatekeeper::new(gate()).on_refusal(OnRefusal::FallThrough);
        let mut service = layer_of(&site.realm, acceptor).gatekeeper(gatekeeper).layer(Handler::default());
        let response = ask(&mut service, done(get("/").header(AUTHORIZATION, token(&site.login()))));
        assert_eq!((response.status().as_u16(), cookies(&response)), (expected, vec![]));
    }
}

// ZIM-09
#[test]
fn zim_09_who_logged_out_stays_out_until_the_button_is_pressed() {
    let site = Site::new();
    let mut service = gated(&site, Gatekeeper::new(gate().login_path("/login/ticket")));
    let set = Marker::LoggedOut.set(Transport::Tls);
    let marked = |path| get(path).header(COOKIE, sent_back(&set));
    for request in [marked("/"), marked("/").header(AUTHORIZATION, token(&site.login()))] {
        assert_eq!(told(&ask(&mut service, done(request))), (200, "Pass.LoggedOut"));
    }
    assert_eq!(ask(&mut service, done(marked("/login/ticket"))).status(), 401);
    let response = ask(&mut service, done(marked("/login/ticket").header(AUTHORIZATION, token(&site.login()))));
    assert_eq!(told(&response), (200, "alice@EXAMPLE.COM"));
    assert_eq!(cookies(&response), ["kerbside-logged-out=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"]);
}

// ZIM-24: one selection for the login and for the logout.
#[test]
fn zim_24_who_is_not_asked_is_not_logged_out_of_anything_either() {
    let site = Site::new();
    let inside = Selection::new().network("10.112.0.0/16".parse().unwrap());
    let mut service = gated(&site, Gatekeeper::new(Gate::new().only(inside)));
    for (peer, expected) in [("10.112.0.7", "Pass.LoggedOut"), ("10.113.0.7", "Pass.NotSelected")] {
        let connection = Connection::new().peer_address(peer.parse().unwrap());
        let set = Marker::LoggedOut.set(Transport::Tls);
        let response = ask(&mut service, done(get("/").header(COOKIE, sent_back(&set)).extension(connection)));
        assert_eq!(told(&response), (200, expected));
    }
}

#[test]
fn in_the_clear_nobody_is_asked_and_a_token_is_not_looked_at() {
    let site = Site::new();
    let mut service = gated(&site, Gatekeeper::new(Gate::new()));
    let request = || Request::get("/");
    let spent = site.login();
    let response = ask(&mut service, done(request().header(AUTHORIZATION, token(&spent))));
    assert_eq!(told(&response), (200, "Pass.Plain"));
    // It was not used up.
    let response = ask(&mut service, done(get("/").header(AUTHORIZATION, token(&spent))));
    assert_eq!(told(&response), (200, "alice@EXAMPLE.COM"));
    let mut service = gated(&site, Gatekeeper::new(Gate::new().over(Transports::Any)));
    assert_eq!(ask(&mut service, done(request())).status(), 401);
}

// KTB-24, ZIM-23, CAS-15
#[test]
fn ktb_24_only_a_trusted_proxy_says_where_a_client_is_and_how_it_came() {
    let site = Site::new();
    let inside = Selection::new().network("10.112.0.0/16".parse().unwrap());
    let proxies = TrustedProxies::new(["192.0.2.1".parse().unwrap()]);
    let mut service = gated(&site, Gatekeeper::new(Gate::new().only(inside)).behind(proxies));
    let mut asked = |peer: &str, forwarded: &str, proto: Option<&str>| {
        let connection = Connection::new().peer_address(peer.parse().unwrap());
        let mut request = Request::get("/").header("x-forwarded-for", forwarded).extension(connection);
        if let Some(proto) = proto {
            request = request.header("x-forwarded-proto", proto);
        }
        let response = ask(&mut service, done(request));
        (response.status().as_u16(), response.into_body())
    };
    let passed = |name: &str| (200, name.to_owned());
    assert_eq!(asked("192.0.2.1", "10.112.0.7", Some("https")), (401, String::new()));
    assert_eq!(asked("192.0.2.1", "10.112.0.7, 198.51.100.1", Some("https")), passed("Pass.NotSelected"));
    assert_eq!(asked("192.0.2.1", "10.112.0.7", Some("http")), passed("Pass.Plain"));
    assert_eq!(asked("192.0.2.1", "10.112.0.7", Some("https, http")), passed("Pass.Plain"));
    assert_eq!(asked("192.0.2.1", "10.112.0.7", None), passed("Pass.Plain"));
    // Nobody's proxy.
    assert_eq!(asked("192.0.2.2", "10.112.0.7", Some("https")), passed("Pass.Plain"));
}

// KTB-24
#[test]
fn a_ticket_that_is_bound_to_an_address_is_held_against_the_clients_behind_a_proxy() {
    let site = Site::new();
    let proxies = TrustedProxies::new(["192.0.2.1".parse().unwrap()]);
    let mut service = gated(&site, Gatekeeper::new(Gate::new()).behind(proxies));
    let mut asked = |peer: &str, forwarded: Option<&str>| {
        let address = HostAddress::new(AddressType::IPV4, [10, 112, 0, 7]);
        let login = site.login().with_ticket(|ticket| ticket.caddr = Some(vec![address]));
        let connection = Connection::new().peer_address(peer.parse().unwrap());
        let request = get("/").header(AUTHORIZATION, token(&login)).extension(connection);
        let request = forwarded.into_iter().fold(request, |request, line| request.header("x-forwarded-for", line));
        ask(&mut service, done(request)).status().as_u16()
    };
    assert_eq!(asked("192.0.2.1", Some("10.112.0.7")), 200);
    assert_eq!(asked("192.0.2.1", Some("10.112.0.8")), 401);
    assert_eq!(asked("192.0.2.1", None), 401);
    assert_eq!(asked("192.0.2.2", Some("10.112.0.7")), 401, "nobody's proxy");
    assert_eq!(asked("10.112.0.7", None), 200);
}

// ICE-15, ZIM-08
#[test]
fn ice_15_who_may_not_come_in_is_answered_403_with_proof_of_the_server_and_without_a_challenge() {
    let site = Site::new();
    let handler = Handler::default();
    let mut service = layer(&site)
        .gatekeeper(Gatekeeper::new(gate()).on_refusal(OnRefusal::FallThrough))
        .authorize(|request, client| match (request.uri.path(), client.client().to_string().as_str()) {
            ("/admin", "root@EXAMPLE.COM") | ("/", _) => Authorization::Grant,
            _ => Authorization::Forbid,
        })
        .session(|_, _| Some(HeaderValue::from_static(SESSION)))
        .layer(handler.clone());
    let login = site.login();
    let response = ask(&mut service, done(get("/admin").header(AUTHORIZATION, token(&login))));
    assert_eq!((response.status().as_u16(), support::reason(&response)), (403, "Request.NotAuthorized"));
    assert!(verified(&login, &response).ap_rep.is_some());
    assert_eq!((cookies(&response), handler.calls()), (vec![], 0));
    let root = site.login_of("root");
    let response = ask(&mut service, done(get("/admin").header(AUTHORIZATION, token(&root))));
    assert_eq!((told(&response), cookies(&response)), ((200, "root@EXAMPLE.COM"), vec![SESSION.to_owned()]));
    let response = ask(&mut service, done(get("/").header(AUTHORIZATION, token(&site.login()))));
    assert_eq!(told(&response), (200, "alice@EXAMPLE.COM"));
}

// ZIM-03, ZIM-22: a path that is not asked about has no errors of credentials either.
#[test]
fn what_is_not_selected_passes_with_credentials_that_cannot_be_read() {
    let site = Site::new();
    let mut service = gated(&site, Gatekeeper::new(Gate::new().only(Selection::new().path("/sso"))));
    for (path, expected) in [("/health", (200, "Pass.NotSelected")), ("/sso", (400, ""))] {
        let response = ask(&mut service, done(get(path).header(AUTHORIZATION, "Negotiate YQ===")));
        assert_eq!(told(&response), expected);
    }
}

#[test]
fn credentials_of_another_scheme_pass_and_are_left_for_whoever_reads_them() {
    let site = Site::new();
    let seen = Handler::new(|request| {
        let left = request.headers().get(AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
        Response::new(format!("{} {left}", who(request)))
    });
    let mut service = layer(&site).gatekeeper(Gatekeeper::new(gate())).credentials(Credentials::Strip).layer(seen);
    for (header, expected) in [("Bearer a".to_owned(), "Pass.OtherScheme Bearer a"), (ntlm(), "Pass.Ntlm ")] {
        let response = ask(&mut service, done(get("/").header(AUTHORIZATION, header)));
        assert_eq!(response.body(), expected);
    }
}

#[test]
fn a_hook_of_the_callers_comes_before_the_policy_of_the_gatekeeper() {
    let site = Site::new();
    let mut service = layer(&site)
        .gatekeeper(Gatekeeper::new(gate()).on_refusal(OnRefusal::FallThrough))
        .fallback(|_, refusal| match refusal.reason() {
            RefusalReason::Token(_) => Fallback::WithoutChallenge,
            _ => Fallback::Refuse,
        })
        .layer(Handler::default());
    let response = ask(&mut service, done(get("/").header(AUTHORIZATION, token(&login_elsewhere(&site)))));
    assert_eq!(refusal(&response), (403, "NoKey.Principal", vec![]));
}

#[test]
fn refusals_are_written_within_the_logs_limits_and_challenges_are_not_refusals() {
    let site = Site::new();
    let written: Arc<Mutex<Vec<(String, u64)>>> = Arc::default();
    let pen = Arc::clone(&written);
    let mut service = layer(&site)
        .gatekeeper(Gatekeeper::new(gate()))
        .log_refusals(RefusalLog::new(1, Duration::from_secs(60)), move |request, refusal: &Refusal, left_out| {
            pen.lock().unwrap().push((format!("{} {}", request.uri, refusal.reason().name()), left_out));
        })
        .layer(Handler::default());
    let bad = || token(&login_elsewhere(&site));
    let mut send = |path: &str, header: Option<String>| {
        let request = header.into_iter().fold(get(path), |request, header| request.header(AUTHORIZATION, header));
        ask(&mut service, done(request));
    };
    for (path, header) in [
        ("/challenge", None),
        ("/ntlm", Some(ntlm())),
        ("/1", Some(bad())),
        ("/2", Some(bad())),
        ("/3", Some("Negotiate YQ===".to_owned())),
        ("/4", Some(token(&site.login()))),
    ] {
        send(path, header);
    }
    site.realm.clock().advance(Duration::from_secs(60));
    send("/5", Some(bad()));
    let written = written.lock().unwrap();
    let expected = [("/1 NoKey.Principal", 0), ("/3 Header.BadBase64", 0), ("/5 NoKey.Principal", 1)];
    assert_eq!(*written, expected.map(|(line, left_out)| (line.to_owned(), left_out)));
}

/// A site whose entry sends browsers that can do it to a login by ticket: what the products below have in common.
fn portal(site: &Site, gatekeeper: Gatekeeper, home: &'static str) -> Negotiate<Handler, EmptyBody> {
    let end = site.login().ticket().endtime;
    let handler = Handler::new(move |request| {
        let has_session = request.headers().get_all(COOKIE).iter().any(|line| line == sent_back(SESSION));
        let agent = request.headers().get("user-agent").map_or("", |agent| agent.to_str().unwrap());
        let to = |path: &str| Response::builder().status(302).header("location", path).body(String::new()).unwrap();
        match request.uri().path() {
            "/sso" if request.extensions().get::<Authenticated>().is_some() => to(home),
            "/sso" => Response::new("the form".to_owned()),
            "/logout" => Response::builder()
                .header(SET_COOKIE, Marker::LoggedOut.set(Transport::Tls))
                .header(SET_COOKIE, "session=; Path=/; Max-Age=0")
                .body("logged out; [Launch]".to_owned())
                .unwrap(),
            "/error" => Response::new("the error page".to_owned()),
            _ if has_session => Response::new("the mailbox".to_owned()),
            _ if agent.contains("Firefox") => to("/sso"),
            _ => Response::new("the form".to_owned()),
        }
    });
    layer(site)
        .gatekeeper(gatekeeper)
        .session(move |_, client| {
            assert_eq!(client.expires(), end);
            Some(HeaderValue::from_static(SESSION))
        })
        .layer(handler)
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn browse(path: &str) -> Builder {
    get(path).header("host", "mail.example.com").header("user-agent", FIREFOX)
}

// ICE-24, ZIM-02, ZIM-03, ZIM-09
/// The flow of Zimbra's administration guide, appendix on SPNEGO: entry, protected address, challenge, token, mailbox; then
/// the logout with its button, and the way to the error page.
#[test]
fn zim_appendix_a_the_flow_header_by_header() {
    let site = Site::new();
    let only = Selection::new().path("/sso");
    let to_error = OnRefusal::RedirectTo(ReturnTo::path("/error").unwrap());
    let gatekeeper = Gatekeeper::new(Gate::new().only(only).login_path("/sso")).on_refusal(to_error);
    let mut service = portal(&site, gatekeeper, "/mailbox");

    // 1, 2: a request without anything; browsers that are supported are sent to the protected address.
    let response = ask(&mut service, done(browse("/")));
    assert_eq!((response.status().as_u16(), location(&response)), (302, vec!["/sso".to_owned()]));
    assert_eq!((challenges(&response), cookies(&response)), (vec![], vec![]));
    assert_eq!(told(&ask(&mut service, done(get("/").header("user-agent", "curl/8")))), (200, "the form"));

    // 3: there it is challenged.
    let response = ask(&mut service, done(browse("/sso")));
    assert_eq!((response.status().as_u16(), challenges(&response)), (401, vec!["Negotiate".to_owned()]));
    assert_eq!(response.headers().len(), 1);

    // 4, 5: its ticket is accepted: the last token and the product's own cookie go with the redirect to the mailbox.
    let login = site.login();
    let response = ask(&mut service, done(browse("/sso").header(AUTHORIZATION, token(&login))));
    assert_eq!((response.status().as_u16(), location(&response)), (302, vec!["/mailbox".to_owned()]));
    assert!(verified(&login, &response).ap_rep.is_some());
    assert_eq!((cookies(&response), response.headers().len()), (vec![SESSION.to_owned()], 3));

    // 6: from here on the cookie is enough.
    let response = ask(&mut service, done(browse("/mailbox").header(COOKIE, sent_back(SESSION))));
    assert_eq!((told(&response), response.headers().len()), ((200, "the mailbox"), 0));

    // 7: the logout sticks, and its button leads back in.
    let response = ask(&mut service, done(browse("/logout").header(COOKIE, sent_back(SESSION))));
    let [logged_out, gone] = &cookies(&response)[..] else { panic!("two cookies") };
    assert_eq!((response.body().as_str(), gone.as_str()), ("logged out; [Launch]", "session=; Path=/; Max-Age=0"));
    let launched = |request: Builder| done(request.header(COOKIE, sent_back(logged_out)));
    assert_eq!(ask(&mut service, launched(browse("/sso"))).status(), 401);
    let response = ask(&mut service, launched(browse("/sso").header(AUTHORIZATION, token(&site.login()))));
    assert_eq!(response.status(), 302);
    assert_eq!(cookies(&response), [&Marker::LoggedOut.clear(Transport::Tls), SESSION]);

    // 8: a ticket that is no good leads to the error page, and not round in circles.
    let bad = token(&login_elsewhere(&site));
    let response = ask(&mut service, done(browse("/sso").header(AUTHORIZATION, bad)));
    assert_eq!((response.status().as_u16(), challenges(&response)), (302, vec![]));
    assert_eq!((location(&response), cookies(&response)), (vec!["/error?return_to=/sso".into()], vec![GAVE_UP.into()]));
    let response = ask(&mut service, done(browse("/error?return_to=/sso").header(COOKIE, sent_back(GAVE_UP))));
    assert_eq!(told(&response), (200, "the error page"));
}

// CAS-01, CAS-02
/// The steps of Apereo CAS: 1 request, 2 to the login, 3 challenge, 4 ticket, 5 validation and the cookie of the
/// ticket-granting session, 6 back to the service; and no second handshake while that cookie lives.
#[test]
fn cas_six_steps_header_by_header() {
    let site = Site::new();
    let only = Selection::new().when(|facts| facts.path() == "/sso" && facts.cookie("session").is_none());
    let back = "https://app.example.com/?ticket=ST-1";
    let mut service = portal(&site, Gatekeeper::new(Gate::new().only(only)), back);

    // 1, 2
    let response = ask(&mut service, done(browse("/app")));
    assert_eq!((response.status().as_u16(), location(&response)), (302, vec!["/sso".to_owned()]));
    // 3
    let response = ask(&mut service, done(browse("/sso?service=app")));
    assert_eq!((response.status().as_u16(), challenges(&response)), (401, vec!["Negotiate".to_owned()]));
    assert_eq!((response.headers().len(), cookies(&response)), (1, vec![]));
    // 4, 5, 6
    let login = site.login();
    let response = ask(&mut service, done(browse("/sso?service=app").header(AUTHORIZATION, token(&login))));
    assert_eq!((response.status().as_u16(), location(&response)), (302, vec![back.to_owned()]));
    assert_eq!(cookies(&response), [SESSION]);
    assert!(verified(&login, &response).ap_rep.is_some());
    // CAS-02
    let response = ask(&mut service, done(browse("/sso").header(COOKIE, sent_back(SESSION))));
    assert_eq!((told(&response), response.headers().len()), ((200, "the form"), 0));
    // The same token again is nobody's login.
    let response = ask(&mut service, done(browse("/sso").header(AUTHORIZATION, token(&login))));
    assert_eq!((response.status().as_u16(), support::reason(&response)), (401, "Replay"));
    assert_eq!(cookies(&response), NO_COOKIES);
}

/// The layer stays what it was for those who set nothing.
#[test]
fn without_a_gatekeeper_no_cookie_is_set_and_everybody_is_asked() {
    let site = Site::new();
    let negotiate: NegotiateLayer = layer(&site);
    let mut service = negotiate.layer(Handler::default());
    for header in [None, Some(ntlm()), Some(token(&site.realm.login("alice", &SERVICE.replace("web", "x"))))] {
        let request =
            header.into_iter().fold(Request::get("/"), |request, header| request.header(AUTHORIZATION, header));
        let response = ask(&mut service, done(request));
        assert_eq!((response.status().as_u16(), cookies(&response)), (401, vec![]));
    }
}
