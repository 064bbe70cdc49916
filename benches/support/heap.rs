//! The system's allocator, counting. Only the bench that does not look at the clock has it.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use std::alloc::System;

thread_local! {
    static HEAP: Cell<Heap> = const { Cell::new(Heap { calls: 0, octets: 0 }) };
}

/// What this thread asked for: calls, and octets that it has not given back.
#[derive(Clone, Copy)]
pub(crate) struct Heap {
    calls: u32,
    octets: i64,
}

impl Heap {
    pub(crate) fn now() -> Self {
        HEAP.get()
    }

    pub(crate) fn calls_since(self) -> f64 {
        f64::from(Self::now().calls.wrapping_sub(self.calls))
    }

    pub(crate) fn octets_since(self) -> f64 {
        i32::try_from(Self::now().octets - self.octets).map_or(f64::MAX, f64::from)
    }

    fn count(calls: u32, more: usize, less: usize) {
        let octets = |octets: usize| i64::try_from(octets).unwrap_or(i64::MAX);
        // A thread that ends may give back after its count is gone.
        let _gone = HEAP.try_with(|heap| {
            let Self { calls: so_far, octets: held } = heap.get();
            heap.set(Self { calls: so_far.wrapping_add(calls), octets: held + octets(more) - octets(less) });
        });
    }
}

/// What each of the values made of these holds on average: on the heap, and in itself.
pub(crate) fn held<S, T>(sources: &[S], make: impl Fn(&S) -> T) -> f64 {
    let mut kept = Vec::with_capacity(sources.len());
    let before = Heap::now();
    kept.extend(sources.iter().map(make));
    let on_the_heap = before.octets_since() / f64::from(u32::try_from(kept.len()).expect("few values"));
    on_the_heap + f64::from(u32::try_from(size_of::<T>()).expect("a small value"))
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Heap::count(1, layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Heap::count(1, layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, octets: usize) -> *mut u8 {
        Heap::count(1, octets, layout.size());
        unsafe { System.realloc(block, layout, octets) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        Heap::count(0, 0, layout.size());
        unsafe { System.dealloc(block, layout) }
    }
}
