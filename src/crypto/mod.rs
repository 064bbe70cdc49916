//! Keys, and what they do: open, seal, check and derive (RFC 3961 and the profiles built on it).
//!
//! Layer 1. The keytab layer hands over octets and an enctype number and gets a [`Key`]; the acceptor asks a
//! key for one usage at a time and gets a [`UsageKey`], which opens a ticket or an authenticator in place. What an
//! enctype does is a row of one table ([`supported_enctypes`]) and nothing outside this directory asks which enctype
//! a key has.
//!
//! Refused: keys whose length is not their enctype's ([`KeyError`]); enctypes without a row, DES and DES3 among them
//! (RFC 6649, RFC 8429); iteration counts above [`MAX_ITERATIONS`]. A ciphertext that is too short, was changed, or
//! was made with another key or for another usage is one and the same [`IntegrityError`], which says nothing more.
//!
//! Costs: a [`UsageKey`] holds its cipher schedules and keyed MAC states ready, so a message costs its octets and no
//! heap allocation. [`Key::decrypt_in_place`] and its siblings derive what one message needs and forget it again.
//! All key material is zeroized on drop; schedules of AES are overwritten with that of a zero key.

#[cfg(feature = "std")]
mod buffered_random;
mod cts;
mod derivation;
mod enctype;
mod error;
mod fingerprint;
mod key;
mod octets;
mod profile;
mod random;
mod salt;
mod schedule;
mod string_to_key;
#[cfg(test)]
mod tests;
mod usage_key;

// One file per profile; each is named by rows of the table.
#[cfg(feature = "camellia")]
mod camellia_cmac;
mod hmac_sha2;
mod rc4_hmac;
mod rc4_tokens;
mod simplified;

#[cfg(feature = "std")]
pub use buffered_random::BufferedRandom;
pub use enctype::{EnctypeInfo, TokenForm, supported_enctypes};
pub use error::{ConfounderError, IntegrityError, KeyError};
pub use fingerprint::KeyFingerprint;
pub use key::Key;
pub(crate) use key::SealingKey;
pub use octets::{Checksum, PrfOutput};
pub(crate) use profile::{Associated, Plaintext};
#[cfg(feature = "std")]
pub use random::SystemRandom;
pub use random::{RandomError, RandomSource};
pub(crate) use rc4_tokens::Rc4TokenKeys;
pub use salt::{Salt, active_directory_computer_salt, active_directory_user_salt, default_salt};
pub use string_to_key::MAX_ITERATIONS;
pub use usage_key::UsageKey;
