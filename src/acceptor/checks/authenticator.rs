//! Opening the authenticator (steps U-1 to U-3).

use crate::acceptor::envelope::Decoding;
use crate::acceptor::error::{AuthenticatorError, Error, ErrorKind, Part};
use crate::acceptor::tolerance::{Tolerance, Tolerances};
use crate::asn1::Rules;
use crate::crypto::{Key, KeyError};
use crate::error::DecodeError;
use crate::gss::{ContextFlags, GssChecksum};
use crate::messages::{Authenticator, AuthorizationData, EncTicketPart, EncryptedData, EncryptionKey};
use crate::numbers::{ChecksumType, KeyUsage};
use crate::time::Timestamp;

/// An authenticator that the ticket's session key has opened: proof that the sender holds that key.
pub(in crate::acceptor) struct AuthenticatorOpened<'a> {
    fields: Authenticator<'a>,
    session_key: &'a Key,
}

impl<'a> AuthenticatorOpened<'a> {
    /// What the sender wrote.
    pub(in crate::acceptor) fn fields(&self) -> &Authenticator<'a> {
        &self.fields
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

/// Steps U-1 and U-2. The label of the encrypted data must be the session key's enctype and chooses nothing.
///
/// `buffer` holds the ciphertext, and the plaintext afterwards.
pub(in crate::acceptor) fn open_authenticator<'a>(
    encrypted: &EncryptedData<'_>,
    session_key: &'a Key,
    buffer: &'a mut [u8],
    decoding: &Decoding<'_>,
    tolerances: &mut Tolerances,
) -> Result<AuthenticatorOpened<'a>, Error> {
    let refused = || Error::from(ErrorKind::Integrity(Part::Authenticator));
    if encrypted.etype != session_key.enctype() {
        return Err(refused());
    }
    let plaintext: &'a [u8] =
        session_key.decrypt_in_place(KeyUsage::AP_REQ_AUTHENTICATOR, buffer).map_err(|_| refused())?;
    let fields = decoding
        .read(tolerances, |rules| read_through(plaintext, rules))
        .map_err(|error| Error::from(ErrorKind::Authenticator(AuthenticatorError::Malformed(error))))?;
    if fields.authenticator_vno != 5 {
        let found = fields.authenticator_vno;
        return Err(ErrorKind::Authenticator(AuthenticatorError::Version { found }).into());
    }
    if fields.seq_number.is_none() {
        tolerances.note(Tolerance::SequenceNumberMissing);
    }
    Ok(AuthenticatorOpened { fields, session_key })
}

/// Reads what stands inside AD-IF-RELEVANT too: all of an authenticator is read by the same rules (step L-5).
fn read_through(plaintext: &[u8], rules: Rules) -> Result<Authenticator<'_>, DecodeError> {
    let fields = Authenticator::from_octets(plaintext, rules)?;
    fields.authorization_data.iter().flat_map(AuthorizationData::walk).try_for_each(|element| element.map(|_| ()))?;
    Ok(fields)
}
