//! What goes back: AP-REP and KRB-ERROR (sections 14 and 15 of the acceptance order).

use super::checks::{Agreed, AuthenticatorOpened, EnctypesAllowed};
use super::error::{Error, ErrorKind, Part, TicketError, TokenError};
use super::policy::TicketFailureCode;
use super::random::{RandomError, RandomSource};
use super::wiped::Wiped;
use crate::crypto::{Key, supported_enctypes};
use crate::gss::ContextFlags;
use crate::messages::{ApRep, EncApRepPart, EncryptedData, EncryptionKey, KerbErrorData, KrbError, PrincipalName};
use crate::numbers::{Enctype, KeyUsage, KrbErrorCode};
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// An AP-REP whose part is encrypted.
pub(super) struct SealedApRep {
    etype: Enctype,
    cipher: Vec<u8>,
}

impl SealedApRep {
    pub(super) fn message(&self) -> ApRep<'_> {
        ApRep::new(EncryptedData::new(self.etype, &self.cipher))
    }
}

/// Step X-1: the AP-REP, if the client asked for mutual authentication.
pub(super) fn ap_rep(
    authenticator: &AuthenticatorOpened<'_>,
    agreed: &Agreed,
    enctypes: &EnctypesAllowed,
    random: &dyn RandomSource,
) -> Result<Option<SealedApRep>, Error> {
    if !agreed.flags().contains(ContextFlags::MUTUAL) {
        return Ok(None);
    }
    let sealed = Entropy::draw(random).ok().and_then(|entropy| seal_ap_rep(authenticator, enctypes, &entropy));
    sealed.map(Some).ok_or_else(|| ErrorKind::Random.into())
}

/// RFC 4120 §3.2.4: the client's own time, under the session key, proves that the ticket was opened. `None` if there was
/// not entropy enough for the enctype, which the longest enctype's needs rule out.
fn seal_ap_rep(
    authenticator: &AuthenticatorOpened<'_>,
    enctypes: &EnctypesAllowed,
    entropy: &Entropy,
) -> Option<SealedApRep> {
    let session_key = authenticator.session_key();
    let row = session_key.info();
    let subkey = match wanted_subkey(session_key, enctypes) {
        None => None,
        Some(enctype) => Some(entropy.subkey(enctype)?),
    };
    let mut part = EncApRepPart::new(authenticator.fields().ctime, authenticator.fields().cusec);
    part.subkey = subkey.as_ref().map(|key| EncryptionKey::new(key.enctype(), key.as_octets()));
    part.seq_number = Some(entropy.sequence_number());
    let plaintext = Wiped::new(part.to_octets());
    let mut cipher = Vec::with_capacity(plaintext.len().saturating_add(row.overhead_octets()));
    let confounder = entropy.confounder(row.confounder_octets)?;
    session_key.encrypt(KeyUsage::AP_REP, confounder, &plaintext, &mut cipher).ok()?;
    Some(SealedApRep { etype: session_key.enctype(), cipher })
}

/// Step M-2: an acceptor subkey goes with every enctype whose messages are those of RFC 4121, and wherever the
/// enctypes were negotiated to another one than is in use. RC4 contexts know no acceptor subkey (RFC 4757 §7).
fn wanted_subkey(session_key: &Key, enctypes: &EnctypesAllowed) -> Option<Enctype> {
    let in_use = enctypes.initiator_subkey().unwrap_or(session_key).enctype();
    let chosen = enctypes.acceptor_subkey();
    (chosen != in_use || in_use != Enctype::RC4_HMAC).then_some(chosen)
}

/// The random octets of one reply, drawn at once because each question to the operating system has its price: four for
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

/// What a KRB-ERROR says besides its code.
pub(super) struct Refusal<'a> {
    pub(super) error: &'a Error,
    /// Whether the client asked for mutual authentication, as far as is known.
    pub(super) mutual: bool,
    pub(super) realm: &'a [u8],
    pub(super) sname: Option<PrincipalName<'a>>,
    pub(super) now: Timestamp,
    pub(super) wire_code: TicketFailureCode,
}

impl Refusal<'_> {
    /// Whether the client is told anything: never of what cannot be decoded, always of skew and of a wrong token
    /// identifier, else if it asked for mutual authentication (steps A-1, G-3 and X-3).
    pub(super) fn krb_error(&self) -> Option<Vec<u8>> {
        let told = match self.error.kind() {
            ErrorKind::Token(TokenError::TokenId { .. }) | ErrorKind::ClockSkew { .. } => true,
            ErrorKind::Token(_) => false,
            _ => self.mutual,
        };
        told.then(|| self.encode())
    }

    /// Step X-3: code and time, and nothing that the client did not say itself.
    fn encode(&self) -> Vec<u8> {
        let nobody = Principal::new("", [""]);
        let sname = self.sname.unwrap_or_else(|| PrincipalName::from(&nobody));
        let stime = (self.now.second(), self.now.subsecond_micros());
        let mut error = KrbError::new(self.code(), stime, self.realm, sname);
        let e_data = match self.error.kind() {
            ErrorKind::ClockSkew { .. } => Some(KerbErrorData::SKEW_RECOVERY.to_octets()),
            _ => None,
        };
        error.e_data = e_data.as_deref();
        error.to_octets()
    }

    fn code(&self) -> KrbErrorCode {
        match (self.error.kind(), self.wire_code) {
            (
                ErrorKind::KeyDoesNotDecrypt { .. }
                | ErrorKind::Integrity(Part::Ticket | Part::Authenticator)
                | ErrorKind::Ticket(TicketError::Malformed(_)),
                TicketFailureCode::Modified,
            ) => KrbErrorCode::KRB_AP_ERR_MODIFIED,
            _ => self.error.krb_error_code(),
        }
    }
}
