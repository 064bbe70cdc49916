//! What is around a Kerberos message: limits, kind, SPNEGO, GSS frame (sections 1 to 3 of the acceptance order).

use super::error::{Error, ErrorKind, NegotiationError, NoKey, TokenError};
use super::mechanism::Mechanism;
use super::policy::{DcePolicy, MicrosoftOid, Policy};
use super::tolerance::{Tolerance, Tolerances};
use crate::asn1::{DecodeError, DecodeErrorKind, LengthForm, Rules, Writer};
use crate::gss::{InitialToken, Oid, TokenId, TokenKind};
use crate::limits::Limits;
use crate::spnego::{NegState, NegTokenInit, NegTokenResp};
use alloc::string::ToString;

/// A token, its outermost layer taken off.
pub(super) enum Token<'a> {
    /// SPNEGO's first: the mechanisms offered.
    Offer(NegTokenInit<'a>),
    /// SPNEGO's later ones.
    Response(NegTokenResp<'a>),
    /// Kerberos alone.
    Krb5(KrbToken<'a>),
}

/// A Kerberos message and the frame it came in.
#[derive(Clone, Copy)]
pub(super) struct KrbToken<'a> {
    pub(super) frame: Frame,
    /// In a frame, from the token identifier on.
    octets: &'a [u8],
}

/// How a Kerberos message was framed, and so how its reply must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// In a GSS frame, under this OID.
    Gss(Oid<'static>),
    /// Not at all, as DCE style does it.
    Bare,
}

/// Decodes by the rules that the policy allows. What only the tolerant rules read is noted.
pub(super) struct Decoding<'p> {
    policy: &'p Policy,
    nesting: u8,
}

/// What a Kerberos token is held to: the rules, and the mechanisms that it may be of.
pub(super) struct Kerberos<'p> {
    pub(super) decoding: Decoding<'p>,
    pub(super) mechanisms: &'static [Oid<'static>],
}

impl<'p> Decoding<'p> {
    pub(super) fn new(policy: &'p Policy, limits: &Limits) -> Self {
        Self { policy, nesting: limits.nesting }
    }

    /// Decodes by the strict rules, and once more by the tolerant ones if lengths are all that is wrong (step L-5).
    ///
    /// Messages are large values. They stay in the result, and are borrowed out of it, because taking them out moves them.
    #[inline]
    pub(super) fn read<T: Copy>(
        &self,
        tolerances: &mut Tolerances,
        decode: impl Fn(Rules) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let mut result = decode(Rules::new(LengthForm::Shortest, self.nesting));
        if result.as_ref().is_err_and(|error| self.tolerates(*error)) {
            tolerances.note(Tolerance::NonMinimalLength);
            result = decode(Rules::new(self.policy.lengths, self.nesting));
        }
        result
    }

    fn tolerates(&self, error: DecodeError) -> bool {
        error.kind() == DecodeErrorKind::LengthNotMinimal && self.policy.lengths != LengthForm::Shortest
    }
}

/// Steps L-1 to L-6 and S-1 to S-3: what came in, by its first octets, with its outermost layer taken off.
pub(super) fn read_token<'a>(
    token: &'a [u8],
    kerberos: &Kerberos<'_>,
    limits: &Limits,
    tolerances: &mut Tolerances,
) -> Result<Token<'a>, Error> {
    if token.len() > limits.token_octets {
        return Err(token_error(TokenError::TooLarge { octets: token.len(), limit: limits.token_octets }));
    }
    let decoding = &kerberos.decoding;
    let by_spnego = |error| malformed(error).with_mechanism(Mechanism::Spnego);
    match TokenKind::classify(token) {
        TokenKind::Empty => Err(token_error(TokenError::Empty)),
        TokenKind::Spnego => {
            let offer = decoding.read(tolerances, |rules| {
                let frame = InitialToken::from_octets(token, rules)?;
                NegTokenInit::from_octets(frame.inner_context_token, rules)
            });
            offer.map(Token::Offer).map_err(by_spnego)
        }
        TokenKind::SpnegoContinuation => {
            let response = decoding.read(tolerances, |rules| NegTokenResp::from_octets(token, rules));
            response.map(Token::Response).map_err(by_spnego)
        }
        TokenKind::MicrosoftKrb5 if decoding.policy.microsoft_oid == MicrosoftOid::ListOnly => {
            Err(not_kerberos(TokenKind::MicrosoftKrb5))
        }
        kind => {
            if kind == TokenKind::MicrosoftKrb5 {
                tolerances.note(Tolerance::MicrosoftOid);
            }
            read_krb5(token, kerberos, tolerances).map(Token::Krb5)
        }
    }
}

