//! What is not public, against the vectors of the RFCs: n-fold, DR and DK, derivation, ciphertext stealing.

extern crate std;

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use std::path::{Path, PathBuf};
use std::{format, fs, println, str};

use aes::{Aes128Dec, Aes128Enc, Aes256Enc};
use cipher::array::Array;
use cipher::{BlockCipherEncrypt, BlockSizeUser, Key, KeyInit};
use des::TdesEde3;
use hmac::EagerHash;
use hmac::digest::block_api::{Buffer, BufferKindUser, UpdateCore};
use serde_json::Value;
use sha2::{Sha256, Sha384};
use zeroize::ZeroizeOnDrop;

use super::cts;
use super::derivation::{self, Purpose, keyed, n_fold, random_octets};
use super::hmac_sha2::{self, HmacSha2};
use super::profile::Suite;
use super::simplified::Simplified;
use crate::numbers::KeyUsage;

/// The whole text of a DES3 key: the `random-to-key` of RFC 3961 §6.3.1, which is nowhere else in this crate.
fn des3_random_to_key(random: &[u8]) -> Vec<u8> {
    let mut key = Vec::new();
    for group in random.chunks(7) {
        let last = group.iter().rev().fold(0, |last, octet| (last | octet & 1) << 1);
        key.extend(group.iter().copied().chain([last]).map(|octet| {
            let bits = octet & 0xfe;
            bits | u8::from(bits.count_ones() % 2 == 0)
        }));
    }
    key
}

fn folded<C: BlockSizeUser>(constant: &[u8]) -> cipher::Block<C> {
    let mut block = Array::default();
    n_fold(constant, &mut block);
    block
}

/// DK of RFC 3961 for AES, over the same [`random_octets`] and [`n_fold`] that the simplified profile uses.
fn aes_dk<C: BlockCipherEncrypt + KeyInit>(key: &[u8], constant: &[u8]) -> Vec<u8> {
    let cipher: C = keyed(key);
    derivation::derived_octets(&cipher, folded::<C>(constant), key.len()).as_slice().to_vec()
}

fn derive(enctype: i64, key: &[u8], constant: &[u8], length: usize) -> Option<Vec<u8>> {
    Some(match enctype {
        16 => {
            let mut random = vec![0; 21];
            random_octets(&keyed::<TdesEde3>(key), folded::<TdesEde3>(constant), &mut random);
            des3_random_to_key(&random)
        }
        17 => aes_dk::<Aes128Enc>(key, constant),
        18 => aes_dk::<Aes256Enc>(key, constant),
        19 => hmac_sha2::derive(&keyed::<hmac::Hmac<Sha256>>(key), constant, length).as_slice().to_vec(),
        20 => hmac_sha2::derive(&keyed::<hmac::Hmac<Sha384>>(key), constant, length).as_slice().to_vec(),
        #[cfg(feature = "camellia")]
        25 => super::camellia_cmac::derived_octets(
            &cmac::Cmac::<camellia::Camellia128>::new(&array(key)),
            constant,
            key.len(),
        )
        .as_slice()
        .to_vec(),
        #[cfg(feature = "camellia")]
        26 => super::camellia_cmac::derived_octets(
            &cmac::Cmac::<camellia::Camellia256>::new(&array(key)),
            constant,
            key.len(),
        )
        .as_slice()
        .to_vec(),
        _ => return None,
    })
}

#[cfg(feature = "camellia")]
fn array<N: cipher::array::ArraySize>(octets: &[u8]) -> Array<u8, N> {
    Array::try_from(octets).unwrap()
}

/// One field of a vector, as octets.
fn octets(vector: &Value, field: &str) -> Vec<u8> {
    let text = vector[field].as_str().unwrap_or_else(|| panic!("{field} of {vector}"));
    let digits = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(digits).collect()
}

fn check_n_fold(input: &[u8], output: &[u8]) {
    let mut found = vec![0xff; output.len()];
    n_fold(input, &mut found);
    assert_eq!(found, output);
}

