//! Where to go after the login, and nowhere else.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// An address of this site to which a client may be sent: a path with its query, and never another host.
///
/// A login page takes the address to return to from its own query, and whoever makes the link chooses it. So everything is
/// refused that a browser might take for another host: `//host`, `/\host`, `https:host`, and whatever hides one of these behind
/// control characters, which browsers leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

/// The address is not one of this site, and of no other that is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no path of this site and no address of a listed one")]
#[non_exhaustive]
pub struct ReturnToError;

impl ReturnTo {
    /// A path of this site: `/inbox?folder=1`.
    ///
    /// # Errors
    /// [`ReturnToError`] for anything else.
    pub fn path(text: &str) -> Result<Self, ReturnToError> {
        let own = text.starts_with('/') && !text.starts_with("//") && text.bytes().all(is_plain);
        own.then(|| Self(String::from(text))).ok_or(ReturnToError)
    }

    /// A path of this site, or an address of one of the listed sites: `https://portal.example.com`, without a path.
    ///
    /// # Errors
    /// [`ReturnToError`] for anything else.
    pub fn path_or_listed(text: &str, sites: &Sites) -> Result<Self, ReturnToError> {
        Self::path(text).or_else(|error| if sites.lists(text) { Ok(Self(String::from(text))) } else { Err(error) })
    }

    /// The value of a `Location` field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Other sites that may be returned to, each an origin: scheme, host, and port if it is not the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sites(Vec<String>);

impl Sites {
    /// These origins: `https://portal.example.com`, `https://portal.example.com:8443`.
    ///
    /// # Errors
    /// [`ReturnToError`] for one that is not `https://` or `http://`, a host, and nothing behind it.
    pub fn new<S: AsRef<str>>(origins: impl IntoIterator<Item = S>) -> Result<Self, ReturnToError> {
        let origins = origins.into_iter().map(|origin| {
            let origin = origin.as_ref();
            let authority = ["https://", "http://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
            let authority =
                authority.filter(|authority| !authority.is_empty() && authority.bytes().all(is_of_authority));
            authority.map(|_| String::from(origin)).ok_or(ReturnToError)
        });
        Ok(Self(origins.collect::<Result<_, _>>()?))
    }

    /// Whether the text is one of them, or goes on behind one with a path or query.
    fn lists(&self, text: &str) -> bool {
        let goes_on = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?', '#']);
        text.bytes().all(is_plain)
            && self.0.iter().any(|origin| text.strip_prefix(origin.as_str()).is_some_and(goes_on))
    }
}

/// What a path may have: visible ASCII. A backslash is a slash to browsers.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_graphic() && octet != b'\\'
}

fn is_of_authority(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b':' | b'[' | b']')
}
