//! What Linux says of this process: CPU time of some of its threads, and memory.

use core::time::Duration;
use std::fs;
use std::path::Path;

/// What threads have used so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// How often they went to sleep of their own accord: there was nothing to do, or somebody else had a lock.
    pub(crate) waits: u32,
}

impl Usage {
    /// Of all threads of that name.
    pub(crate) fn of_threads(name: &str) -> Self {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten().map(|thread| thread.path());
        let named = threads.filter(|thread| read(thread, "comm").trim_end() == name);
        named
            .map(|thread| Self::of(&thread))
            .fold(Self::default(), |sum, one| Self { cpu: sum.cpu + one.cpu, waits: sum.waits + one.waits })
    }

    fn of(thread: &Path) -> Self {
        let times = read(thread, "schedstat");
        let nanos = times.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default();
        let waits = number(&read(thread, "status"), "voluntary_ctxt_switches:").unwrap_or_default();
        Self { cpu: Duration::from_nanos(nanos), waits }
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self { cpu: self.cpu - before.cpu, waits: self.waits - before.waits }
    }
}

/// Of the whole process; `None` if this is not Linux.
pub(crate) fn resident_octets() -> Option<f64> {
    number(&read(Path::new("/proc/self"), "status"), "VmRSS:").map(|kibibytes| f64::from(kibibytes) * 1024.0)
}

fn read(directory: &Path, file: &str) -> String {
    fs::read_to_string(directory.join(file)).unwrap_or_default()
}

/// The number in the line that begins so.
fn number(text: &str, name: &str) -> Option<u32> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
