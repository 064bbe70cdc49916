//! The tower layer with a replay store that is awaited: what it says, what happens meanwhile, and which service is called then.
#![cfg(all(feature = "tower", feature = "testing"))]

#[path = "support/site.rs"]
mod site;
#[path = "support/http.rs"]
mod support;

use core::convert::Infallible;
use core::future::{Future, Ready, poll_fn, ready};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use http::{Request, Response};
use kerbside::http::tower::{NegotiateLayer, RequestMemo};
use kerbside::replay::{MemoryReplayStore, ReplayStore as _, ReplayStoreError, Seen};
use kerbside::testing::{NegState, Realm};
use kerbside::{Policy, ReplayPolicy, ReplayQuestion};
use site::Site;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use support::{
    Handler, ask, at_once, call, challenges, layer_of, reason, refusal, verified, with_token, without_header,
};
use tower_layer::Layer as _;
use tower_service::Service;

fn asking(site: &Site) -> NegotiateLayer {
    layer_of(&site.realm, site.builder(Policy::default()).replay(ReplayPolicy::Ask).build().unwrap())
}

type Answer = Result<Seen, ReplayStoreError>;

/// A store that answers when a test says so, and counts its questions and those that were given up.
#[derive(Clone, Default)]
struct Slow {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<ReplayQuestion>>>,
    dropped: Arc<Mutex<usize>>,
}

impl Slow {
    fn ask(&self, question: ReplayQuestion) -> impl Future<Output = Answer> + Send + use<> {
        self.asked.lock().unwrap().push(question);
        let (answers, guard) = (Arc::clone(&self.answers), CountsDrops(Arc::clone(&self.dropped)));
        async move {
            let answer = poll_fn(|_| answers.lock().unwrap().pop_front().map_or(Poll::Pending, Poll::Ready)).await;
            core::mem::forget(guard);
            answer
        }
    }

    fn answer(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn layer(&self, site: &Site) -> NegotiateLayer {
        let store = self.clone();
        asking(site).replay_store(move |question| store.ask(question))
    }
}

struct CountsDrops(Arc<Mutex<usize>>);

impl Drop for CountsDrops {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_store_that_answers_fresh_lets_the_request_on_and_no_sooner() {
    let site = Site::new();
    let (store, handler) = (Slow::default(), Handler::default());
    let mut service = store.layer(&site).layer(handler.clone());
    let login = site.login();
    let mut response = pin!(call(&mut service, with_token(&login.token())));
    assert!(poll(response.as_mut()).is_pending() && poll(response.as_mut()).is_pending());
    assert_eq!((store.asked(), handler.calls()), (1, 0));
    store.answer(Ok(Seen::Fresh));
    let Ok(response) = at_once(response);
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "alice@EXAMPLE.COM"));
    assert!(verified(&login, &response).ap_rep.is_some());
    assert_eq!((store.asked(), handler.calls()), (1, 1));
}

#[test]
fn a_store_of_ones_own_refuses_the_second_time() {
    let site = Site::new();
    let store = Arc::new(MemoryReplayStore::default());
    let layer = asking(&site).replay_store(move |question: ReplayQuestion| {
        let store = Arc::clone(&store);
        async move { store.check_and_insert(question.key(), question.now(), question.keep_until()) }
    });
    let mut service = layer.layer(Handler::default());
    let login = site.login();
    assert_eq!(ask(&mut service, with_token(&login.token())).status(), 200);
    let response = ask(&mut service, with_token(&login.token()));
    assert_eq!((response.status().as_u16(), reason(&response)), (401, "Replay"));
    assert_eq!(verified(&login, &response).neg_state, Some(NegState::Reject));
}

#[test]
fn a_store_that_is_full_or_away_is_503_without_a_challenge() {
    let site = Site::new();
    for (answer, name) in [
        (ReplayStoreError::Full { entries: 3 }, "ReplayStore.Full"),
        (ReplayStoreError::failed("out of reach"), "ReplayStore.Failed"),
    ] {
        let handler = Handler::default();
        let layer = asking(&site).replay_store(move |_| ready(Err(answer.clone())));
        let mut service = layer.layer(handler.clone());
        assert_eq!(refusal(&ask(&mut service, with_token(&site.login().token()))), (503, name, Vec::new()));
        assert_eq!(handler.calls(), 0);
    }
}

/// Step R-1.
#[test]
fn nothing_that_is_refused_for_another_reason_is_asked_about() {
    let site = Site::new();
    let store = Slow::default();
    let mut service = store.layer(&site).layer(Handler::default());
    for (request, name) in [
        (without_header(), "Header.Absent"),
        (with_token(b"NTLMSSP\0\x01\0\0\0"), "Token.NotKerberos"),
        (with_token(&support::login_elsewhere(&site).token()), "NoKey.Principal"),
        (with_token(&site.login().clock_behind(Duration::from_secs(900)).token()), "ClockSkew"),
    ] {
        assert_eq!(reason(&ask(&mut service, request)), name);
    }
    assert_eq!(store.asked(), 0);
}

