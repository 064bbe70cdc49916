//! Delegated credentials (steps C-8 and C-9).

use super::{Agreed, AuthenticatorOpened, EnctypesAllowed};
use crate::acceptor::delegation::DelegatedCredentials;
use crate::acceptor::envelope::Decoding;
use crate::acceptor::error::{DelegationError, DelegationProblem, Error, ErrorKind};
use crate::acceptor::policy::DelegationPolicy;
use crate::acceptor::ticket::open_in;
use crate::acceptor::tolerance::Tolerances;
use crate::acceptor::wiped::Wiped;
use crate::crypto::Key;
use crate::gss::ContextFlags;
use crate::limits::Limits;
use crate::messages::{EncKrbCredPart, KrbCred};
use crate::numbers::{Enctype, KeyUsage};

/// The label of an encrypted part that is not encrypted (RFC 6448).
const UNENCRYPTED: Enctype = Enctype(0);

/// Proof of steps C-8 and C-9: that no credentials were delegated or wanted, or those that were.
pub(in crate::acceptor) struct DelegationOpened {
    credentials: Option<DelegatedCredentials>,
}

impl DelegationOpened {
    /// The flag of delegation, where it succeeded (step M-7).
    pub(in crate::acceptor) fn flags(&self) -> ContextFlags {
        if self.credentials.is_some() { ContextFlags::DELEG } else { ContextFlags::empty() }
    }

    /// What was delegated.
    pub(in crate::acceptor) fn into_credentials(self) -> Option<DelegatedCredentials> {
        self.credentials
    }
}

/// RFC 4121 §4.1.1: `Deleg` is "A KRB_CRED message", present "if and only if GSS_C_DELEG_FLAG is set".
///
/// Q1: do its time, its addresses and its nonce count? RFC 4120 §3.6.3 checks them where it is a message of its own. A: no.
/// Here it stands inside an authenticator, whose time and replay are checked.
pub(in crate::acceptor) fn check_delegation(
    agreed: &Agreed<'_>,
    authenticator: &AuthenticatorOpened<'_>,
    enctypes: &EnctypesAllowed,
    (policy, limits): (DelegationPolicy, &Limits),
    decoding: &Decoding<'_>,
    tolerances: &mut Tolerances,
) -> Result<DelegationOpened, Error> {
    let delegating = agreed.checksum().filter(|checksum| checksum.flags.contains(ContextFlags::DELEG));
    let checksum = match (policy, delegating) {
        (DelegationPolicy::Accept, Some(checksum)) => checksum,
        (DelegationPolicy::Ignore, _) | (DelegationPolicy::Accept, None) => {
            return Ok(DelegationOpened { credentials: None });
        }
    };
    let deleg = checksum.deleg().ok_or_else(|| malformed(DelegationProblem::Field))?;
    let message = decoding.read(tolerances, |rules| KrbCred::from_octets(deleg, rules)).map_err(undecodable)?;
    check_version(&message)?;
    let mut buffer;
    let plaintext = if message.enc_part.etype == UNENCRYPTED {
        message.enc_part.cipher
    } else {
        buffer = Wiped::new(message.enc_part.cipher.to_vec());
        open(&message, &mut buffer, [Some(authenticator.session_key()), enctypes.initiator_subkey()])?
    };
    let part = decoding.read(tolerances, |rules| EncKrbCredPart::from_octets(plaintext, rules)).map_err(undecodable)?;
    let credentials =
        DelegatedCredentials::from_message(&message, &part, limits.delegated_credentials).map_err(malformed)?;
    Ok(DelegationOpened { credentials: Some(credentials) })
}

/// RFC 4120 §3.6.3 has version and message type checked first.
fn check_version(message: &KrbCred<'_>) -> Result<(), Error> {
    match (message.pvno, message.msg_type) {
        (5, 22) => Ok(()),
        (pvno, msg_type) => Err(malformed(DelegationProblem::Version { pvno, msg_type })),
    }
}

/// Opens the encrypted part. RFC 4121 §4.1.1 does not say with which key: most initiators seal it under the session key,
/// some under the subkey. As for the authenticator, the label chooses no algorithm; a key of another enctype does not fit.
fn open<'b>(message: &KrbCred<'_>, buffer: &'b mut [u8], keys: [Option<&Key>; 2]) -> Result<&'b [u8], Error> {
    let mut fitting = keys.into_iter().flatten().filter(|key| key.enctype() == message.enc_part.etype);
    let place = fitting.find_map(|key| open_in(buffer, &key.for_usage(KeyUsage::KRB_CRED), message.enc_part.cipher));
    let place = place.ok_or_else(|| Error::from(ErrorKind::Delegation(DelegationError::Integrity)))?;
    Ok(buffer.get(place).unwrap_or_default())
}

fn malformed(problem: DelegationProblem) -> Error {
    ErrorKind::Delegation(DelegationError::Malformed { problem }).into()
}

fn undecodable(error: crate::error::DecodeError) -> Error {
    malformed(DelegationProblem::Message(error))
}
