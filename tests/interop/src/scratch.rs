//! Directories that are there for a while.

use std::env::temp_dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::id;
use std::sync::atomic::{AtomicU32, Ordering};

/// A new directory, which goes with this value.
pub(crate) struct Scratch {
    directory: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = temp_dir().join(format!("kerbside-interop-{}-{number}", id()));
        fs::create_dir(&directory).expect("the directory is new");
        Self { directory }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a program still writes into goes with the other temporary files.
        let _ = fs::remove_dir_all(&self.directory);
    }
}
