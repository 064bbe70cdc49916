//! The DER cursor, judged by two readers that share no code with it: `der`, which is strict, and `asn1-rs`, which
//! reads BER. Whatever only one side accepts must be explained by a rule that has a name here.

use asn1_rs::FromBer;
use der::asn1::{AnyRef, BitStringRef, GeneralStringRef, GeneralizedTime, OctetStringRef};
use der::{Decode, Encode, SliceReader};
use kerbside::KerberosTime;
use kerbside::asn1::{
    DecodeError, DecodeErrorKind, Enumerated, GeneralString, Int32, KerberosFlags, LengthForm, ObjectIdentifier,
    OctetString, Reader, Rules, Tag, TypeId, Uint32Pattern, ZeroExtendedFlags,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const STRICT: Rules = Rules::new(LengthForm::Shortest, 16);
const TOLERANT: Rules = Rules::new(LengthForm::UpToFourOctets, 16);

fn reader(octets: &[u8], rules: Rules) -> Reader<'_> {
    Reader::new(octets, TypeId::TLV, rules)
}

/// One value that must be all there is.
fn strict<'a, T>(
    octets: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeErrorKind> {
    reader(octets, STRICT).whole(read).map_err(|error| error.kind())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 4_000,
        rng_seed: RngSeed::Fixed(4_120),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

// ---- What is read, as a flat list -------------------------------------------------------------------------------

/// One TLV of a tree: how deep it stands from 1, its identifier octets, and what it holds if it is primitive.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    depth: usize,
    identifier: Vec<u8>,
    value: Vec<u8>,
}

const CONSTRUCTED: u8 = 0x20;

impl Item {
    fn new(depth: usize, identifier: Vec<u8>, content: &[u8]) -> Self {
        let value = if identifier[0] & CONSTRUCTED == 0 { content.to_vec() } else { Vec::new() };
        Self { depth, identifier, value }
    }
}

fn items_of_ours(mut list: Reader<'_>, depth: usize, items: &mut Vec<Item>) -> Result<(), DecodeError> {
    while !list.is_empty() {
        let (tag, content) = list.read_any()?;
        items.push(Item::new(depth, vec![tag.0], content.rest()));
        if tag.0 & CONSTRUCTED != 0 {
            items_of_ours(content, depth + 1, items)?;
        }
    }
    Ok(())
}

fn items_of_der(list: &[u8], depth: usize, items: &mut Vec<Item>) -> der::Result<()> {
    let mut list = SliceReader::new(list)?;
    while !der::Reader::is_finished(&list) {
        let any = AnyRef::decode(&mut list)?;
        let identifier = der::Tagged::tag(&any).to_der()?;
        let constructed = identifier[0] & CONSTRUCTED != 0;
        items.push(Item::new(depth, identifier, any.value()));
        if constructed {
            items_of_der(any.value(), depth + 1, items)?;
        }
    }
    Ok(())
}

/// What `asn1-rs` reads, and whether a length was indefinite or of more than four octets anywhere.
fn items_of_asn1_rs(mut list: &[u8], depth: usize, items: &mut Vec<Item>) -> Result<(bool, bool), ()> {
    let (mut indefinite, mut long) = (false, false);
    while !list.is_empty() {
        let (rest, any) = asn1_rs::Any::from_ber(list).map_err(drop)?;
        let identifier = any.header.raw_tag().ok_or(())?.to_vec();
        indefinite |= !any.header.length().is_definite();
        long |= list[identifier.len()] > 0x84;
        items.push(Item::new(depth, identifier, any.data));
        if any.header.is_constructed() {
            let inner = items_of_asn1_rs(any.data, depth + 1, items)?;
            indefinite |= inner.0;
            long |= inner.1;
        }
        list = rest;
    }
    Ok((indefinite, long))
}

fn ours(octets: &[u8], rules: Rules) -> Result<Vec<Item>, DecodeErrorKind> {
    let mut items = Vec::new();
    items_of_ours(reader(octets, rules), 1, &mut items).map_err(|error| error.kind()).map(|()| items)
}

fn deepest(items: &[Item]) -> usize {
    items.iter().map(|item| item.depth).max().unwrap_or_default()
}

fn has_high_tag_number(items: &[Item]) -> bool {
    items.iter().any(|item| item.identifier.len() > 1)
}

