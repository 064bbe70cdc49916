//! What an accept leads to: the checked AP-REQ, then the established context with its keys (section 14 of the acceptance
//! order).

use super::checks::{Agreed, AuthenticatorOpened, EnctypesAllowed, NotReplayed, ReplayQuestion};
use super::envelope::{Decoding, Frame, malformed, not_kerberos};
use super::error::{DceError, Error, ErrorKind};
use super::identity::{Facts, Identity};
use super::tolerance::Tolerances;
use super::wiped::Wiped;
use crate::crypto::{Key, RandomError, RandomSource, TokenForm, supported_enctypes};
use crate::gss::{ContextFlags, Rc4Messages, Role, Session, SessionError, SessionParameters, TokenKind};
use crate::messages::{ApRep, EncApRepPart, EncryptedData, EncryptionKey};
use crate::numbers::{Enctype, KeyUsage};
use crate::time::{KerberosTime, Timestamp};
use alloc::vec::Vec;
use core::time::Duration;
use zeroize::Zeroizing;

/// An AP-REQ that has passed every check but the one that needs memory. Nobody's identity comes out of it before that.
pub(super) struct Checked {
    pub(super) facts: Facts,
    pub(super) question: ReplayQuestion,
    pub(super) answer: Answer,
}

/// A context that is established: who it is, its keys, and the AP-REP if the client asked for one.
pub(super) struct Established {
    pub(super) identity: Identity,
    pub(super) session: Session,
    pub(super) ap_rep: Option<Vec<u8>>,
    /// What a third leg must echo, in DCE style.
    echo: Option<Echo>,
}

impl Checked {
    /// Step DCE-1: a message without a frame must ask for DCE style.
    pub(super) fn in_frame(self, frame: Frame) -> Result<Self, Error> {
        match frame {
            Frame::Bare if !self.facts.flags.contains(ContextFlags::DCE_STYLE) => Err(not_kerberos(TokenKind::ApReq)),
            Frame::Bare | Frame::Gss(_) => Ok(self),
        }
    }

    /// With the proof that it was never seen before, a checked AP-REQ becomes a context.
    pub(super) fn admit(self, not_replayed: NotReplayed) -> Result<Established, Error> {
        let dce = self.facts.flags.contains(ContextFlags::DCE_STYLE);
        let sealed = self.answer.ap_rep()?;
        let echo = sealed.as_ref().filter(|_| dce).map(|sealed| self.answer.echo(sealed));
        let session = self.session(sealed.as_ref());
        let ap_rep = sealed.map(|sealed| sealed.message);
        Ok(Established { identity: Identity::new(self.facts, not_replayed), session, ap_rep, echo })
    }

    /// The MIC that came with the initiator's last token: its keys wait for nothing, and a wrong one must not use up the
    /// authenticator (step R-1). The context's own session verifies it once more, to count it.
    pub(super) fn verify_mic(&self, message: &[u8], mic: &[u8]) -> Result<(), SessionError> {
        self.session(None).verify_mic(message, mic).map(|_| ())
    }

    fn session(&self, sealed: Option<&Sealed>) -> Session {
        let answer = &self.answer;
        let send_seq = sealed.map_or(answer.receive_seq, |sealed| sealed.sequence_number);
        let mut parameters =
            SessionParameters::new(Role::Acceptor, answer.session_key.duplicate(), self.facts.times.endtime.into())
                .send_sequence(u64::from(send_seq))
                .receive_sequence(u64::from(answer.receive_seq))
                .flags(self.facts.flags);
        if let Some(subkey) = &answer.initiator_subkey {
            parameters = parameters.initiator_subkey(subkey.duplicate());
        }
        if let Some(subkey) = sealed.and_then(|sealed| sealed.subkey.as_ref()) {
            parameters = parameters.acceptor_subkey(subkey.duplicate());
        }
        Session::new(parameters.rc4_messages(Rc4Messages::Allow))
    }
}

impl Established {
    pub(super) fn flags(&self) -> ContextFlags {
        self.identity.facts().flags
    }

