//! The simplified profile: AES-CTS with HMAC-SHA1-96 (RFC 3961 §5.3, RFC 3962).
//!
//! A message is `E(Ke, confounder ‖ plaintext) ‖ HMAC(Ki, confounder ‖ plaintext)`: it has to be decrypted before it can
//! be verified, and a caller sees nothing of it until it was.

use core::marker::PhantomData;
use core::ops::Range;

use cipher::array::Array;
use cipher::consts::U16;
use cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, KeySizeUser};
use hmac::{Hmac, Mac};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::cts::{self, TooShort};
use super::derivation::{Purpose, derived_octets, keyed, n_fold};
use super::enctype::EnctypeInfo;
use super::error::{IntegrityError, KeyError};
use super::octets::{KeyOctets, PrfOutput};
use super::profile::{Associated, Suite, Tag, split_checksum, truncated_mac, verify};
use super::schedule::Schedule;
use super::string_to_key::pbkdf2_octets;
use crate::numbers::KeyUsage;

/// The profile over one cipher, in its two directions.
pub(super) struct Simplified<E, D>(PhantomData<(E, D)>);

impl<E, D> Simplified<E, D> {
    pub(super) const PROFILE: Self = Self(PhantomData);
}

impl<E, D> Suite for Simplified<E, D>
where
    E: BlockCipherEncrypt<BlockSize = U16> + KeyInit + Send + Sync + 'static,
    D: BlockCipherDecrypt<BlockSize = U16> + KeyInit + KeySizeUser<KeySize = E::KeySize> + Send + Sync + 'static,
{
    type Base = Schedule<E>;
    type Encryptor = Schedule<E>;
    type Decryptor = Schedule<D>;
    type Integrity = Hmac<Sha1>;
    type Signer = Hmac<Sha1>;

    fn base(key: &[u8]) -> Schedule<E> {
        Schedule::of_octets(key)
    }

    fn encryption_key(row: &EnctypeInfo, base: &Schedule<E>, usage: KeyUsage) -> KeyOctets {
        derived_octets(base.cipher(), Purpose::Encryption.folded(usage).into(), row.key_octets)
    }

    fn integrity_key(row: &EnctypeInfo, base: &Schedule<E>, usage: KeyUsage) -> KeyOctets {
        derived_octets(base.cipher(), Purpose::Integrity.folded(usage).into(), row.key_octets)
    }

    fn encryptor(encryption_key: &KeyOctets) -> Schedule<E> {
        Schedule::of_octets(encryption_key.as_slice())
    }

    fn decryptor(encryption_key: &KeyOctets) -> Schedule<D> {
        Schedule::of_octets(encryption_key.as_slice())
    }

    fn integrity(integrity_key: &KeyOctets) -> Hmac<Sha1> {
        keyed(integrity_key.as_slice())
    }

    fn signer(row: &EnctypeInfo, base: &Schedule<E>, usage: KeyUsage) -> Hmac<Sha1> {
        Self::integrity(&derived_octets(base.cipher(), Purpose::Checksum.folded(usage).into(), row.key_octets))
    }

    fn seal(
        row: &EnctypeInfo,
        (encryptor, integrity): (&Schedule<E>, &Hmac<Sha1>),
        message: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<(), TooShort> {
        mac_and_encrypt(row, (encryptor.cipher(), integrity), message, associated)
    }

    fn open(
        row: &EnctypeInfo,
        (decryptor, integrity): (&Schedule<D>, &Hmac<Sha1>),
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError> {
        decrypt_and_verify(row, (decryptor.cipher(), integrity), buffer, associated)
    }

    fn sign(row: &EnctypeInfo, signer: &Hmac<Sha1>, message: &[&[u8]]) -> Tag {
        truncated_mac(row, signer, message)
    }

    /// RFC 3961 §5.3: `E(DK(key, "prf"), H(input) cut to whole blocks)`; of SHA-1's twenty octets that is one block.
    fn prf(row: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput {
        let digest = Sha1::digest(input);
        let mut block = Zeroizing::new(Array::<u8, U16>::default());
        for (to, from) in block.iter_mut().zip(&digest) {
            *to = *from;
        }
        let key = derived_octets(Self::base(key).cipher(), folded_text(b"prf"), row.key_octets);
        Self::encryptor(&key).cipher().encrypt_block(&mut block);
        PrfOutput::new(&block)
    }

    /// RFC 3962 §4: `DK(PBKDF2(password, salt), "kerberos")`.
    fn string_to_key(row: &EnctypeInfo, password: &[u8], salt: &[u8], iterations: u32) -> Result<KeyOctets, KeyError> {
        let secret = pbkdf2_octets::<Sha1>(row, password, salt, iterations);
        Ok(derived_octets(Self::base(secret.as_slice()).cipher(), folded_text(b"kerberos"), row.key_octets))
    }
}

fn folded_text(constant: &[u8]) -> Array<u8, U16> {
    let mut block = Array::default();
    n_fold(constant, &mut block);
    block
}

/// `E(Ke, confounder ‖ plaintext) ‖ MAC(Ki, confounder ‖ plaintext)` (RFC 3961 §5.3, RFC 6803 §4).
#[inline]
pub(super) fn mac_and_encrypt<E, M>(
    row: &EnctypeInfo,
    (encryptor, integrity): (&E, &M),
    message: &mut [u8],
    associated: Associated<'_>,
) -> Result<(), TooShort>
where
    E: BlockCipherEncrypt<BlockSize = U16>,
    M: Mac + Clone,
{
    let (text, checksum) = split_checksum(row, message)?;
    let signed = associated.among(row, text).ok_or(TooShort)?;
    checksum.copy_from_slice(truncated_mac(row, integrity, &signed).as_slice());
    cts::encrypt(encryptor, text)
}

/// The inverse of [`mac_and_encrypt`].
#[inline]
pub(super) fn decrypt_and_verify<D, M>(
    row: &EnctypeInfo,
    (decryptor, integrity): (&D, &M),
    buffer: &mut [u8],
    associated: Associated<'_>,
) -> Result<Range<usize>, IntegrityError>
where
    D: BlockCipherDecrypt<BlockSize = U16>,
    M: Mac + Clone,
{
    let (text, checksum) = split_checksum(row, buffer).map_err(|_| IntegrityError)?;
    cts::decrypt(decryptor, text).map_err(|_| IntegrityError)?;
    let signed = associated.among(row, text).ok_or(IntegrityError)?;
    verify(truncated_mac(row, integrity, &signed).as_slice(), checksum)?;
    Ok(row.confounder_octets..text.len())
}
