//! Salts for string-to-key where no KDC said one.
//!
//! A KDC tells the salt of every principal (RFC 4120 §5.2.7.4), and what it says wins. These are the conventions that
//! KDCs follow when nobody chose a salt; an account that was renamed keeps the salt of its last password change.

use alloc::string::String;
use alloc::vec::Vec;

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
