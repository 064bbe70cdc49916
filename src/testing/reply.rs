//! The initiator's side of the answer: RFC 4178 §4.2.2, RFC 4121 §4.1, RFC 4120 §3.2.5.

use super::authenticator::Authenticator;
use super::der_read::{self, FieldsOf};
use super::der_write::{Fields, application, context, integer, time};
use super::framing::{Framing, Oid};
use super::keys::{EncryptionKey, encrypted_data};
use super::login::Login;
use super::mic::{self, Sender};
use super::names::PrincipalName;
use super::noise::Noise;
use crate::numbers::{Enctype, KeyUsage, KrbErrorCode, NameType};
use crate::time::{KerberosTime, Timestamp};
use alloc::vec::Vec;
use der::Tag;
use der::asn1::AnyRef;

/// `negState`, RFC 4178 §4.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NegState {
    /// The negotiation is over, and the login is accepted.
    AcceptCompleted,
    /// More is needed.
    AcceptIncomplete,
    /// The login is refused.
    Reject,
    /// More is needed, and a mechListMIC must come.
    RequestMic,
}

/// What the acceptor answered, opened and checked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// SPNEGO's state, if the answer is a NegTokenResp that has one.
    pub neg_state: Option<NegState>,
    /// The mechanism that the acceptor chose, if it says so; one that was offered.
    pub supported_mech: Option<Oid>,
    /// The acceptor's mechListMIC; [`Login::verify_mech_list_mic`] checks it.
    pub mech_list_mic: Option<Vec<u8>>,
    /// The acceptor's proof, opened: the times are the authenticator's.
    pub ap_rep: Option<ApRep>,
    /// The Kerberos error.
    pub krb_error: Option<KrbError>,
}

/// `EncAPRepPart`, RFC 4120 §5.5.2, whose `ctime` and `cusec` were compared with the authenticator's.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApRep {
    /// The enctype in the label.
    pub etype: Enctype,
    /// The acceptor's subkey.
    pub subkey: Option<EncryptionKey>,
    /// The acceptor's first sequence number.
    pub seq_number: Option<u32>,
}

/// `KRB-ERROR`, RFC 4120 §5.9.1.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KrbError {
    /// The client's time, if the acceptor repeats it.
    pub ctime: Option<KerberosTime>,
    /// The client's microseconds, if the acceptor repeats them.
    pub cusec: Option<u32>,
    /// The acceptor's time: `stime` and `susec`.
    pub stime: Timestamp,
    /// The error.
    pub error_code: KrbErrorCode,
    /// The client's realm.
    pub crealm: Option<Vec<u8>>,
    /// The client's name.
    pub cname: Option<PrincipalName>,
    /// The service's realm.
    pub realm: Vec<u8>,
    /// The service's name.
    pub sname: PrincipalName,
    /// A text for people.
    pub e_text: Option<Vec<u8>>,
    /// Data for programs.
    pub e_data: Option<Vec<u8>>,
}

/// Why an initiator would refuse the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The octets are not DER, or not that production.
    #[error("the reply is no well-formed {production}")]
    Malformed {
        /// What was expected there.
        production: &'static str,
    },
    /// The answer is not framed as the token was: SPNEGO in, SPNEGO out.
    #[error("the reply is framed otherwise than the token was")]
    Framing,
    /// `supportedMech` was not offered, or the framing names another mechanism than the token's.
    #[error("the reply names a mechanism that was not offered")]
    Mechanism,
    /// The AP-REP does not open with the session key, or is labelled with another enctype.
    #[error("the AP-REP does not open with the session key")]
    Integrity,
    /// The AP-REP repeats another `ctime` or `cusec` than the authenticator's.
    #[error("the AP-REP answers another authenticator")]
    Echo,
    /// The mechListMIC is absent, or not over the list that was sent.
    #[error("the mechListMIC is not one over the list that was sent")]
    MechListMic,
}

impl Reply {
    pub(super) fn open(login: &Login, octets: &[u8]) -> Result<Self, ReplyError> {
        let mut reply =
            Self { neg_state: None, supported_mech: None, mech_list_mic: None, ap_rep: None, krb_error: None };
        match login.framing {
            Framing::Spnego | Framing::SpnegoContinuation => reply.read_neg_token_resp(login, octets)?,
            Framing::RawKrb5 => reply.read_gss_token(login, octets)?,
            Framing::BareApReq => reply.read_krb5_message(login, octets)?,
        }
        Ok(reply)
    }

