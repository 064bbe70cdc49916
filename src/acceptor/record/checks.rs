//! What stands inside the encryption: steps U-1 to R-9.

use super::{Recorded, Recorder, Step};
use crate::acceptor::checks::{self, Proofs};
use crate::acceptor::ticket::TicketOpened;
use crate::acceptor::tolerance::Tolerances;
use crate::messages::{ApReq, EncTicketPart};

impl Recorder<'_> {
    /// Every check whose proofs are there, in the order of an accept, and behind a refusal too.
    pub(super) fn contents(
        &mut self,
        ap_req: &ApReq<'_>,
        (ticket, part): (&TicketOpened<'_>, &EncTicketPart<'_>),
        room: &mut [u8],
    ) {
        let settings = self.settings;
        let (policy, limits, skew, now) = (&settings.policy, &settings.limits, settings.policy.skew, self.now);
        let decoding = settings.decoding();
        self.values_of_part(part, ticket);
        let ledger = &mut self.ledger;

        let session_key = ledger.judge(&[Step::U3], |_| checks::session_key(part));
        let plaintext = session_key.as_ref().and_then(|key| {
            ledger.judge(&[Step::U1], |_| checks::open_authenticator(ap_req, key, room).map(|(plaintext, _)| plaintext))
        });
        let mut tolerances = Tolerances::default();
        let fields = plaintext.as_ref().map(|plaintext| plaintext.read(&decoding, &mut tolerances));
        let authenticator = plaintext
            .as_ref()
            .zip(fields.as_ref())
            .and_then(|(plaintext, fields)| ledger.judge(&[Step::U2], |judged| plaintext.judge(fields, judged)));
        ledger.tolerated(tolerances);
        let statements = authenticator.as_ref().and_then(|authenticator| {
            ledger.judge(&[Step::E4, Step::C7], |tolerances| {
                checks::read_statements(authenticator.fields(), &decoding, tolerances)
            })
        });

        let client_matches = authenticator
            .as_ref()
            .and_then(|authenticator| ledger.judge(&[Step::N1], |_| checks::check_client(part, authenticator)));
        let client_accepted = ledger.judge(&[Step::N2], |_| checks::check_client_realm(part, policy));
        let address =
            ledger.judge(&[Step::N3], |_| checks::check_address(part, self.connection.peer(), policy.addresses));
        let realm_path = ledger.judge(&[Step::N5, Step::N4], |tolerances| {
            checks::check_realm_path(part, ticket.service, (policy, limits), tolerances)
        });

        let started = authenticator.as_ref().and_then(|authenticator| {
            ledger.judge(&[Step::D1], |_| checks::check_start(part, authenticator, now, skew))
        });
        let valid = ledger.judge(&[Step::D2], |_| checks::check_not_invalid(part));
        let not_expired = ledger.judge(&[Step::D3], |_| checks::check_end(part, now, skew));
        let within_skew = authenticator
            .as_ref()
            .and_then(|authenticator| ledger.judge(&[Step::D4], |_| checks::check_skew(authenticator, now, skew)));

        let both = authenticator.as_ref().zip(statements.as_ref());
        let enctypes = both.and_then(|(authenticator, statements)| {
            ledger.judge(&[Step::E2, Step::E3], |_| checks::check_enctypes(authenticator, statements, &policy.enctypes))
        });
        let agreed = authenticator.as_ref().and_then(|authenticator| {
            ledger.judge(&[Step::C1, Step::C2, Step::C3], |tolerances| {
                checks::check_checksum(ap_req.ap_options, authenticator, policy, tolerances)
            })
        });
        let bindings = agreed.as_ref().zip(statements.as_ref()).and_then(|(agreed, statements)| {
            let given = self.connection.bindings();
            ledger.judge(&[Step::C6], |_| checks::check_bindings(agreed, statements, given, policy))
        });
        let keys = authenticator.as_ref().zip(enctypes.as_ref());
        let delegation = agreed.as_ref().zip(keys).and_then(|(agreed, (authenticator, enctypes))| {
            ledger.judge(&[Step::C8, Step::C9], |tolerances| {
                let delegating = (policy.delegation, limits);
                checks::check_delegation(agreed, authenticator, enctypes, delegating, &decoding, tolerances)
            })
        });
        let data_understood = authenticator.as_ref().and_then(|authenticator| {
            ledger.judge(&[Step::Ad], |tolerances| {
                let leniency = policy.critical_authorization_data;
                checks::check_critical_data(part, authenticator.fields(), leniency, tolerances)
            })
        });
        let target = statements.as_ref().and_then(|statements| {
            let ours = (&settings.spn, self.ring);
            ledger.judge(&[Step::Spn], |_| checks::check_target(statements, policy, ours, now))
        });
        let after_start = authenticator.as_ref().and_then(|authenticator| {
            let started = (policy.restart, settings.started);
            ledger.judge(&[Step::R9], |_| checks::check_restart(authenticator, now, started, skew))
        });
        self.values_of_proofs(&Proofs::<'_, Recorded> {
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
        });
    }
}
