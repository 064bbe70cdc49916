//! "Encryption type not permitted": of the ticket, of its session key, of the client's subkey.

use super::{Audience, Platform, Remedies};
use crate::acceptor::EnctypeRole;
use crate::numbers::Enctype;
use alloc::format;

const USER: Audience = Audience::User;
const SERVER: Audience = Audience::Server;
const DIRECTORY: Audience = Audience::Directory;

/// The enctypes of Active Directory's attribute: AES-128 is 8, AES-256 is 16 (MS-KILE §2.2.7).
const AES_FOR_ACCOUNT: &str = "Set-ADUser <ACCOUNT> -Replace @{'msDS-SupportedEncryptionTypes'=24}";

impl Remedies {
    pub(super) fn not_permitted(&mut self, role: EnctypeRole, enctype: Enctype) {
        match role {
            EnctypeRole::Ticket => self.ticket_enctype(),
            EnctypeRole::SessionKey => self.session_enctype(),
            EnctypeRole::Subkey => self.subkey_enctype(),
        }
        let name = enctype.name().unwrap_or("this enctype");
        let advice = match enctype {
            Enctype::RC4_HMAC => {
                format!("allow_rc4(EnctypeRole::{role:?}) allows it all the same; RFC 8429 says why not")
            }
            _ => format!("the builder's allow_enctype allows {name} in every role"),
        };
        self.say(SERVER, advice);
    }

    fn ticket_enctype(&mut self) {
        self.run(
            (DIRECTORY, Platform::Windows),
            "the service's account has no AES keys or may not use them: allow AES, then set its password, so that the keys are made",
            AES_FOR_ACCOUNT,
        );
        self.run((DIRECTORY, Platform::Windows), "make the keytab once more", self.names.ktpass());
        let cpw = format!("kadmin -q \"cpw -randkey -e aes256-cts-hmac-sha1-96:normal {}\"", self.names.principal);
        self.run((DIRECTORY, Platform::Unix), "MIT: give the service an AES key, then a keytab with it", cpw);
        self.new_ticket("after that, fetch a new ticket");
    }

    fn session_enctype(&mut self) {
        self.run(
            (DIRECTORY, Platform::Windows),
            "the KDC chose the session key, from what client and service are said to support: say that the service's account \
             supports AES",
            AES_FOR_ACCOUNT,
        );
        let ksetup = format!("ksetup /setenctypeattr {} AES256-CTS-HMAC-SHA1-96", self.names.realm);
        self.run((DIRECTORY, Platform::Windows), "for a trusted realm, say so of the trust", ksetup);
        let setstr = format!("kadmin -q \"setstr {} session_enctypes aes256-cts-hmac-sha1-96\"", self.names.principal);
        self.run((DIRECTORY, Platform::Unix), "MIT: name the enctypes of its session keys", setstr);
        self.run(
            (USER, Platform::Unix),
            "see the session key (skey) that came; default_tgs_enctypes in krb5.conf may ask for nothing else",
            "klist -e",
        );
    }

    fn subkey_enctype(&mut self) {
        self.say(
            USER,
            "the client's own Kerberos library chose the subkey, beside a ticket and a session key that are fine: let it use AES \
             (permitted_enctypes in krb5.conf), or bring it up to date",
        );
        self.run((USER, Platform::Unix), "compare with the enctypes of ticket and session key", "klist -e");
    }

    pub(super) fn unsupported(&mut self, enctype: Enctype) {
        let advice = format!("{enctype} is not built in; DES never is, Camellia needs the feature `camellia`");
        self.say(SERVER, advice);
        self.ticket_enctype();
    }
}
