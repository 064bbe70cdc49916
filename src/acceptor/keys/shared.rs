//! One ring for all threads, which no two of them take from the same place: a count of references that all share would be
//! what they wait for.

use super::ring::KeyRing;
use crate::shards::Shards;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many places as the source of random octets has, for the same reason.
const PLACES: usize = 32;

/// The ring that is in force. A lock is held for the time that it takes to count to one.
pub(super) struct SharedRing {
    places: Shards<Arc<Place>, PLACES>,
}

/// A count of references on cache lines of its own, and the ring.
#[repr(align(64))]
struct Place {
    ring: Arc<KeyRing>,
}

impl SharedRing {
    pub(super) fn new(ring: KeyRing) -> Self {
        let ring = Arc::new(ring);
        Self { places: Shards::of_each(|| Place::of(&ring)) }
    }

    /// The ring in force, which stays what it is for whoever has it.
    pub(super) fn load(&self) -> LoadedRing {
        LoadedRing(Arc::clone(&held(self.places.of_this_thread())))
    }

    /// Another one, for all threads at once: nobody sees the old one after somebody has seen the new one.
    pub(super) fn store(&self, ring: KeyRing) {
        let ring = Arc::new(ring);
        let mut places: Vec<_> = self.places.iter().map(held).collect();
        // What the old one had is let go of when nobody waits for it.
        let _old: Vec<_> = places.iter_mut().map(|place| core::mem::replace(&mut **place, Place::of(&ring))).collect();
        drop(places);
    }
}

impl Place {
    fn of(ring: &Arc<KeyRing>) -> Arc<Self> {
        Arc::new(Self { ring: Arc::clone(ring) })
    }
}

fn held(place: &Mutex<Arc<Place>>) -> MutexGuard<'_, Arc<Place>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A ring that is in use.
pub(in crate::acceptor) struct LoadedRing(Arc<Place>);

impl Deref for LoadedRing {
    type Target = KeyRing;

    fn deref(&self) -> &KeyRing {
        &self.0.ring
    }
}