#[test]
fn a_client_that_goes_away_leaves_nothing_behind() {
    let site = Site::new();
    let (store, handler) = (Slow::default(), Handler::default());
    let mut service = store.layer(&site).layer(handler.clone());
    let memo = RequestMemo::new();
    let mut request = with_token(&site.login().token());
    request.extensions_mut().insert(memo.clone());
    {
        let mut response = pin!(call(&mut service, request));
        assert!(poll(response.as_mut()).is_pending());
    }
    assert_eq!((*store.dropped.lock().unwrap(), handler.calls()), (1, 0));
    assert_eq!(format!("{memo:?}"), "RequestMemo(accepted by 0)");
    // The next one is not concerned.
    store.answer(Ok(Seen::Fresh));
    assert_eq!(ask(&mut service, with_token(&site.login().token())).status(), 200);
}

#[test]
fn two_requests_wait_side_by_side_and_each_gets_its_own_answer() {
    let site = Site::new();
    let store = Slow::default();
    let mut service = store.layer(&site).layer(Handler::default());
    let mut alice = pin!(call(&mut service, with_token(&site.login_of("alice").token())));
    let mut bob = pin!(call(&mut service, with_token(&site.login_of("bob").token())));
    assert!(poll(alice.as_mut()).is_pending() && poll(bob.as_mut()).is_pending());
    store.answer(Ok(Seen::Fresh));
    let Ok(answer) = at_once(bob);
    assert_eq!(answer.body(), "bob@EXAMPLE.COM");
    store.answer(Ok(Seen::Replay { first_seen: site.realm.now() }));
    let Ok(answer) = at_once(alice);
    assert_eq!((answer.status().as_u16(), reason(&answer)), (401, "Replay"));
}

/// The clock may go on while the store is awaited; the answer counts at the time at which it came.
#[test]
fn the_time_is_read_again_when_the_store_has_answered() {
    let site = Site::new();
    let store = Slow::default();
    let mut service = store.layer(&site).layer(Handler::default());
    let login = site.login();
    let mut response = pin!(call(&mut service, with_token(&login.token())));
    assert!(poll(response.as_mut()).is_pending());
    site.realm.clock().advance(Duration::from_secs(20));
    store.answer(Err(ReplayStoreError::failed("gone")));
    let Ok(response) = at_once(response);
    assert_eq!((response.status().as_u16(), challenges(&response)), (503, Vec::new()));
}

#[test]
fn apr_17_what_the_store_let_on_is_remembered() {
    let site = Site::new();
    let store = Slow::default();
    let mut service = store.layer(&site).layer(Handler::default());
    let mut request = with_token(&site.login().token());
    request.extensions_mut().insert(RequestMemo::new());
    store.answer(Ok(Seen::Fresh));
    for _ in 0..2 {
        assert_eq!(ask(&mut service, request.clone()).body(), "alice@EXAMPLE.COM");
    }
    assert_eq!(store.asked(), 1);
}

/// A service that is ready only after it was polled, and whose clones are not.
#[derive(Default)]
struct Permits {
    ready: bool,
}

impl Clone for Permits {
    fn clone(&self) -> Self {
        Self { ready: false }
    }
}

impl Service<Request<()>> for Permits {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(core::mem::take(&mut self.ready), "called without having been polled ready");
        ready(Ok(Response::new(String::new())))
    }
}

#[test]
fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    let site = Site::new();
    let store = Slow::default();
    for layer in [store.layer(&site), support::layer(&site)] {
        let mut service = layer.layer(Permits::default());
        let mut first = pin!(call(&mut service, with_token(&site.login().token())));
        if poll(first.as_mut()).is_pending() {
            // Another request comes meanwhile, over the clone.
            store.answer(Ok(Seen::Fresh));
            store.answer(Ok(Seen::Fresh));
            assert_eq!(ask(&mut service, with_token(&site.login().token())).status(), 200);
            let Ok(response) = at_once(first);
            assert_eq!(response.status(), 200);
        }
    }
}

#[test]
fn futures_can_be_sent() {
    fn sent<T: Send + 'static>(_: T) {}
    let site = Site::new();
    let mut service = Slow::default().layer(&site).layer(Handler::default());
    sent(call(&mut service, with_token(&site.login().token())));
    sent::<fn(&Realm) -> kerbside::Timestamp>(Realm::now);
}
