//! A realm without a KDC: keys, keytabs, tickets and whole tokens for the tests of whoever embeds the acceptor.
//!
//! Above the acceptor, behind the feature `testing`. A [`Realm`] plays the KDC and the initiator with a clock that is
//! turned by hand; a [`Login`] mints one token, valid or broken in any way that has a name, and opens the answer as an
//! initiator does.
//!
//! ```
//! use kerbside::testing::Realm;
//!
//! let realm = Realm::new("EXAMPLE.COM");
//! let keytab = realm.keytab("HTTP/web.example.com")?;      // for the acceptor
//! let login = realm.login("alice", "HTTP/web.example.com");
//! let token = login.token();                               // SPNEGO, for `accept(&token, realm.now())`
//! # assert!(!keytab.is_empty());
//! # assert_eq!(token.first(), Some(&0x60));
//! # Ok::<(), kerbside::keytab::KeytabError>(())
//! ```
//!
//! What is left unsaid is what today's clients send: SPNEGO with krb5 alone, AES-256 everywhere, mutual
//! authentication, a subkey, a sequence number. Everything else is one call away:
//!
//! ```
//! use core::time::Duration;
//! use kerbside::messages::TicketFlags;
//! use kerbside::numbers::Enctype;
//! use kerbside::testing::{Defect, Part, Realm};
//!
//! let realm = Realm::new("EXAMPLE.COM");
//! let login = realm.login("bob@OTHER.EXAMPLE", "HTTP/web.example.com");
//!
//! let _late = login.clone().clock_behind(Duration::from_secs(301)).token();
//! let _rc4 = login.clone().ticket_enctype(Enctype::RC4_HMAC).kvno(7).raw_krb5().token();
//! let _invalid = login.clone().with_ticket(|t| t.flags = TicketFlags::INVALID.into()).token();
//! let _bound = login.clone().channel_bindings(b"tls-server-end-point:hash").token();
//! let _bent = login.clone().broken(Defect::AuthenticatorBit(0)).token();
//! let _long = login.clone().broken(Defect::LongLength { part: Part::Ticket, octets: 4 }).token();
//! realm.clock().advance(Duration::from_secs(60));
//! let _later = login.again().token();                      // the same ticket, a new authenticator
//! ```
//!
//! Octets are written and read with the `der` crate, not with this crate's own writer and reader, so that a mistake
//! made in both directions does not cancel. Nothing fails and nothing panics while minting: an enctype that this build
//! does not know gets keys and ciphertexts of noise, which is all that anyone without the enctype could see. Keys,
//! confounders and nonces follow from the realm's name and seed. They are **not secret**, and the same in every run.
//! Minting costs some allocations for each field; it is not made for benchmarks.

mod authenticator;
mod authorization_data;
mod defect;
mod der_read;
mod der_write;
mod framing;
mod keys;
mod keytab;
mod krb_cred;
mod login;
mod mic;
mod mint;
mod names;
mod noise;
mod realm;
mod reply;
mod ticket;

pub use authenticator::{
    Authenticator, AuthenticatorChecksum, Delegation, GssChecksum, channel_binding_hash, gss_flag,
};
pub use authorization_data::AuthorizationElement;
pub use defect::{Defect, Part};
pub use framing::{ApReq, Framing, MechListMic, MechToken, NegTokenInit, Oid};
pub use keys::EncryptionKey;
pub use keytab::{KeytabBuilder, KvnoTrailer};
pub use krb_cred::{CredentialsKey, KrbCred, KrbCredInfo};
pub use login::Login;
pub use names::{BitString, HostAddress, PrincipalName};
pub use realm::{Clock, Realm};
pub use reply::{ApRep, KrbError, NegState, Reply, ReplyError};
pub use ticket::Ticket;
