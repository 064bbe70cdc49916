//! From a password to a key: what the profiles share (RFC 3961 §3, RFC 3962 §4, RFC 8009 §4, RFC 6803 §5).

use alloc::vec::Vec;

use hmac::EagerHash;
use zeroize::{Zeroize, Zeroizing};

use super::enctype::EnctypeInfo;
use super::error::KeyError;
use super::octets::{KeyOctets, MAX_KEY_OCTETS, Short};

/// The highest iteration count that [`Key::from_password`](super::Key::from_password) works through: 2^24.
///
/// RFC 3962 §4 lets whoever chooses the parameters ask for up to 2^32 (spelled 0), which is many minutes of work. MIT krb5
/// stops at 2^24 too; keys in use have 4096 to 32768.
pub const MAX_ITERATIONS: u32 = 1 << 24;

/// RFC 3962 §4: the parameters are the count in four octets, most significant first, and 0 stands for 2^32.
pub(super) fn iterations(row: &EnctypeInfo, parameters: Option<&[u8]>) -> Result<u32, KeyError> {
    let expected = if row.default_iterations == 0 { 0 } else { 4 };
    let Some(parameters) = parameters.filter(|octets| !(octets.is_empty() && expected == 0)) else {
        return Ok(row.default_iterations);
    };
    let wrong_length = KeyError::ParameterLength { expected, found: parameters.len() };
    if parameters.len() != expected {
        return Err(wrong_length);
    }
    let octets = <[u8; 4]>::try_from(parameters).map_err(|_| wrong_length)?;
    let found = match u32::from_be_bytes(octets) {
        0 => 1 << 32,
        count => u64::from(count),
    };
    match u32::try_from(found) {
        Ok(count) if count <= MAX_ITERATIONS => Ok(count),
        _ => Err(KeyError::IterationCount { found, limit: MAX_ITERATIONS }),
    }
}

/// PBKDF2 with HMAC, as many octets as the enctype's keys have (RFC 8018 §5.2).
pub(super) fn pbkdf2_octets<H: EagerHash>(row: &EnctypeInfo, password: &[u8], salt: &[u8], iterations: u32) -> KeyOctets
where
    H::Core: Sync,
{
    let mut octets = [0; MAX_KEY_OCTETS];
    if let Some(octets) = octets.get_mut(..row.key_octets) {
        pbkdf2::pbkdf2_hmac::<H>(password, salt, iterations, octets);
    }
    let key = Zeroizing::new(Short::prefix(&octets, row.key_octets));
    octets.zeroize();
    key
}

/// `name ‖ 0 ‖ salt`, so that enctypes do not share a key (RFC 8009 §4, RFC 6803 §5).
pub(super) fn named_salt(row: &EnctypeInfo, salt: &[u8]) -> Vec<u8> {
    [row.name().as_bytes(), &[0], salt].concat()
}
