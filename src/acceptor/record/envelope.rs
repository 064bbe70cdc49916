//! What kind of token it is, and what stands around the Kerberos message: steps L-1 to G-3.

use super::{Recorder, Step};
use crate::acceptor::envelope::{
    Decoding, Frame, Kerberos, KrbToken, Place, Token, choose, read_mech_token, read_token,
};
use crate::acceptor::error::{Error, ErrorKind, NegotiationError, TokenError};
use crate::acceptor::policy::{DcePolicy, MicrosoftOid, Policy};
use crate::acceptor::tolerance::Tolerances;
use crate::asn1::{DecodeErrorKind, LengthForm};
use crate::gss::{Oid, TokenKind};
use crate::spnego::NegTokenInit;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use sha2::{Digest as _, Sha256};

/// How many offered mechanisms are listed.
const LISTED: usize = 16;

/// What a token is, told without any key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenFacts {
    /// How many octets it has.
    pub octets: usize,
    /// The first octets of its SHA-256 value, by which two logs can be compared; `None` for a token above the limit.
    pub sha256_prefix: Option<[u8; 8]>,
    /// Its kind, by its first octets.
    pub kind: TokenKind,
    /// The mechanisms that SPNEGO offers, in the initiator's order.
    pub mechanisms: Vec<Mechanism>,
    /// How many more it offers than are listed.
    pub more_mechanisms: usize,
    /// The kind of the token inside SPNEGO, if there is one.
    pub inner: Option<TokenKind>,
    /// What is around the AP-REQ, if one was found.
    pub frame: Option<ApReqFrame>,
}

/// A mechanism that SPNEGO offers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mechanism {
    /// Its object identifier in dotted decimal.
    pub oid: String,
    /// Its name, where it is a known one.
    pub name: Option<&'static str>,
    /// Whether it is the one that an accept chooses.
    pub chosen: bool,
}

/// What is around an AP-REQ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApReqFrame {
    /// A GSS-API frame, under the number of this mechanism.
    Gss(&'static str),
    /// Nothing, as in DCE style.
    Bare,
}

impl fmt::Display for ApReqFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gss(name) => write!(f, "a GSS-API frame of {name}"),
            Self::Bare => f.write_str("no frame"),
        }
    }
}

impl TokenFacts {
    pub(super) fn of(token: &[u8], limit: usize) -> Self {
        let hash = || Sha256::digest(token).first_chunk().copied().unwrap_or_default();
        Self {
            octets: token.len(),
            sha256_prefix: (token.len() <= limit).then(hash),
            kind: TokenKind::classify(token),
            mechanisms: Vec::new(),
            more_mechanisms: 0,
            inner: None,
            frame: None,
        }
    }

    fn offer(&mut self, offer: &NegTokenInit<'_>, chosen: Option<Oid<'_>>) {
        let mut chosen = chosen;
        for mech in offer.mech_types.iter().take(LISTED) {
            // The first of its kind: the list may name one twice.
            let is_it = chosen.take_if(|chosen| *chosen == mech).is_some();
            self.mechanisms.push(Mechanism { oid: mech.to_string(), name: name_of(mech), chosen: is_it });
        }
        self.more_mechanisms = offer.mech_types.iter().count().saturating_sub(LISTED);
        self.inner = offer.mech_token.map(TokenKind::classify);
    }
}

