//! The keys of an acceptor, laid out for one question: which keys may open a ticket of this name, version and enctype?
//!
//! Built once for each change. Every distinct key is tried once, whatever the number of names that have it. A lookup hashes
//! the name and walks the few entries of it, so its cost does not grow with the keytab.

use super::Layout;
use super::held::{HeldEntry, KeyMark};
use crate::acceptor::error::PresentPrincipals;
use crate::acceptor::spn::{NameCase, same_components};
use crate::crypto::UsageKey;
use crate::messages::PrincipalName;
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::{KerberosTime, Timestamp};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::hash::{BuildHasher, Hasher};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

/// The keys of an acceptor.
pub(in crate::acceptor) struct KeySet {
    names: Vec<ServiceName>,
    /// Positions in `names`, by realm and components.
    exact: HashTable<usize>,
    /// Positions in `names`, by realm and components in lower case.
    folded: HashTable<usize>,
    hashing: DefaultHashBuilder,
    keys: Vec<Arc<UsageKey>>,
    aliases: HashMap<Enctype, Vec<ServiceKey>>,
    present: PresentPrincipals,
    any_allowed: bool,
    allowed_in_another_case: Option<Arc<Principal>>,
}

/// One principal of the keytab, and its entries.
pub(in crate::acceptor) struct ServiceName {
    pub(in crate::acceptor) principal: Arc<Principal>,
    /// Whether the service policy allows the name.
    pub(in crate::acceptor) allowed: bool,
    /// Newest first.
    pub(in crate::acceptor) entries: Vec<ServiceEntry>,
}

/// One entry of the keytab.
#[derive(Clone, Copy)]
pub(in crate::acceptor) struct ServiceEntry {
    pub(in crate::acceptor) kvno: u32,
    pub(in crate::acceptor) enctype: Enctype,
    timestamp: KerberosTime,
    /// Its position among the distinct keys; `None` if the key cannot be used.
    pub(in crate::acceptor) key: Option<usize>,
    pub(in crate::acceptor) mark: KeyMark,
}

/// A key that may be tried for a ticket of another name.
#[derive(Clone, Copy)]
pub(in crate::acceptor) struct ServiceKey {
    pub(in crate::acceptor) name: usize,
    pub(in crate::acceptor) kvno: u32,
    pub(in crate::acceptor) key: usize,
    pub(in crate::acceptor) mark: KeyMark,
}

impl KeySet {
    pub(super) fn new(held: &[HeldEntry], layout: Layout<'_>) -> Self {
        let Layout { policy, spn, limits } = layout;
        let hashing = DefaultHashBuilder::default();
        let mut keys = DistinctKeys::default();
        let names: Vec<_> = by_principal(held)
            .into_iter()
            .map(|(principal, entries)| ServiceName {
                principal: Arc::new(principal.clone()),
                allowed: spn.allows(principal, policy.name_case),
                entries: newest_first(&entries, &mut keys),
            })
            .collect();
        let index = |fold| {
            let hash =
                |name: &ServiceName| hash_of(&hashing, name.principal.realm(), name.principal.components(), fold);
            let mut table = HashTable::with_capacity(names.len());
            for (position, name) in names.iter().enumerate() {
                table.insert_unique(hash(name), position, |other| names.get(*other).map_or(0, hash));
            }
            table
        };
        let another_case = names.iter().find(|name| !name.allowed && spn.allows_in_another_case(&name.principal));
        let present: Arc<[_]> = names.iter().map(|name| Arc::clone(&name.principal)).collect();
        Self {
            exact: index(Fold::AsTheyAre),
            folded: index(Fold::LowerCase),
            aliases: alias_keys(&names, limits.trial_keys),
            any_allowed: names.iter().any(|name| name.allowed),
            allowed_in_another_case: another_case.map(|name| Arc::clone(&name.principal)),
            keys: keys.keys,
            present: PresentPrincipals::new(present),
            names,
            hashing,
        }
    }

