//! Every enctype, with SPNEGO and without, mutual and not: who it is, and a reply that MIT's initiator believes, and does
//! not believe any more once a bit of it is turned.

use kerbside::gss::ContextFlags;
use kerbside::numbers::Enctype;
use kerbside::{Accepted, Acceptor, EnctypeRole, KerberosTime, Mechanism, Policy, Timestamp};
use kerbside_interop::{Initiator, Mech, Realm, Request, now, shifted};

/// The acceptor with a key for each enctype's service; RC4 is allowed by name.
fn acceptor(realm: &Realm) -> Acceptor {
    let mut policy = Policy::default();
    policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
    Acceptor::builder(realm.keytab("enctypes"))
        .service("HTTP")
        .policy(policy)
        .build()
        .expect("the acceptor is complete")
}

fn host(enctype: Enctype) -> &'static str {
    enctype.name().expect("a supported enctype has a name")
}

/// Checks all that is known about alice's ticket.
fn check(accepted: &Accepted, enctype: Enctype, asked: ContextFlags, before: Timestamp) {
    assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
    assert_eq!(accepted.service().to_string(), format!("HTTP/{}.kerbside.test@KERBSIDE.TEST", host(enctype)));
    assert_eq!((accepted.enctype(), accepted.kvno()), (enctype, 1));
    // MIT always offers to sign and to seal.
    assert_eq!(accepted.flags(), asked | ContextFlags::CONF | ContextFlags::INTEG);
    assert!(!accepted.channel_bound());
    assert_eq!(accepted.tolerances(), []);

    let times = accepted.ticket_times();
    // MIT's KDC leaves out a start that is the time of the first authentication.
    let start = times.starttime.unwrap_or(times.authtime).to_timestamp();
    assert!(times.authtime.to_timestamp() <= start, "{times:?}");
    // The ticket has whole seconds.
    assert!(shifted(before, -1) <= start && start <= now(), "{times:?} from {before}");
    assert_eq!(times.endtime.unix_seconds() - times.authtime.unix_seconds(), 10 * 3600, "{times:?}");
    assert!(before <= accepted.authenticator_time() && accepted.authenticator_time() <= now());
}

fn accepts(enctype: Enctype) {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let before = now();
    let mut alice = Initiator::of(&realm, "alice");
    for (mech, mechanism) in [(Mech::Spnego, Mechanism::Spnego), (Mech::Krb5, Mechanism::Krb5)] {
        let one_way = Request::to(host(enctype)).mech(mech);
        let leg = alice.init(&one_way).expect("the initiator makes a token");
        let accepted = acceptor.accept(&leg.token.expect("there is a token"), now()).expect("the token is good");
        check(&accepted, enctype, ContextFlags::empty(), before);
        assert_eq!(accepted.mechanism(), mechanism);
        match accepted.reply() {
            None => assert!(leg.complete, "{mech:?}: the initiator waits for a reply"),
            Some(reply) => {
                assert_eq!(mech, Mech::Spnego, "a raw token that asks for no reply gets none");
                assert!(alice.step(reply).expect("the initiator takes the reply").complete);
            }
        }

        let mutual = one_way.mutual().flags(&["replay", "sequence"]);
        let accepted = acceptor.accept(&alice.first_token(&mutual), now()).expect("the token is good");
        check(&accepted, enctype, ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE, before);
        let leg = alice.step(accepted.reply().expect("mutual means a reply")).expect("the initiator takes the reply");
        assert!(leg.complete && leg.token.is_none(), "{leg:?}");
        assert!(leg.flags.contains(&"mutual".to_owned()), "{leg:?}");
    }
}

/// Turns each bit of the reply, each in a fresh context, and asks whether the initiator still takes it for good.
///
/// There are eight that may: MIT knows an AP-REP by its tag, and does not read its msg-type.
fn initiator_refuses_turned_bits(enctype: Enctype) {
    let realm = Realm::started();
    let acceptor = acceptor(&realm);
    let mut alice = Initiator::of(&realm, "alice");
    let request = Request::to(host(enctype)).mech(Mech::Krb5).mutual();
    let (mut taken, mut message_type) = (Vec::new(), None);
    for position in 0_usize.. {
        let accepted = acceptor.accept(&alice.first_token(&request), now()).expect("the token is good");
        let mut reply = accepted.reply().expect("mutual means a reply").to_vec();
        message_type = reply.windows(MESSAGE_TYPE.len()).position(|octets| octets == MESSAGE_TYPE);
        let Some(octet) = reply.get_mut(position / 8) else { break };
        *octet ^= 1 << (position % 8);
        if alice.step(&reply).is_ok_and(|leg| leg.complete) {
            taken.push(position);
        }
    }
    let value = message_type.expect("an AP-REP has a msg-type") + MESSAGE_TYPE.len() - 1;
    assert_eq!(
        taken,
        Vec::from_iter(8 * value..8 * value + 8),
        "positions of bits, in a reply with msg-type at {value}"
    );
}