/// Universal types that Kerberos has no use for, and `der` no name: `EXTERNAL` and the constructed strings of BER.
fn has_type_unknown_to_der(items: &[Item]) -> bool {
    items.iter().any(|item| der::Tag::from_der(&item.identifier).is_err())
}

// ---- Octets to read ---------------------------------------------------------------------------------------------

/// A TLV to be written, with the octets its length takes: 0 for the shortest form, n for 0x80+n and n octets.
#[derive(Debug, Clone)]
enum Node {
    Primitive { identifier: u8, length_octets: usize, value: Vec<u8> },
    Constructed { identifier: u8, length_octets: usize, children: Vec<Self> },
}

impl Node {
    /// As `der` writes it, in the shortest form.
    fn to_der(&self) -> Vec<u8> {
        let (identifier, content) = match self {
            Self::Primitive { identifier, value, .. } => (identifier, value.clone()),
            Self::Constructed { identifier, children, .. } => {
                (identifier, children.iter().flat_map(Self::to_der).collect())
            }
        };
        tlv(*identifier, &content)
    }

    /// As BER, with the length octets asked for.
    fn to_ber(&self) -> Vec<u8> {
        let (identifier, length_octets, content) = match self {
            Self::Primitive { identifier, length_octets, value } => (identifier, length_octets, value.clone()),
            Self::Constructed { identifier, length_octets, children } => {
                (identifier, length_octets, children.iter().flat_map(Self::to_ber).collect())
            }
        };
        if *length_octets == 0 || content.len() >> (8 * length_octets) != 0 {
            return tlv(*identifier, &content);
        }
        let mut octets = vec![*identifier, 0x80 | u8::try_from(*length_octets).unwrap()];
        let length = u64::try_from(content.len()).unwrap().to_be_bytes();
        octets.extend_from_slice(&length[8 - length_octets..]);
        octets.extend(content);
        octets
    }
}

/// One TLV in DER, written by `der`.
fn tlv(identifier: u8, content: &[u8]) -> Vec<u8> {
    let tag = der::Tag::from_der(&[identifier]).unwrap();
    der::Any::new(tag, content).unwrap().to_der().unwrap()
}

const PRIMITIVES: [u8; 9] = [0x02, 0x03, 0x04, 0x05, 0x0a, 0x18, 0x1b, 0x80, 0x41];
const CONSTRUCTEDS: [u8; 6] = [0x30, 0xa0, 0xa3, 0xbe, 0x60, 0x7e];

fn trees(length_octets: core::ops::RangeInclusive<usize>) -> impl Strategy<Value = Node> {
    let value = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..12),
        1 => prop::collection::vec(any::<u8>(), 120..300),
    ];
    let primitive = (prop::sample::select(&PRIMITIVES[..]), length_octets.clone(), value)
        .prop_map(|(identifier, length_octets, value)| Node::Primitive { identifier, length_octets, value });
    primitive.prop_recursive(20, 40, 3, move |child| {
        let children = prop::collection::vec(child, 0..3);
        (prop::sample::select(&CONSTRUCTEDS[..]), length_octets.clone(), children)
            .prop_map(|(identifier, length_octets, children)| Node::Constructed { identifier, length_octets, children })
    })
}

/// A change to octets, at a place that is taken modulo their number.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Truncate(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, octet)| Change::Set(at, octet)),
        2 => (any::<usize>(), edges()).prop_map(|(at, octet)| Change::Set(at, octet)),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, octet)| Change::Insert(at, octet)),
        1 => any::<usize>().prop_map(Change::Remove),
        1 => any::<usize>().prop_map(Change::Truncate),
    ];
    prop::collection::vec(change, 0..3)
}

/// Octets that mean something as a length, a tag or a sign.
fn edges() -> impl Strategy<Value = u8> {
    prop::sample::select(&[0_u8, 1, 0x1f, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x85, 0xa0, 0xbf, 0xff][..])
}

fn changed(mut octets: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = octets.len().max(1);
        match *change {
            Change::Insert(at, octet) => octets.insert(at % (octets.len() + 1), octet),
            Change::Truncate(at) => octets.truncate(at % length),
            Change::Set(at, octet) if !octets.is_empty() => octets[at % length] = octet,
            Change::Remove(at) if !octets.is_empty() => drop(octets.remove(at % length)),
            Change::Set(..) | Change::Remove(_) => {}
        }
    }
    octets
}

