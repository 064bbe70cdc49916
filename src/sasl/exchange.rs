//! One login: which response may come when, and what is answered (RFC 4752 §3.1, §3.2).
//!
//! As in the acceptor's negotiation the state is an enum, each step consumes it and leaves the next one, and an error leaves
//! it closed. No state hands out an identity; the last step does.

use super::authenticated::Authenticated;
use super::{Gssapi, LayerOffer, Layers, SaslError, SaslErrorKind};
use crate::acceptor::{
    Accepted, Connection, Error, ErrorKind, Negotiation, NegotiationError, ReplayQuestion, Step, TokenError,
};
use crate::gss::{Confidentiality, MessageOrder, SessionError, TokenKind};
use crate::replay::{ReplayStoreError, Seen};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// One login of one client: responses in, challenges out, until it is authenticated or refused.
///
/// After an error it is over, and every further call is refused with [`SaslErrorKind::Closed`].
#[must_use = "an exchange does nothing until a response comes"]
pub struct GssapiExchange {
    gssapi: Gssapi,
    state: State,
}

/// What follows from a response.
///
/// Only the last step knows who the client is:
///
/// ```compile_fail,E0609
/// fn too_early(step: kerbside::sasl::SaslStep) {
///     if let kerbside::sasl::SaslStep::Challenge(challenge) = step {
///         println!("{:?}", challenge.client);
///     }
/// }
/// ```
///
/// ```compile_fail,E0599
/// fn too_early(exchange: &kerbside::sasl::GssapiExchange) {
///     println!("{:?}", exchange.client());
/// }
/// ```
#[must_use = "a step that is not looked at is a client that waits"]
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle every step")]
pub enum SaslStep {
    /// Send this to the client, empty or not, and call [`GssapiExchange::step`] with what it answers.
    Challenge(Vec<u8>),
    /// Ask the replay store, and call [`GssapiExchange::resume`] with its answer: only under
    /// [`ReplayPolicy::Ask`](crate::ReplayPolicy::Ask).
    CheckReplay(ReplayQuestion),
    /// It is done: report success, without data, if the client may act as whom it asks to.
    Authenticated(Box<Authenticated>),
}

/// Where a login stands.
enum State {
    /// Nothing has come yet.
    Start(Negotiation),
    /// Kerberos is not done.
    Legs(Negotiation),
    /// The reply token is sent, an empty response is awaited, and then the wrapped offer follows.
    Replied(Established, Vec<u8>),
    /// The offer is sent, and the choice is awaited.
    Offered(Established),
    /// It is over, well or badly.
    Closed,
}

/// A context that is established, and what was or will be offered over it.
struct Established {
    accepted: Box<Accepted>,
    offer: LayerOffer,
}

impl GssapiExchange {
    pub(super) fn new(gssapi: Gssapi, connection: Connection) -> Self {
        let state = State::Start(gssapi.acceptor.negotiate_on(connection));
        Self { gssapi, state }
    }

