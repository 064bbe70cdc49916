//! Which realms lie between two others by their names alone (RFC 4120 §1.2 and §6.1).
//!
//! `MIT.EDU` is above `ATHENA.MIT.EDU`, and `/COM/HP` is above `/COM/HP/APOLLO`. A name that RFC 4120 §6.1 puts into
//! neither style, such as `WELLKNOWN:ANONYMOUS`, or one with an empty component, has nothing above or below it.
//!
//! *Q1: what lies between two realms that have no ancestor in common, `MIT.EDU` and `EXAMPLE.COM`? MIT's walk of the
//! tree goes on over `EDU` and `COM`. A: nothing. In the hierarchy of RFC 4120 §1.2 a realm shares keys with its parent
//! and with its children; that the tops of two hierarchies trust each other is a fact that somebody must state, by a
//! configured path.*

use alloc::vec::Vec;
use core::iter;

/// The realms between two on the way over their nearest common ancestor, from the first to the second, without the
/// two. Nothing if they have none.
pub(super) fn hierarchy<'a>(client_realm: &'a [u8], service_realm: &'a [u8]) -> Vec<&'a [u8]> {
    let above_client = ancestors(client_realm);
    let above_service = ancestors(service_realm);
    let meets = |realm: &&[u8]| *realm == service_realm || above_service.contains(realm);
    let Some(top) = iter::once(client_realm).chain(above_client).find(meets) else {
        return Vec::new();
    };
    let up = climb(client_realm, top).unwrap_or_default();
    let down = climb(service_realm, top).unwrap_or_default();
    let turn = Some(top).filter(|top| *top != client_realm && *top != service_realm);
    up.into_iter().chain(turn).chain(down.into_iter().rev()).collect()
}

/// The realms strictly between two of which one is above the other, from the first to the second; else `None`.
pub(super) fn between<'a>(from: &'a [u8], to: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    if let Some(up) = climb(from, to) {
        return Some(up);
    }
    let mut down = climb(to, from)?;
    down.reverse();
    Some(down)
}

/// The realms strictly between `lower` and `upper`, the lowest first, if `upper` is above `lower`.
fn climb<'a>(lower: &'a [u8], upper: &[u8]) -> Option<Vec<&'a [u8]>> {
    let mut line = ancestors(lower);
    let upper_at = line.iter().position(|realm| *realm == upper)?;
    line.truncate(upper_at);
    Some(line)
}

/// The realms above this one, the nearest first.
fn ancestors(realm: &[u8]) -> Vec<&[u8]> {
    let separators = |separator| realm.iter().enumerate().filter(move |(_, octet)| **octet == separator);
    match style(realm) {
        Some(Style::Domain) => separators(b'.').filter_map(|(dot, _)| realm.get(dot.saturating_add(1)..)).collect(),
        Some(Style::X500) => separators(b'/')
            .rev()
            .filter_map(|(slash, _)| realm.get(..slash))
            .filter(|ancestor| !ancestor.is_empty())
            .collect(),
        None => Vec::new(),
    }
}

/// How a realm's name shows what is above it.
#[derive(Clone, Copy)]
enum Style {
    /// `ATHENA.MIT.EDU`: above is the suffix after a dot.
    Domain,
    /// `/COM/HP/APOLLO` or `C=US/O=OSF`: above is the prefix before a slash.
    X500,
}

/// RFC 4120 §6.1: domain names "contain neither colons nor slashes"; X.500 names contain an equals sign, and no colon
/// before it. The examples of RFC 4120 §3.3.3.2 are X.500 names by their leading slash alone.
fn style(realm: &[u8]) -> Option<Style> {
    if let Some(rest) = realm.strip_prefix(b"/") {
        return rest.split(is(b'/')).all(|part| !part.is_empty()).then_some(Style::X500);
    }
    match realm.iter().find(|octet| b":=/".contains(octet)) {
        None => realm.split(is(b'.')).all(|part| !part.is_empty()).then_some(Style::Domain),
        Some(b'=') => realm.split(is(b'/')).all(|part| part.contains(&b'=')).then_some(Style::X500),
        Some(_) => None,
    }
}

fn is(separator: u8) -> impl Fn(&u8) -> bool {
    move |octet| *octet == separator
}
