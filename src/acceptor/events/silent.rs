//! Without the feature `tracing`: nothing is remembered and nothing told.

use super::{Outcome, Scene};
use crate::acceptor::context::Checked;
use crate::acceptor::error::Error;

/// Nothing, in no octets.
#[derive(Default)]
pub(in crate::acceptor) struct Trail;

impl Trail {
    #[inline(always)]
    pub(in crate::acceptor) fn asked<T>(&mut self, _: &Checked, _: &Result<T, Error>) {}
}

#[inline(always)]
pub(in crate::acceptor) fn is_heard() -> bool {
    false
}

#[inline(always)]
pub(in crate::acceptor) fn tell(_: &Scene<'_>, _: &mut Trail, _: Outcome<'_>) {}
