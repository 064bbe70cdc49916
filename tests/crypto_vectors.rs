//! The crypto layer against vectors: those of the RFCs, which lie beside this file, and the published corpus.

use std::fs;
use std::path::{Path, PathBuf};
use std::str;

use kerbside::crypto::{
    Key, active_directory_computer_salt, active_directory_user_salt, default_salt, supported_enctypes,
};
use kerbside::numbers::{ChecksumType, Enctype, KeyUsage};
use serde_json::Value;

/// One vector, with its fields as what they are.
struct Vector<'v>(&'v Value);

impl Vector<'_> {
    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_else(|| panic!("no text {field} in {}", self.0))
    }

    fn octets(&self, field: &str) -> Vec<u8> {
        let digits = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        self.text(field).as_bytes().chunks(2).map(digits).collect()
    }

    fn number(&self, field: &str) -> i32 {
        let number = self.0[field].as_i64().unwrap_or_else(|| panic!("no number {field} in {}", self.0));
        i32::try_from(number).unwrap()
    }

    fn enctype(&self) -> Enctype {
        Enctype(self.number("enctype"))
    }

    fn usage(&self) -> KeyUsage {
        KeyUsage(u32::try_from(self.number("usage")).unwrap())
    }

    fn key(&self) -> Key {
        Key::new(self.enctype(), &self.octets("key")).unwrap_or_else(|error| panic!("{error} in {}", self.0))
    }

    fn has(&self, field: &str) -> bool {
        !self.0[field].is_null()
    }
}

/// Opens the ciphertext, and seals the plaintext again with the confounder that was inside.
fn check_encryption(vector: &Vector<'_>) {
    let (key, usage) = (vector.key(), vector.usage());
    let (plaintext, ciphertext) = (vector.octets("plaintext"), vector.octets("ciphertext"));
    let prepared = key.for_usage(usage);

    let mut buffer = ciphertext.clone();
    assert_eq!(prepared.decrypt_in_place(&mut buffer).unwrap(), plaintext, "{}", vector.0);
    // RC4's checksum stands in front of the confounder, the others' behind the text.
    let front = if key.enctype() == Enctype::RC4_HMAC { key.info().checksum_octets } else { 0 };
    let confounder = buffer[front..][..prepared.confounder_octets()].to_vec();
    if vector.has("confounder") {
        assert_eq!(confounder, vector.octets("confounder"));
    }
    let mut buffer = ciphertext.clone();
    assert_eq!(key.decrypt_in_place(usage, &mut buffer).unwrap(), plaintext, "{}", vector.0);

    let mut sealed = b"before".to_vec();
    prepared.encrypt(&confounder, &plaintext, &mut sealed).unwrap();
    assert_eq!(sealed, [b"before", &ciphertext[..]].concat(), "{}", vector.0);
    let mut sealed = Vec::new();
    key.encrypt(usage, &confounder, &plaintext, &mut sealed).unwrap();
    assert_eq!(sealed, ciphertext, "{}", vector.0);
}

fn check_checksum(vector: &Vector<'_>, type_field: &str, message_field: &str, checksum_field: &str) {
    let (key, usage) = (vector.key(), vector.usage());
    let (message, checksum) = (vector.octets(message_field), vector.octets(checksum_field));
    let checksum_type = ChecksumType(vector.number(type_field));
    let (front, back) = message.split_at(message.len() / 2);

    let found = key.checksum(usage, &[&message]);
    assert_eq!((found.checksum_type(), found.as_octets()), (checksum_type, &checksum[..]), "{}", vector.0);
    assert_eq!(key.for_usage(usage).checksum(&[front, &[], back]).as_octets(), checksum, "{}", vector.0);
    key.verify_checksum(usage, checksum_type, &[front, back], &checksum).unwrap();
    key.for_usage(usage).verify_checksum(checksum_type, &[&message], &checksum).unwrap();
}

fn check_string_to_key(vector: &Vector<'_>, parameters_field: &str) {
    let parameters = vector.has(parameters_field).then(|| vector.octets(parameters_field));
    let (password, salt) = (vector.octets("password"), vector.octets("salt"));
    let key = Key::from_password(vector.enctype(), &password, &salt, parameters.as_deref());
    assert_eq!(key.unwrap().as_octets(), vector.octets("key"), "{}", vector.0);
}

fn check_prf(vector: &Vector<'_>) {
    assert_eq!(vector.key().prf(&vector.octets("input")).as_octets(), vector.octets("output"), "{}", vector.0);
}

