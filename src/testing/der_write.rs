//! The encoder of the test kit: thin functions over the `der` crate, so that a mistake of [`asn1`](crate::asn1) in
//! both directions does not cancel.
//!
//! What `der` cannot write because it would not be DER (long-form lengths, indefinite ones, trailing octets, unused
//! bits that are set) is put together here by hand, and only where a [`Defect`] asks for it.

use super::defect::{Defect, Part};
use crate::time::KerberosTime;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;
use der::asn1::{AnyRef, GeneralizedTime};
use der::{Encode, Header, Length, Tag, TagNumber};

/// One TLV. Content beyond what a `der::Length` counts, 256 MiB, cannot be written and gives nothing.
pub(super) fn tlv(tag: Tag, content: &[u8]) -> Vec<u8> {
    AnyRef::new(tag, content).and_then(|any| any.to_der()).unwrap_or_default()
}

pub(super) const fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

pub(super) const fn application(number: u32) -> Tag {
    Tag::Application { constructed: true, number: TagNumber(number) }
}

pub(super) fn integer(value: i64) -> Vec<u8> {
    value.to_der().unwrap_or_default()
}

pub(super) fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(Tag::OctetString, content)
}

pub(super) fn general_string(content: &[u8]) -> Vec<u8> {
    tlv(Tag::GeneralString, content)
}

pub(super) fn object_identifier(content: &[u8]) -> Vec<u8> {
    tlv(Tag::ObjectIdentifier, content)
}

pub(super) fn bit_string(unused_bits: u8, octets: &[u8]) -> Vec<u8> {
    tlv(Tag::BitString, &[&[unused_bits], octets].concat())
}

/// `KerberosTime`, RFC 4120 §5.2.3. `der` writes no year before 1970; such a one is spelled out.
pub(super) fn time(time: KerberosTime) -> Vec<u8> {
    let since_epoch = u64::try_from(time.unix_seconds()).ok().map(Duration::from_secs);
    let encoded = since_epoch.and_then(|since| GeneralizedTime::from_unix_duration(since).ok()?.to_der().ok());
    encoded.unwrap_or_else(|| {
        let ((year, month, day), (hour, minute, second)) = time.to_civil();
        let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
        tlv(Tag::GeneralizedTime, text.as_bytes())
    })
}

/// `SEQUENCE OF` values that are encoded already.
pub(super) fn sequence_of(values: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    tlv(Tag::Sequence, &values.into_iter().flatten().collect::<Vec<u8>>())
}

/// The fields of a SEQUENCE, each in its `[number]`.
#[derive(Default)]
pub(super) struct Fields {
    encoded: Vec<u8>,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn field(mut self, number: u32, value: impl AsRef<[u8]>) -> Self {
        self.encoded.extend(tlv(context(number), value.as_ref()));
        self
    }

    pub(super) fn optional(self, number: u32, value: Option<Vec<u8>>) -> Self {
        match value {
            Some(value) => self.field(number, value),
            None => self,
        }
    }

    pub(super) fn into_sequence(self) -> Vec<u8> {
        tlv(Tag::Sequence, &self.encoded)
    }

    pub(super) fn into_content(self) -> Vec<u8> {
        self.encoded
    }

    /// `[APPLICATION number] SEQUENCE` of the fields, for a production that nobody breaks.
    pub(super) fn into_application(self, number: u32) -> Vec<u8> {
        tlv(application(number), &self.into_sequence())
    }
}

/// Writes the productions that have a name, broken where the defects say so.
#[derive(Clone, Copy)]
pub(super) struct Productions<'a> {
    pub(super) defects: &'a [Defect],
}

impl Productions<'_> {
    pub(super) fn tlv(self, part: Part, tag: Tag, content: &[u8]) -> Vec<u8> {
        self.frame(part, tag, &self.content(part, content))
    }

    /// `[APPLICATION number] SEQUENCE { content }`: the outer TLV is the part's, what is added inside it goes behind
    /// the last field of the SEQUENCE.
    pub(super) fn application_sequence(self, part: Part, number: u32, content: &[u8]) -> Vec<u8> {
        self.frame(part, application(number), &tlv(Tag::Sequence, &self.content(part, content)))
    }

    fn content(self, part: Part, content: &[u8]) -> Vec<u8> {
        let mut content = content.to_vec();
        if self.has(Defect::UnknownField(part)) {
            content.extend(tlv(context(30), &tlv(Tag::Null, &[])));
        }
        if self.has(Defect::OctetInside(part)) {
            content.push(0);
        }
        content
    }

    fn frame(self, part: Part, tag: Tag, content: &[u8]) -> Vec<u8> {
        let mut encoded = match self.length_octets(part) {
            Some(octets) => long_form(tag, octets, content),
            None if self.has(Defect::IndefiniteLength(part)) => indefinite(tag, content),
            None => tlv(tag, content),
        };
        if self.has(Defect::OctetAfter(part)) {
            encoded.push(0);
        }
        encoded
    }

    fn has(self, wanted: Defect) -> bool {
        self.defects.contains(&wanted)
    }

    fn length_octets(self, part: Part) -> Option<u8> {
        self.defects.iter().find_map(|defect| match defect {
            Defect::LongLength { part: found, octets } if *found == part => Some(*octets),
            _ => None,
        })
    }
}

fn identifier(tag: Tag) -> Vec<u8> {
    let header = Header::new(tag, Length::ZERO).to_der().unwrap_or_default();
    header.split_last().map_or_else(Vec::new, |(_, identifier)| identifier.to_vec())
}

/// A TLV whose length is written in that many octets after the first, however short it is.
fn long_form(tag: Tag, octets: u8, content: &[u8]) -> Vec<u8> {
    let length = u128::try_from(content.len()).unwrap_or(u128::MAX).to_be_bytes();
    let count = usize::from(octets).clamp(1, length.len());
    let significant = length.iter().rev().take(count).rev();
    let mut encoded = identifier(tag);
    encoded.push(0x80 | u8::try_from(count).unwrap_or_default());
    encoded.extend(significant);
    encoded.extend(content);
    encoded
}

fn indefinite(tag: Tag, content: &[u8]) -> Vec<u8> {
    [identifier(tag).as_slice(), &[0x80], content, &[0, 0]].concat()
}
