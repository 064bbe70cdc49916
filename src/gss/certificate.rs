//! The hash of a certificate that `tls-server-end-point` asks for (RFC 5929 §4.1).
//!
//! Of a certificate only the outermost SEQUENCE and its signatureAlgorithm are read (RFC 5280 §4.1.1); what was signed is
//! hashed and not looked into. The certificate is the caller's own, so nothing is verified here.

use super::Oid;
use crate::asn1::{LengthForm, ObjectIdentifier, Reader, Rules, Tag};
use crate::error::{DecodeError, TypeId};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

const TYPE_ID: TypeId = TypeId::CERTIFICATE;

/// Certificates of any encoder are read, as TLS libraries do; nesting ends where the algorithm's parameters do.
const RULES: Rules = Rules::new(LengthForm::UpToFourOctets, 16);

/// Why a certificate has no `tls-server-end-point`.
///
/// Peers that agree on a hash all the same can use
/// [`tls_server_end_point_hash`](super::ChannelBindings::tls_server_end_point_hash).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The octets are no certificate in DER.
    #[error("the certificate is malformed: {0}")]
    Malformed(DecodeError),
    /// Its signature algorithm uses no hash function, as Ed25519 does, or several: "then this channel binding type's
    /// channel bindings are undefined at this time" (RFC 5929 §4.1).
    #[error("the certificate's signature algorithm {algorithm} has no single hash function")]
    NoSingleHash {
        /// The algorithm, in dotted decimal.
        algorithm: String,
    },
    /// Its signature algorithm, or the hash function that its parameters name, is not known here.
    #[error("the certificate's signature or hash algorithm {algorithm} is not known")]
    UnknownAlgorithm {
        /// The algorithm, in dotted decimal.
        algorithm: String,
    },
}

/// A hash function that the signature of a certificate can use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
}

/// What a signature algorithm says of its hash function.
#[derive(Clone, Copy)]
enum Uses {
    One(Hash),
    /// The one in the parameters of RSASSA-PSS.
    Parameters,
    NotOne,
}

/// Signature algorithms by the content octets of their identifiers: RFC 3279, RFC 4055, RFC 5758, RFC 8017, RFC 8410.
const SIGNATURES: &[(&[u8], Uses)] = &[
    // PKCS #1, 1.2.840.113549.1.1
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4], Uses::One(Hash::Md5)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], Uses::One(Hash::Sha1)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], Uses::Parameters),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], Uses::One(Hash::Sha256)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], Uses::One(Hash::Sha384)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], Uses::One(Hash::Sha512)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14], Uses::One(Hash::Sha224)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 15], Uses::One(Hash::Sha512_224)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 16], Uses::One(Hash::Sha512_256)),
    // ECDSA, 1.2.840.10045.4
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], Uses::One(Hash::Sha1)),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1], Uses::One(Hash::Sha224)),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], Uses::One(Hash::Sha256)),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], Uses::One(Hash::Sha384)),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], Uses::One(Hash::Sha512)),
    // DSA, 1.2.840.10040.4.3 and 2.16.840.1.101.3.4.3
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3], Uses::One(Hash::Sha1)),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1], Uses::One(Hash::Sha224)),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2], Uses::One(Hash::Sha256)),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 3], Uses::One(Hash::Sha384)),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 4], Uses::One(Hash::Sha512)),
    // Ed25519 and Ed448, 1.3.101
    (&[0x2b, 0x65, 112], Uses::NotOne),
    (&[0x2b, 0x65, 113], Uses::NotOne),
];

/// Hash functions by the content octets of their identifiers: RFC 3279 §2.2.1, RFC 4055 §2.1, RFC 8017 appendix B.1.
const HASHES: &[(&[u8], Hash)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5], Hash::Md5),
    (&[0x2b, 0x0e, 3, 2, 26], Hash::Sha1),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], Hash::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], Hash::Sha384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], Hash::Sha512),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4], Hash::Sha224),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 5], Hash::Sha512_224),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 6], Hash::Sha512_256),
];

/// `id-mgf1`, 1.2.840.113549.1.1.8 (RFC 8017 appendix B.2.1).
const MGF1: Oid<'static> = Oid::new(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8]);

