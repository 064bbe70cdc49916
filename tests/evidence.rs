//! The evidence ticket: kept if it is asked for, handed over once, and never printed.
#![cfg(feature = "testing")]

#[path = "support/ccache.rs"]
mod ccache;

use kerbside::messages::TicketFlags;
use kerbside::testing::{BitString, Login, Realm};
use kerbside::{Accepted, Acceptor, Policy};

const SERVICE: &str = "HTTP/web.example.com";

fn accepted(realm: &Realm, login: &Login) -> Accepted {
    let keytab = realm.keytab(SERVICE).unwrap();
    let acceptor = Acceptor::builder(keytab).keep_evidence_ticket().build().unwrap();
    acceptor.accept(&login.token(), realm.now()).unwrap()
}

// F5-01
#[test]
fn no_evidence_is_kept_unless_it_is_asked_for() {
    let realm = Realm::new("EXAMPLE.COM");
    for policy in [Policy::strict(), Policy::default(), Policy::windows_compatible()] {
        let builder = Acceptor::builder(realm.keytab(SERVICE).unwrap()).policy(policy).started_at(realm.now());
        let mut accepted =
            builder.build().unwrap().accept(&realm.login("alice", SERVICE).token(), realm.now()).unwrap();
        assert!(accepted.evidence_ticket().is_none() && accepted.take_evidence_ticket().is_none());
    }
}

// F5-01
#[test]
fn the_ticket_is_kept_octet_for_octet_with_its_session_key() {
    let realm = Realm::new("EXAMPLE.COM");
    let login = realm.login("alice", SERVICE).raw_krb5();
    let mut accepted = accepted(&realm, &login);
    let evidence = accepted.take_evidence_ticket().unwrap();
    assert_eq!(evidence.ticket(), login.ticket_octets());
    assert_eq!(*evidence.session_key(), login.ticket().key.to_key().unwrap());
    assert_eq!((evidence.client(), evidence.service()), (accepted.client(), accepted.service()));
    assert_eq!(evidence.times(), accepted.ticket_times());
    assert!(accepted.take_evidence_ticket().is_none(), "it is handed over once");
}

#[test]
fn the_service_is_the_keytabs_whatever_the_ticket_says() {
    let realm = Realm::new("EXAMPLE.COM");
    let accepted = accepted(&realm, &realm.login("alice", SERVICE).cleartext_service("HTTP/elsewhere"));
    assert_eq!(accepted.evidence_ticket().unwrap().service(), &realm.principal(SERVICE));
}

// F5-02
#[test]
fn the_forwardable_flag_decides_whether_it_can_be_used() {
    let realm = Realm::new("EXAMPLE.COM");
    for (bits, forwardable) in [(vec![1, 10], true), (vec![2, 10], false)] {
        let login = realm.login("alice", SERVICE).with_ticket(|ticket| ticket.flags = BitString::with_bits(&bits));
        let accepted = accepted(&realm, &login);
        assert_eq!(accepted.ticket_flags().contains(TicketFlags::FORWARDABLE), forwardable);
        assert_eq!(accepted.evidence_ticket().unwrap().is_forwardable(), forwardable);
    }
}

#[test]
fn a_credential_cache_holds_it_and_no_debug_output_does() {
    let realm = Realm::new("EXAMPLE.COM");
    let login = realm.login("alice", SERVICE);
    let accepted = accepted(&realm, &login);
    let evidence = accepted.evidence_ticket().unwrap();
    let octets = evidence.to_ccache();
    let cache = ccache::read(octets.as_octets());
    assert_eq!(cache.default_principal.1, "alice@EXAMPLE.COM");
    let [credential] = &cache.credentials[..] else { panic!("one credential") };
    assert_eq!(
        (&credential.client.1[..], &credential.service.1[..]),
        ("alice@EXAMPLE.COM", "HTTP/web.example.com@EXAMPLE.COM")
    );
    assert_eq!(
        (&credential.key[..], &credential.ticket[..]),
        (evidence.session_key().as_octets(), &login.ticket_octets()[..])
    );
    let key = credential.key.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    let shown = format!("{evidence:?} {accepted:?} {octets:?} {:?}", credential.key.len());
    assert!(!shown.contains(&key) && !shown.contains(&format!("{:?}", &credential.key[..4])), "{shown}");
}

/// How the file comes to be is tested where credentials are delegated.
#[cfg(feature = "std")]
#[test]
fn a_written_cache_is_the_one_in_memory() {
    let realm = Realm::new("EXAMPLE.COM");
    let accepted = accepted(&realm, &realm.login("alice", SERVICE));
    let evidence = accepted.evidence_ticket().unwrap();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("evidence-ccache");
    evidence.write_ccache(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), evidence.to_ccache().as_octets());
    assert!(evidence.write_ccache(path.join("below a file")).is_err());
}
