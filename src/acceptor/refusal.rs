//! What a refused client is told: KRB-ERROR (step X-3).

use super::error::{Error, ErrorKind, Part, TicketError, TokenError};
use super::policy::TicketFailureCode;
use crate::gss::ContextFlags;
use crate::messages::{ApOptions, ApReq, KerbErrorData, KrbError, PrincipalName};
use crate::numbers::KrbErrorCode;
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::vec::Vec;

/// What the client asked for: enough for a KRB-ERROR, and never more than that.
#[derive(Default)]
pub(super) struct Asked<'a> {
    /// Mutual authentication, by the AP-REQ's options or, once the authenticator is open, by its flags.
    pub(super) mutual: bool,
    realm: &'a [u8],
    sname: Option<PrincipalName<'a>>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(ap_req: &ApReq<'a>) -> Self {
        let mutual = ap_req.ap_options.contains(ApOptions::MUTUAL_REQUIRED);
        Self { mutual, realm: ap_req.ticket.realm, sname: Some(ap_req.ticket.sname) }
    }

    /// Of an AP-REQ that was opened: the keytab's name for the service.
    pub(super) fn known(service: &'a Principal, flags: ContextFlags) -> Self {
        let sname = Some(PrincipalName::from(service));
        Self { mutual: flags.contains(ContextFlags::MUTUAL), realm: service.realm(), sname }
    }
}

/// What a KRB-ERROR says besides its code.
pub(super) struct Refusal<'a> {
    pub(super) error: &'a Error,
    pub(super) asked: &'a Asked<'a>,
    pub(super) now: Timestamp,
    pub(super) wire_code: TicketFailureCode,
}

impl Refusal<'_> {
    /// Whether the client is told anything: never of what cannot be decoded or is SPNEGO's matter, always of skew and of a
    /// wrong token identifier, else if it asked for mutual authentication (steps A-1, G-3 and X-3).
    pub(super) fn krb_error(&self) -> Option<Vec<u8>> {
        let told = match self.error.kind() {
            ErrorKind::Token(TokenError::TokenId { .. }) | ErrorKind::ClockSkew { .. } => true,
            ErrorKind::Token(_) | ErrorKind::Negotiation(_) => false,
            _ => self.asked.mutual,
        };
        told.then(|| self.encode())
    }

    /// Step X-3: code and time, and nothing that the client did not say itself.
    fn encode(&self) -> Vec<u8> {
        let nobody = Principal::new("", [""]);
        let sname = self.asked.sname.unwrap_or_else(|| PrincipalName::from(&nobody));
        let stime = (self.now.second(), self.now.subsecond_micros());
        let mut error = KrbError::new(self.code(), stime, self.asked.realm, sname);
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
