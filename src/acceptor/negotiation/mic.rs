//! The MIC over the list of mechanisms: when it is needed, and whether it is right (RFC 4178 §5).

use super::legs::Leg;
use super::{Table, out_of_order};
use crate::acceptor::context::Checked;
use crate::acceptor::error::{Error, ErrorKind, NegotiationError};
use crate::acceptor::policy::{Leniency, MechListMicPolicy};
use crate::acceptor::tolerance::Tolerance;
use crate::gss::{ContextFlags, Session};
use crate::spnego::NegTokenResp;
use alloc::vec::Vec;

/// Whether the initiator's MIC is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MicNeed {
    /// The favourite mechanism was chosen: it may be left out, and counts if it is there.
    IfSent,
    /// Another mechanism was chosen: without it, somebody may have stripped the favourite from the list.
    Mandatory,
}

/// Where the initiator's MIC stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MicExchange {
    /// Nowhere: no MICs are exchanged.
    None,
    /// Beside the mechanism's last token, which was the initiator's.
    Here,
    /// In the initiator's next token, for ours is the mechanism's last.
    Next,
}

impl Table<'_> {
    /// Step S-10: a later token of the initiator's. What it says of state and mechanism is not looked at, for nothing
    /// protects it.
    pub(super) fn response<'t>(&mut self, token: &'t [u8]) -> Result<NegTokenResp<'t>, Error> {
        use crate::acceptor::envelope::{self, Token};
        let kerberos = self.kerberos();
        match envelope::read_token(token, &kerberos, &self.settings.limits, &mut self.progress.tolerances)? {
            Token::Response(response) => match (response.supported_mech, self.settings.policy.repeated_mechanism) {
                (Some(_), Leniency::Refuse) => Err(out_of_order()),
                _ => Ok(response),
            },
            Token::Offer(_) | Token::Krb5(_) => Err(out_of_order()),
        }
    }

    /// A Windows 2000 peer repeats the mechanism's token in the field of the MIC: then there is none.
    pub(super) fn without_copy<'t>(
        &mut self,
        mic: Option<&'t [u8]>,
        mech_token: &[u8],
    ) -> Result<Option<&'t [u8]>, Error> {
        if mic != Some(mech_token) {
            return Ok(mic);
        }
        match self.settings.policy.copied_mech_list_mic {
            Leniency::Refuse => Err(bad_mic()),
            Leniency::Tolerate => {
                self.progress.tolerances.note(Tolerance::MechListMicCopy);
                Ok(None)
            }
        }
    }

    /// What can be said of the MIC before the replay store is asked: it has a place, it is there, it is right (step R-1).
    pub(super) fn check_mic(&self, checked: &mut Checked, leg: &Leg<'_>) -> Result<(), Error> {
        match (self.mic_exchange(leg, checked.facts.flags)?, &leg.spnego, &leg.mic) {
            (MicExchange::Here, Some(spnego), Some(mic)) => {
                checked.verify_mic(&spnego.mech_types, mic).map_err(|_| bad_mic())
            }
            _ => Ok(()),
        }
    }

    /// Which MICs this context is to see, told from what the initiator asked for and sent.
    pub(super) fn mic_exchange(&self, leg: &Leg<'_>, flags: ContextFlags) -> Result<MicExchange, Error> {
        let Some(spnego) = &leg.spnego else { return Ok(MicExchange::None) };
        let wanted = self.wants_mic(spnego.mic_need, flags);
        match (wanted, leg.mic.is_some(), flags.contains(ContextFlags::MUTUAL)) {
            (_, true, true) => Err(out_of_order()),
            (true, false, false) => Err(mic_missing()),
            (_, true, false) => Ok(MicExchange::Here),
            (true, false, true) => Ok(MicExchange::Next),
            (false, false, _) => Ok(MicExchange::None),
        }
    }

    /// Whether MICs are to be exchanged: never without integrity, unless the policy says that Kerberos always has it.
    pub(super) fn wants_mic(&self, need: MicNeed, flags: ContextFlags) -> bool {
        let protected = match self.settings.policy.mech_list_mic {
            MechListMicPolicy::WithIntegrity => flags.contains(ContextFlags::INTEG),
            MechListMicPolicy::Always => true,
        };
        need == MicNeed::Mandatory && protected
    }
}

/// Over the octets that were received, never over an encoding of our own.
pub(super) fn verify_mic(session: &mut Session, mech_types: &[u8], mic: &[u8]) -> Result<(), Error> {
    session.verify_mic(mech_types, mic).map(|_| ()).map_err(|_| bad_mic())
}

/// The acceptor's own MIC over the same octets.
pub(super) fn make_mic(session: &mut Session, mech_types: &[u8]) -> Result<Vec<u8>, Error> {
    session.get_mic(mech_types).map_err(|_| bad_mic())
}

fn bad_mic() -> Error {
    ErrorKind::Negotiation(NegotiationError::BadMic).into()
}

pub(super) fn mic_missing() -> Error {
    ErrorKind::Negotiation(NegotiationError::MicMissing).into()
}