/// A TLV of one type with content that is likely to be on an edge of that type.
fn scalars(identifier: u8) -> impl Strategy<Value = Vec<u8>> {
    let content = prop::collection::vec(prop_oneof![edges(), any::<u8>()], 0..11);
    (content, prop_oneof![4 => Just(Vec::new()), 1 => changes()])
        .prop_map(move |(content, changes)| changed(tlv(identifier, &content), &changes))
}

/// A GeneralizedTime whose fields are inside or just outside their ranges.
fn times() -> impl Strategy<Value = Vec<u8>> {
    let year = prop_oneof![Just(0_u16), Just(1), Just(1969), Just(1970), Just(2000), Just(9999), 0..10_000_u16];
    let fields = (year, 0..14_u8, 0..33_u8, 0..26_u8, 0..62_u8, 0..63_u8);
    let text = fields.prop_map(|(year, month, day, hour, minute, second)| {
        format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z").into_bytes()
    });
    (text, prop_oneof![3 => Just(Vec::new()), 1 => changes()])
        .prop_map(|(text, changes)| tlv(0x18, &changed(text, &changes)))
}

// ---- Both sides -------------------------------------------------------------------------------------------------

proptest! {
    #![proptest_config(config())]

    #[test]
    fn reads_the_trees_that_der_writes(tree in trees(0..=0)) {
        let octets = tree.to_der();
        let mut theirs = Vec::new();
        items_of_der(&octets, 1, &mut theirs).unwrap();
        let expected = if deepest(&theirs) > 16 { Err(DecodeErrorKind::TooDeep) } else { Ok(theirs) };
        prop_assert_eq!(ours(&octets, STRICT), expected);
    }

    #[test]
    fn agrees_with_der_on_changed_trees(tree in trees(0..=0), changes in changes()) {
        let octets = changed(tree.to_der(), &changes);
        let mut theirs = Vec::new();
        let accepted = items_of_der(&octets, 1, &mut theirs).is_ok();
        match ours(&octets, STRICT) {
            Ok(items) if accepted => prop_assert_eq!(items, theirs),
            Ok(items) => prop_assert!(has_type_unknown_to_der(&items), "der refuses {:02x?}", octets),
            Err(_) if !accepted => {}
            Err(DecodeErrorKind::TooDeep) => prop_assert!(deepest(&theirs) > 16),
            Err(kind) => {
                prop_assert!(matches!(kind, DecodeErrorKind::UnexpectedTag { expected: 0, .. }), "{}", kind);
                prop_assert!(has_high_tag_number(&theirs));
            }
        }
    }

    #[test]
    fn agrees_with_asn1_rs_on_long_lengths(tree in trees(0..=6), changes in changes()) {
        let octets = changed(tree.to_ber(), &changes);
        let mut theirs = Vec::new();
        let verdict = items_of_asn1_rs(&octets, 1, &mut theirs);
        match (ours(&octets, TOLERANT), verdict) {
            (Ok(items), verdict) => {
                prop_assert!(verdict.is_ok(), "asn1-rs refuses {:02x?}", octets);
                prop_assert_eq!(items, theirs);
            }
            (Err(_), Err(())) => {}
            (Err(kind), Ok((indefinite, long))) => match kind {
                DecodeErrorKind::TooDeep => prop_assert!(deepest(&theirs) > 16),
                DecodeErrorKind::IndefiniteLength => prop_assert!(indefinite),
                DecodeErrorKind::LengthTooLong => prop_assert!(long),
                kind => {
                    prop_assert!(matches!(kind, DecodeErrorKind::UnexpectedTag { expected: 0, .. }), "{}", kind);
                    prop_assert!(has_high_tag_number(&theirs));
                }
            },
        }
    }

    #[test]
    fn strict_reading_refuses_exactly_the_lengths_that_are_not_shortest(tree in trees(0..=4)) {
        let (octets, shortest) = (tree.to_ber(), tree.to_der());
        let expected = ours(&shortest, STRICT);
        prop_assert_eq!(ours(&octets, TOLERANT), expected.clone());
        if octets == shortest {
            prop_assert_eq!(ours(&octets, STRICT), expected);
        } else if expected.is_ok() {
            prop_assert_eq!(ours(&octets, STRICT), Err(DecodeErrorKind::LengthNotMinimal));
        }
    }

    #[test]
    fn agrees_with_der_on_int32(octets in scalars(0x02)) {
        prop_assert_eq!(strict(&octets, Reader::value::<Int32>).ok(), i32::from_der(&octets).ok());
    }

    #[test]
    fn agrees_with_der_on_patterns_of_32_bits(octets in scalars(0x02)) {
        let twin = |value: i64| match value {
            -0x8000_0000..0 => u32::try_from(value + (1 << 32)).ok(),
            value => u32::try_from(value).ok(),
        };
        prop_assert_eq!(strict(&octets, Reader::value::<Uint32Pattern>).ok(), i64::from_der(&octets).ok().and_then(twin));
    }

    #[test]
    fn agrees_with_der_on_octet_strings(octets in scalars(0x04)) {
        let theirs = <&OctetStringRef>::from_der(&octets).ok().map(OctetStringRef::as_bytes);
        prop_assert_eq!(strict(&octets, Reader::value::<OctetString>).ok(), theirs);
    }

    #[test]
    fn agrees_with_der_on_general_strings(octets in scalars(0x1b)) {
        let theirs = GeneralStringRef::from_der(&octets).ok().map(|string| string.as_bytes());
        prop_assert_eq!(strict(&octets, Reader::value::<GeneralString>).ok(), theirs);
    }

    /// `der` lets unused bits be 1, which X.690 §11.2.1 forbids; RFC 4120 §5.2.8 needs one octet for ap-options.
    #[test]
    fn agrees_with_der_on_flags(octets in scalars(0x03)) {
        let theirs = BitStringRef::from_der(&octets).ok();
        let unused_are_zero = |bits: &BitStringRef<'_>| {
            bits.raw_bytes().last().is_none_or(|last| last.trailing_zeros() >= u32::from(bits.unused_bits()))
        };
        let theirs = theirs.filter(unused_are_zero).map(|bits| {
            let mut first = [0; 4];
            first.iter_mut().zip(bits.raw_bytes()).for_each(|(to, from)| *to = *from);
            (u32::from_be_bytes(first), bits.is_empty())
        });
        prop_assert_eq!(strict(&octets, Reader::value::<ZeroExtendedFlags>).ok(), theirs.map(|(flags, _)| flags));
        let not_empty = theirs.filter(|(_, empty)| !empty).map(|(flags, _)| flags);
        prop_assert_eq!(strict(&octets, Reader::value::<KerberosFlags>).ok(), not_empty);
    }

    /// `der` begins in 1970 and has no leap second; `asn1-rs` knows the years before, but not how long a month is.
    #[test]
    fn agrees_with_both_on_times(octets in times()) {
        let ours = strict(&octets, Reader::value::<KerberosTime>).ok();
        let theirs = GeneralizedTime::from_der(&octets).ok().map(|time| {
            KerberosTime::from_unix_seconds(i64::try_from(time.to_unix_duration().as_secs()).unwrap())
        });
        if let (None, Some(ours)) = (theirs, ours) {
            let ((year, month, day), (hour, minute, second)) = ours.to_civil();
            prop_assert!(year < 1970 || octets.ends_with(b"60Z"), "{}", ours);
            let other = asn1_rs::GeneralizedTime::from_bytes(&octets[2..]).map(|time| time.0);
            if let Ok(other) = other {
                let fields = (other.year, other.month, other.day, other.hour, other.minute, other.second);
                prop_assert_eq!(fields, (u32::try_from(year).unwrap(), month, day, hour, minute, second));
            } else {
                prop_assert!(octets.ends_with(b"60Z"), "{}", ours);
            }
        } else {
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn times_are_written_as_der_writes_them(seconds in 0..253_402_300_800_i64) {
        let mut writer = kerbside::asn1::Writer::default();
        KerberosTime::from_unix_seconds(seconds).encode(&mut writer);
        let duration = core::time::Duration::from_secs(seconds.unsigned_abs());
        let theirs = GeneralizedTime::from_unix_duration(duration).unwrap().to_der().unwrap();
        prop_assert_eq!(writer.into_octets(), theirs);
    }

    #[test]
    fn integers_are_written_as_der_writes_them(value: i64) {
        let mut writer = kerbside::asn1::Writer::default();
        writer.integer(value);
        prop_assert_eq!(writer.into_octets(), value.to_der().unwrap());
    }
}

// ---- Named cases ------------------------------------------------------------------------------------------------

/// `30 0a { 02 01 05, a1 05 { 04 03 … } }`
const NESTED: [u8; 12] = [0x30, 0x0a, 0x02, 0x01, 0x05, 0xa1, 0x05, 0x04, 0x03, 0x61, 0x62, 0x63];

#[test]
fn neg_01_every_truncation_is_refused_inside_the_input() {
    assert!(ours(&NESTED, STRICT).is_ok());
    for length in 1..NESTED.len() {
        let error = items_of_ours(reader(&NESTED[..length], STRICT), 1, &mut Vec::new()).unwrap_err();
        assert!(error.offset() <= length, "{error}");
    }
}

#[test]
fn neg_04_a_length_past_its_parent_is_refused_where_it_stands() {
    // Where each length is, how much room there is behind it, and the lengths that stand around it.
    let lengths: [(usize, u32, &[usize]); 4] = [(1, 10, &[]), (3, 8, &[1]), (6, 5, &[1]), (8, 3, &[1, 6])];
    for (at, room, around) in lengths {
        for length in [room + 1, room + 127, room + (1 << 16), u32::MAX] {
            let mut octets = [&NESTED[..at], &[0x84], &length.to_be_bytes(), &NESTED[at + 1..]].concat();
            around.iter().for_each(|outer| octets[*outer] += 4);
            let error = items_of_ours(reader(&octets, TOLERANT), 1, &mut Vec::new()).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (DecodeErrorKind::PastTheEnd, at - 1), "{length} at {at}");
        }
    }
}

