//! State in parts, so that threads rarely wait for each other.

use alloc::boxed::Box;
use core::array;
use std::sync::Mutex;

/// So many parts of one state, each with a lock of its own.
pub(crate) struct Shards<T, const N: usize>(Box<[Shard<T>; N]>);

/// A part on cache lines of its own: neighbours that share a line slow each other down.
#[repr(align(64))]
struct Shard<T>(Mutex<T>);

std::thread_local! {
    /// Nothing but a place in the memory of each thread.
    static PLACE: u8 = const { 0 };
}

/// An octet that threads rarely have in common: their places are a stack apart, and a product with the golden ratio spreads
/// such distances (Knuth, volume 3, §6.4).
fn octet_of_this_thread() -> u8 {
    let address = PLACE.with(|place| core::ptr::from_ref(place).addr());
    let [octet, ..] = u64::try_from(address).unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    octet
}

impl<T: Default, const N: usize> Shards<T, N> {
    pub(crate) fn new() -> Self {
        Self::of_each(T::default)
    }
}

impl<T, const N: usize> Shards<T, N> {
    /// Each part as this makes it.
    pub(crate) fn of_each(mut part: impl FnMut() -> T) -> Self {
        const { assert!(N > 0 && N <= 256, "an octet chooses among them") };
        Self(Box::new(array::from_fn(|_| Shard(Mutex::new(part())))))
    }

    /// The part that an octet of a hash chooses.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a remainder by the length is below the length, which is not zero"
    )]
    pub(crate) fn of(&self, octet: u8) -> &Mutex<T> {
        &self.0[usize::from(octet) % N].0
    }

    /// The part of the calling thread, which few others have.
    pub(crate) fn of_this_thread(&self) -> &Mutex<T> {
        self.of(octet_of_this_thread())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mutex<T>> {
        self.0.iter().map(|shard| &shard.0)
    }
}
