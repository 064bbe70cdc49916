//! From the token to the AP-REQ inside it: limits, kind, SPNEGO, GSS frame (sections 1 to 3 of the acceptance order).

use super::error::{Error, ErrorKind, NegotiationError, TokenError};
use super::mechanism::Mechanism;
use super::policy::{MicrosoftOid, Policy};
use super::tolerance::{Tolerance, Tolerances};
use crate::asn1::{DecodeError, DecodeErrorKind, LengthForm, Rules, Writer};
use crate::gss::{InitialToken, Oid, TokenId, TokenKind};
use crate::limits::Limits;
use crate::messages::ApRep;
use crate::spnego::{NegState, NegTokenInit, NegTokenResp};
use alloc::string::ToString;
use alloc::vec::Vec;

/// Room for what stands around the ciphertext of a reply: some 85 octets, and mechanisms that are offered in many octets
/// are rare.
const FRAMES_OCTETS: usize = 128;

/// How a token was wrapped, and so how its reply must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'a> {
    /// The mechanism that SPNEGO chose, as it was offered; `None` without SPNEGO.
    supported_mech: Option<Oid<'a>>,
    /// The OID in the Kerberos token's frame.
    this_mech: Oid<'a>,
}

/// Decodes by the rules that the policy allows. What only the tolerant rules read is noted.
pub(super) struct Decoding<'p> {
    policy: &'p Policy,
    nesting: u8,
}

impl<'p> Decoding<'p> {
    pub(super) fn new(policy: &'p Policy, limits: &Limits) -> Self {
        Self { policy, nesting: limits.nesting }
    }

    /// Decodes by the strict rules, and once more by the tolerant ones if lengths are all that is wrong (step L-5).
    pub(super) fn read<T>(
        &self,
        tolerances: &mut Tolerances,
        decode: impl Fn(Rules) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        match decode(Rules::new(LengthForm::Shortest, self.nesting)) {
            Err(error)
                if error.kind == DecodeErrorKind::LengthNotMinimal && self.policy.lengths != LengthForm::Shortest =>
            {
                tolerances.note(Tolerance::NonMinimalLength);
                decode(Rules::new(self.policy.lengths, self.nesting))
            }
            result => result,
        }
    }
}

/// Takes everything off a Kerberos token that is around it: the envelope, and the octets from the token identifier on.
pub(super) fn open<'a>(
    token: &'a [u8],
    policy: &Policy,
    limits: &Limits,
    tolerances: &mut Tolerances,
) -> Result<(Envelope<'a>, &'a [u8]), Error> {
    if token.len() > limits.token_octets {
        return Err(token_error(TokenError::TooLarge { octets: token.len(), limit: limits.token_octets }));
    }
    let decoding = Decoding::new(policy, limits);
    match TokenKind::classify(token) {
        TokenKind::Empty => Err(token_error(TokenError::Empty)),
        TokenKind::Spnego => {
            open_spnego(token, &decoding, tolerances).map_err(|error| error.with_mechanism(Mechanism::Spnego))
        }
        kind @ (TokenKind::Krb5 | TokenKind::MicrosoftKrb5) => {
            if kind == TokenKind::MicrosoftKrb5 {
                match policy.microsoft_oid {
                    MicrosoftOid::ListOnly => return Err(not_kerberos(kind)),
                    MicrosoftOid::ListAndRaw => tolerances.note(Tolerance::MicrosoftOid),
                }
            }
            open_krb5(token, None, &decoding, tolerances).map_err(|error| error.with_mechanism(Mechanism::Krb5))
        }
        TokenKind::UserToUser => Err(ErrorKind::NoKey(super::error::NoKey::UserToUser).into()),
        TokenKind::SpnegoContinuation => {
            Err(Error::from(ErrorKind::Negotiation(NegotiationError::OutOfOrder)).with_mechanism(Mechanism::Spnego))
        }
        kind => {
            check_frame(token, &decoding, tolerances)?;
            Err(not_kerberos(kind))
        }
    }
}

/// Steps S-1 to S-8.
fn open_spnego<'a>(
    token: &'a [u8],
    decoding: &Decoding<'_>,
    tolerances: &mut Tolerances,
) -> Result<(Envelope<'a>, &'a [u8]), Error> {
    let init = decoding
        .read(tolerances, |rules| {
            let frame = InitialToken::from_octets(token, rules)?;
            NegTokenInit::from_octets(frame.inner_context_token, rules)
        })
        .map_err(malformed)?;
    let Some((place, supported_mech)) = init.mech_types.iter().enumerate().find(|(_, mech)| mech.is_krb5()) else {
        return Err(no_common_mechanism(&init));
    };
    let answer = |neg_state| {
        Some(NegTokenResp { neg_state, supported_mech: Some(supported_mech), response_token: None }.to_octets())
    };
    let more_needed = || Error::from(ErrorKind::Negotiation(NegotiationError::MoreNeeded));
    if place > 0 {
        return Err(more_needed().with_reply(answer(NegState::RequestMic)));
    }
    let Some(mech_token) = init.mech_token else {
        return Err(more_needed().with_reply(answer(NegState::AcceptIncomplete)));
    };
    match TokenKind::classify(mech_token) {
        TokenKind::Krb5 | TokenKind::MicrosoftKrb5 => {}
        kind @ (TokenKind::Ntlm { .. } | TokenKind::ApReq | TokenKind::KrbError { .. }) => {
            return Err(not_kerberos(kind));
        }
        kind => {
            check_frame(mech_token, decoding, tolerances)?;
            let mismatch = Error::from(ErrorKind::Negotiation(NegotiationError::MechanismMismatch { kind }));
            return Err(mismatch.with_reply(answer(NegState::Reject)));
        }
    }
    if init.mech_list_mic.is_some() {
        return Err(
            Error::from(ErrorKind::Negotiation(NegotiationError::OutOfOrder)).with_reply(answer(NegState::Reject))
        );
    }
    open_krb5(mech_token, Some(supported_mech), decoding, tolerances)
}

