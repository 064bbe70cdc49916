//! Negotiate as a tower layer: each request proves who sends it, and the handler finds out from the request's extensions.
//!
//! [`NegotiateLayer`] goes around any service of [`Request`](::http::Request) and [`Response`](::http::Response): hyper, axum,
//! tonic. It needs no runtime.
//!
//! ```
//! use kerbside::http::tower::{Authenticated, NegotiateLayer};
//! use kerbside::{Acceptor, Keytab};
//! use std::time::SystemTime;
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let acceptor = Acceptor::builder(Keytab::from_file("http.keytab")?).service("HTTP").build()?;
//! let layer = NegotiateLayer::new(acceptor, SystemTime::now);
//! # let _ = layer;
//! # Ok(())
//! # }
//!
//! fn handler<B>(request: &http::Request<B>) -> String {
//!     match request.extensions().get::<Authenticated>() {
//!         Some(client) => format!("hello {}", client.client()),
//!         None => "hello whoever".to_owned(),
//!     }
//! }
//! ```
//!
//! # What happens to a request
//!
//! 1. The acceptor is chosen: there is one, or one for each host, by the [request](NegotiateLayer::by_host) or by the
//!    [ticket](NegotiateLayer::by_ticket).
//! 2. The credentials are read ([`NegotiateHeader`](super::NegotiateHeader)). Without a token there is nothing to accept.
//!    A [gate](NegotiateLayer::gatekeeper) may let the request pass here, and a [hook](NegotiateLayer::beforehand) may decide,
//!    before they are judged.
//! 3. If this very request was accepted before ([`RequestMemo`]), that is the answer.
//! 4. The token is accepted, on what the server says of the [`Connection`](crate::Connection). If the acceptor asks
//!    ([`ReplayPolicy::Ask`](crate::ReplayPolicy::Ask)), the [store](NegotiateLayer::replay_store) is awaited.
//! 5. **Accepted:** a client that is [not authorized](NegotiateLayer::authorize) is answered 403. The others get a
//!    [session](NegotiateLayer::session), if there is a hook for it, and the handler gets the request with [`Authenticated`] in its
//!    extensions. Whatever is answered, redirects and errors too, goes out with the last token in `WWW-Authenticate` (RFC 4559 §5),
//!    beside what the handler put there.
//! 6. **Not accepted:** the status is that of the [table](super#which-status), the challenge goes with 401 only. A
//!    [hook](NegotiateLayer::fallback) may send the request on to the handler instead, which finds the [`Refusal`] in the extensions,
//!    and no identity; another one makes the [response](NegotiateLayer::refusal_response). A [gatekeeper](Gatekeeper::on_refusal)
//!    may send the client to another page, and sees to it that nobody goes round in circles.
//!
//! # What is remembered
//!
//! No identity: each request has to prove itself, and nothing is inherited from the one before it, so that it does not matter how
//! a proxy shares connections among its clients. A session cookie of the application's own saves its users a token for each
//! request; it should not outlive [`Authenticated::expires`].
//!
//! Nearly every login is one token. Where it takes several (Kerberos is not the client's favourite, or its clock is wrong), what
//! is half done is kept between two requests of one connection, if the server says which one it is: with a [`ConnectionId`] in the
//! extensions. HTTP/1.1 only: on HTTP/2 and above the requests of a connection run side by side, and RFC 4559 §6 knows none but
//! connections of one request after another; there, and where no connection is named, the client is challenged afresh. The table is bounded and
//! its entries expire.
//!
//! Offer HTTP/1.1 beside HTTP/2. Challenged over HTTP/2, browsers may send their token over a connection of HTTP/1.1.
//!
//! # Where to put it
//!
//! - **TLS.** Whoever reads a token can present it first. Over plain HTTP anybody on the way can; use HTTPS, and give the layer the
//!   connection's [channel bindings](crate::Connection::channel_bindings).
//! - **Behind a proxy**, the connection is the proxy's: give no [`ConnectionId`], and bindings only if the proxy passes the TLS
//!   connection through. If another proxy or a backend follows, [strip](Credentials::Strip) the credentials before they travel on.
//! - **Inside of retries** that send a request through the layer again, put a [`RequestMemo`] into the request outside of them.
//! - **Outside of authorization.** This layer says who it is. Who may do what is a matter for the
//!   [hook](NegotiateLayer::authorize) or for the handler, and the answer is 403.
//!
//! | Extension of the request | Set by | Means |
//! |---|---|---|
//! | [`Connection`](crate::Connection) | the server | channel bindings, address of the peer |
//! | [`ConnectionId`] | the server | which connection it is, for negotiations of several tokens |
//! | [`Transport`](crate::http::gate::Transport) | the server | whether it is TLS, for a [`Gatekeeper`] |
//! | [`RequestMemo`] | the server, outside of retries | what was decided about this request |
//! | [`Authenticated`] | the layer | who sends it |
//! | [`Refusal`] | the layer | why nobody is known to send it, if it was sent on all the same |

mod acceptors;
mod around;
mod authenticated;
mod connection;
mod future;
mod gatekeeper;
mod hooks;
mod judge;
mod layer;
mod memo;
mod parting;
mod pending;
mod refusal;
mod service;
mod settings;

pub use around::Authorization;
pub use authenticated::Authenticated;
pub use connection::ConnectionId;
pub use future::ResponseFuture;
pub use gatekeeper::{Gatekeeper, OnRefusal};
pub use hooks::{EmptyBody, Fallback, RefusalResponse};
pub use layer::NegotiateLayer;
pub use memo::RequestMemo;
pub use refusal::{Refusal, RefusalReason};
pub use service::Negotiate;
pub use settings::Credentials;