/// The name by which administrators know a mechanism.
fn name_of(oid: Oid<'_>) -> Option<&'static str> {
    const NAMES: [(Oid<'static>, &str); 7] = [
        (Oid::KRB5, "Kerberos"),
        (Oid::MICROSOFT_KRB5, "Kerberos under Microsoft's number"),
        (Oid::KRB5_USER_TO_USER, "Kerberos user-to-user"),
        (Oid::NTLM, "NTLM"),
        (Oid::NEGOEX, "NegoEx"),
        (Oid::IAKERB, "IAKERB"),
        (Oid::SPNEGO, "SPNEGO"),
    ];
    NAMES.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name)
}

/// What the acceptor's policy becomes where it refused a frame, so that what is inside can be looked at all the same.
pub(super) fn any_frame(policy: &Policy) -> Policy {
    Policy {
        microsoft_oid: MicrosoftOid::ListAndRaw,
        dce: DcePolicy::Accept,
        lengths: LengthForm::UpToFourOctets,
        ..policy.clone()
    }
}

/// The mechanisms whose frames are taken off once one was refused.
const ANY_KERBEROS: &[Oid<'static>] = &[Oid::KRB5, Oid::MICROSOFT_KRB5, Oid::KRB5_USER_TO_USER];

impl Recorder<'_> {
    /// The AP-REQ's octets, if there are any that can be looked at.
    pub(super) fn envelope<'t>(&mut self, token: &'t [u8], any_frame: &Policy) -> Option<&'t [u8]> {
        let limits = &self.settings.limits;
        self.ledger.note(Step::L1, Octets(token.len()), format_args!("at most {}", Octets(limits.token_octets)));
        self.ledger.note(Step::L3, self.token.kind, "a Kerberos or SPNEGO token");
        let kerberos = Kerberos { decoding: self.settings.decoding(), mechanisms: self.connection.mechanisms() };
        let mut tolerances = Tolerances::default();
        let read = read_token(token, &kerberos, limits, &mut tolerances);
        self.ledger.tolerated(tolerances);
        let lenient = Kerberos { decoding: Decoding::new(any_frame, limits), mechanisms: ANY_KERBEROS };
        let krb_token = match read {
            Ok(Token::Offer(offer)) => {
                self.ledger.pass(&[Step::L1, Step::L2, Step::L3, Step::L4, Step::L6, Step::S1, Step::S2, Step::S3]);
                self.form_of_lengths();
                self.ledger.pass(&[Step::S10]);
                self.offer(&offer, &kerberos, &lenient)
            }
            Ok(Token::Response(_)) => {
                self.ledger.pass(&[Step::L1, Step::L2, Step::L3, Step::L4, Step::L6]);
                self.form_of_lengths();
                self.ledger.refuse(Step::S10, ErrorKind::Negotiation(NegotiationError::OutOfOrder).into());
                None
            }
            Ok(Token::Krb5(token)) => {
                self.without_spnego();
                self.form_of_lengths();
                self.ledger.pass(&[Step::L1, Step::L2, Step::L3, Step::L4, Step::L6, Step::G1, Step::G2]);
                Some(token)
            }
            Err(error) => {
                if self.refused_as_a_whole(error) {
                    return None;
                }
                let mut unused = Tolerances::default();
                match read_token(token, &lenient, limits, &mut unused) {
                    Ok(Token::Krb5(token)) => Some(token),
                    _ => None,
                }
            }
        };
        self.ap_req_in(&krb_token?)
    }

    /// A token whose outermost layer does not come off. Whether nothing else can be looked at.
    fn refused_as_a_whole(&mut self, error: Error) -> bool {
        let spnego = matches!(self.token.kind, TokenKind::Spnego | TokenKind::SpnegoContinuation);
        if !spnego {
            self.without_spnego();
        }
        let (step, in_part) = match error.kind() {
            ErrorKind::Token(TokenError::TooLarge { .. }) => (Step::L1, false),
            ErrorKind::Token(TokenError::Empty) => (Step::L2, false),
            ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::MicrosoftKrb5 }) => (Step::G2, true),
            ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::ApReq }) => (Step::L3, true),
            ErrorKind::Token(TokenError::NotKerberos { .. }) => (Step::L3, false),
            ErrorKind::NoKey(_) => (Step::G2, true),
            ErrorKind::Token(TokenError::Malformed(error)) => match (error.kind(), spnego) {
                (DecodeErrorKind::LengthNotMinimal, _) => (Step::L5, !spnego),
                (DecodeErrorKind::TrailingOctets, true) => (Step::L6, false),
                (_, false) => (Step::G1, false),
                (
                    DecodeErrorKind::Truncated
                    | DecodeErrorKind::PastTheEnd
                    | DecodeErrorKind::IndefiniteLength
                    | DecodeErrorKind::LengthTooLong
                    | DecodeErrorKind::TooDeep,
                    true,
                ) => (Step::L4, false),
                (_, true) => match super::ledger::step_of(&error_of(*error)) {
                    Some(step @ (Step::S2 | Step::S3 | Step::S10)) => (step, false),
                    _ => (Step::S1, false),
                },
            },
            _ => (Step::L3, false),
        };
        let whole = [Step::L1, Step::L2, Step::L3, Step::L4, Step::L5, Step::L6, Step::S1, Step::S2, Step::S3];
        let frame = [Step::L1, Step::L2, Step::L3, Step::L4, Step::L5, Step::L6, Step::G1];
        let before = if spnego { &whole[..] } else { &frame[..] };
        before.iter().take_while(|other| **other < step).for_each(|other| self.ledger.pass(&[*other]));
        self.ledger.refuse(step, error);
        !in_part
    }

    /// Steps S-4 to S-8, G-1 and G-2.
    fn offer<'t>(
        &mut self,
        offer: &NegTokenInit<'t>,
        kerberos: &Kerberos<'_>,
        lenient: &Kerberos<'_>,
    ) -> Option<KrbToken<'t>> {
        let chosen = choose(offer, kerberos.mechanisms);
        self.token.offer(offer, chosen.as_ref().ok().map(|(mech, _)| *mech));
        let names: Vec<_> = self.token.mechanisms.iter().map(|mech| mech.name.unwrap_or(&mech.oid)).collect();
        self.ledger.note(Step::S4, names.join(", "), "Kerberos");
        let (mech, place) = self.ledger.stage(&[Step::S4], chosen)?;
        let more_needed = || Error::from(ErrorKind::Negotiation(NegotiationError::MoreNeeded));
        let favourite = self.token.mechanisms.first().map(|mech| mech.name.unwrap_or(&mech.oid).to_string());
        self.ledger.note(Step::S5, favourite.unwrap_or_default(), "Kerberos, for a login with one token");
        if place == Place::Later {
            self.ledger.refuse(Step::S5, more_needed());
            return None;
        }
        self.ledger.pass(&[Step::S5]);
        let Some(mech_token) = offer.mech_token else {
            self.ledger.refuse(Step::S6, more_needed());
            return None;
        };
        self.ledger.pass(&[Step::S6]);
        self.ledger.note(Step::S7, TokenKind::classify(mech_token), "a Kerberos token");
        let mut tolerances = Tolerances::default();
        let token = read_mech_token(mech, mech_token, kerberos, &mut tolerances);
        self.ledger.tolerated(tolerances);
        let token = match token {
            Ok(token) => {
                self.ledger.pass(&[Step::S8, Step::S7, Step::G1, Step::G2]);
                token
            }
            Err(error) => {
                let step = match error.kind() {
                    ErrorKind::Token(TokenError::NotKerberos { kind: TokenKind::Ntlm { .. } }) => Step::S8,
                    ErrorKind::Token(TokenError::Malformed(error))
                        if error.kind() == DecodeErrorKind::LengthNotMinimal =>
                    {
                        Step::L5
                    }
                    ErrorKind::Token(TokenError::Malformed(_)) => Step::G1,
                    _ => Step::S7,
                };
                self.ledger.pass(if step > Step::S8 { &[Step::S8] } else { &[] });
                self.ledger.pass(if step > Step::S7 { &[Step::S7] } else { &[] });
                self.ledger.refuse(step, error);
                let mut unused = Tolerances::default();
                read_mech_token(mech, mech_token, lenient, &mut unused).ok()?
            }
        };
        self.copied_mic(offer, mech_token);
        Some(token)
    }

    /// The mechListMIC that only repeats the mechanism's token: what an accept says of it is in the rehearsal.
    fn copied_mic(&mut self, offer: &NegTokenInit<'_>, mech_token: &[u8]) {
        match offer.mech_list_mic {
            None => self.ledger.skip(&[Step::Mic1]),
            Some(mic) if mic == mech_token => self.judge_copied_mic(),
            Some(_) => self.ledger.pass(&[Step::Mic1]),
        }
    }

    /// Step G-3.
    fn ap_req_in<'t>(&mut self, token: &KrbToken<'t>) -> Option<&'t [u8]> {
        self.token.frame = Some(match token.frame {
            Frame::Bare => ApReqFrame::Bare,
            Frame::Gss(oid) => ApReqFrame::Gss(name_of(oid).unwrap_or("Kerberos")),
        });
        match token.frame {
            Frame::Bare => self.ledger.skip(&[Step::G1, Step::G2, Step::G3]),
            Frame::Gss(_) => self.ledger.note(Step::G3, "", "01 00 (AP-REQ)"),
        }
        match token.ap_req() {
            Ok(ap_req) => {
                if token.frame != Frame::Bare {
                    self.ledger.pass(&[Step::G3]);
                }
                Some(ap_req)
            }
            Err(error) => {
                self.ledger.refuse(Step::G3, error);
                None
            }
        }
    }

    fn without_spnego(&mut self) {
        let steps = [Step::S1, Step::S2, Step::S3, Step::S10, Step::S4, Step::S5, Step::S6, Step::S8, Step::S7];
        self.ledger.skip(&steps);
        self.ledger.skip(&[Step::Mic1, Step::Mic2]);
    }

    /// Step L-5 passes here, and may turn out otherwise in a message further inside.
    fn form_of_lengths(&mut self) {
        if !self.ledger.is_decided(Step::L5) {
            self.ledger.pass(&[Step::L5]);
        }
    }
}

/// The same error, for whoever asks which step it is of.
fn error_of(error: crate::error::DecodeError) -> Error {
    ErrorKind::Token(TokenError::Malformed(error)).into()
}

/// `1 octet`, `695 octets`.
pub(super) struct Octets(pub(super) usize);

impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 octet"),
            many => write!(f, "{many} octets"),
        }
    }
}
