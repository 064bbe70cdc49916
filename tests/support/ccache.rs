//! A reader of credential caches of type FILE, version 4: of recorded ones, and of what is written here.
#![allow(dead_code, reason = "each test file reads a part of a credential")]

/// A name-type, and the principal as `name/instance@REALM`.
pub(crate) type Named = (i32, String);

#[derive(Debug)]
pub(crate) struct Cache {
    pub(crate) default_principal: Named,
    pub(crate) credentials: Vec<Credential>,
}

#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) client: Named,
    pub(crate) service: Named,
    pub(crate) enctype: u16,
    pub(crate) key: Vec<u8>,
    /// authtime, starttime, endtime, renew-till; 0 for none.
    pub(crate) times: [u32; 4],
    pub(crate) is_skey: u8,
    pub(crate) flags: u32,
    pub(crate) addresses: Vec<(u16, Vec<u8>)>,
    pub(crate) authorization_data: u32,
    pub(crate) ticket: Vec<u8>,
    pub(crate) second_ticket: Vec<u8>,
}

/// Reads a whole cache; anything else is a panic.
pub(crate) fn read(octets: &[u8]) -> Cache {
    let mut rest = octets;
    let rest = &mut rest;
    assert_eq!(take::<2>(rest), [5, 4]);
    let header = usize::from(u16::from_be_bytes(take(rest)));
    *rest = &rest[header..];
    let default_principal = principal(rest);
    let mut credentials = Vec::new();
    while !rest.is_empty() {
        credentials.push(credential(rest));
    }
    Cache { default_principal, credentials }
}

fn credential(rest: &mut &[u8]) -> Credential {
    Credential {
        client: principal(rest),
        service: principal(rest),
        enctype: u16::from_be_bytes(take(rest)),
        key: data(rest),
        times: [number(rest), number(rest), number(rest), number(rest)],
        is_skey: take::<1>(rest)[0],
        flags: number(rest),
        addresses: (0..number(rest)).map(|_| (u16::from_be_bytes(take(rest)), data(rest))).collect(),
        authorization_data: number(rest),
        ticket: data(rest),
        second_ticket: data(rest),
    }
}

fn principal(rest: &mut &[u8]) -> Named {
    let (name_type, count) = (i32::from_be_bytes(take(rest)), number(rest));
    let realm = String::from_utf8(data(rest)).unwrap();
    let components: Vec<_> = (0..count).map(|_| String::from_utf8(data(rest)).unwrap()).collect();
    (name_type, format!("{}@{realm}", components.join("/")))
}

fn data(rest: &mut &[u8]) -> Vec<u8> {
    let length = usize::try_from(number(rest)).unwrap();
    let (data, after) = rest.split_at(length);
    *rest = after;
    data.to_vec()
}

fn number(rest: &mut &[u8]) -> u32 {
    u32::from_be_bytes(take(rest))
}

fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (taken, after) = rest.split_first_chunk().unwrap();
    *rest = after;
    *taken
}
