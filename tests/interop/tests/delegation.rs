//! Credentials that MIT's, Heimdal's and Java's initiators delegate: MIT's programs, and the initiators themselves, act for
//! the client with them.

use kerbside::gss::ContextFlags;
use kerbside::numbers::Enctype;
use kerbside::{Accepted, Acceptor, AcceptorBuilder, DelegatedCredentials};
use kerbside_interop::suite::ENCTYPES;
use kerbside_interop::{Initiator, Mech, Peer, Realm, Request, TicketCache, now};

const MECHS: [Mech; 2] = [Mech::Spnego, Mech::Krb5];
const PEERS: [Peer; 3] = [Peer::Mit, Peer::Heimdal, Peer::Java];

fn acceptor(realm: &Realm, keytab: &str) -> AcceptorBuilder {
    Acceptor::builder(realm.keytab(keytab)).service("HTTP")
}

/// What the acceptor has of a token that asks to delegate; the initiator takes the reply.
fn accepted(acceptor: &Acceptor, alice: &mut Initiator, request: &Request) -> Accepted {
    let token = alice.first_token(request);
    let accepted = acceptor.accept(&token, now()).expect("the token is good");
    assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
    if let Some(reply) = accepted.reply() {
        assert!(alice.step(reply).expect("the initiator takes the reply").complete);
    }
    accepted
}

fn delegated(mut accepted: Accepted) -> DelegatedCredentials {
    assert!(accepted.flags().contains(ContextFlags::DELEG), "{:?}", accepted.flags());
    let credentials = accepted.take_delegated_credentials().expect("credentials were delegated");
    assert!(accepted.take_delegated_credentials().is_none(), "they are handed over once");
    credentials
}

fn written(realm: &Realm, credentials: &DelegatedCredentials) -> TicketCache {
    let cache = realm.new_cache();
    credentials.write_ccache(cache.path()).expect("the cache can be written");
    cache
}

/// This peer's initiator with a ticket of alice's that can be forwarded.
fn forwardable(peer: Peer, realm: &Realm) -> Initiator {
    Initiator::start_peer(peer, realm, realm.kinit("alice", &["-f"]))
}

fn mits_programs_use_the_ticket_of(peer: Peer) {
    let realm = Realm::started();
    let web = acceptor(&realm, "web").accept_delegation().build().expect("the acceptor is complete");
    let mut alice = forwardable(peer, &realm);
    for mech in MECHS {
        for flags in [&["deleg"][..], &["deleg", "mutual"], &["deleg", "mutual", "replay", "sequence"]] {
            let request = Request::to("web").mech(mech).flags(flags);
            let credentials = delegated(accepted(&web, &mut alice, &request));
            assert_eq!(credentials.client().to_string(), "alice@KERBSIDE.TEST");
            let cache = written(&realm, &credentials);

            let listed = realm.run("klist", &cache, &["-f"]).expect("klist reads the cache");
            assert!(listed.contains("Default principal: alice@KERBSIDE.TEST"), "{listed}");
            assert!(listed.contains("krbtgt/KERBSIDE.TEST@KERBSIDE.TEST"), "{listed}");
            // F: it can be forwarded again; f: it was.
            let flags = listed.lines().find_map(|line| line.split_once("Flags: ")).expect("klist lists flags").1;
            assert!(flags.contains('F') && flags.contains('f'), "{listed}");

            let fetched = realm.run("kvno", &cache, &["HTTP/other.kerbside.test"]).expect("the KDC takes the ticket");
            assert_eq!(fetched.trim_end(), "HTTP/other.kerbside.test@KERBSIDE.TEST: kvno = 1");
            let listed = realm.run("klist", &cache, &[]).expect("klist reads the cache");
            assert!(listed.contains("HTTP/other.kerbside.test@KERBSIDE.TEST"), "{listed}");
        }
    }
}

#[test]
fn mits_programs_use_the_ticket_that_mit_delegates() {
    mits_programs_use_the_ticket_of(Peer::Mit);
}

#[test]
fn mits_programs_use_the_ticket_that_heimdal_delegates() {
    mits_programs_use_the_ticket_of(Peer::Heimdal);
}

#[test]
fn mits_programs_use_the_ticket_that_java_delegates() {
    mits_programs_use_the_ticket_of(Peer::Java);
}

#[test]
fn the_next_service_sees_the_client_and_may_get_the_ticket_again() {
    let realm = Realm::started();
    let web = acceptor(&realm, "web").accept_delegation().build().expect("the acceptor is complete");
    let other = acceptor(&realm, "other").accept_delegation().build().expect("the acceptor is complete");
    let request = |host: &str| Request::to(host).mutual().flags(&["deleg"]);
    for peer in PEERS {
        let first = delegated(accepted(&web, &mut forwardable(peer, &realm), &request("web")));
        let mut on_her_behalf = Initiator::start_peer(peer, &realm, written(&realm, &first));
        let second = delegated(accepted(&other, &mut on_her_behalf, &request("other")));
        let cache = written(&realm, &second);
        realm.run("kvno", &cache, &["HTTP/web.kerbside.test"]).expect("the KDC takes the ticket");
    }
}

#[test]
fn credentials_come_under_session_keys_of_every_enctype() {
    let realm = Realm::started();
    let all = acceptor(&realm, "enctypes").accept_delegation();
    let all = all.adjust_policy(|policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC));
    let all = all.build().expect("the acceptor is complete");
    let of_mit_alone = [Enctype::CAMELLIA128_CTS_CMAC, Enctype::CAMELLIA256_CTS_CMAC];
    for (peer, more) in [(Peer::Mit, &of_mit_alone[..]), (Peer::Heimdal, &[]), (Peer::Java, &[])] {
        let mut alice = forwardable(peer, &realm);
        for &enctype in ENCTYPES.iter().chain(more) {
            let request = Request::to(enctype.name().expect("it has a name")).mutual().flags(&["deleg"]);
            let accepted = accepted(&all, &mut alice, &request);
            assert_eq!(accepted.session_key_enctype(), enctype);
            let cache = written(&realm, &delegated(accepted));
            realm.run("kvno", &cache, &["HTTP/web.kerbside.test"]).expect("the KDC takes the ticket");
        }
    }
}

#[test]
fn nothing_is_delegated_without_a_forwardable_ticket_or_unless_both_sides_want_it() {
    let realm = Realm::started();
    let wanted = Request::to("web").mutual().flags(&["deleg"]);
    let takes = acceptor(&realm, "web").accept_delegation().build().expect("the acceptor is complete");
    let does_not = acceptor(&realm, "web").build().expect("the acceptor is complete");
    for peer in PEERS {
        for (options, request, web) in
            [(&[][..], &wanted, &takes), (&["-f"], &Request::to("web").mutual(), &takes), (&["-f"], &wanted, &does_not)]
        {
            let mut alice = Initiator::start_peer(peer, &realm, realm.kinit("alice", options));
            let accepted = accepted(web, &mut alice, request);
            let what = format!("{peer:?} {options:?} {:?}", accepted.flags());
            assert!(!accepted.flags().contains(ContextFlags::DELEG), "{what}");
            assert!(accepted.delegated_credentials().is_none(), "{what}");
        }
    }
}
