//! Random messages, written by `der` and read by us: every field comes out as it went in.

use super::build::{self, Message};
use super::{STRICT, flags, general_string, integer, list, name, octet_string, time, typed};
use kerbside::KerberosTime;
use kerbside::messages::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(4_120),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => prop::collection::vec(any::<u8>(), 0..40), 1 => prop::collection::vec(any::<u8>(), 250..600)]
}

#[derive(Debug, Clone)]
struct Name {
    name_type: i32,
    components: Vec<Vec<u8>>,
}

impl Name {
    fn build(&self) -> Message {
        name(self.name_type, &self.components)
    }

    fn is(&self, decoded: &PrincipalName<'_>) -> bool {
        decoded.name_type.0 == self.name_type && decoded.components().eq(self.components.iter().map(Vec::as_slice))
    }
}

fn names() -> impl Strategy<Value = Name> {
    (any::<i32>(), prop::collection::vec(octets(), 1..=16))
        .prop_map(|(name_type, components)| Name { name_type, components })
}

fn times() -> impl Strategy<Value = KerberosTime> {
    (0..253_402_300_800_i64).prop_map(KerberosTime::from_unix_seconds)
}

/// A number and octets: a key, a checksum, an address, an element of authorization data.
fn pairs() -> impl Strategy<Value = (i32, Vec<u8>)> {
    (any::<i32>(), octets())
}

fn pair_list() -> impl Strategy<Value = Vec<(i32, Vec<u8>)>> {
    prop::collection::vec(pairs(), 0..5)
}

fn build_pair((number, octets): &(i32, Vec<u8>)) -> Message {
    typed(*number, octets)
}

fn build_list(pairs: impl AsRef<[(i32, Vec<u8>)]>) -> Vec<u8> {
    list(pairs.as_ref().iter().map(|pair| build_pair(pair).octets()))
}

fn key_pair(key: EncryptionKey<'_>) -> (i32, Vec<u8>) {
    (key.keytype.0, key.keyvalue.to_vec())
}

fn element_pairs(data: AuthorizationData<'_>) -> Vec<(i32, Vec<u8>)> {
    data.iter().map(|element| (element.ad_type.0, element.ad_data.to_vec())).collect()
}

