//! Whom to ask may stand in a directory, and a directory takes its time: a service of the caller's looks it up, and leaves what it
//! found in the request.
#![cfg(all(feature = "tower", feature = "testing"))]

#[path = "support/site.rs"]
mod site;
#[path = "support/http.rs"]
mod support;

use core::convert::Infallible;
use core::future::poll_fn;
use core::net::IpAddr;
use core::task::Poll;
use http::request::Parts;
use http::{Request, Response};
use kerbside::http::NegotiateHeader;
use kerbside::http::tower::Fallback;
use site::Site;
use support::{Handler, challenges, layer, with_token, without_header};
use tower::{Service, ServiceExt as _, service_fn};
use tower_layer::Layer as _;

/// What the directory says of a machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Machine {
    Managed,
    Unknown,
}

/// A directory that is asked once before it answers.
async fn look_up(address: Option<&IpAddr>) -> Machine {
    let mut asked = false;
    poll_fn(|context| {
        if core::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    if address == Some(&IpAddr::from([192, 0, 2, 7])) { Machine::Managed } else { Machine::Unknown }
}

fn only_managed(request: &Parts, _: &NegotiateHeader) -> Option<Fallback> {
    let managed = request.extensions.get() == Some(&Machine::Managed);
    (!managed).then_some(Fallback::FallThrough)
}

// CAS-17
#[test]
fn cas_17_a_directory_says_whom_to_ask() {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(ask_managed_and_unknown_machines());
}

async fn ask_managed_and_unknown_machines() {
    let site = Site::new();
    let negotiate = layer(&site).beforehand(only_managed).layer(Handler::default());
    let mut service = service_fn(move |mut request: Request<()>| {
        let mut negotiate = negotiate.clone();
        async move {
            let machine = look_up(request.extensions().get()).await;
            request.extensions_mut().insert(machine);
            negotiate.ready().await?.call(request).await
        }
    });
    let mut ask = async |mut request: Request<()>, last: u8| {
        request.extensions_mut().insert(IpAddr::from([192, 0, 2, last]));
        let response: Result<Response<String>, Infallible> = service.ready().await.unwrap().call(request).await;
        let response = response.unwrap();
        (response.status().as_u16(), challenges(&response).len(), response.into_body())
    };
    let token = with_token(&site.login().token());
    assert_eq!(ask(without_header(), 7).await, (401, 1, String::new()));
    assert_eq!(ask(without_header(), 8).await, (200, 0, "Request.Beforehand".to_owned()));
    assert_eq!(ask(token.clone(), 8).await, (200, 0, "Request.Beforehand".to_owned()), "the token is not looked at");
    assert_eq!(ask(token, 7).await, (200, 1, "alice@EXAMPLE.COM".to_owned()), "and not used up");
}
