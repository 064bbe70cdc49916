//! What keys refuse, and the near misses that they accept.

use kerbside::crypto::{ConfounderError, IntegrityError, Key, KeyError, MAX_ITERATIONS, UsageKey, supported_enctypes};
use kerbside::numbers::{ChecksumType, Enctype, KeyUsage};

const USAGES: [KeyUsage; 4] = [KeyUsage::TICKET, KeyUsage::AP_REQ_AUTHENTICATOR, KeyUsage::AP_REP, KeyUsage(1024)];

/// Octets that differ from each other and from those of another seed.
fn octets(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| seed.wrapping_mul(31) ^ u8::try_from(at % 251).unwrap().wrapping_mul(7)).collect()
}

/// One key of every enctype that is built in.
fn keys() -> impl Iterator<Item = Key> {
    supported_enctypes().map(|row| Key::new(row.enctype, &octets(1, row.key_octets)).unwrap())
}

fn sealed(key: &UsageKey, plaintext: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    key.encrypt(&octets(2, key.confounder_octets()), plaintext, &mut out).unwrap();
    out
}

/// Opens a copy, and checks that a refused buffer holds nothing any more.
fn open(key: &UsageKey, ciphertext: &[u8]) -> Result<Vec<u8>, IntegrityError> {
    let mut buffer = ciphertext.to_vec();
    let opened = key.decrypt_in_place(&mut buffer).map(|plaintext| plaintext.to_vec());
    if opened.is_err() {
        assert!(buffer.iter().all(|octet| *octet == 0), "{} leaves something in the buffer", key.enctype());
    }
    opened
}

#[test]
fn opens_what_it_sealed_at_every_length_and_usage() {
    for key in keys() {
        for usage in USAGES {
            let prepared = key.for_usage(usage);
            for length in (0..=65).chain([1000, 4096, 65_535]) {
                let plaintext = octets(3, length);
                let ciphertext = sealed(&prepared, &plaintext);
                assert_eq!(ciphertext.len(), length + prepared.overhead_octets());
                assert_eq!(open(&prepared, &ciphertext).unwrap(), plaintext, "{} {length}", key.enctype());
            }
        }
    }
}

#[test]
fn one_message_forms_agree_with_prepared_keys() {
    for key in keys() {
        for usage in USAGES {
            let prepared = key.for_usage(usage);
            let plaintext = octets(3, 77);
            let ciphertext = sealed(&prepared, &plaintext);
            let mut buffer = ciphertext.clone();
            assert_eq!(key.decrypt_in_place(usage, &mut buffer).unwrap(), plaintext);
            let mut out = Vec::new();
            key.encrypt(usage, &octets(2, prepared.confounder_octets()), &plaintext, &mut out).unwrap();
            assert_eq!(out, ciphertext);
            let (once, often) = (key.checksum(usage, &[&plaintext]), prepared.checksum(&[&plaintext]));
            assert_eq!((once.checksum_type(), once.as_octets()), (often.checksum_type(), often.as_octets()));
        }
    }
}

#[test]
fn refuses_a_ciphertext_with_any_bit_flipped() {
    for key in keys() {
        let prepared = key.for_usage(KeyUsage::TICKET);
        for length in [0, 1, 15, 16, 17, 48] {
            let genuine = sealed(&prepared, &octets(3, length));
            for at in 0..genuine.len() {
                for bit in 0..8 {
                    let mut changed = genuine.clone();
                    changed[at] ^= 1 << bit;
                    assert!(open(&prepared, &changed).is_err(), "{} octet {at}", key.enctype());
                    let mut buffer = changed;
                    assert!(key.decrypt_in_place(KeyUsage::TICKET, &mut buffer).is_err());
                    assert!(buffer.iter().all(|octet| *octet == 0));
                }
            }
            assert!(open(&prepared, &genuine).is_ok(), "the near miss");
        }
    }
}

#[test]
fn refuses_ciphertexts_too_short_and_cut_and_extended() {
    for key in keys() {
        let prepared = key.for_usage(KeyUsage::TICKET);
        for length in 0..=64 {
            assert!(open(&prepared, &octets(4, length)).is_err(), "{} of {length} octets", key.enctype());
            assert!(open(&prepared, &vec![0; length]).is_err(), "{} of {length} zeros", key.enctype());
        }
        let genuine = sealed(&prepared, &octets(3, 20));
        for length in 0..genuine.len() {
            assert!(open(&prepared, &genuine[..length]).is_err(), "{} cut to {length}", key.enctype());
            assert!(open(&prepared, &genuine[genuine.len() - length..]).is_err());
        }
        assert!(open(&prepared, &[&genuine[..], &[0]].concat()).is_err());
        assert!(open(&prepared, &[&[0], &genuine[..]].concat()).is_err());
        // The shortest that there is holds an empty plaintext.
        assert!(open(&prepared, &sealed(&prepared, &[])).unwrap().is_empty());
    }
}

