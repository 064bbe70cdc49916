//! What the authorization data of ticket and authenticator say to an acceptor (steps E-4 and C-7, RFC 4120 §5.2.6).

use crate::acceptor::envelope::Decoding;
use crate::acceptor::error::{AuthenticatorError, Error, ErrorKind, NamedBy};
use crate::acceptor::keys::{KeyRing, ServiceName};
use crate::acceptor::policy::{Leniency, Policy, TargetPolicy};
use crate::acceptor::spn::{NameCase, Spn, same_components};
use crate::acceptor::tolerance::{Tolerance, Tolerances};
use crate::crypto::EnctypeInfo;
use crate::error::DecodeError;
use crate::messages::{Authenticator, AuthorizationData, AuthorizationDataElement, EncTicketPart, EtypeList};
use crate::numbers::{AuthDataType, Enctype};
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;

/// The client announces that it sends channel bindings (MS-KILE §3.2.5.8).
const KERB_AP_OPTIONS_CBT: u32 = 0x4000;

/// What the initiator states inside its authenticator. Nobody else can write there.
#[derive(Default)]
pub(in crate::acceptor) struct Statements {
    /// The enctypes that it understands (RFC 4537 §3).
    pub(super) enctypes: EnctypesUnderstood,
    /// The name that it meant to reach.
    pub(in crate::acceptor) client_target: Option<String>,
    ap_options: Option<u32>,
}

/// Those enctypes of a list that are built in, a bit for each row of their table; the others are nobody's concern.
#[derive(Default, Clone, Copy)]
pub(super) struct EnctypesUnderstood(u32);

impl EnctypesUnderstood {
    fn insert(&mut self, enctype: Enctype) {
        self.0 |= Self::bit(enctype);
    }

    pub(super) fn contains(self, enctype: Enctype) -> bool {
        self.0 & Self::bit(enctype) != 0
    }

    fn bit(enctype: Enctype) -> u32 {
        let position = EnctypeInfo::position(enctype).and_then(|position| u32::try_from(position).ok());
        position.and_then(|position| 1_u32.checked_shl(position)).unwrap_or(0)
    }
}

impl Statements {
    /// Whether the initiator announced that it binds to a channel.
    pub(super) fn announces_bindings(&self) -> bool {
        self.ap_options.is_some_and(|options| options & KERB_AP_OPTIONS_CBT != 0)
    }
}

/// Reads the statements of an authenticator, wherever they stand in its authorization data.
pub(in crate::acceptor) fn read_statements(
    authenticator: &Authenticator<'_>,
    decoding: &Decoding<'_>,
    tolerances: &mut Tolerances,
) -> Result<Statements, Error> {
    let mut statements = Statements::default();
    let Some(data) = authenticator.authorization_data else { return Ok(statements) };
    for element in data.walk() {
        let element = element.map_err(malformed)?;
        match element.ad_type {
            AuthDataType::ETYPE_NEGOTIATION => {
                let list = decoding
                    .read(tolerances, |rules| EtypeList::from_octets(element.ad_data, rules))
                    .map_err(malformed)?;
                list.iter().for_each(|enctype| statements.enctypes.insert(enctype));
            }
            AuthDataType::AP_OPTIONS => read_ap_options(&element, &mut statements)?,
            AuthDataType::CLIENT_TARGET => statements.client_target = Some(utf16_text(element.ad_data)),
            _ => {}
        }
    }
    Ok(statements)
}

/// Step C-7: exactly one element, of exactly four octets.
fn read_ap_options(element: &AuthorizationDataElement<'_>, statements: &mut Statements) -> Result<(), Error> {
    match (<[u8; 4]>::try_from(element.ad_data), statements.ap_options) {
        (Ok(octets), None) => {
            statements.ap_options = Some(u32::from_le_bytes(octets));
            Ok(())
        }
        _ => Err(ErrorKind::Authenticator(AuthenticatorError::ApOptions).into()),
    }
}