#[test]
fn neg_13_a_value_without_octets_is_empty_or_refused_as_its_type_says() {
    assert_eq!(strict(&[0x04, 0], Reader::value::<OctetString>), Ok(&[][..]));
    assert_eq!(strict(&[0x1b, 0], Reader::value::<GeneralString>), Ok(&[][..]));
    assert!(strict(&[0x30, 0], |reader| reader.read(Tag::SEQUENCE)).unwrap().is_empty());
    let refused = Err(DecodeErrorKind::BadValue);
    assert_eq!(strict(&[0x02, 0], Reader::value::<Int32>).map(drop), refused);
    assert_eq!(strict(&[0x02, 0], Reader::value::<Uint32Pattern>).map(drop), refused);
    assert_eq!(strict(&[0x03, 0], Reader::value::<KerberosFlags>).map(drop), refused);
    assert_eq!(strict(&[0x03, 0], Reader::value::<ZeroExtendedFlags>).map(drop), refused);
    assert_eq!(strict(&[0x06, 0], Reader::value::<ObjectIdentifier>).map(drop), refused);
    assert_eq!(strict(&[0x0a, 0], Reader::value::<Enumerated>).map(drop), refused);
    assert_eq!(strict(&[0x18, 0], Reader::value::<KerberosTime>).map(drop), refused);
}

