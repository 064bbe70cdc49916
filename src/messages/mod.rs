//! The messages of RFC 4120 §5, one production per file: TLVs in, borrowed fields out.
//!
//! Layer 3. An AP-REQ comes from the GSS layer as octets; what is decrypted out of it comes back here as
//! [`EncTicketPart`] and [`Authenticator`], and a [`KrbCred`] that an initiator delegates as [`EncKrbCredPart`]. Decoding borrows from its input and allocates nothing. What an acceptor
//! sends (AP-REP, its encrypted part, KRB-ERROR) is encoded too.
//!
//! Refused are octets that are not the production: wrong tags and order, integers outside their field, times that are
//! not `YYYYMMDDHHMMSSZ`, names without a component or with more than sixteen, and octets after the end. Fields with a
//! context tag above the last known one are passed over (step L-6). Not judged here: version and message-type numbers
//! and everything else that has an error of its own in the acceptor. Cost: one pass over the octets; the elements of a
//! list are read again when they are iterated.
//!
//! Tags are explicit everywhere (RFC 4120 §5.1). The document: <https://www.rfc-editor.org/rfc/rfc4120>.

mod ap_options;
mod ap_rep;
mod ap_req;
mod authenticator;
mod authorization_data;
mod checksum;
mod enc_ap_rep_part;
mod enc_krb_cred_part;
mod enc_ticket_part;
mod encrypted_data;
mod encryption_key;
mod etype_list;
mod host_address;
mod kerb_error_data;
mod kerberos_flags;
mod kerberos_time;
mod krb_cred;
mod krb_cred_info;
mod krb_error;
mod microseconds;
mod principal_name;
mod ticket;
mod ticket_flags;
mod transited_encoding;

pub use ap_options::ApOptions;
pub use ap_rep::ApRep;
pub use ap_req::ApReq;
pub use authenticator::Authenticator;
pub use authorization_data::{AuthorizationData, AuthorizationDataElement};
pub use checksum::Checksum;
pub use enc_ap_rep_part::EncApRepPart;
pub use enc_krb_cred_part::{EncKrbCredPart, KrbCredInfos};
pub use enc_ticket_part::EncTicketPart;
pub use encrypted_data::EncryptedData;
pub use encryption_key::EncryptionKey;
pub use etype_list::EtypeList;
pub use host_address::{HostAddress, HostAddresses};
pub use kerb_error_data::KerbErrorData;
pub use krb_cred::{KrbCred, Tickets};
pub use krb_cred_info::KrbCredInfo;
pub use krb_error::KrbError;
pub use principal_name::PrincipalName;
pub use ticket::Ticket;
pub use ticket_flags::TicketFlags;
pub use transited_encoding::TransitedEncoding;

use crate::asn1::{DecodeError, Reader, Tag, TypeId, Writer};

// These give the fields, instead of taking a function that reads them: what such a function returns is a large value, and
// it would be moved on the way out of each.

/// Enters a SEQUENCE. Errors name `type_id` from here on.
#[inline(always)]
fn sequence<'a>(reader: &mut Reader<'a>, type_id: TypeId) -> Result<Reader<'a>, DecodeError> {
    reader.rename(type_id);
    reader.read(Tag::SEQUENCE)
}

/// A SEQUENCE that mostly is short, and a field of something else.
trait Short<'a>: Sized {
    const TYPE_ID: TypeId;

    /// Reads all of its fields.
    fn from_fields(fields: Reader<'a>) -> Result<Self, DecodeError>;

    #[inline(always)]
    fn whole(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::from_fields(sequence(reader, Self::TYPE_ID)?)
    }

    /// What stands in `[number]`.
    #[inline(always)]
    fn field(fields: &mut Reader<'a>, number: u8) -> Result<Self, DecodeError> {
        Self::from_fields(fields.sequence_field(number, Self::TYPE_ID)?)
    }

    /// What stands in `[number]`, or `None` if the next TLV has another tag.
    #[inline(always)]
    fn optional_field(fields: &mut Reader<'a>, number: u8) -> Result<Option<Self>, DecodeError> {
        if fields.peek(Tag::context(number)) { Self::field(fields, number).map(Some) } else { Ok(None) }
    }
}

/// As [`sequence`], inside `[APPLICATION number]`, which must hold nothing else.
#[inline(always)]
fn application<'a>(reader: &mut Reader<'a>, number: u8, type_id: TypeId) -> Result<Reader<'a>, DecodeError> {
    reader.rename(type_id);
    let mut inner = reader.read(Tag::application(number))?;
    let fields = inner.read(Tag::SEQUENCE)?;
    inner.finish()?;
    Ok(fields)
}

/// Writes `[APPLICATION number] SEQUENCE` around what `fields` writes.
fn write_application<T>(writer: &mut Writer, number: u8, fields: impl FnOnce(&mut Writer) -> T) -> T {
    writer.tlv(Tag::application(number), |writer| writer.tlv(Tag::SEQUENCE, fields))
}

/// Writes `[number]` around a primitive value.
fn write_field(writer: &mut Writer, number: u8, tag: Tag, content: &[u8]) {
    writer.tlv(Tag::context(number), |writer| writer.octets(tag, content));
}

/// A number of octets, shown in place of them: a debug line is no place for ciphertext, keys or a whole PAC.
struct OctetCount(usize);

impl OctetCount {
    fn of(octets: &[u8]) -> Self {
        Self(octets.len())
    }
}

impl core::fmt::Debug for OctetCount {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} octets", self.0)
    }
}