/// Text as Windows writes it: UTF-16, little-endian. What is not text becomes U+FFFD, which no service name contains.
fn utf16_text(octets: &[u8]) -> String {
    let units = octets.chunks(2).map(|unit| match unit {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0xfffd,
    });
    // A name of a service is ASCII, so that an octet for each unit is enough.
    let mut text = String::with_capacity(octets.len() / 2);
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

fn malformed(error: DecodeError) -> Error {
    ErrorKind::Authenticator(AuthenticatorError::Malformed(error)).into()
}

/// Proof that no authorization data was left aside that had to be understood, or that the policy tolerates it.
pub(in crate::acceptor) struct DataUnderstood(());

/// RFC 4120 §5.2.6: whoever does not understand an element outside AD-IF-RELEVANT must refuse the request.
pub(in crate::acceptor) fn check_critical_data(
    part: &EncTicketPart<'_>,
    authenticator: &Authenticator<'_>,
    leniency: Leniency,
    tolerances: &mut Tolerances,
) -> Result<DataUnderstood, Error> {
    let in_ticket = critical(part.authorization_data, &[]);
    let understood = [AuthDataType::ETYPE_NEGOTIATION, AuthDataType::AP_OPTIONS, AuthDataType::CLIENT_TARGET];
    let in_authenticator = critical(authenticator.authorization_data, &understood);
    for ad_type in in_ticket.chain(in_authenticator) {
        match leniency {
            Leniency::Refuse => return Err(ErrorKind::CriticalAuthorizationData { ad_type }.into()),
            Leniency::Tolerate => tolerances.note(Tolerance::CriticalAuthorizationData(ad_type)),
        }
    }
    Ok(DataUnderstood(()))
}

/// The types of elements that stand outside AD-IF-RELEVANT and are not among those understood.
fn critical<'d>(
    data: Option<AuthorizationData<'d>>,
    understood: &'d [AuthDataType],
) -> impl Iterator<Item = AuthDataType> + use<'d> {
    let elements = data.into_iter().flat_map(|data| data.iter()).map(|element| element.ad_type);
    elements.filter(move |ad_type| *ad_type != AuthDataType::IF_RELEVANT && !understood.contains(ad_type))
}

/// Proof that the name that the client meant to reach is one of this acceptor's, as far as the policy asks.
pub(in crate::acceptor) struct TargetAccepted(());

/// Section 5.2 of the acceptance order: the client's own statement is the only name of the service that is
/// authenticated. It is compared without regard to case, because it is what a person typed.
pub(in crate::acceptor) fn check_target(
    statements: &Statements,
    policy: &Policy,
    (spn, keys): (&Spn, &KeyRing),
    now: Timestamp,
) -> Result<TargetAccepted, Error> {
    let target = statements.client_target.as_deref();
    let accepted = match (policy.target, target) {
        (TargetPolicy::Ignore, _) | (TargetPolicy::VerifyIfPresent, None) => true,
        (TargetPolicy::Require, None) => false,
        (TargetPolicy::VerifyIfPresent | TargetPolicy::Require, Some(target)) => {
            is_ours(target, spn, || keys.names_at(now))
        }
    };
    if accepted {
        return Ok(TargetAccepted(()));
    }
    let (principal, named_by) = match target {
        Some(target) => {
            let (name, realm) = target.rsplit_once('@').map_or((target, ""), |(name, realm)| (name, realm));
            (Principal::new(realm, name.split('/')), NamedBy::Client)
        }
        None => (Principal::new("", [""; 0]), NamedBy::Nobody),
    };
    Err(ErrorKind::NotForUs { principal: Box::new(principal), policy: spn.clone(), named_by }.into())
}

/// Any service of the keytab, or any that a narrower policy allows: aliases need not be in the keytab.
fn is_ours<'k, N: Iterator<Item = &'k ServiceName>>(target: &str, spn: &Spn, names: impl FnOnce() -> N) -> bool {
    let name = target.rsplit_once('@').map_or(target, |(name, _)| name);
    let components = || name.split('/').map(str::as_bytes);
    match spn {
        Spn::AnyInKeytab => names()
            .any(|known| same_components(known.principal.components(), components(), NameCase::IgnoreServiceAndHost)),
        narrower => narrower.allows_name(components(), NameCase::IgnoreServiceAndHost),
    }
}