#[test]
fn neg_17_a_mebibyte_of_openings_is_refused_at_once() {
    let of = |pattern: &[u8]| pattern.iter().copied().cycle().take(1 << 20).collect::<Vec<u8>>();
    let on_a_small_stack = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        assert_eq!(ours(&of(&[0x30, 0x80]), TOLERANT), Err(DecodeErrorKind::IndefiniteLength));
        assert_eq!(ours(&of(&[0x60, 0x84]), TOLERANT), Err(DecodeErrorKind::PastTheEnd));
        assert_eq!(ours(&nested(1 << 17), TOLERANT), Err(DecodeErrorKind::TooDeep));
    });
    on_a_small_stack.unwrap().join().unwrap();
}

#[test]
fn reads_sixteen_levels_and_refuses_seventeen() {
    assert_eq!(ours(&nested(16), TOLERANT).map(|items| items.len()), Ok(16));
    assert_eq!(ours(&nested(17), TOLERANT), Err(DecodeErrorKind::TooDeep));
}

/// That many SEQUENCEs, each inside the one before, with lengths of four octets.
fn nested(levels: u32) -> Vec<u8> {
    (0..levels).rev().flat_map(|inside| [vec![0x30, 0x84], (inside * 6).to_be_bytes().to_vec()].concat()).collect()
}

#[test]
fn neg_21_an_enumerated_has_exactly_one_octet() {
    assert_eq!(strict(&[0x0a, 1, 3], Reader::value::<Enumerated>), Ok(3));
    for octets in [&[0x0a, 0][..], &[0x0a, 2, 0, 3], &[0x0a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 3]] {
        assert_eq!(strict(octets, Reader::value::<Enumerated>), Err(DecodeErrorKind::BadValue), "{octets:02x?}");
    }
}

