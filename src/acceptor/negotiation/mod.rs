//! Negotiations of one leg and of several: which token may come when, and what is answered (sections 2 and 12 of the
//! acceptance order).
//!
//! The state is an enum, each step consumes it and leaves the next one, and an error leaves it closed. No state but the last
//! hands out an identity, so that nothing can be read of a context that is not established.

mod conclusion;
mod legs;
mod mic;

use self::conclusion::Outcome;
use self::legs::{Leg, SpnegoLeg};
use self::mic::MicNeed;
use super::checks::{ReplayQuestion, check_replay, judge_answer};
use super::context::{Checked, Established};
use super::envelope::{self, Kerberos, KrbToken, Place, Token};
use super::error::{Error, ErrorKind, NegotiationError, TokenError};
use super::events::{self, Scene, Trail};
use super::mechanism::Mechanism;
use super::refusal::{Asked, Refusal};
use super::replay_policy::Replay;
use super::set::{Answering, Host};
use super::tolerance::{Tolerance, Tolerances};
use super::{Accepted, Connection, Settings};
use crate::gss::Oid;
use crate::replay::{ReplayStoreError, Seen};
use crate::spnego::{NegState, neg_token_init2};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// One negotiation: tokens in, one at a time, until it is accepted or refused.
///
/// One for each connection, or for whatever else ties the tokens of one client together. Most are over after the first
/// token. After an error it is closed, and every further call is refused with `Negotiation.Closed`.
#[must_use = "a negotiation does nothing until a token comes"]
pub struct Negotiation {
    host: Host,
    connection: Connection,
    state: State,
    progress: Progress,
    chances: Chances,
}

/// What follows from a token.
///
/// Only the last step knows who the client is. While another token is awaited there is nothing to ask it for:
///
/// ```compile_fail,E0609
/// fn too_early(step: kerbside::Step) {
///     if let kerbside::Step::Continue(reply) = step {
///         println!("{:?}", reply.client);
///     }
/// }
/// ```
///
/// ```compile_fail,E0599
/// fn too_early(negotiation: &kerbside::Negotiation) {
///     println!("{:?}", negotiation.client());
/// }
/// ```
#[must_use = "a step that is not looked at is a client that waits"]
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle every step")]
pub enum Step {
    /// Send this to the client, and call [`Negotiation::step`] with what it answers.
    Continue(Vec<u8>),
    /// It is done. Send [`Accepted::reply`] with the success.
    Accepted(Box<Accepted>),
    /// Ask the replay store, and call [`Negotiation::resume`] with its answer: only under
    /// [`ReplayPolicy::Ask`](super::ReplayPolicy::Ask).
    CheckReplay(ReplayQuestion),
}