/// KRB-FX-CF2 (RFC 6113 §5.1), which needs nothing but the PRF: the exclusive or of two PRF+ streams is a key.
fn check_cf2(vector: &Vector<'_>) {
    let enctype = vector.enctype();
    let length = supported_enctypes().find(|row| row.enctype == enctype).unwrap().key_octets;
    let stream = |password: &str, pepper: &str| {
        let key = Key::from_password(enctype, password.as_bytes(), password.as_bytes(), None).unwrap();
        let blocks =
            (1..=u8::MAX).flat_map(|count| key.prf(&[&[count], pepper.as_bytes()].concat()).as_octets().to_vec());
        blocks.take(length).collect::<Vec<u8>>()
    };
    let first = stream(vector.text("pass1"), vector.text("pepper1"));
    let second = stream(vector.text("pass2"), vector.text("pepper2"));
    let combined: Vec<u8> = first.iter().zip(&second).map(|(a, b)| a ^ b).collect();
    let key = Key::random_to_key(enctype, &combined).unwrap();
    assert_eq!(key.as_octets(), vector.octets("output"), "{}", vector.0);
}

fn built_in(enctype: Enctype) -> bool {
    supported_enctypes().any(|row| row.enctype == enctype)
}

/// Enctypes that a build without the feature `camellia` lacks. Any other enctype that is not built in is a failure.
fn lacks_camellia(enctype: Enctype) -> bool {
    cfg!(not(feature = "camellia")) && matches!(enctype, Enctype::CAMELLIA128_CTS_CMAC | Enctype::CAMELLIA256_CTS_CMAC)
}

fn check(vector: &Vector<'_>) {
    if vector.has("enctype") && lacks_camellia(vector.enctype()) {
        return assert!(!built_in(vector.enctype()));
    }
    match vector.text("op") {
        "encrypt" => check_encryption(vector),
        "checksum" => check_checksum(vector, "checksum_type", "message", "checksum"),
        "string-to-key" => check_string_to_key(vector, "parameters"),
        "prf" => check_prf(vector),
        "user-salt" => {
            let salt = active_directory_user_salt(vector.text("realm"), vector.text("account"));
            assert_eq!(salt, vector.octets("salt"));
        }
        "computer-salt" => {
            let salt = active_directory_computer_salt(vector.text("realm"), vector.text("account"));
            assert_eq!(salt, vector.octets("salt"));
        }
        unknown => panic!("unknown operation {unknown}"),
    }
}

fn read(path: &Path) -> Value {
    let octets = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&octets).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn agrees_with_every_vector_of_the_rfcs() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/crypto");
    let mut count = 0;
    for entry in fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().unwrap().to_str().unwrap() {
            // The unit tests of the crypto layer read that directory.
            "README.md" | "internals" => continue,
            name => assert!(name.ends_with(".json"), "{name} is read by no test"),
        }
        let file = read(&path);
        assert!(file["source"].is_string(), "{} does not say where it is from", path.display());
        for vector in file["vectors"].as_array().unwrap() {
            check(&Vector(vector));
            count += 1;
        }
    }
    assert_eq!(count, 64, "a vector was added or lost");
}

