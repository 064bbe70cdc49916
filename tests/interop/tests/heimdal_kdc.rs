//! Tickets of Heimdal's KDC, in the hands of MIT's initiator.

use kerbside::numbers::{AuthDataType, Enctype};
use kerbside_interop::{Realm, Request, suite, tickets};

/// KRB5_AUTHDATA_SIGNTICKET, a number that Heimdal chose for itself.
const SIGNTICKET: AuthDataType = AuthDataType(512);

suite!(tickets, Realm::heimdal());

#[test]
fn accepts_each_enctype_of_aes() {
    let enctypes = [
        Enctype::AES128_CTS_HMAC_SHA1_96,
        Enctype::AES256_CTS_HMAC_SHA1_96,
        Enctype::AES128_CTS_HMAC_SHA256_128,
        Enctype::AES256_CTS_HMAC_SHA384_192,
    ];
    tickets::accepts_each(&Realm::heimdal(), &enctypes, 1);
}

#[test]
fn ticket_has_a_signature_of_heimdals_own_and_no_pac() {
    let realm = Realm::heimdal();
    let request = Request::to("web").mutual();
    let accepted = tickets::log_in(&realm, &tickets::acceptor(&realm, "web"), &request).expect("the token is good");
    assert_eq!(tickets::authorization_data_types(&accepted), [SIGNTICKET]);
}
