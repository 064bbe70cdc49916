//! From an AP-REQ's octets to a checked AP-REQ: sections 4 to 12 of the acceptance order, a line for each step.

use super::checks::{self, Proofs, ReplayQuestion};
use super::connection::UserToUser;
use super::context::{Answer, Checked, answer, session};
use super::envelope::{Decoding, malformed};
use super::error::{ApReqError, Error, ErrorKind, NoKey, TicketError};
use super::evidence::EvidenceTicket;
use super::identity::Facts;
use super::keys::KeyRing;
use super::policy::EvidencePolicy;
use super::refusal::Asked;
use super::ticket::{TicketKeys, TicketOpened};
use super::tolerance::Tolerances;
use super::wiped::{Wiped, place_in};
use super::{Connection, Settings};
use crate::messages::{ApOptions, ApReq, EncTicketPart};
use crate::time::Timestamp;
use alloc::boxed::Box;
use core::ops::Range;

/// Reads an AP-REQ, once, whoever judges it, with room in which its ciphertexts are opened. `asked` is what a refusal may tell
/// the client.
pub(super) fn read_and_judge<'a>(
    ap_req: &'a [u8],
    decoding: &Decoding<'_>,
    (asked, tolerances): (&mut Asked<'a>, &mut Tolerances),
    judge: impl FnOnce(&ApReq<'a>, &mut Wiped, (&mut Asked<'a>, &mut Tolerances)) -> Result<Judged, Error>,
) -> Result<Box<Checked>, Error> {
    let ap_req = decoding.read(tolerances, |rules| ApReq::from_octets(ap_req, rules));
    let ap_req = ap_req.as_ref().map_err(|error| malformed(*error))?;
    *asked = Asked::of(ap_req);
    check_versions(ap_req)?;
    let mut room = Wiped::joined([ap_req.ticket.enc_part.cipher, ap_req.authenticator.cipher]);
    let Judged { mut checked, authorization_data } = judge(ap_req, &mut room, (asked, tolerances))?;
    checked.facts.authorization_data = authorization_data.map(|place| room.into_part(place));
    Ok(checked)
}

/// An AP-REQ that passed, and where in its room the ticket's authorization data stand.
pub(super) struct Judged {
    pub(super) checked: Box<Checked>,
    authorization_data: Option<Range<usize>>,
}

impl Settings {
    /// Every check that needs no memory.
    pub(super) fn verify<'a>(
        &self,
        ap_req: &'a [u8],
        at: (Timestamp, &Connection),
        notes: (&mut Asked<'a>, &mut Tolerances),
    ) -> Result<Box<Checked>, Error> {
        read_and_judge(ap_req, &self.decoding(), notes, |ap_req, room, notes| {
            self.judge(ap_req, room, at, self.limits.trial_keys, notes)
        })
    }

