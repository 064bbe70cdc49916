//! How a leg ends once the context is established: done, or one more token (the table of section 2, and section 12).

use super::legs::Leg;
use super::mic::{MicExchange, make_mic, mic_missing, verify_mic};
use super::{State, Table, out_of_order};
use crate::acceptor::Accepted;
use crate::acceptor::checks::ReplayQuestion;
use crate::acceptor::context::{Checked, Established};
use crate::acceptor::envelope::Frame;
use crate::acceptor::error::Error;
use crate::gss::TokenId;
use crate::spnego::NegState;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What one step leads to.
#[expect(clippy::large_enum_variant, reason = "the large one is the usual one, and a box would cost every accept")]
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
            return Ok(self.await_third_leg(established, leg));
        }
        let exchange = self.mic_exchange(&leg, established.flags())?;
        let (Some(spnego), MicExchange::Here | MicExchange::Next) = (&leg.spnego, exchange) else {
            return Ok(self.complete(established, &leg, None));
        };
        let Some(mic) = leg.mic.as_deref() else { return self.await_mic(established, leg) };
        verify_mic(&mut established.session, &spnego.mech_types, mic).map_err(|e| e.with_reply(spnego.reject()))?;
        let ours = make_mic(&mut established.session, &spnego.mech_types)?;
        Ok(self.complete(established, &leg, Some(&ours)))
    }

    /// Mutual authentication after request-mic: our token is the mechanism's last, so our MIC goes with it, and the
    /// initiator's comes next.
    fn await_mic(&mut self, mut established: Established, leg: Leg<'_>) -> Result<Outcome, Error> {
        let Some(spnego) = &leg.spnego else { return Err(out_of_order()) };
        let ours = make_mic(&mut established.session, &spnego.mech_types)?;
        let ap_rep = established.ap_rep.take();
        let message = ap_rep.as_deref().map(|message| (TokenId::AP_REP, message));
        let reply = leg.answer(NegState::AcceptIncomplete, message, Some(&ours)).unwrap_or_default();
        Ok(Outcome::Continue(reply, State::Mic(Box::new(established), leg.into_answered())))
    }

    /// The initiator's MIC, alone in its token.
    pub(super) fn client_mic(
        &mut self,
        mut established: Box<Established>,
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
        verify_mic(&mut established.session, &spnego.mech_types, mic).map_err(reject)?;
        Ok(self.complete(*established, &leg, None))
    }

    /// DCE-2: the AP-REP goes out unframed, whatever frame the AP-REQ had, and nothing is accepted before the third leg.
    fn await_third_leg(&mut self, mut established: Established, mut leg: Leg<'_>) -> Outcome {
        leg.frame = Frame::Bare;
        let ap_rep = established.ap_rep.take();
        let message = ap_rep.as_deref().map(|message| (TokenId::AP_REP, message));
        let reply = leg.answer(NegState::AcceptIncomplete, message, None).unwrap_or_default();
        Outcome::Continue(reply, State::Dce(Box::new(established), leg.into_answered()))
    }

    /// DCE-3: the initiator's own AP-REP, which echoes our sequence number.
    pub(super) fn third_leg(
        &mut self,
        mut established: Box<Established>,
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
            return Ok(self.complete(*established, &leg, None));
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
                verify_mic(&mut established.session, &spnego.mech_types, mic).map_err(reject)?;
                Some(make_mic(&mut established.session, &spnego.mech_types)?)
            }
        };
        Ok(self.complete(*established, &leg, ours.as_deref()))
    }

    /// Steps: the last answer, and at last the identity.
    fn complete(&mut self, mut established: Established, leg: &Leg<'_>, mic: Option<&[u8]>) -> Outcome {
        let message = established.ap_rep.as_deref().map(|message| (TokenId::AP_REP, message));
        let reply = leg.answer(NegState::AcceptCompleted, message, mic);
        let tolerances = core::mem::take(&mut self.progress.tolerances).into_vec();
        established.session.set_rc4_messages(self.settings.policy.rc4_messages);
        Outcome::Accepted(Accepted::new(established, leg.mechanism(), reply, tolerances))
    }
}
