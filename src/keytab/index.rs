//! Which entries answer a name: hash tables over chains of entries, each chain in file order.
//!
//! Three groupings are kept (by name, by name and enctype, by name, enctype and kvno), so that no lookup walks over
//! entries that do not answer it. A name is hashed as realm and components, never with its name-type.

use super::entry::KeytabEntry;
use crate::numbers::Enctype;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{BuildHasher, Hash, Hasher};
use hashbrown::{DefaultHashBuilder, HashTable};

/// What is asked for beside the name.
#[derive(Clone, Copy, Hash)]
pub(super) enum Wanted {
    Any,
    Enctype { enctype: Enctype },
    Kvno { enctype: Enctype, kvno: u32 },
}

impl Wanted {
    fn fits(self, entry: &KeytabEntry) -> bool {
        match self {
            Self::Any => true,
            Self::Enctype { enctype } => entry.enctype() == enctype,
            Self::Kvno { enctype, kvno } => entry.enctype() == enctype && entry.kvno() == kvno,
        }
    }
}

/// The three groupings over one keytab's entries, which are numbered by their position in it.
#[derive(Default)]
pub(super) struct Index {
    names: Chains,
    enctypes: Chains,
    kvnos: Chains,
    hashing: DefaultHashBuilder,
}

impl Index {
    /// Takes in the last of the entries; those before it are already known.
    pub(super) fn add_last(&mut self, entries: &[KeytabEntry]) {
        let hashing = &self.hashing;
        self.names.add_last(hashing, entries, |_| Wanted::Any);
        self.enctypes.add_last(hashing, entries, |entry| Wanted::Enctype { enctype: entry.enctype() });
        self.kvnos.add_last(hashing, entries, |entry| Wanted::Kvno { enctype: entry.enctype(), kvno: entry.kvno() });
    }

    pub(super) fn lookup<'k, 'n>(
        &'k self,
        entries: &'k [KeytabEntry],
        realm: &[u8],
        components: impl Iterator<Item = &'n [u8]> + Clone,
        wanted: Wanted,
    ) -> Entries<'k> {
        let chains = match wanted {
            Wanted::Any => &self.names,
            Wanted::Enctype { .. } => &self.enctypes,
            Wanted::Kvno { .. } => &self.kvnos,
        };
        let hash = hash_of(&self.hashing, realm, components.clone(), wanted);
        let chain = chains.table.find(hash, |chain| {
            entries.get(chain.first).is_some_and(|entry| {
                wanted.fits(entry)
                    && entry.principal().realm() == realm
                    && entry.principal().components().eq(components.clone())
            })
        });
        Entries { entries, next_of: &chains.next_of, next: chain.map(|chain| chain.first) }
    }

    /// The first entry of each distinct name, in file order.
    pub(super) fn first_of_each_name<'k>(
        &'k self,
        entries: &'k [KeytabEntry],
    ) -> impl Iterator<Item = &'k KeytabEntry> + Clone {
        self.names.firsts.iter().filter_map(|position| entries.get(*position))
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("names", &self.names.firsts.len()).finish_non_exhaustive()
    }
}

/// Entries that agree in something, chained.
#[derive(Default)]
struct Chains {
    table: HashTable<Chain>,
    /// For each entry, the next one of its chain.
    next_of: Vec<Option<usize>>,
    /// The first entry of each chain, in file order.
    firsts: Vec<usize>,
}

struct Chain {
    first: usize,
    last: usize,
}

impl Chains {
    fn add_last(
        &mut self,
        hashing: &DefaultHashBuilder,
        entries: &[KeytabEntry],
        grouping: impl Fn(&KeytabEntry) -> Wanted,
    ) {
        let Some((entry, earlier)) = entries.split_last() else { return };
        let position = earlier.len();
        let wanted = grouping(entry);
        let hash = |entry: &KeytabEntry| {
            hash_of(hashing, entry.principal().realm(), entry.principal().components(), grouping(entry))
        };
        let fits = |chain: &Chain| {
            earlier.get(chain.first).is_some_and(|first| wanted.fits(first) && first.principal() == entry.principal())
        };
        self.next_of.push(None);
        if let Some(chain) = self.table.find_mut(hash(entry), fits) {
            if let Some(next) = self.next_of.get_mut(chain.last) {
                *next = Some(position);
            }
            chain.last = position;
            return;
        }
        self.firsts.push(position);
        let rehash = |chain: &Chain| entries.get(chain.first).map_or(0, hash);
        self.table.insert_unique(hash(entry), Chain { first: position, last: position }, rehash);
    }
}

fn hash_of<'n>(
    hashing: &DefaultHashBuilder,
    realm: &[u8],
    components: impl Iterator<Item = &'n [u8]>,
    wanted: Wanted,
) -> u64 {
    let mut hasher = hashing.build_hasher();
    realm.hash(&mut hasher);
    components.for_each(|component| component.hash(&mut hasher));
    wanted.hash(&mut hasher);
    hasher.finish()
}

/// The entries that answer a lookup, in file order.
#[derive(Clone)]
pub struct Entries<'k> {
    entries: &'k [KeytabEntry],
    next_of: &'k [Option<usize>],
    next: Option<usize>,
}

impl<'k> Iterator for Entries<'k> {
    type Item = &'k KeytabEntry;

    fn next(&mut self) -> Option<&'k KeytabEntry> {
        let position = self.next?;
        self.next = self.next_of.get(position).copied().flatten();
        self.entries.get(position)
    }
}

impl core::iter::FusedIterator for Entries<'_> {}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
