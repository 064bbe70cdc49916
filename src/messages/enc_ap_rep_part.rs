use super::microseconds::Microseconds;
use super::{EncryptionKey, application, write_application};
use crate::KerberosTime;
use crate::asn1::{DecodeError, Reader, Rules, Tag, TypeId, Uint32Pattern, Writer};
use alloc::vec::Vec;

const TYPE_ID: TypeId = TypeId::ENC_AP_REP_PART;

/// `EncAPRepPart`, RFC 4120 §5.5.2
///
/// ```text
/// EncAPRepPart ::= [APPLICATION 27] SEQUENCE {
///     ctime [0] KerberosTime, cusec [1] Microseconds, subkey [2] EncryptionKey OPTIONAL,
///     seq-number [3] UInt32 OPTIONAL
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EncApRepPart<'a> {
    /// The client's time, as its authenticator said.
    pub ctime: KerberosTime,
    /// The microseconds of it, 0 to 999,999.
    pub cusec: u32,
    /// The acceptor's subkey.
    pub subkey: Option<EncryptionKey<'a>>,
    /// Where the acceptor's sequence numbers begin, a pattern of 32 bits: a negative INTEGER is its unsigned twin.
    pub seq_number: Option<u32>,
}

impl<'a> EncApRepPart<'a> {
    /// The answer to an authenticator of that time, without subkey and sequence number.
    #[must_use]
    pub const fn new(ctime: KerberosTime, cusec: u32) -> Self {
        Self { ctime, cusec, subkey: None, seq_number: None }
    }

    /// Reads the encrypted part of an AP-REP.
    ///
    /// # Errors
    /// Those of the fields; `IntegerRange` for a `cusec` outside 0 to 999,999.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut fields = application(reader, 27, TYPE_ID)?;
        let ctime = fields.field::<KerberosTime>(0)?;
        let cusec = fields.field::<Microseconds>(1)?;
        let subkey = fields.explicit_optional(Tag::context(2), EncryptionKey::decode)?;
        let seq_number = fields.optional_field::<Uint32Pattern>(3)?;
        fields.finish_sequence(3)?;
        Ok(Self { ctime, cusec, subkey, seq_number })
    }

    /// Reads octets that are the encrypted part of an AP-REP and nothing else.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `TrailingOctets`.
    pub fn from_octets(octets: &'a [u8], rules: Rules) -> Result<Self, DecodeError> {
        Reader::new(octets, TYPE_ID, rules).whole(Self::decode)
    }

    /// Writes the encrypted part of an AP-REP. The sequence number is written unsigned, as RFC 4120 §5.5.2 says.
    pub fn encode(&self, writer: &mut Writer) {
        write_application(writer, 27, |writer| {
            writer.tlv(Tag::context(0), |writer| self.ctime.encode(writer));
            writer.context_integer(1, i64::from(self.cusec));
            if let Some(subkey) = &self.subkey {
                writer.tlv(Tag::context(2), |writer| subkey.encode(writer));
            }
            if let Some(seq_number) = self.seq_number {
                writer.context_integer(3, i64::from(seq_number));
            }
        });
    }

    /// The encrypted part of an AP-REP as octets, in one allocation that nothing was copied out of.
    ///
    /// It holds the subkey: wipe it once it is encrypted.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let key = self.subkey.map_or(0, |subkey| subkey.keyvalue.len());
        let mut writer = Writer::with_capacity(key.saturating_add(96));
        self.encode(&mut writer);
        writer.into_octets()
    }
}