    /// Whether the service policy allows any entry at all.
    pub(in crate::acceptor) fn any_allowed(&self) -> bool {
        self.any_allowed
    }

    /// A principal that the service policy does not allow, and would if the case of letters did not count.
    pub(in crate::acceptor) fn allowed_in_another_case(&self) -> Option<&Principal> {
        self.allowed_in_another_case.as_deref()
    }

    /// The principals of the keytab, for messages.
    pub(in crate::acceptor) fn present(&self) -> PresentPrincipals {
        self.present.clone()
    }

    /// The entry set of this name; under [`NameCase::IgnoreServiceAndHost`] of one that differs in case, if none is equal.
    pub(in crate::acceptor) fn find(
        &self,
        realm: &[u8],
        sname: &PrincipalName<'_>,
        case: NameCase,
    ) -> Option<&ServiceName> {
        let hash = hash_of(&self.hashing, realm, sname.components(), Fold::AsTheyAre);
        let same = |name: &ServiceName, case| {
            name.principal.realm() == realm && same_components(name.principal.components(), sname.components(), case)
        };
        let exact = self.exact.find(hash, |at| self.names.get(*at).is_some_and(|name| same(name, NameCase::Exact)));
        let found = match (exact, case) {
            (Some(exact), _) => Some(exact),
            (None, NameCase::Exact) => None,
            (None, case) => {
                let hash = hash_of(&self.hashing, realm, sname.components(), Fold::LowerCase);
                self.folded.find(hash, |at| self.names.get(*at).is_some_and(|name| same(name, case)))
            }
        };
        found.and_then(|at| self.names.get(*at))
    }

    /// A principal of the keytab that differs from this name only in the case of letters.
    pub(in crate::acceptor) fn differs_only_in_case(&self, wanted: &Principal) -> Option<&Principal> {
        let hash = hash_of(&self.hashing, wanted.realm(), wanted.components(), Fold::LowerCase);
        let same = |name: &ServiceName| name.principal.eq_ignore_ascii_case(wanted) && *name.principal != *wanted;
        let at = self.folded.find(hash, |at| self.names.get(*at).is_some_and(same))?;
        self.names.get(*at).map(|name| &*name.principal)
    }

    /// The keys of allowed names that may be tried for a ticket of this enctype whose name is not in the keytab: newest
    /// first, each distinct key once, as many as the limit.
    pub(in crate::acceptor) fn aliases(&self, enctype: Enctype) -> &[ServiceKey] {
        self.aliases.get(&enctype).map_or(&[], Vec::as_slice)
    }

    pub(in crate::acceptor) fn name(&self, position: usize) -> Option<&ServiceName> {
        self.names.get(position)
    }

    /// The prepared key at this position.
    pub(in crate::acceptor) fn key(&self, position: usize) -> Option<&UsageKey> {
        self.keys.get(position).map(|key| &**key)
    }

    /// The names that have an entry which opens tickets at that time, for whoever compares with all of them.
    pub(in crate::acceptor) fn names_at(&self, now: Timestamp) -> impl Iterator<Item = &ServiceName> {
        self.names.iter().filter(move |name| name.entries.iter().any(|entry| entry.mark.is_live(now)))
    }

    /// Whether an allowed name of this kind has an entry that opens tickets at that time.
    pub(in crate::acceptor) fn serves(
        &self,
        realm: &[u8],
        sname: &PrincipalName<'_>,
        (case, now): (NameCase, Timestamp),
    ) -> bool {
        let found = self.find(realm, sname, case);
        found.is_some_and(|name| name.allowed && name.entries.iter().any(|entry| entry.mark.is_live(now)))
    }
}

