//! The search for keys in everything that was shown to anybody.
#![allow(dead_code, reason = "each test file uses a part of it")]

use core::fmt::Debug;
use kerbside::testing::{EncryptionKey, Login};
use std::collections::BTreeSet;

/// The keys in a login: the ticket's, the session key, the subkey.
pub(crate) fn keys_of(login: &Login) -> Vec<EncryptionKey> {
    let keys = [Some(&login.ticket().key), Some(&login.ticket().sealing_key), login.authenticator().subkey.as_ref()];
    keys.into_iter().flatten().cloned().collect()
}

/// Everything that was shown to anybody, one character for each octet.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) outputs: BTreeSet<String>,
}

impl Search {
    pub(crate) fn show(&mut self, value: &impl Debug) {
        self.text(&format!("{value:?}"));
        self.text(&format!("{value:#?}"));
    }

    /// On one line, as what `{:#?}` spreads over many, and in lower case.
    pub(crate) fn text(&mut self, text: &str) {
        self.octets(text.as_bytes());
        self.octets(text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().as_bytes());
    }

    pub(crate) fn octets(&mut self, octets: &[u8]) {
        self.outputs.insert(octets.iter().copied().map(char::from).collect());
    }

    /// The first output that holds twelve octets in a row of the key, written in any form; of some, eight are enough.
    pub(crate) fn find(&self, key: &EncryptionKey) -> Option<&String> {
        let list = |octets: &[u8], show: fn(&u8) -> String| octets.iter().map(show).collect::<Vec<_>>();
        key.keyvalue.windows(8).step_by(4).find_map(|octets| {
            let raw = octets.iter().copied().map(char::from).collect();
            let hex = list(octets, |octet| format!("{octet:02x}")).concat();
            let decimal = list(octets, |octet| format!("{octet}")).join(", ");
            let hexadecimal = list(octets, |octet| format!("{octet:x}")).join(", ");
            let forms: [String; 4] = [raw, hex, decimal, hexadecimal];
            self.outputs.iter().find(|output| forms.iter().any(|form| output.contains(form)))
        })
    }
}
