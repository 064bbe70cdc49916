//! The paths that the operator configured, as `[capaths]` of a `krb5.conf` has them.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

/// Through which realms clients of one realm may come to services of another, in place of the hierarchy of names.
///
/// What `[capaths]` is in `krb5.conf`. A pair of realms that is not listed falls back on the hierarchy: from
/// `A.EXAMPLE.COM` to `B.EXAMPLE.COM` by way of `EXAMPLE.COM`. A pair holds in one direction only.
///
/// ```
/// use kerbside::RealmPaths;
///
/// let paths = RealmPaths::new()
///     .allow("PARTNER.EXAMPLE", "CORP.EXAMPLE", ["HUB.EXAMPLE"])   // by way of the hub
///     .allow_direct("LAB.EXAMPLE", "CORP.EXAMPLE");                // and in no other way
/// assert!(!paths.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RealmPaths {
    by_client: BTreeMap<Box<[u8]>, ByService>,
}

type ByService = BTreeMap<Box<[u8]>, Intermediates>;
type Intermediates = BTreeSet<Box<[u8]>>;

impl RealmPaths {
    /// No path but the hierarchy's.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows clients of `client_realm` to come to services of `service_realm` directly, and through any of
    /// `intermediates`, in any order.
    ///
    /// A second call for the same pair adds to the first. The dot by which `krb5.conf` says "directly" is understood
    /// and adds nothing.
    #[must_use]
    pub fn allow<R: AsRef<[u8]>>(
        mut self,
        client_realm: impl AsRef<[u8]>,
        service_realm: impl AsRef<[u8]>,
        intermediates: impl IntoIterator<Item = R>,
    ) -> Self {
        let path = self.path_mut(client_realm.as_ref(), service_realm.as_ref());
        for realm in intermediates {
            if realm.as_ref() != b"." {
                path.insert(realm.as_ref().into());
            }
        }
        self
    }

    /// Allows clients of `client_realm` to come to services of `service_realm` directly, and through no realm that
    /// [`RealmPaths::allow`] does not name for the same pair.
    #[must_use]
    pub fn allow_direct(mut self, client_realm: impl AsRef<[u8]>, service_realm: impl AsRef<[u8]>) -> Self {
        self.path_mut(client_realm.as_ref(), service_realm.as_ref());
        self
    }

    /// Whether no path is configured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_client.is_empty()
    }

    /// The realms that may lie between the two, or nothing if the pair is not configured.
    pub(super) fn lookup(&self, client_realm: &[u8], service_realm: &[u8]) -> Option<&Intermediates> {
        self.by_client.get(client_realm)?.get(service_realm)
    }

    fn path_mut(&mut self, client_realm: &[u8], service_realm: &[u8]) -> &mut Intermediates {
        self.by_client.entry(client_realm.into()).or_default().entry(service_realm.into()).or_default()
    }
}
