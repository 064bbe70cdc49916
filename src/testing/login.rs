//! One login of a client to a service: a ticket, an authenticator, and what stands around them.

use super::authenticator::{Authenticator, AuthenticatorChecksum, Delegation, GssChecksum, gss_flag};
use super::defect::Defect;
use super::framing::{ApReq, Framing, NegTokenInit, Oid};
use super::keys::EncryptionKey;
use super::krb_cred::KrbCred;
use super::names::PrincipalName;
use super::noise::Noise;
use super::realm::Realm;
use super::ticket::Ticket;
use crate::messages::{ApOptions, TicketFlags};
use crate::numbers::Enctype;
use crate::principal::Principal;
use alloc::vec::Vec;
use core::time::Duration;

/// How long a ticket of the test realm is valid unless a test says otherwise.
const TICKET_LIFETIME: Duration = Duration::from_secs(10 * 60 * 60);

/// A login: what the client sends, and what it needs to open the answer.
///
/// The methods that take `self` change one thing each and leave the rest valid. [`token`](Self::token) writes the
/// octets; the same login always writes the same. [`again`](Self::again) is the next login with the same ticket.
#[derive(Debug, Clone)]
#[must_use = "a login does nothing until its token is sent"]
pub struct Login {
    pub(super) realm: Realm,
    pub(super) service: Principal,
    pub(super) kvno: u32,
    pub(super) ticket_noise: Noise,
    pub(super) authenticator_noise: Noise,
    pub(super) ticket: Ticket,
    pub(super) authenticator: Authenticator,
    pub(super) ap_req: ApReq,
    pub(super) negotiation: NegTokenInit,
    pub(super) framing: Framing,
    pub(super) mechanism: Oid,
    pub(super) token_id: [u8; 2],
    pub(super) defects: Vec<Defect>,
    pub(super) enc_ticket_part: Option<Vec<u8>>,
    pub(super) enc_authenticator: Option<Vec<u8>>,
}

impl Login {
    pub(super) fn new(realm: &Realm, client: &Principal, service: Principal, noise: &Noise) -> Self {
        let (ticket_noise, authenticator_noise) = (noise.derive(&[b"ticket"]), noise.derive(&[b"authenticator"]));
        let now = realm.now();
        let ticket = Ticket {
            sealing_key: realm.service_key(&service, Realm::ENCTYPE, Realm::KVNO),
            tkt_vno: 5,
            realm: service.realm().to_vec(),
            sname: PrincipalName::from(&service),
            etype: Realm::ENCTYPE,
            kvno: Some(Realm::KVNO.into()),
            flags: (TicketFlags::PRE_AUTHENT.0 | TicketFlags::TRANSITED_POLICY_CHECKED.0).into(),
            key: EncryptionKey::draw(&ticket_noise, "session key", Realm::ENCTYPE),
            crealm: client.realm().to_vec(),
            cname: PrincipalName::from(client),
            tr_type: 1,
            transited: Vec::new(),
            authtime: now.second(),
            starttime: Some(now.second()),
            endtime: now.saturating_add(TICKET_LIFETIME).second(),
            renew_till: None,
            caddr: None,
            authorization_data: None,
        };
        let flags = gss_flag::MUTUAL | gss_flag::REPLAY | gss_flag::SEQUENCE | gss_flag::CONF | gss_flag::INTEG;
        let mut authenticator = Authenticator {
            authenticator_vno: 5,
            crealm: ticket.crealm.clone(),
            cname: ticket.cname.clone(),
            cksum: AuthenticatorChecksum::Gss(GssChecksum::with_flags(flags)),
            cusec: 0,
            ctime: now.second(),
            subkey: Some(EncryptionKey::draw(&authenticator_noise, "subkey", Realm::ENCTYPE)),
            seq_number: Some(authenticator_noise.sequence_number().into()),
            authorization_data: None,
        };
        authenticator.set_time(now);
        Self {
            realm: realm.clone(),
            service,
            kvno: Realm::KVNO,
            ticket_noise,
            authenticator_noise,
            ticket,
            authenticator,
            ap_req: ApReq {
                pvno: 5,
                msg_type: 14,
                ap_options: ApOptions::MUTUAL_REQUIRED.into(),
                authenticator_etype: None,
                authenticator_kvno: None,
            },
            negotiation: NegTokenInit::default(),
            framing: Framing::Spnego,
            mechanism: Oid::KRB5,
            token_id: [0x01, 0x00],
            defects: Vec::new(),
            enc_ticket_part: None,
            enc_authenticator: None,
        }
    }

