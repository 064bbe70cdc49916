//! `Authenticator`, RFC 4120 §5.5.1, and the checksum in it, RFC 4121 §4.1.1, as an initiator would write them.

use super::authorization_data::{self, AuthorizationElement};
use super::defect::Part;
use super::der_write::{Fields, Productions, general_string, integer, octet_string, time};
use super::keys::EncryptionKey;
use super::names::PrincipalName;
use crate::numbers::{ChecksumType, KeyUsage};
use crate::time::{KerberosTime, Timestamp};
use alloc::vec::Vec;
use md5::{Digest, Md5};

/// The flags of the GSS checksum, RFC 4121 §4.1.1.1.
pub mod gss_flag {
    /// Credentials are delegated.
    pub const DELEG: u32 = 0x1;
    /// The acceptor is asked to prove itself.
    pub const MUTUAL: u32 = 0x2;
    /// Replayed messages are to be found.
    pub const REPLAY: u32 = 0x4;
    /// Messages out of order are to be found.
    pub const SEQUENCE: u32 = 0x8;
    /// Messages can be sealed.
    pub const CONF: u32 = 0x10;
    /// Messages can be signed.
    pub const INTEG: u32 = 0x20;
    /// DCE style: three legs, no framing (MS-KILE §3.4.5.1).
    pub const DCE_STYLE: u32 = 0x1000;
    /// The acceptor may identify the client and no more.
    pub const IDENTIFY: u32 = 0x2000;
    /// Errors may say more.
    pub const EXTENDED_ERROR: u32 = 0x4000;
}

/// An authenticator, RFC 4120 §5.5.1. Every field can be set to anything.
///
/// ```text
/// Authenticator ::= [APPLICATION 2] SEQUENCE {
///     authenticator-vno [0] INTEGER (5), crealm [1] Realm, cname [2] PrincipalName, cksum [3] Checksum OPTIONAL,
///     cusec [4] Microseconds, ctime [5] KerberosTime, subkey [6] EncryptionKey OPTIONAL,
///     seq-number [7] UInt32 OPTIONAL, authorization-data [8] AuthorizationData OPTIONAL
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Authenticator {
    /// The version, 5.
    pub authenticator_vno: i64,
    /// The client's realm, which must be the ticket's.
    pub crealm: Vec<u8>,
    /// The client's name, which must be the ticket's.
    pub cname: PrincipalName,
    /// The checksum, which in GSS-API is none.
    pub cksum: AuthenticatorChecksum,
    /// Microseconds of the client's clock, valid or not.
    pub cusec: i64,
    /// Seconds of the client's clock.
    pub ctime: KerberosTime,
    /// The initiator's subkey.
    pub subkey: Option<EncryptionKey>,
    /// The first sequence number; wider than the wire's 32 bits, so that a negative number and its unsigned twin can
    /// both be written.
    pub seq_number: Option<i64>,
    /// Authorization data of the initiator.
    pub authorization_data: Option<Vec<AuthorizationElement>>,
}

impl Authenticator {
    /// The point in time that `ctime` and `cusec` name.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        let micros = self.ctime.to_timestamp().unix_micros().saturating_add(self.cusec);
        Timestamp::from_unix_micros(micros)
    }

    /// Sets `ctime` and `cusec` to that point in time.
    pub fn set_time(&mut self, time: Timestamp) {
        self.ctime = time.second();
        self.cusec = time.subsecond_micros().into();
    }

    /// Changes the GSS checksum; a checksum of another kind, or none, first becomes one without flags.
    pub fn change_gss_checksum(&mut self, change: impl FnOnce(&mut GssChecksum)) {
        let mut checksum = match &self.cksum {
            AuthenticatorChecksum::Gss(checksum) => checksum.clone(),
            _ => GssChecksum::with_flags(0),
        };
        change(&mut checksum);
        self.cksum = AuthenticatorChecksum::Gss(checksum);
    }

    pub(super) fn encode(&self, session_key: &EncryptionKey, productions: Productions<'_>) -> Vec<u8> {
        let fields = Fields::new()
            .field(0, integer(self.authenticator_vno))
            .field(1, general_string(&self.crealm))
            .field(2, self.cname.encode())
            .optional(3, self.cksum.encode(session_key))
            .field(4, integer(self.cusec))
            .field(5, time(self.ctime))
            .optional(6, self.subkey.as_ref().map(EncryptionKey::encode))
            .optional(7, self.seq_number.map(integer))
            .optional(8, self.authorization_data.as_deref().map(authorization_data::encode));
        productions.application_sequence(Part::Authenticator, 2, &fields.into_content())
    }
}

