//! With which enctypes (steps E-2, E-3 and E-5; E-1 is step K-2).

use super::authenticator::key_in;
use super::{AuthenticatorOpened, Statements};
use crate::acceptor::error::{EnctypeRole, Error, ErrorKind, Part};
use crate::acceptor::policy::EnctypePolicy;
use crate::crypto::{EnctypeInfo, Key};
use crate::numbers::Enctype;
use alloc::vec::Vec;

/// Proof of steps E-2 and E-3, with what follows from them.
pub(in crate::acceptor) struct EnctypesAllowed {
    subkey: Option<Key>,
    acceptor_subkey: Enctype,
}

impl EnctypesAllowed {
    /// The subkey that the initiator chose.
    pub(in crate::acceptor) fn initiator_subkey(&self) -> Option<&Key> {
        self.subkey.as_ref()
    }

    /// The same, handed over.
    pub(in crate::acceptor) fn into_initiator_subkey(self) -> Option<Key> {
        self.subkey
    }

    /// The enctype that an acceptor subkey is to have (RFC 4537 §3); one that is built in.
    pub(in crate::acceptor) fn acceptor_subkey(&self) -> Enctype {
        self.acceptor_subkey
    }
}

/// The session key and the initiator's subkey are of allowed enctypes, and the subkey is one of its enctype.
pub(in crate::acceptor) fn check_enctypes(
    authenticator: &AuthenticatorOpened<'_>,
    statements: &Statements,
    policy: &EnctypePolicy,
) -> Result<EnctypesAllowed, Error> {
    let session_key = authenticator.session_key().enctype();
    permit(policy, EnctypeRole::SessionKey, session_key)?;
    let subkey = authenticator.fields().subkey;
    if let Some(subkey) = subkey {
        permit(policy, EnctypeRole::Subkey, subkey.keytype)?;
    }
    let subkey = subkey.map(|key| key_in(Part::Authenticator, &key)).transpose()?;
    let in_use = subkey.as_ref().map_or(session_key, Key::enctype);
    let understood =
        |enctype: &Enctype| statements.enctypes.contains(*enctype) || *enctype == in_use || *enctype == session_key;
    let built_in = |enctype: &Enctype| EnctypeInfo::find(*enctype).is_some();
    let chosen =
        policy.allowed(EnctypeRole::Subkey).iter().copied().find(|enctype| understood(enctype) && built_in(enctype));
    Ok(EnctypesAllowed { acceptor_subkey: chosen.unwrap_or(in_use), subkey })
}

fn permit(policy: &EnctypePolicy, role: EnctypeRole, enctype: Enctype) -> Result<(), Error> {
    let allowed = policy.allowed(role);
    if allowed.contains(&enctype) {
        return Ok(());
    }
    Err(ErrorKind::EtypeNotPermitted { role, enctype, allowed: allowed.to_vec(), in_keytab: Vec::new() }.into())
}
