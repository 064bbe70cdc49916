//! The decoder of the test kit: the `der` crate's reader, which refuses whatever is not DER.

use super::framing::Oid;
use super::keys::EncryptionKey;
use crate::numbers::Enctype;
use crate::time::KerberosTime;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use der::asn1::{AnyRef, GeneralizedTime};
use der::{Decode, Reader, SliceReader, Tag};

/// The one TLV that these octets are.
pub(super) fn one(octets: &[u8]) -> Option<AnyRef<'_>> {
    AnyRef::from_der(octets).ok()
}

/// The content of the one TLV of that tag that these octets are.
pub(super) fn content(octets: &[u8], tag: Tag) -> Option<&[u8]> {
    one(octets).filter(|any| any.header().tag() == tag).map(|any| any.value())
}

/// The TLVs that these octets are a row of.
pub(super) fn row(octets: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(octets).ok()?;
    let mut values = Vec::new();
    while !reader.is_finished() {
        values.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(values)
}

/// The fields of a SEQUENCE by their `[number]`, each of them one TLV, numbers rising.
#[derive(Debug)]
pub(super) struct FieldsOf<'a> {
    fields: Vec<(u32, AnyRef<'a>)>,
}

impl<'a> FieldsOf<'a> {
    /// Reads the SEQUENCE that these octets are.
    pub(super) fn sequence(octets: &'a [u8]) -> Option<Self> {
        let mut fields: Vec<(u32, AnyRef<'a>)> = Vec::new();
        for field in row(content(octets, Tag::Sequence)?)? {
            let Tag::ContextSpecific { constructed: true, number } = field.header().tag() else { return None };
            if fields.last().is_some_and(|(last, _)| *last >= number.0) {
                return None;
            }
            fields.push((number.0, one(field.value())?));
        }
        Some(Self { fields })
    }

    /// The field with that number, if it is there.
    pub(super) fn find(&self, number: u32) -> Option<AnyRef<'a>> {
        self.fields.iter().find(|(found, _)| *found == number).map(|(_, value)| *value)
    }

    /// A field that may be absent, but not of another shape: `Some(None)` is an absent one.
    pub(super) fn optional<T>(&self, number: u32, read: impl FnOnce(AnyRef<'a>) -> Option<T>) -> Option<Option<T>> {
        match self.find(number) {
            None => Some(None),
            Some(value) => read(value).map(Some),
        }
    }

    /// A field that must be there.
    pub(super) fn required<T>(&self, number: u32, read: impl FnOnce(AnyRef<'a>) -> Option<T>) -> Option<T> {
        self.find(number).and_then(read)
    }

    /// Whether no field has a number above that one.
    pub(super) fn end_at(&self, number: u32) -> Option<()> {
        self.fields.last().is_none_or(|(last, _)| *last <= number).then_some(())
    }
}

pub(super) fn integer(value: AnyRef<'_>) -> Option<i64> {
    value.decode_as::<i64>().ok()
}

pub(super) fn unsigned(value: AnyRef<'_>) -> Option<u32> {
    u32::try_from(integer(value)?).ok()
}

pub(super) fn octets(value: AnyRef<'_>) -> Option<Vec<u8>> {
    (value.header().tag() == Tag::OctetString).then(|| value.value().to_vec())
}

pub(super) fn text(value: AnyRef<'_>) -> Option<Vec<u8>> {
    (value.header().tag() == Tag::GeneralString).then(|| value.value().to_vec())
}

pub(super) fn oid(value: AnyRef<'_>) -> Option<Oid> {
    (value.header().tag() == Tag::ObjectIdentifier).then(|| Oid(Cow::Owned(value.value().to_vec())))
}

pub(super) fn time(value: AnyRef<'_>) -> Option<KerberosTime> {
    let time = value.decode_as::<GeneralizedTime>().ok()?.to_unix_duration();
    i64::try_from(time.as_secs()).ok().map(KerberosTime::from_unix_seconds)
}

/// `Microseconds`, RFC 4120 §5.2.4: 0 to 999,999.
pub(super) fn microseconds(value: AnyRef<'_>) -> Option<u32> {
    unsigned(value).filter(|micros| *micros < 1_000_000)
}

/// A constructed value as the whole TLV that it was, for a reader of its own.
pub(super) fn encoded(value: AnyRef<'_>) -> Vec<u8> {
    super::der_write::tlv(value.header().tag(), value.value())
}

pub(super) fn encryption_key(value: AnyRef<'_>) -> Option<EncryptionKey> {
    let encoded = encoded(value);
    let fields = FieldsOf::sequence(&encoded)?;
    fields.end_at(1)?;
    let keytype = i32::try_from(fields.required(0, integer)?).ok()?;
    Some(EncryptionKey::new(Enctype(keytype), fields.required(1, octets)?))
}
