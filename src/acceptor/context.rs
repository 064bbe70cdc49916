//! What an accept leads to: the checked AP-REQ, then the established context with its keys (section 14 of the acceptance
//! order).

use super::checks::{Agreed, AuthenticatorOpened, EnctypesAllowed, NotReplayed, ReplayQuestion};
use super::error::{Error, ErrorKind};
use super::identity::{Facts, Identity};
use super::random::{RandomError, RandomSource};
use super::wiped::Wiped;
use crate::crypto::{Key, supported_enctypes};
use crate::gss::ContextFlags;
use crate::messages::{ApRep, EncApRepPart, EncryptedData, EncryptionKey};
use crate::numbers::{Enctype, KeyUsage};
use crate::time::KerberosTime;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// An AP-REQ that has passed every check but the one that needs memory. Nobody's identity comes out of it before that.
pub(super) struct Checked {
    pub(super) facts: Facts,
    pub(super) question: ReplayQuestion,
    pub(super) answer: Answer,
}

/// A context that is established: who it is, and the AP-REP if the client asked for one.
pub(super) struct Established {
    pub(super) identity: Identity,
    pub(super) ap_rep: Option<Vec<u8>>,
}

impl Checked {
    /// With the proof that it was never seen before, a checked AP-REQ becomes a context.
    pub(super) fn admit(self, not_replayed: NotReplayed) -> Result<Established, Error> {
        let ap_rep = self.answer.ap_rep()?;
        Ok(Established { identity: Identity::new(self.facts, not_replayed), ap_rep })
    }
}

/// What the AP-REP is made of.
///
/// Random octets are drawn before the replay store is asked: a login that fails for want of them must not use up its
/// authenticator (step R-1).
pub(super) struct Answer {
    session_key: Key,
    ctime: KerberosTime,
    cusec: u32,
    subkey_enctype: Option<Enctype>,
    entropy: Option<Entropy>,
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
            ctime: authenticator.fields().ctime,
            cusec: authenticator.fields().cusec,
            subkey_enctype: wanted_subkey(authenticator.session_key(), enctypes),
            entropy,
        })
    }

    /// Step X-1: the AP-REP, if the client asked for one.
    fn ap_rep(&self) -> Result<Option<Vec<u8>>, Error> {
        let sealed = self.entropy.as_ref().map(|entropy| self.seal(entropy));
        sealed.map(|sealed| sealed.ok_or_else(|| ErrorKind::Random.into())).transpose()
    }

    /// RFC 4120 §3.2.4: the client's own time, under the session key, proves that the ticket was opened. `None` if there was
    /// not entropy enough for the enctype, which the longest enctype's needs rule out.
    fn seal(&self, entropy: &Entropy) -> Option<Vec<u8>> {
        let row = self.session_key.info();
        let subkey = match self.subkey_enctype {
            None => None,
            Some(enctype) => Some(entropy.subkey(enctype)?),
        };
        let mut part = EncApRepPart::new(self.ctime, self.cusec);
        part.subkey = subkey.as_ref().map(|key| EncryptionKey::new(key.enctype(), key.as_octets()));
        part.seq_number = Some(entropy.sequence_number());
        let plaintext = Wiped::new(part.to_octets());
        let mut cipher = Vec::with_capacity(plaintext.len().saturating_add(row.overhead_octets()));
        let confounder = entropy.confounder(row.confounder_octets)?;
        self.session_key.encrypt(KeyUsage::AP_REP, confounder, &plaintext, &mut cipher).ok()?;
        Some(ApRep::new(EncryptedData::new(self.session_key.enctype(), &cipher)).to_octets())
    }
}

/// Step M-2: an acceptor subkey goes with every enctype whose messages are those of RFC 4121, and wherever the
/// enctypes were negotiated to another one than is in use. RC4 contexts know no acceptor subkey (RFC 4757 §7).
fn wanted_subkey(session_key: &Key, enctypes: &EnctypesAllowed) -> Option<Enctype> {
    let in_use = enctypes.initiator_subkey().unwrap_or(session_key).enctype();
    let chosen = enctypes.acceptor_subkey();
    (chosen != in_use || in_use != Enctype::RC4_HMAC).then_some(chosen)
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
