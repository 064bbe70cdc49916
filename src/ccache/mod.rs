//! Credential caches of type FILE, version 4: credentials to octets, and octets to a file.
//!
//! Layer 3. What an initiator delegated becomes the file that `klist`, `kvno` and every initiator of MIT krb5 and Heimdal
//! read. Nothing is read here, and nothing refused. It costs one pass over the credentials. No accept calls it: the
//! holder of credentials does, when it wants to.
//!
//! The format is no standard; MIT krb5 describes it as "Credential cache file format". Integers are big-endian:
//!
//! ```text
//! 05 04 | header length (2) | header fields | default principal | credentials to the end of the file
//! principal:  name-type (4) | number of components (4) | realm | components
//! credential: client | service | enctype (2) | key | authtime, starttime, endtime, renew-till (4 each) | is-skey (1)
//!             | ticket flags (4) | number of addresses (4) | type (2) and address each
//!             | number of authorization data (4) | ticket | second ticket
//! ```
//!
//! Realm, components, key, addresses and tickets stand behind their length in four octets.

#[cfg(feature = "std")]
mod file;

use crate::messages::{EncryptionKey, TicketFlags};
use crate::numbers::AddressType;
use crate::principal::Principal;
use crate::time::KerberosTime;
use crate::wipe::SecretOctets;
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroizing;

/// One ticket and what is needed to use it. A time that is not known is written as 0, as other writers do.
pub(crate) struct Credential<'a> {
    pub(crate) client: &'a Principal,
    pub(crate) service: &'a Principal,
    pub(crate) key: EncryptionKey<'a>,
    pub(crate) authtime: Option<KerberosTime>,
    pub(crate) starttime: Option<KerberosTime>,
    pub(crate) endtime: Option<KerberosTime>,
    pub(crate) renew_till: Option<KerberosTime>,
    pub(crate) flags: TicketFlags,
    pub(crate) addresses: &'a [(AddressType, Vec<u8>)],
    pub(crate) ticket: &'a [u8],
}

/// A credential cache of type FILE, version 4, in memory: the octets that such a file has. They hold session keys, and are
/// zeroized on drop.
pub struct CredentialCache(Zeroizing<Vec<u8>>);

impl CredentialCache {
    /// The cache with these credentials.
    pub(crate) fn of<'a>(default_principal: &Principal, credentials: impl Iterator<Item = Credential<'a>>) -> Self {
        let mut cache = Octets(SecretOctets::with_capacity(2_048));
        cache.put(&[0x05, 0x04]);
        cache.put(&[0, 0]);
        cache.principal(default_principal);
        credentials.for_each(|credential| cache.credential(&credential));
        Self(cache.0.finish())
    }

    /// The octets of the file.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CredentialCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialCache({} octets)", self.0.len())
    }
}

/// The octets of a cache in the making.
struct Octets(SecretOctets);

impl Octets {
    fn credential(&mut self, credential: &Credential<'_>) {
        self.principal(credential.client);
        self.principal(credential.service);
        self.low_16_bits(credential.key.keytype.0);
        self.data(credential.key.keyvalue);
        for time in [credential.authtime, credential.starttime, credential.endtime, credential.renew_till] {
            self.time(time);
        }
        self.put(&[0]);
        self.put(&credential.flags.0.to_be_bytes());
        self.count(credential.addresses.len());
        for (addr_type, address) in credential.addresses {
            self.low_16_bits(addr_type.0);
            self.data(address);
        }
        self.count(0);
        self.data(credential.ticket);
        self.data(&[]);
    }

    fn principal(&mut self, principal: &Principal) {
        self.put(&principal.name_type().0.to_be_bytes());
        self.count(principal.components().count());
        self.data(principal.realm());
        principal.components().for_each(|component| self.data(component));
    }

    fn data(&mut self, octets: &[u8]) {
        self.count(octets.len());
        self.put(octets);
    }

    fn count(&mut self, count: usize) {
        self.put(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
    }

    /// Enctypes and address types have 16 bits here and 32 on the wire; those in use fit.
    fn low_16_bits(&mut self, number: i32) {
        let [_, _, high, low] = number.to_be_bytes();
        self.put(&[high, low]);
    }

    /// Seconds since 1970, unsigned: the years 1970 to 2106, and the nearest of them for a time outside.
    fn time(&mut self, time: Option<KerberosTime>) {
        let seconds = time.map_or(0, |time| time.unix_seconds().clamp(0, u32::MAX.into()));
        self.put(&u32::try_from(seconds).unwrap_or_default().to_be_bytes());
    }

    fn put(&mut self, octets: &[u8]) {
        self.0.put(octets);
    }
}
