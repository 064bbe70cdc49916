//! The DER cursor, over a tree of any TLVs.
//!
//! What must hold: whatever is read under the shortest form of lengths is read under the longer ones too, and comes out of the
//! writer octet for octet; `der` agrees on every header and every primitive value; an error points into the input.

use der::asn1::{BitStringRef, GeneralizedTime, ObjectIdentifier, OctetStringRef};
use der::{Decode, Header, Reader as _, SliceReader};
use kerbside::KerberosTime;
use kerbside::asn1::{
    DecodeError, DecodeErrorKind, Int32, KerberosFlags, LengthForm, OctetString, Reader, Rules, Tag, TypeId,
    Uint32Pattern, Writer,
};

const NESTING: u8 = 16;
const TREE: TypeId = TypeId::TLV;
const CONSTRUCTED: u8 = 0x20;

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    let strict = walk(octets, LengthForm::Shortest);
    let lenient = walk(octets, LengthForm::UpToFourOctets);
    if let Ok(written) = &strict {
        assert_eq!(written, octets, "the writer writes what the reader read");
        assert_eq!(lenient.as_ref(), Ok(written), "the longer forms include the shortest");
    }
    if let Ok(written) = &lenient {
        assert!(written.len() <= octets.len(), "shortest lengths are not longer");
        assert_eq!(
            walk(written, LengthForm::Shortest).as_ref(),
            Ok(written),
            "what was written is in its shortest form"
        );
    }
    for error in [strict.err(), lenient.err()].into_iter().flatten() {
        assert!(error.offset() <= octets.len(), "{error}");
    }
    judge_the_next_header(octets);
}

/// Reads a sequence of trees and writes it again.
fn walk(octets: &[u8], lengths: LengthForm) -> Result<Vec<u8>, DecodeError> {
    let mut writer = Writer::default();
    let reader = Reader::new(octets, TREE, Rules::new(lengths, NESTING));
    branches(reader, &mut writer, lengths)?;
    Ok(writer.into_octets())
}

fn branches(mut reader: Reader<'_>, writer: &mut Writer, lengths: LengthForm) -> Result<(), DecodeError> {
    while !reader.is_empty() {
        let before = reader.rest();
        let (tag, content) = reader.read_any()?;
        if lengths == LengthForm::Shortest {
            judge_the_next_header(before);
            judge_the_value(tag, &before[..before.len() - reader.rest().len()]);
        }
        let mut inside = Ok(());
        if tag.0 & CONSTRUCTED == 0 {
            writer.octets(tag, content.rest());
        } else {
            writer.tlv(tag, |writer| inside = branches(content, writer, lengths));
        }
        inside?;
    }
    reader.finish()
}

/// The tag and length at the start, read by us and by `der`.
fn judge_the_next_header(octets: &[u8]) {
    let mut reader = Reader::new(octets, TREE, Rules::new(LengthForm::Shortest, NESTING));
    let ours = reader.read_any().map(|(_, content)| content.rest());
    let theirs = content_by_der(octets);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "der reads the same content"),
        // `der` knows the tags that it has types for; every other one is unknown to it.
        (Ok(_), Err(error)) => {
            assert!(matches!(error.kind(), der::ErrorKind::TagUnknown { .. }), "der refuses what we read: {error}");
        }
        // Tag numbers of 31 and above do not occur in Kerberos.
        (Err(error), Ok(_)) => {
            assert!(matches!(error.kind(), DecodeErrorKind::UnexpectedTag { .. }), "we refuse what der reads: {error}");
        }
        (Err(_), Err(_)) => {}
    }
}

fn content_by_der(octets: &[u8]) -> der::Result<&[u8]> {
    let mut reader = SliceReader::new(octets)?;
    let header = Header::decode(&mut reader)?;
    reader.read_slice(header.length())
}

/// A primitive value, read by us and by `der`.
fn judge_the_value(tag: Tag, tlv: &[u8]) {
    let ours = Reader::new(tlv, TREE, Rules::default());
    match tag {
        Tag::INTEGER => {
            assert_eq!(ours.whole(Reader::value::<Int32>).ok(), i32::from_der(tlv).ok());
            let pattern = i64::from_der(tlv).ok().and_then(|value| {
                u32::try_from(value).ok().or_else(|| i32::try_from(value).ok().map(i32::cast_unsigned))
            });
            assert_eq!(ours.whole(Reader::value::<Uint32Pattern>).ok(), pattern);
        }
        Tag::OCTET_STRING => {
            let theirs = <&OctetStringRef>::from_der(tlv).map(OctetStringRef::as_bytes);
            assert_eq!(ours.whole(Reader::value::<OctetString>).ok(), theirs.ok());
        }
        // `der` also refuses arcs that are too long for it.
        Tag::OBJECT_IDENTIFIER => {
            if let Ok(theirs) = <ObjectIdentifier>::from_der(tlv) {
                assert_eq!(ours.whole(Reader::value::<kerbside::asn1::ObjectIdentifier>), Ok(theirs.as_bytes()));
            }
        }
        // `der` does not look at the bits that are declared unused.
        Tag::BIT_STRING => {
            if let Ok(flags) = ours.whole(Reader::value::<KerberosFlags>) {
                let theirs = BitStringRef::from_der(tlv).expect("der reads the flags that we read");
                let mut first = [0; 4];
                first.iter_mut().zip(theirs.raw_bytes()).for_each(|(bits, octet)| *bits = *octet);
                assert_eq!(flags, u32::from_be_bytes(first));
            }
        }
        // `der` knows no time before 1970 and no leap second.
        Tag::GENERALIZED_TIME => {
            if let Ok(theirs) = GeneralizedTime::from_der(tlv) {
                let ours = ours.whole(Reader::value::<KerberosTime>).expect("we read every time that der reads");
                assert_eq!(u64::try_from(ours.unix_seconds()), Ok(theirs.to_unix_duration().as_secs()));
            }
        }
        _ => {}
    }
}
