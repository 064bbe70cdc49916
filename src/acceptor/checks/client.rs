//! Who, from where, and by which path (steps N-1 to N-5).

use super::AuthenticatorOpened;
use crate::acceptor::error::{Error, ErrorKind};
use crate::acceptor::policy::{AddressPolicy, AnonymousPolicy, Leniency, Policy};
use crate::acceptor::tolerance::{Tolerance, Tolerances};
use crate::acceptor::transited::{Bounds, PathRule, TransitedProblem, check_encoding, check_path};
use crate::limits::Limits;
use crate::messages::{EncTicketPart, TicketFlags};
use crate::numbers::AddressType;
use crate::principal::Principal;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

/// Proof of step N-1.
pub(in crate::acceptor) struct ClientMatches(());

/// RFC 4120 §3.2.3: "The name and realm of the client from the ticket are compared against the same fields in the
/// authenticator. If they don't match, the KRB_AP_ERR_BADMATCH error is returned". Name-types are not compared (§6.2).
pub(in crate::acceptor) fn check_client(
    part: &EncTicketPart<'_>,
    authenticator: &AuthenticatorOpened<'_>,
) -> Result<ClientMatches, Error> {
    let claimed = authenticator.fields();
    if part.crealm == claimed.crealm && part.cname.same_name(&claimed.cname) {
        return Ok(ClientMatches(()));
    }
    Err(ErrorKind::ClientMismatch {
        ticket: Box::new(part.cname.to_principal(part.crealm)),
        authenticator: Box::new(claimed.cname.to_principal(claimed.crealm)),
    }
    .into())
}

/// Proof of step N-2.
pub(in crate::acceptor) struct ClientAccepted(());

/// Step N-2: the client's realm is one of those accepted, if they are named; anonymous clients by policy (RFC 8062). The
/// anonymous realm is nobody's, so no list needs to name it; a realm's own anonymous clients are that realm's.
pub(in crate::acceptor) fn check_client_realm(
    part: &EncTicketPart<'_>,
    policy: &Policy,
) -> Result<ClientAccepted, Error> {
    let named = policy.client_realms.as_ref().is_none_or(|realms| realms.iter().any(|realm| **realm == *part.crealm));
    let accepted = match policy.anonymous {
        AnonymousPolicy::Refuse => named && !is_anonymous(part),
        AnonymousPolicy::Allow => named || has_anonymous_realm(part),
    };
    if accepted {
        return Ok(ClientAccepted(()));
    }
    Err(ErrorKind::ClientRealmNotAllowed { client: Box::new(part.cname.to_principal(part.crealm)) }.into())
}

/// Anonymous by flag, by realm, or by the well-known name in any realm (RFC 8062 §3).
fn is_anonymous(part: &EncTicketPart<'_>) -> bool {
    part.flags.contains(TicketFlags::ANONYMOUS)
        || has_anonymous_realm(part)
        || part.cname.components().eq([b"WELLKNOWN".as_slice(), b"ANONYMOUS"])
}

fn has_anonymous_realm(part: &EncTicketPart<'_>) -> bool {
    part.crealm == b"WELLKNOWN:ANONYMOUS"
}

/// Proof of step N-3.
pub(in crate::acceptor) struct AddressAccepted(());

/// RFC 4120 §3.2.3: "If no match is found or the server insists on ticket addresses but none are present in the ticket,
/// the KRB_AP_ERR_BADADDR error is returned." A list of NetBIOS names alone, as Windows sends it, counts as none; an address that is not
/// understood is one that the peer does not have.
pub(in crate::acceptor) fn check_address(
    part: &EncTicketPart<'_>,
    peer: Option<IpAddr>,
    policy: AddressPolicy,
) -> Result<AddressAccepted, Error> {
    let addresses = || part.caddr.iter().flat_map(|addresses| addresses.iter());
    let allowed = || addresses().filter_map(|address| address.to_ip_addr());
    let present = addresses().any(|address| address.addr_type != AddressType::NETBIOS);
    let matches = |peer: IpAddr| allowed().any(|address| address.to_canonical() == peer.to_canonical());
    let accepted = match (policy, peer) {
        (AddressPolicy::Ignore, _) | (AddressPolicy::VerifyIfPresent, None) => true,
        (AddressPolicy::VerifyIfPresent, Some(peer)) => !present || matches(peer),
        (AddressPolicy::Require, peer) => peer.is_some_and(matches),
    };
    if accepted {
        return Ok(AddressAccepted(()));
    }
    Err(ErrorKind::Address { peer, allowed: allowed().collect::<Vec<_>>() }.into())
}

/// Proof of steps N-4 and N-5.
pub(in crate::acceptor) struct RealmPathAccepted(());

/// RFC 4120 §2.7: a server that does not find TRANSITED-POLICY-CHECKED set must check the path itself, or refuse a
/// ticket from another realm. The service's realm is the keytab's, not the ticket's text.
pub(in crate::acceptor) fn check_realm_path(
    part: &EncTicketPart<'_>,
    service: &Principal,
    (policy, limits): (&Policy, &Limits),
    tolerances: &mut Tolerances,
) -> Result<RealmPathAccepted, Error> {
    let refused = |problem| Error::from(ErrorKind::Transited { client_realm: part.crealm.into(), problem });
    let transited = part.transited;
    check_encoding(transited.tr_type, transited.contents).map_err(refused)?;
    let checked = part.flags.contains(TicketFlags::TRANSITED_POLICY_CHECKED);
    if part.crealm == service.realm() || checked || has_anonymous_realm(part) {
        return Ok(RealmPathAccepted(()));
    }
    let path = check_path(transited.contents, part.crealm, service.realm(), &policy.realm_paths, Bounds::from(limits))
        .map_err(refused)?;
    // By now N-2 has held: a list of client realms, where there is one, names this realm, as it is not the anonymous one.
    match (path.rule(), &policy.client_realms, policy.direct_cross_realm) {
        (PathRule::Direct, None, Leniency::Refuse) => Err(refused(TransitedProblem::DirectTrust)),
        (PathRule::Direct, None, Leniency::Tolerate) => {
            tolerances.note(Tolerance::DirectCrossRealm);
            Ok(RealmPathAccepted(()))
        }
        (PathRule::Direct, Some(_), _) | (PathRule::Configured | PathRule::Hierarchy, ..) => Ok(RealmPathAccepted(())),
    }
}