/// A token of unknown kind may be a frame that is damaged: then that is what is wrong with it.
fn check_frame(token: &[u8], decoding: &Decoding<'_>, tolerances: &mut Tolerances) -> Result<(), Error> {
    match TokenKind::classify(token) {
        TokenKind::Unknown { first_octet: 0x60, .. } => {
            decoding.read(tolerances, |rules| InitialToken::from_octets(token, rules)).map(|_| ()).map_err(malformed)
        }
        _ => Ok(()),
    }
}

/// Steps G-1 and G-2.
fn open_krb5<'a>(
    token: &'a [u8],
    supported_mech: Option<Oid<'a>>,
    decoding: &Decoding<'_>,
    tolerances: &mut Tolerances,
) -> Result<(Envelope<'a>, &'a [u8]), Error> {
    let frame = decoding.read(tolerances, |rules| InitialToken::from_octets(token, rules)).map_err(malformed)?;
    Ok((Envelope { supported_mech, this_mech: frame.this_mech }, frame.inner_context_token))
}

/// Step G-3: "TOK_ID field: 01 00 for KRB_AP_REQ" (RFC 4121 §4.1).
pub(super) fn take_ap_req(inner_context_token: &[u8]) -> Result<&[u8], Error> {
    match inner_context_token.split_first_chunk() {
        Some((id, ap_req)) if TokenId(*id) == TokenId::AP_REQ => Ok(ap_req),
        other => Err(token_error(TokenError::TokenId { found: other.map(|(id, _)| TokenId(*id)) })),
    }
}

/// No mechanism that is known here: NTLM and NegoEx have names of their own, because their cause is on the client's side.
fn no_common_mechanism(init: &NegTokenInit<'_>) -> Error {
    let offered = || init.mech_types.iter();
    for fallback in [Oid::NTLM, Oid::NEGOEX] {
        if offered().any(|mech| mech == fallback) {
            let kind = init.mech_token.map(TokenKind::classify).filter(|kind| matches!(kind, TokenKind::Ntlm { .. }));
            return not_kerberos(kind.or_else(|| TokenKind::of_mechanism(fallback)).unwrap_or(TokenKind::NegoEx));
        }
    }
    let offered = offered().take(8).map(|mech| mech.to_string()).collect();
    let reject = NegTokenResp { neg_state: NegState::Reject, supported_mech: None, response_token: None };
    Error::from(ErrorKind::Negotiation(NegotiationError::NoCommonMechanism { offered }))
        .with_reply(Some(reject.to_octets()))
}

fn token_error(error: TokenError) -> Error {
    ErrorKind::Token(error).into()
}

pub(super) fn malformed(error: DecodeError) -> Error {
    token_error(TokenError::Malformed(error))
}

fn not_kerberos(kind: TokenKind) -> Error {
    token_error(TokenError::NotKerberos { kind })
}

impl<'a> Envelope<'a> {
    /// The mechanism on the outside.
    pub(super) fn mechanism(&self) -> Mechanism {
        if self.supported_mech.is_some() { Mechanism::Spnego } else { Mechanism::Krb5 }
    }

    /// The reply of an accepted token: the AP-REP in the frame that came in, if there is one (steps ).
    pub(super) fn seal_success(&self, ap_rep: Option<ApRep<'_>>) -> Option<Vec<u8>> {
        let octets = ap_rep.map_or(0, |ap_rep| ap_rep.enc_part.cipher.len());
        let message = ap_rep.map(|ap_rep| (TokenId::AP_REP, move |writer: &mut Writer| ap_rep.encode(writer)));
        self.seal(NegState::AcceptCompleted, message, octets)
    }

    /// The reply of a refused token (steps ).
    pub(super) fn seal_failure(&self, krb_error: Option<&[u8]>) -> Option<Vec<u8>> {
        let octets = krb_error.map_or(0, <[u8]>::len);
        let message = krb_error.map(|octets| (TokenId::KRB_ERROR, |writer: &mut Writer| writer.raw(octets)));
        self.seal(NegState::Reject, message, octets)
    }

    /// Puts a message of about so many octets into the frames that came in, in one allocation.
    fn seal(
        &self,
        neg_state: NegState,
        message: Option<(TokenId, impl FnOnce(&mut Writer))>,
        octets: usize,
    ) -> Option<Vec<u8>> {
        let framed = message.map(|(id, message)| {
            move |writer: &mut Writer| InitialToken::write_krb5(writer, self.this_mech, id, message)
        });
        let mut writer = Writer::with_capacity(octets.saturating_add(FRAMES_OCTETS));
        match (self.supported_mech, framed) {
            (None, framed) => framed?(&mut writer),
            (supported_mech, framed) => NegTokenResp::write(&mut writer, neg_state, supported_mech, framed),
        }
        Some(writer.into_octets())
    }
}
