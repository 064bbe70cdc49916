//! The messages of RFC 4120 §5, each from the same octets.
//!
//! What must hold: what is read under the shortest form of lengths is read under the longer ones too, with the same fields; what we
//! can write as well comes back as it was; and where `der` reads an AP-REQ, it finds the same values in it.

use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Header, Reader as _, Sequence, SliceReader};
use kerbside::DecodeError;
use kerbside::asn1::{LengthForm, Rules};
use kerbside::messages::{
    ApRep, ApReq, Authenticator, AuthorizationData, EncApRepPart, EncKrbCredPart, EncTicketPart, EtypeList,
    KerbErrorData, KrbCred, KrbError,
};

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    judge(octets);
    under_both_rules(octets, |octets, rules| Ok(format!("{:?}", ApReq::from_octets(octets, rules)?)));
    under_both_rules(octets, |octets, rules| Ok(format!("{:?}", EncTicketPart::from_octets(octets, rules)?)));
    under_both_rules(octets, |octets, rules| Ok(format!("{:?}", Authenticator::from_octets(octets, rules)?)));
    under_both_rules(octets, |octets, rules| Ok(format!("{:?}", KrbCred::from_octets(octets, rules)?)));
    under_both_rules(octets, |octets, rules| Ok(format!("{:?}", EncKrbCredPart::from_octets(octets, rules)?)));
    under_both_rules(octets, |octets, rules| Ok(format!("{:?}", EtypeList::from_octets(octets, rules)?)));
    under_both_rules(octets, |octets, rules| {
        let data = AuthorizationData::from_octets(octets, rules)?;
        let elements = data.walk().collect::<Result<Vec<_>, _>>()?;
        Ok(format!("{data:?} {elements:?}"))
    });
    under_both_rules(octets, |octets, rules| {
        let reply = ApRep::from_octets(octets, rules)?;
        let written = reply.to_octets();
        Ok(same(format!("{reply:?}"), format!("{:?}", ApRep::from_octets(&written, Rules::default())?)))
    });
    under_both_rules(octets, |octets, rules| {
        let part = EncApRepPart::from_octets(octets, rules)?;
        let written = part.to_octets();
        Ok(same(format!("{part:?}"), format!("{:?}", EncApRepPart::from_octets(&written, Rules::default())?)))
    });
    under_both_rules(octets, |octets, rules| {
        let error = KrbError::from_octets(octets, rules)?;
        let written = error.to_octets();
        Ok(same(format!("{error:?}"), format!("{:?}", KrbError::from_octets(&written, Rules::default())?)))
    });
    under_both_rules(octets, |octets, rules| {
        let data = KerbErrorData::from_octets(octets, rules)?;
        let written = data.to_octets();
        Ok(same(format!("{data:?}"), format!("{:?}", KerbErrorData::from_octets(&written, Rules::default())?)))
    });
}

/// Reads under both rules, and compares what came out as it is shown.
fn under_both_rules(octets: &[u8], read: fn(&[u8], Rules) -> Result<String, DecodeError>) {
    let strict = read(octets, Rules::default());
    let lenient = read(octets, Rules::new(LengthForm::UpToFourOctets, Rules::default().nesting));
    match (strict, lenient) {
        (Ok(strict), lenient) => assert_eq!(lenient, Ok(strict), "the longer forms include the shortest"),
        (Err(error), _) => assert!(error.offset() <= octets.len(), "{error}"),
    }
}

fn same(read: String, read_again: String) -> String {
    assert_eq!(read, read_again, "what was written is what was read");
    read
}

/// Whether both decoders read an AP-REQ; if so, they find the same values in it.
pub fn judge(octets: &[u8]) -> bool {
    let (Ok(ours), Ok(theirs)) = (ApReq::from_octets(octets, Rules::default()), ApReqByDer::decode(octets)) else {
        return false;
    };
    assert_eq!((ours.pvno, ours.msg_type), (theirs.outer.pvno, theirs.outer.msg_type));
    assert_eq!(ours.ticket.tkt_vno, theirs.ticket.tkt_vno);
    assert_eq!(ours.ticket.realm, theirs.ticket.realm.value());
    for (ours, theirs) in
        [(&ours.ticket.enc_part, &theirs.ticket.enc_part), (&ours.authenticator, &theirs.outer.authenticator)]
    {
        assert_eq!(ours.etype.0, theirs.etype);
        assert_eq!(
            ours.kvno.map(u32::cast_signed),
            theirs.kvno.map(|kvno| u32::try_from(kvno).map_or_else(|_| i32::try_from(kvno).unwrap(), u32::cast_signed))
        );
        assert_eq!(ours.cipher, theirs.cipher.as_bytes());
    }
    true
}

struct ApReqByDer<'a> {
    outer: ApReqFields<'a>,
    ticket: TicketFields<'a>,
}

#[derive(Sequence)]
struct ApReqFields<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pvno: i32,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    msg_type: i32,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    _ap_options: AnyRef<'a>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    ticket: AnyRef<'a>,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    authenticator: EncryptedDataFields<'a>,
}

#[derive(Sequence)]
struct TicketFields<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    tkt_vno: i32,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    realm: AnyRef<'a>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    _sname: AnyRef<'a>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    enc_part: EncryptedDataFields<'a>,
}

#[derive(Sequence)]
struct EncryptedDataFields<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    etype: i32,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    kvno: Option<i64>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    cipher: &'a OctetStringRef,
}

impl<'a> ApReqByDer<'a> {
    fn decode(octets: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(octets)?;
        let header = Header::decode(&mut reader)?;
        let outer = ApReqFields::from_der(reader.read_slice(header.length())?)?;
        let ticket = TicketFields::from_der(outer.ticket.value())?;
        Ok(Self { outer, ticket })
    }
}
