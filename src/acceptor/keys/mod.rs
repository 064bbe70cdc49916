//! The keys of an acceptor, over all reloads: what it holds (`held`), laid out for lookups (`set`), those of today and those
//! that retire (`ring`), where they are swapped (`store`, `shared`), and how often each was used (`counts`).
//!
//! An accept takes the ring once and keeps it to its end, so that it never sees half of a change. Without the feature `std`
//! there is nothing to swap with, and the keys are those of the beginning (`fixed`).

#[cfg(feature = "std")]
mod change;
#[cfg(feature = "std")]
mod counts;
#[cfg(not(feature = "std"))]
mod fixed;
mod held;
#[cfg(feature = "std")]
mod reload;
mod ring;
#[cfg(feature = "std")]
mod rotation;
mod set;
#[cfg(feature = "std")]
mod shared;
#[cfg(feature = "std")]
mod store;

#[cfg(feature = "std")]
pub use change::{KeyChange, KeyEntry, KeyStatus, KeyUse, LoadFailure};
#[cfg(not(feature = "std"))]
pub(super) use fixed::KeyStore;
pub(super) use held::{EntryId, HeldEntries, KeyMark};
pub(super) use ring::KeyRing;
pub(super) use set::{KeySet, ServiceEntry, ServiceKey, ServiceName};
#[cfg(feature = "std")]
pub(super) use store::KeyStore;

use super::policy::Policy;
use super::spn::Spn;
use crate::keytab::KeySource;
use crate::limits::Limits;
use alloc::boxed::Box;
use core::time::Duration;

/// What decides how keys are laid out, besides the keys.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) policy: &'a Policy,
    pub(super) spn: &'a Spn,
    pub(super) limits: &'a Limits,
}

/// How an acceptor comes to other keys later.
pub(super) struct Renewal {
    /// Who is asked, if anybody.
    pub(super) source: Option<Box<dyn KeySource>>,
    /// How long a key that is not in the keytab any more still opens tickets.
    pub(super) window: Duration,
}

/// Ten hours: how long a ticket of Active Directory lives unless its administrator says otherwise, so that no ticket dies
/// with a rotation.
pub(super) const RETIRE_AFTER: Duration = Duration::from_secs(10 * 60 * 60);
