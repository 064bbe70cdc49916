//! Salts for string-to-key where no KDC said one.
//!
//! A KDC tells the salt of every principal (RFC 4120 §5.2.7.4), and what it says wins. These are the conventions that
//! KDCs follow when nobody chose a salt; an account that was renamed keeps the salt of its last password change.

use super::error::KeyError;
use crate::principal::Principal;
use alloc::string::String;
use alloc::vec::Vec;

/// What a password is salted with before it becomes a principal's key.
///
/// Where a KDC can be asked, what it says is [`Exact`](Self::Exact): MIT's `kadmin` shows it with `getprinc`, and every KDC in
/// its answer to `kinit` (`KRB5_TRACE`). A key with the wrong salt is a good key that opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Salt {
    /// [`default_salt`] of the principal's own name, as MIT krb5 and Heimdal have it for a principal that was never renamed.
    #[default]
    Default,
    /// [`active_directory_user_salt`]: the principal belongs to a user account, as one made for a service is.
    ///
    /// A renamed account keeps the salt of the name under which its password was last changed: name that one.
    ActiveDirectoryUser {
        /// The account's sAMAccountName, in the case that the directory has.
        account: String,
    },
    /// [`active_directory_computer_salt`]: the principal belongs to a computer account.
    ActiveDirectoryComputer {
        /// The account's sAMAccountName, with or without the `$` at its end.
        account: String,
    },
    /// These octets.
    Exact(Vec<u8>),
}

impl Salt {
    /// The octets for a principal, whose realm is the salt's too.
    ///
    /// # Errors
    ///
    /// [`KeyError::RealmEncoding`] for Active Directory's salts and a realm that is not UTF-8.
    pub fn octets(&self, principal: &Principal) -> Result<Vec<u8>, KeyError> {
        let realm = || core::str::from_utf8(principal.realm()).map_err(|_| KeyError::RealmEncoding);
        Ok(match self {
            Self::Default => default_salt(principal.realm(), principal.components()),
            Self::ActiveDirectoryUser { account } => active_directory_user_salt(realm()?, account),
            Self::ActiveDirectoryComputer { account } => active_directory_computer_salt(realm()?, account),
            Self::Exact(octets) => octets.clone(),
        })
    }
}

/// `EXAMPLE.COM` and `HTTP`, `web` give `EXAMPLE.COMHTTPweb`: the salt of MIT krb5 and Heimdal.
///
/// RFC 4120 §4: "the default salt string, if none is provided via pre-authentication data, is the concatenation of the
/// principal's realm and name components, in order, with no separators."
#[must_use]
pub fn default_salt<C: AsRef<[u8]>>(realm: &[u8], components: impl IntoIterator<Item = C>) -> Vec<u8> {
    let mut salt = realm.to_vec();
    for component in components {
        salt.extend_from_slice(component.as_ref());
    }
    salt
}

/// `example.com` and `alice` give `EXAMPLE.COMalice`: the salt of a user account in Active Directory (MS-KILE §3.1.1.2).
///
/// The name is the account's sAMAccountName as the directory spells it: here case matters.
#[must_use]
pub fn active_directory_user_salt(dns_realm: &str, account_name: &str) -> Vec<u8> {
    joined(&[&dns_realm.to_uppercase(), account_name])
}

/// `example.com` and `WEB$` give `EXAMPLE.COMhostweb.example.com`: the salt of a computer account in Active Directory
/// (MS-KILE §3.1.1.2).
///
/// The name is the account's sAMAccountName; the `$` at its end does not count.
#[must_use]
pub fn active_directory_computer_salt(dns_realm: &str, account_name: &str) -> Vec<u8> {
    let host = account_name.strip_suffix('$').unwrap_or(account_name).to_lowercase();
    joined(&[&dns_realm.to_uppercase(), "host", &host, ".", &dns_realm.to_lowercase()])
}

fn joined(parts: &[&str]) -> Vec<u8> {
    parts.iter().copied().collect::<String>().into_bytes()
}
