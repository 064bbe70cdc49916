//! What no acceptor can do without.

use super::door::Door;
use super::logins::Logins;
use super::parse::parse;
use core::hint::black_box;
use core::time::Duration;
use kerbside::crypto::{Key, UsageKey};
use kerbside::messages::{ApReq, EncApRepPart, EncryptionKey};
use kerbside::numbers::{Enctype, KeyUsage};
use kerbside::testing::Login;
use std::time::Instant;

/// The crypto of an accept and nothing else: ticket, authenticator, reply. The service's key is derived beforehand, as it
/// is in an acceptor; session keys are not. Buffers are reused, nothing is wiped, and nothing is looked at.
pub(crate) struct BareCrypto<'a> {
    ticket_key: UsageKey,
    messages: Vec<(ApReq<'a>, &'a [u8])>,
    reply_part: Vec<u8>,
    enctype: Enctype,
}

impl<'a> BareCrypto<'a> {
    pub(crate) fn new(logins: &'a Logins) -> Self {
        let sealing_key = logins.logins[0].ticket().sealing_key.to_key().expect("an enctype of the table");
        let message = |(login, token): (&'a Login, &'a Vec<u8>)| (parse(token), login.ticket().key.keyvalue.as_slice());
        Self {
            ticket_key: sealing_key.for_usage(KeyUsage::TICKET),
            messages: logins.logins.iter().zip(&logins.tokens).map(message).collect(),
            reply_part: reply_part(logins),
            enctype: logins.enctype,
        }
    }

    pub(crate) fn run_all(&self) -> Duration {
        let (mut ticket, mut authenticator, mut reply) = (Vec::new(), Vec::new(), Vec::new());
        let begun = Instant::now();
        for (ap_req, session_key) in black_box(&self.messages) {
            refill(&mut ticket, ap_req.ticket.enc_part.cipher);
            black_box(self.ticket_key.decrypt_in_place(&mut ticket).expect("the service's key"));
            let session_key = Key::new(self.enctype, session_key).expect("a key of the enctype");
            refill(&mut authenticator, ap_req.authenticator.cipher);
            let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
            black_box(session_key.decrypt_in_place(usage, &mut authenticator).expect("the session key"));
            let confounder = &[7; 16][..session_key.info().confounder_octets];
            reply.clear();
            session_key.encrypt(KeyUsage::AP_REP, confounder, &self.reply_part, &mut reply).expect("a confounder");
            black_box(&reply);
        }
        begun.elapsed()
    }
}

pub(crate) fn refill(buffer: &mut Vec<u8>, octets: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(octets);
}

/// What the acceptor puts into a reply: a subkey only where it does.
fn reply_part(logins: &Logins) -> Vec<u8> {
    let login = &logins.logins[0];
    let door = Door::new(logins);
    let accepted = door.acceptor.accept(&logins.tokens[0], door.now).expect("a good token");
    let reply = login.verify_reply(accepted.reply().expect("mutual authentication")).expect("a good reply");
    let ap_rep = reply.ap_rep.expect("an AP-REP");
    let mut part = EncApRepPart::new(login.authenticator().ctime, 0);
    part.subkey = ap_rep.subkey.as_ref().map(|key| EncryptionKey::new(key.keytype, &key.keyvalue));
    part.seq_number = ap_rep.seq_number;
    part.to_octets()
}
