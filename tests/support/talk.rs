//! Negotiations leg by leg: what a client sends next, and what it makes of the answers.

#![allow(dead_code, reason = "each test file uses a part of it")]

use super::site::Site;
use super::tlv::tlv;
use kerbside::crypto::Key;
use kerbside::gss::{ContextFlags, Rc4Messages, Role, Session, SessionParameters};
use kerbside::testing::{ApRep, Framing, Login, MechListMic, NegState, Oid, Reply, gss_flag};
use kerbside::{Accepted, Acceptor, Error, Mechanism, Negotiation, Policy, Step, Tolerance};

/// A list in which Kerberos is not the favourite.
pub(crate) const SECOND: [Oid; 2] = [Oid::NTLM, Oid::KRB5];

/// One negotiation, at the site's time.
pub(crate) struct Talk<'s> {
    pub(crate) negotiation: Negotiation,
    site: &'s Site,
}

impl<'s> Talk<'s> {
    pub(crate) fn new(site: &'s Site, policy: Policy) -> Self {
        Self::with(site, &site.acceptor(policy))
    }

    pub(crate) fn with(site: &'s Site, acceptor: &Acceptor) -> Self {
        Self { negotiation: acceptor.negotiate(), site }
    }

    pub(crate) fn step(&mut self, token: &[u8]) -> Result<Step, Error> {
        self.negotiation.step(token, self.site.realm.now())
    }

    /// The answer to a leg that another must follow.
    #[track_caller]
    pub(crate) fn go_on(&mut self, token: &[u8]) -> Vec<u8> {
        match self.step(token) {
            Ok(Step::Continue(reply)) => reply,
            other => panic!("no other leg is awaited: {other:?}"),
        }
    }

    /// The same, as the client reads it.
    #[track_caller]
    pub(crate) fn answer(&mut self, login: &Login, token: &[u8]) -> Reply {
        let reply = self.go_on(token);
        login.verify_reply(&reply).unwrap()
    }

    /// The last leg.
    #[track_caller]
    pub(crate) fn done(&mut self, token: &[u8]) -> Accepted {
        match self.step(token) {
            Ok(Step::Accepted(accepted)) => *accepted,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// NEG-02, NEG-10: a refusal, after which the negotiation is closed, whatever comes and however often.
    #[track_caller]
    pub(crate) fn refused(&mut self, token: &[u8]) -> Error {
        let error = match self.step(token) {
            Err(error) => error,
            Ok(step) => panic!("not refused: {step:?}"),
        };
        self.assert_closed();
        error
    }

    #[track_caller]
    pub(crate) fn assert_closed(&mut self) {
        let valid = self.site.login().token();
        for token in [&valid[..], b"", b"\xa1\x02\x30\x00", &valid].repeat(3) {
            let error = self.step(token).unwrap_err();
            assert_eq!((error.kind().name(), error.reply()), ("Negotiation.Closed", None));
        }
    }

    /// `continue`, `accepted`, `ask`, or the name of the refusal.
    pub(crate) fn outcome(&mut self, token: &[u8]) -> &'static str {
        match self.step(token) {
            Ok(Step::Continue(_)) => "continue",
            Ok(Step::Accepted(_)) => "accepted",
            Ok(Step::CheckReplay(_)) => "ask",
            Err(error) => error.kind().name(),
        }
    }
}

/// The krb5 token in a later token of SPNEGO's.
pub(crate) fn later(login: &Login) -> Login {
    login.clone().framing(Framing::SpnegoContinuation)
}

/// The same with this MIC.
pub(crate) fn later_with(login: &Login, mic: MechListMic) -> Login {
    later(login).with_negotiation(|resp| resp.mech_list_mic = mic)
}

/// A later token by hand: `responseToken` and `mechListMIC`.
pub(crate) fn resp(token: Option<&[u8]>, mic: Option<&[u8]>) -> Vec<u8> {
    let field = |number, octets: Option<&[u8]>| octets.map_or_else(Vec::new, |octets| tlv(number, &tlv(0x04, octets)));
    tlv(0xa1, &tlv(0x30, &[field(0xa2, token), field(0xa3, mic)].concat()))
}

/// A list of mechanisms as it stands in a token.
pub(crate) fn mech_types(list: &[Oid]) -> Vec<u8> {
    let list: Vec<u8> = list.iter().flat_map(|mechanism| tlv(0x06, &mechanism.0)).collect();
    tlv(0x30, &list)
}

/// The client's end of the context, from the keys that it knows and the answer with the AP-REP, if there was one.
pub(crate) fn initiator(login: &Login, answer: &Reply, flags: ContextFlags) -> Session {
    initiator_after(login, answer.ap_rep.as_ref(), flags)
}

/// The same, where there may have been no answer at all.
pub(crate) fn initiator_after(login: &Login, ap_rep: Option<&ApRep>, flags: ContextFlags) -> Session {
    let key = |key: &kerbside::testing::EncryptionKey| -> Key { key.to_key().unwrap() };
    let send = u64::try_from(login.authenticator().seq_number.unwrap()).unwrap();
    let receive = ap_rep.map_or(send, |ap_rep| ap_rep.seq_number.unwrap().into());
    let mut parameters =
        SessionParameters::new(Role::Initiator, key(&login.ticket().key), login.ticket().endtime.into())
            .send_sequence(send)
            .receive_sequence(receive)
            .flags(flags)
            .rc4_messages(Rc4Messages::Allow);
    if let Some(subkey) = &login.authenticator().subkey {
        parameters = parameters.initiator_subkey(key(subkey));
    }
    if let Some(subkey) = ap_rep.and_then(|ap_rep| ap_rep.subkey.as_ref()) {
        parameters = parameters.acceptor_subkey(key(subkey));
    }
    Session::new(parameters)
}

/// A later token without any field.
pub(crate) const EMPTY: [u8; 4] = [0xa1, 0x02, 0x30, 0x00];

/// Flags of a context that watches the order of its messages.
pub(crate) fn flags() -> ContextFlags {
    ContextFlags::REPLAY | ContextFlags::SEQUENCE
}

pub(crate) fn without_integrity(login: Login) -> Login {
    login.with_gss_checksum(|checksum| checksum.flags &= !gss_flag::INTEG)
}

/// The first two legs of a mutual login whose favourite was another mechanism: the answer with the acceptor's MIC.
#[track_caller]
pub(crate) fn up_to_the_mic(talk: &mut Talk<'_>, login: &Login) -> Reply {
    assert_eq!(talk.answer(login, &login.token()).neg_state, Some(NegState::RequestMic));
    let answer = talk.answer(login, &later(login).token());
    assert_eq!(answer.neg_state, Some(NegState::AcceptIncomplete));
    answer
}

#[track_caller]
pub(crate) fn assert_alice(accepted: &Accepted, tolerances: &[Tolerance]) {
    assert_eq!(accepted.client().to_string(), "alice@EXAMPLE.COM");
    assert_eq!((accepted.mechanism(), accepted.tolerances()), (Mechanism::Spnego, tolerances));
}
