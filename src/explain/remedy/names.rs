//! The names that commands are filled in with.

use crate::principal::{Escaped, Principal};
use alloc::format;
use alloc::string::{String, ToString};

/// What a command is about. Each part is the actual name, or a placeholder in angle brackets where there is none or where
/// the name could mean something to a shell: the name in a ticket is whatever its sender wrote.
pub(super) struct Names {
    /// `HTTP/web.example.com`.
    pub(super) spn: String,
    /// `web.example.com`.
    pub(super) host: String,
    /// `EXAMPLE.COM`.
    pub(super) realm: String,
    /// `HTTP/web.example.com@EXAMPLE.COM`.
    pub(super) principal: String,
}

impl Names {
    /// Of the service that it is about; of nobody if nobody is known.
    pub(super) fn of(service: Option<&Principal>) -> Self {
        let part = |octets: Option<&[u8]>, otherwise: &str| {
            octets.and_then(harmless).map_or_else(|| otherwise.to_string(), ToString::to_string)
        };
        let realm = part(service.map(Principal::realm), "<REALM>");
        let host = part(service.and_then(|service| service.components().nth(1)), "<host>");
        let spn = service.and_then(|service| {
            let parts = service.components().map(harmless).collect::<Option<alloc::vec::Vec<_>>>()?;
            (!parts.is_empty()).then(|| parts.join("/"))
        });
        let spn = spn.unwrap_or_else(|| String::from("<HTTP/host>"));
        let principal = format!("{spn}@{realm}");
        Self { spn, host, realm, principal }
    }

    /// `kadmin` for MIT, a keytab with the current keys of the service.
    pub(super) fn ktadd(&self) -> String {
        format!("kadmin -q \"ktadd -k <FILE> {}\"", self.principal)
    }

    /// A keytab of every enctype, made on a domain controller.
    pub(super) fn ktpass(&self) -> String {
        format!(
            "ktpass /out http.keytab /princ {} /mapuser <ACCOUNT> /ptype KRB5_NT_PRINCIPAL /crypto all /pass *",
            self.principal
        )
    }
}

/// What a peer wrote, escaped, and cut where no name in use is as long.
pub(super) fn brief(octets: &[u8]) -> String {
    let shown = octets.get(..128).unwrap_or(octets);
    let text = Escaped { octets: shown, special: &[] }.to_string();
    if shown.len() < octets.len() { format!("{text}…") } else { text }
}

/// The text, if every character is one of host names, realms and service classes.
fn harmless(octets: &[u8]) -> Option<&str> {
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"._-:".contains(octet);
    let begins_well = octets.first().is_some_and(u8::is_ascii_alphanumeric);
    let fits = begins_well && octets.len() <= 255 && octets.iter().all(plain);
    fits.then(|| core::str::from_utf8(octets).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_could_read_does_not_get_into_a_command() {
        for hostile in ["a;reboot", "$(reboot)", "`id`", "a b", "a\nb", "-rf", "a|b", "a&b", "\"", "'", "a>b", "é", ""]
        {
            let service = Principal::new("EXAMPLE.COM", ["HTTP", hostile]);
            let names = Names::of(Some(&service));
            assert_eq!((names.spn.as_str(), names.host.as_str()), ("<HTTP/host>", "<host>"), "{hostile}");
            assert!(!names.ktpass().contains(hostile) || hostile.is_empty());
            assert_eq!(Names::of(Some(&Principal::new(hostile, ["HTTP", "web"]))).realm, "<REALM>");
        }
        let names = Names::of(Some(&Principal::new("EXAMPLE.COM", ["HTTP", "web-1.example.com:8080"])));
        assert_eq!(names.principal, "HTTP/web-1.example.com:8080@EXAMPLE.COM");
    }
}