#[test]
fn refuses_another_usage_and_another_key() {
    for key in keys() {
        let genuine = sealed(&key.for_usage(KeyUsage::TICKET), b"plaintext");
        for other in (0..64).chain([1024, u32::MAX]).map(KeyUsage).filter(|usage| *usage != KeyUsage::TICKET) {
            assert!(open(&key.for_usage(other), &genuine).is_err(), "{} usage {other}", key.enctype());
        }
        for at in 0..key.as_octets().len() {
            let mut other = key.as_octets().to_vec();
            other[at] ^= 0x10;
            let other = Key::new(key.enctype(), &other).unwrap();
            assert!(open(&other.for_usage(KeyUsage::TICKET), &genuine).is_err());
        }
        assert!(open(&key.duplicate().for_usage(KeyUsage::TICKET), &genuine).is_ok());
    }
}

#[test]
fn refuses_a_key_of_the_same_octets_and_another_enctype() {
    for key in keys() {
        let genuine = sealed(&key.for_usage(KeyUsage::TICKET), &octets(3, 32));
        for row in supported_enctypes().filter(|row| row.key_octets == key.as_octets().len()) {
            let other = Key::new(row.enctype, key.as_octets()).unwrap();
            let opened = open(&other.for_usage(KeyUsage::TICKET), &genuine);
            assert_eq!(opened.is_ok(), row.enctype == key.enctype(), "{} as {}", key.enctype(), row.enctype);
            assert_eq!(other == key, row.enctype == key.enctype());
        }
    }
}

#[test]
fn refuses_keys_of_another_length() {
    for row in supported_enctypes() {
        for length in 0..=64 {
            let key = Key::new(row.enctype, &octets(1, length));
            assert_eq!(Key::random_to_key(row.enctype, &octets(1, length)), key);
            match key {
                Ok(key) => assert_eq!((length, key.as_octets()), (row.key_octets, &octets(1, length)[..])),
                Err(error) => {
                    assert_ne!(length, row.key_octets);
                    let wanted = KeyError::Length { enctype: row.enctype, expected: row.key_octets, found: length };
                    assert_eq!(error, wanted);
                }
            }
        }
    }
}

// CAS-03
#[test]
fn refuses_enctypes_without_a_row() {
    for number in (-200..=200).chain([i32::MIN, i32::MAX]).map(Enctype) {
        if supported_enctypes().all(|row| row.enctype != number) {
            assert_eq!(Key::new(number, &[0; 16]), Err(KeyError::Unsupported { enctype: number }));
            assert_eq!(Key::from_password(number, b"", b"", None), Err(KeyError::Unsupported { enctype: number }));
        }
    }
    let numbers: Vec<i32> = supported_enctypes().map(|row| row.enctype.0).collect();
    assert_eq!(numbers[..5], [17, 18, 19, 20, 23]);
    assert_eq!(numbers[5..], if cfg!(feature = "camellia") { vec![25, 26] } else { vec![] });
}

#[test]
fn refuses_a_confounder_of_another_length_and_leaves_the_output_alone() {
    for key in keys() {
        let prepared = key.for_usage(KeyUsage::TICKET);
        for length in 0..=40 {
            let mut out = b"before".to_vec();
            let sealed = prepared.encrypt(&octets(2, length), b"plaintext", &mut out);
            if length == prepared.confounder_octets() {
                assert_eq!((sealed, out.len()), (Ok(()), 6 + 9 + prepared.overhead_octets()));
                continue;
            }
            let ConfounderError { expected, found, .. } = sealed.unwrap_err();
            assert_eq!((expected, found, &out[..]), (prepared.confounder_octets(), length, &b"before"[..]));
        }
    }
}

#[test]
fn refuses_checksums_of_another_type_length_or_value() {
    let types = (-200..=40).chain([0x8003, i32::MIN, i32::MAX]).map(ChecksumType);
    for key in keys() {
        let prepared = key.for_usage(KeyUsage::PAC_SIGNATURE);
        let genuine = prepared.checksum(&[b"message"]);
        let (own, mac) = (genuine.checksum_type(), genuine.as_octets());
        assert_eq!(own, key.info().checksum_type);
        for other in types.clone() {
            let verified = prepared.verify_checksum(other, &[b"message"], mac);
            assert_eq!(verified.is_ok(), other == own, "{other}");
            assert_eq!(key.verify_checksum(KeyUsage::PAC_SIGNATURE, other, &[b"message"], mac), verified);
            assert!(prepared.verify_checksum(other, &[b"message"], &[]).is_err());
        }
        for length in 0..mac.len() {
            assert!(prepared.verify_checksum(own, &[b"message"], &mac[..length]).is_err());
        }
        assert!(prepared.verify_checksum(own, &[b"message"], &[mac, &[0]].concat()).is_err());
        for at in 0..mac.len() * 8 {
            let mut changed = mac.to_vec();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(prepared.verify_checksum(own, &[b"message"], &changed).is_err());
        }
        assert!(prepared.verify_checksum(own, &[b"messagf"], mac).is_err());
        assert!(key.verify_checksum(KeyUsage::TICKET, own, &[b"message"], mac).is_err());
        assert!(prepared.verify_checksum(own, &[b"mess", b"", b"age"], mac).is_ok());
    }
}