    /// The next login with the same ticket: the same options, the time that the clock shows now, and a subkey, a
    /// sequence number and a confounder of its own. An authenticator that was replaced octet by octet is made anew.
    pub fn again(&self) -> Self {
        let noise = self.realm.fresh_noise().derive(&[b"authenticator"]);
        let mut next = self.clone();
        next.authenticator_noise = noise;
        next.authenticator.set_time(self.realm.now());
        next.authenticator.subkey =
            self.authenticator.subkey.as_ref().map(|old| EncryptionKey::draw(&noise, "subkey", old.keytype));
        next.authenticator.seq_number = self.authenticator.seq_number.map(|_| noise.sequence_number().into());
        next.enc_authenticator = None;
        next
    }

    // What the ticket says.

    /// Seals the ticket with the service's key of that enctype, and says so in its label.
    pub fn ticket_enctype(mut self, enctype: Enctype) -> Self {
        self.ticket.sealing_key = self.realm.service_key(&self.service, enctype, self.kvno);
        self.ticket.etype = enctype;
        self
    }

    /// Seals the ticket with the service's key of that version, and says so in its label.
    pub fn kvno(mut self, kvno: u32) -> Self {
        self.kvno = kvno;
        self.ticket.kvno = Some(kvno.into());
        let enctype = self.ticket.sealing_key.keytype;
        self.ticket.sealing_key = self.realm.service_key(&self.service, enctype, kvno);
        self
    }

    /// Takes a session key of that enctype, and an initiator's subkey too if there is one.
    pub fn session_enctype(mut self, enctype: Enctype) -> Self {
        self.ticket.key = EncryptionKey::draw(&self.ticket_noise, "session key", enctype);
        match self.authenticator.subkey {
            Some(_) => self.subkey_enctype(enctype),
            None => self,
        }
    }

    /// Changes anything in the ticket; what the authenticator repeats of it stays as it was.
    pub fn with_ticket(mut self, change: impl FnOnce(&mut Ticket)) -> Self {
        change(&mut self.ticket);
        self
    }

    /// Rewrites the service's name that stands in the clear, as whoever relays a ticket can.
    pub fn cleartext_service(mut self, service: &str) -> Self {
        let service = self.realm.principal(service);
        self.ticket.realm = service.realm().to_vec();
        self.ticket.sname = PrincipalName::from(&service);
        self
    }

    // What the authenticator says.

    /// Takes an initiator's subkey of that enctype.
    pub fn subkey_enctype(mut self, enctype: Enctype) -> Self {
        self.authenticator.subkey = Some(EncryptionKey::draw(&self.authenticator_noise, "subkey", enctype));
        self
    }

    /// Changes anything in the authenticator.
    pub fn with_authenticator(mut self, change: impl FnOnce(&mut Authenticator)) -> Self {
        change(&mut self.authenticator);
        self
    }

    /// Changes anything in the GSS checksum of the authenticator.
    pub fn with_gss_checksum(mut self, change: impl FnOnce(&mut GssChecksum)) -> Self {
        self.authenticator.change_gss_checksum(change);
        self
    }

    /// Delegates the client's TGT: a KRB-CRED, changed before it is sealed, in the GSS checksum, and the DELEG flag.
    /// It is sealed with the keys that the login has now.
    pub fn delegating(self, change: impl FnOnce(&mut KrbCred)) -> Self {
        let client = Principal::new(&self.ticket.crealm, &self.ticket.cname.name_string);
        let tgs = Principal::new(self.realm.name(), [b"krbtgt", self.realm.name()]);
        let noise = self.ticket_noise.derive(&[b"TGT"]);
        let tgt = Self::new(&self.realm, &client, tgs, &noise);
        let forwarded = TicketFlags(TicketFlags::FORWARDABLE.0 | TicketFlags::FORWARDED.0);
        let tgt = tgt.with_ticket(|ticket| ticket.flags = forwarded.into());
        let mut credentials = KrbCred::forwarding(tgt.ticket(), tgt.ticket_octets(), self.realm.now());
        change(&mut credentials);
        let octets = credentials.encode(&self.ticket.key, self.initiator_key(), &self.authenticator_noise);
        self.with_gss_checksum(|checksum| {
            checksum.flags |= gss_flag::DELEG;
            checksum.delegation = Some(Delegation::new(octets));
        })
    }