/// RFC 5929 §4.1: the hash of the certificate, "octet for octet, in the server's Certificate message", by the hash
/// function of its signature, or by SHA-256 where that is MD5 or SHA-1.
pub(super) fn hash(certificate: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let (algorithm, parameters) =
        Reader::new(certificate, TYPE_ID, RULES).whole(signature_algorithm).map_err(CertificateError::Malformed)?;
    let known = SIGNATURES.iter().find(|(oid, _)| Oid::new(oid) == algorithm).map(|(_, uses)| *uses);
    let hash = match known {
        None => return Err(CertificateError::UnknownAlgorithm { algorithm: algorithm.to_string() }),
        Some(Uses::NotOne) => return Err(no_single_hash(algorithm)),
        Some(Uses::One(hash)) => hash,
        Some(Uses::Parameters) => hash_of_pss(algorithm, parameters)?,
    };
    Ok(hash.of(certificate))
}

/// ```text
/// Certificate ::= SEQUENCE {
///     tbsCertificate TBSCertificate, signatureAlgorithm AlgorithmIdentifier, signatureValue BIT STRING
/// }
/// ```
fn signature_algorithm<'a>(reader: &mut Reader<'a>) -> Result<(Oid<'a>, Reader<'a>), DecodeError> {
    let mut fields = reader.read(Tag::SEQUENCE)?;
    fields.read(Tag::SEQUENCE)?;
    let found = algorithm_identifier(&mut fields)?;
    fields.read(Tag::BIT_STRING)?;
    fields.finish()?;
    Ok(found)
}

/// `AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`: the algorithm, and a
/// reader before the parameters.
fn algorithm_identifier<'a>(reader: &mut Reader<'a>) -> Result<(Oid<'a>, Reader<'a>), DecodeError> {
    let mut fields = reader.read(Tag::SEQUENCE)?;
    let algorithm = Oid::new(fields.value::<ObjectIdentifier>()?);
    let parameters = fields;
    if !fields.is_empty() {
        fields.read_any()?;
    }
    fields.finish()?;
    Ok((algorithm, parameters))
}

/// ```text
/// RSASSA-PSS-params ::= SEQUENCE {
///     hashAlgorithm [0] HashAlgorithm DEFAULT sha1, maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1,
///     saltLength [2] INTEGER DEFAULT 20, trailerField [3] TrailerField DEFAULT trailerFieldBC
/// }
/// ```
///
/// Q1: is the hash function inside the mask generation another one? RFC 5929 §4.1 says "uses multiple hash functions". A:
/// where it is the same as that of the message, which RFC 8017 §8.1 recommends, there is one; else there are two.
fn hash_of_pss(algorithm: Oid<'_>, mut parameters: Reader<'_>) -> Result<Hash, CertificateError> {
    let mut fields = parameters.read(Tag::SEQUENCE).map_err(CertificateError::Malformed)?;
    let mut optional = |number| fields.explicit_optional(Tag::context(number), algorithm_identifier);
    let message = optional(0).map_err(CertificateError::Malformed)?;
    let mask = optional(1).map_err(CertificateError::Malformed)?;
    let of_message = message.map_or(Ok(Hash::Sha1), |(oid, _)| known_hash(oid))?;
    let of_mask = match mask {
        None => Hash::Sha1,
        Some((oid, mut parameters)) if oid == MGF1 => {
            known_hash(algorithm_identifier(&mut parameters).map_err(CertificateError::Malformed)?.0)?
        }
        Some((oid, _)) => return Err(CertificateError::UnknownAlgorithm { algorithm: oid.to_string() }),
    };
    if of_message == of_mask { Ok(of_message) } else { Err(no_single_hash(algorithm)) }
}

fn known_hash(oid: Oid<'_>) -> Result<Hash, CertificateError> {
    let known = HASHES.iter().find(|(content, _)| Oid::new(content) == oid).map(|(_, hash)| *hash);
    known.ok_or_else(|| CertificateError::UnknownAlgorithm { algorithm: oid.to_string() })
}

fn no_single_hash(algorithm: Oid<'_>) -> CertificateError {
    CertificateError::NoSingleHash { algorithm: algorithm.to_string() }
}

impl Hash {
    fn of(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 | Self::Sha1 | Self::Sha256 => Sha256::digest(octets).to_vec(),
            Self::Sha224 => Sha224::digest(octets).to_vec(),
            Self::Sha384 => Sha384::digest(octets).to_vec(),
            Self::Sha512 => Sha512::digest(octets).to_vec(),
            Self::Sha512_224 => Sha512_224::digest(octets).to_vec(),
            Self::Sha512_256 => Sha512_256::digest(octets).to_vec(),
        }
    }
}
