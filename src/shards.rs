//! State in parts, so that threads rarely wait for each other.

use alloc::boxed::Box;
use core::array;
use std::sync::Mutex;

/// So many parts of one state, each with a lock of its own.
pub(crate) struct Shards<T, const N: usize>(Box<[Shard<T>; N]>);

/// A part on cache lines of its own: neighbours that share a line slow each other down.
#[derive(Default)]
#[repr(align(64))]
struct Shard<T>(Mutex<T>);

impl<T: Default, const N: usize> Shards<T, N> {
    pub(crate) fn new() -> Self {
        const { assert!(N > 0 && N <= 256, "an octet chooses among them") };
        Self(Box::new(array::from_fn(|_| Shard::default())))
    }
}

impl<T, const N: usize> Shards<T, N> {
    /// The part that an octet of a hash chooses.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a remainder by the length is below the length, which is not zero"
    )]
    pub(crate) fn of(&self, octet: u8) -> &Mutex<T> {
        &self.0[usize::from(octet) % N].0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mutex<T>> {
        self.0.iter().map(|shard| &shard.0)
    }
}
