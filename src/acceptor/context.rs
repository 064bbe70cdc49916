//! What an accept leads to: the checked AP-REQ, then the established context with its keys (section 14 of the acceptance
//! order).

use super::checks::{Agreed, AuthenticatorOpened, EnctypesAllowed, NotReplayed, ReplayQuestion};
use super::envelope::{Decoding, Frame, malformed, not_kerberos};
use super::error::{DceError, Error, ErrorKind};
use super::identity::{Facts, Identity};
use super::tolerance::Tolerances;
use super::wiped::Wiped;
use crate::asn1::Writer;
use crate::crypto::{Key, RandomError, RandomSource, SealingKey, TokenForm};
use crate::gss::{ContextFlags, Rc4Messages, Role, Session, SessionError, SessionParameters, TokenKind};
use crate::messages::{ApRep, EncApRepPart, EncryptionKey};
use crate::numbers::{Enctype, KeyUsage};
use crate::time::{KerberosTime, Timestamp};
use crate::wipe::wipe;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

/// An AP-REQ that has passed every check but the one that needs memory. Nobody's identity comes out of it before that.
///
/// All of a context stands here from the start, in one allocation, and nothing of it is moved when it is established.
pub(super) struct Checked {
    pub(super) facts: Facts,
    pub(super) question: ReplayQuestion,
    pub(super) session: Session,
    pub(super) answer: Option<Answer>,
}

/// A context that is established: who it is, its keys, and what the AP-REP will say if the client asked for one.
pub(super) struct Established {
    pub(super) identity: Identity,
    /// What a third leg must echo, in DCE style.
    echo: Option<Box<Echo>>,
}

impl Checked {
    /// Step DCE-1: a message without a frame must ask for DCE style.
    pub(super) fn in_frame(self: Box<Self>, frame: Frame) -> Result<Box<Self>, Error> {
        match frame {
            Frame::Bare if !self.facts.flags.contains(ContextFlags::DCE_STYLE) => Err(not_kerberos(TokenKind::ApReq)),
            Frame::Bare | Frame::Gss(_) => Ok(self),
        }
    }

    /// Whether a third leg is to come before anybody is accepted.
    pub(super) fn awaits_third_leg(&self) -> bool {
        self.facts.flags.contains(ContextFlags::DCE_STYLE) && self.answer.is_some()
    }

    /// With the proof that it was never seen before, a checked AP-REQ becomes a context.
    pub(super) fn admit(self: Box<Self>, not_replayed: NotReplayed) -> Established {
        Established { identity: Identity::new(self, not_replayed), echo: None }
    }

    /// The MIC that came with the initiator's last token: its keys wait for nothing, and a wrong one must not use up the
    /// authenticator (step R-1).
    pub(super) fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> Result<(), SessionError> {
        self.session.verify_mic(message, mic).map(|_| ())
    }
}

impl Established {
    pub(super) fn flags(&self) -> ContextFlags {
        self.identity.facts().flags
    }

    /// Whether a third leg is to come before anybody is accepted.
    pub(super) fn dce_style(&self) -> bool {
        self.flags().contains(ContextFlags::DCE_STYLE) && self.identity.answers()
    }

    /// From here on the third leg is awaited that echoes this answer, in this token.
    pub(super) fn await_third_leg(&mut self, answer: &Answer, second_leg: &[u8]) {
        self.echo = Some(Box::new(Echo {
            ctime: answer.ctime,
            cusec: answer.cusec,
            sequence_number: answer.sequence_number,
            second_leg: second_leg.to_vec(),
        }));
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
        let session_key = self.identity.session().session_key();
        let versions = (ap_rep.pvno, ap_rep.msg_type, ap_rep.enc_part.etype);
        if versions != (5, 15, session_key.enctype()) || echo.second_leg.ends_with(ap_rep.enc_part.cipher) {
            return Err(mismatch());
        }
        let mut buffer = Wiped::new(ap_rep.enc_part.cipher.to_vec());
        let opened = session_key.decrypt_in_place(KeyUsage::AP_REP, &mut buffer).map_err(|_| mismatch())?;
        let part =
            decoding.read(tolerances, |rules| EncApRepPart::from_octets(opened, rules)).map_err(|_| mismatch())?;
        let echoed = (part.ctime, part.cusec) == (echo.ctime, echo.cusec);
        let in_time = echoed || part.ctime.plus_micros(part.cusec).is_within(skew, now);
        if in_time && part.seq_number == Some(echo.sequence_number) { Ok(()) } else { Err(mismatch()) }
    }
}

/// What the third leg of DCE style must echo.
struct Echo {
    ctime: KerberosTime,
    cusec: u32,
    sequence_number: u32,
    /// The token with our AP-REP at its end: that says all of this too, under the same key, so it must not come back.
    second_leg: Vec<u8>,
}

/// What an AP-REP says: RFC 4120 §3.2.4 has it repeat the client's own time, under the session key, as proof that the ticket
/// was opened.
pub(super) struct Answer {
    ctime: KerberosTime,
    cusec: u32,
    sequence_number: u32,
    confounder: [u8; CONFOUNDER_OCTETS],
    /// Of the session key.
    key: SealingKey,
}

/// The longest confounder of any enctype.
const CONFOUNDER_OCTETS: usize = 16;

/// More than an AP-REP's encrypted part and what goes around it have: a subkey must not be left behind where a vector grew.
const SEALED_OCTETS: usize = 256;

