//! Keytabs written octet by octet, independently of the crate, in every layout that there is.

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    V1Little,
    V1Big,
    V2,
}

/// One entry, and what may stand behind its key.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) realm: &'static str,
    pub(crate) components: Vec<String>,
    pub(crate) timestamp: u32,
    pub(crate) kvno: u8,
    pub(crate) enctype: i16,
    pub(crate) key: Vec<u8>,
    pub(crate) kvno32: Option<u32>,
    pub(crate) rest: Vec<u8>,
}

/// An entry of `HTTP/web` and realm `R` with kvno 1, a key of the length that the enctype needs, and nothing behind it.
pub(crate) fn entry(enctype: i16) -> Entry {
    let key_octets = match enctype {
        1..=8 => 8,
        16 => 24,
        18 | 20 | 26 => 32,
        _ => 16,
    };
    Entry {
        realm: "R",
        components: vec!["HTTP".into(), "web".into()],
        timestamp: 1_700_000_000,
        kvno: 1,
        enctype,
        key: vec![0xa5; key_octets],
        kvno32: None,
        rest: Vec::new(),
    }
}

impl Layout {
    fn put<const N: usize>(self, out: &mut Vec<u8>, mut big_endian: [u8; N]) {
        if self == Self::V1Little {
            big_endian.reverse();
        }
        out.extend(big_endian);
    }

    fn put_counted(self, out: &mut Vec<u8>, octets: &[u8]) {
        self.put(out, u16::try_from(octets.len()).unwrap().to_be_bytes());
        out.extend(octets);
    }

    /// What stands in a record behind its size.
    pub(crate) fn body(self, entry: &Entry) -> Vec<u8> {
        let mut out = Vec::new();
        let realms = if self == Self::V2 { 0 } else { 1 };
        self.put(&mut out, (u16::try_from(entry.components.len()).unwrap() + realms).to_be_bytes());
        self.put_counted(&mut out, entry.realm.as_bytes());
        for component in &entry.components {
            self.put_counted(&mut out, component.as_bytes());
        }
        if self == Self::V2 {
            out.extend(3_i32.to_be_bytes());
        }
        self.put(&mut out, entry.timestamp.to_be_bytes());
        out.push(entry.kvno);
        self.put(&mut out, entry.enctype.to_be_bytes());
        self.put_counted(&mut out, &entry.key);
        if let Some(kvno) = entry.kvno32 {
            self.put(&mut out, kvno.to_be_bytes());
        }
        out.extend(&entry.rest);
        out
    }

    /// A file without records.
    pub(crate) fn empty(self) -> Vec<u8> {
        vec![5, if self == Self::V2 { 2 } else { 1 }]
    }

    /// A record's size and its octets, whether they agree or not.
    pub(crate) fn put_record(self, out: &mut Vec<u8>, size: i32, body: &[u8]) {
        self.put(out, size.to_be_bytes());
        out.extend(body);
    }

    /// A well-formed file of these entries.
    pub(crate) fn file(self, entries: &[Entry]) -> Vec<u8> {
        let mut out = self.empty();
        for entry in entries {
            let body = self.body(entry);
            self.put_record(&mut out, i32::try_from(body.len()).unwrap(), &body);
        }
        out
    }
}
