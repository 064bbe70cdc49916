//! How to ask the KDC, which nobody here can.

use crate::keytab::{Keytab, KeytabEntry};
use crate::principal::Principal;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// So many are enough to see whether a keytab is out of date.
const MOST: usize = 4;

/// `kvno -k FILE NAME`, which gets a ticket for the name and opens it with the keytab.
pub(super) fn commands(keytab: &Keytab, allowed: &[&Principal]) -> Vec<String> {
    let usable = |principal: &&&Principal| keytab.entries_of(principal).any(|entry| entry.key().is_some());
    let commands = allowed.iter().filter(usable).filter_map(|principal| {
        let file = keytab.entries_of(principal).find_map(KeytabEntry::path).unwrap_or("FILE");
        let name = principal.to_string();
        (is_harmless(file) && is_harmless(&name)).then(|| format!("kvno -k {file} {name}"))
    });
    commands.take(MOST).collect()
}

/// Whether a shell takes it as it is: a command that is copied must do nothing else.
fn is_harmless(text: &str) -> bool {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_' | b'/' | b'@' | b':' | b'-');
    text.bytes().all(plain) && !text.starts_with('-')
}