/// The answer to an authenticator, if it asks for mutual authentication, and the subkey that goes with it.
///
/// Random octets are drawn before the replay store is asked: a login that fails for want of them must not use up its
/// authenticator (step R-1).
pub(super) fn answer(
    authenticator: &AuthenticatorOpened<'_>,
    agreed: &Agreed<'_>,
    enctypes: &EnctypesAllowed,
    (key, random): (Option<SealingKey>, &dyn RandomSource),
) -> Result<(Option<Answer>, Option<Key>), Error> {
    if !agreed.flags().contains(ContextFlags::MUTUAL) {
        return Ok((None, None));
    }
    let no_random = |_| Error::from(ErrorKind::Random);
    let (fields, session_key) = (authenticator.fields(), authenticator.session_key());
    let entropy = Entropy::draw(random).map_err(no_random)?;
    let subkey_enctype = wanted_subkey(session_key, agreed, enctypes);
    let subkey = subkey_enctype.map(|enctype| entropy.subkey(enctype)).transpose().map_err(no_random)?;
    let (sequence_number, confounder) = (entropy.sequence_number(), entropy.confounder());
    let key = key.unwrap_or_else(|| session_key.sealing(KeyUsage::AP_REP));
    Ok((Some(Answer { ctime: fields.ctime, cusec: fields.cusec, sequence_number, confounder, key }), subkey))
}

/// The session of the context that an authenticator asks for. Our first message has the number in the answer, if there is one.
#[inline]
pub(super) fn session(
    authenticator: &AuthenticatorOpened<'_>,
    (flags, expires): (ContextFlags, KerberosTime),
    (initiator_subkey, acceptor_subkey): (Option<Key>, Option<Key>),
    answered_with: Option<u32>,
) -> Session {
    // Step M-4: where the initiator's numbers begin; absent is 0.
    let receive_sequence = authenticator.fields().seq_number.unwrap_or(0);
    Session::new(SessionParameters {
        role: Role::Acceptor,
        session_key: authenticator.session_key().duplicate(),
        initiator_subkey,
        acceptor_subkey,
        send_sequence: u64::from(answered_with.unwrap_or(receive_sequence)),
        receive_sequence: u64::from(receive_sequence),
        flags,
        expires: expires.into(),
        rc4_messages: Rc4Messages::Allow,
    })
}

impl Answer {
    pub(super) fn sequence_number(&self) -> u32 {
        self.sequence_number
    }

    /// Step X-1: the AP-REP, encrypted where it is written.
    pub(super) fn write_ap_rep(&self, session: &Session, writer: &mut Writer) -> Result<(), Error> {
        let row = session.session_key().row();
        let confounder = self.confounder.get(..row.confounder_octets).unwrap_or_default();
        let expected = Self::ciphertext_octets(session);
        let sealed = ApRep::encode_around(writer, row.enctype, expected, |writer| {
            writer.with_octets(|out| {
                out.reserve(SEALED_OCTETS);
                self.key.encrypt_written(confounder, out, |out| {
                    Writer::appending(out, |writer| self.part(session).encode(writer));
                })
            })
        });
        sealed.map_err(|_| ErrorKind::Random.into())
    }

    /// How long the AP-REP will be, more or less.
    pub(super) fn expected_octets(session: &Session) -> usize {
        Self::ciphertext_octets(session).saturating_add(29)
    }

    /// The same of its ciphertext: with a subkey, and numbers of the usual length.
    fn ciphertext_octets(session: &Session) -> usize {
        let subkey = session.acceptor_subkey().map_or(0, |key| key.as_octets().len().saturating_add(13));
        subkey.saturating_add(39).saturating_add(session.session_key().row().overhead_octets())
    }

    fn part<'s>(&self, session: &'s Session) -> EncApRepPart<'s> {
        let mut part = EncApRepPart::new(self.ctime, self.cusec);
        part.subkey = session.acceptor_subkey().map(|key| EncryptionKey::new(key.enctype(), key.as_octets()));
        part.seq_number = Some(self.sequence_number);
        part
    }
}

/// Step M-2: an acceptor subkey goes with every enctype whose messages are those of RFC 4121, with DCE style, and wherever
/// the enctypes were negotiated to another one than is in use. Other RC4 contexts know none (RFC 4757 §7).
fn wanted_subkey(session_key: &Key, agreed: &Agreed<'_>, enctypes: &EnctypesAllowed) -> Option<Enctype> {
    let in_use = enctypes.initiator_subkey().unwrap_or(session_key).row();
    let chosen = enctypes.acceptor_subkey();
    let dce = agreed.flags().contains(ContextFlags::DCE_STYLE);
    (chosen != in_use.enctype || in_use.token_form == TokenForm::Rfc4121 || dce).then_some(chosen)
}

/// The random octets of one AP-REP, drawn at once because each question to the operating system has its price: four for
/// the sequence number, sixteen for the confounder, thirty-two for the subkey.
struct Entropy([u8; 52]);

impl Entropy {
    fn draw(random: &dyn RandomSource) -> Result<Self, RandomError> {
        let mut drawn = Self([0; 52]);
        random.fill(&mut drawn.0)?;
        Ok(drawn)
    }

    /// Step M-5: 30 bits, because some initiators read the number as signed, and not 0.
    fn sequence_number(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        (u32::from_be_bytes([a, b, c, d]) & 0x3fff_ffff).max(1)
    }

    fn confounder(&self) -> [u8; CONFOUNDER_OCTETS] {
        let [_, _, _, _, rest @ ..] = &self.0;
        rest.first_chunk().copied().unwrap_or_default()
    }

    fn subkey(&self, enctype: Enctype) -> Result<Key, RandomError> {
        self.0.get(20..).and_then(|octets| Key::from_first(enctype, octets)).ok_or(RandomError)
    }
}

impl Drop for Entropy {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}
