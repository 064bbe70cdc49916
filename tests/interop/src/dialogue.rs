//! What holds with every peer's initiator: contexts, replies, MICs and wrapped messages.

use std::collections::BTreeSet;
use std::ops::Range;

use kerbside::crypto::SystemRandom;
use kerbside::gss::{Confidentiality, ContextFlags, MessageOrder, Rc4Messages};
use kerbside::numbers::Enctype;
use kerbside::{Accepted, Acceptor, Error, Policy, Step};

use crate::{Initiator, Leg, Mech, Peer, Realm, Request, now};

const MESSAGE: &[u8] = b"a message that matters";
const BOTH: [Confidentiality; 2] = [Confidentiality::Sealed, Confidentiality::SignedOnly];

/// The octets of a short token that hold the sequence number, which RFC 4757 §7.2 does not protect.
const RC4_SEQUENCE_NUMBER: Range<usize> = 21..25;

/// One peer's initiator with alice's ticket, and an acceptor for the services with a key of one enctype each.
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
        let builder = Acceptor::builder(realm.keytab("enctypes")).service("HTTP").policy(policy);
        let acceptor = builder.build().expect("the acceptor is complete");
        Self { initiator: Initiator::start_peer(peer, &realm, realm.kinit("alice", &[])), acceptor }
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

    /// Both mechanisms, with each of these sets of flags: both sides agree, and on what was asked for.
    pub fn agrees(&mut self, enctype: Enctype, flags: &[&[&'static str]]) {
        for mech in [Mech::Krb5, Mech::Spnego] {
            for flags in flags {
                let request = Self::request(enctype).mech(mech).flags(flags);
                let (accepted, leg) = self.context(&request);
                assert_eq!(accepted.enctype(), enctype);
                for flag in *flags {
                    assert!(leg.flags.iter().any(|name| name == flag), "{request:?}: no {flag} in {leg:?}");
                }
                assert_eq!(accepted.flags().contains(ContextFlags::MUTUAL), flags.contains(&"mutual"));
            }
        }
    }

    /// Wraps and MICs of all these lengths, sealed and not, in both directions.
    pub fn exchanges_messages(&mut self, request: &Request, lengths: &[usize]) {
        let (accepted, _) = self.context(request);
        let ordered = accepted.flags().contains(ContextFlags::SEQUENCE);
        let expected = if ordered { MessageOrder::InOrder } else { MessageOrder::Unchecked };
        let mut session = accepted.into_session();
        for length in lengths {
            let message: Vec<u8> = (0..=u8::MAX).cycle().take(*length).collect();
            for confidentiality in BOTH {
                let token = self.initiator.wrap(&message, confidentiality);
                let unwrapped = session.unwrap(&token).expect("the token is good");
                assert_eq!(unwrapped.confidentiality, confidentiality);
                assert_eq!(unwrapped.order(), expected);
                assert!(unwrapped.message == message, "{length} octets to us");

                let token =
                    session.wrap(&message, confidentiality, &SystemRandom::default()).expect("the session wraps");
                let answer = self.initiator.unwrap(&token);
                let (found, said) = answer.unwrap_or_else(|refused| panic!("{request:?}, {length}: {refused:?}"));
                assert!(found == message && said == confidentiality, "{length} octets from us, {said:?}");
            }
            let mic = self.initiator.mic(&message);
            assert_eq!(session.verify_mic(&message, &mic).expect("the MIC is good").order, expected);
            let mic = session.get_mic(&message).expect("the session signs");
            self.initiator.verify_mic(&message, &mic).expect("the initiator takes the MIC");
        }
    }

    /// So many wrapped messages in a row in each direction.
    pub fn exchanges_in_sequence(&mut self, request: &Request, count: u32) {
        let (accepted, _) = self.context(request);
        let mut session = accepted.into_session();
        for number in 0..count {
            let message = number.to_be_bytes();
            let confidentiality = BOTH[usize::from(number % 2 == 1)];
            let token = self.initiator.wrap(&message, confidentiality);
            assert_eq!(session.unwrap(&token).expect("the token is good").in_order().as_deref(), Ok(&message[..]));
            let token = session.wrap(&message, confidentiality, &SystemRandom::default()).expect("the session wraps");
            assert_eq!(self.initiator.unwrap(&token).expect("the initiator takes it").0, message);
        }
    }

    /// Duplicates, gaps and late messages get the same names on both sides, RFC 2743 §1.2.3.
    pub fn classifies_disorder_alike(&mut self, request: &Request) {
        let request = request.clone().flags(&["replay", "sequence"]);
        let order = [0, 1, 1, 4, 3, 3, 5];
        let expected = [
            MessageOrder::InOrder,
            MessageOrder::InOrder,
            MessageOrder::Duplicate,
            MessageOrder::Gap,
            MessageOrder::Unsequenced,
            MessageOrder::Duplicate,
            MessageOrder::InOrder,
        ];
        let mut session = self.context(&request).0.into_session();
        let tokens: Vec<_> = (0..6).map(|_| self.initiator.mic(b"message")).collect();
        let found = order.map(|at| session.verify_mic(b"message", &tokens[at]).expect("the MIC is good").order);
        assert_eq!(found, expected, "what the acceptor says");

        let tokens: Vec<_> = (0..6).map(|_| session.get_mic(b"message").expect("the session signs")).collect();
        let found = order.map(|at| self.initiator.verify_mic(b"message", &tokens[at]).map_err(|refused| refused.major));
        let expected = expected.map(|order| match order.gss_supplementary_info() {
            0 => Ok(()),
            bits => Err(u64::from(bits)),
        });
        assert_eq!(found, expected, "what the initiator says");
    }

    /// The acceptor refuses every turned bit of the initiator's MICs and wrapped messages, and takes them as they were.
    pub fn acceptor_refuses_turned_bits(&mut self, request: &Request) {
        let mut session = self.context(request).0.into_session();
        let rc4 = session.export_session_key().enctype() == Enctype::RC4_HMAC;
        let hearsay = |bit: usize| rc4 && RC4_SEQUENCE_NUMBER.contains(&(bit / 8));
        let mic = self.initiator.mic(MESSAGE);
        for (bit, turned) in turned_bits(&mic) {
            assert!(hearsay(bit) || session.verify_mic(MESSAGE, &turned).is_err(), "bit {bit} of a MIC");
        }
        session.verify_mic(MESSAGE, &mic).expect("the MIC is good").in_order().expect("it is the first");
        for confidentiality in BOTH {
            let token = self.initiator.wrap(MESSAGE, confidentiality);
            for (bit, turned) in turned_bits(&token) {
                assert!(hearsay(bit) || session.unwrap(&turned).is_err(), "bit {bit}, {confidentiality:?}");
            }
            assert_eq!(session.unwrap(&token).expect("it is good").in_order().as_deref(), Ok(MESSAGE));
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

    /// The octets, counted from the end, of our reply of which the initiator takes a turned bit for good.
    pub fn turned_reply_octets_taken(&mut self, request: &Request, octets: usize) -> Vec<usize> {
        let taken = |from_end: &usize| {
            let token = self.initiator.first_token(request);
            let accepted = self.acceptor.accept(&token, now()).expect("the token is good");
            let reply = accepted.reply().expect("mutual means a reply");
            let Some(at) = reply.len().checked_sub(*from_end) else { return false };
            let mut reply = reply.to_vec();
            reply[at] ^= 1 << (at % 8);
            self.initiator.step(&reply).is_ok_and(|leg| leg.complete)
        };
        (1..=octets).filter(taken).collect()
    }
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