fn check_des3_derive(vector: &Value, constant: &str) {
    let (key, constant) = (octets(vector, "key"), octets(vector, constant));
    let mut random = vec![0; 21];
    random_octets(&keyed::<TdesEde3>(&key), folded::<TdesEde3>(&constant), &mut random);
    assert_eq!(random, octets(vector, "dr"));
    assert_eq!(des3_random_to_key(&random), octets(vector, "dk"));
}

fn check_cts(key: &[u8], plaintext: &[u8], ciphertext: &[u8]) {
    let key: &Key<Aes128Enc> = key.try_into().unwrap();
    let mut buffer = plaintext.to_vec();
    cts::encrypt(&Aes128Enc::new(key), &mut buffer).unwrap();
    assert_eq!(buffer, ciphertext);
    cts::decrypt(&Aes128Dec::new(key), &mut buffer).unwrap();
    assert_eq!(buffer, plaintext);
}

/// Without the feature `camellia`, the vectors of its enctypes are the only ones passed over.
fn check_derive(enctype: &Value, key: &[u8], constant: &[u8], derived: &[u8]) {
    let enctype = enctype.as_i64().unwrap();
    match derive(enctype, key, constant, derived.len()) {
        Some(found) => assert_eq!(found, derived, "enctype {enctype}"),
        None => assert!(matches!(enctype, 25 | 26) && cfg!(not(feature = "camellia")), "enctype {enctype}"),
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

#[test]
fn agrees_with_every_vector_of_the_rfcs() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/crypto/internals");
    let mut count = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        for vector in read(&path)["vectors"].as_array().unwrap() {
            match vector["op"].as_str().unwrap() {
                "n-fold" => check_n_fold(&octets(vector, "input"), &octets(vector, "output")),
                "des3-derive" => check_des3_derive(vector, "constant"),
                "cts" => check_cts(&octets(vector, "key"), &octets(vector, "plaintext"), &octets(vector, "ciphertext")),
                "derive" => {
                    let (key, constant) = (octets(vector, "key"), octets(vector, "constant"));
                    check_derive(&vector["enctype"], &key, &constant, &octets(vector, "derived"));
                }
                unknown => panic!("{}: unknown operation {unknown}", path.display()),
            }
            count += 1;
        }
    }
    assert_eq!(count, 38, "a vector was added or lost");
}