    fn read_neg_token_resp(&mut self, login: &Login, octets: &[u8]) -> Result<(), ReplyError> {
        let choice = der_read::content(octets, context(1)).ok_or(ReplyError::Framing)?;
        let malformed = ReplyError::Malformed { production: "NegTokenResp" };
        let fields = FieldsOf::sequence(choice).ok_or(malformed)?;
        fields.end_at(3).ok_or(malformed)?;
        self.neg_state = fields.optional(0, neg_state).ok_or(malformed)?;
        self.supported_mech = fields.optional(1, der_read::oid).ok_or(malformed)?;
        self.mech_list_mic = fields.optional(3, der_read::octets).ok_or(malformed)?;
        let offered = login.negotiation.mech_types.as_deref().unwrap_or_default();
        if self.supported_mech.as_ref().is_some_and(|mechanism| !offered.contains(mechanism)) {
            return Err(ReplyError::Mechanism);
        }
        match fields.optional(2, der_read::octets).ok_or(malformed)? {
            Some(token) if token.first() == Some(&0x60) => self.read_gss_token(login, &token),
            Some(token) => self.read_krb5_message(login, &token),
            None => Ok(()),
        }
    }

    fn read_gss_token(&mut self, login: &Login, octets: &[u8]) -> Result<(), ReplyError> {
        let framed = der_read::content(octets, application(0)).ok_or(ReplyError::Framing)?;
        let malformed = ReplyError::Malformed { production: "krb5 token" };
        let prefix = login.mechanism.encode();
        let inner = framed.strip_prefix(prefix.as_slice()).ok_or(ReplyError::Mechanism)?;
        let (token_id, message) = inner.split_first_chunk::<2>().ok_or(malformed)?;
        match (token_id, message.first()) {
            ([0x02, 0x00], Some(0x6f)) | ([0x03, 0x00], Some(0x7e)) => self.read_krb5_message(login, message),
            _ => Err(malformed),
        }
    }

    fn read_krb5_message(&mut self, login: &Login, octets: &[u8]) -> Result<(), ReplyError> {
        match octets.first() {
            Some(0x6f) => self.ap_rep = Some(ApRep::open(login, octets)?),
            Some(0x7e) => {
                let malformed = ReplyError::Malformed { production: "KRB-ERROR" };
                self.krb_error = Some(KrbError::read(octets).ok_or(malformed)?);
            }
            _ => return Err(ReplyError::Framing),
        }
        Ok(())
    }
}

impl Login {
    /// Checks the acceptor's mechListMIC over the list that was sent, under the context's key (RFC 4178 §5).
    ///
    /// # Errors
    ///
    /// [`ReplyError::MechListMic`] if there is none or it is another; RC4 contexts included, for which the test kit
    /// makes no MIC.
    pub fn verify_mech_list_mic(&self, reply: &Reply) -> Result<(), ReplyError> {
        let ap_rep = reply.ap_rep.as_ref();
        let (key, sender) = match ap_rep.and_then(|ap_rep| ap_rep.subkey.as_ref()) {
            Some(key) => (key, Sender::AcceptorWithAcceptorSubkey),
            None => (self.initiator_key(), Sender::Acceptor),
        };
        let sequence_number = match ap_rep {
            Some(ap_rep) => ap_rep.seq_number.unwrap_or_default(),
            None => self.sequence_number(),
        };
        let expected = mic::over(key, sender, sequence_number, &self.mech_types());
        match expected {
            Some(expected) if reply.mech_list_mic.as_ref() == Some(&expected) => Ok(()),
            _ => Err(ReplyError::MechListMic),
        }
    }
}

impl ApRep {
    fn open(login: &Login, octets: &[u8]) -> Result<Self, ReplyError> {
        let malformed = ReplyError::Malformed { production: "AP-REP" };
        let (etype, cipher) = read_ap_rep(octets).ok_or(malformed)?;
        let key = &login.ticket.key;
        if etype != key.keytype {
            return Err(ReplyError::Integrity);
        }
        let plaintext = key.open(KeyUsage::AP_REP, &cipher).ok_or(ReplyError::Integrity)?;
        let malformed = ReplyError::Malformed { production: "EncAPRepPart" };
        let fields = der_read::content(&plaintext, application(27)).and_then(FieldsOf::sequence).ok_or(malformed)?;
        fields.end_at(3).ok_or(malformed)?;
        let ctime = fields.required(0, der_read::time).ok_or(malformed)?;
        let cusec = fields.required(1, der_read::microseconds).ok_or(malformed)?;
        let opened = Self {
            etype,
            subkey: fields.optional(2, der_read::encryption_key).ok_or(malformed)?,
            seq_number: fields.optional(3, der_read::unsigned).ok_or(malformed)?,
        };
        let asked = (login.authenticator.ctime, login.authenticator.cusec);
        if asked == (ctime, cusec.into()) { Ok(opened) } else { Err(ReplyError::Echo) }
    }
}