/// `msg-type [1] INTEGER (15)`, RFC 4120 §5.5.2, in DER.
const MESSAGE_TYPE: &[u8] = &[0xa1, 0x03, 0x02, 0x01, 0x0f];

#[test]
fn accepts_and_answers_aes128_cts_hmac_sha1_96() {
    accepts(Enctype::AES128_CTS_HMAC_SHA1_96);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_aes128_cts_hmac_sha1_96() {
    initiator_refuses_turned_bits(Enctype::AES128_CTS_HMAC_SHA1_96);
}

#[test]
fn accepts_and_answers_aes256_cts_hmac_sha1_96() {
    accepts(Enctype::AES256_CTS_HMAC_SHA1_96);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_aes256_cts_hmac_sha1_96() {
    initiator_refuses_turned_bits(Enctype::AES256_CTS_HMAC_SHA1_96);
}

#[test]
fn accepts_and_answers_aes128_cts_hmac_sha256_128() {
    accepts(Enctype::AES128_CTS_HMAC_SHA256_128);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_aes128_cts_hmac_sha256_128() {
    initiator_refuses_turned_bits(Enctype::AES128_CTS_HMAC_SHA256_128);
}

#[test]
fn accepts_and_answers_aes256_cts_hmac_sha384_192() {
    accepts(Enctype::AES256_CTS_HMAC_SHA384_192);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_aes256_cts_hmac_sha384_192() {
    initiator_refuses_turned_bits(Enctype::AES256_CTS_HMAC_SHA384_192);
}

#[test]
fn accepts_and_answers_rc4_hmac() {
    accepts(Enctype::RC4_HMAC);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_rc4_hmac() {
    initiator_refuses_turned_bits(Enctype::RC4_HMAC);
}

#[test]
fn accepts_and_answers_camellia128_cts_cmac() {
    accepts(Enctype::CAMELLIA128_CTS_CMAC);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_camellia128_cts_cmac() {
    initiator_refuses_turned_bits(Enctype::CAMELLIA128_CTS_CMAC);
}

#[test]
fn accepts_and_answers_camellia256_cts_cmac() {
    accepts(Enctype::CAMELLIA256_CTS_CMAC);
}

#[test]
fn initiator_refuses_turned_bits_of_a_reply_in_camellia256_cts_cmac() {
    initiator_refuses_turned_bits(Enctype::CAMELLIA256_CTS_CMAC);
}

#[test]
fn accepts_and_answers_an_rc4_session_key_in_an_aes_ticket_when_allowed() {
    let realm = Realm::started();
    let mut policy = Policy::default();
    let mut alice = Initiator::of(&realm, "alice");
    let request = Request::to("rc4-session").mutual();
    let refusing = Acceptor::builder(realm.keytab("rc4-session")).build().expect("the acceptor is complete");
    let refused = refusing.accept(&alice.first_token(&request), now()).expect_err("RC4 is refused by default");
    assert_eq!(refused.kind().name(), "EtypeNotPermitted");
    assert!(refused.to_string().contains("rc4-hmac (23)"), "{refused}");

    policy.enctypes.allow(EnctypeRole::SessionKey, Enctype::RC4_HMAC);
    policy.enctypes.allow(EnctypeRole::Subkey, Enctype::RC4_HMAC);
    let allowing =
        Acceptor::builder(realm.keytab("rc4-session")).policy(policy).build().expect("the acceptor is complete");
    let accepted = allowing.accept(&alice.first_token(&request), now()).expect("the policy allows it");
    assert_eq!(accepted.enctype(), Enctype::AES256_CTS_HMAC_SHA1_96);
    assert!(alice.step(accepted.reply().expect("mutual means a reply")).expect("the initiator takes it").complete);
}

#[test]
fn does_not_report_credentials_that_it_does_not_take() {
    let realm = Realm::started();
    let mut alice = Initiator::start(&realm, realm.kinit("alice", &["-f"]));
    let token = alice.first_token(&Request::to("web").mutual().flags(&["deleg"]));
    let plain = alice.first_token(&Request::to("web").mutual());
    assert!(token.len() > 2 * plain.len() - 200, "a delegated ticket is in it: {} and {}", token.len(), plain.len());
    let web = Acceptor::builder(realm.keytab("web")).build().expect("the acceptor is complete");
    let accepted = web.accept(&token, now()).expect("the token is good");
    assert_eq!(accepted.flags(), ContextFlags::MUTUAL | ContextFlags::CONF | ContextFlags::INTEG);
}

#[test]
fn reports_until_when_a_ticket_can_be_renewed() {
    let realm = Realm::started();
    let web = Acceptor::builder(realm.keytab("web")).build().expect("the acceptor is complete");
    let tickets = realm.kinit("alice", &["-l", "1h", "-r", "2d"]);
    let token = Initiator::start(&realm, tickets).first_token(&Request::to("web"));
    let times = web.accept(&token, now()).expect("the token is good").ticket_times();
    let seconds = |time: KerberosTime| time.unix_seconds() - times.authtime.unix_seconds();
    assert_eq!((seconds(times.endtime), times.renew_till.map(seconds)), (3600, Some(2 * 86_400)));
}
