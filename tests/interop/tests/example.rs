//! The example `axum_sso` with a realm's keytab, and every client over http and https.

use kerbside_interop::{Certificate, Client, Example, Proof, Realm, TicketCache, Visit};

/// What each client makes of the page that says who asks.
fn visits(realm: &Realm, tickets: &TicketCache, check: impl Fn(Client, &Visit)) {
    let certificate = Certificate::issue();
    for certificate in [None, Some(&certificate)] {
        let example = Example::start(realm, certificate);
        for client in Client::BROWSERS.into_iter().chain(Client::OTHERS) {
            check(client, &client.visit(&example.errand("/whoami", tickets)));
        }
    }
}

fn log_in(realm: &Realm) {
    visits(realm, &realm.kinit("alice", &[]), |client, visit| {
        assert!(visit.status.is_none_or(|status| status == 200), "{client:?}: {visit:?}");
        assert!(visit.body.contains("alice@KERBSIDE.TEST"), "{client:?}: {visit:?}");
        let proof = if client.is_careful() { Proof::Verified } else { Proof::NotChecked };
        assert_eq!(visit.proof, proof, "{client:?}: {visit:?}");
    });
}

#[test]
fn every_client_logs_in_with_tickets_of_mit() {
    log_in(&Realm::started());
}

#[test]
fn every_client_logs_in_with_tickets_of_heimdal() {
    log_in(&Realm::heimdal());
}

#[test]
fn every_client_logs_in_with_tickets_of_samba() {
    log_in(&Realm::samba());
}

#[test]
fn browsers_without_a_ticket_see_the_form_and_the_others_what_is_wrong() {
    let realm = Realm::started();
    visits(&realm, &realm.new_cache(), |client, visit| {
        assert!(visit.status.is_none_or(|status| status == 401), "{client:?}: {visit:?}");
        assert!(!visit.body.contains("alice"), "{client:?}: {visit:?}");
        // Java asks for HTML as browsers do.
        let page = if matches!(client, Client::Curl | Client::Requests | Client::Httpx) {
            "Header.Absent"
        } else {
            "the user is demo"
        };
        assert!(text(&visit.body).contains(page), "{client:?}: {visit:?}");
    });
}

/// A page without its tags.
fn text(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect()
}