    /// Whether a third leg is to come before anybody is accepted.
    pub(super) fn dce_style(&self) -> bool {
        self.echo.is_some()
    }

    /// Step DCE-3: "the client … sends an additional AP_REP" (MS-KILE §3.4.5.1), with our number; and never ours sent back,
    /// which the ciphertext tells.
    ///
    /// Q1: which time is in it? RFC 4120 §3.2.4 has the sender of an AP-REP echo the authenticator's, and MS-KILE says
    /// nothing else. MIT puts its own clock there. A: the authenticator's, or one within the allowed skew. What ties the
    /// message to this context is the number, which was drawn for it.
    pub(super) fn verify_third_leg(
        &mut self,
        token: &[u8],
        (now, skew): (Timestamp, Duration),
        decoding: &Decoding<'_>,
        tolerances: &mut Tolerances,
    ) -> Result<(), Error> {
        let mismatch = || Error::from(ErrorKind::Dce(DceError::Mismatch));
        let echo = self.echo.take().ok_or_else(mismatch)?;
        let ap_rep = decoding.read(tolerances, |rules| ApRep::from_octets(token, rules)).map_err(malformed)?;
        // Nothing protects these three, so they are compared here; nor may our own second leg come back.
        let versions = (ap_rep.pvno, ap_rep.msg_type, ap_rep.enc_part.etype);
        if versions != (5, 15, echo.session_key.enctype()) || echo.second_leg.ends_with(ap_rep.enc_part.cipher) {
            return Err(mismatch());
        }
        let mut buffer = Wiped::new(ap_rep.enc_part.cipher.to_vec());
        let opened = echo.session_key.decrypt_in_place(KeyUsage::AP_REP, &mut buffer).map_err(|_| mismatch())?;
        let part =
            decoding.read(tolerances, |rules| EncApRepPart::from_octets(opened, rules)).map_err(|_| mismatch())?;
        let echoed = (part.ctime, part.cusec) == (echo.ctime, echo.cusec);
        let in_time = echoed || part.ctime.plus_micros(part.cusec).is_within(skew, now);
        if in_time && part.seq_number == Some(echo.sequence_number) { Ok(()) } else { Err(mismatch()) }
    }
}

/// What the third leg of DCE style must echo.
struct Echo {
    session_key: Key,
    ctime: KerberosTime,
    cusec: u32,
    sequence_number: u32,
    /// The AP-REP that we sent: it says all of this too, under the same key, so it must not come back.
    second_leg: Vec<u8>,
}

/// What the AP-REP and the context's keys are made of.
///
/// Random octets are drawn before the replay store is asked: a login that fails for want of them must not use up its
/// authenticator (step R-1).
pub(super) struct Answer {
    session_key: Key,
    initiator_subkey: Option<Key>,
    ctime: KerberosTime,
    cusec: u32,
    /// Step M-4: where the initiator's numbers begin; absent is 0.
    receive_seq: u32,
    subkey_enctype: Option<Enctype>,
    entropy: Option<Entropy>,
}

/// An AP-REP, and what it says.
struct Sealed {
    message: Vec<u8>,
    subkey: Option<Key>,
    sequence_number: u32,
}

impl Answer {
    /// The answer to an authenticator, with entropy only if the client asked for mutual authentication.
    pub(super) fn prepare(
        authenticator: &AuthenticatorOpened<'_>,
        agreed: &Agreed<'_>,
        enctypes: &EnctypesAllowed,
        random: &dyn RandomSource,
    ) -> Result<Self, Error> {
        let mutual = agreed.flags().contains(ContextFlags::MUTUAL);
        let entropy = mutual.then(|| Entropy::draw(random)).transpose().map_err(|_| Error::from(ErrorKind::Random))?;
        Ok(Self {
            session_key: authenticator.session_key().duplicate(),
            initiator_subkey: enctypes.initiator_subkey().map(Key::duplicate),
            ctime: authenticator.fields().ctime,
            cusec: authenticator.fields().cusec,
            receive_seq: authenticator.fields().seq_number.unwrap_or(0),
            subkey_enctype: wanted_subkey(authenticator.session_key(), agreed, enctypes),
            entropy,
        })
    }

