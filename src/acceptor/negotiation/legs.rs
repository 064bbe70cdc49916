//! What is around the Kerberos message of one leg, and so how its answer must look.

use super::conclusion::Outcome;
use super::mic::MicNeed;
use super::{Hints, State};
use crate::acceptor::envelope::Frame;
use crate::acceptor::mechanism::Mechanism;
use crate::gss::{Oid, TokenId};
use crate::spnego::{NegState, NegTokenResp};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// A Kerberos message's surroundings: its frame, and the negotiation around it if there is one.
pub(super) struct Leg<'a> {
    pub(super) frame: Frame,
    pub(super) spnego: Option<SpnegoLeg<'a>>,
    /// The MIC that came with the message.
    pub(super) mic: Option<Cow<'a, [u8]>>,
}

/// A negotiation in which the mechanism is chosen.
pub(super) struct SpnegoLeg<'a> {
    /// The mechanism as it was offered.
    pub(super) mech: Oid<'static>,
    /// The same, for an answer; `None` once an answer has said it (RFC 4178 §4.2.2: only in the first reply).
    supported_mech: Option<Oid<'static>>,
    /// The list of mechanisms as it was received.
    pub(super) mech_types: Cow<'a, [u8]>,
    pub(super) mic_need: MicNeed,
}

impl<'a> Leg<'a> {
    /// Kerberos alone.
    pub(super) fn alone(frame: Frame) -> Self {
        Self { frame, spnego: None, mic: None }
    }

    /// Kerberos inside SPNEGO.
    pub(super) fn negotiated(frame: Frame, spnego: SpnegoLeg<'a>, mic: Option<&'a [u8]>) -> Self {
        Self { frame, spnego: Some(spnego), mic: mic.map(Cow::Borrowed) }
    }

    pub(super) fn into_owned(self) -> Leg<'static> {
        Leg {
            frame: self.frame,
            spnego: self.spnego.map(SpnegoLeg::into_owned),
            mic: self.mic.map(|mic| Cow::Owned(mic.into_owned())),
        }
    }

    /// Owned, for a state that waits after an answer; the MIC that came was judged.
    pub(super) fn into_answered(self) -> Leg<'static> {
        Leg { frame: self.frame, spnego: self.spnego.map(SpnegoLeg::into_answered), mic: None }
    }

    /// The mechanism on the outside.
    pub(super) fn mechanism(&self) -> Mechanism {
        if self.spnego.is_some() { Mechanism::Spnego } else { Mechanism::Krb5 }
    }

    /// An answer of the kind that came in (steps ): under SPNEGO always one, else the message if there is one.
    pub(super) fn answer(
        &self,
        neg_state: NegState,
        message: Option<(TokenId, &[u8])>,
        mech_list_mic: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let framed = message.map(|(id, message)| self.frame.seal(id, message));
        match &self.spnego {
            None => framed,
            Some(spnego) => Some(
                NegTokenResp {
                    neg_state: Some(neg_state),
                    supported_mech: spnego.supported_mech,
                    response_token: framed.as_deref(),
                    mech_list_mic,
                }
                .to_octets(),
            ),
        }
    }

    /// The answer to a refused message (step X-5).
    pub(super) fn failure(&self, krb_error: Option<&[u8]>) -> Option<Vec<u8>> {
        self.answer(NegState::Reject, krb_error.map(|error| (TokenId::KRB_ERROR, error)), None)
    }

    /// The answer that gives the client another chance, and what is awaited then (steps G-3 and X-4).
    pub(super) fn try_again(self, krb_error: &[u8]) -> Outcome {
        let reply = self.answer(NegState::AcceptIncomplete, Some((TokenId::KRB_ERROR, krb_error)), None);
        let state = match self.into_answered().spnego {
            Some(spnego) => State::MechToken(spnego),
            None => State::First { hints: Hints::Given },
        };
        Outcome::Continue(reply.unwrap_or_default(), state)
    }
}

impl<'a> SpnegoLeg<'a> {
    pub(super) fn new(mech: Oid<'static>, mech_types: &'a [u8]) -> Self {
        let mech_types = Cow::Borrowed(mech_types);
        Self { mech, supported_mech: Some(mech), mech_types, mic_need: MicNeed::IfSent }
    }

    fn into_owned(self) -> SpnegoLeg<'static> {
        let mech_types = Cow::Owned(self.mech_types.into_owned());
        SpnegoLeg { mech: self.mech, supported_mech: self.supported_mech, mech_types, mic_need: self.mic_need }
    }

    /// Owned, for the state that waits; the mechanism was said with the answer that is sent now.
    fn into_answered(self) -> SpnegoLeg<'static> {
        SpnegoLeg { supported_mech: None, ..self.into_owned() }
    }

    /// Asks for the mechanism's token (steps S-5 and S-6).
    pub(super) fn wait_for_token(self, neg_state: NegState, mic_need: MicNeed) -> Outcome {
        let reply =
            NegTokenResp { neg_state: Some(neg_state), supported_mech: self.supported_mech, ..NegTokenResp::default() };
        let reply = reply.to_octets();
        Outcome::Continue(reply, State::MechToken(SpnegoLeg { mic_need, ..self.into_answered() }))
    }

    /// The answer to a token that has no place here.
    pub(super) fn reject(&self) -> Option<Vec<u8>> {
        let reject = NegState::Reject;
        let supported_mech = self.supported_mech;
        Some(NegTokenResp { neg_state: Some(reject), supported_mech, ..NegTokenResp::default() }.to_octets())
    }
}
