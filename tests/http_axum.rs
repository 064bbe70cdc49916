//! The extractor for axum, behind the layer on a router.
#![cfg(all(feature = "axum", feature = "testing"))]

#[path = "support/site.rs"]
mod site;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response};
use kerbside::Policy;
use kerbside::http::axum::Negotiated;
use kerbside::http::tower::{Fallback, NegotiateLayer};
use site::Site;
use tower::ServiceExt as _;

async fn greet(Negotiated(client): Negotiated) -> String {
    format!("hello {}", client.client())
}

async fn greet_anyone(client: Option<Negotiated>) -> String {
    client.map_or_else(|| "hello".to_owned(), |Negotiated(client)| format!("hello {}", client.client()))
}

fn router() -> Router {
    Router::new().route("/", get(greet)).route("/anyone", get(greet_anyone))
}

fn layer(site: &Site) -> NegotiateLayer {
    let realm = site.realm.clone();
    NegotiateLayer::new(site.acceptor(Policy::default()), move || realm.now())
}

async fn said(response: Response<Body>) -> (u16, usize, String) {
    let challenges = response.headers().get_all("www-authenticate").iter().count();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    (status, challenges, String::from_utf8(body.to_vec()).unwrap())
}

async fn ask(router: &Router, path: &str, token: Option<Vec<u8>>) -> (u16, usize, String) {
    let mut request = Request::builder().uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Negotiate {}", STANDARD.encode(token)));
    }
    let request = request.body(Body::empty()).unwrap();
    let Ok(response) = router.clone().oneshot(request).await;
    said(response).await
}

#[tokio::test]
async fn a_handler_gets_the_client_as_its_argument() {
    let site = Site::new();
    let router = router().layer(layer(&site));
    for path in ["/", "/anyone"] {
        let answer = ask(&router, path, Some(site.login().token())).await;
        assert_eq!(answer, (200, 1, "hello alice@EXAMPLE.COM".to_owned()));
        assert_eq!(ask(&router, path, None).await, (401, 1, String::new()));
    }
}

#[tokio::test]
async fn a_request_that_fell_through_has_no_client() {
    let site = Site::new();
    let router = router().layer(layer(&site).fallback(|_, _| Fallback::FallThrough));
    assert_eq!(ask(&router, "/", None).await, (403, 0, String::new()));
    assert_eq!(ask(&router, "/anyone", None).await, (200, 0, "hello".to_owned()));
    let answer = ask(&router, "/", Some(site.login().token())).await;
    assert_eq!(answer, (200, 1, "hello alice@EXAMPLE.COM".to_owned()));
}

// ZIM-04
#[tokio::test]
async fn the_body_of_a_refusal_is_axums() {
    let site = Site::new();
    let layer = layer(&site).refusal_response(|_, refusal, response| {
        let body = format!("no: {}", refusal.reason().name());
        response.map(|()| Body::from(body))
    });
    assert_eq!(ask(&router().layer(layer), "/", None).await, (401, 1, "no: Header.Absent".to_owned()));
}

#[tokio::test]
async fn routes_without_the_layer_are_put_together_wrongly() {
    let router = router();
    assert_eq!(ask(&router, "/", None).await, (500, 0, String::new()));
    assert_eq!(ask(&router, "/anyone", None).await, (200, 0, "hello".to_owned()));
}
