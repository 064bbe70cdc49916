//! Reading: splits the octets into records and the records into fields; never indexes, never goes back.

use super::Keytab;
use super::entry::{KeytabEntry, Place};
use super::error::{KeytabError, KeytabErrorKind, KeytabField};
use super::format::{ByteOrder, Layout, MAX_COMPONENTS, RawEntry};
use super::warning::KeytabWarningKind;
use crate::numbers::NameType;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// How many octets the size before a record has.
const SIZE_OCTETS: usize = 4;

type Parsed<T> = Result<T, KeytabErrorKind>;

/// A whole keytab, in whichever version and byte order it is.
pub(super) fn parse(octets: &[u8]) -> Result<Keytab, KeytabError> {
    match octets {
        [5, 2, records @ ..] => parse_records(records, Layout::V2).map_err(|failure| failure.error),
        [5, 1, records @ ..] => parse_either_order(records),
        [] => Err(KeytabErrorKind::Empty.into()),
        [b'B', b'Q', b'E' | b'I', ..] => Err(KeytabErrorKind::Base64.into()),
        _ => Err(KeytabErrorKind::NotAKeytab.into()),
    }
}

/// A 0x0501 file: the order in which it is sound, and if it is in neither, the error of the one that got further.
///
/// Holes alone can be sound in both orders; then the order that finds more entries is right.
fn parse_either_order(records: &[u8]) -> Result<Keytab, KeytabError> {
    let little = parse_records(records, Layout::V1(ByteOrder::Little));
    let big = parse_records(records, Layout::V1(ByteOrder::Big));
    match (little, big) {
        (Ok(little), Ok(big)) if big.entries.len() > little.entries.len() => Ok(big),
        (Ok(keytab), _) | (_, Ok(keytab)) => Ok(keytab),
        (Err(little), Err(big)) if big.progress() > little.progress() => Err(big.error),
        (Err(little), Err(_)) => Err(little.error),
    }
}

struct Failure {
    error: KeytabError,
    entries_read: usize,
}

impl Failure {
    /// How far a reading got: by entries, then by how sane the size is that it fell over.
    fn progress(&self) -> (usize, Reverse<u32>) {
        let size = match self.error.kind() {
            KeytabErrorKind::EntryPastEnd { octets, .. } | KeytabErrorKind::HolePastEnd { octets, .. } => octets,
            _ => 0,
        };
        (self.entries_read, Reverse(size))
    }
}

fn parse_records(records: &[u8], layout: Layout) -> Result<Keytab, Failure> {
    let mut cursor = Cursor { rest: records, offset: 2, order: layout.byte_order() };
    let mut keytab = Keytab::default();
    loop {
        let (entries_read, offset) = (keytab.entries.len(), cursor.offset);
        let number = entries_read.saturating_add(1);
        match next_record(&mut cursor, layout) {
            Ok(Record::Entry(raw)) => {
                let record_octets = cursor.offset.saturating_sub(offset).saturating_sub(SIZE_OCTETS);
                keytab.add(KeytabEntry::from_raw(&raw, Place { number, offset, record_octets }));
            }
            Ok(Record::Hole) => {}
            Ok(Record::End { unread }) => {
                let warning = unread.map(|octets| KeytabWarningKind::OctetsAfterEnd { offset, octets }.into());
                keytab.warnings.extend(warning);
                return Ok(keytab);
            }
            Err(kind) => return Err(Failure { error: KeytabError::at(kind, number, offset), entries_read }),
        }
    }
}

enum Record<'a> {
    Entry(RawEntry<'a>),
    Hole,
    /// No more records; how many octets were left unread, if they are not all zero.
    End {
        unread: Option<usize>,
    },
}

