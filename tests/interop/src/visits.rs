//! What holds with every client over http and https.

use hyper::Version;
use kerbside::{Acceptor, Policy};

use crate::{Certificate, Client, Errand, FALLBACK, Proof, Realm, Seen, Site, now, tickets, whoami, whoami_or_form};

/// How often a client asks before it gives up, at most. requests-gssapi makes two tokens.
const PATIENCE: usize = 3;

/// Alice logs in over http and over https, with as many requests as it takes.
pub fn log_in(clients: &[Client], realm: &Realm) {
    let certificate = Certificate::issue();
    let alice = realm.kinit("alice", &[]);
    let page = || whoami(tickets::acceptor(realm, "web"));
    for &client in clients {
        for site in [Site::http(page()), Site::https(&certificate, page())] {
            succeed(client, &site, &Errand::to(&site, realm, &alice), "alice@KERBSIDE.TEST");
        }
    }
}

/// Alice logs in where HTTP/2 is offered, and asks over it first. With which version a browser comes back with its token is its own
/// affair: it may take another connection.
pub fn log_in_where_http2_is_offered(client: Client) -> Seen {
    let realm = Realm::started();
    let (certificate, alice) = (Certificate::issue(), realm.kinit("alice", &[]));
    let site = Site::http2(&certificate, whoami(tickets::acceptor(&realm, "web")));
    let visit = client.visit(&Errand::to(&site, &realm, &alice));
    let seen = site.seen();
    let what = format!("{client:?}: {:?}, {:?}", seen.versions, seen.statuses);
    assert_eq!(visit.body, "alice@KERBSIDE.TEST", "{what}");
    assert_eq!(seen.versions.first(), Some(&Version::HTTP_2), "{what}");
    let (last, challenges) = seen.statuses.split_last().expect("it came");
    assert!(*last == 200 && challenges.len() <= 2 && challenges.iter().all(|status| *status == 401), "{what}");
    assert_eq!(seen.tokens.len(), 1, "{what}");
    seen
}

/// A client that logs in, and what the site saw of it.
pub fn succeed(client: Client, site: &Site, errand: &Errand<'_>, principal: &str) -> Seen {
    // The others wait until they are asked.
    let challenges = if client == Client::Curl { 0 } else { 1 };
    let visit = client.visit(errand);
    let what = format!("{client:?} to {}: {visit:?}", site.url());
    assert!(visit.status.is_none_or(|status| status == 200), "{what}");
    assert_eq!(visit.body, principal, "{what}");
    assert_eq!(visit.proof, if client.is_careful() { Proof::Verified } else { Proof::NotChecked }, "{what}");
    let seen = site.seen();
    let statuses = [vec![401; challenges], vec![200]].concat();
    assert_eq!((&seen.statuses, seen.tokens.len()), (&statuses, 1), "{what}: {:?}", seen.versions);
    seen
}

/// A client that does not log in, does not go on for ever, and gives the page that it was given.
pub fn fail(client: Client, site: &Site, errand: &Errand<'_>) -> Seen {
    let visit = client.visit(errand);
    let what = format!("{client:?} to {}: {visit:?}", site.url());
    // Java has no page where its token was refused.
    assert!(visit.status.is_none_or(|status| status == 401), "{what}");
    assert_eq!(visit.proof, Proof::NotChecked, "{what}");
    let seen = site.seen();
    assert!(seen.statuses.iter().all(|&status| status == 401), "{what}: {seen:?}");
    assert!((1..=PATIENCE).contains(&seen.statuses.len()), "{what}: {seen:?}");
    if seen.tokens.is_empty() {
        assert_eq!(visit.body, FALLBACK, "{what}");
    }
    seen
}

/// Who has no ticket sees the page with the other ways to log in.
pub fn fall_back_without_a_ticket(clients: &[Client]) {
    let realm = Realm::started();
    let nobody = realm.new_cache();
    for &client in clients {
        let site = Site::http(whoami(tickets::acceptor(&realm, "web")));
        let seen = fail(client, &site, &Errand::to(&site, &realm, &nobody));
        assert!(seen.tokens.is_empty(), "{client:?}: {seen:?}");
    }
}

/// A server without the key refuses every token.
pub fn give_up_when_refused(clients: &[Client]) {
    let realm = Realm::started();
    let alice = realm.kinit("alice", &[]);
    for &client in clients {
        let site = Site::http(whoami(tickets::acceptor(&realm, "other")));
        let seen = fail(client, &site, &Errand::to(&site, &realm, &alice));
        assert!(!seen.tokens.is_empty(), "{client:?}: {seen:?}");
    }
}

/// Where the page has other ways to log in, who is refused sees them with the same request, and is not asked again.
pub fn fall_through_when_refused(clients: &[Client]) {
    let realm = Realm::started();
    let alice = realm.kinit("alice", &[]);
    for &client in clients {
        let site = Site::http(whoami_or_form(tickets::acceptor(&realm, "other")));
        let seen = succeed(client, &site, &Errand::to(&site, &realm, &alice), FALLBACK);
        assert_eq!(seen.bodies.last().map(String::as_str), Some(FALLBACK), "{client:?}: {seen:?}");
    }
}

/// The user in 302 groups delegates: 7.6 KiB, which is a header of 10 KiB.
pub fn send_a_large_token(clients: &[Client]) {
    let realm = Realm::samba();
    let many = realm.kinit("many", &["-f"]);
    let certificate = Certificate::issue();
    for &client in clients {
        let acceptor = tickets::builder(&realm, "web").accept_delegation().build().expect("the acceptor is complete");
        let site = Site::https(&certificate, whoami(acceptor));
        let errand = Errand::to(&site, &realm, &many).delegating();
        let seen = succeed(client, &site, &errand, "many@KERBSIDE.TEST");
        assert!((7_600..8_000).contains(&seen.tokens[0].len()), "{client:?}: {}", seen.tokens[0].len());
    }
}

/// Whom the strict policy, which wants tokens that are bound to their connection, accepts: those that bind, and nobody else.
pub fn bind_or_are_refused(clients: &[Client], realm: &Realm) {
    let alice = realm.kinit("alice", &[]);
    let [here, elsewhere] = [Certificate::issue(), Certificate::issue()];
    let site = |bound_to| Site::https_bound_to(bound_to, &here, whoami(strict(realm)));
    let refused = |client, site: &Site, errand: &Errand<'_>| {
        let seen = fail(client, site, errand);
        assert!(seen.bodies.iter().any(|body| body == "ChannelBinding"), "{client:?}: {seen:?}");
    };
    for &client in clients {
        let own = site(&here);
        refused(client, &own, &Errand::to(&own, realm, &alice));
        if client.can_bind() {
            let own = site(&here);
            succeed(client, &own, &Errand::to(&own, realm, &alice).bound(), "alice@KERBSIDE.TEST");
            // Somebody who shows a certificate of theirs, and hands the token on.
            let between = site(&elsewhere);
            refused(client, &between, &Errand::to(&between, realm, &alice).bound());
        }
    }
}

fn strict(realm: &Realm) -> Acceptor {
    let builder = tickets::builder(realm, "web").policy(Policy::strict()).started_at(now());
    builder.build().expect("the acceptor is complete")
}
