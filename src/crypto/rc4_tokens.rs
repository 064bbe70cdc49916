//! The two ciphers of RC4's per-message tokens (RFC 4757 §7.2, §7.3): one for sequence numbers, one for messages.
//!
//! Their checksums are those of [`UsageKey`](super::UsageKey) with the message types 13 and 15, cut to eight octets.

use cipher::StreamCipher;
use hmac::Hmac;
use md5::Md5;
use zeroize::Zeroizing;

use super::derivation::keyed;
use super::key::Key;
use super::rc4_hmac::{message_cipher, subkey};

/// What `Klocal` differs from the key by, in every octet (RFC 4757 §7.3).
const LOCAL: u8 = 0xf0;

/// The keyed states that each token's `Kseq` and `Kcrypt` come from, zeroized on drop.
pub(crate) struct Rc4TokenKeys {
    sequence: Hmac<Md5>,
    message: Hmac<Md5>,
}

impl Rc4TokenKeys {
    pub(crate) fn new(key: &Key) -> Self {
        let mut local = Zeroizing::new([0; 16]);
        for (to, from) in local.iter_mut().zip(key.as_octets()) {
            *to = from ^ LOCAL;
        }
        let of = |octets: &[u8]| subkey(&keyed(octets), &[0; 4]);
        Self { sequence: of(key.as_octets()), message: of(local.as_slice()) }
    }

    /// Encrypts or decrypts `SND_SEQ` with the key that the token's own checksum names.
    pub(crate) fn apply_to_sequence(&self, sgn_cksum: &[u8; 8], snd_seq: &mut [u8; 8]) {
        message_cipher(&self.sequence, sgn_cksum).apply_keystream(snd_seq);
    }

    /// Encrypts or decrypts confounder, message and padding with the key that the sequence number names.
    pub(crate) fn apply_to_message(&self, sequence_number: [u8; 4], text: &mut [u8]) {
        message_cipher(&self.message, &sequence_number).apply_keystream(text);
    }
}
