//! The judgement of one request: from its head to an identity, a refusal, or a question to the replay store.

use super::authenticated::{Authenticated, Origin};
use super::connection::ConnectionId;
use super::memo::RequestMemo;
use super::pending::Crowded;
use super::refusal::{Refusal, RefusalReason};
use super::settings::{Credentials, Settings, StoreAnswer};
use crate::acceptor::{
    Accepted, Connection, DcePolicy, Error, ErrorKind, Host, Negotiation, NegotiationError, Step, TokenError,
};
use crate::gss::TokenKind;
use crate::http::NegotiateHeader;
use crate::http::gate::RequestFacts;
use crate::replay::{ReplayStoreError, Seen};
use crate::time::Timestamp;
use ::http::request::Parts;
use ::http::{HeaderValue, Version};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What is known of a request's sender.
pub(super) enum Verdict {
    Decided(Decision),
    /// The store has been asked.
    Ask(StoreAnswer, Box<Asked>),
}

/// The end of a judgement.
pub(super) type Decision = Result<Authenticated, Refusal>;

/// A judgement that waits for the store.
pub(super) struct Asked {
    case: Case,
    negotiation: Box<Negotiation>,
}

/// One request with a token.
struct Case {
    settings: Arc<Settings>,
    host: Host,
    connection: Option<ConnectionId>,
    memo: Option<RequestMemo>,
    token: Vec<u8>,
    now: Timestamp,
}

/// What one token has led to.
enum Outcome {
    Accepted(Box<Accepted>),
    Refused(Refusal),
    Ask(StoreAnswer, Box<Negotiation>),
}

/// Who sent this request?
pub(super) fn judge(settings: &Arc<Settings>, request: &Parts) -> Verdict {
    let refuse = |reason| Verdict::Decided(Err(Refusal::new(settings.party, reason)));
    let Some(host) = settings.acceptors.choose(request) else { return refuse(RefusalReason::UnknownHost) };
    let field = settings.party.request_field();
    let lines = request.headers.get_all(field).iter().map(HeaderValue::as_bytes);
    let read = NegotiateHeader::read(lines, host.limits());
    let gatekeeper = settings.around.gatekeeper.as_ref();
    let facts = gatekeeper.map(|gatekeeper| gatekeeper.facts(request));
    if let (Some(gatekeeper), Some(facts)) = (gatekeeper, &facts) {
        if let Some(reason) = gatekeeper.passes(facts, &read) {
            let header = read.unwrap_or(NegotiateHeader::Absent);
            return Verdict::Decided(Err(Refusal::passed(settings.party, reason, header)));
        }
    }
    let header = match read {
        Ok(header) => header,
        Err(error) => return refuse(RefusalReason::Header(error)),
    };
    if let Some(fallback) = settings.beforehand(request, &header) {
        return Verdict::Decided(Err(Refusal::beforehand(settings.party, header, fallback)));
    }
    let memo = request.extensions.get::<RequestMemo>();
    // Held until the token is judged: clones of one request that come side by side are one request.
    let mut accepted = memo.map(RequestMemo::lock);
    if let Some(remembered) = remembered(settings, &host, request, &header, accepted.as_deref()) {
        return Verdict::Decided(Ok(remembered));
    }
    let first = is_first(&header);
    match header {
        NegotiateHeader::Ntlm { message_type, .. } => {
            let kind = TokenKind::Ntlm { message_type };
            refuse(RefusalReason::Token(ErrorKind::Token(TokenError::NotKerberos { kind }).into()))
        }
        NegotiateHeader::Krb5(token)
        | NegotiateHeader::Spnego(token)
        | NegotiateHeader::SpnegoContinuation(token)
        | NegotiateHeader::Other { token, .. } => {
            let case = Case {
                settings: Arc::clone(settings),
                host: host.into_owned(),
                connection: connection(request),
                memo: memo.cloned(),
                token,
                now: settings.now(),
            };
            case.judge(over(request, facts.as_ref()).as_ref(), first, accepted.as_deref_mut())
        }
        header => refuse(RefusalReason::NoToken(header)),
    }
}

/// What is known of the connection; its other end is the client's, not that of a proxy that is trusted.
fn over<'r>(request: &'r Parts, facts: Option<&RequestFacts<'_>>) -> Cow<'r, Connection> {
    let Some(connection) = request.extensions.get::<Connection>() else { return Cow::Owned(Connection::new()) };
    match facts.and_then(RequestFacts::client).filter(|client| connection.peer() != Some(*client)) {
        Some(client) => Cow::Owned(connection.clone().peer_address(client)),
        None => Cow::Borrowed(connection),
    }
}

/// Where in a negotiation a token can stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It begins one.
    First,
    /// It goes on with one, or is nothing of the kind.
    Later,
}

fn is_first(header: &NegotiateHeader) -> Place {
    match header {
        NegotiateHeader::Krb5(_) | NegotiateHeader::Spnego(_) => Place::First,
        _ => Place::Later,
    }
}

/// The connection on which a negotiation can wait. On HTTP/2 and above requests run side by side, and a second token could be
/// anybody's.
fn connection(request: &Parts) -> Option<ConnectionId> {
    let one_by_one = request.version <= Version::HTTP_11;
    request.extensions.get().copied().filter(|_| one_by_one)
}