/// The published corpus is not part of the repository; a run without it says so, and CI does not run without it.
#[expect(clippy::disallowed_methods, reason = "the one way to tell a test where the corpus is")]
fn corpus() -> Option<PathBuf> {
    let Ok(corpus) = std::env::var("KERBSIDE_PUBLISHED_VECTORS") else {
        assert_ne!(std::env::var("CI").ok().as_deref(), Some("true"), "KERBSIDE_PUBLISHED_VECTORS is not set");
        println!("not run: KERBSIDE_PUBLISHED_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(corpus))
}

/// Why a row of the corpus is passed over, and how many such rows there are.
///
/// `detail` is the checksum type or the error that the row is about; none means the enctype alone decides.
struct PassedOver {
    file: &'static str,
    enctype: i32,
    detail: Option<&'static str>,
    rows: usize,
    reason: &'static str,
}

const fn passed_over(
    file: &'static str,
    enctype: i32,
    detail: Option<&'static str>,
    rows: usize,
    reason: &'static str,
) -> PassedOver {
    PassedOver { file, enctype, detail, rows, reason }
}

const DES3: &str = "DES3 is not implemented (RFC 8429)";
const UNKEYED: &str = "unkeyed checksums are not implemented";
const MINIMUM: &str = "MIT krb5 has a lowest iteration count of its own; string-to-key here has only a highest";

const PASSED_OVER: &[PassedOver] = &[
    passed_over("krb5/crypto/cf2.json", 16, None, 1, DES3),
    passed_over("krb5/crypto/cksums.json", 0, Some("2"), 1, UNKEYED),
    passed_over("krb5/crypto/cksums.json", 0, Some("7"), 1, UNKEYED),
    passed_over("krb5/crypto/cksums.json", 0, Some("14"), 1, UNKEYED),
    passed_over("krb5/crypto/cksums.json", 16, Some("12"), 1, DES3),
    passed_over("krb5/crypto/cksums.json", 23, Some("-137"), 1, "not the mandatory type of RC4 keys"),
    passed_over("krb5/crypto/decrypt.json", 16, None, 5, DES3),
    passed_over("krb5/crypto/decrypt.json", 24, None, 5, "rc4-hmac-exp is not implemented (RFC 6649)"),
    passed_over("krb5/crypto/str2key.json", 16, None, 5, DES3),
    passed_over("krb5/crypto/str2key.json", 18, Some("KRB5_ERR_BAD_S2K_PARAMS"), 1, MINIMUM),
    passed_over("krb5/crypto/str2key.json", 26, Some("KRB5_ERR_BAD_S2K_PARAMS"), 1, MINIMUM),
];

/// Files whose operations are not public: the unit tests of the crypto layer read them.
const READ_BY_UNIT_TESTS: &[&str] = &[
    "krb5/crypto/camellia-expect-vt.txt",
    "krb5/crypto/derive.json",
    "krb5/crypto/nfold.json",
    "rfc/rfc3961-drdk.json",
    "rfc/rfc3962-cts.json",
];

/// What else than the enctype can make a row one that is passed over.
fn detail(file: &str, vector: &Vector<'_>) -> Option<String> {
    match file {
        "krb5/crypto/cksums.json" => Some(vector.number("cksumtype").to_string()),
        "krb5/crypto/str2key.json" => Some(vector.text("err").to_owned()).filter(|error| error != "0"),
        _ => None,
    }
}

fn check_published(file: &str, vector: &Vector<'_>) {
    match file {
        "krb5/crypto/cf2.json" => check_cf2(vector),
        "krb5/crypto/cksums.json" => check_checksum(vector, "cksumtype", "data", "cksum"),
        "krb5/crypto/decrypt.json" => check_encryption(vector),
        "krb5/crypto/prf.json" => check_prf(vector),
        "krb5/crypto/str2key.json" => check_string_to_key(vector, "params"),
        unknown => panic!("no test reads {unknown}"),
    }
}

#[test]
fn agrees_with_every_published_vector() {
    let Some(corpus) = corpus() else { return };
    let index = fs::read_to_string(corpus.join("index.jsonl")).unwrap();
    let records = index.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let files =
        records.filter(|record| record["kind"] == "crypto-vector").map(|r| r["file"].as_str().unwrap().to_owned());

    let (mut passed, mut lacking, mut skipped) = (0, 0, vec![0; PASSED_OVER.len()]);
    let mut left = READ_BY_UNIT_TESTS.to_vec();
    for file in files {
        if let Some(at) = left.iter().position(|known| *known == file) {
            left.remove(at);
            continue;
        }
        for row in read(&corpus.join("data").join(&file)).as_array().unwrap() {
            let vector = Vector(row);
            let detail = detail(&file, &vector);
            let known = PASSED_OVER.iter().position(|row| {
                row.file == file && row.enctype == vector.enctype().0 && row.detail == detail.as_deref()
            });
            if let Some(at) = known {
                skipped[at] += 1;
            } else if lacks_camellia(vector.enctype()) {
                lacking += 1;
            } else {
                check_published(&file, &vector);
                passed += 1;
            }
        }
    }

    for (row, found) in PASSED_OVER.iter().zip(&skipped) {
        println!("{}, enctype {} {:?}: {found} passed over: {}", row.file, row.enctype, row.detail, row.reason);
        // Without Camellia, what is passed over is still in the corpus.
        assert_eq!(*found, row.rows, "{} enctype {}", row.file, row.enctype);
    }
    println!("{passed} passed, {} passed over, {lacking} of enctypes not built in", skipped.iter().sum::<usize>());
    assert!(left.is_empty(), "not in the corpus: {left:?}");
    assert_eq!(passed + lacking, 85, "a vector was added or lost");
}

#[test]
fn default_salt_is_the_realm_and_the_components_without_separators() {
    assert_eq!(default_salt(b"EXAMPLE.COM", ["HTTP", "web.example.com"]), b"EXAMPLE.COMHTTPweb.example.com");
    assert_eq!(default_salt(b"EXAMPLE.COM", [b"alice"]), b"EXAMPLE.COMalice");
}
