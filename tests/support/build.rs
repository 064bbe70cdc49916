//! Messages built field by field and written by `der`, so that a mistake of our own writer cannot hide one of our
//! reader. A field can be left out, replaced or added, which is how the cases of the tests are made.

use der::Encode;
use kerbside::KerberosTime;
use std::collections::BTreeMap;

/// A production: its context-tagged fields by number, in `[APPLICATION n]` if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    application: Option<u8>,
    fields: BTreeMap<u8, Vec<u8>>,
}

impl Message {
    pub(crate) fn sequence() -> Self {
        Self { application: None, fields: BTreeMap::new() }
    }

    pub(crate) fn application(number: u8) -> Self {
        Self { application: Some(number), ..Self::sequence() }
    }

    /// The message with this TLV as `[number]`.
    pub(crate) fn with(mut self, number: u8, value: impl Into<Vec<u8>>) -> Self {
        self.fields.insert(number, value.into());
        self
    }

    pub(crate) fn with_optional(self, number: u8, value: Option<impl Into<Vec<u8>>>) -> Self {
        match value {
            Some(value) => self.with(number, value),
            None => self,
        }
    }

    pub(crate) fn without(mut self, number: u8) -> Self {
        assert!(self.fields.remove(&number).is_some(), "there is a [{number}] to leave out");
        self
    }

    pub(crate) fn field(&self, number: u8) -> &[u8] {
        &self.fields[&number]
    }

    pub(crate) fn numbers(&self) -> Vec<u8> {
        self.fields.keys().copied().collect()
    }

    /// The message with its fields in this order, which may name one twice.
    pub(crate) fn ordered(&self, numbers: &[u8]) -> Vec<u8> {
        let fields: Vec<u8> = numbers.iter().flat_map(|number| tlv(0xa0 | number, &self.fields[number])).collect();
        let sequence = tlv(0x30, &fields);
        match self.application {
            Some(number) => tlv(0x60 | number, &sequence),
            None => sequence,
        }
    }

    pub(crate) fn octets(&self) -> Vec<u8> {
        self.ordered(&self.numbers())
    }
}

impl From<Message> for Vec<u8> {
    fn from(message: Message) -> Self {
        message.octets()
    }
}

/// One TLV.
pub(crate) fn tlv(identifier: u8, content: &[u8]) -> Vec<u8> {
    let tag = <der::Tag as der::Decode>::from_der(&[identifier]).unwrap();
    der::Any::new(tag, content).unwrap().to_der().unwrap()
}

/// `SEQUENCE OF`.
pub(crate) fn list<T: AsRef<[u8]>>(elements: impl IntoIterator<Item = T>) -> Vec<u8> {
    let content: Vec<u8> = elements.into_iter().flat_map(|element| element.as_ref().to_vec()).collect();
    tlv(0x30, &content)
}

pub(crate) fn integer(value: i64) -> Vec<u8> {
    value.to_der().unwrap()
}

pub(crate) fn octet_string(octets: impl AsRef<[u8]>) -> Vec<u8> {
    tlv(0x04, octets.as_ref())
}

pub(crate) fn general_string(octets: impl AsRef<[u8]>) -> Vec<u8> {
    tlv(0x1b, octets.as_ref())
}

pub(crate) fn flags(bits: u32) -> Vec<u8> {
    der::asn1::BitString::from_bytes(&bits.to_be_bytes()).unwrap().to_der().unwrap()
}

pub(crate) fn time(time: KerberosTime) -> Vec<u8> {
    let since_1970 = core::time::Duration::from_secs(u64::try_from(time.unix_seconds()).unwrap());
    der::asn1::GeneralizedTime::from_unix_duration(since_1970).unwrap().to_der().unwrap()
}

pub(crate) fn name<T: AsRef<[u8]>>(name_type: i32, components: impl IntoIterator<Item = T>) -> Message {
    let components = list(components.into_iter().map(general_string));
    Message::sequence().with(0, integer(name_type.into())).with(1, components)
}

/// A number and octets, `[0]` and `[1]`: the shape of keys, checksums, addresses and authorization data.
pub(crate) fn typed(number: i32, octets: impl AsRef<[u8]>) -> Message {
    Message::sequence().with(0, integer(number.into())).with(1, octet_string(octets))
}

pub(crate) fn encrypted_data(etype: i32, kvno: Option<i64>, cipher: impl AsRef<[u8]>) -> Message {
    let message = Message::sequence().with(0, integer(etype.into())).with(2, octet_string(cipher));
    message.with_optional(1, kvno.map(integer))
}

/// A `Ticket` for `HTTP/web@R`.
pub(crate) fn ticket() -> Message {
    Message::application(1)
        .with(0, integer(5))
        .with(1, general_string("R"))
        .with(2, name(2, ["HTTP", "web"]))
        .with(3, encrypted_data(18, Some(2), [0xaa; 40]))
}

/// An `AP-REQ` with that ticket.
pub(crate) fn ap_req() -> Message {
    Message::application(14)
        .with(0, integer(5))
        .with(1, integer(14))
        .with(2, flags(0x2000_0000))
        .with(3, ticket())
        .with(4, encrypted_data(18, None, [0xbb; 40]))
}

/// An `EncTicketPart` of `alice@R` with every optional field.
pub(crate) fn enc_ticket_part() -> Message {
    Message::application(3)
        .with(0, flags(0x40a1_0000))
        .with(1, typed(18, [0x11; 32]))
        .with(2, general_string("R"))
        .with(3, name(1, ["alice"]))
        .with(4, typed(1, ""))
        .with(5, time(NOW))
        .with(6, time(NOW))
        .with(7, time(NOW))
        .with(8, time(NOW))
        .with(9, list([typed(2, [192, 0, 2, 1]).octets()]))
        .with(10, list([typed(1, list([typed(128, "pac").octets()])).octets()]))
}

/// An `Authenticator` of `alice@R` with every optional field.
pub(crate) fn authenticator() -> Message {
    Message::application(2)
        .with(0, integer(5))
        .with(1, general_string("R"))
        .with(2, name(1, ["alice"]))
        .with(3, typed(0x8003, [0; 24]))
        .with(4, integer(999_999))
        .with(5, time(NOW))
        .with(6, typed(18, [0x22; 32]))
        .with(7, integer(0x3fff_ffff))
        .with(8, list([typed(129, list([integer(18)])).octets()]))
}

pub(crate) fn ap_rep() -> Message {
    Message::application(15).with(0, integer(5)).with(1, integer(15)).with(2, encrypted_data(18, None, [0xcc; 40]))
}

/// An `EncAPRepPart` with every optional field.
pub(crate) fn enc_ap_rep_part() -> Message {
    Message::application(27).with(0, time(NOW)).with(1, integer(0)).with(2, typed(18, [0x33; 32])).with(3, integer(1))
}

/// A `KRB-ERROR` with every optional field.
pub(crate) fn krb_error() -> Message {
    Message::application(30)
        .with(0, integer(5))
        .with(1, integer(30))
        .with(2, time(NOW))
        .with(3, integer(1))
        .with(4, time(NOW))
        .with(5, integer(2))
        .with(6, integer(37))
        .with(7, general_string("R"))
        .with(8, name(1, ["alice"]))
        .with(9, general_string("R"))
        .with(10, name(2, ["HTTP", "web"]))
        .with(11, general_string("text"))
        .with(12, octet_string("data"))
}

/// 2026-03-01T10:05:01Z.
pub(crate) const NOW: KerberosTime = KerberosTime::from_unix_seconds(1_772_359_501);