    /// The same of an AP-REQ that was read, with so many keys to try. If no key opens its ticket, the room is as before.
    pub(super) fn judge(
        &self,
        ap_req: &ApReq<'_>,
        room: &mut Wiped,
        at: (Timestamp, &Connection),
        trial_keys: usize,
        (asked, tolerances): (&mut Asked<'_>, &mut Tolerances),
    ) -> Result<Judged, Error> {
        let decoding = self.decoding();
        let loaded = self.keys.load();
        let ring: &KeyRing = &loaded;
        let keys = TicketKeys { ring, now: at.0, policy: &self.policy, spn: &self.spn, trial_keys };
        let own = check_user_to_user(ap_req, at.1)?;
        let (ticket_room, authenticator_room) = room.split_at_mut(ap_req.ticket.enc_part.cipher.len());
        let ticket = match own {
            Some(own) => keys.open_user_to_user(&ap_req.ticket, ticket_room, own)?,
            None => keys.open(&ap_req.ticket, ticket_room, tolerances)?,
        };
        let plaintext = ticket.plaintext(ticket_room);
        let part = decoding.read(tolerances, |rules| EncTicketPart::from_octets(plaintext, rules));
        let part = part.as_ref().map_err(|error| Error::from(ErrorKind::Ticket(TicketError::Malformed(*error))))?;
        let authorization_data = part.authorization_data.map(|data| place_in(ticket_room, data.encoded()));
        let opened = (ring, &ticket, part, authenticator_room);
        let checked = self.check(ap_req, opened, at, (&decoding, asked, tolerances))?;
        Ok(Judged { checked, authorization_data })
    }

    /// Sections 6 to 12, in the order of the steps.
    fn check(
        &self,
        ap_req: &ApReq<'_>,
        (ring, ticket, part, room): (&KeyRing, &TicketOpened<'_>, &EncTicketPart<'_>, &mut [u8]),
        (now, connection): (Timestamp, &Connection),
        (decoding, asked, tolerances): (&Decoding<'_>, &mut Asked<'_>, &mut Tolerances),
    ) -> Result<Box<Checked>, Error> {
        let policy = &self.policy;
        let skew = policy.skew;
        let session_key = checks::session_key(part)?;
        let (plaintext, answer_key) = checks::open_authenticator(ap_req, &session_key, room)?;
        let fields = plaintext.read(decoding, tolerances);
        let authenticator = plaintext.judge(&fields, tolerances)?;
        asked.mutual |= authenticator.asks_for_mutual();
        let statements = checks::read_statements(authenticator.fields(), decoding, tolerances)?;

        let client_matches = checks::check_client(part, &authenticator)?;
        let client_accepted = checks::check_client_realm(part, policy)?;
        let address = checks::check_address(part, connection.peer(), policy.addresses)?;
        let realm_path = checks::check_realm_path(part, ticket.service, (policy, &self.limits), tolerances)?;

        let started = checks::check_start(part, &authenticator, now, skew)?;
        let valid = checks::check_not_invalid(part)?;
        let not_expired = checks::check_end(part, now, skew)?;
        let within_skew = checks::check_skew(&authenticator, now, skew)?;

        let enctypes = checks::check_enctypes(&authenticator, &statements, &policy.enctypes)?;
        let agreed = checks::check_checksum(ap_req.ap_options, &authenticator, policy, tolerances)?;
        let bindings = checks::check_bindings(&agreed, &statements, connection.bindings(), policy)?;
        let delegating = (policy.delegation, &self.limits);
        let delegation =
            checks::check_delegation(&agreed, &authenticator, &enctypes, delegating, decoding, tolerances)?;
        let data_understood =
            checks::check_critical_data(part, authenticator.fields(), policy.critical_authorization_data, tolerances)?;
        let target = checks::check_target(&statements, policy, (&self.spn, ring), now)?;
        let after_start = checks::check_restart(&authenticator, now, (policy.restart, self.started), skew)?;

        let (answer, acceptor_subkey) = answer(&authenticator, &agreed, &enctypes, (answer_key, &*self.random))?;
        let answered_with = answer.as_ref().map(Answer::sequence_number);
        let proofs = Proofs {
            ticket,
            part,
            authenticator: &authenticator,
            client_matches,
            client_accepted,
            address,
            realm_path,
            started,
            valid,
            not_expired,
            within_skew,
            after_start,
            enctypes: &enctypes,
            agreed: &agreed,
            bindings,
            delegation,
            statements,
            data_understood,
            target,
        };
        let lasting = (proofs.flags(), part.endtime);
        let evidence = (policy.evidence == EvidencePolicy::Keep)
            .then(|| Box::new(EvidenceTicket::new(part, ticket.service, &session_key, ap_req.ticket_octets)));
        Ok(Box::new(Checked {
            facts: Facts::from_proofs(proofs, evidence),
            question: ReplayQuestion::about(&authenticator, &ap_req.authenticator, now, skew),
            session: session(
                &authenticator,
                lasting,
                (enctypes.into_initiator_subkey(), acceptor_subkey),
                answered_with,
            ),
            answer,
        }))
    }
}

/// Steps.
pub(super) fn check_versions(ap_req: &ApReq<'_>) -> Result<(), Error> {
    if ap_req.pvno != 5 {
        return Err(ErrorKind::ApReq(ApReqError::Version { found: ap_req.pvno }).into());
    }
    if ap_req.msg_type != 14 {
        return Err(ErrorKind::ApReq(ApReqError::MessageType { found: ap_req.msg_type }).into());
    }
    if ap_req.ticket.tkt_vno != 5 {
        return Err(ErrorKind::Ticket(TicketError::Version { found: ap_req.ticket.tkt_vno }).into());
    }
    Ok(())
}

/// Step K-0: the option and the caller agree on whether the ticket is encrypted in a session key.
pub(super) fn check_user_to_user<'c>(
    ap_req: &ApReq<'_>,
    connection: &'c Connection,
) -> Result<Option<&'c UserToUser>, Error> {
    match (ap_req.ap_options.contains(ApOptions::USE_SESSION_KEY), connection.session_key_of_tgt()) {
        (true, None) => Err(ErrorKind::NoKey(NoKey::UserToUser).into()),
        (false, Some(_)) => Err(ErrorKind::ApReq(ApReqError::NotUserToUser).into()),
        (_, own) => Ok(own),
    }
}