#[test]
fn an_object_identifier_ends_with_an_arc() {
    assert_eq!(strict(&[0x06, 3, 0x2a, 0x86, 0x48], Reader::value::<ObjectIdentifier>), Ok(&[0x2a, 0x86, 0x48][..]));
    for octets in [[0x06, 2, 0x2a, 0x86], [0x06, 2, 0x2a, 0x80]] {
        assert_eq!(strict(&octets, Reader::value::<ObjectIdentifier>), Err(DecodeErrorKind::BadValue));
    }
}

#[test]
fn a_bit_string_has_at_most_seven_unused_bits() {
    assert_eq!(strict(&[0x03, 2, 7, 0x80], Reader::value::<KerberosFlags>), Ok(0x8000_0000));
    assert_eq!(strict(&[0x03, 2, 8, 0x00], Reader::value::<KerberosFlags>), Err(DecodeErrorKind::BadValue));
}

#[test]
fn an_integer_of_nine_octets_does_not_wrap_into_range() {
    let octets = tlv(0x02, &[1, 0, 0, 0, 0, 0, 0, 0, 5]);
    assert_eq!(strict(&octets, Reader::value::<Int32>), Err(DecodeErrorKind::IntegerRange));
    assert_eq!(strict(&octets, Reader::value::<Uint32Pattern>), Err(DecodeErrorKind::IntegerRange));
}

#[test]
fn both_sides_of_every_boundary_between_length_forms_are_read_and_written_as_der_does() {
    for boundary in [0x80, 0x100, 0x1_0000, 0x100_0000] {
        for length in [boundary - 1, boundary] {
            let content = vec![0x5a; length];
            let octets = tlv(0x04, &content);
            assert!(strict(&octets, Reader::value::<OctetString>) == Ok(&content[..]), "{length}");
            let mut writer = kerbside::asn1::Writer::default();
            writer.octets(Tag::OCTET_STRING, &content);
            assert!(writer.into_octets() == octets, "{length}");
        }
    }
}

#[test]
fn one_length_octet_too_many_is_refused_on_the_shorter_side_of_every_boundary_only() {
    for (form, length, refused) in [
        (0x81, 0x7f_usize, true),
        (0x81, 0x80, false),
        (0x82, 0xff, true),
        (0x82, 0x100, false),
        (0x83, 0xffff, true),
        (0x83, 0x1_0000, false),
        (0x84, 0xff_ffff, true),
        (0x84, 0x100_0000, false),
    ] {
        let count = usize::from(form - 0x80_u8);
        let octets = [&[0x04, form][..], &length.to_be_bytes()[8 - count..], &vec![0; length]].concat();
        let expected = if refused { Err(DecodeErrorKind::LengthNotMinimal) } else { Ok(length) };
        assert_eq!(strict(&octets, Reader::value::<OctetString>).map(<[u8]>::len), expected, "{form:#x} {length:#x}");
        let tolerated = reader(&octets, TOLERANT).value::<OctetString>().map(<[u8]>::len);
        assert_eq!(tolerated, Ok(length), "{form:#x} {length:#x}");
    }
}

/// Fields with the tags, lengths and octets near those that are seen at a glance, in all combinations.
fn nearly_short_fields() -> impl Iterator<Item = Vec<u8>> {
    let outer_tags = [0xa0, 0xa1, 0xa2, 0x80, 0x30];
    let inner_tags = [0x02, 0x03, 0x04, 0x0c, 0x18, 0x30, 0xa0];
    let lengths = [0, 1, 2, 3, 4, 5, 6, 7, 0x0f, 0x10, 0x11, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0xff];
    let contents = [0, 1, 2, 5, 15, 124, 125, 126, 127, 300];
    let headers = outer_tags.into_iter().flat_map(move |outer| inner_tags.map(|inner| (outer, inner)));
    let headers = headers.flat_map(move |tags| lengths.map(|outer| (tags, outer)));
    let headers = headers.flat_map(move |(tags, outer)| lengths.map(|inner| (tags, outer, inner)));
    headers.flat_map(move |((outer_tag, inner_tag), outer, inner)| {
        contents.map(|octets| {
            let header = [outer_tag, outer, inner_tag, inner];
            header.into_iter().chain((0..octets).map(|position| [0x32, 0x00, 0x5a][position % 3])).collect()
        })
    })
}