/// `AP-REP`, RFC 4120 §5.5.2: the label and the ciphertext of one of pvno 5 and msg-type 15.
fn read_ap_rep(octets: &[u8]) -> Option<(Enctype, Vec<u8>)> {
    let fields = FieldsOf::sequence(der_read::content(octets, application(15))?)?;
    fields.end_at(2)?;
    let versions = (fields.required(0, der_read::integer)?, fields.required(1, der_read::integer)?);
    let enc_part = der_read::encoded(fields.find(2)?);
    let enc_part = FieldsOf::sequence(&enc_part)?;
    enc_part.end_at(2)?;
    let etype = Enctype(i32::try_from(enc_part.required(0, der_read::integer)?).ok()?);
    let cipher = enc_part.required(2, der_read::octets)?;
    (versions == (5, 15)).then_some((etype, cipher))
}

/// The AP-REP that an initiator sends in DCE style: the authenticator's times, and the acceptor's sequence number.
pub(super) fn encode_ap_rep(
    session_key: &EncryptionKey,
    authenticator: &Authenticator,
    seq_number: Option<u32>,
    noise: &Noise,
) -> Vec<u8> {
    let plaintext = Fields::new()
        .field(0, time(authenticator.ctime))
        .field(1, integer(authenticator.cusec))
        .optional(3, seq_number.map(|number| integer(number.into())))
        .into_application(27);
    let cipher = session_key.seal(KeyUsage::AP_REP, &plaintext, &noise.derive(&[b"AP-REP"]));
    Fields::new()
        .field(0, integer(5))
        .field(1, integer(15))
        .field(2, encrypted_data(session_key.keytype, None, &cipher))
        .into_application(15)
}

impl KrbError {
    fn read(octets: &[u8]) -> Option<Self> {
        let fields = FieldsOf::sequence(der_read::content(octets, application(30))?)?;
        fields.end_at(12)?;
        let versions = (fields.required(0, der_read::integer)?, fields.required(1, der_read::integer)?);
        let seconds = fields.required(4, der_read::time)?.unix_seconds();
        let micros = i64::from(fields.required(5, der_read::microseconds)?);
        let error = Self {
            ctime: fields.optional(2, der_read::time)?,
            cusec: fields.optional(3, der_read::microseconds)?,
            stime: Timestamp::from_unix_micros(seconds.saturating_mul(1_000_000).saturating_add(micros)),
            error_code: KrbErrorCode(i32::try_from(fields.required(6, der_read::integer)?).ok()?),
            crealm: fields.optional(7, der_read::text)?,
            cname: fields.optional(8, principal_name)?,
            realm: fields.required(9, der_read::text)?,
            sname: fields.required(10, principal_name)?,
            e_text: fields.optional(11, der_read::text)?,
            e_data: fields.optional(12, der_read::octets)?,
        };
        (versions == (5, 30)).then_some(error)
    }
}

fn principal_name(value: AnyRef<'_>) -> Option<PrincipalName> {
    let encoded = der_read::encoded(value);
    let fields = FieldsOf::sequence(&encoded)?;
    fields.end_at(1)?;
    let name_type = NameType(i32::try_from(fields.required(0, der_read::integer)?).ok()?);
    let names = fields.required(1, |names| (names.header().tag() == Tag::Sequence).then_some(names))?;
    let names: Option<Vec<Vec<u8>>> = der_read::row(names.value())?.into_iter().map(der_read::text).collect();
    Some(PrincipalName::new(name_type, names?))
}

/// An ENUMERATED of one octet, 0 to 3.
fn neg_state(value: AnyRef<'_>) -> Option<NegState> {
    match (value.header().tag(), value.value()) {
        (Tag::Enumerated, [0]) => Some(NegState::AcceptCompleted),
        (Tag::Enumerated, [1]) => Some(NegState::AcceptIncomplete),
        (Tag::Enumerated, [2]) => Some(NegState::Reject),
        (Tag::Enumerated, [3]) => Some(NegState::RequestMic),
        _ => None,
    }
}
