//! A replay store that the caller asks itself: the negotiation stops, and goes on with its answer (section 13 of the
//! acceptance order).
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/tlv.rs"]
mod tlv;

use core::time::Duration;
use kerbside::asn1::Rules;
use kerbside::messages::ApReq;
use kerbside::numbers::KrbErrorCode;
use kerbside::replay::{ReplayKey, ReplayStoreError, Seen};
use kerbside::testing::{Login, NegState, Realm};
use kerbside::{Acceptor, DcePolicy, GssMajor, Policy, ReplayPolicy, ReplayQuestion, Step};
use site::Site;
use talk::{SECOND, Talk};

fn asking(site: &Site) -> Acceptor {
    let builder = site.builder(Policy::default()).adjust_policy(|policy| policy.dce = DcePolicy::Accept);
    builder.replay(ReplayPolicy::Ask).build().unwrap()
}

#[track_caller]
fn question(talk: &mut Talk<'_>, login: &Login) -> ReplayQuestion {
    match talk.step(&login.token()) {
        Ok(Step::CheckReplay(question)) => question,
        other => panic!("no question: {other:?}"),
    }
}

/// Steps: what a store in place would be asked.
#[test]
fn the_question_is_the_hash_of_the_authenticator_and_how_long_to_keep_it() {
    let site = Site::new();
    let skew = Duration::from_secs(300);
    let ahead = Duration::from_secs(100);
    for (login, from) in [
        (site.login(), site.realm.now()),
        (site.login().clock_ahead(ahead), site.realm.now().saturating_add(ahead)),
        (site.login().clock_behind(ahead), site.realm.now()),
    ] {
        let mut talk = Talk::with(&site, &asking(&site));
        let question = question(&mut talk, &login);
        let ap_req = login.ap_req();
        let cipher = ApReq::from_octets(&ap_req, Rules::default()).unwrap().authenticator.cipher.to_vec();
        assert_eq!(question.key(), &ReplayKey::new(Realm::ENCTYPE, &cipher));
        assert_eq!(question.now(), site.realm.now());
        assert_eq!(question.keep_until(), from.saturating_add(2 * skew));
    }
}

#[test]
fn a_fresh_one_goes_on() {
    let site = Site::new();
    for login in [site.login(), site.login().raw_krb5(), site.login().without_mutual()] {
        let mut talk = Talk::with(&site, &asking(&site));
        question(&mut talk, &login);
        let Ok(Step::Accepted(accepted)) = talk.negotiation.resume(Ok(Seen::Fresh), site.realm.now()) else {
            panic!("not accepted")
        };
        assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
        if let Some(reply) = accepted.reply() {
            login.verify_reply(reply).unwrap();
        }
        talk.assert_closed();
    }
}

/// The third leg of DCE style is awaited after the answer, not before.
#[test]
fn a_fresh_one_of_three_legs_goes_on_to_the_third() {
    let site = Site::new();
    let login = site.login().dce_style();
    let mut talk = Talk::with(&site, &asking(&site));
    question(&mut talk, &login);
    let Ok(Step::Continue(reply)) = talk.negotiation.resume(Ok(Seen::Fresh), site.realm.now()) else {
        panic!("the third leg is not awaited")
    };
    let answer = login.verify_reply(&reply).unwrap();
    assert_eq!(talk.done(&login.dce_leg(&answer)).client().to_string(), "alice@EXAMPLE.COM");
}

/// What the caller's store says, and the refusal that it is.
type Answer = (fn() -> Result<Seen, ReplayStoreError>, &'static str, i32);

/// Steps: the client is told as if the store were the acceptor's own.
#[test]
fn every_other_answer_refuses() {
    let first_seen = Site::new().realm.now();
    let answers: [Answer; 3] = [
        (|| Ok(Seen::Replay { first_seen: Site::new().realm.now() }), "Replay", 34),
        (|| Err(ReplayStoreError::Full { entries: 3 }), "ReplayStore.Full", 60),
        (|| Err(ReplayStoreError::failed("out of reach")), "ReplayStore.Failed", 60),
    ];
    for (answer, name, code) in answers {
        for mutual in [true, false] {
            let site = Site::new();
            let login = if mutual { site.login() } else { site.login().without_mutual() };
            let mut talk = Talk::with(&site, &asking(&site));
            question(&mut talk, &login);
            let error = talk.negotiation.resume(answer(), site.realm.now()).unwrap_err();
            assert_eq!((error.kind().name(), error.krb_error_code()), (name, KrbErrorCode(code)));
            let told = login.verify_reply(error.reply().unwrap()).unwrap();
            assert_eq!(told.neg_state, Some(NegState::Reject));
            assert_eq!(told.krb_error.map(|told| told.error_code), mutual.then_some(KrbErrorCode(code)));
            if name == "Replay" {
                assert!(error.to_string().contains(&first_seen.to_string()), "{error}");
            }
            talk.assert_closed();
        }
    }
}

#[test]
fn an_answer_without_a_question_closes_the_negotiation() {
    let site = Site::new();
    let second = site.login().offering(&SECOND);
    for token in [None, Some(second.token())] {
        let mut talk = Talk::with(&site, &asking(&site));
        token.iter().for_each(|token| drop(talk.go_on(token)));
        let error = talk.negotiation.resume(Ok(Seen::Fresh), site.realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), "Negotiation.OutOfOrder");
        talk.assert_closed();
        let error = talk.negotiation.resume(Ok(Seen::Fresh), site.realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), "Negotiation.Closed");
    }
}

/// NEG-07: nobody speaks while the store is asked; what was asked cannot be answered any more then.
#[test]
fn neg_07_a_token_before_the_answer_closes_the_negotiation() {
    let site = Site::new();
    for token in [Vec::new(), site.login().token(), b"\xa1\x02\x30\x00".to_vec()] {
        let mut talk = Talk::with(&site, &asking(&site));
        question(&mut talk, &site.login());
        assert_eq!(talk.refused(&token).kind().name(), "Negotiation.OutOfOrder");
        let error = talk.negotiation.resume(Ok(Seen::Fresh), site.realm.now()).unwrap_err();
        assert_eq!(error.kind().name(), "Negotiation.Closed");
    }
}

/// Step R-1: what is refused for another reason asks nothing.
#[test]
fn only_what_passes_everything_else_asks() {
    let site = Site::new();
    let acceptor = asking(&site);
    let mut late = Talk::with(&site, &acceptor);
    assert_eq!(late.outcome(&site.login().clock_behind(Duration::from_secs(301)).token()), "continue");
    let mut other = Talk::with(&site, &acceptor);
    let mallory = site.login().with_authenticator(|a| a.cname.name_string = vec![b"mallory".to_vec()]);
    assert_eq!(other.outcome(&mallory.token()), "ClientMismatch");
}

/// One token in, one answer out cannot wait for a store.
#[test]
fn a_single_accept_cannot_ask() {
    let site = Site::new();
    let error = asking(&site).accept(&site.login().token(), site.realm.now()).unwrap_err();
    assert_eq!((error.kind().name(), error.gss_major()), ("Negotiation.ReplayPending", GssMajor::FAILURE));
    assert_eq!(error.reply(), None);
}
