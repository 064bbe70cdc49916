//! Opening the authenticator (steps U-1 to U-3).

use crate::acceptor::envelope::Decoding;
use crate::acceptor::error::{AuthenticatorError, Error, ErrorKind, Part};
use crate::acceptor::tolerance::{Tolerance, Tolerances};
use crate::crypto::{Key, KeyError, SealingKey};
use crate::error::DecodeError;
use crate::gss::{ContextFlags, GssChecksum};
use crate::messages::{ApOptions, ApReq, Authenticator, EncTicketPart, EncryptionKey};
use crate::numbers::{ChecksumType, KeyUsage};
use crate::time::Timestamp;

/// An authenticator that the ticket's session key has opened: proof that the sender holds that key.
pub(in crate::acceptor) struct AuthenticatorOpened<'a> {
    fields: &'a Authenticator<'a>,
    session_key: &'a Key,
}

impl<'a> AuthenticatorOpened<'a> {
    /// What the sender wrote.
    pub(in crate::acceptor) fn fields(&self) -> &'a Authenticator<'a> {
        self.fields
    }

    /// The key that it proved to hold.
    pub(in crate::acceptor) fn session_key(&self) -> &'a Key {
        self.session_key
    }

    /// Whether the flags in its checksum ask for mutual authentication (RFC 4121 §4.1.1.1).
    pub(in crate::acceptor) fn asks_for_mutual(&self) -> bool {
        let gss = self.fields.cksum.filter(|checksum| checksum.cksumtype == ChecksumType::GSS);
        let read = gss.and_then(|checksum| GssChecksum::from_octets(checksum.checksum));
        read.is_some_and(|checksum| checksum.flags.contains(ContextFlags::MUTUAL))
    }

    /// The sender's time.
    pub(in crate::acceptor) fn time(&self) -> Timestamp {
        self.fields.ctime.plus_micros(self.fields.cusec)
    }
}

/// Step U-3: the session key is one of its enctype.
pub(in crate::acceptor) fn session_key(part: &EncTicketPart<'_>) -> Result<Key, Error> {
    key_in(Part::Ticket, &part.key)
}

/// A key that stood in what was decrypted.
pub(super) fn key_in(part: Part, key: &EncryptionKey<'_>) -> Result<Key, Error> {
    Key::new(key.keytype, key.keyvalue).map_err(|error| match error {
        KeyError::Unsupported { enctype } => ErrorKind::EtypeUnsupported { enctype }.into(),
        _ => ErrorKind::Integrity(part).into(),
    })
}

/// The octets of an authenticator that this session key has opened: the proof of step U-1.
pub(in crate::acceptor) struct PlainAuthenticator<'a> {
    octets: &'a [u8],
    session_key: &'a Key,
}

/// Step U-1. The label of the encrypted data must be the session key's enctype and chooses nothing.
///
/// `buffer` holds the ciphertext, and the plaintext afterwards. If the message outside asks for an answer, as much of its key is
/// derived as goes for half the price here; what nobody protects decides nothing else.
pub(in crate::acceptor) fn open_authenticator<'a>(
    ap_req: &ApReq<'_>,
    session_key: &'a Key,
    buffer: &'a mut [u8],
) -> Result<(PlainAuthenticator<'a>, Option<SealingKey>), Error> {
    const USAGE: KeyUsage = KeyUsage::AP_REQ_AUTHENTICATOR;
    let refused = || Error::from(ErrorKind::Integrity(Part::Authenticator));
    if ap_req.authenticator.etype != session_key.enctype() {
        return Err(refused());
    }
    let opened = if ap_req.ap_options.contains(ApOptions::MUTUAL_REQUIRED) {
        session_key.decrypt_to_answer(USAGE, buffer, KeyUsage::AP_REP).map(|(octets, answer)| (octets, Some(answer)))
    } else {
        session_key.decrypt_in_place(USAGE, buffer).map(|octets| (octets, None))
    };
    let (octets, answer_key) = opened.map_err(|_| refused())?;
    Ok((PlainAuthenticator { octets, session_key }, answer_key))
}

/// What is wrong with the authorization data of an authenticator.
fn unreadable_data(fields: &Authenticator<'_>) -> Option<DecodeError> {
    fields.authorization_data?.walk().find_map(Result::err)
}

impl<'a> PlainAuthenticator<'a> {
    /// Reads it, and what stands inside AD-IF-RELEVANT too: all of it by the same rules (step L-5).
    pub(in crate::acceptor) fn read(
        &self,
        decoding: &Decoding<'_>,
        tolerances: &mut Tolerances,
    ) -> Result<Authenticator<'a>, DecodeError> {
        decoding.read(tolerances, |rules| {
            let mut fields = Authenticator::from_octets(self.octets, rules);
            if let Some(error) = fields.as_ref().ok().and_then(unreadable_data) {
                fields = Err(error);
            }
            fields
        })
    }

    /// Step U-2: what was [`read`](Self::read) is an authenticator.
    pub(in crate::acceptor) fn judge(
        &self,
        fields: &'a Result<Authenticator<'a>, DecodeError>,
        tolerances: &mut Tolerances,
    ) -> Result<AuthenticatorOpened<'a>, Error> {
        let malformed = |error: &DecodeError| ErrorKind::Authenticator(AuthenticatorError::Malformed(*error));
        let fields = fields.as_ref().map_err(|error| Error::from(malformed(error)))?;
        if fields.authenticator_vno != 5 {
            let found = fields.authenticator_vno;
            return Err(ErrorKind::Authenticator(AuthenticatorError::Version { found }).into());
        }
        if fields.seq_number.is_none() {
            tolerances.note(Tolerance::SequenceNumberMissing);
        }
        Ok(AuthenticatorOpened { fields, session_key: self.session_key })
    }
}