#[test]
fn a_checksum_is_not_the_checksum_inside_a_message() {
    for key in keys().filter(|key| key.enctype() != Enctype::RC4_HMAC) {
        let prepared = key.for_usage(KeyUsage::TICKET);
        let message = [octets(2, prepared.confounder_octets()), octets(3, 32)].concat();
        let ciphertext = sealed(&prepared, &octets(3, 32));
        let inside = &ciphertext[ciphertext.len() - key.info().checksum_octets..];
        assert_ne!(prepared.checksum(&[&message]).as_octets(), inside);
        let encrypted = &ciphertext[..ciphertext.len() - inside.len()];
        assert_ne!(prepared.checksum(&[&[0; 16], encrypted]).as_octets(), inside);
    }
}

#[test]
fn rc4_renumbers_two_usages_and_no_other() {
    let key = Key::new(Enctype::RC4_HMAC, &octets(1, 16)).unwrap();
    for (one, other, same) in [(3, 8, true), (23, 13, true), (9, 8, false), (9, 9, true), (11, 12, false)] {
        let genuine = sealed(&key.for_usage(KeyUsage(one)), b"plaintext");
        assert_eq!(open(&key.for_usage(KeyUsage(other)), &genuine).is_ok(), same, "usages {one} and {other}");
    }
}

#[test]
fn iteration_counts_have_a_limit() {
    let derive = |enctype, parameters: &[u8]| Key::from_password(enctype, b"password", b"salt", Some(parameters));
    for row in supported_enctypes().filter(|row| row.default_iterations != 0) {
        let refused = |found| Err(KeyError::IterationCount { found, limit: MAX_ITERATIONS });
        assert_eq!(derive(row.enctype, &[0, 0, 0, 0]), refused(1 << 32));
        assert_eq!(derive(row.enctype, &[1, 0, 0, 1]), refused(u64::from(MAX_ITERATIONS) + 1));
        assert_eq!(derive(row.enctype, &[0xff; 4]), refused(u64::from(u32::MAX)));
        for length in [0, 1, 3, 5, 8] {
            let wrong = KeyError::ParameterLength { expected: 4, found: length };
            assert_eq!(derive(row.enctype, &vec![0; length]), Err(wrong));
        }
        assert!(derive(row.enctype, &[0, 0, 0, 1]).is_ok());
        let by_default = Key::from_password(row.enctype, b"password", b"salt", None);
        assert_eq!(derive(row.enctype, &row.default_iterations.to_be_bytes()), by_default);
    }
}

#[test]
fn rc4_takes_utf8_passwords_and_no_parameters() {
    let derive = |password: &[u8], parameters| Key::from_password(Enctype::RC4_HMAC, password, b"salt", parameters);
    let key = derive("pässwörd".as_bytes(), None);
    assert!(key.is_ok());
    assert_eq!(derive("pässwörd".as_bytes(), Some(&[])), key);
    let wrong = KeyError::ParameterLength { expected: 0, found: 4 };
    assert_eq!(derive(b"password", Some(&[0, 0, 16, 0])), Err(wrong));
    assert_eq!(derive(b"p\xe4ssword", None), Err(KeyError::PasswordEncoding));
}

#[test]
fn prf_depends_on_the_key_the_input_and_the_enctype() {
    let mut outputs = Vec::new();
    for key in keys() {
        for input in [&b""[..], b"a", b"b", &[0; 100]] {
            outputs.push(key.prf(input).as_octets().to_vec());
            assert_eq!(key.duplicate().prf(input).as_octets(), outputs[outputs.len() - 1]);
        }
    }
    let lengths: Vec<usize> = outputs.iter().step_by(4).map(Vec::len).collect();
    assert_eq!(lengths[..5], [16, 16, 32, 48, 20]);
    let count = outputs.len();
    outputs.sort();
    outputs.dedup();
    assert_eq!(outputs.len(), count);
}

#[test]
fn no_text_holds_a_key() {
    // Octets that print as one word in every base that a formatter might use.
    for row in supported_enctypes() {
        let key = Key::new(row.enctype, &vec![0xcd; row.key_octets]).unwrap();
        let prepared = key.for_usage(KeyUsage::TICKET);
        let texts = [
            format!("{key:?} {key:#?} {prepared:?} {prepared:#?}"),
            format!("{:?} {:#?}", key.prf(b"input"), prepared.checksum(&[b"message"])),
        ];
        for text in texts {
            let lower = text.to_lowercase();
            assert!(!lower.contains("cd") && !lower.contains("205"), "{text}");
            assert!(!lower.contains('['), "octets of some kind in {text}");
        }
        assert!(format!("{key:?}").contains(row.name()), "the enctype is shown");
    }
}

#[test]
fn keys_can_be_shared_between_threads() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    assert_shared::<Key>();
    assert_shared::<UsageKey>();

    let key = Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &octets(1, 32)).unwrap().for_usage(KeyUsage::TICKET);
    let genuine = sealed(&key, b"plaintext");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(open(&key, &genuine).unwrap(), b"plaintext"));
        }
    });
}
