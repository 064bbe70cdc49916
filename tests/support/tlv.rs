//! DER by hand: what neither our own writer nor the test kit would write.

#![allow(dead_code, reason = "each test file uses a part of it")]

/// One TLV with the shortest length.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    encoded.extend(length(content.len()));
    encoded.extend(content);
    encoded
}

/// A length in its shortest form, whether or not so many octets follow.
pub(crate) fn length(octets: usize) -> Vec<u8> {
    if let Ok(short @ 0..0x80) = u8::try_from(octets) {
        return vec![short];
    }
    let significant: Vec<u8> = octets.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let mut encoded = vec![0x80 | u8::try_from(significant.len()).unwrap()];
    encoded.extend(significant);
    encoded
}

/// The frame of an initial token (RFC 2743 §3.1) around any octets.
pub(crate) fn frame(mechanism: &[u8], inner: &[u8]) -> Vec<u8> {
    tlv(0x60, &[tlv(0x06, mechanism).as_slice(), inner].concat())
}
