//! Tickets kept as evidence, at a KDC: MIT's with its database in LDAP, which knows who may act for clients. `kgetcred`
//! asks it in the service's name (S4U2Proxy, MS-SFU §3.2.5.2), and MIT's initiator goes on as the client.

use kerbside::numbers::Enctype;
use kerbside::{Accepted, Acceptor, AcceptorBuilder, EvidenceTicket};
use kerbside_interop::suite::ENCTYPES;
use kerbside_interop::{Initiator, Mech, Realm, Request, TicketCache, now};

const MECHS: [Mech; 2] = [Mech::Spnego, Mech::Krb5];
/// Towards which every service with a key of one enctype may act for clients, and towards which none may.
const BACK: &str = "HTTP/back.kerbside.test@KERBSIDE.TEST";
const OTHER: &str = "HTTP/other.kerbside.test@KERBSIDE.TEST";

fn acceptor(realm: &Realm, keytab: &str) -> AcceptorBuilder {
    let builder = Acceptor::builder(realm.keytab(keytab)).service("HTTP");
    builder.adjust_policy(|policy| policy.enctypes.allow_everywhere(Enctype::RC4_HMAC))
}

fn host(enctype: Enctype) -> &'static str {
    enctype.name().expect("a supported enctype has a name")
}

/// What the acceptor has of a mutual login as alice, whoever presents it.
fn accepted(acceptor: &Acceptor, initiator: &mut Initiator, host: &str, mech: Mech) -> Accepted {
    let token = initiator.first_token(&Request::to(host).mech(mech).mutual());
    let accepted = acceptor.accept(&token, now()).expect("the token is good");
    assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
    let leg = initiator.step(accepted.reply().expect("mutual means a reply"));
    assert!(leg.expect("the initiator takes the reply").complete);
    accepted
}

fn evidence(acceptor: &Acceptor, alice: &mut Initiator, host: &str, mech: Mech) -> EvidenceTicket {
    let evidence = accepted(acceptor, alice, host, mech).take_evidence_ticket().expect("evidence is kept");
    assert_eq!(evidence.client().to_string(), "alice@KERBSIDE.TEST");
    evidence
}

fn written(realm: &Realm, evidence: &EvidenceTicket) -> TicketCache {
    let cache = realm.new_cache();
    evidence.write_ccache(cache.path()).expect("the cache can be written");
    cache
}

/// The service's own ticket, for it to ask the KDC with.
fn own_ticket(realm: &Realm, host: &str) -> TicketCache {
    realm.kinit(&format!("HTTP/{host}.kerbside.test"), &["-f"])
}

#[test]
fn the_kdc_lets_the_service_act_for_the_client_and_the_next_service_sees_the_client() {
    let realm = Realm::delegating();
    let front = acceptor(&realm, "front").keep_evidence_ticket().build().expect("the acceptor is complete");
    let back = acceptor(&realm, "back").keep_evidence_ticket().build().expect("the acceptor is complete");
    let mut alice = Initiator::start(&realm, realm.kinit("alice", &["-f"]));
    for enctype in ENCTYPES {
        let own = own_ticket(&realm, host(enctype));
        for mech in MECHS {
            let evidence = evidence(&front, &mut alice, host(enctype), mech);
            assert!(evidence.is_forwardable(), "{enctype:?}");
            let issued =
                realm.act_for_client(&own, &written(&realm, &evidence), BACK).expect("the KDC issues a ticket");
            let mut on_her_behalf = Initiator::start(&realm, issued);
            let proxied = accepted(&back, &mut on_her_behalf, "back", mech);
            assert_eq!(proxied.service().to_string(), BACK);
            assert!(proxied.evidence_ticket().is_some_and(EvidenceTicket::is_forwardable), "{enctype:?}");
        }
    }
}

#[test]
fn a_ticket_that_is_not_forwardable_says_so_and_the_kdc_refuses_it() {
    let realm = Realm::delegating();
    let front = acceptor(&realm, "front").keep_evidence_ticket().build().expect("the acceptor is complete");
    let mut alice = Initiator::start(&realm, realm.kinit("alice", &["-F"]));
    for enctype in ENCTYPES {
        let evidence = evidence(&front, &mut alice, host(enctype), Mech::Spnego);
        assert!(!evidence.is_forwardable(), "{enctype:?}");
        let own = own_ticket(&realm, host(enctype));
        let refused = realm.act_for_client(&own, &written(&realm, &evidence), BACK).err().expect("the KDC refuses");
        assert!(refused.contains("EVIDENCE_TKT_NOT_FORWARDABLE"), "{refused}");
    }
}

#[test]
fn evidence_is_good_for_the_services_that_the_kdc_allows_only() {
    let realm = Realm::delegating();
    let front = acceptor(&realm, "front").keep_evidence_ticket().build().expect("the acceptor is complete");
    let mut alice = Initiator::start(&realm, realm.kinit("alice", &["-f"]));
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    let evidence = written(&realm, &evidence(&front, &mut alice, host(enctype), Mech::Spnego));
    let own = own_ticket(&realm, host(enctype));
    let refused = realm.act_for_client(&own, &evidence, OTHER).err().expect("the KDC refuses");
    assert!(refused.contains("UNSUPPORTED_S4U2PROXY_REQUEST"), "{refused}");
    realm.act_for_client(&own, &evidence, BACK).expect("the KDC issues a ticket");
}

#[test]
fn no_evidence_is_kept_unless_it_is_asked_for() {
    let realm = Realm::delegating();
    let front = acceptor(&realm, "front").build().expect("the acceptor is complete");
    let mut alice = Initiator::start(&realm, realm.kinit("alice", &["-f"]));
    let accepted = accepted(&front, &mut alice, host(Enctype::AES256_CTS_HMAC_SHA1_96), Mech::Spnego);
    assert!(accepted.evidence_ticket().is_none());
}