fn address_pairs(addresses: HostAddresses<'_>) -> Vec<(i32, Vec<u8>)> {
    addresses.iter().map(|address| (address.addr_type.0, address.address.to_vec())).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn ap_reqs_come_out_as_they_went_in(
        options: u32, realm in octets(), sname in names(), ticket in pairs(), kvno: Option<u32>,
        (pvno, msg_type, tkt_vno) in any::<(i32, i32, i32)>(), authenticator in pairs(),
    ) {
        let encoded = build::ap_req()
            .with(0, integer(pvno.into()))
            .with(1, integer(msg_type.into()))
            .with(2, flags(options))
            .with(3, build::ticket()
                .with(0, integer(tkt_vno.into()))
                .with(1, general_string(&realm))
                .with(2, sname.build())
                .with(3, build::encrypted_data(ticket.0, kvno.map(i64::from), &ticket.1)))
            .with(4, build::encrypted_data(authenticator.0, None, &authenticator.1))
            .octets();
        let decoded = ApReq::from_octets(&encoded, STRICT).unwrap();
        prop_assert_eq!((decoded.pvno, decoded.msg_type, decoded.ticket.tkt_vno), (pvno, msg_type, tkt_vno));
        prop_assert_eq!(decoded.ap_options, ApOptions(options));
        prop_assert_eq!(decoded.ticket.realm, realm);
        prop_assert!(sname.is(&decoded.ticket.sname));
        let enc_part = decoded.ticket.enc_part;
        prop_assert_eq!((enc_part.etype.0, enc_part.kvno, enc_part.cipher), (ticket.0, kvno, &ticket.1[..]));
        let data = decoded.authenticator;
        prop_assert_eq!((data.etype.0, data.kvno, data.cipher), (authenticator.0, None, &authenticator.1[..]));
    }

    #[test]
    fn enc_ticket_parts_come_out_as_they_went_in(
        bits: u32, key in pairs(), realm in octets(), cname in names(), transited in pairs(),
        (authtime, endtime) in (times(), times()), optional_times in prop::array::uniform2(prop::option::of(times())),
        caddr in prop::option::of(pair_list()), data in prop::option::of(pair_list()),
    ) {
        let encoded = Message::application(3)
            .with(0, flags(bits))
            .with(1, build_pair(&key))
            .with(2, general_string(&realm))
            .with(3, cname.build())
            .with(4, build_pair(&transited))
            .with(5, time(authtime))
            .with_optional(6, optional_times[0].map(time))
            .with(7, time(endtime))
            .with_optional(8, optional_times[1].map(time))
            .with_optional(9, caddr.as_ref().map(build_list))
            .with_optional(10, data.as_ref().map(build_list))
            .octets();
        let decoded = EncTicketPart::from_octets(&encoded, STRICT).unwrap();
        prop_assert_eq!(decoded.flags, TicketFlags(bits));
        prop_assert_eq!(key_pair(decoded.key), key);
        prop_assert_eq!(decoded.crealm, realm);
        prop_assert!(cname.is(&decoded.cname));
        prop_assert_eq!((decoded.transited.tr_type, decoded.transited.contents), (transited.0, &transited.1[..]));
        prop_assert_eq!((decoded.authtime, decoded.endtime), (authtime, endtime));
        prop_assert_eq!([decoded.starttime, decoded.renew_till], optional_times);
        prop_assert_eq!(decoded.caddr.map(address_pairs), caddr);
        prop_assert_eq!(decoded.authorization_data.map(element_pairs), data);
    }

    #[test]
    fn authenticators_come_out_as_they_went_in(
        vno: i32, realm in octets(), cname in names(), cksum in prop::option::of(pairs()), cusec in 0..1_000_000_u32,
        ctime in times(), subkey in prop::option::of(pairs()), seq_number: Option<u32>,
        data in prop::option::of(pair_list()),
    ) {
        let encoded = Message::application(2)
            .with(0, integer(vno.into()))
            .with(1, general_string(&realm))
            .with(2, cname.build())
            .with_optional(3, cksum.as_ref().map(build_pair))
            .with(4, integer(cusec.into()))
            .with(5, time(ctime))
            .with_optional(6, subkey.as_ref().map(build_pair))
            .with_optional(7, seq_number.map(|number| integer(number.into())))
            .with_optional(8, data.as_ref().map(build_list))
            .octets();
        let decoded = Authenticator::from_octets(&encoded, STRICT).unwrap();
        prop_assert_eq!((decoded.authenticator_vno, decoded.crealm), (vno, &realm[..]));
        prop_assert!(cname.is(&decoded.cname));
        prop_assert_eq!(decoded.cksum.map(|cksum| (cksum.cksumtype.0, cksum.checksum.to_vec())), cksum);
        prop_assert_eq!((decoded.cusec, decoded.ctime, decoded.seq_number), (cusec, ctime, seq_number));
        prop_assert_eq!(decoded.subkey.map(key_pair), subkey);
        prop_assert_eq!(decoded.authorization_data.map(element_pairs), data);
    }

    #[test]
    fn enc_ap_rep_parts_come_out_as_they_went_in_and_go_back(
        ctime in times(), cusec in 0..1_000_000_u32, subkey in prop::option::of(pairs()), seq_number: Option<u32>,
    ) {
        let encoded = Message::application(27)
            .with(0, time(ctime))
            .with(1, integer(cusec.into()))
            .with_optional(2, subkey.as_ref().map(build_pair))
            .with_optional(3, seq_number.map(|number| integer(number.into())))
            .octets();
        let decoded = EncApRepPart::from_octets(&encoded, STRICT).unwrap();
        prop_assert_eq!((decoded.ctime, decoded.cusec, decoded.seq_number), (ctime, cusec, seq_number));
        prop_assert_eq!(decoded.subkey.map(key_pair), subkey);
        prop_assert_eq!(decoded.to_octets(), encoded);
    }

    #[test]
    fn krb_errors_come_out_as_they_went_in_and_go_back(
        ctime in prop::option::of(times()), cusec in prop::option::of(0..1_000_000_u32), stime in times(),
        susec in 0..1_000_000_u32, code: i32, client in prop::option::of((octets(), names())), realm in octets(),
        sname in names(), e_text in prop::option::of(octets()), e_data in prop::option::of(octets()),
    ) {
        let encoded = Message::application(30)
            .with(0, integer(5))
            .with(1, integer(30))
            .with_optional(2, ctime.map(time))
            .with_optional(3, cusec.map(|cusec| integer(cusec.into())))
            .with(4, time(stime))
            .with(5, integer(susec.into()))
            .with(6, integer(code.into()))
            .with_optional(7, client.as_ref().map(|(realm, _)| general_string(realm)))
            .with_optional(8, client.as_ref().map(|(_, name)| name.build()))
            .with(9, general_string(&realm))
            .with(10, sname.build())
            .with_optional(11, e_text.as_ref().map(general_string))
            .with_optional(12, e_data.as_ref().map(octet_string))
            .octets();
        let decoded = KrbError::from_octets(&encoded, STRICT).unwrap();
        prop_assert_eq!((decoded.ctime, decoded.cusec, decoded.stime, decoded.susec), (ctime, cusec, stime, susec));
        prop_assert_eq!((decoded.error_code.0, decoded.realm), (code, &realm[..]));
        prop_assert_eq!(decoded.crealm, client.as_ref().map(|(realm, _)| &realm[..]));
        prop_assert_eq!(decoded.cname.is_some(), client.is_some());
        prop_assert!(client.is_none_or(|(_, name)| decoded.cname.is_some_and(|decoded| name.is(&decoded))));
        prop_assert!(sname.is(&decoded.sname));
        prop_assert_eq!((decoded.e_text, decoded.e_data), (e_text.as_deref(), e_data.as_deref()));
        prop_assert_eq!(decoded.to_octets(), encoded);
    }
}
