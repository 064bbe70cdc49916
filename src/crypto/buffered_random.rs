//! Random octets without a question to the operating system for each of them.

use alloc::boxed::Box;
use core::fmt;
use std::sync::PoisonError;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

use super::SystemRandom;
use super::random::{RandomError, RandomSource};
use crate::shards::Shards;
use crate::wipe::wipe;

/// Enough that the threads of a large machine rarely share a buffer, and few enough that an idle source holds a few KiB.
const SHARDS: usize = 32;

/// What one seed is drawn out to: enough for some forty accepts.
const BUFFER_OCTETS: usize = 2048;

/// Random octets out of buffers that ChaCha20 (RFC 8439 §2.3) fills, each from a seed of its own by the operating system.
///
/// An acceptor's source unless it is given another: an accept needs some fifty octets, and asking the system for them each
/// time costs as much as a fifth of its cryptography.
///
/// - **What is kept.** Octets that nobody has seen yet. The seed is forgotten when the buffer is full, and octets are wiped when
///   they are handed out: whoever reads this memory learns nothing of what was given before.
/// - **Fork.** What a process has buffered when it forks is not used by the child, which is told by its process number and
///   draws anew. Two processes with one number, of which one descends from the other, are not told apart: that takes a number
///   that was used up and given again, or a new PID namespace between two processes that are both its first.
/// - **Threads.** Each finds a buffer by its place in memory, so that they rarely wait for each other.
pub struct BufferedRandom {
    shards: Shards<Buffer, SHARDS>,
}

/// Octets that were not handed out yet: those at the end of `octets`, as many as `left`; the others are zero.
#[derive(Default)]
struct Buffer {
    octets: Zeroizing<Box<[u8]>>,
    left: usize,
    process: u32,
}

impl BufferedRandom {
    /// A source whose buffers are empty.
    #[must_use]
    pub fn new() -> Self {
        Self { shards: Shards::new() }
    }
}

impl RandomSource for BufferedRandom {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        // Whatever a thread left behind when it panicked: no step of handing out leaves octets that were seen.
        let mut buffer = self.shards.of_this_thread().lock().unwrap_or_else(PoisonError::into_inner);
        buffer.hand_out(octets, std::process::id())
    }
}

impl Buffer {
    fn hand_out(&mut self, to: &mut [u8], process: u32) -> Result<(), RandomError> {
        if to.len() > BUFFER_OCTETS {
            return SystemRandom.fill(to);
        }
        if self.left < to.len() || self.process != process {
            self.refill(process)?;
        }
        let begin = self.octets.len().saturating_sub(self.left);
        let unseen = self.octets.get_mut(begin..).and_then(|unseen| unseen.get_mut(..to.len())).ok_or(RandomError)?;
        self.left = self.left.saturating_sub(to.len());
        to.copy_from_slice(unseen);
        wipe(unseen);
        Ok(())
    }

    /// Draws a new seed out to a whole buffer.
    fn refill(&mut self, process: u32) -> Result<(), RandomError> {
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom.fill(&mut *seed)?;
        if self.octets.is_empty() {
            self.octets = Zeroizing::new(alloc::vec![0; BUFFER_OCTETS].into_boxed_slice());
        }
        ChaCha20Rng::from_seed(*seed).fill_bytes(&mut self.octets);
        (self.left, self.process) = (BUFFER_OCTETS, process);
        Ok(())
    }
}

impl Default for BufferedRandom {
    fn default() -> Self {
        Self::new()
    }
}

/// Without an octet of what is buffered.
impl fmt::Debug for BufferedRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedRandom").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const PROCESS: u32 = 7;

    fn drawn(buffer: &mut Buffer, octets: usize, process: u32) -> alloc::vec::Vec<u8> {
        let mut drawn = alloc::vec![0; octets];
        buffer.hand_out(&mut drawn, process).unwrap();
        drawn
    }

    #[test]
    fn what_was_handed_out_is_gone() {
        let mut buffer = Buffer::default();
        let first = drawn(&mut buffer, 48, PROCESS);
        assert_eq!(buffer.left, BUFFER_OCTETS - 48);
        assert_eq!(buffer.octets[..48], [0; 48]);
        assert!(!buffer.octets.windows(16).any(|window| window == &first[..16]));
    }

    #[test]
    fn octets_come_in_order_and_once() {
        let mut buffer = Buffer::default();
        buffer.refill(PROCESS).unwrap();
        let whole = buffer.octets.to_vec();
        let parts: alloc::vec::Vec<_> = (0..32).flat_map(|_| drawn(&mut buffer, 64, PROCESS)).collect();
        assert_eq!(parts, whole);
        assert_eq!(buffer.left, 0);
        let next = drawn(&mut buffer, 64, PROCESS);
        assert!(!whole.windows(16).any(|window| window == &next[..16]), "the next buffer has another seed");
    }

    #[test]
    fn a_rest_that_is_too_short_is_not_used() {
        let mut buffer = Buffer::default();
        drawn(&mut buffer, BUFFER_OCTETS - 10, PROCESS);
        let rest = buffer.octets[BUFFER_OCTETS - 10..].to_vec();
        let next = drawn(&mut buffer, 11, PROCESS);
        assert_ne!(next[..10], rest);
        assert_eq!(buffer.left, BUFFER_OCTETS - 11);
    }

    #[test]
    fn another_process_draws_anew() {
        let mut buffer = Buffer::default();
        drawn(&mut buffer, 16, PROCESS);
        let inherited = buffer.octets[16..32].to_vec();
        assert_ne!(drawn(&mut buffer, 16, PROCESS + 1), inherited);
        let own = buffer.octets[16..32].to_vec();
        assert_eq!(drawn(&mut buffer, 16, PROCESS + 1), own, "and keeps what it drew");
    }

    #[test]
    fn requests_of_any_length_are_served() {
        let random = BufferedRandom::new();
        for octets in [0, 1, BUFFER_OCTETS, BUFFER_OCTETS + 1, 5 * BUFFER_OCTETS] {
            let mut drawn = alloc::vec![0; octets];
            random.fill(&mut drawn).unwrap();
            assert!(octets <= 16 || drawn.iter().any(|octet| *octet != 0), "{octets}");
        }
    }

    #[test]
    fn threads_never_see_the_same_octets() {
        let random = BufferedRandom::new();
        let seen = Mutex::new(std::collections::HashSet::new());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let mut octets = [0; 16];
                        random.fill(&mut octets).unwrap();
                        assert!(seen.lock().unwrap().insert(octets));
                    }
                });
            }
        });
        assert_eq!(seen.lock().unwrap().len(), 4_000);
    }
}