fn next_record<'a>(cursor: &mut Cursor<'a>, layout: Layout) -> Parsed<Record<'a>> {
    if cursor.rest.is_empty() {
        return Ok(Record::End { unread: None });
    }
    let size = cursor.array().map(i32::from_be_bytes).ok_or(KeytabErrorKind::CutSize)?;
    match size {
        0 => Ok(Record::End { unread: cursor.rest.iter().any(|octet| *octet != 0).then_some(cursor.rest.len()) }),
        1.. => {
            let past_end = KeytabErrorKind::EntryPastEnd { octets: size.unsigned_abs(), left: cursor.rest.len() };
            let entry = usize::try_from(size).ok().and_then(|size| cursor.take(size)).ok_or(past_end)?;
            parse_entry(Cursor { rest: entry, ..*cursor }, layout).map(Record::Entry)
        }
        ..0 => {
            let past_end = KeytabErrorKind::HolePastEnd { octets: size.unsigned_abs(), left: cursor.rest.len() };
            // INT32_MIN has no positive twin: it is refused here too, not skipped in the wrong direction.
            let length = size.checked_neg().and_then(|size| usize::try_from(size).ok());
            length.and_then(|length| cursor.take(length)).ok_or(past_end)?;
            Ok(Record::Hole)
        }
    }
}

fn parse_entry<'a>(mut record: Cursor<'a>, layout: Layout) -> Parsed<RawEntry<'a>> {
    use KeytabField as Field;
    let count = component_count(record.u16(Field::ComponentCount)?, layout)?;
    let realm = record.counted(Field::Realm)?;
    let components = (0..count).map(|_| record.counted(Field::Component)).collect::<Parsed<Vec<_>>>()?;
    let name_type = match layout.has_name_type() {
        true => NameType(record.i32(Field::NameType)?),
        false => NameType::NT_UNKNOWN,
    };
    Ok(RawEntry {
        realm,
        components,
        name_type,
        timestamp: record.u32(Field::Timestamp)?,
        kvno_octet: record.u8(Field::Kvno)?,
        enctype: record.i16(Field::Enctype)?,
        key: record.counted(Field::Key)?,
        kvno_trailer: record.u32(Field::Kvno).ok(),
    })
}

/// The number of components without the realm, 1 to 16.
fn component_count(counted: u16, layout: Layout) -> Parsed<u16> {
    let realms = layout.counted_realms();
    let most = MAX_COMPONENTS.saturating_add(realms);
    let allowed = |count: &u16| (1..=MAX_COMPONENTS).contains(count);
    counted.checked_sub(realms).filter(allowed).ok_or(KeytabErrorKind::ComponentCount { counted, most })
}

/// What is left of the octets that it may read, and where they stand in the file.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a [u8],
    offset: usize,
    order: ByteOrder,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        self.offset = self.offset.saturating_add(length);
        Some(taken)
    }

    /// The next `N` octets, turned to big-endian order.
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut octets: [u8; N] = self.take(N)?.try_into().ok()?;
        if self.order == ByteOrder::Little {
            octets.reverse();
        }
        Some(octets)
    }

    fn field<const N: usize>(&mut self, field: KeytabField) -> Parsed<[u8; N]> {
        self.array().ok_or(KeytabErrorKind::EndsInside(field))
    }

    fn u8(&mut self, field: KeytabField) -> Parsed<u8> {
        self.field(field).map(u8::from_be_bytes)
    }

    fn u16(&mut self, field: KeytabField) -> Parsed<u16> {
        self.field(field).map(u16::from_be_bytes)
    }

    fn i16(&mut self, field: KeytabField) -> Parsed<i16> {
        self.field(field).map(i16::from_be_bytes)
    }

    fn u32(&mut self, field: KeytabField) -> Parsed<u32> {
        self.field(field).map(u32::from_be_bytes)
    }

    fn i32(&mut self, field: KeytabField) -> Parsed<i32> {
        self.field(field).map(i32::from_be_bytes)
    }

    /// Octets behind their length.
    fn counted(&mut self, field: KeytabField) -> Parsed<&'a [u8]> {
        let length = self.u16(field)?;
        self.take(usize::from(length)).ok_or(KeytabErrorKind::EndsInside(field))
    }
}
