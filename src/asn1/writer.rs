//! The writing half: definite lengths in their shortest form.

use super::Tag;
use alloc::vec::Vec;

/// Writes DER to the end of a vector.
///
/// The length of a nested value is written when the value is, so callers never count octets. One octet is kept free for it;
/// only where it needs more are the octets behind moved on.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A writer with room for that many octets.
    #[must_use]
    pub fn with_capacity(octets: usize) -> Self {
        Self { out: Vec::with_capacity(octets) }
    }

    /// What was written.
    #[must_use]
    pub fn into_octets(self) -> Vec<u8> {
        self.out
    }

    /// A TLV whose content `write` writes; what `write` gives is handed on.
    #[inline]
    pub fn tlv<T>(&mut self, tag: Tag, write: impl FnOnce(&mut Self) -> T) -> T {
        self.out.extend_from_slice(&[tag.0, 0]);
        let start = self.out.len();
        let written = write(self);
        self.set_length(start);
        written
    }

    /// As [`tlv`](Self::tlv), for content that is expected to have so many octets. If it has 128 to 255, room is kept for its
    /// length; nothing is moved on if that is how many come.
    pub(crate) fn tlv_of<T>(&mut self, expected: usize, tag: Tag, write: impl FnOnce(&mut Self) -> T) -> T {
        if !(0x80..=0xff).contains(&expected) {
            return self.tlv(tag, write);
        }
        self.out.extend_from_slice(&[tag.0, 0x81, 0]);
        let start = self.out.len();
        let written = write(self);
        match u8::try_from(self.out.len().saturating_sub(start)) {
            Ok(length @ 0x80..) => self.set_octet_before(start, length),
            _ => {
                let short = start.saturating_sub(1);
                self.out.remove(short);
                self.set_length(short);
            }
        }
        written
    }

    /// What is written so far, for `write` to append to by other means.
    pub(crate) fn with_octets<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        write(&mut self.out)
    }

    /// Appends to octets that were written by other means.
    pub(crate) fn appending(out: &mut Vec<u8>, write: impl FnOnce(&mut Self)) {
        let mut writer = Self { out: core::mem::take(out) };
        write(&mut writer);
        *out = writer.out;
    }

    /// A TLV with these octets as its content.
    pub fn octets(&mut self, tag: Tag, content: &[u8]) {
        match u8::try_from(content.len()) {
            Ok(length @ 0x00..=0x7f) => {
                self.raw(&[tag.0, length]);
                self.raw(content);
            }
            _ => self.tlv(tag, |writer| writer.raw(content)),
        }
    }

    /// Octets as they are.
    pub fn raw(&mut self, octets: &[u8]) {
        self.out.extend_from_slice(octets);
    }

    /// `INTEGER`, in its shortest form.
    pub fn integer(&mut self, value: i64) {
        let octets = value.to_be_bytes();
        let redundant =
            octets.windows(2).take_while(|pair| matches!(pair, [0x00, 0x00..=0x7f] | [0xff, 0x80..=0xff])).count();
        self.octets(Tag::INTEGER, octets.get(redundant..).unwrap_or_default());
    }

    /// `[number]` around an `INTEGER`.
    pub fn context_integer(&mut self, number: u8, value: i64) {
        match u8::try_from(value) {
            Ok(small @ 0x00..=0x7f) => self.raw(&[Tag::context(number).0, 3, Tag::INTEGER.0, 1, small]),
            _ => self.tlv(Tag::context(number), |writer| writer.integer(value)),
        }
    }

    /// Writes the length of the content that begins at `start`: into the octet before it, which was kept free, and what
    /// does not fit there behind that octet.
    #[inline]
    fn set_length(&mut self, start: usize) {
        let length = self.out.len().saturating_sub(start);
        match u8::try_from(length) {
            Ok(short @ 0x00..=0x7f) => self.set_octet_before(start, short),
            _ => self.set_long_length(start, length),
        }
    }

    #[cold]
    #[inline(never)]
    fn set_long_length(&mut self, start: usize, length: usize) {
        let octets = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
        let leading = octets.iter().take_while(|octet| **octet == 0).count();
        let count = u8::try_from(octets.len().saturating_sub(leading)).unwrap_or_default();
        self.set_octet_before(start, 0x80 | count);
        self.out.splice(start..start, octets.into_iter().skip(leading));
    }

    #[inline]
    fn set_octet_before(&mut self, start: usize, octet: u8) {
        if let Some(place) = start.checked_sub(1).and_then(|at| self.out.get_mut(at)) {
            *place = octet;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn lengths_take_their_shortest_form() {
        for (length, header) in [
            (0, vec![4, 0]),
            (127, vec![4, 127]),
            (128, vec![4, 0x81, 128]),
            (255, vec![4, 0x81, 255]),
            (256, vec![4, 0x82, 1, 0]),
            (65_536, vec![4, 0x83, 1, 0, 0]),
        ] {
            let mut writer = Writer::default();
            writer.octets(Tag::OCTET_STRING, &vec![7; length]);
            let out = writer.into_octets();
            assert!(out.starts_with(&header), "{length}");
            assert_eq!(out.len(), header.len() + length);
        }
    }

    #[test]
    fn a_length_is_right_whatever_was_expected() {
        for length in [0, 1, 127, 128, 200, 255, 256, 70_000] {
            let content = vec![7; length];
            let (mut expected, mut otherwise, mut usual) = (Writer::default(), Writer::default(), Writer::default());
            expected.tlv_of(length, Tag::SEQUENCE, |writer| writer.raw(&content));
            otherwise.tlv_of(200, Tag::SEQUENCE, |writer| writer.raw(&content));
            usual.tlv(Tag::SEQUENCE, |writer| writer.raw(&content));
            let usual = usual.into_octets();
            assert_eq!((expected.into_octets(), otherwise.into_octets()), (usual.clone(), usual), "{length}");
        }
    }

    #[test]
    fn integers_take_their_shortest_form() {
        for (value, content) in [
            (0_i64, vec![0]),
            (127, vec![127]),
            (128, vec![0, 128]),
            (-1, vec![255]),
            (-128, vec![128]),
            (-129, vec![0xff, 0x7f]),
            (i64::from(u32::MAX), vec![0, 255, 255, 255, 255]),
        ] {
            let mut writer = Writer::default();
            writer.integer(value);
            assert_eq!(writer.into_octets().split_off(2), content, "{value}");
        }
    }
}