/// What is seen at a glance is what the rules say of it, and nothing else is seen: neither a depth that is not there, nor a
/// length, tag or octet that is off by one.
#[test]
fn a_field_is_the_same_at_a_glance_and_by_the_rules() {
    fn compare<'a, T: PartialEq + core::fmt::Debug>(
        (octets, rules): (&'a [u8], Rules),
        at_a_glance: impl Fn(&mut Reader<'a>) -> Result<T, DecodeError>,
        by_the_rules: impl Fn(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> bool {
        let (mut one, mut other) = (reader(octets, rules), reader(octets, rules));
        let value = at_a_glance(&mut one);
        assert_eq!(value, by_the_rules(&mut other), "{octets:02x?} {rules:?}");
        assert!(value.is_err() || one.rest() == other.rest(), "{octets:02x?} {rules:?}");
        value.is_ok()
    }
    let (mut read, mut refused) = (0, 0);
    for octets in nearly_short_fields() {
        for rules in [0, 1, 2, 3, 16].map(|levels| Rules::new(LengthForm::Shortest, levels)) {
            let case = (&octets[..], rules);
            let sequence = |reader: &mut Reader<'_>| {
                let mut fields = reader.one(1)?.named(TypeId::TICKET).read(Tag::SEQUENCE)?;
                Ok((fields.rest().to_vec(), fields.read(Tag::INTEGER).map_err(|error| error.to_string()).is_ok()))
            };
            let sequence_at_a_glance = |reader: &mut Reader<'_>| {
                let mut fields = reader.sequence_field(1, TypeId::TICKET)?;
                Ok((fields.rest().to_vec(), fields.read(Tag::INTEGER).map_err(|error| error.to_string()).is_ok()))
            };
            for same in [
                compare(case, |reader| reader.field::<Int32>(0), |reader| reader.unusual_field::<Int32>(0)),
                compare(case, |reader| reader.field::<OctetString>(1), |reader| reader.unusual_field::<OctetString>(1)),
                compare(
                    case,
                    |reader| reader.field::<KerberosFlags>(2),
                    |reader| reader.unusual_field::<KerberosFlags>(2),
                ),
                compare(
                    case,
                    |reader| reader.field::<KerberosTime>(0),
                    |reader| reader.unusual_field::<KerberosTime>(0),
                ),
                compare(case, sequence_at_a_glance, sequence),
            ] {
                *if same { &mut read } else { &mut refused } += 1;
            }
        }
    }
    assert!(read > 100 && refused > 100_000, "{read} read, {refused} refused");
}

#[test]
fn later_fields_are_passed_over_in_rising_order_only() {
    let finish = |octets: &[u8]| reader(octets, STRICT).finish_sequence(2).map_err(|error| error.kind());
    let refused = Err(DecodeErrorKind::TrailingOctets);
    assert_eq!(finish(&[]), Ok(()));
    assert_eq!(finish(&[0xa3, 0, 0xa9, 2, 0x05, 0, 0xbe, 0]), Ok(()));
    assert_eq!(finish(&[0xa2, 0]), refused);
    assert_eq!(finish(&[0xa4, 0, 0xa3, 0]), refused);
    assert_eq!(finish(&[0xa4, 0, 0xa4, 0]), refused);
    assert_eq!(finish(&[0x83, 0]), refused, "[3] primitive");
    assert_eq!(finish(&[0x04, 0]), refused);
    assert_eq!(finish(&[0xbf, 0x20, 0]), refused, "[32] in the high form");
    assert_eq!(finish(&[0xa3, 1]), Err(DecodeErrorKind::PastTheEnd));
}

#[test]
fn an_error_says_what_was_read_and_where() {
    let followed = [&[0x30, 0x0e][..], &NESTED, &[0x05, 0]].concat();
    let error = reader(&followed, STRICT).whole(|reader| {
        let reader = reader.read(Tag::SEQUENCE)?;
        let mut fields = reader.named(TypeId::TICKET).read(Tag::SEQUENCE)?;
        fields.value::<Int32>()?;
        fields.field::<Int32>(1)
    });
    assert_eq!(error.unwrap_err().to_string(), "Ticket at offset 9 needs the tag 0x02 and has 0x04");
}

#[test]
fn debug_of_a_reader_says_where_it_stands_and_not_what_it_reads() {
    let mut reader = reader(&NESTED, STRICT).read(Tag::SEQUENCE).unwrap();
    reader.value::<Int32>().unwrap();
    assert_eq!(format!("{reader:?}"), "Reader(TLV, 7 octets at offset 5)");
}