    fn echo(&self, sealed: &Sealed) -> Echo {
        Echo {
            session_key: self.session_key.duplicate(),
            ctime: self.ctime,
            cusec: self.cusec,
            sequence_number: sealed.sequence_number,
            second_leg: sealed.message.clone(),
        }
    }

    /// Step X-1: the AP-REP, if the client asked for one.
    fn ap_rep(&self) -> Result<Option<Sealed>, Error> {
        let sealed = self.entropy.as_ref().map(|entropy| self.seal(entropy));
        sealed.map(|sealed| sealed.ok_or_else(|| ErrorKind::Random.into())).transpose()
    }

    /// RFC 4120 §3.2.4: the client's own time, under the session key, proves that the ticket was opened. `None` if there was
    /// not entropy enough for the enctype, which the longest enctype's needs rule out.
    fn seal(&self, entropy: &Entropy) -> Option<Sealed> {
        let row = self.session_key.info();
        let subkey = match self.subkey_enctype {
            None => None,
            Some(enctype) => Some(entropy.subkey(enctype)?),
        };
        let sequence_number = entropy.sequence_number();
        let mut part = EncApRepPart::new(self.ctime, self.cusec);
        part.subkey = subkey.as_ref().map(|key| EncryptionKey::new(key.enctype(), key.as_octets()));
        part.seq_number = Some(sequence_number);
        let plaintext = Wiped::new(part.to_octets());
        let mut cipher = Vec::with_capacity(plaintext.len().saturating_add(row.overhead_octets()));
        let confounder = entropy.confounder(row.confounder_octets)?;
        self.session_key.encrypt(KeyUsage::AP_REP, confounder, &plaintext, &mut cipher).ok()?;
        let message = ApRep::new(EncryptedData::new(self.session_key.enctype(), &cipher)).to_octets();
        Some(Sealed { message, subkey, sequence_number })
    }
}

/// Step M-2: an acceptor subkey goes with every enctype whose messages are those of RFC 4121, with DCE style, and wherever
/// the enctypes were negotiated to another one than is in use. Other RC4 contexts know none (RFC 4757 §7).
fn wanted_subkey(session_key: &Key, agreed: &Agreed<'_>, enctypes: &EnctypesAllowed) -> Option<Enctype> {
    let in_use = enctypes.initiator_subkey().unwrap_or(session_key).info();
    let chosen = enctypes.acceptor_subkey();
    let dce = agreed.flags().contains(ContextFlags::DCE_STYLE);
    (chosen != in_use.enctype || in_use.token_form == TokenForm::Rfc4121 || dce).then_some(chosen)
}

/// The random octets of one AP-REP, drawn at once because each question to the operating system has its price: four for
/// the sequence number, sixteen for the confounder, thirty-two for the subkey.
struct Entropy(Zeroizing<[u8; 52]>);

impl Entropy {
    fn draw(random: &dyn RandomSource) -> Result<Self, RandomError> {
        let mut octets = Zeroizing::new([0; 52]);
        random.fill(&mut *octets)?;
        Ok(Self(octets))
    }

    /// Step M-5: 30 bits, because some initiators read the number as signed, and not 0.
    fn sequence_number(&self) -> u32 {
        let [a, b, c, d, ..] = *self.0;
        (u32::from_be_bytes([a, b, c, d]) & 0x3fff_ffff).max(1)
    }

    fn confounder(&self, octets: usize) -> Option<&[u8]> {
        self.0.get(4..20)?.get(..octets)
    }

    fn subkey(&self, enctype: Enctype) -> Option<Key> {
        let row = supported_enctypes().find(|row| row.enctype == enctype)?;
        Key::random_to_key(enctype, self.0.get(20..)?.get(..row.key_octets)?).ok()
    }
}
