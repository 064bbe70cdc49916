//! RC4 with HMAC-MD5 (RFC 4757), for peers that still have nothing else (deprecated by RFC 8429).
//!
//! A message is `checksum ‖ RC4(K3, confounder ‖ plaintext)` with `checksum = HMAC(K1, confounder ‖ plaintext)` and
//! `K3 = HMAC(K1, checksum)`; K1 is the key of the usage. It is decrypted before it can be verified.

use core::ops::Range;

use cipher::StreamCipher;
use cipher::array::Array;
use hmac::Hmac;
use md4::Md4;
use md5::{Digest, Md5};
use rc4::{KeyInit, Rc4};
use sha1::Sha1;
use zeroize::{Zeroize, Zeroizing};

use super::cts::TooShort;
use super::derivation::keyed;
use super::enctype::EnctypeInfo;
use super::error::{IntegrityError, KeyError};
use super::octets::{KeyOctets, PrfOutput, Short};
use super::profile::{Associated, Suite, Tag, mac, split_checksum, truncated_mac, verify};
use crate::numbers::KeyUsage;

/// The profile.
pub(super) struct Rc4Hmac;

/// Ksign of RFC 4757 §4, and the usage that goes into the hash before the message.
pub(super) struct Signer {
    key: Hmac<Md5>,
    usage: [u8; 4],
}

/// The keys of the two directions are made anew for every message.
pub(super) struct PerMessage;

impl Suite for Rc4Hmac {
    type Base = Hmac<Md5>;
    type Encryptor = PerMessage;
    type Decryptor = PerMessage;
    /// K1, which RFC 4757 §5 also calls K2: they differ for the export enctype only.
    type Integrity = Hmac<Md5>;
    type Signer = Signer;

    fn base(key: &[u8]) -> Hmac<Md5> {
        keyed(key)
    }

    /// There is none: the cipher of a message is keyed with what its checksum says.
    fn encryption_key(_: &EnctypeInfo, _: &Hmac<Md5>, _: KeyUsage) -> KeyOctets {
        Zeroizing::new(Short::prefix(&[], 0))
    }

    fn integrity_key(_: &EnctypeInfo, base: &Hmac<Md5>, usage: KeyUsage) -> KeyOctets {
        subkey_octets(base, &message_type(usage))
    }

    fn encryptor(_: &KeyOctets) -> PerMessage {
        PerMessage
    }

    fn decryptor(_: &KeyOctets) -> PerMessage {
        PerMessage
    }

    fn integrity(integrity_key: &KeyOctets) -> Hmac<Md5> {
        keyed(integrity_key.as_slice())
    }

    fn signer(_: &EnctypeInfo, base: &Hmac<Md5>, usage: KeyUsage) -> Signer {
        Signer { key: subkey(base, b"signaturekey\0"), usage: message_type(usage) }
    }

    fn seal(
        row: &EnctypeInfo,
        (_, integrity): (&PerMessage, &Hmac<Md5>),
        message: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<(), TooShort> {
        let (text, checksum) = split_checksum(row, message)?;
        let signed = associated.among(row, text).ok_or(TooShort)?;
        checksum.copy_from_slice(truncated_mac(row, integrity, &signed).as_slice());
        message_cipher(integrity, checksum).apply_keystream(text);
        Ok(())
    }

    fn open(
        row: &EnctypeInfo,
        (_, integrity): (&PerMessage, &Hmac<Md5>),
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError> {
        let (text, checksum) = split_checksum(row, buffer).map_err(|_| IntegrityError)?;
        message_cipher(integrity, checksum).apply_keystream(text);
        let signed = associated.among(row, text).ok_or(IntegrityError)?;
        verify(truncated_mac(row, integrity, &signed).as_slice(), checksum)?;
        Ok(row.overhead_octets()..buffer.len())
    }

    /// RFC 4757 §4: `HMAC(Ksign, MD5(usage ‖ message))`.
    fn sign(row: &EnctypeInfo, signer: &Signer, message: &[&[u8]]) -> Tag {
        let mut digest = Md5::new_with_prefix(signer.usage);
        for part in message {
            digest.update(part);
        }
        truncated_mac(row, &signer.key, &[&digest.finalize()])
    }

    /// RFC 4757 has none; this is `HMAC-SHA1(key, input)`, as MIT krb5 does and others follow.
    fn prf(_: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput {
        PrfOutput::new(&mac(&keyed::<Hmac<Sha1>>(key), &[input]))
    }

    /// RFC 4757 §2: MD4 over the password in UTF-16, least significant octet first; no salt and no iterations.
    fn string_to_key(row: &EnctypeInfo, password: &[u8], _: &[u8], _: u32) -> Result<KeyOctets, KeyError> {
        let text = core::str::from_utf8(password).map_err(|_| KeyError::PasswordEncoding)?;
        let mut digest = Md4::new();
        for unit in text.encode_utf16() {
            digest.update(unit.to_le_bytes());
        }
        let mut hash = digest.finalize();
        let key = Zeroizing::new(Short::prefix(&hash, row.key_octets));
        hash.as_mut_slice().zeroize();
        Ok(key)
    }
}

/// An HMAC state whose key is another's output.
pub(super) fn subkey(key: &Hmac<Md5>, input: &[u8]) -> Hmac<Md5> {
    keyed(subkey_octets(key, input).as_slice())
}

fn subkey_octets(key: &Hmac<Md5>, input: &[u8]) -> KeyOctets {
    let mut octets = mac(key, &[input]);
    let kept = Zeroizing::new(Short::prefix(&octets, octets.len()));
    octets.as_mut_slice().zeroize();
    kept
}

/// The cipher of one message, keyed with K3.
///
/// RC4 repeats its key to fill 256 octets, so the doubled key is the same key in the length that cannot be refused.
pub(super) fn message_cipher(usage_key: &Hmac<Md5>, checksum: &[u8]) -> Rc4 {
    let mut key = mac(usage_key, &[checksum]);
    let mut doubled = Zeroizing::new(Array::default());
    for (to, from) in doubled.iter_mut().zip(key.iter().cycle()) {
        *to = *from;
    }
    key.as_mut_slice().zeroize();
    Rc4::new(&doubled)
}

/// The message type T of RFC 4757 §3, least significant octet first.
///
/// Two usages are renumbered: 3 (the AS-REP's encrypted part) is 8, and 23 (signing of wrap tokens) is 13.
///
/// Q1: RFC 4757 §3 also says T=8 for usage 9, the TGS-REP under a subkey. A: 9, as its erratum says and MIT krb5 does.
fn message_type(usage: KeyUsage) -> [u8; 4] {
    let number = match usage.0 {
        3 => 8,
        23 => 13,
        other => other,
    };
    number.to_le_bytes()
}
