//! Entries as they are shown: to people in columns that can be compared with those of klist, ktutil and ktpass, to machines by name.

use crate::output;
use crate::progress::Progress;
use kerbside::crypto::KeyFingerprint;
use kerbside::keytab::KeytabEntry;
use kerbside::numbers::{Enctype, NameType};
use serde_json::{Value, json};

/// An entry without its key.
pub(super) struct Described {
    number: usize,
    kvno: u32,
    timestamp: String,
    principal: String,
    name_type: NameType,
    enctype: Enctype,
    key_octets: usize,
    record_octets: usize,
    fingerprint: Option<KeyFingerprint>,
    problem: Option<String>,
}

/// Entries of a file.
pub(super) fn describe<'k>(entries: impl ExactSizeIterator<Item = &'k KeytabEntry>) -> Vec<Described> {
    let mut progress = Progress::of("fingerprints", entries.len());
    let described = entries.map(|entry| {
        progress.step();
        Described { fingerprint: Some(entry.fingerprint()), ..describe_quickly(entry) }
    });
    described.collect()
}

/// The same without the fingerprint, which takes a millisecond or so.
pub(super) fn describe_quickly(entry: &KeytabEntry) -> Described {
    Described {
        number: entry.number(),
        kvno: entry.kvno(),
        timestamp: entry.timestamp().to_string(),
        principal: entry.principal().to_string(),
        name_type: entry.principal().name_type(),
        enctype: entry.enctype(),
        key_octets: entry.key_octets().len(),
        record_octets: entry.record_octets(),
        fingerprint: None,
        problem: entry.key_problem().map(|problem| problem.to_string()),
    }
}

impl Described {
    pub(super) fn json(&self) -> Value {
        json!({
            "number": self.number,
            "kvno": self.kvno,
            "timestamp": self.timestamp,
            "principal": self.principal,
            "name_type": { "number": self.name_type.0, "name": self.name_type.name() },
            "enctype": { "number": self.enctype.0, "name": self.enctype.name() },
            "key_octets": self.key_octets,
            "record_octets": self.record_octets,
            "fingerprint": self.fingerprint.map(|fingerprint| fingerprint.to_string()),
            "problem": self.problem,
        })
    }

    fn row(&self) -> [String; 9] {
        [
            self.number.to_string(),
            self.kvno.to_string(),
            self.timestamp.clone(),
            self.principal.clone(),
            self.enctype.to_string(),
            self.key_octets.to_string(),
            self.name_type.to_string(),
            self.record_octets.to_string(),
            self.fingerprint.map_or_else(|| String::from("-"), |fingerprint| fingerprint.to_string()),
        ]
    }
}

pub(super) fn table(entries: &[Described]) -> String {
    let headings = [">#", ">kvno", "timestamp", "principal", "enctype", ">keylen", "name-type", ">size", "fingerprint"];
    let rows: Vec<_> = entries.iter().map(Described::row).collect();
    let mut text = output::table(headings, &rows);
    for (entry, problem) in entries.iter().filter_map(|entry| Some((entry, entry.problem.as_ref()?))) {
        text.push_str(&format!("\n  entry {} is of no use here: {problem}", entry.number));
    }
    text
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(entries: usize) -> String {
    match entries {
        1 => "1 entry".into(),
        many => format!("{many} entries"),
    }
}
