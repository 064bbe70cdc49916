//! Camellia-CTS with CMAC (RFC 6803), behind the feature `camellia`.
//!
//! The message has the shape of the simplified profile, with CMAC for the HMAC; derivation is SP 800-108's feedback
//! mode over CMAC, and nothing is n-folded.

use core::marker::PhantomData;
use core::ops::Range;

use camellia::Camellia;
use cipher::KeyInit;
use cipher::array::{Array, ArraySize};
use cipher::common::InnerInit;
use cipher::consts::U16;
use cmac::{Cmac, Mac};
use sha1::Sha1;
use zeroize::{Zeroize, Zeroizing};

use super::cts::TooShort;
use super::derivation::{Purpose, keyed};
use super::enctype::EnctypeInfo;
use super::error::{IntegrityError, KeyError};
use super::octets::{KeyOctets, PrfOutput, Short};
use super::profile::{Associated, Suite, Tag, mac, truncated_mac};
use super::simplified::{decrypt_and_verify, mac_and_encrypt};
use super::string_to_key::{named_salt, pbkdf2_octets};
use crate::numbers::KeyUsage;

/// The profile over one cipher.
pub(super) struct CamelliaCmac<C>(PhantomData<C>);

impl<C> CamelliaCmac<C> {
    pub(super) const PROFILE: Self = Self(PhantomData);
}

impl<K: ArraySize, const ROUND_KEYS: usize> Suite for CamelliaCmac<Camellia<K, ROUND_KEYS>>
where
    Camellia<K, ROUND_KEYS>: KeyInit<KeySize = K> + Send + Sync + 'static,
{
    type Base = Cmac<Camellia<K, ROUND_KEYS>>;
    type Encryptor = Camellia<K, ROUND_KEYS>;
    type Decryptor = Camellia<K, ROUND_KEYS>;
    type Integrity = Cmac<Camellia<K, ROUND_KEYS>>;
    type Signer = Cmac<Camellia<K, ROUND_KEYS>>;

    fn base(key: &[u8]) -> Self::Base {
        Cmac::inner_init(keyed(key))
    }

    fn encryption_key(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> KeyOctets {
        derived_octets(base, &Purpose::Encryption.constant(usage), row.key_octets)
    }

    fn integrity_key(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> KeyOctets {
        derived_octets(base, &Purpose::Integrity.constant(usage), row.key_octets)
    }

    fn encryptor(encryption_key: &KeyOctets) -> Self::Encryptor {
        keyed(encryption_key.as_slice())
    }

    fn decryptor(encryption_key: &KeyOctets) -> Self::Decryptor {
        keyed(encryption_key.as_slice())
    }

    fn integrity(integrity_key: &KeyOctets) -> Self::Base {
        Cmac::inner_init(keyed(integrity_key.as_slice()))
    }

    fn signer(row: &EnctypeInfo, base: &Self::Base, usage: KeyUsage) -> Self::Base {
        Self::integrity(&derived_octets(base, &Purpose::Checksum.constant(usage), row.key_octets))
    }

    fn seal(
        row: &EnctypeInfo,
        keys: (&Self::Encryptor, &Self::Base),
        message: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<(), TooShort> {
        mac_and_encrypt(row, keys, message, associated)
    }

    fn open(
        row: &EnctypeInfo,
        keys: (&Self::Encryptor, &Self::Base),
        buffer: &mut [u8],
        associated: Associated<'_>,
    ) -> Result<Range<usize>, IntegrityError> {
        decrypt_and_verify(row, keys, buffer, associated)
    }

    fn sign(row: &EnctypeInfo, signer: &Self::Base, message: &[&[u8]]) -> Tag {
        truncated_mac(row, signer, message)
    }

    /// RFC 6803 §6: `CMAC(DK(key, "prf"), input)`.
    fn prf(row: &EnctypeInfo, key: &[u8], input: &[u8]) -> PrfOutput {
        let derived = Self::integrity(&derived_octets(&Self::base(key), b"prf", row.key_octets));
        PrfOutput::new(&mac(&derived, &[input]))
    }

    /// RFC 6803 §5: `DK(PBKDF2(password, name ‖ 0 ‖ salt), "kerberos")`.
    fn string_to_key(row: &EnctypeInfo, password: &[u8], salt: &[u8], iterations: u32) -> Result<KeyOctets, KeyError> {
        let secret = pbkdf2_octets::<Sha1>(row, password, &named_salt(row, salt), iterations);
        Ok(derived_octets(&Self::base(secret.as_slice()), b"kerberos", row.key_octets))
    }
}

/// KDF-FEEDBACK-CMAC (RFC 6803 §3): `K(i) = CMAC(key, K(i-1) ‖ i ‖ constant ‖ 00 ‖ length in bits)` from `K(0) = 0`.
pub(super) fn derived_octets<M: Mac<OutputSize = U16> + Clone>(base: &M, constant: &[u8], length: usize) -> KeyOctets {
    let mut key = Zeroizing::new(Short::zeros(length));
    // 128 or 256 bits.
    let bits = u32::try_from(length.saturating_mul(8)).unwrap_or(u32::MAX).to_be_bytes();
    let mut previous = Array::<u8, U16>::default();
    for (chunk, counter) in key.as_mut_slice().chunks_mut(previous.len()).zip(1_u32..) {
        previous = mac(base, &[&previous, &counter.to_be_bytes(), constant, &[0], &bits]);
        for (to, from) in chunk.iter_mut().zip(&previous) {
            *to = *from;
        }
    }
    previous.as_mut_slice().zeroize();
    key
}
