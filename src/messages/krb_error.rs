use super::microseconds::Microseconds;
use super::{PrincipalName, Short, application, write_application, write_field};
use crate::KerberosTime;
use crate::asn1::{DecodeError, GeneralString, Int32, OctetString, Reader, Rules, Tag, TypeId, Writer};
use crate::numbers::KrbErrorCode;
use alloc::vec::Vec;

const TYPE_ID: TypeId = TypeId::KRB_ERROR;

/// `KRB-ERROR`, RFC 4120 §5.9.1
///
/// ```text
/// KRB-ERROR ::= [APPLICATION 30] SEQUENCE {
///     pvno [0] INTEGER (5), msg-type [1] INTEGER (30), ctime [2] KerberosTime OPTIONAL,
///     cusec [3] Microseconds OPTIONAL, stime [4] KerberosTime, susec [5] Microseconds, error-code [6] Int32,
///     crealm [7] Realm OPTIONAL, cname [8] PrincipalName OPTIONAL, realm [9] Realm -- service realm --,
///     sname [10] PrincipalName -- service name --, e-text [11] KerberosString OPTIONAL,
///     e-data [12] OCTET STRING OPTIONAL
/// }
/// ```
///
/// Nothing protects it, whoever sent it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KrbError<'a> {
    /// The protocol version, not checked here.
    pub pvno: i32,
    /// The message type, not checked here.
    pub msg_type: i32,
    /// The client's time.
    pub ctime: Option<KerberosTime>,
    /// The microseconds of it, 0 to 999,999.
    pub cusec: Option<u32>,
    /// The server's time.
    pub stime: KerberosTime,
    /// The microseconds of it, 0 to 999,999.
    pub susec: u32,
    /// What was wrong.
    pub error_code: KrbErrorCode,
    /// The client's realm.
    pub crealm: Option<&'a [u8]>,
    /// The client's name.
    pub cname: Option<PrincipalName<'a>>,
    /// The service's realm.
    pub realm: &'a [u8],
    /// The service's name.
    pub sname: PrincipalName<'a>,
    /// A text for people.
    pub e_text: Option<&'a [u8]>,
    /// Data that depend on the code, a [`KerbErrorData`](super::KerbErrorData) for example.
    pub e_data: Option<&'a [u8]>,
}

impl<'a> KrbError<'a> {
    /// An error of the service `sname` in `realm` at the server's time, with none of the optional fields.
    #[must_use]
    pub const fn new(
        error_code: KrbErrorCode,
        (stime, susec): (KerberosTime, u32),
        realm: &'a [u8],
        sname: PrincipalName<'a>,
    ) -> Self {
        Self {
            pvno: 5,
            msg_type: 30,
            ctime: None,
            cusec: None,
            stime,
            susec,
            error_code,
            crealm: None,
            cname: None,
            realm,
            sname,
            e_text: None,
            e_data: None,
        }
    }

    /// Reads a KRB-ERROR.
    ///
    /// # Errors
    /// Those of the fields; `IntegerRange` for microseconds outside 0 to 999,999.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 30, TYPE_ID)?;
        let pvno = fields.field::<Int32>(0)?;
        let msg_type = fields.field::<Int32>(1)?;
        let ctime = fields.optional_field::<KerberosTime>(2)?;
        let cusec = fields.optional_field::<Microseconds>(3)?;
        let stime = fields.field::<KerberosTime>(4)?;
        let susec = fields.field::<Microseconds>(5)?;
        let error_code = KrbErrorCode(fields.field::<Int32>(6)?);
        let crealm = fields.optional_field::<GeneralString>(7)?;
        let cname = fields.explicit_optional(Tag::context(8), PrincipalName::decode)?;
        let realm = fields.field::<GeneralString>(9)?;
        let sname = PrincipalName::field(&mut fields, 10)?;
        let e_text = fields.optional_field::<GeneralString>(11)?;
        let e_data = fields.optional_field::<OctetString>(12)?;
        fields.finish_sequence(12)?;
        Ok(Self { pvno, msg_type, ctime, cusec, stime, susec, error_code, crealm, cname, realm, sname, e_text, e_data })
    }

    /// Reads octets that are a KRB-ERROR and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }

    /// Writes the KRB-ERROR.
    pub fn encode(&self, writer: &mut Writer) {
        write_application(writer, 30, |writer| {
            writer.context_integer(0, i64::from(self.pvno));
            writer.context_integer(1, i64::from(self.msg_type));
            self.encode_times(writer);
            writer.context_integer(6, i64::from(self.error_code.0));
            self.encode_names(writer);
            if let Some(text) = self.e_text {
                write_field(writer, 11, Tag::GENERAL_STRING, text);
            }
            if let Some(data) = self.e_data {
                write_field(writer, 12, Tag::OCTET_STRING, data);
            }
        });
    }

    fn encode_times(&self, writer: &mut Writer) {
        if let Some(ctime) = self.ctime {
            writer.tlv(Tag::context(2), |writer| ctime.encode(writer));
        }
        if let Some(cusec) = self.cusec {
            writer.context_integer(3, i64::from(cusec));
        }
        writer.tlv(Tag::context(4), |writer| self.stime.encode(writer));
        writer.context_integer(5, i64::from(self.susec));
    }

    fn encode_names(&self, writer: &mut Writer) {
        if let Some(crealm) = self.crealm {
            write_field(writer, 7, Tag::GENERAL_STRING, crealm);
        }
        if let Some(cname) = &self.cname {
            writer.tlv(Tag::context(8), |writer| cname.encode(writer));
        }
        write_field(writer, 9, Tag::GENERAL_STRING, self.realm);
        writer.tlv(Tag::context(10), |writer| self.sname.encode(writer));
    }

    /// The KRB-ERROR as octets.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256);
        self.encode(&mut writer);
        writer.into_octets()
    }
}