/// The published corpus is not part of the repository; a run without it says so.
#[expect(clippy::disallowed_methods, reason = "the one way to tell a test where the corpus is")]
fn published(file: &str) -> Option<PathBuf> {
    let Ok(corpus) = std::env::var("KERBSIDE_PUBLISHED_VECTORS") else {
        assert_ne!(std::env::var("CI").ok().as_deref(), Some("true"), "KERBSIDE_PUBLISHED_VECTORS is not set");
        println!("not run: KERBSIDE_PUBLISHED_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(corpus).join("data").join(file))
}

#[test]
fn agrees_with_the_published_n_fold_vectors() {
    let Some(path) = published("krb5/crypto/nfold.json") else { return };
    let rows = read(&path);
    for row in rows.as_array().unwrap() {
        check_n_fold(&octets(row, "input"), &octets(row, "output"));
    }
    assert_eq!(rows.as_array().unwrap().len(), 9);
}

#[test]
fn agrees_with_the_published_derivation_vectors() {
    let (Some(derive), Some(drdk)) = (published("krb5/crypto/derive.json"), published("rfc/rfc3961-drdk.json")) else {
        return;
    };
    let (derive, drdk) = (read(&derive), read(&drdk));
    for row in derive.as_array().unwrap() {
        let (key, constant) = (octets(row, "inkey"), octets(row, "constant"));
        check_derive(&row["enctype"], &key, &constant, &octets(row, "outkey"));
    }
    for row in drdk.as_array().unwrap() {
        check_des3_derive(row, "usage");
    }
    assert_eq!((derive.as_array().unwrap().len(), drdk.as_array().unwrap().len()), (21, 7));
}

#[test]
fn agrees_with_the_published_cts_vectors() {
    let Some(path) = published("rfc/rfc3962-cts.json") else { return };
    let rows = read(&path);
    for row in rows.as_array().unwrap() {
        check_cts(&octets(row, "key"), &octets(row, "input"), &octets(row, "output"));
    }
    assert_eq!(rows.as_array().unwrap().len(), 6);
}

#[cfg(feature = "camellia")]
#[test]
fn agrees_with_the_published_camellia_vectors() {
    use camellia::{Camellia128, Camellia256};

    let Some(path) = published("krb5/crypto/camellia-expect-vt.txt") else { return };
    let text = fs::read_to_string(path).unwrap();
    let (mut key, mut plaintext, mut count) = (Vec::new(), Vec::new(), 0);
    let unhex = |text: &str| octets(&serde_json::json!({ "hex": text }), "hex");
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        match name {
            "KEY" => key = unhex(value),
            "PT" => plaintext = unhex(value),
            "CT" => {
                let mut block: cipher::Block<Camellia128> = array(&plaintext);
                match key.len() {
                    16 => keyed::<Camellia128>(&key).encrypt_block(&mut block),
                    32 => keyed::<Camellia256>(&key).encrypt_block(&mut block),
                    length => panic!("no enctype has keys of {length} octets"),
                }
                assert_eq!(block.to_vec(), unhex(value));
                count += 1;
            }
            "KEYSIZE" | "I" | "" => {}
            unknown => panic!("unknown line {unknown}"),
        }
    }
    assert_eq!(count, 256);
}

#[test]
fn folds_usage_constants_as_n_fold_does() {
    let edges = [u32::MAX, u32::MAX - 1, 0x8000_0000, 0x00ff_00ff, 0x0102_0304];
    for usage in (0..=1100).chain(edges).map(KeyUsage) {
        for purpose in [Purpose::Checksum, Purpose::Encryption, Purpose::Integrity] {
            let mut general = [0; 16];
            n_fold(&purpose.constant(usage), &mut general);
            assert_eq!(purpose.folded(usage), general, "usage {}", usage.0);
        }
    }
}

#[test]
fn folds_nothing_to_zeros() {
    let mut output = [0xff; 5];
    n_fold(&[], &mut output);
    assert_eq!(output, [0; 5]);
    n_fold(b"x", &mut []);
}

#[test]
fn refuses_ciphertext_stealing_below_one_block() {
    let key = Key::<Aes128Enc>::default();
    for length in 0..cts::BLOCK_OCTETS {
        let mut text = vec![7; length];
        assert!(cts::encrypt(&Aes128Enc::new(&key), &mut text).is_err());
        assert!(cts::decrypt(&Aes128Dec::new(&key), &mut text).is_err());
        assert_eq!(text, vec![7; length]);
    }
}

#[test]
fn encrypts_one_block_as_the_block_cipher_does() {
    let key = Key::<Aes128Enc>::default();
    let mut text = [7; cts::BLOCK_OCTETS];
    let mut block = Array::from(text);
    Aes128Enc::new(&key).encrypt_block(&mut block);
    cts::encrypt(&Aes128Enc::new(&key), &mut text).unwrap();
    assert_eq!(text, block[..]);
    cts::decrypt(&Aes128Dec::new(&key), &mut text).unwrap();
    assert_eq!(text, [7; cts::BLOCK_OCTETS]);
}

#[test]
fn round_trips_ciphertext_stealing_of_every_length() {
    let key = Key::<Aes128Enc>::default();
    for length in cts::BLOCK_OCTETS..=300 {
        let plaintext: Vec<u8> = (0..=255).cycle().take(length).collect();
        let mut text = plaintext.clone();
        cts::encrypt(&Aes128Enc::new(&key), &mut text).unwrap();
        assert_ne!(text, plaintext);
        cts::decrypt(&Aes128Dec::new(&key), &mut text).unwrap();
        assert_eq!(text, plaintext, "{length} octets");
    }
}

/// What is derived while another message is opened seals as the key itself does; and where nothing opens there is nothing.
#[test]
fn an_answer_is_sealed_as_by_the_key_itself() {
    for row in super::supported_enctypes() {
        let octets: Vec<u8> = (1..=255).take(row.key_octets).collect();
        let key = super::Key::new(row.enctype, &octets).unwrap();
        let confounder = vec![3; row.confounder_octets];
        let (question, answer) = (KeyUsage::AP_REQ_AUTHENTICATOR, KeyUsage::AP_REP);
        let (mut asked, mut expected) = (vec![], vec![]);
        key.encrypt(question, &confounder, b"who?", &mut asked).unwrap();
        key.encrypt(answer, &confounder, b"it is me", &mut expected).unwrap();

        let mut buffer = asked.clone();
        let (plaintext, while_opening) = key.decrypt_to_answer(question, &mut buffer, answer).unwrap();
        assert_eq!(plaintext, b"who?");
        for sealing in [while_opening, key.sealing(answer)] {
            let mut sealed = vec![];
            sealing.encrypt_written(&confounder, &mut sealed, |out| out.extend_from_slice(b"it is me")).unwrap();
            assert_eq!(sealed, expected, "{}", row.name());
            assert!(sealing.encrypt_written(&confounder[1..], &mut sealed, |_| {}).is_err());
            assert_eq!(sealed, expected, "as before");
        }

        let last = asked.len() - 1;
        asked[last] ^= 1;
        assert!(key.decrypt_to_answer(question, &mut asked, answer).is_err());
        assert_eq!(asked, vec![0; asked.len()], "wiped");
    }
}

fn debug_text(value: &impl core::fmt::Debug) -> String {
    format!("{value:?}").to_string()
}

#[test]
fn every_row_of_the_table_is_named_and_consistent() {
    let rows: Vec<_> = super::supported_enctypes().collect();
    assert!(rows.windows(2).all(|pair| pair[0].enctype < pair[1].enctype), "not in order, or twice");
    for row in rows {
        assert!(!row.name().is_empty() && row.checksum_type.name().is_some() && row.rfc.starts_with("RFC "));
        assert!(
            row.key_octets <= super::octets::MAX_KEY_OCTETS
                && row.checksum_octets <= super::octets::MAX_CHECKSUM_OCTETS
        );
        assert!(debug_text(&row).contains(row.name()));
    }
}

/// `Hmac` and `Cmac` do not carry the marker, but all that they are made of does.
fn assert_parts_wiped<C: UpdateCore + BufferKindUser + ZeroizeOnDrop>()
where
    Buffer<C>: ZeroizeOnDrop,
{
}

fn assert_wiped<T: ZeroizeOnDrop>() {}

fn assert_suite_wiped<S: Suite>()
where
    S::Encryptor: ZeroizeOnDrop,
    S::Decryptor: ZeroizeOnDrop,
{
}

#[test]
fn every_key_state_is_wiped_on_drop() {
    assert_suite_wiped::<Simplified<Aes128Enc, Aes128Dec>>();
    assert_wiped::<<Simplified<Aes128Enc, Aes128Dec> as Suite>::Base>();
    assert_suite_wiped::<HmacSha2<Aes256Enc, aes::Aes256Dec, Sha384>>();
    assert_wiped::<rc4::Rc4>();
    assert_wiped::<super::octets::KeyOctets>();
    assert_parts_wiped::<<sha1::Sha1 as EagerHash>::Core>();
    assert_parts_wiped::<<Sha256 as EagerHash>::Core>();
    assert_parts_wiped::<<Sha384 as EagerHash>::Core>();
    assert_parts_wiped::<<md5::Md5 as EagerHash>::Core>();
}

#[cfg(feature = "camellia")]
#[test]
fn every_camellia_state_is_wiped_on_drop() {
    assert_wiped::<camellia::Camellia128>();
    assert_wiped::<camellia::Camellia256>();
    assert_parts_wiped::<cmac::block_api::CmacCore<camellia::Camellia256>>();
}
