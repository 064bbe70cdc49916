//! An established context: messages both ways, and what each side says of them.

use std::borrow::BorrowMut;

use kerbside::Accepted;
use kerbside::crypto::SystemRandom;
use kerbside::gss::{Confidentiality, ContextFlags, MessageOrder, Session, SessionError};

use crate::{Initiator, Refused};

/// What both sides say of order, RFC 2744 §3.9.1: `GSS_S_DUPLICATE_TOKEN` and so on.
pub const DUPLICATE: u32 = 2;
pub const OLD: u32 = 4;
pub const UNSEQUENCED: u32 = 8;
pub const GAP: u32 = 16;

/// What is done for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Mic,
    SignedOnly,
    Sealed,
}

impl Service {
    pub const ALL: [Self; 3] = [Self::Mic, Self::SignedOnly, Self::Sealed];

    pub fn confidentiality(self) -> Confidentiality {
        if self == Self::Sealed { Confidentiality::Sealed } else { Confidentiality::SignedOnly }
    }
}

/// A context between an initiator, owned or borrowed, and this acceptor.
pub struct Context<I> {
    pub initiator: I,
    pub session: Session,
    /// What both sides say of the next message.
    next: MessageOrder,
}

impl<I: BorrowMut<Initiator>> Context<I> {
    /// Where the initiator is content too.
    pub fn new(initiator: I, accepted: Accepted) -> Self {
        let ordered = accepted.flags().contains(ContextFlags::SEQUENCE);
        let next = if ordered { MessageOrder::InOrder } else { MessageOrder::Unchecked };
        Self { initiator, session: accepted.into_session(), next }
    }

    /// A token of ours.
    pub fn ours(&mut self, service: Service, message: &[u8]) -> Vec<u8> {
        match service {
            Service::Mic => self.session.get_mic(message),
            _ => self.session.wrap(message, service.confidentiality(), &SystemRandom::default()),
        }
        .expect("the session makes a token")
    }

    /// A token of the initiator's.
    pub fn theirs(&mut self, service: Service, message: &[u8]) -> Vec<u8> {
        match service {
            Service::Mic => self.initiator.borrow_mut().mic(message),
            _ => self.initiator.borrow_mut().wrap(message, service.confidentiality()),
        }
    }

    /// Whether we believe a token of the initiator's, and as what.
    pub fn read(&mut self, service: Service, message: &[u8], token: &[u8]) -> Result<MessageOrder, SessionError> {
        if service == Service::Mic {
            return self.session.verify_mic(message, token).map(|received| received.order);
        }
        let unwrapped = self.session.unwrap(token)?;
        assert_eq!(unwrapped.confidentiality, service.confidentiality());
        assert!(unwrapped.message == message, "{service:?} of {} octets to us", message.len());
        Ok(unwrapped.order())
    }

    /// Whether the initiator believes a token of ours.
    pub fn show(&mut self, service: Service, message: &[u8], token: &[u8]) -> Result<(), Refused> {
        if service == Service::Mic {
            return self.initiator.borrow_mut().verify_mic(message, token);
        }
        let (unwrapped, confidentiality) = self.initiator.borrow_mut().unwrap(token)?;
        assert_eq!(confidentiality, service.confidentiality());
        assert!(unwrapped == message, "{service:?} of {} octets from us", message.len());
        Ok(())
    }

    /// We take a token of the initiator's, and it is the next one.
    pub fn believes(&mut self, service: Service, message: &[u8], token: &[u8]) {
        let read = self.read(service, message, token);
        assert_eq!(read, Ok(self.next), "{service:?} of {} octets from the initiator", message.len());
    }

    /// A message both ways, the next one for both sides.
    pub fn exchange(&mut self, service: Service, message: &[u8]) {
        let token = self.theirs(service, message);
        self.believes(service, message, &token);
        let token = self.ours(service, message);
        let shown = self.show(service, message, &token);
        assert_eq!(shown, Ok(()), "{service:?} of {} octets to the initiator", message.len());
    }

    /// Makes tokens numbered from 0, delivers them in this order, and gives what both sides say of each, the acceptor
    /// first.
    pub fn delivered(&mut self, service: Service, deliveries: &[usize]) -> [Vec<u32>; 2] {
        let last = deliveries.iter().max().expect("something is delivered");
        let text = message(20);
        let theirs: Vec<_> = (0..=*last).map(|_| self.theirs(service, &text)).collect();
        let ours: Vec<_> = (0..=*last).map(|_| self.ours(service, &text)).collect();
        let read = deliveries.iter().map(|&number| {
            let order = self.read(service, &text, &theirs[number]).expect("the token is the initiator's");
            order.gss_supplementary_info()
        });
        let read = read.collect();
        let shown = deliveries.iter().map(|&number| supplementary_info(self.show(service, &text, &ours[number])));
        [read, shown.collect()]
    }
}

/// RFC 2744 §3.9.1: what `gss_verify_mic` and `gss_unwrap` say of order. Any other refusal is none of it.
fn supplementary_info(shown: Result<(), Refused>) -> u32 {
    let major = shown.map_or_else(|refused| refused.major, |()| 0);
    assert!(major <= 16, "the initiator refused more than the order: {major}");
    u32::try_from(major).expect("it is at most 16")
}

/// So many octets that do not repeat soon.
pub fn message(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| u8::try_from((at * 7 + at / 251) % 256).expect("it is below 256")).collect()
}
