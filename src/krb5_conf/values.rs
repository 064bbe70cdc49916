//! What the values mean: true and false, lengths of time, lists of enctypes.

use super::error::{Krb5ConfError, Krb5ConfErrorKind as Kind};
use super::profile::Value;
use crate::acceptor::{EnctypePolicy, EnctypeRole};
use crate::crypto::EnctypeInfo;
use crate::numbers::Enctype;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub(super) fn boolean(value: &Value) -> Result<bool, Krb5ConfError> {
    match value.text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" | "on" => Ok(true),
        "n" | "no" | "false" | "f" | "nil" | "0" | "off" => Ok(false),
        _ => Err(value.error(Kind::Boolean)),
    }
}

/// Seconds; or numbers with units, `1d2h3m4s`; or `hours:minutes`, `hours:minutes:seconds`.
pub(super) fn duration(value: &Value) -> Result<Duration, Krb5ConfError> {
    let text = value.text.as_str();
    let seconds = if text.contains(':') { clock(text) } else { with_units(text) };
    seconds.map(Duration::from_secs).ok_or_else(|| value.error(Kind::Duration))
}

fn clock(text: &str) -> Option<u64> {
    let parts: Vec<_> = text.split(':').map(|part| part.parse::<u32>().ok()).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let within = minutes < 60 && seconds < 60;
    let minutes = u64::from(hours).saturating_mul(60).saturating_add(u64::from(minutes));
    within.then(|| minutes.saturating_mul(60).saturating_add(u64::from(seconds)))
}

fn with_units(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0_u64;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number: u32 = rest.strip_suffix(after)?.parse().ok()?;
        let after = after.trim_start();
        let (unit, behind) = match after.chars().next() {
            None => (1, after),
            Some(letter) => (unit(letter)?, after.strip_prefix(letter)?),
        };
        if unit >= last_unit {
            return None;
        }
        last_unit = unit;
        total = total.checked_add(u64::from(number).checked_mul(unit)?)?;
        rest = behind.trim_start();
    }
    (last_unit != u64::MAX).then_some(total)
}

fn unit(letter: char) -> Option<u64> {
    match letter {
        'd' => Some(86_400),
        'h' => Some(3_600),
        'm' => Some(60),
        's' => Some(1),
        _ => None,
    }
}

/// A list of enctypes, read.
#[derive(Default)]
pub(super) struct Permitted {
    /// Those that are built in, in order.
    pub(super) enctypes: Vec<Enctype>,
    /// The words that name nothing that is.
    pub(super) unusable: Vec<String>,
}

/// Names, families and `DEFAULT`, between spaces or commas; a `-` before one takes it out again.
pub(super) fn enctypes(value: &Value) -> Permitted {
    let mut permitted = Permitted::default();
    let words =
        value.text.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|word| !word.is_empty());
    for word in words {
        let (name, removed) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        let named = named(name.strip_prefix('+').unwrap_or(name));
        if removed {
            permitted.enctypes.retain(|enctype| !named.contains(enctype));
            continue;
        }
        if named.is_empty() {
            permitted.unusable.push(String::from(name));
        }
        let new: Vec<_> = named.into_iter().filter(|enctype| !permitted.enctypes.contains(enctype)).collect();
        permitted.enctypes.extend(new);
    }
    permitted
}

/// What a word stands for, of the enctypes that are built in.
fn named(word: &str) -> Vec<Enctype> {
    let default = EnctypePolicy::default();
    let default = default.allowed(EnctypeRole::Ticket);
    let family = |members: &[Enctype]| default.iter().filter(|enctype| members.contains(enctype)).copied().collect();
    match word.to_ascii_lowercase().as_str() {
        "default" => default.to_vec(),
        "aes" => family(&[
            Enctype::AES256_CTS_HMAC_SHA1_96,
            Enctype::AES128_CTS_HMAC_SHA1_96,
            Enctype::AES256_CTS_HMAC_SHA384_192,
            Enctype::AES128_CTS_HMAC_SHA256_128,
        ]),
        "camellia" => family(&[Enctype::CAMELLIA256_CTS_CMAC, Enctype::CAMELLIA128_CTS_CMAC]),
        "rc4" => alloc::vec![Enctype::RC4_HMAC],
        name => name.parse().ok().filter(|enctype| EnctypeInfo::find(*enctype).is_some()).into_iter().collect(),
    }
}

/// Whether MIT krb5 or Heimdal knows the relation of `[libdefaults]`.
pub(super) fn is_known(tag: &str) -> bool {
    KNOWN.binary_search(&tag).is_ok()
}

/// The relations of `[libdefaults]` in MIT krb5 1.21 and Heimdal 7.8, in order.
const KNOWN: [&str; 66] = [
    "allow_des3",
    "allow_hierarchical_capaths",
    "allow_rc4",
    "allow_weak_crypto",
    "aname2lname-text-db",
    "canonicalize",
    "capath",
    "ccache_type",
    "client_aware_channel_bindings",
    "clockskew",
    "date_format",
    "default_as_etypes",
    "default_cc_name",
    "default_cc_type",
    "default_ccache_name",
    "default_client_keytab_name",
    "default_etypes",
    "default_etypes_des",
    "default_keytab_name",
    "default_rcache_name",
    "default_realm",
    "default_tgs_enctypes",
    "default_tgs_etypes",
    "default_tkt_enctypes",
    "dns_canonicalize_hostname",
    "dns_lookup_kdc",
    "dns_lookup_realm",
    "dns_proxy",
    "dns_uri_lookup",
    "enforce_ok_as_delegate",
    "err_fmt",
    "extra_addresses",
    "fcache_version",
    "fcc-mit-ticketflags",
    "forwardable",
    "http_proxy",
    "ignore_acceptor_hostname",
    "k5login_authoritative",
    "k5login_directory",
    "kcm_mach_service",
    "kcm_socket",
    "kdc_default_options",
    "kdc_timeout",
    "kdc_timesync",
    "kuserok",
    "large_msg_size",
    "log_utc",
    "max_retries",
    "name_canon_rules",
    "noaddresses",
    "permitted_enctypes",
    "plugin_base_dir",
    "preferred_preauth_types",
    "proxiable",
    "qualify_shortname",
    "rdns",
    "realm_try_domains",
    "renew_lifetime",
    "request_timeout",
    "scan_interfaces",
    "spake_preauth_groups",
    "ticket_lifetime",
    "time_format",
    "udp_preference_limit",
    "verify_ap_req_nofail",
    "warn_pwexpire",
];
