//! What was asked for, and over which channel (steps C-1 to C-6).

use super::{AuthenticatorOpened, Statements};
use crate::acceptor::error::{BindingProblem, ChecksumError, Error, ErrorKind, Part};
use crate::acceptor::policy::{BindingPolicy, DcePolicy, Leniency, Policy};
use crate::acceptor::tolerance::{Tolerance, Tolerances};
use crate::gss::{ChannelBindingHash, ChannelBindings, ContextFlags, GssChecksum};
use crate::messages::ApOptions;
use crate::numbers::{ChecksumType, KeyUsage};

/// Proof of steps C-1 to C-4: the flags in force, and the checksum of type 0x8003 if there was one.
pub(in crate::acceptor) struct Agreed<'a> {
    flags: ContextFlags,
    checksum: Option<GssChecksum<'a>>,
}

impl<'a> Agreed<'a> {
    /// The flags in force (step M-7); delegation has a proof of its own.
    pub(in crate::acceptor) fn flags(&self) -> ContextFlags {
        self.flags
    }

    /// What the initiator wrote.
    pub(super) fn checksum(&self) -> Option<&GssChecksum<'a>> {
        self.checksum.as_ref()
    }

    /// The hash of the initiator's channel bindings, if it gave one.
    fn bindings(&self) -> Option<ChannelBindingHash> {
        self.checksum.map(|checksum| checksum.bindings).filter(|bindings| !bindings.is_none())
    }
}

/// What the initiator put into the authenticator's checksum field.
pub(in crate::acceptor) fn check_checksum<'a>(
    ap_options: ApOptions,
    authenticator: &AuthenticatorOpened<'a>,
    policy: &Policy,
    tolerances: &mut Tolerances,
) -> Result<Agreed<'a>, Error> {
    let mutual =
        if ap_options.contains(ApOptions::MUTUAL_REQUIRED) { ContextFlags::MUTUAL } else { ContextFlags::empty() };
    let Some(checksum) = authenticator.fields().cksum else {
        tolerate(policy.missing_checksum, ChecksumError::Missing)?;
        tolerances.note(Tolerance::ChecksumMissing);
        return Ok(Agreed { flags: mutual, checksum: None });
    };
    if checksum.cksumtype == ChecksumType::GSS {
        let octets = checksum.checksum.len();
        let gss = GssChecksum::from_octets(checksum.checksum)
            .ok_or_else(|| Error::from(ErrorKind::Checksum(ChecksumError::Malformed { octets })))?;
        let granted = granted(gss.flags, policy.dce);
        return Ok(Agreed { flags: granted | mutual, checksum: Some(gss) });
    }
    let found = checksum.cksumtype;
    if found != authenticator.session_key().info().checksum_type {
        return Err(ErrorKind::Checksum(ChecksumError::WrongType { found }).into());
    }
    tolerate(policy.plain_checksum, ChecksumError::WrongType { found })?;
    authenticator
        .session_key()
        .verify_checksum(KeyUsage::AP_REQ_CHECKSUM, found, &[], checksum.checksum)
        .map_err(|_| Error::from(ErrorKind::Integrity(Part::Checksum)))?;
    tolerances.note(Tolerance::PlainChecksum);
    Ok(Agreed { flags: ContextFlags::REPLAY | ContextFlags::SEQUENCE | mutual, checksum: None })
}

/// What is granted of the flags asked for (step M-7). DCE style implies mutual authentication (step DCE-2).
fn granted(asked: ContextFlags, dce: DcePolicy) -> ContextFlags {
    let flags = asked.without(ContextFlags::DELEG);
    match dce {
        DcePolicy::Accept if flags.contains(ContextFlags::DCE_STYLE) => flags | ContextFlags::MUTUAL,
        DcePolicy::Accept | DcePolicy::Refuse => flags.without(ContextFlags::DCE_STYLE),
    }
}

fn tolerate(leniency: Leniency, otherwise: ChecksumError) -> Result<(), Error> {
    match leniency {
        Leniency::Tolerate => Ok(()),
        Leniency::Refuse => Err(ErrorKind::Checksum(otherwise).into()),
    }
}

/// Proof of step C-6.
pub(in crate::acceptor) struct BindingsAccepted {
    bound: bool,
}

impl BindingsAccepted {
    /// Whether the initiator's bindings were compared and are those of this channel.
    pub(in crate::acceptor) fn bound(&self) -> bool {
        self.bound
    }
}

/// RFC 4121 §4.1.1.2 and the table of section 10 of the acceptance order. Several values may be acceptable, because one TLS
/// connection has bindings of several types.
pub(in crate::acceptor) fn check_bindings(
    agreed: &Agreed<'_>,
    statements: &Statements,
    given: &[ChannelBindings],
    policy: &Policy,
) -> Result<BindingsAccepted, Error> {
    if given.is_empty() {
        return match policy.unbound_connections {
            Leniency::Tolerate => Ok(BindingsAccepted { bound: false }),
            Leniency::Refuse => Err(ErrorKind::ChannelBinding(BindingProblem::NotGiven).into()),
        };
    }
    let refused = |problem| Err(ErrorKind::ChannelBinding(problem).into());
    match (policy.channel_bindings, agreed.bindings()) {
        (BindingPolicy::Ignore, _) => Ok(BindingsAccepted { bound: false }),
        (_, Some(hash)) if given.iter().any(|bindings| bindings.hash() == hash) => Ok(BindingsAccepted { bound: true }),
        (_, Some(_)) => refused(BindingProblem::Different),
        (BindingPolicy::Require, None) => refused(BindingProblem::Missing),
        (BindingPolicy::AcceptIfAbsent, None) if statements.announces_bindings() => refused(BindingProblem::Stripped),
        (BindingPolicy::AcceptIfAbsent, None) => Ok(BindingsAccepted { bound: false }),
    }
}