/// What stands in the authenticator's `cksum`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AuthenticatorChecksum {
    /// Nothing.
    Absent,
    /// The GSS checksum, 0x8003 (RFC 4121 §4.1.1).
    Gss(GssChecksum),
    /// The session key's own keyed checksum over no octets, usage 10, as Samba sends it in raw krb5 mode.
    KeyedOverNothing,
    /// Any type with any octets.
    Other(ChecksumType, Vec<u8>),
}

impl AuthenticatorChecksum {
    fn encode(&self, session_key: &EncryptionKey) -> Option<Vec<u8>> {
        let (cksumtype, checksum) = match self {
            Self::Absent => return None,
            Self::Gss(checksum) => (ChecksumType::GSS, checksum.to_octets()),
            Self::Other(cksumtype, checksum) => (*cksumtype, checksum.clone()),
            Self::KeyedOverNothing => {
                let key = session_key.to_key().ok()?.for_usage(KeyUsage::AP_REQ_CHECKSUM);
                let checksum = key.checksum(&[]);
                (checksum.checksum_type(), checksum.as_octets().to_vec())
            }
        };
        let fields = Fields::new().field(0, integer(cksumtype.0.into())).field(1, octet_string(&checksum));
        Some(fields.into_sequence())
    }
}

/// The GSS checksum, RFC 4121 §4.1.1: a structure of little-endian integers, and no checksum at all.
///
/// ```text
/// octets 0..3 Lgth (16) | 4..19 Bnd | 20..23 Flags | 24..25 DlgOpt (1) | 26..27 Dlgth | 28.. Deleg | Exts
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GssChecksum {
    /// `Lgth`, 16 whatever `bindings` holds.
    pub bindings_length: u32,
    /// `Bnd`, 16 zero octets where there are no channel bindings.
    pub bindings: Vec<u8>,
    /// `Flags`; see [`gss_flag`]. Setting `delegation` does not set the DELEG flag.
    pub flags: u32,
    /// `DlgOpt`, `Dlgth` and `Deleg`.
    pub delegation: Option<Delegation>,
    /// `Exts`, as they are.
    pub extensions: Vec<u8>,
    /// Ends the checksum after so many octets.
    pub cut_to: Option<usize>,
}

impl GssChecksum {
    /// A checksum with these flags, no bindings, no delegation.
    #[must_use]
    pub fn with_flags(flags: u32) -> Self {
        let bindings = Vec::from([0; 16]);
        Self { bindings_length: 16, bindings, flags, delegation: None, extensions: Vec::new(), cut_to: None }
    }

    /// Binds to a channel by its application data, `tls-server-end-point:` and the hash for example.
    pub fn bind(&mut self, application_data: &[u8]) {
        self.bindings = channel_binding_hash(application_data).to_vec();
    }

    /// The octets of the checksum.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let mut octets = self.bindings_length.to_le_bytes().to_vec();
        octets.extend(&self.bindings);
        octets.extend(self.flags.to_le_bytes());
        if let Some(delegation) = &self.delegation {
            octets.extend(delegation.option.to_le_bytes());
            octets.extend(delegation.length.to_le_bytes());
            octets.extend(&delegation.krb_cred);
        }
        octets.extend(&self.extensions);
        octets.truncate(self.cut_to.unwrap_or(octets.len()));
        octets
    }
}

/// The delegation fields of the GSS checksum, RFC 4121 §4.1.1.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delegation {
    /// `DlgOpt`, 1.
    pub option: u16,
    /// `Dlgth`, right or wrong.
    pub length: u16,
    /// `Deleg`, a KRB-CRED or any octets.
    pub krb_cred: Vec<u8>,
}

impl Delegation {
    /// These octets, with the option 1 and their own length (65,535 if they are more).
    #[must_use]
    pub fn new(krb_cred: impl Into<Vec<u8>>) -> Self {
        let krb_cred = krb_cred.into();
        Self { option: 1, length: u16::try_from(krb_cred.len()).unwrap_or(u16::MAX), krb_cred }
    }
}

/// `Bnd` of channel bindings that hold application data alone, RFC 4121 §4.1.1.2: MD5 over both address types and
/// lengths, all zero, then the length of the data in four octets little-endian, then the data.
#[must_use]
pub fn channel_binding_hash(application_data: &[u8]) -> [u8; 16] {
    let length = u32::try_from(application_data.len()).unwrap_or(u32::MAX);
    Md5::new_with_prefix([0; 16]).chain_update(length.to_le_bytes()).chain_update(application_data).finalize().into()
}
