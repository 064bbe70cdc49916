//! SASL: the server side of the mechanism `GSSAPI`, which is Kerberos in IMAP, SMTP, XMPP, LDAP and Kafka (RFC 4752).
//!
//! Layer 6. [`Gssapi`] holds an acceptor and what is asked of connections, [`GssapiExchange`] is the login on one of them:
//! responses in, challenges out, no socket, no clock. At its end stand the [`Authenticated`] identity and, if one was agreed
//! on, the [`SecurityLayer`] through which everything else on that connection goes.
//!
//! ```text
//! (nothing, or an empty initial response)  →
//!                                          ←  an empty challenge
//! the krb5 token                           →
//!                                          ←  the reply token, if there is one         RFC 4752 §3.1
//! an empty response, if there was one      →
//!                                          ←  wrapped: which layers, how long          LayerOffer, §3.2
//! wrapped: one layer, how long, for whom   →                                           LayerChoice
//!                                          ←  the protocol's success, without data
//! ```
//!
//! How challenges and responses look on the wire is the protocol's matter, base64 above all; so is its word for failure,
//! which carries nothing of the [`SaslError`]: that is for the operator.
//!
//! **The authorization identity is not checked here.** It is whom the client asks to act as. Whether the
//! [client](Authenticated::client) may do that only the caller can know, and RFC 4752 §3.2 makes it the server's duty before
//! it reports success. A server that does not know such a thing refuses every client that asks for it.
//!
//! Refused by name: SPNEGO, which is another SASL mechanism; contexts that cannot do what the [`LayerPolicy`] asks for;
//! choices with reserved bits, with no layer or two, with one that was not offered, with a size where there is no layer,
//! with an authorization identity that holds NUL or is not UTF-8; buffers that are longer than agreed, before they are
//! read; messages out of order.
//!
//! Costs, besides the accept: two small Wrap tokens; then what a Wrap token costs for each message.
//!
//! Not here yet: GS2-KRB5 (RFC 5801), and Microsoft's GSS-SPNEGO.
//!
//! ```no_run
//! # fn read() -> Vec<u8> { Vec::new() }
//! # fn write(_: &[u8]) {}
//! # fn may_act_as(_: &kerbside::Principal, _: &str) -> bool { false }
//! use kerbside::sasl::{Gssapi, LayerPolicy, SaslStep};
//! use kerbside::{Acceptor, Keytab};
//! use std::time::SystemTime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let acceptor = Acceptor::builder(Keytab::from_file("imap.keytab")?).service("imap").build()?;
//! // This port speaks TLS from its first octet on, so that no layer is needed below the protocol.
//! let gssapi = Gssapi::new(acceptor).layers(LayerPolicy::Refuse);
//!
//! let mut exchange = gssapi.begin();
//! let authenticated = loop {
//!     match exchange.step(&read(), SystemTime::now())? {
//!         SaslStep::Challenge(challenge) => write(&challenge),
//!         SaslStep::Authenticated(authenticated) => break authenticated,
//!         SaslStep::CheckReplay(_) => return Err("this acceptor has a store of its own".into()),
//!     }
//! };
//! let client = authenticated.client();
//! if authenticated.authorization_id().is_some_and(|id| !may_act_as(client, id)) {
//!     return Err("not authorized".into());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Links: [RFC 4422](https://www.rfc-editor.org/rfc/rfc4422), [RFC 4752](https://www.rfc-editor.org/rfc/rfc4752).

mod authenticated;
mod buffer_limit;
mod choice;
mod error;
mod exchange;
mod gssapi;
mod layers;
mod security_layer;

pub use authenticated::Authenticated;
pub use buffer_limit::BufferLimit;
pub use choice::{ChoiceError, LayerChoice, LayerOffer};
pub use error::{SaslError, SaslErrorKind};
pub use exchange::{GssapiExchange, SaslStep};
pub use gssapi::Gssapi;
pub use layers::{Layer, LayerPolicy, Layers};
pub use security_layer::{Incoming, LayerError, SecurityLayer};