/// What was decided about this request before: by the identity that it has with it, or the memo.
fn remembered(
    settings: &Settings,
    host: &Host,
    request: &Parts,
    header: &NegotiateHeader,
    memo: Option<&Vec<Authenticated>>,
) -> Option<Authenticated> {
    let token = match (header.token(), header, settings.credentials) {
        (Some(token), ..) => Some(token),
        // They were taken out when they were accepted.
        (None, NegotiateHeader::Absent, Credentials::Strip) => None,
        _ => return None,
    };
    let same = |authenticated: &Authenticated| authenticated.is_of(settings.party, host, token);
    let here = request.extensions.get::<Authenticated>();
    let there = memo.into_iter().flatten().filter(|_| token.is_some());
    here.into_iter().chain(there).find(|authenticated| same(authenticated)).cloned()
}

impl Case {
    fn judge(self, on: &Connection, place: Place, memo: Option<&mut Vec<Authenticated>>) -> Verdict {
        match self.outcome(on, place) {
            Outcome::Ask(answer, negotiation) => Verdict::Ask(answer, Box::new(Asked { case: self, negotiation })),
            Outcome::Accepted(accepted) => Verdict::Decided(Ok(self.accept(accepted, memo))),
            Outcome::Refused(refusal) => Verdict::Decided(Err(refusal)),
        }
    }

    fn outcome(&self, on: &Connection, place: Place) -> Outcome {
        if let Some(negotiation) = self.waiting(place) {
            return self.step(negotiation);
        }
        if self.settings.store.is_some() || self.host.policy().dce != DcePolicy::Refuse {
            return self.step(self.begin(on));
        }
        match self.host.accept_on(on, &self.token, self.now) {
            Ok(accepted) => Outcome::Accepted(Box::new(accepted)),
            // The same once more, with a memory. Nothing that was asked for another token has been to the replay store.
            Err(error) if self.connection.is_some() && goes_on(&error) => self.step(self.begin(on)),
            Err(error) => self.refuse(error),
        }
    }

    /// The negotiation that waits on this connection, for a token that goes on with it. A first token begins anew.
    fn waiting(&self, place: Place) -> Option<Negotiation> {
        let pending = &self.settings.pending;
        match place {
            Place::First => {
                self.connection.iter().for_each(|connection| pending.forget(*connection));
                None
            }
            Place::Later => pending.take(self.connection?, &self.host, self.now),
        }
    }

    fn begin(&self, on: &Connection) -> Negotiation {
        let negotiation = self.host.negotiate_on(on.clone());
        if self.connection.is_some() { negotiation } else { negotiation.without_second_chances() }
    }

    fn step(&self, mut negotiation: Negotiation) -> Outcome {
        let step = negotiation.step(&self.token, self.now);
        self.take(step, negotiation)
    }

    /// What a step means to HTTP.
    fn take(&self, step: Result<Step, Error>, negotiation: Negotiation) -> Outcome {
        match step {
            Ok(Step::Accepted(accepted)) => Outcome::Accepted(accepted),
            Ok(Step::Continue(reply)) => Outcome::Refused(self.wait(&reply, negotiation)),
            Ok(Step::CheckReplay(question)) => match &self.settings.store {
                Some(store) => Outcome::Ask(store(question), Box::new(negotiation)),
                None => self.refuse(ErrorKind::Negotiation(NegotiationError::ReplayPending).into()),
            },
            Err(error) => self.refuse(error),
        }
    }

    fn wait(&self, reply: &[u8], negotiation: Negotiation) -> Refusal {
        let (party, pending) = (self.settings.party, &self.settings.pending);
        let Some(connection) = self.connection else { return Refusal::new(party, RefusalReason::NoConnection) };
        match pending.put(connection, negotiation, self.now) {
            Ok(()) => Refusal::go_on(party, reply),
            Err(Crowded) => Refusal::new(party, RefusalReason::Crowded { limit: pending.limit() }),
        }
    }

    /// Without a connection nobody would know what a token in the challenge goes on with.
    fn refuse(&self, error: Error) -> Outcome {
        let reason = match error.kind() {
            ErrorKind::Negotiation(NegotiationError::MoreNeeded) => RefusalReason::NoConnection,
            _ => RefusalReason::Token(error),
        };
        Outcome::Refused(Refusal::new(self.settings.party, reason))
    }

    fn accept(self, accepted: Box<Accepted>, memo: Option<&mut Vec<Authenticated>>) -> Authenticated {
        let Self { settings, host, token, .. } = self;
        let authenticated = Authenticated::new(accepted, Origin { party: settings.party, host, token });
        if let Some(memo) = memo {
            memo.push(authenticated.clone());
        }
        authenticated
    }
}

impl Asked {
    /// The store has answered.
    pub(super) fn resume(self, answer: Result<Seen, ReplayStoreError>) -> Decision {
        let Self { mut case, mut negotiation } = self;
        case.now = case.settings.now();
        let step = negotiation.resume(answer, case.now);
        match case.take(step, *negotiation) {
            Outcome::Accepted(accepted) => {
                let memo = case.memo.take();
                Ok(case.accept(accepted, memo.as_ref().map(RequestMemo::lock).as_deref_mut()))
            }
            Outcome::Refused(refusal) => Err(refusal),
            // A negotiation asks once.
            Outcome::Ask(..) => {
                let error = ErrorKind::Negotiation(NegotiationError::ReplayPending).into();
                Err(Refusal::new(case.settings.party, RefusalReason::Token(error)))
            }
        }
    }
}

/// Whether a negotiation would have gone on where a single token was refused.
fn goes_on(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Negotiation(NegotiationError::MoreNeeded)
            | ErrorKind::ClockSkew { .. }
            | ErrorKind::Token(TokenError::TokenId { .. })
    )
}