    /// Takes the client's next response. Where there is no initial response, begin with an empty one.
    ///
    /// # Errors
    /// [`SaslError`], by [`kind`](SaslError::kind); the exchange is then over, and the protocol's word for failure is due.
    pub fn step(&mut self, response: &[u8], now: impl Into<Timestamp>) -> Result<SaslStep, SaslError> {
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Start(negotiation) if response.is_empty() => {
                self.state = State::Legs(negotiation);
                Ok(SaslStep::Challenge(Vec::new()))
            }
            State::Start(negotiation) | State::Legs(negotiation) => self.leg(negotiation, response, now.into()),
            State::Replied(established, offer) if response.is_empty() => {
                self.state = State::Offered(established);
                Ok(SaslStep::Challenge(offer))
            }
            State::Replied(..) => Err(SaslErrorKind::ResponseNotEmpty { octets: response.len() }.into()),
            State::Offered(established) => self.conclude(established, response),
            State::Closed => Err(SaslErrorKind::Closed.into()),
        }
    }

    /// Takes the replay store's answer to the last [`SaslStep::CheckReplay`].
    ///
    /// # Errors
    /// As [`Negotiation::resume`]; [`SaslErrorKind::Closed`] if it is over.
    pub fn resume(
        &mut self,
        answer: Result<Seen, ReplayStoreError>,
        now: impl Into<Timestamp>,
    ) -> Result<SaslStep, SaslError> {
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Start(mut negotiation) | State::Legs(mut negotiation) => {
                let step = negotiation.resume(answer, now)?;
                self.follow(negotiation, step)
            }
            State::Replied(..) | State::Offered(_) => {
                Err(Error::from(ErrorKind::Negotiation(NegotiationError::OutOfOrder)).into())
            }
            State::Closed => Err(SaslErrorKind::Closed.into()),
        }
    }

    /// A token of Kerberos alone: SPNEGO would be negotiated inside a negotiation (RFC 4752 §3). The outermost octets tell,
    /// and the acceptor reads them by the same classifier, so that nothing else can come out behind it.
    fn leg(&mut self, mut negotiation: Negotiation, token: &[u8], now: Timestamp) -> Result<SaslStep, SaslError> {
        match TokenKind::classify(token) {
            TokenKind::Spnego | TokenKind::SpnegoContinuation => Err(SaslErrorKind::Spnego.into()),
            // To the acceptor's negotiation this would be a client that waits for SPNEGO's hints.
            TokenKind::Empty => Err(Error::from(ErrorKind::Token(TokenError::Empty)).into()),
            _ => {
                let step = negotiation.step(token, now)?;
                self.follow(negotiation, step)
            }
        }
    }

    fn follow(&mut self, negotiation: Negotiation, step: Step) -> Result<SaslStep, SaslError> {
        match step {
            Step::Continue(token) => {
                self.state = State::Legs(negotiation);
                Ok(SaslStep::Challenge(token))
            }
            Step::CheckReplay(question) => {
                self.state = State::Legs(negotiation);
                Ok(SaslStep::CheckReplay(question))
            }
            Step::Accepted(accepted) => self.offer(accepted),
        }
    }

    /// The layers of which the context is capable and which the policy wants, wrapped. If there are none, or the context
    /// cannot wrap, the client is refused before it is told that the context is established.
    fn offer(&mut self, mut accepted: Box<Accepted>) -> Result<SaslStep, SaslError> {
        let policy = self.gssapi.layers;
        let context = Layers::of_context(accepted.flags());
        let layers = policy.layers().common(context);
        if layers.is_empty() {
            return Err(SaslErrorKind::NoCommonLayer { policy, context }.into());
        }
        let offer = LayerOffer::new(layers, self.gssapi.receive);
        let random = self.gssapi.acceptor.random().clone();
        let wrapped = accepted.session_mut().wrap(&offer.to_octets(), Confidentiality::SignedOnly, &*random);
        let wrapped = wrapped.map_err(SaslErrorKind::Offer)?;
        let reply = accepted.reply().map(<[u8]>::to_vec);
        let established = Established { accepted, offer };
        let (state, challenge) = match reply {
            Some(reply) => (State::Replied(established, wrapped), reply),
            None => (State::Offered(established), wrapped),
        };
        self.state = state;
        Ok(SaslStep::Challenge(challenge))
    }

    fn conclude(&self, established: Established, response: &[u8]) -> Result<SaslStep, SaslError> {
        let Established { mut accepted, offer } = established;
        let limit = self.gssapi.acceptor.limits().token_octets;
        if response.len() > limit {
            let octets = response.len();
            return Err(Error::from(ErrorKind::Token(TokenError::TooLarge { octets, limit })).into());
        }
        let plaintext = open_choice(&mut accepted, response).map_err(SaslErrorKind::Response)?;
        let choice = offer.read_choice(&plaintext).map_err(SaslErrorKind::Choice)?;
        let random = self.gssapi.acceptor.random().clone();
        let authenticated = Authenticated::new(accepted, &choice, offer.receive(), random);
        Ok(SaslStep::Authenticated(Box::new(authenticated.map_err(SaslErrorKind::Choice)?)))
    }
}

/// The plaintext of the client's choice, which is the first message of the context, whether the context counts or not.
///
/// Q1: must it be unencrypted, as RFC 4752 §3.1 has the client make it? A: it is taken either way. §3.2 has the server look at
/// nothing but the plaintext, and a client that seals it gives away less than it might.
fn open_choice(accepted: &mut Accepted, response: &[u8]) -> Result<Vec<u8>, SessionError> {
    let unwrapped = accepted.session_mut().unwrap(response)?;
    match unwrapped.order() {
        MessageOrder::Unchecked => Ok(unwrapped.message),
        _ => unwrapped.in_order(),
    }
}

impl fmt::Debug for GssapiExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Start(_) => "waits for the initial response",
            State::Legs(_) => "waits for Kerberos",
            State::Replied(..) => "waits for the empty response",
            State::Offered(_) => "waits for the choice of a layer",
            State::Closed => "is over",
        };
        f.debug_struct("GssapiExchange").field("state", &state).finish_non_exhaustive()
    }
}
