//! AES-CTS with HMAC-SHA2, encrypt then MAC (RFC 8009).
//!
//! A message is `C ‖ HMAC(Ki, state ‖ C)` with `C = E(Ke, confounder ‖ plaintext)`: it is verified before a single block
//! is decrypted. The initial cipher state is sixteen zero octets here as everywhere in Kerberos.

use core::marker::PhantomData;
use core::ops::Range;

use cipher::common::{Output, OutputSizeUser};
use cipher::consts::U16;
use cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, KeySizeUser};
use hmac::{EagerHash, Hmac, Mac};
use zeroize::{Zeroize, Zeroizing};

use super::cts::{self, TooShort};
use super::derivation::{Purpose, keyed};
use super::enctype::EnctypeInfo;
use super::error::{IntegrityError, KeyError};
use super::octets::{KeyOctets, PrfOutput, Short};
use super::profile::{Associated, Suite, Tag, mac, split_checksum, truncated_mac, verify};
use super::schedule::Schedule;
use super::string_to_key::{named_salt, pbkdf2_octets};
use crate::numbers::KeyUsage;

/// The profile over one cipher, in its two directions, and one hash.
pub(super) struct HmacSha2<E, D, H>(PhantomData<(E, D, H)>);

impl<E, D, H> HmacSha2<E, D, H> {
    pub(super) const PROFILE: Self = Self(PhantomData);
}

impl<E, D, H> Suite for HmacSha2<E, D, H>
where
    E: BlockCipherEncrypt<BlockSize = U16> + KeyInit + Send + Sync + 'static,
    D: BlockCipherDecrypt<BlockSize = U16> + KeyInit + KeySizeUser<KeySize = E::KeySize> + Send + Sync + 'static,
    H: EagerHash + Send + Sync + 'static,
    H::Core: Send + Sync,
{
    type Base = Hmac<H>;
    type Encryptor = Schedule<E>;
    type Decryptor = Schedule<D>;
    type Integrity = Hmac<H>;
    type Signer = Hmac<H>;

    fn base(key: &[u8]) -> Hmac<H> {
        keyed(key)
    }

    fn encryption_key(row: &EnctypeInfo, base: &Hmac<H>, usage: KeyUsage) -> KeyOctets {
        derive(base, &Purpose::Encryption.constant(usage), row.key_octets)
    }

    // RFC 8009 §5 gives Ki and Kc the length of the truncated HMAC.

    fn integrity_key(row: &EnctypeInfo, base: &Hmac<H>, usage: KeyUsage) -> KeyOctets {
        derive(base, &Purpose::Integrity.constant(usage), row.checksum_octets)
    }

    fn encryptor(encryption_key: &KeyOctets) -> Schedule<E> {
        Schedule::of_octets(encryption_key.as_slice())
    }

    fn decryptor(encryption_key: &KeyOctets) -> Schedule<D> {
        Schedule::of_octets(encryption_key.as_slice())
    }

    /// The cipher state that every message's MAC begins with is absorbed here already.
    fn integrity(integrity_key: &KeyOctets) -> Hmac<H> {
        let mut state: Hmac<H> = keyed(integrity_key.as_slice());
        state.update(&[0; cts::BLOCK_OCTETS]);
        state
    }

    fn signer(row: &EnctypeInfo, base: &Hmac<H>, usage: KeyUsage) -> Hmac<H> {
        keyed(derive(base, &Purpose::Checksum.constant(usage), row.checksum_octets).as_slice())
    }

    fn seal(
        row: &EnctypeInfo,
        (encryptor, integrity): (&Schedule<E>, &Hmac<H>),
        message: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<(), TooShort> {
        let (text, checksum) = split_checksum(row, message)?;
        cts::encrypt(encryptor.cipher(), text)?;
        let signed = associated.among(row, text).ok_or(TooShort)?;
        checksum.copy_from_slice(truncated_mac(row, integrity, &signed).as_slice());
        Ok(())
    }

    fn open(
        row: &EnctypeInfo,
        (decryptor, integrity): (&Schedule<D>, &Hmac<H>),
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError> {
        let (text, checksum) = split_checksum(row, buffer).map_err(|_| IntegrityError)?;
        let signed = associated.among(row, text).ok_or(IntegrityError)?;
        verify(truncated_mac(row, integrity, &signed).as_slice(), checksum)?;
        cts::decrypt(decryptor.cipher(), text).map_err(|_| IntegrityError)?;
        Ok(row.confounder_octets..text.len())
    }

    fn sign(row: &EnctypeInfo, signer: &Hmac<H>, message: &[&[u8]]) -> Tag {
        truncated_mac(row, signer, message)
    }

    /// RFC 8009 §5: `KDF-HMAC-SHA2(key, "prf", input, the hash's own length)`.
    fn prf(_: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput {
        let mut output = kdf(&Self::base(key), b"prf", input, Hmac::<H>::output_size());
        let kept = PrfOutput::new(&output);
        output.as_mut_slice().zeroize();
        kept
    }

    /// RFC 8009 §4: `KDF-HMAC-SHA2(PBKDF2(password, name ‖ 0 ‖ salt), "kerberos")`.
    fn string_to_key(row: &EnctypeInfo, password: &[u8], salt: &[u8], iterations: u32) -> Result<KeyOctets, KeyError> {
        let secret = pbkdf2_octets::<H>(row, password, &named_salt(row, salt), iterations);
        Ok(derive(&Self::base(secret.as_slice()), b"kerberos", row.key_octets))
    }
}

/// KDF-HMAC-SHA2 (RFC 8009 §3): one round of SP 800-108's counter mode, which is enough for every length asked for.
///
/// `K1 = HMAC(key, 00000001 ‖ label ‖ 00 ‖ context ‖ length in bits)`.
#[inline]
fn kdf<M: Mac + Clone>(base: &M, label: &[u8], context: &[u8], length: usize) -> Output<M> {
    // The longest is 384 bits.
    let bits = u32::try_from(length.saturating_mul(8)).unwrap_or(u32::MAX);
    mac(base, &[&[0, 0, 0, 1], label, &[0], context, &bits.to_be_bytes()])
}

/// A key of that length, derived without a context.
#[inline]
pub(super) fn derive<M: Mac + Clone>(base: &M, label: &[u8], length: usize) -> KeyOctets {
    let mut output = kdf(base, label, &[], length);
    let key = Zeroizing::new(Short::prefix(&output, length));
    output.as_mut_slice().zeroize();
    key
}
