//! How a leg ends once the context is established: done, or one more token (the table of section 2, and section 12).

use super::legs::{Leg, Message};
use super::mic::{MicExchange, make_mic, mic_missing, verify_mic};
use super::{State, Table, out_of_order};
use crate::acceptor::Accepted;
use crate::acceptor::checks::ReplayQuestion;
use crate::acceptor::context::{Checked, Established};
use crate::acceptor::envelope::Frame;
use crate::acceptor::error::Error;
use crate::spnego::NegState;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What one step leads to.
pub(super) enum Outcome {
    /// An answer, and the state that waits for the next token.
    Continue(Vec<u8>, State),
    /// A question to the replay store, and what goes on with its answer.
    Ask(ReplayQuestion, Box<Checked>, Leg<'static>),
    /// Done.
    Accepted(Accepted),
}

impl Table<'_> {
    /// An established context, seen from the negotiation around it.
    pub(super) fn conclude(&mut self, mut established: Established, leg: Leg<'_>) -> Result<Outcome, Error> {
        if established.dce_style() {
            return self.await_third_leg(established, leg);
        }
        let exchange = self.mic_exchange(&leg, established.flags())?;
        let (Some(spnego), MicExchange::Here | MicExchange::Next) = (&leg.spnego, exchange) else {
            return self.complete(established, &leg, None);
        };
        if leg.mic.is_none() {
            return self.await_mic(established, leg);
        }
        // The initiator's was verified before the replay store was asked.
        let ours = make_mic(established.identity.session_mut(), &spnego.mech_types)?;
        self.complete(established, &leg, Some(&ours))
    }

    /// Mutual authentication after request-mic: our token is the mechanism's last, so our MIC goes with it, and the
    /// initiator's comes next.
    fn await_mic(&mut self, mut established: Established, leg: Leg<'_>) -> Result<Outcome, Error> {
        let Some(spnego) = &leg.spnego else { return Err(out_of_order()) };
        let ours = make_mic(established.identity.session_mut(), &spnego.mech_types)?;
        let answer = established.identity.take_answer();
        let message = answer.as_ref().map(|answer| Message::ApRep(answer, established.identity.session()));
        let reply = leg.answer(NegState::AcceptIncomplete, message, Some(&ours))?.unwrap_or_default();
        Ok(Outcome::Continue(reply, State::Mic(established, leg.into_answered())))
    }

    /// The initiator's MIC, alone in its token.
    pub(super) fn client_mic(
        &mut self,
        mut established: Established,
        leg: Leg<'static>,
        token: &[u8],
    ) -> Result<Outcome, Error> {
        let Some(spnego) = &leg.spnego else { return Err(out_of_order()) };
        let reject = |error: Error| error.with_reply(spnego.reject());
        let response = self.response(token).map_err(reject)?;
        if response.response_token.is_some_and(|token| !token.is_empty()) {
            return Err(reject(out_of_order()));
        }
        let mic = response.mech_list_mic.ok_or_else(|| reject(mic_missing()))?;
        verify_mic(established.identity.session_mut(), &spnego.mech_types, mic).map_err(reject)?;
        self.complete(established, &leg, None)
    }

    /// DCE-2: the AP-REP goes out unframed, whatever frame the AP-REQ had, and nothing is accepted before the third leg.
    fn await_third_leg(&mut self, mut established: Established, mut leg: Leg<'_>) -> Result<Outcome, Error> {
        leg.frame = Frame::Bare;
        let answer = established.identity.take_answer().ok_or_else(out_of_order)?;
        let message = Message::ApRep(&answer, established.identity.session());
        let reply = leg.answer(NegState::AcceptIncomplete, Some(message), None)?.unwrap_or_default();
        established.await_third_leg(&answer, &reply);
        Ok(Outcome::Continue(reply, State::Dce(established, leg.into_answered())))
    }

    /// DCE-3: the initiator's own AP-REP, which echoes our sequence number.
    pub(super) fn third_leg(
        &mut self,
        mut established: Established,
        leg: Leg<'static>,
        token: &[u8],
    ) -> Result<Outcome, Error> {
        let Some(spnego) = &leg.spnego else {
            established.verify_third_leg(
                token,
                self.clock(),
                &self.settings.decoding(),
                &mut self.progress.tolerances,
            )?;
            return self.complete(established, &leg, None);
        };
        let reject = |error: Error| error.with_reply(spnego.reject());
        let response = self.response(token).map_err(reject)?;
        let ap_rep = response.response_token.ok_or_else(|| reject(out_of_order()))?;
        let decoding = self.settings.decoding();
        established.verify_third_leg(ap_rep, self.clock(), &decoding, &mut self.progress.tolerances).map_err(reject)?;
        let mic = self.without_copy(response.mech_list_mic, ap_rep).map_err(reject)?;
        let ours = match (mic, self.wants_mic(spnego.mic_need, established.flags())) {
            (None, false) => None,
            (None, true) => return Err(reject(mic_missing())),
            (Some(mic), _) => {
                verify_mic(established.identity.session_mut(), &spnego.mech_types, mic).map_err(reject)?;
                Some(make_mic(established.identity.session_mut(), &spnego.mech_types)?)
            }
        };
        self.complete(established, &leg, ours.as_deref())
    }

    /// Steps: the last answer, and at last the identity.
    fn complete(&mut self, mut established: Established, leg: &Leg<'_>, mic: Option<&[u8]>) -> Result<Outcome, Error> {
        let answer = established.identity.take_answer();
        let message = answer.as_ref().map(|answer| Message::ApRep(answer, established.identity.session()));
        let reply = leg.answer(NegState::AcceptCompleted, message, mic)?;
        if let Some(entry) = established.identity.facts().entry {
            self.settings.keys.count(entry, self.now);
        }
        let tolerances = core::mem::take(&mut self.progress.tolerances).into_vec();
        established.identity.session_mut().set_rc4_messages(self.settings.policy.rc4_messages);
        Ok(Outcome::Accepted(Accepted::new(established, leg.mechanism(), reply, tolerances)))
    }
}
