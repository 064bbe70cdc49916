//! What holds with every peer's initiator: contexts, replies, MICs and wrapped messages.

use std::collections::BTreeSet;
use std::ops::Range;

use kerbside::asn1::{LengthForm, Rules};
use kerbside::crypto::SystemRandom;
use kerbside::gss::{Confidentiality, ContextFlags, InitialToken, Rc4Messages, TokenId};
use kerbside::messages::ApRep;
use kerbside::numbers::Enctype;
use kerbside::spnego::NegTokenResp;
use kerbside::{Accepted, Acceptor, Error, Policy, Step};

use crate::context::{Context, DUPLICATE, GAP, Service, UNSEQUENCED, message};
use crate::{Initiator, Leg, Mech, Peer, Realm, Request, now};

const MESSAGE: &[u8] = b"a message that matters";
const BOTH: [Confidentiality; 2] = [Confidentiality::Sealed, Confidentiality::SignedOnly];

/// The octets of a short token that hold the sequence number, which RFC 4757 §7.2 does not protect.
const RC4_SEQUENCE_NUMBER: Range<usize> = 21..25;

/// One peer's initiator with alice's forwardable ticket, and an acceptor for the services with a key of one enctype each,
/// which takes what is delegated.
pub struct Dialogue {
    pub initiator: Initiator,
    pub acceptor: Acceptor,
}

impl Dialogue {
    /// RC4 is allowed, by name, in messages too.
    pub fn with(peer: Peer) -> Self {
        Self::under(peer, Policy::default())
    }

    /// The same under another policy, but for RC4.
    pub fn under(peer: Peer, mut policy: Policy) -> Self {
        let realm = Realm::started();
        policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
        policy.rc4_messages = Rc4Messages::Allow;
        let builder = Acceptor::builder(realm.keytab("enctypes")).service("HTTP").policy(policy).accept_delegation();
        let acceptor = builder.build().expect("the acceptor is complete");
        Self { initiator: Initiator::start_peer(peer, &realm, realm.kinit("alice", &["-f"])), acceptor }
    }

    /// A request for the service with this enctype.
    pub fn request(enctype: Enctype) -> Request {
        Request::to(enctype.name().expect("a supported enctype has a name"))
    }

    /// Goes on until both sides have the context.
    ///
    /// # Errors
    ///
    /// Why the acceptor refuses.
    ///
    /// # Panics
    ///
    /// If the initiator refuses, or waits for more than it gets.
    pub fn establish(&mut self, request: &Request) -> Result<(Accepted, Leg), Error> {
        let mut negotiation = self.acceptor.negotiate();
        let mut leg = self.initiator.init(request).expect("the initiator makes a token");
        loop {
            let token = leg.token.as_deref().expect("the initiator has something to say");
            let reply = match negotiation.step(token, now())? {
                Step::Accepted(accepted) => {
                    // A reply to who is content already is for nobody.
                    if let Some(reply) = accepted.reply().filter(|_| !leg.complete) {
                        leg = self.initiator.step(reply).expect("the initiator takes the reply");
                    }
                    assert!(leg.complete, "the initiator waits: {request:?}, {leg:?}");
                    return Ok((*accepted, leg));
                }
                Step::Continue(reply) => reply,
                step => panic!("unexpected: {step:?}"),
            };
            leg = self.initiator.step(&reply).expect("the initiator takes the token");
        }
    }

    /// Establishes a context that must be accepted, as alice's, without any tolerance.
    pub fn context(&mut self, request: &Request) -> (Accepted, Leg) {
        let (accepted, leg) = self.establish(request).unwrap_or_else(|error| panic!("{request:?}: {error}"));
        assert_eq!(accepted.client().to_string(), "alice@KERBSIDE.TEST");
        assert_eq!(accepted.tolerances(), []);
        (accepted, leg)
    }

