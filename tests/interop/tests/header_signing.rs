//! Split messages that are signed with what is around them, both ways with MIT's `gss_wrap_iov`: as DCE RPC does it with
//! header signing, and in contexts of the ordinary style; and MICs over several buffers.

use kerbside::crypto::SystemRandom;
use kerbside::gss::{AssociatedData, Confidentiality, ContextFlags, MessageOrder, Session, SessionError};
use kerbside::{DcePolicy, Policy};
use kerbside_interop::suite::MIT_ENCTYPES;
use kerbside_interop::{Dialogue, Initiator, Mech, Parts, Peer, Refused, Request, Trailer};

const SERVICES: [Confidentiality; 2] = [Confidentiality::Sealed, Confidentiality::SignedOnly];
const ORDERED: [&str; 3] = ["mutual", "replay", "sequence"];
const DCE: [&str; 4] = ["mutual", "replay", "sequence", "dce"];

/// The header of a PDU and its security trailer.
const PDU: AssociatedData<'_> = AssociatedData {
    before: b"\x05\x00\x00\x03\x10\x00\x00\x00\x80\x00\x3c\x00\x01\x00\x00\x00\x20\x00\x00\x00\x00\x00\x0f\x00",
    behind: b"\x10\x06\x08\x00\x00\x00\x00\x00",
};

/// Runs with a context of every enctype, in both styles.
fn with_each_context(mut run: impl FnMut(&mut Initiator, &mut Session, &str)) {
    let mut policy = Policy::default();
    policy.dce = DcePolicy::Accept;
    let mut dialogue = Dialogue::under(Peer::Mit, policy);
    for enctype in MIT_ENCTYPES {
        for flags in [&ORDERED[..], &DCE] {
            let request: Request = Dialogue::request(enctype).mech(Mech::Krb5).flags(flags);
            let mut session = dialogue.context(&request).0.into_session();
            assert_eq!(session.flags().contains(ContextFlags::DCE_STYLE), flags == DCE);
            run(&mut dialogue.initiator, &mut session, &format!("{enctype:?} {flags:?}"));
        }
    }
}

/// So many octets that do not repeat soon.
fn message(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| u8::try_from((at * 7 + at / 251) % 256).expect("it is below 256")).collect()
}

/// A message of ours.
fn ours(session: &mut Session, around: AssociatedData<'_>, text: &[u8], service: Confidentiality) -> Parts {
    let mut data = text.to_vec();
    let split = session.wrap_split_with(around, &mut data, service, &SystemRandom::default()).expect("it wraps");
    Parts { header: split.header, data, trailer: split.trailer }
}

/// What we make of a message of theirs.
fn read(
    session: &mut Session,
    around: AssociatedData<'_>,
    parts: &Parts,
) -> Result<(Vec<u8>, Confidentiality), SessionError> {
    let mut data = parts.data.clone();
    let unwrapped = session.unwrap_split_with(around, &parts.header, &mut data, &parts.trailer)?;
    assert_eq!(unwrapped.order(), MessageOrder::InOrder);
    Ok((unwrapped.message.to_vec(), unwrapped.confidentiality))
}

#[test]
fn messages_pass_both_ways_with_every_enctype_in_both_styles() {
    with_each_context(|alice, session, what| {
        for (before, behind) in [(24, 8), (24, 0), (0, 8), (0, 0), (1, 1), (16, 1_000)] {
            let (before, behind) = (message(before), message(behind));
            let around = AssociatedData { before: &before, behind: &behind };
            for octets in [0, 1, 15, 16, 17, 1 << 12] {
                for service in SERVICES {
                    let (text, what) = (message(octets), format!("{what} {service:?} {octets} {}", before.len()));
                    let parts = ours(session, around, &text, service);
                    assert_eq!(alice.unwrap_iov(around, &parts), Ok((text.clone(), service)), "{what}: to MIT");
                    for trailer in [Trailer::InHeader, Trailer::Apart] {
                        let parts = alice.wrap_iov(around, &text, service, trailer);
                        let read = read(session, around, &parts);
                        assert_eq!(read, Ok((text.clone(), service)), "{what}: from MIT, {trailer:?}");
                    }
                }
            }
        }
    });
}