/// The entries of each principal, in the order of their first ones.
fn by_principal(held: &[HeldEntry]) -> Vec<(&Principal, Vec<&HeldEntry>)> {
    let mut positions: HashMap<&Principal, usize> = HashMap::new();
    let mut grouped: Vec<(&Principal, Vec<&HeldEntry>)> = Vec::new();
    for held in held {
        let principal = held.entry.principal();
        let position = *positions.entry(principal).or_insert(grouped.len());
        match grouped.get_mut(position) {
            Some((_, entries)) => entries.push(held),
            None => grouped.push((principal, Vec::from([held]))),
        }
    }
    grouped
}

/// The distinct keys: the same octets under several names are one key.
#[derive(Default)]
struct DistinctKeys {
    positions: HashMap<*const UsageKey, usize>,
    keys: Vec<Arc<UsageKey>>,
}

impl DistinctKeys {
    fn position_of(&mut self, key: &Arc<UsageKey>) -> usize {
        *self.positions.entry(Arc::as_ptr(key)).or_insert_with(|| {
            self.keys.push(Arc::clone(key));
            self.keys.len().saturating_sub(1)
        })
    }
}

/// The entries of one name, newest first; entries of one version in file order.
fn newest_first(held: &[&HeldEntry], keys: &mut DistinctKeys) -> Vec<ServiceEntry> {
    let mut entries: Vec<_> = held
        .iter()
        .map(|held| ServiceEntry {
            kvno: held.entry.kvno(),
            enctype: held.entry.enctype(),
            timestamp: held.entry.timestamp(),
            key: held.key.as_ref().map(|key| keys.position_of(key)),
            mark: held.mark,
        })
        .collect();
    let before_wrap =
        entries.iter().filter(|entry| (241..256).contains(&entry.kvno)).map(|entry| entry.timestamp).max();
    entries.sort_by_key(|entry| Reverse(age_rank(entry, before_wrap)));
    entries
}

/// How new an entry is. The higher version is the newer, but for an 8-bit counter that has wrapped: a version below 128 beats
/// one above 240 if its timestamp is not older (section 5.3 of the acceptance order).
fn age_rank(entry: &ServiceEntry, before_wrap: Option<KerberosTime>) -> u64 {
    let wrapped = entry.kvno < 128 && entry.kvno > 0 && before_wrap.is_some_and(|before| entry.timestamp >= before);
    u64::from(entry.kvno).saturating_add(if wrapped { 256 } else { 0 })
}

fn alias_keys(names: &[ServiceName], limit: usize) -> HashMap<Enctype, Vec<ServiceKey>> {
    let mut newest: Vec<_> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| name.allowed)
        .flat_map(|(position, name)| name.entries.iter().map(move |entry| (position, entry)))
        .collect();
    // Of those that retire, what has gone must not take the place of what is left.
    newest.sort_by_key(|(_, entry)| Reverse((entry.mark.until, entry.timestamp, entry.kvno)));
    let mut aliases: HashMap<Enctype, Vec<ServiceKey>> = HashMap::new();
    for (name, entry) in newest {
        let Some(key) = entry.key else { continue };
        let list = aliases.entry(entry.enctype).or_default();
        if list.len() < limit && list.iter().all(|alias| alias.key != key) {
            list.push(ServiceKey { name, kvno: entry.kvno, key, mark: entry.mark });
        }
    }
    aliases
}

/// How the octets of a name enter its hash.
#[derive(Clone, Copy)]
enum Fold {
    AsTheyAre,
    LowerCase,
}

fn hash_of<'a>(
    hashing: &DefaultHashBuilder,
    realm: &'a [u8],
    components: impl Iterator<Item = &'a [u8]>,
    fold: Fold,
) -> u64 {
    let mut hasher = hashing.build_hasher();
    for part in core::iter::once(realm).chain(components) {
        match fold {
            Fold::AsTheyAre => hasher.write(part),
            Fold::LowerCase => part.iter().for_each(|octet| hasher.write_u8(octet.to_ascii_lowercase())),
        }
        hasher.write_usize(part.len());
    }
    hasher.finish()
}
