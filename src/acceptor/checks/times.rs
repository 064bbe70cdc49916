//! When (steps D-1 to D-4, and R-9). One skew for all; exactly at a limit is accepted; arithmetic saturates.

use super::AuthenticatorOpened;
use crate::acceptor::error::{Error, ErrorKind};
use crate::acceptor::policy::RestartPolicy;
use crate::messages::{EncTicketPart, TicketFlags};
use crate::time::Timestamp;
use core::time::Duration;

/// Proof of step D-1.
pub(in crate::acceptor) struct Started(());

/// RFC 4120 §3.2.3: "If the starttime is later than the current time by more than the allowable clock skew, … the
/// KRB_AP_ERR_TKT_NYV error is returned." Without a start time, `authtime` is it (§5.3).
pub(in crate::acceptor) fn check_start(
    part: &EncTicketPart<'_>,
    authenticator: &AuthenticatorOpened<'_>,
    now: Timestamp,
    skew: Duration,
) -> Result<Started, Error> {
    let starts = part.starttime.unwrap_or(part.authtime);
    let latest = now.saturating_add(skew);
    if starts.to_timestamp() <= latest {
        return Ok(Started(()));
    }
    let by = starts.to_timestamp().saturating_since(now);
    Err(ErrorKind::TicketNotYetValid { starts, now, by, client_agrees: authenticator.time() > latest }.into())
}

/// Proof of step D-2.
pub(in crate::acceptor) struct Valid(());

/// RFC 4120 §3.2.3: "… or if the INVALID flag is set in the ticket, the KRB_AP_ERR_TKT_NYV error is returned."
pub(in crate::acceptor) fn check_not_invalid(part: &EncTicketPart<'_>) -> Result<Valid, Error> {
    if part.flags.contains(TicketFlags::INVALID) { Err(ErrorKind::TicketInvalid.into()) } else { Ok(Valid(())) }
}

/// Proof of step D-3.
pub(in crate::acceptor) struct NotExpired(());

/// RFC 4120 §3.2.3: "if the current time is later than end time by more than the allowable clock skew, the
/// KRB_AP_ERR_TKT_EXPIRED error is returned."
pub(in crate::acceptor) fn check_end(
    part: &EncTicketPart<'_>,
    now: Timestamp,
    skew: Duration,
) -> Result<NotExpired, Error> {
    let ended = part.endtime;
    if now <= ended.to_timestamp().saturating_add(skew) {
        return Ok(NotExpired(()));
    }
    Err(ErrorKind::TicketExpired { ended, now, by: now.saturating_since(ended.to_timestamp()) }.into())
}

/// Proof of step D-4.
pub(in crate::acceptor) struct WithinSkew(());

/// RFC 4120 §3.2.3: "If the local (server) time and the client time in the authenticator differ by more than the
/// allowable clock skew (e.g., 5 minutes), the KRB_AP_ERR_SKEW error is returned."
///
/// Q1: does `cusec` count? The RFC says only "the client time". A: it does; the client time has both parts (§5.5.1).
pub(in crate::acceptor) fn check_skew(
    authenticator: &AuthenticatorOpened<'_>,
    now: Timestamp,
    skew: Duration,
) -> Result<WithinSkew, Error> {
    let client = authenticator.time();
    if client.is_within(skew, now) {
        return Ok(WithinSkew(()));
    }
    Err(ErrorKind::ClockSkew { client, server: now, allowed: skew }.into())
}

/// Proof of step R-9.
pub(in crate::acceptor) struct AfterStart(());

/// RFC 4120 §3.2.3: a server that lost track of the authenticators it has seen "MUST reject all requests until the
/// clock skew interval has passed". A policy may do that, or refuse what is dated before the start, or nothing.
pub(in crate::acceptor) fn check_restart(
    authenticator: &AuthenticatorOpened<'_>,
    now: Timestamp,
    (policy, started): (RestartPolicy, Option<Timestamp>),
    skew: Duration,
) -> Result<AfterStart, Error> {
    let client = authenticator.time();
    match (policy, started) {
        (RestartPolicy::RejectOlderThanStart, Some(started)) if client < started => {
            Err(ErrorKind::BeforeStart { client, started }.into())
        }
        (RestartPolicy::RejectForSkew, Some(started)) if now < started.saturating_add(skew) => {
            Err(ErrorKind::BeforeStart { client, started }.into())
        }
        _ => Ok(AfterStart(())),
    }
}
