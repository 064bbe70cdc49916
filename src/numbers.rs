//! The numbers of the wire, as newtypes: an unknown value survives, a known one prints its RFC name.
//!
//! Base layer. A plain `i32` would let an enctype be compared with an error code; these cannot be.
//! `Debug` and `Display` print the name that the registry gives, and the number always.

use core::fmt;

/// Declares one newtype over a wire integer, its constants, and the one table that its names come from.
macro_rules! wire_numbers {
    ($(#[$doc:meta])* $name:ident($repr:ty) { $($(#[$const_doc:meta])* $constant:ident = $value:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(clippy::exhaustive_structs, reason = "a newtype over a wire integer is that integer for ever")]
        pub struct $name(pub $repr);

        impl $name {
            $($(#[$const_doc])* pub const $constant: Self = Self($value);)*

            const NAMES: &'static [($repr, &'static str)] = &[$(($value, $text)),*];

            /// The registered name, or `None` for a number that this table does not know.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{name} ({})", self.0),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

wire_numbers! {
    /// An encryption type: the cipher and checksum of a key (RFC 3961 §8, the IANA Kerberos registry).
    Enctype(i32) {
        /// `des-cbc-crc`, never implemented (RFC 6649).
        DES_CBC_CRC = 1, "des-cbc-crc";
        /// `des-cbc-md4`, never implemented (RFC 6649).
        DES_CBC_MD4 = 2, "des-cbc-md4";
        /// `des-cbc-md5`, never implemented (RFC 6649).
        DES_CBC_MD5 = 3, "des-cbc-md5";
        /// `des3-cbc-sha1`, not in the default build (RFC 8429).
        DES3_CBC_SHA1 = 16, "des3-cbc-sha1-kd";
        /// `aes128-cts-hmac-sha1-96` (RFC 3962).
        AES128_CTS_HMAC_SHA1_96 = 17, "aes128-cts-hmac-sha1-96";
        /// `aes256-cts-hmac-sha1-96` (RFC 3962).
        AES256_CTS_HMAC_SHA1_96 = 18, "aes256-cts-hmac-sha1-96";
        /// `aes128-cts-hmac-sha256-128` (RFC 8009).
        AES128_CTS_HMAC_SHA256_128 = 19, "aes128-cts-hmac-sha256-128";
        /// `aes256-cts-hmac-sha384-192` (RFC 8009).
        AES256_CTS_HMAC_SHA384_192 = 20, "aes256-cts-hmac-sha384-192";
        /// `rc4-hmac` (RFC 4757; deprecated by RFC 8429).
        RC4_HMAC = 23, "rc4-hmac";
        /// `rc4-hmac-exp`, never implemented (RFC 6649).
        RC4_HMAC_EXP = 24, "rc4-hmac-exp";
        /// `camellia128-cts-cmac` (RFC 6803).
        CAMELLIA128_CTS_CMAC = 25, "camellia128-cts-cmac";
        /// `camellia256-cts-cmac` (RFC 6803).
        CAMELLIA256_CTS_CMAC = 26, "camellia256-cts-cmac";
    }
}

wire_numbers! {
    /// The code of a KRB-ERROR (RFC 4120 §7.5.9).
    KrbErrorCode(i32) {
        /// Bad protocol version.
        KDC_ERR_BAD_PVNO = 3, "KDC_ERR_BAD_PVNO";
        /// The policy refuses the request.
        KDC_ERR_POLICY = 12, "KDC_ERR_POLICY";
        /// The enctype is not supported or not permitted.
        KDC_ERR_ETYPE_NOSUPP = 14, "KDC_ERR_ETYPE_NOSUPP";
        /// The transited encoding is of an unknown type.
        KDC_ERR_TRTYPE_NOSUPP = 17, "KDC_ERR_TRTYPE_NOSUPP";
        /// An integrity check failed.
        KRB_AP_ERR_BAD_INTEGRITY = 31, "KRB_AP_ERR_BAD_INTEGRITY";
        /// The ticket has expired.
        KRB_AP_ERR_TKT_EXPIRED = 32, "KRB_AP_ERR_TKT_EXPIRED";
        /// The ticket is not yet valid.
        KRB_AP_ERR_TKT_NYV = 33, "KRB_AP_ERR_TKT_NYV";
        /// The authenticator was seen before.
        KRB_AP_ERR_REPEAT = 34, "KRB_AP_ERR_REPEAT";
        /// The ticket is not for this server.
        KRB_AP_ERR_NOT_US = 35, "KRB_AP_ERR_NOT_US";
        /// Ticket and authenticator do not match.
        KRB_AP_ERR_BADMATCH = 36, "KRB_AP_ERR_BADMATCH";
        /// The clocks differ by too much.
        KRB_AP_ERR_SKEW = 37, "KRB_AP_ERR_SKEW";
        /// The network address is not one of the ticket's.
        KRB_AP_ERR_BADADDR = 38, "KRB_AP_ERR_BADADDR";
        /// Protocol version mismatch.
        KRB_AP_ERR_BADVERSION = 39, "KRB_AP_ERR_BADVERSION";
        /// Wrong message type.
        KRB_AP_ERR_MSG_TYPE = 40, "KRB_AP_ERR_MSG_TYPE";
        /// The message was modified.
        KRB_AP_ERR_MODIFIED = 41, "KRB_AP_ERR_MODIFIED";
        /// The key version is not available.
        KRB_AP_ERR_BADKEYVER = 44, "KRB_AP_ERR_BADKEYVER";
        /// There is no key for the service.
        KRB_AP_ERR_NOKEY = 45, "KRB_AP_ERR_NOKEY";
        /// Mutual authentication failed.
        KRB_AP_ERR_MUT_FAIL = 46, "KRB_AP_ERR_MUT_FAIL";
        /// The checksum type is not acceptable.
        KRB_AP_ERR_INAPP_CKSUM = 50, "KRB_AP_ERR_INAPP_CKSUM";
        /// The transited path is not accepted.
        KRB_AP_PATH_NOT_ACCEPTED = 51, "KRB_AP_PATH_NOT_ACCEPTED";
        /// Any other error.
        KRB_ERR_GENERIC = 60, "KRB_ERR_GENERIC";
    }
}

wire_numbers! {
    /// The kind of a principal's name, a hint that is never compared (RFC 4120 §6.2).
    NameType(i32) {
        /// Not known.
        NT_UNKNOWN = 0, "NT-UNKNOWN";
        /// A user, or a machine's own name.
        NT_PRINCIPAL = 1, "NT-PRINCIPAL";
        /// A service and its instance, `krbtgt` for example.
        NT_SRV_INST = 2, "NT-SRV-INST";
        /// A service with the host's name as instance.
        NT_SRV_HST = 3, "NT-SRV-HST";
        /// A service with the host as the remaining components.
        NT_SRV_XHST = 4, "NT-SRV-XHST";
        /// A unique identifier.
        NT_UID = 5, "NT-UID";
        /// An encoded X.509 distinguished name.
        NT_X500_PRINCIPAL = 6, "NT-X500-PRINCIPAL";
        /// A name in the form of an SMTP address.
        NT_SMTP_NAME = 7, "NT-SMTP-NAME";
        /// An enterprise name: one component that may hold an `@` (RFC 6806 §5).
        NT_ENTERPRISE = 10, "NT-ENTERPRISE";
        /// A well-known name, anonymous for example (RFC 6111).
        NT_WELLKNOWN = 11, "NT-WELLKNOWN";
    }
}

wire_numbers! {
    /// The type of an authorization data element (RFC 4120 §7.5.4, MS-KILE §2.2).
    AuthDataType(i32) {
        /// `AD-IF-RELEVANT`, a list whose unknown elements may be ignored.
        IF_RELEVANT = 1, "AD-IF-RELEVANT";
        /// `AD-KDCIssued`.
        KDC_ISSUED = 4, "AD-KDCIssued";
        /// `AD-AND-OR`.
        AND_OR = 5, "AD-AND-OR";
        /// `AD-MANDATORY-FOR-KDC`.
        MANDATORY_FOR_KDC = 8, "AD-MANDATORY-FOR-KDC";
        /// `AD-CAMMAC` (RFC 7751).
        CAMMAC = 96, "AD-CAMMAC";
        /// `AD-AUTHENTICATION-INDICATOR` (RFC 8129).
        AUTHENTICATION_INDICATOR = 97, "AD-AUTHENTICATION-INDICATOR";
        /// `AD-WIN2K-PAC` (MS-PAC).
        WIN2K_PAC = 128, "AD-WIN2K-PAC";
        /// `AD-ETYPE-NEGOTIATION`, the initiator's enctype list (RFC 4537 §3).
        ETYPE_NEGOTIATION = 129, "AD-ETYPE-NEGOTIATION";
        /// `KERB_AUTH_DATA_TOKEN_RESTRICTIONS` (MS-KILE).
        TOKEN_RESTRICTIONS = 141, "KERB-AUTH-DATA-TOKEN-RESTRICTIONS";
        /// `KERB-LOCAL` (MS-KILE).
        KERB_LOCAL = 142, "KERB-LOCAL";
        /// `AD-AUTH-DATA-AP-OPTIONS` (MS-KILE §3.2.5.8).
        AP_OPTIONS = 143, "AD-AUTH-DATA-AP-OPTIONS";
        /// `KERB_AUTH_DATA_CLIENT_TARGET`, the name that the client meant to reach (MS-KILE §3.2.5.8).
        CLIENT_TARGET = 144, "KERB-AUTH-DATA-CLIENT-TARGET";
    }
}

wire_numbers! {
    /// What a key is used for, so that no two uses share a derived key (RFC 4120 §7.5.1).
    KeyUsage(u32) {
        /// A ticket's encrypted part.
        TICKET = 2, "ticket";
        /// The checksum in an AP-REQ's authenticator.
        AP_REQ_CHECKSUM = 10, "AP-REQ authenticator checksum";
        /// An AP-REQ's authenticator.
        AP_REQ_AUTHENTICATOR = 11, "AP-REQ authenticator";
        /// An AP-REP's encrypted part.
        AP_REP = 12, "AP-REP";
        /// A KRB-CRED's encrypted part.
        KRB_CRED = 14, "KRB-CRED";
        /// A PAC's signatures (MS-KILE §3.1.5.9).
        PAC_SIGNATURE = 17, "PAC signature";
        /// A message sealed by the acceptor (RFC 4121 §2).
        ACCEPTOR_SEAL = 22, "acceptor seal";
        /// A message signed by the acceptor (RFC 4121 §2).
        ACCEPTOR_SIGN = 23, "acceptor sign";
        /// A message sealed by the initiator (RFC 4121 §2).
        INITIATOR_SEAL = 24, "initiator seal";
        /// A message signed by the initiator (RFC 4121 §2).
        INITIATOR_SIGN = 25, "initiator sign";
    }
}

wire_numbers! {
    /// The type of a checksum (RFC 3961 §8, the IANA Kerberos registry).
    ChecksumType(i32) {
        /// `CRC32`, unkeyed.
        CRC32 = 1, "CRC32";
        /// `rsa-md5`, unkeyed.
        RSA_MD5 = 7, "rsa-md5";
        /// `sha1`, unkeyed.
        SHA1 = 14, "sha1";
        /// `hmac-sha1-96-aes128` (RFC 3962).
        HMAC_SHA1_96_AES128 = 15, "hmac-sha1-96-aes128";
        /// `hmac-sha1-96-aes256` (RFC 3962).
        HMAC_SHA1_96_AES256 = 16, "hmac-sha1-96-aes256";
        /// `cmac-camellia128` (RFC 6803).
        CMAC_CAMELLIA128 = 17, "cmac-camellia128";
        /// `cmac-camellia256` (RFC 6803).
        CMAC_CAMELLIA256 = 18, "cmac-camellia256";
        /// `hmac-sha256-128-aes128` (RFC 8009).
        HMAC_SHA256_128_AES128 = 19, "hmac-sha256-128-aes128";
        /// `hmac-sha384-192-aes256` (RFC 8009).
        HMAC_SHA384_192_AES256 = 20, "hmac-sha384-192-aes256";
        /// The GSS checksum, a structure and no checksum at all (RFC 4121 §4.1.1).
        GSS = 0x8003, "GSS-API checksum";
        /// `HMAC-MD5` of RC4 keys (RFC 4757 §4).
        HMAC_MD5 = -138, "hmac-md5";
    }
}

wire_numbers! {
    /// The family of a host address (RFC 4120 §7.5.3).
    AddressType(i32) {
        /// IPv4: four octets.
        IPV4 = 2, "IPv4";
        /// Directional: which of two parties sent a message (RFC 4120 §7.1).
        DIRECTIONAL = 3, "Directional";
        /// A NetBIOS name: sixteen octets, padded with spaces.
        NETBIOS = 20, "NetBios";
        /// IPv6: sixteen octets.
        IPV6 = 24, "IPv6";
    }
}

/// The text names no enctype that the registry knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an enctype's registered name or number, such as aes256-cts-hmac-sha1-96 or 18")]
#[non_exhaustive]
pub struct EnctypeParseError;

/// Reads a registered name, the short forms `aes256-cts`, `aes128-cts` and `arcfour-hmac` that administrators know from
/// krb5.conf, or a number.
impl core::str::FromStr for Enctype {
    type Err = EnctypeParseError;

    fn from_str(text: &str) -> Result<Self, EnctypeParseError> {
        let short = match text {
            "aes256-cts" | "aes256-sha1" => Some(Self::AES256_CTS_HMAC_SHA1_96),
            "aes128-cts" | "aes128-sha1" => Some(Self::AES128_CTS_HMAC_SHA1_96),
            "aes256-sha2" => Some(Self::AES256_CTS_HMAC_SHA384_192),
            "aes128-sha2" => Some(Self::AES128_CTS_HMAC_SHA256_128),
            "arcfour-hmac" | "arcfour-hmac-md5" | "rc4-hmac-md5" => Some(Self::RC4_HMAC),
            _ => None,
        };
        let registered =
            || Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(number, _)| *number);
        let number = || registered().or_else(|| text.parse().ok()).map(Self);
        short.or_else(number).ok_or(EnctypeParseError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn enctypes_are_read_by_name_short_form_and_number() {
        for text in ["rc4-hmac", "RC4-HMAC", "arcfour-hmac", "23"] {
            assert_eq!(text.parse(), Ok(Enctype::RC4_HMAC), "{text}");
        }
        for text in ["", "rc5-hmac", "23x"] {
            assert_eq!(text.parse::<Enctype>(), Err(EnctypeParseError), "{text}");
        }
    }

    #[test]
    fn numbers_print_their_name_and_always_themselves() {
        assert_eq!(Enctype::AES256_CTS_HMAC_SHA1_96.to_string(), "aes256-cts-hmac-sha1-96 (18)");
        assert_eq!(Enctype(99).to_string(), "99");
        assert_eq!(ChecksumType(-138).to_string(), "hmac-md5 (-138)");
    }
}