    /// Binds the login to a channel by its application data: `tls-server-end-point:` and the hash, for example.
    pub fn channel_bindings(self, application_data: &[u8]) -> Self {
        self.with_gss_checksum(|checksum| checksum.bind(application_data))
    }

    /// The client's clock is ahead of the realm's.
    pub fn clock_ahead(mut self, by: Duration) -> Self {
        self.authenticator.set_time(self.authenticator.time().saturating_add(by));
        self
    }

    /// The client's clock is behind the realm's.
    pub fn clock_behind(mut self, by: Duration) -> Self {
        self.authenticator.set_time(self.authenticator.time().saturating_sub(by));
        self
    }

    /// Does not ask the acceptor to prove itself, as browsers do not.
    pub fn without_mutual(mut self) -> Self {
        self.ap_req.ap_options = ApOptions::default().into();
        self.with_gss_checksum(|checksum| checksum.flags &= !gss_flag::MUTUAL)
    }

    // What stands around them.

    /// Changes the versions, options and labels of the AP-REQ.
    pub fn with_ap_req(mut self, change: impl FnOnce(&mut ApReq)) -> Self {
        change(&mut self.ap_req);
        self
    }

    /// Changes anything in the SPNEGO token.
    pub fn with_negotiation(mut self, change: impl FnOnce(&mut NegTokenInit)) -> Self {
        change(&mut self.negotiation);
        self
    }

    /// Offers these mechanisms, in that order, and sends the krb5 token whichever is first.
    pub fn offering(self, mechanisms: &[Oid]) -> Self {
        self.with_negotiation(|negotiation| negotiation.mech_types = Some(mechanisms.to_vec()))
    }

    /// Chooses what the token is, from the outside.
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Sends the krb5 token without SPNEGO.
    pub fn raw_krb5(self) -> Self {
        self.framing(Framing::RawKrb5)
    }

    /// Sends the AP-REQ with nothing around it.
    pub fn bare_ap_req(self) -> Self {
        self.framing(Framing::BareApReq)
    }

    /// DCE style: a bare AP-REQ with the DCE flag and mutual authentication (MS-KILE §3.4.5.1).
    pub fn dce_style(mut self) -> Self {
        self.ap_req.ap_options = ApOptions::MUTUAL_REQUIRED.into();
        self.with_gss_checksum(|checksum| checksum.flags |= gss_flag::DCE_STYLE | gss_flag::MUTUAL).bare_ap_req()
    }

    /// Frames the krb5 token with that OID. Initiators use krb5's, also where they offer the Microsoft OID.
    pub fn mechanism(mut self, mechanism: Oid) -> Self {
        self.mechanism = mechanism;
        self
    }

    /// Writes the Microsoft OID wherever krb5's stands, in the mechanism list and in the framing.
    pub fn microsoft_oid(self) -> Self {
        self.offering(&[Oid::MS_KRB5]).mechanism(Oid::MS_KRB5)
    }

    /// Frames the AP-REQ with that TOK_ID instead of `01 00` (RFC 4121 §4.1).
    pub fn token_id(mut self, token_id: [u8; 2]) -> Self {
        self.token_id = token_id;
        self
    }

    // What is broken.

    /// Breaks the token in a named way. Called several times, the defects add up.
    pub fn broken(mut self, defect: Defect) -> Self {
        self.defects.push(defect);
        self
    }

    /// Changes the octets of the EncTicketPart before they are sealed. Later changes of the ticket's fields do not
    /// reach what is sealed any more.
    pub fn replace_enc_ticket_part(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut octets = self.enc_ticket_part();
        change(&mut octets);
        self.enc_ticket_part = Some(octets);
        self
    }

    /// Changes the octets of the Authenticator before they are sealed. Later changes of its fields do not reach what
    /// is sealed any more.
    pub fn replace_authenticator(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut octets = self.authenticator_octets();
        change(&mut octets);
        self.enc_authenticator = Some(octets);
        self
    }
}