/// Where a negotiation stands.
enum State {
    /// Nothing has come yet, or nothing but an empty token.
    First { hints: Hints },
    /// The mechanism is chosen; its token has not come yet.
    MechToken(SpnegoLeg<'static>),
    /// The mechanism is done; the initiator's MIC over the list of mechanisms is outstanding.
    Mic(Established, Leg<'static>),
    /// DCE style: the third leg is outstanding.
    Dce(Established, Leg<'static>),
    /// The replay store has been asked, and has not answered yet.
    Replay(Box<Checked>, Leg<'static>),
    /// It is over, well or badly.
    Closed,
}

impl State {
    /// The mechanism on the outside of what is awaited.
    fn mechanism(&self) -> Mechanism {
        match self {
            Self::Mic(_, leg) | Self::Dce(_, leg) | Self::Replay(_, leg) => leg.mechanism(),
            Self::First { .. } | Self::MechToken(_) | Self::Closed => Mechanism::Spnego,
        }
    }
}

/// Whether an empty token was answered already (step S-9): once is enough.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hints {
    NotGiven,
    Given,
}

/// What a negotiation remembers besides its state.
#[derive(Default)]
struct Progress {
    legs: u8,
    recovered: Recovered,
    tolerances: Tolerances,
    /// The member of a set that was chosen by the ticket.
    member: Option<usize>,
    trail: Trail,
}

/// Which errors were answered with another chance already: once each (steps G-3 and X-4).
#[derive(Default)]
struct Recovered {
    skew: Chance,
    token_id: Chance,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Chance {
    #[default]
    Unused,
    Used,
}

impl Negotiation {
    pub(super) fn new(host: Host, connection: Connection) -> Self {
        let state = State::First { hints: Hints::NotGiven };
        Self { host, connection, state, progress: Progress::default(), chances: Chances::Some }
    }

    /// Refuses a wrong clock and a wrong token identifier at once, for whoever cannot wait for another token.
    #[cfg(feature = "tower")]
    pub(crate) fn without_second_chances(self) -> Self {
        Self { chances: Chances::None, ..self }
    }

    /// Whom it belongs to.
    #[cfg(feature = "tower")]
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Takes the client's next token.
    ///
    /// # Errors
    /// [`Error`], by [`kind`](Error::kind); the negotiation is then closed, and [`Error::reply`] is the last token to send.
    pub fn step(&mut self, token: &[u8], now: impl Into<Timestamp>) -> Result<Step, Error> {
        let result = self.take_step(token, now.into());
        self.tell(Some(token), &result);
        result
    }

    fn take_step(&mut self, token: &[u8], now: Timestamp) -> Result<Step, Error> {
        let state = core::mem::replace(&mut self.state, State::Closed);
        if matches!(state, State::Closed) {
            return Err(ErrorKind::Negotiation(NegotiationError::Closed).into());
        }
        self.progress.legs = self.progress.legs.saturating_add(1);
        if self.progress.legs > self.host.answering().rules().limits.legs {
            return Err(ErrorKind::Negotiation(NegotiationError::TooManyLegs).into());
        }
        let mut table = self.table(now);
        let outcome = table.take(state, token).map_err(|error| table.of_member(error))?;
        Ok(self.leave(outcome))
    }

    /// Takes the replay store's answer to the last [`Step::CheckReplay`].
    ///
    /// # Errors
    /// `Replay`, `ReplayStore.Full`, `ReplayStore.Failed`; `Negotiation.OutOfOrder` if nothing was asked,
    /// `Negotiation.Closed` if it is over.
    pub fn resume(&mut self, answer: Result<Seen, ReplayStoreError>, now: impl Into<Timestamp>) -> Result<Step, Error> {
        let result = self.take_answer(answer, now.into());
        self.tell(None, &result);
        result
    }

    fn take_answer(&mut self, answer: Result<Seen, ReplayStoreError>, now: Timestamp) -> Result<Step, Error> {
        let (checked, leg) = match core::mem::replace(&mut self.state, State::Closed) {
            State::Replay(checked, leg) => (checked, leg),
            State::Closed => return Err(ErrorKind::Negotiation(NegotiationError::Closed).into()),
            _ => return Err(ErrorKind::Negotiation(NegotiationError::OutOfOrder).into()),
        };
        let mut table = self.table(now);
        let outcome = table.resume(checked, leg, answer).map_err(|error| table.of_member(error))?;
        Ok(self.leave(outcome))
    }

    fn tell(&mut self, token: Option<&[u8]>, result: &Result<Step, Error>) {
        let outcome = match result {
            Ok(Step::Continue(reply)) => events::Outcome::Continue(reply.len()),
            Ok(Step::Accepted(accepted)) => events::Outcome::Accepted(accepted),
            Ok(Step::CheckReplay(_)) => events::Outcome::AsksReplayStore,
            Err(error) => events::Outcome::Refused(error),
        };
        self.progress.tell(self.host.answering(), (&self.connection, token), outcome);
    }

    fn table(&mut self, now: Timestamp) -> Table<'_> {
        let answering = self.host.answering();
        let settings = answering.settings(self.progress.member);
        let (connection, progress) = (&self.connection, &mut self.progress);
        Table { answering, settings, asking: Asking::Store, connection, now, progress, chances: self.chances }
    }

    fn leave(&mut self, outcome: Outcome) -> Step {
        match outcome {
            Outcome::Continue(reply, state) => {
                self.state = state;
                Step::Continue(reply)
            }
            Outcome::Ask(question, checked, leg) => {
                self.state = State::Replay(checked, leg);
                Step::CheckReplay(question)
            }
            Outcome::Accepted(accepted) => Step::Accepted(Box::new(accepted)),
        }
    }
}

/// One token in, one answer out: the first step of a negotiation that takes no other.
pub(super) fn accept(
    answering: Answering<'_>,
    token: &[u8],
    now: Timestamp,
    connection: &Connection,
) -> Result<Accepted, Error> {
    let mut progress = Progress { legs: 1, ..Progress::default() };
    let settings = answering.rules();
    let mut table = Table {
        answering,
        settings,
        asking: Asking::Store,
        connection,
        now,
        progress: &mut progress,
        chances: Chances::None,
    };
    let error = match table.first(token) {
        Ok(Outcome::Accepted(accepted)) => {
            progress.tell(answering, (connection, Some(token)), events::Outcome::Accepted(&accepted));
            return Ok(accepted);
        }
        Ok(Outcome::Continue(reply, state)) => more_needed(state.mechanism()).with_reply(Some(reply)),
        Ok(Outcome::Ask(..)) => ErrorKind::Negotiation(NegotiationError::ReplayPending).into(),
        Err(error) => error,
    };
    progress.tell(answering, (connection, Some(token)), events::Outcome::Refused(&error));
    Err(error)
}

/// What [`accept`] would answer to a token that was never presented before. It stops where the replay store would be asked,
/// so that the store hears nothing of it, and there is no identity and no event.
pub(super) fn rehearse(settings: &Settings, token: &[u8], now: Timestamp, connection: &Connection) -> Rehearsal {
    let mut progress = Progress { legs: 1, ..Progress::default() };
    let mut table = Table {
        answering: Answering::One(settings),
        settings,
        asking: Asking::Nobody,
        connection,
        now,
        progress: &mut progress,
        chances: Chances::None,
    };
    let answer = match table.first(token) {
        Err(error) => Err(error),
        Ok(Outcome::Continue(reply, state)) => Err(more_needed(state.mechanism()).with_reply(Some(reply))),
        Ok(Outcome::Ask(..)) if matches!(settings.replay, Replay::Ask) => {
            Err(ErrorKind::Negotiation(NegotiationError::ReplayPending).into())
        }
        Ok(Outcome::Ask(_, checked, leg)) if checked.awaits_third_leg() => Err(more_needed(leg.mechanism())),
        Ok(Outcome::Ask(..) | Outcome::Accepted(_)) => Ok(()),
    };
    Rehearsal { answer, tolerances: progress.tolerances.into_vec() }
}

/// What an accept would answer, but for the replay check, and what it would let pass.
pub(super) struct Rehearsal {
    pub(super) answer: Result<(), Error>,
    pub(super) tolerances: Vec<Tolerance>,
}

impl Progress {
    #[inline]
    fn tell(&mut self, answering: Answering<'_>, at: (&Connection, Option<&[u8]>), outcome: events::Outcome<'_>) {
        if !events::is_heard() {
            return;
        }
        let (connection, token) = at;
        let tolerances = self.tolerances.as_slice();
        let spn = &answering.settings(self.member).spn;
        let scene = Scene { spn, connection, token, leg: self.legs, tolerances };
        events::tell(&scene, &mut self.trail, outcome);
    }
}

/// Whether the replay store is asked where it has its turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// Yes.
    Store,
    /// No: that is where it ends.
    Nobody,
}

/// Whether an error may be answered with another chance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chances {
    /// Within a negotiation.
    Some,
    /// With one token only.
    None,
}

/// Where one step is judged: everything that it needs to know, but the state.
struct Table<'n> {
    answering: Answering<'n>,
    /// Of whoever answers, as far as that is known: of a set's member, once the ticket has chosen it.
    settings: &'n Settings,
    asking: Asking,
    connection: &'n Connection,
    now: Timestamp,
    progress: &'n mut Progress,
    chances: Chances,
}

