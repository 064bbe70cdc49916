//! A SASL client of the test kit's, and the exchange that it is in.

#![allow(dead_code, reason = "each test file uses a part of it")]

use super::site::Site;
use super::talk::initiator_after;
use kerbside::crypto::SystemRandom;
use kerbside::gss::{Confidentiality, ContextFlags, Session};
use kerbside::numbers::Enctype;
use kerbside::sasl::{Authenticated, Gssapi, GssapiExchange, LayerPolicy, SaslError, SaslStep};
use kerbside::testing::{Login, gss_flag};
use kerbside::{EnctypeRole, Policy};

pub(crate) const NONE: u8 = 1;
pub(crate) const INTEGRITY: u8 = 2;
pub(crate) const CONFIDENTIALITY: u8 = 4;

/// What test clients take, if nothing else is said.
pub(crate) const SEND: [u8; 3] = [0, 0x40, 0];

/// One client, and what it knows of its context.
pub(crate) struct Client<'s> {
    pub(crate) exchange: GssapiExchange,
    site: &'s Site,
    login: Login,
    session: Option<Session>,
}

/// The mechanism with the default acceptor.
pub(crate) fn gssapi(site: &Site, layers: LayerPolicy) -> Gssapi {
    Gssapi::new(site.acceptor(Policy::default())).layers(layers)
}

/// Alice, who speaks Kerberos alone.
pub(crate) fn login(site: &Site) -> Login {
    site.login().raw_krb5()
}

/// Alice with these flags and no others.
pub(crate) fn login_with(site: &Site, flags: u32) -> Login {
    login(site).with_gss_checksum(|checksum| checksum.flags = flags)
}

pub(crate) const EVERY_FLAG: u32 =
    gss_flag::MUTUAL | gss_flag::REPLAY | gss_flag::SEQUENCE | gss_flag::CONF | gss_flag::INTEG;

/// Alice with RC4 keys, and a policy under which they are a ticket's.
pub(crate) fn rc4_login(site: &Site) -> (Login, Policy) {
    let mut policy = Policy::default();
    policy.enctypes.allow(EnctypeRole::SessionKey, Enctype::RC4_HMAC);
    policy.enctypes.set(EnctypeRole::Subkey, [Enctype::RC4_HMAC]);
    (login(site).session_enctype(Enctype::RC4_HMAC).subkey_enctype(Enctype::RC4_HMAC), policy)
}

impl<'s> Client<'s> {
    pub(crate) fn new(site: &'s Site, gssapi: &Gssapi, login: Login) -> Self {
        Self { exchange: gssapi.begin(), site, login, session: None }
    }

    pub(crate) fn step(&mut self, response: &[u8]) -> Result<SaslStep, SaslError> {
        self.exchange.step(response, self.site.realm.now())
    }

    #[track_caller]
    pub(crate) fn challenge(&mut self, response: &[u8]) -> Vec<u8> {
        match self.step(response) {
            Ok(SaslStep::Challenge(challenge)) => challenge,
            other => panic!("no challenge: {other:?}"),
        }
    }

    /// A refusal, after which the exchange is over, whatever comes.
    #[track_caller]
    pub(crate) fn refused(&mut self, response: &[u8]) -> SaslError {
        let error = match self.step(response) {
            Err(error) => error,
            Ok(step) => panic!("not refused: {step:?}"),
        };
        self.assert_over();
        error
    }

    #[track_caller]
    pub(crate) fn assert_over(&mut self) {
        let valid = login(self.site).token();
        for response in [&valid[..], b"", &valid].repeat(2) {
            assert_eq!(self.step(response).unwrap_err().kind().name(), "Sasl.Closed");
        }
        let answer = self.exchange.resume(Ok(kerbside::replay::Seen::Fresh), self.site.realm.now());
        assert_eq!(answer.unwrap_err().kind().name(), "Sasl.Closed");
    }

    /// Sends the token, and takes the reply if there is one: the wrapped offer.
    #[track_caller]
    pub(crate) fn wrapped_offer(&mut self) -> Vec<u8> {
        let challenge = self.challenge(&self.login.token());
        self.after_the_token(challenge)
    }

    /// From the challenge that answers the token to the wrapped offer.
    #[track_caller]
    pub(crate) fn after_the_token(&mut self, challenge: Vec<u8>) -> Vec<u8> {
        let flags = ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        // A reply is in a frame, and a Wrap token of RFC 4121 is not.
        if challenge.first() != Some(&0x60) {
            self.session = Some(initiator_after(&self.login, None, flags));
            return challenge;
        }
        let answer = self.login.verify_reply(&challenge).unwrap();
        self.session = Some(initiator_after(&self.login, answer.ap_rep.as_ref(), flags));
        self.challenge(b"")
    }

    /// The same, unwrapped.
    #[track_caller]
    pub(crate) fn offer(&mut self) -> Vec<u8> {
        let wrapped = self.wrapped_offer();
        let unwrapped = self.session().unwrap(&wrapped).unwrap();
        assert_eq!(unwrapped.confidentiality, Confidentiality::SignedOnly);
        unwrapped.in_order().unwrap()
    }

    /// The client's end of the context.
    pub(crate) fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("the context is established")
    }

    pub(crate) fn into_session(self) -> Session {
        self.session.expect("the context is established")
    }

    pub(crate) fn wrap(&mut self, message: &[u8]) -> Vec<u8> {
        self.session().wrap(message, Confidentiality::SignedOnly, &SystemRandom::default()).unwrap()
    }

    /// Sends a choice.
    pub(crate) fn choose(&mut self, plaintext: &[u8]) -> Result<Authenticated, SaslError> {
        let response = self.wrap(plaintext);
        match self.step(&response)? {
            SaslStep::Authenticated(authenticated) => Ok(*authenticated),
            other => panic!("not the end: {other:?}"),
        }
    }
}

/// A choice in plaintext.
pub(crate) fn choice(mask: u8, [a, b, c]: [u8; 3], authorization_id: &[u8]) -> Vec<u8> {
    [&[mask, a, b, c], authorization_id].concat()
}

/// What becomes of a choice of what was offered under this policy to alice.
pub(crate) fn choose(layers: LayerPolicy, plaintext: &[u8]) -> Result<Authenticated, SaslError> {
    let site = Site::new();
    let mut client = Client::new(&site, &gssapi(&site, layers), login(&site));
    client.offer();
    let chosen = client.choose(plaintext);
    client.assert_over();
    chosen
}

/// `accepted`, or the name of the refusal.
pub(crate) fn verdict(chosen: Result<Authenticated, SaslError>) -> &'static str {
    chosen.map_or_else(|error| error.kind().name(), |_| "accepted")
}