/// Steps S-7 and S-8: the chosen mechanism's token inside SPNEGO.
pub(super) fn read_mech_token<'a>(
    chosen: Oid<'_>,
    mech_token: &'a [u8],
    kerberos: &Kerberos<'_>,
    tolerances: &mut Tolerances,
) -> Result<KrbToken<'a>, Error> {
    let mismatched = |kind| Error::from(ErrorKind::Negotiation(NegotiationError::MechanismMismatch { kind }));
    let mismatch = |error: Error| match error.kind() {
        ErrorKind::Token(TokenError::NotKerberos {
            kind: TokenKind::Ntlm { .. } | TokenKind::ApReq | TokenKind::KrbError { .. },
        }) => error,
        ErrorKind::Token(TokenError::NotKerberos { kind }) => mismatched(*kind),
        // User-to-user has a number of its own, and it was not the one chosen.
        ErrorKind::NoKey(NoKey::UserToUser) => mismatched(TokenKind::UserToUser),
        _ => error,
    };
    let token = read_krb5(mech_token, kerberos, tolerances).map_err(mismatch)?;
    if token.frame.is_of(chosen) { Ok(token) } else { Err(mismatched(TokenKind::classify(mech_token))) }
}

/// Steps G-1 and G-2: a Kerberos message in its frame, or a bare one where DCE style is accepted.
fn read_krb5<'a>(token: &'a [u8], kerberos: &Kerberos<'_>, tolerances: &mut Tolerances) -> Result<KrbToken<'a>, Error> {
    let Kerberos { decoding, mechanisms } = kerberos;
    let kind = TokenKind::classify(token);
    let frame = match kind {
        TokenKind::Krb5 => Frame::Gss(Oid::KRB5),
        TokenKind::MicrosoftKrb5 => Frame::Gss(Oid::MICROSOFT_KRB5),
        TokenKind::ApReq if decoding.policy.dce == DcePolicy::Accept => Frame::Bare,
        TokenKind::UserToUser if mechanisms.contains(&Oid::KRB5_USER_TO_USER) => Frame::Gss(Oid::KRB5_USER_TO_USER),
        TokenKind::UserToUser => return Err(ErrorKind::NoKey(NoKey::UserToUser).into()),
        TokenKind::Unknown { first_octet: 0x60, .. } => {
            // Another mechanism's frame, or one that is damaged: then that is what is wrong with it.
            decoding.read(tolerances, |rules| InitialToken::from_octets(token, rules)).map_err(malformed)?;
            return Err(not_kerberos(kind));
        }
        _ => return Err(not_kerberos(kind)),
    };
    let octets = match frame {
        Frame::Bare => token,
        Frame::Gss(_) => {
            let framed = decoding.read(tolerances, |rules| InitialToken::from_octets(token, rules));
            framed.map_err(|error| malformed(error).with_mechanism(Mechanism::Krb5))?.inner_context_token
        }
    };
    Ok(KrbToken { frame, octets })
}

impl<'a> KrbToken<'a> {
    /// Step G-3: "TOK_ID field: 01 00 for KRB_AP_REQ" (RFC 4121 §4.1). A bare message has none.
    pub(super) fn ap_req(&self) -> Result<&'a [u8], Error> {
        match (self.frame, self.octets.split_first_chunk()) {
            (Frame::Bare, _) => Ok(self.octets),
            (Frame::Gss(_), Some((id, ap_req))) if TokenId(*id) == TokenId::AP_REQ => Ok(ap_req),
            (Frame::Gss(_), other) => {
                Err(token_error(TokenError::TokenId { found: other.map(|(id, _)| TokenId(*id)) }))
            }
        }
    }
}

/// Step S-4: the first mechanism in the initiator's order that is known here, and whether it is its favourite.
pub(super) fn choose(
    offer: &NegTokenInit<'_>,
    mechanisms: &'static [Oid<'static>],
) -> Result<(Oid<'static>, Place), Error> {
    for (position, mech) in offer.mech_types.iter().enumerate() {
        if let Some(known) = mechanisms.iter().find(|known| **known == mech) {
            return Ok((*known, if position == 0 { Place::First } else { Place::Later }));
        }
    }
    Err(no_common_mechanism(offer))
}

/// Where Kerberos stands in the initiator's list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the favourite; the optimistic token is its.
    First,
    /// Another mechanism is the favourite, and the optimistic token is that one's.
    Later,
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
    let reject = NegTokenResp { neg_state: Some(NegState::Reject), ..NegTokenResp::default() };
    Error::from(ErrorKind::Negotiation(NegotiationError::NoCommonMechanism { offered }))
        .with_reply(Some(reject.to_octets()))
}

pub(super) fn token_error(error: TokenError) -> Error {
    ErrorKind::Token(error).into()
}

pub(super) fn malformed(error: DecodeError) -> Error {
    token_error(TokenError::Malformed(error))
}

pub(super) fn not_kerberos(kind: TokenKind) -> Error {
    token_error(TokenError::NotKerberos { kind })
}

impl Frame {
    /// Step S-7: whether it may be around a token of this mechanism. The two numbers of Kerberos are one, and a message
    /// without a frame names none.
    fn is_of(self, mechanism: Oid<'_>) -> bool {
        match self {
            Self::Gss(this_mech) => this_mech == mechanism || (this_mech.is_krb5() && mechanism.is_krb5()),
            Self::Bare => true,
        }
    }

    /// Writes a message for the client, of as many octets as expected, in the frame that it used.
    pub(super) fn encode_around<T>(
        self,
        writer: &mut Writer,
        id: TokenId,
        expected: usize,
        message: impl FnOnce(&mut Writer) -> T,
    ) -> T {
        match self {
            Self::Gss(this_mech) => InitialToken::encode_around(writer, (this_mech, id), expected, message),
            Self::Bare => message(writer),
        }
    }
}