impl<'n> Table<'n> {
    /// What a token is held to.
    fn kerberos(&self) -> Kerberos<'n> {
        Kerberos { decoding: self.settings.decoding(), mechanisms: self.connection.mechanisms() }
    }

    /// The time, and how far other clocks may be from it.
    fn clock(&self) -> (Timestamp, Duration) {
        (self.now, self.settings.policy.skew)
    }

    fn take(&mut self, state: State, token: &[u8]) -> Result<Outcome, Error> {
        match state {
            State::First { hints: Hints::NotGiven } if token.is_empty() => {
                let hints = neg_token_init2(&[Oid::MICROSOFT_KRB5, Oid::KRB5]);
                Ok(Outcome::Continue(hints, State::First { hints: Hints::Given }))
            }
            State::First { .. } => self.first(token),
            State::MechToken(spnego) => self.mech_token(spnego, token),
            State::Mic(established, leg) => self.client_mic(established, leg, token),
            State::Dce(established, leg) => self.third_leg(established, leg, token),
            State::Replay(..) => Err(ErrorKind::Negotiation(NegotiationError::OutOfOrder).into()),
            State::Closed => Err(ErrorKind::Negotiation(NegotiationError::Closed).into()),
        }
    }

    /// Steps S-4 to S-6: the first token of either kind.
    fn first(&mut self, token: &[u8]) -> Result<Outcome, Error> {
        let kerberos = self.kerberos();
        let offer = match envelope::read_token(token, &kerberos, &self.settings.limits, &mut self.progress.tolerances)?
        {
            Token::Krb5(token) => return self.krb5(token, Leg::alone(token.frame)),
            Token::Response(_) => return Err(out_of_order()),
            Token::Offer(offer) => offer,
        };
        let (mech, place) =
            envelope::choose(&offer, kerberos.mechanisms).map_err(|error| error.with_mechanism(Mechanism::Spnego))?;
        let spnego = SpnegoLeg::new(mech, offer.mech_types.encoded());
        match (place, offer.mech_token) {
            (Place::Later, _) => Ok(spnego.wait_for_token(NegState::RequestMic, MicNeed::Mandatory)),
            (Place::First, None) => Ok(spnego.wait_for_token(NegState::AcceptIncomplete, MicNeed::IfSent)),
            (Place::First, Some(mech_token)) => self.chosen(spnego, mech_token, offer.mech_list_mic),
        }
    }

    /// Steps S-7, S-8 and S-10: the mechanism's token in a later token of the initiator's.
    fn mech_token(&mut self, spnego: SpnegoLeg<'_>, token: &[u8]) -> Result<Outcome, Error> {
        let response = self.response(token)?;
        match response.response_token {
            Some(mech_token) => self.chosen(spnego, mech_token, response.mech_list_mic),
            None => Err(out_of_order().with_reply(spnego.reject())),
        }
    }

    /// The mechanism's token, and the MIC that came with it.
    fn chosen(&mut self, spnego: SpnegoLeg<'_>, mech_token: &[u8], mic: Option<&[u8]>) -> Result<Outcome, Error> {
        let kerberos = self.kerberos();
        let reject = |error: Error| match error.kind() {
            ErrorKind::Negotiation(_) => error.with_reply(spnego.reject()),
            _ => error,
        };
        let token = envelope::read_mech_token(spnego.mech, mech_token, &kerberos, &mut self.progress.tolerances)
            .map_err(|error| reject(error).with_mechanism(Mechanism::Spnego))?;
        let mic = self.without_copy(mic, mech_token).map_err(|error| error.with_reply(spnego.reject()))?;
        self.krb5(token, Leg::negotiated(token.frame, spnego, mic))
    }

    /// The Kerberos message: checked, asked about, admitted, concluded.
    fn krb5(&mut self, token: KrbToken<'_>, leg: Leg<'_>) -> Result<Outcome, Error> {
        let mut asked = Asked::default();
        let checked = token
            .ap_req()
            .and_then(|ap_req| self.verify(ap_req, &mut asked))
            .and_then(|checked| checked.in_frame(token.frame))
            .and_then(|mut checked| {
                self.check_mic(&mut checked, &leg)?;
                Ok(checked)
            });
        let answered = checked.and_then(|checked| {
            let replay = match self.asking {
                Asking::Store => &self.settings.replay,
                Asking::Nobody => &Replay::Ask,
            };
            let answer = check_replay(replay, &checked.question);
            self.progress.trail.asked(&checked, &answer);
            Ok((answer?, checked))
        });
        let outcome = match answered {
            Ok((Some(not_replayed), checked)) => self.conclude(checked.admit(not_replayed), leg),
            Ok((None, checked)) => Ok(Outcome::Ask(checked.question, checked, leg.into_owned())),
            Err(error) => self.refuse(error, leg, &asked),
        };
        outcome.map_err(|error| self.of_member(error))
    }

    /// By whoever answers. A set's member is chosen here, and answers from here on.
    fn verify<'a>(&mut self, ap_req: &'a [u8], asked: &mut Asked<'a>) -> Result<Box<Checked>, Error> {
        let (at, notes) = ((self.now, self.connection), (asked, &mut self.progress.tolerances));
        match self.answering {
            Answering::One(settings) => settings.verify(ap_req, at, notes),
            Answering::Set(members) => {
                let (member, verdict) = members.verify(ap_req, at, notes);
                self.progress.member = member;
                self.settings = self.answering.settings(member);
                verdict
            }
        }
    }

    /// A refusal by the member that was chosen says which one it was.
    fn of_member(&self, error: Error) -> Error {
        match self.answering.label(self.progress.member) {
            Some(label) => error.with_member(label),
            None => error,
        }
    }

    fn resume(
        &mut self,
        checked: Box<Checked>,
        leg: Leg<'_>,
        answer: Result<Seen, ReplayStoreError>,
    ) -> Result<Outcome, Error> {
        let (service, flags) = (checked.facts.service.clone(), checked.facts.flags);
        let verdict = judge_answer(answer);
        self.progress.trail.asked(&checked, &verdict);
        match verdict {
            Ok(not_replayed) => self.conclude(checked.admit(not_replayed), leg),
            Err(error) => self.refuse(error, leg, &Asked::known(&service, flags)),
        }
    }

    /// A refusal with its reply; or, once for each of two errors, an answer that gives the client another chance.
    fn refuse(&mut self, error: Error, leg: Leg<'_>, asked: &Asked<'_>) -> Result<Outcome, Error> {
        let refusal = Refusal { error: &error, asked, now: self.now, wire_code: self.settings.policy.wire_code };
        let krb_error = refusal.krb_error();
        if let (Chances::Some, Some(krb_error), true) = (self.chances, &krb_error, self.another_chance(&error)) {
            // The next ticket may be for another member.
            self.progress.member = None;
            return Ok(leg.try_again(krb_error));
        }
        let malformed = matches!(error.kind(), ErrorKind::Token(TokenError::Malformed(_)));
        let reply = if malformed { None } else { leg.failure(krb_error.as_deref()) };
        Err(error.with_mechanism(leg.mechanism()).with_reply(reply))
    }

    /// Steps G-3 and X-4: skew, because the client can then use the server's time; and a wrong token identifier.
    fn another_chance(&mut self, error: &Error) -> bool {
        let chance = match error.kind() {
            ErrorKind::ClockSkew { .. } => &mut self.progress.recovered.skew,
            ErrorKind::Token(TokenError::TokenId { .. }) => &mut self.progress.recovered.token_id,
            _ => return false,
        };
        core::mem::replace(chance, Chance::Used) == Chance::Unused
    }
}

fn more_needed(mechanism: Mechanism) -> Error {
    Error::from(ErrorKind::Negotiation(NegotiationError::MoreNeeded)).with_mechanism(mechanism)
}

fn out_of_order() -> Error {
    Error::from(ErrorKind::Negotiation(NegotiationError::OutOfOrder)).with_mechanism(Mechanism::Spnego)
}

impl fmt::Debug for Negotiation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::First { .. } => "waits for the first token",
            State::MechToken(_) => "waits for the mechanism's token",
            State::Mic(..) => "waits for the MIC over the list of mechanisms",
            State::Dce(..) => "waits for the third leg",
            State::Replay(..) => "waits for the replay store",
            State::Closed => "is closed",
        };
        f.debug_struct("Negotiation").field("state", &state).finish_non_exhaustive()
    }
}
