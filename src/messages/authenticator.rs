use super::microseconds::Microseconds;
use super::{AuthorizationData, Checksum, EncryptionKey, PrincipalName, Short, application};
use crate::KerberosTime;
use crate::asn1::{DecodeError, GeneralString, Int32, Reader, Rules, Tag, TypeId, Uint32Pattern};

const TYPE_ID: TypeId = TypeId::AUTHENTICATOR;

/// `Authenticator`, RFC 4120 §5.5.1
///
/// ```text
/// Authenticator ::= [APPLICATION 2] SEQUENCE {
///     authenticator-vno [0] INTEGER (5), crealm [1] Realm, cname [2] PrincipalName, cksum [3] Checksum OPTIONAL,
///     cusec [4] Microseconds, ctime [5] KerberosTime, subkey [6] EncryptionKey OPTIONAL,
///     seq-number [7] UInt32 OPTIONAL, authorization-data [8] AuthorizationData OPTIONAL
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Authenticator<'a> {
    /// The version, not checked here (step U-2).
    pub authenticator_vno: i32,
    /// The client's realm, which must be the ticket's.
    pub crealm: &'a [u8],
    /// The client's name, which must be the ticket's.
    pub cname: PrincipalName<'a>,
    /// The GSS checksum, in our use.
    pub cksum: Option<Checksum<'a>>,
    /// The microseconds of the client's time, 0 to 999,999.
    pub cusec: u32,
    /// The client's time.
    pub ctime: KerberosTime,
    /// The initiator's subkey.
    pub subkey: Option<EncryptionKey<'a>>,
    /// Where the initiator's sequence numbers begin, a pattern of 32 bits: a negative INTEGER is its unsigned twin.
    pub seq_number: Option<u32>,
    /// What the initiator says of itself; never what the KDC says of it.
    pub authorization_data: Option<AuthorizationData<'a>>,
}

impl<'a> Authenticator<'a> {
    /// Reads an authenticator.
    ///
    /// # Errors
    /// Those of the fields; `IntegerRange` for a `cusec` outside 0 to 999,999.
    #[inline(always)]
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 2, TYPE_ID)?;
        let authenticator_vno = fields.field::<Int32>(0)?;
        let crealm = fields.field::<GeneralString>(1)?;
        let cname = PrincipalName::field(&mut fields, 2)?;
        let cksum = Checksum::optional_field(&mut fields, 3)?;
        let cusec = fields.field::<Microseconds>(4)?;
        let ctime = fields.field::<KerberosTime>(5)?;
        let subkey = EncryptionKey::optional_field(&mut fields, 6)?;
        let seq_number = fields.optional_field::<Uint32Pattern>(7)?;
        let authorization_data = fields.explicit_optional(Tag::context(8), AuthorizationData::decode)?;
        fields.finish_sequence(8)?;
        Ok(Self { authenticator_vno, crealm, cname, cksum, cusec, ctime, subkey, seq_number, authorization_data })
    }

    /// Reads octets that are an authenticator and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }
}