fn turned(octets: &[u8], bit: usize) -> Vec<u8> {
    let mut turned = octets.to_vec();
    turned[bit / 8] ^= 0x80 >> (bit % 8);
    turned
}

/// Everything around the data with one bit turned.
fn turned_around() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let before = (0..PDU.before.len() * 8).map(|bit| (turned(PDU.before, bit), PDU.behind.to_vec()));
    before.chain((0..PDU.behind.len() * 8).map(|bit| (PDU.before.to_vec(), turned(PDU.behind, bit))))
}

fn assert_bad_signature(shown: Result<(Vec<u8>, Confidentiality), Refused>, what: &str) {
    let major = shown.expect_err(what).major;
    assert_eq!(major & 0xffff_0000, 6 << 16, "{what}: not GSS_S_BAD_SIG but {major:#x}");
}

#[test]
fn both_sides_refuse_a_turned_bit_around_the_data() {
    with_each_context(|alice, session, what| {
        for service in SERVICES {
            let text = message(21);
            let (theirs, ours) =
                (alice.wrap_iov(PDU, &text, service, Trailer::InHeader), ours(session, PDU, &text, service));
            for (before, behind) in turned_around() {
                let around = AssociatedData { before: &before, behind: &behind };
                assert_eq!(read(session, around, &theirs), Err(SessionError::Integrity), "{what} {service:?}");
                assert_bad_signature(alice.unwrap_iov(around, &ours), what);
            }
            for bit in 0..text.len() * 8 {
                let data = |parts: &Parts| Parts { data: turned(&parts.data, bit), ..parts.clone() };
                assert_eq!(read(session, PDU, &data(&theirs)), Err(SessionError::Integrity), "{what} {service:?}");
                assert_bad_signature(alice.unwrap_iov(PDU, &data(&ours)), what);
            }
            // Neither side has moved on.
            assert_eq!(read(session, PDU, &theirs), Ok((text.clone(), service)), "{what}");
            assert_eq!(alice.unwrap_iov(PDU, &ours), Ok((text, service)), "{what}");
        }
    });
}

#[test]
fn both_sides_refuse_a_message_without_what_was_around_it() {
    with_each_context(|alice, session, what| {
        for service in SERVICES {
            let text = message(64);
            let (theirs, ours) =
                (alice.wrap_iov(PDU, &text, service, Trailer::Apart), ours(session, PDU, &text, service));
            let AssociatedData { before, behind } = PDU;
            for around in [
                AssociatedData::default(),
                AssociatedData { before, behind: b"" },
                AssociatedData { before: b"", behind },
                AssociatedData { before: behind, behind: before },
            ] {
                assert_eq!(read(session, around, &theirs), Err(SessionError::Integrity), "{what} {service:?}");
                assert_bad_signature(alice.unwrap_iov(around, &ours), what);
            }
            assert_eq!(read(session, PDU, &theirs), Ok((text.clone(), service)), "{what}");
            assert_eq!(alice.unwrap_iov(PDU, &ours), Ok((text, service)), "{what}");
        }
    });
}

/// As DCE RPC signs a PDU that is not sealed: one message, in however many buffers.
#[test]
fn a_mic_over_several_buffers_is_one_over_them_joined() {
    with_each_context(|alice, session, what| {
        let text = message(100);
        let buffers = [PDU.before, &text, PDU.behind];
        let theirs = alice.mic_iov(&buffers);
        let received = session.verify_mic(&buffers.concat(), &theirs).expect("the MIC is the initiator's");
        assert_eq!(received.order, MessageOrder::InOrder, "{what}");
        let ours = session.get_mic(&buffers.concat()).expect("it signs");
        assert!(alice.verify_mic_iov(&[PDU.before, &text, PDU.before], &ours).is_err(), "{what}");
        assert_eq!(alice.verify_mic_iov(&buffers, &ours), Ok(()), "{what}");
    });
}