    /// Both mechanisms, with each of these sets of flags: both sides [agree](Self::agrees_on).
    pub fn agrees(&mut self, enctype: Enctype, flags: &[&[&'static str]]) {
        for mech in [Mech::Krb5, Mech::Spnego] {
            for flags in flags {
                self.agrees_on(&Self::request(enctype).mech(mech), enctype, flags);
            }
        }
    }

    /// With these flags both sides have the same, and all that was asked for.
    pub fn agrees_on(&mut self, request: &Request, enctype: Enctype, flags: &[&'static str]) {
        let request = request.clone().flags(flags);
        let (accepted, leg) = self.context(&request);
        assert_eq!(accepted.enctype(), enctype);
        let ours: BTreeSet<_> = accepted.flags().names().collect();
        let theirs: BTreeSet<_> = leg.flags.iter().map(String::as_str).collect();
        assert_eq!(ours, theirs, "the acceptor has, and the initiator: {request:?}");
        // Nobody here is anonymous: a ticket says who it is, whatever its holder asks of GSS-API.
        let asked: BTreeSet<_> = flags.iter().copied().filter(|flag| *flag != "anonymous").collect();
        assert!(ours.is_superset(&asked), "the acceptor has {ours:?}: {request:?}");
        assert_eq!(ours.contains("mutual"), asked.contains("mutual"), "{request:?}");
    }

    /// A context that must be accepted, for messages.
    pub fn open(&mut self, request: &Request) -> Context<&mut Initiator> {
        let (accepted, _) = self.context(request);
        Context::new(&mut self.initiator, accepted)
    }

    /// Wraps and MICs of all these lengths, sealed and not, in both directions.
    pub fn exchanges_messages(&mut self, request: &Request, lengths: &[usize]) {
        let mut context = self.open(request);
        for &length in lengths {
            for service in Service::ALL {
                context.exchange(service, &message(length));
            }
        }
    }

    /// So many MICs and so many wrapped messages in a row in each direction.
    pub fn exchanges_in_sequence(&mut self, request: &Request, count: u32) {
        let mut context = self.open(request);
        for number in 0..count {
            let message = number.to_be_bytes();
            context.exchange(Service::Mic, &message);
            context.exchange(if number % 2 == 0 { Service::Sealed } else { Service::SignedOnly }, &message);
        }
    }

    /// Duplicates, gaps and late messages get the same names on both sides, RFC 2743 §1.2.3, as far as both agreed to
    /// watch for them: to Java, who asks for replay detection asks for sequence too.
    pub fn classifies_disorder_alike(&mut self, request: &Request) {
        for flags in [&["replay", "sequence"][..], &["sequence"], &["replay"], &[]] {
            for service in Service::ALL {
                let (accepted, _) = self.context(&request.clone().flags(flags));
                let expected = if accepted.flags().contains(ContextFlags::SEQUENCE) {
                    [0, 0, DUPLICATE, GAP, UNSEQUENCED, DUPLICATE, 0]
                } else if accepted.flags().contains(ContextFlags::REPLAY) {
                    [0, 0, DUPLICATE, 0, 0, DUPLICATE, 0]
                } else {
                    [0; 7]
                };
                let mut context = Context::new(&mut self.initiator, accepted);
                let [read, shown] = context.delivered(service, &[0, 1, 1, 4, 3, 3, 5]);
                assert_eq!(read, expected, "{flags:?} {service:?}: the acceptor");
                assert_eq!(shown, expected, "{flags:?} {service:?}: the initiator");
            }
        }
    }

    /// The acceptor refuses every turned bit of the initiator's MICs and wrapped messages, and takes them as they were.
    pub fn acceptor_refuses_turned_bits(&mut self, request: &Request, services: &[Service]) {
        let mut context = self.open(request);
        let rc4 = context.session.export_session_key().enctype() == Enctype::RC4_HMAC;
        // Such a token would be good, and another one than the next.
        let hearsay = |bit: usize| rc4 && RC4_SEQUENCE_NUMBER.contains(&(bit / 8));
        for &service in services {
            let token = context.theirs(service, MESSAGE);
            for (bit, turned) in turned_bits(&token).filter(|(bit, _)| !hearsay(*bit)) {
                let read = match service {
                    Service::Mic => context.session.verify_mic(MESSAGE, &turned).map(|_| ()),
                    _ => context.session.unwrap(&turned).map(|_| ()),
                };
                assert!(read.is_err(), "bit {bit}, {service:?}");
            }
            context.believes(service, MESSAGE, &token);
        }
    }

    /// The turned bits of the acceptor's MICs and wrapped messages that the initiator takes for good, by octet.
    ///
    /// In a context without order, because some move on at a number that nobody vouches for.
    ///
    /// # Panics
    ///
    /// If the initiator does not take a token as it was.
    pub fn turned_bits_taken(&mut self, request: &Request) -> Taken {
        let mut session = self.context(request).0.into_session();
        let mut taken = Taken::default();
        let mic = session.get_mic(MESSAGE).expect("the session signs");
        for (bit, turned) in turned_bits(&mic) {
            if self.initiator.verify_mic(MESSAGE, &turned).is_ok() {
                taken.mic.insert(bit / 8);
            }
        }
        assert!(self.initiator.verify_mic(MESSAGE, &mic).is_ok(), "the MIC as it was");
        for (confidentiality, taken) in BOTH.into_iter().zip([&mut taken.sealed, &mut taken.signed_only]) {
            let token = session.wrap(MESSAGE, confidentiality, &SystemRandom::default()).expect("the session wraps");
            for (bit, turned) in turned_bits(&token) {
                if self.initiator.unwrap(&turned).is_ok() {
                    taken.insert(bit / 8);
                }
            }
            assert!(self.initiator.unwrap(&token).is_ok(), "{confidentiality:?}, as it was");
        }
        taken
    }

    /// The bits of our reply's ciphertext that the initiator takes for good when they are turned, each in a context of its
    /// own.
    pub fn turned_reply_bits_taken(&mut self, request: &Request) -> Vec<usize> {
        let mut taken = Vec::new();
        for bit in 0.. {
            let token = self.initiator.first_token(request);
            let reply = match self.acceptor.negotiate().step(&token, now()).expect("the token is good") {
                Step::Accepted(accepted) => accepted.into_reply().expect("mutual means a reply"),
                Step::Continue(reply) => reply,
                step => panic!("unexpected: {step:?}"),
            };
            // It ends the reply, whose length differs by a little: numbers are as short as they can be.
            let at = reply.len() - ciphertext_octets(&reply) + bit / 8;
            let mut turned = reply.clone();
            let Some(octet) = turned.get_mut(at) else {
                assert!(self.initiator.step(&reply).expect("as it was, it is taken").complete);
                return taken;
            };
            *octet ^= 1 << (bit % 8);
            if self.initiator.step(&turned).is_ok_and(|leg| leg.complete) {
                taken.push(bit);
            }
        }
        unreachable!("a reply ends")
    }
}

/// The length of the AP-REP's ciphertext: in SPNEGO's reply, in the raw one, and in that of DCE style, which has no frame.
fn ciphertext_octets(reply: &[u8]) -> usize {
    let rules = Rules::new(LengthForm::Shortest, 16);
    let negotiated = NegTokenResp::from_octets(reply, rules).ok().and_then(|response| response.response_token);
    let token = negotiated.unwrap_or(reply);
    let message = match InitialToken::from_octets(token, rules) {
        Ok(framed) => framed.inner_context_token.split_at(TokenId::AP_REP.0.len()).1,
        Err(_) => token,
    };
    ApRep::from_octets(message, rules).expect("it is an AP-REP").enc_part.cipher.len()
}

/// What [`Dialogue::turned_bits_taken`] found: octets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub mic: BTreeSet<usize>,
    pub sealed: BTreeSet<usize>,
    pub signed_only: BTreeSet<usize>,
}

/// The octets with each bit turned in its turn.
fn turned_bits(octets: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..8 * octets.len()).map(|bit| {
        let mut turned = octets.to_vec();
        turned[bit / 8] ^= 1 << (bit % 8);
        (bit, turned)
    })
}
