//! What is around the Kerberos message of one leg, and so how its answer must look.

use super::conclusion::Outcome;
use super::mic::MicNeed;
use super::{Hints, State};
use crate::acceptor::context::Answer;
use crate::acceptor::envelope::Frame;
use crate::acceptor::error::Error;
use crate::acceptor::mechanism::Mechanism;
use crate::asn1::Writer;
use crate::gss::{Oid, Session, TokenId};
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

/// A Kerberos message of the acceptor's.
pub(super) enum Message<'a> {
    /// What it says, and the context whose keys it is made with.
    ApRep(&'a Answer, &'a Session),
    /// The message.
    KrbError(&'a [u8]),
}

/// Room for an answer with an AP-REP: it is written in one piece, and into one allocation.
const ANSWER_OCTETS: usize = 384;

/// What the frame of a Kerberos message has.
const FRAME_OCTETS: usize = 16;

impl Message<'_> {
    fn id(&self) -> TokenId {
        match self {
            Self::ApRep(..) => TokenId::AP_REP,
            Self::KrbError(_) => TokenId::KRB_ERROR,
        }
    }

    /// How long it will be, more or less: what goes around it keeps room for its own length by that.
    fn expected_octets(&self) -> usize {
        match self {
            Self::ApRep(_, session) => Answer::expected_octets(session),
            Self::KrbError(message) => message.len(),
        }
    }

    fn write(&self, writer: &mut Writer) -> Result<(), Error> {
        match self {
            Self::ApRep(answer, session) => answer.write_ap_rep(session, writer),
            Self::KrbError(message) => {
                writer.raw(message);
                Ok(())
            }
        }
    }
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
        message: Option<Message<'_>>,
        mech_list_mic: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, Error> {
        if self.spnego.is_none() && message.is_none() {
            return Ok(None);
        }
        let mut writer = Writer::with_capacity(ANSWER_OCTETS);
        let framed = message.map(|message| {
            let expected = message.expected_octets();
            let framed = move |writer: &mut Writer| {
                self.frame.encode_around(writer, message.id(), expected, |writer| message.write(writer))
            };
            (expected.saturating_add(FRAME_OCTETS), framed)
        });
        let written = match &self.spnego {
            None => framed.map(|(_, framed)| framed(&mut writer)),
            Some(spnego) => {
                let (neg_state, supported_mech) = (Some(neg_state), spnego.supported_mech);
                NegTokenResp { neg_state, supported_mech, response_token: None, mech_list_mic }
                    .encode_around(&mut writer, framed)
            }
        };
        written.transpose()?;
        Ok(Some(writer.into_octets()))
    }

    /// The answer to a refused message (step X-5).
    pub(super) fn failure(&self, krb_error: Option<&[u8]>) -> Option<Vec<u8>> {
        self.with_error(NegState::Reject, krb_error)
    }

    /// An answer with a message that is written as it is, which cannot fail.
    fn with_error(&self, neg_state: NegState, krb_error: Option<&[u8]>) -> Option<Vec<u8>> {
        self.answer(neg_state, krb_error.map(Message::KrbError), None).ok().flatten()
    }

    /// The answer that gives the client another chance, and what is awaited then (steps G-3 and X-4).
    pub(super) fn try_again(self, krb_error: &[u8]) -> Outcome {
        let reply = self.with_error(NegState::AcceptIncomplete, Some(krb_error));
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
