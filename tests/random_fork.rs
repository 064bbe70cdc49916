//! A process that forks does not give its child the octets that it is about to use itself.

#![cfg(unix)]

use kerbside::{BufferedRandom, RandomSource};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;

#[test]
fn a_child_does_not_draw_what_its_parent_draws() {
    let random = BufferedRandom::new();
    let draw = || {
        let mut octets = [0_u8; 32];
        random.fill(&mut octets).expect("the system has random octets");
        octets
    };
    draw();
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for two descriptors, and each is owned by one `File` from here on.
    let (mut from_child, mut to_parent) = unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1]))
    };
    // SAFETY: the child draws, writes and exits; it takes no lock that another thread may hold.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let written = to_parent.write_all(&draw()).is_ok();
        // SAFETY: ends the child without the exit handlers of its parent.
        unsafe { libc::_exit(i32::from(!written)) };
    }
    drop(to_parent);
    let own = draw();
    let mut of_child = Vec::new();
    from_child.read_to_end(&mut of_child).expect("the pipe is open");
    let mut status = 0;
    // SAFETY: waits for the one child of this test.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!((status, of_child.len()), (0, 32));
    assert_ne!(of_child, own);
}
